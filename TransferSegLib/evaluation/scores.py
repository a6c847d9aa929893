"""The scores of each case and label: how they are measured, and the CSV files that hold them.

A score is never NaN. None means not applicable: nothing was to be found and nothing was found, or the file with the
scores is older than the metric.
"""

from __future__ import annotations

import csv
import statistics
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import replacing
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.library_words import library_says
from TransferSegLib.core.regions import Region, covered
from TransferSegLib.core.texts import as_cell, from_cell
from TransferSegLib.evaluation.metrics import METRICS, measured_metrics
from TransferSegLib.evaluation.metrics.metric import DEFAULT_TOLERANCE_MM, MaskPair

# What scores are compared of, such as a strategy.
Option = TypeVar("Option", bound=Hashable)


@dataclass(frozen=True)
class LabelScores:
    """The scores of one label in one case.

    Attributes:
        values: The value of each measured metric by its name, as far as it is known; None where it does not apply.
        missed: Whether exactly one of the two masks is empty.

    Example:
        >>> scores["hd95_mm"]
        2.0
    """

    values: Mapping[str, float | None] = field(hash=False)
    missed: bool = False

    def __getitem__(self, name: str) -> float | None:
        """The value of a metric; None where it does not apply, or was not measured yet when the file was written."""
        metric = METRICS.get(name)
        return self.values.get(name) if metric is None or metric.derive is None else metric.derive(self.values)

    @property
    def dice(self) -> float | None:
        """The Dice coefficient, by which strategies are ranked."""
        return self["dice"]


@dataclass(frozen=True)
class ScoreRow:
    """The scores of one label in one case, and in a job by which strategy and in which fold.

    Attributes:
        case: The name of the case.
        label: The value of the label in the label images.
        label_name: The name of the label.
        scores: Its scores.
        strategy: The key of the strategy; empty outside of jobs.
        fold: The number of the fold whose model did not see the case, or `test` for a separate test case, which the
            final model segmented; empty outside of jobs.
    """

    case: str
    label: int
    label_name: str
    scores: LabelScores
    strategy: str = ""
    fold: str = ""


def score_columns(of_job: bool = False) -> list[str]:
    """The columns of a CSV file with scores; those of a job begin with strategy and fold."""
    place = ["strategy", "fold"] if of_job else []
    return [*place, "case", "label", "label_name", *(metric.name for metric in measured_metrics()), "missed"]


def score_masks(
    reference: np.ndarray,
    prediction: np.ndarray,
    grid: Grid,
    tolerance_mm: float = DEFAULT_TOLERANCE_MM,
    known: np.ndarray | None = None,
) -> LabelScores:
    """Measure how well a predicted mask agrees with a reference.

    Args:
        reference: The reference mask, (I, J, K), bool, over the whole image.
        prediction: The predicted mask, of the same shape.
        grid: The grid of both.
        tolerance_mm: The tolerance of the surface Dice.
        known: Where it is known what is right, (I, J, K), bool, outside of which both masks are empty; None for everywhere.

    Returns:
        All scores.

    Raises:
        ValueError: The shapes differ.
    """
    pair = MaskPair(reference, prediction, grid, tolerance_mm, known)
    return LabelScores({metric.name: metric.value(pair) for metric in measured_metrics()}, pair.missed)


def score_case(
    case: str,
    reference_labels: np.ndarray,
    prediction_labels: np.ndarray,
    grid: Grid,
    labels: Mapping[int, str],
    *,
    strategy: str = "",
    fold: str = "",
    tolerance_mm: float = DEFAULT_TOLERANCE_MM,
    known: np.ndarray | None = None,
    regions: Sequence[Region] = (),
) -> list[ScoreRow]:
    """Score each label of a case.

    Args:
        case: The name of the case.
        reference_labels: The reference, (I, J, K), label values.
        prediction_labels: The segmentation, of the same shape.
        grid: The grid of both.
        labels: Label value → name, without the background; other values are not scored.
        strategy: The key of the strategy that made the segmentation.
        fold: The fold whose model made it.
        tolerance_mm: The tolerance of the surface Dice.
        known: Where it is known what is right, (I, J, K), bool, outside of which both are 0; None for everywhere.
        regions: The regions that the labels are, by values: each is scored with all that it covers.

    Returns:
        A row for each of `labels`, in their order.
    """
    return [
        ScoreRow(
            case,
            value,
            name,
            score_masks(
                mask_of(reference_labels, value, regions),
                mask_of(prediction_labels, value, regions),
                grid,
                tolerance_mm,
                known,
            ),
            strategy,
            fold,
        )
        for value, name in labels.items()
    ]


def mask_of(labels: np.ndarray, number: int, regions: Sequence[Region] = ()) -> np.ndarray:
    """Find where a label is.

    Args:
        labels: Label values or classes, of any shape.
        number: The label's value or class.
        regions: The regions of the task; none where labels are no regions.

    Returns:
        A mask of the same shape: all voxels that the label's region covers.
    """
    covers = covered(regions, number)
    mask: np.ndarray = labels == number if len(covers) == 1 else np.isin(labels, covers)
    return mask


def dice_of_cases(rows: Mapping[Option, Sequence[ScoreRow]]) -> dict[Option, dict[str, float]]:
    """The mean Dice over labels of each case, under each option.

    Where a case has no such label and an option rightly found nothing, the label counts as 1 if another option found
    something there, and not at all otherwise. So all options are compared on the same cases.

    Args:
        rows: The scores of each option.
    """
    found = {option: {(row.case, row.label): row.scores.dice for row in own} for option, own in rows.items()}
    applies = {place for own in found.values() for place, dice in own.items() if dice is not None}
    means: dict[Option, dict[str, float]] = {}
    for option, own in found.items():
        cases: dict[str, list[float]] = {}
        for place, dice in own.items():
            if place in applies:
                cases.setdefault(place[0], []).append(1.0 if dice is None else dice)
        means[option] = {case: statistics.fmean(values) for case, values in cases.items()}
    return means


def dice_by_case(rows: Sequence[ScoreRow]) -> dict[str, float]:
    """The mean Dice over labels of each case, over the labels to which it applies; cases without one are left out."""
    return dice_of_cases({"": rows})[""]


def write_scores(path: Path, rows: Iterable[ScoreRow], of_job: bool = False) -> None:
    """Write rows as CSV: an empty cell is not applicable, `missed` is 0 or 1.

    Args:
        path: The file, which is replaced as a whole.
        rows: What is written.
        of_job: Whether a row begins with strategy and fold.
    """
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(score_columns(of_job))
        for row in rows:
            place = [as_cell(row.strategy), as_cell(row.fold)] if of_job else []
            values = [_cell(row.scores[metric.name]) for metric in measured_metrics()]
            label = [as_cell(row.case), str(row.label), as_cell(row.label_name)]
            writer.writerow([*place, *label, *values, str(int(row.scores.missed))])


def read_scores(path: Path) -> list[ScoreRow]:
    """Read what `write_scores` wrote, of a job or not, also before a metric existed: its values are None then.

    Raises:
        InputError: The file cannot be read, or one of its lines is no row of scores.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            table = list(csv.DictReader(file))
    except (OSError, ValueError, csv.Error) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or library_says(error)
        raise InputError("scores-unreadable", "{path}: cannot be read ({reason}); check the path.", path=path,
                         reason=reason) from None  # fmt: skip
    return [_row(line, path, number) for number, line in enumerate(table, start=2)]


def _row(line: Mapping[str, str], path: Path, number: int) -> ScoreRow:
    try:
        known = [metric.name for metric in measured_metrics() if metric.name in line]
        values = {name: float(line[name]) if line[name] else None for name in known}
        return ScoreRow(
            from_cell(line["case"]),
            int(line["label"]),
            from_cell(line["label_name"]),
            LabelScores(values, {"0": False, "1": True}[line["missed"]]),
            from_cell(line.get("strategy", "")),
            line.get("fold", ""),
        )
    except (AttributeError, KeyError, ValueError, TypeError):
        raise InputError(
            "no-score-row",
            "{path}: line {number} is not a row of scores; write the file again.",
            path=path,
            number=number,
        ) from None


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"
