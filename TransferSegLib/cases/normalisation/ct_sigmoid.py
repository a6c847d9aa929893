"""`ct-sigmoid`: a window in Hounsfield units to -1…1, then its sigmoid, as Auto3DSeg has it for CT; nothing is clipped."""

from __future__ import annotations

from typing import Any

import numpy as np

from TransferSegLib.cases.normalisation.normaliser import Normaliser
from TransferSegLib.core.preprocessing import Intensities, Preprocessing


def _apply(image: np.ndarray, values: np.ndarray, settings: Intensities | Preprocessing) -> np.ndarray:
    low, high = (np.float32(bound) for bound in settings.window_hu)
    scaled = (image - low) / (high - low) * np.float32(2) - np.float32(1)
    return sigmoid(scaled)


def sigmoid(values: np.ndarray) -> np.ndarray:
    """The logistic function of any float32 array, without an overflow for what is far from 0."""
    return np.float32(0.5) * (np.float32(1) + np.tanh(np.float32(0.5) * values))


def _monai(settings: Intensities | Preprocessing) -> list[dict[str, Any]]:
    low, high = settings.window_hu
    scale = {"a_min": low, "a_max": high, "b_min": -1.0, "b_max": 1.0, "clip": False}
    return [{"_target_": "ScaleIntensityRanged", **scale}, {"_target_": "Activationsd", "sigmoid": True}]


NORMALISER = Normaliser(_apply, of_whole_image=False, monai=_monai)
