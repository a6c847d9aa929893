"""Labels that a case lacks because nobody annotated them, labels to ignore, and labels that overlap."""

from __future__ import annotations

import json

import numpy as np


def test_a_label_is_unticked_for_the_selected_case_and_goes_into_the_job_as_not_annotated(panel, heads, runtime, scene):
    import qt
    from all_steps import take_all_steps

    ui = panel.ui
    heads(3)
    ui.addFromSceneButton.click()
    assert ui.annotatedLabelsList.isHidden()
    ui.targetCasesTable.selectRow(0)
    runtime.process_events(50)
    items = {ui.annotatedLabelsList.item(n).text(): ui.annotatedLabelsList.item(n) for n in range(3)}
    assert list(items) == ["air", "soft tissue", "bone"] and "Annotated in Head 1" in ui.annotatedLabelsLabel.text
    assert all(item.checkState() == qt.Qt.Checked for item in items.values())
    generation = panel.cases_section.checks.generation
    items["bone"].setCheckState(qt.Qt.Unchecked)
    runtime.process_events(50)
    assert [case.not_annotated for case in panel.cases_section.cases()] == [("bone",), (), ()]
    runtime.wait_until(lambda: panel.cases_section.checks.generation > generation, 60)
    job = take_all_steps(panel.create_job())
    listed = json.loads((job / "target" / "cases.json").read_text(encoding="utf-8"))["training"]
    assert [entry.get("not_annotated") for entry in listed] == [["bone"], None, None]
    ui.targetCasesTable.selectAll()
    runtime.process_events(50)
    bone = ui.annotatedLabelsList.item(2)
    assert bone.checkState() == qt.Qt.PartiallyChecked
    bone.setCheckState(qt.Qt.Checked)
    runtime.process_events(50)
    assert [case.not_annotated for case in panel.cases_section.cases()] == [(), (), ()]


def test_a_segment_called_ignore_is_no_label_and_goes_into_the_job(panel, heads, scene):
    from all_steps import take_all_steps

    from TransferSegLib.cases.readers import read_case_set

    heads(2)
    node = scene.util.getNode("Head 1 labels")
    node.GetSegmentation().GetNthSegment(0).SetName("ignore")
    panel.ui.addFromSceneButton.click()
    job = take_all_steps(panel.create_job())
    found = read_case_set(job / "target" / "cases.json")
    assert found.ignore is not None and "ignore" not in found.labels.values()
    table = panel.ui.labelMapTable
    assert "ignore" not in [table.item(row, 0).text() for row in range(table.rowCount)]


def test_segments_of_regions_overlap(scene, volume):
    from TransferSegGui.segmentations import Style, add_segmentation
    from TransferSegGui.volumes import own_grid

    from TransferSegLib.cases.volumes import Volume
    from TransferSegLib.core.regions import Region

    image = volume()
    painted = np.zeros(own_grid(image).size, np.uint8)
    painted[1:8, 1:7, 1:6], painted[3:6, 2:5, 2:5] = 1, 2
    styles = {1: Style("whole", (1.0, 0.0, 0.0)), 2: Style("core", (0.0, 1.0, 0.0))}
    node = add_segmentation(
        Volume(painted, own_grid(image)), styles, "tumour", image, (Region(1, (1, 2)), Region(2, (2,)))
    )
    for name, mask in (("whole", painted > 0), ("core", painted == 2)):
        identifier = node.GetSegmentation().GetSegmentIdBySegmentName(name)
        found = scene.util.arrayFromSegmentBinaryLabelmap(node, identifier, image)
        assert np.array_equal(found.T != 0, mask), name
