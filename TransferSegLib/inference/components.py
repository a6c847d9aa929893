"""What is done with the segmentation of a label: its largest component alone is kept, its holes are filled.

Both are anatomy, not image: an organ is one piece, and has no holes. So which labels it is done for is chosen by scores, or
by whoever writes the model's card.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from TransferSegLib.core.inference_settings import InferenceSettings

# Voxels that share a corner belong together, as in the detection of lesions.
CORNERS = np.ones((3, 3, 3), bool)


def cleaned(classes: np.ndarray, names: Sequence[str], settings: InferenceSettings) -> np.ndarray:
    """Keep the largest components, then fill the holes, of the labels that the settings name.

    Args:
        classes: (I, J, K), 0 is background, n the label `names[n - 1]`.
        names: The names of the labels.
        settings: Name the labels; a name that is none of these is left aside.

    Returns:
        The classes, the same array where there is nothing to do. Other components of a label become background. A hole
        becomes the label where it is background, and stays where it is another label.
    """
    found = classes
    for n, name in enumerate(names, start=1):
        if name in settings.largest_component:
            found = with_largest_component(found, n)
    for n, name in enumerate(names, start=1):
        if name in settings.fill_holes:
            found = with_filled_holes(found, n)
    return found


def with_largest_component(classes: np.ndarray, label: int) -> np.ndarray:
    """Make background of all components of a label but the largest; of equally large ones the first stays.

    Args:
        classes: (I, J, K).
        label: The class.

    Returns:
        The classes, the same array where the label has at most one component.
    """
    box = _box(classes, label)
    if box is None:
        return classes
    mask = classes[box] == label
    components, count = ndimage.label(mask, structure=CORNERS)
    if count < 2:
        return classes
    largest = 1 + int(np.argmax(np.bincount(components.ravel())[1:]))
    found = classes.copy()
    found[box][mask & (components != largest)] = 0
    return found


def with_filled_holes(classes: np.ndarray, label: int) -> np.ndarray:
    """Give a label the background that it encloses: what no path through faces of voxels leads out of.

    Args:
        classes: (I, J, K).
        label: The class.

    Returns:
        The classes, the same array where there is no hole.
    """
    box = _box(classes, label)
    if box is None:
        return classes
    part = classes[box]
    mask = part == label
    holes = ndimage.binary_fill_holes(mask) & ~mask & (part == 0)
    if not holes.any():
        return classes
    found = classes.copy()
    found[box][holes] = label
    return found


def _box(classes: np.ndarray, label: int) -> tuple[slice, ...] | None:
    """The smallest box with all voxels of a class; None where there is none."""
    mask = classes == label
    sides = []
    for axis in range(classes.ndim):
        there = np.flatnonzero(mask.any(axis=tuple(n for n in range(classes.ndim) if n != axis)))
        if not there.size:
            return None
        sides.append(slice(int(there[0]), int(there[-1]) + 1))
    return tuple(sides)
