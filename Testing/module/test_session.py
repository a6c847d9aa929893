"""A whole session by clicks, with a real worker in the background."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from TransferSegLib.records import read_json


def choose(combo, value) -> None:
    """Choose an entry of a list by its value, as a click does."""
    index = combo.findData(value)
    assert index >= 0, f"{value} is not in the list"
    combo.setCurrentIndex(index)
    combo.activated.emit(index)


def tick(panel, *names: str) -> None:
    import qt

    items = panel.ui.strategiesList
    for n in range(items.count):
        item = items.item(n)
        item.setCheckState(qt.Qt.Checked if item.data(qt.Qt.UserRole) in names else qt.Qt.Unchecked)


def test_a_session_from_the_first_click_to_the_reloaded_scene(panel, heads, runtime, scene, tmp_path):
    ui = panel.ui

    # Source model: two that ship, and the person's own.
    choose(ui.sourceModelComboBox, "head-t1w")
    runtime.process_events(50)
    assert "Licence" in ui.modelCardTextBrowser.toPlainText()
    choose(ui.sourceModelComboBox, "tiny")
    runtime.process_events(50)
    assert panel.source().card.name == "tiny"

    # Target cases: three that are annotated, one that is not.
    assert not ui.startButton.enabled and "annotated case" in ui.startButton.toolTip
    heads(4)
    ui.addFromSceneButton.click()
    assert ui.targetCasesTable.rowCount == 4
    runtime.wait_until(lambda: not panel.cases_section.checks.pending, 30)
    assert "3 annotated, 0 test, 1 to segment" in ui.casesSummaryLabel.text
    assert not ui.targetCasesTable.item(0, 0).icon().isNull()
    assert [ui.labelMapTable.item(row, 0).text() for row in range(3)] == ["air", "soft tissue", "bone"]

    # A strategy with too large a budget, cancelled.
    choose(ui.strategyComboBox, "conservative")
    ui.layersSpinBox.value = 2
    choose(ui.budgetUnitComboBox, "steps")
    ui.budgetSpinBox.value = 100000
    runtime.wait_until(lambda: "2 of 22 convolutions will be trained" in ui.planLabel.text, 60)
    assert ui.startButton.enabled
    ui.startButton.click()
    assert panel.job_runs() and not ui.startButton.enabled
    first = panel.run_section.follower.job.path
    runtime.wait_until(lambda: panel.run_section.follower.curves, 90)
    assert "Training: Fine-tune the last layers (2)" in ui.statusLabel.text and "left" in ui.statusLabel.text
    ui.cancelButton.click()
    runtime.wait_until(lambda: not panel.job_runs(), 60)
    assert panel.run_section.follower.status.state == "cancelled"
    assert "no results" in ui.verdictLabel.text

    # A short comparison to its end.
    ui.compareCheckBox.click()
    tick(panel, "direct", "conservative")
    ui.budgetSpinBox.value = 2
    ui.foldsSpinBox.value = 2
    runtime.process_events(50)
    ui.startButton.click()
    second = panel.run_section.follower.job.path
    assert second != first
    seen = set()
    runtime.wait_until(lambda: (seen.add(ui.progressBar.value), not panel.job_runs())[1], 120)
    assert len(seen) > 2 and ui.progressBar.value == 100
    assert "mean Dice" in ui.verdictLabel.text
    assert "conservative" not in ui.verdictLabel.text and "source model" in ui.verdictLabel.text
    assert (
        scene.mrmlScene.GetSingletonNode("TransferSegCurves", "vtkMRMLPlotChartNode").GetNumberOfPlotSeriesNodes() >= 2
    )

    # Results: the tables, a case in the views, all segmentations.
    assert ui.resultsTable.rowCount == 2 * 5
    assert [ui.casesTable.item(row, 0).text() for row in range(4)] == [f"{n}: Head {n}" for n in range(1, 5)]
    ui.casesTable.cellClicked.emit(1, 0)
    shown = {n.GetName() for n in scene.util.getNodesByClass("vtkMRMLSegmentationNode")}
    assert {"Head 2: reference", "Head 2: source model", "Head 2: adapted model"} <= shown
    reference = scene.util.getNode("Head 2: reference")
    from TransferSegGui.segmentations import sample_segments, segment_styles

    values = {"air": 1, "soft tissue": 2, "bone": 3}
    volume, own = scene.util.getNode("Head 2"), scene.util.getNode("Head 2 labels")
    assert np.array_equal(sample_segments(reference, volume, values).array, sample_segments(own, volume, values).array)
    assert segment_styles(scene.util.getNode("Head 2: adapted model")) == segment_styles(own)
    ui.loadSegmentationsButton.click()
    assert scene.util.getNodes("Head 4: * model")
    ui.showChartButton.click()
    assert scene.mrmlScene.GetSingletonNode("TransferSegDiceChart", "vtkMRMLPlotChartNode")

    ui.proposeButton.click()
    assert ui.proposalLabel.text.startswith("4: Head 4: the models of the folds disagree most on it")

    # The adapted model on a new volume, and among the source models.
    head = scene.util.addVolumeFromArray(
        scene.util.arrayFromVolume(volume)[::-1].copy(), np.diag([5.0, 6, 7, 1]), "new head"
    )
    ui.applyVolumeSelector.setCurrentNode(head)
    runtime.process_events(20)
    ui.applyButton.click()
    runtime.wait_until(lambda: "new head: adapted model" in ui.applyStatusLabel.text, 60)
    ui.modelNameLineEdit.setText("my-heads")
    ui.saveModelButton.click()
    runtime.wait_until(lambda: ui.sourceModelComboBox.findData("my-heads") >= 0, 60)

    # Everything is found again with the scene.
    saved = tmp_path / "Sitzung ü 1.mrb"
    assert scene.util.saveScene(str(saved))
    runtime.clear_scene()
    assert ui.targetCasesTable.rowCount == 0 and not ui.compareCheckBox.checked
    scene.util.loadScene(str(saved))
    runtime.process_events(200)
    assert ui.targetCasesTable.rowCount == 4
    assert ui.compareCheckBox.checked and ui.layersSpinBox.value == 2 and ui.budgetSpinBox.value == 2
    assert panel.parameters.job == str(second)
    assert "mean Dice" in ui.verdictLabel.text
    before = scene.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode")
    ui.casesTable.cellClicked.emit(1, 0)
    assert scene.mrmlScene.GetNumberOfNodesByClass("vtkMRMLSegmentationNode") == before


def test_cases_of_a_folder_are_dropped_on_the_table(panel, phantoms, runtime):
    import qt

    mime = qt.QMimeData()
    mime.setUrls([qt.QUrl.fromLocalFile(str(phantoms("t2w", 2)))])
    table = panel.ui.targetCasesTable.viewport()
    how = (qt.Qt.CopyAction, mime, qt.Qt.LeftButton, qt.Qt.NoModifier)
    for event in (qt.QDragEnterEvent(qt.QPoint(5, 5), *how), qt.QDropEvent(qt.QPointF(5, 5), *how)):
        runtime.start().app.sendEvent(table, event)
    assert panel.ui.targetCasesTable.rowCount == 2
    assert panel.ui.targetCasesTable.item(0, 2).text().endswith(".nii.gz")


def test_a_node_of_the_data_module_is_dropped_on_the_table(panel, heads, scene, runtime):
    import qt

    volume = heads(2)[0]
    hierarchy = scene.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene.mrmlScene)
    mime = qt.QMimeData()
    item = hierarchy.GetItemByDataNode(volume)
    mime.setUrls([qt.QUrl(f"mrml://scene/subjecthierarchy/item?id={item}")])
    panel.cases_section._dropped(mime)
    panel.cases_section._dropped(mime)
    assert [case.name for case in panel.cases_section.cases()] == ["Head 1"]


def test_roles_segmentations_and_labels_are_chosen_in_the_tables(panel, heads, runtime, scene):
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
    job = panel.create_job()
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


def test_a_model_of_several_channels_asks_for_as_many_volumes(panel, heads, runtime):
    volumes = heads(2)
    section, card = panel.results_section, SimpleNamespace(channels=("t1w", "t2w"))
    section.results = SimpleNamespace(card=card, comparison=None)
    section._select_channels()
    (second,) = section._channel_selectors
    panel.ui.applyVolumeSelector.setCurrentNode(volumes[0])
    runtime.process_events(20)
    assert not panel.ui.applyButton.enabled
    second.setCurrentNode(volumes[1])
    runtime.process_events(20)
    assert panel.ui.applyButton.enabled
    section.show(None)
    assert section._channel_selectors == []


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
    assert entry.licence in card and entry.url in card
    assert panel.ui.downloadModelButton.isVisibleTo(panel.ui.sourceModelSection)
    assert "on this computer" in panel.ui.startButton.toolTip
    choose(panel.ui.sourceModelComboBox, "tiny")
    runtime.process_events(20)
    assert not panel.ui.downloadModelButton.isVisibleTo(panel.ui.sourceModelSection)


def test_a_model_is_found_from_the_file_that_was_chosen(scene):
    from TransferSegGui.source_section import model_of

    assert model_of(Path("/m/card.json")) == Path("/m")
    assert model_of(Path("/bundle/configs/metadata.json")) == Path("/bundle")
    assert model_of(Path("/m/spleen.zip")) == Path("/m/spleen.zip")


@pytest.mark.parametrize("strategy", ["direct", "open", "conservative", "hybrid", "multimodal", "scratch"])
def test_options_are_shown_only_where_they_apply(panel, strategy, runtime):
    from TransferSegLib.strategies import STRATEGIES

    ui = panel.ui
    choose(ui.strategyComboBox, strategy)
    runtime.process_events(20)
    assert ui.strategyLabel.text == STRATEGIES[strategy].when
    around = ui.strategySection
    assert ui.layersSpinBox.isVisibleTo(around) == (strategy == "conservative")
    assert ui.fusionComboBox.isVisibleTo(around) == (strategy == "hybrid")
    assert ui.sourceDataPathLineEdit.isVisibleTo(around) == (strategy == "multimodal")


def test_every_strategy_of_the_library_is_offered(panel):
    from TransferSegLib.strategies import STRATEGIES

    combo = panel.ui.strategyComboBox
    assert [combo.itemData(n) for n in range(combo.count)] == list(STRATEGIES)
    assert panel.ui.strategiesList.count == len(STRATEGIES)


def test_the_self_tests_pass(runtime, scene, tiny):
    module = Path(__file__).resolve().parents[2] / "TransferSeg" / "TransferSeg.py"

    widget = runtime.load_module(module)
    assert widget
    scene.selfTests["TransferSeg"]()
    runtime.unload_module("TransferSeg")


def test_the_sample_heads_are_registered(runtime, scene):
    from TransferSegGui import sample_data

    sample_data.register(Path("."))
    sources = scene.modules.sampleDataSources["TransferSeg"]
    assert [source.sampleName for source in sources] == ["TransferSegHeads"]
    assert sources[0].customDownloader is sample_data.load_heads
