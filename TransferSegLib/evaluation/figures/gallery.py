"""A gallery: a row a case, and in it the image, the reference and each segmentation, side by side."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Rectangle

from TransferSegLib.core.labels import UNKNOWN_VALUE
from TransferSegLib.core.palette import Rgb, hexadecimal
from TransferSegLib.evaluation.figures.slices import UNKNOWN, covering_labels, grey_window, outline, striped
from TransferSegLib.evaluation.figures.style import (
    INK,
    PX,
    SOFT,
    cut,
    shown,
    style,
    titled_figure,
)

WIDEST_PX, TILE_PX = 1240, 200
LEFT_PX, TOP_PX, HEADING_PX, GAP_PX, BELOW_PX = 8, 30, 46, 6, 34
LETTER_PX = 6.6
FILL = 0.55
IMAGE, REFERENCE = "Image", "Reference"


@dataclass(frozen=True, eq=False)
class GalleryRow:
    """One case of a gallery.

    Attributes:
        case: Its name.
        image2d: (rows, columns), intensities.
        reference2d: (rows, columns), the label values of the reference, 0 for background.
        predictions2d: What segmented it → (rows, columns), label values.
        spacing_mm: The distance from row to row and from column to column.
        below: What segmented it → what stands below its picture, such as its Dice.
    """

    case: str
    image2d: np.ndarray
    reference2d: np.ndarray
    predictions2d: Mapping[str, np.ndarray]
    spacing_mm: tuple[float, float]
    below: Mapping[str, str] = field(default_factory=dict)


def draw_gallery(
    title: str,
    rows: Sequence[GalleryRow],
    colors: Mapping[int, Rgb],
    names: Mapping[int, str],
    hidden: Collection[int] = (),
) -> Figure | None:
    """Draw cases as rows: the image, the reference filled, and each segmentation filled with the reference as a white line.

    A label that would cover the image is a line in its colour instead, see `covering_labels`.

    Args:
        title: The title.
        rows: The cases; all are segmented by the same.
        colors: Label value → colour, of the labels that are drawn.
        names: Label value → name, for the legend.
        hidden: The labels that the model's card keeps out of 3D views.

    Returns:
        The figure; None without a case.
    """
    if not rows:
        return None
    covering = covering_labels([row.reference2d for row in rows], hidden)
    headings = [IMAGE, REFERENCE, *rows[0].predictions2d]
    tile_px = min(TILE_PX, (WIDEST_PX - 2 * LEFT_PX - GAP_PX * (len(headings) - 1)) / len(headings))
    heights = [tile_px * _height(row) / _width(row) for row in rows]
    width_px = 2 * LEFT_PX + len(headings) * tile_px + GAP_PX * (len(headings) - 1)
    height_px = TOP_PX + HEADING_PX + sum(heights) + (GAP_PX + 14) * len(rows) + BELOW_PX
    with style():
        figure = titled_figure(title, width_px, height_px)
        letters = int(tile_px / LETTER_PX)
        for column, heading in enumerate(headings):
            x = LEFT_PX + column * (tile_px + GAP_PX)
            text = "\n".join(_wrapped(heading, letters))
            at = 1 - (TOP_PX + HEADING_PX - 6) / height_px
            figure.text(x / width_px, at, text, va="baseline", size=12 * PX, weight="bold", linespacing=1.15)
        top = float(TOP_PX + HEADING_PX)
        for row, row_px in zip(rows, heights, strict=True):
            for column, heading in enumerate(headings):
                x = LEFT_PX + column * (tile_px + GAP_PX)
                box = (x / width_px, 1 - (top + row_px) / height_px, tile_px / width_px, row_px / height_px)
                _draw_tile(figure, box, row, heading, colors, covering)
                words = row.case if column == 0 else row.below.get(heading, "")
                figure.text(
                    x / width_px,
                    1 - (top + row_px + 3) / height_px,
                    cut(words, letters if row.below else 60),
                    va="top",
                    size=11 * PX,
                    color=SOFT,
                )
            top += row_px + GAP_PX + 14
        unknown = any(bool((row.reference2d == UNKNOWN_VALUE).any()) for row in rows)
        _draw_legend(figure, width_px, height_px, colors, names, unknown)
    return figure


def _draw_tile(
    figure: Figure,
    box: tuple[float, float, float, float],
    row: GalleryRow,
    heading: str,
    colors: Mapping[int, Rgb],
    covering: Collection[int],
) -> None:
    axes = figure.add_axes(box)
    axes.set_axis_off()
    lines, columns = row.image2d.shape
    extent = (0, columns, lines, 0)
    low, high = grey_window(row.image2d)
    image = np.nan_to_num(row.image2d.astype(np.float32), posinf=0.0, neginf=0.0)
    axes.imshow(image, "gray", vmin=low, vmax=high, interpolation="none", extent=extent, aspect="auto")
    if heading != IMAGE:
        labels2d = row.reference2d if heading == REFERENCE else row.predictions2d[heading]
        fill = np.zeros((lines, columns, 4), np.uint8)
        for value, color in colors.items():
            if value not in covering:
                fill[labels2d == value] = (*color, round(255 * FILL))
        fill[striped(row.reference2d == UNKNOWN_VALUE)] = (*UNKNOWN, round(255 * FILL))
        axes.imshow(fill, interpolation="none", extent=extent, aspect="auto")
        lines_of = [] if heading == REFERENCE else [(row.reference2d == value, "white", 0.9) for value in colors]
        lines_of += [(labels2d == value, hexadecimal(colors[value]), 1.5) for value in colors if value in covering]
        for mask2d, color_text, width in lines_of:
            path = outline(mask2d)
            if path.codes is not None:
                axes.add_patch(PathPatch(path, fill=False, edgecolor=color_text, linewidth=width * PX))
    axes.set_xlim(0, columns)
    axes.set_ylim(lines, 0)


def _draw_legend(
    figure: Figure,
    width_px: float,
    height_px: float,
    colors: Mapping[int, Rgb],
    names: Mapping[int, str],
    unknown: bool,
) -> None:
    x, y = float(LEFT_PX), 14.0
    for value, color in colors.items():
        name = cut(names.get(value, str(value)), 30)
        swatch = Rectangle(
            (x / width_px, (y - 5) / height_px),
            11 / width_px,
            11 / height_px,
            transform=figure.transFigure,
            facecolor=hexadecimal(color),
            edgecolor=SOFT,
            linewidth=0.8 * PX,
        )
        figure.add_artist(swatch)
        figure.text((x + 17) / width_px, y / height_px, name, va="center", size=12 * PX, color=INK)
        x += 17 + 7.4 * len(name) + 18
    words = "White line: the reference" + (" · hatched: not annotated" if unknown else "")
    figure.text(x / width_px, y / height_px, words, va="center", size=12 * PX, color=SOFT)


def _height(row: GalleryRow) -> float:
    return row.image2d.shape[0] * row.spacing_mm[0]


def _width(row: GalleryRow) -> float:
    return row.image2d.shape[1] * row.spacing_mm[1]


def _wrapped(text: str, letters: int) -> list[str]:
    """A heading on at most two lines."""
    words = shown(text).split()
    lines = [""]
    for word in words:
        if len(lines) < 2 and lines[-1] and len(lines[-1]) + 1 + len(word) > letters:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return [cut(line, max(letters, 4)) for line in lines]
