"""Starting a job's worker as a process of its own, following it, and stopping it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from TransferSegLib.core.errors import InputError, JobError
from TransferSegLib.core.problems import Problem
from TransferSegLib.jobs.events import TERMINAL, Event, read_events
from TransferSegLib.jobs.files import explain_write_errors, resume_command
from TransferSegLib.jobs.folder import JobFolder

LOOK_EVERY_S = 0.1
# How long a worker has to end after SIGTERM before it is killed.
TERMINATE_S = 2.0

# A background process gives way to the program in front of a person, on whose cores it computes.
NICENESS = 5
# Windows has no sessions: there a new group and no console window keep the worker apart.
if sys.platform == "win32":
    APART = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW | subprocess.BELOW_NORMAL_PRIORITY_CLASS
else:
    APART = 0
_PACKAGE_ROOT = Path(__file__).resolve().parents[2]


class WorkerProcess(subprocess.Popen[bytes]):
    """A launched worker.

    Attributes:
        events_from: The byte of `events.jsonl` from which its events begin.
    """

    events_from: int = 0


def launch(folder: Path, python: str = sys.executable) -> WorkerProcess:
    """Start the job's worker so that it outlives this program.

    Its output goes to `worker.log`. An earlier request to cancel is forgotten.

    Args:
        folder: The job's folder.
        python: The interpreter that has torch.

    Raises:
        InputError: The folder is no job's or holds a link, or the interpreter cannot be started.
        JobError: The folder cannot be written.
    """
    job = JobFolder(folder)
    job.read_spec()
    job.refuse_links()
    job.clear_cancel()
    events_from, now = job.events.stat().st_size if job.events.exists() else 0, time.time()
    with explain_write_errors(job.log, job.path):
        log = open(job.log, "ab")  # noqa: SIM115 - closed below, the worker has its own copy
    with log:
        try:
            process = WorkerProcess(
                [python, "-m", "TransferSegLib", "run", str(job.path)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # `python -m` imports from the working folder first: it must be the package's and never the job's.
                cwd=_PACKAGE_ROOT,
                env={**os.environ, "PYTHONUTF8": "1"},
                start_new_session=True,
                creationflags=APART,
            )
        except OSError as error:
            raise InputError(
                "python-not-started",
                "{path}: cannot be started ({reason}); choose another Python.",
                path=python,
                reason=error.strerror,
            ) from error
    process.events_from = events_from
    give_way(process)
    with contextlib.suppress(JobError):  # the worker says itself what is wrong with its folder
        job.note_launch(process.pid, now)
    return process


def give_way(process: subprocess.Popen[bytes]) -> None:
    """Lower the priority of a process and its children. The process was just started in a session of its own.

    On Windows nothing has to be done: the flags `APART` have started it with a lower priority.
    """
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PGRP, process.pid, os.getpriority(os.PRIO_PROCESS, 0) + NICENESS)
        # Where Linux shares the cores out among sessions first (sched(7), autogroup), that of the process counts.
        with contextlib.suppress(OSError):
            Path(f"/proc/{process.pid}/autogroup").write_text(str(NICENESS), encoding="ascii")


def stop(folder: Path, timeout_s: float = 5.0, process: subprocess.Popen[bytes] | None = None) -> None:
    """Stop the job's worker: ask it, then terminate it, then kill it and its children.

    Args:
        folder: The job's folder.
        timeout_s: How long the worker may take to follow the request.
        process: The worker, where it was launched here; it is then also found before it has taken the job's lock.

    Raises:
        InputError: The folder is no job's.
        JobError: The worker does not end, or is on another computer and does not follow the request.
    """
    job = JobFolder(folder)
    job.read_spec()
    if _worker_ended(job, process):
        return
    job.request_cancel()
    until = time.monotonic() + timeout_s
    while not _worker_ended(job, process) and time.monotonic() < until:
        time.sleep(LOOK_EVERY_S)
    if not _worker_ended(job, process):
        termination = end_worker(folder, process)
        while not termination.poll():
            time.sleep(LOOK_EVERY_S)
        if not _worker_ended(job, process):
            raise JobError(
                "worker-does-not-end",
                "{path}: process {pid} does not end; end it in the system's task manager.",
                path=job.path,
                pid=termination.pid,
            )
    job.clear_cancel()


class Termination:
    """Ends a process and its children: terminates them, and kills them where it does not end within `TERMINATE_S`.

    Nothing waits: call `poll` now and then.

    Attributes:
        pid: The number of the process.
    """

    def __init__(self, pid: int, ended: Callable[[], bool]) -> None:
        """Prepare to end a process; the first `poll` terminates it.

        Args:
            pid: The number of the process.
            ended: Whether it has ended.
        """
        self.pid = pid
        self._ended = ended
        self._signals_sent = 0
        self._next_s = 0.0

    def poll(self) -> bool:
        """Send the next signal if its time has come.

        Returns:
            Whether there is nothing left to do: the process has ended, or it has not although it was killed.
        """
        if self._ended():
            return True
        if time.monotonic() >= self._next_s:
            if self._signals_sent == 2:
                return True
            _kill(self.pid, force=self._signals_sent == 1)
            self._signals_sent += 1
            self._next_s = time.monotonic() + TERMINATE_S
        return False


def end_worker(folder: Path, process: subprocess.Popen[bytes] | None = None) -> Termination:
    """End a job's worker that does not follow a request to stop.

    Args:
        folder: The job's folder.
        process: The worker, where it was launched here.

    Raises:
        JobError: The worker is on another computer.
    """
    job = JobFolder(folder)
    return Termination(_pid_to_kill(job, process), lambda: _worker_ended(job, process))


def end_process(process: subprocess.Popen[bytes]) -> Termination:
    """End a process that was started in a session of its own, as `launch` does."""
    return Termination(process.pid, lambda: process.poll() is not None)


def _worker_ended(job: JobFolder, process: subprocess.Popen[bytes] | None) -> bool:
    return not job.is_locked() and (process is None or process.poll() is not None)


class Watcher:
    """Follows a job's events without blocking, also past the end of a worker that died.

    Attributes:
        ended: Whether the last event of the run was seen.
        behind: Whether there are more events to read at once.
    """

    def __init__(self, folder: Path, process: WorkerProcess | None = None, most: int = -1) -> None:
        """Begin to follow a job.

        Args:
            folder: The job's folder.
            process: The worker that was launched here: only its events are seen. None sees all events of the job.
            most: About how many bytes to read at a time; -1 is all.
        """
        self._job = JobFolder(folder)
        self._process = process
        self._offset = process.events_from if process else 0
        self._seen_alive = process is not None
        self._most = most
        self.ended = False
        self.behind = False

    def poll(self) -> list[Event]:
        """The events since the last call; a worker that ended without a last event gives a `failed` event made here."""
        alive = self._alive()  # Before reading: what a worker wrote before it ended is then read too.
        events = self._read()
        if alive:
            self._seen_alive = True
        elif self._seen_alive and not self.ended and not self.behind:
            self.ended = True
            died = self._died()
            event = {
                "kind": "failed",
                "time": round(time.time(), 3),
                "message": died.sentence,
                "problem": died.to_json(),
            }
            events.append(event)
        return events

    def _read(self) -> list[Event]:
        events, self._offset = read_events(self._job.events, self._offset, self._most)
        with contextlib.suppress(OSError):
            self.behind = bool(events) and self._job.events.stat().st_size > self._offset
        for event in events:
            if event["kind"] == "started":
                self.ended = False
            elif event["kind"] in TERMINAL:
                self.ended = True
        return events

    def _alive(self) -> bool:
        return self._process.poll() is None if self._process else self._job.is_running()

    def _died(self) -> Problem:
        try:
            lines = self._job.log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            lines = []
        last = next((line for line in reversed(lines) if line.strip()), "")
        fields = {"command": resume_command(self._job.path), "last_line": last}
        if last:
            return Problem(
                "worker-died-saying",
                "The job's process ended without a message; go on by `{command}`. Its last line: {last_line}",
                fields,
            )
        return Problem("worker-died", "The job's process ended without a message; go on by `{command}`.", fields)


def _pid_to_kill(job: JobFolder, process: subprocess.Popen[bytes] | None) -> int:
    if process is not None and process.poll() is None:
        return process.pid
    worker = job.worker()
    # The file is believed only while the lock is held: the holder wrote it.
    if worker is None:
        raise JobError(
            "worker-unknown", "{path}: the worker on an unknown computer does not answer; end it there.", path=job.path
        )
    if worker.pid <= 1 or worker.host != socket.gethostname():
        raise JobError(
            "worker-elsewhere",
            "{path}: the worker on {host} does not answer; end it there.",
            path=job.path,
            host=worker.host,
        )
    return worker.pid


def _kill(pid: int, force: bool) -> None:
    if sys.platform == "win32":
        command = ["taskkill", "/T", *(["/F"] if force else []), "/PID", str(pid)]
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, creationflags=APART)
        return
    chosen = signal.SIGKILL if force else signal.SIGTERM
    with contextlib.suppress(ProcessLookupError):
        if os.getpgid(pid) == pid:  # Started by `launch`: its children are in its group and nobody else is.
            os.killpg(pid, chosen)
        else:
            os.kill(pid, chosen)
