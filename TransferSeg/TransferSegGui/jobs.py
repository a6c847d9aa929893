"""Jobs as the module handles them: it makes them from the table, starts, follows, stops, lists and deletes them."""

from __future__ import annotations

import contextlib
import shutil
import socket
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import qt
from slicer.i18n import tr as _

from TransferSegGui.exporting import DATA_SET, Exporter, job_name, label_values, regions_of
from TransferSegGui.processes import python_executable
from TransferSegGui.regions import with_values
from TransferSegGui.targets import TargetCase
from TransferSegGui.words import case_words, problem_text, said_problem, strategy_words, with_case_names
from TransferSegLib.cases.grouping import grouped
from TransferSegLib.core.errors import InputError, TransferSegError
from TransferSegLib.core.files import remove_folder, retry_while_held
from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.lesions.options import LesionOptions
from TransferSegLib.jobs.events import TERMINAL, Event, number
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.launch import Termination, Watcher, WorkerProcess, end_process, end_worker, launch
from TransferSegLib.jobs.spec import (
    BEST,
    JOB_FORMAT,
    JobSpec,
    StrategyChoice,
    adapt_strategies,
    recommended_strategies,
)
from TransferSegLib.jobs.status import JobStatus, State, job_status
from TransferSegLib.sources.catalogue import user_folder
from TransferSegLib.sources.folder import SourceFolder
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.transfer.recommended import AUTO

SETTING = "TransferSeg/JobsFolder"
LAST_JOB = "TransferSeg/LastJob"
TARGET = "target"
# Prefix of the names of folders that are being deleted.
DELETED = ".deleted-"
# Seconds that a worker may take to stop by itself before it is ended.
PATIENCE_S = 15.0
# Bytes of a job's events that are read at once; that takes some milliseconds.
AT_ONCE = 50_000


def chosen_jobs_folder() -> str:
    """The folder of jobs that the person chose; "" for the usual one."""
    return qt.QSettings().value(SETTING) or ""


def usual_jobs_folder() -> Path:
    """The folder of jobs where none is chosen: beside the person's source models."""
    return user_folder().parent / "jobs"


def jobs_folder() -> Path:
    """The folder in which jobs are kept."""
    chosen = chosen_jobs_folder()
    return Path(chosen) if chosen else usual_jobs_folder()


def set_jobs_folder(folder: Path | None) -> None:
    """Keep jobs in this folder from now on; None is the usual one."""
    qt.QSettings().setValue(SETTING, str(folder) if folder else "")


def remember_last_job(folder: Path) -> None:
    """Remember which job was started last, also beyond this scene and this Slicer."""
    qt.QSettings().setValue(LAST_JOB, str(folder))


def last_job() -> Path | None:
    """The job that was started last, wherever its folder is."""
    folder = qt.QSettings().value(LAST_JOB)
    return Path(folder) if folder else None


def runs_here(folder: Path) -> bool:
    """Whether a job runs on this computer, whoever started it."""
    job = JobFolder(folder)
    if not job.is_running():
        return False
    worker = job.worker()
    return worker is None or not job.is_locked() or worker.host == socket.gethostname()


def jobs_that_run(parent: Path) -> list[Path]:
    """The jobs in a folder that run on this computer at this moment."""
    try:
        return [folder for folder in parent.glob("[!.]*") if runs_here(folder)]
    except OSError:
        return []


def job_spec(
    target: Path,
    source: SourceFolder,
    strategies: Sequence[StrategyChoice],
    training: TrainingOptions,
    *,
    folds: int | None = None,
    label_map: Mapping[str, Any] | None = None,
    source_data: str | None = None,
    lesions: LesionOptions | None = None,
    title: str = "",
    parent: Path | None = None,
    parent_cases: Mapping[str, str] | None = None,
) -> JobSpec:
    """Check what a job is asked to do: `adapt` for one strategy or `auto`, `compare` for several.

    Args:
        target: The data set of the target cases.
        source: The source model.
        strategies: The strategies with their options.
        training: Budget, device and settings of the training.
        folds: How many folds; None leaves it to the job.
        label_map: Target label → source label, "new", or None to leave it out.
        source_data: The data set of the source's own cases.
        lesions: Which label's components are lesions; None where none are.
        title: A title for the list of jobs.
        parent: The finished job to go on from; None for none.
        parent_cases: Numbered case → what the parent called it, see `parent_cases`.

    Raises:
        InputError: The strategies or settings do not go together.
    """
    several = len(strategies) > 1
    if [choice.key for choice in strategies] == [AUTO]:
        chosen = recommended_strategies(source.card, training)
    else:
        chosen = tuple(strategies) if several else adapt_strategies(strategies[0])
    return JobSpec(
        JOB_FORMAT,
        "compare" if several else "adapt",
        str(target),
        chosen,
        keep=BEST if several else strategies[0].key,
        source=str(source.folder.absolute()),
        source_data=source_data or None,
        folds=folds,
        label_map=dict(label_map) if label_map else None,
        training=training,
        lesions=lesions,
        title=title,
        parent=None if parent is None else str(parent),
        parent_cases=None if parent_cases is None else dict(parent_cases),
    )


def create_in_steps(
    folder: Path, cases: Sequence[TargetCase], source: SourceFolder, exporter: Exporter, **asked: Any
) -> Generator[None, None, Path]:
    """Make a job's folder with its cases as numbered files inside, a small part with each step.

    The folder is kept only when all cases could be exported and all steps are taken.

    Args:
        folder: A new or empty folder.
        cases: The target cases.
        source: The source model.
        exporter: Writes the cases to files.
        asked: Further arguments of `job_spec`.

    Returns:
        The job's folder.

    Raises:
        InputError: A case cannot be exported, or the job cannot be made.
    """
    spec, values = job_spec(folder / TARGET / DATA_SET, source, **asked), label_values(cases)
    regions = with_values(regions_of(cases), values)
    for case in cases:
        yield from exporter.export_in_steps(case, values, regions)
    job = JobFolder.create(folder, spec)
    try:
        yield from exporter.write_in_steps(job.path / TARGET, cases)
    except (TransferSegError, OSError, GeneratorExit):
        with contextlib.suppress(OSError):  # what broke off matters more
            remove_folder(job.path)
        raise
    return job.path


def new_folder(parent: Path) -> Path:
    """The folder of a new job, named after date and time."""
    name = time.strftime("%Y-%m-%d %H.%M.%S")
    names = [name, *(f"{name} ({n})" for n in range(2, 100))]
    return next(parent / one for one in names if not (parent / one).exists())


def case_keys(cases: Sequence[TargetCase]) -> dict[str, str]:
    """Name of each numbered case of a job → the case's key in the table."""
    return {job_name(number): case.key for number, case in enumerate(cases)}


def parent_cases(cases: Sequence[TargetCase], keys: Mapping[str, str]) -> dict[str, str]:
    """Name of each numbered case of a job → what the parent called it; without those that the parent did not have.

    Args:
        cases: The cases of the job.
        keys: Name of each numbered case of the parent → its key in the table.
    """
    called = {key: name for name, key in keys.items()}
    return {name: called[key] for name, key in case_keys(cases).items() if key in called}


@dataclass(frozen=True)
class JobEntry:
    """A job in the list.

    Attributes:
        folder: Its folder.
        title: Its line in the list.
        status: How it stands.
    """

    folder: Path
    title: str
    status: JobStatus


class JobList:
    """The jobs in a folder, read one by one, and again only where their files have changed.

    Attributes:
        entries: The jobs, the newest first.
    """

    def __init__(self) -> None:
        self.entries: list[JobEntry] = []
        self._known: dict[Path, tuple[Any, JobEntry | None]] = {}

    def read(self, parent: Path) -> Iterator[Path]:
        """Read one job with each step; `entries` has all of them after the last step."""
        try:
            folders = sorted(parent.glob("[!.]*"), key=lambda folder: folder.name, reverse=True)
        except OSError:
            folders = []
        found = []
        for folder in folders:
            if (entry := self._entry(folder)) is not None:
                found.append(entry)
            yield folder
        self.entries = found

    def _entry(self, folder: Path) -> JobEntry | None:
        job = JobFolder(folder)
        try:
            stats = [path.stat() for path in (job.job_json, job.events) if path.exists()]
            stamp = (job.is_running(), *((stat.st_size, stat.st_mtime_ns) for stat in stats)) if stats else None
            if folder not in self._known or self._known[folder][0] != stamp:
                entry = (
                    JobEntry(folder, _title(folder, job.read_spec()), job_status(folder, AT_ONCE)) if stats else None
                )
                self._known[folder] = (stamp, entry)
        except (TransferSegError, OSError):
            return None
        return self._known[folder][1]


def delete(folder: Path) -> None:
    """Delete a job's folder.

    Raises:
        InputError: The job runs, or its files are in use.
    """
    job = JobFolder(folder)
    job.read_spec()
    if job.is_running():
        raise InputError("job-to-delete-runs", "{path}: is running; cancel it first.", path=folder)
    gone = folder.with_name(f"{DELETED}{time.time_ns()}")
    try:
        retry_while_held(lambda: folder.rename(gone))
    except OSError as error:
        raise InputError(
            "job-not-deleted",
            "{path}: cannot be deleted ({reason}); close the files in it.",
            path=folder,
            reason=error.strerror,
        ) from None
    with contextlib.suppress(OSError):  # the next that is deleted takes it along
        remove_folder(gone)
    for left in folder.parent.glob(f"{DELETED}*"):  # also of a Slicer that was closed in the middle of it
        shutil.rmtree(left, ignore_errors=True)


def start(folder: Path) -> WorkerProcess:
    """Start the worker of a job.

    Raises:
        InputError: Another worker runs the job.
    """
    job = JobFolder(folder)
    if job.is_running():
        worker = job.worker() if job.is_locked() else None
        known = _("process {number} on {computer}")
        who = known.format(number=worker.pid, computer=worker.host) if worker else _("another process")
        raise InputError(
            "job-already-run",
            "{path}: is being run by {who}, perhaps of another Slicer; open it to watch.",
            path=folder,
            who=who,
        )
    return launch(folder, python_executable())


class JobFollower:
    """Follows one job without ever waiting: call `poll` now and then.

    Attributes:
        job: The job's folder.
        stopping: Whether the job was asked to stop, here or elsewhere, and still runs.
        process: The worker, where it was started here. Its exit code counts then: a worker that says "done" and ends with an
            error has failed. Else the job's files alone are read.
        status: How the job stands.
        curves: (strategy, fold) → the loss after each step, as (step, loss).
        weights: Strategy → a sentence on which of the source's weights it starts from.
        names: Name of each numbered case → its name in the panel.
        log: What the job has said so far, in the panel's words.
        detail: What it is doing at the moment, in the panel's words.
    """

    def __init__(
        self, folder: Path, process: WorkerProcess | None = None, names: Mapping[str, str] | None = None
    ) -> None:
        """Begin to follow a job.

        Args:
            folder: The job's folder.
            process: The worker, where it was started here.
            names: Name of each numbered case → its name in the panel; others are called by their numbers.
        """
        self.names = names or {}
        self._findings: list[Problem] = []
        self.job = JobFolder(folder)
        self.process = process
        self.status = job_status(folder, AT_ONCE)
        if process is not None:
            self._set(state="running")
        self.curves: dict[tuple[str, str], list[tuple[int, float]]] = {}
        self.weights: dict[str, str] = {}
        self.log: list[str] = []
        self.detail = ""
        self._watcher = Watcher(folder, process, AT_ONCE)
        self._last: Event | None = None
        self._cancelled_at: float | None = None
        self.stopping = self.running and self.job.cancel_file.exists()
        self._termination: Termination | None = None

    @property
    def running(self) -> bool:
        """Whether the job runs."""
        return self.status.state == "running"

    @property
    def cancelled(self) -> bool:
        """Whether it was asked to stop here, and still runs."""
        return self.stopping and (self._cancelled_at is not None or self._termination is not None)

    @property
    def behind(self) -> bool:
        """Whether there is more to read: call `poll` again soon."""
        return self._watcher.behind and self.job.job_json.exists()

    def poll(self) -> bool:
        """Read what is new, and say whether anything changed."""
        stopping = self.stopping
        changed = self._poll()
        # The worker takes the request away a moment before it ends.
        self.stopping = self.running and (stopping or self.job.cancel_file.exists())
        return changed or self.stopping != stopping

    def _poll(self) -> bool:
        if not self.job.job_json.exists():
            return self._gone()
        events = self._watcher.poll()
        for event in events:
            # An event of another version or of a damaged file is passed over.
            with contextlib.suppress(KeyError, TypeError, ValueError):
                self._take(event)
        if self.behind:
            return True
        if self._last is not None and (self.process is None or self.process.poll() is not None):
            self._finish(self._last)
            self._last = None
            return True
        if self.running and self.process is None and not self.job.is_running():
            self.status = job_status(self.job.path, AT_ONCE)  # ended without a message
            return True
        if self.running and self._cancelled_at and time.monotonic() - self._cancelled_at > PATIENCE_S:
            self._cancelled_at = None
            self._termination = end_worker(self.job.path, self.process)
        if self._termination is not None:
            self._termination.poll()
        return bool(events)

    def cancel(self) -> None:
        """Ask the worker to stop in good order. `poll` ends one that does not."""
        self.job.request_cancel()
        self.stopping, self._cancelled_at = True, time.monotonic()

    def _take(self, event: Event) -> None:
        kind = event["kind"]
        if kind != "finding":
            self._log_findings()
        if kind == "started":
            self._last = None  # the end of an earlier run
            if self.process is not None or self.job.is_running():
                self._set(state="running", message="", verdict=None)
        elif kind == "phase":
            self._set(phase=self._words(said_problem(event, "text")))
            self.log.append(self.status.phase)
        elif kind == "progress":
            fraction = min(max(number(event["fraction"]) or 0.0, 0.0), 1.0)
            self._set(fraction=fraction, seconds_left=number(event["seconds_left"]))
            self.detail = self._words(said_problem(event, "text"))
        elif kind == "metric":
            fold, step, loss = str(event["fold"]), number(event["step"]), number(event.get("loss"))
            if (fold.isdecimal() or fold == "final") and step is not None and loss is not None:
                self.curves.setdefault((str(event["strategy"]), fold), []).append((int(step), loss))
        elif kind == "choice" and "weights" in event:
            strategy, weights = str(event["strategy"]), self._words(said_problem(event["weights"], "sentence"))
            self.weights[strategy] = weights
            self.log.append(f"{strategy_words(strategy)}: {weights}")
        elif kind == "choice" and "message" in event and "recommended" not in event:
            self._log_choice(event)
        elif kind == "finding":
            self._findings.append(Problem.from_json(event))
        elif kind == "warning":
            self.log.append(self._words(said_problem(event, "message")))
        elif kind in TERMINAL:
            self._last = event
            self.log.append(self._words(said_problem(event, "verdict" if kind == "done" else "message")) or kind)

    def _log_choice(self, event: Event) -> None:
        """Write what the job decided, once, and for which strategy; what it recommends is its result."""
        problem, strategy = said_problem(event, "message"), event.get("strategy")
        said = self._words(problem)
        if strategy is not None and "strategy" not in problem.fields:
            said = f"{strategy_words(str(strategy))}: {said}"
        if said not in self.log:
            self.log.append(said)

    def _log_findings(self) -> None:
        """Write what the checks found, what is alike in one sentence, once all of it is known."""
        findings, self._findings = self._findings, []
        for found in grouped(findings):
            said = self._words(found)
            case = case_words(found.case, self.names) if found.case else ""
            self.log.append(_("{case}: {problem}").format(case=case, problem=said) if case else said)

    def _words(self, problem: Problem) -> str:
        return problem_text(with_case_names(problem, self.names))

    def _finish(self, event: Event) -> None:
        code = self.process.returncode if self.process else 0
        # With 1 it was done, and warned of what it was given.
        if event["kind"] == "done" and code not in (0, 1):
            failed = Problem(
                "worker-failed-after-done",
                "The worker said that it was done, and then ended with exit code {code}: its results may not be whole. "
                "Resume the job; what is finished is kept.",
                {"code": code},
            )
            self._end("failed", failed, resumable=True)
        elif event["kind"] == "done":
            self.status = job_status(self.job.path, AT_ONCE)
        else:
            self._end(event["kind"], said_problem(event, "message"), resumable=True)

    def _gone(self) -> bool:
        if not self.running:
            return False
        if self.process is not None and self.process.poll() is None:
            self._termination = self._termination or end_process(self.process)
            self._termination.poll()
            return False
        deleted = Problem(
            "job-folder-deleted",
            "The job's folder was deleted while it ran; the job was stopped, and its results are gone.",
        )
        self._end("failed", deleted, resumable=False)
        return True

    def _end(self, state: State, problem: Problem, resumable: bool) -> None:
        self._set(state=state, message=problem.sentence, problem=problem, resumable=resumable, seconds_left=None)

    def _set(self, **fields: Any) -> None:
        self.status = replace(self.status, **fields)


def _title(folder: Path, spec: JobSpec) -> str:
    if spec.recommends:
        return f"{folder.name}  {spec.title or strategy_words(AUTO)}"
    what = ", ".join(
        strategy_words(choice.key) for choice in spec.strategies if len(spec.strategies) == 1 or choice.name != "direct"
    )
    return f"{folder.name}  {spec.title or what}"


def worker_log(folder: Path, most: int = 20000) -> str:
    """The end of a job's log, at most so many bytes; "" where there is no log."""
    path = JobFolder(folder).log
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - most))
            return file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
