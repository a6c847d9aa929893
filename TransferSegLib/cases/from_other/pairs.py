"""Pairs of images of one patient, by the names of their files or folders."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from TransferSegLib.cases.readers import FORMATS, cases_from_images, read_case_set
from TransferSegLib.cases.readers.parts import spelling
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem

# Parts of a name that say what an image shows, and not whose it is.
_KINDS = frozenset(
    [
        "mr",
        "mri",
        "t1",
        "t1w",
        "t1ce",
        "t2",
        "t2w",
        "flair",
        "pd",
        "mprage",
        "ct",
        "cbct",
        "ldct",
        "image",
        "img",
        "reg",
        "0000",
    ]
)


@dataclass(frozen=True)
class Pair:
    """Two images of one patient.

    Attributes:
        name: The name of the case.
        fixed: The image whose grid is kept.
        moving: The image that is brought to it.
    """

    name: str
    fixed: Case
    moving: Case


def pairs_by_name(fixed: Path, moving: Path) -> tuple[tuple[Pair, ...], list[Problem]]:
    """Pair the images of two folders: `p1` with `p1`, else `p1_T1w` with `p1_CT`.

    Args:
        fixed: A folder of images or of folders with DICOM, or a data set.
        moving: The same.

    Returns:
        The pairs, and what is to be said of images without a partner.

    Raises:
        InputError: A path holds no images, no image has a partner, or two have the same one.
    """
    ones, others = images_of(fixed), images_of(moving)
    found = _matched(ones, others, spelling)
    left = [case for case in ones if case.name not in found]
    taken = {partner.name for partner in found.values()}
    found |= _matched(left, [case for case in others if case.name not in taken], patient_of)
    if not found:
        raise InputError(
            "no-pairs",
            "no image in {fixed} has the name of one in {moving} ({ones:…`} and {others:…`}); name both images of a patient "
            "alike, apart from words such as T1w and CT.",
            fixed=fixed,
            moving=moving,
            ones=[case.name for case in ones],
            others=[case.name for case in others],
        )
    pairs = tuple(Pair(case.name, case, found[case.name]) for case in ones if case.name in found)
    taken = {pair.moving.name for pair in pairs}
    alone = [(fixed, [case.name for case in ones if case.name not in found])]
    alone.append((moving, [case.name for case in others if case.name not in taken]))
    problems = [
        Problem(
            "images-without-partner",
            "{count} {count:~image|images} in {folder} {count:~has|have} no partner of the same name and {count:~was|were} "
            "left out: {names:…`}.",
            {"count": len(names), "folder": folder, "names": names},
            "warning",
        )
        for folder, names in alone
        if names
    ]
    return pairs, problems


def images_of(folder: Path) -> tuple[Case, ...]:
    """List the cases of a data set, or the images of a folder, each a case.

    Raises:
        InputError: There are none, or a case has several images.
    """
    if folder.exists() and any(form.claims(folder) for form in FORMATS):
        cases = read_case_set(folder).cases
        several = next((case for case in cases if len(case.images) > 1), None)
        if several is not None:
            raise InputError(
                "pair-of-channels",
                "{folder}: case `{case}` has {count} images where one is registered; give a folder with one image a patient.",
                folder=folder,
                case=several.name,
                count=len(several.images),
            )
        return cases
    return cases_from_images([folder], 1)


def patient_of(name: str) -> str:
    """A name without the parts that say what an image shows: `p1` for `p1_T1w`."""
    parts = re.split(r"[-_. ]+", spelling(name))
    return " ".join(part for part in parts if part not in _KINDS)


def _matched(ones: Sequence[Case], others: Sequence[Case], key: Callable[[str], str]) -> dict[str, Case]:
    """Name of a case → its only partner by a key.

    Raises:
        InputError: A key is that of two cases of one side, and of one on the other.
    """
    sides: dict[str, tuple[list[Case], list[Case]]] = defaultdict(lambda: ([], []))
    for side, cases in enumerate((ones, others)):
        for case in cases:
            sides[key(case.name)][side].append(case)
    found = {}
    for mine, theirs in sides.values():
        if mine and theirs and len(mine) + len(theirs) > 2:
            raise InputError(
                "pairs-ambiguous",
                "the images {names:…`} seem to be of one patient, so their pairs are not clear; leave one image a patient in "
                "each folder.",
                names=[case.name for case in (*mine, *theirs)],
            )
        if mine and theirs:
            found[mine[0].name] = theirs[0]
    return found
