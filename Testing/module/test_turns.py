"""Nothing that repeats by itself holds Slicer up, and no work grows with what is on disk.

Measured is the processor time of Slicer's own thread, which others on the computer have no part in. Python's collection of
what is not used any more is left out: it takes longer the more modules Slicer has, whatever ours does.
"""

from __future__ import annotations

import gc
import json
import shutil
import time

import numpy as np
import pytest
from made_events import write_training

from TransferSegLib.cases.volumes import write_labels
from TransferSegLib.core.grid import Grid
from TransferSegLib.jobs.events import EventLog
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.status import job_status

pytestmark = pytest.mark.cold  # what a person's computer does is looked at

LIMIT_S = 0.02
# Beside other programs the same work takes longer now and then.
TRIES = 5
MANY_JOBS, MANY_CASES = 200, 150


@pytest.fixture
def longest_turn_s(scene):
    """longest_turn_s(seconds, before): processor time of the longest turn of the event loop, in the best of some tries."""

    def turn_s() -> float:
        start_s = time.thread_time()
        scene.app.processEvents()
        return time.thread_time() - start_s

    def in_one_try(seconds: float) -> float:
        longest, until = 0.0, time.monotonic() + seconds
        while time.monotonic() < until:
            longest = max(longest, turn_s())
            time.sleep(0.002)
        return longest

    def run(seconds: float, before=lambda: None) -> float:
        gc.collect()
        gc.disable()
        try:
            found = []
            for _try in range(TRIES):
                before()
                found.append(in_one_try(seconds))
                if found[-1] < LIMIT_S:
                    break
            return min(found)
        finally:
            gc.enable()

    return run


def test_no_turn_is_long_while_a_job_runs_beside_hundreds_of_others(started, past, runtime, longest_turn_s):
    for n in range(MANY_JOBS):
        copy = past.parent / f"2026-01-01 {n:03d}"
        copy.mkdir()
        for name in ("job.json", "events.jsonl"):
            shutil.copyfile(past / name, copy / name)
    runtime.clear_scene()  # whose heads are the same as those to come, which the checks refuse
    panel = started("endless")
    section, combo = panel.run_section, panel.ui.jobsComboBox
    section.list_again()
    runtime.wait_until(lambda: combo.count > MANY_JOBS, 60)
    runtime.process_events(500)
    longest = longest_turn_s(3.0, section.list_again)
    panel.ui.cancelButton.click()
    runtime.wait_until(lambda: not panel.job_runs(), 60)
    assert longest < LIMIT_S


def test_jobs_are_listed_a_few_in_each_turn(panel, past, runtime, monkeypatch):
    from TransferSegGui import run_section

    for n in range(5):
        (past.parent / f"{n}").mkdir()
        shutil.copyfile(past / "job.json", past.parent / f"{n}" / "job.json")
    monkeypatch.setattr(run_section, "LISTING_S", -1.0)
    panel.run_section.list_again()
    assert panel.ui.jobsComboBox.count < 6
    runtime.wait_until(lambda: panel.ui.jobsComboBox.count == 6)


def test_a_job_in_the_list_is_read_again_only_when_its_files_change(past, monkeypatch):
    from TransferSegGui import jobs

    read = []
    monkeypatch.setattr(jobs, "job_status", lambda folder, most: (read.append(folder), job_status(folder, most))[1])
    listed = jobs.JobList()
    for _ in range(3):
        assert len(list(listed.read(past.parent))) == 1
    assert read == [past] and [entry.status.state for entry in listed.entries] == ["interrupted"]
    with EventLog(JobFolder(past).events) as log:
        log.write("done", verdict="better", warnings=0)
    list(listed.read(past.parent))
    assert [entry.status.state for entry in listed.entries] == ["done"]


def test_the_long_past_of_a_job_is_read_in_parts_and_its_curves_are_whole(panel, past, runtime):
    write_training(JobFolder(past), 8000)
    panel.run_section.list_again()
    runtime.wait_until(lambda: panel.ui.openJobButton.enabled)
    panel.ui.openJobButton.click()
    follower = panel.run_section.follower
    assert follower.behind and follower.status.state == "interrupted"
    runtime.wait_until(lambda: not follower.behind, 60)
    assert len(follower.curves["open", "0"]) == 8000
    runtime.process_events(20)
    assert follower.status.state == "interrupted" and not panel.ui.cancelButton.enabled


def test_what_a_job_says_late_in_its_events_reaches_the_results(panel, past, runtime):
    write_training(JobFolder(past), 2000)
    with JobFolder(past).events.open("a", encoding="utf-8") as file:
        file.write(
            json.dumps({"kind": "choice", "time": 1.0, "strategy": "open", "weights": {"sentence": "all"}}) + "\n"
        )
    shown: list[dict[str, str]] = []
    panel.signals.jobChanged.connect(lambda follower, _ended: shown.append(dict(follower.weights)))
    panel.run_section.follow(past)
    assert shown == [{}]
    runtime.wait_until(lambda: not panel.run_section.follower.behind, 30)
    runtime.process_events(20)
    assert shown == [{}, {"open": "all"}]


def test_a_section_that_fails_keeps_no_other_from_being_refreshed(panel, runtime, monkeypatch):
    order: list[int] = []
    for number, section in enumerate(panel.sections):
        monkeypatch.setattr(section, "refresh", lambda n=number: (order.append(n), 1 / (n - 1)))
    panel.refresh_later()
    runtime.process_events(50)
    assert order == [*range(len(panel.sections))] and len(runtime.take_errors()) == 1


def test_the_panel_is_refreshed_a_section_in_a_turn_and_none_is_forgotten(panel, runtime, monkeypatch):
    import TransferSeg

    count, order = len(panel.sections), []
    for number, section in enumerate(panel.sections):
        # Something happens with each refresh, as when nodes come into the scene one after the other.
        monkeypatch.setattr(
            section,
            "refresh",
            lambda n=number: (order.append(n), panel.refresh_later() if len(order) < 2.5 * count else None),
        )
    monkeypatch.setattr(TransferSeg, "REFRESHING_S", 0.0)
    panel.refresh()
    runtime.wait_until(lambda: not panel._wanted and not panel._left)
    order.clear()
    counts = [0]
    panel.refresh_later()
    while len(order) < 3 * count:
        runtime.process_events()
        counts.append(len(order))
    assert order == [*range(count)] * 3 and set(np.diff(counts)) == {1}
    order.clear()
    panel.refresh_later()
    runtime.process_events()
    panel.refresh()
    runtime.process_events(50)
    assert order[: count + 1] == [0, *range(count)]


def test_a_work_in_turns_lets_qt_work_in_between_and_stops_at_an_error(scene, runtime):
    import qt
    from TransferSegGui.turns import Turns

    seen, done = [], []
    ticks = qt.QTimer()
    ticks.connect("timeout()", lambda: seen.append("qt"))
    ticks.start(0)

    def work(last):
        for n in range(3):
            seen.append(n)
            yield n
        if last:
            raise ValueError(last)

    turns = Turns()
    turns.begin(work(""), "It failed.", lambda: done.append(True))
    runtime.wait_until(lambda: done)
    ticks.stop()
    assert "qt" in seen[seen.index(0) : seen.index(1)] and "qt" in seen[seen.index(1) : seen.index(2)]
    turns.begin(work("no disk"), "It failed.", lambda: done.append(True))
    runtime.process_events(100)
    assert len(done) == 2 and "no disk" in "\n".join(runtime.take_errors())
    turns.begin(work(""), "It failed.", lambda: done.append(True))
    turns.stop()
    assert len(done) == 3 and not turns.under_way


def test_a_step_that_lets_qt_work_is_not_taken_again_meanwhile(scene, runtime):
    from TransferSegGui.turns import Turns

    seen, done = [], []

    def work():
        for n in range(3):
            seen.append(n)
            runtime.process_events(30)  # as a message does while the person reads it
            yield

    turns = Turns()
    turns.begin(work(), "It failed.", lambda: done.append(True))
    runtime.wait_until(lambda: done)
    assert seen == [0, 1, 2] and not turns.under_way


def test_a_long_list_of_cases_is_written_where_it_changes_and_refreshed_in_no_time(
    panel, longest_turn_s, tmp_path, runtime
):
    grid = Grid.from_spacing((4, 4, 4), (1, 1, 1))
    for folder in ("images", "labels"):
        write_labels(tmp_path / folder / "case_0.nii.gz", np.ones((4, 4, 4)), grid)
        for n in range(1, MANY_CASES):
            shutil.copyfile(tmp_path / folder / "case_0.nii.gz", tmp_path / folder / f"case_{n}.nii.gz")
    section, table = panel.cases_section, panel.ui.targetCasesTable
    section.add_from_folder(str(tmp_path))
    runtime.process_events(50)
    assert table.rowCount == MANY_CASES and table.item(MANY_CASES - 1, 0).toolTip()
    section.checks.cancel()
    assert longest_turn_s(1.0, panel.refresh_later) < LIMIT_S
    written, key = table.item(20, 1), section._rows[50]
    section._set_role(key, "test")
    runtime.wait_until(lambda: section._looks[50][3] == "test")
    assert table.item(20, 1) is written  # rows that look as before stay
    keys = [key for key in section._rows if key != section._rows[30]]
    table.selectRow(30)
    panel.ui.removeCasesButton.click()
    assert section._rows == keys and [case.key for case in section.cases()] == keys
    assert table.item(49, 1).text() == section.cases()[49].name and section._looks[49][3] == "test"
