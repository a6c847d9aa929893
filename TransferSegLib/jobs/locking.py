"""One worker a job: a lock that the operating system frees when its process ends, however it ends."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path

# A look at the lock takes it for an instant; a worker that starts just then tries again.
RETRY_S = 1.0

if sys.platform == "win32":
    import ctypes
    import msvcrt
    from ctypes import wintypes

    # Windows forbids reading a locked byte: lock one far beyond the (empty) file.
    _FAR = 1 << 30

    # From Windows' processthreadsapi.h and winbase.h.
    _MAY_BE_ASKED, _STILL_ACTIVE = 0x1000, 259

    def is_alive(pid: int) -> bool:
        """Whether a process of this computer runs."""
        system = ctypes.WinDLL("kernel32")
        system.OpenProcess.restype = wintypes.HANDLE
        handle, code = system.OpenProcess(_MAY_BE_ASKED, False, pid), wintypes.DWORD()
        if not handle:
            return False
        try:
            return bool(system.GetExitCodeProcess(wintypes.HANDLE(handle), ctypes.byref(code))) and (
                code.value == _STILL_ACTIVE
            )
        finally:
            system.CloseHandle(wintypes.HANDLE(handle))

    def _take(descriptor: int, exclusive: bool) -> bool:
        os.lseek(descriptor, _FAR, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def is_alive(pid: int) -> bool:
        """Whether a process of this computer runs."""
        if hasattr(os, "waitid"):
            # A child of ours that has ended is there until its exit code was asked for; here it is left for who started it.
            with contextlib.suppress(ChildProcessError):
                return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:  # of another person
            return True
        return True

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
