"""The interface of a normalisation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from TransferSegLib.core.preprocessing import Intensities, Preprocessing


@dataclass(frozen=True)
class Normaliser:
    """A way to normalise intensities.

    Attributes:
        apply: Takes the image (I, J, K) float32, the values that count (any shape, clipped as the image) and the settings,
            and returns the normalised image (I, J, K) float32.
        nonzero_only: Whether only the voxels that are not 0 count; the others stay 0.
    """

    apply: Callable[[np.ndarray, np.ndarray, Intensities | Preprocessing], np.ndarray]
    nonzero_only: bool = False
