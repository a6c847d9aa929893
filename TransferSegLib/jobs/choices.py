"""What a job chooses by scores: what its trained folds leave to choose from, and what was chosen.

Where the folds decide, all folds of a strategy are trained first. Each leaves its weights (`fold_models`) and a `TrainedFold`
with the scores of all candidates on its held-out cases. Then it is chosen, once; and each fold is segmented and scored with
the candidate that did best on the other folds' cases. All of it is stored, so that a killed job goes on with the same choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from TransferSegLib.core.records import from_json, to_json
from TransferSegLib.evaluation.choice import STEPS_SHARE, Choice, choose_nested, choose_steps, mean_of, usual
from TransferSegLib.jobs.fold_looks import FoldLooks
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.results import UnitResult
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.transfer.recommended import AUTO

ADAPTED_SHARE = "adapted_share"
# The settings that are chosen by scores, in the order in which they are told.
CHOSEN = (ADAPTED_SHARE, STEPS_SHARE)
# With fewer annotated cases, a fold's model was trained on so few that it says little about the final one.
FEWEST_CASES = 4


@dataclass(frozen=True)
class TrainedFold:
    """What the training of a fold left beside its weights, until it is known with what the fold is scored.

    Attributes:
        settings: How it was run, as `RunSettings`.
        losses: The loss of each step.
        validation: (step, mean Dice) where there were cases to validate on.
        seconds: How long its steps took together.
        check_seconds: The seconds of the steps before each of `validation`.
        rate: The learning rate of all layers; None for the plan's own.
        default: The candidate that the fold takes unless another is better by enough.
        dice: Candidate → the Dice of each of the fold's held-out cases.
    """

    settings: Mapping[str, Any]
    losses: tuple[float, ...]
    validation: tuple[tuple[int, float], ...]
    seconds: float | None
    check_seconds: tuple[float, ...]
    rate: float | None
    default: str
    dice: Mapping[str, tuple[float, ...]] = field(hash=False)


def trained_fold(job: JobFolder, unit: str) -> TrainedFold | None:
    """What the training of a fold left; None where it is not trained yet.

    Args:
        job: The job.
        unit: The name of the fold's unit.

    Raises:
        InputError: The file holds something else.
    """
    stored = job.load_result(f"trained.{unit}")
    return None if stored is None else from_json(TrainedFold, stored, unit)


def save_trained_fold(job: JobFolder, unit: str, trained: TrainedFold) -> None:
    """Store what the training of a fold left: how long it took, and the scores of every candidate.

    Args:
        job: The job.
        unit: The name of the training's unit.
        trained: What it left.

    Raises:
        JobError: It cannot be written.
    """
    job.save_result(f"trained.{unit}", to_json(trained))


def chosen_of(job: JobFolder, what: str, choice: StrategyChoice) -> Choice | None:
    """What was chosen for a strategy; None where nothing was yet, or there was nothing to choose.

    Args:
        job: The job.
        what: The name of the setting, such as `ADAPTED_SHARE`.
        choice: The strategy.

    Raises:
        InputError: The file holds something else.
    """
    stored = job.load_result(_name(what, choice))
    return None if stored is None else from_json(Choice, stored, _name(what, choice))


def save_choice(job: JobFolder, choice: StrategyChoice, made: Choice) -> None:
    """Store what was chosen for a strategy.

    Args:
        job: The job.
        choice: The strategy.
        made: The choice.

    Raises:
        JobError: It cannot be written.
    """
    job.save_result(_name(made.what, choice), to_json(made))


def drop_choice(job: JobFolder, what: str, choice: StrategyChoice) -> None:
    """Delete what was chosen for a strategy.

    Args:
        job: The job.
        what: What was chosen, such as `ADAPTED_SHARE`.
        choice: The strategy.

    Raises:
        JobError: It cannot be deleted.
    """
    job.drop_result(_name(what, choice))


def decide_by_folds(
    job: JobFolder,
    choice: StrategyChoice,
    what: str,
    scores: Sequence[Mapping[str, Sequence[float]]],
    defaults: Sequence[str],
) -> Choice:
    """Choose a setting of a strategy by the scores of its folds, and keep the choice.

    Args:
        job: The job.
        choice: The strategy.
        what: The name of the setting; it must be one of `CHOSEN`.
        scores: For each fold, candidate → the Dice of each of its cases, in one order for all candidates.
        defaults: For each fold the candidate that it takes unless another is better by enough.

    Returns:
        The choice for each fold, by the other folds alone, and for the final model, by all.

    Raises:
        JobError: The choice cannot be written.
    """
    candidates = tuple(scores[0])
    chosen, of_folds = choose_nested(candidates, scores, defaults)
    means, default = tuple(mean_of(scores, one) for one in candidates), usual(candidates, defaults)
    cases = sum(len(fold[default]) for fold in scores)
    made = Choice(what, choice.key, "out-of-fold", candidates, means, default, chosen, of_folds, cases)
    save_choice(job, choice, made)
    return made


def choose_share(
    job: JobFolder, choice: StrategyChoice, units: Sequence[str], decide: Sequence[Sequence[bool]]
) -> Choice | None:
    """Choose the share of the adapted weights of a strategy by its trained folds, and keep the choice.

    Args:
        job: The job.
        choice: The strategy; all of its folds are trained.
        units: The names of the folds' units.
        decide: For each of them, whether each of its held-out cases may decide.

    Returns:
        The choice; None where what a fold has left is gone, so that each model chooses by the cases it was trained on.

    Raises:
        InputError: What a fold has left is damaged.
        JobError: The choice cannot be written.
    """
    trained = [trained_fold(job, unit) for unit in units]
    found = [one for one in trained if one is not None]
    if len(found) < len(units):
        return None
    scores = [_of_deciding(one.dice, may) for one, may in zip(found, decide, strict=True)]
    return decide_by_folds(job, choice, ADAPTED_SHARE, scores, [one.default for one in found])


def choose_part_of_steps(
    job: JobFolder, choice: StrategyChoice, units: Sequence[str], decide: Sequence[Sequence[bool]]
) -> Choice | None:
    """Choose after which share of its steps each model of a strategy ends, and keep the choice.

    Args:
        job: The job.
        choice: The strategy, whose share of the adapted weights is chosen.
        units: The names of its folds' units, in the order of the folds.
        decide: For each of them, whether each of its held-out cases may decide.

    Returns:
        The choice; None where the folds were not looked at alike, so that each model takes all steps.

    Raises:
        InputError: What a fold has left is damaged.
        JobError: The choice cannot be written.
    """
    before = chosen_of(job, ADAPTED_SHARE, choice)
    trained = [one for one in (trained_fold(job, unit) for unit in units) if one is not None]
    looks = [FoldLooks(job, choice, number).dice() for number in range(len(units))]
    if before is None or before.by != "out-of-fold" or len(trained) < len(units):
        return None
    if not looks[0] or any(list(look) != list(looks[0]) for look in looks):
        return None
    own = [_of_deciding(look, may) for look, may in zip(looks, decide, strict=True)]
    made = choose_steps(own, [_of_deciding(one.dice, may) for one, may in zip(trained, decide, strict=True)], before)
    save_choice(job, choice, made)
    return made


def part_of_steps(job: JobFolder, choice: StrategyChoice, fold: int | None) -> str:
    """After which share of its steps a model ends, as a text; `1` is all.

    Args:
        job: The job.
        choice: The strategy.
        fold: The fold's number, counted from 0; None for the final model.

    Raises:
        InputError: The file holds something else.
    """
    made = chosen_of(job, STEPS_SHARE, choice)
    if made is None:
        return "1"
    return (made.chosen or made.default) if fold is None else made.of_folds[fold]


def choices_of(job: JobFolder, spec: JobSpec, results: Sequence[UnitResult]) -> tuple[Choice, ...]:
    """The choices of a job that are made, in the order of its strategies.

    Args:
        job: The job.
        spec: What it is asked to do.
        results: The results of its units, which say what each fold has where it chose for itself.
    """
    found = []
    for choice in (StrategyChoice(AUTO),) if spec.recommends else spec.strategies:
        for what in CHOSEN:
            made = chosen_of(job, what, choice)
            if made is not None:
                found.append(made if made.of_folds else replace(made, of_folds=_of_folds(choice, what, results)))
    return tuple(found)


def _of_folds(choice: StrategyChoice, what: str, results: Sequence[UnitResult]) -> tuple[str, ...]:
    """What each fold has where it chose for itself."""
    own = (getattr(result, what) for result in results if result.strategy == choice.key and result.fold.isdigit())
    return tuple(f"{value:g}" for value in own if value is not None)


def _of_deciding(dice: Mapping[str, Sequence[float]], may: Sequence[bool]) -> dict[str, tuple[float, ...]]:
    """The Dice of the cases that may decide."""
    return {
        one: tuple(score for score, decides in zip(scores, may, strict=True) if decides) for one, scores in dice.items()
    }


def _name(what: str, choice: StrategyChoice) -> str:
    return f"chosen-{what}.{choice.slug}"
