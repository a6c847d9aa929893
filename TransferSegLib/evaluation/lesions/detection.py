"""Counting lesions, those that were detected, and false alarms (Zoetmulder 2022, §4).

A lesion is a connected component of the reference. It is detected when the share of its voxels that were predicted exceeds
the overlap cut-off. Lesions below the volume cut-off are left out. The paper counts detected lesions. Lesion-wise precision
and F1 count false alarms, too: predicted components whose share inside the reference does not exceed the same cut-off.
Overlap is judged against the whole other mask, so a predicted component just above the volume cut-off is no false alarm
where the lesion it lies on is just below.

The paper's voxels belong together where they are 8-connected; it does not say whether a lesion ends with its slice. Here it
does not: components of neighbouring axial slices that overlap are one lesion, so that its volume is that of the lesion.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from TransferSegLib.core.grid import Grid
from TransferSegLib.evaluation.lesions.options import Connectivity, LesionOptions

# Two volumes that are equal on paper may differ in their last bits.
ROUNDING = 1e-9


@dataclass(frozen=True)
class LesionScores:
    """How many lesions of one case, or of several together, were detected at one pair of cut-offs.

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


@dataclass(frozen=True)
class Lesion:
    """A lesion of the reference.

    Attributes:
        volume_ml: Its volume.
        overlap: The share of its voxels that were predicted.
    """

    volume_ml: float
    overlap: float


@dataclass(frozen=True)
class LesionRow:
    """The detection of the lesions of one case, and in a job by which strategy and in which fold.

    Attributes:
        case: The name of the case.
        scores: The counts at each pair of cut-offs, all volumes of the first overlap first.
        found: Each lesion of the reference, for curves over the volume cut-off.
        strategy: The key of the strategy; empty outside of jobs.
        fold: As in `ScoreRow`.
    """

    case: str
    scores: tuple[LesionScores, ...]
    found: tuple[Lesion, ...] = ()
    strategy: str = ""
    fold: str = ""


def score_lesions(
    case: str,
    reference: np.ndarray,
    prediction: np.ndarray,
    grid: Grid,
    options: LesionOptions,
    strategy: str = "",
    fold: str = "",
) -> LesionRow:
    """Score the detection of the lesions of a case.

    Args:
        case: The name of the case.
        reference: The mask of the lesions, (I, J, K), bool.
        prediction: The predicted mask, of the same shape.
        grid: The grid of both.
        options: What a lesion is and when it is detected.
        strategy: The key of the strategy that made the segmentation.
        fold: The fold whose model made it.

    Raises:
        ValueError: The shapes differ.
    """
    if reference.shape != prediction.shape:
        raise ValueError(f"masks of one shape expected, found {reference.shape} and {prediction.shape}")
    lesion_ml, lesion_overlap = _components(reference, prediction, grid, options.connectivity)
    predicted_ml, predicted_overlap = _components(prediction, reference, grid, options.connectivity)
    scores = []
    for overlap in options.overlap_cutoffs:
        for volume in options.volume_cutoffs_ml:
            least = volume * (1 - ROUNDING)
            counted = lesion_ml >= least
            scores.append(
                LesionScores(
                    overlap,
                    volume,
                    lesions=int(counted.sum()),
                    detected=int((counted & (lesion_overlap > overlap)).sum()),
                    false_alarms=int(((predicted_ml >= least) & (predicted_overlap <= overlap)).sum()),
                )
            )
    found = tuple(Lesion(float(v), float(o)) for v, o in zip(lesion_ml, lesion_overlap, strict=True))
    return LesionRow(case, tuple(scores), found, strategy, fold)


def _components(
    mask: np.ndarray, other: np.ndarray, grid: Grid, connectivity: Connectivity
) -> tuple[np.ndarray, np.ndarray]:
    """The volume in mL of each connected component of a mask, and the share of it inside `other`; both (components,)."""
    # Only needed here: SciPy takes a while to import.
    from scipy import ndimage

    labels, count = ndimage.label(mask, structure=_neighbours(grid, connectivity))
    voxels = np.bincount(labels[mask], minlength=count + 1)[1:]
    common = np.bincount(labels[mask & other], minlength=count + 1)[1:]
    return voxels * grid.voxel_ml, common / voxels


def _neighbours(grid: Grid, connectivity: Connectivity) -> np.ndarray:
    """(3, 3, 3), bool: the voxels that belong to the lesion of the one in the middle."""
    if connectivity == 26:
        return np.ones((3, 3, 3), bool)
    through = grid.axes_to_ras()[0][2]
    found = np.zeros((3, 3, 3), bool)
    found[tuple(1 if axis == through else slice(None) for axis in range(3))] = True
    found[tuple(slice(None) if axis == through else 1 for axis in range(3))] = True
    return found
