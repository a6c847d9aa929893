"""Nothing that repeats by itself holds Slicer up, and no work grows with what is on disk.

Measured is the processor time of Slicer's own thread, which others on the computer have no part in. Python's collection of
what is not used any more is left out: it takes longer the more modules Slicer has, whatever ours does.
"""

from __future__ import annotations

import gc
import json
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from made_scores import made_scores

from TransferSegLib.cases.volumes import read_labels, write_labels
from TransferSegLib.core.grid import Grid
from TransferSegLib.evaluation.scores import ScoreRow, write_scores
from TransferSegLib.evaluation.summary import summarise, summary_json
from TransferSegLib.jobs.events import EventLog, read_events
from TransferSegLib.jobs.files import write_json
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.launch import Watcher
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.jobs.status import job_status

# benchmarks/turns.py holds 20 ms on a computer that does nothing else; beside other tests all takes longer.
LIMIT_S = 0.05
CT = (512, 512, 40)
MANY_JOBS, MANY_CASES = 200, 150


@pytest.fixture
def turns(scene):
    """turns(condition, seconds, click): the longest turn of the event loop, or the click, until the condition holds."""

    def took(call) -> float:
        begun = time.thread_time()
        call()
        return time.thread_time() - begun

    def run(condition, seconds: float, click=lambda: None) -> float:
        gc.collect()
        gc.disable()
        try:
            longest, until = took(click), time.monotonic() + seconds
            while not condition():
                assert time.monotonic() < until, f"not within {seconds} s"
                longest = max(longest, took(scene.app.processEvents))
                time.sleep(0.002)
        finally:
            gc.enable()
        return longest

    return run


@pytest.fixture
def past(panel, heads) -> Path:
    """The folder of a job from before, that was begun and did not end."""
    from all_steps import take_all_steps

    heads(2)
    panel.ui.addFromSceneButton.click()
    folder = take_all_steps(panel.create_job())
    JobFolder(folder).events.write_text(
        json.dumps({"kind": "started", "time": 1.0, "title": "", "job": "adapt"}) + "\n"
    )
    return folder


def trained(job: JobFolder, steps: int) -> None:
    """Events of a long training."""
    lines = []
    for step in range(1, steps + 1):
        progress = {
            "kind": "progress",
            "time": 1.0,
            "fraction": step / steps,
            "seconds_left": 1.0,
            "unit": "u",
            "text": "x",
        }
        metric = {
            "kind": "metric",
            "time": 1.0,
            "strategy": "open",
            "fold": 0,
            "step": step,
            "steps": steps,
            "loss": 1.0,
        }
        lines += [json.dumps(progress), json.dumps(metric)]
    with job.events.open("a", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def test_no_turn_is_long_while_a_job_runs_beside_hundreds_of_others(started, past, runtime, turns):
    for n in range(MANY_JOBS):
        copy = past.parent / f"2026-01-01 {n:03d}"
        copy.mkdir()
        for name in ("job.json", "events.jsonl"):
            shutil.copyfile(past / name, copy / name)
    panel = started("endless")
    section, combo = panel.run_section, panel.ui.jobsComboBox
    section.list_again()
    longest = turns(lambda: combo.count > MANY_JOBS, 60)
    section.list_again()
    begun = time.monotonic()
    longest = max(longest, turns(lambda: time.monotonic() > begun + 3, 60))
    panel.ui.cancelButton.click()
    longest = max(longest, turns(lambda: not panel.job_runs(), 60))
    assert longest < LIMIT_S


def test_jobs_are_listed_a_few_in_each_turn(panel, past, runtime, monkeypatch):
    from TransferSegGui import run_section

    for n in range(5):
        (past.parent / f"{n}").mkdir()
        shutil.copyfile(past / "job.json", past.parent / f"{n}" / "job.json")
    monkeypatch.setattr(run_section, "LISTING_S", -1.0)
    panel.run_section.list_again()
    assert panel.ui.jobsComboBox.count < 6
    runtime.wait_until(lambda: panel.ui.jobsComboBox.count == 6, 10)


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


def test_the_long_past_of_a_job_is_read_in_parts_and_its_curves_are_whole(panel, past, runtime, turns):
    trained(JobFolder(past), 8000)
    panel.run_section.list_again()
    runtime.wait_until(lambda: panel.ui.openJobButton.enabled, 10)
    panel.ui.openJobButton.click()
    follower = panel.run_section.follower
    assert follower.behind and follower.status.state == "interrupted"
    longest = turns(lambda: not follower.behind, 60)
    assert len(follower.curves["open", "0"]) == 8000
    runtime.process_events(20)
    assert follower.status.state == "interrupted" and not panel.ui.cancelButton.enabled
    assert longest < LIMIT_S


def test_what_a_job_says_late_in_its_events_reaches_the_results(panel, past, runtime):
    trained(JobFolder(past), 2000)
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


@pytest.fixture
def done_with_many(past, tmp_path) -> Path:
    """The folder of a job of a hundred and fifty cases that is done."""
    job, keys = JobFolder(past), ["direct", "open", "conservative:part=encoder"]
    rng, names = np.random.default_rng(1), {1: "anterior", 2: "posterior"}
    scores = [made_scores(d, d, d, d, 2.0, 3.0, 1.0, d, 1.0, 1.0) for d in rng.uniform(0.4, 0.9, MANY_CASES)]
    rows = [
        ScoreRow(f"case_{n + 1:03d}", value, name, scores[(n + shift) % MANY_CASES], key, "0")
        for shift, key in enumerate(keys)
        for n in range(MANY_CASES)
        for value, name in names.items()
    ]
    write_scores(job.scores_csv, rows, of_job=True)
    write_json(job.scores_json, {**summary_json(summarise(rows)), "made_by": {"kept": "open"}}, job.path)
    for key in keys:
        folder = job.segmentations / StrategyChoice.parse(key).slug
        folder.mkdir(parents=True)
        for n in range(MANY_CASES):
            (folder / f"case_{n + 1:03d}.nii.gz").touch()
    shutil.copytree(job.read_spec().source, job.model)
    with EventLog(job.events) as log:
        log.write("done", verdict="it is better", warnings=0)
    return past


def test_the_results_of_many_cases_are_shown(panel, done_with_many):
    from TransferSegGui import charts

    run, section, ui = panel.run_section, panel.results_section, panel.ui
    run._open(done_with_many)
    assert ui.casesTable.rowCount == MANY_CASES and ui.casesTable.item(MANY_CASES - 1, 3).text()[:2] == "0."
    assert ui.resultsTable.rowCount == 3 * 4 and "mean Dice" in ui.verdictLabel.text and ui.applyFolderButton.enabled
    panel.signals.jobChanged.emit(run.follower, True)
    assert charts.find("vtkMRMLPlotChartNode", charts.MEANS) is not None
    assert ui.casesTable.rowCount == MANY_CASES and section.results.strategies[1] == "open"
    run.forget()
    assert section.results is None and ui.casesTable.rowCount == ui.resultsTable.rowCount == 0
    assert ui.verdictLabel.text == "The verdict appears here when a job is done." and not ui.applyFolderButton.enabled


def test_a_chart_that_cannot_be_made_leaves_the_tables(panel, done_with_many, monkeypatch, capsys):
    from TransferSegGui import charts

    panel.run_section._open(done_with_many)
    monkeypatch.setattr(charts, "means_chart", lambda _comparison: 1 / 0)
    panel.signals.jobChanged.emit(panel.run_section.follower, True)
    assert "division by zero" in capsys.readouterr().err
    assert panel.ui.casesTable.rowCount == MANY_CASES and panel.ui.resultsTable.rowCount == 3 * 4
    assert panel.ui.applyFolderButton.enabled and "mean Dice" in panel.ui.verdictLabel.text


def test_results_that_cannot_be_read_say_so(panel, done_with_many, monkeypatch, capsys):
    from TransferSegGui import results_section

    monkeypatch.setattr(results_section, "load_results", lambda _folder: 1 / 0)
    panel.run_section._open(done_with_many)
    assert "division by zero" in capsys.readouterr().err
    assert panel.ui.verdictLabel.text == "The results could not be shown."
    assert panel.ui.applyFolderButton.toolTip == "Open a job that is done first"


def test_buttons_say_why_nothing_can_be_done_before_there_are_results(panel, done_with_many):
    ui = panel.ui
    buttons = (
        ui.loadSegmentationsButton,
        ui.openReportButton,
        ui.saveModelButton,
        ui.applyFolderButton,
        ui.applyButton,
    )
    assert {button.toolTip for button in buttons} == {"Open a job that is done first"}
    assert not any(button.enabled for button in buttons)
    panel.run_section._open(done_with_many)
    assert ui.openReportButton.enabled and ui.openReportButton.toolTip.startswith("The whole comparison")
    assert ui.applyButton.toolTip == "Choose a volume first"
    ui.modelNameLineEdit.setText("")
    assert not ui.saveModelButton.enabled and ui.saveModelButton.toolTip == "Give the model a name first"


def test_cases_that_leave_the_list_while_results_are_shown_are_called_by_number(panel, done_with_many, runtime):
    from TransferSegGui.parameters import remember_cases
    from TransferSegGui.targets import TargetCases

    table, key = panel.ui.casesTable, panel.cases_section.cases()[0].key
    names = {f"case_{n + 1:03d}": key for n in range(MANY_CASES)}
    remember_cases(panel.parameters, JobFolder(done_with_many).identity, names)
    panel.run_section._open(done_with_many)
    assert table.item(0, 0).text() == "1: Head 1"
    TargetCases(panel.parameters.parameterNode).remove([key])
    runtime.process_events(50)
    assert {table.item(row, 0).text()[:5] for row in range(MANY_CASES)} == {"case "}


def test_what_became_of_the_weights_is_shown_once_the_rest_of_the_events_is_read(panel, done_with_many, runtime):
    job = JobFolder(done_with_many)
    written = job.events.read_text(encoding="utf-8").splitlines()
    job.events.write_text(written[0] + "\n", encoding="utf-8")
    trained(job, 2000)
    with job.events.open("a", encoding="utf-8") as file:
        weights = {"kind": "choice", "time": 1.0, "strategy": "open", "weights": {"sentence": "all of them"}}
        file.write("\n".join([json.dumps(weights), *written[1:]]) + "\n")
    panel.run_section._open(done_with_many)
    shown = panel.results_section.results
    assert panel.run_section.follower.behind and panel.ui.weightsLabel.text.endswith(": ")
    runtime.wait_until(lambda: not panel.run_section.follower.behind, 30)
    runtime.process_events(50)
    assert panel.results_section.results is shown and panel.ui.weightsLabel.text.endswith("all of them")


def test_a_model_is_called_as_its_card_says_unless_the_person_has_named_it(panel, done_with_many, runtime, scene):
    section, parameters = panel.results_section, panel.parameters

    def show() -> None:
        panel.run_section._open(done_with_many)

    show()
    assert parameters.modelName == section.results.card.name == "tiny"
    card = json.loads((done_with_many / "model" / "card.json").read_text(encoding="utf-8"))
    (done_with_many / "model" / "card.json").write_text(json.dumps({**card, "name": "another"}), encoding="utf-8")
    show()
    assert parameters.modelName == "another"
    scene.mrmlScene.Clear(0)
    runtime.process_events(50)
    assert panel.parameters.modelName == "another" and panel.ui.saveModelButton.enabled
    panel.parameters.modelName = "mine"
    show()
    assert panel.parameters.modelName == "mine"


def test_a_scene_that_knows_no_job_shows_none(panel, done_with_many, runtime, scene, tmp_path):
    assert scene.util.saveScene(str(tmp_path / "scene.mrb"))
    panel.run_section._open(done_with_many)
    runtime.wait_until(lambda: panel.results_section.results is not None, 30)
    scene.util.loadScene(str(tmp_path / "scene.mrb"))
    runtime.process_events(100)
    assert panel.run_section.follower is None and panel.parameters.job == ""
    assert panel.results_section.results is None and panel.ui.casesTable.rowCount == 0
    assert panel.ui.verdictLabel.text == "The verdict appears here when a job is done."
    assert panel.ui.statusLabel.text == "" and not panel.ui.loadSegmentationsButton.enabled


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
    runtime.wait_until(lambda: not panel._wanted and not panel._left, 10)
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


def test_a_status_is_read_from_the_end_of_long_events(past):
    trained(JobFolder(past), 3000)
    whole = job_status(past)
    assert job_status(past, 5000) == whole and whole.state == "interrupted" and whole.fraction == 1.0


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


def test_a_worker_that_died_is_not_reported_before_all_it_wrote_is_read(past, monkeypatch):
    job = JobFolder(past)
    trained(job, 50)
    with EventLog(job.events) as log:
        log.write("done", verdict="better", warnings=0)
    watcher = Watcher(past, None, 1000)
    watcher._seen_alive = True
    kinds = []
    for _ in range(100):
        kinds += [event["kind"] for event in watcher.poll()]
    assert kinds.count("failed") == 0 and kinds[-1] == "done"


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
    runtime.wait_until(lambda: done, 5)
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
    runtime.wait_until(lambda: done, 5)
    assert seen == [0, 1, 2] and not turns.under_way


@pytest.fixture
def ct(panel, scene):
    """A volume of the size of a small CT, and a function that draws its three segments, further along each time."""
    voxels = np.random.default_rng(1).integers(-1000, 1000, CT[::-1]).astype(np.int16)
    volume = scene.util.addVolumeFromArray(voxels, np.diag([0.7, 0.7, 2.5, 1]), "CT")
    node = scene.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "CT labels")
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    segments = [node.GetSegmentation().AddEmptySegment("", name) for name in ("liver", "spleen", "tumour")]

    def draw(number: int, along: int) -> None:
        inside = np.zeros(CT[::-1], np.uint8)
        inside[3:-3, 100:400, 50 + 150 * number + along : 150 + 150 * number + along] = 1
        scene.util.updateSegmentBinaryLabelmapFromArray(inside, node, segments[number], volume)

    for number in range(3):
        draw(number, 0)
    panel.ui.addFromSceneButton.click()
    return volume, draw


def test_a_stroke_on_a_ct_leaves_the_image_s_file(ct, panel, runtime):
    _volume, draw = ct
    checks, exporter = panel.cases_section.checks, panel.logic.exporter
    runtime.wait_until(lambda: not checks.pending, 120)
    (image,) = exporter.folder.glob("case-*/image-*")
    (labels,) = exporter.folder.glob("case-*/labels-*")
    before, voxels = image.stat().st_mtime_ns, read_labels(labels).array
    draw(0, 7)
    assert checks.pending
    runtime.wait_until(lambda: not checks.pending, 120)
    assert [path.stat().st_mtime_ns for path in exporter.folder.glob("case-*/image-*")] == [before]
    (again,) = exporter.folder.glob("case-*/labels-*")
    assert (read_labels(again).array != voxels).sum() == 2 * 7 * 300 * (CT[2] - 6)
    assert not checks.errors


def test_start_prepares_a_ct_in_turns_and_cancel_leaves_nothing_of_it(ct, panel, worker, runtime):
    ui, jobs_folder = panel.ui, Path(panel.source().folder).parents[1] / "jobs"
    worker("endless")
    assert panel.cases_section.checks.pending  # nothing is exported yet
    ui.startButton.click()
    for _ in range(5):
        runtime.process_events()
    assert ui.statusLabel.text == "Preparing the cases…" and ui.cancelButton.enabled and not ui.startButton.enabled
    assert ui.startButton.toolTip == "The cases are being prepared"
    ui.cancelButton.click()
    assert ui.statusLabel.text == "" and not ui.cancelButton.enabled and ui.startButton.enabled
    runtime.process_events(50)
    assert not jobs_folder.exists() and panel.run_section.follower is None
    ui.startButton.click()
    runtime.wait_until(lambda: panel.job_runs(), 120)
    ui.cancelButton.click()
    runtime.wait_until(lambda: not panel.job_runs(), 30)


def test_a_long_list_of_cases_is_written_where_it_changes_and_refreshed_in_no_time(panel, turns, tmp_path, runtime):
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
    panel.refresh_later()
    until = time.monotonic() + 1
    assert turns(lambda: time.monotonic() > until, 60) < LIMIT_S
    written, key = table.item(20, 1), section._rows[50]
    section._set_role(key, "test")
    runtime.wait_until(lambda: section._looks[50][3] == "test", 10)
    assert table.item(20, 1) is written  # rows that look as before stay
    keys = [key for key in section._rows if key != section._rows[30]]
    table.selectRow(30)
    panel.ui.removeCasesButton.click()
    assert section._rows == keys and [case.key for case in section.cases()] == keys
    assert table.item(49, 1).text() == section.cases()[49].name and section._looks[49][3] == "test"


def test_a_scene_that_closes_ends_what_is_being_prepared(ct, panel, worker, runtime):
    worker("endless")
    panel.ui.startButton.click()
    runtime.process_events()
    assert panel.run_section.preparing
    runtime.clear_scene()
    runtime.process_events(50)
    assert not panel.run_section.preparing and panel.run_section.follower is None


def test_checks_wait_for_a_job_that_runs_and_is_not_the_one_shown(started, runtime, scene):
    panel = started("endless")
    folder = panel.run_section.follower.job.path
    panel.run_section.forget()
    panel.run_section.list_again()
    runtime.wait_until(lambda: panel.ui.goBackFrame.isVisibleTo(panel.ui.runSection), 10)
    assert not panel.job_runs() and panel.busy()
    checks = panel.cases_section.checks
    checks.request()
    runtime.process_events(1500)
    assert checks.pending and "when the job has ended" in panel.ui.targetCasesTable.item(0, 0).toolTip()
    JobFolder(folder).request_cancel()
    runtime.wait_until(lambda: not checks.pending, 60)


def test_the_values_of_a_label_map_are_looked_for_once(scene, monkeypatch):
    from TransferSegGui import segmentations

    for kind in (np.uint8, np.int16, np.int32):
        array = np.zeros((6, 7, 8), kind)
        array[1, 2, 3], array[4, 5, 6] = 7, 3
        node = scene.util.addVolumeFromArray(array, name="map", nodeClassName="vtkMRMLLabelMapVolumeNode")
        assert list(segmentations._label_map_names(node)) == [3, 7]
        with monkeypatch.context() as patch:
            patch.setattr(segmentations, "values_in", None)
            assert len(segmentations.segment_names(node)) == 2
        scene.util.arrayFromVolume(node)[0, 0, 0] = 5
        scene.util.arrayFromVolumeModified(node)
        assert list(segmentations._label_map_names(node)) == [3, 5, 7]
