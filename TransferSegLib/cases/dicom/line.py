"""The straight line that slices are stacked along: not at a right angle to them where the gantry is tilted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from TransferSegLib.cases.dicom.frames import Frame
from TransferSegLib.core.grid import TOLERANCE

# Positions are rounded in headers, by some programs to 0.01 mm.
_ROUNDED_MM = 0.02


def beside_mm(frames: Sequence[Frame], start_mm: np.ndarray, way: np.ndarray) -> np.ndarray:
    """Measure how far each frame lies beside a straight line, within its own plane.

    Args:
        frames: Frames of one orientation.
        start_mm: A point of the line, LPS.
        way: The direction of the line, LPS, of any length.

    Returns:
        (frames,) in mm.
    """
    normal = np.cross(frames[0].axes[:, 0], frames[0].axes[:, 1])
    apart = np.array([frame.position_mm for frame in frames]) - start_mm
    # From the point of the line at the same height: an uneven distance of slices of a tilted gantry is no shift.
    return np.linalg.norm(apart - np.outer(apart @ normal / (way @ normal), way), axis=1)


def may_lie_beside_mm(frame: Frame) -> float:
    """How far a frame may lie beside the line, in mm."""
    return max(TOLERANCE * min(frame.spacing_mm), _ROUNDED_MM)
