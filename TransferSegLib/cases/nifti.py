"""The voxels of NIfTI-1 and NIfTI-2 files; truncated and damaged files are refused.

ITK silently fills what a truncated NIfTI file lacks with zeros, silently takes a damaged gzip stream for voxels, and places
files otherwise than most programs do (measured with ITK 5.4). So the bytes are read and counted here; `nifti_place` says
where the voxels lie. nibabel would see the same, but Slicer's bare Python does not have it.

Layout: https://nifti.nimh.nih.gov/pub/dist/src/niftilib/nifti1.h and nifti2.h.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from TransferSegLib.cases.nifti_place import NiftiPlace
from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.core.library_words import library_says

_LONGEST_HEADER = 540
_PART_BYTES = 1 << 20
_COMPRESSION = 6  # zlib's usual level
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
# Where the fields of a header begin, and what is in them.
_NIFTI_1 = {
    "dim": (40, "8h"),
    "datatype": (70, "h"),
    "pixdim": (76, "4f"),
    "offset": (108, "f"),
    "scale": (112, "2f"),
    "units": (123, "B"),
    "codes": (252, "2h"),
    "quaternion": (256, "6f"),
    "rows": (280, "12f"),
}
_NIFTI_2 = {
    "datatype": (12, "h"),
    "dim": (16, "8q"),
    "pixdim": (104, "4d"),
    "offset": (168, "q"),
    "scale": (176, "2d"),
    "codes": (344, "2i"),
    "quaternion": (352, "6d"),
    "rows": (400, "12d"),
    "units": (500, "i"),
}
# Complex numbers and colours.
_SEVERAL_NUMBERS = {32, 128, 1792, 2048, 2304}
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
        place: Where the voxels lie.
    """

    size: tuple[int, ...]
    datatype: int
    byte_order: str
    offset: int
    slope: float
    intercept: float
    place: NiftiPlace

    @property
    def dtype(self) -> np.dtype | None:
        """The voxels' type on disk; None for colours, complex numbers and others that are no intensities."""
        name = _TYPES.get(self.datatype)
        return np.dtype(self.byte_order + name) if name else None


# Headers that were read, by path, with the stamp that the file had then: a segmentation lies as its image's header says.
_KNOWN: dict[Path, tuple[tuple[int, int, int], NiftiHeader]] = {}
_MOST_KNOWN = 4096


def known_header(path: Path) -> NiftiHeader:
    """The header of a file, which is read only where this process has not read the file before, or it has changed since."""
    known = _KNOWN.get(path)
    return known[1] if known is not None and known[0] == _stamp(path) else read_header(path)


def read_header(path: Path) -> NiftiHeader:
    """Read the header alone."""
    stamp = _stamp(path)
    try:
        with _opened(path) as file:
            start = file.read(_LONGEST_HEADER)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _damaged(path, error) from None
    return _remembered(path, stamp, _header(path, start))


def read_voxels(path: Path) -> tuple[NiftiHeader, np.ndarray]:
    """Read the header and the voxels.

    Returns:
        The header, and the voxels, shape `header.size`, in the file's own type unless it scales them.

    Raises:
        VolumeError: It is no NIfTI file, is truncated or damaged, has no intensities, or does not fit into memory.
    """
    stamp = _stamp(path)
    size = stamp[1]
    try:
        with _opened(path) as file:
            start = file.read(_LONGEST_HEADER)
            header = _remembered(path, stamp, _header(path, start))
            if header.dtype is None:
                raise unreadable_type(path, header)
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


def _stamp(path: Path) -> tuple[int, int, int]:
    """What is another number once a file is another: when it was changed, its size in bytes, and which file it is."""
    stat = path.stat()
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def _remembered(path: Path, stamp: tuple[int, int, int], header: NiftiHeader) -> NiftiHeader:
    if len(_KNOWN) >= _MOST_KNOWN:
        del _KNOWN[next(iter(_KNOWN))]
    _KNOWN[path] = (stamp, header)
    return header


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


def header_bytes(dtype: np.dtype, size: tuple[int, int, int], place: NiftiPlace) -> bytes:
    """Make the 352 bytes before the voxels of a NIfTI-1 file.

    Args:
        dtype: The type of the voxels, little endian, one of `NIFTI_TYPES`.
        size: The number of voxels (I, J, K).
        place: Where they lie.
    """
    header = bytearray(352)

    def put(name: str, *values: float) -> None:
        at, kind = _NIFTI_1[name]
        struct.pack_into("<" + kind, header, at, *values)

    struct.pack_into("<i", header, 0, 348)
    put("dim", 3, *size, 1, 1, 1, 1)
    put("datatype", NIFTI_TYPES[dtype.name])
    struct.pack_into("<h", header, 72, 8 * dtype.itemsize)
    put("pixdim", *place.pixdim)
    put("offset", len(header))
    put("scale", 1.0, 0.0)
    put("units", place.units)
    put("codes", place.qform_code, place.sform_code)
    put("quaternion", *place.quaternion, *place.offset)
    put("rows", *np.ravel(place.rows))
    header[344:348] = b"n+1\0"
    return bytes(header)


def write_voxels(path: Path, array: np.ndarray, place: NiftiPlace) -> None:
    """Write a NIfTI-1 file, compressed where its name ends in .gz.

    Args:
        path: The file.
        array: (I, J, K), of one of `NIFTI_TYPES`.
        place: Where its voxels lie.
    """
    dtype = np.dtype("<" + array.dtype.str[1:])
    with ExitStack() as stack:
        file: IO[bytes] = stack.enter_context(path.open("wb"))
        if path.name.lower().endswith(".gz"):
            file = stack.enter_context(gzip.GzipFile("", "wb", _COMPRESSION, file, 0))  # type: ignore[arg-type]
        file.write(header_bytes(dtype, array.shape, place))
        for plane in array.T:
            file.write(np.ascontiguousarray(plane, dtype).data)


def not_intensities(path: Path) -> VolumeError:
    """Make the error for colour, vector and complex images."""
    return VolumeError(
        "several-numbers-a-voxel",
        path,
        "has several numbers a voxel (colour, vector or complex)",
        "export one channel",
    )


def unreadable_type(path: Path, header: NiftiHeader) -> VolumeError:
    """Make the error for a header whose `dtype` is None."""
    if header.datatype in _SEVERAL_NUMBERS:
        return not_intensities(path)
    return VolumeError(
        "nifti-type",
        path,
        "has voxels of a type that is not read (NIfTI's number {number})",
        "export it as 16-bit integers or as 32-bit floating point",
        number=header.datatype,
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
        raise unreadable_type(path, header)
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
        reason=library_says(error),
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
            layout, length = _NIFTI_1, 348
        elif data[:4] == struct.pack(order + "i", 540) and len(data) >= 540:
            layout, length = _NIFTI_2, 540
        else:
            continue

        def values(name: str, order: str = order, layout: dict[str, tuple[int, str]] = layout) -> tuple:
            at, kind = layout[name]
            return struct.unpack_from(order + kind, data, at)

        axes, *size = values("dim")
        if not 1 <= axes <= 7 or min(size[:axes]) < 1:
            break
        (slope, intercept), (offset,) = values("scale"), values("offset")
        if not (math.isfinite(offset) and offset >= 0):
            break
        if offset < length:
            raise VolumeError(
                "nifti-offset",
                path,
                "says that its voxels begin within its header (vox_offset {offset:g}), or lie in another file",
                "export it again as one file",
                offset=offset,
            )
        if not math.isfinite(slope) or slope == 0.0:
            slope, intercept = 1.0, 0.0  # the standard: a slope of 0 means the voxels are not scaled
        if not math.isfinite(intercept):
            raise VolumeError(
                "nifti-scale",
                path,
                "multiplies its voxels with {slope:g} and adds {intercept} (scl_slope, scl_inter of its header)",
                "export it again",
                slope=slope,
                intercept=str(intercept),
            )
        qform_code, sform_code = values("codes")
        quaternion = values("quaternion")
        return NiftiHeader(
            size=tuple(int(n) for n in size[:axes]),
            datatype=values("datatype")[0],
            byte_order=order,
            offset=int(offset),
            slope=float(slope),
            intercept=float(intercept),
            place=NiftiPlace(
                pixdim=values("pixdim"),
                qform_code=qform_code,
                quaternion=quaternion[:3],
                offset=quaternion[3:],
                sform_code=sform_code,
                rows=np.reshape(values("rows"), (3, 4)),
                units=values("units")[0] & 7,
            ),
        )
    raise VolumeError("not-nifti", path, "is not a NIfTI file, or its header is damaged", "export it again")
