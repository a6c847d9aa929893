"""What the scores of a comparison say: means, intervals, paired differences, and the verdict in one plain sentence."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from TransferSegLib.core.card import MEAN_OVER_LABELS
from TransferSegLib.core.records import to_json
from TransferSegLib.evaluation.metrics import DEFAULT_TOLERANCE_MM, LabelScores, ScoreRow
from TransferSegLib.evaluation.statistics import Paired, Statistics, describe, paired_difference, smallest_p

METRICS = (
    "dice", "jaccard", "precision", "recall", "hd95_mm", "hd_mm", "assd_mm", "surface_dice",
    "reference_ml", "predicted_ml", "volume_difference_ml",
)  # fmt: skip
# The metrics compared between strategies, and whether more is better.
PAIRED_METRICS = {"dice": True, "surface_dice": True, "hd95_mm": False, "assd_mm": False}
# What rightly finding nothing is worth beside a strategy that found something there.
PERFECT = {metric: 1.0 if more else 0.0 for metric, more in PAIRED_METRICS.items()}
BASELINE, SCRATCH = "direct", "scratch"
TEST_FOLD = "test"
SIGNIFICANCE = 0.05
# A mean Dice difference below this is of no use to anyone, however certain it is.
NEGLIGIBLE_DICE = 0.01
# A structure of which less than this was segmented is not found.
FOUND_DICE = 0.01

Kind = Literal[
    "better", "worse", "no clear difference", "too few cases", "one strategy", "no scores", "seen by the source"
]


@dataclass(frozen=True)
class LabelSummary:
    """One label under one strategy: statistics over cases, and differences from other strategies on the same cases.

    `label` is None for the mean over labels, which is taken case by case first. `misses` counts the structures missed
    (see `LabelScores.missed`) among `cases` cases; a miss is in the means with the worst value. `found` counts the cases with
    a Dice of 0.01 or more; None in files that do not say it. The differences are this strategy minus the other, where rightly
    finding nothing counts as perfect if the other found something, so that false alarms count in them; None for the
    other strategy itself, where it was not run, and from a source model that does not have the label (or one of the labels
    that the mean is over).
    """

    label: int | None
    label_name: str
    cases: int
    misses: int
    metrics: Mapping[str, Statistics]
    against_baseline: Mapping[str, Paired] | None
    against_best: Mapping[str, Paired] | None
    found: int | None = None


@dataclass(frozen=True)
class StrategySummary:
    """One strategy; `labels` ends with the mean over labels.

    `shared` is the mean over the labels that the source model has, where it has some and not all. Strategies are ranked by
    `rank_dice`, the mean over cases of the mean Dice over labels, where rightly finding nothing counts as 1 if any of them
    found something, so that all are ranked on the same cases; None in files that do not say it, and where there was nothing
    in any case and nothing was found.
    """

    strategy: str
    labels: tuple[LabelSummary, ...]
    shared: LabelSummary | None = None
    rank_dice: float | None = None

    @property
    def overall(self) -> LabelSummary:
        """The mean over labels."""
        return self.labels[-1]

    @property
    def comparable(self) -> LabelSummary:
        """The mean over the labels on which it can be compared with the source model."""
        return self.shared or self.overall


@dataclass(frozen=True)
class Comparison:
    """Strategies, in the order they were run, scored on the same cases.

    `best` is the strategy with the highest `rank_dice`; `baseline` is `direct`, the source
    model as it is, where it was run and has one of the labels. `unknown_to_source` names the labels that it does not have:
    a Dice of 0 is no finding about them, so no difference from it counts them.
    """

    cases: int
    strategies: tuple[StrategySummary, ...]
    baseline: str | None
    best: str | None
    unknown_to_source: tuple[str, ...] = ()

    def strategy(self, name: str) -> StrategySummary:
        return next(s for s in self.strategies if s.strategy == name)


@dataclass(frozen=True)
class Verdict:
    """`kind` for programs, `sentence` for the person."""

    kind: Kind
    sentence: str


@dataclass(frozen=True)
class Summary:
    """All scores of a job: `out_of_fold` on cases the models did not see, `test` on separate test cases (final models)."""

    tolerance_mm: float
    verdict: Verdict
    out_of_fold: Comparison | None
    test: Comparison | None


def summarise(
    rows: Sequence[ScoreRow], tolerance_mm: float = DEFAULT_TOLERANCE_MM, unknown_to_source: Collection[int] = ()
) -> Summary:
    """Summarise the rows of a job; those of fold "test" apart from the out-of-fold ones.

    `unknown_to_source` are the values of the labels that the source model does not have.
    """
    out_of_fold = compare([row for row in rows if row.fold != TEST_FOLD], unknown_to_source)
    test = compare([row for row in rows if row.fold == TEST_FOLD], unknown_to_source)
    return Summary(tolerance_mm, verdict(out_of_fold or test), out_of_fold, test)


def compare(rows: Sequence[ScoreRow], unknown_to_source: Collection[int] = ()) -> Comparison | None:
    """Compare the strategies in the rows case by case; None without rows."""
    if not rows:
        return None
    names = {row.label: row.label_name for row in rows}
    strategies = list(dict.fromkeys(row.strategy for row in rows))
    cases = list(dict.fromkeys(row.case for row in rows))
    found = {(row.strategy, row.label, row.case): row.scores for row in rows}
    shared = [label for label in sorted(names) if label not in unknown_to_source]

    def right_to_find_nothing(strategy: str, label: int, case: str, beside: Collection[str]) -> bool:
        scores = found.get((strategy, label, case))
        others = [found.get((other, label, case)) for other in beside]
        return scores is not None and scores.dice is None and any(s is not None and s.dice is not None for s in others)

    def values(strategy: str, labels: Sequence[int], metric: str, beside: Collection[str] = ()) -> list[float | None]:
        """One value a case, in the order of `cases`; perfect where only others, `beside` it, found what is not there."""
        return [
            _mean(
                [
                    PERFECT[metric]
                    if right_to_find_nothing(strategy, label, case, beside)
                    else _score(found.get((strategy, label, case)), metric)
                    for label in labels
                ]
            )
            for case in cases
        ]

    # The source model is no candidate where it has none of the labels.
    candidates = [s for s in strategies if s != BASELINE or shared] or strategies
    rank_dice = {s: _mean(values(s, list(names), "dice", candidates)) for s in strategies}
    ranks = {s: dice for s in candidates if (dice := rank_dice[s]) is not None}
    best_name = max(ranks, key=ranks.__getitem__) if ranks else None
    baseline = BASELINE if BASELINE in strategies and shared else None

    def against(strategy: str, other: str | None, labels: Sequence[int]) -> dict[str, Paired] | None:
        if other is None or other == strategy:
            return None
        nothing = sum(
            any(
                right_to_find_nothing(one, label, case, [two])
                for one, two in ((strategy, other), (other, strategy))
                for label in labels
            )
            for case in cases
        )
        return {
            metric: replace(
                paired_difference(
                    values(strategy, labels, metric, [other]), values(other, labels, metric, [strategy]), more
                ),
                nothing_found=nothing,
            )
            for metric, more in PAIRED_METRICS.items()
        }

    def label_summary(strategy: str, labels: Sequence[int], label: int | None, name: str) -> LabelSummary:
        scores = [s for (key, value, _), s in found.items() if key == strategy and value in labels]
        dices = values(strategy, labels, "dice")
        return LabelSummary(
            label,
            name,
            cases=len({case for key, value, case in found if key == strategy and value in labels}),
            misses=sum(s.missed for s in scores),
            metrics={metric: describe(values(strategy, labels, metric)) for metric in METRICS},
            against_baseline=against(strategy, baseline, labels) if set(labels) <= set(shared) else None,
            against_best=against(strategy, best_name, labels),
            found=sum(dice is not None and dice >= FOUND_DICE for dice in dices),
        )

    def strategy_summary(strategy: str) -> StrategySummary:
        each = [label_summary(strategy, [label], label, names[label]) for label in sorted(names)]
        mean = label_summary(strategy, sorted(names), None, MEAN_OVER_LABELS)
        some = baseline is not None and len(shared) < len(names)
        on_shared = label_summary(strategy, shared, None, _and([names[label] for label in shared])) if some else None
        return StrategySummary(strategy, (*each, mean), on_shared, rank_dice[strategy])

    return Comparison(
        len(cases),
        tuple(strategy_summary(strategy) for strategy in strategies),
        baseline,
        best_name,
        tuple(names[label] for label in sorted(names) if label not in shared),
    )


def verdict(comparison: Comparison | None) -> Verdict:
    """Which strategy won, by how much, and whether that is more than chance, in a sentence for a radiologist.

    The winner's mean Dice is compared with that of the source model as it is, on the labels that it has; or with the
    runner-up's where `direct` was not run or has none of the labels. Both means are over the pairs that the difference is
    over, so a false alarm counts beside a strategy that rightly found nothing. Chance counts as excluded when the sign-flip
    p, multiplied by the number of comparisons made (Bonferroni: the winner was picked from among them), is below 0.05.
    """
    if comparison is None or comparison.best is None:
        return Verdict(
            "no scores",
            "No annotated case was scored, so nothing can be said about which model is better: that takes 2 folds or more, "
            "or separate test cases.",
        )
    scored = [s for s in comparison.strategies if s.rank_dice is not None]
    able = [s for s in scored if s.strategy != BASELINE or comparison.baseline] or scored
    ranked = sorted(able, key=_rank_dice, reverse=True)
    baseline = next((s for s in ranked if s.strategy == comparison.baseline), None)
    if len(ranked) == 1:
        found = _alone(ranked[0], comparison)
    elif baseline is None:
        found = _over_runner_up(ranked[0], ranked[1], len(ranked) - 1, comparison)
    elif baseline is ranked[0]:
        found = _source_is_best(baseline, ranked[1], len(ranked) - 1, comparison)
    else:
        found = _over_source(ranked[0], baseline, ranked, len(ranked) - 1, comparison)
    return Verdict(found.kind, f"{found.sentence}{_not_found(ranked[0])}.")


def write_summary(path: Path, summary: Summary) -> None:
    """Write scores.json, to a temporary name first."""
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(json.dumps(summary_json(summary), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(temporary, path)


def summary_json(summary: Summary) -> dict[str, Any]:
    """The plain JSON object of scores.json."""
    return to_json(summary)


def _alone(only: StrategySummary, comparison: Comparison) -> Verdict:
    dice = only.overall.metrics["dice"]
    sentence = (
        f"{_name(only)} reaches a mean Dice of {_rank_dice(only):.2f}{_bounds(dice)} in {_cases(comparison.cases)}"
    )
    if _source_knows_none(comparison):
        ending = f"; {_none_known(comparison)}, so there is nothing to compare with"
    else:
        # What starts from nothing may have had no source model to be compared with.
        ending = "" if only.strategy == SCRATCH else "; no other strategy was run to compare it with"
    return Verdict("one strategy", f"{sentence}{_misses(only)}{ending}")


def _over_source(
    best: StrategySummary,
    source: StrategySummary,
    ranked: list[StrategySummary],
    comparisons: int,
    comparison: Comparison,
) -> Verdict:
    against = best.comparable.against_baseline
    assert against is not None
    difference = against["dice"]
    # On the labels that the source model has, the winner over all labels may well be behind it.
    behind = difference.mean is not None and difference.mean < 0
    kind = _kind(difference, comparisons, "worse" if behind else "better")
    on_shared = f"{_rank_dice(best):.2f}; {_on_shared(comparison)}" if best.shared else ""
    count, word = (difference.worse, "worse") if behind else (difference.better, "better")
    sentence = (
        f"{_name(best)} has the highest mean Dice, {on_shared}{_means(difference)} of the source "
        f"model as it is ({_difference(difference)}, {_share(count, difference, word)}){_misses(best)}"
    )
    endings = {
        "better": f"; that is more than chance ({_p(difference, comparisons)})",
        "worse": f"; there fine-tuning made it worse, and that is more than chance ({_p(difference, comparisons)})",
        "no clear difference": f"; {_unclear(difference, comparisons, 'fine-tuning made no clear difference')}",
        "too few cases": f"; {_too_few(difference, comparisons)}",
    }
    worse = [s for s in ranked if s is not source and s is not best and _is_worse(s, comparisons)]
    harmed = f"; {_and([f'`{s.strategy}`' for s in worse])} came out worse than the source model" if worse else ""
    rival = ranked[1]
    tie = "" if rival is source or kind != "better" else _tie(rival, comparisons)
    return Verdict(kind, f"{sentence}{endings[kind]}{tie}{harmed}")


def _source_is_best(
    source: StrategySummary, tuned: StrategySummary, comparisons: int, comparison: Comparison
) -> Verdict:
    against = tuned.comparable.against_baseline
    assert against is not None
    difference = against["dice"]
    kind = _kind(difference, comparisons, clear="worse")
    means = (
        f"{_on_shared(comparison)}the source model as it is has the highest mean Dice, "
        f"{_means(_turned(difference))} of "
        f"{_name(tuned)}, the best of the others ({_difference(difference)}, "
        f"{_share(difference.worse, difference, 'worse')}){_misses(tuned)}"
    )
    if kind == "worse":
        return Verdict(
            kind, f"Fine-tuning made it worse: {means}; that is more than chance ({_p(difference, comparisons)})"
        )
    if kind == "too few cases":
        opening = "Fine-tuning made it worse" if difference.worse > difference.better else "Fine-tuning did not help"
        return Verdict(kind, f"{opening}: {means}; {_too_few(difference, comparisons)}")
    unclear = _unclear(difference, comparisons, "keep the source model unless the pictures say otherwise")
    return Verdict(kind, f"Fine-tuning did not help: {means}; {unclear}")


def _over_runner_up(
    best: StrategySummary, second: StrategySummary, comparisons: int, comparison: Comparison
) -> Verdict:
    against = second.overall.against_best
    assert against is not None
    behind = against["dice"]
    kind = _kind(behind, comparisons)
    sentence = (
        f"{_name(best)} has the highest mean Dice, {_means(_turned(behind))} of "
        f"{_name(second)} ({_difference(_turned(behind))}, {_share(behind.worse, behind, 'better')}){_misses(best)}"
    )
    endings = {
        "better": f"; that is more than chance ({_p(behind, comparisons)})",
        "no clear difference": f"; {_unclear(behind, comparisons, 'the two are as good as equal')}",
        "too few cases": f"; {_too_few(behind, comparisons)}",
    }
    if _source_knows_none(comparison):
        unknown = f"; {_none_known(comparison)}, so no comparison with it is made"
    else:
        unknown = "; the source model as it is (`direct`) was not run, so whether fine-tuning helped is not known"
    return Verdict(kind, f"{sentence}{endings[kind]}{unknown}")


def _source_knows_none(comparison: Comparison) -> bool:
    return comparison.baseline is None and any(s.strategy == BASELINE for s in comparison.strategies)


def _none_known(comparison: Comparison) -> str:
    labels = comparison.unknown_to_source
    which = "does not know this label" if len(labels) == 1 else "knows none of these labels"
    return f"the source model {which} ({', '.join(labels)})"


def _on_shared(comparison: Comparison) -> str:
    """Which labels the source model has, where it has not all of them."""
    if not comparison.unknown_to_source:
        return ""
    labels = [label.label_name for label in comparison.strategies[0].labels[:-1]]
    known = [f"`{name}`" for name in labels if name not in comparison.unknown_to_source]
    return f"on {_and(known)}, the label{'s' * (len(known) > 1)} that the source model knows, "


def _not_found(strategy: StrategySummary) -> str:
    """Of the labels that are there, those that are found in no case: nothing is segmented, or elsewhere."""
    lost = [
        f"`{label.label_name}`"
        for label in strategy.labels[:-1]
        if label.found == 0 and label.metrics["dice"].mean is not None and label.metrics["reference_ml"].mean
    ]
    return f"; but {_and(lost)} {'is' if len(lost) == 1 else 'are'} missed or misplaced in every case" if lost else ""


def _kind(
    difference: Paired, comparisons: int, clear: Literal["better", "worse"] = "better"
) -> Literal["better", "worse", "no clear difference", "too few cases"]:
    """`clear` when the difference, of whichever sign, is more than chance and not negligible, else why it is not."""
    if difference.mean is None or difference.p is None or difference.smallest_p is None:
        return "too few cases"
    if abs(difference.mean) < NEGLIGIBLE_DICE:
        return "no clear difference"
    if difference.smallest_p * comparisons >= SIGNIFICANCE:
        return "too few cases"
    return clear if difference.p * comparisons < SIGNIFICANCE else "no clear difference"


def _is_worse(strategy: StrategySummary, comparisons: int) -> bool:
    against = strategy.comparable.against_baseline
    if against is None:
        return False
    difference = against["dice"]
    return difference.mean is not None and difference.mean < 0 and _kind(difference, comparisons, "worse") == "worse"


def _tie(rival: StrategySummary, comparisons: int) -> str:
    against = rival.overall.against_best
    if against is None or _kind(against["dice"], comparisons) == "better":
        return ""
    return f"; {_name(rival)} ({_rank_dice(rival):.2f}) is not clearly behind it"


def _unclear(difference: Paired, comparisons: int, meaning: str) -> str:
    if difference.mean is not None and abs(difference.mean) < NEGLIGIBLE_DICE:
        return f"a difference too small to matter, {meaning}"
    return f"chance alone could have done this ({_p(difference, comparisons)}), {meaning}"


def _too_few(difference: Paired, comparisons: int) -> str:
    needed = next(n for n in range(1, 64) if smallest_p(n) * comparisons < SIGNIFICANCE)
    have = _cases(difference.n)
    few = f"{have} {'is' if difference.n == 1 else 'are'} too few to rule out chance"
    return f"{few} (at least {needed} are needed where {comparisons + 1} strategies are compared)"


def _p(difference: Paired, comparisons: int) -> str:
    p = min(1.0, (difference.p or 0.0) * comparisons)
    for_all = f" after correction for {comparisons} comparisons" if comparisons > 1 else ""
    return f"p {f'= {p:.2g}' if p >= 0.001 else '< 0.001'}{for_all}"


def _difference(difference: Paired) -> str:
    if difference.mean is None:
        return "no case in common"
    decimals = 2 if abs(difference.mean) >= NEGLIGIBLE_DICE else 3
    text = _signed(difference.mean, decimals)
    if difference.low is None or difference.high is None:
        return text
    low, high = _signed(difference.low, decimals), _signed(difference.high, decimals)
    if low == high:
        low, high = _signed(difference.low, 3), _signed(difference.high, 3)
    return f"{text}, 95 % interval {low} to {high}"


def _share(count: int, difference: Paired, word: str) -> str:
    """In how many cases it is better or worse, and in how many of them finding nothing made a pair."""
    share = f"{count} of {_cases(difference.n)} {word}"
    if not difference.nothing_found:
        return share
    return f"{share}; in {_cases(difference.nothing_found)} only one of the two rightly found nothing, a Dice of 1"


def _means(difference: Paired) -> str:
    """Both means over the pairs, with as many decimals as it takes to tell them apart (three at most)."""
    first, second = difference.first, difference.second
    if first is None or second is None:
        return "n/a against n/a"
    decimals = 2 if f"{first:.2f}" != f"{second:.2f}" else 3
    return f"{first:.{decimals}f} against {second:.{decimals}f}"


def _signed(value: float, decimals: int) -> str:
    return f"{value:+.{decimals}f}".replace("-", "−")


def _turned(difference: Paired) -> Paired:
    def minus(value: float | None) -> float | None:
        return None if value is None else -value

    low, high = minus(difference.high), minus(difference.low)
    return Paired(
        difference.n, minus(difference.mean), low, high,
        difference.p, difference.smallest_p, difference.worse, difference.better,
        difference.second, difference.first, difference.nothing_found,
    )  # fmt: skip


def _bounds(statistics: Statistics) -> str:
    if statistics.low is None or statistics.high is None:
        return ""
    decimals = 2 if f"{statistics.low:.2f}" != f"{statistics.high:.2f}" else 3
    return f" (95 % interval {statistics.low:.{decimals}f} to {statistics.high:.{decimals}f})"


def _misses(strategy: StrategySummary) -> str:
    count = strategy.overall.misses
    if count == 0:
        return ""
    return f", with {count} structure{'' if count == 1 else 's'} missed or falsely found"


def _name(strategy: StrategySummary) -> str:
    return f"`{strategy.strategy}`"


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def _cases(count: int) -> str:
    return f"{count} case{'' if count == 1 else 's'}"


def _rank_dice(strategy: StrategySummary) -> float:
    assert strategy.rank_dice is not None
    return strategy.rank_dice


def _score(scores: LabelScores | None, metric: str) -> float | None:
    return None if scores is None else getattr(scores, metric)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
