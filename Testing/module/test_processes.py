"""Commands of the library beside Slicer: what they hold is given back, and ending one waits for nothing."""

from __future__ import annotations

import gc
import os
import sys
import weakref
from pathlib import Path

import pytest

pytestmark = pytest.mark.cold  # what a person's computer does is looked at


@pytest.fixture
def command(scene, tmp_path, monkeypatch):
    """command(program, ended): a command that runs this program of Python's instead of the library."""
    from TransferSegGui import processes

    def begin(program: str, ended=lambda code, output, errors: None):
        python = tmp_path / "python"
        file = tmp_path / "program.py"
        file.write_text(program)
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{file}"\n')
        python.chmod(0o755)
        monkeypatch.setattr(processes, "python_executable", lambda: str(python))
        return processes.Command(["sources", "list"], ended)

    return begin


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="only Linux lists a program's open files there")
def test_commands_that_ended_or_were_stopped_hold_no_files_and_are_forgotten(command, runtime):
    codes: list[int] = []
    before = open_files()
    begun = [command("print('x')", lambda code, output, errors: codes.append(code)) for _ in range(5)]
    runtime.wait_until(lambda: len(codes) == 5, 30)
    begun += [command("import time; time.sleep(60)") for _ in range(3)]
    processes = [one._process for one in begun]
    for one in begun[-3:]:
        one.stop()
        one.stop()
    runtime.wait_until(lambda: all(process.poll() is not None for process in processes), 30)
    runtime.process_events(300)
    known = [weakref.ref(one) for one in begun]
    begun.clear()
    del one
    gc.collect()
    assert open_files() <= before
    assert [ref() for ref in known] == [None] * 8
    assert codes == [0] * 5


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_command_that_does_not_listen_is_killed_while_slicer_answers(command, runtime, monkeypatch):
    from TransferSegLib.jobs import launch

    monkeypatch.setattr(launch, "TERMINATE_S", 0.3)
    deaf = command(
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('deaf', flush=True)\ntime.sleep(60)"
    )
    runtime.wait_until(lambda: deaf._out.seek(0, 2) > 0, 30)
    deaf.stop()
    assert deaf._process.poll() is None, "Slicer answers again before it is killed"
    runtime.wait_until(lambda: deaf._process.poll() is not None, 30)
    assert deaf._process.returncode == -9


@pytest.mark.parametrize(
    ("errors", "code", "sentence"),
    [
        ('working…\ntransferseg: a broke.\n{"code": "broken", "template": "{name} broke.", "fields": {"name": "a"}}\n',
         "broken", "a broke."),
        ("half\r 50 %\rtransferseg: the disk is full; free space.\n", "other", "the disk is full; free space."),
        ('{"no": "problem"}\nKilled\n', "other", "Killed"),
        ("", "other", "it ended without a message"),
    ],
)  # fmt: skip
def test_what_went_wrong_is_read_as_data_else_from_the_last_line(scene, errors, code, sentence):
    from TransferSegGui.processes import problem_in

    problem = problem_in(errors)
    assert (problem.code, problem.sentence) == (code, sentence)


def test_a_command_of_the_library_hands_its_error_over_as_data(scene, runtime, tmp_path):
    from TransferSegGui.processes import Command, problem_in

    ends: list[tuple[int, str]] = []
    Command(["status", str(tmp_path / "gone")], lambda code, output, errors: ends.append((code, errors)))
    runtime.wait_until(lambda: ends, 60)
    ((code, errors),) = ends
    problem = problem_in(errors)
    assert code == 2 and problem.code != "other" and str(tmp_path / "gone") in problem.sentence
