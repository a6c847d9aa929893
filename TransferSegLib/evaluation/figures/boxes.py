"""Box plots (Tukey 1977): how the scores of the cases are spread under each strategy, label by label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from TransferSegLib.core.texts import counted
from TransferSegLib.evaluation.figures.style import (
    INK,
    PX,
    color_of,
    cut,
    explain,
    legend_below,
    new_figure,
    on_scale,
    scale_y,
    style,
)

WIDTH_PX, PLOT_PX, ROW_PX, ACROSS, SHORT = 620, 300, 18, 3, 19
# Of a group's width the boxes take this share; a box is no wider than this share.
FILLED, WIDEST = 0.8, 0.3


@dataclass(frozen=True)
class BoxGroup:
    """The boxes of one label.

    Attributes:
        name: What stands below them.
        values: A list of values for each strategy, in the order of the figure's names.
    """

    name: str
    values: Sequence[Sequence[float]]


def box_plot(
    title: str,
    names: Sequence[str],
    numbers: Sequence[int],
    groups: Sequence[BoxGroup],
    upper: float | None,
    digits: int,
) -> Figure | None:
    """Draw a box for each strategy in each group: the quartiles, the median, and whiskers to 1.5 times the box; dots beyond.

    Args:
        title: The title.
        names: The strategies.
        numbers: The number of each strategy in `color_numbers`.
        groups: The labels.
        upper: The end of the y scale (see `scale_y`).
        digits: Digits of the values in tooltips.

    Returns:
        The figure; None without any value.
    """
    known = [value for group in groups for values in group.values for value in values]
    if not known:
        return None
    across = ACROSS if max(map(len, names)) <= SHORT else ACROSS - 1
    rows = -(-len(names) // across)
    with style():
        figure, axes = new_figure(title, WIDTH_PX, PLOT_PX + ROW_PX * rows, (52, 8, 34, 36 + ROW_PX * rows))
        scale_y(axes, known, upper, room_px=8)
        axes.set_xlim(-0.5, len(groups) - 0.5)
        letters = max(4, int((WIDTH_PX - 60) / len(groups) / 7.3))
        axes.set_xticks(range(len(groups)), [cut(group.name, letters) for group in groups])
        width = min(FILLED / len(names), WIDEST)
        for place, group in enumerate(groups):
            for n, (name, number, values) in enumerate(zip(names, numbers, group.values, strict=True)):
                if not values:
                    continue
                heights = [on_scale(axes, value) for value in values]
                color = color_of(number)
                drawn = axes.boxplot(
                    [heights],
                    positions=[place + (n - (len(names) - 1) / 2) * width],
                    widths=width * 0.72,
                    patch_artist=True,
                    manage_ticks=False,
                    boxprops={"facecolor": color, "alpha": 0.35, "edgecolor": "none"},
                    medianprops={"color": INK, "linewidth": 2 * PX, "solid_capstyle": "butt"},
                    whiskerprops={"color": color, "linewidth": 1.4 * PX},
                    capprops={"color": color, "linewidth": 1.4 * PX},
                    flierprops={"marker": "o", "markersize": 4 * PX, "markerfacecolor": color, "markeredgewidth": 0},
                )
                low, median, high = np.quantile(values, (0.25, 0.5, 0.75))
                text = (
                    f"{group.name}, {name}: median {median:.{digits}f}, quartiles {low:.{digits}f} to {high:.{digits}f}"
                )
                explain(drawn["boxes"][0], f"{text}, {counted(len(values), 'case', 'cases')}")
        keys = [
            Patch(color=color_of(number), alpha=0.6, label=cut(name, 2 * SHORT))
            for name, number in zip(names, numbers, strict=True)
        ]
        legend_below(figure, keys, 40 / WIDTH_PX, min(across, len(keys)))
    return figure
