"""A histogram of cases, and how many of each bin are in nested training sets (Hossain 2023, figure 3.1)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from TransferSegLib.core.texts import counted
from TransferSegLib.evaluation.figures.style import (
    LINE,
    PX,
    SOFT,
    color_of,
    explain,
    legend_below,
    new_figure,
    nice_ticks,
    style,
)

WIDTH_PX, PLOT_PX, ROW_PX, ACROSS = 620, 300, 18, 4


def histogram(
    title: str,
    x_title: str,
    edges: np.ndarray,
    counts: Sequence[int],
    sets: Sequence[tuple[str, Sequence[int]]] = (),
) -> Figure:
    """Draw how many cases each bin has, and of these how many each set takes.

    Args:
        title: The title.
        x_title: The title of the x axis, with the unit.
        edges: (bins + 1,), the edges of the bins.
        counts: The number of cases in each bin.
        sets: (name, how many cases of each bin it has), of sets that each contain the one before.

    Returns:
        The figure.
    """
    rows = -(-(len(sets) + 1) // ACROSS)
    width = np.diff(edges)
    width = np.where(width > 0, width, 1.0)
    places = edges[:-1] + width / 2
    with style():
        figure, axes = new_figure(title, WIDTH_PX, PLOT_PX + ROW_PX * rows, (64, 12, 34, 48 + ROW_PX * rows))
        bars = axes.bar(places, counts, width * 0.94, color=LINE, edgecolor=SOFT, linewidth=1 * PX)
        for n, bar in enumerate(bars):
            explain(bar, f"{edges[n]:.3g} to {edges[n + 1]:.3g}: {counted(counts[n], 'case', 'cases')}")
        before = np.zeros(len(counts))
        for number, (_name, taken) in enumerate(sets, start=1):
            more = np.asarray(taken) - before
            axes.bar(places, more, width * 0.6, bottom=before, color=color_of(number), linewidth=0)
            before = np.asarray(taken, dtype=float)
        ticks = [tick for tick in nice_ticks(0, max(*counts, 1), cover=True) if tick == round(tick)]
        axes.set_ylim(0, ticks[-1])
        axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        across = nice_ticks(float(edges[0]), float(edges[0] + width.sum()))
        axes.set_xlim(edges[0], edges[0] + width.sum())
        axes.set_xticks(across, [f"{tick:.6g}" for tick in across])
        axes.set_xlabel(x_title, labelpad=4 * PX)
        axes.set_ylabel("cases", labelpad=4 * PX)
        keys = [Patch(facecolor=LINE, edgecolor=SOFT, linewidth=1 * PX, label="all to train on")]
        keys += [Patch(color=color_of(number), label=name) for number, (name, _) in enumerate(sets, start=1)]
        legend_below(figure, keys, 40 / WIDTH_PX, min(ACROSS, len(keys)))
    return figure
