"""`ct`: clipped to a window in Hounsfield units, then standardised by the given mean and deviation, else brought to 0…1."""

from __future__ import annotations

import numpy as np

from TransferSegLib.cases.normalisation.normaliser import Normaliser
from TransferSegLib.core.preprocessing import Intensities, Preprocessing


def _apply(image: np.ndarray, values: np.ndarray, settings: Intensities | Preprocessing) -> np.ndarray:
    low, high = settings.window_hu
    clipped = np.clip(image, low, high)
    if settings.mean is not None and settings.sd is not None:
        return (clipped - np.float32(settings.mean)) / np.float32(max(settings.sd, 1e-6))
    return (clipped - np.float32(low)) / np.float32(high - low)


NORMALISER = Normaliser(_apply)
