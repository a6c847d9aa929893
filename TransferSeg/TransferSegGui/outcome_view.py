"""What came out of a job, as the panel shows it first: a word with a sign and a colour, and scores before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slicer.i18n import tr as _

from TransferSegLib.evaluation.metrics import METRICS
from TransferSegLib.evaluation.outcome import Change, Outcome, Word

if TYPE_CHECKING:
    import qt

# Of the ground of the word, dark enough for white letters on it in Slicer's light and dark style.
GREEN, RED, GREY, AMBER = "#1b7837", "#b2182b", "#4f5b66", "#8a5a00"
COLORS: dict[Word, str] = {
    "better": GREEN,
    "worse": RED,
    "no clear difference": GREY,
    "too few cases": AMBER,
    "seen by the source": AMBER,
    "source kept": GREY,
    "not compared": GREY,
    "no scores": AMBER,
}
# So that nothing is said by its colour alone.
SIGNS: dict[Word, str] = {
    "better": "▲",
    "worse": "▼",
    "no clear difference": "=",
    "too few cases": "?",
    "seen by the source": "!",
    "source kept": "●",
    "not compared": "–",
    "no scores": "?",
}


def outcome_words(word: Word) -> str:
    """What came out, in one to three words."""
    words: dict[Word, str] = {
        "better": _("Better"),
        "worse": _("Worse"),
        "no clear difference": _("No clear difference"),
        "too few cases": _("Too few to tell"),
        "seen by the source": _("No fair test"),
        "source kept": _("Source model kept"),
        "not compared": _("Not compared"),
        "no scores": _("Not known yet"),
    }
    return words[word]


def show_word(label: qt.QLabel, outcome: Outcome) -> None:
    """Write the word with its sign, white on its colour."""
    label.setText(f"{SIGNS[outcome.word]}  {outcome_words(outcome.word)}")
    label.setStyleSheet(
        f"background: {COLORS[outcome.word]}; color: white; border-radius: 4px; padding: 4px 10px; font-weight: bold"
    )


def changes_text(changes: tuple[Change, ...]) -> str:
    """The metrics before and after, a line each."""
    return "\n".join(map(_change_text, changes))


def _change_text(change: Change) -> str:
    metric = METRICS[change.metric]
    text = _("{metric}: {before} → {after} {unit}").format(
        metric=metric.title, before=metric.text(change.before), after=metric.text(change.after), unit=metric.unit
    )
    return text.rstrip()
