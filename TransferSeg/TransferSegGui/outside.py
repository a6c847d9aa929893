"""How much of a segmentation of the scene lies outside the image that it is to be of."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import numpy_to_vtk, vtk_to_numpy

from TransferSegGui.segmentations import BINARY, SURFACE, segments_of, stored_layers
from TransferSegGui.volumes import transform_to_world, voxels_in
from TransferSegLib.cases.volumes import Volume
from TransferSegLib.core.grid import TOLERANCE, Grid

# So many voxels of a slice tell where its segments lie.
VOXELS_OF_A_SLICE = 2000
# So many voxels of a label of a file tell how much of it lies outside.
VOXELS_OF_A_LABEL = 100_000
# So many slices are looked at in one step, which takes a few milliseconds.
SLICES_OF_A_STEP = 8


@dataclass(frozen=True)
class Outside:
    """What of a segment lies outside an image.

    Attributes:
        share: The share of its voxels, or of its surface.
        nearest_mm: How far the nearest point of the segment lies outside; 0 where some of it is inside.
    """

    share: float
    nearest_mm: float


def outside(node: slicer.vtkMRMLNode, grid: Grid) -> Generator[None, None, dict[str, Outside]]:
    """Find what a segmentation has outside an image, segment by segment; some slices with each step.

    It is asked after each stroke of a person who draws, and is not to hold them up.

    Args:
        node: A segmentation or a label map, under any transform.
        grid: The grid of the image, in the world.

    Returns:
        What each segment has there; segments without voxels are left out.
    """
    to_world = transform_to_world(node)
    beyond_mm: dict[str, list[np.ndarray]] = {}
    for found_in_part in _points(node, grid, to_world):
        for name, points in found_in_part:
            beyond_mm.setdefault(name, []).append(_beyond_mm(points, grid, to_world))
        yield
    found = {name: np.concatenate(parts) for name, parts in beyond_mm.items()}
    least = TOLERANCE * min(grid.spacing_mm)
    return {name: Outside(float((mm > least).mean()), float(mm.min())) for name, mm in found.items() if mm.size}


def shares_outside(labels: Volume, grid: Grid) -> dict[int, float]:
    """The share of the voxels of each value of a label map that lies outside an image.

    Args:
        labels: The label map.
        grid: The grid of the image.
    """
    chance, found = np.random.default_rng(0), {}
    least = TOLERANCE * min(grid.spacing_mm)
    for value in np.unique(labels.array[labels.array != 0]).tolist():
        at = np.flatnonzero(labels.array == value)
        if len(at) > VOXELS_OF_A_LABEL:
            at = at[chance.integers(len(at), size=VOXELS_OF_A_LABEL)]
        indices = np.column_stack(np.unravel_index(at, labels.array.shape))
        found[value] = float((_beyond_mm(_placed(labels.grid.affine, indices), grid, None) > least).mean())
    return found


def _points(
    node: slicer.vtkMRMLNode, grid: Grid, to_world: vtk.vtkAbstractTransform | None
) -> Iterator[list[tuple[str, np.ndarray]]]:
    """Points (N, 3) of each segment, in the coordinates of its node; those of some slices with each step."""
    if isinstance(node, slicer.vtkMRMLSegmentationNode) and segments_of(node).GetSourceRepresentationName() != BINARY:
        for identifier in segments_of(node).GetSegmentIDs():
            segment = segments_of(node).GetSegment(identifier)
            surface = segment.GetRepresentation(SURFACE)
            if surface is not None and surface.GetNumberOfPoints():
                yield [(segment.GetName().strip(), vtk_to_numpy(surface.GetPoints().GetData()))]
        return
    chance = np.random.default_rng(0)
    for image, names in stored_layers(node):
        matrix = vtk.vtkMatrix4x4()
        image.GetImageToWorldMatrix(matrix)
        affine, voxels, first = slicer.util.arrayFromVTKMatrix(matrix), voxels_in(image), image.GetExtent()[::2]
        ends = np.array(np.meshgrid(*((0, n - 1) for n in voxels.shape))).reshape(3, -1).T + first
        if not _beyond_mm(_placed(affine, ends), grid, to_world).any() and not _bends(to_world):
            # none of its voxels can be outside: the corners tell enough
            yield [(name, _placed(affine, ends)) for name in names.values()]
            continue
        found = []
        for k, plane in enumerate(voxels.T):
            at = np.flatnonzero(plane)
            if len(at) > VOXELS_OF_A_SLICE:  # at random: with a fixed step they may all lie in some of the columns
                at = at[chance.integers(len(at), size=VOXELS_OF_A_SLICE)]
            values = plane.ravel()[at]
            j, i = np.divmod(at, plane.shape[1])
            points = _placed(affine, np.column_stack([i, j, np.full(len(at), k)]) + first)
            found += [(names[v], points[values == v]) for v in np.unique(values).tolist() if v in names]
            if k % SLICES_OF_A_STEP == SLICES_OF_A_STEP - 1:
                yield found
                found = []
        yield found


def _bends(to_world: vtk.vtkAbstractTransform | None) -> bool:
    return to_world is not None and not isinstance(to_world, vtk.vtkTransform)


def _placed(affine: np.ndarray, indices: np.ndarray) -> np.ndarray:
    return indices @ affine[:3, :3].T + affine[:3, 3]


def _beyond_mm(points: np.ndarray, grid: Grid, to_world: vtk.vtkAbstractTransform | None) -> np.ndarray:
    """How far points (N, 3) of a node lie outside an image's outermost voxels, in mm; 0 for those inside."""
    if to_world is not None:
        before, after = vtk.vtkPoints(), vtk.vtkPoints()
        before.SetData(numpy_to_vtk(np.ascontiguousarray(points, dtype=float), deep=True))
        to_world.TransformPoints(before, after)
        points = vtk_to_numpy(after.GetData()).reshape(-1, 3)
    voxels = _placed(np.linalg.inv(grid.affine), points)
    beyond = np.maximum(-0.5 - voxels, voxels - (np.array(grid.size) - 0.5)).clip(0)
    return np.linalg.norm(beyond * grid.spacing_mm, axis=1)
