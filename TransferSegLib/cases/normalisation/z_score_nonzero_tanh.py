"""`z-score-nonzero-tanh`: as `z-score-nonzero`, then 3·tanh(x/3), which draws in what is far from the mean (Auto3DSeg)."""

from __future__ import annotations

import numpy as np

from TransferSegLib.cases.normalisation.normaliser import Normaliser
from TransferSegLib.cases.normalisation.z_score import standardise
from TransferSegLib.core.preprocessing import Intensities, Preprocessing


def _apply(image: np.ndarray, values: np.ndarray, settings: Intensities | Preprocessing) -> np.ndarray:
    three = np.float32(3)
    return three * np.tanh(standardise(image, values, settings) / three)


NORMALISER = Normaliser(_apply, nonzero_only=True)
