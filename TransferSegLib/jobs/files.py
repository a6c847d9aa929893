"""Writing the files of a job: each whole or not at all, and with a sentence for the person when the disk refuses."""

from __future__ import annotations

import contextlib
import errno
import json
import math
import shlex
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from TransferSegLib.cases.label_list import LABELS_FILE
from TransferSegLib.core.errors import JobError
from TransferSegLib.core.files import FULL, replacing
from TransferSegLib.core.records import to_json

_NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}


def resume_command(job: Path) -> str:
    """The command that resumes a job, as a person types it."""
    return f"transferseg resume {shlex.quote(str(job))}"


@contextlib.contextmanager
def explain_write_errors(path: Path, job: Path) -> Iterator[None]:
    """Turn the operating system's refusal to write a file into an error that says what to do.

    Args:
        path: The file that is written within the block.
        job: The job's folder, for the command that resumes the job.

    Raises:
        JobError: The disk is full, writing is not allowed there, or it failed in another way.
    """
    try:
        yield
    except OSError as error:
        raise explained(error, path, job) from error


def explained(error: OSError, path: Path, job: Path) -> JobError:
    """The error that says what to do about the operating system's refusal to write a file of a job.

    Args:
        error: The refusal.
        path: The file.
        job: The job's folder, for the command that resumes the job.
    """
    command, reason = resume_command(job), error.strerror or str(error)
    if error.errno in FULL:
        return JobError(
            "disk-full", "{path}: the disk is full; free space, then `{command}`.", path=path, command=command
        )
    if error.errno in _NOT_ALLOWED:
        return JobError(
            "writing-not-allowed",
            "{path}: writing is not allowed ({reason}); make the folder writable, then `{command}`.",
            path=path,
            reason=reason,
            command=command,
        )
    return JobError(
        "writing-failed",
        "{path}: writing failed ({reason}); check the disk, then `{command}`.",
        path=path,
        reason=reason,
        command=command,
    )


def write_atomic(path: Path, data: bytes, job: Path) -> None:
    """Write a file so that after a crash it has its old content or the new, never a part.

    Args:
        path: The file; its folder is made if need be.
        data: The new content.
        job: The job's folder, for the command in an error.

    Raises:
        JobError: The file cannot be written.
    """
    with explain_write_errors(path, job):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            temporary.write_bytes(data)


def copy_whole(here: Path, there: Path, job: Path) -> None:
    """Copy a file, or all files of a folder, each whole or not at all; what is not there is left aside.

    Args:
        here: The file or the folder.
        there: What it is copied to; other files of a folder stay.
        job: The job's folder, for the command in an error.

    Raises:
        JobError: A file cannot be read or written.
    """
    with explain_write_errors(there, job):
        if here.is_dir():
            for inner in sorted(here.iterdir()):
                copy_whole(inner, there / inner.name, job)
        elif here.is_file():
            there.parent.mkdir(parents=True, exist_ok=True)
            with replacing(there) as temporary:
                shutil.copyfile(here, temporary)


def copy_segmentations(here: Path, there: Path, cases: Iterable[str], job: Path) -> None:
    """Copy the segmentations of some cases, and the list of their labels, from one folder of a job to another.

    Args:
        here: The folder.
        there: The folder that they are copied to.
        cases: The names of the cases.
        job: The job's folder, for the command in an error.

    Raises:
        JobError: A file cannot be read or written.
    """
    for name in (*(f"{case}.nii.gz" for case in cases), LABELS_FILE):
        copy_whole(here / name, there / name, job)


def write_json(path: Path, value: Any, job: Path) -> None:
    """Write a value as JSON, whole or not at all.

    Args:
        path: The file.
        value: What `json_text` takes.
        job: The job's folder, for errors.

    Raises:
        JobError: The disk refuses it.
    """
    write_atomic(path, json_text(value, indent=2).encode() + b"\n", job)


def json_text(value: Any, indent: int | None = None) -> str:
    """Write a value as strict JSON; a number that is not finite becomes null.

    Args:
        value: Dataclasses, mappings, sequences, paths, texts and numbers, also numpy's.
        indent: How many spaces each level is indented; None for one line.
    """
    return json.dumps(_plain(to_json(value)), ensure_ascii=False, allow_nan=False, indent=indent)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
