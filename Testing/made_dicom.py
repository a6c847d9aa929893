"""DICOM files for tests, written with pydicom: classic series, multi-frame files and segmentations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

MR, CT, PET = "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.128"
ENHANCED_MR, SEGMENTATION = "1.2.840.10008.5.1.4.1.1.4.1", "1.2.840.10008.5.1.4.1.1.66.4"
LABEL_MAP, PARAMETRIC_MAP = "1.2.840.10008.5.1.4.1.1.66.7", "1.2.840.10008.5.1.4.1.1.30"
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def numbers(size: tuple[int, int, int] = (6, 5, 4), dtype: type = np.int16) -> np.ndarray:
    """(I, J, K), another number in each voxel."""
    return np.arange(np.prod(size), dtype=dtype).reshape(size)


def write_series(
    folder: Path,
    array: np.ndarray,
    *,
    step_mm: Sequence[float] = (0.0, 0.0, 3.0),
    uid: str = "1.2.3.4",
    kind: str = MR,
    slices: Mapping[int, Mapping[str, Any]] | None = None,
    prefix: str = "",
    **attributes: Any,
) -> Path:
    """Write a classic series of (I, J, K) voxels, a file a slice; later slices lie `step_mm` further.

    `attributes` are those of all slices, `slices` those of some: place of the slice → attribute → value; None removes it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for k in range(array.shape[2]):
        data = base(kind, uid, array.dtype, array.shape[:2])
        data.InstanceNumber = k + 1
        data.ImagePositionPatient = [round(p + k * s, 6) for p, s in zip((-10.0, -20.0, 5.0), step_mm, strict=True)]
        data.ImageOrientationPatient = list(AXIAL)
        data.PixelSpacing = [2.0, 1.5]
        data.SliceThickness = 3.0
        own = dict((slices or {}).get(k, {}))
        plane = np.asarray(own.pop("pixels", array[:, :, k]))
        data.Columns, data.Rows = plane.shape
        change(data, {**attributes, **own})
        data.PixelData = np.ascontiguousarray(plane.T).tobytes()
        save(data, folder / f"{prefix}{k:04}.dcm")
    return folder


def write_frames(
    path: Path,
    array: np.ndarray,
    positions: Sequence[Sequence[float]],
    *,
    frames: Sequence[Mapping[str, Any]] | None = None,
    kind: str = ENHANCED_MR,
    spacing_mm: Sequence[float] = (2.0, 1.5),
    orientation: Sequence[float] = AXIAL,
    **attributes: Any,
) -> Path:
    """Write a multi-frame file; frame k has the voxels `array[:, :, k]` and lies at `positions[k]`.

    `frames` has more for each frame: functional group → attribute → value, or None to leave a group out.
    """
    data = base(kind, "1.2.3.5", array.dtype, array.shape[:2])
    data.NumberOfFrames = array.shape[2]
    shared = Dataset()
    shared.PixelMeasuresSequence = [made(PixelSpacing=list(spacing_mm), SliceThickness=3.0)]
    shared.PlaneOrientationSequence = [made(ImageOrientationPatient=list(orientation))]
    data.SharedFunctionalGroupsSequence = [shared]
    data.PerFrameFunctionalGroupsSequence = []
    for k, position in enumerate(positions):
        own = Dataset()
        own.PlanePositionSequence = [made(ImagePositionPatient=list(position))]
        for group, values in (frames[k] if frames else {}).items():
            setattr(own, group, [made(**values)])
        data.PerFrameFunctionalGroupsSequence.append(own)
    change(data, attributes)
    data.PixelData = np.ascontiguousarray(array.T).tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    save(data, path)
    return path


def write_segmentation(
    path: Path,
    segments: Mapping[str, np.ndarray],
    positions: Sequence[Sequence[float]],
    *,
    spacing_mm: Sequence[float] = (2.0, 1.5),
    orientation: Sequence[float] = AXIAL,
    all_frames: bool = False,
    voxels: np.ndarray | None = None,
    **attributes: Any,
) -> Path:
    """Write a binary DICOM segmentation of (I, J, K) masks by name; empty frames are left out, as most programs do.

    With `voxels`, (I, J, K), these are written, a frame a position: a label map.
    """
    first = next(iter(segments.values()))
    data = base(SEGMENTATION, "1.2.3.6", np.dtype(np.uint8), first.shape[:2])
    data.Modality = "SEG"
    data.SegmentationType = "BINARY"
    data.BitsAllocated = data.BitsStored = 1
    data.HighBit = 0
    data.SegmentSequence = [made(SegmentNumber=n, SegmentLabel=name) for n, name in enumerate(segments, 1)]
    shared = Dataset()
    shared.PixelMeasuresSequence = [made(PixelSpacing=list(spacing_mm), SliceThickness=3.0, SpacingBetweenSlices=3.0)]
    shared.PlaneOrientationSequence = [made(ImageOrientationPatient=list(orientation))]
    data.SharedFunctionalGroupsSequence = [shared]
    data.PerFrameFunctionalGroupsSequence = []
    bits = []
    for number, mask in enumerate(segments.values(), 1):
        for k, position in enumerate(positions):
            if not (all_frames or mask[:, :, k].any()):
                continue
            own = Dataset()
            own.PlanePositionSequence = [made(ImagePositionPatient=list(position))]
            own.SegmentIdentificationSequence = [made(ReferencedSegmentNumber=number)]
            data.PerFrameFunctionalGroupsSequence.append(own)
            bits.append(mask[:, :, k].T.ravel() > 0)
    data.NumberOfFrames = len(bits)
    change(data, attributes)
    data.PixelData = np.packbits(np.concatenate(bits), bitorder="little").tobytes()
    if voxels is not None:
        data.NumberOfFrames = voxels.shape[2]
        data.PerFrameFunctionalGroupsSequence = data.PerFrameFunctionalGroupsSequence[: voxels.shape[2]]
        data.PixelData = np.ascontiguousarray(voxels.T).tobytes()
    data.PixelData += b"\0" * (len(data.PixelData) % 2)
    path.parent.mkdir(parents=True, exist_ok=True)
    save(data, path)
    return path


def base(kind: str, series: str, dtype: np.dtype, size: tuple[int, ...]) -> Dataset:
    """What every file here has."""
    data = Dataset()
    data.SOPClassUID, data.SOPInstanceUID = kind, generate_uid()
    data.StudyInstanceUID, data.SeriesInstanceUID = "1.2.3", series
    data.Modality = {CT: "CT", PET: "PT"}.get(kind, "MR")
    data.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.Columns, data.Rows = size
    data.BitsAllocated = data.BitsStored = dtype.itemsize * 8
    data.HighBit = data.BitsStored - 1
    data.PixelRepresentation = int(dtype.kind == "i")
    return data


def made(**values: Any) -> Dataset:
    """A dataset of some attributes."""
    data = Dataset()
    change(data, values)
    return data


def change(data: Dataset, values: Mapping[str, Any]) -> None:
    """Set attributes; None removes one."""
    for name, value in values.items():
        if value is None:
            if name in data:
                del data[name]
        else:
            setattr(data, name, value)


def save(data: Dataset, path: Path, syntax: str = ExplicitVRLittleEndian) -> None:
    """Write a file with its file meta information."""
    data.file_meta = FileMetaDataset()
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    data.file_meta.TransferSyntaxUID = syntax
    pydicom.dcmwrite(path, data, enforce_file_format=True)
