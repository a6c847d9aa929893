"""Folders of pictures (PNG, JPEG) as source data sets for `pretrain`; `cases.pictures` says how they are read.

Three layouts: `images` and `labels` of equal names, the labels being PNG files with the numbers of the labels (`labels.json`
may name them); a folder for each class, as ImageNet has them, for classification; pictures alone, for auto-encoding.
"""

from __future__ import annotations

from pathlib import Path

from TransferSegLib.cases.pictures import is_picture, of_class
from TransferSegLib.cases.readers.parts import LabelList, case_set, named_labels, volumes_in
from TransferSegLib.core.card import MOST_LABELS
from TransferSegLib.core.case_set import Case, CaseSet
from TransferSegLib.core.errors import InputError

# What the card of a model that was trained on pictures has for its modality.
MODALITY = "photo"


def claims(path: Path) -> bool:
    """Say whether it is a folder whose folder `images` has pictures, and no volumes."""
    return _has_pictures(path / "images")


def holds_pictures(path: Path) -> bool:
    """Say whether it is a folder of pictures, or of a folder of pictures for each class."""
    return _has_pictures(path) or len(_classes(path)) > 1


def read(path: Path) -> CaseSet:
    """Read a folder in one of the three layouts."""
    if claims(path):
        return _read_with_labels(path)
    classes = [] if _has_pictures(path) else _classes(path)
    if not classes:
        cases = [Case(picture.stem, (picture,), None, "unlabelled") for picture in _pictures(path)]
        return _made(path, cases, LabelList({}))
    if len(classes) > MOST_LABELS:
        raise InputError(
            "too-many-classes",
            "{path}: has a folder for each of {count} classes, and a model here tells {most} at most apart; put fewer into "
            "a folder of their own.",
            path=path,
            count=len(classes),
            most=MOST_LABELS,
        )
    cases = [
        Case(picture.stem, (picture,), of_class(picture, value))
        for value, folder in enumerate(classes, start=1)
        for picture in _pictures(folder)
    ]
    names = {value: folder.name for value, folder in enumerate(classes, start=1)}
    return _made(path, cases, LabelList(names))


def _read_with_labels(path: Path) -> CaseSet:
    labels = {file.stem: file for file in _pictures(path / "labels")}
    pictures = _pictures(path / "images")
    alone = sorted(labels.keys() - {picture.stem for picture in pictures})
    if alone:
        raise InputError(
            "labels-without-picture",
            "{path}: {count} {count:~file of labels has|files of labels have} no picture of the same name in `images`: "
            "{names:…}.",
            path=path / "labels",
            count=len(alone),
            names=alone,
        )
    cases = [Case(p.stem, (p,), labels.get(p.stem), "train" if p.stem in labels else "unlabelled") for p in pictures]
    return _made(path, cases, named_labels(path))


def _made(path: Path, cases: list[Case], labels: LabelList) -> CaseSet:
    return case_set(path.resolve().name, path, cases, labels, is_listed=False, channels=("grey",), modality=MODALITY)


def _pictures(folder: Path) -> list[Path]:
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted(file for file in found if is_picture(file) and file.is_file() and not file.name.startswith("."))


def _has_pictures(folder: Path) -> bool:
    return bool(_pictures(folder)) and not volumes_in(folder)


def _classes(folder: Path) -> list[Path]:
    entries = (
        [entry for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith(".")]
        if folder.is_dir()
        else []
    )
    return sorted(entry for entry in entries if _has_pictures(entry))
