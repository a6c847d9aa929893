"""How a job stands, from its files alone: no worker is asked, so it works after a crash and across programs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from TransferSegLib.core.problems import Problem
from TransferSegLib.jobs.events import TERMINAL, Event, number, read_events
from TransferSegLib.jobs.files import resume_command
from TransferSegLib.jobs.folder import JobFolder

State = Literal["waiting", "running", "done", "failed", "cancelled", "interrupted"]


@dataclass(frozen=True)
class JobStatus:
    """How a job stands.

    Attributes:
        state: `waiting` was never started; `interrupted` was started and ended without a last event (killed, power cut).
        phase: What is being done, in words; empty where that is not known.
        fraction: How much is done, 0…1.
        seconds_left: None where that is not known.
        message: How it stands, a sentence in English.
        problem: The same sentence as data.
        resumable: Whether the job can be resumed.
        verdict: The sentence on which strategy won in English, once the job is done.
        warnings: How many warnings there were, once the job is done.
        below_source: The sentence that the kept model is below the source model, as data; None where it is not, and until the
            job is done.
    """

    state: State
    phase: str
    fraction: float
    seconds_left: float | None
    message: str
    problem: Problem
    resumable: bool
    verdict: str | None
    warnings: int
    below_source: Problem | None = None


def job_status(folder: Path, most: int | None = None) -> JobStatus:
    """How the job in a folder stands.

    Args:
        folder: The job's folder.
        most: How many bytes of the end of its events to read, which takes as long for a long job as for a short one; the
            phase of a job that runs may then be missing. None reads all.

    Raises:
        InputError: The folder is no job's.
    """
    job = JobFolder(folder)
    job.read_spec()
    # First the lock, then the events: a worker that ends in between has written its last event by then.
    locked = job.is_locked()
    running = locked or job.is_running()
    all_events = read_events(job.events, -most if most else 0)[0]
    events = [] if running and not locked else latest_run(all_events)
    state = _state(running, events)
    last = {event["kind"]: event for event in events}
    # A job that is resumed goes on from where it was; it says so only once it has read its cases.
    before = [event for event in all_events if event["kind"] == "progress"]
    progress = last.get("progress") or (before[-1] if before else {})
    fraction = number(progress.get("fraction")) or 0.0
    final = last.get(state, {})
    # The last event of a job that is done says which strategy won.
    problem = (None if state == "done" else _final_problem(final)) or _problem(state, job.path)
    return JobStatus(
        state=state,
        phase=_text(last.get("phase", {}).get("text")),
        fraction=1.0 if state == "done" else min(max(fraction, 0.0), 1.0),
        seconds_left=number(last.get("progress", {}).get("seconds_left")) if state == "running" else None,
        message=problem.sentence,
        problem=problem,
        resumable=state not in ("running", "done"),
        verdict=_text(final.get("verdict")) or None,
        warnings=int(number(final.get("warnings")) or 0),
        below_source=_problem_in(final, "below_source"),
    )


def latest_run(events: list[Event]) -> list[Event]:
    """The events from the last `started` on, as a job that was resumed has several runs in one file."""
    starts = [n for n, event in enumerate(events) if event["kind"] == "started"]
    return events[starts[-1] :] if starts else events


def _state(running: bool, events: list[Event]) -> State:
    if running:
        return "running"
    ends = [event["kind"] for event in events if event["kind"] in TERMINAL]
    if ends:
        return ends[-1]
    return "interrupted" if events else "waiting"


def _final_problem(event: Event) -> Problem | None:
    """What the last event says; None where it says nothing."""
    text = _text(event.get("message"))  # version 0.1.0 wrote the sentence alone
    return _problem_in(event, "problem") or (Problem("other", "{text}", {"text": text}) if text else None)


def _problem_in(event: Event, name: str) -> Problem | None:
    try:
        return Problem.from_json(event[name])
    except (LookupError, ValueError):
        return None


def _problem(state: State, job: Path) -> Problem:
    command = {"command": resume_command(job)}
    return {
        "waiting": Problem("job-waiting", "Not started yet; start it by `{command}`.", command, "note"),
        "running": Problem("job-running", "Running.", severity="note"),
        "done": Problem("job-done", "Done.", severity="note"),
        "failed": Problem("job-failed", "Failed; see worker.log, then `{command}`.", command),
        "cancelled": Problem("job-cancelled", "Cancelled; go on with it by `{command}`.", command, "note"),
        "interrupted": Problem(
            "job-interrupted",
            "The job's process ended without a message; go on where it stopped by `{command}`.",
            command,
        ),
    }[state]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
