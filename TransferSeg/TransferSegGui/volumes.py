"""Volumes of the scene as arrays on their grid, and back."""

from __future__ import annotations

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _
from vtk.util.numpy_support import get_vtk_array_type, vtk_to_numpy

from TransferSegLib.cases.volumes import Volume
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid

# What a volume shows where that is known, `t2w` for one: an attribute of its node.
MODALITY = "TransferSeg.Modality"
# One of the colour tables that every scene has.
MAP_COLOURS = "vtkMRMLColorTableNodeWarm1"
# Of two labels no voxel is less certain than by a half.
HIGHEST_UNCERTAINTY = 0.5
# So many voxels tell the window of an image.
WINDOW_VOXELS = 200_000
# Slicer adds no voxel to a bent image for less than this.
ROUNDING_VOXELS = 1e-3


def is_image(node: object) -> bool:
    """Whether a node is an image that a model can take: a scalar volume, and no label map."""
    return (
        isinstance(node, slicer.vtkMRMLScalarVolumeNode)
        and not isinstance(node, (slicer.vtkMRMLLabelMapVolumeNode, slicer.vtkMRMLVectorVolumeNode))
        and not node.GetHideFromEditors()
    )


def own_grid(node: slicer.vtkMRMLVolumeNode) -> Grid:
    """The grid of a volume in its own coordinates, parent transforms left out.

    Raises:
        InputError: The volume has no voxels.
    """
    image = node.GetImageData()
    if image is None or 0 in image.GetDimensions() or image.GetPointData().GetScalars() is None:
        raise InputError(
            "volume-without-voxels",
            "volume `{volume}`: has no voxels; load it again, or take it out of the list.",
            volume=node.GetName(),
        )
    matrix = vtk.vtkMatrix4x4()
    node.GetIJKToRASMatrix(matrix)
    return Grid(image.GetDimensions(), slicer.util.arrayFromVTKMatrix(matrix))


def world_grid(node: slicer.vtkMRMLVolumeNode) -> Grid:
    """The grid of a volume in the world, where it lies once its parent transforms are hardened.

    A linear transform moves the grid. Any other one, as in Slicer, keeps the directions and the spacing of the grid and
    makes it as large as what was bent.
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

    A linear transform leaves the voxels, which are shared with the node. Any other one resamples them, as hardening in
    Slicer does. The node is not changed.

    Raises:
        InputError: The volume has no voxels, or has several numbers a voxel.
    """
    own, image, to_world = own_grid(node), node.GetImageData(), transform_to_world(node)
    if image.GetNumberOfScalarComponents() != 1:
        raise InputError(
            "volume-of-colours",
            "volume `{volume}`: has several numbers a voxel (colour); take one channel of it.",
            volume=node.GetName(),
        )
    voxels, grid = slicer.util.arrayFromVolume(node).T, world_grid(node)
    if to_world is None or isinstance(to_world, vtk.vtkTransform):
        return Volume(voxels, grid)
    straight = slicer.vtkOrientedImageData()
    straight.ShallowCopy(image)
    straight.SetGeometryFromImageToWorldMatrix(slicer.util.vtkMatrixFromArray(own.affine))
    background = node.GetImageBackgroundScalarComponentAsDouble(0)
    return Volume(resampled(straight, grid, to_world, linear=True, background=background), grid)


def transform_to_world(node: slicer.vtkMRMLTransformableNode) -> vtk.vtkAbstractTransform | None:
    """The transform from a node's own coordinates to the world.

    Returns:
        A `vtkTransform` where it is linear, another transform where it is not, None where there is none.
    """
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


def resampled(
    image: slicer.vtkOrientedImageData,
    grid: Grid,
    to_world: vtk.vtkAbstractTransform | None,
    linear: bool = False,
    background: float = 0.0,
    slices: slice | None = None,
) -> np.ndarray:
    """The values (I, J, K) of an oriented image on a grid in the world, by Slicer's own resampling.

    Args:
        image: The image, in the coordinates of its node.
        grid: Where the values are wanted.
        to_world: What brings the coordinates of the image's node into the world; None where they are the world's.
        linear: Whether values are interpolated; else the nearest voxel's is taken.
        background: The value outside the image.
        slices: The slices along the third axis of the grid that are wanted; None for all.

    Returns:
        The values, in an array of their own.
    """
    out, reference = slicer.vtkOrientedImageData(), slicer.vtkOrientedImageData()
    reference.SetImageToWorldMatrix(slicer.util.vtkMatrixFromArray(grid.affine))
    i, j, k = grid.size
    first, end = (0, k) if slices is None else (slices.start, slices.stop)
    reference.SetExtent(0, i - 1, 0, j - 1, first, end - 1)
    slicer.vtkOrientedImageDataResample.ResampleOrientedImageToReferenceOrientedImage(
        image, reference, out, linear, False, to_world, background
    )
    return voxels_in(out)


def voxels_in(image: vtk.vtkImageData) -> np.ndarray:
    """The voxels of an image, shared, (I, J, K)."""
    return vtk_to_numpy(image.GetPointData().GetScalars()).reshape(image.GetDimensions(), order="F")


def add_volume(volume: Volume, name: str) -> slicer.vtkMRMLScalarVolumeNode:
    """A new scalar volume in the scene, in the world."""
    image = vtk.vtkImageData()
    image.SetDimensions(volume.grid.size)
    image.AllocateScalars(get_vtk_array_type(volume.array.dtype), 1)
    voxels = voxels_in(image)
    voxels[:] = volume.array
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


def add_uncertainty(volume: Volume, of: str) -> slicer.vtkMRMLScalarVolumeNode:
    """A new scalar volume with a map of the uncertainty, in colours from dark to bright.

    Args:
        volume: The map, from 0 to 1.
        of: The name of the image.
    """
    node = add_volume(volume, _("{name}: uncertainty").format(name=of))
    display = node.GetDisplayNode()
    display.SetAndObserveColorNodeID(MAP_COLOURS)
    display.SetWindowLevelMinMax(0, HIGHEST_UNCERTAINTY)
    return node


def _window(voxels: np.ndarray) -> tuple[float, float]:
    """The range of intensities to show: all but the 0.1 % at each end, as Slicer does, of some of the voxels."""
    step = max(1, round((voxels.size / WINDOW_VOXELS) ** (1 / 3)))
    some = voxels[::step, ::step, ::step]
    low, high = np.percentile(some[np.isfinite(some)], (0.1, 99.9)) if np.isfinite(some).any() else (0.0, 1.0)
    return float(low), float(max(high, np.nextafter(low, np.inf)))
