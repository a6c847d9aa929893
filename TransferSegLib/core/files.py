"""Files written whole: whoever reads one, also after a crash, finds the old content or the new, never a part."""

from __future__ import annotations

import errno
import itertools
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from TransferSegLib.core.errors import InputError

# A disk without room, or a person's share of it.
FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
# Characters of the longest ending that says what a file is: `.safetensors`.
_LONGEST_ENDING = 12
# Two that write one file at the same time do not get into each other's way.
_numbers = itertools.count()


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Write a file whole: what the block writes to the path that it is given becomes `path`, synced to disk, at its end.

    When the block raises, the temporary file is removed and `path` is as it was. All files are written by this.

    Yields:
        A temporary path beside `path`, with the same ending.
    """
    # Short, whatever `path` is called: a name as long as a disk takes must not become longer.
    ending = "".join(part for part in path.suffixes[-2:] if len(part) <= _LONGEST_ENDING)
    temporary = path.with_name(f".{os.getpid()}-{next(_numbers)}.tmp{ending}")
    try:
        yield temporary
        with temporary.open("r+b") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def require_file(path: Path, advice: str = "check the path") -> None:
    """Refuse a path that is no regular file: a pipe or a device has no end, or keeps whoever opens it waiting.

    Args:
        path: The path.
        advice: What to do, without a full stop.

    Raises:
        InputError: It is a folder, a pipe or a device, or is not there.
    """
    if path.is_dir():
        raise InputError("folder-for-file", "{path}: is a folder, not a file; {advice}.", path=path, advice=advice)
    if path.exists() and not path.is_file():
        raise InputError(
            "not-a-regular-file",
            "{path}: is not a regular file, but a pipe or a device; {advice}.",
            path=path,
            advice=advice,
        )
    if not path.exists():
        raise InputError("file-missing", "{path}: no such file; {advice}.", path=path, advice=advice)


def replaced_input(inputs: Iterable[Path], outputs: Iterable[Path]) -> Path | None:
    """Find an input that would be replaced by writing the outputs.

    A file counts as the same under another name, too: by a link, or in capitals where the disk takes both for one.

    Args:
        inputs: Files that are read.
        outputs: Files that are going to be written.

    Returns:
        The first such input; None where there is none.
    """
    there = {_identity(path): path for path in inputs if path.exists()}
    return next((there[_identity(path)] for path in outputs if path.exists() and _identity(path) in there), None)


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _sync_folder(folder: Path) -> None:
    # The rename itself lasts only once the folder is on disk; Windows has no such call and does not need it.
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
