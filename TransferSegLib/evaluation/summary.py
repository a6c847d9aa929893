"""All scores of a job, as `scores.json` has them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from TransferSegLib.core.records import to_json
from TransferSegLib.evaluation.against_source import AgainstSource, against_source
from TransferSegLib.evaluation.choice import Choice
from TransferSegLib.evaluation.comparison import BASELINE, TEST_FOLD, Comparison, compare
from TransferSegLib.evaluation.convergence import TrainingTime
from TransferSegLib.evaluation.lesions.summary import LesionSummary
from TransferSegLib.evaluation.metrics.metric import DEFAULT_TOLERANCE_MM
from TransferSegLib.evaluation.rate_choice import RateChoice
from TransferSegLib.evaluation.recommendation import Recommendation
from TransferSegLib.evaluation.scores import ScoreRow
from TransferSegLib.evaluation.verdict import Verdict, verdict


@dataclass(frozen=True)
class Summary:
    """All scores of a job.

    Attributes:
        tolerance_mm: The tolerance of the surface Dice.
        verdict: Which strategy won.
        out_of_fold: The scores on the cases that the models did not see; None where there are no folds.
        test: The scores of the final models on separate test cases; None where there are none.
        training: How long each training took and when it had converged; none in files of before it was stored.
        recommendation: What a job that recommends a strategy chose and why; None in other jobs.
        learning_rates: For each strategy that had several learning rates to choose from, which was chosen and why.
        choices: What else was chosen by scores, for each strategy; none in files of before anything was.
        lesions: The detection of lesions; None where the job does not ask for it, and in files of before there was any.
        against_source: By how much the kept model is below the source model; None where it is not, where that was not
            measured, and in files of before it was stored, see `kept_below_source`.
    """

    tolerance_mm: float
    verdict: Verdict
    out_of_fold: Comparison | None
    test: Comparison | None
    training: tuple[TrainingTime, ...] = ()
    lesions: LesionSummary | None = None
    learning_rates: tuple[RateChoice, ...] = ()
    choices: tuple[Choice, ...] = ()
    against_source: AgainstSource | None = None
    recommendation: Recommendation | None = None


def summarise(
    rows: Sequence[ScoreRow], tolerance_mm: float = DEFAULT_TOLERANCE_MM, unknown_to_source: Collection[int] = ()
) -> Summary:
    """Summarise the scores of a job.

    Args:
        rows: The scores; those of fold "test" are summarised apart from the out-of-fold ones.
        tolerance_mm: The tolerance of the surface Dice with which they were measured.
        unknown_to_source: The values of the labels that the source model does not have.

    Returns:
        Both comparisons, and the verdict on the out-of-fold one, or on the test cases without it.
    """
    out_of_fold = compare([row for row in rows if row.fold != TEST_FOLD], unknown_to_source)
    test = compare([row for row in rows if row.fold == TEST_FOLD], unknown_to_source)
    return Summary(tolerance_mm, verdict(out_of_fold or test), out_of_fold, test)


def kept_below_source(
    summary: Summary, kept: str, validated: Mapping[str, float] | None = None
) -> AgainstSource | None:
    """Say by how much the kept model is below the source model, see `against_source`.

    Args:
        summary: The scores of the job.
        kept: The key that the scores of the kept model have: that of its strategy, or `auto` where that was recommended.
        validated: Key of a strategy → its mean Dice on the cases to validate on.

    Returns:
        What is stored in the summary, else what its scores say. None where the source model was trained on cases that were
        scored: its own scores are too good then, as the verdict says. And None where a recommended model is below it by less
        than a Dice of 0.01: the recommendation says that, and why it is kept all the same.
    """
    if kept == BASELINE or summary.verdict.kind == "seen by the source":
        return None
    name = summary.recommendation.chosen if summary.recommendation else None
    found = summary.against_source or against_source(summary.out_of_fold, summary.test, kept, validated, name)
    return None if name is not None and found is not None and found.kind == "no better" else found


def with_kept(summary: Summary, kept: str, validated: Mapping[str, float]) -> Summary:
    """Add to a summary by how much the kept model is below the source model; see `kept_below_source`.

    Args:
        summary: The summary.
        kept: The key of the kept strategy.
        validated: Strategy → mean Dice on the validation cases.
    """
    return replace(summary, against_source=kept_below_source(summary, kept, validated))


def summary_json(summary: Summary) -> dict[str, Any]:
    """The plain JSON object of `scores.json`."""
    return to_json(summary)
