"""What is done with the segmentation of a label: its largest component alone is kept, its holes are filled.

Both are anatomy, not image: an organ is one piece, and has no holes. So which labels it is done for is chosen by scores, or
by whoever writes the model's card.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from scipy import ndimage

from TransferSegLib.core.inference_settings import InferenceSettings
from TransferSegLib.core.problems import Problem

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


def told_of_cleaning(
    case: str, before: np.ndarray, after: np.ndarray, names: Sequence[str], spacing_mm: Sequence[float]
) -> list[Problem]:
    """Say what `cleaned` has taken away from a case's labels and what it has added, in mL.

    Args:
        case: The name of the case.
        before: What was found, (I, J, K); n is the label `names[n - 1]`.
        after: What `cleaned` made of it.
        names: The names of the labels.
        spacing_mm: The voxel size in mm.

    Returns:
        A note on what was removed, and one on the holes that were filled; none where nothing was changed.
    """
    changed = np.asarray(before != after) if after is not before else np.zeros(1, bool)
    if not changed.any():
        return []
    voxel_ml = math.prod(spacing_mm) / 1000
    gone, pieces, filled = {}, 0, {}
    for n, name in enumerate(names, start=1):
        mask = changed & (before == n)
        if mask.any():
            gone[name] = int(mask.sum()) * voxel_ml
            pieces += int(ndimage.label(mask, structure=CORNERS)[1])
        if count := int((changed & (after == n)).sum()):
            filled[name] = count * voxel_ml
    told = []
    if gone:
        told.append(
            Problem(
                "components-removed",
                "case `{name}`: this model keeps the largest piece of a label alone, so {pieces} further "
                "{pieces:~piece|pieces} ({shown:…}) {pieces:~was|were} removed; give {option} to see {pieces:~it|them}.",
                {"name": case, "pieces": pieces, "shown": _volumes(gone), "option": "--post-processing none"},
                "note",
                case=case,
            )
        )
    if filled:
        told.append(
            Problem(
                "holes-filled",
                "case `{name}`: this model fills the holes of a label, so some were filled ({shown:…}); give {option} to "
                "leave them open.",
                {"name": case, "shown": _volumes(filled), "option": "--post-processing none"},
                "note",
                case=case,
            )
        )
    return told


def _volumes(volumes_ml: Mapping[str, float]) -> list[str]:
    """The volume of each label, such as `liver 1.2 mL`, the largest first."""
    largest_first = sorted(volumes_ml, key=lambda name: -volumes_ml[name])
    return [f"{name} {_ml(volumes_ml[name])} mL" for name in largest_first]


def _ml(volume: float) -> str:
    """A volume in mL with two significant digits at least, so that a small one is never 0."""
    return f"{volume:.0f}" if volume >= 100 else f"{volume:.1f}" if volume >= 1 else f"{volume:.2g}"


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
