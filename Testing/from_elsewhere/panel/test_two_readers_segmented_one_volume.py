"""Two people segmented the same volume: the first one's work was taken without a word (Project-MONAI/MONAILabel#787)."""

from __future__ import annotations


def test_which_reader_s_segmentation_is_the_reference_is_asked(panel, scene, heads, runtime):
    from TransferSegGui.segmentations import add_segmentation, sample_segments, segment_styles
    from TransferSegGui.targets import find_segmentation
    from TransferSegGui.volumes import world_grid

    volume = heads(3)[0]
    own = scene.util.getNode("Head 1 labels")
    values = {"air": 1, "soft tissue": 2, "bone": 3}
    styles = {values[name]: style for name, style in segment_styles(own).items()}
    add_segmentation(sample_segments(own, world_grid(volume), values), styles, "second reader", volume)
    assert find_segmentation(volume) is None
    panel.ui.addFromSceneButton.click()
    cases = panel.cases_section.cases()
    assert [(case.role, case.segmentation is None) for case in cases] == [
        ("train", True),
        ("train", False),
        ("unlabelled", True),
    ]
    table, asked = panel.ui.targetCasesTable, "2 segmentations belong to it (“Head 1 labels”, “second reader”)"
    runtime.wait_until(lambda: not panel.cases_section.checks.pending, 60)
    assert asked in table.item(0, 0).toolTip()
    assert not panel.ui.startButton.enabled and f"Head 1: {asked}" in panel.ui.startButton.toolTip
    combo = table.cellWidget(0, 2)
    combo.setCurrentIndex(combo.findText("second reader"))
    combo.activated.emit(combo.currentIndex)
    runtime.process_events(50)
    runtime.wait_until(lambda: not panel.cases_section.checks.pending, 60)
    assert panel.cases_section.cases()[0].segmentation.GetName() == "second reader"
    assert asked not in table.item(0, 0).toolTip() and panel.ui.startButton.enabled
