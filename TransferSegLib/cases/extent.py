"""The grid of a case once it is prepared, and cases whose voxel size makes that absurd or too large for memory."""

from __future__ import annotations

import math

from TransferSegLib.cases.monai_spacing import BYTES_OF_A_VOXEL, TOLERANCE, Box, monai_places
from TransferSegLib.core.grid import Grid, times
from TransferSegLib.core.inference_settings import AsNnunet
from TransferSegLib.core.memory import GIB, available_bytes
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.core.problems import Problem

# Whole-body scanners take 2 m, those for horses no more than twice that.
LARGEST_MM = 5000.0
# No image of a patient has so many voxels at a spacing that a network works at: 8 GiB a channel.
MOST_VOXELS = 2**31
# Slices are thick that are this many times as thick as their pixels are wide.
THICK = 1.5


def axes_shown(
    grid: Grid, file_order: bool = False, slices_last: bool = False
) -> tuple[tuple[int, int, int], tuple[bool, bool, bool]]:
    """Say which axes of a grid a network is shown as its first, second and third, and which of them the other way.

    Args:
        grid: The grid.
        file_order: Whether it is shown the axes of the file.
        slices_last: Whether thick slices lie across the last axis, see `Preprocessing.slices_last`. The axes within them
            come in the order right, anterior, superior, as all axes do of a grid without thick slices.

    Returns:
        For the network's first, second and third axis, the axis of the grid; and for each whether it runs the other way
        there.
    """
    if file_order:
        return (0, 1, 2), (False, False, False)
    order, flips = grid.axes_to_ras()
    across = _across_slices(grid) if slices_last else None
    if across is None:
        return order, flips
    a, b, c = sorted(range(3), key=lambda n: order[n] == across)  # a stable sort: the others keep their order
    return (order[a], order[b], order[c]), (flips[a], flips[b], flips[c])


def _across_slices(grid: Grid) -> int | None:
    """The axis across thick slices; None where no axis has voxels so much longer than those of both others."""
    _, middle, thickest = sorted(range(3), key=lambda axis: grid.spacing_mm[axis])
    return thickest if grid.spacing_mm[thickest] >= THICK * grid.spacing_mm[middle] else None


def prepared_grid(
    grid: Grid,
    preprocessing: Preprocessing,
    box: Box | None = None,
    as_nnunet: AsNnunet | None = None,
    file_order: bool = False,
) -> tuple[tuple[int, int, int], tuple[float, float, float]]:
    """Say which grid a case has once it is prepared.

    Args:
        grid: The case's own grid.
        preprocessing: How the model wants its input.
        box: The part of the case that is kept, see `PreparedCase`; None for all of it.
        as_nnunet: How nnU-Net prepares images, where it is done so; it leaves no voxel size as it is that is nearly right.
        file_order: Whether the network is shown the axes of the file.

    Returns:
        The size in voxels and the spacing in mm, axes right, anterior, superior.
    """
    order, flips = axes_shown(grid, file_order, preprocessing.slices_last)
    own = [grid.spacing_mm[axis] for axis in order]
    size = [grid.size[axis] for axis in order] if box is None else [end - begin for begin, end in box]
    if preprocessing.spacing_mm is not None:
        wanted_mm = preprocessing.spacing_for(own)
        if preprocessing.resampling == "monai":
            places = monai_places(grid, box, wanted_mm, preprocessing.spacing_tolerance, (order, flips))
            return places.size, places.spacing_mm
        wanted = [
            max(1, round(s / t * n)) if as_nnunet or abs(s / t - 1) > preprocessing.spacing_tolerance else n
            for n, s, t in zip(size, own, wanted_mm, strict=True)
        ]
        own = [s * n / w for n, s, w in zip(size, own, wanted, strict=True)]
        size = wanted
    return (size[0], size[1], size[2]), (own[0], own[1], own[2])


def extent_problem(grid: Grid) -> Problem | None:
    """What is wrong with an image that is larger than anything that is scanned; None where nothing is."""
    order, _ = grid.axes_to_ras()
    spacing_mm = [grid.spacing_mm[axis] for axis in order]
    extent_mm = [grid.size[axis] * grid.spacing_mm[axis] for axis in order]
    if max(extent_mm) <= LARGEST_MM:
        return None
    return Problem(
        "huge-extent",
        "voxels of {spacing} mm make an image of {extent} m, larger than anything that is scanned",
        {"spacing": times(spacing_mm), "extent": times(mm / 1000 for mm in extent_mm)},
        "error",
        "correct the voxel size in its header: µm may have been written as mm",
    )


def prepared_size_problem(
    grid: Grid,
    preprocessing: Preprocessing,
    channels: int,
    as_nnunet: AsNnunet | None = None,
    file_order: bool = False,
) -> Problem | None:
    """Why an image cannot be brought to a model's voxel size; None where it can.

    Args:
        grid: The case's own grid.
        preprocessing: How the model wants its input.
        channels: The number of images of the case.
        as_nnunet: How nnU-Net prepares images, where it is done so.
        file_order: Whether the network is shown the axes of the file.
    """
    file_order = file_order or (as_nnunet is not None and as_nnunet.file_order)
    size, new_mm = prepared_grid(grid, preprocessing, as_nnunet=as_nnunet, file_order=file_order)
    order, _ = axes_shown(grid, file_order, preprocessing.slices_last)
    own_mm = [grid.spacing_mm[axis] for axis in order]
    if preprocessing.spacing_mm is None:
        return None
    wanted_mm = preprocessing.spacing_for(own_mm)
    fields = {"spacing": times(own_mm), "wanted": times(wanted_mm)}
    if max(size) == 1 < max(grid.size):
        return Problem(
            "shrinks-to-a-voxel",
            "voxels of {spacing} mm make an image of less than one voxel of the model's {wanted} mm",
            fields,
            "error",
            "correct the voxel size in its header: cm or m may have been written as mm",
        )
    needed, free = 4 * channels * math.prod(size), available_bytes()
    other = any(abs(new - own) > TOLERANCE for new, own in zip(new_mm, own_mm, strict=True))
    if preprocessing.resampling == "monai" and other:
        # One image at a time, on top of what all of them become.
        of_new, of_old = BYTES_OF_A_VOXEL[preprocessing.resampled_in_float64]
        needed += of_new * math.prod(size) + of_old * math.prod(grid.size)
    if math.prod(size) <= max(MOST_VOXELS, math.prod(grid.size)) and (free is None or needed <= free):
        return None
    return Problem(
        "too-many-voxels",
        "resampled from {spacing} mm to the model's {wanted} mm, the image has {size} voxels and needs {needed:.0f} GiB of "
        "memory{known:?, and {free:.0f} GiB are free|}",
        {
            **fields,
            "size": "×".join(map(str, size)),
            "needed": needed / GIB,
            "known": free is not None,
            "free": (free or 0) / GIB,
        },
        "error",
        "correct the voxel size in its header if it is wrong, or crop the image",
    )
