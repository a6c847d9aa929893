"""No tick and no Start before a check has looked at the cases as they are."""

from __future__ import annotations

import numpy as np


def icon(item):
    """The picture of a cell, to compare with another."""
    return item.icon().pixmap(16, 16).toImage()


def test_an_hourglass_stands_where_no_check_has_looked_and_start_waits(panel, heads, runtime, scene):
    """Start run remains enabled while the configuration is not valid: oncologylab/fp-tools#33."""
    import qt
    from TransferSegGui.cases_section import HOURGLASS
    from TransferSegGui.findings import severity_icon

    ui, checks = panel.ui, panel.cases_section.checks
    hourglass, tick = (of.pixmap(16, 16).toImage() for of in (qt.QIcon(str(HOURGLASS)), severity_icon(None)))
    assert not hourglass.isNull() and hourglass != tick
    heads(2)
    ui.addFromSceneButton.click()
    first = ui.targetCasesTable.item(0, 0)
    waiting = "The cases are being checked…"
    assert checks.pending and icon(first) == hourglass and first.toolTip() == waiting
    assert not ui.startButton.enabled and ui.startButton.toolTip == ui.startReasonLabel.text == waiting
    assert waiting in ui.casesSummaryLabel.text and not ui.reasonFrame.isHidden()
    panel.run_section.start()  # a click that comes before the button is drawn
    assert not panel.run_section.preparing
    runtime.wait_until(lambda: not checks.pending, 30)
    assert icon(first) == tick and ui.startButton.enabled and ui.reasonFrame.isHidden()
    assert waiting not in ui.casesSummaryLabel.text


def test_an_edit_takes_the_ticks_away_until_it_has_been_looked_at(panel, heads, runtime, scene):
    """What was valid before a change says nothing of what is there after it: multiparty/web-mpc#59."""
    from TransferSegGui.findings import severity_icon

    ui, checks = panel.ui, panel.cases_section.checks
    tick = severity_icon(None).pixmap(16, 16).toImage()
    volume = heads(2)[0]
    ui.addFromSceneButton.click()
    runtime.wait_until(lambda: ui.startButton.enabled, 30)
    generation = checks.generation
    scene.util.updateVolumeFromArray(volume, np.full((16, 24, 24), 3, np.int16))
    runtime.wait_until(lambda: not ui.startButton.enabled)
    assert icon(ui.targetCasesTable.item(0, 0)) != tick and checks.generation == generation
    runtime.wait_until(lambda: checks.generation > generation, 30)


def test_a_result_that_comes_into_the_scene_asks_for_no_other_check(panel, heads, runtime, scene):
    """Showing what a job found is no change of its cases: Start does not wait for it. No public report found."""
    heads(2)
    panel.ui.addFromSceneButton.click()
    runtime.wait_until(lambda: panel.ui.startButton.enabled, 30)
    scene.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "another")
    runtime.process_events(50)
    combo = panel.ui.targetCasesTable.cellWidget(0, 2)
    assert combo.findText("another") > 0
    assert not panel.cases_section.checks.pending and panel.ui.startButton.enabled
