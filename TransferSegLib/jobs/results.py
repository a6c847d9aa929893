"""What the finished units of a job leave, and the summary of all their scores."""

from __future__ import annotations

import contextlib
import statistics
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import from_json, problems_from_json
from TransferSegLib.evaluation.comparison import BASELINE, SCRATCH, TEST_FOLD, Comparison
from TransferSegLib.evaluation.convergence import TrainingTime, training_time
from TransferSegLib.evaluation.lesions.detection import LesionRow
from TransferSegLib.evaluation.lesions.summary import summarise_lesions
from TransferSegLib.evaluation.scores import ScoreRow
from TransferSegLib.evaluation.summary import Summary, summarise
from TransferSegLib.evaluation.verdict import (
    Verdict,
    chosen_by_scores,
    chosen_on_validation,
    encoder_trained,
    warn_of_seen_cases,
)
from TransferSegLib.jobs.folder import FINDINGS, LEFT_OUT, SOURCE_FINDINGS, JobFolder
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.transfer.checks import SEEN_BY_SOURCE

# Codes of findings about how a job trains and what is to be expected of it. All others say that something of what it was
# given was left out, or may have been read otherwise than it was meant.
ABOUT_TRAINING = frozenset({"flips-of-sided-labels", SEEN_BY_SOURCE, "source-warned-of", "spacing-far"})


@dataclass(frozen=True)
class UnitResult:
    """What a finished unit, one training and the segmenting after it, leaves in `state/results`.

    Attributes:
        strategy: The key of its strategy.
        fold: The number of its fold; `test` for the final model, whose scores are those of the separate test cases.
        rows: The scores of the cases that the model did not see.
        losses: (step, mean loss) of groups of steps.
        steps: The number of steps that it was trained.
        validation: (step, mean Dice) where there were cases to validate on.
        best_step: The step with the highest of these.
        settings: How it was run; None where nothing was trained.
        plan: The plan in numbers and sentences (see `TransferPlan.description`).
        lesions: The detection of lesions in the same cases, where the job asks for it.
        seconds: How long its steps took together, without looks at validation cases; None in results of before it was stored.
        check_seconds: The seconds of the steps before each of `validation`; empty in results of before.
        learning_rate: The learning rate that was chosen among several; None where there was nothing to choose.
        slice_s: How long it took to segment an axial slice of the cases that were scored, on average; None where none was,
            and in results of before.
        windows: The windows in which its cases were segmented, in voxels; None in results of before it was stored.
        precision: The number format of the convolutions then; None in results of before.
        adapted_share: The share of the adapted weights in the model's; None where nothing of the source's was trained, and in
            results of before.
        case_s: How long it took to segment one of the cases that were scored, on average, with all copies and models that are
            averaged; None where none was, and in results of before.
        validated: The mean Dice on the cases to validate on of weights that lie between the source's and the adapted ones,
            whose own is in `validation`; None for others.
        post_processing: Label → what was done with it before it was scored, of a fold: what the cases of the other folds
            chose. Labels that were left as they were found are not there.
        calibration: Of a fold that was trained, the sums of `CalibrationSums` over the cases that it held out; empty for
            others, and in results of before.
        network_dice: Case → its mean Dice over labels at the network's own voxel size, of the source model as it is in a job
            that recommends a strategy: what trained models are held against.
    """

    strategy: str
    fold: str
    rows: tuple[ScoreRow, ...]
    losses: tuple[tuple[float, float], ...]
    steps: int
    validation: tuple[tuple[int, float], ...]
    best_step: int | None
    settings: Mapping[str, Any] | None
    plan: Mapping[str, Any]
    lesions: tuple[LesionRow, ...] = ()
    seconds: float | None = None
    check_seconds: tuple[float, ...] = ()
    learning_rate: float | None = None
    slice_s: float | None = None
    windows: tuple[int, int, int] | None = None
    precision: str | None = None
    adapted_share: float | None = None
    case_s: float | None = None
    validated: float | None = None
    post_processing: Mapping[str, str] = field(default_factory=dict)
    calibration: tuple[tuple[float, ...], ...] = ()
    network_dice: Mapping[str, float] = field(default_factory=dict)

    @property
    def mean_dice(self) -> float | None:
        """The mean Dice over cases and labels; None where none applies."""
        found = [row.scores.dice for row in self.rows if row.scores.dice is not None]
        return statistics.fmean(found) if found else None

    def called(self, choice: StrategyChoice) -> UnitResult:
        """The same result as that of a strategy which stands for what was chosen."""
        rows = tuple(replace(row, strategy=choice.key) for row in self.rows)
        lesions = tuple(replace(row, strategy=choice.key) for row in self.lesions)
        return replace(self, strategy=choice.key, rows=rows, lesions=lesions)

    @property
    def time(self) -> TrainingTime | None:
        """How long it trained and when it had converged; None where nothing was trained."""
        if not self.steps:
            return None
        return training_time(self.strategy, self.fold, self.steps, self.seconds, self.validation, self.check_seconds)


def unit_results(job: JobFolder, spec: JobSpec) -> list[UnitResult]:
    """Read the results that are there, in the order of the job's strategies and folds.

    Args:
        job: The job.
        spec: What it is asked to do.

    Returns:
        A result for each unit that is finished, without those of strategies that were left out.

    Raises:
        InputError: One of them is damaged.
    """
    found, gone = [], left_out(job)
    for choice in spec.scored:
        if choice.key in gone:
            continue
        names = sorted(p.stem for p in (job.state / "results").glob("*.json") if _is_unit(p.stem, choice.slug))
        for name in names:
            value = job.load_result(name)
            if value is not None:
                found.append(from_json(UnitResult, _of_this_format(value), name))
    return found


def unit_result(job: JobFolder, name: str) -> UnitResult:
    """Read the result of a finished unit, of a trial with one of several learning rates, too.

    Args:
        job: The job.
        name: The unit's name.

    Raises:
        InputError: It is not there, or damaged.
    """
    return from_json(UnitResult, _of_this_format(job.load_result(name)), name)


def left_out(job: JobFolder) -> dict[str, Problem]:
    """The strategies that the job goes on without because their training blew up: key → the warning that says so."""
    found = problems_from_json(job.load_result(LEFT_OUT) or [], LEFT_OUT)
    return {str(problem.fields["strategy"]): problem for problem in found}


def leave_out(job: JobFolder, choice: StrategyChoice, reason: Problem) -> Problem:
    """Go on without a strategy. What its units have finished counts no more: not every case would have its scores.

    Args:
        job: The job.
        choice: The strategy.
        reason: Why it is left out.

    Returns:
        The warning that says so.

    Raises:
        JobError: It cannot be written.
    """
    problem = Problem(
        "strategy-left-out",
        "`{strategy}` is left out of the comparison ({reason})",
        {"strategy": choice.key, "reason": reason},
        "warning",
    )
    job.save_result(LEFT_OUT, [one.to_json() for one in (*left_out(job).values(), problem)])
    return problem


def warns_of_input(job: JobFolder) -> bool:
    """Whether a job warned of what it was given: of cases, labels or images, or of a strategy that it left out."""
    stored = [(name, job.load_result(name) or []) for name in (FINDINGS, SOURCE_FINDINGS)]
    return bool(left_out(job)) or is_about_input(
        [finding for name, value in stored for finding in problems_from_json(value, name)]
    )


def is_about_input(findings: Sequence[Problem]) -> bool:
    """Whether one of some findings warns of what the person brought, not of what is made of it."""
    return any(finding.severity == "warning" and finding.code not in ABOUT_TRAINING for finding in findings)


def seen_by_source(job: JobFolder) -> set[str]:
    """The names of the cases that the source model was trained on, as far as its card knows."""
    found = problems_from_json(job.load_result(FINDINGS) or [], FINDINGS)
    return {finding.case for finding in found if finding.case and finding.code == SEEN_BY_SOURCE}


def job_summary(spec: JobSpec, results: Sequence[UnitResult], task: LabelTask, seen: Collection[str]) -> Summary:
    """Summarise all scores of a job.

    Args:
        spec: What the job is asked to do.
        results: The results of its units.
        task: The labels that it segments, and what they begin from.
        seen: The cases that the source model was trained on; the verdict warns of scores on them.

    Returns:
        The summary. Where the job taught something else than to segment, the verdict says how that went.
    """
    rows = [row for result in results for row in result.rows]
    summary = summarise(rows, unknown_to_source=_unknown_to_source(spec, task))
    times = (result.time for result in results)
    summary = replace(summary, training=tuple(time for time in times if time is not None))
    lesions = [row for result in results for row in result.lesions]
    if spec.lesions is not None and lesions:
        labels = zip(task.names, task.values, strict=True)
        label = next(name for name, value in labels if spec.lesions.lesions in (name, str(value)))
        summary = replace(summary, lesions=summarise_lesions(lesions, spec.lesions, label, TEST_FOLD))
    if spec.kept is None and not spec.recommends and _has_several(summary.out_of_fold or summary.test):
        summary = replace(summary, verdict=chosen_by_scores(summary.verdict))
    scored = {row.case for row in rows}
    # What begins at random has learned nothing from the source.
    from_source = any(choice.name != SCRATCH for choice in spec.strategies)
    known = scored.intersection(seen) if from_source else ()
    if known:
        summary = replace(summary, verdict=warn_of_seen_cases(summary.verdict, len(known), len(scored)))
    if not rows and spec.kept is None and not spec.recommends and len(validated := validated_dice(results)) > 1:
        chosen = chosen_on_validation(validated)
        summary = replace(summary, verdict=Verdict.of(summary.verdict.kind, chosen))
    curve = [loss for result in results for _, loss in result.losses]
    if spec.task == "segmentation" or not curve:
        return summary
    # One batch says little: the mean of a tenth of the training at either end.
    tenth = -(-len(curve) // 10)
    first, last = (statistics.fmean(part) for part in (curve[:tenth], curve[-tenth:]))
    trained = encoder_trained(spec.task, results[-1].steps, first, last)
    return replace(summary, verdict=Verdict.of(summary.verdict.kind, trained))


def _has_several(comparison: Comparison | None) -> bool:
    """Whether several strategies have scores to choose by."""
    return comparison is not None and sum(one.rank_dice is not None for one in comparison.strategies) > 1


def best_validated(results: Sequence[UnitResult]) -> str | None:
    """The key of the strategy whose final model had the best Dice on the cases to validate on; None without any."""
    found = validated_dice(results)
    return max(found, key=lambda key: found[key]) if found else None


def validated_dice(results: Sequence[UnitResult]) -> dict[str, float]:
    """Key of a strategy → the best mean Dice of its final model on the cases to validate on, in the order of the results."""
    finals = [result for result in results if result.fold == TEST_FOLD and result.validation]
    return {r.strategy: max(dice for _, dice in r.validation) if r.validated is None else r.validated for r in finals}


def _unknown_to_source(spec: JobSpec, task: LabelTask) -> list[int]:
    """The values of the labels that the source model does not have, where it is scored beside the others."""
    if spec.source is None or not any(choice.name == BASELINE for choice in spec.strategies):
        return []
    return [value for value, begins in zip(task.values, task.source_classes[1:], strict=True) if not begins]


def _is_unit(stem: str, slug: str) -> bool:
    prefix, _, last = stem.rpartition(".")
    return prefix == slug and (last == "final" or last.startswith("fold"))


def _of_this_format(result: Any) -> Any:
    """The stored result of a unit as it is written now; version 0.1.0 had other names."""
    with contextlib.suppress(KeyError, TypeError, AttributeError):  # `from_json` tells what is damaged
        for row in result["rows"]:
            scores = row["scores"]
            if "values" not in scores:
                row["scores"] = {"missed": scores.pop("missed"), "values": scores}
        settings = result["settings"]
        if settings is not None and "speed" in settings:
            settings["execution"] = settings.pop("speed")
    return result
