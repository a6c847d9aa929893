"""A registration at a glance: three slices of the fixed image, with the outlines of what was brought to it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from TransferSegLib.cases.volumes import Volume, read_labels, read_volume
from TransferSegLib.core.palette import LABELS, hexadecimal
from TransferSegLib.evaluation.figures.style import GROUND, PX, shown, style, write_png

# The views by the axis that they look along: right, anterior, superior.
VIEWS = ((2, "axial"), (1, "coronal"), (0, "sagittal"))
PANEL_PX = 300
TITLE_PX = 30
WINDOW_PERCENTILES = (1, 99)


def registration_picture(
    title: str, fixed: Volume, moved: np.ndarray, levels: Sequence[float], labels: np.ndarray | None = None
) -> Figure:
    """Draw the fixed image in three views with the outlines of the moved one, and the labels that follow from it below.

    Args:
        title: What is above.
        fixed: The fixed image.
        moved: (I, J, K), the other image on its grid.
        levels: The values of the moved image whose outlines are drawn.
        labels: (I, J, K), label values; None for none.

    Returns:
        The figure.
    """
    order, flips = fixed.grid.axes_to_ras()
    spacing = [fixed.grid.spacing_mm[axis] for axis in order]
    turned = [_to_ras(array, order, flips) for array in (fixed.array, moved)]
    values = None if labels is None else _to_ras(labels, order, flips)
    rows = 1 if values is None else 2
    width, height = len(VIEWS) * PANEL_PX, rows * PANEL_PX + TITLE_PX
    with style():
        figure = Figure(figsize=(width * PX / 72, height * PX / 72), facecolor=GROUND)
        figure.text(0.01, 1 - 8 / height, shown(title), va="top", size=14 * PX, weight="bold")
        low, high = np.percentile(fixed.array, WINDOW_PERCENTILES)
        for column, (axis, name) in enumerate(VIEWS):
            place = _middle(turned[1], axis, min(levels))
            planes = [np.flip(np.take(array, place, axis)).T for array in turned]
            aspect = [spacing[n] for n in range(3) if n != axis]
            for row in range(rows):
                box = (column / 3, (rows - 1 - row) * PANEL_PX / height, 1 / 3, PANEL_PX / height)
                axes = figure.add_axes(box)
                axes.set_axis_off()
                shape: dict[str, Any] = {"aspect": aspect[1] / aspect[0], "interpolation": "nearest"}
                axes.imshow(planes[0], cmap="gray", vmin=low, vmax=high, **shape)
                axes.text(0.03, 0.03, name, transform=axes.transAxes, color="white", size=11 * PX)
                if row == 0:
                    colors = [hexadecimal(LABELS[n % len(LABELS)]) for n in range(len(levels))]
                    axes.contour(planes[1], levels=sorted(levels), colors=colors, linewidths=0.8)
                elif values is not None:
                    axes.imshow(_colored(np.flip(np.take(values, place, axis)).T), **shape)
    return figure


def draw_registration(path: Path, title: str, image: Path, moved: Path, label: Path, levels: Sequence[float]) -> Figure:
    """Draw a case from its files, see `registration_picture`.

    Args:
        path: A file ending in .png to write it to.
        title: What is above.
        image: The fixed image.
        moved: The moved image.
        label: The labels; none are drawn where there is no such file.
        levels: See `registration_picture`; empty for two levels that divide the intensities.

    Returns:
        The figure.
    """
    fixed, other = read_volume(image), read_volume(moved).array
    labels = read_labels(label).array if label.exists() else None
    if not levels:
        levels = tuple(float(v) for v in np.percentile(other[other > other.min()], (20, 75)))
    figure = registration_picture(title, fixed, other, levels, labels)
    write_png(figure, path)
    return figure


def _to_ras(array: np.ndarray, order: tuple[int, int, int], flips: tuple[bool, bool, bool]) -> np.ndarray:
    return np.flip(array.transpose(order), tuple(axis for axis in range(3) if flips[axis]))


def _middle(moved: np.ndarray, axis: int, above: float) -> int:
    """The slice in the middle of what the moved image shows."""
    others = tuple(n for n in range(3) if n != axis)
    filled = np.flatnonzero((moved > above).any(axis=others))
    return int((filled[0] + filled[-1]) // 2) if len(filled) else moved.shape[axis] // 2


def _colored(labels: np.ndarray) -> np.ndarray:
    """(rows, columns, 4): the colours of labels, half transparent; the smallest value, as around the head, is left clear."""
    colored = np.zeros((*labels.shape, 4))
    values = [value for value in np.unique(labels) if value > 0]
    for value in values[1:] if len(values) > 1 else values:
        colored[labels == value, :3] = np.array(LABELS[(int(value) - 1) % len(LABELS)]) / 255
        colored[labels == value, 3] = 0.45
    return colored
