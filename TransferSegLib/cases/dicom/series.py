"""A folder with one DICOM series, read through SimpleITK."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from TransferSegLib.cases.dicom.damaged import damaged_slices
from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.core.grid import Grid


def read(folder: Path) -> tuple[np.ndarray, Grid]:
    """Read the voxels, (I, J, K), and their grid.

    Raises:
        VolumeError: The folder does not hold exactly one whole series of slices.
    """
    files = _series_files(folder)
    grid = _grid(folder, files)
    reader = _sitk().ImageSeriesReader()
    reader.SetFileNames(files)
    try:
        image = reader.Execute()
    except RuntimeError:
        raise VolumeError("damaged-series", folder, "is truncated or damaged", "copy or export it again") from None
    if image.HasMetaDataKey("ITK_non_uniform_sampling_deviation"):  # set for a rounded position too
        _must_be_even(folder, files, grid)
    return _sitk().GetArrayFromImage(image).T.reshape(grid.size, order="F"), grid


def read_grid(folder: Path) -> Grid:
    """Read the grid alone, from headers only.

    Raises:
        VolumeError: As of `read`, as far as headers tell.
    """
    return _grid(folder, _series_files(folder))


def _sitk() -> Any:
    import SimpleITK

    SimpleITK.ProcessObject.SetGlobalWarningDisplay(False)  # its warnings would appear among ours
    return SimpleITK


def _series_files(folder: Path) -> tuple[str, ...]:
    series_reader = _sitk().ImageSeriesReader
    try:
        series = series_reader.GetGDCMSeriesIDs(str(folder))
    except RuntimeError:
        series = ()
    if len(series) > 1:
        raise VolumeError(
            "several-series",
            folder,
            "{count} DICOM series in one folder",
            "put each series in its own folder",
            count=len(series),
        )
    files = tuple(series_reader.GetGDCMSeriesFileNames(str(folder), series[0])) if series else ()
    damaged = damaged_slices(folder, files)
    if damaged:
        raise VolumeError(
            "damaged-slice",
            damaged[0],
            "is a DICOM slice that is truncated or damaged{more:?, as {more} more in its folder|}",
            "copy or export it again",
            more=len(damaged) - 1,
        )
    if not files:
        raise VolumeError("no-slices", folder, "no DICOM files in this folder", "give a file, or the series' folder")
    return files


def _header(file: str) -> Any:
    reader = _sitk().ImageFileReader()
    reader.SetFileName(file)
    reader.ReadImageInformation()
    return reader


def _grid(folder: Path, files: tuple[str, ...]) -> Grid:
    first = _header(files[0])
    i, j = first.GetSize()[:2]
    x, y, thickness = first.GetSpacing()[:3]
    direction = np.array(first.GetDirection()).reshape(3, 3)
    if len(files) == 1:
        return Grid.from_lps((i, j, first.GetSize()[2]), (x, y, thickness), direction, first.GetOrigin()[:3])
    last = _header(files[-1])
    # Not ITK's series geometry: it forces right angles, and slices of a tilted gantry would slide out of place.
    step = (np.array(last.GetOrigin()[:3]) - np.array(first.GetOrigin()[:3])) / (len(files) - 1)
    distance = float(np.linalg.norm(step))
    if distance < 1e-6:
        raise VolumeError("one-position", folder, "its DICOM slices share one position", "export one frame a folder")
    direction[:, 2] = step / distance
    return Grid.from_lps((i, j, len(files)), (x, y, distance), direction, first.GetOrigin()[:3])


def _must_be_even(folder: Path, files: tuple[str, ...], grid: Grid) -> None:
    origins = np.array([_header(file).GetOrigin()[:3] for file in files])
    even = np.linspace(origins[0], origins[-1], len(files))
    off_mm = float(np.linalg.norm(origins - even, axis=1).max())
    if off_mm > 0.1 * grid.spacing_mm[2]:
        raise VolumeError(
            "uneven-slices",
            folder,
            "its DICOM slices are not evenly spaced (off by {off_mm:.3g} mm), one may be missing",
            "export the whole series again, or resample it",
            off_mm=off_mm,
        )
