"""The last step: how good the model is by now, round by round, and the next round."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import qt
from slicer.i18n import tr as _

from TransferSegGui import charts
from TransferSegGui.models_now import model_now
from TransferSegGui.parameters import remembered_cases, remembered_predictions
from TransferSegGui.section import StepSection, cell, enable, failing, fit_height, quiet, say
from TransferSegGui.targets import TargetCases
from TransferSegGui.words import error_text, problem_text, strategy_words
from TransferSegLib.core.errors import TransferSegError
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.label_changes import changed_labels, label_digests
from TransferSegLib.jobs.stored_split import stored_folds
from TransferSegLib.loop.standing import (
    Round,
    another_round,
    curve_of_rounds,
    round_of,
    sentence_of_change,
    sentence_of_reannotated,
    with_changes,
)

# More rounds than anybody makes; a damaged job could name itself as its parent.
MOST_ROUNDS = 200
# More rounds than this scroll.
MOST_LINES = 5


class RoundsSection(StepSection):
    """Shows the rounds that led to the job that is shown, and makes the next one.

    Attributes:
        rounds: The rounds, the first one first.
    """

    def connect(self) -> None:
        """Connect the widgets of this section."""
        self.header = self.ui.roundsSection
        self.rounds: list[Round] = []
        self._taught: list[str] = []  # of the job that is shown: the keys of the cases that it learned from,
        self._folds: list[set[str]] = []  # and of those that each fold was scored on
        ui = self.ui
        ui.adaptAgainButton.connect("clicked(bool)", self.adapt_again)
        ui.roundsChartButton.connect("clicked(bool)", self.show_chart)
        header = ui.roundsTable.horizontalHeader()
        header.setSectionResizeMode(qt.QHeaderView.Stretch)
        for narrow in (0, 1):
            header.setSectionResizeMode(narrow, qt.QHeaderView.ResizeToContents)
        header.connect("sectionResized(int,int,int)", lambda *_sizes: self._fit())

    def summary(self) -> str:
        """How many rounds there are, and how good the last is."""
        scored = [one for one in self.rounds if one.dice is not None]
        if not scored:
            return ""
        last = scored[-1]
        dice = last.dice if last.shared_dice is None else last.shared_dice
        text = _("one round, Dice {dice:.3f}") if len(self.rounds) == 1 else _("{count} rounds, Dice {dice:.3f}")
        return text.format(count=len(self.rounds), dice=dice)

    def refresh(self) -> None:
        """Enable what can be clicked."""
        self._enable()

    def read(self) -> None:
        """Read the rounds of the job that is shown."""
        self.rounds, sentence, note = [], _("Rounds appear here when a job is done."), ""
        self._taught, self._folds = [], []
        results = self.module.shown_results().results
        if results is not None and self.has_parameters:
            try:
                sentence, note = self._read(results.job)
            except TransferSegError as error:
                sentence = error_text(error)
        say(self.ui.roundsLabel, sentence)
        say(self.ui.roundsNoteLabel, note)
        if self.rounds and (change := self._change(self.rounds[-1])):
            say(self.ui.roundsNoteLabel, f"{change} {note}")
        self._fill()
        self._enable()

    def _read(self, job: JobFolder) -> tuple[str, str]:
        """Read the rounds that led to a job; what to say of another round, and of the cases that all share."""
        folders = rounds_to(job)
        keys = [remembered_cases(self.parameters, one.identity) for one in folders]
        last = keys[-1]
        self._taught = [last[name] for name in _annotated(job) if name in last]
        held_out = [{last[name] for name in fold.held_out if name in last} for fold in stored_folds(job)]
        self._folds = [fold for fold in held_out if fold]
        predicted = [set(remembered_predictions(self.parameters, one.identity)) for one in folders]
        # What every round has annotated, and none from a prediction.
        annotated = [
            {key for name, key in of.items() if name in _annotated(one) and name not in begun}
            for one, of, begun in zip(folders, keys, predicted, strict=True)
        ]
        taught = [
            {name: key for name, key in of.items() if name in _annotated(one)}
            for one, of in zip(folders, keys, strict=True)
        ]
        changed = changed_labels([label_digests(one, of) for one, of in zip(folders, taught, strict=True)])
        shared = set.intersection(*annotated) - changed
        for one, of, begun in zip(folders, keys, predicted, strict=True):
            names = [name for name, key in of.items() if key in shared]
            self.rounds.append(round_of(one, names, begun))
        # By their keys: a case may have had another number in a round before.
        called = keys if all(keys) else None
        began = {
            of.get(name, name) if called else name for of, begun in zip(keys, predicted, strict=True) for name in begun
        }
        self.rounds = with_changes(self.rounds, began, called)
        scored = [n for n, one in enumerate(self.rounds) if one.strategy is not None]
        done = [folders[n] for n in scored]
        curve, corrected = curve_of_rounds(done, began, None if called is None else [called[n] for n in scored])
        drawn = len(shared & set(json.loads(self.parameters.drawnCases)))
        sentence, _worth = another_round((), done, curve, corrected, drawn)
        note = _("No case was annotated without a prediction in all rounds, so there is nothing to compare them on.")
        if not shared and set.intersection(*annotated):
            note = ""  # what follows says why
        elif shared:
            note = _(
                "Shared: the {count} cases that all rounds have and that did not begin as predictions; {drawn} of them were "
                "drawn at random. Scores of cases that began as predictions (corrected) may be too good."
            ).format(count=len(shared), drawn=drawn)
        if changed:
            now = {case.key: case.name for case in TargetCases(self.parameters.parameterNode).all()}
            called_now = [now.get(key, _("a case that is gone")) for key in sorted(changed, key=int)]
            note = f"{problem_text(sentence_of_reannotated(called_now))} {note}"
        return problem_text(sentence), note

    def adapt_again(self) -> None:
        """Make the next round, and start it."""
        with failing(_("The round could not be started.")):
            now = model_now(self.module)
            if now is not None and now.job is not None:
                self.module.start_round(now.job)

    def show_chart(self) -> None:
        """Show the Dice over the rounds in the plot view."""
        with failing(_("The chart could not be shown.")):
            charts.show_chart(charts.rounds_chart(self.rounds))

    def _fill(self) -> None:
        table = self.ui.roundsTable
        with quiet(table):
            table.setRowCount(len(self.rounds))
            for row, one in enumerate(self.rounds):
                minutes = "" if one.seconds is None else _("{number} ({minutes:.0f} min)")
                corrected = (
                    "–" if one.prediction_dice is None else f"{one.prediction_dice:.3f} ({one.prediction_cases})"
                )
                texts = (
                    (minutes or "{number}").format(number=row + 1, minutes=(one.seconds or 0) / 60),
                    str(one.annotated),
                    _with_interval(one.shared_dice, one.shared_interval),
                    _with_interval(one.dice, one.interval),
                    corrected,
                )
                change = self._change(one)
                for column, text in enumerate(texts):
                    table.setItem(row, column, cell(text, "\n".join(filter(None, (text, change)))))
        table.setVisible(bool(self.rounds))
        self._fit()

    def _change(self, one: Round) -> str:
        """What a round has changed on the one before, in a sentence; "" for the first."""
        if one.change is None:
            return ""
        number = [before.name for before in self.rounds].index(one.change.before) + 1
        named = replace(one.change, before=_("round {number}").format(number=number))
        return problem_text(sentence_of_change(named))

    def _fit(self) -> None:
        """Give the rows the height that their texts need in columns of this width."""
        self.ui.roundsTable.resizeRowsToContents()
        fit_height(self.ui.roundsTable, MOST_LINES)

    def _enable(self) -> None:
        if not self.has_parameters:
            return
        ui, shown = self.ui, self.module.shown_results()
        reason = ""
        if shown.results is None:
            reason = _("Start the first round with Start; then correct cases, and adapt again")
        elif shown.instead is not None:
            reason = _("The source model is used instead of the job's; untick that to go on from the job")
        elif (hindrance := self.module.hindrance()) is not None:
            reason = hindrance.text
        else:
            reason = self._no_next_round()
        enable(ui.adaptAgainButton, reason)
        say(ui.againReasonLabel, reason)
        scored = any(one.dice is not None for one in self.rounds)
        enable(ui.roundsChartButton, "" if scored else _("No round has scores yet"))

    def _no_next_round(self) -> str:
        """Why no round can go on from the job that is shown, as far as that is seen without its models; "" where one can."""
        results, source = self.module.shown_results().results, self.module.source()
        if results is None or source is None:
            return ""
        start = _("press Start, which begins from the source model with all your cases")
        if results.card.network != source.card.network:
            said = _("{strategy} made another network of the source model's, which no round can go on from; {start}")
            return said.format(strategy=strategy_words(results.kept), start=start)
        now = {case.key: case for case in TargetCases(self.parameters.parameterNode).all()}
        moved = [now[key].name for key in self._taught if key in now and now[key].role in ("validation", "test")]
        if moved:
            said = _(
                "The models have learned from {cases}, which would be too easy to segment; make it “annotated” "
                "again, or {start}"
            )
            return said.format(cases=", ".join(f"“{name}”" for name in moved), start=start)
        annotated = {key for key, case in now.items() if case.role == "train" and case.segmentation is not None}
        empty = sum(not annotated & fold for fold in self._folds)
        if empty > len(annotated - set().union(*self._folds)):
            said = _(
                "The cases that a model was scored on in the round before are gone from the list; put them back, or {start}"
            )
            return said.format(start=start)
        return ""


def rounds_to(job: JobFolder) -> list[JobFolder]:
    """The jobs that led to a job, each of which goes on from the one before, and the job itself.

    A job that is gone ends them.
    """
    found = [job]
    while len(found) < MOST_ROUNDS:
        parent = found[0].read_spec().parent
        if not parent or not Path(parent, "job.json").is_file():
            break
        found.insert(0, JobFolder(Path(parent)))
    return found


def _annotated(job: JobFolder) -> set[str]:
    """The numbered cases of a job that were annotated."""
    split = job.load_result("split") or {}
    return {name for name, role in dict(split.get("cases") or {}).items() if role == "annotated"}


def _with_interval(dice: float | None, interval: tuple[float, float] | None) -> str:
    if dice is None:
        return "–"
    return f"{dice:.3f}" + ("" if interval is None else f" ({interval[0]:.2f}–{interval[1]:.2f})")
