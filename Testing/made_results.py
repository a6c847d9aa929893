"""Results of studies for tests: a row for each case and label, of values that are given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from TransferSegLib.studies.results import ResultRow, Results


def made_rows(
    factors: Mapping[str, Any],
    dices: Mapping[str, Sequence[float | None]],
    *,
    first_case: int = 0,
    training: Mapping[str, float] | None = None,
    **others: Sequence[float | None],
) -> list[ResultRow]:
    """Rows of one cell: a label's Dice in each case, and from it precision, recall (alike) and Jaccard.

    Args:
        factors: The cell's factors; those not given have the usual level.
        dices: Name of a label → its Dice in each case.
        first_case: The number of the first case.
        training: What is known of the training.
        others: Name of a metric → its value in each case, of every label.
    """
    usual = {
        "recipe": "default",
        "source": "heads",
        "network": None,
        "target": "t2w",
        # As in results of studies: a source model as it is was trained on no case.
        "size": 0 if factors.get("strategy") == "direct" else 4,
        "draw": 0,
        "fold": None,
    }
    whole = {**usual, "seed": 0, **factors}
    cell = "-".join(str(whole[name]) for name in whole)
    rows = []
    for label, values in dices.items():
        for n, dice in enumerate(values):
            jaccard = None if dice is None else dice / (2 - dice)
            scores = {"dice": dice, "jaccard": jaccard, "precision": dice, "recall": dice}
            scores |= {name: of_cases[n] for name, of_cases in others.items()}
            rows.append(ResultRow(cell, whole, f"case-{first_case + n}", label, scores, training or {}))
    return rows


def made_results(*cells: list[ResultRow]) -> Results:
    """The rows of several cells."""
    return Results(tuple(row for rows in cells for row in rows))
