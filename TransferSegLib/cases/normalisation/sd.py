"""`sd`: divided by the standard deviation of the volume, and nothing subtracted (Karimi 2021 §2.1, for MR)."""

from __future__ import annotations

import numpy as np

from TransferSegLib.cases.normalisation.normaliser import Normaliser
from TransferSegLib.core.preprocessing import Intensities, Preprocessing


def _apply(image: np.ndarray, values: np.ndarray, settings: Intensities | Preprocessing) -> np.ndarray:
    sd = float(values.std(dtype=np.float64))
    return image / np.float32(sd) if sd > 1e-6 else image - image.min()


# MONAI takes what is subtracted for each channel or for all; with one channel at a time the two are the same.
_MONAI = {"_target_": "NormalizeIntensityd", "subtrahend": 0.0, "nonzero": False, "channel_wise": False}

NORMALISER = Normaliser(_apply, monai=lambda settings: [_MONAI], monai_by_channel=True)
