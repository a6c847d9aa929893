"""Cases, curves and scores in Slicer's views: segmentation nodes, tables and plots."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _

from TransferSegGui.progress import one_by_one
from TransferSegGui.results import SOURCE, Results, label_rows
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
from TransferSegLib.evaluation.comparison import Comparison

REFERENCE = "reference"
LAYOUT_ID = 5310
CURVES, DICE, SCORES = "curves", "dice", "scores"
# What a table, a chart or a series of one is for, as an attribute of it. With a singleton tag it would outlive its scene.
PART = "TransferSeg.Part"
# How many points each line in a table was made from, as an attribute of it; and how many of a line are drawn at most.
POINTS, MOST_POINTS = "TransferSeg.Points", 400
VIEWS = ("TransferSeg1", "TransferSeg2", "TransferSeg3")
# Of the bars above the views, on which Slicer writes in black.
VIEW_COLORS = ("#e69f00", "#56b4e9", "#5fc9a5")
# Slicer writes into the four corners of slice views whenever they change; the edges are free.
EDGE = vtk.vtkCornerAnnotation.UpperEdge
# What is put back: the layout before ours, as an attribute of the layout node, and that a segmentation was hidden by us.
BEFORE, HIDDEN = "TransferSeg.LayoutBefore", "TransferSeg.Hidden"
# And the volumes that lay over one another in a slice view, as node references of its composite node.
UNDER, OVER, LABELS = "TransferSeg.Background", "TransferSeg.Foreground", "TransferSeg.Label"
# Colours that stay apart for most colour-blind eyes (Okabe and Ito 2008).
COLORS = ((0.0, 0.447, 0.698), (0.902, 0.624, 0.0), (0.0, 0.62, 0.451), (0.8, 0.475, 0.655), (0.835, 0.369, 0.0),
          (0.337, 0.706, 0.914), (0.35, 0.35, 0.35), (0.941, 0.894, 0.259))  # fmt: skip


class ResultNodes:
    """The nodes that show one job in the scene; asking again for one gives the same node."""

    def __init__(self, results: Results, cases: Mapping[str, TargetCase]) -> None:
        """`cases`: the table's case for each numbered case of the job, as far as it is still there."""
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
        if known is not None and known.in_scene and known.images[0].GetScene() is not None:
            return known.images[0]
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
        """These segmentations over their image, of the job's results no others, and none of the person's own of its cases.

        They are seen in every view, unless they are `arranged` side by side.
        """
        if not arranged:
            leave_layout()
            _in_all_views(nodes)
        for other in _result_segmentations():
            other.GetDisplayNode().SetVisibility(other in nodes)
        give_back()
        _hide(self._own())
        _take_layers_away()
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


def show_curves(curves: Mapping[tuple[str, str], Sequence[tuple[int, float]]]) -> slicer.vtkMRMLPlotChartNode:
    """The learning curves as a plot: the loss at each step, a line a strategy and fold, a colour a strategy.

    The lines of a strategy are one series, so that the legend names it once, and one table.
    """
    chart = _node("vtkMRMLPlotChartNode", CURVES, _("Learning curves"))
    chart.SetTitle(_("Learning curves"))
    chart.SetXAxisTitle(_("training step"))
    chart.SetYAxisTitle(_("loss (smaller is better)"))
    strategies = list(dict.fromkeys(strategy for strategy, _fold in curves))
    highest = 0.0
    for n, strategy in enumerate(strategies):
        words = strategy_words(strategy)
        table = _node("vtkMRMLTableNode", f"{CURVES} {strategy}", _("Learning curves: {name}").format(name=words))
        series = _node("vtkMRMLPlotSeriesNode", f"{CURVES} {strategy}", words)
        _set_lines(table, {fold: points for (of, fold), points in curves.items() if of == strategy})
        losses = slicer.util.arrayFromTableColumn(table, _("loss"))
        highest = max(highest, losses[np.isfinite(losses)].max(initial=0.0))
        series.SetPlotType(slicer.vtkMRMLPlotSeriesNode.PlotTypeScatter)
        series.SetXColumnName(_("step"))
        series.SetYColumnName(_("loss"))
        series.SetColor(*COLORS[n % len(COLORS)])
        series.SetMarkerStyle(slicer.vtkMRMLPlotSeriesNode.MarkerStyleNone)
        if series.GetTableNodeID() != table.GetID():
            series.SetAndObserveTableNodeID(table.GetID())
        if not chart.HasPlotSeriesNodeID(series.GetID()):
            chart.AddAndObservePlotSeriesNodeID(series.GetID())
    _leave_room(chart, highest, len(strategies))
    return chart


def _set_lines(table: slicer.vtkMRMLTableNode, lines: Mapping[str, Sequence[tuple[int, float]]]) -> None:
    """The points of each fold's line, one line below the other; plots leave a gap at the loss that is no number after each.

    Lines that have not grown since the last call are taken from the table.
    """
    counts = [str(len(points)) for points in lines.values()]
    before = (table.GetAttribute(POINTS) or "").split()
    if counts == before:
        return
    kept: list[np.ndarray] = []
    if before:
        columns = [slicer.util.arrayFromTableColumn(table, name) for name in (_("step"), _("loss"))]
        kept = np.split(np.stack(columns, axis=1), np.cumsum([min(int(n), MOST_POINTS) + 1 for n in before])[:-1])
    drawn = [
        kept[n] if n < len(kept) and before[n] == counts[n] else _thinned(points)
        for n, points in enumerate(lines.values())
    ]
    values = np.concatenate(drawn)
    of = [_("final model") if fold == "final" else _("fold {number}").format(number=int(fold) + 1) for fold in lines]
    names = [name for name, part in zip(of, drawn, strict=True) for _point in part]
    table.SetAttribute(POINTS, " ".join(counts))
    _set_columns(table, {_("model"): names, _("step"): values[:, 0], _("loss"): values[:, 1]})


def _thinned(points: Sequence[tuple[int, float]]) -> np.ndarray:
    """(n + 1, 2) points, and the end of the line; of more than a plot has pixels for, the means of neighbours."""
    values = np.array(points, dtype=float).reshape(-1, 2)
    if len(values) > MOST_POINTS:
        values = np.array([part.mean(axis=0) for part in np.array_split(values, MOST_POINTS)])
    return np.vstack([values, [values[-1, 0] if len(values) else 0.0, np.nan]])


def _leave_room(chart: slicer.vtkMRMLPlotChartNode, highest: float, entries: int) -> None:
    """Let the Y axis reach so far above the highest value that the legend, in the upper right corner, covers nothing."""
    legend = min(0.55, 0.06 + 0.06 * entries)  # its part of the height of a plot of some 350 pixels
    chart.SetYAxisRangeAuto(False)
    chart.SetYAxisRange(0.0, (highest or 1.0) / (1 - legend))


def forget_curves() -> None:
    """Remove the learning curves of an earlier job from the scene."""
    for kind in ("vtkMRMLPlotSeriesNode", "vtkMRMLTableNode", "vtkMRMLPlotChartNode"):
        for node in slicer.util.getNodesByClass(kind):
            if (node.GetAttribute(PART) or "").startswith(CURVES):
                slicer.mrmlScene.RemoveNode(node)


def results_table(comparison: Comparison) -> slicer.vtkMRMLTableNode:
    """The scores of a comparison as a table node: a row a strategy and segment."""
    rows = label_rows(comparison)
    table = _node("vtkMRMLTableNode", SCORES, _("TransferSeg scores"))
    columns: dict[str, Any] = {
        "strategy": [strategy_words(strategy) for strategy, _label in rows],
        "segment": [label.label_name for _strategy, label in rows],
        "cases": np.array([label.cases for _strategy, label in rows]),
        "missed": np.array([label.misses for _strategy, label in rows]),
    }
    for metric in ("dice", "hd95_mm"):
        for part in ("mean", "low", "high"):
            values = [getattr(label.metrics[metric], part) for _strategy, label in rows]
            columns[f"{metric} {part}"] = np.array([np.nan if v is None else v for v in values], dtype=float)
    _set_columns(table, columns)
    return table


def dice_chart(comparison: Comparison) -> slicer.vtkMRMLPlotChartNode:
    """Mean Dice of each strategy as bars, in groups a segment."""
    labels = [label.label_name for label in comparison.strategies[0].labels]
    labels = labels if len(labels) > 2 else labels[:1]
    table = _node("vtkMRMLTableNode", DICE, _("Mean Dice"))
    columns: dict[str, Any] = {"segment": np.arange(1.0, len(labels) + 1), "name": labels}
    for strategy in comparison.strategies:
        means = [label.metrics["dice"].mean or 0.0 for label in strategy.labels[: len(labels)]]
        columns[strategy_words(strategy.strategy)] = np.array(means, dtype=float)
    _set_columns(table, columns)
    chart = _node("vtkMRMLPlotChartNode", DICE, _("Mean Dice"))
    chart.RemoveAllPlotSeriesNodeIDs()
    chart.SetTitle(_("Mean Dice on cases that the models did not see"))
    # Slicer writes numbers below bars, never words: the title of the axis says whose they are, and so does each tooltip.
    chart.SetXAxisTitle("     ".join(f"{n}: {name}" for n, name in enumerate(labels, start=1)))
    chart.SetYAxisTitle(_("mean Dice (0 to 1)"))
    chart.SetXAxisRangeAuto(False)
    chart.SetXAxisRange(0.5, len(labels) + 0.5)
    _leave_room(chart, 1.0, len(comparison.strategies))
    for n, strategy in enumerate(comparison.strategies):
        series = _node("vtkMRMLPlotSeriesNode", f"{DICE} {n}", strategy_words(strategy.strategy))
        series.SetName(strategy_words(strategy.strategy))
        series.SetPlotType(slicer.vtkMRMLPlotSeriesNode.PlotTypeBar)
        series.SetXColumnName("segment")
        series.SetYColumnName(strategy_words(strategy.strategy))
        series.SetLabelColumnName("name")
        series.SetColor(*COLORS[n % len(COLORS)])
        series.SetAndObserveTableNodeID(table.GetID())
        chart.AddAndObservePlotSeriesNodeID(series.GetID())
    return chart


def show_chart(chart: slicer.vtkMRMLPlotChartNode) -> None:
    """Show a chart in the plot view, in the layout with a plot that is nearest to the one in use."""
    slicer.modules.plots.logic().ShowChartInLayout(chart)


def find(kind: str, part: str) -> Any:
    """The table, chart or series of this module that is for `part`; None where there is none."""
    return next((n for n in slicer.util.getNodesByClass(kind) if n.GetAttribute(PART) == part), None)


def _node(kind: str, part: str, name: str) -> Any:
    node = find(kind, part)
    if node is None:
        node = slicer.mrmlScene.CreateNodeByClass(kind)
        node.UnRegister(None)  # the scene, which adds it next, and Python each hold it
        node.SetAttribute(PART, part)
        node.SetName(name)
        # Parts of a chart, of no use by themselves. Tables that are hidden would not be saved with every kind of scene.
        node.SetHideFromEditors(kind == "vtkMRMLPlotSeriesNode")
        node = slicer.mrmlScene.AddNode(node)
    return node


def _set_columns(table: slicer.vtkMRMLTableNode, columns: Mapping[str, Any]) -> None:
    with slicer.util.NodeModify(table):
        table.RemoveAllColumns()
        for name, values in columns.items():
            if isinstance(values, np.ndarray):
                column = slicer.util._vtkArrayFromNumpyArray(values, deep=True)
            else:
                column = vtk.vtkStringArray()
                for value in values:
                    column.InsertNextValue(value)
            column.SetName(name)
            table.AddColumn(column)


def register_layout() -> None:
    """Make the side-by-side layout known to Slicer, which keeps only its number with a scene.

    A scene that was saved with it shows its views only where it is known before the scene is loaded.
    """
    layout = layout_node()
    if layout is not None and not layout.IsLayoutDescription(LAYOUT_ID):
        layout.AddLayoutDescription(LAYOUT_ID, _layout())
        layout.AddObserver(vtk.vtkCommand.ModifiedEvent, _layout_changed)


def _layout_changed(layout: slicer.vtkMRMLLayoutNode, _event: str) -> None:
    """In other layouts than side by side all that is shown is seen in all views, and the person's own segmentations too."""
    if layout.GetViewArrangement() == LAYOUT_ID:
        return
    arranged = [n for n in _result_segmentations() if n.GetDisplayNode().GetNumberOfViewNodeIDs()]
    _in_all_views([node for node in arranged if node.GetDisplayNode().GetVisibility()])
    for node in arranged:
        node.GetDisplayNode().RemoveAllViewNodeIDs()
    if layout.GetAttribute(BEFORE):
        layout.RemoveAttribute(BEFORE)
        give_back()


def layout_node() -> slicer.vtkMRMLLayoutNode | None:
    """Slicer's layout; None where it runs without a main window."""
    manager = slicer.app.layoutManager()
    return None if manager is None else manager.layoutLogic().GetLayoutNode()


def leave_layout() -> None:
    """From the side-by-side layout back to the one before it."""
    if is_side_by_side():
        usual = slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView
        slicer.app.layoutManager().setLayout(int(layout_node().GetAttribute(BEFORE) or usual))


def _result_segmentations() -> list[slicer.vtkMRMLSegmentationNode]:
    """Every segmentation of any job's results in the scene."""
    nodes = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
    return [node for node in nodes if node.GetAttribute(RESULT) and node.GetDisplayNode()]


def results_are_shown() -> bool:
    """Whether a segmentation of any job's results is shown in the views."""
    return any(node.GetDisplayNode().GetVisibility() for node in _result_segmentations())


def _in_all_views(nodes: Sequence[slicer.vtkMRMLSegmentationNode]) -> None:
    """Let all views show these segmentations, in slices as outlines where there are several."""
    for display in (node.GetDisplayNode() for node in nodes):
        display.RemoveAllViewNodeIDs()
        display.SetOpacity2DFill(0.0 if len(nodes) > 1 else 0.4)


def give_back() -> None:
    """Show what `ResultNodes.show_only` hid: the person's own segmentations, and what lay over an image that is shown."""
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


def _take_layers_away() -> None:
    """Take from the slice views what lies over their images, which may be of another case than the one shown next."""
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
    """Each of three segmentations in a slice view and a 3D view that say what it is, all slices at the same place."""
    register_layout()
    layout, manager = layout_node(), slicer.app.layoutManager()
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
            f"{setting('viewcolor', color)}{rest}</view></item>"
            for tag, label, color in zip(VIEWS, words, VIEW_COLORS, strict=True)
        )
        return f'<item><layout type="horizontal">{views}</layout></item>'

    slices = row("vtkMRMLSliceNode", setting("orientation", "Axial"))
    return f'<layout type="vertical">{slices}{row("vtkMRMLViewNode")}</layout>'


def _jump_to(nodes: Sequence[slicer.vtkMRMLSegmentationNode]) -> None:
    """All slice views to the middle of what is segmented."""
    for node in nodes:
        bounds = [0.0] * 6
        node.GetRASBounds(bounds)
        if bounds[0] <= bounds[1]:
            middle = [(bounds[n] + bounds[n + 1]) / 2 for n in (0, 2, 4)]
            for slices in slicer.util.getNodesByClass("vtkMRMLSliceNode"):
                slices.JumpSlice(*middle)
            break


def _focus() -> None:
    """All 3D views on what they show."""
    for number in range(slicer.app.layoutManager().threeDViewCount):
        slicer.app.layoutManager().threeDWidget(number).threeDView().resetFocalPoint()
