"""Files of segmentations (.seg.nrrd) loaded in short calls, however large they are."""

from __future__ import annotations

from collections.abc import Generator
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import slicer
from slicer.i18n import tr as _

from TransferSegGui.segmentations import BINARY, GEOMETRY, box_in_steps, geometry, image_in_steps, values_in_steps
from TransferSegGui.surfaces import SURFACE, surfaces_in_steps
from TransferSegLib.cases.layers import Layers, read_layers
from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.errors import InputError
from TransferSegLib.steps import aside

SUFFIX = ".seg.nrrd"
# Fields of the header: where the voxels begin, what else was made of them, and the first of those up to Slicer 4.10.
FIRST_VOXEL = "Segmentation_ReferenceImageExtentOffset"
MADE = "Segmentation_ContainedRepresentationNames"
OLD = "Segmentation_Extent"


def load_in_steps(path: Path) -> Generator[None, None, slicer.vtkMRMLSegmentationNode]:
    """Load a `.seg.nrrd` as `slicer.util.loadSegmentation` does, which takes one long call.

    Slicer itself reads the header, in a file of one voxel; the voxels are read aside. Files of Slicer 4.10 and before are
    left to it. Raises `InputError` for a file that is no segmentation.
    """
    layers: Layers | None = yield from aside(partial(_read, path))
    if layers is None:
        return _loaded_by_slicer(path, path)
    header, plain = dict(layers.header), "Segment0_ID" not in layers.header
    if plain:
        header |= yield from _header_in_steps(layers)
    try:
        first, layer_of = np.array(header.get(FIRST_VOXEL, "0 0 0").split(), int).reshape(3), _layer_of(header)
    except ValueError:
        raise InputError(_("{path}: its header is damaged; save it again in Slicer.").format(path=path)) from None
    to_world = layers.grid.affine @ np.block([[np.eye(3), -first[:, None]], [np.zeros(3), 1]])
    images = []
    for labels in layers.labels:
        box = yield from box_in_steps(labels)
        image = yield from image_in_steps(labels, box, small=labels.dtype == np.uint8)
        image.SetExtent([n + int(first[axis // 2]) for axis, n in enumerate(image.GetExtent())])
        image.SetGeometryFromImageToWorldMatrix(slicer.util.vtkMatrixFromArray(to_world))
        images.append(image)
    with TemporaryDirectory(dir=slicer.app.temporaryPath) as folder:
        only_header = Path(folder) / path.name
        _write_header(only_header, header, len(images))
        node = _loaded_by_slicer(only_header, path)
        storage, segmentation = node.GetStorageNode(), node.GetSegmentation()
        if plain and layer_of:
            segmentation.SetConversionParameter(GEOMETRY, geometry(layers.grid))
        with slicer.util.NodeModify(node):
            for identifier, layer in layer_of.items():
                segment = segmentation.GetSegment(identifier)
                if segment is not None and 0 <= layer < len(images) and not images[layer].IsEmpty():
                    segment.AddRepresentation(BINARY, images[layer])
        yield
        if SURFACE in header.get(MADE, ""):
            yield from surfaces_in_steps(node)
            node.GetDisplayNode().CalculateAutoOpacitiesForSegments()
        # To put in what is in the file is no change of it. Slicer notes when it read a file: here, into another scene.
        elsewhere = slicer.vtkMRMLScene()
        storage.SetFileName(str(only_header))
        storage.ReadData(elsewhere.AddNewNodeByClass("vtkMRMLSegmentationNode"))
        storage.SetFileName(str(path))
    return node


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
    name = path.name[: -len(SUFFIX)]
    node = slicer.modules.segmentations.logic().LoadSegmentationFromFile(str(file), True, name)
    if node is None:
        raise InputError(_("{path}: Slicer cannot read it; save it again where it was made.").format(path=path))
    node.GetStorageNode().SetFileName(str(path))
    return node


def _layer_of(header: dict[str, str]) -> dict[str, int]:
    """The layer of each segment, by its identifier."""
    layers: dict[str, int] = {}
    for n in count():
        if f"Segment{n}_ID" not in header:
            break
        layers[header[f"Segment{n}_ID"]] = int(header.get(f"Segment{n}_Layer", n))
    return layers


def _header_in_steps(layers: Layers) -> Generator[None, None, dict[str, str]]:
    """The segments that Slicer makes of a file that names none: one for each value of each layer."""
    segments = []
    for layer, labels in enumerate(layers.labels):
        segments += [(layer, value) for value in (yield from values_in_steps(labels))]
    header = {FIRST_VOXEL: "0 0 0"}
    for n, (layer, value) in enumerate(segments):
        name = f"Segment_{value}" + (f"_{layer}" if layer else "")
        for field, what in {"ID": name, "Name": name, "LabelValue": value, "Layer": layer, "Extent": ""}.items():
            header[f"Segment{n}_{field}"] = str(what)
    return header


def _write_header(path: Path, header: dict[str, str], layers: int) -> None:
    """Write a segmentation of these fields and layers, with one voxel that is in no segment."""
    import SimpleITK

    image = SimpleITK.Image([1, 1, 1], SimpleITK.sitkVectorUInt8, layers)
    for key, value in header.items():
        if key != MADE:
            image.SetMetaData(key, "0 -1 0 -1 0 -1" if key.endswith("_Extent") else value)
    SimpleITK.WriteImage(image, str(path))
