"""Writing the files of a job: whole or not at all, and with a sentence when the disk refuses."""

from __future__ import annotations

import contextlib
import errno
import json
import math
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from TransferSegLib.core.errors import JobError
from TransferSegLib.core.files import FULL, replacing
from TransferSegLib.core.records import to_json

_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}


def resume_command(job: Path) -> str:
    """What a person types to go on with a job."""
    return f"transferseg resume {shlex.quote(str(job))}"


@contextlib.contextmanager
def explained(path: Path, job: Path) -> Iterator[None]:
    """Turn the operating system's refusal to write `path` into a `JobError` that says what to do, then resume `job`."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            what, todo = "the disk is full", "free space"
        elif error.errno in _REFUSED:
            what, todo = f"writing is not allowed ({error.strerror})", "make the folder writable"
        else:
            what, todo = f"writing failed ({error.strerror or error})", "check the disk"
        raise JobError(f"{path}: {what}; {todo}, then `{resume_command(job)}`.") from error


def write_atomic(path: Path, data: bytes, job: Path) -> None:
    """Write `data` to `path` so that after a crash the file is the old one or the new one, never a part."""
    with explained(path, job):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            temporary.write_bytes(data)


def write_json(path: Path, value: Any, job: Path) -> None:
    """Write dataclasses, numbers (numpy's too), paths, mappings and sequences as JSON, atomically."""
    write_atomic(path, json_text(value, indent=2).encode() + b"\n", job)


def json_text(value: Any, indent: int | None = None) -> str:
    """Strict JSON: a number that is not finite becomes null, a numpy number a number."""
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
