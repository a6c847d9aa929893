"""Files and folders written whole.

Whoever reads a file, also after a crash, finds the old content or the new, never a part. A folder is there whole or not
at all.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import itertools
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.processes import is_alive

# A disk without room, or a person's share of it.
FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
# What Windows, or a network's disk, answers while a virus scanner, an indexer or a reader has a file open.
_HELD = {errno.EACCES, errno.EPERM, errno.EBUSY, errno.ENOTEMPTY}
# How long such a file is waited for in all, and before the second try, in seconds.
PATIENCE_S = 2.0
FIRST_WAIT_S = 0.01
# Characters of the longest ending that says what a file is: `.safetensors`.
_LONGEST_ENDING = 12
# Two that write one file at the same time do not get into each other's way.
_numbers = itertools.count()

T = TypeVar("T")


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
        retry_while_held(lambda: temporary.replace(path))
    finally:
        with contextlib.suppress(OSError):  # What the block raised matters more.
            retry_while_held(lambda: temporary.unlink(missing_ok=True))
    _sync_folder(path.parent)


def retry_while_held(action: Callable[[], T]) -> T:
    """Rename or delete what another program may have open for a moment: on Windows that is refused until it is closed.

    Args:
        action: What is done; tried again for `PATIENCE_S` seconds while the file is held.

    Returns:
        What it returns.

    Raises:
        OSError: It was refused for so long, or for another reason.
    """
    until, wait = time.monotonic() + PATIENCE_S, FIRST_WAIT_S
    while True:
        try:
            return action()
        except OSError as error:
            left = until - time.monotonic()
            if error.errno not in _HELD or left <= 0:
                raise
        time.sleep(min(wait, left))
        wait *= 2


def remove_folder(folder: Path) -> None:
    """Delete a folder and all that is in it; one that is not there is fine.

    Raises:
        OSError: Something in it cannot be deleted, and stays.
    """
    with contextlib.suppress(FileNotFoundError):
        retry_while_held(lambda: shutil.rmtree(folder))


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Make a folder whole: what the block writes into the folder that it is given becomes `folder` at its end.

    When the block raises, what it wrote is deleted. What a process left that was killed meanwhile is deleted by the next that
    makes this folder.

    Args:
        folder: A folder that is not there yet. The folders that it is in are made.

    Yields:
        A new folder beside it, of another name for each block.

    Raises:
        FileExistsError: It is there by the end of the block, and stays as it is.
        OSError: It cannot be made.
    """
    # Short, whatever `folder` is called, and known again by the next that makes it.
    begin = f".{hashlib.sha256(folder.name.encode()).hexdigest()[:8]}."
    folder.parent.mkdir(parents=True, exist_ok=True)
    for left in folder.parent.glob(f"{begin}*.tmp"):
        pid = left.name.removeprefix(begin).partition("-")[0]
        if pid.isdecimal() and not is_alive(int(pid)):
            with contextlib.suppress(OSError):  # it is in nobody's way
                remove_folder(left)
    unfinished = folder.with_name(f"{begin}{os.getpid()}-{next(_numbers)}.tmp")
    unfinished.mkdir()
    try:
        yield unfinished
        if folder.exists():
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(folder))
        retry_while_held(lambda: unfinished.rename(folder))
    finally:
        with contextlib.suppress(OSError):  # What the block raised matters more.
            remove_folder(unfinished)
    _sync_folder(folder.parent)


@contextmanager
def temporary_folder(prefix: str, parent: Path | None = None) -> Iterator[Path]:
    """Make a folder that is deleted at the end of the block, also where the block raises.

    Args:
        prefix: How its name begins.
        parent: Where it is made; None for the system's folder for temporary files.

    Yields:
        The folder.

    Raises:
        OSError: It cannot be made.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    try:
        yield folder
    finally:
        with contextlib.suppress(OSError):  # What the block raised matters more.
            remove_folder(folder)


def require_file(path: Path, part_of_model: bool = False) -> None:
    """Refuse a path that is no regular file: a pipe or a device has no end, or keeps whoever opens it waiting.

    Args:
        path: The path.
        part_of_model: Whether it is a file of a model that was fetched; then the model is to be fetched again.

    Raises:
        InputError: It is a folder, a pipe or a device, or is not there.
    """
    advice = (
        Problem("fetch-model-again", "the model is not complete, fetch it again")
        if part_of_model
        else Problem("check-path", "check the path")
    )
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
