"""Slices of DICOM series that lie in a data set's folder itself, where each case should have a folder of its own."""

from __future__ import annotations

from pathlib import Path

from TransferSegLib.cases import dicom
from TransferSegLib.core.errors import InputError


def refuse_loose_slices(folder: Path) -> None:
    """Raise an `InputError` for a folder that has slices of DICOM series, and nothing else that could be a case."""
    if not folder.is_dir():
        return
    slices, series = dicom.loose_slices(folder)
    if slices:
        raise InputError(
            "loose-slices",
            "{path}: holds {slices} loose {slices:~slice|slices} of {series} DICOM series, and each case needs a folder of "
            "its own; put the slices of each series into a folder in there, named like the case ({example}), and name its "
            "labels so, too.",
            path=folder,
            slices=slices,
            series=series,
            example=folder / "case1",
        )
