"""The headers of DICOM files, each read once, and whether the voxels behind them are all there.

Layout: DICOM PS3.10, 7.1 (128 bytes, `DICM`, group 0002), and PS3.5, A.4 (compressed voxels are a sequence of items).
"""

from __future__ import annotations

import math
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

SEGMENTATIONS = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
CONTOURS = "1.2.840.10008.5.1.4.1.1.481.3"
# Kinds of objects that hold several frames in one file.
_MULTI_FRAME = {
    "1.2.840.10008.5.1.4.1.1.2.1",  # enhanced CT
    "1.2.840.10008.5.1.4.1.1.2.2",  # legacy converted enhanced CT
    "1.2.840.10008.5.1.4.1.1.3.1",  # ultrasound multi-frame
    "1.2.840.10008.5.1.4.1.1.4.1",  # enhanced MR
    "1.2.840.10008.5.1.4.1.1.4.3",  # enhanced MR colour
    "1.2.840.10008.5.1.4.1.1.4.4",  # legacy converted enhanced MR
    "1.2.840.10008.5.1.4.1.1.6.2",  # enhanced ultrasound volume
    "1.2.840.10008.5.1.4.1.1.7.1",  # multi-frame secondary capture, four kinds
    "1.2.840.10008.5.1.4.1.1.7.2",
    "1.2.840.10008.5.1.4.1.1.7.3",
    "1.2.840.10008.5.1.4.1.1.7.4",
    "1.2.840.10008.5.1.4.1.1.13.1.1",  # X-ray 3D angiographic
    "1.2.840.10008.5.1.4.1.1.13.1.2",  # X-ray 3D craniofacial
    "1.2.840.10008.5.1.4.1.1.13.1.3",  # breast tomosynthesis
    "1.2.840.10008.5.1.4.1.1.20",  # nuclear medicine
    "1.2.840.10008.5.1.4.1.1.30",  # parametric map
    "1.2.840.10008.5.1.4.1.1.128.1",  # legacy converted enhanced PET
    "1.2.840.10008.5.1.4.1.1.130",  # enhanced PET
    "1.2.840.10008.5.1.4.1.1.481.2",  # dose
}
_DEFLATED = "1.2.840.10008.1.2.1.99"
_BIG_ENDIAN = "1.2.840.10008.1.2.2"
_PIXELS = {(0x7FE0, 0x0010): "PixelData", (0x7FE0, 0x0008): "FloatPixelData", (0x7FE0, 0x0009): "DoubleFloatPixelData"}
_UNKNOWN_LENGTH = 0xFFFFFFFF
_LONG = (b"OB", b"OW", b"OF", b"OD", b"UN")  # values whose length takes four bytes, after two that are not used


class BrokenFile(Exception):
    """A DICOM file that is truncated or damaged."""


@dataclass(frozen=True, eq=False)
class Header:
    """The header of a DICOM file.

    Attributes:
        path: The file.
        data: The attributes before the voxels (a `pydicom.Dataset`).
        pixels: The name of the attribute that has the voxels; None where there are none.
        offset: Where the voxels begin in the file, in bytes; None where they are packed.
    """

    path: Path
    data: Any
    pixels: str | None
    offset: int | None

    @property
    def kind(self) -> str:
        """The SOP class: what kind of object it is; "" where the file does not say."""
        return str(self.data.get("SOPClassUID") or "")

    @property
    def kind_in_words(self) -> str:
        """The name of the kind, as the standard has it."""
        from pydicom.uid import UID

        return UID(self.kind).name.removesuffix(" Storage") if self.kind else "DICOM object"

    @property
    def series(self) -> str:
        """The SeriesInstanceUID; "" where it is missing."""
        return str(self.data.get("SeriesInstanceUID") or "")

    @property
    def frames(self) -> int:
        """The number of frames."""
        with quiet():
            return max(1, whole(self.data.get("NumberOfFrames")) or 1)

    @property
    def is_image(self) -> bool:
        """Whether it has an image's voxels, and not a segmentation's."""
        return self.pixels is not None and self.kind not in SEGMENTATIONS


@contextmanager
def quiet() -> Iterator[None]:
    """Keep pydicom's warnings about single values off the terminal: what matters is checked here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def whole(value: Any) -> int | None:
    """A value as a whole number; None where it is none."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def is_dicom(path: Path) -> bool:
    """Say whether a file is DICOM by its first bytes; or by its name, where too few were copied to tell."""
    try:
        with path.open("rb") as file:
            start = file.read(132)
    except OSError:
        return False
    return _starts_as_dicom(start) or (len(start) < 132 and path.suffix.lower() == ".dcm")


def is_volume(path: Path) -> bool:
    """Say whether a file is DICOM and has several frames, so that it is no slice of a series."""
    if kind_of(path) not in _MULTI_FRAME:
        return False
    try:
        return read_header(path).frames > 1
    except BrokenFile:
        return True  # reading it says so


def is_drawn(path: Path) -> bool:
    """Say whether a file is DICOM and holds what somebody drew on an image: a segmentation, or contours."""
    return kind_of(path) in (CONTOURS, *SEGMENTATIONS)


def kind_of(path: Path) -> str:
    """Read what kind of object a file is, its SOP class, from its first bytes; "" where it is not DICOM."""
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError:
        return ""
    at = start.find(b"\x02\x00\x02\x00UI")
    if at < 0 or not _starts_as_dicom(start):
        return ""
    (length,) = struct.unpack_from("<H", start, at + 6)
    return start[at + 8 : at + 8 + length].rstrip(b"\0 ").decode("ascii", "replace")


def _starts_as_dicom(start: bytes) -> bool:
    # Files of old programs lack the first 132 bytes: they begin with an attribute of group 0002 or 0008.
    return start[128:132] == b"DICM" or (start[:2] in (b"\x02\0", b"\x08\0") and start[3:4] == b"\0" and len(start) > 8)


def read_header(path: Path) -> Header:
    """Read all before the voxels, and look whether the file is long enough for these.

    Raises:
        BrokenFile: It is truncated or damaged.
        OSError: It cannot be read.
    """
    import pydicom

    with path.open("rb") as file, quiet():
        try:
            data = pydicom.dcmread(file, stop_before_pixels=True, force=True)
            syntax = str(data.file_meta.get("TransferSyntaxUID") or "")
            if syntax == _DEFLATED:
                return _packed_as_a_whole(path, data)
            size = path.stat().st_size
            place = file.tell()
            pixels, offset, length = _pixels(file, "<>"[syntax == _BIG_ENDIAN])
        except (OSError, MemoryError):
            raise
        except Exception as error:  # pydicom raises whatever its parts raise
            raise BrokenFile(str(error)) from None
    if pixels is None:
        if place < size or not len(data):
            raise BrokenFile("its attributes end before the file does")
        return Header(path, data, None, None)
    if length is None:
        return Header(path, data, pixels, None)
    if offset + length > size or length < _bytes_of_voxels(data, pixels):
        raise BrokenFile("voxels are missing")
    return Header(path, data, pixels, offset)


def _packed_as_a_whole(path: Path, data: Any) -> Header:
    import pydicom

    full = pydicom.dcmread(path, force=True)
    pixels = next((name for name in _PIXELS.values() if name in full), None)
    if pixels and len(full[pixels].value) < _bytes_of_voxels(data, pixels):
        raise BrokenFile("voxels are missing")
    return Header(path, data, pixels, None)


def _pixels(file: IO[bytes], order: str) -> tuple[str | None, int, int | None]:
    """(the name of the attribute with the voxels, where they begin, their length in bytes; None where they are packed)."""
    start = file.read(12)
    if len(start) < 8:
        return None, 0, None
    name = _PIXELS.get(struct.unpack_from(order + "HH", start))
    if name is None:
        return None, 0, None
    if start[4:6] in _LONG and len(start) == 12:
        (length,), offset = struct.unpack_from(order + "I", start, 8), file.tell()
    else:
        (length,), offset = struct.unpack_from(order + "I", start, 4), file.tell() - len(start) + 8
    if length != _UNKNOWN_LENGTH:
        return name, offset, length
    file.seek(offset)
    while len(item := file.read(8)) == 8:
        group, element, length = struct.unpack("<HHI", item)
        if (group, element) == (0xFFFE, 0xE0DD):
            return name, offset, None
        if (group, element) != (0xFFFE, 0xE000):
            break
        file.seek(length, 1)
    raise BrokenFile("voxels are missing")


def _bytes_of_voxels(data: Any, pixels: str) -> int:
    """The number of bytes that the voxels take unpacked."""
    bits = {"FloatPixelData": 32, "DoubleFloatPixelData": 64}.get(pixels) or whole(data.get("BitsAllocated")) or 0
    sizes = (data.get(name) for name in ("NumberOfFrames", "SamplesPerPixel"))
    number = math.prod(max(1, whole(value) or 1) for value in sizes)
    number *= math.prod(whole(data.get(name)) or 0 for name in ("Rows", "Columns"))
    return (number * bits + 7) // 8
