"""The event file, torn lines and full disks included, and the time left."""

from __future__ import annotations

import errno
import itertools
import json
import math

import numpy as np
import pytest

from TransferSegLib.core.errors import JobError
from TransferSegLib.jobs.events import EventLog, Progress, read_events


def kinds(events) -> list[str]:
    return [event["kind"] for event in events]


def test_events_are_read_as_they_come(tmp_path):
    path = tmp_path / "events.jsonl"
    assert read_events(path) == ([], 0)
    with EventLog(path) as log:
        log.write("started", pid=1)
        first, offset = read_events(path)
        log.write("metric", loss=np.float32(0.5), dice=math.nan, strategy="open")
        second, _ = read_events(path, offset)
    assert kinds(first) == ["started"]
    assert (second[0]["loss"], second[0]["dice"]) == (0.5, None)
    assert second[0]["time"] >= first[0]["time"] > 1e9


def test_a_torn_last_line_waits_for_its_end(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"kind": "started"}\n{"kind": "pha')
    events, offset = read_events(path)
    assert kinds(events) == ["started"]
    with path.open("ab") as file:
        file.write(b'se"}\n')
    assert kinds(read_events(path, offset)[0]) == ["phase"]


def test_a_new_log_ends_the_torn_line_and_goes_on(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"kind": "started"}\n{"kind": "pha')
    with EventLog(path) as log:
        log.write("done")
    assert kinds(read_events(path)[0]) == ["started", "done"]


def test_lines_that_are_no_events_are_passed_over(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'\n[1]\n{"kind": 3}\nnull\n\xff\xfe\n' + b"[" * 100_000 + b'\n{"kind": "done"}\n')
    assert kinds(read_events(path)[0]) == ["done"]


def test_a_file_that_became_shorter_is_read_from_its_start(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"kind": "done"}\n')
    assert kinds(read_events(path, 10_000)[0]) == ["done"]


def test_a_listener_hears_what_is_written(tmp_path):
    heard = []
    with EventLog(tmp_path / "events.jsonl", heard.append) as log:
        log.write("phase", text="Reading the cases")
    assert heard == read_events(tmp_path / "events.jsonl")[0]


class FullDisk:
    """Takes the first bytes of a write, then refuses, then has room again."""

    def __init__(self, file) -> None:
        self.file, self.calls = file, 0

    def write(self, data) -> int:
        self.calls += 1
        if self.calls == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self.file.write(data[:5] if self.calls == 1 else data)

    def close(self) -> None:
        self.file.close()


def test_a_full_disk_is_a_sentence_and_the_next_event_is_whole(tmp_path):
    path = tmp_path / "events.jsonl"
    with EventLog(path) as log:
        log._file = FullDisk(log._file)
        with pytest.raises(JobError, match=r"disk is full.*transferseg resume"):
            log.write("phase", text="lost")
        log.write("failed", message="x")
    assert kinds(read_events(path)[0]) == ["failed"]


def test_every_line_is_strict_json(tmp_path):
    with EventLog(tmp_path / "events.jsonl") as log:
        log.write("warning", message="zwei\nZeilen – ü", value=math.inf)
    lines = (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1
    assert json.loads(lines[0], parse_constant=pytest.fail)["message"] == "zwei\nZeilen – ü"


class Recorder:
    def __init__(self) -> None:
        self.events: list[dict] = []

    def write(self, kind, **fields) -> None:
        self.events.append(fields)

    tell = write


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def work(seconds_of: dict[str, float], true_factor: float, carried=None) -> list[dict]:
    """The progress events of units that take `true_factor` times as long as was estimated."""
    log, clock = Recorder(), Clock()
    progress = Progress(log, seconds_of, carried, clock)
    for unit, seconds in seconds_of.items():
        begin = (carried or {}).get(unit, 0.0)
        steps = round(100 * (1 - begin))
        for step in range(steps):
            clock.now += seconds * true_factor / 100
            progress.update(unit, begin + (step + 1) / 100)
    return log.events


def test_the_fraction_never_falls_and_ends_at_one():
    events = work({"a": 10, "b": 30}, 1.0)
    fractions = [event["fraction"] for event in events]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1 and events[-1]["seconds_left"] == 0


@pytest.mark.parametrize("factor", [0.3, 1.0, 3.0])
def test_the_time_left_follows_the_measured_rate_without_jumping(factor):
    events = work({"a": 50, "b": 100}, factor)
    late = events[2 * len(events) // 3]
    assert late["seconds_left"] == pytest.approx(150 * factor * (1 - late["fraction"]), rel=0.1)
    left = [event["seconds_left"] for event in events]
    assert max(abs(b - a) for a, b in itertools.pairwise(left[:-1])) < 0.1 * max(left)


def test_what_an_earlier_run_did_counts_as_done_but_not_as_fast():
    events = work({"a": 50, "b": 50}, 1.0, carried={"a": 1.0, "b": 0.5})
    assert events[0]["fraction"] > 0.74
    assert events[0]["seconds_left"] == pytest.approx(25, rel=0.15)


def test_progress_is_written_about_four_times_a_second():
    assert 30 <= len(work({"a": 10}, 1.0)) <= 45


def test_a_plan_that_grows_does_not_take_the_bar_back():
    log, clock = Recorder(), Clock()
    progress = Progress(log, {"a": 10, "b": 10}, clock=clock)
    clock.now += 10
    progress.finish("a")
    progress.plan("b", 90)
    clock.now += 1
    progress.update("b", 0.01)
    assert log.events[-1]["fraction"] == log.events[0]["fraction"] == 0.5
    assert log.events[-1]["seconds_left"] > log.events[0]["seconds_left"]


def test_what_one_training_was_measured_to_take_is_expected_of_those_that_follow():
    log, clock = Recorder(), Clock()
    parts = ("open.fold0.train", "open.fold1.train", "open.final.train", "scratch.fold0.train")
    progress = Progress(log, {"prepare": 10, **dict.fromkeys(parts, 10)}, clock=clock)
    progress.finish("prepare")
    progress.measured("open.fold0.train", 100)
    clock.now += 100
    progress.finish("open.fold0.train")
    assert log.events[-1]["fraction"] == pytest.approx(110 / 410, abs=1e-4)
    # What was measured of one strategy is no longer expected of another that was measured itself.
    progress.measured("scratch.fold0.train", 50)
    progress.update("open.fold1.train", 0.0)
    clock.now += 100
    progress.finish("open.fold1.train")
    assert log.events[-1]["fraction"] == pytest.approx(210 / 360, abs=1e-4)


def test_events_are_read_in_parts_of_whole_lines(tmp_path):
    path = tmp_path / "events.jsonl"
    with EventLog(path) as log:
        for n in range(50):
            log.write("metric", step=n, text="x" * n)
    whole, end = read_events(path)
    offset, parts = 0, []
    while True:
        events, offset = read_events(path, offset, 40)
        if not events:
            break
        parts += events
    assert parts == whole and offset == end
    assert read_events(path, -200)[0] == whole[-len(read_events(path, -200)[0]) :] != []
