"""A case of files whose segmentation lies on another grid than its image comes into the scene, on the image's grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from slicer.i18n import tr as _

from TransferSegGui.exporting import LEAST_OUTSIDE
from TransferSegGui.outside import shares_outside
from TransferSegGui.regions import with_values
from TransferSegGui.segmentations import Style, add_segmentation, oriented
from TransferSegGui.targets import TargetCase
from TransferSegGui.volumes import add_volume, resampled
from TransferSegLib.cases.volumes import Volume, read_grid, read_labels, read_volume
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.palette import LABELS
from TransferSegLib.core.problems import Problem


def can_be_resampled(case: TargetCase) -> bool:
    """Whether a node may take the place of a case's segmentation: of a file, unless that says which slices it annotates."""
    return isinstance(case.segmentation, Path) and not case.annotated_slices


def on_its_image(case: TargetCase, own: Mapping[str, Style]) -> TargetCase:
    """The case with its images in the scene, and with a new segmentation on the grid of the first.

    The files stay as they are. Each voxel gets the label of the nearest one, by Slicer's own resampling.

    Args:
        case: A case for which `can_be_resampled` holds.
        own: The looks of the person's own segments, by name.

    Raises:
        InputError: A file cannot be read, or all labels lie outside the image.
    """
    assert isinstance(case.segmentation, Path)
    labels, first = read_labels(case.segmentation), case.images[0]
    assert isinstance(first, Path), "a label file belongs to an image file"
    grid = read_grid(first)
    array = np.zeros(grid.size, np.uint8)
    if labels.array.any():
        array = resampled(oriented(labels), grid, None)
    if labels.array.any() and not array.any():
        raise InputError(
            "resampled-outside",
            "case `{name}`: all of its segmentation lies outside its image; is it of this image, and is its header right?",
            name=case.name,
        )
    styles = {
        value: own.get(name, Style(name, _color(place)))
        for place, (value, name) in enumerate(sorted(case.labels.items()))
    }
    images = tuple(add_volume(read_volume(path), path.name) for path in case.images if isinstance(path, Path))
    name = _("{image}: resampled labels").format(image=images[0].GetName())
    regions = with_values(case.regions, {label: value for value, label in case.labels.items()})
    node = add_segmentation(Volume(array, grid), styles, name, images[0], regions)
    return replace(case, images=images, segmentation=node)


def cut_off(case: TargetCase) -> Problem | None:
    """Say what of a segmentation `on_its_image` loses, because it lies outside the image; None where that is next to nothing.

    Args:
        case: A case for which `can_be_resampled` holds.

    Raises:
        InputError: A file cannot be read.
    """
    assert isinstance(case.segmentation, Path) and isinstance(case.images[0], Path)
    shares = shares_outside(read_labels(case.segmentation), read_grid(case.images[0]))
    cut = {case.labels.get(value, str(value)): share for value, share in shares.items() if share >= LEAST_OUTSIDE}
    if not cut:
        return None
    return Problem(
        "resampled-cut-off",
        "case `{name}`: up to {percent:.0f} % of {labels:…`} {labels:~lies|lie} outside its image and {labels:~is|are} left "
        "out; check that this segmentation is of this image.",
        {"name": case.name, "percent": 100 * max(cut.values()), "labels": list(cut)},
        "warning",
    )


def _color(place: int) -> tuple[float, float, float]:
    red, green, blue = LABELS[place % len(LABELS)]
    return red / 255, green / 255, blue / 255
