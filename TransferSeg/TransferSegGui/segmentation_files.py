"""Files of segmentations (.seg.nrrd) loaded in short calls, however large they are."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import count, takewhile
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import slicer
from slicer.i18n import tr as _

from TransferSegGui.segmentations import (
    BINARY,
    GEOMETRY,
    box_in_steps,
    geometry,
    image_in_steps,
    segments_of,
    values_in_steps,
)
from TransferSegGui.surfaces import SURFACE, surface_in_steps
from TransferSegLib.cases.layers import Layers, read_layers
from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.steps import run_in_thread

SUFFIX = ".seg.nrrd"
# So many segments Slicer makes in some milliseconds; more than the others no segmentation has.
SEGMENTS_AT_ONCE, MOST_SEGMENTS = 40, 1000
# Adding takes longer the more there are.
ADDING_S = 0.015
# No image has more voxels along an axis, whatever a header says.
MOST_VOXELS = 1 << 20
# Fields of the header: where the voxels begin, what else was made of them, and the first of those up to Slicer 4.10.
FIRST_VOXEL = "Segmentation_ReferenceImageExtentOffset"
MADE = "Segmentation_ContainedRepresentationNames"
OLD = "Segmentation_Extent"
_FIELD = re.compile(r"Segment(\d{1,9})_(.+)")


@dataclass(frozen=True)
class Part:
    """What a header says of all, of some segments, and the layer of each of these by its identifier."""

    common: dict[str, str]
    segments: dict[str, str]
    layers: dict[str, int]


def load_in_steps(path: Path, busy: bool = False) -> Generator[None, None, slicer.vtkMRMLSegmentationNode]:
    """Load a `.seg.nrrd` as `slicer.util.loadSegmentation` does, which takes one long call.

    Slicer itself reads the header, in a file of one voxel; the voxels are read aside. A file of Slicer 4.10 or before is
    left to it, and refused while Slicer is `busy`. Raises `InputError` for a file that is no segmentation.
    """
    layers: Layers | None = yield from run_in_thread(partial(_read, path))
    if layers is None and busy:
        said = _(
            "{path}: is of Slicer 4.10 or before, or not 3D, and takes long to read; drop it when the job has ended."
        )
        raise InputError(said.format(path=path))
    if layers is None:
        return _loaded_by_slicer(path, path)
    header, plain = dict(layers.header), "Segment0_ID" not in layers.header
    if plain:
        header |= yield from _header_in_steps(path, layers)
    try:
        first, parts = np.array(header.get(FIRST_VOXEL, "0 0 0").split(), int).reshape(3), _parts(header)
        if np.abs(first).max() > MOST_VOXELS or sum(len(part.layers) for part in parts) > MOST_SEGMENTS:
            raise ValueError
    except (ValueError, OverflowError):
        raise InputError(_("{path}: its header is damaged; save it again in Slicer.").format(path=path)) from None
    images = yield from _images_in_steps(layers, first)
    elsewhere = slicer.vtkMRMLScene()
    read = elsewhere.AddNewNodeByClass("vtkMRMLSegmentationNode")
    with TemporaryDirectory(dir=slicer.app.temporaryPath, ignore_cleanup_errors=True) as folder:
        file = Path(folder) / path.name
        segments = yield from _segments_in_steps(read, file, parts, images)
        if SURFACE in header.get(MADE, ""):
            for segment in segments.values():
                surface = yield from surface_in_steps(read.GetSegmentation(), segment)
                segment.AddRepresentation(SURFACE, surface)
                yield
        _write_header(file, parts[0].common, {}, 1)
        node = _loaded_by_slicer(file, path)
        yield from _add_in_steps(node, segments)
        if plain and math.prod(layers.grid.size) > 1:
            node.GetSegmentation().SetConversionParameter(GEOMETRY, geometry(layers.grid))
        if SURFACE in header.get(MADE, ""):
            node.GetDisplayNode().CalculateAutoOpacitiesForSegments()
        # To put in what is in the file is no change of it: Slicer notes when it read a file.
        node.GetStorageNode().SetFileName(str(file))
        node.GetStorageNode().ReadData(read)
        node.GetStorageNode().SetFileName(str(path))
    return node


def _add_in_steps(node: slicer.vtkMRMLSegmentationNode, segments: dict[str, slicer.vtkSegment]) -> Iterator[None]:
    """Add segments to a node in the scene: with the next step, or hundreds in several; when these are left, nothing stays."""
    begun = time.perf_counter()
    try:
        for identifier, segment in segments.items():
            if time.perf_counter() - begun > ADDING_S:
                yield
                begun = time.perf_counter()
                if node.GetScene() is None:
                    said = _("`{name}`: was removed from the scene while it was loaded.")
                    raise InputError(said.format(name=node.GetName()))
            node.GetSegmentation().AddSegment(segment, identifier)
    except BaseException:
        slicer.mrmlScene.RemoveNode(node)
        raise


def _images_in_steps(layers: Layers, first: np.ndarray) -> Generator[None, None, list[slicer.vtkOrientedImageData]]:
    """The layers as images; `first` (3,) is what Slicer calls their first voxel."""
    to_world = layers.grid.affine @ np.block([[np.eye(3), -first[:, None]], [np.zeros(3), 1]])
    images = []
    for labels in layers.labels:
        box = yield from box_in_steps(labels)
        image = yield from image_in_steps(labels, box, small=labels.dtype == np.uint8)
        image.SetExtent([n + int(first[axis // 2]) for axis, n in enumerate(image.GetExtent())])
        image.SetGeometryFromImageToWorldMatrix(slicer.util.vtkMatrixFromArray(to_world))
        images.append(image)
    return images


def _segments_in_steps(
    node: slicer.vtkMRMLSegmentationNode, file: Path, parts: list[Part], images: list[slicer.vtkOrientedImageData]
) -> Generator[None, None, dict[str, slicer.vtkSegment]]:
    """What Slicer makes of the parts of a header, by way of a `file` and a `node`, with the images that are its layers."""
    storage = node.GetScene().AddNewNodeByClass("vtkMRMLSegmentationStorageNode")
    storage.SetFileName(str(file))
    segments: dict[str, slicer.vtkSegment] = {}
    for part in parts:
        _write_header(file, part.common, part.segments, len(images))
        storage.ReadData(node)
        segmentation = segments_of(node)
        found = {identifier: segmentation.GetSegment(identifier) for identifier in segmentation.GetSegmentIDs()}
        values = [segment.GetLabelValue() for segment in found.values()]
        # Taken out before they have their voxels: when a segment goes, Slicer copies what it shares, and makes its value 1.
        segmentation.RemoveAllSegments()
        for (identifier, segment), value in zip(found.items(), values, strict=True):
            segment.SetLabelValue(value)
            if 0 <= part.layers.get(identifier, -1) < len(images):
                segment.AddRepresentation(BINARY, images[part.layers[identifier]])
        segments |= found
        yield
    return segments


def _parts(header: dict[str, str]) -> list[Part]:
    """The header in parts of some segments each, which Slicer reads in a short call; `ValueError` for a wrong layer."""
    common: dict[str, str] = {}
    segments: dict[int, dict[str, str]] = {}
    for key, value in header.items():
        found = _FIELD.match(key)
        if found is None:
            common[key] = value
        else:
            segments.setdefault(int(found[1]), {})[found[2]] = value
    ordered = [{"Layer": str(n), **segments[n]} for n in takewhile(lambda n: "ID" in segments.get(n, ()), count())]
    for n, segment in enumerate(ordered):
        segment["ID"] = segment["ID"] or f"Segment_{n}"
    parts = []
    for first in range(0, max(1, len(ordered)), SEGMENTS_AT_ONCE):
        some = ordered[first : first + SEGMENTS_AT_ONCE]
        fields = {f"Segment{n}_{field}": value for n, segment in enumerate(some) for field, value in segment.items()}
        parts.append(Part(common, fields, {segment["ID"]: int(segment["Layer"]) for segment in some}))
    return parts


def _read(path: Path) -> Layers | None:
    """What is in the file; None where an old Slicer wrote it."""
    try:
        layers = read_layers(path)
    except VolumeError as error:
        if error.code == "not-3d":
            return None
        raise
    return None if OLD in layers.header else layers


def _loaded_by_slicer(file: Path, path: Path) -> slicer.vtkMRMLSegmentationNode:
    """What Slicer makes of a file, as if it was that at `path`."""
    node = slicer.modules.segmentations.logic().LoadSegmentationFromFile(str(file), True, "")
    if node is None:
        raise InputError(_("{path}: Slicer cannot read it; save it again where it was made.").format(path=path))
    node.GetStorageNode().SetFileName(str(path))
    return node


def _header_in_steps(path: Path, layers: Layers) -> Generator[None, None, dict[str, str]]:
    """The segments that Slicer makes of a file that names none: one for each value of each layer."""
    segments = []
    for layer, labels in enumerate(layers.labels if math.prod(layers.grid.size) > 1 else ()):
        segments += [(layer, value) for value in (yield from values_in_steps(labels, MOST_SEGMENTS))]
    if len(segments) > MOST_SEGMENTS:
        said = _("{path}: has more than {most} values, so it is an image; rename it, or save the segmentation again.")
        raise InputError(said.format(path=path, most=MOST_SEGMENTS))
    header = {FIRST_VOXEL: "0 0 0"}
    for n, (layer, value) in enumerate(segments):
        name = f"Segment_{value}" + (f"_{layer}" if layer else "")
        for field, what in {"ID": name, "Name": name, "LabelValue": value, "Layer": layer, "Extent": ""}.items():
            header[f"Segment{n}_{field}"] = str(what)
    return header


def _write_header(path: Path, common: dict[str, str], segments: dict[str, str], layers: int) -> None:
    """Write a segmentation of these fields and layers, with one voxel that is in no segment."""
    import SimpleITK

    image = SimpleITK.Image([1, 1, 1], SimpleITK.sitkVectorUInt8, layers)
    for key, value in (common | segments).items():
        if key != MADE:
            image.SetMetaData(key, "0 -1 0 -1 0 -1" if key.endswith("_Extent") else value)
    SimpleITK.WriteImage(image, str(path))
