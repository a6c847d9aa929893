"""Line charts side by side on one scale: a panel for each label, say, with a line for each number of cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from TransferSegLib.evaluation.figures.style import (
    PX,
    color_of,
    cut,
    dashes_of,
    explain,
    legend_below,
    on_scale,
    scale_y,
    shown,
    style,
    titled_figure,
    without_frame,
)

PANEL_PX, LONG_PANEL_PX, HEIGHT_PX = 300, 620, 250
LEFT_PX, RIGHT_PX, TOP_PX, BELOW_PX, ROW_PX, GAP_PX = 52, 16, 58, 48, 18, 44
ACROSS = 3  # panels side by side
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
ENTRY_PX, LETTER_PX = 56, 7  # of the legend: the line and its room, and each letter


@dataclass(frozen=True)
class Spot:
    """A point of a line.

    Attributes:
        x: Its place among the figure's ticks, counted from 0; None where no value is there.
        y: The value.
        low: The lower end of its interval; None where there is none.
        high: The upper end.
    """

    x: int
    y: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Trace:
    """A line through the panels' ticks.

    Attributes:
        name: What it is, for the legend; lines of one name look alike in all panels.
        spots: Its points, from left to right.
        level: Whether it does not depend on x: a line from side to side at its first point, without marks.
    """

    name: str
    spots: Sequence[Spot]
    level: bool = False


@dataclass(frozen=True)
class Panel:
    """One chart.

    Attributes:
        title: What stands above it.
        traces: Its lines.
    """

    title: str
    traces: Sequence[Trace]


def line_panels(
    title: str,
    panels: Sequence[Panel],
    ticks: Sequence[str],
    x_title: str,
    y_title: str,
    *,
    upper: float | None = None,
    digits: int = 3,
) -> Figure | None:
    """Draw line charts on one scale, up to three side by side.

    Args:
        title: The title of the figure.
        panels: The charts; those without points are left out.
        ticks: What stands at each place of the x axis, which all panels share. Places are as far apart as they come, not by
            their numbers.
        x_title: The title of the x axis.
        y_title: What is measured, for the tooltips and the first column of panels.
        upper: The end of the y scale (see `style.scale_y`).
        digits: Digits of the values in tooltips.

    Returns:
        The figure; None without any point.
    """
    panels = [panel for panel in panels if any(trace.spots for trace in panel.traces)]
    if not panels:
        return None
    names = list(dict.fromkeys(trace.name for panel in panels for trace in panel.traces if trace.spots))
    across = min(ACROSS, len(panels))
    down = -(-len(panels) // across)
    panel_px = LONG_PANEL_PX if len(panels) == 1 else PANEL_PX
    width_px = LEFT_PX + across * panel_px + (across - 1) * GAP_PX + RIGHT_PX
    entry_px = ENTRY_PX + LETTER_PX * max(map(len, (cut(name, 40) for name in names)))
    in_row = max(1, min(len(names), int((width_px - LEFT_PX) // entry_px)))
    legend_px = ROW_PX * -(-len(names) // in_row) + 6 if len(names) > 1 else 0
    height_px = TOP_PX + down * (HEIGHT_PX + BELOW_PX) + (down - 1) * 26 + legend_px
    values = [v for p in panels for t in p.traces for s in t.spots for v in (s.y, s.low, s.high) if v is not None]
    with style():
        figure = titled_figure(title, width_px, height_px)
        for number, panel in enumerate(panels):
            row, column = divmod(number, across)
            left = LEFT_PX + column * (panel_px + GAP_PX)
            top = TOP_PX + row * (HEIGHT_PX + BELOW_PX + 26)
            box = (left / width_px, 1 - (top + HEIGHT_PX) / height_px, panel_px / width_px, HEIGHT_PX / height_px)
            axes = figure.add_axes(box)
            _draw(axes, panel, ticks, names, y_title, digits, values, upper)
            axes.set_xlabel(x_title, labelpad=4 * PX)
            if column == 0:
                axes.set_ylabel(y_title, labelpad=4 * PX)
        if len(names) > 1:
            unmarked = {trace.name for panel in panels for trace in panel.traces if trace.level}
            keys = [_key(number, name, name not in unmarked) for number, name in enumerate(names, start=1)]
            legend_below(figure, keys, (LEFT_PX - 8) / width_px, in_row, key_length=3)
    return figure


def _draw(
    axes: Axes,
    panel: Panel,
    ticks: Sequence[str],
    names: Sequence[str],
    y_title: str,
    digits: int,
    values: Sequence[float],
    upper: float | None,
) -> None:
    without_frame(axes)
    axes.set_title(shown(panel.title), loc="left", size=12.5 * PX, weight="bold", pad=8 * PX)
    scale_y(axes, values, upper)
    axes.set_xlim(-0.35, len(ticks) - 0.65)
    axes.set_xticks(range(len(ticks)), [cut(tick, 14) for tick in ticks])
    for trace in panel.traces:
        if not trace.spots:
            continue
        number = names.index(trace.name) + 1
        if trace.level:
            height = trace.spots[0].y
            line = axes.axhline(
                on_scale(axes, height), color=color_of(number), linestyle=dashes_of(number), linewidth=1.6 * PX
            )
            explain(line, f"{trace.name}: {y_title} {height:.{digits}f}", str(number))
            continue
        # Lines of one panel stand a little apart, so that their intervals do not lie on each other.
        shift = 0.0 if len(names) == 1 else 0.16 * ((number - 1) / (len(names) - 1) - 0.5)
        places = [spot.x + shift for spot in trace.spots]
        (line,) = axes.plot(
            places,
            [on_scale(axes, spot.y) for spot in trace.spots],
            color=color_of(number),
            linestyle=dashes_of(number),
            linewidth=1.6 * PX,
            clip_on=False,
        )
        explain(line, trace.name, str(number))
        for place, spot in zip(places, trace.spots, strict=True):
            if spot.low is not None and spot.high is not None:
                (bar,) = axes.plot(
                    [place, place],
                    [on_scale(axes, spot.low), on_scale(axes, spot.high)],
                    color=color_of(number),
                    linewidth=1 * PX,
                    alpha=0.6,
                )
                explain(
                    bar, f"{trace.name}, {ticks[spot.x]}: 95 % interval {spot.low:.{digits}f} to {spot.high:.{digits}f}"
                )
            (mark,) = axes.plot(
                [place],
                [on_scale(axes, spot.y)],
                marker=MARKERS[(number - 1) % len(MARKERS)],
                color=color_of(number),
                markersize=6.5 * PX,
                markeredgewidth=0,
                linestyle="none",
                clip_on=False,
            )
            explain(mark, f"{trace.name}, {ticks[spot.x]}: {y_title} {spot.y:.{digits}f}", str(number))


def _key(number: int, name: str, marked: bool) -> Line2D:
    return Line2D(
        [],
        [],
        color=color_of(number),
        linestyle=dashes_of(number),
        linewidth=1.8 * PX,
        marker=MARKERS[(number - 1) % len(MARKERS)] if marked else "none",
        markersize=6.5 * PX,
        markeredgewidth=0,
        label=cut(name, 40),
    )
