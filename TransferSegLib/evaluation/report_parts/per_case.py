"""Scores of each strategy and case, as the mean over labels."""

from __future__ import annotations

from collections.abc import Sequence

from TransferSegLib.core.case_set import natural_order
from TransferSegLib.evaluation.comparison import Comparison, color_numbers
from TransferSegLib.evaluation.figures.dots import Column
from TransferSegLib.evaluation.scores import ScoreRow


class PerCase:
    """Scores of each strategy and case, as the mean over labels.

    Attributes:
        cases: The names of the cases, as people count.
    """

    def __init__(self, rows: Sequence[ScoreRow]) -> None:
        """Group scores.

        Args:
            rows: The scores of some strategies on the same cases.
        """
        self.cases = sorted({row.case for row in rows}, key=natural_order)
        self._rows: dict[tuple[str, str], list[ScoreRow]] = {}
        for row in rows:
            self._rows.setdefault((row.strategy, row.case), []).append(row)

    def value(self, strategy: str, case: str, metric: str) -> float | None:
        """The mean of a metric over labels; None where it applies to none."""
        values = [row.scores[metric] for row in self._rows.get((strategy, case), [])]
        known = [value for value in values if value is not None]
        return sum(known) / len(known) if known else None

    def of_label(self, strategy: str, case: str, label: int, metric: str) -> float | None:
        """A metric of one label; None where it does not apply."""
        rows = self._rows.get((strategy, case), [])
        return next((row.scores[metric] for row in rows if row.label == label), None)

    def misses(self, strategy: str, case: str) -> str:
        """Missed labels and false alarms, in words; "" where there are none."""
        found = [row.scores for row in self._rows.get((strategy, case), []) if row.scores.missed]
        said = {
            "missed": any(s["reference_ml"] for s in found),
            "falsely found": any(not s["reference_ml"] for s in found),
        }
        return " and ".join(words for words, is_so in said.items() if is_so)

    def columns(self, comparison: Comparison, metric: str) -> list[Column]:
        """The strategies of a dot plot of a metric."""
        numbers = color_numbers(s.strategy for s in comparison.strategies)
        return [
            Column(
                s.strategy,
                [self.value(s.strategy, case, metric) for case in self.cases],
                [self.misses(s.strategy, case) for case in self.cases],
                s.overall.statistics(metric),
                numbers[s.strategy],
            )
            for s in comparison.strategies
        ]
