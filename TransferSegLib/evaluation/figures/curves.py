"""Learning curves: what each training logged, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from TransferSegLib.evaluation.figures.style import (
    PX,
    color_of,
    cut,
    dashes_of,
    explain,
    legend_below,
    new_figure,
    nice_ticks,
    scale_y,
    style,
)

WIDTH_PX, PLOT_PX, ROW_PX = 620, 300, 18
# So many names stand side by side in the legend, where none has more letters than this.
ACROSS, SHORT = 3, 19
# More points are not seen in a line, and make a large file.
MOST_POINTS = 300


@dataclass(frozen=True)
class Line:
    """One line of a line chart.

    Attributes:
        name: What it shows; seen when the mouse is over it.
        strategy: The key of its strategy, for the legend.
        number: The number of the strategy in `color_numbers`, which chooses colour and dashes.
        points: (x, y) along the line.
    """

    name: str
    strategy: str
    number: int
    points: Sequence[tuple[float, float]]


def line_chart(
    title: str,
    x_title: str,
    lines: Sequence[Line],
    upper: float | None = None,
    *,
    whole: bool = True,
    stairs: bool = False,
) -> Figure | None:
    """Lines over a common x axis from 0, a colour and kind of dashes a strategy.

    Args:
        title: The title.
        x_title: The title of the x axis.
        lines: The lines; those without points are left out.
        upper: The end of the y scale (see `scale_y`).
        whole: Whether the x axis has whole numbers only.
        stairs: Whether a point's y holds from the point before it on, so that the line is a staircase.

    Returns:
        The figure; None without any point.
    """
    lines = [line for line in lines if line.points]
    if not lines:
        return None
    numbers = {line.strategy: line.number for line in lines}
    across = ACROSS if max(map(len, numbers)) <= SHORT else ACROSS - 1
    rows = -(-len(numbers) // across)
    height_px = PLOT_PX + ROW_PX * rows
    with style():
        figure, axes = new_figure(title, WIDTH_PX, height_px, (52, 12, 34, 44 + ROW_PX * rows))
        scale_y(axes, [y for line in lines for _, y in line.points], upper)
        last = max(x for line in lines for x, _ in line.points) or 1
        axes.set_xlim(0, last)
        ticks = [tick for tick in nice_ticks(0, last) if not whole or abs(tick - round(tick)) < 1e-9]
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.set_xlabel(x_title, labelpad=4 * PX)
        for line in lines:
            x, y = zip(*(line.points if stairs else _thinned(line.points)), strict=True)
            (drawn,) = axes.plot(
                x,
                y,
                color=color_of(line.number),
                linestyle=dashes_of(line.number),
                drawstyle="steps-pre" if stairs else "default",
                linewidth=1.6 * PX,
                alpha=0.85,
                clip_on=False,
            )
            explain(drawn, line.name)
        keys = [
            Line2D([], [], color=color_of(n), linestyle=dashes_of(n), linewidth=2.2 * PX, label=cut(name, 2 * SHORT))
            for name, n in numbers.items()
        ]
        legend_below(figure, keys, 40 / WIDTH_PX, min(across, len(keys)), key_length=3)
    return figure


def _thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most `MOST_POINTS` points, each the mean of its neighbours."""
    if len(points) <= MOST_POINTS:
        return list(points)
    groups = np.array_split(np.asarray(points, dtype=float), MOST_POINTS)
    return [(float(x), float(y)) for x, y in (group.mean(axis=0) for group in groups)]
