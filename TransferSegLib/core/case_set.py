"""The cases of a data set, and the names of its labels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.texts import is_plain

# Bytes of a file name that file systems take.
MOST_BYTES_OF_NAME = 255
# The same, less those of `.nii.gz`, which a segmentation's name has beside its case's.
LONGEST_NAME = MOST_BYTES_OF_NAME - 7
Role = Literal["train", "validation", "test", "unlabelled"]


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
    """

    name: str
    images: tuple[Path, ...]
    label: Path | None
    role: Role = "train"
    renumbered: tuple[tuple[int, int], ...] = ()

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

    def labels_in_file(self, case: Case) -> dict[int, str]:
        """Value in the file of a case's segmentation → name."""
        own = {new: old for old, new in case.renumbered}
        return {own.get(value, value): name for value, name in self.labels.items()}

    def with_role(self, role: Role) -> tuple[Case, ...]:
        """The cases of one role, in order."""
        return tuple(c for c in self.cases if c.role == role)


def natural_order(name: str) -> list[tuple[int, str]]:
    """Return the key that sorts names as people do: `c2` before `c10`."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name) if part]
