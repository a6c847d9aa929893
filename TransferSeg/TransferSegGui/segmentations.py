"""Segmentations of the scene as label maps on an image's grid, and back, with names, colours and terminology."""

from __future__ import annotations

import hashlib
import math
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import slicer
import vtk
from vtk.util.numpy_support import vtk_to_numpy

from TransferSegGui.regions import declare, named_regions
from TransferSegGui.volumes import own_grid, resampled, transform_to_world, voxels_in, world_grid
from TransferSegLib.cases.volumes import Volume
from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.regions import Region, covered
from TransferSegLib.core.terminology import GENERIC, terminology_of

BINARY, SURFACE = "Binary labelmap", "Closed surface"
GEOMETRY = "Reference image geometry"
# The UIDs of the slices that a volume was loaded from, as Slicer's DICOM module writes them on its node.
INSTANCES = "DICOM.instanceUIDs"
# Atlases number their labels up to hundreds of millions.
MOST_IN_TABLE = 1 << 20
# So many voxels are looked at in one piece, for the memory's sake.
PIECE_VOXELS = 500_000
# More label maps than a scene has.
MOST_REMEMBERED = 10_000
Box = tuple[slice, slice, slice]


@dataclass(frozen=True)
class Style:
    """How a label looks.

    Attributes:
        name: The name of its segment.
        color: Red, green and blue, each from 0 to 1.
        terminology: The terminology entry as Slicer serialises it; empty for none.
        in_3d: Whether 3D views show it.
        made_by: The model that finds it, as DICOM files of it say; "" for what a person has drawn.
    """

    name: str
    color: tuple[float, float, float]
    terminology: str = ""
    in_3d: bool = True
    made_by: str = ""


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
    """The voxels of a label map.

    Raises:
        InputError: The label map was made and has no voxels yet.
    """
    image = node.GetImageData()
    if image is None or image.GetPointData().GetScalars() is None:
        raise InputError(
            "label-map-without-voxels",
            "label map `{segmentation}`: has no voxels; draw it, or choose another segmentation.",
            segmentation=node.GetName(),
        )
    return image


def sample_segments(
    node: slicer.vtkMRMLNode, grid: Grid, values: Mapping[str, int], regions: Sequence[Region] = ()
) -> Volume:
    """Sample a segmentation on an image's grid as a label map; see `sample_slices`.

    Args:
        node: A segmentation or a label map, under any transform.
        grid: The grid of the image, in the world.
        values: Name of each segment → its value.
        regions: The regions that the values are; none where segments may not overlap.
    """
    return Volume(sample_slices(node, grid, values, slice(0, grid.size[2]), regions), grid)


def sample_slices(
    node: slicer.vtkMRMLNode, grid: Grid, values: Mapping[str, int], slices: slice, regions: Sequence[Region] = ()
) -> np.ndarray:
    """Some slices of a segmentation as a label map on an image's grid in the world.

    Each layer, an image that segments which do not overlap share, is resampled in one call. The voxels are those of Slicer's
    `ExportSegmentsToLabelmapNode`, which goes through all voxels once a segment: for a hundred of them it takes some twenty
    times as long. Closed surfaces are turned into voxels of the image's grid, on a copy; the node is not changed.

    Args:
        node: A segmentation or a label map, under any transform.
        grid: The grid of the image, in the world.
        values: The value of each segment's name.
        slices: Which slices along the third axis of the grid.
        regions: The regions that the values are, which are painted one over the other, and what is none over them; none
            where segments may not overlap.

    Returns:
        Whole numbers (I, J, number of slices), uint8 where they fit and int32 otherwise.

    Raises:
        InputError: Segments overlap or share a name.
    """
    to_world = transform_to_world(node)
    if isinstance(node, slicer.vtkMRMLLabelMapVolumeNode) or segments_of(node).GetSourceRepresentationName() == BINARY:
        layers = stored_layers(node)
    else:
        layers = _layers(node, lambda identifier: _voxelised(segments_of(node), identifier, grid, to_world))
    size = (*grid.size[:2], slices.stop - slices.start)
    merged = np.zeros(size, np.uint8 if max(values.values(), default=0) < 256 else np.int32, order="F")
    overlaps: Counter[tuple[int, int]] = Counter()
    painted = _painted_when(regions, max(values.values(), default=0))
    for labels, names in layers:
        becomes = {value: values[name] for value, name in names.items() if value > 0}
        if not becomes:
            continue
        found = renumbered(resampled(labels, grid, to_world, slices=slices), becomes, merged.dtype)
        if regions:
            np.copyto(merged, found, where=painted[found] > painted[merged])
            continue
        both = (found != 0) & (merged != 0)
        if both.any():
            overlaps.update(zip(merged[both].tolist(), found[both].tolist(), strict=True))
        np.copyto(merged, found, where=merged == 0)
    if overlaps:
        (one, other), count = next(iter(overlaps.items()))
        owners = {value: name for name, value in values.items()}
        raise InputError(
            "segments-overlap",
            "segmentation `{segmentation}`: segments `{one}` and `{other}` overlap in {count} "
            "{count:~voxel|voxels}; give these voxels to one of them (Segment Editor, Logical operators).",
            segmentation=node.GetName(),
            one=owners[one],
            other=owners[other],
            count=count,
        )
    return merged


def _painted_when(regions: Sequence[Region], most: int) -> np.ndarray:
    """For each value up to `most`, when it is painted: 0 for none, then the regions in their order, then what is none."""
    when = np.full(most + 1, len(regions) + 1, np.int32)
    when[0] = 0
    for n, region in enumerate(regions, start=1):
        when[region.number] = n
    return when


def renumbered(found: np.ndarray, becomes: Mapping[int, int], dtype: np.dtype) -> np.ndarray:
    """An array of labels with other numbers.

    Args:
        found: Whole numbers (I, J, K).
        becomes: What each value becomes; all others become 0.
        dtype: The type of the result.

    Returns:
        The new numbers (I, J, K).
    """
    out = np.empty(found.shape, dtype, order="F")
    if max(becomes) < MOST_IN_TABLE:
        table = np.zeros(max(becomes) + 2, dtype)
        table[list(becomes)] = list(becomes.values())
        for k in range(found.shape[2]):  # `take` makes an index of eight bytes of each voxel
            # Both ends of the table are 0: what is outside of it becomes that.
            out[..., k] = table.take(found[..., k].astype(np.intp), mode="clip")
        return out
    old = np.array(sorted(becomes))
    new = np.array([becomes[value] for value in old.tolist()], dtype)
    for k in range(found.shape[2]):
        at = np.searchsorted(old, found[..., k]).clip(max=len(old) - 1)
        out[..., k] = np.where(old[at] == found[..., k], new[at], 0)
    return out


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
    """The look of each value that a model writes.

    Args:
        card: The model's card.
        own: The looks of the person's own segments, by name: they come before the card's. But what the card keeps out of
            3D views stays out: Slicer shows each new segment there, whether the person wants that or not. And a segment that
            Slicer calls a tissue, as each new one, gets the card's codes.

    Returns:
        Label value to look.
    """
    styles = {}
    for label in card.labels:
        like = own.get(label.name)
        assert label.color is not None, "a card gives each of its labels a colour"
        red, green, blue = label.color
        style = like or Style(label.name, (red / 255, green / 255, blue / 255))
        if not _says_what(style.terminology):
            style = replace(style, terminology=terminology_of(label.terminology).slicer_text)
        styles[label.value] = replace(style, in_3d=style.in_3d and label.in_3d, made_by=card.name)
    return styles


def add_segmentation(
    labels: Volume,
    styles: Mapping[int, Style],
    name: str,
    image: slicer.vtkMRMLVolumeNode | None = None,
    regions: Sequence[Region] = (),
) -> slicer.vtkMRMLSegmentationNode:
    """A new segmentation in the scene.

    Args:
        labels: Whole numbers (I, J, K) on a grid in the world.
        styles: The look of each value; a value that nowhere occurs becomes an empty segment.
        name: The name of the node.
        image: The image on which the segmentation lies voxel for voxel. The node then shares the image's parent transform
            and its place in the subject hierarchy.
        regions: The regions that the values are, whose segments overlap; none where each voxel has one label.

    Returns:
        The node.

    Raises:
        InputError: The labels do not lie on the image's grid.
    """
    present = values_in(labels.array)
    voxels = _image_of(labels.array, small=all(0 < value < 256 for value in present))
    grid, transform = (labels.grid, None) if image is None else _place(labels.grid, image)
    place = slicer.util.vtkMatrixFromArray(grid.affine)
    voxels.SetGeometryFromImageToWorldMatrix(place)
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", name)
    node.CreateDefaultDisplayNodes()
    for value in sorted({*styles, *present}):
        style = styles.get(value) or Style(f"label {value}", (0.5, 0.5, 0.5))
        # All share the image. ImportLabelmapToSegmentationNode would number them 1, 2, 3…, also where a value is missing.
        segment = slicer.vtkSegment()
        segment.SetName(style.name)
        segment.SetColor(style.color)
        if style.terminology:
            segment.SetTerminology(style.terminology)
        if style.made_by:
            # Without them Slicer writes into DICOM files that a person has drawn it.
            segment.SetTag("DICOM.SegmentAlgorithmType", "AUTOMATIC")
            segment.SetTag("DICOM.SegmentAlgorithmName", style.made_by)
        if regions:  # each has an image of its own, as they overlap
            own = _image_of(np.isin(labels.array, covered(regions, value)), small=True)
            own.SetGeometryFromImageToWorldMatrix(place)
            segment.SetLabelValue(1)
            segment.AddRepresentation(BINARY, own)
        else:
            segment.SetLabelValue(value)
            segment.AddRepresentation(BINARY, voxels)
        identifier = f"label-{value}"
        node.GetSegmentation().AddSegment(segment, identifier)
        node.GetDisplayNode().SetSegmentVisibility3D(identifier, style.in_3d)
    node.GetSegmentation().SetConversionParameter(GEOMETRY, geometry(grid))
    declare(node, named_regions(regions, {value: style.name for value, style in styles.items()}))
    if image is not None:
        # SetReferenceImageGeometryParameterFromVolumeNode would write another geometry: transformed, or not resampled.
        node.SetNodeReferenceID(node.GetReferenceImageGeometryReferenceRole(), image.GetID())
        node.SetAndObserveTransformNodeID(transform)
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
        item, beside = hierarchy.GetItemByDataNode(node), hierarchy.GetItemByDataNode(image)
        if item and beside:
            hierarchy.SetItemParent(item, hierarchy.GetItemParent(beside))
        if item and (slices := image.GetAttribute(INSTANCES)):
            constants = slicer.vtkMRMLSubjectHierarchyConstants
            hierarchy.SetItemAttribute(item, constants.GetDICOMReferencedInstanceUIDsAttributeName(), slices)
    return node


def fingerprint(node: slicer.vtkMRMLSegmentationNode) -> str:
    """A text that changes when a person edits a segmentation: its voxels, or the names and colours of its segments.

    It is the same in a scene that was saved and loaded, where Slicer keeps the layers as they are.
    """
    segmentation, layers = segments_of(node), []
    parts: list[tuple[object, ...]] = []
    for identifier in segmentation.GetSegmentIDs():
        segment = segmentation.GetSegment(identifier)
        labels = segment.GetRepresentation(BINARY)
        if labels is not None and labels not in layers:
            layers.append(labels)
        color = tuple(round(part, 2) for part in segment.GetColor())
        parts.append((segment.GetName(), color, segment.GetLabelValue(), labels and layers.index(labels)))
    for labels in layers:
        if labels.IsEmpty():
            continue
        voxels, matrix = voxels_in(labels), vtk.vtkMatrix4x4()
        labels.GetImageToWorldMatrix(matrix)
        box = _box_of(voxels != 0)
        first = [along.start + offset for along, offset in zip(box, labels.GetExtent()[::2], strict=True)]
        place = [round(part, 2) for part in matrix.MultiplyPoint((*first, 1.0))[:3]]
        found = voxels[box].astype(np.int32)
        parts.append((place, found.shape, zlib.crc32(found.tobytes("F"))))
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def surface_of(segmentation: slicer.vtkSegmentation, identifier: str) -> vtk.vtkPolyData:
    """The closed surface that Slicer makes of one segment, with the conversion parameters of its segmentation.

    Slicer converts all segments of a segmentation at once, each with all voxels that it shares with others. So the segment is
    converted in a segmentation of its own, with the voxels where it is: the same surface, in a part of the time.

    Args:
        segmentation: Segments as label maps.
        identifier: Which of them.

    Returns:
        The surface, in the coordinates of the segmentation's node; an empty one for an empty segment.
    """
    segment, alone = segmentation.GetSegment(identifier), slicer.vtkSegmentation()
    labels, matrix = segment.GetRepresentation(BINARY), vtk.vtkMatrix4x4()
    if labels is None or labels.IsEmpty():
        return vtk.vtkPolyData()
    mask = voxels_in(labels) == segment.GetLabelValue()
    if not mask.any():
        return vtk.vtkPolyData()
    image = _image_of(mask, small=True, first=labels.GetExtent()[::2])
    labels.GetImageToWorldMatrix(matrix)
    image.SetGeometryFromImageToWorldMatrix(matrix)
    alone.SetSourceRepresentationName(BINARY)
    alone.CopyConversionParameters(segmentation)
    copy = slicer.vtkSegment()
    copy.SetLabelValue(1)
    copy.AddRepresentation(BINARY, image)
    alone.AddSegment(copy, identifier)
    alone.CreateRepresentation(SURFACE)
    return copy.GetRepresentation(SURFACE)


def values_in(array: np.ndarray, most: int | None = None) -> tuple[int, ...]:
    """List the label values in an array, in order, without 0.

    Args:
        array: The labels, of any shape.
        most: Stop once more values than this are found; the list is then not complete.
    """
    flat = array.ravel(order="K")
    found: set[float] = set()
    for first in range(0, flat.size, PIECE_VOXELS):
        part = flat[first : first + PIECE_VOXELS]
        # Labels come in runs: it is enough to look at the first voxel of each.
        found.update(part[:1].tolist(), np.unique(part[1:][part[1:] != part[:-1]]).tolist())
        if most is not None and len(found) > most + 1:
            break
    return tuple(sorted(int(value) for value in found if value and math.isfinite(value)))


def oriented(labels: Volume) -> slicer.vtkOrientedImageData:
    """Labels that are not all 0 as Slicer's image, in the world."""
    image = _image_of(labels.array, small=int(labels.array.min()) >= 0 and int(labels.array.max()) < 256)
    image.SetGeometryFromImageToWorldMatrix(slicer.util.vtkMatrixFromArray(labels.grid.affine))
    return image


def _box_of(mask: np.ndarray) -> Box:
    """The smallest box with all of a mask (I, J, K); an empty one for an empty mask."""
    along = [np.flatnonzero(mask.any(axis=others)) for others in ((1, 2), (0, 2), (0, 1))]
    i, j, k = (slice(int(found[0]), int(found[-1]) + 1) if found.size else slice(0, 0) for found in along)
    return i, j, k


def _image_of(array: np.ndarray, small: bool, first: Iterable[int] = (0, 0, 0)) -> slicer.vtkOrientedImageData:
    """The smallest box with all of an array (I, J, K) but its zeros, as an oriented image that owns its voxels.

    Slicer takes an image for as large as what is segmented: it looks there, and makes surfaces of all of it.

    Args:
        array: Whole numbers.
        small: Whether they fit into bytes.
        first: The index of the array's first voxel.
    """
    image, box = slicer.vtkOrientedImageData(), _box_of(array != 0)
    offsets = list(zip(box, first, strict=True))
    image.SetExtent([n + offset for along, offset in offsets for n in (along.start, along.stop - 1)])
    image.AllocateScalars(vtk.VTK_UNSIGNED_CHAR if small else vtk.VTK_INT, 1)
    voxels_in(image)[:] = array[box]
    return image


def _place(grid: Grid, image: slicer.vtkMRMLVolumeNode) -> tuple[Grid, str | None]:
    """The grid in the image's own coordinates, exact to the last digit, and the id of the transform that it then needs."""
    world = world_grid(image)
    differences = world.differences(grid)
    if differences:
        raise InputError(
            "segmentation-off-its-volume",
            "the segmentation does not lie on volume `{volume}`: {differences:;}; "
            "the volume was changed since the job began, load its files again.",
            volume=image.GetName(),
            differences=differences,
        )
    parent = image.GetParentTransformNode()
    if parent is not None and not parent.IsTransformToWorldLinear():
        return world, None  # hardening resampled the image: the result lies in the world
    return own_grid(image), image.GetTransformNodeID()


def stored_layers(node: slicer.vtkMRMLNode) -> list[tuple[slicer.vtkOrientedImageData, dict[int, str]]]:
    """The images that hold a label map, or a segmentation of voxels, and the name of each of their values.

    Segments that do not overlap usually share an image, of which each has a value.
    """
    if isinstance(node, slicer.vtkMRMLLabelMapVolumeNode):
        return [(_label_map_image(node), _label_map_names(node))]
    return _layers(node, segments_of(node).GetSegment)


def _layers(
    node: slicer.vtkMRMLSegmentationNode, voxelised: Callable[[str], slicer.vtkSegment]
) -> list[tuple[slicer.vtkOrientedImageData, dict[int, str]]]:
    """As `stored_layers`, of each segment as `voxelised` gives it by its identifier."""
    names = segment_names(node)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(
            "segments-of-one-name",
            "segmentation `{segmentation}`: two segments are named `{segment}`; rename one, or merge them.",
            segmentation=node.GetName(),
            segment=twice[0],
        )
    segmentation = segments_of(node)
    layers: dict[slicer.vtkOrientedImageData, dict[int, str]] = {}
    for identifier, name in zip(segmentation.GetSegmentIDs(), names, strict=True):
        segment = voxelised(identifier)
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
        raise InputError(
            "segmentation-without-voxels",
            "the segmentation cannot be turned into voxels; convert it in the Segmentations module.",
        )
    return copy.GetSegment(identifier)


def geometry(grid: Grid) -> str:
    """A grid as Slicer writes it down among a segmentation's conversion parameters."""
    extent = [n for size in grid.size for n in (0, size - 1)]
    return slicer.vtkSegmentationConverter.SerializeImageGeometry(slicer.util.vtkMatrixFromArray(grid.affine), extent)


def _label_map_names(node: slicer.vtkMRMLLabelMapVolumeNode) -> dict[int, str]:
    colors = node.GetDisplayNode().GetColorNode() if node.GetDisplayNode() else None
    image = node.GetImageData()
    scalars = None if image is None else image.GetPointData().GetScalars()
    values = () if scalars is None else _values_of(image)
    named = {v: (colors.GetColorName(v) or "").strip() if colors else "" for v in values}
    return {v: name or f"label {v}" for v, name in named.items()}


def _values_of(image: vtk.vtkImageData) -> tuple[int, ...]:
    """The values but 0 that occur in a label map, looked for once as long as its voxels stay the same."""
    time = image.GetMTime()  # VTK gives no two things, and no two states of one, the same
    if time not in _values_at:
        found = values_in(vtk_to_numpy(image.GetPointData().GetScalars()))
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


def _says_what(terminology: str) -> bool:
    """Whether a segment's terminology says more than that it is a tissue, as Slicer says of each new segment."""
    codes = terminology.split("~")[1:3]
    return len(codes) == 2 and codes != GENERIC.slicer_text.split("~")[1:3]


def own_styles(nodes: Iterable[slicer.vtkMRMLNode]) -> dict[str, Style]:
    """The looks of the segments of several nodes; of two with one name the first."""
    styles: dict[str, Style] = {}
    for node in nodes:
        styles = segment_styles(node) | styles
    return styles
