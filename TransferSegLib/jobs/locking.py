"""One worker a job: a lock that the operating system frees when its process ends, however it ends."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

# A look at the lock takes it for an instant; a worker that starts just then tries again.
RETRY_S = 1.0

if sys.platform == "win32":
    import msvcrt

    # Windows forbids reading a locked byte: lock one far beyond the (empty) file.
    _FAR = 1 << 30

    def _take(descriptor: int, exclusive: bool) -> bool:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _take(descriptor: int, exclusive: bool) -> bool:
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def take_lock(path: Path) -> int | None:
    """Take the lock, which the process holds until it ends or closes the descriptor.

    Args:
        path: The lock's file, made if need be.

    Returns:
        The descriptor; None when another process has the lock.

    Raises:
        OSError: The file cannot be opened.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
    until = time.monotonic() + RETRY_S
    while not _take(descriptor, exclusive=True):
        if time.monotonic() > until:
            os.close(descriptor)
            return None
        time.sleep(0.05)
    return descriptor


def is_locked(path: Path) -> bool:
    """Whether a living process holds the lock; False where the file cannot be opened."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _take(descriptor, exclusive=False)
    finally:
        os.close(descriptor)
