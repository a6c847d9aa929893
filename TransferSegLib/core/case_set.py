"""The cases of a data set, and the names of its labels."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.regions import Region
from TransferSegLib.core.texts import is_plain

# Bytes of a file name that file systems take.
MOST_BYTES_OF_NAME = 255
# The same, less those of `.nii.gz`, which a segmentation's name has beside its case's.
LONGEST_NAME = MOST_BYTES_OF_NAME - 7
Role = Literal["train", "validation", "test", "unlabelled"]
# A label of this name says that nobody annotated these voxels, as in nnU-Net.
IGNORED = "ignore"
Direction = Literal["sagittal", "coronal", "axial"]


@dataclass(frozen=True)
class AnnotatedSlices:
    """The slices of a case that are annotated; nothing is known of the others.

    Attributes:
        direction: How they lie in the body.
        numbers: Which they are, counted from 0 as the voxels of the file are (in Slicer's Data Probe); none: those that have
            a label.
    """

    direction: Direction
    numbers: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """As a person writes it, see `parse`."""
        return f"{self.direction}: {', '.join(map(str, self.numbers))}" if self.numbers else self.direction

    @classmethod
    def parse(cls, text: str) -> AnnotatedSlices | None:
        """Read `axial` or `axial: 10, 20, 30-35`; None for another text."""
        match = re.fullmatch(
            r"(sagittal|coronal|axial)\s*(?::\s*(\d+(?:\s*-\s*\d+)?(?:[\s,;]+\d+(?:\s*-\s*\d+)?)*))?", text.strip()
        )
        if match is None:
            return None
        numbers: set[int] = set()
        for first, last in re.findall(r"(\d+)(?:\s*-\s*(\d+))?", match[2] or ""):
            if len(first + last) > 12 or (last and int(last) - int(first) > 100_000):
                return None
            numbers.update(range(int(first), int(last or first) + 1))
        return cls(match[1], tuple(sorted(numbers))) if numbers or match[2] is None else None  # type: ignore[arg-type]


@dataclass(frozen=True)
class Case:
    """One case of a data set.

    Attributes:
        name: Its name; segmentations are written under it.
        images: An image for each channel, all on one grid: a file, or a folder with one DICOM series.
        label: The file of its segmentation; None where there is none.
        role: Whether it is trained on, validated on (it decides when a training ends, and is neither trained on nor scored),
            kept for a test, or to be segmented only.
        renumbered: Values in the file of its segmentation, each with the value that the data set has for the same name.
        not_annotated: The values of the data set's labels that nobody annotated in it: they may be where its segmentation has
            background. A label that was looked for and is not there is none of them.
        annotated_slices: The slices that are annotated; None for all.
    """

    name: str
    images: tuple[Path, ...]
    label: Path | None
    role: Role = "train"
    renumbered: tuple[tuple[int, int], ...] = ()
    not_annotated: tuple[int, ...] = ()
    annotated_slices: AnnotatedSlices | None = None

    def __post_init__(self) -> None:
        # The name becomes that of a file, also where somebody else wrote the table that names the case.
        if not is_plain(self.name) or Path(self.name).name != self.name or len(self.name.encode()) > LONGEST_NAME:
            raise InputError(
                "case-name",
                "case `{case}`: the name cannot be a file's; give it one of at most {most} bytes ({letters} Chinese "
                "letters), without slashes and control characters.",
                case=self.name[:80],
                most=LONGEST_NAME,
                letters=LONGEST_NAME // 3,
            )


@dataclass(frozen=True)
class CaseSet:
    """The cases of one data set.

    Attributes:
        name: Its name.
        root: Its folder.
        cases: The cases.
        labels: Value → name, without the background (0); see `Case.renumbered` for files that have other values.
        channels: The name of each channel.
        modality: `t1w`, `t2w`, `ct`… where the data set says so.
        licence: Its licence, where the data set says so.
        description: What it is, where the data set says so.
        named: Whether the data set names its labels; if not, the values were looked up in the files.
        remarks: What is to be said of its folders and lists, such as images that no case uses. The checks pass it on.
        is_listed: Whether a list names its files; without one, segmentations belong to images by their names.
        ignore: The value of voxels that nobody annotated; None where there is none. It is no label.
        regions: The regions that the labels are, by values, in the order in which they are painted; none where each voxel has
            one label.
    """

    name: str
    root: Path
    cases: tuple[Case, ...]
    labels: Mapping[int, str]
    channels: tuple[str, ...] = ("image",)
    modality: str | None = None
    licence: str | None = None
    description: str | None = None
    named: bool = True
    remarks: tuple[Problem, ...] = ()
    is_listed: bool = True
    ignore: int | None = None
    regions: tuple[Region, ...] = ()

    @property
    def labels_and_ignored(self) -> dict[int, str]:
        """Value → name of the labels, and of `ignore` where there is one, as lists of labels have them."""
        return {**self.labels, **({} if self.ignore is None else {self.ignore: IGNORED})}

    def labels_in_file(self, case: Case) -> dict[int, str]:
        """Value in the file of a case's segmentation → name, `ignore` among them."""
        own = {new: old for old, new in case.renumbered}
        return {own.get(value, value): name for value, name in self.labels_and_ignored.items()}

    def with_role(self, role: Role) -> tuple[Case, ...]:
        """The cases of one role, in order."""
        return tuple(c for c in self.cases if c.role == role)


def ignored_value(labels: Mapping[int, str], wanted: str | None = None) -> int | None:
    """Find the value of the voxels that nobody annotated.

    Args:
        labels: Value → name.
        wanted: The name or value of their label, where it is not called `ignore`; a value need not be listed.

    Returns:
        The value; None where there is no such label.
    """
    name = (wanted or IGNORED).strip().casefold()
    if wanted is not None and name.isdecimal() and int(name) > 0:
        return int(name)
    return next((value for value, own in labels.items() if own.casefold() == name), None)


def without_ignored(labels: Mapping[int, str]) -> tuple[dict[int, str], int | None]:
    """Take the label `ignore` out of labels, value → name.

    Returns:
        The other labels, and the value of `ignore`; None where there is none.
    """
    ignored = ignored_value(labels)
    return {value: name for value, name in labels.items() if value != ignored}, ignored


def ignoring(sets: Sequence[CaseSet], wanted: str | None) -> list[CaseSet]:
    """Take a label out of data sets because it marks voxels that nobody annotated.

    Args:
        sets: The data sets.
        wanted: The name or the value of the label; None leaves them as they are.

    Raises:
        InputError: None of them has it.
    """
    if wanted is None:
        return list(sets)
    found = [ignored_value(one.labels, wanted) for one in sets]
    if all(value is None for value in found):
        raise InputError(
            "no-label-to-ignore",
            "{option} {label}: {path} has no such label; it has {labels:…`}; give one of these, or a value.",
            option="--ignore",
            label=wanted,
            path=sets[0].root,
            labels=list(sets[0].labels.values()),
        )
    return [
        one
        if value is None
        else replace(one, labels={v: name for v, name in one.labels.items() if v != value}, ignore=value)
        for one, value in zip(sets, found, strict=True)
    ]


def natural_order(name: str) -> list[tuple[int, str]]:
    """Return the key that sorts names as people do: `c2` before `c10`."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name) if part]
