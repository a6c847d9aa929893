"""`ct`: clipped to a window in Hounsfield units, then standardised by the given mean and deviation, else brought to 0…1."""

from __future__ import annotations

from typing import Any

import numpy as np

from TransferSegLib.cases.normalisation.normaliser import Normaliser
from TransferSegLib.core.preprocessing import Intensities, Preprocessing


def _apply(image: np.ndarray, values: np.ndarray, settings: Intensities | Preprocessing) -> np.ndarray:
    low, high = settings.window_hu
    result = np.clip(image, low, high)
    # In place: an image of the trunk takes half a gigabyte.
    if settings.mean is not None and settings.sd is not None:
        result -= np.float32(settings.mean)
        result /= np.float32(max(settings.sd, 1e-6))
    else:
        result -= np.float32(low)
        result /= np.float32(high - low)
    return result


def _monai(settings: Intensities | Preprocessing) -> list[dict[str, Any]]:
    low, high = settings.window_hu
    to_low, to_high = 0.0, 1.0
    if settings.mean is not None and settings.sd is not None:
        sd = max(settings.sd, 1e-6)
        to_low, to_high = (low - settings.mean) / sd, (high - settings.mean) / sd
    scale = {"a_min": low, "a_max": high, "b_min": to_low, "b_max": to_high, "clip": True}
    return [{"_target_": "ScaleIntensityRanged", **scale}]


NORMALISER = Normaliser(_apply, of_whole_image=False, monai=_monai)
