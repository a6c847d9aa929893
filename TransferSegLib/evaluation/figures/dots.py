"""The dot plot: the scores of each case under each strategy, beside their mean and its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from TransferSegLib.evaluation.figures.style import (
    INK,
    PX,
    SOFT,
    color_of,
    cut,
    explain,
    new_figure,
    on_scale,
    scale_y,
    style,
)
from TransferSegLib.evaluation.statistics import Statistics

WIDTH_PX, HEIGHT_PX, LEFT_PX = 620, 340, 52
# More columns need room on the right for the mean of the last.
RIGHT_PX, RIGHT_OF_MANY_PX, MANY = 8, 26, 6
# Dots of more cases are too close to point at one of them, and would be slow to draw one by one.
MOST_CASES_APART = 80
# Between the lowest value and the end of the plot.
ROOM_BELOW_PX = 10


@dataclass(frozen=True)
class Column:
    """One strategy of a dot plot.

    Attributes:
        name: The key of the strategy.
        values: A value a case; None where it does not apply.
        missed: What was missed in each case, in words; empty where nothing was.
        statistics: The mean over the cases, and its interval.
        number: The number of the strategy in `color_numbers`.
    """

    name: str
    values: Sequence[float | None]
    missed: Sequence[str]
    statistics: Statistics
    number: int = 1


def dot_plot(
    title: str, cases: Sequence[str], columns: Sequence[Column], upper: float | None, digits: int
) -> Figure | None:
    """A dot for each case and strategy, a line through the dots of one case, and beside them mean and interval.

    Args:
        title: The title.
        cases: The names of the cases.
        columns: The strategies, in the order of the job.
        upper: The end of the scale (see `scale_y`).
        digits: Digits of the means.

    Returns:
        The figure; None where no value applies.
    """
    known = [value for column in columns for value in column.values if value is not None]
    if not known:
        return None
    with style():
        right_px = RIGHT_PX if len(columns) < MANY else RIGHT_OF_MANY_PX
        figure, axes = new_figure(title, WIDTH_PX, HEIGHT_PX, (LEFT_PX, right_px, 34, 60))
        scale_y(axes, known, upper, ROOM_BELOW_PX)
        axes.set_xlim(0, len(columns))
        axes.set_xticks([])
        column_px = (WIDTH_PX - LEFT_PX - right_px) / len(columns)
        if len(cases) <= MOST_CASES_APART:
            for index, case in enumerate(cases):
                _draw_case(axes, index, case, columns, digits)
        else:
            _draw_many(axes, len(cases), columns)
        for number, column in enumerate(columns):
            _draw_name(axes, number, column.name, column_px)
            _draw_mean(axes, number + 0.62, column, column_px, digits)
    return figure


def _draw_case(axes: Axes, index: int, case: str, columns: Sequence[Column], digits: int) -> None:
    """The marks of one case, and the thin line that joins them."""
    there = [(number, value) for number, column in enumerate(columns) if (value := column.values[index]) is not None]
    heights = [on_scale(axes, value) for _, value in there]
    places = [number + _shift(index) for number, _ in there]
    (joined,) = axes.plot(places, heights, color=SOFT, linewidth=1 * PX, alpha=0.3)
    explain(joined, case, str(index))
    for (number, value), x, y in zip(there, places, heights, strict=True):
        missed = columns[number].missed[index]
        (mark,) = axes.plot([x], [y], **_form(columns[number].number, bool(missed)))
        more = f" ({missed})" if missed else ""
        explain(mark, f"{case}, {columns[number].name}: {value:.{digits}f}{more}", str(index))


def _draw_many(axes: Axes, cases: int, columns: Sequence[Column]) -> None:
    """The same for many cases, without what the mouse shows of each."""
    heights = np.array(
        [[np.nan if value is None else on_scale(axes, value) for value in column.values] for column in columns]
    )
    shifts = np.array([_shift(index) for index in range(cases)])
    places = np.arange(len(columns))[:, None] + shifts
    lines = np.stack([places, heights], axis=-1).swapaxes(0, 1)
    axes.add_collection(LineCollection(list(lines), colors=SOFT, linewidths=1 * PX, alpha=0.1), autolim=False)
    for number, column in enumerate(columns):
        missed = np.array([bool(words) for words in column.missed])
        for of_missed in (False, True):
            some = (missed == of_missed) & np.isfinite(heights[number])
            axes.plot(places[number, some], heights[number, some], **_form(column.number, of_missed))


def _shift(index: int) -> float:
    """Where in its column a case lies, so that equal scores are not one dot."""
    return 0.4 + 0.05 * (index % 5 - 2) / 2


def _form(number: int, missed: bool) -> dict[str, Any]:
    form = (
        {"marker": "x", "markeredgewidth": 2.2 * PX} if missed else {"marker": "o", "markeredgewidth": 0, "alpha": 0.75}
    )
    return {**form, "color": color_of(number), "markersize": 8 * PX, "linestyle": "none", "clip_on": False}


def _draw_mean(axes: Axes, x: float, column: Column, column_px: float, digits: int) -> None:
    """The mean as a bar with its value, and the interval as a line."""
    statistics = column.statistics
    if statistics.mean is None:
        return
    y, half, color = on_scale(axes, statistics.mean), 7 / column_px, color_of(column.number)
    if statistics.low is not None and statistics.high is not None:
        ends = [on_scale(axes, statistics.low), on_scale(axes, statistics.high)]
        axes.plot([x, x], ends, color=color, linewidth=2.5 * PX, solid_capstyle="butt")
    axes.plot([x - half, x + half], [y, y], color=color, linewidth=3.5 * PX, solid_capstyle="butt")
    text = f"{statistics.mean:.{digits}f}"
    beside = (x + half + 4 / column_px, y)
    axes.annotate(text, beside, va="center", weight="bold", color=INK, annotation_clip=False)


def _draw_name(axes: Axes, number: int, name: str, column_px: float) -> None:
    """The name of a strategy under its dots, its options on lines of their own."""
    for row, text in enumerate(_lines(name, column_px)):
        shown = axes.annotate(
            text,
            (number + 0.5, 0),
            (0, -(18 + 14 * row) * PX),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="center",
            va="baseline",
        )
        explain(shown, name)


def _lines(name: str, column_px: float) -> list[str]:
    """The name of a strategy on at most three lines, cut to the width of its column."""
    letters = max(4, int((column_px - 4) / 7.3))
    found: list[str] = []
    for line in name.replace(":", "\n").replace(",", "\n").split("\n"):
        first, hyphen, rest = line.partition("-")
        found += [first + hyphen, rest] if hyphen and len(line) > letters >= len(first + hyphen) else [line]
    return [cut(line, letters) for line in found[:3]]
