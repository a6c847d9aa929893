"""Many small pictures before and after a training, with their differences (Karimi 2021 figures 8, 9 and 10)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from matplotlib.figure import Figure

from TransferSegLib.core.palette import FALLS, RISES
from TransferSegLib.evaluation.figures.style import (
    INK,
    PX,
    SOFT,
    style,
    titled_figure,
)

TILE_PX, GAP_PX, NUMBER_PX, NAME_PX, GROUP_PX, TOP_PX = 34, 4, 13, 82, 22, 62
_RISES, _FALLS = np.array(RISES), np.array(FALLS)


class Picture(Protocol):
    """A picture of something before and after."""

    @property
    def stage(self) -> str:
        """The row that it belongs to."""

    @property
    def start(self) -> np.ndarray:
        """(rows, columns) before."""

    @property
    def end(self) -> np.ndarray:
        """(rows, columns) after."""

    @property
    def change(self) -> float:
        """How much it changed, as a part of what it was."""


def mosaic(title: str, pictures: Sequence[Picture], centred: bool, groups: tuple[str, str, str]) -> Figure | None:
    """Draw a row a stage: its pictures before, after, and their differences with the change in per cent.

    A picture has one scale of grey before and after. In its difference, full colour is the largest value before or after.

    Args:
        title: The title.
        pictures: The pictures, stage by stage.
        centred: Whether 0 is grey, as for weights; else the smallest value is black.
        groups: The headings of the three groups.

    Returns:
        The figure; None without pictures.
    """
    stages = list(dict.fromkeys(picture.stage for picture in pictures))
    if not stages:
        return None
    rows = [[picture for picture in pictures if picture.stage == stage] for stage in stages]
    most = max(map(len, rows))
    group_px = most * (TILE_PX + GAP_PX)
    width_px, row_px = NAME_PX + 3 * group_px + 2 * GROUP_PX, TILE_PX + GAP_PX + NUMBER_PX
    height_px = TOP_PX + len(rows) * row_px
    canvas = np.zeros((len(rows) * row_px, width_px - NAME_PX, 4), np.uint8)
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            for group, tile in enumerate(_drawn(picture, centred)):
                top, left = y * row_px, group * (group_px + GROUP_PX) + x * (TILE_PX + GAP_PX)
                canvas[top : top + TILE_PX, left : left + TILE_PX] = _fitted(tile)
    with style():
        figure = titled_figure(title, width_px, height_px)
        axes = figure.add_axes((NAME_PX / width_px, 0, 1 - NAME_PX / width_px, 1 - TOP_PX / height_px))
        axes.set_axis_off()
        axes.imshow(canvas, interpolation="nearest", aspect="auto", extent=(0, canvas.shape[1], canvas.shape[0], 0))
        for group, heading in enumerate(groups):
            axes.text(group * (group_px + GROUP_PX), -8, heading, va="bottom", size=12 * PX, color=INK)
        for y, (stage, row) in enumerate(zip(stages, rows, strict=True)):
            axes.text(-8, y * row_px + TILE_PX / 2, stage, ha="right", va="center", size=12 * PX, color=INK)
            for x, picture in enumerate(row):
                middle = 2 * (group_px + GROUP_PX) + x * (TILE_PX + GAP_PX) + TILE_PX / 2
                text = f"{100 * picture.change:.0f} %"
                axes.text(middle, y * row_px + TILE_PX + 1, text, ha="center", va="top", size=9 * PX, color=SOFT)
    return figure


def _drawn(picture: Picture, centred: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The picture before, after, and the difference, (rows, columns, 3) each."""
    both = np.stack([picture.start, picture.end])
    largest = float(np.abs(both).max()) or 1.0
    low, high = (-largest, largest) if centred else (float(both.min()), float(both.max()))
    start, end = (255 * np.clip((part - low) / ((high - low) or 1.0), 0, 1) for part in both)
    share = np.clip((both[1] - both[0]) / ((high - low) / (2 if centred else 1) or 1.0), -1, 1)[..., None]
    difference = 255 - np.abs(share) * (255 - np.where(share > 0, _RISES, _FALLS))
    return _grey(start), _grey(end), difference


def _grey(values: np.ndarray) -> np.ndarray:
    return np.repeat(values[..., None], 3, axis=2)


def _fitted(picture: np.ndarray) -> np.ndarray:
    """A picture (rows, columns, 3) as a tile (side, side, 4), in the middle of it with its proportions kept."""
    tile = np.zeros((TILE_PX, TILE_PX, 4), np.uint8)
    rows, columns = picture.shape[:2]
    height, width = (max(1, round(TILE_PX * side / max(rows, columns))) for side in (rows, columns))
    enlarged = picture[np.arange(height) * rows // height][:, np.arange(width) * columns // width]
    top, left = (TILE_PX - height) // 2, (TILE_PX - width) // 2
    tile[top : top + height, left : left + width, :3] = enlarged
    tile[top : top + height, left : left + width, 3] = 255
    return tile
