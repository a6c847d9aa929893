"""Lesion detection: how many separate lesions were found, and how many false alarms there are (Zoetmulder 2022, §4).

A lesion is a connected component of the reference. It is detected when the share of its voxels that were predicted exceeds
the overlap cut-off. Lesions below the volume cut-off are left out. The paper counts detected lesions. Lesion-wise precision
and F1 count false alarms, too: predicted components whose share inside the reference does not exceed the same cut-off.
Overlap is judged against the whole other mask, so a predicted component just above the volume cut-off is no false alarm
where the lesion it lies on is just below.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from scipy import ndimage

from TransferSegLib.core.files import replacing
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
    """How many lesions of one case were detected at one pair of cut-offs.

    Attributes:
        overlap_cutoff: A lesion is detected when more than this share of its voxels was predicted.
        volume_cutoff_ml: Smaller lesions, and smaller false alarms, are not counted.
        lesions: The number of lesions.
        detected: The number of those that were detected.
        false_alarms: The number of predicted components that lie on no lesion.
    """

    overlap_cutoff: float
    volume_cutoff_ml: float
    lesions: int
    detected: int
    false_alarms: int

    @property
    def precision(self) -> float | None:
        """Detected lesions over detected lesions and false alarms; 0 where none of the lesions was predicted.

        None where there was no lesion and nothing was predicted.
        """
        if self.detected + self.false_alarms == 0:
            return 0.0 if self.lesions else None
        return self.detected / (self.detected + self.false_alarms)

    @property
    def recall(self) -> float | None:
        """Detected lesions over lesions, the papers' lesion detection accuracy; None without lesions."""
        return self.detected / self.lesions if self.lesions else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall; None where there was no lesion and nothing was predicted."""
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
    """Count the lesions that were detected, and false alarms.

    Args:
        reference: The mask of the lesions, (I, J, K), bool.
        prediction: The predicted mask, of the same shape.
        grid: The grid of both.
        overlap_cutoffs: The shares of a lesion that must be exceeded for it to be detected.
        volume_cutoffs_ml: The volumes below which lesions are not counted.
        connectivity: Which voxels are neighbours in one lesion: 26 in 3D, 8 within a slice of the last axis.

    Returns:
        The scores at each pair of cut-offs, all volumes of the first overlap first.

    Raises:
        ValueError: The shapes differ.
    """
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
    """Write lesion detection as CSV, a row for each case and pair of cut-offs; an empty cell is not applicable.

    Args:
        path: The file, which is replaced as a whole.
        cases: The name of each case, and its scores.
        connectivity: Which neighbouring voxels counted as one lesion.
    """
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(LESION_COLUMNS)
        for case, scores in cases:
            for row in scores:
                values = [getattr(row, column) for column in LESION_COLUMNS[2:]]
                writer.writerow([as_cell(case), connectivity, *("" if v is None else f"{v:.6g}" for v in values)])


def _components(
    mask: np.ndarray, other: np.ndarray, voxel_ml: float, connectivity: Connectivity
) -> tuple[np.ndarray, np.ndarray]:
    """The volume in mL of each connected component of a mask, and the share of it inside `other`; both (components,)."""
    labels, count = ndimage.label(mask, structure=_NEIGHBOURS[connectivity])
    voxels = np.bincount(labels[mask], minlength=count + 1)[1:]
    common = np.bincount(labels[mask & other], minlength=count + 1)[1:]
    return voxels * voxel_ml, common / voxels
