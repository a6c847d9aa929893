"""One case: two images of a patient are registered, and one gives the other its labels."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from scipy import ndimage

from TransferSegLib.cases.body import TISSUE_ABOVE_HU, ct_body, mr_body
from TransferSegLib.cases.from_other.classes import AIR_HU, UNKNOWN_HU, TissueClass, classify
from TransferSegLib.cases.from_other.pairs import Pair
from TransferSegLib.cases.from_other.records import CaseRecord, digest_of, read_record, write_record
from TransferSegLib.cases.registration import Registration, RegistrationSettings, fineness, register, resample
from TransferSegLib.cases.registration_quality import measure_quality
from TransferSegLib.cases.volumes import Volume, read_labels, read_volume, write_labels, write_volume
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid

# Scanners write lower values than air where their field of view ends.
PADDING_BELOW_HU = -1500.0
HU_RANGE = (-1024.0, 3071.0)
# How far around the body both images are compared: the border to the air says most.
AROUND_MM = 12.0
# A CT that reaches as far as this beyond the image has no say in how far that is cropped.
WHOLE_BODY = 0.999


@dataclass(frozen=True)
class Making:
    """How cases are made.

    Attributes:
        classes: Tissue classes by HU; None where the moving image is MR and its labels are brought along.
        registration: How the images are registered.
        channels: Whether the moved image is written as a second channel.
    """

    classes: tuple[TissueClass, ...] | None
    registration: RegistrationSettings = field(default_factory=RegistrationSettings)
    channels: bool = False


@dataclass(frozen=True)
class Place:
    """Where the files of a case are.

    Attributes:
        folder: The folder of the data set, or that of the cases that were flagged.
        name: The name of the case.
    """

    folder: Path
    name: str

    @property
    def image(self) -> Path:
        """The image whose grid the case has."""
        return self.folder / "imagesTr" / f"{self.name}_0000.nii.gz"

    @property
    def moved(self) -> Path:
        """The other image on that grid; for CT in HU, `UNKNOWN_HU` where it shows nothing."""
        return self.folder / "moved" / f"{self.name}.nii.gz"

    @property
    def channel(self) -> Path:
        """The other image as a second channel."""
        return self.folder / "imagesTr" / f"{self.name}_0001.nii.gz"

    @property
    def label(self) -> Path:
        """The labels."""
        return self.folder / "labelsTr" / f"{self.name}.nii.gz"

    @property
    def files(self) -> tuple[Path, ...]:
        """All of them, whether they are there or not."""
        return self.image, self.moved, self.channel, self.label


def record_path(out: Path, name: str) -> Path:
    """Where the record of a case is kept."""
    return out / "records" / f"{name}.json"


def inputs_of(pair: Pair, making: Making) -> str:
    """Compute the digest that changes where a case has to be registered again.

    Args:
        pair: The files of the case.
        making: How the data set is made.

    Returns:
        A digest of the files and of the settings of the registration. Other thresholds, or another number of threads, leave
        it as it is.
    """
    how = (replace(making.registration, threads=0), making.classes is None, making.channels)
    label = [pair.moving.label] if making.classes is None and pair.moving.label else []
    return digest_of([*pair.fixed.images, *pair.moving.images, *label], repr(how))


def is_done(pair: Pair, making: Making, out: Path, place: Place) -> bool:
    """Tell whether a case is there, made of these files in this way.

    Args:
        pair: The files of the case.
        making: How the data set is made.
        out: The data set's folder.
        place: Where the files of the case are.
    """
    record = read_record(record_path(out, pair.name))
    if record is None or record.inputs != inputs_of(pair, making) or record.labels != digest_of([], making.classes):
        return False
    return place.image.exists() and place.moved.exists()


def make_case(pair: Pair, making: Making, out: Path, report: Callable[[float], None] | None = None) -> CaseRecord:
    """Register the images of a pair and write the case into `out / "made"`.

    Args:
        pair: The images.
        making: How.
        out: The folder of the data set.
        report: Called with the share that is done.

    Returns:
        What was made. It is written, too, last of all: a case without its record is not done.

    Raises:
        InputError: An image cannot be read, is no CT, or cannot be registered.
        JobError: A file cannot be written.
    """
    started = time.monotonic()
    place = Place(out / "made", pair.name)
    fixed, moving = read_volume(pair.fixed.images[0]), read_volume(pair.moving.images[0])
    for case, volume in ((pair.fixed, fixed), (pair.moving, moving)):
        _must_be_finite(case.images[0], volume)
    known: np.ndarray | None = None
    if making.classes is not None:
        moving, known, moving_body = _clean_ct(pair.moving.images[0], moving)
    else:
        moving_body = mr_body(moving)
    body = mr_body(fixed)
    found, mirrored = _registered(fixed, moving, body, moving_body, making.registration, report)
    quality = measure_quality(fixed, moving, found, body, known, mirrored)
    whole = np.ones(moving.grid.size, np.float32) if known is None else known.astype(np.float32)
    shown = resample(Volume(whole, moving.grid), found.transform, fixed.grid, 0.0) > 0.5
    part = _shown_part(shown, body)
    grid = fixed.grid.part(*part)
    window = tuple(slice(first, last + 1) for first, last in zip(*part, strict=True))
    shown, body = shown[window], body[window]
    fine = fineness(grid, moving.grid)
    background = AIR_HU if making.classes is not None else float(moving.array.min())
    moved = resample(moving, found.transform, grid, background, fine)
    if making.classes is not None:
        # Beyond what the CT shows there is air around the body; within it, nobody knows.
        moved[~shown] = np.where(body[~shown], UNKNOWN_HU, AIR_HU)
        moved = np.rint(moved)
    write_volume(place.image, fixed.array[window], grid)
    write_volume(place.moved, moved, grid)
    if making.channels:
        write_volume(place.channel, moved, grid)
    if making.classes is not None:
        write_labels(place.label, classify(moved, making.classes), grid)
    elif pair.moving.label is not None:
        labels = read_labels(pair.moving.label, pair.moving.renumbered, moving.grid)
        write_labels(place.label, _moved_labels(labels, found, grid, fine), grid)
    record = CaseRecord(
        pair.name,
        inputs_of(pair, making),
        digest_of([], making.classes),
        str(pair.fixed.images[0]),
        str(pair.moving.images[0]),
        quality,
        float((body & ~shown).sum() / max(1, body.sum())),
        time.monotonic() - started,
    )
    write_record(record_path(out, pair.name), record)
    return record


def label_again(place: Place, making: Making, out: Path) -> CaseRecord:
    """Give a case that is registered already the labels of other thresholds.

    Args:
        place: Where the files of the case are.
        making: How the data set is made, with the new classes.
        out: The data set's folder.

    Returns:
        The record of the case as it is now; it is written.
    """
    record = read_record(record_path(out, place.name))
    assert record is not None and making.classes is not None
    moved = read_volume(place.moved)
    write_labels(place.label, classify(moved.array, making.classes), moved.grid)
    record = replace(record, labels=digest_of([], making.classes))
    write_record(record_path(out, place.name), record)
    return record


def _registered(
    fixed: Volume,
    moving: Volume,
    body: np.ndarray,
    moving_body: np.ndarray,
    settings: RegistrationSettings,
    report: Callable[[float], None] | None,
) -> tuple[Registration, float]:
    """Register, and try the mirrored image, too: a head is nearly its own mirror image."""

    def share(first: float, last: float) -> Callable[[float], None]:
        return lambda done: report(first + (last - first) * done) if report is not None else None

    steps = np.maximum(1, np.rint(AROUND_MM / np.array(fixed.grid.spacing_mm))).astype(int)
    around = ndimage.binary_dilation(body, np.ones((3, 1, 1)), iterations=int(steps[0]))
    around = ndimage.binary_dilation(around, np.ones((1, 3, 1)), iterations=int(steps[1]))
    around = ndimage.binary_dilation(around, np.ones((1, 1, 3)), iterations=int(steps[2]))
    found = register(fixed, moving, settings, around, moving_body, share(0.0, 0.8))
    order, _ = moving.grid.axes_to_ras()
    mirror = Volume(np.ascontiguousarray(np.flip(moving.array, order[0])), moving.grid)
    rigid = replace(settings, stages=("rigid",), levels=settings.levels[:-1] or settings.levels)
    other = register(fixed, mirror, rigid, around, np.flip(moving_body, order[0]), share(0.8, 1.0))
    one = measure_quality(fixed, moving, found.without_bending(), body).mutual_information
    two = measure_quality(fixed, mirror, other, body).mutual_information
    return found, two / max(one, 1e-9)


def _clean_ct(path: Path, ct: Volume) -> tuple[Volume, np.ndarray, np.ndarray]:
    """A CT without the bed and with air around; where it shows anything; and where the body is.

    Raises:
        InputError: It is not in HU, or shows no body.
    """
    known = ct.array > PADDING_BELOW_HU
    values = np.clip(ct.array, *HU_RANGE)
    if not (known & (ct.array < TISSUE_ABOVE_HU)).any():
        raise InputError(
            "ct-not-hu",
            "{path}: has no voxel below -500, so it shows no air or is not in HU; give the CT in HU, as scanned.",
            path=path,
        )
    body = ct_body(Volume(values, ct.grid))
    if not body.any():
        raise InputError(
            "ct-without-body",
            "{path}: has nothing in it but air (no voxels above -500 HU that hang together); check the file.",
            path=path,
        )
    return Volume(np.where(body, values, np.float32(AIR_HU)), ct.grid), known, body


def _shown_part(shown: np.ndarray, body: np.ndarray) -> tuple[list[int], list[int]]:
    """The first and last voxel along each axis of what the moving image shows; of all, where it shows all of the body."""
    whole = ([0, 0, 0], [n - 1 for n in shown.shape])
    if not shown.any() or shown[body].mean() > WHOLE_BODY:
        return whole
    filled = [np.flatnonzero(shown.any(axis=others)) for others in ((1, 2), (0, 2), (0, 1))]
    return [int(f[0]) for f in filled], [int(f[-1]) for f in filled]


def _moved_labels(labels: Volume, found: Registration, grid: Grid, fine: tuple[int, int, int]) -> np.ndarray:
    """Labels on another grid: the value that has the largest share of a voxel."""
    values = [int(value) for value in np.unique(labels.array)]
    winner = np.zeros(grid.size, labels.array.dtype)
    most = np.zeros(grid.size, np.float32)
    for value in values:
        part = Volume((labels.array == value).astype(np.float32), labels.grid)
        share = resample(part, found.transform, grid, 0.0, fine)
        winner[share > most] = value
        np.maximum(most, share, out=most)
    return winner


def _must_be_finite(path: Path, volume: Volume) -> None:
    if not np.isfinite(volume.array).all():
        raise InputError(
            "pair-not-finite",
            "{path}: has voxels that are NaN, infinite or too large for 32 bits; replace them.",
            path=path,
        )
