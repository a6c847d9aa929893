"""The slices of an image that hold anything.

Mecheter 2020 (§II-B) discards the first and last slices of each volume, whose few pixels of tissue are useless for training,
Mecheter 2023 (§3.2) its black and blurry ones, and Zoetmulder 2022 (§3.2) the empty ones at the top. All three chose them by
hand, as a number of slices a data set. Here a voxel holds content when it lies above Otsu's threshold of its volume, and an
axial slice does when at least one voxel in a hundred of it does. Only slices beyond the outermost ones with content are left
out, so that what is left is one block.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from TransferSegLib.core.otsu import otsu_threshold

# The share of a slice that must hold content.
LEAST_SHARE = 0.01


def slices_with_content(images: Iterable[np.ndarray]) -> tuple[int, int]:
    """Find the slices from the first to the last with content.

    Args:
        images: The channels of a case, (I, J, K) each, the axial slices along the last axis.

    Returns:
        The first slice with content in some channel, and the one after the last; all slices where none has any.
    """
    found: np.ndarray | None = None
    for image in images:
        has = (image > otsu_threshold(image)).mean(axis=(0, 1)) >= LEAST_SHARE
        found = has if found is None else found | has
    assert found is not None
    places = np.flatnonzero(found)
    return (int(places[0]), int(places[-1]) + 1) if places.size else (0, found.size)
