"""Charts in Slicer's plot view: axes that say what they show, and a legend that hides nothing."""

from __future__ import annotations

from types import SimpleNamespace

import pytest


def curves(strategies: int, folds: int, steps: int) -> dict:
    return {
        (f"strategy {s}", str(f) if f < folds - 1 else "final"): [(n, 1.5 / n + s / 10) for n in range(1, steps + 1)]
        for s in range(strategies)
        for f in range(folds)
    }


def comparison(strategies: int, segments: tuple[str, ...]) -> SimpleNamespace:
    def label(name):
        return SimpleNamespace(label_name=name, metrics={"dice": SimpleNamespace(mean=1.0)})

    names = [*segments, "mean over labels"]
    return SimpleNamespace(
        strategies=[SimpleNamespace(strategy=f"s{n}", labels=[label(x) for x in names]) for n in range(strategies)]
    )


def series_of(chart) -> list:
    return [chart.GetNthPlotSeriesNode(n) for n in range(chart.GetNumberOfPlotSeriesNodes())]


def test_both_axes_of_the_learning_curves_have_a_title(scene):
    from TransferSegGui import showing

    chart = showing.show_curves(curves(1, 1, 3))
    assert chart.GetXAxisTitle() == "training step"
    assert chart.GetYAxisTitle() == "loss (smaller is better)"
    assert chart.GetXAxisTitleVisibility() and chart.GetYAxisTitleVisibility()


def test_the_legend_of_the_learning_curves_names_each_strategy_once(scene):
    from TransferSegGui import showing

    chart = showing.show_curves(curves(2, 5, 3))
    names = [series.GetName() for series in series_of(chart)]
    assert len(names) == 10
    assert sorted(filter(None, names)) == ["strategy 0", "strategy 1"]


@pytest.mark.parametrize("entries", [1, 3, 8])
def test_curves_and_bars_end_below_the_legend(scene, entries):
    """In a plot of 350 pixels an entry of the legend takes some 18 of them, and its frame and margin 20."""
    from TransferSegGui import showing

    legend = (18 * entries + 20) / 350
    for chart, highest in (
        (showing.show_curves(curves(entries, 2, 50)), 1.5 + (entries - 1) / 10),
        (showing.dice_chart(comparison(entries, ("air", "bone"))), 1.0),
    ):
        assert not chart.GetYAxisRangeAuto()
        low, high = chart.GetYAxisRange()
        assert low == 0 and highest <= high * (1 - legend)
        showing.forget_curves()


def test_a_long_training_is_drawn_in_as_many_points_as_can_be_seen(scene):
    from TransferSegGui import showing

    chart = showing.show_curves(curves(1, 1, 20000))
    assert series_of(chart)[0].GetTableNode().GetNumberOfRows() == showing.MOST_POINTS


def test_only_the_line_that_grows_is_made_again(scene):
    from TransferSegGui import showing

    points = curves(1, 3, 5)
    tables = [series.GetTableNode() for series in series_of(showing.show_curves(points))]
    before = [table.GetMTime() for table in tables]
    points["strategy 0", "1"].append((6, 0.1))
    showing.show_curves(points)
    assert [table.GetMTime() > time for table, time in zip(tables, before, strict=True)] == [False, True, False]


def test_segments_have_their_names_below_the_bars_and_in_their_tooltips(scene):
    from TransferSegGui import showing

    chart = showing.dice_chart(comparison(2, ("air", "bone")))
    assert chart.GetXAxisTitle().split() == ["1:", "air", "2:", "bone", "3:", "mean", "over", "labels"]
    assert chart.GetYAxisTitle() == "mean Dice (0 to 1)"
    series = series_of(chart)[1]
    names = series.GetTableNode().GetTable().GetColumnByName(series.GetLabelColumnName())
    assert [names.GetValue(n) for n in range(3)] == ["air", "bone", "mean over labels"]
