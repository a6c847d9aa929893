"""Volumes of the scene as arrays on their grid, and back."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _
from vtk.util.numpy_support import get_vtk_array_type, vtk_to_numpy

from TransferSegLib.cases.slabs import slabs
from TransferSegLib.cases.volumes import Volume
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.steps import at_once

# So many voxels tell the window of an image, within some milliseconds.
WINDOW_VOXELS = 200_000
# How long voxels are resampled at a time through a transform that is not linear.
BENT_S = 0.005
# Slicer adds no voxel to a bent image for less than this.
ROUNDING_VOXELS = 1e-3
Box = tuple[slice, slice, slice]


def is_image(node: object) -> bool:
    """Whether a node is an image that a model can take: a scalar volume, and no label map."""
    return (
        isinstance(node, slicer.vtkMRMLScalarVolumeNode)
        and not isinstance(node, (slicer.vtkMRMLLabelMapVolumeNode, slicer.vtkMRMLVectorVolumeNode))
        and not node.GetHideFromEditors()
    )


def own_grid(node: slicer.vtkMRMLVolumeNode) -> Grid:
    """The grid of a volume in its own coordinates, parent transforms left out; an `InputError` for one without voxels."""
    image = node.GetImageData()
    if image is None or 0 in image.GetDimensions() or image.GetPointData().GetScalars() is None:
        raise InputError(
            _("volume `{name}`: has no voxels; load it again, or take it out of the list.").format(name=node.GetName())
        )
    matrix = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    return Grid(image.GetDimensions(), slicer.util.arrayFromVTKMatrix(matrix))


def world_grid(node: slicer.vtkMRMLVolumeNode) -> Grid:
    """The grid of a volume in the world, where it lies once its parent transforms are hardened.

    A linear transform moves the grid; any other, as in Slicer, leaves its directions and makes it as large as what was bent.
    """
    grid, to_world = own_grid(node), transform_to_world(node)
    if to_world is None:
        return grid
    if isinstance(to_world, vtk.vtkTransform):
        return Grid(grid.size, slicer.util.arrayFromVTKMatrix(to_world.GetMatrix()) @ grid.affine)
    to_voxels, bounds = vtk.vtkMatrix4x4(), [0.0] * 6
    node.GetRASToIJKMatrix(to_voxels)
    node.GetSliceBounds(bounds, to_voxels)
    low, high = np.array(bounds[::2]), np.array(bounds[1::2])
    place = np.eye(4)
    place[:3, 3] = low + 0.5
    size = np.ceil(high - low - ROUNDING_VOXELS).astype(int).tolist()
    return Grid((size[0], size[1], size[2]), grid.affine @ place)


def world_volume(node: slicer.vtkMRMLVolumeNode) -> Volume:
    """The intensities (I, J, K) of a volume on their grid in the world, as if its parent transforms were hardened.

    A linear transform leaves the voxels; any other resamples, as hardening in Slicer does. The node is not changed.
    """
    return at_once(world_volume_in_steps(node))


def world_volume_in_steps(node: slicer.vtkMRMLVolumeNode) -> Generator[None, None, Volume]:
    """As `world_volume`, a part of what is to be resampled with each step."""
    own, image, to_world = own_grid(node), node.GetImageData(), transform_to_world(node)
    if image.GetNumberOfScalarComponents() != 1:
        raise InputError(
            _("volume `{name}`: has several numbers a voxel (colour); take one channel of it.").format(
                name=node.GetName()
            )
        )
    voxels, grid = slicer.util.arrayFromVolume(node).T, world_grid(node)
    if to_world is None or isinstance(to_world, vtk.vtkTransform):
        return Volume(voxels, grid)
    straight = slicer.vtkOrientedImageData()
    straight.ShallowCopy(image)
    straight.SetGeometryFromImageToWorldMatrix(slicer.util.vtkMatrixFromArray(own.affine))
    background = node.GetImageBackgroundScalarComponentAsDouble(0)
    bent = np.empty(grid.size, voxels.dtype, order="F")
    all_of_it = np.zeros(3, int), np.array(grid.size)
    for box, found in resampled_in_steps(straight, grid, *all_of_it, to_world, linear=True, background=background):
        bent[box] = found
        yield
    return Volume(bent, grid)


def transform_to_world(node: slicer.vtkMRMLTransformableNode) -> vtk.vtkAbstractTransform | None:
    """What brings a node's own coordinates into the world: a `vtkTransform` where it is linear; None for no transform."""
    parent = node.GetParentTransformNode()
    if parent is None:
        return None
    if parent.IsTransformToWorldLinear():
        matrix = vtk.vtkMatrix4x4()
        parent.GetMatrixTransformToWorld(matrix)
        linear = vtk.vtkTransform()
        linear.SetMatrix(matrix)
        return linear
    transform = vtk.vtkGeneralTransform()
    parent.GetTransformToWorld(transform)
    return transform


def resampled_in_steps(
    image: slicer.vtkOrientedImageData,
    grid: Grid,
    low: np.ndarray,
    high: np.ndarray,
    to_world: vtk.vtkAbstractTransform | None,
    linear: bool = False,
    background: float = 0.0,
) -> Iterator[tuple[Box, np.ndarray]]:
    """The values of an oriented image on a grid, from its voxel `low` (3,) to `high`: a box and its values with each step.

    By nearest neighbour unless `linear`; outside there is the background. What a voxel takes through a transform that is not
    linear differs a thousandfold, so there the boxes are as large as the ones before say.
    """
    (i, j, k), (i_end, j_end, k_end) = low.tolist(), high.tolist()
    straight = to_world is None or isinstance(to_world, vtk.vtkTransform)
    rows = j_end - j if straight else 1
    for slab in slabs((i_end, j_end, k_end), k, k_end):
        for at in [slab] if straight else [slice(n, n + 1) for n in range(slab.start, slab.stop)]:
            row = j
            while row < j_end:
                box = (slice(i, i_end), slice(row, min(row + rows, j_end)), at)
                begun = time.perf_counter()
                values = _resampled(image, grid, box, to_world, linear, background)
                took = time.perf_counter() - begun
                yield box, values
                row += rows
                if not straight:
                    rows = max(1, min(2 * rows, int(rows * BENT_S / max(took, 1e-6))))


def _resampled(
    image: slicer.vtkOrientedImageData,
    grid: Grid,
    box: Box,
    to_world: vtk.vtkAbstractTransform | None,
    linear: bool,
    background: float,
) -> np.ndarray:
    out, reference = slicer.vtkOrientedImageData(), slicer.vtkOrientedImageData()
    reference.SetImageToWorldMatrix(slicer.util.vtkMatrixFromArray(grid.affine))
    reference.SetExtent([n for along in box for n in (along.start, along.stop - 1)])
    slicer.vtkOrientedImageDataResample.ResampleOrientedImageToReferenceOrientedImage(
        image, reference, out, linear, False, to_world, background
    )
    return voxels_in(out)


def voxels_in(image: vtk.vtkImageData) -> np.ndarray:
    """The voxels of an image, shared, (I, J, K)."""
    return vtk_to_numpy(image.GetPointData().GetScalars()).reshape(image.GetDimensions(), order="F")


def add_volume(volume: Volume, name: str) -> slicer.vtkMRMLScalarVolumeNode:
    """A new scalar volume in the scene, in the world."""
    return at_once(add_volume_in_steps(volume, name))


def add_volume_in_steps(volume: Volume, name: str) -> Generator[None, None, slicer.vtkMRMLScalarVolumeNode]:
    """As `add_volume`, some slices with each step; the node is added with the last one."""
    image = vtk.vtkImageData()
    image.SetDimensions(volume.grid.size)
    image.AllocateScalars(get_vtk_array_type(volume.array.dtype), 1)
    voxels = voxels_in(image)
    for slab in slabs(volume.grid.size):
        voxels[..., slab] = volume.array[..., slab]
        yield
    low, high = _window(voxels)
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", name)
    node.SetIJKToRASMatrix(slicer.util.vtkMatrixFromArray(volume.grid.affine))
    # With a display node of its own Slicer would look at all voxels for the window, and again with each change.
    display = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScalarVolumeDisplayNode")
    display.SetDefaultColorMap()
    display.AutoWindowLevelOff()
    display.SetWindowLevelMinMax(low, high)
    node.SetAndObserveDisplayNodeID(display.GetID())
    node.SetAndObserveImageData(image)
    return node


def _window(voxels: np.ndarray) -> tuple[float, float]:
    """The range of intensities to show: all but the 0.1 % at each end, as Slicer does, of some of the voxels."""
    step = max(1, round((voxels.size / WINDOW_VOXELS) ** (1 / 3)))
    some = voxels[::step, ::step, ::step]
    low, high = np.percentile(some[np.isfinite(some)], (0.1, 99.9)) if np.isfinite(some).any() else (0.0, 1.0)
    return float(low), float(max(high, np.nextafter(low, np.inf)))
