"""Whether a process still runs."""

from __future__ import annotations

import contextlib
import os
import sys

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

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
else:

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
