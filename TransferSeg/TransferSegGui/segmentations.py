"""Segmentations of the scene as label maps on an image's grid, and back, with names, colours and terminology."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _
from vtk.util.numpy_support import vtk_to_numpy

from TransferSegGui.volumes import Box, own_grid, resampled_in_steps, transform_to_world, voxels_in, world_grid
from TransferSegLib.cases.slabs import SLAB_VOXELS, slabs
from TransferSegLib.cases.volumes import Volume
from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.steps import at_once

BINARY = "Binary labelmap"
GEOMETRY = "Reference image geometry"
# Atlases number their labels up to hundreds of millions.
MOST_IN_TABLE = 1 << 20
# More label maps than a scene has.
MOST_REMEMBERED = 10_000


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
    segmentation = segments_of(node)
    return [segmentation.GetNthSegment(n).GetName().strip() for n in range(segmentation.GetNumberOfSegments())]


def segments_of(node: slicer.vtkMRMLSegmentationNode) -> slicer.vtkSegmentation:
    """What a segmentation node holds; an empty one where it holds nothing."""
    return node.GetSegmentation() or slicer.vtkSegmentation()


def voxels_of(node: slicer.vtkMRMLLabelMapVolumeNode) -> vtk.vtkImageData:
    """The voxels of a label map; an `InputError` for one that was made and has none yet."""
    image = node.GetImageData()
    if image is None or image.GetPointData().GetScalars() is None:
        raise InputError(
            _("label map `{name}`: has no voxels; draw it, or choose another segmentation.").format(name=node.GetName())
        )
    return image


def sample_segments(node: slicer.vtkMRMLNode, image: slicer.vtkMRMLVolumeNode, values: Mapping[str, int]) -> Volume:
    """A segmentation as whole numbers (I, J, K), uint8 or int32, on the grid of an image in the world.

    `values` gives each segment's name its value. Closed surfaces are turned into voxels of the image's grid, on a copy;
    the node is not changed. Raises `InputError` for segments that overlap or share a name.
    """
    return at_once(sample_in_steps(node, world_grid(image), values))


def sample_in_steps(node: slicer.vtkMRMLNode, grid: Grid, values: Mapping[str, int]) -> Generator[None, None, Volume]:
    """As `sample_segments`, on an image's grid in the world, some slices with each step."""
    to_world = transform_to_world(node)
    if isinstance(node, slicer.vtkMRMLLabelMapVolumeNode):
        layers = [(_label_map_image(node), _label_map_names(node))]
    else:
        layers = yield from _layers(node, grid, to_world)
    merged = np.zeros(grid.size, np.uint8 if max(values.values(), default=0) < 256 else np.int32, order="F")
    overlaps: Counter[tuple[int, int]] = Counter()
    for labels, names in layers:
        becomes = {value: values[name] for value, name in names.items() if value > 0}
        low, high = _extent(labels, grid, to_world)
        if not becomes or (low == high).any():
            continue
        for box, found in resampled_in_steps(labels, grid, low, high, to_world):
            there = merged[box]
            if not found.any():
                yield
                continue
            found = renumbered(found, becomes, merged.dtype)
            both = (found != 0) & (there != 0)
            if both.any():
                overlaps.update(zip(there[both].tolist(), found[both].tolist(), strict=True))
            np.copyto(there, found, where=there == 0)
            yield
    if overlaps:
        (one, other), count = next(iter(overlaps.items()))
        owners = {value: name for name, value in values.items()}
        raise InputError(
            _(
                "segmentation `{node}`: segments `{one}` and `{other}` overlap in {count} voxels; give these voxels to "
                "one of them (Segment Editor, Logical operators)."
            ).format(node=node.GetName(), one=owners[one], other=owners[other], count=count)
        )
    return Volume(merged, grid)


def renumbered(found: np.ndarray, becomes: Mapping[int, int], dtype: np.dtype) -> np.ndarray:
    """The array with each value replaced by what it becomes, and with 0 for all others."""
    if max(becomes) < MOST_IN_TABLE:
        table = np.zeros(max(becomes) + 2, dtype)
        table[list(becomes)] = list(becomes.values())
        return table.take(found.astype(np.intp, copy=False), mode="clip")  # both ends of the table are 0
    old = np.array(sorted(becomes))
    at = np.searchsorted(old, found).clip(max=len(old) - 1)
    return np.where(old[at] == found, np.array([becomes[value] for value in old.tolist()], dtype)[at], 0)


def segment_styles(node: slicer.vtkMRMLNode) -> dict[str, Style]:
    """The looks of the person's own segments, by name."""
    if not isinstance(node, slicer.vtkMRMLSegmentationNode):
        return {}
    segmentation, display = segments_of(node), node.GetDisplayNode()
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
    return at_once(add_segmentation_in_steps(labels, styles, name, image))


def add_segmentation_in_steps(
    labels: Volume, styles: Mapping[int, Style], name: str, image: slicer.vtkMRMLVolumeNode | None = None
) -> Generator[None, None, slicer.vtkMRMLSegmentationNode]:
    """As `add_segmentation`, some slices with each step; the node is added with the last one, and not when steps are left."""
    present = yield from values_in_steps(labels.array)
    box = yield from box_in_steps(labels.array)
    small = all(0 < value < 256 for value in present)
    voxels = yield from image_in_steps(labels.array, box, small)
    grid, transform = (labels.grid, None) if image is None else _place(labels.grid, image)
    voxels.SetGeometryFromImageToWorldMatrix(slicer.util.vtkMatrixFromArray(grid.affine))
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", name)
    node.CreateDefaultDisplayNodes()
    for value in sorted({*styles, *present}):
        style = styles.get(value) or Style(f"label {value}", (0.5, 0.5, 0.5))
        # All share the image. ImportLabelmapToSegmentationNode would number them 1, 2, 3…, also where a value is missing.
        segment = slicer.vtkSegment()
        segment.SetName(style.name)
        segment.SetColor(style.color)
        segment.SetLabelValue(value)
        if style.terminology:
            segment.SetTerminology(style.terminology)
        segment.AddRepresentation(BINARY, voxels)
        identifier = f"label-{value}"
        node.GetSegmentation().AddSegment(segment, identifier)
        node.GetDisplayNode().SetSegmentVisibility3D(identifier, style.in_3d)
    node.GetSegmentation().SetConversionParameter(GEOMETRY, geometry(grid))
    if image is not None:
        # SetReferenceImageGeometryParameterFromVolumeNode would write another geometry: transformed, or not resampled.
        node.SetNodeReferenceID(node.GetReferenceImageGeometryReferenceRole(), image.GetID())
        node.SetAndObserveTransformNodeID(transform)
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
        item, beside = hierarchy.GetItemByDataNode(node), hierarchy.GetItemByDataNode(image)
        if item and beside:
            hierarchy.SetItemParent(item, hierarchy.GetItemParent(beside))
    return node


def values_in_steps(array: np.ndarray, most: int | None = None) -> Generator[None, None, tuple[int, ...]]:
    """The values but 0 that occur in an array of labels, in order; half a million of its voxels with each step.

    It ends where more than `most` were found.
    """
    flat = array.ravel(order="K")
    found: set[float] = set()
    for first in range(0, flat.size, SLAB_VOXELS):
        part = flat[first : first + SLAB_VOXELS]
        # Labels come in runs: it is enough to look at the first voxel of each.
        found.update(part[:1].tolist(), np.unique(part[1:][part[1:] != part[:-1]]).tolist())
        if most is not None and len(found) > most + 1:
            break
        yield
    return tuple(sorted(int(value) for value in found if value and math.isfinite(value)))


def box_in_steps(array: np.ndarray, value: int | None = None) -> Generator[None, None, Box]:
    """The smallest box with all voxels of (I, J, K) of a value, or of any but 0, some slices with each step.

    It is empty where there is none.
    """
    boxes = []
    for slab in slabs(array.shape):
        i, j, k = _box_of(array[..., slab] != 0 if value is None else array[..., slab] == value)
        if k.stop > k.start:
            boxes.append((i, j, slice(slab.start + k.start, slab.start + k.stop)))
        yield
    if not boxes:
        return (slice(0, 0),) * 3
    i, j, k = (slice(min(s.start for s in along), max(s.stop for s in along)) for along in zip(*boxes, strict=True))
    return i, j, k


def _box_of(mask: np.ndarray) -> Box:
    """The smallest box with all of a mask (I, J, K); an empty one for an empty mask."""
    along = [np.flatnonzero(mask.any(axis=others)) for others in ((1, 2), (0, 2), (0, 1))]
    i, j, k = (slice(int(found[0]), int(found[-1]) + 1) if found.size else slice(0, 0) for found in along)
    return i, j, k


def image_in_steps(array: np.ndarray, box: Box, small: bool) -> Generator[None, None, slicer.vtkOrientedImageData]:
    """A copy of a box of (I, J, K), of bytes where its values are `small`, as an oriented image that owns its voxels.

    Slicer takes an image for as large as what is segmented: it looks there, and makes surfaces of all of it.
    """
    image = slicer.vtkOrientedImageData()
    image.SetExtent([n for along in box for n in (along.start, along.stop - 1)])
    image.AllocateScalars(vtk.VTK_UNSIGNED_CHAR if small else vtk.VTK_INT, 1)
    voxels, part = voxels_in(image), array[box]
    for slab in slabs(part.shape):
        voxels[..., slab] = part[..., slab]
        yield
    return image


def _place(grid: Grid, image: slicer.vtkMRMLVolumeNode) -> tuple[Grid, str | None]:
    """The grid in the image's own coordinates, exact to the last digit, and the id of the transform it then needs."""
    world = world_grid(image)
    differences = world.differences(grid)
    if differences:
        raise InputError(
            _(
                "the segmentation does not lie on volume `{name}`: {differences}; "
                "the volume was changed since the job began, load its files again."
            ).format(name=image.GetName(), differences="; ".join(one.message for one in differences))
        )
    parent = image.GetParentTransformNode()
    if parent is not None and not parent.IsTransformToWorldLinear():
        return world, None  # hardening resampled the image: the result lies in the world
    return own_grid(image), image.GetTransformNodeID()


def _layers(
    node: slicer.vtkMRMLSegmentationNode, grid: Grid, to_world: vtk.vtkAbstractTransform | None
) -> Generator[None, None, list[tuple[slicer.vtkOrientedImageData, dict[int, str]]]]:
    """The images that hold a segmentation's segments, and whose each value is; a surface becomes voxels with each step.

    Segments that do not overlap usually share an image, of which each has a value.
    """
    names = segment_names(node)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(
            _("segmentation `{name}`: two segments are named `{segment}`; rename one, or merge them.").format(
                name=node.GetName(), segment=twice[0]
            )
        )
    segmentation = segments_of(node)
    layers: dict[slicer.vtkOrientedImageData, dict[int, str]] = {}
    for identifier, name in zip(segmentation.GetSegmentIDs(), names, strict=True):
        if segmentation.GetSourceRepresentationName() == BINARY:
            segment = segmentation.GetSegment(identifier)
        else:
            segment = _voxelised(segmentation, identifier, grid, to_world)
            yield
        image = segment.GetRepresentation(BINARY)
        if image is not None and not image.IsEmpty():
            layers.setdefault(image, {})[segment.GetLabelValue()] = name
    return list(layers.items())


def _voxelised(
    segmentation: slicer.vtkSegmentation, identifier: str, grid: Grid, to_world: vtk.vtkAbstractTransform | None
) -> slicer.vtkSegment:
    """A copy of a segment, converted to voxels of the image's grid."""
    copy = slicer.vtkSegmentation()
    copy.SetSourceRepresentationName(segmentation.GetSourceRepresentationName())
    copy.CopySegmentFromSegmentation(segmentation, identifier)
    local = grid
    if isinstance(to_world, vtk.vtkTransform):
        inverse = np.linalg.inv(slicer.util.arrayFromVTKMatrix(to_world.GetMatrix()))
        local = Grid(grid.size, inverse @ grid.affine)
    copy.SetConversionParameter(GEOMETRY, geometry(local))
    if not copy.CreateRepresentation(BINARY, True):
        raise InputError(_("the segmentation cannot be turned into voxels; convert it in the Segmentations module."))
    return copy.GetSegment(identifier)


def _extent(
    labels: slicer.vtkOrientedImageData, grid: Grid, to_world: vtk.vtkAbstractTransform | None
) -> tuple[np.ndarray, np.ndarray]:
    """The first voxel (3,) of the grid that an oriented image may reach, and the first one behind; all where it is bent."""
    size = np.array(grid.size)
    matrix = vtk.vtkMatrix4x4()
    labels.GetImageToWorldMatrix(matrix)
    to_grid = slicer.util.arrayFromVTKMatrix(matrix)
    if isinstance(to_world, vtk.vtkTransform):
        to_grid = slicer.util.arrayFromVTKMatrix(to_world.GetMatrix()) @ to_grid
    elif to_world is not None:
        return np.zeros(3, int), size
    bounds = np.array(labels.GetExtent()).reshape(3, 2) + np.array([-0.5, 0.5])
    corners = np.array(np.meshgrid(*bounds)).reshape(3, -1)
    reached = np.linalg.inv(grid.affine) @ to_grid @ np.vstack([corners, np.ones(corners.shape[1])])
    low = np.clip(np.floor(reached[:3].min(axis=1)), 0, size).astype(int)
    return low, np.clip(np.ceil(reached[:3].max(axis=1)) + 1, low, size).astype(int)


def geometry(grid: Grid) -> str:
    """A grid as Slicer writes it down among a segmentation's conversion parameters."""
    extent = [n for size in grid.size for n in (0, size - 1)]
    return slicer.vtkSegmentationConverter.SerializeImageGeometry(slicer.util.vtkMatrixFromArray(grid.affine), extent)


def _label_map_names(node: slicer.vtkMRMLLabelMapVolumeNode) -> dict[int, str]:
    colors = node.GetDisplayNode().GetColorNode() if node.GetDisplayNode() else None
    image = node.GetImageData()
    scalars = None if image is None else image.GetPointData().GetScalars()
    values = () if scalars is None else at_once(_values_in_steps(image))
    named = {v: (colors.GetColorName(v) or "").strip() if colors else "" for v in values}
    return {v: name or f"label {v}" for v, name in named.items()}


def is_read(thing: object) -> bool:
    """Whether it is known what is in a segmentation: of a label map only once its voxels were looked at."""
    if not isinstance(thing, slicer.vtkMRMLLabelMapVolumeNode):
        return True
    image = thing.GetImageData()
    return image is None or image.GetPointData().GetScalars() is None or image.GetMTime() in _values_at


def read_label_maps_in_steps(nodes: Iterable[slicer.vtkMRMLLabelMapVolumeNode]) -> Iterator[None]:
    """Look at the voxels of label maps that were not looked at, some of them with each step."""
    for node in nodes:
        if not is_read(node):
            yield from _values_in_steps(node.GetImageData())


def _values_in_steps(image: vtk.vtkImageData) -> Generator[None, None, tuple[int, ...]]:
    """The values but 0 that occur in a label map, looked for once as long as its voxels stay the same."""
    time = image.GetMTime()  # VTK gives no two things, and no two states of one, the same
    if time not in _values_at:
        found = yield from values_in_steps(vtk_to_numpy(image.GetPointData().GetScalars()))
        if len(_values_at) > MOST_REMEMBERED:
            _values_at.clear()
        _values_at[time] = found
    return _values_at[time]


_values_at: dict[int, tuple[int, ...]] = {}


def _label_map_image(node: slicer.vtkMRMLLabelMapVolumeNode) -> slicer.vtkOrientedImageData:
    """The voxels of a label map, shared, in their place."""
    image = slicer.vtkOrientedImageData()
    image.ShallowCopy(voxels_of(node))
    image.SetGeometryFromImageToWorldMatrix(slicer.util.vtkMatrixFromArray(own_grid(node).affine))
    return image


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
