"""Whether an adapted model is better than its source model, in a word and a sentence without statistics.

The verdict has the numbers and names strategies. This is what a person reads first. It is about the model that was kept, or
where that is the source model about the best one that was trained. A job that recommends the source model has no scores of
that one beside the source model's: then it is said that the source model is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.clauses import certainty, clause
from TransferSegLib.evaluation.comparison import BASELINE, Comparison, StrategySummary
from TransferSegLib.evaluation.metrics import main_metrics
from TransferSegLib.evaluation.recommendation import Recommendation
from TransferSegLib.evaluation.statistics import Paired
from TransferSegLib.evaluation.verdict import Verdict

Word = Literal[
    "better",
    "worse",
    "no clear difference",
    "too few cases",
    "seen by the source",
    "source kept",
    "not compared",
    "no scores",
]


@dataclass(frozen=True)
class Change:
    """The mean of a metric before and after the adaptation, over the same cases.

    Attributes:
        metric: The metric's name.
        before: The source model's mean.
        after: The adapted model's mean.
    """

    metric: str
    before: float
    after: float


@dataclass(frozen=True)
class Outcome:
    """Whether an adapted model is better than its source model.

    Attributes:
        word: What came out, for programs.
        sentence: It for the person, without statistics.
        changes: The main metrics before and after; empty where the two were not compared.
        behind: Whether the adapted model's mean Dice is below the source model's.
    """

    word: Word
    sentence: Problem
    changes: tuple[Change, ...] = ()
    behind: bool = False


def outcome(
    verdict: Verdict,
    comparison: Comparison | None,
    kept: str,
    annotated: int | None = None,
    recommendation: Recommendation | None = None,
) -> Outcome:
    """Say whether an adapted model is better than its source model.

    It is as certain as the verdict is: the difference in mean Dice on the labels that both models have is more than chance by
    the same test, corrected for the same number of comparisons.

    Args:
        verdict: The verdict on the scores.
        comparison: The scores that the verdict is about; None where no case was scored.
        kept: The key of the strategy whose model was kept.
        annotated: How many annotated cases the job had; None where that is not known.
        recommendation: What the job recommends; None for a job that was told what to train.

    Returns:
        The outcome.
    """
    if recommendation is not None and recommendation.chosen == BASELINE and recommendation.by == "out-of-fold":
        return _source_kept(recommendation)
    unscored = comparison is None or comparison.best is None
    if recommendation is not None and (recommendation.chosen == BASELINE or unscored):
        return _without_scores(annotated) if annotated == 1 else _without_comparison(recommendation)
    if comparison is None or comparison.best is None:
        return _without_scores(annotated)
    about = _adapted(comparison, kept)
    if about is None:
        sentence = clause(
            "outcome-source-alone",
            "Only the source model as it is was scored: nothing was trained that it could be compared with.",
        )
        return Outcome("not compared", sentence)
    against = about.comparable.against_baseline or {}
    difference = against.get("dice")
    if difference is None or difference.mean is None:
        sentence = clause(
            "outcome-not-compared",
            "The source model was not scored on these labels, so whether it got better is not known.",
        )
        return Outcome("not compared", sentence)
    changes = tuple(
        Change(metric.name, paired.second, paired.first)
        for metric in main_metrics()
        if (paired := against.get(metric.name)) and paired.first is not None and paired.second is not None
    )
    if verdict.kind == "seen by the source":
        sentence = clause(
            "outcome-seen",
            "The source model was trained on cases that were scored, so its scores are too good, and whether it got better "
            "cannot be told: score on cases that it has not seen.",
        )
        return Outcome("seen by the source", sentence, changes, difference.mean < 0)
    return _compared(difference, comparison, changes)


def _compared(difference: Paired, comparison: Comparison, changes: tuple[Change, ...]) -> Outcome:
    behind = difference.mean is not None and difference.mean < 0
    comparisons = max(1, sum(one.rank_dice is not None for one in comparison.strategies) - 1)
    word = certainty(difference, comparisons, "worse" if behind else "better")
    count = difference.n
    if word == "better":
        sentence = clause(
            "outcome-better",
            "On {count} {count:~case|cases} that it had not seen, the adapted model is better than the source model.",
            count=count,
        )
    elif word == "worse":
        sentence = clause(
            "outcome-worse",
            "On {count} {count:~case|cases} that it had not seen, the adapted model is worse than the source model: go on "
            "with the source model.",
            count=count,
        )
    elif word == "no clear difference":
        sentence = clause(
            "outcome-unclear",
            "On {count} {count:~case|cases}, no clear difference is seen between the adapted model and the source model.",
            count=count,
        )
    elif difference.mean == 0:
        sentence = clause(
            "outcome-few-equal",
            "The adapted model looks as good as the source model, but {count} {count:~case is|cases are} too few to tell.",
            count=count,
        )
    elif behind:
        sentence = clause(
            "outcome-few-worse",
            "The adapted model looks worse than the source model, but {count} {count:~case is|cases are} too few to tell: "
            "annotate more, or go on with the source model.",
            count=count,
        )
    else:
        sentence = clause(
            "outcome-few-better",
            "The adapted model looks better than the source model, but {count} {count:~case is|cases are} too few to tell: "
            "annotate more.",
            count=count,
        )
    return Outcome(word, sentence, changes, behind)


def _source_kept(recommendation: Recommendation) -> Outcome:
    if recommendation.best_trained is None:
        alone = clause("outcome-source-alone-kept", "Nothing else could be trained, so the source model is kept.")
        return Outcome("source kept", alone)
    sentence = clause(
        "outcome-source-kept",
        "Nothing that was trained is expected to do better than the source model, so the source model is kept{known:? (the "
        "best that was trained, `{strategy}`, has a mean Dice of {dice:.3f})|}: apply it to other volumes, or annotate more "
        "cases.",
        strategy=recommendation.best_trained,
        dice=recommendation.best_trained_dice or 0.0,
        known=recommendation.best_trained_dice is not None,
    )
    return Outcome("source kept", sentence)


def _without_comparison(recommendation: Recommendation) -> Outcome:
    """Nothing was compared: say what that takes, which is not the same for each reason."""
    keeps = recommendation.chosen == BASELINE
    if recommendation.by == "time":
        sentence = clause(
            "outcome-without-time",
            "The minutes that were given are too few to compare models{keeps:?, so the source model is kept|}: give "
            "{known:?about {least} minutes or more|more minutes} to find out whether a trained model is better.",
            keeps=keeps,
            known=recommendation.least_minutes is not None,
            least=recommendation.least_minutes or 0,
        )
        return Outcome("not compared", sentence)
    if recommendation.by == "seen":
        sentence = clause(
            "outcome-all-seen",
            "The source model was trained on every annotated case, so models cannot be compared{keeps:?, and the source "
            "model is kept|}: annotate a case that it has not seen.",
            keeps=keeps,
        )
        return Outcome("no scores", sentence)
    sentence = clause(
        "outcome-without-folds",
        "No trained model was scored on an annotated case that it had not seen, so models cannot be compared{keeps:?, and "
        "the source model is kept|}: that takes 2 folds or more.",
        keeps=keeps,
    )
    return Outcome("not compared", sentence)


def _without_scores(annotated: int | None) -> Outcome:
    if annotated == 1:
        second = clause("outcome-second-case", "Annotate a second case to find out whether it got better.")
        return Outcome("no scores", second)
    sentence = clause(
        "outcome-no-scores",
        "No annotated case was scored, so whether it got better is not known: that takes 2 folds or more, or separate test "
        "cases.",
    )
    return Outcome("no scores", sentence)


def _adapted(comparison: Comparison, kept: str) -> StrategySummary | None:
    """The strategy that was kept, or the best that was trained where the source model was; None where none was scored."""
    trained = [one for one in comparison.strategies if one.strategy != BASELINE and one.rank_dice is not None]
    own = next((one for one in trained if one.strategy == kept), None)
    return own or max(trained, key=lambda one: one.rank_dice or 0.0, default=None)
