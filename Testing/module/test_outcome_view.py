"""The word that a job's results begin with, and where the button below it leads."""

from __future__ import annotations

from typing import get_args

import pytest

from TransferSegLib.evaluation.outcome import Outcome, Word
from TransferSegLib.evaluation.verdict import Verdict, verdict


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
        ("too few cases", "Annotate another case", "cases"),
        ("no clear difference", "Annotate another case", "cases"),
        ("no scores", "Annotate another case", "cases"),
        ("seen by the source", "Apply to other volumes", "apply"),
    ],
)
def test_the_button_below_the_verdict_leads_on(results, panel, word, button, opened):
    no_scores: Verdict = verdict(None)
    results.outcome = Outcome(word, no_scores.problem)
    results._show_outcome()
    results._say_which_model()
    panel.ui.resultsSection.setVisible(True)
    assert panel.ui.nextButton.text == button
    panel.ui.nextButton.click()
    assert panel.steps.opened == opened
    results.outcome = None
