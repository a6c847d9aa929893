"""Lesion detection: how many separate lesions were found, how many are false alarms (Zoetmulder 2022, §4).

A lesion is a connected component of the reference. It is detected when the share of its voxels that were predicted exceeds
the overlap cut-off; lesions below the volume cut-off are left out. The paper counts detected lesions; lesion-wise
precision and F1 add the false alarms: predicted components whose share inside the reference does not exceed the same
cut-off. Overlap is always judged against the whole other mask, so a component just above the volume cut-off is no false
alarm because the lesion it lies on is just below.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from scipy import ndimage

from TransferSegLib.core.grid import Grid
from TransferSegLib.core.texts import as_cell

OVERLAP_CUTOFFS = (0.0, 0.2)
VOLUME_CUTOFFS_ML = (0.0, 1.0, 2.0)

Connectivity = Literal[26, 8]
"""26: neighbours in 3D, corners included. 8: neighbours within a slice of the last axis, as in the paper."""

_NEIGHBOURS = {26: np.ones((3, 3, 3), bool), 8: np.zeros((3, 3, 3), bool)}
_NEIGHBOURS[8][:, :, 1] = True


@dataclass(frozen=True)
class LesionScores:
    """Counts of one case at one pair of cut-offs.

    Like the scores of a mask, `precision`, `recall` and `f1` are None only where nothing was to be found: with lesions and
    no component predicted, precision is 0.
    """

    overlap_cutoff: float
    volume_cutoff_ml: float
    lesions: int
    detected: int
    false_alarms: int

    @property
    def precision(self) -> float | None:
        """Detected lesions over detected lesions and false alarms."""
        if self.detected + self.false_alarms == 0:
            return 0.0 if self.lesions else None
        return self.detected / (self.detected + self.false_alarms)

    @property
    def recall(self) -> float | None:
        """The papers' lesion detection accuracy: detected lesions over lesions."""
        return self.detected / self.lesions if self.lesions else None

    @property
    def f1(self) -> float | None:
        total = self.lesions + self.detected + self.false_alarms
        return 2 * self.detected / total if total else None


def detect_lesions(
    reference: np.ndarray,
    prediction: np.ndarray,
    grid: Grid,
    overlap_cutoffs: Sequence[float] = OVERLAP_CUTOFFS,
    volume_cutoffs_ml: Sequence[float] = VOLUME_CUTOFFS_ML,
    connectivity: Connectivity = 26,
) -> list[LesionScores]:
    """One `LesionScores` for each pair of cut-offs, for two masks (I, J, K), bool, on one grid."""
    if reference.shape != prediction.shape:
        raise ValueError(f"masks of one shape expected, found {reference.shape} and {prediction.shape}")
    lesion_ml, lesion_overlap = _components(reference, prediction, grid.voxel_ml, connectivity)
    predicted_ml, predicted_overlap = _components(prediction, reference, grid.voxel_ml, connectivity)
    scores = []
    for overlap in overlap_cutoffs:
        for volume in volume_cutoffs_ml:
            counted = lesion_ml >= volume
            scores.append(
                LesionScores(
                    overlap,
                    volume,
                    lesions=int(counted.sum()),
                    detected=int((counted & (lesion_overlap > overlap)).sum()),
                    false_alarms=int(((predicted_ml >= volume) & (predicted_overlap <= overlap)).sum()),
                )
            )
    return scores


LESION_COLUMNS = (
    "case", "connectivity", "overlap_cutoff", "volume_cutoff_ml",
    "lesions", "detected", "false_alarms", "precision", "recall", "f1",
)  # fmt: skip


def write_lesions(path: Path, cases: Iterable[tuple[str, list[LesionScores]]], connectivity: Connectivity) -> None:
    """Write the scores of each case as CSV, to a temporary name first; not applicable is an empty cell."""
    temporary = path.with_name(path.name + ".part")
    with temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(LESION_COLUMNS)
        for case, scores in cases:
            for row in scores:
                values = [getattr(row, column) for column in LESION_COLUMNS[2:]]
                writer.writerow([as_cell(case), connectivity, *("" if v is None else f"{v:.6g}" for v in values)])
    os.replace(temporary, path)


def _components(
    mask: np.ndarray, other: np.ndarray, voxel_ml: float, connectivity: Connectivity
) -> tuple[np.ndarray, np.ndarray]:
    """Volume in mL and share inside `other` of each connected component of a mask, both (components,)."""
    labels, count = ndimage.label(mask, structure=_NEIGHBOURS[connectivity])
    voxels = np.bincount(labels[mask], minlength=count + 1)[1:]
    common = np.bincount(labels[mask & other], minlength=count + 1)[1:]
    return voxels * voxel_ml, common / voxels
