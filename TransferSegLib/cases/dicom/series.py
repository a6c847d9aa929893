"""The DICOM files of a folder, and the one series among them that is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from TransferSegLib.cases.dicom.beneath import folders_with_images
from TransferSegLib.cases.dicom.damaged import damaged_slices
from TransferSegLib.cases.dicom.frames import frames_of
from TransferSegLib.cases.dicom.headers import BrokenFile, Header, is_dicom, read_header
from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.core.grid import times
from TransferSegLib.core.problems import Problem

# Planes by the direction that their slices are stacked in; within about 8° of one they are called by its name.
_PLANES = (Problem("sagittal", "sagittal"), Problem("coronal", "coronal"), Problem("axial", "axial"))
_OBLIQUE = Problem("oblique", "oblique")
_STRAIGHT = 0.99


@dataclass(frozen=True, eq=False)
class Scan:
    """What lies in a folder, or what one file is.

    Attributes:
        path: The folder or the file.
        headers: The headers of the DICOM files that can be read.
        unreadable: The other DICOM files.
    """

    path: Path
    headers: tuple[Header, ...]
    unreadable: tuple[Path, ...]


def scan(path: Path) -> Scan:
    """Read the headers of a DICOM file, or of the DICOM files of a folder; hidden ones and `DICOMDIR` are left out.

    Raises:
        VolumeError: The file is not DICOM, or is damaged.
    """
    if path.is_file() and not is_dicom(path):
        raise _not_dicom(path)
    headers, unreadable = [], []
    for file in sorted(path.iterdir()) if path.is_dir() else [path]:
        if path.is_dir() and (file.name.startswith(".") or file.name == "DICOMDIR" or not file.is_file()):
            continue
        if path.is_dir() and not is_dicom(file):
            continue
        try:
            headers.append(read_header(file))
        except BrokenFile:
            if file == path:
                raise VolumeError("damaged-dicom", path, "is truncated or damaged", "copy or export it again") from None
            unreadable.append(file)
    return Scan(path, tuple(headers), tuple(unreadable))


def loose_slices(folder: Path) -> tuple[int, int]:
    """Count the slices in a folder that are no volume by themselves, and the series that they are of."""
    slices = [header for header in scan(folder).headers if header.is_image and header.frames == 1]
    return len(slices), len({header.series for header in slices})


def files_of_series(found: Scan, series: str | None) -> list[Header]:
    """Take the files of the series that is meant.

    Args:
        found: The files.
        series: The SeriesInstanceUID; None where there must be only one.

    Returns:
        The headers of its files, in the order of their names.

    Raises:
        VolumeError: There is no image, or there are several series, or a slice is damaged.
    """
    by_series: dict[str, list[Header]] = {}
    for header in found.headers:
        if header.is_image:
            by_series.setdefault(header.series, []).append(header)
    listed = [_in_words(uid, headers) for uid, headers in by_series.items()]
    if series is not None and series not in by_series:
        raise VolumeError(
            "no-such-series",
            found.path,
            "has no DICOM series {series}{there:?, but {listed:;…}|}",
            "give the SeriesInstanceUID of a series that is there",
            series=series,
            listed=listed,
            there=bool(listed),
        )
    if series is None and len(by_series) > 1:
        raise VolumeError(
            "several-series",
            found.path,
            "{count} DICOM series in one folder: {listed:;…}",
            "put each series in its own folder, or choose one by its UID: {in_data_set:?list the cases in a table (.csv) in "
            "the data set's folder, this image as |}`{place}#{uid}`",
            count=len(by_series),
            listed=listed,
            in_data_set=False,
            place=found.path.as_posix(),
            uid=next(iter(by_series)),
        )
    files = by_series[series] if series is not None else next(iter(by_series.values()), [])
    without_voxels = [header.path for header in found.headers if header.pixels is None]
    if damaged := damaged_slices([*found.unreadable, *without_voxels], files):
        raise VolumeError(
            "damaged-slice",
            damaged[0],
            "is a DICOM slice that is truncated or damaged{more:?, as {more} more in its folder|}",
            "copy or export it again",
            more=len(damaged) - 1,
        )
    if not files:
        raise _no_image(found)
    return files


def _in_words(uid: str, headers: Sequence[Header]) -> Problem:
    """What tells a series from others; no text that a person typed, as it may name the patient."""
    first = headers[0].data
    spacing, plane = _lie(headers)
    return Problem(
        "series-of-a-folder",
        "{uid} ({number:?series {number}, |}{modality:?{modality}, |}{slices} {slices:~slice|slices} of {columns}×{rows}"
        "{spacing:?, {spacing} mm|}{plane:?, {plane}|}{echo:?, echo time {echo} ms|}{repetition:?, repetition time "
        "{repetition} ms|})",
        {
            "uid": uid or Problem("series-without-uid", "without a UID"),
            "number": str(first.get("SeriesNumber") or ""),
            "modality": str(first.get("Modality") or ""),
            "slices": sum(header.frames for header in headers),
            "columns": str(first.get("Columns", "?")),
            "rows": str(first.get("Rows", "?")),
            "spacing": spacing,
            "plane": plane,
            "echo": _number(first.get("EchoTime")),
            "repetition": _number(first.get("RepetitionTime")),
        },
    )


def _lie(headers: Sequence[Header]) -> tuple[str, str | Problem]:
    """The spacing of a series in mm, and the plane of its slices; "" where its headers do not say."""
    try:
        frames = [frame for header in headers for frame in frames_of(header)]
    except VolumeError:
        return "", ""
    normal = np.cross(*frames[0].axes.T)
    places = np.unique(np.round([frame.position_mm @ normal for frame in frames], 2))
    between = [float(np.median(np.diff(places)))] if len(places) > 1 else []
    main = int(np.abs(normal).argmax())
    plane = _PLANES[main] if abs(normal[main]) > _STRAIGHT else _OBLIQUE
    return times([*map(float, frames[0].spacing_mm), *between]), plane


def _number(value: object) -> str:
    try:
        return f"{float(str(value)):g}"
    except ValueError:
        return ""


def _no_image(found: Scan) -> VolumeError:
    kinds = sorted({header.kind_in_words for header in found.headers if header.kind})
    if kinds:
        return VolumeError(
            "no-dicom-image",
            found.headers[0].path if len(found.headers) == 1 else found.path,
            "is DICOM, but no image ({kinds})",
            "give the series of the scan itself",
            kinds=kinds,
        )
    if found.path.is_dir():
        deeper = folders_with_images(found.path)
        return VolumeError(
            "no-slices",
            found.path,
            "no DICOM files in this folder{deeper:?, but {count} {count:~folder|folders} beneath it {count:~holds|hold} "
            "images: {deeper:…`}|}",
            "give {deeper:?{count:~that folder|those folders}|a file, or the series' folder}",
            deeper=[place.as_posix() for place in deeper],
            count=len(deeper),
        )
    return _not_dicom(found.path)


def _not_dicom(path: Path) -> VolumeError:
    return VolumeError("not-dicom", path, "is not a DICOM file, whatever its name says", "copy or export it again")
