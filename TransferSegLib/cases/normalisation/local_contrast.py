"""`local-contrast`: local contrast normalisation, slice by slice (Mecheter 2020 §II-B, Mecheter 2023 §3.2).

Both papers name it and give no formula. It is settled by their networks' origin: SegNet normalises its input so, after
Jarrett et al. (What is the best multi-stage architecture for object recognition?, ICCV 2009, §3.1). Of each voxel the mean of
its neighbours is subtracted, weighted by a Gaussian window of 9×9; the result is divided by its neighbours' weighted standard
deviation, or by the mean of that over the slice where that is larger. Open there: the width of the Gaussian (a quarter of the
window here, as Torch has it), and the border (weights that fall outside the slice are left out, and the others sum to 1).

The slices are axial, as in Mecheter 2020, which treats "each image", a slice. Windows are counted in voxels, as there.
"""

from __future__ import annotations

import numpy as np

from TransferSegLib.cases.normalisation.normaliser import Normaliser
from TransferSegLib.core.preprocessing import Intensities, Preprocessing

WINDOW = 9
SD_VOXELS = WINDOW / 4


def _apply(image: np.ndarray, values: np.ndarray, settings: Intensities | Preprocessing) -> np.ndarray:
    result = np.empty(image.shape, np.float32)
    for k in range(image.shape[2]):
        plane = image[:, :, k].astype(np.float64)
        apart = plane - _local_mean(plane)
        spread = np.sqrt(np.maximum(_local_mean(apart**2), 0))
        result[:, :, k] = apart / np.maximum(np.maximum(spread, spread.mean()), 1e-6)
    return result


def _local_mean(plane: np.ndarray) -> np.ndarray:
    """The Gaussian-weighted mean around each pixel of a slice (I, J), over the pixels that there are."""
    from scipy.ndimage import correlate1d

    reach = np.arange(WINDOW) - WINDOW // 2
    weights = np.exp(-0.5 * (reach / SD_VOXELS) ** 2)
    for axis in (0, 1):
        there = correlate1d(np.ones(plane.shape[axis]), weights, mode="constant")
        plane = correlate1d(plane, weights, axis, mode="constant")
        plane = plane / (there[:, None] if axis == 0 else there)
    return plane


NORMALISER = Normaliser(_apply)
