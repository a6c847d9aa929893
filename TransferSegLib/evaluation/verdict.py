"""Which strategy won, by how much, and whether that is more than chance: a sentence for a radiologist, and its data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from TransferSegLib.core.problems import Problem
from TransferSegLib.core.texts import one_line
from TransferSegLib.evaluation.clauses import (
    Certainty,
    and_list,
    certainty,
    clause,
    difference_text,
    labels_text,
    means_text,
    more_than_chance,
    on_shared_labels,
    p_value,
    share_of_cases,
    too_few,
    unclear,
    with_misses,
)
from TransferSegLib.evaluation.comparison import BASELINE, SCRATCH, Comparison, StrategySummary
from TransferSegLib.evaluation.recommendation import Recommendation
from TransferSegLib.evaluation.statistics import Paired, Statistics

Kind = Literal[
    "better",
    "worse",
    "no clear difference",
    "too few cases",
    "one strategy",
    "no scores",
    "seen by the source",
    "source kept",
]


@dataclass(frozen=True)
class Verdict:
    """Which strategy won.

    Attributes:
        kind: What came out, for programs.
        sentence: It in English, for the person.
        problem: The sentence as data, a field a clause; None in files of before it was stored.
    """

    kind: Kind
    sentence: str
    problem: Problem | None = None

    @classmethod
    def of(cls, kind: Kind, problem: Problem) -> Verdict:
        """Make a verdict whose sentence is that of a problem."""
        return cls(kind, one_line(problem.message), problem)


def verdict(comparison: Comparison | None) -> Verdict:
    """Say which strategy won, by how much, and whether that is more than chance.

    The winner's mean Dice is compared with that of the source model as it is, on the labels that it has. It is compared with
    the runner-up's where `direct` was not run or has none of the labels. Both means are over the pairs that the difference is
    over, so a false alarm counts beside a strategy that rightly found nothing. Chance counts as excluded when the p of the
    sign-flip test, times the number of comparisons, is below 0.05 (Bonferroni: the winner was picked from among them).

    Args:
        comparison: The strategies on the same cases; None where no case was scored.

    Returns:
        The verdict.
    """
    if comparison is None or comparison.best is None:
        return Verdict.of(
            "no scores",
            clause(
                "no-scores",
                "No annotated case was scored, so nothing can be said about which model is better: that takes 2 folds or "
                "more, or separate test cases.",
            ),
        )
    scored = [s for s in comparison.strategies if s.rank_dice is not None]
    able = [s for s in scored if s.strategy != BASELINE or comparison.baseline] or scored
    ranked = sorted(able, key=_rank_dice, reverse=True)
    baseline = next((s for s in ranked if s.strategy == comparison.baseline), None)
    if len(ranked) == 1:
        kind, clauses = _alone(ranked[0], comparison)
    elif baseline is None:
        kind, clauses = _over_runner_up(ranked[0], ranked[1], len(ranked) - 1, comparison)
    elif baseline is ranked[0]:
        kind, clauses = _source_is_best(baseline, ranked[1], len(ranked) - 1, comparison)
    else:
        kind, clauses = _over_source(ranked[0], baseline, ranked, len(ranked) - 1, comparison)
    found = [*clauses, *_never_found(ranked[0])]
    return Verdict.of(kind, clause("verdict-of-clauses", "{clauses:;}.", clauses=found))


def warn_of_seen_cases(verdict: Verdict, seen: int, scored: int) -> Verdict:
    """Begin a verdict with the warning that the source model was trained on cases that were scored.

    Args:
        verdict: The verdict.
        seen: How many of the scored cases the source model was trained on.
        scored: How many cases were scored.
    """
    problem = clause(
        "scores-on-seen-cases",
        "The source model was trained on {seen} of the {scored} cases that were scored, so these scores are too good, its "
        "own most of all; score on cases that it has not seen. {verdict}.",
        seen=seen,
        scored=scored,
        verdict=verdict.problem or verdict.sentence.removesuffix("."),
    )
    return Verdict.of("seen by the source", problem)


def under_other_conditions(verdict: Verdict, conditions: Problem) -> Verdict:
    """End a verdict with what some of its scores do not have in common with the others.

    Args:
        verdict: The verdict.
        conditions: What they do not have in common, and what to do.
    """
    problem = clause(
        "verdict-of-other-conditions",
        "{verdict}; but {conditions}.",
        verdict=verdict.problem or verdict.sentence.removesuffix("."),
        conditions=conditions,
    )
    return Verdict.of(verdict.kind, problem)


def chosen_by_scores(verdict: Verdict) -> Verdict:
    """End a verdict with what choosing among several strategies does to the scores of the one that is chosen.

    Args:
        verdict: The verdict on the scores that chose.
    """
    problem = clause(
        "verdict-chosen-by-scores",
        "{verdict}; these scores also chose which strategy is kept, so its own are a little too good.",
        verdict=verdict.problem or verdict.sentence.removesuffix("."),
    )
    return Verdict.of(verdict.kind, problem)


def recommended(verdict: Verdict, recommendation: Recommendation) -> Verdict:
    """Begin a verdict with what is recommended, and why.

    Where that is the source model, the scores beside its own are its own again, in every fold that chose it. Then nothing is
    compared, and the recommendation is all that is said, with a warning of cases that the source model has seen. It is also
    all where nothing was scored, because it says what that takes.

    Args:
        verdict: The verdict on the scores of what is recommended beside those of the source model.
        recommendation: What is recommended.
    """
    kind, keeps_source = verdict.kind, recommendation.chosen == BASELINE
    said: Problem | str = verdict.problem or verdict.sentence.removesuffix(".")
    if kind == "no scores" or (keeps_source and kind != "seen by the source"):
        alone = clause("recommended-alone", "{recommendation}.", recommendation=recommendation.problem)
        return Verdict.of("source kept" if keeps_source and kind != "no scores" else kind, alone)
    if keeps_source and verdict.problem is not None:
        said = clause(
            "source-kept-on-seen-cases",
            "The source model was trained on {seen} of the {scored} cases that were scored; these decide nothing here, but "
            "mean scores that count them are too good",
            seen=verdict.problem.fields["seen"],
            scored=verdict.problem.fields["scored"],
        )
    problem = clause(
        "verdict-recommended",
        "{recommendation}. {verdict}.",
        recommendation=recommendation.problem,
        verdict=said,
    )
    return Verdict.of(kind, problem)


def encoder_trained(task: str, steps: int, first_loss: float, last_loss: float) -> Problem:
    """Describe a training that has another task than segmentation.

    Args:
        task: What was taught, such as `autoencoding`.
        steps: How many steps it took.
        first_loss: The mean loss of its first tenth.
        last_loss: The mean loss of its last tenth.

    Returns:
        The sentence that takes the verdict's place.
    """
    return clause(
        "encoder-trained",
        "The encoder was trained by {task} in {steps} {steps:~step|steps}; the loss went from {first:.3g} to {last:.3g}. No "
        "case was segmented: adapt the model with `{strategy}` to see what it is worth.",
        task=task,
        steps=steps,
        first=first_loss,
        last=last_loss,
        strategy="encoder-transfer",
    )


def chosen_on_validation(dice: Mapping[str, float]) -> Problem:
    """Describe a choice among strategies that were scored on nothing but the cases to validate on.

    Args:
        dice: Key of a strategy → its mean Dice on these cases.

    Returns:
        The sentence that takes the verdict's place.
    """
    ranked = sorted(dice, key=lambda key: -dice[key])
    return clause(
        "chosen-on-validation",
        "`{strategy}` is kept, because its Dice on the cases to validate on is the best ({found:}). These chose its weights, "
        "too: how good it is takes 2 folds or more, or separate test cases.",
        strategy=ranked[0],
        found=[clause("strategy-and-dice", "`{strategy}` {dice:.3f}", strategy=key, dice=dice[key]) for key in ranked],
    )


def _alone(only: StrategySummary, comparison: Comparison) -> tuple[Kind, list[Problem]]:
    clauses = [
        clause(
            "one-strategy",
            "`{strategy}` reaches a mean Dice of {dice:.2f}{interval} in {count} {count:~case|cases}{misses}",
            strategy=only.strategy,
            dice=_rank_dice(only),
            interval=_bounds(only.overall.metrics["dice"]),
            count=comparison.cases,
            misses=with_misses(only),
        )
    ]
    if _source_knows_none(comparison):
        clauses.append(
            clause(
                "nothing-known-to-compare",
                "the source model {labels:~does not know this label|knows none of these {count} labels} ({labels:…}), so "
                "there is nothing to compare with",
                labels=comparison.unknown_to_source,
                count=len(comparison.unknown_to_source),
            )
        )
    elif only.strategy != SCRATCH:  # what starts from nothing may have had no source model to be compared with
        clauses.append(clause("nothing-to-compare", "no other strategy was run to compare it with"))
    return "one strategy", clauses


def _over_source(
    best: StrategySummary,
    source: StrategySummary,
    ranked: list[StrategySummary],
    comparisons: int,
    comparison: Comparison,
) -> tuple[Kind, list[Problem]]:
    against = best.comparable.against_baseline
    assert against is not None
    difference = against["dice"]
    # On the labels that the source model has, the winner over all labels may well be behind it.
    behind = difference.mean is not None and difference.mean < 0
    kind = certainty(difference, comparisons, "worse" if behind else "better")
    first, second = means_text(difference)
    clauses = [
        clause(
            "best-over-source",
            "`{strategy}` has the highest mean Dice, {on_all}{on_shared}{first} against {second} of the source model as it "
            "is ({difference}, {share}){misses}",
            strategy=best.strategy,
            on_all=clause("dice-on-all", "{dice:.2f}; ", dice=_rank_dice(best)) if best.shared else "",
            on_shared=on_shared_labels(comparison) if best.shared else "",
            first=first,
            second=second,
            difference=difference_text(difference),
            share=share_of_cases(difference, better=not behind),
            misses=with_misses(best),
        ),
        _ending(kind, difference, comparisons),
    ]
    rival = ranked[1]
    if rival is not source and kind == "better" and not _is_clearly_behind(rival, comparisons):
        clauses.append(
            clause(
                "rival-not-behind",
                "`{strategy}` ({dice:.2f}) is not clearly behind it",
                strategy=rival.strategy,
                dice=_rank_dice(rival),
            )
        )
    worse = [s for s in ranked if s is not source and s is not best and _is_worse(s, comparisons)]
    if worse:
        names = and_list([_strategy(s) for s in worse])
        clauses.append(clause("worse-than-source", "{names} came out worse than the source model", names=names))
    return kind, clauses


def _source_is_best(
    source: StrategySummary, tuned: StrategySummary, comparisons: int, comparison: Comparison
) -> tuple[Kind, list[Problem]]:
    against = tuned.comparable.against_baseline
    assert against is not None
    difference = against["dice"]
    kind = certainty(difference, comparisons, clear="worse")
    second, first = means_text(difference)
    means = clause(
        "source-is-best",
        "{on_shared}the source model as it is has the highest mean Dice, {first} against {second} of `{strategy}`, the best "
        "of the others ({difference}, {share}){misses}",
        on_shared=on_shared_labels(comparison),
        first=first,
        second=second,
        strategy=tuned.strategy,
        difference=difference_text(difference),
        share=share_of_cases(difference, better=False),
        misses=with_misses(tuned),
    )
    if kind == "worse" or (kind == "too few cases" and difference.worse > difference.better):
        opening = clause("made-worse", "Fine-tuning made it worse: {means}", means=means)
    else:
        opening = clause("did-not-help", "Fine-tuning did not help: {means}", means=means)
    if kind == "worse":
        return kind, [opening, more_than_chance(difference, comparisons)]
    if kind == "too few cases":
        return kind, [opening, too_few(difference, comparisons)]
    meaning = clause("keep-the-source", "keep the source model unless the pictures say otherwise")
    return kind, [opening, unclear(difference, comparisons, meaning)]


def _over_runner_up(
    best: StrategySummary, second: StrategySummary, comparisons: int, comparison: Comparison
) -> tuple[Kind, list[Problem]]:
    against = second.overall.against_best
    assert against is not None
    difference = _turned(against["dice"])
    # The sign plays no part in how certain it is.
    kind = certainty(difference, comparisons)
    of_best, of_second = means_text(difference)
    clauses = [
        clause(
            "best-over-runner-up",
            "`{strategy}` has the highest mean Dice, {first} against {second} of {runner_up} ({difference}, {share}){misses}",
            strategy=best.strategy,
            first=of_best,
            second=of_second,
            runner_up=_strategy(second),
            difference=difference_text(difference),
            share=share_of_cases(difference, better=True),
            misses=with_misses(best),
        )
    ]
    if kind == "no clear difference":
        equal = clause("as-good-as-equal", "the two are as good as equal")
        clauses.append(unclear(difference, comparisons, equal))
    else:
        clauses.append(_ending(kind, difference, comparisons))
    if _source_knows_none(comparison):
        clauses.append(
            clause(
                "source-not-compared",
                "the source model {labels:~does not know this label|knows none of these {count} labels} ({labels:…}), so no "
                "comparison with it is made",
                labels=comparison.unknown_to_source,
                count=len(comparison.unknown_to_source),
            )
        )
    else:
        clauses.append(
            clause(
                "source-not-run",
                "the source model as it is (`{strategy}`) was not run, so whether fine-tuning helped is not known",
                strategy=BASELINE,
            )
        )
    return kind, clauses


def _source_knows_none(comparison: Comparison) -> bool:
    return comparison.baseline is None and any(s.strategy == BASELINE for s in comparison.strategies)


def _never_found(strategy: StrategySummary) -> list[Problem]:
    """Of the labels that are there, those that are found in no case: nothing is segmented, or elsewhere."""
    lost = [
        label.label_name
        for label in strategy.labels[:-1]
        if label.found == 0 and label.metrics["dice"].mean is not None and label.metrics["reference_ml"].mean
    ]
    if not lost:
        return []
    return [
        clause(
            "never-found",
            "but {names} {labels:~is|are} missed or misplaced in every case",
            names=labels_text(lost),
            labels=lost,
        )
    ]


def _is_worse(strategy: StrategySummary, comparisons: int) -> bool:
    against = strategy.comparable.against_baseline
    if against is None:
        return False
    difference = against["dice"]
    if difference.mean is None or difference.mean >= 0:
        return False
    return certainty(difference, comparisons, "worse") == "worse"


def _is_clearly_behind(rival: StrategySummary, comparisons: int) -> bool:
    against = rival.overall.against_best
    return against is None or certainty(against["dice"], comparisons) == "better"


def _ending(kind: Certainty, difference: Paired, comparisons: int) -> Problem:
    """Whether a difference from the source model, or from the runner-up, is more than chance."""
    if kind == "better":
        return more_than_chance(difference, comparisons)
    if kind == "too few cases":
        return too_few(difference, comparisons)
    if kind == "no clear difference":
        meaning = clause("no-clear-difference", "fine-tuning made no clear difference")
        return unclear(difference, comparisons, meaning)
    return clause(
        "worse-there",
        "there fine-tuning made it worse, and that is more than chance ({p})",
        p=p_value(difference, comparisons),
    )


def _turned(difference: Paired) -> Paired:
    """The difference of the second score from the first."""

    def minus(value: float | None) -> float | None:
        return None if value is None else -value

    return Paired(
        n=difference.n,
        mean=minus(difference.mean),
        low=minus(difference.high),
        high=minus(difference.low),
        p=difference.p,
        smallest_p=difference.smallest_p,
        better=difference.worse,
        worse=difference.better,
        first=difference.second,
        second=difference.first,
        nothing_found=difference.nothing_found,
    )


def _bounds(statistics: Statistics) -> Problem | str:
    if statistics.low is None or statistics.high is None:
        return ""
    decimals = 2 if f"{statistics.low:.2f}" != f"{statistics.high:.2f}" else 3
    low, high = f"{statistics.low:.{decimals}f}", f"{statistics.high:.{decimals}f}"
    return clause("interval-of-mean", " (95 % interval {low} to {high})", low=low, high=high)


def _strategy(strategy: StrategySummary) -> Problem:
    return clause("strategy-name", "`{strategy}`", strategy=strategy.strategy)


def _rank_dice(strategy: StrategySummary) -> float:
    assert strategy.rank_dice is not None
    return strategy.rank_dice
