"""What the person brings: cases with images, labels and a role, and the names of the labels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.texts import is_plain

# In bytes, what file systems take.
LONGEST_NAME = 255
Role = Literal["train", "test", "unlabelled"]


@dataclass(frozen=True)
class Case:
    """One case: an image a channel (a file, or a folder with one DICOM series), all on one grid, and a label file."""

    name: str
    images: tuple[Path, ...]
    label: Path | None
    role: Role = "train"

    def __post_init__(self) -> None:
        # Segmentations are written under it, also where somebody else wrote the table that names it.
        if not is_plain(self.name) or Path(self.name).name != self.name or len(self.name.encode()) > LONGEST_NAME:
            raise InputError(
                "case-name",
                "case `{case}`: the name cannot be a file's; give it one of at most {most} "
                "characters, without slashes and control characters.",
                case=self.name[:80],
                most=LONGEST_NAME,
            )


@dataclass(frozen=True)
class CaseSet:
    """The cases of one data set.

    `labels` maps each value in the label files (without background, 0) to its name; `named` is False when the data set
    gave no names and the values were looked up in the files. `channels` has a name a channel. `modality` is
    "t1w", "t2w", "ct"… where the data set says so.
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
    notes: tuple[str, ...] = field(default=())

    def with_role(self, role: Role) -> tuple[Case, ...]:
        """The cases of one role, in order."""
        return tuple(c for c in self.cases if c.role == role)


def natural_order(name: str) -> list[tuple[int, str]]:
    """The key by which names are sorted as people do: `c2` before `c10`."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name) if part]
