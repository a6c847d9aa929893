"""From a case's own grid and intensities to what a network takes, and the way back.

First, on the case's own grid, come the steps of `core.preprocessing_steps` that the model wants; then the case is brought to
the space of a template; then slices without content are left out. The axes are brought to the order right, anterior,
superior (permuted and flipped, never rotated); with `Preprocessing.slices_last`, thick slices lie across the last one. The
grid is resampled to the model's spacing, with the edges of the volume kept in place. The intensities of each channel are
normalised. Models of nnU-Net see a cropped image, and these steps in another order (Isensee et al., Nature Methods 2021,
supplementary note 2): see `Preprocessing.crop`. Where an image is to be prepared as nnU-Net itself does it, see
`AsNnunet`, its resampling takes the place of ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from TransferSegLib.cases.annotation import classes_of, open_classes
from TransferSegLib.cases.content import slices_with_content
from TransferSegLib.cases.extent import Box, axes_shown, extent_problem, prepared_grid, prepared_size_problem
from TransferSegLib.cases.first_stage import Found, as_inputs
from TransferSegLib.cases.monai_spacing import Places, monai_places, resampled_by_monai
from TransferSegLib.cases.nnunet_resampling import axis_apart, resized
from TransferSegLib.cases.normalisation import NORMALISERS, normalise
from TransferSegLib.cases.volumes import Volume, read_labels, read_volume
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.inference_settings import AsNnunet
from TransferSegLib.core.labels import IGNORE, LabelTask
from TransferSegLib.core.preprocessing import CROPS_AFTERWARDS, Preprocessing
from TransferSegLib.core.preprocessing_steps import after_steps
from TransferSegLib.core.problems import Problem

if TYPE_CHECKING:  # few models have a template, and what registers imports SciPy
    from TransferSegLib.cases.template import TemplateSpace

# So many voxels are resampled at a time: what is needed in between is several times as large, in 64 bits.
PART_VOXELS = 2**22
# A new voxel is annotated where this share of an old slice that lies in it is.
LEAST_KNOWN = 0.5


@dataclass(frozen=True, eq=False)
class PreparedCase:
    """A case as the network sees it, and what is needed to go back.

    Attributes:
        name: The case's name.
        image: (C, I, J, K) float32, axes right, anterior, superior.
        classes: (I, J, K) uint8 on the grid of `image`; None without a label.
        grid: The case's own grid.
        spacing_mm: The spacing of `image`.
        box: The part of the case that `image` shows, in voxels of the case's own grid with its axes right, anterior,
            superior; None for all of it.
        constant: The image files that have one value everywhere.
        own_classes: The classes of the label file, (I, J, K) uint8 on `grid`; None without a label.
        doubts: What its image files say twice and differently, or not at all, see `Volume.doubts`.
        space: Its place in the space of the model's template, on whose grid `image` shows it; None without a template.
        open_classes: The numbers in `classes` that are no class, see `annotation.open_classes`; none where all is annotated.
        likely: For a case without a label, (I, J, K) uint8 on the grid of `image`: the classes as a model finds them. Patches
            are centred on them, and nothing learns from them; None where no model was asked.
        places: Where the voxels of `image` lie among those of what it shows, where MONAI's `Spacing` put them; None where
            the outer edges of both have one place.
        as_nnunet: How it was prepared as nnU-Net does it; None where it was prepared as all others are.
        back_apart: The axis across which slices are brought back by themselves, the nearest to each; None interpolates
            along all axes.
        file_order: Whether `image` has the axes of the file, in place of right, anterior, superior.
        slices_last: Whether thick slices lie across the last axis of `image`, see `Preprocessing.slices_last`.
    """

    name: str
    image: np.ndarray
    classes: np.ndarray | None
    grid: Grid
    spacing_mm: tuple[float, float, float]
    box: Box | None = None
    constant: tuple[Path, ...] = ()
    own_classes: np.ndarray | None = None
    doubts: tuple[Problem, ...] = ()
    space: TemplateSpace | None = None
    likely: np.ndarray | None = None
    open_classes: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    places: Places | None = None
    as_nnunet: AsNnunet | None = None
    back_apart: int | None = None
    file_order: bool = False
    slices_last: bool = False

    @property
    def shown(self) -> Grid:
        """The grid that `image` shows, before it was turned, cropped and resampled: the case's own, or the template's."""
        return self.grid if self.space is None else self.space.grid

    @property
    def own_size(self) -> tuple[int, int, int]:
        """The size of what `image` shows, in voxels of the grid `shown`, axes right, anterior, superior."""
        if self.box is None:
            order, _ = axes_shown(self.shown, self.file_order, self.slices_last)
            return self.shown.size[order[0]], self.shown.size[order[1]], self.shown.size[order[2]]
        (a, b), (c, d), (e, f) = self.box
        return b - a, d - c, f - e


def prepare_case(
    case: Case,
    preprocessing: Preprocessing,
    task: LabelTask | None = None,
    as_nnunet: AsNnunet | None = None,
    file_order: bool = False,
    found: Found | None = None,
) -> PreparedCase:
    """Read a case and bring it to the model's axes, spacing and intensities.

    Args:
        case: The case.
        preprocessing: How the model wants its input.
        task: Which class each value of the label file is; without it, the label is not read.
        as_nnunet: How nnU-Net prepares images, where it is to be done so; None for all other models, and in jobs.
        file_order: Whether the network is shown the axes of the file, whatever their directions, and not right, anterior,
            superior; never in jobs.
        found: For the second stage of a cascade, what the first found in the case; it becomes further channels of the image.

    Returns:
        The case as the network sees it.

    Raises:
        InputError: A file cannot be read, has voxels that are no numbers, or the files are not on one grid.
    """
    try:
        return _prepared(case, preprocessing, task, as_nnunet, file_order, found)
    except MemoryError:
        raise InputError(
            "preparing-out-of-memory",
            "case `{case}`: memory of this computer ran out while it was prepared; close other programs or crop the image.",
            case=case.name,
        ) from None


def _prepared(
    case: Case,
    preprocessing: Preprocessing,
    task: LabelTask | None,
    as_nnunet: AsNnunet | None,
    file_order: bool,
    found: Found | None,
) -> PreparedCase:
    file_order = file_order or (as_nnunet is not None and as_nnunet.file_order)
    volumes = _images(case)
    own = grid = volumes[0].grid
    constant = tuple(path for path, v in zip(case.images, volumes, strict=True) if v.array.min() == v.array.max())
    doubts = tuple(doubt for volume in volumes for doubt in volume.doubts)
    if preprocessing.template is None:
        _must_be_preparable(case.name, grid, preprocessing, len(volumes), as_nnunet, file_order)
    for n, volume in enumerate(volumes):
        volumes[n] = Volume(after_steps(volume.array, grid.spacing_mm, preprocessing.of_channel(n)), grid)
    space = None
    if preprocessing.template is not None:
        from TransferSegLib.cases.template import template_space

        space = template_space(case.name, volumes[0], Path(preprocessing.template))
        grid = space.grid
        volumes = [Volume(space.image_on_template(volume.array, own), grid) for volume in volumes]
        _must_be_preparable(case.name, grid, preprocessing, len(volumes), as_nnunet, file_order)
    order, flips = axes_shown(grid, file_order, preprocessing.slices_last)
    box = inside = None
    if preprocessing.crop == "non-zero":
        wanted = any(NORMALISERS[preprocessing.of_channel(n).normalisation].nonzero_only for n in range(len(volumes)))
        box, inside = _non_zero(volumes, wanted, order, flips, preprocessing.crop_margin)
    elif preprocessing.crop == "empty-slices":
        box = _with_content(volumes)
    elif preprocessing.crop == "foreground":
        turned_images = [_turned(volume.array, order, flips) for volume in volumes]
        box = _box_above(turned_images, preprocessing.foreground_above, preprocessing.crop_margin)
        del turned_images
    window = tuple(slice(*ends) for ends in box or ())
    found_before = None if found is None else np.ascontiguousarray(_turned(found.labels, order, flips)[window])
    if inside is not None and found_before is not None:
        inside |= found_before > 0  # as nnU-Net does it, for which a labelled voxel is no background
    size, spacing = prepared_grid(grid, preprocessing, box, as_nnunet, file_order)
    own_mm = tuple(grid.spacing_mm[axis] for axis in order)
    places = None
    if preprocessing.resampling == "monai" and preprocessing.spacing_mm is not None:
        places = replace(
            monai_places(grid, box, preprocessing.spacing_for(own_mm), preprocessing.spacing_tolerance, (order, flips)),
            interpolated_back=preprocessing.interpolated_back,
            in_float64=preprocessing.resampled_in_float64,
        )
    there, back = _slices_apart(own_mm, preprocessing, as_nnunet)
    channels = []
    for n in range(len(case.images)):
        # Taken from the list: from here on the memory of one image is enough.
        image = volumes.pop(0).array
        intensities = preprocessing.of_channel(n)
        image = _turned(image, order, flips)
        if preprocessing.normalised_first:
            image = normalise(np.ascontiguousarray(image), intensities)
        image = np.ascontiguousarray(image[window])
        if preprocessing.normalised_first:
            channels.append(_resample(image, size, places))
        elif preprocessing.crop != "non-zero":
            image = _resample(image, size) if places is None else resampled_by_monai(image, places)
            # What is cropped before is normalised below.
            later = preprocessing.crop == "foreground-resampled"
            channels.append(image if later else normalise(image, intensities))
        else:
            image = normalise(image, intensities, inside)
            if as_nnunet is None:
                channels.append(_resample(image, size, places))
            else:
                channels.append(resized(image, size, as_nnunet.interpolation, there))
        del image
    classes = own_classes = None
    opened: dict[int, tuple[int, ...]] = {}
    if task is not None and case.label is not None:
        label = read_labels(case.label, case.renumbered, own)
        _same_grid(case.name, "the image", own, f"the segmentation {case.label.name}", label.grid)
        own_classes = classes_of(case, label.array, own, task)
        opened = open_classes(case, own_classes, task)
        shown = own_classes if space is None else space.classes_on_template(own_classes, own)
        turned = np.ascontiguousarray(_turned(shown, order, flips)[window])
        classes = _resample_classes(turned, size) if places is None else _nearest_classes(turned, places)
    if preprocessing.crop in CROPS_AFTERWARDS:
        kept_box = _box_above(channels, preprocessing.foreground_above, preprocessing.crop_margin)
        if kept_box is not None:
            kept = tuple(slice(*ends) for ends in kept_box)
            channels = [np.ascontiguousarray(channel[kept]) for channel in channels]
            classes = None if classes is None else np.ascontiguousarray(classes[kept])
            box = kept_box
            if places is not None:
                places, box = places.cropped(kept_box, tuple(grid.size[axis] for axis in order))
        if preprocessing.crop == "foreground-resampled":
            channels = [normalise(channel, preprocessing.of_channel(n)) for n, channel in enumerate(channels)]
    image = channels[0][None] if len(channels) == 1 else np.stack(channels)
    if found is not None and found_before is not None:
        image = np.concatenate([image, as_inputs(found_before, found.values, image.shape[1:], there, as_nnunet)])
    return PreparedCase(
        case.name,
        image,
        classes,
        own,
        spacing,
        box,
        constant,
        own_classes,
        doubts,
        space,
        open_classes=opened,
        places=places,
        as_nnunet=as_nnunet,
        back_apart=back,
        file_order=file_order,
        slices_last=preprocessing.slices_last,
    )


def _slices_apart(
    own_mm: tuple[float, ...], preprocessing: Preprocessing, as_nnunet: AsNnunet | None
) -> tuple[int | None, int | None]:
    """The axes across which slices are resampled by themselves: of the image, and of what is found on the way back."""
    if as_nnunet is None or not as_nnunet.slices_apart or preprocessing.spacing_mm is None:
        return None, None
    wanted_mm = preprocessing.spacing_for(own_mm)
    return axis_apart(own_mm, wanted_mm), axis_apart(wanted_mm, own_mm)


def restore(array: np.ndarray, case: PreparedCase) -> np.ndarray:
    """Bring a result back to the case's own grid; what was cropped away becomes background.

    Args:
        array: Classes (I, J, K) or probabilities (classes, I, J, K) of what the case's image shows, at the voxel size of the
            case, or of its template, axes right, anterior, superior.
        case: The case.

    Returns:
        The same on all of the case's own grid.
    """
    if case.box is not None:
        order, _ = axes_shown(case.shown, case.file_order, case.slices_last)
        lead = array.shape[:-3]
        whole = np.zeros((*lead, *(case.shown.size[axis] for axis in order)), array.dtype)
        if lead:
            whole[0] = 1
        (a, b), (c, d), (e, f) = case.box
        whole[..., a:b, c:d, e:f] = array
        array = whole
    found = restore_axes(array, case.shown, case.file_order, case.slices_last)
    return found if case.space is None else case.space.on_case(found, case.grid)


def restore_axes(array: np.ndarray, grid: Grid, file_order: bool = False, slices_last: bool = False) -> np.ndarray:
    """Bring an array back from the axes right, anterior, superior to those of a grid.

    Args:
        array: (…, I, J, K), with axes right, anterior, superior.
        grid: The grid whose order and direction of axes is wanted.
        file_order: Whether the array has the axes of the file.
        slices_last: Whether thick slices lie across the array's last axis.

    Returns:
        The same values in the order and direction of the axes of `grid`, contiguous.
    """
    order, flips = axes_shown(grid, file_order, slices_last)
    lead = array.ndim - 3
    for axis, flipped in enumerate(flips):
        if flipped:
            array = np.flip(array, axis + lead)
    inverse = [order.index(axis) + lead for axis in range(3)]
    return np.ascontiguousarray(array.transpose(*range(lead), *inverse))


def _images(case: Case) -> list[Volume]:
    volumes = [read_volume(path) for path in case.images]
    for path, volume in zip(case.images, volumes, strict=True):
        _must_be_finite(case.name, path, volume.array)
        if volume is not volumes[0]:
            _same_grid(case.name, "the first image", volumes[0].grid, path.name, volume.grid)
    return volumes


def _non_zero(
    volumes: Sequence[Volume],
    holes: bool,
    order: tuple[int, int, int],
    flips: tuple[bool, bool, bool],
    margin: int = 0,
) -> tuple[Box | None, np.ndarray | None]:
    """Find the box of the voxels that are not 0 in some volume.

    Args:
        volumes: The images of a case.
        holes: Whether the voxels are asked for as well.
        order: The order of the volumes' axes that is wanted.
        flips: Which of these run the other way.
        margin: So many voxels around the box are kept as well.

    Returns:
        The box in the wanted axes, None where all voxels are 0; with `holes`, also (I, J, K) bool which voxels
        in the box are not 0 in some volume, or are holes among these.
    """
    from scipy.ndimage import binary_fill_holes

    some = np.zeros(volumes[0].grid.size, bool)
    for volume in volumes:
        some |= volume.array != 0
    if not some.any():
        return None, None
    some = _turned(some, order, flips)
    box = _box_of(some, margin)
    return box, binary_fill_holes(some[tuple(slice(*ends) for ends in box)]) if holes else None


def _box_above(channels: Sequence[np.ndarray], above: float, margin: int) -> Box | None:
    """The box of the voxels above a value in some image (I, J, K), and a margin around it; None where there are none."""
    some = np.zeros(channels[0].shape, bool)
    for channel in channels:
        some |= channel > above
    return _box_of(some, margin) if some.any() else None


def _box_of(some: np.ndarray, margin: int) -> Box:
    """The box of the voxels of a mask (I, J, K), of which there are some, and a margin around it."""
    ends: list[tuple[int, int]] = []
    sides: tuple[int, ...] = some.shape
    for n, others in zip(sides, ((1, 2), (0, 2), (0, 1)), strict=True):
        first, last = np.flatnonzero(some.any(axis=others))[[0, -1]]
        ends.append((max(0, int(first) - margin), min(n, int(last) + 1 + margin)))
    return ends[0], ends[1], ends[2]


def _with_content(volumes: Sequence[Volume]) -> Box:
    """The box of the axial slices with content, see `cases.content`; axes right, anterior, superior."""
    order, flips = volumes[0].grid.axes_to_ras()
    turned = [_turned(volume.array, order, flips) for volume in volumes]
    i, j, _ = turned[0].shape
    return (0, i), (0, j), slices_with_content(turned)


def _turned(array: np.ndarray, order: tuple[int, int, int], flips: tuple[bool, bool, bool]) -> np.ndarray:
    """A view with the axes right, anterior, superior."""
    return np.flip(array.transpose(order), tuple(axis for axis, flipped in enumerate(flips) if flipped))


def _resample_classes(classes: np.ndarray, size: tuple[int, int, int]) -> np.ndarray:
    """Resample classes (I, J, K) to `size`, with the edges of the volume kept in place.

    Along axes where the voxels grow, a new voxel gets the class that covers most of it: the nearest voxel's would shift every
    border by half an old voxel. Where they shrink, it gets the nearest voxel's. What nobody annotated gives way where half an
    old slice is known, or single annotated slices would be lost among the others.
    """
    fewer = tuple(min(n, w) for n, w in zip(classes.shape, size, strict=True))
    if classes.shape != fewer:
        winner, most = np.zeros(fewer, classes.dtype), np.zeros(fewer, np.float32)
        for value in np.unique(classes):
            share = _resample(classes == value, fewer)
            if value == IGNORE:
                thinnest = min(w / n for n, w in zip(classes.shape, fewer, strict=True))
                share[1 - share >= LEAST_KNOWN * thinnest] = 0
            winner[share > most] = value
            np.maximum(most, share, out=most)
        classes = winner
    picks = [((np.arange(w) + 0.5) * n / w).astype(int) for n, w in zip(fewer, size, strict=True)]
    return np.ascontiguousarray(classes[np.ix_(*picks)])


def _nearest_classes(classes: np.ndarray, places: Places) -> np.ndarray:
    """Resample classes (I, J, K): each new voxel gets the nearest one's class."""
    picks = [
        np.clip(np.rint(np.arange(w) * step + offset).astype(int), 0, n - 1)
        for n, w, step, offset in zip(classes.shape, places.size, places.steps, places.offsets, strict=True)
    ]
    return np.ascontiguousarray(classes[np.ix_(*picks)])


def _resample(array: np.ndarray, size: tuple[int, ...], places: Places | None = None) -> np.ndarray:
    """Resample an image.

    Args:
        array: (I, J, K).
        size: The wanted size.
        places: Where the new voxels lie; None keeps the outer edges in place.

    Returns:
        The image of that size as float32, its outermost voxels repeated beyond their centres.
    """
    for axis, wanted in enumerate(size):
        place = None if places is None else (places.steps[axis], places.offsets[axis])
        if array.shape[axis] != wanted or place not in (None, (1.0, 0.0)):
            array = _resample_axis(array, axis, wanted, place)
    return array.astype(np.float32, copy=False)


def _resample_axis(array: np.ndarray, axis: int, wanted: int, place: tuple[float, float] | None = None) -> np.ndarray:
    """Resample along one axis, a part of the image at a time."""
    shape = list(array.shape)
    shape[axis] = wanted
    result = np.empty(shape, np.float32)
    across = 1 if axis == 0 else 0  # the axis that is divided
    step = max(1, PART_VOXELS * shape[across] // max(1, array.size))
    for first in range(0, shape[across], step):
        part = tuple(slice(first, first + step) if n == across else slice(None) for n in range(3))
        result[part] = _resample_part(array[part].astype(np.float32, copy=False), axis, wanted, place)
    return result


def _resample_part(array: np.ndarray, axis: int, wanted: int, place: tuple[float, float] | None) -> np.ndarray:
    """Linear interpolation along one axis; when the voxels grow, each new one is the mean of what it covers.

    Where a `place` (step and offset) is given, there is no mean.
    """
    n = array.shape[axis]
    if place is None and wanted < n:
        # A box average over the new voxel's extent: the integral of the piecewise constant signal, differenced.
        total = np.concatenate(
            [np.zeros_like(np.take(array, [0], axis), dtype=np.float64), np.cumsum(array, axis, dtype=np.float64)], axis
        )
        edges = np.arange(wanted + 1) * n / wanted
        low = np.minimum(edges.astype(int), n)
        part = _along(edges - low, axis)
        integral = np.take(total, low, axis) * (1 - part) + np.take(total, np.minimum(low + 1, n), axis) * part
        return (np.diff(integral, axis=axis) * (wanted / n)).astype(np.float32)
    new = np.arange(wanted)
    position = (new + 0.5) * n / wanted - 0.5 if place is None else new * place[0] + place[1]
    position = np.clip(position, 0, n - 1)
    low = np.minimum(position.astype(int), max(n - 2, 0))
    part = _along((position - low).astype(np.float32), axis)
    return np.take(array, low, axis) * (1 - part) + np.take(array, np.minimum(low + 1, n - 1), axis) * part


def _along(values: np.ndarray, axis: int) -> np.ndarray:
    shape = [1, 1, 1]
    shape[axis] = -1
    return values.reshape(shape)


def _must_be_finite(case: str, path: Path, array: np.ndarray) -> None:
    wrong = array.size - np.count_nonzero(np.isfinite(array))
    if wrong:
        raise InputError(
            "voxels-not-finite",
            "case `{case}`: image {file} has {count} {count:~voxel that is|voxels that are} NaN, infinite or too large for 32"
            " bits; replace such values, by 0 if they lie outside the body.",
            case=case,
            file=path.name,
            count=wrong,
        )


def _must_be_preparable(
    case: str, grid: Grid, preprocessing: Preprocessing, channels: int, as_nnunet: AsNnunet | None, file_order: bool
) -> None:
    problem = extent_problem(grid) or prepared_size_problem(grid, preprocessing, channels, as_nnunet, file_order)
    if problem is not None:
        raise InputError("case-not-preparable", "case `{case}`: {problem}.", case=case, problem=problem)


def _same_grid(case: str, first: str, grid: Grid, second: str, other: Grid) -> None:
    differences = grid.differences(other, of=(first, second))
    if differences:
        raise InputError(
            "case-grids",
            "case `{case}`: {first} and {second} are on different grids ({differences:;}); resample the one to the other.",
            case=case,
            first=first,
            second=second,
            differences=differences,
        )
