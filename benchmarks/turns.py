"""How long what the panel does by itself holds Slicer up: following a job that trains, listing jobs, refreshing the panel.

The module runs in `Testing/SlicerRuntime`: real MRML and Qt, offscreen, with stand-ins for Slicer's own widgets, and without
its 3D views. Meanwhile a real job trains on the same cores, beside many jobs of before and a long list of cases. Each round
is a process of its own. A turn of Qt's event loop is measured in processor time of Slicer's thread, which others on the
computer have no part in; the time on the clock stands beside it. Python's collection of what is not used any more is left
out: it takes longer the more modules Slicer has, whatever this one does.

    python benchmarks/turns.py [--rounds 3] [--quick]
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import figures
import numpy as np

from TransferSegLib.cases.volumes import write_labels, write_volume
from TransferSegLib.core.grid import Grid

LIMIT_MS = 20.0
PAUSE_S = 0.002  # between two turns, as long as Slicer's loop waits for a person


@dataclass(frozen=True)
class Scale:
    """How many cases are in the list, how many jobs are in the folder, and for how many s each is watched."""

    cases: int
    jobs: int
    watched_s: float


FULL, QUICK = Scale(160, 200, 15.0), Scale(6, 3, 1.0)
# Of each action, of each turn: ms of processor time, ms on the clock.
Measured = dict[str, list[tuple[float, float]]]


def main() -> None:
    """Measure all rounds and publish the result."""
    parser = figures.parser(__doc__, "turns")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--round", type=Path, help="one round, into this file")
    given = parser.parse_args()
    scale = QUICK if given.quick else FULL
    if given.round:
        given.round.write_text(json.dumps(one_round(scale)), encoding="utf-8")
        return
    folder = figures.folder(given.quick)
    folder.mkdir(parents=True, exist_ok=True)
    rounds = []
    for n in range(1 if given.quick else given.rounds):
        file = folder / f"turns-{n + 1}.json"
        command = [sys.executable, __file__, "--round", str(file), *(["--quick"] if given.quick else [])]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        rounds.append(json.loads(file.read_text(encoding="utf-8")))
        file.unlink()
    result(rounds).publish(given.json or folder / "turns.json")


def result(rounds: list[Measured]) -> figures.Result:
    """The longest turn of each action in each round; its median over the rounds is what is held against the limit."""
    header = ("while a job trains", "turns", "longest, ms of processor time (of each round)", "on the clock, ms")
    rows, checks, medians = [], [], {}
    for name in rounds[0]:
        worst = [max(map(tuple, measured[name])) for measured in rounds]
        count = str(round(statistics.median(len(measured[name]) for measured in rounds)))
        rows.append([name, count, *(", ".join(figures.shown(each[n]) for each in worst) for n in (0, 1))])
        medians[name] = statistics.median(processor for processor, _clock in worst)
        what = f"{name}: longest turn, median of the rounds"
        checks.append(figures.Check(what, medians[name], LIMIT_MS, False, " ms"))
    return figures.Result(header, rows, checks, {"medians_ms": medians})


def one_round(scale: Scale) -> Measured:
    """All actions in one process."""
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        os.environ["TRANSFERSEG_MODELS"] = str(place / "models")
        (place / "models").mkdir()
        sys.path[:0] = [str(figures.ROOT / "Testing"), str(figures.ROOT / "TransferSeg")]
        import SlicerRuntime

        slicer = SlicerRuntime.start()
        panel = SlicerRuntime.load_module(figures.ROOT / "TransferSeg" / "TransferSeg.py")
        job = None
        try:
            job = start_job(panel, SlicerRuntime)
            add_jobs(job, scale.jobs)
            add_cases(panel, place, scale.cases)
            SlicerRuntime.process_events(1000)
            found = measure(slicer, panel, job, scale)
        finally:
            if job is not None:
                panel.logic.cancelJob(job)
                panel.logic.wait(job, 60)
            SlicerRuntime.unload_module("TransferSeg")
        if errors := SlicerRuntime.take_errors():
            raise RuntimeError("\n".join(errors))
        return found


def measure(slicer: Any, panel: Any, job: Path, scale: Scale) -> Measured:
    """What the panel does by itself, again and again."""
    actions: dict[str, Callable[[], None]] = {
        "the job is followed": lambda: None,
        f"the panel, with {scale.cases} cases in its list, is refreshed": panel.refresh_later,
        f"{scale.jobs} jobs are listed": panel.run_section.list_again,
    }
    found: Measured = {}
    for name, act in actions.items():
        taken = found.setdefault(name, [])
        gc.collect()
        gc.disable()
        try:
            until = time.monotonic() + scale.watched_s
            again = 0.0
            while time.monotonic() < until:
                if time.monotonic() > again:
                    again = time.monotonic() + 0.5
                    taken.append(_timed(act))
                taken.append(_timed(slicer.app.processEvents))
                time.sleep(PAUSE_S)
        finally:
            gc.enable()
        if (state := panel.logic.status(job).state) != "running":
            raise RuntimeError(f"{name}: the job that trains is {state}")
    return found


def _timed(call: Callable[[], Any]) -> tuple[float, float]:
    clock, processor = time.perf_counter(), time.thread_time()
    call()
    return 1000 * (time.thread_time() - processor), 1000 * (time.perf_counter() - clock)


def start_job(panel: Any, runtime: Any) -> Path:
    """Start a job that trains as long as it is let, and wait for its first losses."""
    from TransferSegGui import sample_data

    sample_data.load_heads(count=4)
    panel.parameters.source = "head-t1w"
    panel.parameters.budgetUnit, panel.parameters.budget = "minutes", 120
    panel.ui.addFromSceneButton.click()
    runtime.wait_until(lambda: not panel.cases_section.checks.pending, 120)
    panel.ui.startButton.click()
    runtime.wait_until(panel.job_runs, 60)
    runtime.wait_until(lambda: panel.run_section.follower.curves, 300)
    return panel.run_section.follower.job.path


def add_jobs(job: Path, count: int) -> None:
    """Put copies of a job beside it, without its cases and models."""
    for n in range(count):
        copy = job.parent / f"2026-01-01 {n:03d}"
        copy.mkdir()
        for name in ("job.json", "events.jsonl"):
            shutil.copyfile(job / name, copy / name)


def add_cases(panel: Any, place: Path, count: int) -> None:
    """Add a folder of small annotated cases to the list."""
    grid = Grid.from_spacing((24, 24, 16), (1, 1, 1))
    inside = np.zeros(grid.size, np.uint8)
    inside[6:18, 6:18, 4:12] = 1
    noise = np.random.default_rng(2).integers(0, 999, grid.size)
    for kind, array, write in (("images", noise, write_volume), ("labels", inside, write_labels)):
        first = place / "small" / kind / "case_0.nii.gz"
        write(first, array, grid)
        for n in range(1, count):
            shutil.copyfile(first, first.with_name(f"case_{n}.nii.gz"))
    panel.cases_section.add_from_folder(str(place / "small"))


if __name__ == "__main__":
    main()
