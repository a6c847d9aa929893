"""The results of a job of many cases in the panel."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from made_events import write_training
from made_scores import made_scores

from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.post_processing_choice import LabelChoice
from TransferSegLib.evaluation.scores import ScoreRow, write_scores
from TransferSegLib.evaluation.summary import summarise, summary_json
from TransferSegLib.jobs.events import EventLog
from TransferSegLib.jobs.files import write_json
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import StrategyChoice

MANY_CASES = 150


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
    assert not ui.resultsSection.isVisibleTo(ui.stepsContents) and not ui.applyFolderButton.enabled


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
    ui.detailsGroupBox.collapsed = False
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
    write_training(job, 2000)
    with job.events.open("a", encoding="utf-8") as file:
        weights = {"kind": "choice", "time": 1.0, "strategy": "open", "weights": {"sentence": "all of them"}}
        file.write("\n".join([json.dumps(weights), *written[1:]]) + "\n")
    panel.run_section._open(done_with_many)
    shown = panel.results_section.results
    assert panel.run_section.follower.behind and panel.ui.weightsLabel.text.endswith(": ")
    runtime.wait_until(lambda: not panel.run_section.follower.behind, 30)
    runtime.process_events(50)
    assert panel.results_section.results is shown and panel.ui.weightsLabel.text.endswith("all of them")


def test_what_a_job_decides_is_in_the_log_in_the_panel_s_words(panel, done_with_many, runtime):
    job = JobFolder(done_with_many)
    of_all = Problem("job-not-as-nnunet", "Every strategy; `{command}`", {"command": "segment"}, "note")
    label = LabelChoice("liver", "largest component", 4, (0.5, 0.6, 0.5, 0.6), nested=0.6)
    problems = [(of_all, {}), (of_all, {}), (label.problem, {"strategy": "open"})]
    events = [
        {"kind": "choice", "time": 1.0, "message": one.sentence, "problem": one.to_json(), **more}
        for one, more in problems
    ]
    with job.events.open("a", encoding="utf-8") as file:
        file.write("".join(f"{json.dumps(event)}\n" for event in events))
    panel.run_section._open(done_with_many)
    runtime.wait_until(lambda: not panel.run_section.follower.behind, 30)
    first, second = panel.run_section.follower.log[-2:]
    assert first.startswith("Every strategy, the source model as it is too") and "Try does as nnU-Net" in first
    assert second.startswith("Fine-tune everything: “liver”: of what is found, the largest component alone is kept")


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
    assert not panel.ui.resultsSection.isVisibleTo(panel.ui.stepsContents)
    assert panel.ui.statusLabel.text == "" and not panel.ui.loadSegmentationsButton.enabled
