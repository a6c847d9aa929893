"""Paths are taken when they are whole, also when they are cleared; a plan stands only while it is that of what is chosen."""

from __future__ import annotations

from pathlib import Path

import pytest


def line_of(field):
    import qt

    return field.findChild(qt.QLineEdit)


@pytest.fixture
def person(panel):
    """Somebody who has opened the advanced settings of the strategy that needs the source's cases."""
    import qt
    from SlicerRuntime.person import Person

    user = Person(panel)
    user.panel.activateWindow()
    user.open(panel.ui.strategySection)
    user.choose(panel.ui.strategyComboBox, "multimodal")
    user.click(panel.ui.advancedGroupBox, qt.QPoint(12, 8))
    yield user
    user.close()


def test_a_path_field_tells_of_clearing_only_as_input_that_is_not_valid(scene):
    import ctk

    field, received = ctk.ctkPathLineEdit(), []
    field.connect("currentPathChanged(QString)", received.append)
    field.connect("validInputChanged(bool)", received.append)
    field.currentPath = "/a"
    field.currentPath = ""
    assert received == ["/a", True, False]


def test_the_jobs_folder_is_taken_when_it_is_whole_and_cleared_to_the_usual_one(panel, person, runtime):
    from PySide6.QtTest import QTest
    from TransferSegGui.jobs import jobs_folder

    usual, field = jobs_folder(), panel.ui.jobsFolderPathLineEdit
    assert line_of(field).placeholderText == str(usual)
    person.click(line_of(field))
    QTest.keyClicks(line_of(field), "/data/else")
    assert jobs_folder() == usual
    person.write(line_of(field), "/data/elsewhere")
    assert jobs_folder() == Path("/data/elsewhere")
    assert line_of(field).clearButtonEnabled
    line_of(field).clear()
    runtime.process_events()
    assert jobs_folder() == usual
    assert field.currentPath == ""


def test_the_source_s_cases_can_be_cleared(panel, person):
    field = panel.ui.sourceDataPathLineEdit
    person.write(line_of(field), "/data/heads")
    assert panel.parameters.sourceData == "/data/heads"
    line_of(field).clear()
    panel.refresh()
    assert panel.parameters.sourceData == ""
    assert field.currentPath == ""


def test_the_source_s_cases_go_into_jobs_of_strategies_that_take_them_alone(panel, scene):
    from TransferSegGui.parameters import source_data

    panel.parameters.sourceData = "/data/heads"
    for strategy, given in (("multimodal", "/data/heads"), ("open", ""), ("auto", "")):
        panel.parameters.strategy = strategy
        assert source_data(panel.parameters) == given


def test_a_path_that_was_browsed_for_is_taken_at_once(panel):
    panel.ui.sourceDataPathLineEdit.currentPath = "/data/heads"
    assert panel.parameters.sourceData == "/data/heads"


def test_what_is_being_written_stays_when_the_panel_is_refreshed(panel, person):
    from PySide6.QtTest import QTest

    field = panel.ui.sourceDataPathLineEdit
    person.write(line_of(field), "/data/heads")
    line_of(field).cursorPosition = 5
    QTest.keyClicks(line_of(field), "/t2w")
    panel.refresh()
    assert (field.currentPath, line_of(field).cursorPosition) == ("/data/t2w/heads", 9)


def test_a_plan_goes_as_soon_as_it_is_not_that_of_what_is_chosen(panel, heads, worker, runtime):
    ui, section = panel.ui, panel.strategy_section
    heads(2)
    ui.addFromSceneButton.click()
    runtime.wait_until(lambda: panel.plan_question() is not None, 60)
    runtime.wait_until(lambda: "convolutions will be trained" in ui.planLabel.text, 90)
    plan = ui.planLabel.text
    panel.refresh()
    assert ui.planLabel.text == plan
    worker("training")
    ui.startButton.click()
    runtime.wait_until(lambda: not panel.run_section.preparing, 30)
    runtime.wait_until(lambda: panel.run_section.follower.curves)
    runtime.process_events(20)
    assert ui.planLabel.text == plan  # it is that of the job which runs
    ui.budgetSpinBox.value = 5000
    runtime.process_events(20)
    assert ui.planLabel.text == "The plan is worked out when the job that runs has ended."
    assert section._planning is None
    ui.cancelButton.click()
    runtime.wait_until(lambda: not panel.job_runs(), 30)
    runtime.wait_until(lambda: "convolutions will be trained" in ui.planLabel.text, 90)


def test_a_job_that_starts_before_its_plan_is_out_says_when_the_plan_comes(panel, heads, worker, runtime):
    ui = panel.ui
    heads(2)
    ui.addFromSceneButton.click()
    runtime.wait_until(lambda: "convolutions will be trained" in ui.planLabel.text, 90)
    worker("training")
    ui.budgetSpinBox.value = 5000
    runtime.process_events(20)
    assert ui.planLabel.text == ""
    ui.startButton.click()
    runtime.wait_until(lambda: panel.job_runs(), 30)
    runtime.process_events(20)
    assert ui.planLabel.text == "The plan is worked out when the job that runs has ended."
    ui.cancelButton.click()
    runtime.wait_until(lambda: not panel.job_runs(), 30)


def test_the_settings_of_the_training_stay_folded_away_when_the_panel_is_drawn_anew(panel, person, runtime):
    import qt
    from SlicerRuntime import layout

    field = panel.strategy_section.field("training", "patch_size")
    assert field.widget.isVisible()
    person.click(panel.ui.advancedGroupBox, qt.QPoint(12, 8))
    panel.refresh()
    runtime.process_events(20)
    assert not field.widget.isVisible() and not field.label.isVisible()
    assert layout.faults(panel.ui.strategySection) == []
