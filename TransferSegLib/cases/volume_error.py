"""Why a file cannot be used as a volume, in words and as a code that checks can sort by."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from TransferSegLib.core.errors import InputError

Code = Literal["missing-file", "unreadable", "several-series", "uneven-slices", "not-3d", "not-whole"]


class VolumeError(InputError):
    """The file at `path` is no volume that can be worked with: `found` says what it is, `advice` what to do."""

    def __init__(self, code: Code, path: Path, found: str, advice: str) -> None:
        super().__init__(f"{path}: {found}; {advice}.")
        self.code = code
        self.path = path
        self.found = found
        self.advice = advice
