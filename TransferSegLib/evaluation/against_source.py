"""Whether the model that a job keeps is below its source model: what a person must know before they use it.

A strategy that was named by hand leaves its own model, whatever its scores are. So its scores are compared here with those of
the source model as it is, on the labels that both have.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.clauses import (
    NEGLIGIBLE_DICE,
    certainty,
    clause,
    difference_text,
    means_text,
    more_than_chance,
    on_shared_labels,
    share_of_cases,
    too_few,
    unclear,
    with_misses,
)
from TransferSegLib.evaluation.comparison import BASELINE, Comparison, StrategySummary
from TransferSegLib.evaluation.statistics import Paired

Grade = Literal["worse", "seems worse", "no better"]
MeasuredOn = Literal["out of fold", "test cases", "validation cases"]


@dataclass(frozen=True)
class AgainstSource:
    """By how much the kept model is below the source model.

    It is stored in `scores.json` and on the model's card. Programs that read these find there what `problem` says in words.

    Attributes:
        kind: `worse` is below it by a Dice of 0.01 or more, and by more than chance. `seems worse` is as far below it, but
            chance is not ruled out. `no better` is below it by less.
        strategy: The key of the strategy whose model is kept.
        measured_on: The cases that say so.
        difference: The mean Dice minus the source model's; negative.
        problem: The sentence as data.
    """

    kind: Grade
    strategy: str
    measured_on: MeasuredOn
    difference: float
    problem: Problem


def against_source(
    out_of_fold: Comparison | None,
    test: Comparison | None,
    kept: str,
    validated: Mapping[str, float] | None = None,
    name: str | None = None,
) -> AgainstSource | None:
    """Say by how much the kept model is below the source model.

    The out-of-fold scores decide. Without them the separate test cases do, and without these the cases to validate on, which
    also chose the weights, so what they say of a trained model is too good.

    Args:
        out_of_fold: The scores of the folds; None without folds.
        test: The scores of the separate test cases; None without such.
        kept: The key that the scores of the kept model have.
        validated: Key of a strategy → its mean Dice on the cases to validate on.
        name: The key of the strategy whose model is kept, where its scores have another; None for `kept`.

    Returns:
        By how much it is below; None where it is not below, where that was not measured, and for the source model itself.
    """
    if kept == BASELINE:
        return None
    if out_of_fold is not None:
        return _compared(out_of_fold, kept, "out of fold", name or kept)
    if test is not None:
        return _compared(test, kept, "test cases", name or kept)
    return _validated(validated or {}, kept, name or kept)


def _compared(comparison: Comparison, kept: str, measured_on: MeasuredOn, name: str) -> AgainstSource | None:
    strategy = next((one for one in comparison.strategies if one.strategy == kept), None)
    difference = (strategy.comparable.against_baseline or {}).get("dice") if strategy else None
    if strategy is None or difference is None or difference.mean is None or difference.mean >= 0:
        return None
    comparisons = max(1, sum(one.rank_dice is not None for one in comparison.strategies) - 1)
    found = certainty(difference, comparisons, "worse")
    if difference.mean > -NEGLIGIBLE_DICE:
        kind: Grade = "no better"
    else:
        kind = "worse" if found == "worse" else "seems worse"
    if kind == "worse":
        chance: Problem | str = more_than_chance(difference, comparisons)
    elif kind == "seems worse" and found == "too few cases":
        chance = too_few(difference, comparisons)
    else:
        chance = unclear(difference, comparisons, clause("simpler-to-keep", "so there is no reason to prefer it"))
    scores = _scores(comparison, strategy, difference, measured_on)
    return AgainstSource(kind, name, measured_on, difference.mean, _sentence(kind, name, scores, chance))


def _scores(comparison: Comparison, strategy: StrategySummary, difference: Paired, measured_on: MeasuredOn) -> Problem:
    first, second = means_text(difference)
    return clause(
        "kept-scores-against-source",
        "{on_shared}mean Dice {first} against {second} {measured:?on cases that its models did not see|on the separate test "
        "cases} ({difference}, {share}){misses}",
        on_shared=on_shared_labels(comparison) if strategy.shared else "",
        first=first,
        second=second,
        measured=measured_on == "out of fold",
        difference=difference_text(difference),
        share=share_of_cases(difference, better=False),
        misses=with_misses(strategy),
    )


def _validated(dice: Mapping[str, float], kept: str, name: str) -> AgainstSource | None:
    if kept not in dice or BASELINE not in dice or dice[kept] >= dice[BASELINE]:
        return None
    difference = dice[kept] - dice[BASELINE]
    kind: Grade = "seems worse" if difference <= -NEGLIGIBLE_DICE else "no better"
    scores = clause(
        "kept-validation-against-source",
        "mean Dice {first:.3f} against {second:.3f} on the cases to validate on",
        first=dice[kept],
        second=dice[BASELINE],
    )
    chance = clause("chosen-there-too", "these chose its weights, too, which flatters it")
    return AgainstSource(kind, name, "validation cases", difference, _sentence(kind, name, scores, chance))


def _sentence(kind: Grade, name: str, scores: Problem, chance: Problem | str) -> Problem:
    fields = {"strategy": name, "scores": scores, "chance": chance}
    if kind == "worse":
        return Problem(
            "kept-model-worse",
            "The kept model, of `{strategy}`, is worse than the source model as it is: {scores}; {chance}.",
            fields,
            "warning",
        )
    if kind == "seems worse":
        return Problem(
            "kept-model-seems-worse",
            "The kept model, of `{strategy}`, seems worse than the source model as it is: {scores}; {chance}.",
            fields,
            "warning",
        )
    return Problem(
        "kept-model-no-better",
        "The kept model, of `{strategy}`, is no better than the source model as it is: {scores}; {chance}.",
        fields,
        "warning",
    )
