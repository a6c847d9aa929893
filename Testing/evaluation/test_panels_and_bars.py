import numpy as np
import pytest

from TransferSegLib.evaluation.figures.bars import Bar, bar_chart
from TransferSegLib.evaluation.figures.panels import Panel, Spot, Trace, line_panels
from TransferSegLib.evaluation.figures.style import inline_svg

TICKS = ["FC", "3", "6"]


def trace(name, *values):
    return Trace(name, [Spot(n, value, value - 0.05, value + 0.05) for n, value in enumerate(values)])


def test_a_line_goes_through_its_points_and_looks_alike_in_all_panels():
    panels = [
        Panel("Bone", [trace("2", 0.1, 0.2, 0.3), trace("8", 0.2, 0.4, 0.5)]),
        Panel("Air", [trace("8", 0.9, 0.9, 0.8)]),
    ]
    figure = line_panels("Dice", panels, TICKS, "layers", "Dice", upper=1.0)
    bone, air = figure.axes
    of_bone = [line for line in bone.lines if len(line.get_ydata()) == 3]
    (of_air,) = [line for line in air.lines if len(line.get_ydata()) == 3]
    assert list(of_bone[0].get_ydata()) == [0.1, 0.2, 0.3] and list(of_air.get_ydata()) == [0.9, 0.9, 0.8]
    assert of_bone[1].get_color() == of_air.get_color() != of_bone[0].get_color()
    # Both panels have one scale, and ticks at the same places.
    assert bone.get_ylim() == air.get_ylim() and list(bone.get_xticks()) == list(air.get_xticks()) == [0, 1, 2]
    assert bone.get_ylabel() == "Dice" and air.get_ylabel() == ""


def test_an_interval_is_a_line_from_its_lower_to_its_upper_end_and_the_tooltip_says_the_value():
    figure = line_panels("Dice", [Panel("Bone", [trace("2 patients", 0.25)])], TICKS, "layers", "Dice")
    bars = [line for line in figure.axes[0].lines if len(line.get_ydata()) == 2]
    assert list(bars[0].get_ydata()) == pytest.approx([0.2, 0.3])
    svg = inline_svg(figure, "figure", "Dice over layers")
    assert "2 patients, FC: Dice 0.250" in svg and "95 % interval 0.200 to 0.300" in svg


def test_a_fourth_panel_begins_a_second_row():
    figure = line_panels("Dice", [Panel(str(n), [trace("a", 0.5, 0.6)]) for n in range(4)], TICKS, "layers", "Dice")
    bottoms = [axes.get_position().y0 for axes in figure.axes]
    assert bottoms[0] == bottoms[1] == bottoms[2] > bottoms[3] > 0
    assert figure.axes[3].get_position().x0 == figure.axes[0].get_position().x0


def test_nothing_is_drawn_of_no_points():
    assert line_panels("Dice", [Panel("Bone", [Trace("a", [])])], TICKS, "layers", "Dice") is None
    assert bar_chart("Time", "s", [Bar("a", [])]) is None


def test_a_bar_is_as_long_as_the_mean_and_each_run_is_a_dot():
    figure = bar_chart(
        "Time", "seconds", [Bar("open", [10.0, 20.0]), Bar("direct", []), Bar("hybrid", [4.0])], digits=1
    )
    (axes,) = figure.axes
    assert [bar.get_width() for bar in axes.patches] == [15.0, 4.0]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["open", "hybrid"]
    dots = [float(np.ravel(line.get_xdata())[0]) for line in axes.lines]
    assert dots == [10.0, 20.0]  # one run needs no dot
    assert [text.get_text() for text in axes.texts] == ["15.0", "4.0"]


def test_what_does_not_depend_on_x_is_a_line_from_side_to_side_without_marks():
    panel = Panel("Bone", [Trace("direct", [Spot(0, 0.5)], level=True), trace("open", 0.4, 0.6)])
    figure = line_panels("Dice", [panel], TICKS, "layers", "Dice", upper=1.0)
    level, *others = figure.axes[0].lines
    assert list(level.get_ydata()) == [0.5, 0.5] and len(others) == 5  # the line of `open`, two marks, two intervals
    assert [line.get_marker() == "none" for line in figure.legends[0].get_lines()] == [True, False]
    assert "direct: Dice 0.500" in inline_svg(figure, "figure", "Dice over layers")


def test_a_zero_on_a_logarithmic_scale_is_drawn_at_its_lower_end():
    panel = Panel("Bone", [Trace("a", [Spot(0, 100.0), Spot(1, 0.0), Spot(2, 1.0)])])
    (axes,) = line_panels("HD95", [panel], TICKS, "layers", "HD95 (mm)").axes
    assert axes.get_yscale() == "log"
    assert list(axes.lines[0].get_ydata()) == [100.0, axes.get_ylim()[0], 1.0]
