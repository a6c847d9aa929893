"""The job folder: the contract between a job's worker and everyone who watches it, on disk.

A job folder may come from elsewhere: nothing in it is executed, checkpoints are read as tensors only, and a folder
that holds symbolic links is refused, because a worker would write through them.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import io
import os
import pickle
import re
import socket
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from TransferSegLib.core.errors import InputError, JobError
from TransferSegLib.core.files import FULL, remove_folder
from TransferSegLib.core.processes import is_alive
from TransferSegLib.core.records import from_json, read_json
from TransferSegLib.jobs.files import explain_write_errors, resume_command, write_atomic, write_json
from TransferSegLib.jobs.locking import is_locked, take_lock
from TransferSegLib.jobs.spec import JOB_FILE, JobSpec, read_job
from TransferSegLib.sources.untrusted.pickles import check_torch_file

CANCEL_LOOK_S = 0.2
CHECKPOINTS_KEPT = 2
# A worker imports torch before it takes the lock, which takes a minute where a virus scanner looks at every file of it.
STARTING_S = 600.0
# Names of the results that hold what the checks found, in the target's cases and in the source's own, and the folds.
# Of strategies that a comparison goes on without.
LEFT_OUT = "left-out"
FINDINGS, SOURCE_FINDINGS, SPLIT = "findings", "source-findings", "split"
DIGESTS, SOURCE_DIGESTS = "digests", "source-digests"
# Under which all strategies segment.
CONDITIONS = "conditions"
# The weights that the job goes on from.
PARENT = "parent"

_UNIT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]*")


@dataclass(frozen=True)
class Worker:
    """Who runs a job.

    Attributes:
        pid: The number of the process.
        host: The name of its computer.
        started: When it started, in seconds since 1970.
    """

    pid: int
    host: str
    started: float


class JobFolder:
    """The paths of a job, and the ways to write them. Making one touches nothing on disk.

    Attributes:
        path: The job's folder; the others are the files and folders in it that docs/job-folder.md lists.

    Example:
        >>> job = JobFolder.create(Path("/data/knee"), spec)   # doctest: +SKIP
        >>> with job.lock():
        ...     job.save_result("open.fold0", {"dice": 0.82})
    """

    def __init__(self, path: Path) -> None:
        """The job in the folder `path`, which need not be there yet."""
        self.path = Path(path).absolute()
        self.job_json = self.path / JOB_FILE
        self.events = self.path / "events.jsonl"
        self.log = self.path / "worker.log"
        self.state = self.path / "state"
        self.model = self.path / "model"
        self.segmentations = self.path / "segmentations"
        self.snapshots = self.path / "snapshots"
        self.scores_csv = self.path / "scores.csv"
        self.lesions_csv = self.path / "lesions.csv"
        self.scores_json = self.path / "scores.json"
        self.report = self.path / "report.html"
        self.cancel_file = self.path / "cancel"
        self.lock_file = self.state / "lock"
        self.worker_json = self.state / "worker.json"
        self.launched_json = self.state / "launched.json"
        self._cancel_seen = False
        self._next_look = 0.0

    @classmethod
    def create(cls, path: Path, spec: JobSpec) -> JobFolder:
        """Make the folder of a new job with its `job.json`.

        Args:
            path: The folder; it must be new or empty.
            spec: What the job is asked to do.

        Returns:
            The job.

        Raises:
            InputError: The folder holds a job or anything else, or cannot be written.
        """
        job = cls(path)
        if job.job_json.exists():
            raise InputError(
                "job-folder-taken",
                "{path}: holds a job already; go on with it by `{command}`, or choose another folder.",
                path=job.path,
                command=resume_command(job.path),
            )
        if job.path.exists() and not job.path.is_dir():
            raise InputError("job-folder-is-file", "{path}: is a file; choose a folder for the job.", path=job.path)
        try:
            if job.path.is_dir() and any(job.path.iterdir()):
                raise InputError(
                    "job-folder-not-empty",
                    "{path}: is not empty and holds no job; choose a new or an empty folder.",
                    path=job.path,
                )
            job.state.mkdir(parents=True)
            write_json(job.job_json, spec, job.path)
        except OSError as error:
            raise _not_writable(job.path, error.strerror) from error
        except JobError as error:  # Nothing was started, so there is nothing to resume.
            with contextlib.suppress(OSError):
                job.state.rmdir()
                job.path.rmdir()
            cause = error.__cause__
            if isinstance(cause, OSError) and cause.errno in FULL:
                raise InputError(
                    "job-folder-disk-full",
                    "{path}: the disk is full; choose another folder, or make room there.",
                    path=job.path,
                ) from error
            raise _not_writable(job.path, cause.strerror if isinstance(cause, OSError) else None) from error
        return job

    def discard_unbegun(self) -> None:
        """Delete the folder of a job that was refused before it computed anything, so that it can be asked for again."""
        results = {path.stem for path in (self.state / "results").glob("*.json")}
        if (
            results <= {FINDINGS, SOURCE_FINDINGS, SPLIT, DIGESTS, SOURCE_DIGESTS, PARENT}
            and not any(self._checkpoint_folder.glob("*"))
            and not self.snapshots.exists()
            and not self.is_locked()
        ):
            with contextlib.suppress(OSError):
                remove_folder(self.path)

    def read_spec(self) -> JobSpec:
        """The checked `job.json`.

        Raises:
            InputError: It is not there, or cannot be used.
        """
        return read_job(self.path)

    def refuse_links(self) -> None:
        """Refuse a folder that holds a symbolic link.

        Raises:
            InputError: Something in the folder is one.
        """
        for folder, folders, files in os.walk(self.path):
            for name in (*folders, *files):
                if os.path.islink(os.path.join(folder, name)):
                    raise InputError(
                        "link-in-job-folder",
                        "{path}: is a link, and a job would write through it; put the file or folder itself there.",
                        path=os.path.join(folder, name),
                    )

    @property
    def identity(self) -> str:
        """An identifier of this job. A later job in the same folder has another; moving the folder does not change it.

        It follows from the content of `job.json` and the time when that was written, which happens once.

        Raises:
            InputError: `job.json` cannot be read.
        """
        try:
            asked, when = self.job_json.read_bytes(), self.job_json.stat().st_mtime_ns
        except OSError as error:
            raise InputError(
                "job-file-unreadable",
                "{path}: cannot be read ({reason}); was the job moved?",
                path=self.job_json,
                reason=error.strerror,
            ) from error
        return hashlib.sha256(asked + str(when).encode()).hexdigest()[:16]

    # One worker

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the job as its one worker within the block.

        Raises:
            InputError: Another process has it, or the folder holds a link.
            JobError: The folder cannot be written.
        """
        self.refuse_links()
        with explain_write_errors(self.state, self.path):
            self.state.mkdir(parents=True, exist_ok=True)
            descriptor = take_lock(self.lock_file)
        if descriptor is None:
            raise self._already_run()
        try:
            self._sweep()
            write_json(self.worker_json, Worker(os.getpid(), socket.gethostname(), time.time()), self.path)
            yield
        finally:
            os.close(descriptor)

    def is_locked(self) -> bool:
        """Whether a living worker has the job."""
        return is_locked(self.lock_file)

    def is_running(self) -> bool:
        """Whether a living worker has the job, or one that was launched is about to take it."""
        # It may take the lock between the first two looks.
        return self.is_locked() or self._is_starting() or self.is_locked()

    def note_launch(self, pid: int, when: float) -> None:
        """Say that a worker was launched, as nothing else tells of it until it has taken the lock.

        Args:
            pid: The number of its process.
            when: Seconds since 1970, from before the process was started.

        Raises:
            JobError: The folder cannot be written.
        """
        write_json(self.launched_json, Worker(pid, socket.gethostname(), when), self.path)

    def _is_starting(self) -> bool:
        launched = self._read_worker(self.launched_json)
        if launched is None or launched.host != socket.gethostname() or launched.pid <= 1:
            return False
        if not 0 <= time.time() - launched.started < STARTING_S:
            return False
        last = self.worker()  # one that has taken the lock since has also ended since
        return (last is None or last.started < launched.started) and is_alive(launched.pid)

    def is_run_here(self) -> bool:
        """Whether this very process is the job's worker."""
        worker = self.worker()
        return (
            self.is_locked() and worker is not None and (worker.pid, worker.host) == (os.getpid(), socket.gethostname())
        )

    def worker(self) -> Worker | None:
        """Who runs the job, or ran it last."""
        return self._read_worker(self.worker_json)

    def _read_worker(self, path: Path) -> Worker | None:
        try:
            return from_json(Worker, read_json(path), str(path))
        except InputError:
            return None

    def _sweep(self) -> None:
        """Delete the half-written files of a killed worker."""
        for path in self.path.rglob(".*.tmp*"):
            with contextlib.suppress(OSError):
                path.unlink()

    def _already_run(self) -> InputError:
        worker = self.worker()
        if worker is None:
            return InputError(
                "job-run-elsewhere",
                "{path}: is being run by another process; wait for it, or cancel it.",
                path=self.path,
            )
        return InputError(
            "job-run-by-process",
            "{path}: is being run by process {pid} on {host} since {started}; wait for it, or cancel it.",
            path=self.path,
            pid=worker.pid,
            host=worker.host,
            started=time.strftime("%Y-%m-%d %H:%M", time.localtime(worker.started)),
        )

    # The request to stop

    def request_cancel(self) -> None:
        """Ask the worker to stop in good order.

        Raises:
            JobError: The folder cannot be written.
        """
        with explain_write_errors(self.cancel_file, self.path):
            self.cancel_file.touch()

    def cancel_requested(self) -> bool:
        """Whether somebody asked the worker to stop; it looks at the disk every 0.2 s at most, so ask at every step."""
        now = time.monotonic()
        if not self._cancel_seen and now >= self._next_look:
            self._next_look = now + CANCEL_LOOK_S
            self._cancel_seen = self.cancel_file.exists()
        return self._cancel_seen

    def clear_cancel(self) -> None:
        """Forget the request, before a new run or once it was followed."""
        with explain_write_errors(self.cancel_file, self.path):
            self.cancel_file.unlink(missing_ok=True)
        self._cancel_seen = False
        self._next_look = 0.0

    # What a killed worker finds again

    def save_result(self, name: str, value: Any) -> None:
        """Keep the result of a finished unit of work as JSON.

        Args:
            name: The unit's name.
            value: Its result, which `json_text` can write.

        Raises:
            JobError: It cannot be written.
        """
        write_json(self._result(name), value, self.path)

    def load_result(self, name: str) -> Any | None:
        """The result of a unit; None when it is not there or cannot be read, and the unit is done again."""
        try:
            return read_json(self._result(name))
        except InputError:
            return None

    def drop_result(self, name: str) -> None:
        """Delete the result of a unit, so that it is done again; it need not be there.

        Raises:
            JobError: It cannot be deleted.
        """
        path = self._result(name)
        with explain_write_errors(path, self.path):
            path.unlink(missing_ok=True)

    def kept_at(self) -> float:
        """When the newest result or checkpoint was written, in seconds since 1970; 0 where there is none."""
        newest = 0.0
        with contextlib.suppress(OSError):
            for folder in (self.state / "results", self._checkpoint_folder):
                newest = max([newest, *(path.stat().st_mtime for path in folder.glob("*"))])
        return newest

    def save_checkpoint(self, name: str, payload: dict[str, Any]) -> None:
        """Keep a checkpoint of a unit; the two newest stay.

        Args:
            name: The unit's name.
            payload: Tensors, numbers, texts, lists and dictionaries.

        Raises:
            JobError: It cannot be written.
        """
        import torch

        kept = self._checkpoints(name)
        buffer = io.BytesIO()
        torch.save(payload, buffer)
        number = 1 + (_number(kept[0]) if kept else 0)
        write_atomic(self._checkpoint_folder / f"{_checked(name)}.{number:08d}.pt", buffer.getvalue(), self.path)
        with contextlib.suppress(OSError):  # An old file too many does no harm.
            for old in kept[CHECKPOINTS_KEPT - 1 :]:
                old.unlink(missing_ok=True)

    def load_checkpoint(self, name: str) -> dict[str, Any] | None:
        """The newest checkpoint of a unit that is whole, its tensors on the CPU; None when there is none.

        Raises:
            JobError: A whole file holds more than tensors and plain values, so no worker of this program wrote it.
        """
        import torch

        for path in self._checkpoints(name):
            try:
                data = io.BytesIO(path.read_bytes())
                # torch reads a damaged archive without a word: its checksums are for us to look at.
                with zipfile.ZipFile(data) as archive:
                    if archive.testzip() is not None:
                        continue
            except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
                continue
            try:
                check_torch_file(data, str(path))
                data.seek(0)
                payload = torch.load(data, map_location="cpu", weights_only=True)
            except (InputError, pickle.UnpicklingError, RuntimeError, ValueError, EOFError, KeyError) as error:
                raise JobError(
                    "not-a-checkpoint",
                    "{path}: holds something else than a checkpoint of this program; delete it, then `{command}`.",
                    path=path,
                    command=resume_command(self.path),
                ) from error
            if isinstance(payload, dict):
                return payload
        return None

    def drop_checkpoints(self, name: str) -> None:
        """Delete the checkpoints of a unit that is finished."""
        with contextlib.suppress(OSError):
            for path in self._checkpoints(name):
                path.unlink(missing_ok=True)

    @property
    def uncertainty(self) -> Path:
        """The uncertainty of the unlabelled cases where it is asked for, a folder a strategy."""
        return self.path / "uncertainty"

    def drop_working_files(self) -> None:
        """Delete what only a job that is not finished needs: prepared cases, checkpoints, candidates and such."""
        if os.name == "nt":
            gc.collect()  # An array that is mapped from a file keeps it there.
        # `votes` and `probabilities` are of earlier versions, whose folds' models segmented the unlabelled cases, too.
        for name in ("prepared", "checkpoints", "models", "votes", "trials", "foreground", "looks", "probabilities"):
            with contextlib.suppress(OSError):  # What stays does no harm.
                remove_folder(self.state / name)

    @property
    def _checkpoint_folder(self) -> Path:
        return self.state / "checkpoints"

    def _checkpoints(self, name: str) -> list[Path]:
        """Newest first."""
        pattern = re.compile(re.escape(_checked(name)) + r"\.[0-9]{8}\.pt")
        try:
            found = [path for path in self._checkpoint_folder.iterdir() if pattern.fullmatch(path.name)]
        except OSError:
            return []
        return sorted(found, key=_number, reverse=True)

    def _result(self, name: str) -> Path:
        return self.state / "results" / f"{_checked(name)}.json"


def _not_writable(path: Path, reason: str | None) -> InputError:
    return InputError(
        "job-folder-not-writable",
        "{path}: cannot be written ({reason}); choose another folder.",
        path=path,
        reason=reason,
    )


def _number(checkpoint: Path) -> int:
    return int(checkpoint.name.split(".")[-2])


def _checked(name: str) -> str:
    if not _UNIT_NAME.fullmatch(name):
        raise ValueError(f"unit name {name!r}: only letters, digits and +._- can be in a file's name")
    return name
