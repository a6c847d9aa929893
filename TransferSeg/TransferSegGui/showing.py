"""The cases of a job's results in Slicer's views."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import slicer
import vtk
from slicer.i18n import tr as _

from TransferSegGui.progress import one_by_one
from TransferSegGui.results import SOURCE, Results
from TransferSegGui.segmentations import (
    SURFACE,
    Style,
    add_segmentation,
    card_styles,
    own_styles,
    segments_of,
    surface_of,
)
from TransferSegGui.targets import RESULT, TargetCase
from TransferSegGui.volumes import add_volume
from TransferSegGui.words import strategy_words
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels, read_volume
from TransferSegLib.core.case_set import CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.palette import VIEWS as VIEW_COLORS
from TransferSegLib.core.palette import hexadecimal

REFERENCE = "reference"
LAYOUT_ID = 5310
VIEWS = ("TransferSeg1", "TransferSeg2", "TransferSeg3")
# Slicer writes into the four corners of slice views whenever they change; the edges are free.
EDGE = vtk.vtkCornerAnnotation.UpperEdge
# What is put back: the layout before ours, as an attribute of the layout node, and that a segmentation was hidden by us.
BEFORE, HIDDEN = "TransferSeg.LayoutBefore", "TransferSeg.Hidden"
# And the volumes that lay over one another in a slice view, as node references of its composite node.
UNDER, OVER, LABELS = "TransferSeg.Background", "TransferSeg.Foreground", "TransferSeg.Label"


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
        return read_case_set(Path(self.results.job.read_spec().target))

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
        node = self._mark(add_segmentation(read_labels(path), self.styles(), name, image), case, what)
        node.GetDisplayNode().SetVisibility(False)
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

        Args:
            case: The name of the case in the job.
            side_by_side: Whether each has a slice view and a 3D view of its own; else all are outlines in the views that
                are there.
        """
        found = {what: self.segmentation(case, what) for what in self._words()}
        image = self.image(case)
        nodes = [node for node in found.values() if node is not None]
        if side_by_side:
            shown = [(words, found[what]) for what, words in self._words().items()]
            _arrange([*shown, (_("adapted model"), None)])  # a job of the source model alone has no third
        self.show_only(nodes, image, side_by_side)
        make_surfaces(nodes)
        _focus()

    def show_only(
        self, nodes: Sequence[slicer.vtkMRMLSegmentationNode], image: slicer.vtkMRMLVolumeNode, arranged: bool = False
    ) -> None:
        """Show segmentations over their image, and hide other results and the person's own segmentations of the cases.

        Args:
            nodes: The segmentations.
            image: Their image.
            arranged: Whether each has been given views of its own; else they are seen in every view.
        """
        if not arranged:
            leave_layout()
            _in_all_views(nodes)
        for other in _result_segmentations():
            other.GetDisplayNode().SetVisibility(other in nodes)
        restore_views()
        _hide(self._own())
        _remove_layers()
        slicer.util.setSliceViewerLayers(background=image, fit=True)
        _jump_to(nodes)

    def _words(self) -> dict[str, str]:
        """What is shown of a case, in words."""
        words = {REFERENCE: _("reference"), SOURCE: _("source model")}
        words.setdefault(self.results.adapted, _("adapted model"))
        return words

    def _own(self) -> list[slicer.vtkMRMLSegmentationNode]:
        """The person's own segmentations of the job's cases, which would lie over what is shown."""
        own = [case.segmentation for case in self.cases.values()]
        segmentations = [n for n in own if isinstance(n, slicer.vtkMRMLSegmentationNode)]
        return [n for n in segmentations if n.GetScene() is not None and n.GetDisplayNode()]

    def styles(self) -> dict[int, Style]:
        """The look of each value in the job's segmentations: as the person's own segments, else as the card says."""
        return card_styles(self.results.card, own_styles(self._own()))

    def _find(self, case: str, what: str, kind: str) -> Any:
        mark = self._name(case, what)
        return next((n for n in slicer.util.getNodesByClass(kind) if n.GetAttribute(RESULT) == mark), None)

    def _mark(self, node: Any, case: str, what: str) -> Any:
        node.SetAttribute(RESULT, self._name(case, what))
        return node

    def _name(self, case: str, what: str) -> str:
        return f"{self.results.identity}/{case}/{what}"


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
    """Once another layout is chosen, show what was side by side in all views, and the person's own segmentations again."""
    if layout.GetViewArrangement() == LAYOUT_ID:
        return
    arranged = [n for n in _result_segmentations() if n.GetDisplayNode().GetNumberOfViewNodeIDs()]
    _in_all_views([node for node in arranged if node.GetDisplayNode().GetVisibility()])
    for node in arranged:
        node.GetDisplayNode().RemoveAllViewNodeIDs()
    if layout.GetAttribute(BEFORE):
        layout.RemoveAttribute(BEFORE)
        restore_views()


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


def restore_views() -> None:
    """Show again what `ResultNodes.show_only` hid: the person's own segmentations, and what lay over an image."""
    for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode"):
        display = node.GetDisplayNode()
        if display and display.GetAttribute(HIDDEN):
            display.RemoveAttribute(HIDDEN)
            display.SetVisibility(True)
    for composite in slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode"):
        under, over, labels = (composite.GetNodeReference(role) for role in (UNDER, OVER, LABELS))
        bare = not composite.GetForegroundVolumeID() and not composite.GetLabelVolumeID()
        if bare and under is not None and composite.GetBackgroundVolumeID() == under.GetID():
            composite.SetForegroundVolumeID(over and over.GetID())
            composite.SetLabelVolumeID(labels and labels.GetID())
            for role in (UNDER, OVER, LABELS):
                composite.SetNodeReferenceID(role, None)


def _remove_layers() -> None:
    """Remove from the slice views what lies over their images: it may be of another case than the one shown next."""
    for composite in slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode"):
        over, labels = composite.GetForegroundVolumeID(), composite.GetLabelVolumeID()
        if over or labels:
            for role, layer in ((UNDER, composite.GetBackgroundVolumeID()), (OVER, over), (LABELS, labels)):
                composite.SetNodeReferenceID(role, layer)
    slicer.util.setSliceViewerLayers(foreground=None, label=None)


def _hide(nodes: Sequence[slicer.vtkMRMLSegmentationNode]) -> None:
    for display in (node.GetDisplayNode() for node in nodes):
        if display.GetVisibility():
            display.SetAttribute(HIDDEN, "1")
            display.SetVisibility(False)


def _arrange(shown: Sequence[tuple[str, slicer.vtkMRMLSegmentationNode | None]]) -> None:
    """Give each of three segmentations a slice view and a 3D view that say what it is, with linked slices."""
    register_layout()
    layout, manager = layout_node(), slicer.app.layoutManager()
    assert layout is not None  # cases are shown in a main window alone
    before = layout.GetViewArrangement()
    manager.setLayout(LAYOUT_ID)
    if before != LAYOUT_ID:
        layout.SetAttribute(BEFORE, str(before))
    spaces = [manager.threeDWidget(number) for number in range(manager.threeDViewCount)]
    for tag, (words, node) in zip(VIEWS, shown, strict=False):
        slices = slicer.mrmlScene.GetSingletonNode(tag, "vtkMRMLSliceNode")
        three_d = slicer.mrmlScene.GetSingletonNode(tag, "vtkMRMLViewNode")
        views = [manager.sliceWidget(tag).sliceView()]
        views += [space.threeDView() for space in spaces if space.mrmlViewNode() is three_d]
        for view in views:
            said = words if node is not None else _("{what}: none").format(what=words)
            view.cornerAnnotation().SetText(EDGE, said)
            view.scheduleRender()
        if node is not None:
            display = node.GetDisplayNode()
            display.SetOpacity2DFill(0.3)
            display.RemoveAllViewNodeIDs()
            for view_node in (slices, three_d):
                if view_node is not None:
                    display.AddViewNodeID(view_node.GetID())
        slices.SetOrientationToAxial()
        # Linked from now on: scrolling one scrolls all three.
        slicer.app.applicationLogic().GetSliceLogic(slices).GetSliceCompositeNode().SetLinkedControl(True)


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
