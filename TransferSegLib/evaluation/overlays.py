"""The cases and slices to show, so that a reader sees what the scores mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from TransferSegLib.core.grid import Grid
from TransferSegLib.evaluation.comparison import TEST_FOLD
from TransferSegLib.evaluation.scores import ScoreRow, dice_by_case

# What is shown around the segmented region: this, or half the region's own size where that is more.
MARGIN_MM = 15.0


@dataclass(frozen=True, eq=False)
class Overlay:
    """One slice of one case as it is looked at: row 0 on top, the patient's right on the left.

    Attributes:
        strategy: The key of the strategy that segmented it.
        case: The name of the case.
        kind: Why it is shown: `best`, `median` or `worst`.
        image2d: (rows, columns), intensities.
        reference2d: (rows, columns), the label values of the reference, 0 for background, `UNKNOWN_VALUE` where nobody
            annotated.
        prediction2d: (rows, columns), those of the segmentation.
        spacing_mm: The distance from row to row and from column to column.
        segmented2d: Strategy → (rows, columns), what each strategy segmented there, for those whose segmentation is known.
    """

    strategy: str
    case: str
    kind: str
    image2d: np.ndarray
    reference2d: np.ndarray
    prediction2d: np.ndarray
    spacing_mm: tuple[float, float]
    segmented2d: Mapping[str, np.ndarray] = field(default_factory=dict)


def overlay_cases(rows: Sequence[ScoreRow], strategy: str) -> dict[str, str]:
    """Choose the cases with the best, the median and the worst Dice (mean over labels).

    Args:
        rows: The scores of a job. Those of separate test cases count only where there are no others.
        strategy: The key of the strategy whose scores count.

    Returns:
        `best`, `median`, `worst` → name of the case; each case once, so fewer where there are few cases.
    """
    mine = [row for row in rows if row.strategy == strategy and row.scores.dice is not None]
    dice = dice_by_case([row for row in mine if row.fold != TEST_FOLD] or mine)
    ranked = sorted(dice, key=lambda case: -dice[case])
    chosen: dict[str, str] = {}
    wanted = (("best", 0), ("worst", len(ranked) - 1), ("median", len(ranked) // 2))
    for kind, place in wanted:
        if ranked and ranked[place] not in chosen.values():
            chosen[kind] = ranked[place]
    return {kind: chosen[kind] for kind in ("best", "median", "worst") if kind in chosen}


def overlay_slice(
    strategy: str,
    case: str,
    kind: str,
    image: np.ndarray,
    reference: np.ndarray,
    prediction: np.ndarray,
    grid: Grid,
    beside: Mapping[str, np.ndarray] | None = None,
) -> Overlay:
    """Cut the slice to show out of a case (see `cut_slice`).

    Args:
        strategy: The key of the strategy that segmented the case.
        case: The name of the case.
        kind: Why it is shown.
        image: (I, J, K), intensities.
        reference: (I, J, K), label values.
        prediction: (I, J, K), label values.
        grid: The grid of all three.
        beside: Other strategies → (I, J, K), the label values that they segmented, on the same grid.

    Returns:
        The slice.
    """
    beside = beside or {}
    image2d, labels2d, spacing_mm = cut_slice(image, (reference, prediction, *beside.values()), grid, deciding=2)
    reference2d, prediction2d, *more = labels2d
    segmented2d = {strategy: prediction2d, **dict(zip(beside, more, strict=True))}
    return Overlay(strategy, case, kind, image2d, reference2d, prediction2d, spacing_mm, segmented2d)


def cut_slice(
    image: np.ndarray, labels: Sequence[np.ndarray], grid: Grid, deciding: int | None = None
) -> tuple[np.ndarray, list[np.ndarray], tuple[float, float]]:
    """Cut the same slice out of an image and its segmentations.

    The slice lies across the axis with the thickest voxels (axial where they are alike), where most of the labels is seen.
    Each label counts by the share of its voxels there, so that a small one is not outvoted by air. The slice is shown in
    radiological orientation (right of the patient on the left, front or top of the head on top) and cut to the segmented
    region.

    Args:
        image: (I, J, K), intensities.
        labels: Segmentations of it, label values (I, J, K) each.
        grid: The grid of all.
        deciding: How many of the segmentations, from the first on, decide what is shown; None for all.

    Returns:
        The image (rows, columns), the segmentations likewise, and the distance in mm from row to row and column to column.
    """
    order, flips = grid.axes_to_ras()
    turned = [_to_ras(array, order, flips) for array in (image, *labels)]
    spacing = [grid.spacing_mm[axis] for axis in order]
    axis = 2 if spacing[2] >= 0.9 * max(spacing) else int(np.argmax(spacing))
    others = tuple(n for n in range(3) if n != axis)
    weight = np.zeros(turned[0].shape[axis])
    deciding = len(labels) if deciding is None else deciding
    for segmentation in turned[1 : 1 + deciding]:
        for value in np.unique(segmentation[segmentation > 0]):
            mask = segmentation == value
            weight += mask.sum(axis=others) / mask.sum()
    place = int(np.argmax(weight)) if weight.any() else len(weight) // 2
    # Both remaining axes run towards right, front or top; the picture begins at those ends.
    planes = [np.flip(np.take(array, place, axis=axis)).T for array in turned]
    in_plane = (spacing[others[1]], spacing[others[0]])
    region = _region(np.any([plane > 0 for plane in planes[1 : 1 + deciding]], axis=0), in_plane)
    image2d, *labels2d = (plane[region] for plane in planes)
    return image2d, labels2d, in_plane


def _to_ras(array: np.ndarray, order: tuple[int, int, int], flips: tuple[bool, bool, bool]) -> np.ndarray:
    return np.flip(array.transpose(order), tuple(axis for axis in range(3) if flips[axis]))


def _region(foreground: np.ndarray, spacing_mm: tuple[float, float]) -> tuple[slice, slice]:
    if not foreground.any():
        return slice(None), slice(None)
    slices = []
    for axis in range(2):
        filled = np.flatnonzero(foreground.any(axis=1 - axis))
        first, last = int(filled[0]), int(filled[-1])
        margin = max(round(MARGIN_MM / spacing_mm[axis]), (last - first + 1) // 2)
        slices.append(slice(max(0, first - margin), last + 1 + margin))
    return slices[0], slices[1]
