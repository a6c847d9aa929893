"""How much memory this process could still take."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator
from pathlib import Path

GIB = 2**30


def available_bytes() -> int | None:
    """The memory that this process can still take without swapping, in bytes; None where the system does not say.

    The smallest of what the computer has free, what a container may take, and the limit of the process (`ulimit -v`).
    """
    return min((found for found in _limits() if found is not None), default=None)


def _limits() -> Iterator[int | None]:
    if sys.platform == "win32":
        yield _windows_bytes()
        return
    if sys.platform == "linux":
        yield _field_kib(Path("/proc/meminfo"), "MemAvailable")
        yield _container_bytes()
    else:  # macOS does not say in one place what is free, so all of it is taken to be
        with contextlib.suppress(ValueError, OSError):
            yield os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    yield _process_bytes()


def _field_kib(path: Path, name: str) -> int | None:
    """A line `name: number kB` of a file of Linux's /proc, in bytes."""
    try:
        lines = path.read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))
    except (OSError, ValueError, IndexError, StopIteration):
        return None


def _container_bytes() -> int | None:
    """What the control group of a container (version 2) leaves; files that are only cached do not count."""
    group = Path("/sys/fs/cgroup")
    try:
        limit, taken = (int((group / name).read_text()) for name in ("memory.max", "memory.current"))
        facts = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        return limit - taken + int(facts["inactive_file"])
    except (OSError, ValueError, KeyError):  # no container, no limit (`max`), or an older kernel
        return None


def _process_bytes() -> int | None:
    """What `ulimit -v` leaves this process."""
    import resource

    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    taken = _field_kib(Path("/proc/self/status"), "VmSize")
    return None if limit == resource.RLIM_INFINITY or taken is None else max(0, limit - taken)


def _windows_bytes() -> int | None:
    class MemoryStatus(ctypes.Structure):
        """MEMORYSTATUSEX of the Windows API."""

        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            *(
                (name, ctypes.c_ulonglong)
                for name in ("total", "free", "total_page", "free_page", "total_virtual", "free_virtual", "extended")
            ),
        )

    status = MemoryStatus(length=ctypes.sizeof(MemoryStatus))
    found = ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))  # type: ignore[attr-defined]
    return int(status.free) if found else None
