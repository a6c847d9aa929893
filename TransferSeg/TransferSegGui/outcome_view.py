"""What came out of a job, as the panel shows it first: a word with a sign and a colour, and scores before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slicer.i18n import tr as _

from TransferSegGui.words import in_panel_language
from TransferSegLib.core.palette import BETTER, CAUTION, NEITHER, WORSE
from TransferSegLib.evaluation.metrics import METRICS
from TransferSegLib.evaluation.outcome import Change, Outcome, Word

if TYPE_CHECKING:
    import qt

# Of the ground of the word.
COLORS: dict[Word, str] = {
    "better": BETTER,
    "worse": WORSE,
    "no clear difference": NEITHER,
    "too few cases": CAUTION,
    "seen by the source": CAUTION,
    "source kept": NEITHER,
    "not compared": NEITHER,
    "no scores": CAUTION,
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
    metric = in_panel_language(METRICS[change.metric])
    text = _("{metric}: {before} → {after} {unit}").format(
        metric=metric.title, before=metric.text(change.before), after=metric.text(change.after), unit=metric.unit
    )
    return text.rstrip()
