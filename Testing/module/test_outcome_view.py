"""The word that a job's results begin with, and where the button below it leads."""

from __future__ import annotations

from types import SimpleNamespace
from typing import get_args

import pytest
from made_scores import made_scores

from TransferSegLib.evaluation.comparison import compare
from TransferSegLib.evaluation.outcome import Outcome, Word
from TransferSegLib.evaluation.recommendation import Recommendation, Tried
from TransferSegLib.evaluation.scores import ScoreRow
from TransferSegLib.evaluation.summary import Summary
from TransferSegLib.evaluation.verdict import Verdict, recommended, verdict


def luminance(color: str) -> float:
    """Of a colour "#rrggbb", as the Web Content Accessibility Guidelines define it."""
    parts = [int(color[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_no_word_is_told_by_its_colour_alone_and_each_can_be_read_on_it(scene):
    from TransferSegGui.outcome_view import COLORS, SIGNS, outcome_words

    words = get_args(Word)
    assert len({outcome_words(word) for word in words}) == len(words)
    assert set(SIGNS) == set(COLORS) == set(words)
    assert len({SIGNS[word] for word in ("better", "worse", "no clear difference", "too few cases")}) == 4
    for color in COLORS.values():
        assert 1.05 / (luminance(color) + 0.05) > 4.5


@pytest.mark.parametrize(
    ("word", "button", "opened"),
    [
        ("better", "Apply to other volumes", "apply"),
        ("too few cases", "Annotate another case", "rounds"),
        ("no clear difference", "Annotate another case", "rounds"),
        ("no scores", "Annotate another case", "rounds"),
        ("source kept", "Apply to other volumes", "apply"),
        ("seen by the source", "Apply to other volumes", "apply"),
    ],
)
def test_the_button_below_the_verdict_leads_on(results, panel, monkeypatch, word, button, opened):
    asked: list[str] = []
    monkeypatch.setattr(panel.correct_section, "next_case", lambda: asked.append("next case"))
    no_scores: Verdict = verdict(None)
    results.outcome = Outcome(word, no_scores.problem)
    results._show_outcome()
    results._say_which_model()
    panel.ui.resultsSection.setVisible(True)
    assert panel.ui.nextButton.text == button
    panel.ui.nextButton.click()
    assert panel.steps.opened == opened and asked == ["next case"] * (opened == "rounds")
    if asked:  # of cases that are all annotated there is no next one
        panel.ui.targetCasesTable.selectRow(2)
        panel.ui.removeCasesButton.click()
        panel.ui.nextButton.click()
        assert panel.steps.opened == "cases" and len(asked) == 1
    results.outcome = None


def test_a_job_that_recommends_the_source_model_says_so_and_compares_it_with_nothing(results, panel, monkeypatch):
    from TransferSegGui import results_section

    scores = made_scores(0.91, 0.91, 0.91, 0.91, 1, 3, 0.5, 0.91, 10, 11)
    rows = [ScoreRow(f"case_00{n}", 1, "air", scores, key, "0") for key in ("direct", "auto") for n in (1, 2)]
    made = Recommendation("direct", cases=2, dice=0.91, source_dice=0.91, best_trained="open", best_trained_dice=0.905,
                          tried=(Tried("open", 1, 10, 2, 0.905),))  # fmt: skip
    comparison, found = compare(rows), results.results
    found.comparison = comparison
    found.summary = Summary(1.0, recommended(verdict(comparison), made), comparison, None, recommendation=made)
    found.detection = ()
    monkeypatch.setattr(results_section, "load_results", lambda _folder: found)
    monkeypatch.setattr(panel.run_section, "forget", lambda: None)  # it does not know this job
    done = SimpleNamespace(job=found.job, status=SimpleNamespace(state="done"), weights={}, names={})
    panel.signals.jobChanged.emit(done, True)
    ui = panel.ui
    assert ui.outcomeLabel.text.endswith("Source model kept") and ui.nextButton.text == "Apply to other volumes"
    assert "“Fine-tune everything”, has a mean Dice of 0.905" in ui.outcomeSentenceLabel.text
    assert ui.changesLabel.text == ""
    assert ui.verdictLabel.text.startswith("The source model as it is is recommended, with a mean Dice of 0.910")
    assert "against" not in ui.verdictLabel.text
