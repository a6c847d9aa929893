"""Folders that hold images, beneath one that holds none itself: patient, study and series, one in the other."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

from TransferSegLib.cases.dicom.headers import is_dicom, is_drawn
from TransferSegLib.cases.endings import suffix_of

# So many folders are looked into, and so many files of each: a person may give the top of a whole disk.
_MOST_FOLDERS, _MOST_FILES = 2000, 50


def holds_series(folder: Path) -> bool:
    """Say whether DICOM files of an image lie in a folder itself."""
    return any(is_dicom(file) and not is_drawn(file) for file in _files(folder))


def folders_with_images(folder: Path) -> list[Path]:
    """List the folders beneath a folder that hold images; not what is hidden, and no labels."""
    found = []
    for place, folders, _ in islice(os.walk(folder), _MOST_FOLDERS):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__MACOSX", "labels")))
        own = Path(place)
        if own != folder and (_holds_files(own) or holds_series(own)):
            found.append(own)
    return found


def _holds_files(folder: Path) -> bool:
    return any(suffix_of(file) not in (None, ".dcm", ".seg.nrrd") for file in _files(folder))


def _files(folder: Path) -> list[Path]:
    try:
        entries = (entry for entry in folder.iterdir() if not entry.name.startswith(".") and entry.name != "DICOMDIR")
        return list(islice((entry for entry in entries if entry.is_file()), _MOST_FILES))
    except OSError:  # a folder that may not be opened
        return []
