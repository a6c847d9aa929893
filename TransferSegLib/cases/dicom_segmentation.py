"""DICOM segmentations of DICOM images, written by highdicom (Bridge et al., J Digit Imaging 2022;35:1719).

The file belongs to the patient and the study of its image, and each of its frames names the slice that it was drawn on. What
the image's headers say of the patient goes from file to file and is shown nowhere.

highdicom is an extra (`transferseg[dicom]`). Nothing is imported before it is asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from TransferSegLib.cases import dicom
from TransferSegLib.cases.dicom.frames import Frame
from TransferSegLib.cases.dicom.headers import quiet
from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.cases.volumes import written_whole
from TransferSegLib.core.card import CardLabel
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.labels import label_type, look_up
from TransferSegLib.core.regions import Region, covered
from TransferSegLib.core.terminology import Code, terminology_of

INSTALL = "pip install 'transferseg[dicom]'"
# The number that dcmqi and Slicer give series of segmentations.
_SERIES_NUMBER = 300
# Characters of a name that a DICOM attribute takes (LO).
_LONGEST = 64
# Without these, nothing can refer to an image.
_NEEDED = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID")
# What every image has, with or without a value; those from which names were taken out often lack it altogether.
_MAY_BE_EMPTY = (
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "AccessionNumber",
    "StudyID",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
)


@dataclass(frozen=True)
class Algorithm:
    """What made a segmentation.

    Attributes:
        name: The model.
        version: The version of the program.
        digest: What tells this model from all others: the SHA-256 of its weights.
        parameters: What else is worth knowing, name → value.
    """

    name: str
    version: str
    digest: str
    parameters: Mapping[str, str]


def require_highdicom() -> Any:
    """Import highdicom.

    Raises:
        InputError: It is not installed.
    """
    try:
        return importlib.import_module("highdicom")
    except ImportError:
        raise InputError(
            "highdicom-missing",
            "{option}: highdicom is not installed; install it by `{command}`.",
            option="--format dicom-seg",
            command=INSTALL,
        ) from None


def is_dicom_image(path: Path) -> bool:
    """Say whether an image is a DICOM series or file, so that a DICOM segmentation can refer to it."""
    path = dicom.split_choice(path)[0]
    return path.is_dir() or dicom.is_dicom(path)


def write_dicom_segmentation(
    path: Path,
    array: np.ndarray,
    grid: Grid,
    image: Path,
    labels: Sequence[CardLabel],
    algorithm: Algorithm,
    regions: Sequence[Region] = (),
) -> None:
    """Write label values as a DICOM segmentation; the file appears whole or not at all.

    Each label is a segment, in their order, numbered from 1, with its name, colour and codes. Labels that are regions are
    written as the segments that they are: those that overlap do so in the file.

    Args:
        path: The file.
        array: (I, J, K), the values of the labels.
        grid: The grid of the image.
        image: The DICOM image that it is of.
        labels: The labels.
        algorithm: What made it.
        regions: The regions that the labels are, see `ModelCard.regions`.

    Raises:
        VolumeError: The headers of the image lack what a segmentation refers to.
        JobError: The file cannot be written.
    """
    highdicom = require_highdicom()
    where, choice = dicom.split_choice(image)
    frames, of_image = dicom.read_frames(where, choice)
    if not of_image.same_as(grid):
        raise ValueError(f"array of shape {array.shape} on another grid than {image}")
    with quiet():
        sources = _sources(where, frames)
        identification = highdicom.AlgorithmIdentificationSequence(
            name=_short(algorithm.name),
            family=highdicom.sr.CodedConcept("123110", "DCM", "Artificial Intelligence"),
            version=_short(algorithm.version),
            source="TransferSeg",
            parameters=dict(algorithm.parameters),
        )
        segments = [_segment(highdicom, n, label, identification) for n, label in enumerate(labels, start=1)]
        try:
            found = highdicom.seg.Segmentation(
                source_images=sources,
                pixel_array=_numbered(array, labels, regions),
                segmentation_type="BINARY",
                segment_descriptions=segments,
                series_instance_uid=highdicom.UID(),
                series_number=_SERIES_NUMBER,
                sop_instance_uid=highdicom.UID(),
                instance_number=1,
                manufacturer="TransferSeg",
                manufacturer_model_name=_short(algorithm.name),
                software_versions=_short(algorithm.version),
                device_serial_number=_short(algorithm.digest),
                content_description=_short(f"Segmentation by {algorithm.name}"),
                series_description=_short(f"Segmentation by {algorithm.name}"),
                specific_character_set="ISO_IR 192",
                plane_positions=[
                    highdicom.PlanePositionSequence("PATIENT", [float(mm) for mm in frame.position_mm])
                    for frame in frames
                ],
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # Not its text, which may have what the header says of the patient.
            raise VolumeError(
                "image-not-referred-to",
                where,
                "its headers do not allow a DICOM segmentation that refers to it ({kind})",
                "write NIfTI, and convert it in Slicer",
                kind=type(error).__name__,
            ) from None
        with written_whole(path) as temporary:
            found.save_as(temporary)


def _numbered(array: np.ndarray, labels: Sequence[CardLabel], regions: Sequence[Region]) -> np.ndarray:
    """(K, J, I) with the number of the segment in each voxel; (K, J, I, segments) where they are regions."""
    if regions:
        masks = [np.isin(array, covered(regions, label.value)).T for label in labels]
        return np.stack(masks, axis=-1).astype(np.uint8)
    values = np.array([label.value for label in labels])
    numbers = np.zeros(int(values.max()) + 1, np.uint16)
    numbers[values] = np.arange(1, len(values) + 1)
    return np.ascontiguousarray(look_up(numbers, array).T).astype(label_type(np.array([len(values)])))


def _segment(highdicom: Any, number: int, label: CardLabel, identification: Any) -> Any:
    codes = terminology_of(label.terminology)
    made = highdicom.seg.SegmentDescription(
        segment_number=number,
        segment_label=_short(label.name),
        segmented_property_category=_concept(highdicom, codes.category),
        segmented_property_type=_concept(highdicom, codes.type),
        algorithm_type="AUTOMATIC",
        algorithm_identification=identification,
        anatomic_regions=[_concept(highdicom, codes.region)] if codes.region else None,
        display_color=highdicom.color.CIELabColor.from_rgb(*label.color) if label.color else None,
    )
    if codes.modifier:
        kind = made.SegmentedPropertyTypeCodeSequence[0]
        kind.SegmentedPropertyTypeModifierCodeSequence = [_concept(highdicom, codes.modifier)]
    if codes.region_modifier:
        made.AnatomicRegionSequence[0].AnatomicRegionModifierSequence = [_concept(highdicom, codes.region_modifier)]
    return made


def _concept(highdicom: Any, code: Code) -> Any:
    return highdicom.sr.CodedConcept(code.value, code.scheme, code.meaning)


def _sources(where: Path, frames: Sequence[Frame]) -> list[Any]:
    """The headers of the image's files as highdicom takes them: all of one place in space, and nothing missing.

    Raises:
        VolumeError: They lack what nobody else can know.
    """
    datasets = list({frame.path: frame.header.data for frame in frames}.values())
    for data in datasets:
        for keyword in _NEEDED:
            if not str(data.get(keyword) or "").strip():
                raise VolumeError(
                    "image-without-uid",
                    where,
                    "lacks {attribute}, by which a DICOM segmentation refers to its image",
                    "export the original series of the scan again, or write NIfTI",
                    attribute=keyword,
                )
        for keyword in _MAY_BE_EMPTY:
            if keyword not in data:
                setattr(data, keyword, None)
        _tell_place(data, frames)
    return datasets


def _tell_place(data: Any, frames: Sequence[Frame]) -> None:
    """Write what all slices have in common as it was understood: files may round it each in its own way, or lack it."""
    first = frames[0]
    columns_mm, rows_mm = first.spacing_mm
    normal = np.cross(*first.axes.T)
    apart_mm = np.abs(np.diff([float(frame.position_mm @ normal) for frame in frames]))
    thickness_mm = _positive(first.get("SliceThickness")) or (float(np.median(apart_mm)) if len(apart_mm) else 1.0)
    measures = _dataset()
    for one in (measures, data):
        one.PixelSpacing = [_decimal(rows_mm), _decimal(columns_mm)]
        one.SliceThickness = _decimal(thickness_mm)
        if len(apart_mm):
            one.SpacingBetweenSlices = _decimal(float(np.median(apart_mm)))
    orientation = _dataset()
    for one in (orientation, data):
        one.ImageOrientationPatient = [_decimal(part) for part in first.axes.T.ravel()]
    if shared := data.get("SharedFunctionalGroupsSequence"):
        shared[0].PixelMeasuresSequence = [measures]
        shared[0].PlaneOrientationSequence = [orientation]


def _dataset() -> Any:
    import pydicom

    return pydicom.Dataset()


def _decimal(number: float) -> Any:
    """A number in as many digits as DICOM takes."""
    from pydicom.valuerep import DSfloat

    return DSfloat(float(number), auto_format=True)


def _positive(value: Any) -> float:
    try:
        return max(0.0, float(value))
    except (TypeError, ValueError):
        return 0.0


def _short(text: str) -> str:
    """A name that fits, without what separates values in a DICOM file."""
    return text.replace("\\", "/").strip()[:_LONGEST]
