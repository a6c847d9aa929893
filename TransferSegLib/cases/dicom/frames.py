"""The frames of DICOM images: where each lies, how its numbers are scaled, and what tells it from other frames.

A frame is a file of a classic series, or one of the frames of a multi-frame file. These have attributes of their own, some
that all share, and those of the file (functional groups: DICOM PS3.3, C.7.6.16).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from TransferSegLib.cases.dicom.headers import Header, quiet, whole
from TransferSegLib.cases.volume_error import VolumeError

# How far directions may be from length 1 and from a right angle: they are rounded in headers.
_ROUNDED = 2e-3
# Multi-frame secondary captures, of four kinds. One of a single frame may be a slice that was converted.
_PICTURES = "1.2.840.10008.5.1.4.1.1.7."
# What may tell frames of one position apart, and which attributes say so in multi-frame and in classic files.
TELLING = {
    "EchoNumber": ("EchoNumbers",),
    "EchoTime": ("EffectiveEchoTime", "EchoTime"),
    "TemporalPosition": ("TemporalPositionIndex", "TemporalPositionIdentifier"),
    "TemporalPositionTimeOffset": ("TemporalPositionTimeOffset",),
    "DiffusionBValue": ("DiffusionBValue",),
    "CardiacPhase": ("NominalPercentageOfCardiacPhase",),
    "TriggerTime": ("NominalCardiacTriggerDelayTime", "TriggerTime"),
    "InversionTime": ("InversionTimes", "InversionTime"),
    "FlipAngle": ("FlipAngle",),
    "ComplexImageComponent": ("ComplexImageComponent",),
    "ImageType": ("FrameType", "ImageType"),
    "AcquisitionNumber": ("FrameAcquisitionNumber", "AcquisitionNumber"),
    "StackID": ("StackID",),
    "FrameReferenceTime": ("FrameReferenceTime",),
    "AcquisitionTime": ("AcquisitionTime",),
    "Units": ("Units",),
}


@dataclass(frozen=True, eq=False)
class Frame:
    """A frame.

    Attributes:
        header: The header of its file.
        number: Its place in the file, counted from 0.
        places: Where its attributes are looked up, its own before those that it shares.
        size: Columns and rows.
        spacing_mm: The distance of neighbouring columns, and of neighbouring rows.
        axes: (3, 2): the directions in which columns and rows count up, LPS, of length 1 and at a right angle.
        position_mm: The centre of the first voxel, LPS.
        slope: What voxels are multiplied with.
        intercept: What is added then.
    """

    header: Header
    number: int
    places: tuple[Any, ...]
    size: tuple[int, int]
    spacing_mm: tuple[float, float]
    axes: np.ndarray
    position_mm: np.ndarray
    slope: float
    intercept: float

    @property
    def path(self) -> Path:
        """Its file."""
        return self.header.path

    @property
    def frame_number(self) -> int:
        """Its place in the file, counted from 1; 0 in a file of one frame."""
        return self.number + 1 if self.header.frames > 1 else 0

    def get(self, *keywords: str) -> Any:
        """The value of the first of some attributes that has one; None where none has."""
        return _value(self.places, *keywords)

    def says(self, keyword: str) -> bool:
        """Whether an attribute is there, and not empty."""
        return not _is_empty(self.get(keyword))


def frames_of(header: Header, *, drawn: bool = False) -> list[Frame]:
    """Make the frames of a file.

    Args:
        header: The header of the file.
        drawn: Whether its voxels are labels, and no intensities.

    Raises:
        VolumeError: Its voxels are no intensities, or it does not say where they lie, or how they are scaled.
    """
    data = header.data
    with quiet():
        if not drawn:
            _must_be_intensities(header)
        size = tuple(whole(data.get(name)) or 0 for name in ("Columns", "Rows"))
        for name, number in zip(("Columns", "Rows"), size, strict=True):
            if number < 1:
                raise _invalid(header, 0, name, data.get(name))
        return [_frame(header, number, places, (size[0], size[1])) for number, places in enumerate(_places(header))]


def image_type(frame: Frame) -> tuple[str, ...]:
    """The words of ImageType, or of FrameType."""
    value = frame.get(*TELLING["ImageType"])
    return tuple(str(word) for word in ([value] if isinstance(value, str) else value or []))


def _must_be_intensities(header: Header) -> None:
    data = header.data
    if header.kind.startswith(_PICTURES):
        raise VolumeError(
            "dicom-pictures",
            header.path,
            "is a {kind}: pictures that a program made, and no scan",
            "give the original series of the scan",
            kind=header.kind_in_words,
        )
    samples, colours = whole(data.get("SamplesPerPixel")) or 1, str(data.get("PhotometricInterpretation") or "")
    if samples > 1 or colours.startswith(("PALETTE", "RGB", "YBR")):
        raise VolumeError(
            "dicom-colour", header.path, "is a colour image", "leave it out; give the series of the scan itself"
        )
    if "MOSAIC" in [str(word) for word in data.get("ImageType") or []] and header.frames == 1:
        raise VolumeError(
            "dicom-mosaic",
            header.path,
            "has all slices of a volume in one picture (a mosaic)",
            "convert it with dcm2niix, and give the .nii.gz file",
        )
    if data.get("ModalityLUTSequence"):
        raise VolumeError(
            "dicom-lookup-table",
            header.path,
            "scales its intensities by a table (ModalityLUTSequence), which is not supported",
            "export it with RescaleSlope and RescaleIntercept, or as .nii.gz",
        )


def _places(header: Header) -> list[tuple[Any, ...]]:
    """For each frame, where its attributes are looked up."""
    data, frames = header.data, header.frames
    own = data.get("PerFrameFunctionalGroupsSequence")
    shared = tuple(_groups(data.get("SharedFunctionalGroupsSequence") or ()))
    if frames == 1 and not own:
        return [(*shared, data)]
    if own is None or len(own) < frames:
        raise VolumeError(
            "frames-without-positions",
            header.path,
            "is a file of {frames} frames ({kind}) that does not say where each of them lies",
            "give the original series of the scan",
            frames=frames,
            kind=header.kind_in_words,
        )
    return [(*_groups([group]), *shared, data) for group in own[:frames]]


def _groups(items: Sequence[Any]) -> Iterator[Any]:
    """The functional groups in the items of a sequence; a manufacturer's own are left out."""
    for item in items:
        for element in item:
            if element.VR == "SQ" and not element.tag.is_private and element.value:
                yield element.value[0]


def _frame(header: Header, number: int, places: tuple[Any, ...], size: tuple[int, int]) -> Frame:
    def numbers(keyword: str, count: int) -> np.ndarray:
        value = _value(places, keyword)
        found = _floats(value)
        if value is None or not len(found):
            raise VolumeError(
                "dicom-lacks-geometry",
                header.path,
                "{frame:?frame {frame} |}does not say where its voxels lie: {attribute} is missing",
                "export the original series of the scan again",
                attribute=keyword,
                frame=number + 1 if header.frames > 1 else 0,
            )
        if len(found) != count or not np.isfinite(found).all():
            raise _invalid(header, number, keyword, value)
        return found

    turned = numbers("ImageOrientationPatient", 6).reshape(2, 3).T
    lengths = np.linalg.norm(turned, axis=0)
    if np.abs(lengths - 1).max() > _ROUNDED or abs(turned[:, 0] @ turned[:, 1]) > _ROUNDED:
        raise _invalid(header, number, "ImageOrientationPatient", turned.T.ravel())
    position = numbers("ImagePositionPatient", 3)
    row_mm, column_mm = numbers("PixelSpacing", 2)
    if min(row_mm, column_mm) <= 0:
        raise _invalid(header, number, "PixelSpacing", (row_mm, column_mm))
    slope, intercept = (
        _scaling(header, number, places, name, usual)
        for name, usual in (("RescaleSlope", 1.0), ("RescaleIntercept", 0.0))
    )
    axes = _right_angled(turned / lengths)
    return Frame(header, number, places, size, (column_mm, row_mm), axes, position, slope, intercept)


def _scaling(header: Header, number: int, places: tuple[Any, ...], keyword: str, usual: float) -> float:
    value = _value(places, keyword)
    if _is_empty(value):
        return usual
    found = _floats(value)
    if len(found) != 1 or not math.isfinite(found[0]) or (keyword == "RescaleSlope" and found[0] == 0):
        raise VolumeError(
            "dicom-scaling",
            header.path,
            "{frame:?frame {frame} |}cannot be scaled to real intensities: {attribute} is {value}",
            "export it again from its source",
            attribute=keyword,
            value=_shown(value),
            frame=number + 1 if header.frames > 1 else 0,
        )
    return float(found[0])


def _right_angled(axes: np.ndarray) -> np.ndarray:
    """The two directions at a right angle that are nearest to two that are nearly so."""
    if abs(axes[:, 0] @ axes[:, 1]) < 1e-9:
        return axes
    one, two = axes[:, 0] + axes[:, 1], axes[:, 0] - axes[:, 1]
    one, two = one / np.linalg.norm(one), two / np.linalg.norm(two)
    return np.stack([one + two, one - two], axis=1) / math.sqrt(2)


def _invalid(header: Header, number: int, attribute: str, value: Any) -> VolumeError:
    return VolumeError(
        "dicom-invalid-geometry",
        header.path,
        "{frame:?frame {frame} |}does not say where its voxels lie: {attribute} is {value}",
        "export the original series of the scan again",
        attribute=attribute,
        value=_shown(value),
        frame=number + 1 if header.frames > 1 else 0,
    )


def _value(places: Sequence[Any], *keywords: str) -> Any:
    for keyword in keywords:
        for place in places:
            if keyword not in place:
                continue
            try:
                value = place.get(keyword)
            except (ValueError, TypeError, OverflowError, ArithmeticError):  # a text where a number should be
                value = place.get_item(keyword).value
            if value is not None and value != "":
                return value
    return None


def _is_empty(value: Any) -> bool:
    return value is None or str(value).strip() == ""


def _floats(value: Any) -> np.ndarray:
    """The numbers of a value; NaN for what is no number."""
    if value is None or isinstance(value, (bytes, str)) or not hasattr(value, "__iter__"):
        value = value.decode("latin-1") if isinstance(value, bytes) else value
        value = value.split("\\") if isinstance(value, str) else [] if value is None else [value]
    found = []
    for one in value:
        try:
            found.append(float(one))
        except (TypeError, ValueError, OverflowError):
            found.append(math.nan)
    return np.array(found)


def _shown(value: Any) -> str:
    """A value in a sentence: only its numbers, as texts of a header may name a person."""
    return ", ".join(f"{number:g}" if math.isfinite(number) else "no number" for number in _floats(value)) or "empty"
