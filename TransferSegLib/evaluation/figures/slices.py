"""A slice of an image with the reference filled and the prediction outlined, each label in its colour."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from TransferSegLib.core.labels import UNKNOWN_VALUE
from TransferSegLib.core.palette import UNKNOWN, Rgb, hexadecimal
from TransferSegLib.evaluation.figures.style import PX, style
from TransferSegLib.evaluation.overlays import Overlay

HEIGHT_PX = 380
WIDEST = 2.0  # times as wide as high
FILL = 0.4


def slice_picture(overlay: Overlay, colors: Mapping[int, Rgb], covering: Collection[int] = ()) -> Figure:
    """Draw a slice.

    Args:
        overlay: The slice.
        colors: Label value → colour, of the labels that are drawn.
        covering: The labels that would cover the image, see `covering_labels`: their reference is a dotted line.

    Returns:
        The figure, filled by the slice, its pixels as high and wide as they are in mm.
    """
    rows, columns = overlay.image2d.shape
    height_mm, width_mm = rows * overlay.spacing_mm[0], columns * overlay.spacing_mm[1]
    height_in = HEIGHT_PX * PX / 72 * min(1.0, WIDEST * height_mm / width_mm)
    with style():
        figure = Figure(figsize=(height_in * width_mm / height_mm, height_in), facecolor="black")
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        extent = (0, columns, rows, 0)
        low, high = grey_window(overlay.image2d)
        image = np.nan_to_num(overlay.image2d.astype(np.float32), posinf=0.0, neginf=0.0)
        axes.imshow(image, "gray", vmin=low, vmax=high, interpolation="none", extent=extent, aspect="auto")
        fill = np.zeros((rows, columns, 4), np.uint8)
        for value, color in colors.items():
            if value not in covering:
                fill[overlay.reference2d == value] = (*color, round(255 * FILL))
        fill[striped(overlay.reference2d == UNKNOWN_VALUE)] = (*UNKNOWN, round(255 * FILL))
        axes.imshow(fill, interpolation="none", extent=extent, aspect="auto")
        for value, color in colors.items():
            path = outline(overlay.reference2d == value) if value in covering else None
            if path is not None and path.codes is not None:
                dotted = PathPatch(path, fill=False, edgecolor=hexadecimal(color), linewidth=1.2 * PX, linestyle=":")
                axes.add_patch(dotted)
            path = outline(overlay.prediction2d == value)
            if path.codes is not None:
                axes.add_patch(PathPatch(path, fill=False, edgecolor="black", linewidth=2.6 * PX, alpha=0.4))
                axes.add_patch(PathPatch(path, fill=False, edgecolor=hexadecimal(color), linewidth=1.7 * PX))
        axes.set_xlim(0, columns)
        axes.set_ylim(rows, 0)
    return figure


def striped(mask2d: np.ndarray) -> np.ndarray:
    """Every other diagonal stripe of a mask (rows, columns): where nobody annotated is hatched."""
    rows, columns = mask2d.shape
    stripes: np.ndarray = mask2d & ((np.arange(rows)[:, None] + np.arange(columns)) % 6 < 3)
    return stripes


def covering_labels(references2d: Iterable[np.ndarray], hidden: Collection[int] = ()) -> frozenset[int]:
    """The labels that would cover the image if they were filled, such as the air around a head.

    Args:
        references2d: (rows, columns) each: the pictures' label values.
        hidden: Labels that the model's card keeps out of 3D views, for the same reason.

    Returns:
        The hidden ones, and a label that takes more than half of the pictures' edges: it lies around everything else.
    """
    edges = [np.concatenate([p[0], p[-1], p[1:-1, 0], p[1:-1, -1]]) for p in references2d if p.size]
    values, counts = np.unique(np.concatenate(edges), return_counts=True) if edges else (np.zeros(0, int),) * 2
    around = values[(values > 0) & (2 * counts > counts.sum())]
    return frozenset(hidden) | frozenset(around.tolist())


def grey_window(image2d: np.ndarray) -> tuple[float, float]:
    """The intensities that are shown black and white: the 0.5th and the 99.5th percentile."""
    low, high = np.percentile(np.nan_to_num(np.asarray(image2d, np.float64), posinf=0.0, neginf=0.0), (0.5, 99.5))
    return float(low), float(max(high, low + 1e-12))


def outline(mask2d: np.ndarray) -> Outline:
    """All edges between pixels (rows, columns) that are set and pixels that are not, as lines in pixels.

    The border of the picture is no edge: it may cut through a structure.
    """
    padded = np.pad(mask2d, 1, mode="edge")
    points: list[tuple[int, int]] = []
    for axis, edges in enumerate((padded[:-1, 1:-1] != padded[1:, 1:-1], padded[1:-1, :-1] != padded[1:-1, 1:])):
        for place, line in enumerate(edges if axis == 0 else edges.T):
            change = np.flatnonzero(np.diff(np.concatenate(([False], line, [False])).astype(np.int8)))
            for start, stop in zip(change[::2].tolist(), change[1::2].tolist(), strict=True):
                points += [(start, place), (stop, place)] if axis == 0 else [(place, start), (place, stop)]
    codes = [Outline.MOVETO, Outline.LINETO] * (len(points) // 2)
    return Outline(np.array(points, float).reshape(-1, 2), codes if points else None)
