"""Distances between the surfaces of two masks, from which HD, HD95, ASSD and surface Dice are read off.

The definitions are MONAI's and MetricsReloaded's, in mm: a surface voxel is a voxel of the mask with a face
neighbour outside it (outside the image counts as outside the mask), and HD95 is the larger of the two directed 95th
percentiles. Pooling both directions before the percentile, as MedPy does, hides a lesion that was missed altogether.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from TransferSegLib.core.grid import Grid

# Two distances that are equal on paper may differ in the last bits, so "within the tolerance" forgives one part in a million.
ROUNDING = 1e-6
# So many points are looked up in a tree at a time.
QUERIED_TOGETHER = 2**20


@dataclass(frozen=True, eq=False)
class SurfaceDistances:
    """For each surface voxel of one mask the distance to the other mask's nearest surface voxel.

    Attributes:
        from_reference_mm: (R,), float64, for the R surface voxels of the reference.
        from_prediction_mm: (P,), float64, for the P surface voxels of the prediction.
    """

    from_reference_mm: np.ndarray
    from_prediction_mm: np.ndarray

    @property
    def hd_mm(self) -> float:
        """Hausdorff distance: the largest distance in either direction."""
        return float(max(self.from_reference_mm.max(), self.from_prediction_mm.max()))

    @property
    def hd95_mm(self) -> float:
        """The larger of the two directed 95th percentiles (linear interpolation between ranks)."""
        return float(max(np.quantile(self.from_reference_mm, 0.95), np.quantile(self.from_prediction_mm, 0.95)))

    @property
    def assd_mm(self) -> float:
        """Average symmetric surface distance: the mean over both directions pooled."""
        total = float(self.from_reference_mm.sum() + self.from_prediction_mm.sum())
        return total / (self.from_reference_mm.size + self.from_prediction_mm.size)

    def surface_dice(self, tolerance_mm: float) -> float:
        """The share of both surfaces' voxels within `tolerance_mm` of the other surface (Nikolov 2021, by voxels)."""
        limit = tolerance_mm * (1 + ROUNDING)
        near = np.count_nonzero(self.from_reference_mm <= limit) + np.count_nonzero(self.from_prediction_mm <= limit)
        return near / (self.from_reference_mm.size + self.from_prediction_mm.size)


def surface_distances(
    reference: np.ndarray, prediction: np.ndarray, grid: Grid, known: np.ndarray | None = None
) -> SurfaceDistances:
    """Measure the distances between the surfaces of two masks.

    Where a mask ends because nothing is known beyond, it has no surface: on single annotated slices, the surface is the
    outline. A mask that ends nowhere else counts with all its voxels.

    Where the grid's axes are not at right angles (slices of a tilted gantry), distances are between the voxel centres as they
    lie in space.

    Args:
        reference: The reference mask, (I, J, K), bool, not empty.
        prediction: The predicted mask, of the same shape, not empty.
        grid: The grid of both.
        known: Where it is known what is right, (I, J, K), bool, outside of which both masks are empty; None for everywhere.

    Returns:
        The distances of each surface voxel, in mm.

    Raises:
        ValueError: The shapes differ, or a mask is empty: the caller decides what a distance to nothing counts as (see
            `Metric.worst`).
    """
    if reference.shape != prediction.shape:
        raise ValueError(f"masks of one shape expected, found {reference.shape} and {prediction.shape}")
    if not (reference.any() and prediction.any()):
        raise ValueError("surface distances need two masks with at least one voxel each")
    if known is None:
        box = bounding_box(reference | prediction)
        surfaces = [surface(mask[box]) for mask in (reference, prediction)]
    else:
        surfaces = [_known_surface(mask, known) for mask in (reference, prediction)]
    reference_mm, prediction_mm = (_points_mm(found, grid) for found in surfaces)
    return SurfaceDistances(_nearest_mm(reference_mm, prediction_mm), _nearest_mm(prediction_mm, reference_mm))


def surface(mask: np.ndarray) -> np.ndarray:
    """The voxels of a mask (I, J, K), bool, that have a face neighbour outside it: mask xor its erosion."""
    inner = mask.copy()
    for axis in range(mask.ndim):
        here, there = np.moveaxis(inner, axis, 0), np.moveaxis(mask, axis, 0)
        here[1:] &= there[:-1]
        here[:-1] &= there[1:]
        here[0] = here[-1] = False
    return mask ^ inner


def _known_surface(mask: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The surface of a mask that is empty where nothing is known, see `surface_distances`."""
    found = surface(mask | ~known) & mask
    return found if found.any() else mask


def bounding_box(mask: np.ndarray) -> tuple[slice, ...]:
    """Find the smallest box around the voxels of a mask.

    No margin is needed: `surface` takes what lies outside the array as outside the mask.

    Args:
        mask: A mask of any number of axes, with at least one voxel.

    Returns:
        A slice for each axis.
    """
    slices = []
    for axis in range(mask.ndim):
        filled = np.flatnonzero(mask.any(axis=tuple(other for other in range(mask.ndim) if other != axis)))
        slices.append(slice(int(filled[0]), int(filled[-1]) + 1))
    return tuple(slices)


def _points_mm(mask: np.ndarray, grid: Grid) -> np.ndarray:
    """The voxel centres (N, 3) of a mask in mm, but for a rotation and a shift, which change no distance."""
    if not grid.right_angles:
        return np.argwhere(mask) @ grid.affine[:3, :3].T
    points = np.empty((np.count_nonzero(mask), 3))
    first = 0
    for i, plane in enumerate(mask):  # numpy would count the voxels of all planes in 64 bits, beside the points
        j, k = np.nonzero(plane)
        here = points[first : first + j.size]
        here[:, 0], here[:, 1], here[:, 2] = i, j, k
        first += j.size
    points *= np.array(grid.spacing_mm)
    return points


def _nearest_mm(points_mm: np.ndarray, others_mm: np.ndarray) -> np.ndarray:
    """For each point (N, 3) the distance (N,) to the nearest of the others (M, 3)."""
    # Only needed here: SciPy takes a while to import.
    from scipy.spatial import cKDTree

    # A tree that is queried once is cheaper when it is built roughly: large leaves, no balancing.
    tree = cKDTree(others_mm, leafsize=32, balanced_tree=False, compact_nodes=False)
    found = np.empty(len(points_mm))
    for first in range(0, len(points_mm), QUERIED_TOGETHER):  # the tree also says which point is nearest, in 64 bits
        part = slice(first, first + QUERIED_TOGETHER)
        found[part] = tree.query(points_mm[part])[0]
    return found
