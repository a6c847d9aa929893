"""Resampling as nnU-Net v2 does it: `resample_data_or_seg_to_shape` of its `preprocessing/resampling`.

nnU-Net resizes an image with cubic splines, by scikit-image and SciPy, in 64 bits. Where voxels are more than three times as
long along one axis as along another, it resizes each slice across that axis by itself, and each new slice gets the nearest.
All of that is linear, and the same along every line of an axis. So here each axis is one matrix, made by SciPy's own `zoom`,
and the image is multiplied with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

# nnU-Net's ANISO_THRESHOLD.
MOST_ANISOTROPY = 3
ORDERS = {"linear": 1, "cubic": 3}


def axis_apart(spacing_mm: Sequence[float], other_mm: Sequence[float]) -> int | None:
    """The axis across which slices are resampled by themselves.

    Args:
        spacing_mm: The voxel size before; it decides.
        other_mm: The voxel size after, which decides where the one before is near isotropic.

    Returns:
        The axis of the longest side; None where voxels are near isotropic, or two sides are the longest.
    """
    for spacing in (spacing_mm, other_mm):
        longest = max(spacing)
        if longest / min(spacing) > MOST_ANISOTROPY:
            axes = [axis for axis, mm in enumerate(spacing) if mm == longest]
            return axes[0] if len(axes) == 1 else None
    return None


def resized(image: np.ndarray, size: Sequence[int], interpolation: str, apart: int | None) -> np.ndarray:
    """Resize an image with its outer edges kept in place.

    Args:
        image: (I, J, K).
        size: The wanted size.
        interpolation: `cubic` or `linear`.
        apart: The axis across which slices are resized by themselves; None resizes the volume.

    Returns:
        The image of that size, float32. No value lies beyond those of the image, or of its slice.
    """
    image = image.astype(np.float32, copy=False)
    if image.shape == tuple(size):
        return image
    # Splines overshoot at edges; scikit-image clips what it resizes to the values that it was given.
    around = tuple(axis for axis in range(3) if axis != apart)
    lowest, highest = image.min(axis=around, keepdims=True), image.max(axis=around, keepdims=True)
    for axis in sorted(around, key=lambda axis: size[axis] / image.shape[axis]):
        if image.shape[axis] != size[axis]:
            image = _multiplied(image, weights(image.shape[axis], size[axis], ORDERS[interpolation]), axis)
    image = np.clip(image, lowest, highest)
    if apart is None:
        return image
    return np.ascontiguousarray(np.take(image, nearest(image.shape[apart], size[apart]), apart))


def resized_labels(
    labels: np.ndarray, size: Sequence[int], apart: int | None, order: Sequence[int] = (0, 1, 2)
) -> np.ndarray:
    """Resize labels as nnU-Net does: a voxel gets the label that has half of it or more, of two halves the larger value.

    This is `resize_segmentation` of batchgenerators: the mask of each label is interpolated linearly, in 64 bits, by SciPy's
    own `zoom`, because it is rounding that decides about halves.

    Args:
        labels: (I, J, K) whole numbers; 0 is background.
        size: The wanted size.
        apart: The axis across which slices are resized by themselves, and each new one is the nearest; None for none.
        order: The axes in the order of nnU-Net's arrays, in which it adds up.

    Returns:
        The labels of that size, contiguous.
    """
    if labels.shape == tuple(size):
        return np.ascontiguousarray(labels)
    within = tuple(
        n if axis == apart else wanted for axis, (n, wanted) in enumerate(zip(labels.shape, size, strict=True))
    )
    found = np.ascontiguousarray(labels)
    if labels.shape != within:
        from scipy.ndimage import zoom

        factors = [within[axis] / labels.shape[axis] for axis in order]
        found = np.zeros(within, labels.dtype)
        as_theirs = found.transpose(order)
        for value in np.unique(labels[labels != 0]):
            mask = (labels == value).transpose(order).astype(float)
            as_theirs[zoom(mask, factors, order=1, mode="nearest", grid_mode=True) >= 0.5] = value
    if apart is None:
        return found
    return np.ascontiguousarray(np.take(found, nearest(labels.shape[apart], size[apart]), apart))


def nearest(n: int, wanted: int) -> np.ndarray:
    """Find the nearest voxel along an axis that is resampled.

    Args:
        n: The number of voxels before.
        wanted: The number of voxels afterwards.

    Returns:
        (wanted,): the number of the voxel, from 0, in which the centre of each new voxel lies.
    """
    places = (np.arange(wanted) + 0.5) * (n / wanted)
    return np.clip(places.astype(int), 0, n - 1)


@lru_cache(maxsize=16)
def weights(n: int, wanted: int, order: int) -> np.ndarray:
    """Compute the weights of a spline along an axis that is resampled.

    Args:
        n: The number of voxels before.
        wanted: The number of voxels afterwards.
        order: The order of the spline: 0 is nearest neighbour, 1 linear, 3 cubic.

    Returns:
        (wanted, n) float32: the weight of each old voxel in each new one.
    """
    from scipy.ndimage import zoom

    made: np.ndarray = zoom(np.eye(n), (wanted / n, 1), order=order, mode="nearest", grid_mode=True)
    return made.astype(np.float32)


def _multiplied(image: np.ndarray, matrix: np.ndarray, axis: int) -> np.ndarray:
    """Multiply every line of an image (I, J, K) along an axis with a matrix."""
    shape = list(image.shape)
    shape[axis] = matrix.shape[0]
    if axis == 0:
        return (matrix @ np.ascontiguousarray(image).reshape(image.shape[0], -1)).reshape(shape)
    if axis == 2:
        return (image.reshape(-1, image.shape[2]) @ matrix.T).reshape(shape)
    return np.matmul(matrix, image)
