"""Drafts: segmentations that a person corrects, or draws from nothing, until they are accepted as a case's annotation.

A draft begins as a prediction, of which a copy stays in the scene, or as empty segments. What is accepted remembers, as an
attribute of its node, which model's prediction it began as, and how much was changed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _

from TransferSegGui.predictions import AS_MADE, OF_VOLUME, is_as_made
from TransferSegGui.regions import Named, declared, with_values
from TransferSegGui.segmentations import (
    Style,
    add_segmentation,
    fingerprint,
    sample_segments,
    segment_names,
    segments_of,
)
from TransferSegGui.targets import RESULT, TargetCase, TargetCases
from TransferSegGui.volumes import world_grid
from TransferSegLib.cases.annotation import in_annotated_slices
from TransferSegLib.cases.volumes import Volume
from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.case_set import AnnotatedSlices, ignored_value
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.regions import Region, covered
from TransferSegLib.loop.correction import correction

# Of a draft: the key of its case, as an attribute, until it is accepted.
DRAFT_OF = "TransferSeg.DraftOf"
# What it began as, as JSON; and the copy of the prediction, as a node reference.
BEGAN, PREDICTED = "TransferSeg.BeganAs", "TransferSeg.Predicted"
# What begins the mark of drafts and of copies, so that they are not taken for the person's own before they are accepted.
DRAFT = "draft"
ML_PER_MM3 = 1e-3
# Of a segment: what DICOM files say of how it was made.
ALGORITHM, MADE_BY = "DICOM.SegmentAlgorithmType", "DICOM.SegmentAlgorithmName"


@dataclass(frozen=True)
class BeganAs:
    """The prediction that an annotation began as.

    Attributes:
        model: The name of the model that made it.
        sha256: The SHA-256 of its weights.
        edited: Whether it had been edited before its correction began, so that what was changed is not wholly known.
        dice: The mean Dice of what was accepted to the prediction; None until it is accepted, and where neither has a label.
        changed_ml: How many mL were changed; None until it is accepted.
    """

    model: str
    sha256: str
    edited: bool = False
    dice: float | None = None
    changed_ml: float | None = None


def drafts() -> dict[str, slicer.vtkMRMLSegmentationNode]:
    """Key of a case → its draft, for the cases that have one."""
    nodes = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
    return {key: node for node in nodes if (key := node.GetAttribute(DRAFT_OF))}


def began_as(node: slicer.vtkMRMLNode | Path | None) -> BeganAs | None:
    """What an annotation, or a draft, began as; None for one that was drawn without a prediction.

    A result of a model that was chosen as a case's segmentation, as it is or edited, began as that model's prediction.
    """
    if not isinstance(node, slicer.vtkMRMLSegmentationNode):
        return None
    text = node.GetAttribute(BEGAN)
    if not text:
        model = _made_by(node) if node.GetAttribute(RESULT) else ""
        return BeganAs(model, "", edited=not is_as_made(node)) if model else None
    try:
        return BeganAs(**json.loads(text))
    except (ValueError, TypeError):  # a scene of another version
        return BeganAs("", "")


def _made_by(node: slicer.vtkMRMLSegmentationNode) -> str:
    """The name of the model that made a segmentation; "" where its segments name none."""
    segmentation, name = segments_of(node), vtk.reference("")
    for identifier in segmentation.GetSegmentIDs():
        if segmentation.GetSegment(identifier).GetTag(MADE_BY, name) and str(name):
            return str(name)
    return ""


def now_of(node: slicer.vtkMRMLSegmentationNode, card: ModelCard) -> None:
    """Remember that a segmentation of the person's is now what a model found: nothing is left of what it was before.

    Args:
        node: The segmentation.
        card: The card of the model.
    """
    node.SetAttribute(BEGAN, json.dumps(asdict(BeganAs(card.name, str(card.weights_sha256)))))
    node.SetAttribute(AS_MADE, fingerprint(node))
    node.RemoveNodeReferenceIDs(PREDICTED)


def begin_with(
    case: TargetCase, node: slicer.vtkMRMLSegmentationNode, model: str, sha256: str
) -> slicer.vtkMRMLSegmentationNode:
    """Make a prediction the draft of a case, and keep a copy of it to compare with.

    Args:
        case: The case.
        node: The prediction.
        model: The name of the model that made it.
        sha256: The SHA-256 of its weights.
    """
    _keep_copy(case, node)
    node.SetAttribute(BEGAN, json.dumps(asdict(BeganAs(model, sha256, edited=not is_as_made(node)))))
    node.SetAttribute(RESULT, f"{DRAFT}/{case.key}")
    node.SetAttribute(DRAFT_OF, case.key)
    return node


def begin_correction(case: TargetCase, node: slicer.vtkMRMLSegmentationNode) -> None:
    """Before a result of a model that was chosen as a case's segmentation is corrected: keep a copy of it to compare with.

    One that has a copy, or was accepted before, or that no model made, stays as it is.

    Args:
        case: The case.
        node: Its segmentation.
    """
    began = began_as(node)
    if began is None or began.changed_ml is not None or node.GetNodeReference(PREDICTED) is not None:
        return
    edited = began.edited or not is_as_made(node)
    _keep_copy(case, node)
    node.SetAttribute(BEGAN, json.dumps(asdict(replace(began, edited=edited))))


def _keep_copy(case: TargetCase, node: slicer.vtkMRMLSegmentationNode) -> None:
    """Keep a copy of a prediction, in place of the case's copy of another one before."""
    for old in slicer.util.getNodesByClass("vtkMRMLSegmentationNode"):
        if old.GetAttribute(RESULT) == f"{DRAFT}/{case.key}/prediction":
            slicer.mrmlScene.RemoveNode(old)
    copy = slicer.mrmlScene.AddNewNodeByClass(
        "vtkMRMLSegmentationNode", _("{name} (as predicted)").format(name=node.GetName())
    )
    copy.GetSegmentation().DeepCopy(node.GetSegmentation())
    copy.CreateDefaultDisplayNodes()
    copy.GetDisplayNode().SetVisibility(False)
    role = node.GetReferenceImageGeometryReferenceRole()
    copy.SetNodeReferenceID(role, node.GetNodeReferenceID(role))
    copy.SetAndObserveTransformNodeID(node.GetTransformNodeID())
    copy.SetAttribute(RESULT, f"{DRAFT}/{case.key}/prediction")
    node.SetNodeReferenceID(PREDICTED, copy.GetID())


def begin_empty(
    case: TargetCase, styles: Iterable[Style], regions: Named | None = None
) -> slicer.vtkMRMLSegmentationNode:
    """A draft with empty segments, to be drawn without a prediction in sight.

    Args:
        case: The case.
        styles: The looks of the segments.
        regions: The regions that these are; none where they may not overlap.
    """
    image = case.images[0]
    assert not isinstance(image, Path), "only a volume of the scene can be drawn on"
    numbered = {n: replace(style, made_by="") for n, style in enumerate(styles, start=1)}
    grid = world_grid(image)
    node = add_segmentation(
        Volume(np.zeros(grid.size, np.uint8), grid),
        numbered,
        _("{name}: annotation").format(name=case.name),
        image,
        with_values(regions or {}, {style.name: n for n, style in numbered.items()}),
    )
    node.SetAttribute(RESULT, f"{DRAFT}/{case.key}")
    node.SetAttribute(DRAFT_OF, case.key)
    node.SetNodeReferenceID(OF_VOLUME, image.GetID())
    node.SetAttribute(AS_MADE, fingerprint(node))
    return node


def is_begun(key: str) -> bool:
    """Whether the person has worked on the draft of a case: it is theirs, and no prediction takes its place."""
    node = drafts().get(key)
    return node is not None and not is_as_made(node)


def predicted_images() -> list[slicer.vtkMRMLVolumeNode]:
    """The volumes of the scene of which a model's segmentation is there, too: by Try, by a job, applied or as a draft."""
    nodes = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
    role = slicer.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole()
    # Not by `began_as`, which goes over the voxels of each to see whether it was edited.
    found = [node for node in nodes if node.GetAttribute(BEGAN) or (node.GetAttribute(RESULT) and _made_by(node))]
    own = [node.GetNodeReference(OF_VOLUME) or node.GetNodeReference(role) for node in found]
    return [image for image in own if image is not None]


def mark_edited(node: slicer.vtkMRMLSegmentationNode) -> None:
    """Note for DICOM files that a person had a hand in the segments that a model has found."""
    for identifier in segments_of(node).GetSegmentIDs():
        segment = segments_of(node).GetSegment(identifier)
        if segment.HasTag(ALGORITHM):
            segment.SetTag(ALGORITHM, "SEMIAUTOMATIC")


@dataclass(frozen=True, eq=False)
class Sampled:
    """A segmentation on the grid of its case's image, before it is accepted.

    Attributes:
        array: Whole numbers (I, J, K), 0 for no label.
        values: Name of each segment, and of each that the prediction had → its value.
        regions: The regions that the values are; none where each voxel has one label.
        absent: The names of the labels of which there is nothing, in order, but for those that nobody annotated.
    """

    array: np.ndarray
    values: dict[str, int]
    regions: tuple[Region, ...]
    absent: tuple[str, ...]

    @property
    def ignored(self) -> int | None:
        """The value of what is left out; None for none."""
        return ignored_value({value: name for name, value in self.values.items()})

    @property
    def is_unlabelled(self) -> np.ndarray:
        """(I, J, K), true where there is no label, or where it is left out."""
        return np.isin(self.array, (0, self.ignored or 0))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it, but for what is left out."""
        return bool(self.is_unlabelled.all())

    def not_drawn(self, names: Iterable[str]) -> list[int]:
        """The values of those of these labels of which there is nothing."""
        drawn = set(np.unique(self.array).tolist())
        values = [self.values[name] for name in names if name in self.values]
        return [value for value in values if not drawn & set(covered(self.regions, value))]


def sample(case: TargetCase, node: slicer.vtkMRMLSegmentationNode) -> Sampled:
    """A segmentation on the grid of its case's image.

    Args:
        case: The case, whose image is in the scene.
        node: The segmentation.

    Raises:
        InputError: There is no segment, or segments share a name, or overlap and are no regions.
    """
    names, copy = segment_names(node), node.GetNodeReference(PREDICTED)
    if not names:
        raise InputError(
            "draft-without-segments",
            "segmentation `{segmentation}`: has no segment, so it does not say what was looked for; add a segment of each "
            "label, which may be empty, or flag the case to leave it for later.",
            segmentation=node.GetName(),
        )
    values = {
        name: n for n, name in enumerate(dict.fromkeys([*names, *(segment_names(copy) if copy else ())]), start=1)
    }
    regions = tuple(with_values(declared(node), values))
    array = sample_segments(node, world_grid(case.images[0]), values, regions).array
    drawn, ignored = set(np.unique(array).tolist()), ignored_value({value: name for name, value in values.items()})
    absent = [
        name
        for name, value in values.items()
        if value != ignored and name not in case.not_annotated and not drawn & set(covered(regions, value))
    ]
    return Sampled(array, values, regions, tuple(absent))


def accept(
    cases: TargetCases, case: TargetCase, node: slicer.vtkMRMLSegmentationNode, sampled: Sampled | None = None
) -> BeganAs | None:
    """Make a segmentation the annotation of a case. One without a voxel says that there is nothing of its labels.

    Args:
        cases: The list of cases.
        case: The case, whose image is in the scene.
        node: The segmentation.
        sampled: What `sample` made of it; None to sample it now.

    Returns:
        What it began as and how much was changed; None for one that was drawn without a prediction.

    Raises:
        InputError: There is no segment, or segments share a name, or overlap and are no regions.
    """
    sampled = sampled or sample(case, node)
    copy, began = node.GetNodeReference(PREDICTED), began_as(node)
    if began is not None and copy is not None:
        grid = world_grid(case.images[0])
        voxel_ml = abs(float(np.linalg.det(grid.affine[:3, :3]))) * ML_PER_MM3
        predicted = sample_segments(copy, grid, sampled.values, sampled.regions).array
        annotated, slices = None, AnnotatedSlices.parse(case.annotated_slices)
        if slices is not None:
            annotated = in_annotated_slices(case.name, slices, grid, ~sampled.is_unlabelled)
        unknown = sampled.not_drawn(case.not_annotated)
        found = correction(predicted, sampled.array, voxel_ml, sampled.ignored, sampled.regions, unknown, annotated)
        began = replace(began, dice=found.dice, changed_ml=found.changed_ml)
    if began is not None:
        if began.changed_ml or began.edited:
            mark_edited(node)
        node.SetAttribute(BEGAN, json.dumps(asdict(began)))
    for attribute in (RESULT, DRAFT_OF):
        node.RemoveAttribute(attribute)
    role = "train" if case.role == "unlabelled" else case.role
    cases.update(replace(case, segmentation=node, role=role, flagged=False))
    return began


def words_of(began: BeganAs | None) -> str:
    """What an accepted annotation began as, in a sentence."""
    if began is None:
        return _("Drawn without a prediction.")
    if began.changed_ml is None:
        return _("Began as a prediction of “{model}”.").format(model=began.model)
    if began.changed_ml == 0 and not began.edited:
        return _("The prediction of “{model}” was accepted as it is; look once more if you did not mean to.").format(
            model=began.model
        )
    dice = "–" if began.dice is None else f"{began.dice:.3f}"
    text = _("Began as a prediction of “{model}”: {ml:.2f} mL changed, Dice {dice} to it.")
    if began.edited:
        text = _("Began as a prediction of “{model}”, edited before; since then {ml:.2f} mL changed, Dice {dice}.")
    return text.format(model=began.model, ml=began.changed_ml, dice=dice)


def words_of_empty(sampled: Sampled) -> str:
    """What an annotation without a voxel counts as, in a sentence; "" for one that has some."""
    if not sampled.is_empty:
        return ""
    named = ", ".join(f"“{name}”" for name in sampled.absent)
    text = _("Nothing is segmented in it, so it counts as a case in which there is nothing of {labels}.")
    return text.format(labels=named) if named else _("Nothing is segmented in it.")


def words_of_absent(case: TargetCase, sampled: Sampled) -> str:
    """Which labels an annotation lacks, and what they count as, in a sentence; "" for none.

    Where only some slices are annotated, nothing is said: a label may lie in the others.

    Args:
        case: The case.
        sampled: Its annotation.
    """
    if not sampled.absent or case.annotated_slices:
        return ""
    named = ", ".join(f"“{name}”" for name in sampled.absent)
    if len(sampled.absent) == 1:
        text = _("{labels} is not drawn and counts as not there; if nobody looked for it, untick it below the cases.")
    else:
        text = _(
            "{labels} are not drawn and count as not there; if nobody looked for them, untick them below the cases."
        )
    return text.format(labels=named)


def drawn(cases: Iterable[TargetCase]) -> list[TargetCase]:
    """The annotated cases that did not begin as predictions, as far as the scene knows."""
    return [
        case
        for case in cases
        if case.role == "train" and case.segmentation is not None and not began_as(case.segmentation)
    ]


def state_of(case: TargetCase) -> str:
    """What is to be said of a case beside its row: that it was put aside, has a draft, or began as a prediction."""
    said = [_("It is put aside; accept it to take it back.")] if case.flagged else []
    draft = drafts().get(case.key)
    if draft is not None:
        said.append(_("It has a draft, “{name}”, which is not accepted yet.").format(name=draft.GetName()))
    elif began := began_as(case.segmentation):
        said.append(words_of(began))
    if case.annotated_slices:
        said.append(_("Only these slices count as annotated: {slices}.").format(slices=case.annotated_slices))
    return " ".join(said)
