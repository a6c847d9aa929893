"""What leaves the panel: volumes and intensities, DICOM segmentations, and the model for other programs."""

from __future__ import annotations

import csv
from types import SimpleNamespace

import numpy as np
import pytest

from TransferSegLib.cases.volumes import Volume
from TransferSegLib.core.errors import InputError
from TransferSegLib.sources.catalogue import find_source


@pytest.fixture
def found(panel, heads, scene):
    """The panel with the results of a job, and what its model has found in one of two volumes: a box."""
    from TransferSegGui.segmentations import add_segmentation, card_styles
    from TransferSegGui.targets import RESULT
    from TransferSegGui.volumes import own_grid

    volume, other = heads(2)
    source = find_source("tiny")
    panel.results_section.results = SimpleNamespace(
        card=source.card,
        identity="tiny",
        kept="open",
        adapted="open",
        job=SimpleNamespace(path=source.folder, report=source.folder),
        comparison=None,
    )
    labels = np.zeros(own_grid(volume).size, np.uint8)
    labels[2:8, 3:9, 4:10] = 3

    def add(name: str, mark: str, image):
        styles = card_styles(source.card, {})
        node = add_segmentation(Volume(labels, own_grid(image)), styles, name, image)
        node.SetAttribute(RESULT, mark)
        return node

    nodes = {
        "case": add("Head 1: adapted model", "tiny/case_1/open", volume),
        "applied": add("Head 2: adapted model", "tiny/applied", other),
        "reference": add("Head 1: reference", "tiny/case_1/reference", volume),
        "other job": add("of another job", "another/applied", other),
    }
    panel.refresh()
    yield panel, nodes, volume
    panel.results_section.results = None


def entries(panel) -> dict:
    return {action.text: action for action in panel.export_section.menu.actions()}


def test_what_models_of_the_job_have_found_is_measured_by_one_click(found, scene):
    panel, _nodes, _volume = found
    assert panel.ui.measureButton.enabled and panel.ui.exportButton.enabled
    panel.ui.measureButton.click()
    table = scene.util.getNode("Volumes and intensities")
    column = table.GetTable().GetColumnByName("Segmentation")
    names = [column.GetValue(n) for n in range(column.GetNumberOfValues())]
    assert names == ["Head 1: adapted model"] * 3 + ["Head 2: adapted model"] * 3, "no reference, nor another job's"
    assert list(scene.util.arrayFromTableColumn(table, "Voxels")) == [0, 0, 216] * 2
    said = "6 segments of 2 segmentations are in the table “Volumes and intensities”."
    assert panel.ui.applyStatusLabel.text == said
    assert panel.ui.saveStatusLabel.text == ""


def test_the_table_is_saved_as_csv(found, tmp_path):
    panel, _nodes, _volume = found
    panel.export_section.exports.save_table(tmp_path / "Größen.csv")
    with (tmp_path / "Größen.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["Voxels"] for row in rows] == ["0", "0", "216"] * 2
    assert panel.ui.saveStatusLabel.text.startswith("The table is in ")


def test_without_a_segmentation_in_the_scene_it_is_said_what_to_do(found, scene):
    panel, nodes, _volume = found
    for node in nodes.values():
        scene.mrmlScene.RemoveNode(node)
    with pytest.raises(
        InputError, match="No segmentation of this job is in the scene; load its segmentations, or apply"
    ):
        panel.export_section.exports.measure()


def test_slicers_dicom_export_opens_with_the_segmentation_that_is_shown(found, scene, monkeypatch):
    panel, nodes, volume = found
    opened = []

    class Dialog:
        def __init__(self, parent):
            assert parent is None

        def setMRMLScene(self, scene):
            self.scene = scene

        def execDialog(self, item):
            opened.append((self.scene, item))
            return True

    monkeypatch.setattr(scene, "qSlicerDICOMExportDialog", Dialog, raising=False)
    for node in nodes.values():
        node.GetDisplayNode().SetVisibility(False)
    nodes["reference"].GetDisplayNode().SetVisibility(True)
    with pytest.raises(InputError, match="No segmentation of this job's model is shown"):
        panel.export_section.exports.export_dicom()
    nodes["case"].GetDisplayNode().SetVisibility(True)
    with pytest.raises(InputError, match="The image of “Head 1: adapted model” was not loaded from DICOM"):
        panel.export_section.exports.export_dicom()
    assert opened == []
    volume.SetAttribute("DICOM.instanceUIDs", "1.2.1 1.2.2")
    panel.export_section.exports.export_dicom()
    hierarchy = scene.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene.mrmlScene)
    assert opened == [(scene.mrmlScene, hierarchy.GetItemByDataNode(nodes["case"]))]


@pytest.mark.parametrize("edited", [False, True])
def test_a_result_that_was_edited_is_exported_as_one_that_a_person_had_a_hand_in(found, scene, monkeypatch, edited):
    import vtk
    from TransferSegGui.predictions import AS_MADE
    from TransferSegGui.segmentations import fingerprint

    panel, nodes, volume = found
    node = nodes["case"]
    segments = node.GetSegmentation()
    for n in range(segments.GetNumberOfSegments()):
        segments.GetNthSegment(n).SetTag("DICOM.SegmentAlgorithmType", "AUTOMATIC")
    node.SetAttribute(AS_MADE, fingerprint(node))
    for other in nodes.values():
        other.GetDisplayNode().SetVisibility(other is node)
    if edited:
        name = segments.GetNthSegmentID(0)
        voxels = scene.util.arrayFromSegmentBinaryLabelmap(node, name, volume).copy()
        voxels[:2, :2, :2] = 1
        scene.util.updateSegmentBinaryLabelmapFromArray(voxels, node, name, volume)
    volume.SetAttribute("DICOM.instanceUIDs", "1.2.1 1.2.2")

    class Dialog:
        def __init__(self, _parent):
            pass

        setMRMLScene = execDialog = lambda self, _given: True

    monkeypatch.setattr(scene, "qSlicerDICOMExportDialog", Dialog, raising=False)
    panel.export_section.exports.export_dicom()
    tag = vtk.reference("")
    assert segments.GetNthSegment(0).GetTag("DICOM.SegmentAlgorithmType", tag)
    assert str(tag) == ("SEMIAUTOMATIC" if edited else "AUTOMATIC")


def test_the_model_is_exported_as_a_monai_bundle_beside_the_persons_work(found, runtime, tmp_path):
    panel, _nodes, _volume = found
    panel.parameters.modelName = "Mein Modell"
    runtime.process_events(50)
    panel.export_section.export_bundle(tmp_path)
    assert panel.ui.saveStatusLabel.text == "Exporting the model…"
    assert not panel.ui.exportButton.enabled and panel.ui.exportButton.toolTip == "A model is being exported"
    runtime.wait_until(lambda: panel.export_section._exporting is None, 240)
    bundle = tmp_path / "Mein-Modell"
    assert (bundle / "configs" / "metadata.json").is_file() and (bundle / "docs" / "README.md").is_file()
    assert str(bundle) in panel.ui.saveStatusLabel.text.replace("\u200b", "")
    assert panel.ui.exportButton.enabled


def test_the_menu_names_what_can_be_taken_and_is_closed_without_results(panel):
    assert list(entries(panel)) == [
        "Volumes and intensities",
        "Volumes and intensities as CSV…",
        "Segmentation as DICOM SEG…",
        "Model as MONAI bundle…",
    ]
    assert not panel.ui.exportButton.enabled
    assert panel.ui.exportButton.toolTip == "Open a job that is done first"
    assert not panel.ui.measureButton.enabled
