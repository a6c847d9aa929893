"""What a model found in volumes of the scene, as nodes."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import slicer

from TransferSegGui.regions import declare, declared
from TransferSegGui.segmentations import Style, add_segmentation, fingerprint
from TransferSegGui.sequences import Shown
from TransferSegGui.targets import RESULT
from TransferSegGui.volumes import add_uncertainty
from TransferSegLib.cases.volumes import Volume, read_volume
from TransferSegLib.core.regions import Region

# What a result looked like when it was made, as an attribute of its node, and the volume that it is of, as a reference: the
# volume has another identifier in another scene.
AS_MADE, OF_VOLUME = "TransferSeg.AsMade", "TransferSeg.OfVolume"
# The folder of the maps beside the segmentations, and the end of the attribute of such a map.
UNCERTAINTY = "uncertainty"


def add_prediction(
    labels: Volume,
    styles: Mapping[int, Style],
    shown: Shown,
    title: str,
    made_by: str,
    chosen: Collection[slicer.vtkMRMLNode] = (),
    regions: Sequence[Region] = (),
) -> slicer.vtkMRMLSegmentationNode:
    """Bring a segmentation by a model into the scene, in place of the one before of the same model and volume.

    One that the person has edited since, or has chosen as the segmentation of a case, is theirs and stays.

    Args:
        labels: The segmentation.
        styles: The look of each of its values.
        shown: The volume that was segmented, as it was then.
        title: What the model is called.
        made_by: What tells the results of this model from others; kept as an attribute of the node.
        chosen: The segmentations of cases.
        regions: The regions that the values are; none where each voxel has one label.

    Returns:
        The node, which is not shown.
    """
    if shown.number is not None:  # each image of a sequence has a result of its own
        made_by += f"/{shown.number}"
    before = [node for node in predictions_of(shown.volume, made_by) if is_as_made(node) and node not in chosen]
    node = add_segmentation(labels, styles, _free_name(f"{shown.name}: {title}", before), shown.volume, regions)
    for old in before:
        slicer.mrmlScene.RemoveNode(old)
    node.SetAttribute(RESULT, made_by)
    node.SetNodeReferenceID(OF_VOLUME, shown.volume.GetID())
    node.SetAttribute(AS_MADE, fingerprint(node))
    node.GetDisplayNode().SetVisibility(False)
    return node


def add_map(path: Path, segmentation: slicer.vtkMRMLSegmentationNode, shown: Shown) -> None:
    """Bring a map of the uncertainty into the scene, in place of the one before of the same model and volume.

    Args:
        path: Its file.
        segmentation: The segmentation that came with it.
        shown: The volume that was segmented.

    Raises:
        InputError: The file cannot be read.
    """
    read = read_volume(path)
    made_by = f"{segmentation.GetAttribute(RESULT)}/{UNCERTAINTY}"
    for old in slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode"):
        if old.GetAttribute(RESULT) == made_by and old.GetNodeReference(OF_VOLUME) is shown.volume:
            slicer.mrmlScene.RemoveNode(old)
    node = add_uncertainty(read, shown.name)
    node.SetAttribute(RESULT, made_by)
    node.SetNodeReferenceID(OF_VOLUME, shown.volume.GetID())


def predictions_of(volume: slicer.vtkMRMLVolumeNode, made_by: str) -> list[slicer.vtkMRMLSegmentationNode]:
    """What a model found in a volume, as far as it is in the scene."""
    return [
        node
        for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
        if node.GetAttribute(RESULT) == made_by and node.GetNodeReference(OF_VOLUME) is volume
    ]


def put_into(
    made: slicer.vtkMRMLSegmentationNode, into: slicer.vtkMRMLSegmentationNode
) -> slicer.vtkMRMLSegmentationNode:
    """Put what a model found into a segmentation of the scene, in place of its segments; its own node goes.

    Args:
        made: What the model found.
        into: The segmentation that gets it, with the place and the volume that it belongs to.

    Returns:
        The segmentation that got it.
    """
    into.GetSegmentation().DeepCopy(made.GetSegmentation())
    declare(into, declared(made))
    into.SetAndObserveTransformNodeID(made.GetTransformNodeID())
    role = into.GetReferenceImageGeometryReferenceRole()
    into.SetNodeReferenceID(role, made.GetNodeReferenceID(role))
    if into.GetDisplayNode() is None:
        into.CreateDefaultDisplayNodes()
    slicer.mrmlScene.RemoveNode(made)
    return into


def is_as_made(node: slicer.vtkMRMLSegmentationNode) -> bool:
    """Whether nobody has edited a result since it was made."""
    return bool(node.GetAttribute(AS_MADE) == fingerprint(node))


def _free_name(name: str, replaced: Sequence[slicer.vtkMRMLNode]) -> str:
    """A name for a new result: this one, with a number where a node that stays has it already."""
    nodes = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
    taken = {node.GetName() for node in nodes if node not in replaced}
    numbered = (f"{name} ({number})" for number in itertools.count(2))
    return next(one for one in itertools.chain([name], numbered) if one not in taken)
