"""What the checks need to know of the cases' files, collected in one pass over them."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from TransferSegLib.cases.digests import Digests, voxel_digest
from TransferSegLib.cases.mirrored import Centres, label_centres
from TransferSegLib.cases.placing import labelled_part, place_on_image
from TransferSegLib.cases.volume_error import VolumeError, explain_memory
from TransferSegLib.cases.volumes import Volume, drawn_file, read_labels, read_volume, suffix_of
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.grid import Grid, times
from TransferSegLib.core.problems import Problem

# Air and lung lie below −200 HU, fat and the noise of soft tissue below −20 HU; MR intensities are not negative,
# and stay above −20 when somebody has standardised them.
_AIR_HU, _NEGATIVE_HU = -200.0, -20.0
# An image of so few whole numbers is no scan, and most likely labels.
_FEW_VALUES = 16
# See `Case.renumbered`.
Renumbered = tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class ImageFacts:
    """What is known of an image.

    Attributes:
        grid: Where its voxels lie.
        digest: Tells it from all other images.
        low: Its lowest intensity.
        high: Its highest intensity.
        share_of_air: The share of its voxels that would be air, if it were CT.
        share_negative: The share of its voxels that would be fat, lung or air, if it were CT.
        few_values: Its values, where it has only a few, and whole ones from 0 on, as segmentations have; else none.
        doubts: What its file says twice and differently, or not at all, see `Volume.doubts`.
    """

    grid: Grid
    digest: str
    low: float
    high: float
    share_of_air: float
    share_negative: float
    few_values: tuple[int, ...]
    doubts: tuple[Problem, ...] = ()

    @property
    def finite(self) -> bool:
        """Whether all its intensities are numbers."""
        return bool(np.isfinite([self.low, self.high]).all())

    @property
    def constant(self) -> bool:
        """Whether it has one intensity everywhere."""
        return self.low == self.high


@dataclass(frozen=True, eq=False)
class LabelFacts:
    """What is known of a segmentation.

    Attributes:
        grid: Where its voxels lie.
        digest: Tells it from all other segmentations.
        values: The values that it has, 0 included.
        centres: The centre of each label, see `mirrored.label_centres`.
        drawn: The smallest grid that has all labelled voxels; None where there are none.
        doubts: What its file says twice and differently, or not at all, see `Volume.doubts`.
    """

    grid: Grid
    digest: str
    values: frozenset[int]
    centres: Centres
    drawn: Grid | None
    doubts: tuple[Problem, ...] = ()


@dataclass(frozen=True, eq=False)
class CaseFacts:
    """What is known of a case.

    Attributes:
        case: The case.
        images: What is known of each of its images; None for a file that cannot be used.
        label: What is known of its segmentation; None where there is none, or none that can be used.
        problems: Why files cannot be used, and what the others say twice and differently, or not at all.
        root: The folder of the data set.
        same_image: The image that the segmentation is a copy of, or the same file as; None where there is none.
    """

    case: Case
    images: tuple[ImageFacts | None, ...]
    label: LabelFacts | None
    problems: tuple[Problem, ...]
    root: Path = Path()
    same_image: Path | None = None

    def called(self, path: Path) -> str:
        """What problems call one of its files: its path in the data set, as the person sees it there."""
        return _in_data_set(path, self.root).as_posix()

    @property
    def usable(self) -> Iterator[tuple[Path, ImageFacts]]:
        """The images that can be used."""
        return ((path, image) for path, image in zip(self.case.images, self.images, strict=True) if image is not None)

    @property
    def digests(self) -> Digests:
        """The digests of the case's files."""
        images = tuple(image.digest if image else "" for image in self.images)
        return Digests(images, self.label.digest if self.label else "")

    @property
    def grid(self) -> Grid | None:
        """The grid of the first image; None where that cannot be used."""
        return self.images[0].grid if self.images[0] else None


def read_facts(cases: Iterable[Case], root: Path) -> Iterator[CaseFacts]:
    """Read the files of cases one case after the other, each file once even where cases share it.

    Args:
        cases: The cases.
        root: The folder of the data set; problems name files as they are called in there.

    Yields:
        What is known of each case, in order.
    """
    images: dict[Path, ImageFacts | VolumeError] = {}
    labels: dict[tuple[Path, Renumbered], LabelFacts | VolumeError] = {}
    for case in cases:
        for path in case.images:
            if path not in images:
                images[path] = _image_facts(path)
        if case.label is not None and (case.label, case.renumbered) not in labels:
            image = images[case.images[0]]
            grid = image.grid if isinstance(image, ImageFacts) else None
            labels[case.label, case.renumbered] = _label_facts(case.label, case.renumbered, case.images[0], grid)
        found = [images[path] for path in case.images]
        label = None if case.label is None else labels[case.label, case.renumbered]
        problems: list[Problem] = []
        for file in (*found, *([] if label is None else [label])):
            for problem in [file.problem] if isinstance(file, VolumeError) else file.doubts:
                own = _of_case(problem, case, root, file is label)
                # What is doubted of an image and of its segmentation alike is told once.
                if own.severity == "error" or not any(_but_file(own) == _but_file(other) for other in problems):
                    problems.append(own)
        yield CaseFacts(
            case,
            tuple(None if isinstance(image, VolumeError) else image for image in found),
            None if isinstance(label, VolumeError) else label,
            tuple(problems),
            root,
            _same_image(case, found, label),
        )


def _same_image(
    case: Case, images: Sequence[ImageFacts | VolumeError], label: LabelFacts | VolumeError | None
) -> Path | None:
    """The image of a case whose file, or whose voxels, its segmentation has too."""
    if case.label is None:
        return None
    for path, image in zip(case.images, images, strict=True):
        # A folder with a DICOM series may have its segmentation too.
        if path.is_file() and os.path.realpath(path) == os.path.realpath(case.label):
            return path
        if not isinstance(image, ImageFacts) or image.constant:
            continue
        if isinstance(label, LabelFacts):
            # Read a second time only where the lowest and the highest value are the same, and so hardly ever.
            may_be_copy = (image.low, image.high) == (min(label.values), max(label.values))
            voxels = read_labels(case.label, case.renumbered, image.grid).array if may_be_copy else None
            if voxels is not None and image.digest == voxel_digest(voxels.astype(np.float32)):
                return path
        # An image of other than whole numbers cannot be read as labels.
        is_not_whole = isinstance(label, VolumeError) and label.problem.code == "labels-not-whole"
        if is_not_whole and image.digest == voxel_digest(read_volume(case.label).array):
            return path
    return None


def _of_case(problem: Problem, case: Case, root: Path, is_label: bool) -> Problem:
    path = _in_data_set(Path(problem.fields["path"]), root)
    file = Problem("file-of-case", "{is_label:?segmentation|image} {path}", {"is_label": is_label, "path": path})
    fields = {**problem.fields, "path": file}
    if "in_data_set" in fields:
        fields |= {"in_data_set": True, "place": path.as_posix()}
    return replace(problem, case=case.name, fields=fields)


def _in_data_set(path: Path, root: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path


def _but_file(problem: Problem) -> Problem:
    return replace(problem, fields={**problem.fields, "path": ""})


def _image_facts(path: Path) -> ImageFacts | VolumeError:
    try:
        with explain_memory(path):
            return _read_image_facts(path)
    except VolumeError as error:
        return error


def _read_image_facts(path: Path) -> ImageFacts:
    volume = read_volume(path)
    array = volume.array
    low, high = float(array.min()), float(array.max())
    some_negative = low < _NEGATIVE_HU
    return ImageFacts(
        grid=volume.grid,
        digest=voxel_digest(array),
        low=low,
        high=high,
        share_of_air=float(np.mean(array < _AIR_HU)) if some_negative else 0.0,
        share_negative=float(np.mean(array < _NEGATIVE_HU)) if some_negative else 0.0,
        few_values=_few_values(array) if low == 0 < high < 256 else (),
        doubts=volume.doubts,
    )


def _few_values(array: np.ndarray) -> tuple[int, ...]:
    """The values of an array of 0 to 255 that has no more than `_FEW_VALUES` and only whole ones; else none."""
    counts = np.zeros(256, np.int64)
    for plane in array.T:
        whole = plane.astype(np.uint8)
        if (whole != plane).any():
            return ()
        counts += np.bincount(whole.ravel(order="K"), minlength=256)
    values = np.flatnonzero(counts)
    return tuple(values.tolist()) if len(values) <= _FEW_VALUES else ()


def label_facts(path: Path, renumbered: Renumbered = (), image: Path | None = None) -> LabelFacts:
    """Collect what is known of a segmentation; a file that is as it was is not read a second time.

    Args:
        path: Its file.
        renumbered: See `Case.renumbered`.
        image: The image that it is of, see `volumes.read_labels`; it counts for DICOM segmentations alone, others are as
            their files have them.

    Raises:
        VolumeError: The file cannot be read as a segmentation.
    """
    try:
        found = path.stat()
    except OSError:
        return _read_label_facts(path, renumbered, image)  # which says what is wrong
    image = image if drawn_file(path) else None
    return _known_label_facts(path, renumbered, image, found.st_ino, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=1000)
def _known_label_facts(path: Path, renumbered: Renumbered, image: Path | None, *stamp: int) -> LabelFacts:
    return _read_label_facts(path, renumbered, image)


def _read_label_facts(path: Path, renumbered: Renumbered, image: Path | Grid | None) -> LabelFacts:
    with explain_memory(path):
        return _facts_of_labels(read_labels(path, renumbered, image))


def _facts_of_labels(volume: Volume) -> LabelFacts:
    array = volume.array
    if array.dtype == np.uint8:  # counting, plane by plane, is many times faster than sorting and takes no memory
        values = np.flatnonzero(sum(np.bincount(plane.ravel(order="K"), minlength=256) for plane in array.T))
    else:
        values = np.unique(array)
    return LabelFacts(
        grid=volume.grid,
        digest=voxel_digest(array),
        values=frozenset(values.tolist()),
        centres=label_centres(volume),
        drawn=_drawn(volume),
        doubts=volume.doubts,
    )


def _drawn(volume: Volume) -> Grid | None:
    part = labelled_part(volume.array)
    return None if part is None else volume.grid.part(*part)


def _of_a_part(placed: LabelFacts, path: Path, grid: Grid) -> LabelFacts:
    """Doubt a segmentation that has a part of the image's voxels, in a format that is usually written whole."""
    doubt = Problem(
        "label-of-a-part",
        "{path}: it has {size} of the {whole} voxels of its image, and the others count as background",
        {"path": path, "size": times(grid.size), "whole": times(placed.grid.size)},
        "warning",
        "see that none of its slices was lost",
    )
    return replace(placed, doubts=(*placed.doubts, doubt))


def _label_facts(path: Path, renumbered: Renumbered, image: Path, grid: Grid | None) -> LabelFacts | VolumeError:
    """The facts of a segmentation on the grid of its image, where it can be placed there."""
    try:
        found = label_facts(path, renumbered, image)
        if (
            grid is not None
            and not grid.same_as(found.grid)
            and place_on_image(found.grid, found.drawn, grid) is not None
        ):
            placed = _read_label_facts(path, renumbered, grid)
            is_part = math.prod(found.grid.size) < math.prod(grid.size)
            is_usual = drawn_file(path) is not None or suffix_of(path) == ".seg.nrrd"
            return _of_a_part(placed, path, found.grid) if is_part and not is_usual else placed
        return found
    except VolumeError as error:
        return error
