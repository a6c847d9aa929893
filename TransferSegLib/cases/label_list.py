"""The `labels.json` beside segmentations: what their values are called, as NIfTI files cannot say it themselves."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from TransferSegLib.cases.readers.parts import named_labels
from TransferSegLib.cases.volumes import suffix_of
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import replacing
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.regions import Region

LABELS_FILE = "labels.json"


def write_label_list(
    folder: Path, labels: Mapping[int, str], ours: Collection[Path], regions: Sequence[Region] = ()
) -> Problem | None:
    """Write value → name beside segmentations, unless that would change what other files mean.

    Args:
        folder: The folder of the segmentations.
        labels: Value → name.
        ours: The segmentations there that have these values.
        regions: The regions that the labels are, see `CaseSet.regions`.

    Returns:
        Why nothing was written, where another list or other people's segmentations are there; None otherwise.

    Raises:
        OSError: The file cannot be written.
    """
    path = folder / LABELS_FILE
    if path.exists():
        return None if _listed(folder) == dict(labels) else _is_another(path, labels)
    others = sorted(file.name for file in folder.iterdir() if suffix_of(file) is not None and file not in ours)
    others = [name for name in others if not name.startswith(".")]
    if others or (folder / "images").is_dir():
        return Problem(
            "label-list-not-written",
            "{path}: was not written, as it would name the values of other files too{others:?, such as {first}|}; give "
            "segmentations a folder of their own, and their names are kept there.",
            {"path": path, "others": bool(others), "first": others[0] if others else ""},
            "note",
        )
    with replacing(path) as temporary:
        temporary.write_text(
            json.dumps(label_list(labels, regions), indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
    return None


def label_list(labels: Mapping[int, str], regions: Sequence[Region] = ()) -> dict[str, object]:
    """What a list of labels holds: name by value, or for regions the values of each and what is no region.

    Args:
        labels: Value → name.
        regions: The regions that the labels are; none where each voxel has one label.
    """
    if not regions:
        return {str(value): name for value, name in labels.items()}
    listed: dict[str, object] = {labels[region.number]: list(region.covers) for region in regions}
    painted = {region.number for region in regions}
    return listed | {name: value for value, name in labels.items() if value not in painted}


def _listed(folder: Path) -> dict[int, str] | None:
    try:
        return named_labels(folder).names
    except InputError:
        return None  # a list of another kind


def _is_another(path: Path, labels: Mapping[int, str]) -> Problem:
    return Problem(
        "label-list-differs",
        "{path}: lists other labels than those of the segmentations beside it, and was left as it is; in these, values "
        "are {labels:…}; move the list or the segmentations to another folder.",
        {"path": path, "labels": [f"{value} {name}" for value, name in labels.items()]},
        "warning",
    )
