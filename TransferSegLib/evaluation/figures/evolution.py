"""How each layer moved while a network was trained: a panel a training, a line a stage (Karimi 2021 figures 6 and 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from TransferSegLib.evaluation.figures.stages import stage_looks
from TransferSegLib.evaluation.figures.style import (
    INK,
    LINE,
    PX,
    SOFT,
    cut,
    explain,
    legend_below,
    nice_ticks,
    style,
    titled_figure,
)

ACROSS, PANEL_PX, PLOT_PX, LEFT_PX, TOP_PX, BETWEEN_PX, ROW_PX, KEY_PX = 3, 250, 190, 44, 34, 62, 18, 118


@dataclass(frozen=True)
class Panel:
    """One panel.

    Attributes:
        title: What was trained.
        lines: The stage → (step, value from 0 to 1) along its line.
        converged: The step that the others are compared with, where all lines are 1; None for no mark.
    """

    title: str
    lines: Mapping[str, Sequence[tuple[float, float]]]
    converged: float | None = None


def evolution(title: str, panels: Sequence[Panel], x_title: str = "step") -> Figure | None:
    """Draw the panels side by side, all to one scale.

    Args:
        title: The title.
        panels: The panels; those without lines are left out.
        x_title: The title of the x axes.

    Returns:
        The figure; None without any line.
    """
    panels = [panel for panel in panels if panel.lines]
    if not panels:
        return None
    stages = list(dict.fromkeys(stage for panel in panels for stage in panel.lines))
    looks = stage_looks(stages)
    across = min(ACROSS, len(panels))
    rows = -(-len(panels) // across)
    width_px = max(LEFT_PX + across * PANEL_PX, 560)
    keys_across = (width_px - LEFT_PX) // KEY_PX
    legend_rows = -(-len(stages) // keys_across)
    height_px = TOP_PX + rows * (PLOT_PX + BETWEEN_PX) + legend_rows * ROW_PX + 6
    last = max(x for panel in panels for line in panel.lines.values() for x, _ in line) or 1
    with style():
        figure = titled_figure(title, width_px, height_px)
        for number, panel in enumerate(panels):
            row, column = divmod(number, across)
            bottom = height_px - TOP_PX - (row + 1) * (PLOT_PX + BETWEEN_PX) + BETWEEN_PX - 20
            axes = figure.add_axes(
                (
                    (LEFT_PX + column * PANEL_PX) / width_px,
                    bottom / height_px,
                    (PANEL_PX - 36) / width_px,
                    PLOT_PX / height_px,
                )
            )
            axes.patch.set_visible(False)
            axes.spines[:].set_visible(False)
            axes.tick_params(length=0, pad=5 * PX)
            axes.grid(axis="y", color=LINE, linewidth=1 * PX)
            axes.set_axisbelow(True)
            axes.set_title(cut(panel.title, 32), loc="left", size=12 * PX, pad=5 * PX)
            axes.set_ylim(0, 1.02)
            axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "", "0.5", "", "1"] if column == 0 else [""] * 5)
            axes.set_xlim(0, last)
            ticks = [tick for tick in nice_ticks(0, last, 3) if abs(tick - round(tick)) < 1e-9]
            axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
            if panel.converged is not None:
                axes.axvline(panel.converged, color=SOFT, linewidth=1 * PX, linestyle=(0, (1.5, 1.5)))
            for stage, points in panel.lines.items():
                x, y = zip(*points, strict=True)
                (drawn,) = axes.plot(x, y, linewidth=1.8 * PX, clip_on=False, **looks[stage])
                explain(drawn, f"{panel.title}: {stage}")
            if row == rows - 1 or number + across >= len(panels):
                axes.set_xlabel(x_title, labelpad=3 * PX, color=INK)
        handles = [Line2D([], [], linewidth=2.2 * PX, label=stage, **looks[stage]) for stage in stages]
        legend_below(figure, handles, LEFT_PX / width_px * 0.5, keys_across, key_length=2.4, between=1.2)
    return figure
