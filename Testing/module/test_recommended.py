"""«Recommended» comes first in the panel, is what it begins with, and hides the options of single strategies."""

from __future__ import annotations

from types import SimpleNamespace


def test_recommended_is_the_first_entry_and_what_a_new_scene_begins_with(panel, runtime):
    from TransferSegGui.parameters import Parameters, chosen_strategies

    combo = panel.ui.strategyComboBox
    assert combo.itemText(0) == "Recommended"
    import slicer

    fresh = Parameters(slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScriptedModuleNode"))
    assert fresh.strategy == "auto" and [choice.key for choice in chosen_strategies(fresh)] == ["auto"]
    panel.parameters.strategy = "auto"
    panel.refresh()
    assert combo.currentText == "Recommended"
    assert "do not want to choose" in panel.ui.strategyLabel.text
    assert not panel.ui.strategyOptionsFrame.visible
    assert panel.ui.strategiesList.count == combo.count - 1  # it is none of those that are compared


def test_a_scene_that_was_saved_before_keeps_its_choice(panel):
    import slicer
    from TransferSegGui.parameters import parameters_of

    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLScriptedModuleNode")
    node.SetParameter("strategy", "open")
    assert parameters_of(node).strategy == "open"


def test_its_job_names_what_may_be_tried(panel, heads, runtime):
    from SlicerRuntime import layout
    from SlicerRuntime.person import Person

    panel.parameters.strategy = "auto"
    heads(3)
    panel.ui.addFromSceneButton.click()
    runtime.wait_until(lambda: panel.plan_question() is not None, 60)
    spec, _ = panel.plan_question()
    assert (spec.kind, spec.keep) == ("adapt", "auto")
    assert [choice.name for choice in spec.strategies][:2] == ["direct", "open"]
    runtime.wait_until(lambda: "ways of training will be tried in" in panel.ui.planLabel.text, 120)
    person = Person(panel)
    person.open(panel.ui.strategySection)
    runtime.process_events(20)
    assert layout.faults(panel.ui.strategySection) == []
    person.close()


def test_what_is_kept_is_named_by_the_strategy_that_was_recommended(panel):
    from TransferSegGui.kept_model import kept_model
    from TransferSegGui.words import strategy_words

    from TransferSegLib.evaluation.recommendation import Recommendation
    from TransferSegLib.evaluation.summary import Summary
    from TransferSegLib.evaluation.verdict import Verdict

    assert strategy_words("auto") == "Recommended"
    assert strategy_words("conservative:part=decoder:round=2") == "Fine-tune the last layers (the decoder, round 2)"
    made = Recommendation("conservative:part=decoder", 3)
    summary = Summary(1.0, Verdict("seen by the source", "-"), None, None, recommendation=made)
    results = SimpleNamespace(kept="auto", summary=summary, comparison=None)
    assert kept_model(results) == "The model of this job: Fine-tune the last layers (the decoder)."


def test_the_weights_that_are_named_are_those_of_the_strategy_that_was_recommended():
    from TransferSegGui.results import Results

    from TransferSegLib.evaluation.recommendation import Recommendation
    from TransferSegLib.evaluation.summary import Summary
    from TransferSegLib.evaluation.verdict import Verdict

    def began_as(kept: str, made: Recommendation | None) -> str:
        summary = Summary(1.0, Verdict("better", "-"), None, None, recommendation=made)
        return Results(None, summary, kept, None, {}, (), "job").began_as

    assert began_as("auto", Recommendation("conservative:part=decoder", 3)) == "conservative:part=decoder"
    assert began_as("open", None) == "open"


def test_where_the_source_model_is_recommended_nothing_is_called_adapted(results, scene):
    def words(adapted: str, kept: str) -> str:
        results.results.adapted, results.results.kept = adapted, kept
        return list(results.nodes()._words().values())[-1]

    assert words("auto", "direct") == "Recommended"
    assert words("auto", "auto") == words("open", "direct") == "adapted model"
