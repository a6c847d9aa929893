"""The slices of a DICOM series that cannot be read.

A series that lost its first or its last slices to an interrupted copy would look whole, and only shorter. So files that
seem to belong to a series and cannot be read are looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from TransferSegLib.cases.dicom.headers import Header

_META_SIZE = 4096  # more than the file meta information takes
_KIND = re.compile(rb"\x02\x00\x02\x00UI..([0-9.]+)", re.DOTALL)
_SERIES = re.compile(rb"\x20\x00\x0e\x00(?:UI..|....)([0-9.]+)", re.DOTALL)
_PIXELS = b"\xe0\x7f\x10\x00"
_DIRECTORY = b"1.2.840.10008.1.3.10"


def damaged_slices(unreadable: Iterable[Path], series: Sequence[Header]) -> list[Path]:
    """Find the slices of a series that cannot be read.

    A report, a segmentation or a plan that lies beside a series is of another kind than its slices, and no slice of it.

    Args:
        unreadable: The DICOM files that cannot be read, or have no voxels.
        series: The files of the series that can be read.

    Returns:
        Those that seem to belong to the series, sorted by name.
    """
    kinds, uids = {header.kind.encode() for header in series}, {header.series.encode() for header in series}
    damaged = []
    for path in sorted(unreadable):
        data = path.read_bytes()
        kind = match[1] if (match := _KIND.search(data[:_META_SIZE])) else None
        own = set(_SERIES.findall(data))
        alike = kind in kinds if series else kind != _DIRECTORY and _PIXELS in data
        if (alike or kind is None) and (not uids or not own or uids & own):
            damaged.append(path)
    return damaged
