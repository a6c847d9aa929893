"""The learning rates of a job that is to choose among several: what was tried, what blew up, and what was chosen."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Sequence
from dataclasses import replace

from TransferSegLib.core.files import remove_folder
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import from_json, problems_from_json, to_json
from TransferSegLib.evaluation.rate_choice import RateChoice, choose_rate
from TransferSegLib.evaluation.scores import dice_of_cases
from TransferSegLib.jobs.files import copy_whole
from TransferSegLib.jobs.fold_models import FoldModels
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.results import UnitResult, unit_result
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.transfer.strategies import STRATEGIES

LEARNING_RATE = "learning_rate"


def with_rate(choice: StrategyChoice, rate: float) -> StrategyChoice:
    """Name a strategy that is trained with one of several learning rates, for files and events.

    Args:
        choice: The strategy.
        rate: The learning rate.

    Returns:
        The strategy with the learning rate as an option.
    """
    return StrategyChoice(choice.name, {**choice.options, LEARNING_RATE: rate})


def rates_of(spec: JobSpec, choice: StrategyChoice) -> tuple[float, ...]:
    """List the learning rates of which one is to be chosen for a strategy.

    Args:
        spec: The job.
        choice: The strategy.

    Returns:
        The rates; none where there is nothing to choose.
    """
    return spec.training.learning_rates if STRATEGIES[choice.name].trains else ()


def blown_up(job: JobFolder, choice: StrategyChoice) -> dict[float, Problem]:
    """List the learning rates that a strategy cannot be trained with.

    Args:
        job: The job.
        choice: The strategy.

    Returns:
        Rate → the warning that says what was not finite.
    """
    name = _name("blown-up", choice)
    return {float(p.fields["rate"]): p for p in problems_from_json(job.load_result(name) or [], name)}


def note_blown_up(job: JobFolder, choice: StrategyChoice, rate: float, reason: Problem) -> Problem:
    """Go on without a learning rate.

    Args:
        job: The job.
        choice: The strategy.
        rate: The learning rate.
        reason: What the training ended with.

    Returns:
        The warning that says so.

    Raises:
        JobError: It cannot be written.
    """
    problem = Problem(
        "learning-rate-left-out",
        "learning rate {rate:g} is no choice for `{strategy}` ({reason})",
        {"rate": rate, "strategy": choice.key, "reason": reason},
        "warning",
    )
    name = _name("blown-up", choice)
    job.save_result(name, [one.to_json() for one in (*blown_up(job, choice).values(), problem)])
    return problem


def chosen_rate(job: JobFolder, choice: StrategyChoice) -> RateChoice | None:
    """The choice for a strategy; None where there is none yet, or nothing to choose."""
    name = _name("chosen", choice)
    stored = job.load_result(name)
    return None if stored is None else from_json(RateChoice, stored, name)


def chosen_rates(job: JobFolder, spec: JobSpec) -> tuple[RateChoice, ...]:
    """The choices of a job that are made, in the order of its strategies."""
    found = (chosen_rate(job, choice) for choice in spec.strategies)
    return tuple(choice for choice in found if choice is not None)


def choose(
    job: JobFolder,
    spec: JobSpec,
    choice: StrategyChoice,
    units: Sequence[str],
    validated: bool,
    seen: Collection[str] = (),
) -> RateChoice:
    """Choose the learning rate of a strategy from the results of its trials, and keep the choice.

    Args:
        job: The job.
        spec: What it is asked to do.
        choice: The strategy; with one rate at least, its trainings came to their end.
        units: The ends of the units' names, `fold0`… or `final`.
        validated: Whether there are cases to validate on.
        seen: Cases that the source model was trained on, which do not decide.

    Raises:
        JobError: The choice cannot be written.
    """
    rates, gone = rates_of(spec, choice), blown_up(job, choice)
    scores: dict[float, list[list[float]]] = {rate: [] for rate in rates if rate not in gone}
    for unit in units:
        results = {rate: unit_result(job, f"{with_rate(choice, rate).slug}.{unit}") for rate in scores}
        dice = dice_of_cases({rate: result.rows for rate, result in results.items()})
        for rate, result in results.items():
            decide = [value for case, value in dice[rate].items() if case not in seen]
            scores[rate].append(_validated(result) if validated else decide)
    made = choose_rate(choice.key, "validation" if validated else "out-of-fold", rates, scores)
    job.save_result(_name("chosen", choice), to_json(made))
    return made


def take_over(job: JobFolder, choice: StrategyChoice, rate: float, unit: str) -> UnitResult:
    """Make the trial with the chosen learning rate the strategy's unit: its segmentations, snapshots and result.

    It can be done again where it was interrupted: nothing is taken away before the result is stored.

    Args:
        job: The job.
        choice: The strategy.
        rate: The learning rate.
        unit: The end of the unit's name, such as `fold0`.

    Returns:
        The result.

    Raises:
        JobError: A file cannot be written.
    """
    trial = with_rate(choice, rate)
    copy_whole(job.state / "trials" / f"{trial.slug}.{unit}", job.segmentations / choice.slug, job.path)
    take_over_snapshots(job, choice, rate, unit)
    if unit.startswith("fold"):
        fold = int(unit.removeprefix("fold"))
        copy_whole(FoldModels(job, trial).file(fold), FoldModels(job, choice).file(fold), job.path)
    result = unit_result(job, f"{trial.slug}.{unit}")
    rows = tuple(replace(row, strategy=choice.key) for row in result.rows)
    lesions = tuple(replace(row, strategy=choice.key) for row in result.lesions)
    result = replace(result, strategy=choice.key, rows=rows, lesions=lesions)
    job.save_result(f"{choice.slug}.{unit}", to_json(result))
    return result


def take_over_snapshots(job: JobFolder, choice: StrategyChoice, rate: float, unit: str) -> None:
    """Make the snapshots of the trial with the chosen learning rate those of the strategy's unit.

    Args:
        job: The job.
        choice: The strategy.
        rate: The chosen learning rate.
        unit: The name of the unit.

    Raises:
        JobError: They cannot be copied.
    """
    copy_whole(job.snapshots / with_rate(choice, rate).slug / unit, job.snapshots / choice.slug / unit, job.path)


def drop_trials(job: JobFolder, spec: JobSpec) -> None:
    """Delete the snapshots and fold models of the trials, once the chosen ones are their strategies'."""
    for choice in spec.strategies:
        for rate in rates_of(spec, choice):
            trial = with_rate(choice, rate)
            for folder in (job.snapshots / trial.slug, FoldModels(job, trial).path):
                with contextlib.suppress(OSError):  # What stays does no harm.
                    remove_folder(folder)


def _validated(result: UnitResult) -> list[float]:
    return [max(dice for _, dice in result.validation)] if result.validation else []


def _name(what: str, choice: StrategyChoice) -> str:
    return f"{what}-rate.{choice.slug}"
