"""How well a predicted mask agrees with a reference: overlap, surface distances and volumes of each case and label.

A score is never NaN. `None` means not applicable: there was nothing to find and nothing was found. A structure that was
missed gets the worst value there is, so that leaving it out can never improve a mean:

| reference | prediction | Dice, Jaccard, surface Dice | precision | recall | HD, HD95, ASSD | missed |
|---|---|---|---|---|---|---|
| empty | empty | n/a | n/a | n/a | n/a | no |
| empty | something | 0 | 0 | n/a | diagonal of the image | yes |
| something | empty | 0 | 0 | 0 | diagonal of the image | yes |
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.texts import as_cell, from_cell
from TransferSegLib.evaluation.surface import surface_distances

DEFAULT_TOLERANCE_MM = 1.0


@dataclass(frozen=True)
class LabelScores:
    """The scores of one label in one case; shares 0 to 1, distances in mm, volumes in mL, None where not applicable.

    `missed` says that exactly one of the two masks is empty.
    """

    dice: float | None
    jaccard: float | None
    precision: float | None
    recall: float | None
    hd95_mm: float | None
    hd_mm: float | None
    assd_mm: float | None
    surface_dice: float | None
    reference_ml: float
    predicted_ml: float
    missed: bool

    @property
    def volume_difference_ml(self) -> float:
        """Predicted minus reference volume."""
        return self.predicted_ml - self.reference_ml


@dataclass(frozen=True)
class ScoreRow:
    """The scores of one label in one case, and in a job by which strategy and in which fold.

    `fold` is the number of the fold whose model did not see the case, or "test" for a separate test case that was scored
    by the final model.
    """

    case: str
    label: int
    label_name: str
    scores: LabelScores
    strategy: str = ""
    fold: str = ""


SCORE_COLUMNS = ("case", "label", "label_name", *(field.name for field in fields(LabelScores)))
JOB_COLUMNS = ("strategy", "fold", *SCORE_COLUMNS)


def score_masks(
    reference: np.ndarray,
    prediction: np.ndarray,
    grid: Grid,
    tolerance_mm: float = DEFAULT_TOLERANCE_MM,
) -> LabelScores:
    """Score a mask (I, J, K), bool, against a reference on the same grid; both cover the whole image.

    Distances are those of MONAI and MetricsReloaded, in mm (see `surface`); `tolerance_mm` is the surface Dice's. Raises
    ValueError when the shapes differ.
    """
    if reference.shape != prediction.shape:
        raise ValueError(f"masks of one shape expected, found {reference.shape} and {prediction.shape}")
    reference_voxels = int(np.count_nonzero(reference))
    predicted_voxels = int(np.count_nonzero(prediction))
    volumes = (reference_voxels * grid.voxel_ml, predicted_voxels * grid.voxel_ml)
    if reference_voxels == 0 and predicted_voxels == 0:
        return LabelScores(None, None, None, None, None, None, None, None, *volumes, missed=False)
    if reference_voxels == 0 or predicted_voxels == 0:
        diagonal_mm = _diagonal_mm(reference.shape, grid)
        recall = None if reference_voxels == 0 else 0.0
        return LabelScores(0.0, 0.0, 0.0, recall, diagonal_mm, diagonal_mm, diagonal_mm, 0.0, *volumes, missed=True)
    common = int(np.count_nonzero(reference & prediction))
    distances = surface_distances(reference, prediction, grid)
    return LabelScores(
        dice=2 * common / (reference_voxels + predicted_voxels),
        jaccard=common / (reference_voxels + predicted_voxels - common),
        precision=common / predicted_voxels,
        recall=common / reference_voxels,
        hd95_mm=distances.hd95_mm,
        hd_mm=distances.hd_mm,
        assd_mm=distances.assd_mm,
        surface_dice=distances.surface_dice(tolerance_mm),
        reference_ml=volumes[0],
        predicted_ml=volumes[1],
        missed=False,
    )


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
) -> list[ScoreRow]:
    """A row for each label; `labels` maps the values in both label images (I, J, K) to names, without background.

    `grid` is that of both label images.
    """
    return [
        ScoreRow(
            case,
            value,
            name,
            score_masks(reference_labels == value, prediction_labels == value, grid, tolerance_mm),
            strategy,
            fold,
        )
        for value, name in labels.items()
    ]


def write_scores(path: Path, rows: Iterable[ScoreRow], columns: tuple[str, ...] = SCORE_COLUMNS) -> None:
    """Write rows as CSV, to a temporary name first; not applicable is an empty cell, `missed` is 0 or 1.

    `columns` is `JOB_COLUMNS` for the scores of a job, which begin with strategy and fold.
    """
    temporary = path.with_name(path.name + ".part")
    with temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for row in rows:
            writer.writerow([_cell(getattr(row.scores if hasattr(row.scores, c) else row, c)) for c in columns])
    os.replace(temporary, path)


def read_scores(path: Path) -> list[ScoreRow]:
    """Read what `write_scores` wrote; an `InputError` names the file and line that cannot be read."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            table = list(csv.DictReader(file))
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the path.") from None
    rows = []
    for number, line in enumerate(table, start=2):
        try:
            scores = {f.name: float(line[f.name]) if line[f.name] else None for f in fields(LabelScores)}
            scores["missed"] = line["missed"] == "1"
            place = (from_cell(line.get("strategy", "")), line.get("fold", ""))
            case, name = from_cell(line["case"]), from_cell(line["label_name"])
            rows.append(ScoreRow(case, int(line["label"]), name, LabelScores(**scores), *place))  # type: ignore[arg-type]
        except (AttributeError, KeyError, ValueError, TypeError):
            raise InputError(f"{path}: line {number} is not a row of scores; write the file again.") from None
    return rows


def _diagonal_mm(shape: tuple[int, ...], grid: Grid) -> float:
    """The longest diagonal of the image, edge to edge."""
    edges_mm = np.array(shape) * np.array(grid.spacing_mm)
    if grid.right_angles:
        return float(np.linalg.norm(edges_mm))
    corners = np.array([[1, j, k] for j in (-1, 1) for k in (-1, 1)])
    return float(np.linalg.norm((corners * edges_mm) @ grid.direction.T, axis=1).max())


def _cell(value: str | int | float | bool | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:.6g}" if isinstance(value, float) else as_cell(str(value)) if isinstance(value, str) else str(value)
