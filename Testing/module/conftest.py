"""The module as a person has it: Slicer's scene and widgets, a tiny source model, folders with spaces and umlauts."""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from warm_python import warm_python

from TransferSegLib.jobs.launch import end_process

pytest.importorskip("slicer", reason="slicer-core and PySide6 are not installed (pip install -e .[slicer])")
pytest.importorskip("PySide6", reason="slicer-core and PySide6 are not installed (pip install -e .[slicer])")

MODULE = Path(__file__).resolve().parents[2] / "TransferSeg" / "TransferSeg.py"
SIZE = (24, 24, 16)
REPOSITORY = Path(__file__).resolve().parents[2]
WORKER = """
import os, sys, time
sys.path.insert(0, {repository!r})
from pathlib import Path
from TransferSegLib.jobs.events import EventLog
from TransferSegLib.jobs.folder import JobFolder
job = JobFolder(Path(sys.argv[-1]))
how = {how!r}
if how == "asleep":  # it imports torch for a while
    time.sleep(60)
if how == "silent":
    print("ImportError: no torch here", flush=True)
    sys.exit(3)
with job.lock(), EventLog(job.events) as log:
    log.write("started", title="", job="adapt")
    log.write("phase", text="Training")
    for step in range(2000):
        log.write("progress", fraction=min(0.9, step / 100), seconds_left=5.0, unit="open", text="step")
        log.write("metric", strategy="open", fold=0, step=step + 1, steps=2000, loss=1 / (step + 1))
        if how == "finished" and step == 2:
            log.write("done", verdict="it is better", warnings=0)
            sys.exit(3)
        if how == "slow" and job.cancel_requested():  # it goes on to say what it does for a while
            job.clear_cancel()
            for more in range(10):
                log.write("phase", text="Training")
                log.write("progress", fraction=0.9, seconds_left=1.0, unit="open", text="step")
                time.sleep(0.05)
            log.write("cancelled", message="cancelled; the model so far is kept.")
            sys.exit(4)
        if how != "deaf" and job.cancel_requested():
            job.clear_cancel()
            log.write("cancelled", message="cancelled; the model so far is kept.")
            sys.exit(4)
        time.sleep(0.05)
"""


@pytest.fixture(scope="session")
def runtime():
    import SlicerRuntime

    SlicerRuntime.start()
    if str(MODULE.parent) not in sys.path:
        sys.path.insert(0, str(MODULE.parent))
    return SlicerRuntime


@pytest.fixture(autouse=True)
def commands_begin_warm(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands of the panel do not wait for libraries, but in tests that are marked `cold`."""
    if request.node.get_closest_marker("cold") is None and hasattr(os, "fork"):
        request.getfixturevalue("runtime")  # which puts its own `PythonSlicer` before all else
        launcher = warm_python().launcher
        monkeypatch.setenv("PATH", f"{launcher.parent}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def short_pauses(runtime, monkeypatch: pytest.MonkeyPatch) -> None:
    """The panel waits less long for a person who may go on clicking, and looks more often for what has ended."""
    from TransferSegGui import checks, processes, run_section

    monkeypatch.setattr(checks, "QUIET_MS", 100)
    for module in (processes, run_section):
        monkeypatch.setattr(module, "LOOK_EVERY_MS", 25)


@pytest.fixture
def scene(runtime) -> Iterator[object]:
    """Slicer with an empty scene; exceptions in slots and observers fail the test."""
    runtime.clear_scene()
    runtime.take_errors()
    slicer = runtime.start()
    yield slicer
    runtime.clear_scene()
    assert runtime.take_errors() == []


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's folder whose name makes trouble; models are kept in it, and jobs beside them."""
    folder = tmp_path / "Ärztin, Köln (2)"
    monkeypatch.setenv("TRANSFERSEG_MODELS", str(folder / "models"))
    (folder / "models").mkdir(parents=True)
    return folder


@pytest.fixture
def tiny(place: Path, tiny_source: Path) -> str:
    """The name of a tiny source model among the person's own."""
    shutil.copytree(tiny_source, place / "models" / "tiny")
    return "tiny"


@pytest.fixture
def heads(scene):
    """heads(count): small phantom heads in the scene, the last without a segmentation; their volumes."""
    from TransferSegGui import sample_data

    return lambda count: sample_data.load_heads(count=count, size=SIZE)


@pytest.fixture
def panel(runtime, scene, tiny, monkeypatch) -> Iterator[SimpleNamespace]:
    """The module, opened, with the tiny model chosen."""
    widget = runtime.load_module(MODULE)
    widget.parameters.source = tiny
    widget.parameters.strategy = "open"  # one training, where the module would recommend one of several
    widget.parameters.budgetUnit, widget.parameters.budget = "steps", 2
    widget.refresh()
    yield widget
    # A job goes on without Slicer; one that a test which failed left behind must not.
    if widget.run_section.follower is not None and widget.run_section.follower.process is not None:
        termination = end_process(widget.run_section.follower.process)
        while not termination.poll():
            time.sleep(0.05)
    runtime.unload_module("TransferSeg")


@pytest.fixture
def volume(scene):
    """volume(affine=…, size=…): a volume of noise in the scene."""
    from TransferSegGui.volumes import add_volume

    from TransferSegLib.cases.volumes import Volume
    from TransferSegLib.core.grid import Grid

    def make(affine: np.ndarray | None = None, size=(11, 9, 7), name: str = "image"):
        noise = np.random.default_rng(3).normal(size=size).astype(np.float32)
        return add_volume(Volume(noise, Grid(size, np.eye(4) if affine is None else affine)), name)

    return make


@pytest.fixture
def worker(tmp_path, monkeypatch, scene):
    """worker(how): from now on jobs are run by a program that behaves like that."""

    def install(how: str) -> None:
        from TransferSegGui import jobs

        program = tmp_path / f"{how}.py"
        program.write_text(WORKER.format(repository=str(REPOSITORY), how=how))
        python = tmp_path / f"python {how}"
        python.write_text(f'#!/bin/sh\n"{sys.executable}" "{program}" "$@"\nexit $?\n')
        python.chmod(python.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setattr(jobs, "python_executable", lambda: str(python))

    return install


@pytest.fixture
def started(panel, heads, runtime, worker):
    """started(how): the panel with a job that runs."""

    def start(how: str):
        worker(how)
        if not panel.cases_section.cases():
            heads(2)
            panel.ui.addFromSceneButton.click()
        runtime.wait_until(lambda: panel.ui.startButton.enabled, 30)
        panel.ui.startButton.click()
        runtime.wait_until(lambda: not panel.run_section.preparing, 30)
        if how not in ("silent", "finished", "asleep"):
            runtime.wait_until(lambda: panel.run_section.follower.curves)
        return panel

    return start


@pytest.fixture
def results(panel, heads):
    """The results section with a job of two of three heads: the source model's segmentations are the references, the
    adapted model has none."""
    from all_steps import take_all_steps
    from TransferSegGui.results import Results

    from TransferSegLib.evaluation.metrics import main_metrics
    from TransferSegLib.jobs.folder import JobFolder

    heads(3)
    panel.ui.addFromSceneButton.click()
    job = JobFolder(take_all_steps(panel.create_job()))
    labels = job.path / "target" / "labels"
    section = panel.results_section
    section.results = SimpleNamespace(
        job=job,
        identity=job.identity,
        card=panel.source().card,
        adapted="open",
        began_as="open",
        kept="direct",
        strategies=["direct", "open"],
        scored_cases=["case_001", "case_002"],
        segmented=["case_001", "case_002"],
        metric=main_metrics()[0],
        scores={},
        comparison=None,
        segmentation=lambda what, case: next(labels.glob(f"{case}.*")) if what == "direct" else None,
    )
    section.results.uncertainty = partial(Results.uncertainty, section.results)
    section._offer()
    section._fill_cases(section.results)
    yield section
    section.results = None


@pytest.fixture
def past(panel, heads) -> Path:
    """The folder of a job from before that was started and did not end."""
    from all_steps import take_all_steps

    from TransferSegLib.jobs.folder import JobFolder

    heads(2)
    panel.ui.addFromSceneButton.click()
    folder = take_all_steps(panel.create_job())
    JobFolder(folder).events.write_text(
        json.dumps({"kind": "started", "time": 1.0, "title": "", "job": "adapt"}) + "\n"
    )
    return folder
