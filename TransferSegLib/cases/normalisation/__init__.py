"""The normalisations of a channel's intensities; each is a file of this package with its name.

To add one, write its file and add its name to `core.preprocessing.Normalisation`.
"""

from __future__ import annotations

from importlib import import_module
from typing import get_args

import numpy as np

from TransferSegLib.cases.landmarks import brought_to
from TransferSegLib.cases.normalisation.normaliser import Normaliser
from TransferSegLib.core.preprocessing import Intensities, Normalisation, Preprocessing

NORMALISERS: dict[str, Normaliser] = {
    name: import_module(f"{__name__}.{name.replace('-', '_')}").NORMALISER for name in get_args(Normalisation)
}


def normalise(
    image: np.ndarray, intensities: Intensities | Preprocessing, inside: np.ndarray | None = None
) -> np.ndarray:
    """Normalise the intensities of one channel.

    Args:
        image: (I, J, K).
        intensities: What is to be done.
        inside: (I, J, K) bool, the voxels that count where only those that are not 0 do; None: those that are not 0.

    Returns:
        (I, J, K) float32.
    """
    image = image.astype(np.float32, copy=False)
    if intensities.landmarks is not None:
        image = brought_to(image, intensities.landmarks)
    image = _normalised(image, intensities, inside)
    if intensities.extremes is None:
        return image
    low, high = (np.float32(value) for value in intensities.extremes)
    lowest, highest = image.min(), image.max()
    return (image - lowest) / max(highest - lowest, np.float32(1e-6)) * (high - low) + low


def _normalised(image: np.ndarray, intensities: Intensities | Preprocessing, inside: np.ndarray | None) -> np.ndarray:
    normaliser = NORMALISERS[intensities.normalisation]
    if not normaliser.nonzero_only:
        inside = None
    elif inside is None:
        inside = image != 0
    values = image[inside] if inside is not None and inside.any() else image
    if intensities.clip_percentiles is not None:
        low, high = np.percentile(values, intensities.clip_percentiles).astype(np.float32)
        values, image = np.clip(values, low, high), np.clip(image, low, high)
    normalised = normaliser.apply(image, values, intensities)
    return normalised if inside is None else np.where(inside, normalised, np.float32(0))
