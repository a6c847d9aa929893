"""Running a study: what its cells share is made once, then the cells, then what is read off them. It goes on where it was."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from TransferSegLib.core.errors import InputError, JobError
from TransferSegLib.core.files import FULL, replacing
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import read_job
from TransferSegLib.studies.checking import check_study
from TransferSegLib.studies.executors import find_executor
from TransferSegLib.studies.executors.executor import Where
from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.grid import Study, read_study, study_text
from TransferSegLib.studies.plan import StudyPlan, Task, make_phantoms, plan_study
from TransferSegLib.studies.progress import StudyProgress
from TransferSegLib.studies.report import write_study_report
from TransferSegLib.studies.work import TaskEnd, is_done

# How often it is looked whether somebody else has ended a job.
LOOK_EVERY_S = 2.0


@dataclass(frozen=True)
class StudyEnd:
    """How a run of a study ended.

    Attributes:
        cells: How many cells it has.
        done: How many of these are done.
        failed: The tasks that failed in this run.
        stopped: Whether the person stopped it.
    """

    cells: int
    done: int
    failed: tuple[TaskEnd, ...]
    stopped: bool


def begin_study(study: Study, folder: StudyFolder) -> None:
    """Write `study.yaml` into the folder of a study that is new, or that is this very study.

    Raises:
        InputError: The folder holds another study or anything else, or cannot be written.
    """
    study = with_whole_paths(study)
    if folder.study_yaml.is_file():
        if read_study(folder.study_yaml) != study:
            raise InputError(
                "study-folder-taken",
                "{path}: holds another study; choose another folder, or change its {file} and `transferseg study resume` it.",
                path=folder.path,
                file=folder.study_yaml.name,
            )
        return
    try:
        if folder.path.is_dir() and any(folder.path.iterdir()):
            raise InputError(
                "study-folder-not-empty",
                "{path}: is not empty and holds no study; choose a new or an empty folder.",
                path=folder.path,
            )
        folder.path.mkdir(parents=True, exist_ok=True)
        with replacing(folder.study_yaml) as temporary:
            temporary.write_text(study_text(study), encoding="utf-8")
    except OSError as error:
        raise InputError(
            "study-folder-not-writable",
            "{path}: cannot be written ({reason}); choose another folder.",
            path=folder.path,
            reason=error.strerror,
        ) from None


def with_whole_paths(study: Study) -> Study:
    """The study with absolute paths of its data sets, so that it can be resumed from anywhere."""

    def whole(path: str) -> str:
        return str(Path(path).expanduser().absolute())

    data = {name: one if one.path is None else replace(one, path=whole(one.path)) for name, one in study.data.items()}
    sources = {
        name: one
        if one.model is None or not Path(one.model).expanduser().exists()
        else replace(one, model=whole(one.model))
        for name, one in study.sources.items()
    }
    return replace(study, data=data, sources=sources)


def open_study(
    folder: StudyFolder, show: Callable[[float, float | None, str], None] = lambda fraction, left, text: None
) -> tuple[Study, StudyPlan]:
    """Read a study from its folder, with its jobs.

    Args:
        folder: The study's folder.
        show: Is given how much of the made-up cases is there (0…1), None, and a text.

    Raises:
        InputError: The folder holds no study, what it names is not there, or a data set has changed since cells were run.
    """
    if not folder.study_yaml.is_file():
        raise InputError(
            "not-a-study", "{path}: not a study's folder (it has no {file}); check the path.", path=folder.path,
            file=folder.study_yaml.name,
        )  # fmt: skip
    study = read_study(folder.study_yaml)
    make_phantoms(study, folder, show=show)
    plan = plan_study(study, folder)
    _refuse_other_cases(plan)
    return study, plan


def _refuse_other_cases(plan: StudyPlan) -> None:
    """Refuse a study whose data sets have changed: its cells would have been trained or scored on different cases.

    Raises:
        InputError: A job that is done took other cases than the study says now.
    """
    for task in plan.tasks:
        if is_done(task) and read_job(task.folder).cases != task.spec.cases:
            raise InputError(
                "study-cases-changed",
                "{target}: has other cases than when `{job}` was run; put them back as they were, run the study in a new "
                "folder, or delete {folder} to run that again.",
                target=task.spec.target,
                job=task.name,
                folder=task.folder,
            )


def run_study(
    folder: StudyFolder,
    where: Where,
    show: Callable[[float, float | None, str], None],
    on_start: Callable[[StudyProgress], None] = lambda progress: None,
) -> StudyEnd:
    """Run a study to its end, or go on with it, and write its results, tables, figures and report.

    Args:
        folder: The study's folder, with its `study.yaml`.
        where: Where its jobs are run.
        show: Is given what is done (0…1), the seconds left (None where that is not known yet), and a text.
        on_start: Is given the progress, whose `stopping` ends the run in good order.

    Raises:
        InputError: What the study names is not there, one of its jobs would be refused, or the executor cannot be used.
        JobError: A file cannot be written.
    """
    study, plan = open_study(folder, _before(show))
    done = {task.name for task in plan.tasks if is_done(task)}
    check_study(plan, done, _before(show))
    progress = StudyProgress(plan.tasks, done, show)
    on_start(progress)
    executor = find_executor(where)
    for stage in (plan.pretrainings, tuple(task for _, task in plan.cells)):
        left = [task for task in stage if task.name not in done]
        while left and not progress.stopping:
            left = [task for task in left if _has_source(task, plan)]
            executor(left, folder, progress, where)
            elsewhere = {end.name for end in progress.ends if end.ending == "elsewhere"}
            left = [task for task in left if task.name in elsewhere]
            progress.ends = [end for end in progress.ends if end.ending != "elsewhere"]
            _wait_for_others(left, progress)
    try:
        write_study_report(study, plan, folder)
    except OSError as error:
        raise JobError(
            "study-report-not-written",
            "{path}: {full:?the disk is full; free space|cannot be written ({reason}); make it writable}, then run "
            "`{command}`.",
            path=error.filename or folder.path,
            full=error.errno in FULL,
            reason=error.strerror,
            command=f"transferseg study report {shlex.quote(str(folder.path))}",
        ) from None
    failed = tuple(end for end in progress.ends if end.ending == "failed")
    finished = sum(is_done(task) for _, task in plan.cells)
    return StudyEnd(len(plan.cells), finished, failed, progress.stopping)


def _before(show: Callable[[float, float | None, str], None]) -> Callable[[float, float | None, str], None]:
    """Shows what is done before any job is run: nothing of the study is done by that."""
    return lambda fraction, left, text: show(0.0, None, text)


def _has_source(task: Task, plan: StudyPlan) -> bool:
    """Whether the source model of a task is there; where its training failed, that was told already."""
    trained = {str(one.folder / "model"): one for one in plan.pretrainings}
    source = trained.get(task.spec.source or "")
    return source is None or is_done(source)


def _wait_for_others(tasks: list[Task], progress: StudyProgress) -> None:
    """Wait until others have ended the tasks that they have begun."""
    while not progress.stopping and tasks and all(JobFolder(task.folder).is_locked() for task in tasks):
        time.sleep(LOOK_EVERY_S)
