"""Whether probabilities are right: how often voxels of which a model is so sure have the class that it gives them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BINS = 10
# Voxels that are surely background, far from every structure, would make each model look well calibrated.
LEAST_FOREGROUND = 0.01


@dataclass(frozen=True)
class ReliabilityBin:
    """The voxels whose confidence lies in a range.

    Attributes:
        low: The lower end of the range.
        high: Its upper end.
        voxels: How many voxels there are.
        confidence: Their mean confidence; 0 without a voxel.
        accuracy: The share of them whose class is the reference's; 0 without a voxel.
    """

    low: float
    high: float
    voxels: int
    confidence: float
    accuracy: float


@dataclass(frozen=True)
class Calibration:
    """How far the confidence of a model is from how often it is right.

    Attributes:
        error: The expected calibration error (Guo et al., On calibration of modern neural networks, ICML 2017): the mean over
            voxels of the distance between confidence and accuracy of their bin. 0 is best.
        bins: The reliability table.
    """

    error: float
    bins: tuple[ReliabilityBin, ...]


def calibration(cases: Sequence[tuple[np.ndarray, np.ndarray]]) -> Calibration | None:
    """Compare confidence and accuracy over the voxels of some cases.

    The confidence of a voxel is the probability of the class that it is given. Voxels count that are of a structure in the
    reference, or whose probability to be of one is 0.01 or more.

    Args:
        cases: Probabilities (classes, I, J, K) and reference classes (I, J, K) of each case; class 0 is background.

    Returns:
        The calibration; None without a voxel that counts.
    """
    sums = np.zeros((3, BINS))  # voxels, confidence, right ones
    for probabilities, reference in cases:
        near = (probabilities[0] <= 1 - LEAST_FOREGROUND) | (reference > 0)
        chosen = probabilities[:, near]
        confidence = chosen.max(axis=0).astype(float)
        right = chosen.argmax(axis=0) == reference[near]
        place = np.clip((confidence * BINS).astype(int), 0, BINS - 1)
        for row, weights in enumerate((None, confidence, right.astype(float))):
            sums[row] += np.bincount(place, weights, BINS)
    if not sums[0].sum():
        return None
    counted = np.maximum(sums[0], 1)
    bins = tuple(
        ReliabilityBin(n / BINS, (n + 1) / BINS, int(sums[0, n]), sums[1, n] / counted[n], sums[2, n] / counted[n])
        for n in range(BINS)
    )
    return Calibration(float(np.abs(sums[1] - sums[2]).sum() / sums[0].sum()), bins)
