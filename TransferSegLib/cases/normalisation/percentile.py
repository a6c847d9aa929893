"""`percentile`: from the 0.5th to the 99.5th percentile of the volume to 0…1, clipped."""

from __future__ import annotations

import numpy as np

from TransferSegLib.cases.normalisation.normaliser import Normaliser
from TransferSegLib.core.preprocessing import Intensities, Preprocessing


def _apply(image: np.ndarray, values: np.ndarray, settings: Intensities | Preprocessing) -> np.ndarray:
    low, high = (float(v) for v in np.percentile(image, (0.5, 99.5)))
    result = image - np.float32(low)
    result /= np.float32(max(high - low, 1e-6))
    return np.clip(result, 0, 1, out=result)


_SCALE = {"lower": 0.5, "upper": 99.5, "b_min": 0.0, "b_max": 1.0, "clip": True, "channel_wise": True}

NORMALISER = Normaliser(_apply, monai=lambda settings: [{"_target_": "ScaleIntensityRangePercentilesd", **_SCALE}])
