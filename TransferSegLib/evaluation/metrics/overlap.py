"""Metrics of the overlap of two masks, in voxels: Dice, Jaccard, precision and recall, and the first two per slice.

Zoetmulder 2022, §4, calculates Dice and IOU "per axial slice and averaged over the entire test set". The paper does not say
what an empty slice counts as, nor whether the background is a class of the mIOU. Here a slice in which neither the reference
nor the segmentation has anything counts in nothing, for else the empty slices would decide; and the background is none.
A case's slices are averaged first, so that a case is one observation in intervals and tests; weighted by `slices`, the means
of cases give the mean over all slices.
"""

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
    "IoU",
    "",
    "higher",
    3,
    "Common volume over the volume that either of the two covers, also called Jaccard; its mean over labels is the mIOU.",
    lambda pair: pair.common_voxels / (pair.reference_voxels + pair.predicted_voxels - pair.common_voxels),
    shown="report",
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
SLICE_DICE = Metric(
    "slice_dice",
    "Dice per slice",
    "",
    "higher",
    3,
    "The Dice of each axial slice in which either of the two has something, averaged over these slices.",
    lambda pair: _over_slices(2 * pair.slices.common, pair.slices.reference + pair.slices.predicted),
    shown="report",
)
SLICE_IOU = Metric(
    "slice_iou",
    "IoU per slice",
    "",
    "higher",
    3,
    "The IoU of each axial slice in which either of the two has something, averaged over these slices.",
    lambda pair: _over_slices(pair.slices.common, pair.slices.reference + pair.slices.predicted - pair.slices.common),
    shown="files",
)
SLICES = Metric(
    "slices",
    "Slices",
    "",
    None,
    0,
    "The number of axial slices in which either of the two has something.",
    lambda pair: float(np.count_nonzero(pair.slices.reference + pair.slices.predicted)),
    of_empty=True,
    shown="files",
)


def _over_slices(shared: np.ndarray, all_of_it: np.ndarray) -> float:
    """The mean over slices of a share, (slices,) each; slices without anything are left out."""
    some = all_of_it > 0
    return float(np.mean(shared[some] / all_of_it[some]))
