"""What makes one doubt that a segmentation is of the scan that it is accepted for."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from TransferSegLib.cases.checks import AXES
from TransferSegLib.cases.label_fit import MOVED_MM, misfit
from TransferSegLib.cases.volumes import read_volume
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.problems import Problem
from TransferSegLib.loop.folder import Loop
from TransferSegLib.sources.folder import file_sha256


def doubts_of(
    loop: Loop, case: Case, file: Path, labels: np.ndarray, grid: Grid, known: np.ndarray
) -> Iterator[Problem]:
    """Say what makes one doubt that a segmentation is of a scan, though it lies on its grid.

    Args:
        loop: The loop.
        case: The case, with the images of the scan.
        file: The segmentation.
        labels: Its label values, (I, J, K), 0 for none.
        grid: Their grid, which is that of the scan.
        known: True where somebody annotated, of a shape that goes with theirs.

    Yields:
        Warnings. A scan that cannot be read raises none.
    """
    sha256 = file_sha256(file)
    for other in loop.annotations:
        if other.sha256 == sha256 and other.case != case.name and labels.any():
            yield Problem(
                "loop-label-of-other-case",
                "Case `{name}`: {path} is the very file that was accepted for case `{other}`; accept the segmentation of "
                "this scan instead, unless both are one scan.",
                {"name": case.name, "path": file.name, "other": other.case},
                "warning",
                case=case.name,
            )
            break
    found = None
    with contextlib.suppress(InputError):  # of a scan that cannot be read, others tell
        found = misfit([read_volume(image).array for image in case.images], labels, grid, known)
    if found is not None:
        yield Problem(
            "loop-label-misfit",
            "Case `{name}`: the labels of {path} fit the scan {times:.1f} times as well {mirrored:?mirrored {axis}|moved by "
            "{mm:g} mm {axis}}; look at both together: it may be of another scan, or its voxels may be mirrored or moved. "
            "If it is right, leave it.",
            {
                "name": case.name,
                "path": file.name,
                "times": found.times,
                "mirrored": found.kind == "mirrored",
                "axis": AXES[found.axis],
                "mm": MOVED_MM,
            },
            "warning",
            case=case.name,
        )
