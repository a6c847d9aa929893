"""Otsu's threshold between dark and bright voxels (IEEE Transactions SMC 1979)."""

from __future__ import annotations

import numpy as np

_BINS = 256


def otsu_threshold(image: np.ndarray) -> float:
    """The threshold between the dark and the bright voxels of an image (any shape), from 256 intensities.

    That of an image with one value everywhere is this value.
    """
    low, high = float(image.min()), float(image.max())
    if low == high:
        return low
    counts, edges = np.histogram(image, _BINS, (low, high))
    below = np.cumsum(counts)[:-1].astype(np.float64)
    above = image.size - below
    total = np.cumsum(counts * (edges[:-1] + edges[1:]) / 2)
    apart = below * above * (total[:-1] / below - (total[-1] - total[:-1]) / above) ** 2
    return float(edges[1:-1][int(np.argmax(apart))])
