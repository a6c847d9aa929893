"""The cases of a job's results in Slicer's views."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import slicer
import vtk
from slicer.i18n import tr as _

from TransferSegGui import outlines
from TransferSegGui.predictions import AS_MADE
from TransferSegGui.progress import one_by_one
from TransferSegGui.results import SOURCE, Results
from TransferSegGui.segmentations import (
    SURFACE,
    Style,
    add_segmentation,
    card_styles,
    fingerprint,
    own_styles,
    segments_of,
    surface_of,
)
from TransferSegGui.targets import RESULT, TargetCase
from TransferSegGui.views_before import hide_others, put_back, put_image
from TransferSegGui.volumes import add_uncertainty, add_volume
from TransferSegGui.words import strategy_words
from TransferSegLib.cases.volumes import read_labels, read_volume
from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.case_set import CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.palette import VIEWS as VIEW_COLORS
from TransferSegLib.core.palette import hexadecimal
from TransferSegLib.jobs.target import read_target
from TransferSegLib.transfer.recommended import AUTO

REFERENCE, UNCERTAINTY = "reference", "uncertainty"
LAYOUT_ID = 5310
VIEWS = ("TransferSeg1", "TransferSeg2", "TransferSeg3")
# Slicer writes into the four corners of slice views whenever they change; the edges are free.
EDGE = vtk.vtkCornerAnnotation.UpperEdge
# The layout before ours, on the layout node.
BEFORE = "TransferSeg.LayoutBefore"
# On the display of a segmentation: it is one of those of the case that is shown. Its value is the number of its view, side by
# side, and what is shown there in words.
COMPARED = "TransferSeg.Compared"


class ResultNodes:
    """The nodes that show one job in the scene; asking again for one gives the same node.

    Attributes:
        results: The job's results.
        cases: The table's case for each numbered case of the job, as far as it is still there.
    """

    def __init__(self, results: Results, cases: Mapping[str, TargetCase]) -> None:
        self.results, self.cases = results, cases

    @cached_property
    def _set(self) -> CaseSet:
        return read_target(self.results.job.read_spec())

    def annotated(self) -> list[str]:
        """The names of the job's cases that it was trained on with their annotations."""
        return [case.name for case in self._set.cases if case.role == "train" and case.label is not None]

    def image(self, case: str) -> slicer.vtkMRMLVolumeNode:
        """The case's first volume: the person's own while it is in the scene, else the job's.

        Raises:
            InputError: The job has no image of that case, or it cannot be read.
        """
        known = self.cases.get(case)
        first = known.images[0] if known is not None else None
        if first is not None and not isinstance(first, Path) and first.GetScene() is not None:
            return first
        node = self._find(case, "image", "vtkMRMLScalarVolumeNode")
        if node is None:
            entry = next((c for c in self._set.cases if c.name == case), None)
            if entry is None:
                raise InputError(
                    "job-without-image",
                    "{path}: has no image of `{case}`; was the job folder changed?",
                    path=self.results.job.path,
                    case=case,
                )
            node = self._mark(add_volume(read_volume(entry.images[0]), case.replace("_", " ")), case, "image")
        return node

    def segmentation(self, case: str, what: str) -> slicer.vtkMRMLSegmentationNode | None:
        """A segmentation of a case, on its image; one that was not in the scene is added, and not shown.

        Args:
            case: The name of the case in the job.
            what: `REFERENCE`, or the strategy that made it.

        Returns:
            The node; None where there is no such segmentation.
        """
        if node := self._find(case, what, "vtkMRMLSegmentationNode"):
            return node
        entry = next((c for c in self._set.cases if c.name == case), None)
        path = (entry.label if entry else None) if what == REFERENCE else self.results.segmentation(what, case)
        if path is None:
            return None
        image = self.image(case)
        name = f"{image.GetName()}: {self._words().get(what, strategy_words(what))}"
        styles = self.styles()
        if what == REFERENCE:
            styles = {value: replace(style, made_by="") for value, style in styles.items()}
        found = add_segmentation(read_labels(path), styles, name, image, self.results.card.regions)
        node = self._mark(found, case, what)
        node.SetAttribute(AS_MADE, fingerprint(node))
        node.GetDisplayNode().SetVisibility(False)
        return node

    def uncertainty(self, case: str) -> slicer.vtkMRMLScalarVolumeNode | None:
        """The map of the kept model's uncertainty of a case; None where the job wrote none.

        One that was not in the scene is added among the volumes, and not put into the views.
        """
        node, path = self._find(case, UNCERTAINTY, "vtkMRMLScalarVolumeNode"), self.results.uncertainty(case)
        if node is None and path is not None:
            node = self._mark(add_uncertainty(read_volume(path), self.image(case).GetName()), case, UNCERTAINTY)
        return node

    def load_all(self, strategy: str | None = None) -> list[slicer.vtkMRMLSegmentationNode]:
        """A strategy's segmentations of all cases; without one the adapted model's, or where it has none the kept one's.

        Those that were not in the scene are not shown: they would all lie over the one image that is.
        """
        found = (self.adapted_segmentation(case, strategy) for case in self.results.segmented)
        return [node for node in found if node is not None]

    def adapted_segmentation(self, case: str, strategy: str | None = None) -> slicer.vtkMRMLSegmentationNode | None:
        """As `segmentation`, of a strategy; without one the adapted model's, or where it has none the kept one's."""
        wanted = [strategy] if strategy else [self.results.adapted, self.results.kept]
        return next((node for what in wanted if (node := self.segmentation(case, what)) is not None), None)

    def show(self, case: str, side_by_side: bool) -> None:
        """Show a case: its image with the reference, the source model's and the adapted model's segmentations.

        Its map of the uncertainty, where there is one, comes into the scene as a volume.

        Args:
            case: The name of the case in the job.
            side_by_side: Whether each has a slice view and a 3D view of its own; else all are outlines in the views that
                are there, in the colours of their origins.
        """
        found = {what: self.segmentation(case, what) for what in self._words()}
        self.uncertainty(case)
        image = self.image(case)
        nodes = [node for node in found.values() if node is not None]
        if side_by_side:
            shown = [(words, found[what]) for what, words in self._words().items()]
            _arrange([*shown, (_("adapted model"), None)])  # a job of the source model alone has no third
        show_only(nodes, image, side_by_side)
        for number, (what, words) in enumerate(self._words().items()):
            if (node := found[what]) is not None:
                node.GetDisplayNode().SetAttribute(COMPARED, f"{number} {words}")
        if not side_by_side:
            _draw_outlines()
        make_surfaces(nodes)
        _focus()

    def _words(self) -> dict[str, str]:
        """What is shown of a case, in words."""
        words = {REFERENCE: _("reference"), SOURCE: _("source model")}
        adapted = self.results.adapted
        if (
            adapted == AUTO and self.results.kept == SOURCE
        ):  # no model is adapted: it is what the other cases chose for each
            words.setdefault(adapted, strategy_words(adapted))
        else:
            words.setdefault(adapted, _("adapted model"))
        return words

    def _own(self) -> list[slicer.vtkMRMLSegmentationNode]:
        """The person's own segmentations of the job's cases."""
        own = [case.segmentation for case in self.cases.values()]
        segmentations = [n for n in own if isinstance(n, slicer.vtkMRMLSegmentationNode)]
        return [n for n in segmentations if n.GetScene() is not None and n.GetDisplayNode()]

    def styles(self, card: ModelCard | None = None) -> dict[int, Style]:
        """The look of each value in segmentations: as the person's own segments, else as the card says.

        Args:
            card: The card of the model that made them; None for the job's own.
        """
        return card_styles(card or self.results.card, own_styles(self._own()))

    def _find(self, case: str, what: str, kind: str) -> Any:
        mark = self._name(case, what)
        return next((n for n in slicer.util.getNodesByClass(kind) if n.GetAttribute(RESULT) == mark), None)

    def _mark(self, node: Any, case: str, what: str) -> Any:
        node.SetAttribute(RESULT, self._name(case, what))
        return node

    def _name(self, case: str, what: str) -> str:
        return f"{self.results.identity}/{case}/{what}"


def show_only(
    nodes: Sequence[slicer.vtkMRMLSegmentationNode], image: slicer.vtkMRMLVolumeNode, arranged: bool = False
) -> None:
    """Show segmentations over their image, and hide all others, which may be of other patients.

    Args:
        nodes: The segmentations.
        image: Their image.
        arranged: Whether each has been given views of its own; else they are seen in every view.
    """
    if not arranged:
        leave_layout()
        _in_all_views(nodes)
    for other in _result_segmentations():
        other.GetDisplayNode().RemoveAttribute(COMPARED)
        outlines.erase(other)
        other.GetDisplayNode().SetVisibility(other in nodes)
    hide_others(nodes)
    put_image(image, but=VIEWS)
    _jump_to(nodes)


def make_surfaces(nodes: Sequence[slicer.vtkMRMLSegmentationNode]) -> None:
    """Make the closed surfaces that 3D views show of segmentations, those that are missing, segment by segment.

    A 3D view makes all that are missing at once as soon as it sees one. So they are given to their segments together; where
    the person cancels, none is, and 3D views show none.
    """
    missing = [
        (node, identifier)
        for node in nodes
        for identifier in segments_of(node).GetSegmentIDs()
        if segments_of(node).GetSegment(identifier).GetRepresentation(SURFACE) is None
    ]
    made = []
    for node, identifier in one_by_one(missing, _("Making the surfaces of the segments…")):
        if segments_of(node).GetSegment(identifier) is None:  # a script removed it meanwhile
            return
        made.append(surface_of(segments_of(node), identifier))
    if len(made) < len(missing):
        return
    surfaces = list(zip(missing, made, strict=True))
    for node in nodes:
        with slicer.util.NodeModify(node):
            for (of, identifier), surface in surfaces:
                if of is node:
                    segments_of(node).GetSegment(identifier).AddRepresentation(SURFACE, surface)
            segments_of(node).InvokeEvent(slicer.vtkSegmentation.ContainedRepresentationNamesModified)


def register_layout() -> None:
    """Make the side-by-side layout known to Slicer, which keeps only its number with a scene.

    A scene that was saved with it shows its views only where it is known before the scene is loaded.
    """
    layout = layout_node()
    if layout is not None and not layout.IsLayoutDescription(LAYOUT_ID):
        layout.AddLayoutDescription(LAYOUT_ID, _layout())
        layout.AddObserver(vtk.vtkCommand.ModifiedEvent, _layout_changed)


def _layout_changed(layout: slicer.vtkMRMLLayoutNode, _event: str) -> None:
    """Once another layout is chosen, show what was side by side as outlines in all views; the titles go."""
    if layout.GetViewArrangement() == LAYOUT_ID:
        return
    arranged = [n for n in _result_segmentations() if n.GetDisplayNode().GetNumberOfViewNodeIDs()]
    _in_all_views([node for node in arranged if node.GetDisplayNode().GetVisibility()])
    for node in arranged:
        node.GetDisplayNode().RemoveAllViewNodeIDs()
    if arranged:
        _draw_outlines()
    layout.RemoveAttribute(BEFORE)
    for tag in VIEWS:
        _write_title(tag, "")


def layout_node() -> slicer.vtkMRMLLayoutNode | None:
    """Slicer's layout; None where it runs without a main window."""
    manager = slicer.app.layoutManager()
    return None if manager is None else manager.layoutLogic().GetLayoutNode()


def leave_layout() -> None:
    """Go from the side-by-side layout back to the one before it."""
    layout = layout_node()
    if layout is not None and layout.GetViewArrangement() == LAYOUT_ID:
        usual = slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView
        slicer.app.layoutManager().setLayout(int(layout.GetAttribute(BEFORE) or usual))


def _result_segmentations() -> list[slicer.vtkMRMLSegmentationNode]:
    """Every segmentation of any job's results in the scene."""
    nodes = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
    return [node for node in nodes if node.GetAttribute(RESULT) and node.GetDisplayNode()]


def results_are_shown() -> bool:
    """Whether a segmentation of any job's results is shown in the views."""
    return any(node.GetDisplayNode().GetVisibility() for node in _result_segmentations())


def _in_all_views(nodes: Sequence[slicer.vtkMRMLSegmentationNode]) -> None:
    """Show segmentations in all views; in slices as outlines where there are several."""
    for display in (node.GetDisplayNode() for node in nodes):
        display.RemoveAllViewNodeIDs()
        display.SetOpacity2DFill(0.0 if len(nodes) > 1 else 0.4)


def _draw_outlines() -> None:
    """Draw the case that is shown in the colours of the origins of its segmentations."""
    shown = []
    for node in compared():
        number, _space, words = node.GetDisplayNode().GetAttribute(COMPARED).partition(" ")
        if words:  # a scene of an earlier version has none
            shown.append((int(number), words, node))
    outlines.draw(sorted(shown, key=lambda one: one[0]))


def compared() -> list[slicer.vtkMRMLSegmentationNode]:
    """The segmentations of the case that is shown, side by side or over one another; empty where none is."""
    shown = ((node, node.GetDisplayNode()) for node in _result_segmentations())
    return [node for node, display in shown if display.GetAttribute(COMPARED) and display.GetVisibility()]


def compared_case() -> tuple[str, str] | None:
    """The identity of the job, and the name in it, of the case that is shown; None where none is."""
    return next((tuple(node.GetAttribute(RESULT).split("/")[:2]) for node in compared()), None)


def hide_newcomers() -> None:
    """Hide what came into the scene since a case is shown side by side: it would lie under the titles of the case."""
    if is_side_by_side() and (nodes := compared()):
        hide_others(nodes)


def leave_case(images: Mapping[slicer.vtkMRMLNode, slicer.vtkMRMLNode]) -> bool:
    """Take the case that is shown out of the views, with its layout and titles, and put back what was there before.

    A result that is shown alone stays, over its image: the person may be about to correct it.

    Args:
        images: The image of each of the person's segmentations, where it is known.

    Returns:
        Whether a case was shown.
    """
    nodes = compared()
    for node in nodes:
        node.GetDisplayNode().SetVisibility(False)
        outlines.erase(node)
    leave_layout()
    put_back(bool(nodes) or not results_are_shown(), images)
    return bool(nodes)


def state_of_views() -> Any:
    """Layout and images, to tell whether the person shows something else than before."""
    layout = layout_node()
    composites = slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode")
    return layout and layout.GetViewArrangement(), [composite.GetBackgroundVolumeID() for composite in composites]


def _arrange(shown: Sequence[tuple[str, slicer.vtkMRMLSegmentationNode | None]]) -> None:
    """Give each of three segmentations a slice view and a 3D view that say what it is, with linked slices."""
    register_layout()
    layout, manager = layout_node(), slicer.app.layoutManager()
    assert layout is not None  # cases are shown in a main window alone
    before = layout.GetViewArrangement()
    manager.setLayout(LAYOUT_ID)
    if before != LAYOUT_ID:
        layout.SetAttribute(BEFORE, str(before))
    for tag, (words, node) in zip(VIEWS, shown, strict=False):
        slices = slicer.mrmlScene.GetSingletonNode(tag, "vtkMRMLSliceNode")
        three_d = slicer.mrmlScene.GetSingletonNode(tag, "vtkMRMLViewNode")
        _write_title(tag, words if node is not None else _("{what}: none").format(what=words))
        if node is not None:
            display = node.GetDisplayNode()
            display.SetOpacity2DFill(0.3)
            display.RemoveAllViewNodeIDs()
            for view_node in (slices, three_d):
                if view_node is not None:
                    display.AddViewNodeID(view_node.GetID())
        slices.SetOrientationToAxial()
        composite = slicer.app.applicationLogic().GetSliceLogic(slices).GetSliceCompositeNode()
        composite.SetLinkedControl(True)  # from now on, scrolling one scrolls all three
        composite.SetDoPropagateVolumeSelection(False)  # a volume that is loaded meanwhile is of another case


def _write_title(tag: str, words: str) -> None:
    """Say in the slice view and the 3D view of a column what they show."""
    manager = slicer.app.layoutManager()
    spaces = [manager.threeDWidget(number) for number in range(manager.threeDViewCount)]
    views = [space.threeDView() for space in spaces if space.mrmlViewNode().GetSingletonTag() == tag]
    slices = manager.sliceWidget(tag)
    for view in [*views, *([slices.sliceView()] if slices else [])]:
        view.cornerAnnotation().SetText(EDGE, words)
        view.scheduleRender()


def is_side_by_side() -> bool:
    """Whether the side-by-side layout is in use."""
    layout = layout_node()
    return layout is not None and layout.GetViewArrangement() == LAYOUT_ID


def shows_a_case_beside() -> bool:
    """Whether a case of some results is shown side by side; the layout stays when their scene is closed."""
    return is_side_by_side() and bool(_result_segmentations())


def _layout() -> str:
    def setting(name: str, value: str) -> str:
        return f'<property name="{name}" action="default">{html.escape(value)}</property>'

    def row(kind: str, rest: str = "") -> str:
        words = (_("reference"), _("source model"), _("adapted model"))
        views = "".join(
            f'<item><view class="{kind}" singletontag="{tag}">{setting("viewlabel", label)}'
            f"{setting('viewcolor', hexadecimal(color))}{rest}</view></item>"
            for tag, label, color in zip(VIEWS, words, VIEW_COLORS, strict=True)
        )
        return f'<item><layout type="horizontal">{views}</layout></item>'

    slices = row("vtkMRMLSliceNode", setting("orientation", "Axial"))
    return f'<layout type="vertical">{slices}{row("vtkMRMLViewNode")}</layout>'


def _jump_to(nodes: Sequence[slicer.vtkMRMLSegmentationNode]) -> None:
    """Move all slice views to the middle of what is segmented."""
    for node in nodes:
        bounds = [0.0] * 6
        node.GetRASBounds(bounds)
        if bounds[0] <= bounds[1]:
            middle = [(bounds[n] + bounds[n + 1]) / 2 for n in (0, 2, 4)]
            for slices in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
                slices.JumpSlice(*middle)
            break


def _focus() -> None:
    """Turn all 3D views to what they show."""
    for number in range(slicer.app.layoutManager().threeDViewCount):
        slicer.app.layoutManager().threeDWidget(number).threeDView().resetFocalPoint()
