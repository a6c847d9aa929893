"""nnU-Net raw data set: `dataset.json` with `channel_names`, `labels`, `file_ending`; images `case_0000.nii.gz`.

Format: https://github.com/MIC-DKFZ/nnUNet/blob/master/documentation/dataset_format.md
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from TransferSegLib.cases.readers.list_paths import ListedFiles
from TransferSegLib.cases.readers.parts import (
    LabelList,
    case_set,
    channel_of,
    labels_by_case,
    modality_of,
    text,
    volumes_in,
    words,
)
from TransferSegLib.cases.readers.remarks import stated_numbers
from TransferSegLib.cases.volumes import SUFFIXES, stem_of, suffix_of
from TransferSegLib.core.case_set import Case, CaseSet, Role
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import read_json

# Where images lie, and what their cases are for. nnU-Net has no folder for validation; some data sets do.
_PARTS: dict[str, Role] = {"Tr": "train", "Va": "validation", "Val": "validation", "Ts": "test"}


def claims(path: Path) -> bool:
    """Say whether it is a folder with nnU-Net's `dataset.json`, or that file; or with one that lists no cases."""
    file = path if path.name == "dataset.json" else path / "dataset.json"
    if not file.is_file():
        return False
    data = read_json(file)
    if not isinstance(data, dict):
        return False
    folders_alone = not data.get("training") and (file.parent / "imagesTr").is_dir()
    return "channel_names" in data or "file_ending" in data or folders_alone


def read(path: Path) -> CaseSet:
    """Read the data set; channel and label files that are missing are listed all the same, and left to the checks.

    An image with another ending than `file_ending` is read too, unless there is one of the same name with that ending.
    """
    file = path if path.name == "dataset.json" else path / "dataset.json"
    root, data = file.parent, read_json(file)
    key = "modality" if "channel_names" not in data and "modality" in data else "channel_names"
    channels = words(data.get(key), str(file), key)
    stated = data.get("file_ending", ".nii.gz")
    ending = f".{str(stated).strip().lower().lstrip('*.')}"
    if ending not in SUFFIXES:
        raise InputError(
            "unreadable-ending",
            "{path}: files ending in `{ending}` cannot be read; convert them to .nii.gz.",
            path=file,
            ending=stated,
        )
    labels = LabelList.of(data.get("labels"), str(file), data.get("regions_class_order"))
    parts = {part: list(_in_folders(root, part, role, len(channels), ending)) for part, role in _PARTS.items()}
    files = ListedFiles(root)
    listed = data.get("dataset")
    if listed is not None:
        parts["Tr"] = list(_listed(listed, files, f"{file}: dataset"))
    cases = [case for part in parts.values() for case in part]
    remarks = [
        *stated_numbers(data, len(parts["Tr"]), len(parts["Va"]) + len(parts["Val"]), len(parts["Ts"])),
        *files.remarks(),
        *_other_endings(cases, ending),
    ]
    return case_set(
        text(data, "name") or root.name,
        root,
        cases,
        labels,
        remarks=remarks,
        is_listed=listed is not None,
        channels=channels,
        modality=modality_of(channels),
        licence=text(data, "licence") or text(data, "license"),
        description=text(data, "description"),
    )


def _in_folders(root: Path, part: str, role: Role, channels: int, ending: str) -> Iterator[Case]:
    label_files = _one_a_name(root / f"labels{part}", ending)
    whole = {stem_of(file) for file in label_files}
    found: dict[str, dict[int, Path]] = {}
    for image in _one_a_name(root / f"images{part}", ending):
        name, numbered = stem_of(image), channel_of(image)
        # Where there is one channel, the number may be left out, or be the patient's.
        if channels == 1 and not image.is_dir() and (numbered is None or name in whole):
            found[name] = {0: image}
        elif numbered is not None:
            found.setdefault(numbered[0], {})[numbered[1]] = image
        elif not image.is_dir():
            raise InputError(
                "name-without-channel",
                "{path}: the name lacks its channel; rename it to `case_0000{ending}`.",
                path=image,
                ending=ending,
            )
    labels = labels_by_case(label_files, found)
    for name in sorted({*found, *labels}):
        own = found.get(name, {})
        numbers = sorted({*range(channels), *own})
        images = tuple(own.get(n, root / f"images{part}" / f"{name}_{n:04}{ending}") for n in numbers)
        if role == "test" and name not in labels:
            yield Case(name, images, None, "unlabelled")
        else:
            yield Case(name, images, labels.get(name, root / f"labels{part}" / f"{name}{ending}"), role)


def _one_a_name(folder: Path, ending: str) -> list[Path]:
    """The images of a folder; of several of one name the one with the data set's ending."""
    found: dict[str, Path] = {}
    for file in volumes_in(folder):
        if stem_of(file) not in found or suffix_of(file) == ending:
            found[stem_of(file)] = file
    return list(found.values())


def _other_endings(cases: Iterable[Case], ending: str) -> Iterator[Problem]:
    files = [path for case in cases for path in (*case.images, *([case.label] if case.label else []))]
    names = [path.name for path in files if suffix_of(path) not in (None, ending)]
    if names:
        yield Problem(
            "other-file-ending",
            "{count} {count:~file does|files do} not end in `{ending}`, as `file_ending` says, and {count:~is|are} used all "
            "the same: {files:…`}",
            {"count": len(names), "ending": ending, "files": names},
            "warning",
            "correct `file_ending`, or move away what is not wanted",
        )


def _listed(entries: Any, files: ListedFiles, where: str) -> Iterator[Case]:
    if not isinstance(entries, Mapping):
        raise InputError(
            "not-an-object-of-cases", "{where}: expected an object with an entry a case; correct the file.", where=where
        )
    for name, entry in entries.items():
        images, label = (entry.get("images"), entry.get("label")) if isinstance(entry, Mapping) else (None, None)
        if not isinstance(images, list) or not images or not isinstance(label, str):
            raise InputError(
                "case-entry",
                "{where}: case `{case}` needs a list `images` and a path `label`; correct the entry.",
                where=where,
                case=name,
            )
        yield Case(name, tuple(files.find(str(image)) for image in images), files.find(label), "train")
