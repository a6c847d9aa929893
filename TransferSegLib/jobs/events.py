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

from TransferSegLib.jobs.files import explained, json_text

Event = dict[str, Any]
EventKind = Literal[
    "started", "phase", "progress", "metric", "finding", "warning", "choice", "result", "done", "failed", "cancelled"
]
TERMINAL = ("done", "failed", "cancelled")

PROGRESS_EVERY_S = 0.25
# How many seconds of work it takes until the measured rate counts as much as the estimates.
PRIOR_S = 3.0
# Seconds over which a change of the time left is spread.
SMOOTHING_S = 2.5


class EventLog:
    """Appends events to a file, each a line with `kind`, `time` (seconds since 1970) and its fields."""

    def __init__(self, path: Path, listener: Callable[[Event], None] | None = None) -> None:
        self.path = path
        self.listener = listener
        with explained(path, path.parent):
            self._file = open(path, "ab", buffering=0)  # noqa: SIM115 - closed by close()
        self._torn = _is_torn(path)

    def write(self, kind: EventKind, **fields: Any) -> None:
        """Append one event; a `JobError` when the disk refuses it."""
        event = {"kind": kind, "time": round(time.time(), 3), **fields}
        text = json_text(event)
        data = memoryview((b"\n" if self._torn else b"") + text.encode() + b"\n")
        with explained(self.path, self.path.parent):
            self._torn = True
            while data:
                data = data[self._file.write(data) or 0 :]
            self._torn = False
        if self.listener is not None:
            self.listener(json.loads(text))

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> EventLog:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def read_events(path: Path, offset: int = 0, most: int = -1) -> tuple[list[Event], int]:
    """The whole events from byte `offset` on, and the offset to read on from.

    With `most` about so many bytes are read at once, and the rest by calling again; a negative offset counts from the end.

    No file is no events. Lines that are no event (ended torn lines) are passed over; a file that became shorter is
    read from its start.
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


class Progress:
    """Turns units of work into `progress` events: `fraction` (0…1) and `seconds_left`.

    `units` maps each planned unit to its estimated seconds; `carried` the part (0…1) of a unit that an earlier run did.
    The time left begins with the estimates, follows the measured rate, and is smoothed.
    """

    def __init__(
        self,
        log: EventLog,
        units: Mapping[str, float],
        carried: Mapping[str, float] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log, self._clock = log, clock
        self._seconds = dict(units)
        self._carried = dict(carried or {})
        self._part = {unit: self._carried.get(unit, 0.0) for unit in units}
        self._begun = clock()
        self._written = -math.inf
        self._fraction = 0.0
        self._left: float | None = None

    def plan(self, unit: str, seconds: float) -> None:
        """Set the estimate of a unit, for example after its first steps were measured."""
        self._seconds[unit] = seconds
        self._part.setdefault(unit, 0.0)

    def replace(self, planned: Mapping[str, float], known: Mapping[str, float]) -> None:
        """Put units that are known now in the place of those that stood for them."""
        for unit in planned:
            self._seconds.pop(unit, None)
            self._part.pop(unit, None)
            self._carried.pop(unit, None)
        for unit, seconds in known.items():
            self.plan(unit, seconds)

    def update(self, unit: str, part: float, text: str = "") -> None:
        """Say that `part` (0…1) of a unit is done; writes an event at most every quarter of a second."""
        self._part[unit] = min(max(part, 0.0), 1.0)
        now = self._clock()
        if now - self._written < PROGRESS_EVERY_S and part < 1:
            return
        total = sum(self._seconds.values())
        done = self._work(self._part)
        done_now = done - self._work(self._carried)
        self._fraction = max(self._fraction, done / total if total > 0 else 1.0)
        self._left = self._smooth(self._measured_left(total - done, done_now, now), now)
        self._written = now
        self._log.write(
            "progress", fraction=round(self._fraction, 4), seconds_left=round(self._left, 1), unit=unit, text=text
        )

    def finish(self, unit: str, text: str = "") -> None:
        """Say that a unit is done."""
        self.update(unit, 1.0, text)

    def _work(self, parts: Mapping[str, float]) -> float:
        return sum(self._seconds[unit] * part for unit, part in parts.items())

    def _measured_left(self, left: float, done: float, now: float) -> float:
        return left * (now - self._begun + PRIOR_S) / (max(done, 0.0) + PRIOR_S)

    def _smooth(self, left: float, now: float) -> float:
        if self._left is None:
            return left
        passed = now - self._written
        expected = max(self._left - passed, 0.0)
        return expected + (left - expected) * (1 - math.exp(-passed / SMOOTHING_S)) if left > 0 else 0.0


def _is_torn(path: Path) -> bool:
    try:
        with open(path, "rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) != b"\n"
    except OSError:  # Empty, so there is no last line.
        return False
