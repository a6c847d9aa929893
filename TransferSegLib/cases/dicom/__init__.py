"""DICOM: the slices of a folder, or the frames of a file, as one volume; segmentations as labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from TransferSegLib.cases.dicom.beneath import folders_with_images, holds_series
from TransferSegLib.cases.dicom.chosen import Choice, split_choice
from TransferSegLib.cases.dicom.frames import Frame, frames_of
from TransferSegLib.cases.dicom.headers import is_dicom, is_drawn, is_volume
from TransferSegLib.cases.dicom.pages import refuse_pages
from TransferSegLib.cases.dicom.pixels import voxels_of
from TransferSegLib.cases.dicom.real_world import with_real_values
from TransferSegLib.cases.dicom.segmentation import drawn_file, grid_of, labels_of, read_segmentation
from TransferSegLib.cases.dicom.series import files_of_series, loose_slices, scan
from TransferSegLib.cases.dicom.stack import stack
from TransferSegLib.core.grid import Grid

__all__ = [
    "Choice",
    "drawn_file",
    "folders_with_images",
    "grid_of",
    "holds_series",
    "is_dicom",
    "is_drawn",
    "is_volume",
    "labels_of",
    "loose_slices",
    "read",
    "read_frames",
    "read_grid",
    "read_segmentation",
    "split_choice",
]


def read(path: Path, choice: Choice) -> tuple[np.ndarray, Grid]:
    """Read the voxels, (I, J, K), and their grid.

    Args:
        path: A folder with slices, or a file.
        choice: What is meant, where there are several series or several frames a position.

    Raises:
        VolumeError: It does not hold exactly one whole volume.
    """
    frames, grid = read_frames(path, choice)
    return voxels_of(frames), grid


def read_grid(path: Path, choice: Choice) -> Grid:
    """Read the grid alone, from headers only.

    Args:
        path: A folder with slices, or a file.
        choice: What is meant, where there are several series or several frames a position.

    Returns:
        The grid of the volume.

    Raises:
        VolumeError: As of `read`, as far as headers tell.
    """
    return read_frames(path, choice)[1]


def read_frames(path: Path, choice: Choice) -> tuple[list[Frame], Grid]:
    """Read the headers of the frames of a volume, in the order of its slices, and its grid.

    Args:
        path: A folder with slices, or a file.
        choice: What is meant, where there are several series or several frames a position.

    Returns:
        The frames, a slice each, and the grid of the volume.

    Raises:
        VolumeError: As of `read`, as far as headers tell.
    """
    headers = files_of_series(scan(path), choice.series)
    refuse_pages(headers)
    frames, grid = stack([frame for header in headers for frame in frames_of(header)], path, choice)
    return with_real_values(frames), grid
