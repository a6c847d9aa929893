"""How long the panel holds Slicer up while a job runs: the longest turn of Qt's event loop in what a person does with a CT.

The module runs in `Testing/SlicerRuntime`: real MRML and Qt, offscreen, with stand-ins for Slicer's own widgets, and without
its 3D views. Meanwhile a real job trains on the same cores. Each round is a process of its own, so that what is done for
the first time in a process is in every round. A turn holds up from the call that begins it to its return, whoever else had
the processor meanwhile; the processor time of Slicer's thread stands beside it. Python's collection of what is not used any
more is left out: it takes longer the more modules Slicer has, whatever this one does.

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
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import figures
import numpy as np

from TransferSegLib.cases.volumes import Volume, read_labels, write_labels, write_volume
from TransferSegLib.core.grid import Grid
from TransferSegLib.evaluation.metrics import measured_metrics
from TransferSegLib.evaluation.scores import LabelScores, ScoreRow, write_scores
from TransferSegLib.evaluation.summary import summarise, summary_json
from TransferSegLib.jobs.events import EventLog
from TransferSegLib.jobs.files import write_json
from TransferSegLib.jobs.folder import JobFolder

LIMIT_MS = 50.0
PAUSE_S = 0.002  # between two turns, as long as Slicer's loop waits for a person


@dataclass(frozen=True)
class Scale:
    """The CT's voxels, how many cases a long list has, and for how many s a job is watched."""

    ct: tuple[int, int, int]
    cases: int
    watched_s: float


FULL, QUICK = Scale((512, 512, 200), 160, 20.0), Scale((64, 64, 20), 6, 2.0)


@dataclass
class Turns:
    """What was measured of each action: (ms of the clock, ms of processor time) of the call and of every turn after it."""

    process: Callable[[], None]
    found: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def measure(self, name: str, act: Callable[[], Any], done: Callable[[], Any], seconds: float = 300) -> None:
        """Do something, and let Qt work until it is done, and for half a second more."""
        taken = self.found.setdefault(name, [])
        gc.collect()
        gc.disable()
        try:
            taken.append(_timed(act))
            until, ended = time.monotonic() + seconds, None
            while ended is None or time.monotonic() < ended + 0.5:
                taken.append(_timed(self.process))
                time.sleep(PAUSE_S)
                if ended is None and done():
                    ended = time.monotonic()
                if time.monotonic() > until:
                    raise TimeoutError(f"{name}: not within {seconds} s")
        finally:
            gc.enable()


def _timed(call: Callable[[], Any]) -> tuple[float, float]:
    clock, processor = time.perf_counter(), time.thread_time()
    call()
    return 1000 * (time.perf_counter() - clock), 1000 * (time.thread_time() - processor)


def main() -> None:
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


def result(rounds: list[dict[str, list[tuple[float, float]]]]) -> figures.Result:
    """The longest turn of each action in each round; its median over the rounds is what is held against the limit."""
    header = ("while a job trains", "turns", "longest, ms (of each round)", "its processor time, ms")
    rows, medians = [], {}
    for name in rounds[0]:
        worst = [max(map(tuple, measured[name])) for measured in rounds]
        clock = ", ".join(figures.shown(ms) for ms, _processor in worst)
        processor = ", ".join(figures.shown(ms) for _clock, ms in worst)
        rows.append([name, str(round(statistics.median(len(measured[name]) for measured in rounds))), clock, processor])
        medians[name] = statistics.median(ms for ms, _processor in worst)
    alone = medians.pop(ALONE)
    longest = max(medians, key=lambda name: medians[name])
    turns = [clock for measured in rounds for name in medians for clock, _processor in measured[name]]
    rows.append(
        ["all that the panel does, in all rounds", str(len(turns)), f"over {LIMIT_MS:g} ms: {_over(turns)}", ""]
    )
    what = f"longest turn of the panel, median of the rounds ({longest})"
    check = figures.Check(what, medians[longest], LIMIT_MS, False, " ms")
    return figures.Result(header, rows, [check], {"medians_ms": medians, "loop_alone_ms": alone})


def _over(turns: list[float]) -> str:
    longer = sorted(ms for ms in turns if ms > LIMIT_MS)
    return ", ".join(map(figures.shown, longer)) or "none"


ALONE = "for comparison, without Slicer: a loop of 2 ms of Python, while another process reads that CT"
READING = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from TransferSegLib.cases.volumes import read_volume
while True:
    read_volume(Path(sys.argv[2]))
"""


def one_round(scale: Scale) -> dict[str, list[tuple[float, float]]]:
    """All actions in one process."""
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        os.environ["TRANSFERSEG_MODELS"] = str(place / "models")
        (place / "models").mkdir()
        sys.path[:0] = [str(figures.ROOT / "Testing"), str(figures.ROOT / "TransferSeg")]
        import SlicerRuntime

        slicer = SlicerRuntime.start()
        from PySide6.QtCore import QCoreApplication, QEvent

        def process() -> None:
            slicer.app.processEvents()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)  # as Slicer's own loop does

        turns = Turns(process)
        panel = SlicerRuntime.load_module(figures.ROOT / "TransferSeg" / "TransferSeg.py")
        session = Session(scale, place, slicer, panel, SlicerRuntime, turns)
        try:
            session.run()
        finally:
            session.end()
        if errors := SlicerRuntime.take_errors():
            raise RuntimeError("\n".join(errors))
        return turns.found


class Session:
    """A person with a CT, while a job of theirs trains on heads."""

    def __init__(self, scale: Scale, place: Path, slicer: Any, panel: Any, runtime: Any, turns: Turns) -> None:
        self.scale, self.place, self.turns = scale, place, turns
        self.slicer, self.panel, self.runtime = slicer, panel, runtime
        self.job: Path | None = None
        self.ui, self.cases = panel.ui, panel.cases_section
        self.grid = Grid.from_spacing(scale.ct, (0.7, 0.7, 1.0))
        rng = np.random.default_rng(1)
        self.image = rng.normal(0, 500, scale.ct).astype(np.float32)
        self.labels = np.zeros(scale.ct, np.uint8)
        i, j, k = scale.ct
        self.labels[i // 12 : -i // 12, j // 6 : -j // 6] = 1
        self.labels[i // 3 : -i // 6, j // 5 : j // 2, k // 20 : -k // 3] = 2
        self.labels[i // 2 : i // 2 + i // 20, j // 2 : j // 2 + j // 20] = 3
        self.big: Any = None

    def run(self) -> None:
        self._write_files()
        self._start_job()
        self.alone()
        for action in (self.watch, self.enter, self.drop, self.drop_segmentation, self.label_map, self.list_of_many):
            action()
        many = self._done_job(self._names(self.scale.cases), self.small_labels)
        ct = self._done_job(["case_001"], self.labels_file, self.place / "ct")
        self.open_job(many)
        self.load_all(many)
        self.show_ct(ct)
        self.apply_to_bent(ct)

    def end(self) -> None:
        if self.job is not None:
            self.panel.logic.cancelJob(self.job)
            self.panel.logic.wait(self.job, 60)
        self.runtime.unload_module("TransferSeg")

    # What is measured

    def alone(self) -> None:
        """What the computer itself does to a loop that waits for nobody, as often as the longest work has turns."""
        count = 500
        while min(_timed(partial(_loop, count))[0] for _ in range(5)) < 2:
            count = count * 5 // 4
        command = [sys.executable, "-c", READING, str(figures.ROOT), str(self.place / "ct.nrrd")]
        other = subprocess.Popen(command)
        found = self.turns.found.setdefault(ALONE, [])
        for _ in range(8000 if self.scale is FULL else 50):
            found.append(_timed(partial(_loop, count)))
            time.sleep(PAUSE_S)
        if other.poll() is not None:
            raise RuntimeError("the process that reads the CT ended")
        other.kill()
        other.wait()

    def watch(self) -> None:
        until = time.monotonic() + self.scale.watched_s
        self._do("nothing but to watch the job", lambda: None, lambda: time.monotonic() > until)

    def enter(self) -> None:
        self.panel.parent.exit()
        self._do("the panel is opened", self.panel.parent.enter, self._calm)

    def drop(self) -> None:
        """On a long list, so that what grows with it is in it, too."""
        self._do(
            f"the {self.scale.cases} cases of a folder are added",
            lambda: self.cases.add_from_folder(str(self.place / "small")),
            lambda: self.ui.targetCasesTable.rowCount > self.scale.cases and self._calm(),
        )
        self._do(
            "a CT and its label file are dropped on the list",
            lambda: self.cases._dropped(self._urls("ct.nrrd", "ct-labels.nrrd"), -1),
            self._calm,
        )

    def drop_segmentation(self) -> None:
        self._do(
            "a segmentation's file (.seg.nrrd) is dropped on the CT",
            lambda: self.cases._dropped(self._urls("drawn.seg.nrrd"), self.ui.targetCasesTable.rowCount - 1),
            self._calm,
        )

    def label_map(self) -> None:
        volume, labels = self.slicer.vtkMRMLScalarVolumeNode, self.slicer.vtkMRMLLabelMapVolumeNode
        self.big = self._add_volume(self.image, "big", volume)
        self._add_volume(self.labels, "big label", labels)
        before = self.ui.targetCasesTable.rowCount
        self._do(
            "a CT and its label map are added from the scene",
            lambda: _click(self.ui.addFromSceneButton),
            lambda: self.ui.targetCasesTable.rowCount > before and self._calm(),
        )

    def list_of_many(self) -> None:
        key = self.cases._rows[self.scale.cases // 2]
        self._do("a role is changed in the list", lambda: self.cases._set_role(key, "test"), self._calm)
        self.ui.targetCasesTable.selectRow(self.scale.cases // 3)
        self._do("a case is removed from the list", lambda: _click(self.ui.removeCasesButton), self._calm)

    def open_job(self, job: Path) -> None:
        run = self.panel.run_section
        reading = self.panel.results_section._reading
        self._do(f"a job of {self.scale.cases} cases is opened", lambda: run._open(job), lambda: not reading.under_way)
        self._do("the job that trains is shown again", lambda: run._open(self.job), self._calm)

    def load_all(self, job: Path) -> None:
        self._show(job)
        self._do(
            f"its {self.scale.cases} segmentations are loaded",
            lambda: _click(self.ui.loadSegmentationsButton),
            lambda: not self.panel.results_section._turns.under_way,
        )
        source = self.panel.source_section
        self._do("its model is saved", lambda: _click(self.ui.saveModelButton), lambda: source._adding is None)
        if self.panel.parameters.modelName not in [folder.card.name for folder in self.panel.logic.sourceModels()]:
            raise RuntimeError("the model was not saved")
        first, second, *_others = self._result_segmentations()
        renamed = lambda: "renamed" in [name for name, _value in self.cases._segmentations]  # noqa: E731
        self._do("one of them is renamed", lambda: (first.SetName("renamed"), self.panel.refresh_later()), renamed)
        self._do("one of them is removed", lambda: self.slicer.mrmlScene.RemoveNode(second), self._calm)
        for node in self._result_segmentations():
            self.slicer.mrmlScene.RemoveNode(node)

    def show_ct(self, job: Path) -> None:
        self._show(job)
        section = self.panel.results_section
        for beside in (True, False):
            self.panel.parameters.sideBySide = beside
            self.runtime.process_events(200)
            for node in self.slicer.util.getNodes("case 001*").values():
                self.slicer.mrmlScene.RemoveNode(node)
            views = "side by side" if beside else "in the views that are there"
            self._do(
                f"a case with a CT is shown {views}",
                lambda: section.show_case(0),
                lambda: not section._turns.under_way,
            )

    def apply_to_bent(self, job: Path) -> None:
        """Until the model begins: what comes after it is a process of its own, and then the same as a case being shown."""
        self._show(job)
        transform = self.slicer.mrmlScene.AddNewNodeByClass("vtkMRMLGridTransformNode")
        transform.SetAndObserveTransformFromParent(_bent(self.grid))
        self.big.SetAndObserveTransformNodeID(transform.GetID())
        self.ui.applyVolumeSelector.setCurrentNode(self.big)
        self.runtime.process_events(200)
        section = self.panel.apply_section
        begun: list[Any] = []
        section._segment = lambda *given: begun.append(given)
        self._do(
            "the model is applied to a CT under a transform that bends",
            lambda: _click(self.ui.applyButton),
            lambda: begun,
            600,
        )
        del section._segment

    # What it takes

    def _result_segmentations(self) -> list[Any]:
        nodes = self.slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
        return [node for node in nodes if node.GetAttribute("TransferSeg.Result")]

    def _do(self, name: str, act: Callable[[], Any], done: Callable[[], Any], seconds: float = 300) -> None:
        self.turns.measure(name, act, done, seconds)
        if (state := self.panel.logic.status(self.job).state) != "running":
            raise RuntimeError(f"{name}: the job that trains is {state}")
        longest = max(self.turns.found[name])
        print(f"{name}: {len(self.turns.found[name])} turns, longest {longest[0]:.1f} ms", file=sys.stderr, flush=True)

    def _calm(self) -> bool:
        works = (self.cases._reading, self.cases._looking, self.cases._filling, self.cases._filling_labels)
        return not any(turns.under_way for turns in works)

    def _urls(self, *names: str) -> list[Any]:
        import qt

        return [qt.QUrl.fromLocalFile(str(self.place / name)) for name in names]

    def _write_files(self) -> None:
        write_volume(self.place / "ct.nrrd", self.image, self.grid)
        self.labels_file = self.place / "ct-labels.nrrd"
        write_labels(self.labels_file, self.labels, self.grid)
        (self.place / "ct" / "images").mkdir(parents=True)
        shutil.copyfile(self.place / "ct.nrrd", self.place / "ct" / "images" / "ct.nrrd")
        (self.place / "ct" / "labels").mkdir()
        shutil.copyfile(self.labels_file, self.place / "ct" / "labels" / "ct.nrrd")
        small = Grid.from_spacing((24, 24, 16), (1, 1, 1))
        inside = np.zeros(small.size, np.uint8)
        inside[6:18, 6:18, 4:12], inside[9:12, 9:12] = 1, 2
        for kind, array in (("images", np.random.default_rng(2).integers(0, 999, small.size)), ("labels", inside)):
            first = self.place / "small" / kind / "case_0.nii.gz"
            (write_volume if kind == "images" else write_labels)(first, array, small)
            for n in range(1, self.scale.cases):
                shutil.copyfile(first, first.with_name(f"case_{n}.nii.gz"))
        self.small_labels = self.place / "small" / "labels" / "case_0.nii.gz"
        from TransferSegGui.segmentations import Style, add_segmentation

        styles = {value: Style(name, (1.0, 0, 0)) for value, name in enumerate(("body", "liver", "tumour"), 1)}
        node = add_segmentation(Volume(self.labels, self.grid), styles, "drawn")
        assert self.slicer.util.saveNode(node, str(self.place / "drawn.seg.nrrd"))
        self.slicer.mrmlScene.RemoveNode(node)

    def _start_job(self) -> None:
        from TransferSegGui import sample_data

        sample_data.load_heads(count=4)
        self.panel.parameters.source = "head-t1w"
        self.panel.parameters.budgetUnit, self.panel.parameters.budget = "minutes", 120
        self.ui.addFromSceneButton.click()
        self.runtime.wait_until(lambda: not self.cases.checks.pending, 120)
        self.ui.startButton.click()
        self.runtime.wait_until(self.panel.job_runs, 60)
        self.job = self.panel.run_section.follower.job.path
        self.runtime.wait_until(lambda: self.panel.run_section.follower.curves, 180)

    def _names(self, count: int) -> list[str]:
        return [f"case_{n + 1:03d}" for n in range(count)]

    def _done_job(self, names: list[str], labels: Path, data: Path | None = None) -> Path:
        """The folder of a job that is done, with a segmentation of each case by two strategies, and scores."""
        from TransferSegGui.targets import cases_of_folder

        found = cases_of_folder(data or self.place / "small")
        folder = self.panel.logic.createJob(self.panel.source().card.name, found, strategies=["direct", "open"])
        job, rng = JobFolder(folder), np.random.default_rng(1)
        metrics = [metric.name for metric in measured_metrics()]
        scores = [LabelScores(dict.fromkeys(metrics, d)) for d in rng.uniform(0.4, 0.9, len(names))]
        rows = [
            ScoreRow(case, value, f"label {value}", scores[(n + shift) % len(names)], key, "0")
            for shift, key in enumerate(("direct", "open"))
            for n, case in enumerate(names)
            for value in (1, 2)
        ]
        write_scores(job.scores_csv, rows, of_job=True)
        write_json(job.scores_json, {**summary_json(summarise(rows)), "made_by": {"kept": "open"}}, job.path)
        for key in ("direct", "open"):
            (job.segmentations / key).mkdir(parents=True)
            for case in names:
                _as_nifti(labels, job.segmentations / key / f"{case}.nii.gz")
        shutil.copytree(job.read_spec().source, job.model)
        with EventLog(job.events) as log:
            log.write("started", title="", job="adapt")
            log.write("done", verdict="better", warnings=0)
        return folder

    def _show(self, job: Path) -> None:
        self.panel.run_section._open(job)
        self.runtime.wait_until(lambda: self.panel.results_section.results is not None, 60)
        self.runtime.wait_until(lambda: not self.panel.results_section._reading.under_way, 60)
        self.runtime.process_events(200)

    def _add_volume(self, array: np.ndarray, name: str, kind: Any) -> Any:
        return self.slicer.util.addVolumeFromArray(array.T, self.grid.affine, name, kind.__name__)


def _click(button: Any) -> None:
    if not button.enabled:
        raise RuntimeError(f"{button.objectName} is disabled: {button.toolTip}")
    button.click()


def _as_nifti(labels: Path, path: Path) -> None:
    if labels.name.endswith(".nii.gz"):
        shutil.copyfile(labels, path)
    else:
        volume = read_labels(labels)
        write_labels(path, volume.array, volume.grid)


def _bent(grid: Grid) -> Any:
    """A transform that moves everything a little, in waves."""
    import slicer
    import vtk
    from vtk.util.numpy_support import vtk_to_numpy

    extent = np.array(grid.size) * grid.spacing_mm
    image = vtk.vtkImageData()
    image.SetDimensions(8, 8, 8)
    image.SetOrigin(*(-extent * 0.2))
    image.SetSpacing(*(extent * 1.4 / 7))
    image.AllocateScalars(vtk.VTK_DOUBLE, 3)
    at = np.arange(8**3)
    vtk_to_numpy(image.GetPointData().GetScalars())[:] = 4 * np.sin(np.stack([at, at * 1.3, at * 0.7], 1))
    bent = slicer.vtkOrientedGridTransform()
    bent.SetDisplacementGridData(image)
    bent.SetInterpolationModeToCubic()
    return bent


def _loop(count: int) -> int:
    total = 0
    for n in range(count):
        total += n * n % 7
    return total


if __name__ == "__main__":
    main()
