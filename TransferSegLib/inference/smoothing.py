"""Smoothing of a segmentation, class against class, by SimpleITK.

Mecheter 2020 (table II) compares with a conditional random field (CRF) after the network. pydensecrf, SimpleCRF and crfseg
had their last releases in 2018, 2021 and 2020, and pydensecrf2 comes as C++ source alone, which a plain Python cannot
build. So this is no CRF. It does the part of one that prefers neighbours of one class: each class is blurred by a Gaussian
of a given width in mm, and a voxel goes to the class that has most of it. The image is not looked at. Structures that are
thinner than about two of these widths shrink or vanish.
"""

from __future__ import annotations

import math

import numpy as np

# Beyond so many standard deviations a blurred class is taken as 0.
REACH = 4


def smoothed(classes: np.ndarray, spacing_mm: tuple[float, float, float], sd_mm: float) -> np.ndarray:
    """Smooth a segmentation.

    Args:
        classes: (I, J, K), whole numbers; 0 is background.
        spacing_mm: The voxel size.
        sd_mm: The standard deviation of the Gaussian; 0 leaves the segmentation as it is.

    Returns:
        (I, J, K), of the same type. Where two classes have the same share, the one with the lower number wins.
    """
    if sd_mm <= 0 or not classes.any():
        return classes
    margins = [math.ceil(REACH * sd_mm / mm) for mm in spacing_mm]
    some = np.nonzero(classes)
    box = tuple(
        slice(max(0, int(along.min()) - margin), int(along.max()) + 1 + margin)
        for along, margin in zip(some, margins, strict=True)
    )
    part = classes[box]
    winner, most = np.zeros_like(part), _blurred(part == 0, spacing_mm, sd_mm)
    for value in np.unique(part):
        if value:
            share = _blurred(part == value, spacing_mm, sd_mm)
            winner[share > most] = value
            np.maximum(most, share, out=most)
    result = np.zeros_like(classes)
    result[box] = winner
    return result


def _blurred(mask: np.ndarray, spacing_mm: tuple[float, float, float], sd_mm: float) -> np.ndarray:
    """A mask (I, J, K) blurred along each axis, float32; beyond the image its edge goes on."""
    import SimpleITK as sitk

    margin = [REACH] * 3  # the filter needs four voxels along an axis
    image = sitk.GetImageFromArray(np.pad(mask.astype(np.float32), [(n, n) for n in margin], mode="edge"))
    image.SetSpacing(spacing_mm[::-1])  # the array's first axis is ITK's last
    blurred = sitk.GetArrayFromImage(sitk.SmoothingRecursiveGaussian(image, sd_mm))
    return blurred[tuple(slice(n, -n) for n in margin)]
