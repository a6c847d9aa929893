"""MONAI datalist: a JSON file with lists `training`, `validation` and `testing` (`monai.data.load_decathlon_datalist`)."""

from __future__ import annotations

from pathlib import Path

from TransferSegLib.cases.readers.listed import LISTS, listed_cases
from TransferSegLib.cases.readers.parts import LabelList, case_set, modality_of, text, words
from TransferSegLib.core.case_set import CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import read_json


def claims(path: Path) -> bool:
    """Say whether it is a file ending in .json."""
    return path.suffix.lower() == ".json"


def lists_cases(path: Path) -> bool:
    """Say whether a .json file has a list of cases."""
    try:
        data = read_json(path)
    except InputError:
        return False
    return isinstance(data, dict) and any(isinstance(data.get(name), list) for name in LISTS)


def read(path: Path) -> CaseSet:
    """Read the list; paths are relative to its folder; labels without names are looked up in the files."""
    data = read_json(path)
    if not isinstance(data, dict) or not any(name in data for name in LISTS):
        raise InputError(
            "no-training-list", "{path}: no list `training` of cases; is this a MONAI datalist?", path=path
        )
    listed = listed_cases(data, path.parent, path)
    if "modality" in data:
        channels = words(data["modality"], str(path), "modality")
    else:
        count = max((len(case.images) for case in listed.cases), default=1)
        channels = tuple(f"image {n + 1}" for n in range(count)) if count > 1 else ("image",)
    return case_set(
        text(data, "name") or path.stem,
        path.parent,
        listed.cases,
        LabelList.of(data["labels"], str(path), data.get("regions_class_order")) if "labels" in data else LabelList(),
        remarks=listed.remarks,
        not_annotated=listed.not_annotated,
        is_choice=True,
        channels=channels,
        modality=modality_of(channels),
        licence=text(data, "licence") or text(data, "license"),
        description=text(data, "description"),
    )
