"""Whether probabilities are right: how often voxels of which a model is so sure have the class that it gives them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from TransferSegLib.core.labels import FIRST_OPEN

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


class CalibrationSums:
    """The sums that calibration follows from. Cases are added one by one, so that no case's probabilities need be kept.

    The confidence of a voxel is the probability of the class that it is given. Voxels count that are of a structure in the
    reference, or whose probability to be of one is 0.01 or more.
    """

    def __init__(self) -> None:
        self._sums = np.zeros((3, BINS))  # voxels, confidence, right ones

    def add(self, probabilities: np.ndarray, reference: np.ndarray) -> None:
        """Add a case.

        Args:
            probabilities: (classes, I, J, K); class 0 is background.
            reference: The reference's classes, (I, J, K); voxels whose class is not known are left out.
        """
        near = ((probabilities[0] <= 1 - LEAST_FOREGROUND) | (reference > 0)) & (reference < FIRST_OPEN)
        chosen = probabilities[:, near]
        confidence = chosen.max(axis=0).astype(float)
        right = chosen.argmax(axis=0) == reference[near]
        place = np.clip((confidence * BINS).astype(int), 0, BINS - 1)
        for row, weights in enumerate((None, confidence, right.astype(float))):
            self._sums[row] += np.bincount(place, weights, BINS)

    def result(self) -> Calibration | None:
        """The calibration over the cases so far; None without a voxel that counts."""
        voxels, sure, right = self._sums
        if not voxels.sum():
            return None
        counted = np.maximum(voxels, 1)
        bins = tuple(
            ReliabilityBin(n / BINS, (n + 1) / BINS, int(voxels[n]), sure[n] / counted[n], right[n] / counted[n])
            for n in range(BINS)
        )
        return Calibration(float(np.abs(sure - right).sum() / voxels.sum()), bins)
