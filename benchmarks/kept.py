"""What a benchmark has measured so far, so that one that was stopped goes on where it was.

Each figure lies in a file beside the job that it is of. It counts only for the same code, machine and settings. At the end
of the benchmark the files go, so that the next run measures everything anew.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import figures

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import read_json
from TransferSegLib.jobs.files import write_json

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")

# These print and write what others measured.
_NO_PART = ("figures.py", "run_all.py")


class Kept:
    """The figures of a benchmark's jobs, in the folder of its jobs."""

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        """Go on with the figures in `folder`, or begin anew where there are none of these settings.

        Args:
            folder: The folder of the benchmark's jobs.
            settings: What the figures depend on, beside code and machine: values that JSON can hold.
        """
        self.folder = folder
        self._of = {"code": code_digest(), "machine": figures.machine(), "settings": dict(settings)}
        if not any(self._figure_files()):
            shutil.rmtree(folder, ignore_errors=True)

    def measured(self, name: str, kind: type[T], measure: Callable[[Path], T]) -> T:
        """A figure that is there, or else what `measure` says of an empty place.

        Args:
            name: The name of the job.
            kind: What `measure` returns: a dataclass of plain values.
            measure: Takes the path of the job's folder, which is not there.
        """
        path = self.folder / f"{name}.figure.json"
        try:
            data = read_json(path)
            if data["of"] == self._of:
                return kind(**data["figure"])
        except (InputError, KeyError, TypeError):
            pass  # Not there, torn, or of another version of the benchmark: measured now.
        for old in self.folder.glob(f"{name}*"):
            if old.name in (name, f"{name}-test", f"{name}.txt", path.name):
                shutil.rmtree(old) if old.is_dir() else old.unlink()
        self.folder.mkdir(parents=True, exist_ok=True)
        found = measure(self.folder / name)
        write_json(path, {"of": self._of, "figure": asdict(found)}, self.folder)
        print(found, file=sys.stderr, flush=True)
        return found

    def finish(self) -> None:
        """All is measured and published: the next run begins anew."""
        for path in self._figure_files():
            path.unlink()

    def _figure_files(self) -> list[Path]:
        return sorted(self.folder.glob("*.figure.json"))


def code_digest() -> str:
    """The SHA-256 of the library's and the benchmarks' code."""
    digest = hashlib.sha256()
    for room in ("TransferSegLib", "benchmarks"):
        for path in sorted((figures.ROOT / room).rglob("*.py")):
            if room != "benchmarks" or path.name not in _NO_PART:
                digest.update(path.read_bytes())
    return digest.hexdigest()
