"""Cases from the lists of a JSON file, as Decathlon and MONAI write them: `{"image": path or [paths], "label": path}`.

An entry may have `not_annotated`, a list of labels that nobody annotated in it, and `annotated_slices`, see `parts`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from TransferSegLib.cases.readers.list_paths import ListedFiles
from TransferSegLib.cases.readers.parts import annotated_slices, channel_of, spelling
from TransferSegLib.cases.readers.remarks import listed_twice, stated_numbers
from TransferSegLib.cases.volumes import stem_of, suffix_of
from TransferSegLib.core.case_set import Case, Role
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem

LISTS: dict[str, Role] = {
    "training": "train",
    "train": "train",
    "validation": "validation",
    "val": "validation",
    "testing": "test",
    "test": "test",
}


@dataclass(frozen=True)
class Listed:
    """What the lists of a file have.

    Attributes:
        cases: The cases.
        remarks: What is to be said of the lists.
        not_annotated: The images of a case → the labels that nobody annotated in it, by their names.
    """

    cases: list[Case]
    remarks: list[Problem]
    not_annotated: dict[tuple[Path, ...], list[str]]


def listed_cases(data: Mapping[str, Any], root: Path, where: Path) -> Listed:
    """Make a case of each entry of each list.

    An entry that a list has twice is one case. Two entries of one image are one case where only one of them has a label.

    Args:
        data: The parsed file, see `LISTS` for the lists that are read.
        root: The folder that paths are relative to.
        where: The file, named in an error.

    Raises:
        InputError: A list is none, or an entry has no image, or has something else where a path should be.
    """
    files = ListedFiles(root)
    lacks: dict[tuple[Path, ...], list[str]] = {}
    found: dict[str, list[Case]] = {
        name: list(_entries(data[name], files, role, f"{where}: {name}", lacks))
        for name, role in LISTS.items()
        if data.get(name) is not None
    }
    of_image: dict[tuple[Path, ...], list[Case]] = {}
    for case in (case for listed in found.values() for case in listed):
        same = of_image.setdefault(case.images, [])
        if case in same:
            continue
        if all(other.label is None for other in same):
            same[:] = [case]
        elif case.label is not None:  # two labels of one image, which are refused as two cases of one name
            same.append(case)
    twice = [case.name for listed in found.values() for case, count in Counter(listed).items() if count > 1]
    counts = {name: len(listed) for name, listed in found.items()}
    remarks = [
        *listed_twice(twice),
        *stated_numbers(
            data,
            training=counts.get("training", counts.get("train", 0)),
            validation=counts.get("validation", counts.get("val", 0)),
            test=max(counts.get("testing", 0), counts.get("test", 0)),
        ),
        *_lists_not_read(data),
        *_keys_not_read(data),
        *files.remarks(),
    ]
    return Listed([case for same in of_image.values() for case in same], remarks, lacks)


def _entries(
    entries: Any, files: ListedFiles, role: Role, where: str, lacks: dict[tuple[Path, ...], list[str]]
) -> Iterator[Case]:
    if not isinstance(entries, list):
        raise InputError("not-a-list-of-cases", "{where}: expected a list of cases; correct the file.", where=where)
    for number, entry in enumerate(entries):
        if isinstance(entry, str):
            entry = {"image": entry}
        images = entry.get("image") if isinstance(entry, dict) else None
        images = [images] if isinstance(images, str) else images
        if not isinstance(images, list) or not images or not all(isinstance(image, str) for image in images):
            raise InputError(
                "entry-without-image",
                "{where}[{number}]: the entry has no `image`; give it a path, or a list of paths.",
                where=where,
                number=number,
            )
        label = entry.get("label")
        if label is not None and not isinstance(label, str):
            raise InputError(
                "label-not-a-path",
                "{where}[{number}]: `label` is not a path; give it one label file.",
                where=where,
                number=number,
            )
        several = len(images) > 1
        paths = tuple(map(files.find, images)) if several else files.channels(images[0])
        numbered = channel_of(paths[0]) if len(paths) > 1 or not _same_name(paths[0], images[0]) else None
        name = numbered[0] if numbered else stem_of(paths[0])
        found = files.find(label) if label else files.label_of(paths[0], images[0])
        lacking, slices = entry.get("not_annotated", []), entry.get("annotated_slices")
        if not isinstance(lacking, list) or not all(isinstance(label, str) for label in lacking):
            raise InputError(
                "not-annotated-not-a-list",
                "{where}[{number}]: `not_annotated` is not a list of labels; write it like {example}.",
                where=where,
                number=number,
                example='["tumour"]',
            )
        if lacking:
            lacks[paths] = lacking
        part = annotated_slices(str(slices), f"{where}[{number}]") if slices is not None else None
        yield Case(name, paths, found, role if found else "unlabelled", annotated_slices=part)


def _same_name(path: Path, listed: str) -> bool:
    return spelling(stem_of(path)) == spelling(stem_of(Path(listed.strip().replace("\\", "/"))))


def _lists_not_read(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Lists of cases under a name that says nothing of their role."""
    for name, value in data.items():
        if name not in LISTS and isinstance(value, list) and any(isinstance(e, dict) and "image" in e for e in value):
            yield Problem(
                "list-not-read",
                "the list `{name}` of {count} {count:~case|cases} is not read",
                {"name": name, "count": len(value), "known": list(LISTS)},
                "warning",
                "call it by one of {known}",
            )


def _keys_not_read(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Entries that name a file under another word than `image` and `label`."""
    counts: dict[str, int] = {}
    for name in LISTS:
        for entry in data.get(name) or []:
            for key, value in entry.items() if isinstance(entry, dict) else ():
                if (
                    key not in ("image", "label", "annotated_slices")
                    and isinstance(value, str)
                    and suffix_of(Path(value))
                ):
                    counts[key] = counts.get(key, 0) + 1
    for key, count in counts.items():
        yield Problem(
            "entry-key-not-read",
            "{count} {count:~entry names a file|entries name files} under `{key}`, which {count:~is|are} not read",
            {"count": count, "key": key},
            "warning",
            "if {count:~it is the segmentation|they are the segmentations}, call it `label`",
        )
