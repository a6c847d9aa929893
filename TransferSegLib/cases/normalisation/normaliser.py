"""The interface of a normalisation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from TransferSegLib.core.preprocessing import Intensities, Preprocessing


@dataclass(frozen=True)
class Normaliser:
    """A way to normalise intensities.

    Attributes:
        apply: Takes the image (I, J, K) float32, the values that count (any shape, clipped as the image) and the settings,
            and returns the normalised image (I, J, K) float32.
        nonzero_only: Whether only the voxels that are not 0 count; the others stay 0.
        of_whole_image: Whether it depends on all of the image, so that a crop changes its result.
        monai: Takes the settings and returns the MONAI transforms that do the same, without their `keys`, for an exported
            bundle. None where MONAI has none: such a model is not exported.
        monai_by_channel: Whether these must be given the channels of an image one at a time.
    """

    apply: Callable[[np.ndarray, np.ndarray, Intensities | Preprocessing], np.ndarray]
    nonzero_only: bool = False
    of_whole_image: bool = True
    monai: Callable[[Intensities | Preprocessing], list[dict[str, Any]]] | None = None
    monai_by_channel: bool = False
