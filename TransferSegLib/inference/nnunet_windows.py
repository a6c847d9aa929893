"""Windows as nnU-Net v2 lays and weighs them: `inference/sliding_window_prediction.py` there."""

from __future__ import annotations

import itertools
import math
from collections.abc import Collection, Sequence

import numpy as np
import torch
from torch import Tensor

from TransferSegLib.inference.copies import Window
from TransferSegLib.inference.effort import STEP

# The standard deviation of a window's Gaussian weights, as a share of its side, and the weight of its centre.
SIGMA_SCALE = 0.125
CENTRE = 10


def nnunet_windows(
    size: Sequence[int],
    patch_size: Sequence[int],
    slice_axis: int | None,
    flipped: Collection[int],
    order: Sequence[int] = (0, 1, 2),
) -> list[Window]:
    """The windows of an image that is no smaller than they are, spread evenly over each axis.

    Args:
        size: The size of the image, in voxels.
        patch_size: That of the windows.
        slice_axis: The axis across which a network takes slices, which need not overlap.
        flipped: The axes that run the other way for the network.
        order: The axes in the order in which the network's arrays have them; the last runs fastest.

    Returns:
        The windows, in nnU-Net's order.
    """
    along = []
    for axis, (n, side) in enumerate(zip(size, patch_size, strict=True)):
        count = math.ceil((n - side) / (side * (1 if axis == slice_axis else STEP))) + 1
        step = (n - side) / max(1, count - 1)
        starts = [round(step * place) for place in range(count)]
        if axis in flipped:
            starts = [n - side - start for start in starts]
        along.append([slice(start, start + side) for start in starts])
    places = [order.index(axis) for axis in range(3)]
    return [tuple(found[place] for place in places) for found in itertools.product(*(along[axis] for axis in order))]


def nnunet_weights(patch_size: Sequence[int], flipped: Collection[int]) -> Tensor:
    """What each voxel of a window counts where windows overlap: a Gaussian around the middle, rounded as nnU-Net does.

    Args:
        patch_size: The size of the windows, in voxels.
        flipped: The axes that run the other way for the network; the middle of an even number of voxels is the later one.

    Returns:
        (*patch_size) float32, `CENTRE` at most and nowhere 0.
    """
    from scipy.ndimage import gaussian_filter1d

    weights = np.ones(())
    for axis, side in enumerate(patch_size):
        middle = np.zeros(side)
        middle[side // 2] = 1
        curve = gaussian_filter1d(middle, side * SIGMA_SCALE, mode="constant")
        weights = weights[..., None] * (curve[::-1] if axis in flipped else curve)
    half = torch.from_numpy(weights / weights.max() * CENTRE).half().float()
    # In 16 bits the corners are 0, and what is seen in corners alone would have no weight at all.
    return half.masked_fill_(half == 0, float(half[half > 0].min()))


def mean_of_networks(logits: Tensor, networks: int) -> Tensor:
    """Compute the mean over networks, added up in nnU-Net's order, so that no digit differs.

    Args:
        logits: (networks · classes, …); it is overwritten.
        networks: The number of networks.

    Returns:
        (classes, …).
    """
    first, *others = logits.unflatten(0, (networks, -1))
    for other in others:
        first += other
    return first.div_(networks) if others else first
