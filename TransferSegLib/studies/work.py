"""One task of a study: make its job folder, run the job or go on with it, and say how it ended."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from TransferSegLib.core.errors import Cancelled, TransferSegError
from TransferSegLib.core.files import remove_folder
from TransferSegLib.core.problems import Problem
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.status import job_status
from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.plan import Task

# How long the lock of a process that was killed may still be seen, such as over a network.
WAIT_S = 3.0

_RUN_ELSEWHERE = ("job-run-by-process", "job-run-elsewhere")
# `elsewhere`: another process has the job, such as of somebody else who runs the same study.
Ending = Literal["done", "failed", "cancelled", "elsewhere"]


@dataclass(frozen=True)
class TaskEnd:
    """How a task ended.

    Attributes:
        name: The task.
        ending: How.
        problem: Why it failed.
    """

    name: str
    ending: Ending
    problem: Problem | None = None


def is_done(task: Task) -> bool:
    """Whether a task was finished before."""
    return JobFolder(task.folder).job_json.is_file() and job_status(task.folder, most=65536).state == "done"


def done_share(task: Task) -> float:
    """How much of a task at work is done, 0…1, as its job says; 0 where no process has its job."""
    job = JobFolder(task.folder)
    return job_status(job.path, most=65536).fraction if job.is_locked() else 0.0


def ask_to_stop(task: Task) -> None:
    """Ask the worker of a task to stop in good order, where it has begun."""
    job = JobFolder(task.folder)
    if job.is_locked():
        job.request_cancel()


def run_task(task: Task, study: StudyFolder, listener: Callable[[dict[str, Any]], None] | None = None) -> TaskEnd:
    """Run a task to its end in this process. One that is done is not done again.

    Args:
        task: The task.
        study: The study's folder.
        listener: Receives the events of its job.

    Returns:
        How it ended.
    """
    try:
        if _is_run_elsewhere(task):
            return TaskEnd(task.name, "elsewhere")
        _run(task, study, listener)
    except Cancelled:
        return TaskEnd(task.name, "cancelled")
    except TransferSegError as error:
        if error.code in _RUN_ELSEWHERE:
            return TaskEnd(task.name, "elsewhere")
        return TaskEnd(task.name, "failed", error.problem)
    except Exception as error:  # outside of the job, which tells of its own failures
        job = JobFolder(task.folder)
        fields = {"kind": type(error).__name__, "text": " ".join(str(error).split()), "log": job.log}
        job.path.mkdir(parents=True, exist_ok=True)
        with job.log.open("a", encoding="utf-8") as file:
            file.write(traceback.format_exc())
        told = Problem("study-task-broke", "unexpected error ({kind}: {text}); the traceback is in {log}.", fields)
        return TaskEnd(task.name, "failed", told)
    return TaskEnd(task.name, "done")


def _run(task: Task, study: StudyFolder, listener: Callable[[dict[str, Any]], None] | None) -> None:
    from TransferSegLib.jobs.worker import run_job

    job = JobFolder(task.folder)
    if is_done(task):
        return
    # Of a process that was killed between making the folder and writing the job, or of a study that was moved meanwhile.
    if not job.job_json.is_file() or job.read_spec() != task.spec:
        remove_folder(job.path)
        JobFolder.create(job.path, task.spec)
    if not job.is_locked():
        job.clear_cancel()
    run_job(job.path, listener, prepared=study.prepared, with_report=False)


def _is_run_elsewhere(task: Task) -> bool:
    until = time.monotonic() + WAIT_S
    while JobFolder(task.folder).is_locked():
        if time.monotonic() > until:
            return True
        time.sleep(0.2)
    return False
