"""What a multi-frame file calls its own dimensions, and the place of each frame in them (DICOM PS3.3, C.7.6.17)."""

from __future__ import annotations

from collections.abc import Sequence

from TransferSegLib.cases.dicom.frames import TELLING, Frame
from TransferSegLib.cases.dicom.headers import whole

_KNOWN = {keyword for keywords in TELLING.values() for keyword in keywords} | set(TELLING)


def dimensions(frames: Sequence[Frame]) -> dict[str, list[str]]:
    """List what tells frames apart by their DimensionIndexValues alone.

    Args:
        frames: The frames; one or more.

    Returns:
        The name of each dimension → its index in each frame, "" where it is missing. A dimension goes by the attribute that
        it points to; by its number, as in `Dimension2`, where that has no name or is looked at by its own value, too.
    """
    from pydicom.datadict import keyword_for_tag

    found: dict[str, list[str]] = {}
    for n, item in enumerate(frames[0].header.data.get("DimensionIndexSequence") or ()):
        pointer = item.get("DimensionIndexPointer")
        keyword = keyword_for_tag(pointer) if pointer is not None else ""
        name = keyword if keyword and keyword not in {*_KNOWN, *found} else f"Dimension{n + 1}"
        found[name] = [_index(frame, n) for frame in frames]
    return found


def _index(frame: Frame, dimension: int) -> str:
    value = frame.get("DimensionIndexValues")
    values = value if hasattr(value, "__iter__") and not isinstance(value, (str, bytes)) else [value]
    index = whole(values[dimension]) if dimension < len(values) else None
    return "" if index is None else str(index)
