"""The voxels of DICOM frames: as they are stored, and scaled to real intensities frame by frame.

Voxels that are not compressed are read as they lie in the file. All others are decoded by GDCM (through SimpleITK), which
knows more ways of compression than pydicom without further packages. GDCM gets a copy of the voxels alone, because it would
scale them, too: by rules of its own, and with the number type of the first slice for all of a series.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from TransferSegLib.cases.dicom.frames import Frame
from TransferSegLib.cases.dicom.headers import Header, quiet, whole
from TransferSegLib.cases.volume_error import VolumeError, is_memory

_AS_THEY_LIE = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1")  # little endian, implicit and explicit
_NOT_COMPRESSED = (*_AS_THEY_LIE, "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.1.99")  # big endian, deflated
_VOXELS = (
    "SamplesPerPixel",
    "NumberOfFrames",
    "Rows",
    "Columns",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "PixelData",
)
_FLOATS = {"FloatPixelData": "<f4", "DoubleFloatPixelData": "<f8"}


def voxels_of(frames: Sequence[Frame]) -> np.ndarray:
    """Read frames of one size, and scale each by its own slope and intercept.

    An image in MONOCHROME1, where 0 is white, is inverted, as ITK and so Slicer do: but not where it says how its numbers are
    scaled to real values, which they are then.

    Returns:
        (I, J, K): float32 where frames are scaled, else in the type they are stored in.

    Raises:
        VolumeError: A file is damaged.
    """
    columns, rows = frames[0].size
    scaled = any((frame.slope, frame.intercept) != (1.0, 0.0) for frame in frames)
    planes: np.ndarray | None = None
    files: dict[Path, list[int]] = {}
    for n, frame in enumerate(frames):
        files.setdefault(frame.path, []).append(n)
    for places in files.values():
        header = frames[places[0]].header
        stored = stored_voxels(header, [frames[n].number for n in places])
        for n, plane in zip(places, stored, strict=True):
            frame = frames[n]
            if _is_inverted(frame):
                plane = _inverted(plane, header)
            if scaled:
                plane = (plane * np.float64(frame.slope) + frame.intercept).astype(np.float32)
            if planes is None:
                planes = np.empty((len(frames), rows, columns), plane.dtype)
            elif planes.dtype != plane.dtype:
                planes = planes.astype(np.result_type(planes, plane))
            planes[n] = plane
    assert planes is not None
    return planes.T


def stored_voxels(header: Header, numbers: Sequence[int]) -> np.ndarray:
    """Read frames of a file as they are stored.

    Args:
        header: The header of the file.
        numbers: Which frames, counted from 0.

    Returns:
        (frames, rows, columns).

    Raises:
        VolumeError: The file is damaged, or its voxels are of a type that images do not have.
    """
    data = header.data
    rows, columns = int(data.Rows), int(data.Columns)
    syntax = str(data.file_meta.get("TransferSyntaxUID") or _AS_THEY_LIE[0])
    if syntax in _AS_THEY_LIE and header.offset is not None:
        dtype = _type(header)
        frame_bytes = rows * columns * dtype.itemsize
        found = np.empty((len(numbers), rows, columns), dtype)
        with header.path.open("rb") as file:
            for n, number in enumerate(numbers):
                file.seek(header.offset + number * frame_bytes)
                if file.readinto(memoryview(found[n]).cast("B")) < frame_bytes:
                    raise _damaged(header)
    else:
        found = _decoded(header, syntax).reshape(header.frames, rows, columns)[list(numbers)]
    return _without_unused_bits(found, header)


def _type(header: Header) -> np.dtype:
    if header.pixels in _FLOATS:
        return np.dtype(_FLOATS[header.pixels])
    bits, signed = whole(header.data.get("BitsAllocated")), whole(header.data.get("PixelRepresentation")) == 1
    if bits not in (8, 16, 32, 64):
        raise VolumeError(
            "dicom-bits",
            header.path,
            "has voxels of {bits} bits, which no image of intensities has",
            "export it again from its source",
            bits=bits or 0,
        )
    return np.dtype(f"<{'i' if signed else 'u'}{bits // 8}")


def _without_unused_bits(voxels: np.ndarray, header: Header) -> np.ndarray:
    """Voxels whose bits above BitsStored are the sign's, or 0: old programs keep overlays there."""
    if voxels.dtype.kind == "f":
        return voxels
    bits = voxels.dtype.itemsize * 8
    stored = whole(header.data.get("BitsStored")) or bits
    highest = whole(header.data.get("HighBit"))
    above = bits - 1 - (stored - 1 if highest is None else highest)
    if not (0 < stored < bits and 0 <= above <= bits - stored):
        return voxels
    return voxels << above >> bits - stored


def _is_inverted(frame: Frame) -> bool:
    white_is_0 = str(frame.header.data.get("PhotometricInterpretation") or "").strip() == "MONOCHROME1"
    scaled = frame.get("RescaleSlope", "RescaleIntercept") is not None or (frame.slope, frame.intercept) != (1.0, 0.0)
    return white_is_0 and not scaled


def _inverted(plane: np.ndarray, header: Header) -> np.ndarray:
    if plane.dtype.kind != "u":
        return -plane if plane.dtype.kind == "f" else ~plane
    stored = whole(header.data.get("BitsStored")) or plane.dtype.itemsize * 8
    return np.array((1 << stored) - 1, plane.dtype) - plane


def _decoded(header: Header, syntax: str) -> np.ndarray:
    """All frames of a file that does not have its voxels as they lie in memory."""
    import pydicom

    with quiet():
        try:
            full = pydicom.dcmread(header.path, force=True)
            if syntax not in _NOT_COMPRESSED:
                with suppress(RuntimeError):  # GDCM refuses small images in RLE, which pydicom reads
                    return _decoded_by_gdcm(full)
            return full.pixel_array
        except Exception as error:  # pydicom, its parts and GDCM raise whatever they like
            if is_memory(error):
                raise MemoryError from None
            raise _damaged(header) from None


def _decoded_by_gdcm(full: Any) -> np.ndarray:
    import pydicom
    import SimpleITK

    alone = pydicom.Dataset()
    for keyword in _VOXELS:
        if keyword in full:
            alone[keyword] = full[keyword]
    many = (whole(full.get("NumberOfFrames")) or 1) > 1
    kind = "1.2.840.10008.5.1.4.1.1.7.3" if many else "1.2.840.10008.5.1.4.1.1.7"  # secondary capture
    alone.PhotometricInterpretation = "MONOCHROME2"
    alone.SOPClassUID, alone.SOPInstanceUID = pydicom.uid.UID(kind), pydicom.uid.UID("2.25.1")
    alone.file_meta = pydicom.dataset.FileMetaDataset()
    alone.file_meta.MediaStorageSOPClassUID = alone.SOPClassUID
    alone.file_meta.MediaStorageSOPInstanceUID = alone.SOPInstanceUID
    alone.file_meta.TransferSyntaxUID = full.file_meta.TransferSyntaxUID
    with tempfile.TemporaryDirectory(prefix="transferseg-") as folder:
        place = Path(folder) / "voxels.dcm"
        alone.is_little_endian, alone.is_implicit_VR = True, False  # as pydicom 2 wants to be told
        alone.save_as(place, write_like_original=False)
        SimpleITK.ProcessObject.SetGlobalWarningDisplay(False)
        return SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(place)))


def _damaged(header: Header) -> VolumeError:
    return VolumeError("damaged-dicom", header.path, "is truncated or damaged", "copy or export it again")
