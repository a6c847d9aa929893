"""Whether probabilities are right: how often voxels of which a model is so sure have the class that it gives them."""

from __future__ import annotations

from collections.abc import Sequence
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

    def add(self, classes: np.ndarray, confidence: np.ndarray, reference: np.ndarray) -> None:
        """Add a case.

        Args:
            classes: The class that each voxel is given, (I, J, K); 0 is background.
            confidence: The probability of that class, (I, J, K).
            reference: The reference's classes, (I, J, K); voxels whose class is not known are left out.
        """
        # Two classes or more share what is not background's, so that a voxel of a structure has 0.01 or more to be of one.
        near = (classes > 0) | (confidence <= 1 - LEAST_FOREGROUND) | (reference > 0)
        near &= reference < FIRST_OPEN
        confidence = confidence[near].astype(float)
        right = classes[near] == reference[near]
        place = np.clip((confidence * BINS).astype(int), 0, BINS - 1)
        for row, weights in enumerate((None, confidence, right.astype(float))):
            self._sums[row] += np.bincount(place, weights, BINS)

    @property
    def as_numbers(self) -> tuple[tuple[float, ...], ...]:
        """The sums of each range of confidence, to be kept: voxels, confidence, right ones; () without a voxel."""
        return tuple(tuple(float(one) for one in row) for row in self._sums) if self._sums.any() else ()

    def add_numbers(self, numbers: Sequence[Sequence[float]]) -> None:
        """Add what `as_numbers` gave.

        Raises:
            ValueError: They have another form.
        """
        if len(numbers):
            self._sums += np.asarray(numbers, dtype=float).reshape(3, BINS)

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
