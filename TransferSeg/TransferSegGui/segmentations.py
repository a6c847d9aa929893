"""Segmentations of the scene as label maps on an image's grid, and back, with names, colours and terminology."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _
from vtk.util.numpy_support import vtk_to_numpy

from TransferSegGui.volumes import own_grid, world_node
from TransferSegLib.cases.grid import Grid
from TransferSegLib.cases.volumes import Volume
from TransferSegLib.errors import InputError
from TransferSegLib.sources.card import ModelCard

BINARY = "Binary labelmap"
GEOMETRY = "Reference image geometry"


@dataclass(frozen=True)
class Style:
    """How a label looks: its name, colour (0…1), serialised terminology entry, or "", and whether 3D views show it."""

    name: str
    color: tuple[float, float, float]
    terminology: str = ""
    in_3d: bool = True


def is_segmentation(node: object) -> bool:
    """Whether a node can be a case's segmentation: segments, or a label map."""
    kinds = (slicer.vtkMRMLSegmentationNode, slicer.vtkMRMLLabelMapVolumeNode)
    return isinstance(node, kinds) and not node.GetHideFromEditors()


def segment_names(node: slicer.vtkMRMLNode) -> list[str]:
    """The names of a segmentation's segments, or of the values that occur in a label map."""
    if isinstance(node, slicer.vtkMRMLLabelMapVolumeNode):
        return list(_label_map_names(node).values())
    segmentation = node.GetSegmentation()
    return [segmentation.GetNthSegment(n).GetName().strip() for n in range(segmentation.GetNumberOfSegments())]


def sample_segments(node: slicer.vtkMRMLNode, image: slicer.vtkMRMLVolumeNode, values: Mapping[str, int]) -> Volume:
    """A segmentation as whole numbers (I, J, K), uint8 or int32, on the grid of an image in the world.

    `values` gives each segment's name its value. Closed surfaces are turned into voxels of the image's grid, on a copy;
    the node is not changed. Raises `InputError` for segments that overlap or share a name.
    """
    world = world_node(image)
    grid = own_grid(world)
    if isinstance(node, slicer.vtkMRMLLabelMapVolumeNode):
        parts = _label_map_parts(node)
        to_world = _to_world(node)
    else:
        names = segment_names(node)
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise InputError(
                _("segmentation `{name}`: two segments are named `{segment}`; rename one, or merge them.").format(
                    name=node.GetName(), segment=twice[0]
                )
            )
        to_world = _to_world(node)
        segmentation = _voxelised(node.GetSegmentation(), grid, to_world)
        parts = [
            (segment.GetName().strip(), _image_of(segment), segment.GetLabelValue())
            for segment in map(segmentation.GetNthSegment, range(segmentation.GetNumberOfSegments()))
        ]
    merged = np.zeros(grid.size, np.uint8 if max(values.values(), default=0) < 256 else np.int32)
    owners = {value: name for name, value in values.items()}
    for name, labels, value in parts:
        if labels is None:
            continue
        inside = _resampled(labels, grid, to_world) == value
        overlap = inside & (merged != 0)
        if overlap.any():
            other = owners[int(merged[overlap].flat[0])]
            raise InputError(
                _(
                    "segmentation `{node}`: segments `{one}` and `{other}` overlap in {count} voxels; give these voxels to "
                    "one of them (Segment Editor, Logical operators)."
                ).format(node=node.GetName(), one=other, other=name, count=int(overlap.sum()))
            )
        merged[inside] = values[name]
    return Volume(merged, grid)


def segment_styles(node: slicer.vtkMRMLNode) -> dict[str, Style]:
    """The looks of the person's own segments, by name."""
    if not isinstance(node, slicer.vtkMRMLSegmentationNode):
        return {}
    segmentation, display = node.GetSegmentation(), node.GetDisplayNode()
    styles = {}
    for identifier in segmentation.GetSegmentIDs():
        segment = segmentation.GetSegment(identifier)
        name = segment.GetName().strip()
        in_3d = display is None or bool(display.GetSegmentVisibility3D(identifier))
        styles[name] = Style(name, tuple(segment.GetColor()), segment.GetTerminology() or "", in_3d)
    return styles


def card_styles(card: ModelCard, own: Mapping[str, Style]) -> dict[int, Style]:
    """The look of each value that a model writes: as the person's own segment of that name, else as its card says."""
    styles = {}
    for label in card.labels:
        like = own.get(label.name)
        red, green, blue = label.color
        styles[label.value] = like or Style(
            label.name, (red / 255, green / 255, blue / 255), _terminology(label.terminology or {})
        )
    return styles


def add_segmentation(
    labels: Volume, styles: Mapping[int, Style], name: str, image: slicer.vtkMRMLVolumeNode | None = None
) -> slicer.vtkMRMLSegmentationNode:
    """A new segmentation in the scene, a segment for each style (also for a label that nowhere occurs).

    Where `image` is given, the segmentation lies voxel for voxel on it, shares its parent transform and its place in the
    subject hierarchy; its grid must be the image's, or an `InputError` says what differs.
    """
    grid, transform = labels.grid, None
    if image is not None:
        grid, transform = _place(labels.grid, image)
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", name)
    node.CreateDefaultDisplayNodes()
    present = [int(v) for v in np.unique(labels.array) if v]
    ids = {}
    for value in sorted({*styles, *present}):
        style = styles.get(value) or Style(f"label {value}", (0.5, 0.5, 0.5))
        ids[value] = node.GetSegmentation().AddEmptySegment(f"label-{value}", style.name, style.color)
        node.GetDisplayNode().SetSegmentVisibility3D(ids[value], style.in_3d)
        if style.terminology:
            node.GetSegmentation().GetSegment(ids[value]).SetTerminology(style.terminology)
    updated = vtk.vtkStringArray()
    for value in present:
        updated.InsertNextValue(ids[value])
    if present:
        slicer.vtkSlicerSegmentationsModuleLogic.ImportLabelmapToSegmentationNode(
            _oriented(labels.array, grid), node, updated
        )
    node.GetSegmentation().SetConversionParameter(GEOMETRY, _geometry(grid))
    if image is not None:
        node.SetReferenceImageGeometryParameterFromVolumeNode(image)
        node.SetAndObserveTransformNodeID(transform)
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
        item, beside = hierarchy.GetItemByDataNode(node), hierarchy.GetItemByDataNode(image)
        if item and beside:
            hierarchy.SetItemParent(item, hierarchy.GetItemParent(beside))
    return node


def _place(grid: Grid, image: slicer.vtkMRMLVolumeNode) -> tuple[Grid, str | None]:
    """The grid in the image's own coordinates, exact to the last digit, and the id of the transform it then needs."""
    world = world_node(image)
    differences = own_grid(world).differences(grid)
    if differences:
        raise InputError(
            _(
                "the segmentation does not lie on volume `{name}`: {differences}; "
                "the volume was changed since the job began, load its files again."
            ).format(name=image.GetName(), differences="; ".join(differences))
        )
    parent = image.GetParentTransformNode()
    if parent is not None and not parent.IsTransformToWorldLinear():
        return own_grid(world), None  # hardening resampled the image: the result lies in the world
    return own_grid(image), image.GetTransformNodeID()


def _to_world(node: slicer.vtkMRMLTransformableNode) -> vtk.vtkAbstractTransform | None:
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


def _voxelised(
    segmentation: slicer.vtkSegmentation, grid: Grid, to_world: vtk.vtkAbstractTransform | None
) -> slicer.vtkSegmentation:
    """The segmentation where it is made of voxels, else a copy converted to voxels of the image's grid."""
    if segmentation.GetSourceRepresentationName() == BINARY or segmentation.GetNumberOfSegments() == 0:
        return segmentation
    copy = slicer.vtkSegmentation()
    copy.DeepCopy(segmentation)
    local = grid
    if isinstance(to_world, vtk.vtkTransform):
        inverse = np.linalg.inv(slicer.util.arrayFromVTKMatrix(to_world.GetMatrix()))
        local = Grid(grid.size, inverse @ grid.affine)
    copy.SetConversionParameter(GEOMETRY, _geometry(local))
    if not copy.CreateRepresentation(BINARY, True):
        raise InputError(_("the segmentation cannot be turned into voxels; convert it in the Segmentations module."))
    return copy


def _image_of(segment: slicer.vtkSegment) -> slicer.vtkOrientedImageData | None:
    image = segment.GetRepresentation(BINARY)
    return None if image is None or image.IsEmpty() else image


def _resampled(
    labels: slicer.vtkOrientedImageData, grid: Grid, to_world: vtk.vtkAbstractTransform | None
) -> np.ndarray:
    """Label values (I, J, K) of an oriented image on the grid, by nearest neighbour; what lies outside is left out."""
    out = slicer.vtkOrientedImageData()
    reference = _oriented(np.zeros(grid.size, np.uint8), grid)
    slicer.vtkOrientedImageDataResample.ResampleOrientedImageToReferenceOrientedImage(
        labels, reference, out, False, False, to_world
    )
    return vtk_to_numpy(out.GetPointData().GetScalars()).reshape(grid.size, order="F")


def _oriented(array: np.ndarray, grid: Grid) -> slicer.vtkOrientedImageData:
    """(I, J, K) as an oriented image that owns its voxels."""
    image = slicer.vtkOrientedImageData()
    image.SetDimensions(*grid.size)
    matrix = slicer.util.vtkMatrixFromArray(grid.affine)
    image.SetGeometryFromImageToWorldMatrix(matrix)
    whole = np.asfortranarray(array.astype(np.uint8 if array.max(initial=0) < 256 else np.int32, copy=False))
    scalars = slicer.util._vtkArrayFromNumpyArray(whole.ravel(order="F"), deep=True)
    image.GetPointData().SetScalars(scalars)
    return image


def _geometry(grid: Grid) -> str:
    extent = [n for size in grid.size for n in (0, size - 1)]
    return slicer.vtkSegmentationConverter.SerializeImageGeometry(slicer.util.vtkMatrixFromArray(grid.affine), extent)


def _label_map_names(node: slicer.vtkMRMLLabelMapVolumeNode) -> dict[int, str]:
    colors = node.GetDisplayNode().GetColorNode() if node.GetDisplayNode() else None
    values = _values_in(node.GetImageData())
    named = {v: (colors.GetColorName(v) or "").strip() if colors else "" for v in values}
    return {v: name or f"label {v}" for v, name in named.items()}


def _values_in(image: vtk.vtkImageData) -> tuple[int, ...]:
    """The values but 0 that occur in a label map, looked for once as long as its voxels stay the same."""
    time = image.GetMTime()  # VTK gives no two things, and no two states of one, the same
    if time not in _values_at:
        if len(_values_at) > 200:
            _values_at.clear()
        array = vtk_to_numpy(image.GetPointData().GetScalars())
        if array.dtype.kind in "iu" and array.dtype.itemsize <= 2:
            seen = np.zeros(1 << (8 * array.dtype.itemsize), bool)
            for part in np.array_split(array.view(f"u{array.dtype.itemsize}"), -(-array.size // 100_000) or 1):
                seen[part] = True
            found = np.sort(np.flatnonzero(seen).astype(f"u{array.dtype.itemsize}").view(array.dtype))
        else:
            found = np.unique(array)
        _values_at[time] = tuple(int(value) for value in found if value)
    return _values_at[time]


_values_at: dict[int, tuple[int, ...]] = {}


def _label_map_parts(node: slicer.vtkMRMLLabelMapVolumeNode) -> list[tuple[str, slicer.vtkOrientedImageData, int]]:
    image = _oriented(slicer.util.arrayFromVolume(node).T, own_grid(node))
    return [(name, image, value) for value, name in _label_map_names(node).items()]


def _terminology(entry: Mapping[str, str]) -> str:
    """A card's `category`, `type` and `modifier`, each `scheme^value^meaning`, as Slicer serialises an entry."""
    if not entry.get("type"):
        return ""
    codes = [entry.get(part, "^^") for part in ("category", "type", "modifier")]
    return "~".join(["", *codes, "", "^^", "^^"])


def own_styles(nodes: Iterable[slicer.vtkMRMLNode]) -> dict[str, Style]:
    """The looks of the segments of several nodes; of two with one name the first."""
    styles: dict[str, Style] = {}
    for node in nodes:
        styles = segment_styles(node) | styles
    return styles
