"""A whole session by clicks of the mouse, with real processes in the background; and the panel, click by click."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from TransferSegLib.core.records import read_json


def choose(combo, value) -> None:
    """Choose an entry of a list by its value, as a click does."""
    index = combo.findData(value)
    assert index >= 0, f"{value} is not in the list"
    combo.setCurrentIndex(index)
    combo.activated.emit(index)


@pytest.fixture
def person(panel):
    """Somebody who clicks on the panel."""
    from SlicerRuntime.person import Person

    someone = Person(panel)
    yield someone
    someone.close()


def texts(table, column: int) -> list[str]:
    return [table.item(row, column).text() for row in range(table.rowCount) if table.item(row, column)]


def plot(part: str):
    from TransferSegGui import charts

    return charts.find("vtkMRMLPlotChartNode", part)


def shown_chart(scene):
    """The chart that the plot views show."""
    selection = scene.app.applicationLogic().GetSelectionNode()
    return scene.mrmlScene.GetNodeByID(selection.GetActivePlotChartID() or "")


def test_a_session_from_the_first_click_to_the_reloaded_scene(panel, person, heads, runtime, scene, tmp_path):
    import qt
    from TransferSegGui.segmentations import sample_segments, segment_styles
    from TransferSegGui.showing import VIEWS
    from TransferSegGui.volumes import world_grid

    ui = panel.ui

    # The source model.
    person.choose(ui.sourceModelComboBox, "head-t1w")
    assert panel.source().card.name == "head-t1w" and "Licence" in ui.modelCardTextBrowser.toPlainText()

    # Target cases: three that are annotated, one of them for the test, and one that is not.
    assert not ui.startButton.enabled and "annotated case" in ui.startButton.toolTip
    assert "annotated case" in ui.startReasonLabel.text
    heads(4)
    person.click(ui.mendButton)
    assert panel.steps.opened == "cases" and ui.sourceModelSection.text == "1. Source model: head-t1w"
    assert texts(ui.targetCasesTable, 1) == ["Head 1", "Head 2", "Head 3", "Head 4"]
    person.choose(ui.targetCasesTable.cellWidget(2, 3), "test")
    assert texts(ui.labelMapTable, 0) == ["air", "soft tissue", "bone"]
    person.choose(ui.labelMapTable.cellWidget(0, 1), "new")
    runtime.wait_until(lambda: not panel.cases_section.checks.pending, 60)
    assert not ui.reasonFrame.isVisibleTo(ui.runBar)
    assert "2 annotated, 1 test, 1 to segment" in ui.casesSummaryLabel.text
    assert all(not ui.targetCasesTable.item(row, 0).icon().isNull() for row in range(4))

    # A strategy with too large a budget, cancelled.
    person.open(ui.strategySection)
    assert ui.targetCasesSection.collapsed and ui.targetCasesSection.text == "2. Target cases: 4 cases, 3 annotated"
    person.choose(ui.strategyComboBox, "conservative")
    person.write(panel.strategy_section.field("conservative", "layers").widget, "2")
    person.choose(ui.budgetUnitComboBox, "steps")
    person.write(ui.budgetSpinBox, "100000")
    runtime.wait_until(lambda: "3 of " in ui.planLabel.text and "convolutions will be trained" in ui.planLabel.text, 90)
    person.click(ui.startButton)
    runtime.wait_until(lambda: not panel.run_section.preparing, 30)
    first = panel.run_section.follower.job.path
    assert panel.job_runs() and not ui.startButton.enabled and not panel.run_section.follower.curves
    runtime.wait_until(lambda: plot("curves"), 90)
    assert panel.job_runs() and shown_chart(scene) is plot("curves")
    assert "Training" in ui.statusLabel.text and "left" in ui.statusLabel.text
    person.click(ui.cancelButton)
    runtime.wait_until(lambda: not panel.job_runs(), 60)
    assert panel.run_section.follower.status.state == "cancelled"
    assert not ui.resultsSection.isVisible() and panel.steps.opened == "strategy"

    # A short comparison to its end.
    person.click(ui.compareCheckBox)
    person.tick(ui.strategiesList, ["direct", "conservative"])
    person.write(ui.budgetSpinBox, "2")
    runtime.wait_until(lambda: ui.startButton.enabled, 60)
    person.click(ui.startButton)
    runtime.wait_until(lambda: not panel.run_section.preparing, 30)
    second = panel.run_section.follower.job.path
    assert second != first
    seen = set()
    runtime.wait_until(lambda: (seen.add(ui.progressBar.value), not panel.job_runs())[1], 180)
    assert len(seen) > 2 and ui.progressBar.value == 100
    assert "mean Dice" in ui.verdictLabel.text and panel.steps.opened == "results"
    assert shown_chart(scene) is plot("dice")
    lines = [plot("curves").GetNthPlotSeriesNode(n) for n in range(plot("curves").GetNumberOfPlotSeriesNodes())]
    assert [series.GetName() for series in lines] == ["Fine-tune the last layers (2)"]
    models = lines[0].GetTableNode().GetTable().GetColumnByName("model")
    assert len({models.GetValue(n) for n in range(models.GetNumberOfValues())}) >= 2
    assert ui.jobsComboBox.itemData(ui.jobsComboBox.currentIndex) == str(second)
    person.open(ui.runSection)
    person.click(ui.logGroupBox, qt.QPoint(12, 8))
    assert "Training: Fine-tune the last layers (2)" in ui.logTextEdit.toPlainText()
    person.click(ui.logGroupBox, qt.QPoint(12, 8))
    spec = read_json(second / "job.json")
    assert [entry["name"] for entry in spec["strategies"]] == ["direct", "conservative"]
    assert spec["strategies"][1]["options"] == {"layers": 2}
    assert spec["training"]["steps"] == 2 and spec["label_map"] == {"air": "new"}

    # Results: the tables, a case in the views, all segmentations.
    person.open(ui.resultsSection)
    assert "bone" in texts(ui.resultsTable, 0)
    assert texts(ui.casesTable, 0) == [f"{n}: Head {n}" for n in range(1, 5)]
    person.click_cell(ui.casesTable, 1, 0)
    names = ["Head 2: reference", "Head 2: source model", "Head 2: adapted model"]
    runtime.wait_until(lambda: all(scene.util.getNodes(name) for name in names))
    three = [scene.util.getNode(name) for name in names]
    runtime.wait_until(lambda: three[2].GetSegmentation().ContainsRepresentation("Closed surface"))
    volume, own = scene.util.getNode("Head 2"), scene.util.getNode("Head 2 labels")
    values = {"air": 1, "soft tissue": 2, "bone": 3}
    assert np.array_equal(
        sample_segments(three[0], world_grid(volume), values).array,
        sample_segments(own, world_grid(volume), values).array,
    )
    looks = [
        [(style.name, style.color, style.in_3d) for style in segment_styles(node).values()] for node in (own, *three)
    ]
    assert looks == looks[:1] * 4
    found = [style.terminology for style in segment_styles(three[2]).values()]
    assert all("SCT^" in terminology for terminology in found) and "SCT^272673000^Bone" in "".join(found)
    for tag, node in zip(VIEWS, three, strict=True):
        views = [scene.mrmlScene.GetSingletonNode(tag, f"vtkMRML{kind}Node") for kind in ("Slice", "View")]
        assert [node.GetDisplayNode().IsDisplayableInView(view.GetID()) for view in views] == [True, True]
        assert [other.GetDisplayNode().IsDisplayableInView(views[0].GetID()) for other in three].count(True) == 1
    person.click(ui.loadSegmentationsButton)
    runtime.wait_until(lambda: scene.util.getNodes("Head 4: * model"), 30)

    # The adapted model on a new volume, and among the source models.
    voxels = scene.util.arrayFromVolume(volume)[::-1].copy()
    head = scene.util.addVolumeFromArray(voxels, np.diag([5.0, 6, 7, 1]), "new head")
    person.open(ui.applySection)
    person.choose(ui.applyVolumeSelector, head.GetID())
    person.click(ui.applyButton)
    runtime.wait_until(lambda: scene.util.getNodes("new head: adapted model"), 90)
    person.open(ui.resultsSection)
    person.write(ui.modelNameLineEdit, "my-heads")
    person.click(ui.saveModelButton)
    runtime.wait_until(lambda: ui.sourceModelComboBox.findData("my-heads") >= 0, 90)

    # Everything is found again with the scene.
    before = {
        "verdict": ui.verdictLabel.text,
        "scores": texts(ui.resultsTable, 1),
        "cases": [texts(ui.casesTable, n) for n in range(ui.casesTable.columnCount)],
        "segmentations": sorted(n.GetName() for n in scene.util.getNodesByClass("vtkMRMLSegmentationNode")),
    }
    saved = tmp_path / "Sitzung ü 1.mrb"
    assert scene.util.saveScene(str(saved))
    runtime.clear_scene()
    assert ui.targetCasesTable.rowCount == 0 and not ui.compareCheckBox.checked
    scene.util.loadScene(str(saved))
    runtime.process_events(200)
    assert panel.steps.opened == "results"
    assert ui.sourceModelComboBox.itemData(ui.sourceModelComboBox.currentIndex) == "head-t1w"
    cases = panel.cases_section.cases()
    assert [(case.name, case.role) for case in cases] == [
        ("Head 1", "train"),
        ("Head 2", "train"),
        ("Head 3", "test"),
        ("Head 4", "unlabelled"),
    ]
    assert [case.segmentation.GetName() if case.segmentation else None for case in cases] == [
        "Head 1 labels",
        "Head 2 labels",
        "Head 3 labels",
        None,
    ]
    roles = [ui.targetCasesTable.cellWidget(row, 3) for row in range(4)]
    assert [combo.itemData(combo.currentIndex) for combo in roles] == ["train", "train", "test", "unlabelled"]
    labels = [ui.labelMapTable.cellWidget(row, 1) for row in range(3)]
    assert [combo.itemData(combo.currentIndex) for combo in labels] == ["new", "soft tissue", "bone"]
    assert ui.compareCheckBox.checked
    ticked = [ui.strategiesList.item(n) for n in range(ui.strategiesList.count)]
    assert [item.data(256) for item in ticked if item.checkState().value] == ["direct", "conservative"]
    assert panel.strategy_section.field("conservative", "layers").widget.value == 2
    assert ui.budgetSpinBox.value == 2 and panel.parameters.budgetUnit == "steps"
    assert ui.applyVolumeSelector.currentNode() is scene.util.getNode("new head")
    assert ui.modelNameLineEdit.text == "my-heads"
    assert panel.parameters.job == str(second) and panel.run_section.follower.job.path == second
    assert before == {
        "verdict": ui.verdictLabel.text,
        "scores": texts(ui.resultsTable, 1),
        "cases": [texts(ui.casesTable, n) for n in range(ui.casesTable.columnCount)],
        "segmentations": sorted(n.GetName() for n in scene.util.getNodesByClass("vtkMRMLSegmentationNode")),
    }
    assert "mean Dice" in ui.verdictLabel.text
    person.click_cell(ui.casesTable, 1, 0)
    runtime.process_events(100)
    names = sorted(n.GetName() for n in scene.util.getNodesByClass("vtkMRMLSegmentationNode"))
    assert names == before["segmentations"]


def test_roles_segmentations_and_labels_are_chosen_in_the_tables(panel, heads, runtime, scene):
    from all_steps import take_all_steps

    heads(3)
    panel.ui.addFromSceneButton.click()
    table = panel.ui.targetCasesTable
    choose(table.cellWidget(1, 3), "test")
    runtime.process_events(20)
    choose(table.cellWidget(2, 2), scene.util.getNode("Head 2 labels").GetID())
    runtime.process_events(20)
    cases = panel.cases_section.cases()
    assert [case.role for case in cases] == ["train", "test", "train"]
    assert cases[2].segmentation.GetName() == "Head 2 labels"
    choose(panel.ui.labelMapTable.cellWidget(2, 1), None)
    choose(panel.ui.labelMapTable.cellWidget(0, 1), "new")
    runtime.process_events(20)
    job = take_all_steps(panel.create_job())
    assert read_json(job / "job.json")["label_map"] == {"bone": None, "air": "new"}


def test_findings_follow_the_cases(panel, heads, runtime, scene):
    heads(2)
    panel.ui.addFromSceneButton.click()
    checks = panel.cases_section.checks
    runtime.wait_until(lambda: not checks.pending, 30)
    assert not checks.errors
    segmentation = scene.util.getNode("Head 1 labels").GetSegmentation()
    whole = np.ones((16, 24, 24), np.uint8)
    extra = segmentation.AddEmptySegment("", "everything")
    runtime.process_events(20)
    node, volume = scene.util.getNode("Head 1 labels"), scene.util.getNode("Head 1")
    from TransferSegGui.segmentations import BINARY

    scene.util.updateSegmentBinaryLabelmapFromArray(whole, node, extra, volume)
    assert segmentation.GetSourceRepresentationName() == BINARY
    runtime.wait_until(lambda: checks.errors, 30)
    tooltip = panel.ui.targetCasesTable.item(0, 0).toolTip()
    assert "overlap" in tooltip
    assert not panel.ui.startButton.enabled and "overlap" in panel.ui.startButton.toolTip
    segmentation.RemoveSegment(extra)
    runtime.wait_until(lambda: not checks.pending and not checks.errors, 30)
    assert panel.ui.startButton.enabled


def test_a_model_of_several_channels_asks_for_as_many_volumes(panel, heads, runtime, scene):
    volumes = heads(2)
    section, card = (
        panel.results_section,
        SimpleNamespace(channels=("t1w", "t2w"), inference=panel.source().card.inference),
    )
    section.results = SimpleNamespace(card=card, comparison=None)
    panel.apply_section.offer()
    (second,) = panel.apply_section._channels.further
    label_map = scene.mrmlScene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "labels")
    second.setCurrentNode(label_map)
    assert second.currentNode() is not label_map
    panel.ui.applyVolumeSelector.setCurrentNode(volumes[0])
    runtime.process_events(20)
    assert not panel.ui.applyButton.enabled
    second.setCurrentNode(volumes[1])
    runtime.process_events(20)
    assert panel.ui.applyButton.enabled
    section.show(None)
    assert panel.apply_section._channels.further == []


def test_rows_that_are_selected_are_joined_and_removed(panel, heads, runtime):
    heads(3)
    ui = panel.ui
    ui.addFromSceneButton.click()
    assert not ui.removeCasesButton.enabled
    ui.targetCasesTable.selectRow(0)
    assert ui.removeCasesButton.enabled and not ui.joinChannelsButton.enabled
    ui.targetCasesTable.selectAll()
    ui.joinChannelsButton.click()
    assert [case.name for case in panel.cases_section.cases()] == ["Head 1 + Head 2 + Head 3"]
    ui.targetCasesTable.selectAll()
    ui.removeCasesButton.click()
    assert ui.targetCasesTable.rowCount == 0


def test_a_model_to_download_shows_its_licence_and_a_button(panel, runtime):
    from TransferSegLib.sources.downloads import list_downloads

    entry = list_downloads()[0]
    choose(panel.ui.sourceModelComboBox, entry.name)
    runtime.process_events(20)
    card = panel.ui.modelCardTextBrowser.toPlainText()
    assert entry.licence in card and entry.url.split("/")[2] in card
    assert panel.ui.downloadModelButton.isVisibleTo(panel.ui.sourceModelContents)
    assert "on this computer" in panel.ui.startButton.toolTip
    choose(panel.ui.sourceModelComboBox, "tiny")
    runtime.process_events(20)
    assert not panel.ui.downloadModelButton.isVisibleTo(panel.ui.sourceModelContents)


def test_a_model_is_found_from_the_file_that_was_chosen(scene):
    from TransferSegGui.source_section import model_of

    assert model_of(Path("/m/card.json")) == Path("/m")
    assert model_of(Path("/bundle/configs/metadata.json")) == Path("/bundle")
    assert model_of(Path("/m/spleen.zip")) == Path("/m/spleen.zip")


@pytest.mark.parametrize("strategy", ["direct", "open", "conservative", "hybrid", "multimodal", "scratch"])
def test_options_are_shown_only_where_they_apply(panel, strategy, runtime):
    from TransferSegLib.transfer.strategies import STRATEGIES

    ui = panel.ui
    choose(ui.strategyComboBox, strategy)
    runtime.process_events(20)
    assert ui.strategyLabel.text == STRATEGIES[strategy].when
    around = ui.strategyContents
    assert panel.strategy_section.field("conservative", "layers").widget.isVisibleTo(around) == (
        strategy == "conservative"
    )
    assert panel.strategy_section.field("hybrid", "fusion").widget.isVisibleTo(around) == (strategy == "hybrid")
    assert ui.sourceDataPathLineEdit.isVisibleTo(around) == (strategy == "multimodal")


def test_every_strategy_of_the_library_is_offered(panel):
    from TransferSegLib.transfer.strategies import STRATEGIES

    combo = panel.ui.strategyComboBox
    assert [combo.itemData(n) for n in range(combo.count)] == ["auto", *STRATEGIES]
    assert panel.ui.strategiesList.count == len(STRATEGIES)


def test_the_sample_heads_are_registered(runtime, scene):
    from TransferSegGui import sample_data

    sample_data.register(Path("."))
    sources = scene.modules.sampleDataSources["TransferSeg"]
    assert [source.sampleName for source in sources] == ["TransferSegHeads", "TransferSegHead", "TransferSegHeart"]
    makers = [source.customDownloader for source in sources]
    assert makers == [sample_data.load_heads, sample_data.load_head, sample_data.load_heart]
    assert sources[0].uris == []  # nothing is fetched where Slicer leaves `customDownloader` out


def test_the_sample_heads_come_one_by_one_with_slicer_drawing_in_between(runtime, scene):
    import qt
    from TransferSegGui import sample_data

    seen = []
    timer = qt.QTimer()
    timer.connect("timeout()", lambda: seen.append((scene.mrmlScene.GetNumberOfNodesByClass("vtkMRMLScalarVolumeNode"),
                                                    qt.QApplication.overrideCursor().shape())))  # fmt: skip
    timer.start(0)
    volumes = sample_data.load_heads(count=3, size=(24, 24, 16))
    timer.stop()
    assert {count for count, _cursor in seen} == {0, 1, 2}
    assert {cursor for _count, cursor in seen} == {qt.Qt.WaitCursor}
    assert [volume.GetName() for volume in volumes] == ["Head 1", "Head 2", "Head 3"]
    own = [scene.util.getNode(f"Head {n} labels").GetDisplayNode() for n in (1, 2)]
    assert [display.GetVisibility() for display in own] == [1, 0]


def test_the_sample_heads_are_those_of_the_library(runtime, scene, tmp_path):
    import numpy as np
    from TransferSegGui import sample_data
    from TransferSegGui.segmentations import sample_segments, segment_styles
    from TransferSegGui.volumes import world_grid

    from TransferSegLib.cases.phantom.dataset import write_phantoms
    from TransferSegLib.cases.readers import read_case_set
    from TransferSegLib.cases.volumes import read_labels, read_volume

    volumes = sample_data.load_heads(count=2, size=(24, 24, 16))
    cases = read_case_set(write_phantoms(tmp_path / "heads", "t2w", 2, sample_data.SEED, (24, 24, 16)))
    for volume, case in zip(volumes, cases.cases, strict=True):
        assert np.array_equal(scene.util.arrayFromVolume(volume).T, read_volume(case.images[0]).array)
    own, values = scene.util.getNode("Head 1 labels"), {name: value for value, name in cases.labels.items()}
    assert {name: style.in_3d for name, style in segment_styles(own).items()} == {
        "air": False,
        "soft tissue": True,
        "bone": True,
    }
    labels = sample_segments(own, world_grid(volumes[0]), values)
    assert np.array_equal(labels.array, read_labels(cases.cases[0].label).array)
