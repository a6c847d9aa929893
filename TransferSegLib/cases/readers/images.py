"""A folder of images, as auto-encoding is trained on; a file `x_seg` beside an image `x` has its labels."""

from __future__ import annotations

from pathlib import Path

from TransferSegLib.cases.readers.parts import (
    LabelList,
    by_case,
    case_set,
    is_segments,
    labels_by_case,
    named_labels,
    volumes_in,
    without_labels,
)
from TransferSegLib.core.case_set import Case, CaseSet


def claims(path: Path) -> bool:
    """Say whether it is a folder with image files, and without a folder that may hold their labels."""
    return bool(_images(path)) and not folders_beside(path)


def folders_beside(path: Path) -> list[Path]:
    """List the folders beside the images in a folder: they could be cases, labels or something else."""
    return [entry for entry in volumes_in(path) if entry.is_dir()] if path.is_dir() and _images(path) else []


def read(path: Path) -> CaseSet:
    """Read the folder; `case_0000`, `case_0001` are channels of one case; `case.seg.nrrd` are Slicer's segments of it."""
    files, segmented = without_labels(_images(path))
    images = by_case(files)
    drawn = [file for file in volumes_in(path) if is_segments(file)]
    labels = labels_by_case([*segmented, *drawn], images)
    # What has no image by this name is an image itself, but for what Slicer drew.
    alone = {name: labels.pop(name) for name in labels.keys() - images.keys()}
    images |= {name: (file,) for name, file in alone.items() if file not in drawn}
    count = max(map(len, images.values()))
    return case_set(
        path.resolve().name,
        path,
        [
            Case(name, images[name], labels.get(name), "train" if name in labels else "unlabelled")
            for name in sorted(images)
        ],
        named_labels(path) if labels else LabelList({}),
        channels=tuple(f"image {n + 1}" for n in range(count)) if count > 1 else ("image",),
    )


def _images(folder: Path) -> list[Path]:
    return [entry for entry in volumes_in(folder) if entry.is_file() and not is_segments(entry)]
