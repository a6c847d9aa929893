"""A number of each stage of a network, under several conditions, as bars side by side with their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from TransferSegLib.evaluation.figures.style import (
    INK,
    PX,
    SOFT,
    color_of,
    cut,
    explain,
    legend_below,
    new_figure,
    nice_ticks,
    style,
)

LEAST_PX, STAGE_PX, PLOT_PX, ROW_PX = 480, 74, 240, 18
# More bars have no room for their numbers.
MOST_NUMBERS = 26
DASHED = (0, (4.0, 2.0))


@dataclass(frozen=True)
class Bars:
    """The bars of one condition.

    Attributes:
        name: The condition.
        number: Chooses the colour, as in `color_numbers`.
        values: The stage → its value.
        ranges: The stage → the lower and upper end of its interval, where there is one.
    """

    name: str
    number: int
    values: Mapping[str, float]
    ranges: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Level:
    """A value to compare with, as a line across.

    Attributes:
        value: The value.
        text: What it is.
    """

    value: float
    text: str


def layer_bars(
    title: str,
    conditions: Sequence[Bars],
    percent: bool = False,
    upper: float | None = None,
    level: Level | None = None,
) -> Figure | None:
    """Draw the bars, grouped by stage in forward order.

    Args:
        title: The title.
        conditions: The conditions.
        percent: Whether values are shown in per cent.
        upper: The end of the scale; None for the largest value.
        level: A line to compare with.

    Returns:
        The figure; None without any value.
    """
    stages = list(dict.fromkeys(stage for bars in conditions for stage in bars.values))
    if not stages:
        return None
    scale, unit = (100.0, " %") if percent else (1.0, "")
    ends = [end for bars in conditions for pair in bars.ranges.values() for end in pair]
    values = [*(v for bars in conditions for v in bars.values.values()), *ends, *([level.value] if level else [])]
    high, low = max(0.0, upper or 0.0, *values) * scale or 1.0, min(0.0, *values) * scale
    ticks = nice_ticks(low, high, 4, cover=True)
    names = [*(bars.name for bars in conditions), *([level.text] if level else [])]
    longest = max(map(len, names))
    across = 3 if longest < 22 else 2 if longest < 34 else 1
    rows = -(-len(names) // across)
    width_px = max(LEAST_PX, 60 + STAGE_PX * len(stages))
    with style():
        figure, axes = new_figure(title, width_px, PLOT_PX + 78 + rows * ROW_PX, (48, 10, 40, 38 + rows * ROW_PX))
        axes.set_ylim(ticks[0], ticks[-1])
        axes.set_yticks(ticks, [f"{tick:g}{unit}" for tick in ticks])
        axes.set_xlim(-0.5, len(stages) - 0.5)
        axes.set_xticks(range(len(stages)), [cut(stage, 11) for stage in stages])
        axes.axhline(0, color=SOFT, linewidth=1 * PX)
        width = 0.8 / len(conditions)
        numbered = len(stages) * len(conditions) <= MOST_NUMBERS
        for place, bars in enumerate(conditions):
            for stage, value in bars.values.items():
                x = stages.index(stage) - 0.4 + (place + 0.5) * width
                (bar,) = axes.bar([x], [value * scale], width * 0.88, color=color_of(bars.number), alpha=0.85)
                text = f"{value * scale:.0f}" if percent else f"{value:.2f}"
                explain(bar, f"{bars.name}, {stage}: {text}{unit}")
                top = value * scale
                if stage in bars.ranges:
                    ends_of = [end * scale for end in bars.ranges[stage]]
                    axes.plot([x, x], ends_of, color=INK, linewidth=1.2 * PX, solid_capstyle="butt")
                    top = ends_of[1]
                if numbered:
                    axes.annotate(
                        text, (x, max(top, 0)), (0, 2), textcoords="offset points", ha="center", size=9 * PX, color=INK
                    )
        if level is not None:
            axes.axhline(level.value * scale, color=SOFT, linewidth=1.2 * PX, linestyle=DASHED)
        handles: list[Artist] = [
            Patch(color=color_of(bars.number), alpha=0.85, label=cut(bars.name, 66)) for bars in conditions
        ]
        if level is not None:
            handles.append(Line2D([], [], color=SOFT, linewidth=1.2 * PX, linestyle=DASHED, label=level.text))
        legend_below(figure, handles, 36 / width_px, across, key_length=1.2)
    return figure
