"""Sequences of images: what a person sees of one is a stand-in, whose voxels are others as soon as they scroll on.

A case must not change with what is looked at, so cases are made of copies of the images in the sequence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import slicer
from slicer.i18n import tr as _

from TransferSegGui.progress import one_by_one
from TransferSegGui.targets import SHOWN_AS, TargetCase
from TransferSegGui.volumes import add_volume, own_grid
from TransferSegLib.cases.volumes import Volume

# Of a copy: the stand-in of its sequence, as a node reference, and its number in the sequence, as an attribute.
STAND_IN, NUMBER = "TransferSeg.StandIn", "TransferSeg.Number"


@dataclass(frozen=True)
class Sequence:
    """The sequence behind a volume of the scene.

    Attributes:
        node: Its node.
        shown: The number of the image that is shown at the moment, counted from 0.
    """

    node: slicer.vtkMRMLSequenceNode
    shown: int

    @property
    def count(self) -> int:
        """How many images it has."""
        return self.node.GetNumberOfDataNodes()


def sequence_of(volume: slicer.vtkMRMLVolumeNode) -> Sequence | None:
    """The sequence of two images or more that a volume stands for; None for a volume of its own."""
    for browser in slicer.util.getNodesByClass("vtkMRMLSequenceBrowserNode"):
        node = browser.GetSequenceNode(volume)
        if node is not None and node.GetNumberOfDataNodes() > 1:
            return Sequence(node, max(0, browser.GetSelectedItemNumber()))
    return None


@dataclass(frozen=True)
class Shown:
    """A volume as it is at a moment: later it may have another name, or show another image of its sequence.

    Attributes:
        volume: The volume.
        name: Its name, with the number of the image where it stands for a sequence.
        number: The number of that image, counted from 0; None for a volume of its own.
    """

    volume: slicer.vtkMRMLVolumeNode
    name: str
    number: int | None


def as_shown(volume: slicer.vtkMRMLVolumeNode) -> Shown:
    """A volume as it is now."""
    sequence = sequence_of(volume)
    if sequence is None:
        return Shown(volume, volume.GetName(), None)
    return Shown(volume, f"{volume.GetName()} {sequence.shown + 1}", sequence.shown)


def with_frames(
    images: Iterable[slicer.vtkMRMLVolumeNode], known: Iterable[TargetCase]
) -> Iterator[slicer.vtkMRMLVolumeNode]:
    """The images, and in place of each that stands for a sequence copies of what is in it: all, or the one that is shown.

    Which of them is asked.

    Args:
        images: Volumes of the scene.
        known: The cases that are in the list; of a sequence whose shown image is among them, nothing more is offered.
    """
    listed = {
        (image.GetNodeReferenceID(STAND_IN), image.GetAttribute(NUMBER))
        for case in known
        for image in case.images
        if not isinstance(image, Path)
    }
    for image in images:
        sequence = sequence_of(image)
        if sequence is None:
            yield image
        elif (image.GetID(), str(sequence.shown)) not in listed:
            question = _(
                "“{name}” is a sequence of {count} images, of which number {shown} is shown. Add each of them as a case of "
                "its own? With No, only the one that is shown is added."
            ).format(name=image.GetName(), count=sequence.count, shown=sequence.shown + 1)
            every = slicer.util.confirmYesNoDisplay(question)
            numbers = [
                number
                for number in (range(sequence.count) if every else [sequence.shown])
                if (image.GetID(), str(number)) not in listed
            ]
            for number in one_by_one(numbers, _("Copying the images of the sequence…")):
                yield _copy(image, sequence, number)


def _copy(stand_in: slicer.vtkMRMLVolumeNode, sequence: Sequence, number: int) -> slicer.vtkMRMLScalarVolumeNode:
    """A volume of its own with an image of a sequence, where the stand-in lies."""
    image = sequence.node.GetNthDataNode(number)
    volume = Volume(slicer.util.arrayFromVolume(image).T, own_grid(image))
    copy = add_volume(volume, f"{stand_in.GetName()} {number + 1}")
    copy.SetAndObserveTransformNodeID(stand_in.GetTransformNodeID())
    copy.SetNodeReferenceID(STAND_IN, stand_in.GetID())
    copy.SetAttribute(NUMBER, str(number))
    if number == sequence.shown:  # what is drawn on the stand-in was drawn on this image
        copy.SetNodeReferenceID(SHOWN_AS, stand_in.GetID())
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    item, beside = hierarchy.GetItemByDataNode(copy), hierarchy.GetItemByDataNode(stand_in)
    if item and beside:
        hierarchy.SetItemParent(item, hierarchy.GetItemParent(beside))
    return copy
