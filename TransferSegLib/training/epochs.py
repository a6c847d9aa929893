"""What an epoch is: which patches of the cases it has, and how many steps they take.

A recipe counts in epochs, and a paper's epoch covers its volumes: Mecheter 2023 §3.4 cuts each into overlapping patches,
Zoetmulder 2022 §4.3 takes all axial slices.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from TransferSegLib.networks.staged import StagedNetwork, whole_patch
from TransferSegLib.training.options import TrainingOptions

Size = tuple[int, int, int]


def patch_for(options: TrainingOptions, usual: Size, sizes: Sequence[Size], network: StagedNetwork) -> Size:
    """The patch of a training.

    A side of 0 is that of the largest case. A patch that a paper's recipe names is no larger than the largest case. Slices,
    of which the first two sides are 0, are those of a 2D network's own plane.

    Args:
        options: The training settings.
        usual: The patch where they name none, in voxels.
        sizes: The size of each case, in voxels.
        network: The network that is trained.

    Returns:
        The patch, in voxels, its sides rounded up to what the network takes.
    """
    size = options.patch_size
    if size is None:
        return whole_patch(usual, network.divisor)
    largest = [max(axis) for axis in zip(*sizes, strict=True)]
    of_recipe = "patch_size" not in (options.changed or ())
    if network.slice_axis is not None and size[:2] == (0, 0):
        size = tuple(size[2] if axis == network.slice_axis else 0 for axis in range(3))  # type: ignore[assignment]
    assert size is not None
    a, b, c = (
        extent if side == 0 or (of_recipe and side > extent) else side
        for side, extent in zip(size, largest, strict=True)
    )
    return whole_patch((a, b, c), network.divisor)


def covering_starts(size: Size, patch: Size, slice_axis: int | None) -> tuple[tuple[int, ...], ...]:
    """Where patches begin that cover a case: overlapping by half; across the slices of a 2D network, side by side.

    Args:
        size: The case's size, in voxels.
        patch: The patch's size, in voxels.
        slice_axis: The axis across the slices of a 2D network; None for a 3D network.

    Returns:
        For each axis the first voxels of its patches, evenly spread from 0 to the last place where one fits. A patch that is
        larger than the case has the one place 0.
    """
    starts = []
    for axis, (extent, side) in enumerate(zip(size, patch, strict=True)):
        last = max(0, extent - side)
        step = side if axis == slice_axis else max(1, side // 2)
        count = math.ceil(last / step) + 1
        starts.append(tuple(round(last * n / max(1, count - 1)) for n in range(count)))
    return tuple(starts)


def patches_in_epoch(options: TrainingOptions, sizes: Sequence[Size], patch: Size, slice_axis: int | None) -> int:
    """How many patches an epoch has.

    Args:
        options: The training settings; `patches_per_epoch` is a number for each case, or 0 for as many as cover it.
        sizes: The size of each case, in voxels.
        patch: The patch's size, in voxels.
        slice_axis: The axis across the slices of a 2D network; None for a 3D network.
    """
    if options.patches_per_epoch:
        return options.patches_per_epoch * len(sizes)
    return sum(math.prod(len(starts) for starts in covering_starts(size, patch, slice_axis)) for size in sizes)


def steps_per_epoch(patches: int, batch_size: int) -> int:
    """Compute in how many steps all patches of an epoch are seen once.

    Args:
        patches: The patches of an epoch.
        batch_size: The patches of a step.
    """
    return max(1, math.ceil(patches / batch_size))
