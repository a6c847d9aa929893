"""Cases, curves and scores in Slicer's views: segmentation nodes, tables and plots."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _

from TransferSegGui.results import SOURCE, Results, label_rows
from TransferSegGui.segmentations import Style, add_segmentation, card_styles, own_styles
from TransferSegGui.targets import RESULT, TargetCase
from TransferSegGui.volumes import add_volume
from TransferSegGui.words import strategy_words
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels, read_volume
from TransferSegLib.errors import InputError
from TransferSegLib.evaluation.summary import Comparison

REFERENCE = "reference"
LAYOUT_ID = 5310
# How many points a table of a learning curve was made from, as an attribute of it; and how many are drawn at most.
POINTS, MOST_POINTS = "TransferSeg.Points", 400
VIEWS = ("TransferSeg1", "TransferSeg2", "TransferSeg3")
# Of the bars above the views, on which Slicer writes in black.
VIEW_COLORS = ("#e69f00", "#56b4e9", "#5fc9a5")
# Slicer writes into the four corners of slice views whenever they change; the edges are free.
EDGE = vtk.vtkCornerAnnotation.UpperEdge
# What is put back: the layout before ours, as an attribute of the layout node, and that a segmentation was hidden by us.
BEFORE, HIDDEN = "TransferSeg.LayoutBefore", "TransferSeg.Hidden"
# Colours that stay apart for most colour-blind eyes (Okabe and Ito 2008).
COLORS = ((0.0, 0.447, 0.698), (0.902, 0.624, 0.0), (0.0, 0.62, 0.451), (0.8, 0.475, 0.655), (0.835, 0.369, 0.0),
          (0.337, 0.706, 0.914), (0.35, 0.35, 0.35), (0.941, 0.894, 0.259))  # fmt: skip


class ResultNodes:
    """The nodes that show one job in the scene; asking again for one gives the same node."""

    def __init__(self, results: Results, cases: Mapping[str, TargetCase]) -> None:
        """`cases`: the table's case for each numbered case of the job, as far as it is still there."""
        self.results, self.cases = results, cases
        self._set = read_case_set(Path(results.job.read_spec().target))

    def image(self, case: str) -> slicer.vtkMRMLVolumeNode:
        """The case's first volume: the person's own, else read from the job."""
        known = self.cases.get(case)
        if known is not None and known.in_scene:
            return known.images[0]
        node = self._find(case, "image", "vtkMRMLScalarVolumeNode")
        if node is None:
            entry = next((c for c in self._set.cases if c.name == case), None)
            if entry is None:
                raise InputError(
                    _("{folder}: has no image of `{case}`; was the job folder changed?").format(
                        folder=self.results.job.path, case=case
                    )
                )
            node = self._mark(add_volume(read_volume(entry.images[0]), case.replace("_", " ")), case, "image")
        return node

    def segmentation(self, case: str, what: str) -> slicer.vtkMRMLSegmentationNode | None:
        """The reference (`what` is `REFERENCE`) or a strategy's segmentation of a case, on its image; None where none is."""
        if node := self._find(case, what, "vtkMRMLSegmentationNode"):
            return node
        entry = next((c for c in self._set.cases if c.name == case), None)
        path = (entry.label if entry else None) if what == REFERENCE else self.results.segmentation(what, case)
        if path is None:
            return None
        image, styles = self.image(case), self.styles()
        name = f"{image.GetName()}: {self._words().get(what, strategy_words(what))}"
        return self._mark(add_segmentation(read_labels(path), styles, name, image), case, what)

    def load_all(self, strategy: str | None = None) -> list[slicer.vtkMRMLSegmentationNode]:
        """A strategy's segmentations of all cases; without one the adapted model's, or where it has none the kept one's."""
        return list(self.load_one_by_one(strategy))

    def load_one_by_one(self, strategy: str | None = None) -> Iterator[slicer.vtkMRMLSegmentationNode]:
        """As `load_all`, a case with each step."""
        wanted = [strategy] if strategy else [self.results.adapted, self.results.kept]
        for case in self.results.segmented:
            if (node := next(filter(None, (self.segmentation(case, what) for what in wanted)), None)) is not None:
                yield node

    def show(self, case: str, side_by_side: bool) -> Iterator[slicer.vtkMRMLSegmentationNode]:
        """Show a case: its image with the reference, the source model's and the adapted model's segmentations.

        Side by side each has a slice view and a 3D view of its own; else all are outlines in the views that are there. A
        segmentation is loaded, and then the surface of one made, with each step.
        """
        image = self.image(case)
        found: dict[str, slicer.vtkMRMLSegmentationNode | None] = {}
        for what in self._words():
            found[what] = self.segmentation(case, what)
            if found[what] is not None:
                yield found[what]
        nodes = [node for node in found.values() if node is not None]
        if not side_by_side:
            leave_layout()
        for other in self.all():
            other.GetDisplayNode().SetVisibility(other in nodes)
        give_back()
        _hide(self._own())
        if side_by_side:
            _arrange(image, [(words, found[what]) for what, words in self._words().items()])
        else:
            slicer.util.setSliceViewerLayers(background=image, fit=True)
            for node in nodes:
                node.GetDisplayNode().RemoveAllViewNodeIDs()
                node.GetDisplayNode().SetOpacity2DFill(0.0 if len(nodes) > 1 else 0.4)
        _jump_to(nodes)
        for node in nodes:
            yield node
            node.CreateClosedSurfaceRepresentation()
        _focus()

    def _words(self) -> dict[str, str]:
        """What is shown of a case, in words."""
        return {REFERENCE: _("reference"), SOURCE: _("source model"), self.results.adapted: _("adapted model")}

    def all(self) -> list[slicer.vtkMRMLSegmentationNode]:
        """Every segmentation of any job's results in the scene."""
        return [n for n in slicer.util.getNodesByClass("vtkMRMLSegmentationNode") if n.GetAttribute(RESULT)]

    def _own(self) -> list[slicer.vtkMRMLSegmentationNode]:
        """The person's own segmentations of the job's cases, which would lie over what is shown."""
        own = [case.segmentation for case in self.cases.values()]
        return [n for n in own if isinstance(n, slicer.vtkMRMLSegmentationNode) and n.GetDisplayNode()]

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
        return f"{self.results.job.path.name}/{case}/{what}"


def show_curves(curves: Mapping[tuple[str, str], Sequence[tuple[int, float]]]) -> slicer.vtkMRMLPlotChartNode:
    """The learning curves as a plot: the loss at each step, a line a strategy and fold, a colour a strategy.

    The legend names each strategy once; lines that have not grown since the last call are left as they are.
    """
    chart = _singleton("vtkMRMLPlotChartNode", "TransferSegCurves", _("Learning curves"))
    chart.SetTitle(_("Learning curves"))
    chart.SetXAxisTitle(_("training step"))
    chart.SetYAxisTitle(_("loss (smaller is better)"))
    strategies = list(dict.fromkeys(strategy for strategy, _fold in curves))
    named: set[str] = set()
    highest = 0.0
    for (strategy, fold), points in curves.items():
        part = _("final model") if fold == "final" else _("fold {number}").format(number=int(fold) + 1)
        name = f"{strategy_words(strategy)}, {part}"
        table = _singleton("vtkMRMLTableNode", f"TransferSegCurve {strategy} {fold}", name)
        series = _singleton("vtkMRMLPlotSeriesNode", f"TransferSegSeries {strategy} {fold}", name)
        if table.GetAttribute(POINTS) != str(len(points)):
            table.SetAttribute(POINTS, str(len(points)))
            values = _thinned(points)
            _set_columns(table, {_("step"): values[:, 0], _("loss"): values[:, 1]})
        highest = max(highest, slicer.util.arrayFromTableColumn(table, _("loss")).max(initial=0.0))
        series.SetName("" if strategy in named else strategy_words(strategy))
        named.add(strategy)
        series.SetPlotType(slicer.vtkMRMLPlotSeriesNode.PlotTypeScatter)
        series.SetXColumnName(_("step"))
        series.SetYColumnName(_("loss"))
        series.SetColor(*COLORS[strategies.index(strategy) % len(COLORS)])
        series.SetMarkerStyle(slicer.vtkMRMLPlotSeriesNode.MarkerStyleNone)
        if series.GetTableNodeID() != table.GetID():
            series.SetAndObserveTableNodeID(table.GetID())
        if not chart.HasPlotSeriesNodeID(series.GetID()):
            chart.AddAndObservePlotSeriesNodeID(series.GetID())
    _leave_room(chart, highest, len(strategies))
    return chart


def _thinned(points: Sequence[tuple[int, float]]) -> np.ndarray:
    """(n, 2) points; of more than a plot has pixels for, the means of neighbours."""
    values = np.array(points, dtype=float).reshape(-1, 2)
    if len(values) <= MOST_POINTS:
        return values
    return np.array([part.mean(axis=0) for part in np.array_split(values, MOST_POINTS)])


def _leave_room(chart: slicer.vtkMRMLPlotChartNode, highest: float, entries: int) -> None:
    """Let the Y axis reach so far above the highest value that the legend, in the upper right corner, covers nothing."""
    legend = min(0.55, 0.06 + 0.06 * entries)  # its part of the height of a plot of some 350 pixels
    chart.SetYAxisRangeAuto(False)
    chart.SetYAxisRange(0.0, (highest or 1.0) / (1 - legend))


def forget_curves() -> None:
    """Remove the learning curves of an earlier job from the scene."""
    for kind in ("vtkMRMLPlotSeriesNode", "vtkMRMLTableNode", "vtkMRMLPlotChartNode"):
        for node in slicer.util.getNodesByClass(kind):
            if (node.GetSingletonTag() or "").startswith(("TransferSegCurve", "TransferSegSeries")):
                slicer.mrmlScene.RemoveNode(node)


def results_table(comparison: Comparison) -> slicer.vtkMRMLTableNode:
    """The scores of a comparison as a table node: a row a strategy and segment."""
    rows = label_rows(comparison)
    table = _singleton("vtkMRMLTableNode", "TransferSegScores", _("TransferSeg scores"))
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
    table = _singleton("vtkMRMLTableNode", "TransferSegDice", _("Mean Dice"))
    columns: dict[str, Any] = {"segment": np.arange(1.0, len(labels) + 1), "name": labels}
    for strategy in comparison.strategies:
        means = [label.metrics["dice"].mean or 0.0 for label in strategy.labels[: len(labels)]]
        columns[strategy_words(strategy.strategy)] = np.array(means, dtype=float)
    _set_columns(table, columns)
    chart = _singleton("vtkMRMLPlotChartNode", "TransferSegDiceChart", _("Mean Dice"))
    chart.RemoveAllPlotSeriesNodeIDs()
    chart.SetTitle(_("Mean Dice on cases that the models did not see"))
    # Slicer writes numbers below bars, never words: the title of the axis says whose they are, and so does each tooltip.
    chart.SetXAxisTitle("     ".join(f"{n}: {name}" for n, name in enumerate(labels, start=1)))
    chart.SetYAxisTitle(_("mean Dice (0 to 1)"))
    chart.SetXAxisRangeAuto(False)
    chart.SetXAxisRange(0.5, len(labels) + 0.5)
    _leave_room(chart, 1.0, len(comparison.strategies))
    for n, strategy in enumerate(comparison.strategies):
        series = _singleton("vtkMRMLPlotSeriesNode", f"TransferSegDice {n}", strategy_words(strategy.strategy))
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


def _singleton(kind: str, tag: str, name: str) -> Any:
    node = slicer.mrmlScene.GetSingletonNode(tag, kind)
    if node is None:
        node = slicer.mrmlScene.CreateNodeByClass(kind)
        node.UnRegister(None)  # the scene, which adds it next, and Python each hold it
        node.SetSingletonTag(tag)
        node.SetName(name)
        node.SetHideFromEditors(kind == "vtkMRMLPlotSeriesNode")  # parts of a chart, of no use by themselves
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


def layout_node() -> slicer.vtkMRMLLayoutNode | None:
    """Slicer's layout; None where it runs without a main window."""
    manager = slicer.app.layoutManager()
    return None if manager is None else manager.layoutLogic().GetLayoutNode()


def leave_layout() -> None:
    """From the side-by-side layout back to the one before it."""
    layout = layout_node()
    if layout is not None and layout.GetViewArrangement() == LAYOUT_ID:
        usual = slicer.vtkMRMLLayoutNode.SlicerLayoutFourUpView
        slicer.app.layoutManager().setLayout(int(layout.GetAttribute(BEFORE) or usual))


def give_back() -> None:
    """Show the person's own segmentations again, which `ResultNodes.show` hid."""
    for node in slicer.util.getNodesByClass("vtkMRMLSegmentationNode"):
        display = node.GetDisplayNode()
        if display and display.GetAttribute(HIDDEN):
            display.RemoveAttribute(HIDDEN)
            display.SetVisibility(True)


def _hide(nodes: Sequence[slicer.vtkMRMLSegmentationNode]) -> None:
    for display in (node.GetDisplayNode() for node in nodes):
        if display.GetVisibility():
            display.SetAttribute(HIDDEN, "1")
            display.SetVisibility(False)


def _arrange(
    image: slicer.vtkMRMLVolumeNode, shown: Sequence[tuple[str, slicer.vtkMRMLSegmentationNode | None]]
) -> None:
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
        composite = slicer.app.applicationLogic().GetSliceLogic(slices).GetSliceCompositeNode()
        composite.SetBackgroundVolumeID(image.GetID())
        slices.SetOrientationToAxial()
        slicer.app.applicationLogic().GetSliceLogic(slices).FitSliceToBackground()
        # Linked from now on: scrolling one scrolls all three.
        composite.SetLinkedControl(True)


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
