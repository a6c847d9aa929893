"""Charts in Slicer's plot view: axes that say what they show, and a legend that hides nothing."""

from __future__ import annotations

from itertools import chain
from types import SimpleNamespace

import numpy as np
import pytest

from TransferSegLib.evaluation.comparison import LabelSummary


def curves(strategies: int, folds: int, steps: int) -> dict:
    return {
        (f"strategy {s}", str(f) if f < folds - 1 else "final"): [(n, 1.5 / n + s / 10) for n in range(1, steps + 1)]
        for s in range(strategies)
        for f in range(folds)
    }


def comparison(strategies: int, segments: tuple[str, ...]) -> SimpleNamespace:
    def label(name):
        return LabelSummary(1, name, 1, 0, {"dice": SimpleNamespace(mean=1.0)}, None, None)

    names = [*segments, "mean over labels"]
    return SimpleNamespace(
        strategies=[SimpleNamespace(strategy=f"s{n}", labels=[label(x) for x in names]) for n in range(strategies)]
    )


def summary(segments: tuple[str, ...]) -> SimpleNamespace:
    """One strategy's scores, without numbers."""

    def label(name):
        return LabelSummary(1, name, 1, 0, {}, None, None)

    return SimpleNamespace(strategies=[SimpleNamespace(strategy="open", labels=[label(x) for x in segments])])


def series_of(chart) -> list:
    return [chart.GetNthPlotSeriesNode(n) for n in range(chart.GetNumberOfPlotSeriesNodes())]


def test_both_axes_of_the_learning_curves_have_a_title(scene):
    from TransferSegGui import charts

    chart = charts.show_curves(curves(1, 1, 3))
    assert chart.GetXAxisTitle() == "training step"
    assert chart.GetYAxisTitle() == "loss (smaller is better)"
    assert chart.GetXAxisTitleVisibility() and chart.GetYAxisTitleVisibility()


def test_the_legend_of_the_learning_curves_names_each_strategy_once(scene):
    from TransferSegGui import charts

    chart = charts.show_curves(curves(2, 5, 3))
    names = [series.GetName() for series in series_of(chart)]
    assert names == ["strategy 0", "strategy 1"]


@pytest.mark.parametrize("entries", [1, 3, 8])
def test_curves_and_bars_end_below_the_legend(scene, entries):
    """In a plot of 350 pixels an entry of the legend takes some 18 of them, and its frame and margin 20."""
    from TransferSegGui import charts

    legend = (18 * entries + 20) / 350
    for chart, highest in (
        (charts.show_curves(curves(entries, 2, 50)), 1.5 + (entries - 1) / 10),
        (charts.means_chart(comparison(entries, ("air", "bone"))), 1.0),
    ):
        assert not chart.GetYAxisRangeAuto()
        low, high = chart.GetYAxisRange()
        assert low == 0 and highest <= high * (1 - legend)
        charts.forget_curves()


def test_a_long_training_is_drawn_in_as_many_points_as_can_be_seen(scene):
    from TransferSegGui import charts

    chart = charts.show_curves(curves(1, 1, 20000))
    assert series_of(chart)[0].GetTableNode().GetNumberOfRows() == charts.MOST_POINTS + 1


def test_only_the_line_that_grows_is_made_again(scene, monkeypatch):
    from TransferSegGui import charts

    thinned, made = charts._thinned, []
    monkeypatch.setattr(charts, "_thinned", lambda points: (made.append(len(points)), thinned(points))[1])
    points = curves(2, 3, 500)
    tables = [series.GetTableNode() for series in series_of(charts.show_curves(points))]
    before = [table.GetMTime() for table in tables]
    points["strategy 0", "1"].append((501, 0.1))
    made.clear()
    charts.show_curves(points)
    assert made == [501]
    assert [table.GetMTime() > time for table, time in zip(tables, before, strict=True)] == [True, False]
    again = [lines_of(table) for table in tables]
    charts.forget_curves()
    assert again == [lines_of(series.GetTableNode()) for series in series_of(charts.show_curves(points))]


def lines_of(table) -> list:
    """(model, its steps, its losses) in a table of learning curves."""
    import slicer

    steps, losses = (slicer.util.arrayFromTableColumn(table, name) for name in ("step", "loss"))
    names = [table.GetTable().GetColumnByName("model").GetValue(n) for n in range(len(steps))]
    ends = np.flatnonzero(np.isnan(losses))
    assert len(ends) == len(set(names))
    drawn = {name: np.flatnonzero(np.array(names) == name)[:-1] for name in names}
    return [(name, steps[rows].tolist(), losses[rows].tolist()) for name, rows in drawn.items()]


def test_the_lines_of_a_strategy_are_drawn_apart(scene):
    from TransferSegGui import charts

    (series,) = series_of(charts.show_curves({("open", "0"): [(1, 2.0), (2, 1.0)], ("open", "final"): [(1, 3.0)]}))
    assert lines_of(series.GetTableNode()) == [("fold 1", [1, 2], [2, 1]), ("final model", [1], [3])]


def test_charts_come_back_with_the_scene(scene, tmp_path):
    from TransferSegGui import charts

    def looks() -> list:
        found = []
        for part in (charts.CURVES, charts.MEANS):
            series = series_of(charts.find("vtkMRMLPlotChartNode", part))
            found.append([(s.GetName(), s.GetColor(), s.GetTableNode().GetName()) for s in series])
        return found

    points = curves(3, 3, 500)
    charts.show_curves(points)
    charts.means_chart(comparison(3, ("air", "bone")))
    before = looks()
    lines = [lines_of(series.GetTableNode()) for series in series_of(charts.find("vtkMRMLPlotChartNode", "curves"))]
    assert [[name for name, _color, _table in chart] for chart in before] == [
        ["strategy 0", "strategy 1", "strategy 2"],
        ["s0", "s1", "s2"],
    ]
    assert scene.util.saveScene(str(tmp_path / "scene.mrb"))
    scene.mrmlScene.Clear(0)
    scene.util.loadScene(str(tmp_path / "scene.mrb"))
    assert looks() == before
    chart = charts.show_curves(points)
    assert chart.GetNumberOfPlotSeriesNodes() == 3
    again = [lines_of(series.GetTableNode()) for series in series_of(chart)]
    for (name, *values), (of, *kept) in zip(chain(*again), chain(*lines), strict=True):
        assert name == of and np.allclose(values, kept, rtol=1e-5)  # files keep six digits


def test_a_scene_that_closes_takes_the_charts_and_their_tables_with_it(scene):
    from TransferSegGui import charts

    charts.show_curves(curves(2, 2, 3))
    charts.means_chart(comparison(2, ("air", "bone")))
    charts.results_table(summary(("air", "bone")))
    scene.mrmlScene.Clear(0)
    for kind in ("vtkMRMLTableNode", "vtkMRMLPlotSeriesNode", "vtkMRMLPlotChartNode"):
        assert scene.util.getNodesByClass(kind) == []


def test_a_job_leaves_one_table_of_curves_a_strategy_among_the_person_s(scene):
    from TransferSegGui import charts

    charts.show_curves(curves(2, 5, 3))
    tables = [t for t in scene.util.getNodesByClass("vtkMRMLTableNode") if not t.GetHideFromEditors()]
    assert [table.GetName() for table in tables] == ["Learning curves: strategy 0", "Learning curves: strategy 1"]
    charts.forget_curves()
    assert scene.util.getNodesByClass("vtkMRMLTableNode") == []


def test_segments_have_their_names_below_the_bars_and_in_their_tooltips(scene):
    from TransferSegGui import charts

    chart = charts.means_chart(comparison(2, ("air", "bone")))
    assert chart.GetXAxisTitle().split() == ["1:", "air", "2:", "bone", "3:", "mean", "over", "labels"]
    assert chart.GetYAxisTitle() == "mean Dice (0 to 1)"
    series = series_of(chart)[1]
    names = series.GetTableNode().GetTable().GetColumnByName(series.GetLabelColumnName())
    assert [names.GetValue(n) for n in range(3)] == ["air", "bone", "mean over labels"]
