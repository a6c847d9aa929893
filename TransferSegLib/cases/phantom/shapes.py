"""Implicit shapes and band-limited noise, from which the anatomy of the phantom is modelled.

A shape is a function of three arrays of coordinates in mm (x, y and z, which broadcast to one shape). It gives the signed
distance to its surface in mm, negative inside. Noise is drawn on a lattice that is fixed in space, so an anatomy does not
depend on the grid that samples it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy  # its parts come when they are used

Point = tuple[float, float, float]
Coordinates = tuple[np.ndarray, np.ndarray, np.ndarray]

# Standard deviation of unit white noise after a cubic B-spline, an axis.
_SPLINE_SD = 0.692
_HALF_BOX_MM = 150.0


def ellipsoid(p: Coordinates, centre: Point, radii: Point) -> np.ndarray:
    """The signed distance in mm to an ellipsoid, exact to first order at its surface.

    Args:
        p: x, y and z in mm.
        centre: The centre in mm.
        radii: The radii along the three axes, in mm.

    Returns:
        The distance at each place in mm, below 0 inside.
    """
    squares = [((x - np.float32(c)) / np.float32(r)) ** 2 for x, c, r in zip(p, centre, radii, strict=True)]
    level = np.sqrt(squares[0] + squares[1] + squares[2]) + np.float32(1e-6)
    slope = np.sqrt(sum(s / np.float32(r * r) for s, r in zip(squares, radii, strict=True))) + np.float32(1e-6)
    return level * (level - 1) / slope


def tube(p: Coordinates, points: Sequence[Point], radii_mm: Sequence[float]) -> np.ndarray:
    """The signed distance in mm to a tube along a polyline.

    Args:
        p: x, y and z in mm.
        points: The corners of the polyline in mm, two or more.
        radii_mm: The radius at each corner; it changes linearly between them.

    Returns:
        The distance at each place in mm, below 0 inside.
    """
    nearest = None
    for a, b, ra, rb in zip(points, points[1:], radii_mm, radii_mm[1:], strict=False):
        axis = np.array(b, dtype=np.float32) - np.array(a, dtype=np.float32)
        rel = [x - np.float32(c) for x, c in zip(p, a, strict=True)]
        t = np.clip((rel[0] * axis[0] + rel[1] * axis[1] + rel[2] * axis[2]) / float(axis @ axis), 0, 1)
        across = np.sqrt(sum((r - t * n) ** 2 for r, n in zip(rel, axis, strict=True)))
        distance = across - (np.float32(ra) + t * np.float32(rb - ra))
        nearest = distance if nearest is None else np.minimum(nearest, distance)
    if nearest is None:
        raise ValueError(f"a tube needs two points or more, found {len(points)}")
    return nearest


def union(a: np.ndarray, b: np.ndarray, blend_mm: float) -> np.ndarray:
    """Compute the union of two shapes with a rounded crease.

    Args:
        a: The signed distance in mm to the first shape at each voxel, below 0 inside.
        b: The same for the second shape.
        blend_mm: Over how many mm the crease is rounded.

    Returns:
        The signed distance in mm to the union.
    """
    return np.minimum(a, b) - np.maximum(np.float32(blend_mm) - np.abs(a - b), 0) ** 2 / np.float32(4 * blend_mm)


def intersection(a: np.ndarray, b: np.ndarray, blend_mm: float) -> np.ndarray:
    """Compute the intersection of two shapes with a rounded edge.

    Args:
        a: The signed distance in mm to the first shape at each voxel, below 0 inside.
        b: The same for the second shape.
        blend_mm: Over how many mm the edge is rounded.

    Returns:
        The signed distance in mm to the intersection.
    """
    return -union(-a, -b, blend_mm)


def step(x: np.ndarray, start: float, end: float) -> np.ndarray:
    """A smooth step of `x` from 0 at `start` to 1 at `end`; `end` may be the smaller."""
    t = np.clip((x - np.float32(start)) / np.float32(end - start), 0, 1)
    return t * t * (3 - 2 * t)


class Noise:
    """Smooth Gaussian noise of unit variance: a cubic B-spline through white noise on a lattice.

    Args:
        rng: What the white noise is drawn from.
        cell_mm: The spacing of the lattice; structures are about as wide.
        band_pass: Whether slow variation is removed, so that all structures are about equally wide.
    """

    def __init__(self, rng: np.random.Generator, cell_mm: float, band_pass: bool = False) -> None:
        self._cell_mm = cell_mm
        self._nodes = 2 * int(np.ceil(_HALF_BOX_MM / cell_mm)) + 5
        self._lattice = rng.standard_normal((self._nodes,) * 3, dtype=np.float32)
        if band_pass:
            self._lattice -= scipy.ndimage.gaussian_filter(self._lattice, 1.2)

    def on(self, axes_mm: Sequence[np.ndarray]) -> np.ndarray:
        """The noise (I, J, K) on the grid spanned by three axes of coordinates in mm."""
        x, y, z = (self._basis(a) for a in axes_mm)
        values = np.tensordot(x, self._lattice, axes=(1, 0))
        values = np.matmul(y, values)
        return np.matmul(values, z.T) / np.float32(_SPLINE_SD**3)

    def _basis(self, axis_mm: np.ndarray) -> np.ndarray:
        """The weight of each lattice node at each coordinate, (len(axis_mm), nodes): a cubic B-spline."""
        position = np.asarray(axis_mm, dtype=np.float64) / self._cell_mm + (self._nodes - 1) / 2
        u = np.abs(position[:, None] - np.arange(self._nodes))
        near, far = 2 / 3 - u**2 + u**3 / 2, np.maximum(2 - u, 0) ** 3 / 6
        return np.where(u < 1, near, far).astype(np.float32)
