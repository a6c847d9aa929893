"""Where the voxels of MONAI's `Spacing` lie, so that images prepared here are those that a model of MONAI was trained on.

`Spacing` keeps the first voxel's centre in place. Where the axes of an image are not exactly at right angles, as rounding in
the file of a tilted one leaves them, it keeps the middle in place instead. Both is reproduced: its numbers decide which.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np

from TransferSegLib.core.grid import Grid

# The first voxel and the one after the last along each axis.
Box = tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
# MONAI compares sides in mm, and affines, with this tolerance.
TOLERANCE = 1e-3
# What resampling takes for each new voxel (its place in three numbers, and its value) and for each old one, in bytes: in 32
# bits, and in 64.
BYTES_OF_A_VOXEL = ((16, 4), (32, 8))


@dataclass(frozen=True)
class Places:
    """The voxels of a resampled image.

    Attributes:
        size: Their number along each axis; right, anterior, superior, as all that follows.
        spacing_mm: Their sides.
        steps: Their sides in those of the voxels that they are made of.
        offsets: Where the first lies among the voxels that they are made of: new voxel n is at `step·n + offset`.
        matrix: (4, 4) in rows, takes a new voxel to its place among the voxels that it is made of, with the rounding that is
            in it.
        interpolated_back: Whether probabilities are interpolated on the way back; else each voxel gets the nearest one's
            class.
        in_float64: Whether voxels are looked for in 64 bits. Half-way between two, it is rounding that decides.
    """

    size: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    steps: tuple[float, float, float]
    offsets: tuple[float, float, float]
    matrix: tuple[tuple[float, ...], ...]
    interpolated_back: bool = False
    in_float64: bool = False

    def cropped(self, box: Box, own_size: tuple[int, ...]) -> tuple[Places, Box]:
        """Crop the resampled image, and find the part of the original image that the crop shows.

        Args:
            box: The crop, in voxels of the resampled image.
            own_size: The size of the original image, in voxels.

        Returns:
            The places of the crop's voxels, counted from the first voxel of the original's part; and that part, in voxels of
            the original image. Voxels of the original outside that part get no class on the way back.
        """
        offsets: list[float] = []
        shown: list[tuple[int, int]] = []
        reach = 1.0 if self.interpolated_back else 0.5
        for (first, end), step, offset, n in zip(box, self.steps, self.offsets, own_size, strict=True):
            place = (np.arange(n) - offset) / step
            # Where nothing is cut off, the outermost voxels count for all that is beyond.
            within = (place > first - reach) | (first == 0)
            within &= (place < end - 1 + reach) | (end == self.size[len(shown)])
            own = np.flatnonzero(within)
            begin, after = (int(own[0]), int(own[-1]) + 1) if own.size else (0, 1)
            shown.append((begin, after))
            offsets.append(step * first + offset - begin)
        matrix = np.array(self.matrix)
        matrix[:3, 3] += matrix[:3, :3] @ [first for first, _ in box] - np.array([begin for begin, _ in shown])
        (a, b), (c, d), (e, f) = box
        places = replace(
            self,
            size=(b - a, d - c, f - e),
            offsets=(offsets[0], offsets[1], offsets[2]),
            matrix=tuple(tuple(row) for row in matrix.tolist()),
        )
        return places, (shown[0], shown[1], shown[2])


def monai_places(
    grid: Grid,
    box: Box | None,
    wanted_mm: tuple[float, float, float],
    tolerance: float,
    axes: tuple[tuple[int, int, int], tuple[bool, bool, bool]] | None = None,
) -> Places:
    """Say which voxels an image has after MONAI's `Spacing`.

    Args:
        grid: The image's own grid.
        box: The part of it that is kept, first voxel and the one after the last along each axis; None for all of it.
        wanted_mm: The wanted sides.
        tolerance: By which share a side may differ and is left as it is.
        axes: Which of the grid's axes are the first, second and third, and which of them run the other way; None for right,
            anterior, superior.
    """
    affine, size = _turned(grid, box, axes or grid.axes_to_ras())
    own = np.sqrt((affine[:3, :3] ** 2).sum(axis=0))
    wanted = np.array(wanted_mm, float)
    kept = (wanted * (1 - tolerance) - TOLERANCE <= own) & (own <= wanted * (1 + tolerance) + TOLERANCE)
    spacing = np.where(kept, own, wanted)
    # The same axes at right angles, with the new sides.
    upper = np.linalg.cholesky(affine[:3, :3].T @ affine[:3, :3]).T
    new = np.eye(4)
    new[:3, :3] = affine[:3, :3] @ np.linalg.inv(upper) @ np.diag(np.sign(np.diag(upper)) * spacing)
    corners = np.array([*zip(*itertools.product(*[(0.0, n - 1.0) for n in size]), strict=True), (1.0,) * 8])
    there = (np.linalg.solve(new, affine) @ corners)[:3]
    sides = np.maximum(np.round(np.ptp(there, axis=1) + 1.0), 1)
    first = next(
        (n for n in range(8) if np.allclose((there - there[:, n : n + 1]).min(axis=1), 0.0, rtol=TOLERANCE)), None
    )
    if first is not None:
        new[:3, 3] = (affine @ corners)[:3, first]
    else:
        new[:3, 3] = affine[:3, :3] @ (np.array(size) / 2) + affine[:3, 3] - new[:3, :3] @ (sides / 2)
    between = np.linalg.solve(affine, new)
    if np.allclose(between, np.eye(4), atol=TOLERANCE) and tuple(sides) == tuple(size):
        between = np.eye(4)
    i, j, k = (int(n) for n in sides)
    (a, b, c), (s, t, u), (o, p, q) = spacing.tolist(), np.diag(between)[:3].tolist(), between[:3, 3].tolist()
    return Places((i, j, k), (a, b, c), (s, t, u), (o, p, q), tuple(tuple(row) for row in between.tolist()))


def resampled_by_monai(image: np.ndarray, places: Places) -> np.ndarray:
    """Resample an image by MONAI's own layer, as `Spacing` does.

    Its rounding decides what beside a body is 0 and what is only nearly so, and a normalisation that leaves out what is 0
    takes all else for the body. What it takes of memory in between is `BYTES_OF_A_VOXEL`.

    Args:
        image: (I, J, K).
        places: The wanted voxels.

    Returns:
        The image, float32.
    """
    if places.steps == (1.0, 1.0, 1.0) and places.offsets == (0.0, 0.0, 0.0):
        return image.astype(np.float32, copy=False)
    import torch
    from monai.networks.layers import AffineTransform

    layer = AffineTransform(
        normalized=False, mode="bilinear", padding_mode="border", align_corners=False, reverse_indexing=True
    )
    kind = torch.float64 if places.in_float64 else torch.float32
    theta = torch.tensor(places.matrix, dtype=torch.float64).to(kind)
    tensor = torch.from_numpy(np.ascontiguousarray(image, dtype=np.float32)).to(kind)
    found: np.ndarray = layer(tensor[None, None], theta=theta, spatial_size=places.size)[0, 0].float().numpy()
    return found


def _turned(
    grid: Grid, box: Box | None, axes: tuple[tuple[int, int, int], tuple[bool, bool, bool]]
) -> tuple[np.ndarray, tuple[int, int, int]]:
    """The affine and the size of an image whose axes were turned, and which was cropped."""
    order, flips = axes
    turn = np.zeros((4, 4))
    turn[3, 3] = 1
    for axis, (own, flipped) in enumerate(zip(order, flips, strict=True)):
        turn[own, axis] = -1 if flipped else 1
        turn[own, 3] = grid.size[own] - 1 if flipped else 0
    affine = grid.affine @ turn
    if box is None:
        return affine, (grid.size[order[0]], grid.size[order[1]], grid.size[order[2]])
    affine = affine.copy()
    affine[:3, 3] += affine[:3, :3] @ np.array([begin for begin, _ in box], float)
    (a, b), (c, d), (e, f) = box
    return affine, (b - a, d - c, f - e)
