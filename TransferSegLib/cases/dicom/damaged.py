"""The slices of a DICOM series that cannot be read.

GDCM leaves files that it cannot read out of a series without a word (measured with GDCM 3.2): a series that lost its
first or its last slices to an interrupted copy would look whole, and only shorter. So they are looked for here.

Layout: DICOM PS3.10, 7.1 (file meta information: 128 bytes, `DICM`, group 0002).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

_META_SIZE = 4096  # more than the file meta information takes
_KIND = re.compile(rb"\x02\x00\x02\x00UI..([0-9.]+)", re.DOTALL)
_SERIES = re.compile(rb"\x20\x00\x0e\x00(?:UI..|....)([0-9.]+)", re.DOTALL)
_PIXELS = b"\xe0\x7f\x10\x00"
_DIRECTORY = b"1.2.840.10008.1.3.10"


def damaged_slices(folder: Path, readable: Sequence[str]) -> list[Path]:
    """Find the slices of a series that cannot be read.

    A report, a segmentation or a plan that lies beside a series is of another kind than its slices, and no slice of it.

    Args:
        folder: The folder of the series.
        readable: The files of the series that can be read.

    Returns:
        The other DICOM files in the folder that seem to belong to the series, sorted by name.
    """
    known = {Path(name).name for name in readable}
    kind, series = _identity(Path(readable[0]).read_bytes()) if readable else (None, set())
    damaged = []
    for path in sorted(folder.iterdir()):
        if path.name in known or path.name.startswith(".") or path.name == "DICOMDIR" or not path.is_file():
            continue
        if not _is_dicom(path):
            continue
        data = path.read_bytes()
        own_kind, own_series = _identity(data)
        alike = own_kind == kind if readable else own_kind != _DIRECTORY and _PIXELS in data
        if (alike or own_kind is None) and (not series or not own_series or series & own_series):
            damaged.append(path)
    return damaged


def _is_dicom(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(132)
    # Of a copy that broke off at once only the name says what it was.
    return start[128:] == b"DICM" or (len(start) < 132 and path.suffix.lower() == ".dcm")


def _identity(data: bytes) -> tuple[bytes | None, set[bytes]]:
    """(SOP class in the file meta information, Series Instance UIDs anywhere in the file)."""
    kind = _KIND.search(data[:_META_SIZE])
    return kind[1] if kind else None, set(_SERIES.findall(data))
