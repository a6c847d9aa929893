"""Pages among the slices of a series: dose reports, screenshots and the like, which lie nowhere in the patient."""

from __future__ import annotations

from collections.abc import Sequence

from TransferSegLib.cases.dicom.headers import Header, quiet
from TransferSegLib.cases.volume_error import VolumeError

_PLACE = ("ImagePositionPatient", "ImageOrientationPatient")
_GROUPS = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")


def refuse_pages(headers: Sequence[Header]) -> None:
    """Refuse files without any place among slices that have theirs.

    Args:
        headers: The files of a series.

    Raises:
        VolumeError: There are some.
    """
    with quiet():
        pages = [header for header in headers if not any(header.data.get(name) for name in (*_PLACE, *_GROUPS))]
        slices = [header for header in headers if all(header.data.get(name) for name in _PLACE)]
    if not pages or len(slices) <= len(pages):
        return
    raise VolumeError(
        "page-among-slices",
        pages[0].path,
        "is a page and no slice{more:?, as {more} more|}: it has no ImagePositionPatient and no ImageOrientationPatient, "
        "which the other slices of its series have",
        "take it out",
        more=len(pages) - 1,
    )
