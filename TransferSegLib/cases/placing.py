"""Labels on the voxels of their image, where their file has a part of these only, or has them in another order.

Slicer saves segmentations cropped to what is drawn, and DICOM segmentations lack the frames in which nothing is. Other
programs flip or exchange the axes of what they write. All say where their voxels lie. Where these are voxels of the image,
the labels are put onto them, and the rest of the image is background.
"""

from __future__ import annotations

import numpy as np

from TransferSegLib.core.grid import Grid


def labelled_part(array: np.ndarray) -> tuple[list[int], list[int]] | None:
    """Find the smallest box that has all voxels (I, J, K) above or below 0.

    Returns:
        Its first and its last voxel (i, j, k); None where all are 0.
    """
    has_label = [np.zeros(n, bool) for n in array.shape]
    for k, plane in enumerate(array.T):
        labelled = plane != 0
        has_label[0] |= labelled.any(axis=0)
        has_label[1] |= labelled.any(axis=1)
        has_label[2][k] = labelled.any()
    if not has_label[2].any():
        return None
    ends = [np.flatnonzero(one) for one in has_label]
    return [int(one[0]) for one in ends], [int(one[-1]) for one in ends]


def place_on_image(grid: Grid, drawn: Grid | None, image: Grid, by_frames: bool = False) -> np.ndarray | None:
    """Find which voxels of an image those of its segmentation are.

    Args:
        grid: Where the voxels of the segmentation lie.
        drawn: The part of it that has all labels; None where nothing is drawn.
        image: Where the voxels of the image lie.
        by_frames: Whether each slice says where it lies, as those of DICOM do. Another file that has the image's size (its
            axes perhaps exchanged) and lies elsewhere is no part of the image: its header is wrong.

    Returns:
        (3, 4) of whole numbers, see `Grid.voxels_in`, for the voxels of `drawn`; None unless all of them are voxels of the
        image.
    """
    drawn = drawn or grid
    voxels = drawn.voxels_in(image)
    if voxels is None or (not by_frames and is_whole_elsewhere(grid, image)):
        return None
    return voxels if _are_inside(voxels, drawn, image) else None


def is_whole_elsewhere(grid: Grid, image: Grid) -> bool:
    """Tell whether a grid has the size of an image and lies elsewhere.

    Args:
        grid: The grid, such as that of labels.
        image: The image's grid.

    Returns:
        True where it has as many voxels along each axis, perhaps with axes exchanged, and another place.
    """
    voxels = grid.voxels_in(image)
    if voxels is None:
        return grid.size == image.size
    size = tuple(np.abs(voxels[:, :3]) @ grid.size)
    return size == image.size and not _are_inside(voxels, grid, image)


def _are_inside(voxels: np.ndarray, grid: Grid, image: Grid) -> bool:
    ends = voxels @ np.array([(0, 0, 0, 1), (*(n - 1 for n in grid.size), 1)]).T
    return bool((ends >= 0).all() and (np.array(image.size)[:, None] > ends).all())


def placed_labels(array: np.ndarray, grid: Grid, image: Grid, by_frames: bool = False) -> tuple[np.ndarray, Grid]:
    """Put labels onto the voxels of their image.

    Args:
        array: (I, J, K).
        grid: Where its voxels lie.
        image: Where those of the image lie.
        by_frames: See `place_on_image`.

    Returns:
        The labels on the image's grid, with 0 beside their own voxels; as they were where labels are not on voxels of it.
    """
    first, last = labelled_part(array) or ([0, 0, 0], [n - 1 for n in array.shape])
    voxels = None if grid.same_as(image) else place_on_image(grid, grid.part(first, last), image, by_frames)
    if voxels is None:
        return array, grid
    turn, start = voxels[:, :3], voxels[:, 3]
    labels = array[tuple(slice(a, b + 1) for a, b in zip(first, last, strict=True))]
    labels = labels.transpose(np.abs(turn).argmax(axis=1))
    backwards = turn.sum(axis=1) < 0
    labels = labels[tuple(slice(None, None, -1 if back else 1) for back in backwards)]
    low = start - backwards * (np.array(labels.shape) - 1)
    whole = np.zeros(image.size, array.dtype, order="F")
    whole[tuple(slice(a, a + n) for a, n in zip(low, labels.shape, strict=True))] = labels
    return whole, image
