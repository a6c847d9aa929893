"""Volumes of the scene as arrays on their grid, and back."""

from __future__ import annotations

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _

from TransferSegLib.cases.grid import Grid
from TransferSegLib.cases.volumes import Volume
from TransferSegLib.errors import InputError


def is_image(node: object) -> bool:
    """Whether a node is an image that a model can take: a scalar volume, and no label map."""
    return (
        isinstance(node, slicer.vtkMRMLScalarVolumeNode)
        and not isinstance(node, (slicer.vtkMRMLLabelMapVolumeNode, slicer.vtkMRMLVectorVolumeNode))
        and not node.GetHideFromEditors()
    )


def world_node(node: slicer.vtkMRMLVolumeNode) -> slicer.vtkMRMLVolumeNode:
    """The node itself where it has no parent transform, else a copy outside the scene with the transforms hardened.

    A linear transform moves the grid and leaves the voxels; any other resamples, as hardening in Slicer does.
    """
    parent = node.GetParentTransformNode()
    if parent is None:
        return node
    copy = node.NewInstance()
    copy.CopyContent(node, False)  # shares the voxels
    if parent.IsTransformToWorldLinear():
        matrix = vtk.vtkMatrix4x4()
        parent.GetMatrixTransformToWorld(matrix)
        copy.ApplyTransformMatrix(matrix)
    else:
        transform = vtk.vtkGeneralTransform()
        parent.GetTransformToWorld(transform)
        copy.ApplyTransform(transform)
    return copy


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


def world_volume(node: slicer.vtkMRMLVolumeNode) -> Volume:
    """The intensities (I, J, K) of a volume on their grid in the world; parent transforms are hardened on a copy."""
    grid = own_grid(node)
    if node.GetImageData().GetNumberOfScalarComponents() != 1:
        raise InputError(
            _("volume `{name}`: has several numbers a voxel (colour); take one channel of it.").format(
                name=node.GetName()
            )
        )
    copy = world_node(node)
    return Volume(slicer.util.arrayFromVolume(copy).T, grid if copy is node else own_grid(copy))


def add_volume(volume: Volume, name: str) -> slicer.vtkMRMLScalarVolumeNode:
    """A new scalar volume in the scene, in the world."""
    return slicer.util.addVolumeFromArray(np.ascontiguousarray(volume.array.T), volume.grid.affine, name)
