"""Metrics of the overlap of two masks, in voxels: Dice, Jaccard, precision and recall."""

from __future__ import annotations

import numpy as np

from TransferSegLib.evaluation.metrics.metric import MaskPair, Metric


def dice_of_counts(common: int, first: int, second: int) -> float | None:
    """The Dice coefficient, 2 |A ∩ B| / (|A| + |B|) (Dice 1945): the one definition of it here.

    Args:
        common: The number of voxels that are in both masks.
        first: The number of voxels of the one mask.
        second: The number of voxels of the other.

    Returns:
        0 (no overlap) to 1 (identical); None where both masks are empty.
    """
    return 2 * common / (first + second) if first + second else None


def dice(first: np.ndarray, second: np.ndarray) -> float | None:
    """The Dice coefficient of two masks; None where both are empty.

    Args:
        first: A mask, bool.
        second: A mask of the same shape, bool.
    """
    return dice_of_counts(
        int(np.count_nonzero(first & second)), int(np.count_nonzero(first)), int(np.count_nonzero(second))
    )


def _dice(pair: MaskPair) -> float:
    value = dice_of_counts(pair.common_voxels, pair.reference_voxels, pair.predicted_voxels)
    assert value is not None
    return value


DICE = Metric(
    "dice",
    "Dice",
    "",
    "higher",
    3,
    "Overlap of the segmented and the reference volume, 0 none, 1 identical.",
    _dice,
)
JACCARD = Metric(
    "jaccard",
    "Jaccard",
    "",
    "higher",
    3,
    "Common volume over the volume that either of the two covers.",
    lambda pair: pair.common_voxels / (pair.reference_voxels + pair.predicted_voxels - pair.common_voxels),
    shown="files",
)
PRECISION = Metric(
    "precision",
    "Precision",
    "",
    "higher",
    3,
    "Share of the segmented volume that lies in the reference.",
    lambda pair: pair.common_voxels / pair.predicted_voxels,
    shown="files",
)
RECALL = Metric(
    "recall",
    "Recall",
    "",
    "higher",
    3,
    "Share of the reference volume that was segmented.",
    lambda pair: pair.common_voxels / pair.reference_voxels,
    worst=lambda pair: 0.0 if pair.reference_voxels else None,
    shown="files",
)
