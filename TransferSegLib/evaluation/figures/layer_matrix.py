"""How alike each layer is to each other one, as a square of colours with the numbers in it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from TransferSegLib.core.palette import ON_DARK_SHARES, ON_LIGHT_SHARES, SHARES
from TransferSegLib.evaluation.figures.style import PX, cut, new_figure, style

FIELD_PX, NAME_PX = 40, 92
_COLORS = LinearSegmentedColormap.from_list("alike", SHARES)


def layer_matrix(title: str, rows: Sequence[str], columns: Sequence[str], values: np.ndarray) -> Figure:
    """Draw the matrix.

    Args:
        title: The title.
        rows: The names of the rows.
        columns: The names of the columns.
        values: (rows, columns) from 0 to 1.

    Returns:
        The figure.
    """
    # No narrower than its title.
    width_px = max(NAME_PX + FIELD_PX * len(columns) + 12, 9 * len(title))
    height_px = 40 + FIELD_PX * len(rows) + NAME_PX
    right_px = width_px - NAME_PX - FIELD_PX * len(columns)
    with style():
        figure, axes = new_figure(title, width_px, height_px, (NAME_PX, right_px, 40, NAME_PX))
        axes.grid(False)
        axes.imshow(values, _COLORS, vmin=0, vmax=1, interpolation="nearest", aspect="auto")
        axes.set_yticks(range(len(rows)), [cut(name, 12) for name in rows])
        axes.set_xticks(range(len(columns)), [cut(name, 12) for name in columns], rotation=90)
        for (row, column), value in np.ndenumerate(values):
            text = f"{value:.2f}".removeprefix("0")
            color = ON_DARK_SHARES if value > 0.55 else ON_LIGHT_SHARES
            axes.text(column, row, text, ha="center", va="center", size=10 * PX, color=color)
    return figure
