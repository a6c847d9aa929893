"""The intensities of images as a network sees them, in a few numbers, and how far other images are from them.

An image becomes its quantiles, and several images the mean of their quantiles, which is the mean of their distributions in
the sense of the Wasserstein distance (Agueh and Carlier, Barycenters in the Wasserstein space, SIAM J. Math. Anal. 2011).
These numbers tell no image from another that has the same intensities elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from TransferSegLib.core.card import QUANTILES, CardIntensities

# Of an image with more voxels than this only each n-th is looked at.
MOST_VOXELS = 2**18
# The middles of equal parts, so that the mean over them is the integral over all quantiles.
_LEVELS = (np.arange(QUANTILES) + 0.5) / QUANTILES


def intensity_quantiles(image: np.ndarray) -> np.ndarray:
    """The quantiles of an image (C, I, J, K): (C, `QUANTILES`)."""
    flat = image.reshape(image.shape[0], -1)
    return np.quantile(flat[:, :: max(1, flat.shape[1] // MOST_VOXELS)], _LEVELS, axis=1).T


def intensity_statistics(images: Iterable[np.ndarray]) -> tuple[CardIntensities, ...]:
    """The intensities of images, each (C, I, J, K) as the network sees it.

    Returns:
        Those of each channel; empty where there are no images.
    """
    each = [intensity_quantiles(image) for image in images]
    if not each:
        return ()
    found = []
    for n in range(each[0].shape[0]):
        own = np.stack([quantiles[n] for quantiles in each])
        mean = own.mean(axis=0)
        apart = float(np.mean([_distance(one, mean) for one in own]))
        found.append(CardIntensities(tuple(round(float(q), 4) for q in mean), round(apart, 4), len(each)))
    return tuple(found)


def intensity_distance(image: np.ndarray, known: tuple[CardIntensities, ...]) -> float | None:
    """How far the intensities of an image are from the mean of others: the first Wasserstein distance over their deviation.

    Args:
        image: (C, I, J, K), as the network sees it.
        known: The others', for each channel.

    Returns:
        The distance in standard deviations of the others, in the channel in which it is largest; None without others.
    """
    if len(known) != image.shape[0]:
        return None
    each = zip(intensity_quantiles(image), known, strict=True)
    return max(_distance(own, np.array(channel.quantiles)) for own, channel in each)


def _distance(quantiles: np.ndarray, of_others: np.ndarray) -> float:
    return float(np.abs(quantiles - of_others).mean() / max(float(of_others.std()), 1e-6))
