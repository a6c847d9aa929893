"""`events.jsonl`: what happens in a job, one line of JSON an event, appended and never changed.

A process that is killed leaves a torn last line. That is normal: readers leave it alone, the next writer ends it.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from TransferSegLib.core.problems import Problem
from TransferSegLib.jobs.files import explain_write_errors, json_text

Event = dict[str, Any]
EventKind = Literal[
    "started", "phase", "progress", "metric", "finding", "warning", "choice", "result", "done", "failed", "cancelled"
]
TERMINAL = ("done", "failed", "cancelled")

# Beyond any number of seconds or warnings; an event of another program may say anything.
MOST_NUMBER = 1e9
PROGRESS_EVERY_S = 0.25
# How many seconds of work it takes until the measured rate counts as much as the estimates.
PRIOR_S = 3.0
# Seconds over which a change of the time left is spread.
SMOOTHING_S = 2.5


class EventLog:
    """Appends events to a file, each a line with `kind`, `time` (seconds since 1970) and its fields.

    Attributes:
        path: The file.
        warnings: The sentences of the warnings that this log has written.
    """

    def __init__(self, path: Path, listener: Callable[[Event], None] | None = None) -> None:
        """Open the file, which is made if need be.

        Args:
            path: The file, in the job's folder.
            listener: Receives every event as it is written.

        Raises:
            JobError: The file cannot be written.
        """
        self.path = path
        self.warnings: list[str] = []
        self._listener = listener
        with explain_write_errors(path, path.parent):
            self._file = open(path, "ab", buffering=0)  # noqa: SIM115 - closed by close()
        self._torn = _is_torn(path)

    def write(self, kind: EventKind, **fields: Any) -> None:
        """Append one event.

        Raises:
            JobError: The disk refuses it.
        """
        event = {"kind": kind, "time": round(time.time(), 3), **fields}
        text = json_text(event)
        data = memoryview((b"\n" if self._torn else b"") + text.encode() + b"\n")
        with explain_write_errors(self.path, self.path.parent):
            self._torn = True
            while data:
                data = data[self._file.write(data) or 0 :]
            self._torn = False
        if self._listener is not None:
            self._listener(json.loads(text))

    def tell(self, kind: EventKind, problem: Problem, **fields: Any) -> None:
        """Append an event that has a sentence, which is written in English and as data.

        Args:
            kind: The kind of the event.
            problem: The sentence. In English it is the field `message`, or `text` of a phase or of progress.
            fields: The other fields of the event.

        Raises:
            JobError: The disk refuses it.
        """
        key = "text" if kind in ("phase", "progress") else "message"
        self.write(kind, **{key: problem.sentence}, problem=problem.to_json(), **fields)

    def phase(self, problem: Problem) -> None:
        """Say what is being done from now on."""
        self.tell("phase", problem)

    def warn(self, problem: Problem) -> None:
        """Say what the person should know of a job that goes on."""
        self.warnings.append(problem.sentence)
        self.tell("warning", problem)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> EventLog:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def read_events(path: Path, offset: int = 0, most: int = -1) -> tuple[list[Event], int]:
    """Read the events that are whole.

    Lines that are no event (torn lines that were ended) are passed over. A file that became shorter is read from its start.

    Args:
        path: The file; one that is not there has no events.
        offset: The byte to read from; a negative one counts from the end.
        most: About how many bytes to read at once, the rest by calling again; -1 is all.

    Returns:
        The events, and the offset to read on from.
    """
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            offset = max(0, size + offset) if offset < 0 else offset if offset <= size else 0
            file.seek(offset)
            data = file.read(most)
            if most >= 0 and b"\n" not in data:
                data += file.readline()
    except OSError:
        return [], offset
    end = data.rfind(b"\n") + 1
    events = []
    for line in data[:end].split(b"\n"):
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict) and isinstance(event.get("kind"), str):
            events.append(event)
    return events, offset + end


def kept_fraction(job_events: Path, kept_at: float) -> float:
    """What of a job, 0…1, was done by the time when something was kept of it for the last time, as the job said then.

    Args:
        job_events: The events of the job.
        kept_at: When its newest result or checkpoint was written, in seconds since 1970.
    """
    fraction = 0.0
    for event in read_events(job_events)[0]:
        said, when = number(event.get("fraction")), event.get("time")
        in_time = isinstance(when, (int, float)) and when <= kept_at
        if event["kind"] == "progress" and said is not None and in_time:
            fraction = said
    return min(max(fraction, 0.0), 1.0)


def number(value: object) -> float | None:
    """A number of an event; None for what is none, or none that a progress bar can show."""
    return float(value) if isinstance(value, (int, float)) and abs(value) <= MOST_NUMBER else None


class Progress:
    """Turns what is done of a job's parts into `progress` events: `fraction` (0…1) and `seconds_left`.

    The time left begins with the estimates, follows the measured rate, and is smoothed.
    """

    def __init__(
        self,
        log: EventLog,
        parts: Mapping[str, float],
        done_before: Mapping[str, float] | None = None,
        clock: Callable[[], float] = time.monotonic,
        fraction: float = 0.0,
    ) -> None:
        """Begin to measure.

        Args:
            log: Where the events go.
            parts: The name of each planned part → its estimated seconds.
            done_before: The name of a part → how much of it (0…1) an earlier run did.
            clock: Seconds from some beginning.
            fraction: What a job that is resumed had said before: less is never said.
        """
        self._log, self._clock = log, clock
        self._seconds = dict(parts)
        self._measured: set[str] = set()
        self._done_before = dict(done_before or {})
        self._part = {part: self._done_before.get(part, 0.0) for part in parts}
        self._started = clock()
        self._written = -math.inf
        self._fraction = fraction
        self._left: float | None = None

    def plan(self, part: str, seconds: float) -> None:
        """Set the estimate of a part, for example once its first steps were measured.

        Args:
            part: Its name; it may be new.
            seconds: How long all of it takes.
        """
        self._seconds[part] = seconds
        self._part.setdefault(part, 0.0)

    def measured(self, part: str, seconds: float) -> None:
        """Set the estimate of a part by what was measured, and that of the parts like it in the same proportion.

        Like it are the parts with the same last name (`train` in `open.fold0.train`) that have not begun: those of its own
        strategy, and those of strategies of which nothing was measured yet.

        Args:
            part: Its name.
            seconds: How long all of it takes.
        """
        strategy, kind = _strategy_and_kind(part)
        self._measured.add(strategy)
        factor = seconds / (self._seconds.get(part) or seconds)
        for other in self._seconds:
            of, like = _strategy_and_kind(other)
            if like == kind and self._part[other] == 0 and (of == strategy or of not in self._measured):
                self._seconds[other] *= factor
        self.plan(part, seconds)

    def resume(self, part: str, done: float) -> None:
        """Say how much of a part an earlier run did, once that is known. The rate is measured from there.

        Args:
            part: Its name.
            done: 0…1.
        """
        self._done_before[part] = self._part[part] = done

    def replace(self, planned: Mapping[str, float], known: Mapping[str, float]) -> None:
        """Replace provisional parts by the real ones, once these are known.

        Args:
            planned: The parts to remove: name → estimated seconds.
            known: The parts to add: name → estimated seconds.
        """
        for part in planned:
            self._seconds.pop(part, None)
            self._part.pop(part, None)
            self._done_before.pop(part, None)
        for part, seconds in known.items():
            self.plan(part, seconds)

    def update(self, part: str, done: float, text: Problem | None = None) -> None:
        """Say how much of a part is done; writes an event at most every quarter of a second.

        Args:
            part: Its name.
            done: 0…1.
            text: What is being done, in words; None where it is plain.
        """
        self._part[part] = min(max(done, 0.0), 1.0)
        now = self._clock()
        if now - self._written < PROGRESS_EVERY_S and done < 1:
            return
        total = sum(self._seconds.values())
        work = self._work(self._part)
        work_now = work - self._work(self._done_before)
        self._fraction = max(self._fraction, work / total if total > 0 else 1.0)
        self._left = self._smooth(self._measured_left(total - work, work_now, now), now)
        self._written = now
        numbers = {"fraction": round(self._fraction, 4), "seconds_left": round(self._left, 1)}
        if text is None:
            self._log.write("progress", **numbers, unit=part, text="")
        else:
            self._log.tell("progress", text, **numbers, unit=part)

    def finish(self, part: str) -> None:
        """Say that a part is done."""
        self.update(part, 1.0)

    def _work(self, parts: Mapping[str, float]) -> float:
        return sum(self._seconds[name] * done for name, done in parts.items())

    def _measured_left(self, left: float, done: float, now: float) -> float:
        return left * (now - self._started + PRIOR_S) / (max(done, 0.0) + PRIOR_S)

    def _smooth(self, left: float, now: float) -> float:
        if self._left is None:
            return left
        passed = now - self._written
        expected = max(self._left - passed, 0.0)
        return expected + (left - expected) * (1 - math.exp(-passed / SMOOTHING_S)) if left > 0 else 0.0


def _strategy_and_kind(part: str) -> tuple[str, str]:
    """The strategy of a part and what is done in it: `open` and `train` of `open.fold0.train`."""
    names = part.rsplit(".", 2)
    return names[0], names[-1]


def _is_torn(path: Path) -> bool:
    try:
        with open(path, "rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"
    except OSError:  # Empty, so there is no last line.
        return False
