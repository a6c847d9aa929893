"""How good a loop is by now: the Dice over its rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from TransferSegLib.evaluation.figures.style import (
    PX,
    color_of,
    cut,
    explain,
    legend_below,
    new_figure,
    scale_y,
    style,
)

WIDTH_PX, HEIGHT_PX, BELOW_PX, ROW_PX = 620, 360, 62, 18


@dataclass(frozen=True)
class Point:
    """The Dice of a round on some cases.

    Attributes:
        dice: Their mean; None where there is none.
        interval: Its 95 % interval; None with too few cases.
        values: That of each case, where they are few enough to be shown.
    """

    dice: float | None
    interval: tuple[float, float] | None = None
    values: Sequence[float] = ()


@dataclass(frozen=True)
class Series:
    """The points of all rounds on one kind of cases.

    Attributes:
        name: What the cases are, for the legend.
        points: A point a round.
        number: The number of its colour.
        mark: Its mark, as matplotlib calls it, so that colour is not the only cue.
        is_open: Whether its marks are hollow, for what is to be taken with care.
    """

    name: str
    points: Sequence[Point]
    number: int
    mark: str
    is_open: bool = False


def rounds_figure(title: str, rounds: Sequence[Sequence[str]], series: Sequence[Series]) -> Figure | None:
    """A mark for each round and kind of cases, with its interval, and a line through them.

    Args:
        title: The title.
        rounds: A text of some lines for each round, below it.
        series: The kinds of cases; one without a point is left out.

    Returns:
        The figure; None where nothing was scored.
    """
    shown = [one for one in series if any(point.dice is not None for point in one.points)]
    if not shown:
        return None
    values = [
        value
        for one in shown
        for point in one.points
        if point.dice is not None
        for value in (point.dice, *(point.interval or ()), *point.values)
    ]
    with style():
        below = BELOW_PX + ROW_PX * len(shown)
        figure, axes = new_figure(title, WIDTH_PX, HEIGHT_PX, (52, 16, 34, below))
        scale_y(axes, values, 1.0)
        axes.set_xlim(-0.5, len(rounds) - 0.5)
        axes.set_xticks(range(len(rounds)), ["\n".join(cut(line, 24) for line in lines) for lines in rounds])
        step = 0.08
        for n, one in enumerate(shown):
            moved = (n - (len(shown) - 1) / 2) * step
            found = [(x + moved, p.dice, p.interval, p.values) for x, p in enumerate(one.points) if p.dice is not None]
            color, fill = color_of(one.number), "none" if one.is_open else color_of(one.number)
            axes.plot(
                [x for x, *_ in found],
                [dice for _, dice, *_ in found],
                color=color,
                linewidth=1.6 * PX,
                linestyle=(0, (3.0, 3.0)) if one.is_open else "solid",
                alpha=0.85,
                clip_on=False,
            )
            for x, dice, interval, one_by_one in found:
                axes.plot(
                    [x] * len(one_by_one),
                    one_by_one,
                    marker=one.mark,
                    markersize=3 * PX,
                    color=color,
                    alpha=0.6,
                    linestyle="none",
                    clip_on=False,
                )
                if interval is not None:
                    axes.plot([x, x], interval, color=color, linewidth=1.2 * PX, clip_on=False)
                (mark,) = axes.plot(
                    [x],
                    [dice],
                    marker=one.mark,
                    markersize=7 * PX,
                    markerfacecolor=fill,
                    markeredgecolor=color,
                    linestyle="none",
                    clip_on=False,
                )
                between = "" if interval is None else f", {interval[0]:.3f} to {interval[1]:.3f}"
                explain(mark, f"{one.name}: {dice:.3f}{between}")
        keys = [
            Line2D(
                [],
                [],
                color=color_of(one.number),
                marker=one.mark,
                markersize=7 * PX,
                markerfacecolor="none" if one.is_open else color_of(one.number),
                linewidth=1.6 * PX,
                linestyle=(0, (3.0, 3.0)) if one.is_open else "solid",
                label=one.name,
            )
            for one in shown
        ]
        legend_below(figure, keys, 40 / WIDTH_PX, 1, key_length=3)
    return figure
