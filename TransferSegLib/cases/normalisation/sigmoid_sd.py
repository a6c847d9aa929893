"""`sigmoid-sd`: the sigmoid of what lies above the volume's lowest value, in standard deviations (Auto3DSeg, for PET)."""

from __future__ import annotations

import numpy as np

from TransferSegLib.cases.normalisation.ct_sigmoid import sigmoid
from TransferSegLib.cases.normalisation.normaliser import Normaliser
from TransferSegLib.core.preprocessing import Intensities, Preprocessing


def _apply(image: np.ndarray, values: np.ndarray, settings: Intensities | Preprocessing) -> np.ndarray:
    # PyTorch's standard deviation: of a sample.
    sd = float(values.std(dtype=np.float64, ddof=1)) if values.size > 1 else 0.0
    return sigmoid((image - values.min()) / np.float32(max(sd, 1e-6)))


NORMALISER = Normaliser(_apply)
