"""Scores for tests, given in the order of the columns of a CSV file."""

from __future__ import annotations

from TransferSegLib.evaluation.scores import LabelScores

NAMES = (
    *("dice", "jaccard", "precision", "recall", "hd95_mm", "hd_mm"),
    *("assd_mm", "surface_dice", "reference_ml", "predicted_ml"),
)


def made_scores(*values: float | None, missed: bool = False, **others: float) -> LabelScores:
    """`LabelScores` of one value for each of `NAMES`, and of other metrics by name; a metric not given does not apply."""
    return LabelScores({**dict(zip(NAMES, values, strict=True)), **others}, missed)
