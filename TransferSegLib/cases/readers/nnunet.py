"""nnU-Net v2 raw data set: `dataset.json` with `channel_names`, `labels`, `file_ending`; images `case_0000.nii.gz`.

Format: https://github.com/MIC-DKFZ/nnUNet/blob/master/documentation/dataset_format.md
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from TransferSegLib.cases.readers.parts import case_set, channel_of, label_names, modality_of, text, volumes_in, words
from TransferSegLib.cases.volumes import SUFFIXES
from TransferSegLib.core.case_set import Case, CaseSet, Role
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import read_json


def claims(path: Path) -> bool:
    """Say whether it is a folder with nnU-Net's `dataset.json`, or that file."""
    file = path if path.name == "dataset.json" else path / "dataset.json"
    if not file.is_file():
        return False
    data = read_json(file)
    return isinstance(data, dict) and ("channel_names" in data or "file_ending" in data)


def read(path: Path) -> CaseSet:
    """Read the data set; channel and label files that are missing are listed all the same, and left to the checks."""
    file = path if path.name == "dataset.json" else path / "dataset.json"
    root, data = file.parent, read_json(file)
    channels = words(data.get("channel_names"), str(file), "channel_names")
    ending = data.get("file_ending", ".nii.gz")
    if ending not in SUFFIXES:
        raise InputError(
            "unreadable-ending",
            "{path}: files ending in `{ending}` cannot be read; convert them to .nii.gz.",
            path=file,
            ending=ending,
        )
    labels = label_names(data.get("labels"), str(file))
    listed = data.get("dataset")
    if listed is not None:
        training: list[Case] = list(_listed(listed, root, f"{file}: dataset"))
    else:
        training = [*_in_folders(root, "Tr", "train", len(channels), ending)]
    return case_set(
        text(data, "name") or root.name,
        root,
        [*training, *_in_folders(root, "Ts", "test", len(channels), ending)],
        labels,
        channels=channels,
        modality=modality_of(channels),
        licence=text(data, "licence") or text(data, "license"),
        description=text(data, "description"),
    )


def _in_folders(root: Path, part: str, role: Role, channels: int, ending: str) -> Iterator[Case]:
    found: dict[str, set[int]] = {}
    for image in volumes_in(root / f"images{part}"):
        numbered = channel_of(image)
        if image.name.endswith(ending):
            if numbered is None:
                raise InputError(
                    "name-without-channel",
                    "{path}: the name lacks its channel; rename it to `case_0000{ending}`.",
                    path=image,
                    ending=ending,
                )
            found.setdefault(numbered[0], set()).add(numbered[1])
    labels = {p.name.removesuffix(ending): p for p in volumes_in(root / f"labels{part}") if p.name.endswith(ending)}
    for name in sorted({*found, *labels}):
        numbers = sorted(set(range(channels)) | found.get(name, set()))
        images = tuple(root / f"images{part}" / f"{name}_{number:04}{ending}" for number in numbers)
        if role == "test" and name not in labels:
            yield Case(name, images, None, "unlabelled")
        else:
            yield Case(name, images, root / f"labels{part}" / f"{name}{ending}", role)


def _listed(entries: Any, root: Path, where: str) -> Iterator[Case]:
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
        yield Case(name, tuple(root / str(image) for image in images), root / label, "train")
