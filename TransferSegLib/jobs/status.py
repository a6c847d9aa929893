"""How a job stands, from its files alone: no worker is asked, so it works after a crash and across programs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from TransferSegLib.jobs.events import TERMINAL, Event, read_events
from TransferSegLib.jobs.files import resume_command
from TransferSegLib.jobs.folder import JobFolder

# Beyond any number of seconds or warnings; an event of another program may say anything.
MOST_NUMBER = 1e9
State = Literal["waiting", "running", "done", "failed", "cancelled", "interrupted"]


@dataclass(frozen=True)
class JobStatus:
    """`fraction` is 0…1, `seconds_left` None when unknown; `message` is a sentence for the person.

    state: `waiting` was never started, `interrupted` was started and ended without a word (killed, power cut).
    `verdict` is the sentence on who won, once the job is done; `warnings` counts its warnings then.
    """

    state: State
    phase: str
    fraction: float
    seconds_left: float | None
    message: str
    resumable: bool
    verdict: str | None
    warnings: int


def job_status(folder: Path, most: int | None = None) -> JobStatus:
    """The status of the job in `folder`; an `InputError` when that is no job folder.

    With `most` only the last so many bytes of its events are read, which takes as long for a long job as for a short one;
    the phase of a job that runs may then be missing.
    """
    job = JobFolder(folder)
    job.read_spec()
    # First the lock, then the events: a worker that ends in between has written its last word by then.
    locked = job.is_locked()
    events = latest_run(read_events(job.events, -most if most else 0)[0])
    state = _state(locked, events)
    last = {event["kind"]: event for event in events}
    progress = last.get("progress", {})
    fraction = number(progress.get("fraction")) or 0.0
    final = last.get(state, {})
    return JobStatus(
        state=state,
        phase=_text(last.get("phase", {}).get("text")),
        fraction=1.0 if state == "done" else min(max(fraction, 0.0), 1.0),
        seconds_left=number(progress.get("seconds_left")) if state == "running" else None,
        message=_text(final.get("message")) or _sentence(state, job.path),
        resumable=state not in ("running", "done"),
        verdict=_text(final.get("verdict")) or None,
        warnings=int(number(final.get("warnings")) or 0),
    )


def latest_run(events: list[Event]) -> list[Event]:
    """The events from the last `started` on: a job that was resumed has several runs in one file."""
    starts = [n for n, event in enumerate(events) if event["kind"] == "started"]
    return events[starts[-1] :] if starts else events


def _state(locked: bool, events: list[Event]) -> State:
    if locked:
        return "running"
    ends = [event["kind"] for event in events if event["kind"] in TERMINAL]
    if ends:
        return ends[-1]
    return "interrupted" if events else "waiting"


def _sentence(state: State, job: Path) -> str:
    return {
        "waiting": f"Not started yet; start it by `{resume_command(job)}`.",
        "running": "Running.",
        "done": "Done.",
        "failed": f"Failed; see worker.log, then `{resume_command(job)}`.",
        "cancelled": f"Cancelled; go on with it by `{resume_command(job)}`.",
        "interrupted": f"The worker ended without a word; go on where it stopped by `{resume_command(job)}`.",
    }[state]


def number(value: object) -> float | None:
    """A number of an event; None for what is none, or none that a progress bar can show."""
    return float(value) if isinstance(value, (int, float)) and abs(value) <= MOST_NUMBER else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
