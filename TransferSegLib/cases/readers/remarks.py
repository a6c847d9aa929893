"""What a reader has to say of a data set, so that nothing of it is left out without a word."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from TransferSegLib.cases.dicom import split_choice
from TransferSegLib.cases.volumes import suffix_of
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.problems import Problem, Severity

# Endings of images that cannot be read: other programs' formats, and other compressions.
_OTHER_IMAGES = (".nii.bz2", ".nii.xz", ".nii.zip", ".img", ".img.gz", ".mgz", ".mgh", ".mnc", ".gipl", ".ima")


def files_not_used(root: Path, cases: Iterable[Case], severity: Severity) -> Iterator[Problem]:
    """Say which images in a data set's folders belong to no case.

    These are the folders that the cases' files lie in, and those whose names begin with `images` or `labels`.

    Args:
        root: The folder of the data set; nothing outside it is looked at.
        cases: Its cases.
        severity: `warning` where all images of the folders should be cases, `note` where a list may choose some of them.
    """
    top = os.path.abspath(root)
    used = {
        os.path.abspath(split_choice(path)[0])
        for case in cases
        for path in (*case.images, *([case.label] if case.label else []))
    }
    named = {os.path.join(top, name) for name in _names(top) if name.startswith(("images", "labels"))}
    inside = {folder for folder in map(os.path.dirname, used) if Path(folder).is_relative_to(top)}
    left = [
        os.path.relpath(path, top)
        for folder in sorted(named | inside)
        for path in (os.path.join(folder, name) for name in _names(folder))
        if path not in used and _is_image(Path(path), of_images=folder in named)
    ]
    if left:
        yield Problem(
            "files-not-used",
            "{count} {count:~image or label file|images or label files} in its folders {count:~belongs|belong} to no case: "
            "{files:…`}",
            {"count": len(left), "files": [name.replace(os.sep, "/") for name in left]},
            severity,
            "check {count:~its name|their names}, and whether {count:~it is|they are} listed",
        )


def names_alike(names: Iterable[str], spelling: Callable[[str], str]) -> Iterator[Problem]:
    """Say which cases have names that Windows and macOS take for one, so that the files of one replace those of the other.

    Args:
        names: The names of all cases.
        spelling: A name as those systems compare it.
    """
    alike: dict[str, list[str]] = {}
    for name in names:
        alike.setdefault(spelling(name), []).append(name)
    for same in alike.values():
        if len(same) > 1:
            yield Problem(
                "names-alike",
                "the names of cases {names:`} differ in capitals or the spelling of accents alone",
                {"names": same},
                "warning",
                "rename them: on Windows and macOS the files of one would replace those of the other",
            )


def listed_twice(names: Sequence[str]) -> Iterator[Problem]:
    """Say which cases are listed more than once in the same words."""
    if names:
        yield Problem(
            "entry-listed-twice",
            "{count} {count:~case is|cases are} listed more than once, and used once: {names:…`}",
            {"count": len(names), "names": names},
            "warning",
            "remove the further entries, or correct what was to be another case",
        )


def stated_numbers(data: Mapping[str, Any], training: int, validation: int, test: int) -> Iterator[Problem]:
    """Say where `numTraining`, `numValidation` or `numTest` is another number than that of the cases that were found.

    Some programs count the cases for validation among those for training, and some data sets keep their test cases secret.

    Args:
        data: The parsed `dataset.json`.
        training: How many cases for training were found, without those for validation.
        validation: How many cases for validation.
        test: How many cases to test on or to segment.
    """
    fits = {
        "numTraining": (training, {training, training + validation}),
        "numValidation": (validation, {validation}),
        "numTest": (test, {0, test}),
    }
    for field, (found, right) in fits.items():
        stated = data.get(field)
        secret = field == "numTest" and not found
        if isinstance(stated, int) and not isinstance(stated, bool) and stated not in right and not secret:
            yield Problem(
                "stated-number-differs",
                "`{field}` says {stated} {stated:~case|cases}, but {found} {found:~is|are} there",
                {"field": field, "stated": stated, "found": found, "lacks": found < stated},
                "warning",
                "{lacks:?look for the missing files, or |}correct the number",
            )


def _names(folder: str) -> list[str]:
    """The names in a folder that are not hidden; macOS hides a `._x` beside each `x` on foreign disks."""
    try:
        return sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError:
        return []


def _is_image(path: Path, of_images: bool) -> bool:
    if path.is_dir():
        return of_images
    return suffix_of(path) is not None or is_other_image(path)


def is_other_image(path: Path) -> bool:
    """Whether it is by its ending an image in a format that cannot be read."""
    return path.name.lower().endswith(_OTHER_IMAGES)
