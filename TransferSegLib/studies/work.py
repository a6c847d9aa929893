"""One task of a study: make its job folder, run the job or go on with it, and say how it ended."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from TransferSegLib.core.errors import Cancelled, TransferSegError
from TransferSegLib.core.files import remove_folder, replacing
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import read_json
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.status import job_status
from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.plan import Task

Ending = Literal["done", "failed", "cancelled"]


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


def run_task(task: Task, study: StudyFolder, listener: Callable[[dict[str, Any]], None] | None = None) -> TaskEnd:
    """Run a task to its end in this process. One that is done is not done again.

    Args:
        task: The task.
        study: The study's folder.
        listener: Receives the events of its job.

    Returns:
        How it ended. A failure is also written down in the study's folder.
    """
    try:
        _run(task, study, listener)
    except Cancelled:
        return TaskEnd(task.name, "cancelled")
    except TransferSegError as error:
        return _failed(task, study, error.problem)
    except Exception as error:
        job = JobFolder(task.folder)
        fields = {"task": task.name, "kind": type(error).__name__, "text": " ".join(str(error).split()), "log": job.log}
        job.path.mkdir(parents=True, exist_ok=True)
        with job.log.open("a", encoding="utf-8") as file:
            file.write(traceback.format_exc())
        return _failed(
            task,
            study,
            Problem("study-task-broke", "unexpected error ({kind}: {text}); the traceback is in {log}.", fields),
        )
    (study.failures / f"{task.name}.json").unlink(missing_ok=True)
    return TaskEnd(task.name, "done")


def stored_failure(name: str, study: StudyFolder) -> Problem | None:
    """Why a task failed when it was run last; None where it did not.

    Args:
        name: The task.
        study: The study's folder.
    """
    try:
        return Problem.from_json(read_json(study.failures / f"{name}.json"))
    except (TransferSegError, ValueError):
        return None


def _run(task: Task, study: StudyFolder, listener: Callable[[dict[str, Any]], None] | None) -> None:
    from TransferSegLib.jobs.worker import run_job

    job = JobFolder(task.folder)
    if is_done(task):
        return
    if not job.job_json.is_file():
        remove_folder(job.path)  # of a process that was killed between making the folder and writing the job
        JobFolder.create(job.path, task.spec)
    if not job.is_locked():
        job.clear_cancel()
    run_job(job.path, listener, prepared=study.prepared)


def _failed(task: Task, study: StudyFolder, problem: Problem) -> TaskEnd:
    study.failures.mkdir(parents=True, exist_ok=True)
    with replacing(study.failures / f"{task.name}.json") as temporary:
        temporary.write_text(json.dumps(problem.to_json(), ensure_ascii=False), encoding="utf-8")
    return TaskEnd(task.name, "failed", problem)
