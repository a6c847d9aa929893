"""Commands of the library, each in its own process, so that Slicer never waits for them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

import qt
from slicer.i18n import tr as _

import TransferSegLib
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem
from TransferSegLib.jobs.launch import APART, Termination, end_process, give_way

LOOK_EVERY_MS = 100
PACKAGE_ROOT = Path(TransferSegLib.__file__).resolve().parents[1]


def python_executable() -> str:
    """The Python in which PyTorch is installed: Slicer's own, and outside Slicer the one that runs."""
    return shutil.which("PythonSlicer") or sys.executable


class Command:
    """A running command of the library: `python -m TransferSegLib ARGUMENTS`."""

    def __init__(
        self,
        arguments: Sequence[str],
        ended: Callable[[int, str, str], None],
        said: Callable[[str], None] | None = None,
    ) -> None:
        """Start the command.

        Args:
            arguments: The command and its arguments, as on the command line.
            ended: Called once at its end with the exit code, the output and what was written to the error stream.
            said: Called with the newest line that the command wrote about its progress.

        Raises:
            InputError: Python cannot be started.
        """
        self._ended, self._said, self._last = ended, said, ""
        self._termination: Termination | None = None
        self._stopped: Callable[[], None] | None = None
        self._out = tempfile.TemporaryFile()  # noqa: SIM115  open as long as the command runs
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        python = python_executable()
        try:
            self._process = subprocess.Popen(
                [python, "-m", "TransferSegLib", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=self._out,
                stderr=self._errors,
                cwd=PACKAGE_ROOT,
                env={**os.environ, "PYTHONUTF8": "1", "TRANSFERSEG_PROBLEMS": "json"},
                start_new_session=True,
                creationflags=APART,
            )
        except OSError as error:
            raise InputError(
                "helper-not-started",
                "{path}: cannot be started ({reason}); repair the installation.",
                path=python,
                reason=error.strerror,
            ) from error
        give_way(self._process)
        self._timer = qt.QTimer()
        self._timer.setInterval(LOOK_EVERY_MS)
        self._timer.connect("timeout()", self._look)
        self._timer.start()

    def stop(self, stopped: Callable[[], None] | None = None) -> None:
        """End the command; `ended` is not called.

        Args:
            stopped: Called once nothing of it runs any more, so that the files that it used can be deleted.
        """
        if self._termination is None and not self._out.closed:
            self._termination, self._stopped = end_process(self._process), stopped
            self._look()
        elif stopped is not None and self._out.closed:
            stopped()

    def _look(self) -> None:
        if self._termination is not None:
            if self._termination.poll():
                self._close()
                if self._stopped is not None:
                    self._stopped()
            return
        code = self._process.poll()
        if code is None:
            self._tell()
            return
        output, errors = _text(self._out), _text(self._errors)
        self._close()
        self._ended(code, output, errors)

    def _close(self) -> None:
        """Close the files and delete the timer, whose connection would keep this object alive for ever."""
        self._timer.stop()
        self._timer.disconnect("timeout()", self._look)
        self._timer.deleteLater()
        self._out.close()
        self._errors.close()

    def _tell(self) -> None:
        if self._said is not None:
            lines = [line for line in _text(self._errors).replace("\r", "\n").splitlines() if line.strip()]
            if lines and lines[-1] != self._last:
                self._last = lines[-1]
                self._said(self._last)


def remove_files(folder: Path | None) -> None:
    """Delete a folder of files that were made for a command, where there is one."""
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def progress_in(line: str) -> tuple[float, Problem] | None:
    """How much is done, 0…1, and what is being done, where a line of a command says so."""
    try:
        said = json.loads(line)
        return float(said["fraction"]), Problem.from_json(said["problem"])
    except (ValueError, LookupError, TypeError):
        return None


def problem_in(errors: str) -> Problem:
    """Read the problem that a command wrote to its error stream."""
    lines = [line.strip() for line in errors.replace("\r", "\n").splitlines() if line.strip()]
    for line in reversed(lines):
        if line.startswith("{"):
            try:
                return Problem.from_json(json.loads(line))
            except (ValueError, LookupError, TypeError):
                continue
    last = lines[-1].removeprefix("transferseg: ") if lines else _("it ended without a message")
    return Problem("other", "{text}", {"text": last})


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", errors="replace")
