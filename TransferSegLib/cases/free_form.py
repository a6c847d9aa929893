"""Free-form registration: the smooth displacement, a cubic B-spline, under which two images tell most of each other.

The method is that of Rueckert et al., IEEE Trans Med Imaging 1999;18:712: mutual information minus the bending energy of the
B-spline. SimpleITK's B-spline registration has no bending energy. On head phantoms (T1w and CT, a displacement of up to 4 mm)
it raised the mutual information by overfitting: the median error grew from 1.4 mm, which a rigid registration left, to 1.7
to 4.8 mm. With the bending energy it falls.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage, optimize

from TransferSegLib.cases.volumes import Volume
from TransferSegLib.core.grid import Grid

BINS = 40
# Bins that stay free at both ends: a cubic B-spline reaches so far (Mattes et al. 2003).
FREE_BINS = 2
# The weight of the bending energy beside the mutual information in nats.
BENDING = 60.0


@dataclass(frozen=True, eq=False)
class Lattice:
    """The control points of a B-spline over a grid with axes at right angles.

    Attributes:
        grid: What the B-spline covers.
        cells: How many cells of control points lie along each axis; there are 3 more control points than cells.
    """

    grid: Grid
    cells: tuple[int, int, int]

    @classmethod
    def over(cls, grid: Grid, control_mm: float) -> Lattice:
        """Make a lattice over a grid.

        Args:
            grid: What the B-spline covers; its axes are at right angles.
            control_mm: The largest distance between two control points along an axis, in mm.

        Returns:
            The lattice with the fewest cells.
        """
        extent = np.array(grid.size) * grid.spacing_mm
        i, j, k = (max(1, int(np.ceil(e / control_mm - 1e-6))) for e in extent)
        return cls(grid, (i, j, k))

    @property
    def size(self) -> tuple[int, int, int]:
        """The number of control points along each axis."""
        i, j, k = self.cells
        return i + 3, j + 3, k + 3

    @property
    def control_grid(self) -> Grid:
        """Where the control points lie."""
        step = np.array(self.grid.size) / self.cells
        affine = np.diag([*step, 1.0])
        affine[:3, 3] = -0.5 - step
        return Grid(self.size, self.grid.affine @ affine)

    def weights(self, grid: Grid) -> list[np.ndarray]:
        """The weight of each control point at each voxel along each axis, (voxels, control points).

        Args:
            grid: A grid with the axes of this lattice's.
        """
        start = np.linalg.solve(self.control_grid.affine, grid.affine)
        found = []
        for axis, points in enumerate(self.size):
            place = start[axis, axis] * np.arange(grid.size[axis]) + start[axis, 3]
            found.append(cubic(place[:, None] - np.arange(points))[0])
        return found


def cubic(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute the cubic B-spline and its slope.

    Args:
        at: Distances from the control point, in control points, of any shape.

    Returns:
        The weight at each distance, and its derivative, of the same shape.
    """
    u = np.abs(at)
    near, far = 2 / 3 - u**2 + u**3 / 2, np.maximum(2 - u, 0) ** 3 / 6
    slope = np.where(u < 1, 1.5 * u**2 - 2 * u, -(np.maximum(2 - u, 0) ** 2) / 2) * np.sign(at)
    return np.where(u < 1, near, far), slope


def free_form(
    levels: Sequence[tuple[Volume, Volume, np.ndarray]],
    placed: np.ndarray,
    control_mm: float,
    most_steps: int,
    report: Callable[[int, float], None] | None = None,
    bending: float = BENDING,
) -> tuple[Lattice, np.ndarray]:
    """Find the displacement u for which the moving image at `placed` · (x + u(x)) tells most of the fixed image at x.

    Args:
        levels: From coarse to fine: the fixed and the moving image, intensities from 0 to 1, and (I, J, K) bool where
            the fixed image is compared. All fixed images cover the same, along the same axes at right angles.
        placed: (4, 4): takes points of the fixed image to the moving one, RAS in mm.
        control_mm: How far control points are apart at most.
        most_steps: The steps on each level at most.
        report: Called with the level and the share of its steps.
        bending: The weight of the bending energy.

    Returns:
        The lattice, and the displacement of its control points, (I, J, K, 3) in mm, RAS.
    """
    lattice = Lattice.over(levels[-1][0].grid, control_mm)
    control = np.zeros((*lattice.size, 3))
    energy = _Bending(lattice, bending)
    for number, (fixed, moving, mask) in enumerate(levels):
        likeness = _Likeness(fixed, moving, mask, placed, lattice)
        steps = 0

        def cost(flat: np.ndarray, likeness: _Likeness = likeness) -> tuple[float, np.ndarray]:
            control = flat.reshape(*lattice.size, 3)
            value, slope = likeness(control)
            bent, bent_slope = energy(control)
            return bent - value, (bent_slope - slope).ravel()

        def step(_: np.ndarray, number: int = number) -> None:
            nonlocal steps
            steps += 1
            if report is not None:
                report(number, steps / most_steps)

        found = optimize.minimize(
            cost, control.ravel(), jac=True, method="L-BFGS-B", callback=step,
            options={"maxiter": most_steps, "maxfun": 2 * most_steps, "ftol": 1e-6, "gtol": 1e-7},
        )  # fmt: skip
        control = found.x.reshape(*lattice.size, 3)
    return lattice, control


class _Likeness:
    """The mutual information in nats for given control points, and its slope.

    The fixed image counts in whole bins, the moving one by cubic B-splines (Mattes et al. 2003, see `registration`).
    """

    def __init__(self, fixed: Volume, moving: Volume, mask: np.ndarray, placed: np.ndarray, lattice: Lattice) -> None:
        self._mask = mask
        self._weights = lattice.weights(fixed.grid)
        self._bins = np.clip((fixed.array[mask] * BINS).astype(int), 0, BINS - 1)
        through = np.linalg.solve(moving.grid.affine, placed)
        self._turn = through[:3, :3]
        mm = np.argwhere(mask) @ fixed.grid.affine[:3, :3].T + fixed.grid.affine[:3, 3]
        self._places = (mm @ self._turn.T + through[:3, 3]).T
        self._last = np.array(moving.array.shape)[:, None] - 1
        self._image = moving.array
        self._slopes = [np.asarray(slope, np.float32) for slope in np.gradient(moving.array)]

    def __call__(self, control: np.ndarray) -> tuple[float, np.ndarray]:
        i, j, k = self._weights
        bent = np.einsum("ia,abcn->ibcn", i, control, optimize=True)
        bent = np.einsum("jb,ibcn->ijcn", j, bent, optimize=True)
        bent = np.einsum("kc,ijcn->ijkn", k, bent, optimize=True)[self._mask]
        places = self._places + self._turn @ bent.T
        inside = ((places >= 0) & (places <= self._last)).all(axis=0)
        # In bins, with those at both ends free.
        scale = BINS - 1 - 2 * FREE_BINS
        values = FREE_BINS + scale * ndimage.map_coordinates(self._image, places, order=1, mode="nearest")
        lowest = np.floor(values).astype(int) - 1
        count = max(int(inside.sum()), 1)
        joint = np.zeros(BINS * BINS)
        slopes = []
        for n in range(4):
            weight, slope = cubic(values - (lowest + n))
            at = self._bins * BINS + np.clip(lowest + n, 0, BINS - 1)
            joint += np.bincount(at, weight * inside, BINS * BINS)
            slopes.append((at, slope))
        shares = (joint / count).reshape(BINS, BINS)
        first, second = shares.sum(axis=1, keepdims=True), shares.sum(axis=0, keepdims=True)
        tiny = np.finfo(float).tiny
        value = float((shares * np.log((shares + tiny) / (first * second + tiny))).sum())
        told = np.log((shares + tiny) / (second + tiny)).ravel().clip(-30)
        by_value = sum(told[at] * slope for at, slope in slopes) * (inside * scale / count)
        field = np.zeros((*self._mask.shape, 3))
        in_voxels = np.stack([ndimage.map_coordinates(s, places, order=1, mode="nearest") for s in self._slopes])
        field[self._mask] = (by_value * (self._turn.T @ in_voxels)).T
        back = np.einsum("kc,ijkn->ijcn", k, field, optimize=True)
        back = np.einsum("jb,ijcn->ibcn", j, back, optimize=True)
        return value, np.einsum("ia,ibcn->abcn", i, back, optimize=True)


class _Bending:
    """The bending energy of a B-spline: the mean square of its second derivatives at the control points, in 1/(10 mm)²."""

    def __init__(self, lattice: Lattice, weight: float) -> None:
        self._steps_cm = np.array(lattice.control_grid.spacing_mm) / 10
        self._weight = weight / np.prod(lattice.cells)

    def __call__(self, control: np.ndarray) -> tuple[float, np.ndarray]:
        total, slope = 0.0, np.zeros_like(control)
        for a in range(3):
            for b in range(a, 3):
                scale = self._steps_cm[a] * self._steps_cm[b] * 10
                bent = _second(control, a, b) / scale
                times = self._weight * (1 if a == b else 2)
                total += times * float((bent**2).sum())
                _add_second(slope, 2 * times * bent / scale, a, b)
        return total, slope


def _second(control: np.ndarray, a: int, b: int) -> np.ndarray:
    """Second differences along two axes, as a control point's neighbours give them."""
    if a == b:
        return np.diff(control, 2, axis=a)
    return np.diff(np.diff(control, axis=a), axis=b)


def _add_second(slope: np.ndarray, back: np.ndarray, a: int, b: int) -> None:
    """Add what `_second` takes from each control point, in place."""
    for first, second, sign in ((0, 2, 1), (1, 1, -2), (2, 0, 1)) if a == b else ():
        part = [slice(None)] * 4
        part[a] = slice(first, slope.shape[a] - second)
        slope[tuple(part)] += sign * back
    for n, m in ((0, 0), (0, 1), (1, 0), (1, 1)) if a != b else ():
        part = [slice(None)] * 4
        part[a] = slice(n, slope.shape[a] - 1 + n)
        part[b] = slice(m, slope.shape[b] - 1 + m)
        slope[tuple(part)] += (1 if n == m else -1) * back
