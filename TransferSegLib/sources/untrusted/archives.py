"""Unpacks an archive that a stranger made: every member is checked first, and only files of known kinds are written."""

from __future__ import annotations

import shutil
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import FULL, temporary_folder
from TransferSegLib.core.library_words import library_says
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.texts import is_plain

# What models consist of; scripts, TorchScript and logging.conf are code to someone and never reach the disk.
WANTED = (".json", ".yaml", ".yml", ".pt", ".pth", ".safetensors", ".txt", ".md", ".csv", "LICENSE")
MOST_MEMBERS = 10_000
# In bytes, what file systems take; in characters, with as much before it.
LONGEST_NAME, LONGEST_PATH = 255, 1000
# Names under which Windows has devices, whatever follows the dot.
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
# Weights hardly compress. An archive that says it grows more than this, beyond a small one, is made to fill a disk.
MOST_GROWTH = 20
ALWAYS_ALLOWED_BYTES = 16 * 1024**2


@contextmanager
def unpacked(archive: Path, wanted: tuple[str, ...] = WANTED) -> Iterator[Path]:
    """Unpack an archive for as long as the block takes; see `unpack`.

    Args:
        archive: A zip archive.
        wanted: The ends of the names of the files to write.

    Yields:
        The folder with its files, called as the archive is.

    Raises:
        InputError: It cannot be unpacked.
    """
    with ExitStack() as removed:
        try:
            folder = removed.enter_context(temporary_folder("transferseg-")) / archive.stem
            folder.mkdir()
        except OSError as error:
            raise _not_unpacked(archive, error) from None
        unpack(archive, folder, wanted)
        yield folder


def unpack(archive: Path, folder: Path, wanted: tuple[str, ...] = WANTED) -> None:
    """Write an archive's files of some kinds into a folder.

    Args:
        archive: A zip archive.
        folder: Where they go; it must be there and empty.
        wanted: The ends of the names of the files to write.

    Raises:
        InputError: A member would land outside the folder, is a link or a special file, is encrypted or there twice, or the
            members together are of absurd size. Nothing is written then. Also where the archive is damaged.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = opened.infolist()
            _check(archive, members)
            for member in members:
                if not member.is_dir() and member.filename.endswith(wanted):
                    _write(opened, member, folder / member.filename)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise InputError(
            "archive-not-complete",
            "{path}: not a complete zip archive ({reason}); fetch it again.",
            path=archive,
            reason=library_says(error),
        ) from None
    except OSError as error:
        raise _not_unpacked(archive, error) from None


def _not_unpacked(archive: Path, error: OSError) -> InputError:
    return InputError(
        "archive-not-unpacked",
        "{path}: cannot be unpacked ({reason}); {full:?free space in|check its permissions and those of} the folder for "
        "temporary files (TMPDIR) and try again.",
        path=archive,
        reason=error.strerror or error,
        full=error.errno in FULL,
    )


def _check(archive: Path, members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MOST_MEMBERS:
        raise InputError(
            "archive-too-many-members",
            "{path}: has {count:,} members, at most {most:,} are read; is it a model?",
            path=archive,
            count=len(members),
            most=MOST_MEMBERS,
        )
    seen: set[tuple[str, ...]] = set()
    folders: set[tuple[str, ...]] = set()
    for member in members:
        # Looked at as both kinds of system read it: `C:\\x` and `..\\x` lead elsewhere on Windows.
        name = member.orig_filename
        parts = name.replace("\\", "/").split("/")
        path = _path(member)
        reason: Problem | None = None
        if name.startswith(("/", "\\")) or ":" in name or ".." in parts or "\0" in name:
            reason = Problem("archive-member-outside", "would be written outside its folder")
        elif (
            not is_plain(name)
            or any(p != p.rstrip(". ") for p in path)
            or DEVICES.intersection(p.partition(".")[0] for p in path)
        ):
            reason = Problem("archive-member-name", "has a name that is no file's on some systems")
        elif member.external_attr >> 16 and stat.S_IFMT(member.external_attr >> 16) not in (
            0,
            stat.S_IFREG,
            stat.S_IFDIR,
        ):
            reason = Problem("archive-member-special", "is a link or a special file")
        elif member.flag_bits & 1:
            raise InputError(
                "archive-encrypted",
                "{path}: is protected by a password (member `{name}`), so nothing was unpacked; unpack it with the password, "
                "and import the folder.",
                path=archive,
                name=name[:80],
            )
        elif member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            reason = Problem("archive-member-compression", "is compressed in an unusual way")
        elif (
            max(len(part.encode("utf-8", "surrogatepass")) for part in parts) > LONGEST_NAME or len(name) > LONGEST_PATH
        ):
            reason = Problem("archive-member-long-name", "has a name that is too long for a file")
        elif path in seen:
            reason = Problem("archive-member-twice", "is there twice")
        if reason:
            raise InputError(
                "archive-member-refused",
                "{path}: member `{name}` {reason}, so nothing was unpacked; do not use this file.",
                path=archive,
                name=name[:80],
                reason=reason,
            )
        seen.add(path)
        folders.update(path[:depth] for depth in range(1, len(path) + member.is_dir()))
    if both := next((m for m in members if not m.is_dir() and _path(m) in folders), None):
        raise InputError(
            "archive-file-and-folder",
            "{path}: member `{name}` is a file, and a folder of other members, so nothing was unpacked; "
            "do not use this file.",
            path=archive,
            name=both.filename[:80],
        )
    declared, size = sum(member.file_size for member in members), archive.stat().st_size
    if declared > max(ALWAYS_ALLOWED_BYTES, MOST_GROWTH * size):
        raise InputError(
            "archive-grows",
            "{path}: {size:,} bytes say they unpack to {declared:,}, so nothing was unpacked; do not use this file.",
            path=archive,
            size=size,
            declared=declared,
        )


def _path(member: zipfile.ZipInfo) -> tuple[str, ...]:
    """Return what makes a member the same file as another on some systems, whatever the case and form of letters."""
    parts = member.orig_filename.replace("\\", "/").split("/")
    return tuple(unicodedata.normalize("NFKC", part).casefold() for part in parts if part not in ("", "."))


def _write(opened: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with opened.open(member) as source, path.open("xb") as target:
        shutil.copyfileobj(source, target)
