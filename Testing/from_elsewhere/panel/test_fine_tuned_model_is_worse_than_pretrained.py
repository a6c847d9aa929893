"""A model that came out worse than its source is called so where it is saved and applied."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from made_scores import made_scores

from TransferSegLib.evaluation.scores import ScoreRow
from TransferSegLib.evaluation.summary import summarise

OPEN = "The model of this job: Fine-tune everything."


def results(scene, kept: str, direct: float, tuned: float, cases: int = 3):
    """A job's results in which every case has these Dice scores."""
    from TransferSegLib.evaluation.metrics import main_metrics

    def row(case: int, strategy: str, dice: float) -> ScoreRow:
        scores = made_scores(dice, 0.7, 0.8, 0.8, 2.0, 3.0, 0.5, 0.9, 10.0, 11.0)
        return ScoreRow(f"case_{case}", 1, "bone", scores, strategy, "test")

    rows = [row(c, s, d) for c in range(cases) for s, d in (("direct", direct), ("open", tuned))]
    summary = summarise(rows)
    return SimpleNamespace(summary=summary, comparison=summary.test, kept=kept, metric=main_metrics()[0])


def test_with_cases_enough_to_rule_out_chance_it_is_worse(scene):
    """Fine-tuned worse than pretrained, PriorLabs/TabPFN#1064."""
    from TransferSegGui.kept_model import kept_model

    said = kept_model(results(scene, "open", 0.8, 0.7, cases=8))
    assert said == f"{OPEN} It is worse than the source model: mean Dice 0.700 against 0.800, 8 of 8 cases are worse."


@pytest.mark.parametrize(
    ("kept", "direct", "tuned", "said"),
    [
        ("open", 0.8, 0.7, f"{OPEN} It seems worse than the source model: mean Dice 0.700 against 0.800, "
                           "3 of 3 cases are worse."),
        ("open", 0.8, 0.795, f"{OPEN} It is no better than the source model: mean Dice 0.795 against 0.800, "
                             "3 of 3 cases are worse."),
        ("open", 0.7, 0.8, OPEN),
        ("direct", 0.8, 0.7, "The model of this job is the source model as it is."),
    ],
)  # fmt: skip
def test_the_model_is_named_with_what_its_scores_say_against_the_source(scene, kept, direct, tuned, said):
    """Fine-tuned worse than pretrained, PriorLabs/TabPFN#1064."""
    from TransferSegGui.kept_model import kept_model

    assert kept_model(results(scene, kept, direct, tuned)) == said


def test_a_model_that_was_not_compared_is_not_called_good(scene):
    """Scores of a tuned model without those of the model it began from: h2oai/h2o-llmstudio#695."""
    from TransferSegGui.kept_model import kept_model

    found = results(scene, "open", 0.8, 0.7)
    found.comparison = None
    assert kept_model(found) == f"{OPEN} It was not compared with the source model."
    found = results(scene, "open", 0.8, 0.7)
    found.summary = SimpleNamespace(verdict=SimpleNamespace(kind="seen by the source"), recommendation=None)
    assert kept_model(found) == OPEN


def test_save_and_apply_say_so_before_they_act_and_may_be_pressed(panel, heads, scene, monkeypatch, runtime):
    """It is said beside the buttons and in their tooltips; the person decides. No public report found."""
    from TransferSegGui import results_section
    from TransferSegGui.kept_model import kept_model

    said = kept_model(results(scene, "open", 0.8, 0.7))
    (volume,) = heads(1)
    ui = panel.ui
    section = panel.results_section
    section.results = SimpleNamespace(card=panel.source().card, comparison=None)
    section.model = said
    results_section.say(ui.modelLabel, said)
    ui.modelNameLineEdit.text = "mine"
    ui.applyVolumeSelector.setCurrentNode(volume)
    section._enable()
    runtime.process_events(20)
    assert not ui.modelLabel.isHidden()
    for button in (ui.saveModelButton, ui.applyButton, ui.applyFolderButton):
        assert button.enabled and button.toolTip.endswith(said)
    section.show(None)
    assert ui.modelLabel.isHidden() and said not in ui.saveModelButton.toolTip
