"""A person goes round: a first result, a correction, the next round, with the scene saved and loaded in the middle."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from TransferSegLib.core.records import read_json
from TransferSegLib.jobs.folder import DIGESTS, JobFolder


def paint(scene, node, image) -> None:
    """Give a corner of the image to bone, as a person does in the Segment Editor."""
    for name in ("air", "soft tissue", "bone"):
        identifier = node.GetSegmentation().GetSegmentIdBySegmentName(name)
        voxels = scene.util.arrayFromSegmentBinaryLabelmap(node, identifier, image).copy()
        voxels[:3, :3, :3] = name == "bone"
        scene.util.updateSegmentBinaryLabelmapFromArray(voxels, node, identifier, image)


@pytest.fixture
def editor(panel, monkeypatch):
    """Slicer's Segment Editor, which is not shown yet."""
    from SlicerRuntime import segment_editor

    return segment_editor.install("TransferSeg", monkeypatch)


def job_ends(panel, runtime) -> Path:
    runtime.wait_until(lambda: not panel.run_section.preparing, 30)
    runtime.wait_until(lambda: not panel.job_runs(), 600)
    assert panel.run_section.follower.status.state == "done", panel.ui.statusLabel.text
    return panel.run_section.follower.job.path


def test_a_round_of_correcting_and_adapting_again_takes_five_clicks(
    panel, editor, heads, runtime, scene, tmp_path, monkeypatch
):
    from SlicerRuntime.person import Person
    from TransferSegGui import charts, corrections
    from TransferSegGui.rounds_section import rounds_to
    from TransferSegGui.targets import TargetCases

    person, ui, section = Person(panel), panel.ui, panel.correct_section
    volumes = heads(5)
    for volume in volumes[3:]:
        for node in list(scene.util.getNodes(f"{volume.GetName()} labels").values()):
            scene.mrmlScene.RemoveNode(node)
    ui.addFromSceneButton.click()
    assert not ui.adaptAgainButton.enabled and "first round" in ui.againReasonLabel.text
    runtime.wait_until(lambda: ui.startButton.enabled, 60)
    ui.startButton.click()
    first = job_ends(panel, runtime)
    assert ui.roundsTable.rowCount == 1 and "two rounds with different numbers of cases" in ui.roundsLabel.text
    assert "the 3 cases that all rounds have" in ui.roundsNoteLabel.text and "0 of them" in ui.roundsNoteLabel.text
    person.open(ui.roundsSection)
    person.click(ui.nextCaseButton)
    runtime.wait_until(lambda: editor.selected == "SegmentEditor", 120)
    [(key, node)] = corrections.drafts().items()
    image = node.GetNodeReference(node.GetReferenceImageGeometryReferenceRole())
    assert image in volumes[3:] and len(section.ranking.cases) == 2
    assert corrections.began_as(node).sha256 == panel.results_section.results.card.weights_sha256
    paint(scene, node, image)
    section.bar.accept.click()
    assert "mL changed" in section.bar._status.text
    began = corrections.began_as(node)
    assert began.changed_ml > 0 and began.dice < 1
    section.bar.back.click()
    assert editor.selected == "TransferSeg"
    runtime.wait_until(lambda: ui.adaptAgainButton.enabled, 60)
    person.click(ui.adaptAgainButton)
    assert person.clicks == 3, "and two on the bar in the Segment Editor"
    person.close()
    second = job_ends(panel, runtime)
    assert read_json(second / "job.json")["parent"] == str(first)
    called = read_json(second / "job.json")["parent_cases"]
    assert len(called) >= 3 and all(now == before for now, before in called.items()), (
        "no case came before the first ones"
    )
    assert [job.path for job in rounds_to(panel.results_section.results.job)] == [first, second]
    texts = [[ui.roundsTable.item(row, n).text() for n in range(5)] for row in range(ui.roundsTable.rowCount)]
    assert [row[1] for row in texts] == ["3", "4"] and [row[4] for row in texts] == ["–", texts[1][4]]
    assert texts[1][4].endswith("(1)") and "–" in texts[1][2], "three shared cases have an interval"
    assert (
        "Against round 1, on the same 3 cases: " in ui.roundsNoteLabel.text
        and "95 % interval" in ui.roundsNoteLabel.text
    )
    assert (
        "Against round 1" in ui.roundsTable.item(1, 2).toolTip()
        and "Against" not in ui.roundsTable.item(0, 2).toolTip()
    )
    # A curve over two rounds is told of; what it says hangs on scores, which differ a little from processor to processor.
    said = ui.roundsLabel.text
    assert "more annotated cases" in said or "the Dice fell from" in said
    ui.roundsChartButton.click()
    chart = charts.find("vtkMRMLPlotChartNode", "rounds")
    names = [chart.GetNthPlotSeriesNode(n).GetName() for n in range(chart.GetNumberOfPlotSeriesNodes())]
    assert "shared cases" in names and "cases that began as predictions" in names

    # A draft that was begun is found again with the scene, and so are the rounds.
    ui.nextCaseButton.click()
    runtime.wait_until(lambda: editor.selected == "SegmentEditor", 120)
    [(key, node)] = corrections.drafts().items()
    paint(scene, node, node.GetNodeReference(node.GetReferenceImageGeometryReferenceRole()))
    section.bar.back.click()
    saved = tmp_path / "Sitzung ü.mrb"
    assert scene.util.saveScene(str(saved))
    runtime.clear_scene()
    assert section.bar.frame.isHidden() and corrections.drafts() == {}
    scene.util.loadScene(str(saved))
    runtime.process_events(300)
    assert [[ui.roundsTable.item(row, n).text() for n in range(5)] for row in range(ui.roundsTable.rowCount)] == texts
    assert list(corrections.drafts()) == [key] and corrections.is_begun(key)
    accepted = next(c.segmentation for c in panel.cases_section.cases() if corrections.began_as(c.segmentation))
    assert corrections.began_as(accepted) == began
    ui.nextCaseButton.click()  # what was begun comes first
    assert editor.selected == "SegmentEditor" and not section.ranking.works
    section.bar.accept.click()
    again = corrections.began_as(corrections.drafts().get(key) or panel.cases_section.cases()[-1].segmentation)
    assert again is not None and again.changed_ml > 0 and corrections.drafts() == {}
    assert not section.bar.following.enabled, "every case is annotated"
    section.bar.back.click()
    runtime.wait_until(lambda: ui.adaptAgainButton.enabled, 60)
    ui.adaptAgainButton.click()
    third = job_ends(panel, runtime)
    assert [one.annotated for one in panel.rounds_section.rounds] == [3, 4, 5]
    assert panel.rounds_section.rounds[-1].prediction_cases == 2
    assert len(json.loads(panel.parameters.jobPredictions)) == 3 and third != second
    # As if the first case had been annotated anew after the second round.
    job = JobFolder(second)
    stored = job.load_result(DIGESTS)
    changed = {**stored, "case_001": {**stored["case_001"], "label": "0" * 32}}
    job.save_result(DIGESTS, changed)
    panel.rounds_section.read()
    said = ui.roundsNoteLabel.text
    assert panel.cases_section.cases()[0].name in said and "was changed between rounds" in said, said
    assert "the 2 cases that all rounds have" in ui.roundsNoteLabel.text
    assert set(panel.rounds_section.rounds[-1].shared_by_case) == {"case_002", "case_003"}
    assert panel.rounds_section.rounds[-1].change.cases < 4
    job.save_result(DIGESTS, stored)
    panel.rounds_section.read()
    assert "was changed between rounds" not in ui.roundsNoteLabel.text
    # A result of a job is known as the model made it, until somebody edits it.
    nodes, results = panel.results_section.nodes(), panel.results_section.results
    made = nodes.segmentation(results.segmented[0], results.adapted)
    assert corrections.began_as(made).edited is False
    paint(scene, made, nodes.image(results.segmented[0]))
    assert corrections.began_as(made).edited is True
    # What the last round's models cannot be gone on from with is seen before the click, and Start is named as the way out.
    runtime.wait_until(lambda: ui.adaptAgainButton.enabled, 60)
    cases, known = TargetCases(panel.parameters.parameterNode), panel.cases_section.cases()

    def refused(*changed) -> str:
        for case in changed:
            cases.update(case)
        panel.rounds_section.refresh()
        reason, enabled = ui.againReasonLabel.text, ui.adaptAgainButton.enabled
        for case in known:
            cases.update(case)
        assert not enabled and "press Start, which begins from the source model" in reason
        return reason

    monkeypatch.setattr(panel.next_job, "hindrance", lambda: None)  # the checks, which a change begins anew
    assert f"have learned from “{known[0].name}”" in refused(replace(known[0], role="test"))
    gone = [replace(case, segmentation=None, role="unlabelled") for case in known[:-1]]
    assert "was scored on in the round before are gone" in refused(*gone)
    network = replace(results.card.network, name="another")
    panel.results_section.results = replace(results, card=replace(results.card, network=network))
    assert "made another network of the source model's" in refused()
    panel.results_section.results = results
    panel.rounds_section.refresh()
    assert ui.adaptAgainButton.enabled and ui.againReasonLabel.text == ""


def test_a_numbered_case_is_the_parents_by_its_row_in_the_table(scene):
    from TransferSegGui import jobs
    from TransferSegGui.targets import TargetCase

    before = jobs.case_keys([TargetCase((), key=key) for key in ("1", "2", "3")])
    now = [TargetCase((), key=key) for key in ("2", "4", "3")]
    assert jobs.parent_cases(now, before) == {"case_001": "case_002", "case_003": "case_003"}
    assert jobs.parent_cases(now, {}) == {}, "a scene that does not know the parent"
