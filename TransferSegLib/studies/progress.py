"""How far a study is, and about how long it still takes: measured from its jobs that are done."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Collection, Sequence

from TransferSegLib.studies.plan import Task
from TransferSegLib.studies.work import TaskEnd, ask_to_stop

# How much of a running job must be done before the time that it takes in all is believed, 0…1.
TELLING_SHARE = 0.1


class StudyProgress:
    """Collects what becomes of the tasks of a study, and shows it.

    Attributes:
        ends: How the tasks ended that ended in this run.
        running: The tasks at work: task → what of it is done, 0…1.
        parallel: How many tasks are run at the same time.
        stopping: Whether the person wants the study to stop.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        done: Collection[str],
        show: Callable[[float, float | None, str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin to measure.

        Args:
            tasks: All tasks of the study.
            done: The names of those that were done before.
            show: Is given what is done of the study (0…1), the seconds left (None where that is not known yet), and a text.
            clock: Seconds from some beginning.
        """
        self._tasks = {task.name: task for task in tasks}
        self._done_before = set(done)
        self._show, self._clock = show, clock
        self._began: dict[str, float] = {}
        self._took: dict[str, float] = {}
        self._fraction = 0.0
        self.ends: list[TaskEnd] = []
        self.running: dict[str, float] = {}
        self.parallel = 1
        self.stopping = False

    def begin(self, task: Task) -> None:
        """Say that a task is at work."""
        self._began.setdefault(task.name, self._clock())
        self.running.setdefault(task.name, 0.0)
        self.tell()

    def update(self, task: Task, fraction: float) -> None:
        """Say how much of a task is done, 0…1."""
        if task.name in self.running:
            self.running[task.name] = fraction
            self.tell()

    def end(self, end: TaskEnd) -> None:
        """Say how a task ended."""
        self.running.pop(end.name, None)
        self.ends.append(end)
        if end.ending == "done" and end.name in self._began:
            self._took[end.name] = self._clock() - self._began[end.name]
        self.tell()

    def stop(self) -> None:
        """Ask for the end of the run in good order."""
        self.stopping = True
        for name in self.running:
            ask_to_stop(self._tasks[name])

    def tell(self) -> None:
        """Show how far the study is."""
        ended = self._done_before | {end.name for end in self.ends}
        expected = self._expected()
        shares = {name: 1.0 if name in ended else self.running.get(name, 0.0) for name in self._tasks}
        usual = statistics.fmean(expected.values()) if expected else 1.0
        weights = {name: expected.get(name, usual) for name in self._tasks}
        whole = sum(weights.values())
        done = sum(weights[name] * share for name, share in shares.items())
        self._fraction = max(self._fraction, done / whole if whole else 1.0)
        left = (whole - done) / max(1, self.parallel) if expected else None
        failed = sum(end.ending == "failed" for end in self.ends)
        text = f"{len(ended) - failed} of {len(self._tasks)} jobs"
        text += f", {failed} failed" if failed else ""
        text += f": {', '.join(sorted(self.running))}" if self.running else ""
        self._show(self._fraction, left, text)

    def _expected(self) -> dict[str, float]:
        """Task → the seconds that it takes in all, as far as that can be told from tasks like it."""
        measured = dict(self._took)
        for name, share in self.running.items():
            if share > TELLING_SHARE:
                measured[name] = (self._clock() - self._began[name]) / share
        if not measured:
            return {}
        alike: dict[object, list[float]] = {}
        for name, seconds in measured.items():
            alike.setdefault(self._tasks[name].alike, []).append(seconds)
        usual = statistics.fmean(measured.values())
        return {
            name: measured.get(name, statistics.fmean(alike[task.alike]) if task.alike in alike else usual)
            for name, task in self._tasks.items()
        }
