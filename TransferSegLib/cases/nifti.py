"""The voxels of NIfTI-1 and NIfTI-2 files; truncated and damaged files are refused.

ITK silently fills what a truncated NIfTI file lacks with zeros, and silently takes a damaged gzip stream for voxels
(measured with ITK 5.4). A training label cut short would go unnoticed, so the bytes are read and counted here;
ITK still says where the voxels lie in space, so that Slicer and this program agree (see `volumes`). nibabel would see the
same, but Slicer's bare Python does not have it.

Layout: https://nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h and nifti2.h.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from TransferSegLib.cases.volume_error import VolumeError

_LONGEST_HEADER = 540
_PART_BYTES = 1 << 20
_MOST_UNPACKED = 1100  # times the size of a file: deflate packs no byte into less than 1/1032 of one
# The number of each type of intensities.
NIFTI_TYPES = {
    "uint8": 2,
    "int16": 4,
    "int32": 8,
    "float32": 16,
    "float64": 64,
    "int8": 256,
    "uint16": 512,
    "uint32": 768,
    "int64": 1024,
    "uint64": 1280,
}
_TYPES = {number: np.dtype(name).str[1:] for name, number in NIFTI_TYPES.items()}


@dataclass(frozen=True)
class NiftiHeader:
    """The fields of the header that are needed to read the voxels.

    Attributes:
        size: The number of voxels along each axis of the file.
        datatype: NIfTI's number of the voxels' type.
        byte_order: `<` or `>`.
        offset: Where the voxels begin, in bytes.
        slope: What voxels are multiplied with.
        intercept: What is added then.
        sform: (4, 4), voxel to RAS in mm; None where the header has none.
    """

    size: tuple[int, ...]
    datatype: int
    byte_order: str
    offset: int
    slope: float
    intercept: float
    sform: np.ndarray | None

    @property
    def dtype(self) -> np.dtype | None:
        """The voxels' type on disk; None for colours, complex numbers and others that are no intensities."""
        name = _TYPES.get(self.datatype)
        return np.dtype(self.byte_order + name) if name else None


def read_header(path: Path) -> NiftiHeader:
    """Read the header alone."""
    try:
        with _opened(path) as file:
            start = file.read(_LONGEST_HEADER)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _damaged(path, error) from None
    return _header(path, start)


def read_voxels(path: Path) -> tuple[NiftiHeader, np.ndarray]:
    """Read the header and the voxels.

    Returns:
        The header, and the voxels, shape `header.size`, in the file's own type unless it scales them.

    Raises:
        VolumeError: It is no NIfTI file, is truncated or damaged, has no intensities, or does not fit into memory.
    """
    size = path.stat().st_size
    try:
        with _opened(path) as file:
            start = file.read(_LONGEST_HEADER)
            header = _header(path, start)
            if header.dtype is None:
                raise not_intensities(path)
            wanted = header.offset + math.prod(header.size) * header.dtype.itemsize
            if wanted > size * (_MOST_UNPACKED if isinstance(file, gzip.GzipFile) else 1):
                must_be_whole(path)  # no file of this size holds so many bytes: no memory is taken for them
            # Memory for all of it at once: an array that grows is copied again and again.
            try:
                data, length = np.empty(wanted, np.uint8), 0
            except MemoryError:
                must_be_whole(path)
                raise _too_large(path, wanted) from None
            while start:
                kept = np.frombuffer(start, np.uint8)[: max(0, wanted - length)]
                data[length : length + kept.size] = kept
                length += len(start)
                start = file.read(_PART_BYTES)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _damaged(path, error) from None
    dtype = _must_have_all(path, header, length)
    voxels = np.frombuffer(data, dtype, math.prod(header.size), header.offset).reshape(header.size, order="F")
    if (header.slope, header.intercept) != (1.0, 0.0):
        with np.errstate(
            over="ignore", invalid="ignore"
        ):  # numbers that are too large become infinite, and are found as such
            voxels = voxels * np.float64(header.slope)
            voxels += header.intercept
    return header, voxels


def must_be_whole(path: Path) -> None:
    """Refuse a file that lacks voxels; keeps none of them in memory.

    Raises:
        VolumeError: Fewer voxels are in the file than its header says.
    """
    start, length = b"", 0
    try:
        with _opened(path) as file:
            while part := file.read(_PART_BYTES):
                start = start or part[:_LONGEST_HEADER]
                length += len(part)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _damaged(path, error) from None
    _must_have_all(path, _header(path, start), length)


def not_intensities(path: Path) -> VolumeError:
    """Make the error for colour, vector and complex images."""
    return VolumeError(
        "several-numbers-a-voxel",
        path,
        "has several numbers a voxel (colour, vector or complex)",
        "export one channel",
    )


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes] | gzip.GzipFile]:
    """Open the file; gzip is unpacked, whatever the name says."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        yield gzip.GzipFile(fileobj=file) if packed else file


def _must_have_all(path: Path, header: NiftiHeader, length: int) -> np.dtype:
    """The voxels' type, where `length` bytes hold them all."""
    if header.dtype is None:
        raise not_intensities(path)
    lacking = header.offset + math.prod(header.size) * header.dtype.itemsize - length
    if lacking > 0:
        raise VolumeError(
            "truncated-nifti",
            path,
            "is truncated, {missing} bytes are missing",
            "copy or export it again",
            missing=lacking,
        )
    return header.dtype


def _damaged(path: Path, error: Exception) -> VolumeError:
    return VolumeError(
        "damaged-nifti",
        path,
        "is truncated or damaged ({reason})",
        "copy or export it again",
        reason=str(error).rstrip("."),
    )


def _too_large(path: Path, size: int) -> VolumeError:
    return VolumeError(
        "too-large-for-memory",
        path,
        "takes {gib:.0f} GiB of memory, more than this computer has free",
        "crop or resample it",
        gib=size / 2**30,
    )


def _header(path: Path, data: bytes) -> NiftiHeader:
    for order in "<>":
        if data[:4] == struct.pack(order + "i", 348) and len(data) >= 348:
            form, places = "hhf", (40, "8h", 70, 108, "f", 112, 254, "h", 280)
        elif data[:4] == struct.pack(order + "i", 540) and len(data) >= 540:
            form, places = "hqd", (16, "8q", 12, 168, "q", 176, 348, "i", 400)
        else:
            continue
        dim_at, dims, type_at, offset_at, offset_as, slope_at, sform_at, sform_as, rows_at = places

        def values(at: int, kind: str, order: str = order) -> tuple:
            return struct.unpack_from(order + kind, data, at)

        axes, *size = values(dim_at, dims)
        if not 1 <= axes <= 7 or min(size[:axes]) < 1:
            break
        slope, intercept = values(slope_at, "2" + form[2])
        offset = values(offset_at, offset_as)[0]
        if not (math.isfinite(offset) and offset >= 0):
            break
        if not (math.isfinite(slope) and slope != 0.0 and math.isfinite(intercept)):
            slope, intercept = 1.0, 0.0  # the standard: a slope of 0 means the voxels are not scaled
        sform = None
        if values(sform_at, sform_as)[0] > 0:
            sform = np.vstack([np.reshape(values(rows_at, "12" + form[2]), (3, 4)), [0, 0, 0, 1]]).astype(float)
        return NiftiHeader(
            size=tuple(int(n) for n in size[:axes]),
            datatype=values(type_at, "h")[0],
            byte_order=order,
            offset=int(offset),
            slope=float(slope),
            intercept=float(intercept),
            sform=sform,
        )
    raise VolumeError("not-nifti", path, "is not a NIfTI file, or its header is damaged", "export it again")
