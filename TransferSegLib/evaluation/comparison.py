"""Strategies scored on the same cases: means, intervals and paired differences of each label."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from TransferSegLib.core.card import MEAN_OVER_LABELS
from TransferSegLib.evaluation.metrics import METRICS, compared_metrics
from TransferSegLib.evaluation.scores import LabelScores, ScoreRow
from TransferSegLib.evaluation.statistics import Paired, Statistics, describe, paired_difference

BASELINE, SCRATCH = "direct", "scratch"
TEST_FOLD = "test"
# A structure of which less than this was segmented is not found.
FOUND_DICE = 0.01
_NOT_MEASURED = Statistics(0, None, None, None, None)


@dataclass(frozen=True)
class LabelSummary:
    """The scores of one label under one strategy, over cases, and how they differ from other strategies' on the same cases.

    A difference is this strategy minus the other. Rightly finding nothing counts as perfect where the other found something,
    so that false alarms count. There is no difference from the strategy itself, from one that was not run, and from a source
    model that does not have the label (or one of the labels that the mean is over).

    Attributes:
        label: The label's value; None for the mean over labels, which is taken case by case first.
        label_name: Its name.
        cases: The number of cases.
        misses: The number of structures that were missed (see `LabelScores.missed`). A miss is in the means with the worst
            value.
        metrics: The statistics of each metric by its name.
        against_baseline: The differences from the source model as it is, a metric each.
        against_best: The differences from the best strategy.
        found: The number of cases with a Dice of 0.01 or more; None in files of before it was stored.
    """

    label: int | None
    label_name: str
    cases: int
    misses: int
    metrics: Mapping[str, Statistics]
    against_baseline: Mapping[str, Paired] | None
    against_best: Mapping[str, Paired] | None
    found: int | None = None

    def statistics(self, metric: str) -> Statistics:
        """The statistics of a metric; without a mean where it was not measured yet when the file was written."""
        return self.metrics.get(metric, _NOT_MEASURED)


@dataclass(frozen=True)
class StrategySummary:
    """The scores of one strategy.

    Attributes:
        strategy: The key of the strategy.
        labels: A summary a label; the last is the mean over labels.
        shared: The mean over the labels that the source model has, where it has some and not all.
        rank_dice: What strategies are ranked by: the mean over cases of the mean Dice over labels. Rightly finding nothing
            counts as 1 where any strategy found something, so that all are ranked on the same cases. None where nothing was
            to be found in any case and nothing was found, and in files of before it was stored.
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
    """Strategies scored on the same cases.

    Attributes:
        cases: The number of cases.
        strategies: The strategies, in the order they were run.
        baseline: `direct`, the source model as it is, where it was run and has one of the labels.
        best: The key of the strategy with the highest `rank_dice`.
        unknown_to_source: The names of the labels that the source model does not have. A Dice of 0 says nothing of what it
            is worth there, so no difference from it counts them.
    """

    cases: int
    strategies: tuple[StrategySummary, ...]
    baseline: str | None
    best: str | None
    unknown_to_source: tuple[str, ...] = ()

    def strategy(self, name: str) -> StrategySummary:
        """The summary of the strategy with this key."""
        return next(s for s in self.strategies if s.strategy == name)


def compare(rows: Sequence[ScoreRow], unknown_to_source: Collection[int] = ()) -> Comparison | None:
    """Compare the strategies in the rows case by case.

    Args:
        rows: The scores of all strategies on the same cases.
        unknown_to_source: The values of the labels that the source model does not have.

    Returns:
        The comparison; None without rows.
    """
    if not rows:
        return None
    names = {row.label: row.label_name for row in rows}
    strategies = list(dict.fromkeys(row.strategy for row in rows))
    cases = list(dict.fromkeys(row.case for row in rows))
    found = {(row.strategy, row.label, row.case): row.scores for row in rows}
    shared = [label for label in sorted(names) if label not in unknown_to_source]

    def right_to_find_nothing(strategy: str, label: int, case: str, beside: Collection[str]) -> bool:
        """Whether the strategy rightly found nothing where a strategy in `beside` wrongly found something."""
        scores = found.get((strategy, label, case))
        others = [found.get((other, label, case)) for other in beside]
        return scores is not None and scores.dice is None and any(s is not None and s.dice is not None for s in others)

    def values(strategy: str, labels: Sequence[int], metric: str, beside: Collection[str] = ()) -> list[float | None]:
        """The score of each case, as the mean over some labels.

        Where a case has no such label and the strategy rightly found nothing, the label has no score. It counts as perfect
        if a strategy in `beside` did find something there.
        """
        return [
            _mean(
                [
                    METRICS[metric].perfect
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
            metric.name: replace(
                paired_difference(
                    values(strategy, labels, metric.name, [other]),
                    values(other, labels, metric.name, [strategy]),
                    metric.higher_is_better,
                ),
                nothing_found=nothing,
            )
            for metric in compared_metrics()
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
        on_shared = label_summary(strategy, shared, None, and_words([names[n] for n in shared])) if some else None
        return StrategySummary(strategy, (*each, mean), on_shared, rank_dice[strategy])

    return Comparison(
        len(cases),
        tuple(strategy_summary(strategy) for strategy in strategies),
        baseline,
        best_name,
        tuple(names[label] for label in sorted(names) if label not in shared),
    )


def color_numbers(strategies: Iterable[str]) -> dict[str, int]:
    """The number of each strategy's colour (see `core.palette`): 0 for the source model as it is, 1 and up for the others.

    So a strategy has the same colour in the comparison and among the learning curves, which `direct` is not among.
    """
    trained = [name for name in dict.fromkeys(strategies) if name != BASELINE]
    return {BASELINE: 0} | {name: n for n, name in enumerate(trained, start=1)}


def and_words(words: Sequence[str]) -> str:
    """Join words as in a sentence: `a`, `a and b`, `a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _score(scores: LabelScores | None, metric: str) -> float | None:
    return None if scores is None else scores[metric]


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
