"""Scores for tests, given in the order of the columns of a CSV file."""

from __future__ import annotations

from TransferSegLib.evaluation.metrics import measured_metrics
from TransferSegLib.evaluation.scores import LabelScores


def made_scores(*values: float | None, missed: bool = False) -> LabelScores:
    """`LabelScores` of one value a metric."""
    return LabelScores(dict(zip([metric.name for metric in measured_metrics()], values, strict=True)), missed)
