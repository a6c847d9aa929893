"""Bars across the page, one a way of training, with a dot for each run: how long each took, or how large each is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from TransferSegLib.evaluation.figures.style import INK, LINE, PX, color_of, cut, explain, new_figure, nice_ticks, style

WIDTH_PX, ROW_PX, LETTER_PX, LONGEST = 760, 30, 7.2, 44


@dataclass(frozen=True)
class Bar:
    """One bar.

    Attributes:
        name: What stands before it.
        values: The value of each run; the bar is as long as their mean.
        number: Chooses its colour (see `style.color_of`).
    """

    name: str
    values: Sequence[float]
    number: int = 1


def bar_chart(title: str, x_title: str, bars: Sequence[Bar], digits: int = 1) -> Figure | None:
    """Draw a bar for the mean of each way of training, and its runs as dots where there are several.

    Args:
        title: The title.
        x_title: The title of the x axis, which begins at 0.
        bars: The bars, from top to bottom; those without values are left out.
        digits: Digits of the means, which stand at the ends of the bars.

    Returns:
        The figure; None without any value.
    """
    bars = [bar for bar in bars if bar.values]
    if not bars:
        return None
    means = [sum(bar.values) / len(bar.values) for bar in bars]
    longest = max(max(bar.values) for bar in bars) or 1.0
    left_px = 14 + LETTER_PX * max(len(cut(bar.name, LONGEST)) for bar in bars)
    with style():
        figure, axes = new_figure(title, WIDTH_PX, 34 + ROW_PX * len(bars) + 48, (left_px, 70, 34, 48))
        ticks = nice_ticks(0, longest, cover=True)
        axes.set_xlim(0, ticks[-1])
        axes.set_ylim(len(bars) - 0.5, -0.5)
        axes.grid(visible=False)
        axes.grid(axis="x", color=LINE, linewidth=1 * PX)
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.set_yticks(range(len(bars)), [cut(bar.name, LONGEST) for bar in bars], color=INK)
        axes.set_xlabel(x_title, labelpad=4 * PX)
        for place, (bar, mean) in enumerate(zip(bars, means, strict=True)):
            (drawn,) = axes.barh([place], [mean], height=0.55, color=color_of(bar.number), alpha=0.55, linewidth=0)
            explain(drawn, f"{bar.name}: {mean:.{digits}f}, the mean of {len(bar.values)}")
            if len(bar.values) > 1:
                for value in bar.values:
                    (dot,) = axes.plot(
                        [value],
                        [place],
                        "o",
                        color=color_of(bar.number),
                        markersize=6 * PX,
                        markeredgewidth=0,
                        clip_on=False,
                    )
                    explain(dot, f"{bar.name}: {value:.{digits}f}")
            beyond = max(mean, *bar.values)
            text = f"{mean:.{digits}f}"
            axes.annotate(
                text,
                (beyond, place),
                (7 * PX, 0),
                textcoords="offset points",
                va="center",
                weight="bold",
                annotation_clip=False,
            )
    return figure
