"""Real-world value mappings: a second way in which DICOM says what stored numbers mean (PS3.3, C.7.6.16.2.11).

Most images that have them also have RescaleSlope and RescaleIntercept, or one mapping for all frames. These are read without
the mapping, as Slicer does. It is applied where numbers of frames could not be compared otherwise, and to parametric maps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from TransferSegLib.cases.dicom.frames import Frame
from TransferSegLib.cases.dicom.headers import quiet
from TransferSegLib.cases.volume_error import VolumeError

_PARAMETRIC_MAP = "1.2.840.10008.5.1.4.1.1.30"
_SEQUENCE = "RealWorldValueMappingSequence"


def with_real_values(frames: Sequence[Frame]) -> list[Frame]:
    """Give frames the slopes and intercepts of their mappings, where these are needed.

    Args:
        frames: The frames of a volume.

    Raises:
        VolumeError: They are needed, and a frame has none, several, or one that is not linear.
    """
    with quiet():
        mappings = [_mappings(frame) for frame in frames]
        if any(frame.says("RescaleSlope") for frame in frames) or not any(mappings):
            return list(frames)
        first = [_linear(items[0]) if items else None for items in mappings]
        if len(set(first)) == 1 and frames[0].header.kind != _PARAMETRIC_MAP:
            return list(frames)
        return [_applied(frame, items) for frame, items in zip(frames, mappings, strict=True)]


def _mappings(frame: Frame) -> list[Any]:
    """The mappings of a frame: its own, else those that all share, else those of the file."""
    data = frame.header.data
    own = list(data.get("PerFrameFunctionalGroupsSequence") or ())[frame.number : frame.number + 1]
    for place in (*own, *(data.get("SharedFunctionalGroupsSequence") or ()), data):
        if found := place.get(_SEQUENCE):
            return list(found)
    return []


def _linear(mapping: Any) -> tuple[float, float] | None:
    """Slope and intercept; None where it is no line."""
    try:
        slope = float(mapping.get("RealWorldValueSlope"))
        intercept = float(mapping.get("RealWorldValueIntercept"))
    except (TypeError, ValueError):
        return None
    return (slope, intercept) if math.isfinite(slope) and slope != 0 and math.isfinite(intercept) else None


def _applied(frame: Frame, mappings: Sequence[Any]) -> Frame:
    line = _linear(mappings[0]) if len(mappings) == 1 else None
    if line is None:
        raise VolumeError(
            "real-world-values",
            frame.path,
            "{frame:?frame {frame} |}has {count:?{count} real-world value {count:~mapping|mappings}|no real-world value "
            "mapping} (RealWorldValueMappingSequence), and not one with a slope and an intercept",
            "export it with RescaleSlope and RescaleIntercept, or as .nii.gz",
            frame=frame.frame_number,
            count=len(mappings),
        )
    return replace(frame, slope=line[0], intercept=line[1])
