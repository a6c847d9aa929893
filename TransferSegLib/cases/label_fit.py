"""Whether a segmentation fits its image, or fits it better where it is moved or mirrored.

The labels of another patient, or labels whose voxels were reversed or moved, may lie on the very grid of the image. What
tells then is how much the labels say of the intensities around them: their mutual information with the image, which is
largest where they lie right. So it is compared with that of the same labels moved by a few mm, and mirrored along each axis
of the image. (`registration_quality` asks the same of a registration.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import ndimage

from TransferSegLib.core.grid import Grid

# How far the labels are moved, and how far around them the image is looked at.
MOVED_MM, AROUND_MM = 4.0, 4.0
# Labels fit better elsewhere if their mutual information is so many times as large there. Measured on hippocampi (Decathlon,
# Task04): none of 160 that lie right is found, all of 180 that are mirrored, 201 of 240 that lie 3 mm off and 236 of 240 that
# lie 5 mm off, and 78 of 160 of another patient in the place where that one's are cut out, where hippocampi nearly coincide.
BETTER = 1.2
_BINS = 24
_FEWEST_VOXELS = 50
_MOST_VOXELS = 2_000_000  # a larger box around the labels is thinned out
Box = tuple[slice, ...]


@dataclass(frozen=True)
class Misfit:
    """A place where labels fit the image better than where they lie.

    Attributes:
        kind: Whether they were moved to it or mirrored.
        axis: Along which axis of the body: 0 right, 1 anterior, 2 superior.
        times: How many times as large the mutual information is there.
    """

    kind: Literal["moved", "mirrored"]
    axis: int
    times: float


def misfit(
    images: Sequence[np.ndarray], labels: np.ndarray, grid: Grid, known: np.ndarray | None = None
) -> Misfit | None:
    """Find where labels fit their images clearly better than where they lie.

    Args:
        images: The image of each channel, (I, J, K).
        labels: Label values, (I, J, K), 0 for none.
        grid: Their grid.
        known: True where it is known what there is, of a shape that goes with theirs; None for everywhere.

    Returns:
        The best such place; None where there is none, and for labels of too few voxels to tell.
    """
    inside = labels != 0
    if int(inside.sum()) < _FEWEST_VOXELS:
        return None
    reach = [max(1, round(AROUND_MM / spacing)) for spacing in grid.spacing_mm]
    box = _box(inside, reach)
    near = ndimage.maximum_filter(inside[box], [2 * one + 1 for one in reach])
    if known is not None:
        near &= np.broadcast_to(known, labels.shape)[box]
    here = sum(_information(image[box], labels[box], near) for image in images)
    if here <= 0:
        return None
    order = grid.axes_to_ras()[0]
    found: Misfit | None = None
    for kind, axis, place, part in _elsewhere(box, labels.shape, grid.spacing_mm):
        turned = (np.flip(labels[box], axis), np.flip(near, axis)) if kind == "mirrored" else (labels[box], near)
        there = sum(_information(image[place], turned[0][part], turned[1][part]) for image in images)
        if there > BETTER * here and (found is None or there / here > found.times):
            found = Misfit(kind, order.index(axis), there / here)
    return found


def _elsewhere(
    box: Box, shape: Sequence[int], spacing_mm: Sequence[float]
) -> Iterator[tuple[Literal["moved", "mirrored"], int, Box, Box]]:
    """Where a box of labels may lie instead: how, along which axis of the array, where in the image, and which part of it."""
    whole = tuple(slice(0, one.stop - one.start) for one in box)
    for axis, own in enumerate(box):
        place = slice(shape[axis] - own.stop, shape[axis] - own.start)
        yield "mirrored", axis, (*box[:axis], place, *box[axis + 1 :]), whole
        step = max(1, round(MOVED_MM / spacing_mm[axis]))
        for by in (-step, step):
            start, stop = max(0, own.start + by), min(shape[axis], own.stop + by)
            if stop > start:
                part = slice(start - own.start - by, stop - own.start - by)
                at = slice(start, stop)
                yield "moved", axis, (*box[:axis], at, *box[axis + 1 :]), (*whole[:axis], part, *whole[axis + 1 :])


def _box(inside: np.ndarray, reach: Sequence[int]) -> Box:
    (found,) = ndimage.find_objects(inside.astype(np.uint8))
    around = zip(found, reach, inside.shape, strict=True)
    return tuple(slice(max(0, one.start - by), min(size, one.stop + by)) for one, by, size in around)


def _information(image: np.ndarray, labels: np.ndarray, near: np.ndarray) -> float:
    """The share of what there is to know of the labels that the intensities tell (mutual information over entropy)."""
    step = max(1, int(np.ceil((near.size / _MOST_VOXELS) ** (1 / 3))))
    chosen = near[::step, ::step, ::step]
    values, names = image[::step, ::step, ::step][chosen], labels[::step, ::step, ::step][chosen]
    low, high = np.quantile(values, (0.01, 0.99)) if values.size else (0.0, 0.0)
    if not high > low:
        return 0.0
    bins = np.clip((values - low) / (high - low) * _BINS, 0, _BINS - 1).astype(np.int64)
    _, classes = np.unique(names, return_inverse=True)
    joint = np.bincount(classes * _BINS + bins, minlength=(int(classes.max()) + 1) * _BINS).reshape(-1, _BINS)
    shares = joint / joint.sum()
    of_labels = _entropy(shares.sum(axis=1))
    told = of_labels + _entropy(shares.sum(axis=0)) - _entropy(shares.ravel())
    return float(told / of_labels) if of_labels > 0 else 0.0


def _entropy(shares: np.ndarray) -> float:
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum())
