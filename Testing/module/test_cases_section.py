"""The list of cases with nodes that hold nothing yet, and its checks while another module is open."""

from __future__ import annotations

import numpy as np
import pytest

from TransferSegLib.cases.volumes import write_volume
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid


@pytest.fixture
def checked(panel, runtime):
    """checked(): wait for the checks; what the panel then says about each case, by the name of its image."""

    def wait() -> dict[str, str]:
        runtime.wait_until(lambda: not panel.cases_section.checks.pending, 60)
        table = panel.ui.targetCasesTable
        return {table.item(row, 1).text(): table.item(row, 0).toolTip() for row in range(table.rowCount)}

    return wait


def without_scalars(node):
    import vtk

    data = vtk.vtkImageData()
    data.SetDimensions(4, 4, 4)
    node.SetAndObserveImageData(data)
    return node


def made(scene, kind: str, name: str):
    """A new node as a list of nodes makes one: it holds nothing yet."""
    return scene.mrmlScene.AddNewNodeByClass(kind, name)


LABEL_MAP, SEGMENTATION = "vtkMRMLLabelMapVolumeNode", "vtkMRMLSegmentationNode"


def test_a_segmentation_that_holds_nothing_is_named_and_the_other_cases_are_checked(
    panel, scene, heads, volume, checked
):
    from TransferSegGui.targets import TargetCase, TargetCases

    heads(2)
    panel.ui.addFromSceneButton.click()
    null = made(scene, SEGMENTATION, "null")
    null.SetAndObserveSegmentation(None)
    empty = {
        "of a list": made(scene, LABEL_MAP, "map"),
        "no scalars": without_scalars(made(scene, LABEL_MAP, "bare")),
        "no segments": made(scene, SEGMENTATION, "none"),
        "null": null,
    }
    TargetCases(panel.parameters.parameterNode).add(
        TargetCase((volume(name=name, size=(9, 9, 9 + n)),), node) for n, (name, node) in enumerate(empty.items())
    )
    panel.refresh()
    said = checked()
    assert list(said) == ["Head 1", "Head 2", *empty]
    assert said["Head 1"] == said["Head 2"] == "No problems found."
    assert said["of a list"] == "label map “map”: has no voxels; draw it, or choose another segmentation."
    assert said["no scalars"] == "label map “bare”: has no voxels; draw it, or choose another segmentation."
    assert said["no segments"].startswith("the segmentation is empty; ")
    assert said["null"].startswith("the segmentation is empty; ")
    assert panel.ui.labelMapTable.rowCount == 3 and not panel.ui.startButton.enabled

    array = np.zeros((9, 9, 9), np.uint8)
    array[3:6, 3:6, 3:6] = 1
    scene.util.updateVolumeFromArray(empty["of a list"], array)
    assert panel.cases_section.checks.pending  # once it is drawn it is looked at again
    assert "has no voxels" not in checked()["of a list"]
    assert panel.ui.labelMapTable.rowCount == 4


def test_a_volume_that_holds_nothing_is_named_and_the_other_cases_are_checked(panel, scene, heads, checked):
    heads(2)
    made(scene, "vtkMRMLScalarVolumeNode", "nothing")
    without_scalars(made(scene, "vtkMRMLScalarVolumeNode", "bare"))
    panel.ui.addFromSceneButton.click()
    said = checked()
    assert said["Head 1"] == said["Head 2"] == "No problems found."
    assert said["nothing"] == "volume “nothing”: has no voxels; load it again, or take it out of the list."
    assert said["bare"].endswith("; load it again, or take it out of the list.")


def test_what_no_one_thought_of_in_one_case_does_not_stop_the_checks(panel, heads, checked, monkeypatch, capsys):
    from TransferSegGui import exporting

    first, _second = heads(2)
    real = exporting.world_volume

    def fail(image):
        if image is first:
            raise RuntimeError("out of luck")
        return real(image)

    monkeypatch.setattr(exporting, "world_volume", fail)
    panel.ui.addFromSceneButton.click()
    said = checked()
    assert said["Head 1"] == "it cannot be exported (out of luck); load it again, or take it out of the list."
    assert said["Head 2"] == "No problems found."
    assert "RuntimeError: out of luck" in capsys.readouterr().err


def test_a_check_whose_files_cannot_be_removed_leaves_the_next_one_alone(panel, heads, checked, monkeypatch):
    import shutil

    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)  # as on Windows, while another process reads there
    heads(2)
    panel.ui.addFromSceneButton.click()
    checked()
    before = panel.cases_section.checks.data_set
    panel.cases_section.checks.request()
    said = checked()
    assert set(said.values()) == {"No problems found."}
    assert before.exists() and panel.cases_section.checks.data_set != before


def test_while_another_module_is_open_strokes_cost_nothing_and_are_checked_when_the_panel_is_seen_again(
    panel, scene, heads, checked, runtime, monkeypatch
):
    from TransferSegGui import checks as module

    heads(2)
    panel.ui.addFromSceneButton.click()
    checked()
    checks = panel.cases_section.checks
    before, worked = checks.generation, []
    monkeypatch.setattr(module, "QUIET_MS", 10)
    monkeypatch.setattr(checks._exporter, "export_in_steps", lambda *_: worked.append("export"))
    monkeypatch.setattr(module, "Command", lambda *_: worked.append("process"))
    panel.parent.exit()
    monkeypatch.setattr(panel, "refresh", lambda: worked.append("refresh"))
    panel._later.connect("timeout()", lambda: worked.append("refresh"))
    segments = scene.util.getNode("Head 1 labels").GetSegmentation()
    for name in ("lesion", "cyst"):
        segments.AddEmptySegment("", name)
        runtime.process_events(200)
    assert checks.pending and worked == []
    monkeypatch.undo()
    panel.parent.enter()
    said = checked()
    assert checks.generation == before + 1
    assert said["Head 2"] == "No problems found." and panel.ui.labelMapTable.rowCount == 5


def test_a_check_that_is_under_way_rests_while_another_module_is_open(panel, heads, checked, runtime):
    heads(2)
    panel.ui.addFromSceneButton.click()
    checks = panel.cases_section.checks
    runtime.wait_until(lambda: checks._work is not None)
    panel.parent.exit()
    runtime.process_events(1500)
    assert checks.pending and checks._command is None
    panel.parent.enter()
    assert set(checked().values()) == {"No problems found."}


def test_a_label_map_that_changes_is_looked_at_again(panel, scene, runtime):
    table, voxels = panel.ui.targetCasesTable, np.random.default_rng(1).integers(0, 4, (6, 7, 8)).astype(np.int16)
    node = scene.util.addVolumeFromArray(voxels, np.eye(4), "one label", "vtkMRMLLabelMapVolumeNode")
    scene.util.addVolumeFromArray(np.zeros((6, 7, 8), np.int16), np.eye(4), "one")
    panel.ui.addFromSceneButton.click()
    assert table.rowCount == 1 and panel.ui.labelMapTable.rowCount == 3
    for value, labels in ((9, 4), (1, 3)):
        scene.util.arrayFromVolume(node)[0, 0, 0] = value
        scene.util.arrayFromVolumeModified(node)
        runtime.wait_until(lambda: panel.ui.labelMapTable.rowCount == labels)  # noqa: B023
        assert len(panel.cases_section.cases()[0].label_names) == labels
    panel.cases_section.checks.cancel()


def test_cases_that_come_while_the_panel_has_no_parameters_are_in_the_list_afterwards(panel, runtime, tmp_path):
    write_volume(tmp_path / "images" / "one.nii.gz", np.zeros((4, 4, 4)), Grid((4, 4, 4), np.eye(4)))
    panel.setParameterNode(None)  # as while a scene is imported
    panel.cases_section.add_from_folder(str(tmp_path / "images"))
    panel.initializeParameterNode()
    runtime.wait_until(lambda: panel.ui.targetCasesTable.rowCount == 1)


def test_a_folder_that_cannot_be_read_is_told_and_adds_nothing(panel, runtime, tmp_path):
    write_volume(tmp_path / "one" / "one.nii.gz", np.zeros((4, 4, 4)), Grid((4, 4, 4), np.eye(4)))
    panel.cases_section.add_from_folder(str(tmp_path / "one"))
    with pytest.raises(InputError, match="none: no such file or folder"):
        panel.cases_section.add_from_folder(str(tmp_path / "none"))
    assert [case.name for case in panel.cases_section.cases()] == ["one"]


def test_a_folder_that_is_added_twice_gives_no_row_twice(panel, runtime, tmp_path):
    for name in ("one", "two"):
        write_volume(tmp_path / "images" / f"{name}.nii.gz", np.zeros((4, 4, 4)), Grid((4, 4, 4), np.eye(4)))
    (tmp_path / "other").symlink_to(tmp_path / "images")
    for folder in ("images", "images", "other"):
        panel.cases_section.add_from_folder(str(tmp_path / folder))
        assert [case.name for case in panel.cases_section.cases()] == ["one", "two"]
    assert panel.ui.casesSummaryLabel.text == "Every case of this folder is in the list."
    write_volume(tmp_path / "images" / "three.nii.gz", np.zeros((4, 4, 4)), Grid((4, 4, 4), np.eye(4)))
    panel.cases_section.add_from_folder(str(tmp_path / "images"))
    assert len(panel.cases_section.cases()) == 3


def test_a_finding_names_cases_as_the_panel_does_and_alike_ones_are_one_sentence(panel, scene, heads, checked):
    from TransferSegGui.exporting import job_name

    from TransferSegLib.core.problems import Problem

    heads(2)
    panel.ui.addFromSceneButton.click()
    checked()
    section = panel.cases_section
    key = section._rows[0]
    section.checks.findings = {
        key: [
            Problem("missing-label", "lacks `{label}` of {cases}", {"label": f"rib {n}", "cases": 5}, "warning")
            for n in range(30)
        ]
    }
    section._show_all_findings()
    (said,) = panel.ui.targetCasesTable.item(0, 0).toolTip().splitlines()
    assert said.startswith("lacks 30 labels (“rib 0”, “rib 1”, ") and "rib 29" not in said
    assert job_name(0) not in said


def test_rows_go_on_showing_their_segmentation_while_others_come_go_and_are_renamed(panel, scene, heads, runtime):
    table = panel.ui.targetCasesTable
    heads(4)
    panel.ui.addFromSceneButton.click()
    shown = lambda: [table.cellWidget(row, 2).currentText for row in range(4)]  # noqa: E731
    assert shown() == ["Head 1 labels", "Head 2 labels", "Head 3 labels", "none"]
    lists = [table.cellWidget(row, 2) for row in range(4)]
    other = scene.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "other")
    runtime.process_events(50)
    assert [lists[0].itemText(n) for n in range(lists[0].count)][-1] == "other"
    assert [table.cellWidget(row, 2) for row in range(4)] == lists  # none is written anew
    scene.util.getNode("Head 1 labels").SetName("mine")
    scene.mrmlScene.RemoveNode(scene.util.getNode("Head 2 labels"))
    runtime.process_events(50)
    panel.refresh()
    assert shown() == ["mine", "none", "Head 3 labels", "none"]
    assert table.cellWidget(2, 2) is lists[2] and table.cellWidget(0, 2).toolTip == "mine"
    scene.mrmlScene.RemoveNode(other)
    runtime.process_events(50)
    assert [lists[2].itemText(n) for n in range(lists[2].count)] == ["none", "mine", "Head 3 labels"]
    assert shown() == ["mine", "none", "Head 3 labels", "none"]


def test_the_table_of_labels_is_written_when_it_changes(panel, heads, runtime):
    table = panel.ui.labelMapTable
    names = lambda: [table.item(row, 0).text() for row in range(table.rowCount)]  # noqa: E731
    heads(2)
    panel.ui.addFromSceneButton.click()
    assert names() == ["air", "soft tissue", "bone"]
    written = table.cellWidget(0, 1)
    panel.cases_section._set_role(panel.cases_section._rows[0], "test")
    runtime.process_events(50)
    assert table.cellWidget(0, 1) is written
    panel.ui.targetCasesTable.selectRow(0)
    panel.ui.removeCasesButton.click()
    assert names() == [] and table.isHidden()
    panel.ui.addFromSceneButton.click()
    assert names() == ["air", "soft tissue", "bone"] and not table.isHidden()
    panel.parameters.source = "head-t1w"
    runtime.process_events(50)
    entries = [table.cellWidget(0, 1).itemText(n) for n in range(table.cellWidget(0, 1).count)]
    assert "bone" in entries and table.cellWidget(0, 1) is not written


def test_a_volume_and_a_segmentation_that_are_renamed_are_in_the_list_under_their_new_names(
    panel, heads, scene, runtime
):
    heads(2)
    from TransferSegGui.cases_section import IMAGE, SEGMENTATION

    ui = panel.ui
    ui.addFromSceneButton.click()
    runtime.process_events(50)
    scene.util.getNode("Head 1").SetName("knee")
    scene.util.getNode("Head 1 labels").SetName("knee bones")
    runtime.process_events(200)
    assert ui.targetCasesTable.item(0, IMAGE).text() == "knee"
    assert ui.targetCasesTable.cellWidget(0, SEGMENTATION).currentText == "knee bones"
