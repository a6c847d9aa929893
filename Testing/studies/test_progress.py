"""How far a study is, and how long it still takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from TransferSegLib.studies.plan import Task
from TransferSegLib.studies.progress import StudyProgress
from TransferSegLib.studies.work import TaskEnd


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def begin(alike: list[str], done: set[str] = frozenset(), parallel: int = 1):
    tasks = [Task(f"task-{n}", Path(f"/study/task-{n}"), None, (kind,)) for n, kind in enumerate(alike)]
    shown: list[tuple[float, float | None, str]] = []
    clock = Clock()
    progress = StudyProgress(tasks, done, lambda *what: shown.append(what), clock)
    progress.parallel = parallel
    return progress, tasks, shown, clock


def run(progress, task, clock, seconds, ending="done"):
    progress.begin(task)
    clock.now += seconds
    progress.end(TaskEnd(task.name, ending))


def test_the_time_left_is_that_of_tasks_like_those_that_are_done():
    progress, tasks, shown, clock = begin(["quick", "slow", "quick", "slow"])
    progress.tell()
    assert shown[-1] == (0.0, None, "0 of 4 jobs")
    run(progress, tasks[0], clock, 10)
    assert shown[-1][:2] == (0.25, 30.0)  # nothing else is known of the slow ones yet
    run(progress, tasks[1], clock, 100)
    assert shown[-1][1] == pytest.approx(110.0)
    assert shown[-1][0] == pytest.approx(110 / 220)


def test_a_task_at_work_tells_of_its_own_length_once_enough_of_it_is_done():
    progress, tasks, shown, clock = begin(["slow", "slow"])
    progress.begin(tasks[0])
    clock.now = 10.0
    progress.update(tasks[0], 0.05)
    assert shown[-1][1] is None
    progress.update(tasks[0], 0.5)
    assert shown[-1][1] == pytest.approx(10 + 20)


def test_several_at_a_time_take_less_and_failures_are_counted():
    progress, tasks, shown, clock = begin(["a", "a", "a", "a", "a"], {"task-4"}, parallel=2)
    run(progress, tasks[0], clock, 10)
    assert shown[-1][1] == pytest.approx(15.0) and shown[-1][2] == "2 of 5 jobs"
    run(progress, tasks[1], clock, 5, "failed")
    assert shown[-1][2] == "2 of 5 jobs, 1 failed"


def test_what_is_shown_never_goes_back():
    progress, tasks, shown, clock = begin(["a", "b", "b"])
    run(progress, tasks[0], clock, 1)
    run(progress, tasks[1], clock, 1000)
    fractions = [fraction for fraction, _, _ in shown]
    assert fractions == sorted(fractions)
