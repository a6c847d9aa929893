"""What is kept of each case that was made: of what, how, and how well; so a case that is done is not done again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from TransferSegLib.cases.registration_quality import Quality
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import replacing
from TransferSegLib.core.records import read_json

# Another number where a registration finds something else than before: cases are then made anew.
METHOD = 1


@dataclass(frozen=True)
class CaseRecord:
    """A case that was made.

    Attributes:
        name: Its name.
        inputs: A digest of the files that it was made of and of how they were registered.
        labels: A digest of how labels were made of the registered image.
        fixed: The image whose grid it has.
        moving: The image that was brought to it.
        quality: How well both fit.
        unknown: The share of the body in the written image that the other image does not show.
        seconds: How long it took.
    """

    name: str
    inputs: str
    labels: str
    fixed: str
    moving: str
    quality: Quality
    unknown: float
    seconds: float


def write_record(path: Path, record: CaseRecord) -> None:
    """Write a record whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(asdict(record), indent=2) + "\n", encoding="utf-8")


def read_record(path: Path) -> CaseRecord | None:
    """Read a record; None where there is none, or one that cannot be understood: the case is then made anew."""
    try:
        data = read_json(path)
        quality = Quality(**{name: float(value) for name, value in data.pop("quality").items()})
        name, inputs, labels, fixed, moving = (
            str(data[key]) for key in ("name", "inputs", "labels", "fixed", "moving")
        )
        unknown, seconds = float(data["unknown"]), float(data["seconds"])
        return CaseRecord(name, inputs, labels, fixed, moving, quality, unknown, seconds)
    except (InputError, OSError, AttributeError, KeyError, TypeError, ValueError):
        return None


def digest_of(paths: Iterable[Path], how: Any) -> str:
    """Compute a digest of files, by their names, sizes and times of change, and of how they are used.

    Args:
        paths: Files or folders. Of a folder, all files in it count; a file that is not there does not.
        how: How they are used; anything that JSON can hold, else its text.

    Returns:
        32 hexadecimal digits.
    """
    told: list[Any] = [METHOD, how]
    for path in paths:
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        for file in files:
            if file.exists():
                facts = file.stat()
                told.append((file.name, facts.st_size, facts.st_mtime_ns))
    return hashlib.blake2b(json.dumps(told, default=str).encode(), digest_size=16).hexdigest()
