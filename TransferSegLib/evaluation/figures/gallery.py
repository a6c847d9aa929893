"""A gallery (Mecheter 2023, figure 6): a row a case, with its image, the reference and what every strategy segmented."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from TransferSegLib.core.palette import Rgb, hexadecimal
from TransferSegLib.evaluation.figures.slices import grey_window
from TransferSegLib.evaluation.figures.style import GROUND, PX, SOFT, cut, shown, style

TILE_PX, GAP_PX, LEFT_PX, TOP_PX, HEAD_PX, BELOW_PX, LEGEND_PX, LETTER_PX = 150, 6, 4, 36, 34, 34, 24, 7.3
TALLEST = 1.4  # times as high as wide
FILL = 0.55


@dataclass(frozen=True, eq=False)
class GalleryRow:
    """One case of a gallery, as it is looked at: row 0 on top, the patient's right on the left.

    Attributes:
        name: What stands below its image.
        image2d: (rows, columns), intensities.
        reference2d: (rows, columns), the label values of the reference, 0 for background.
        segmented2d: Strategy → (rows, columns), the label values that it segmented; a strategy without one has no picture.
        spacing_mm: The distance from row to row and from column to column.
        below: Strategy → what stands below its picture, such as its Dice.
    """

    name: str
    image2d: np.ndarray
    reference2d: np.ndarray
    segmented2d: Mapping[str, np.ndarray]
    spacing_mm: tuple[float, float]
    below: Mapping[str, str]


def gallery(
    title: str,
    rows: Sequence[GalleryRow],
    strategies: Sequence[str],
    colors: Mapping[int, Rgb],
    labels: Mapping[int, str],
) -> Figure | None:
    """Draw cases in rows: the image, the reference, and the segmentation of each strategy, filled in the labels' colours.

    Args:
        title: The title.
        rows: The cases.
        strategies: The strategies, in the order of the columns.
        colors: Label value → colour, of the labels that are drawn.
        labels: Label value → name, for the legend.

    Returns:
        The figure; None without any case.
    """
    if not rows:
        return None
    heights = [TILE_PX * min(TALLEST, _ratio(row)) for row in rows]
    width_px = LEFT_PX + (2 + len(strategies)) * (TILE_PX + GAP_PX)
    height_px = TOP_PX + HEAD_PX + sum(heights) + len(rows) * BELOW_PX + LEGEND_PX
    with style():
        figure = Figure(figsize=(width_px * PX / 72, height_px * PX / 72), facecolor=GROUND)
        figure.text(0, 1 - 4 / height_px, shown(title), va="top", size=14 * PX, weight="bold")
        for column, name in enumerate(("image", "reference", *strategies)):
            place = (LEFT_PX + column * (TILE_PX + GAP_PX)) / width_px
            text = "\n".join(_lines(name))
            bottom = 1 - (TOP_PX + HEAD_PX - 5) / height_px
            figure.text(place, bottom, text, va="bottom", weight="bold", linespacing=1.1)
        top = float(TOP_PX + HEAD_PX)
        for row, tile_px in zip(rows, heights, strict=True):
            pictures: list[tuple[np.ndarray | None, str]] = [(None, row.name), (row.reference2d, "")]
            pictures += [(row.segmented2d[s], row.below.get(s, "")) for s in strategies if s in row.segmented2d]
            places = [0, 1, *(2 + n for n, s in enumerate(strategies) if s in row.segmented2d)]
            for column, (found, words) in zip(places, pictures, strict=True):
                left = LEFT_PX + column * (TILE_PX + GAP_PX)
                axes = figure.add_axes(
                    (left / width_px, 1 - (top + tile_px) / height_px, TILE_PX / width_px, tile_px / height_px)
                )
                _draw(axes, row, found, colors, TILE_PX / tile_px)
                below = 1 - (top + tile_px + 4) / height_px
                figure.text(left / width_px, below, cut(words, int(TILE_PX / LETTER_PX)), va="top", color=SOFT)
            top += tile_px + BELOW_PX
        keys = [
            Patch(color=hexadecimal(color), label=cut(labels.get(value, str(value)), 24))
            for value, color in colors.items()
        ]
        figure.legend(
            handles=keys[:8],
            loc="lower left",
            bbox_to_anchor=(0, 0),
            ncols=8,
            frameon=False,
            borderpad=0.2,
            handlelength=1,
            columnspacing=1.5,
        )
    return figure


def _ratio(row: GalleryRow) -> float:
    """How high the picture of a case is, over its width."""
    rows, columns = row.image2d.shape
    return rows * row.spacing_mm[0] / (columns * row.spacing_mm[1])


def _draw(
    axes: Axes, row: GalleryRow, found: np.ndarray | None, colors: Mapping[int, Rgb], width_over_height: float
) -> None:
    """The image, and over it what is filled; a picture that is too high for its tile has black bars on its sides."""
    axes.set_facecolor("black")
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    low, high = grey_window(row.image2d)
    image = np.clip((np.nan_to_num(row.image2d.astype(np.float64), posinf=0.0, neginf=0.0) - low) / (high - low), 0, 1)
    pixels = np.repeat(image[..., None], 3, axis=2)
    for value, color in colors.items():
        if found is not None:
            mask = found == value
            pixels[mask] = (1 - FILL) * pixels[mask] + FILL * np.array(color) / 255
    rows, columns = row.image2d.shape
    axes.imshow(
        np.round(pixels * 255).astype(np.uint8), interpolation="none", extent=(0, columns, rows, 0), aspect="auto"
    )
    across = columns * max(1.0, _ratio(row) * width_over_height)
    axes.set_xlim((columns - across) / 2, (columns + across) / 2)
    axes.set_ylim(rows, 0)


def _lines(name: str) -> list[str]:
    """A strategy's name on two lines: its options below."""
    letters = int(TILE_PX / LETTER_PX)
    first, _, options = name.partition(":")
    return [cut(part, letters) for part in (first, options) if part]
