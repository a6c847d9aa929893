"""`z-score`: to zero mean and unit variance over the volume."""

from __future__ import annotations

import numpy as np

from TransferSegLib.cases.normalisation.normaliser import Normaliser
from TransferSegLib.core.preprocessing import Intensities, Preprocessing


def standardise(image: np.ndarray, values: np.ndarray, settings: Intensities | Preprocessing) -> np.ndarray:
    """Bring an image to zero mean and unit variance.

    Args:
        image: (I, J, K).
        values: The voxel values that mean and standard deviation are taken from.
        settings: Not used; every normaliser takes them.

    Returns:
        (I, J, K) float32.
    """
    mean, sd = float(values.mean(dtype=np.float64)), float(values.std(dtype=np.float64))
    result = image - np.float32(mean)
    result /= np.float32(max(sd, 1e-6))
    return result


_MONAI = {"_target_": "NormalizeIntensityd", "nonzero": False, "channel_wise": True}

NORMALISER = Normaliser(standardise, monai=lambda settings: [_MONAI])
