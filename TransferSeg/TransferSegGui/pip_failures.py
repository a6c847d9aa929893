"""Why an installation failed, by what pip printed: Slicer's functions raise no more than "pip failed"."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections.abc import Iterator
from typing import TextIO

from TransferSegGui.site_packages import MAX_PATH
from TransferSegLib.core.errors import InputError

# Of pip's output, the last characters, where its errors are.
LONGEST_OUTPUT = 100_000
_FULL = re.compile(
    r"No space left on device|Errno 28\b|WinError 112\b|not enough space on the disk|Disk quota exceeded", re.I
)
_TOO_LONG = re.compile(
    r"WinError 206\b|Windows Long Path support|filename or extension is too long|File name too long", re.I
)
_MISSING = re.compile(r"\[Errno 2\] No such file or directory: '([^'\n]+)'")
_IN_USE = re.compile(r"WinError (?:5|32)\b|being used by another process|Access is denied", re.I)
_DENIED = re.compile(r"Errno (?:13|30)\b|Permission denied|Read-only file system|externally-managed-environment", re.I)
_CERTIFICATE = re.compile(r"CERTIFICATE_VERIFY_FAILED|certificate verify failed|SSLError", re.I)
_NETWORK = re.compile(
    r"NewConnectionError|NameResolutionError|ConnectTimeoutError|ReadTimeoutError|Read timed out|Max retries exceeded|"
    r"name resolution|getaddrinfo failed|ProxyError|Connection (?:reset|aborted|refused|broken)|RemoteDisconnected|"
    r"IncompleteRead|Network is unreachable|No route to host|HTTP error \d+|ConnectionError",
    re.I,
)
_CONFLICT = re.compile(r"ResolutionImpossible|conflicting dependencies|\(constraint\)")
_NOT_FOUND = re.compile(r"No matching distribution found for ([^\n]+?)\s*$", re.M)
_DAMAGED = re.compile(
    r"DO NOT MATCH THE HASHES|BadZipFile|is not a zip file|has an invalid wheel|invalid distribution", re.I
)
_NO_RECORD = re.compile(r"(?:no|the) RECORD file was not found|no-record-file|Cannot uninstall (\S+) None|==None", re.I)
_SIDE = re.compile(r"^ {4}(\S.*?)\s*$", re.M)


@contextlib.contextmanager
def heard() -> Iterator[io.StringIO]:
    """Keep what is printed while the block runs; it is printed all the same."""
    kept = _Both(sys.stdout)
    with contextlib.redirect_stdout(kept):
        yield kept


class _Both(io.StringIO):
    """Keeps what is printed, and prints it."""

    def __init__(self, shown: TextIO | None) -> None:
        super().__init__()
        self._shown = shown

    def write(self, text: str) -> int:
        if self._shown is not None:
            self._shown.write(text)
        return super().write(text)

    def flush(self) -> None:
        if self._shown is not None and hasattr(self._shown, "flush"):
            self._shown.flush()


def reason_in(output: str, error: Exception) -> InputError:
    """The error for an installation that failed.

    Args:
        output: What pip printed.
        error: What Slicer raised.

    Returns:
        What happened, by pip's own words, and what to do.
    """
    text = f"{output}\n{error}"[-LONGEST_OUTPUT:]
    last = next((line for line in reversed(output.splitlines()) if line.startswith("ERROR: ")), "")
    said = " ".join((last.removeprefix("ERROR: ") or str(error)).split())[:300]
    if _FULL.search(text):
        return InputError(
            "packages-disk-full",
            "Packages could not be installed, because the disk is full ({said}). Free space (PyTorch takes 1 GB, with CUDA "
            "up to 8 GB), restart Slicer and press Start again.",
            said=said,
        )
    if _TOO_LONG.search(text) or any(len(path) >= MAX_PATH for path in _MISSING.findall(text)):
        return InputError(
            "packages-path-too-long",
            "Packages could not be installed, because a file's path is longer than Windows takes ({said}). Enable long "
            "paths in Windows, or install Slicer into a short folder such as C:\\Slicer, and press Start again.",
            said=said,
        )
    if _NO_RECORD.search(text):
        return InputError(
            "packages-half-there",
            "Packages could not be installed, because an earlier installation broke off and left a package by half "
            "({said}). Press Uninstall in the module PyTorch Utils, restart Slicer and press Start again.",
            said=said,
        )
    if _IN_USE.search(text):
        return InputError(
            "packages-in-use",
            "Packages could not be installed, because a file is in use or may not be replaced ({said}). Restart Slicer, "
            "and press Start before another module is opened.",
            said=said,
        )
    if _DENIED.search(text):
        return InputError(
            "packages-not-writable",
            "Packages could not be installed, because Slicer's folder may not be written to ({said}). Start Slicer once as "
            "an administrator, or install it into a folder of your own, and press Start again.",
            said=said,
        )
    if _CONFLICT.search(text):
        return InputError(
            "packages-conflict",
            "Packages could not be installed, because they do not go with those that are there ({said}). Extensions may "
            "want different versions: in the module PyTorch Utils press Uninstall, restart Slicer and press Start again.",
            said="; ".join(_SIDE.findall(text)[-4:])[:300] or said,
        )
    if _CERTIFICATE.search(text):
        return InputError(
            "packages-certificate",
            "Packages could not be installed, because the server's certificate is not trusted ({said}). If your "
            "institution's proxy signs connections, name its certificate in PIP_CERT; without a network see "
            "docs/offline-installation.md.",
            said=said,
        )
    if _NETWORK.search(text):
        return InputError(
            "packages-no-network",
            "Packages could not be installed, because there is no connection ({said}). Check the network (HTTPS_PROXY names "
            "a proxy) and press Start again; without a network see docs/offline-installation.md.",
            said=said,
        )
    if found := _NOT_FOUND.search(text):
        return InputError(
            "packages-not-found",
            "Packages could not be installed, because there is no `{package}` for this Slicer's Python {python} where "
            "pip looks ({said}). A newer Slicer may have one; with a folder of wheels, see docs/offline-installation.md.",
            package=found[1][:100],
            python=".".join(map(str, sys.version_info[:2])),
            said=said,
        )
    if _DAMAGED.search(text):
        return InputError(
            "packages-damaged",
            "Packages could not be installed, because a file arrived damaged ({said}). Press Start again.",
            said=said,
        )
    return InputError(
        "packages-not-installed",
        "The packages could not be installed ({reason}). Look at pip's words in the Python console, restart Slicer and press "
        "Start again; without a network see docs/offline-installation.md.",
        reason=said,
    )
