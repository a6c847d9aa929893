"""The sums of files that had none stated, as they were when they were first downloaded here.

A publisher may state no sum of a file. Then the file is taken once from the publisher's own address, over https, and its
SHA-256 is written down beside the person's models. Every later download of the address must have it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from TransferSegLib.core.files import replacing
from TransferSegLib.core.records import from_json, read_json, to_json
from TransferSegLib.sources.catalogue import user_folder


@dataclass(frozen=True)
class FirstSum:
    """A file as it was first downloaded.

    Attributes:
        sha256: Its SHA-256, in hexadecimal.
        size_bytes: Its size.
        date: The day, as `2026-12-01`.
    """

    sha256: str
    size_bytes: int
    date: str


@dataclass(frozen=True)
class _Written:
    format: int
    sums: Mapping[str, FirstSum] = field(default_factory=dict)


def first_sums_file() -> Path:
    """Where the sums are written down."""
    return user_folder() / "first-sums.json"


def first_sums() -> Mapping[str, FirstSum]:
    """The sums that are written down, by address.

    Raises:
        InputError: The file is damaged.
    """
    path = first_sums_file()
    return from_json(_Written, read_json(path), str(path)).sums if path.is_file() else {}


def write_down(url: str, made: FirstSum) -> None:
    """Store the SHA-256 that a file had when it was first downloaded. One that is stored already stays.

    Args:
        url: The file's address.
        made: The sum.
    """
    add_first_sums({url: made})


def add_first_sums(sums: Mapping[str, FirstSum]) -> None:
    """Write down several sums; those that are there already stay."""
    path = first_sums_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    written = _Written(1, {**sums, **first_sums()})
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(to_json(written), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
