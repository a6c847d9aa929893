"""Bland–Altman plots (Bland and Altman 1986): how far segmented volumes are from those of the reference, over their size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from TransferSegLib.evaluation.figures.style import (
    INK,
    LINE,
    PX,
    SOFT,
    color_of,
    cut,
    explain,
    nice_ticks,
    style,
    titled_figure,
)

PANEL_PX, HEIGHT_PX, LEFT_PX, RIGHT_PX, TOP_PX, BELOW_PX, GAP_PX, ACROSS = 250, 210, 62, 66, 62, 46, 22, 3
LIMITS = 1.96  # standard deviations: 95 % of normally distributed differences lie within


@dataclass(frozen=True)
class Volumes:
    """The volumes of one structure under one strategy.

    Attributes:
        name: The key of the strategy.
        number: Its number in `color_numbers`.
        cases: The names of the cases.
        reference: (cases,), the volumes of the reference.
        segmented: (cases,), the volumes that were segmented.
    """

    name: str
    number: int
    cases: Sequence[str]
    reference: Sequence[float]
    segmented: Sequence[float]

    @property
    def differences(self) -> np.ndarray:
        """(cases,): segmented minus reference."""
        return np.asarray(self.segmented, float) - np.asarray(self.reference, float)

    @property
    def means(self) -> np.ndarray:
        """(cases,): the mean of both."""
        return (np.asarray(self.segmented, float) + np.asarray(self.reference, float)) / 2

    @property
    def bias(self) -> float:
        """The mean difference."""
        return float(self.differences.mean())

    @property
    def limits(self) -> tuple[float, float] | None:
        """The limits of agreement: bias ± 1.96 standard deviations (n - 1) of the differences; None for one case."""
        if len(self.cases) < 2:
            return None
        reach = LIMITS * float(self.differences.std(ddof=1))
        return self.bias - reach, self.bias + reach


def agreement_plot(title: str, strategies: Sequence[Volumes], unit: str) -> Figure | None:
    """Draw the difference of two volumes over their mean: a dot a case, bias and limits of agreement, a panel a strategy.

    Args:
        title: The title.
        strategies: The volumes under each strategy; those without cases are left out.
        unit: The unit of the volumes.

    Returns:
        The figure; None without any case. All panels have the same scales.
    """
    strategies = [one for one in strategies if one.cases]
    if not strategies:
        return None
    across = min(ACROSS, len(strategies))
    down = -(-len(strategies) // across)
    width_px = LEFT_PX + across * PANEL_PX + (across - 1) * (GAP_PX + RIGHT_PX) + RIGHT_PX
    height_px = TOP_PX + down * (HEIGHT_PX + BELOW_PX) + (down - 1) * 30
    lines = [edge for one in strategies for edge in (one.limits or (one.bias, one.bias))]
    heights = [*lines, *(float(v) for one in strategies for v in one.differences), 0.0]
    largest = max(float(one.means.max()) for one in strategies) or 1.0
    margin = 0.06 * (max(heights) - min(heights) or 1.0)
    y_range = min(heights) - margin, max(heights) + margin
    with style():
        figure = titled_figure(title, width_px, height_px)
        for n, one in enumerate(strategies):
            row, column = divmod(n, across)
            left, top = LEFT_PX + column * (PANEL_PX + GAP_PX + RIGHT_PX), TOP_PX + row * (HEIGHT_PX + BELOW_PX + 30)
            box = (left / width_px, 1 - (top + HEIGHT_PX) / height_px, PANEL_PX / width_px, HEIGHT_PX / height_px)
            axes = figure.add_axes(box)
            axes.patch.set_visible(False)
            axes.spines[:].set_visible(False)
            axes.tick_params(length=0, which="both", pad=6 * PX)
            axes.set_xlim(0, largest * 1.04)
            axes.set_ylim(*y_range)
            axes.set_xticks(ticks := nice_ticks(0, largest, 4), [f"{tick:.4g}" for tick in ticks])
            axes.set_yticks(ticks := nice_ticks(*y_range), [f"{tick:.4g}".replace("-", "−") for tick in ticks])
            axes.set_title(cut(one.name, 34), loc="left", size=12.5 * PX, weight="bold", pad=8 * PX)
            axes.set_xlabel(f"mean of both, {unit}", labelpad=3 * PX)
            if column == 0:
                axes.set_ylabel(f"segmented − reference, {unit}", labelpad=3 * PX)
            axes.axhline(0, color=LINE, linewidth=1 * PX)
            _line(axes, one.bias, "bias", unit, 1.8, "solid")
            for edge, words in zip(one.limits or (), ("lower limit", "upper limit"), strict=False):
                _line(axes, edge, words, unit, 1.2, (0, (4, 3)))
            for case, x, y in zip(one.cases, one.means, one.differences, strict=True):
                (dot,) = axes.plot(
                    [x], [y], "o", color=color_of(one.number), markersize=6 * PX, markeredgewidth=0, alpha=0.75
                )
                explain(dot, f"{case}, {one.name}: {y:+.3g} {unit} at {x:.3g} {unit}")
    return figure


def _line(axes, y: float, words: str, unit: str, width: float, dashes) -> None:  # type: ignore[no-untyped-def]
    """A line across at a bias or limit, its value on the right."""
    line = axes.axhline(y, color=SOFT, linewidth=width * PX, linestyle=dashes)
    explain(line, f"{words}: {y:+.3g} {unit}")
    axes.annotate(
        f"{y:+.3g}".replace("-", "−"),
        (1, y),
        (5 * PX, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        va="center",
        color=INK,
        annotation_clip=False,
    )
