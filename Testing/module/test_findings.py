"""What the checks found stands below the cases, put together, with buttons; and what was taken out comes back."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest

from TransferSegLib.core.problems import Problem


@pytest.fixture
def person(panel):
    from SlicerRuntime.person import Person

    someone = Person(panel, 420, 900)
    someone.open(panel.ui.targetCasesSection)
    yield someone
    someone.close()


def missing(label: str) -> Problem:
    fields = {"label": label, "cases": 40}
    return Problem("missing-label", "lacks label `{label}` that most of the {cases} cases have", fields, "warning")


def buttons(ui) -> dict[str, object]:
    import qt

    found = ui.findingsContents.findChildren(qt.QPushButton)
    return {button.text: button for button in found if button.isVisibleTo(ui.findingsContents)}


def lines(ui) -> list[str]:
    import qt

    found = ui.findingsContents.findChildren(qt.QLabel)
    return [label.text for label in found if label.text and label.isVisibleTo(ui.findingsContents)]


def test_what_many_cases_have_alike_is_one_finding_with_their_number_and_errors_come_first(scene):
    from TransferSegGui.findings import finding_text, findings_of

    names = {str(n): f"Head {n}" for n in range(1, 41)}
    found = {str(n): [missing("ribs")] for n in range(1, 31)}
    found["31"] = [Problem("constant", "the image has one value everywhere", {}, "error", "take it out")]
    found[""] = [Problem("cases-unlabelled", "10 cases are only segmented", {}, "note")]
    found["gone"] = [missing("liver")]
    first, second, third = findings_of(found, names)
    assert finding_text(
        first
    ) == "Error: Head 31: the image has one value everywhere; take it out." and first.cases == ("31",)
    assert finding_text(second).startswith("Warning: 30 cases (“Head 1”, “Head 2”") and "label “ribs”" in finding_text(
        second
    )
    assert second.cases == tuple(str(n) for n in range(1, 31)) and second.kind == "missing-label"
    assert finding_text(third).startswith("Note: 10 cases") and third.cases == ()


def test_findings_of_one_kind_that_differ_in_every_case_are_one_line(scene):
    from TransferSegGui.findings import findings_of

    names = {str(n): f"Head {n}" for n in range(20)}
    found = {
        key: [Problem("label-is-image", "its labels are those of {path}", {"path": f"/x/{key}"}, "error")]
        for key in names
    }
    (only,) = findings_of(found, names)
    assert only.cases == tuple(names) and "20 cases" in only.problem.message


def test_a_case_with_an_error_is_taken_out_by_a_click_and_comes_back_with_its_role(
    panel, person, heads, runtime, scene
):
    ui, checks = panel.ui, panel.cases_section.checks
    heads(3)
    ui.addFromSceneButton.click()
    node, volume = scene.util.getNode("Head 2 labels"), scene.util.getNode("Head 2")
    extra = node.GetSegmentation().AddEmptySegment("", "everything")
    scene.util.updateSegmentBinaryLabelmapFromArray(np.ones((16, 24, 24), np.uint8), node, extra, volume)
    table = ui.targetCasesTable
    person.choose(table.cellWidget(1, 3), "test")
    runtime.wait_until(lambda: checks.errors, 60)
    assert any(line.startswith("Error: Head 2:") and "overlap" in line for line in lines(ui))
    person.click(buttons(ui)["Take out"])
    assert [case.name for case in panel.cases_section.cases()] == ["Head 1", "Head 3"]
    assert (
        not any(line.startswith("Error") for line in lines(ui))
        and ui.undoButton.toolTip == "Bring back Head 2 (Ctrl+Z)"
    )
    node.GetSegmentation().RemoveSegment(extra)
    person.click(ui.undoButton)
    cases = panel.cases_section.cases()
    assert [(case.name, case.role) for case in cases] == [
        ("Head 1", "train"),
        ("Head 2", "test"),
        ("Head 3", "unlabelled"),
    ]
    assert cases[1].segmentation is node and not ui.undoButton.isVisible()


def test_ctrl_z_brings_back_what_was_taken_out_and_parts_what_was_joined(panel, person, heads, runtime):
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest

    ui = panel.ui
    heads(3)
    ui.addFromSceneButton.click()
    before = panel.cases_section.cases()
    person.panel.activateWindow()
    ui.targetCasesTable.selectAll()
    ui.joinChannelsButton.click()
    ui.targetCasesTable.selectAll()
    ui.removeCasesButton.click()
    assert panel.cases_section.cases() == []
    ui.targetCasesTable.setFocus()
    for count in (1, 3):
        QTest.keyClick(ui.targetCasesTable, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        runtime.process_events(20)
        assert len(panel.cases_section.cases()) == count
    assert panel.cases_section.cases() == before


def test_what_left_the_scene_meanwhile_does_not_come_back_and_what_came_stays(panel, heads, scene):
    from TransferSegGui.targets import TargetCases

    volumes = heads(3)
    panel.ui.addFromSceneButton.click()
    cases = TargetCases(panel.parameters.parameterNode)
    before = cases.all()
    cases.remove([case.key for case in before[:2]])
    scene.mrmlScene.RemoveNode(volumes[0])
    cases.add([before[2]])
    cases.restore(before, [case.key for case in before[:2]])
    assert [case.name for case in cases.all()] == ["Head 2", "Head 3", "Head 3"]


def test_a_case_that_lacks_its_segmentation_is_given_the_role_to_segment_by_a_click(panel, person, heads, runtime):
    ui = panel.ui
    heads(3)
    ui.addFromSceneButton.click()
    person.choose(ui.targetCasesTable.cellWidget(2, 3), "train")
    runtime.wait_until(lambda: "Only segment" in buttons(ui), 60)
    person.click(buttons(ui)["Only segment"])
    assert panel.cases_section.cases()[2].role == "unlabelled"


@pytest.fixture
def coarse(phantoms, tmp_path):
    """A folder of two heads, the first with labels of every second slice, on a grid of their own; that file."""
    folder = tmp_path / "heads"
    shutil.copytree(phantoms("t1w", 2), folder)
    path = sorted((folder / "labelsTr").iterdir())[0]
    write_shifted(path, 0)
    return folder, path


def write_shifted(path, shift_mm: float) -> None:
    """Write every second slice of a label file, moved to the right by so much."""
    from TransferSegLib.cases.volumes import read_labels, write_volume
    from TransferSegLib.core.grid import Grid

    labels = read_labels(path)
    array = labels.array[:, :, ::2]
    affine = labels.grid.affine @ np.diag([1, 1, 2, 1])
    affine[0, 3] += shift_mm
    write_volume(path, array, Grid(array.shape, affine))


def test_a_segmentation_on_another_grid_is_resampled_by_a_click_and_undo_takes_the_file_again(
    person, panel, coarse, runtime
):
    from TransferSegGui.segmentations import sample_segments, segment_names
    from TransferSegGui.volumes import world_grid

    from TransferSegLib.cases.volumes import read_labels

    folder, path = coarse
    before, section, ui = path.read_bytes(), panel.cases_section, panel.ui
    section.add_from_folder(str(folder))
    panel.refresh()
    runtime.wait_until(lambda: "Resample" in buttons(ui), 60)
    person.click(buttons(ui)["Resample"])
    case, other = section.cases()
    assert case.in_scene and not other.in_scene and case.label_names == list(other.labels.values())
    values = {name: value for value, name in other.labels.items()}
    assert segment_names(case.segmentation) == list(values)
    found = sample_segments(case.segmentation, world_grid(case.images[0]), values)
    assert np.array_equal(found.array[:, :, ::2], read_labels(path).array) and path.read_bytes() == before
    assert case.segmentation.GetNodeReference("referenceImageGeometryRef") is case.images[0]
    runtime.wait_until(lambda: not section.checks.pending, 60)
    assert not section.checks.errors and "Resample" not in buttons(ui)
    person.click(ui.undoButton)
    assert section.cases()[0].segmentation == path and not section.cases()[0].in_scene


def test_what_lies_outside_its_image_is_not_resampled(scene, coarse):
    from TransferSegGui.regions import declared
    from TransferSegGui.resampling import can_be_resampled, cut_off, on_its_image
    from TransferSegGui.targets import cases_of_folder

    from TransferSegLib.core.errors import InputError

    folder, path = coarse
    (here,) = cases_of_folder(folder)[:1]
    assert cut_off(here) is None
    first, *others = here.labels.values()
    regions = {first: [first, *others], **{name: [name] for name in others}}
    assert declared(on_its_image(replace(here, regions=regions), {}).segmentation) == regions
    scene.mrmlScene.Clear()
    write_shifted(path, 1e4)
    case = cases_of_folder(folder)[0]
    assert cut_off(case).fields["percent"] == 100
    assert can_be_resampled(case) and not can_be_resampled(replace(case, annotated_slices="2-4"))
    with pytest.raises(InputError, match="lies outside its image"):
        on_its_image(case, {})
    assert not scene.util.getNodesByClass("vtkMRMLScalarVolumeNode")
