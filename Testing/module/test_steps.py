"""The panel's steps: one is open at a time, what closed ones say, and the way to the first result."""

from __future__ import annotations

import pytest


@pytest.fixture
def person(panel):
    from SlicerRuntime.person import Person

    someone = Person(panel, 420, 900)
    yield someone
    someone.close()


def test_one_step_is_open_at_a_time_and_what_is_in_the_others_is_not_seen(panel, person):
    ui = panel.ui
    assert panel.steps.opened == "source" and ui.sourceModelComboBox.isVisible() and not ui.budgetSpinBox.isVisible()
    person.open(ui.strategySection)
    assert panel.steps.opened == "strategy" and ui.budgetSpinBox.isVisible() and not ui.sourceModelComboBox.isVisible()
    ui.strategySection.click()
    assert panel.steps.opened == "" and not ui.budgetSpinBox.isVisible()
    assert ui.startButton.isVisible() and not ui.resultsSection.isVisible() and not ui.applySection.isVisible()


def test_a_closed_step_says_how_it_stands(panel, person, heads, runtime):
    ui = panel.ui
    person.open(ui.runSection)
    headers = [ui.sourceModelSection, ui.targetCasesSection, ui.strategySection, ui.runSection]
    assert [header.text for header in headers] == [
        "1. Source model: tiny",
        "2. Target cases: none yet",
        "3. Strategy: Fine-tune everything, 2 steps",
        "4. Run",
    ]
    heads(3)[0].SetName("a & b")
    ui.addFromSceneButton.click()
    panel.parameters.compare = True
    panel.parameters.source = "gone"
    runtime.process_events(20)
    assert ui.targetCasesSection.text == "2. Target cases: 3 cases, 2 annotated"
    assert ui.strategySection.text == "3. Strategy: 3 strategies compared, 2 steps"
    assert ui.sourceModelSection.text == "1. Source model: gone, not on this computer"


def test_a_line_that_is_longer_than_its_header_ends_in_an_ellipsis_and_is_told_whole(panel, person, runtime):
    header = panel.ui.sourceModelSection
    panel.parameters.source = "R&D " * 40
    panel.open_step("cases")
    assert header.text.endswith("…") and "R&&D" in header.text and panel.parameters.source in header.toolTip


def test_the_open_step_is_kept_in_the_scene(panel, runtime, scene, tmp_path):
    panel.open_step("strategy")
    assert scene.util.saveScene(str(tmp_path / "scene.mrb"))
    panel.open_step("run")
    runtime.clear_scene()
    assert panel.steps.opened == "source"
    scene.util.loadScene(str(tmp_path / "scene.mrb"))
    runtime.process_events(100)
    assert panel.steps.opened == "strategy"


def test_from_loaded_volumes_it_is_four_clicks_to_a_first_result(panel, person, heads, runtime):
    """The list of models, a model, “Add from scene” beside the reason why nothing can be started, and Start; a real job."""
    heads(3)
    panel.parameters.source = "head-t1w"
    runtime.process_events(20)
    ui = panel.ui
    person.choose(ui.sourceModelComboBox, "tiny")
    assert panel.steps.opened == "source"  # nothing moves while the person reads the card
    assert ui.mendButton.text == "Add from scene"
    person.click(ui.mendButton)
    assert panel.steps.opened == "cases" and ui.targetCasesTable.rowCount == 3
    runtime.wait_until(lambda: ui.startButton.enabled, 60)
    person.click(ui.startButton)
    runtime.wait_until(lambda: not panel.run_section.preparing, 30)
    runtime.wait_until(lambda: not panel.job_runs(), 600)
    assert person.clicks == 4
    assert (
        panel.steps.opened == "results" and ui.outcomeLabel.isVisible() and ui.changesLabel.text.startswith("Dice: 0.")
    )
    results = panel.results_section.results
    assert len(results.segmented) == 3 and (results.job.model / "weights.safetensors").is_file()


def test_the_reason_leads_to_the_step_in_which_it_is_mended(panel, person, heads, runtime):
    ui = panel.ui
    assert ui.startReasonLabel.text == "Add at least one annotated case" and ui.mendButton.text == "Show"
    person.click(ui.mendButton)
    assert panel.steps.opened == "cases" and not ui.mendButton.isVisible() and ui.startReasonLabel.isVisible()
    panel.parameters.source = "gone"
    runtime.process_events(20)
    person.click(ui.mendButton)
    assert panel.steps.opened == "source" and ui.startReasonLabel.text.startswith("Choose a source model")
