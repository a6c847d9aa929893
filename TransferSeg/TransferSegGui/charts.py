"""Learning curves and scores as tables and charts of the scene."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import slicer
import vtk
from slicer.i18n import tr as _

from TransferSegGui.results import label_rows
from TransferSegGui.words import in_panel_language, strategy_words
from TransferSegLib.core.palette import strategy_color
from TransferSegLib.evaluation.comparison import Comparison, color_numbers
from TransferSegLib.evaluation.metrics import main_metrics
from TransferSegLib.loop.standing import Round

CURVES, MEANS, SCORES, ROUNDS = "curves", "dice", "scores", "rounds"  # the first three as in scenes of version 0.1.0
# What a table, a chart or a series of one is for, as an attribute of it. With a singleton tag it would outlive its scene.
PART = "TransferSeg.Part"
# How many points each line in a table was made from, as an attribute of it; and how many of a line are drawn at most.
POINTS, MOST_POINTS = "TransferSeg.Points", 400


def show_curves(curves: Mapping[tuple[str, str], Sequence[tuple[int, float]]]) -> slicer.vtkMRMLPlotChartNode:
    """The learning curves as a plot: the loss at each step, a line a strategy and fold, a colour a strategy.

    The lines of a strategy are one series, so that the legend names it once, and one table.
    """
    chart = _node("vtkMRMLPlotChartNode", CURVES, _("Learning curves"))
    chart.SetTitle(_("Learning curves"))
    chart.SetXAxisTitle(_("training step"))
    chart.SetYAxisTitle(_("loss (smaller is better)"))
    strategies = list(dict.fromkeys(strategy for strategy, _fold in curves))
    numbers = color_numbers(strategies)
    highest = 0.0
    for strategy in strategies:
        words = strategy_words(strategy)
        table = _node("vtkMRMLTableNode", f"{CURVES} {strategy}", _("Learning curves: {name}").format(name=words))
        series = _node("vtkMRMLPlotSeriesNode", f"{CURVES} {strategy}", words)
        _set_lines(table, {fold: points for (of, fold), points in curves.items() if of == strategy})
        losses = slicer.util.arrayFromTableColumn(table, _("loss"))
        highest = max(highest, losses[np.isfinite(losses)].max(initial=0.0))
        series.SetPlotType(slicer.vtkMRMLPlotSeriesNode.PlotTypeScatter)
        series.SetXColumnName(_("step"))
        series.SetYColumnName(_("loss"))
        series.SetColor(*_color(numbers[strategy]))
        series.SetMarkerStyle(slicer.vtkMRMLPlotSeriesNode.MarkerStyleNone)
        if series.GetTableNodeID() != table.GetID():
            series.SetAndObserveTableNodeID(table.GetID())
        if not chart.HasPlotSeriesNodeID(series.GetID()):
            chart.AddAndObservePlotSeriesNodeID(series.GetID())
    _leave_room(chart, highest, len(strategies))
    return chart


def _color(number: int) -> tuple[float, float, float]:
    """The colour of a strategy as Slicer wants it, 0 to 1; it is the same in the report."""
    red, green, blue = strategy_color(number)
    return round(red / 255, 4), round(green / 255, 4), round(blue / 255, 4)  # a scene keeps six digits


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
    """The points of a line, (n + 1, 2), averaged in groups where a plot has fewer pixels, and a NaN that ends it."""
    values = np.array(points, dtype=float).reshape(-1, 2)
    if len(values) > MOST_POINTS:
        values = np.array([part.mean(axis=0) for part in np.array_split(values, MOST_POINTS)])
    return np.vstack([values, [values[-1, 0] if len(values) else 0.0, np.nan]])


def _leave_room(chart: slicer.vtkMRMLPlotChartNode, highest: float, entries: int) -> None:
    """Let the Y axis reach so far above the highest value that the legend, in the upper right corner, covers nothing."""
    chart.SetYAxisRangeAuto(False)
    chart.SetYAxisRange(0.0, (highest or 1.0) / (1 - _legend_share(entries)))


def _legend_share(entries: int) -> float:
    """The part of the height of a plot of some 350 pixels that a legend takes."""
    return min(0.55, 0.06 + 0.06 * entries)


def forget_curves() -> None:
    """Remove the learning curves of an earlier job from the scene."""
    for kind in ("vtkMRMLPlotSeriesNode", "vtkMRMLTableNode", "vtkMRMLPlotChartNode"):
        for node in slicer.util.getNodesByClass(kind):
            if (node.GetAttribute(PART) or "").startswith(CURVES):
                slicer.mrmlScene.RemoveNode(node)


def results_table(comparison: Comparison) -> slicer.vtkMRMLTableNode:
    """The scores of a comparison as a table node: a row a strategy and segment, and for each metric its mean and interval."""
    rows = label_rows(comparison)
    columns: dict[str, Any] = {
        "strategy": [strategy_words(strategy) for strategy, _label in rows],
        "segment": [label.label_name for _strategy, label in rows],
        "cases": np.array([label.cases for _strategy, label in rows]),
        "missed": np.array([label.misses for _strategy, label in rows]),
    }
    for metric in main_metrics():
        for part in ("mean", "low", "high"):
            values = [getattr(label.statistics(metric.name), part) for _strategy, label in rows]
            columns[f"{metric.name} {part}"] = np.array([np.nan if v is None else v for v in values], dtype=float)
    return table_node(SCORES, _("TransferSeg scores"), columns)


def means_chart(comparison: Comparison) -> slicer.vtkMRMLPlotChartNode:
    """The mean of the metric by which strategies are ranked, as bars: a colour a strategy, in groups a segment."""
    metric = main_metrics()[0]
    heading = in_panel_language(metric).heading()
    labels = [label.label_name for label in comparison.strategies[0].labels]
    labels = labels if len(labels) > 2 else labels[:1]
    table = _node("vtkMRMLTableNode", MEANS, _("Mean {metric}").format(metric=heading))
    columns: dict[str, Any] = {"segment": np.arange(1.0, len(labels) + 1), "name": labels}
    highest = 0.0 if metric.unit else 1.0
    for strategy in comparison.strategies:
        means = [label.statistics(metric.name).mean or 0.0 for label in strategy.labels[: len(labels)]]
        columns[strategy_words(strategy.strategy)] = np.array(means, dtype=float)
        highest = max(highest, *means)
    _set_columns(table, columns)
    chart = _node("vtkMRMLPlotChartNode", MEANS, _("Mean {metric}").format(metric=heading))
    chart.RemoveAllPlotSeriesNodeIDs()
    chart.SetTitle(_("Mean {metric} on cases that the models did not see").format(metric=heading))
    # Slicer writes numbers below bars, never words: the title of the axis says whose they are, and so does each tooltip.
    chart.SetXAxisTitle("     ".join(f"{n}: {name}" for n, name in enumerate(labels, start=1)))
    y_axis = _("mean {metric}") if metric.unit else _("mean {metric} (0 to 1)")
    chart.SetYAxisTitle(y_axis.format(metric=heading))
    chart.SetXAxisRangeAuto(False)
    chart.SetXAxisRange(0.5, len(labels) + 0.5)
    _leave_room(chart, highest, len(comparison.strategies))
    numbers = color_numbers(strategy.strategy for strategy in comparison.strategies)
    for n, strategy in enumerate(comparison.strategies):
        series = _node("vtkMRMLPlotSeriesNode", f"{MEANS} {n}", strategy_words(strategy.strategy))
        series.SetName(strategy_words(strategy.strategy))
        series.SetPlotType(slicer.vtkMRMLPlotSeriesNode.PlotTypeBar)
        series.SetXColumnName("segment")
        series.SetYColumnName(strategy_words(strategy.strategy))
        series.SetLabelColumnName("name")
        series.SetColor(*_color(numbers[strategy.strategy]))
        series.SetAndObserveTableNodeID(table.GetID())
        chart.AddAndObservePlotSeriesNodeID(series.GetID())
    return chart


def rounds_chart(rounds: Sequence[Round]) -> slicer.vtkMRMLPlotChartNode:
    """The Dice over the rounds: on the cases that all share, with the interval, on all, and on those that were corrected."""
    table = _node("vtkMRMLTableNode", ROUNDS, _("Dice over the rounds"))
    intervals = [one.shared_interval or (np.nan, np.nan) for one in rounds]
    lines: dict[str, list[float | None]] = {
        _("shared cases"): [one.shared_dice for one in rounds],
        _("shared cases, interval from"): [low for low, _high in intervals],
        _("shared cases, interval to"): [high for _low, high in intervals],
        _("all annotated cases"): [one.dice for one in rounds],
        _("cases that began as predictions"): [one.prediction_dice for one in rounds],
        _("shared cases, source model"): [one.source_shared_dice for one in rounds],
    }
    columns: dict[str, Any] = {_("round"): np.arange(1.0, len(rounds) + 1)}
    for name, values in lines.items():
        columns[name] = np.array([np.nan if value is None else value for value in values], dtype=float)
    _set_columns(table, columns)
    chart = _node("vtkMRMLPlotChartNode", ROUNDS, _("Dice over the rounds"))
    chart.RemoveAllPlotSeriesNodeIDs()
    chart.SetTitle(_("Dice over the rounds"))
    chart.SetXAxisTitle(_("round"))
    chart.SetYAxisTitle(_("mean Dice (0 to 1)"))
    chart.SetXAxisRangeAuto(False)
    chart.SetXAxisRange(0.5, len(rounds) + 0.5)
    chart.SetYAxisRangeAuto(False)
    known = np.concatenate([values for name, values in columns.items() if name in lines])
    known = known[np.isfinite(known)]
    low = max(0.0, known.min(initial=1.0) - 0.05)
    drawn = sum(not np.isnan(columns[name]).all() for name in lines)
    chart.SetYAxisRange(low, low + (1.0 - low) / (1 - _legend_share(drawn)))
    styles = slicer.vtkMRMLPlotSeriesNode
    marks = [
        styles.MarkerStyleCircle,
        styles.MarkerStyleNone,
        styles.MarkerStyleNone,
        styles.MarkerStyleSquare,
        styles.MarkerStyleDiamond,
        styles.MarkerStyleCross,
    ]
    for n, (name, color) in enumerate(zip(lines, (1, 1, 1, 2, 3, 0), strict=True)):
        if np.isnan(columns[name]).all():
            continue
        series = _node("vtkMRMLPlotSeriesNode", f"{ROUNDS} {n}", name)
        series.SetPlotType(styles.PlotTypeScatter)
        series.SetXColumnName(_("round"))
        series.SetYColumnName(name)
        series.SetColor(*_color(color))
        series.SetMarkerStyle(marks[n])
        series.SetLineStyle(styles.LineStyleDot if n in (1, 2) else styles.LineStyleSolid)
        series.SetAndObserveTableNodeID(table.GetID())
        chart.AddAndObservePlotSeriesNodeID(series.GetID())
    return chart


def show_chart(chart: slicer.vtkMRMLPlotChartNode) -> None:
    """Show a chart in the plot view, in the layout with a plot that is nearest to the one in use."""
    slicer.modules.plots.logic().ShowChartInLayout(chart)


def table_node(part: str, name: str, columns: Mapping[str, Any]) -> slicer.vtkMRMLTableNode:
    """A table of the scene; there is one for each `part`.

    Args:
        part: What it is for, see `PART`.
        name: Its name where it is new.
        columns: The title of each column → its cells: an array of numbers, or texts.
    """
    table = _node("vtkMRMLTableNode", part, name)
    _set_columns(table, columns)
    return table


def find(kind: str, part: str) -> Any:
    """The table, chart or series that this module made for `part`; None where there is none.

    Args:
        kind: The class of the MRML node.
        part: What the node is for, as its attribute says.
    """
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
