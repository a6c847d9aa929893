"""Section 5: the verdict, the scores, the cases in the views, and what to do with the adapted model."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import qt
from slicer.i18n import tr as _

from TransferSegGui import showing
from TransferSegGui.jobs import JobFollower
from TransferSegGui.parameters import remembered_cases
from TransferSegGui.results import SOURCE, Results, is_large, label_rows, load_results
from TransferSegGui.section import Section, cell, enable, failing, fit_height, quiet, say
from TransferSegGui.targets import TargetCase, TargetCases
from TransferSegGui.turns import Turns
from TransferSegGui.words import in_words, strategy_words
from TransferSegLib.core.errors import TransferSegError
from TransferSegLib.core.steps import run_in_thread

# About how many letters go side by side into the header of a table in a narrow panel.
HEADER_LETTERS = 60
# So many cases are written into the table in one turn; and no longer than this are small results worked on at once.
ROWS_AT_ONCE = 30
SMALL_S = 5.0


class ResultsSection(Section):
    def connect(self) -> None:
        self.follower: JobFollower | None = None  # of the job that is shown, whether it has results or not
        self.results: Results | None = None
        self._suggested = ""
        self._turns, self._reading = Turns(), Turns()  # of what is shown in the views, and of the results in the tables
        ui = self.ui
        ui.showChartButton.connect("clicked(bool)", lambda: self.make_chart(show=True))
        ui.openReportButton.connect("clicked(bool)", self._open_report)
        ui.casesTable.connect("cellClicked(int,int)", lambda row, _column: self.show_case(row))
        ui.sideBySideCheckBox.connect("clicked(bool)", self._show_again)
        ui.loadSegmentationsButton.connect("clicked(bool)", self.load_segmentations)
        ui.saveModelButton.connect("clicked(bool)", self._save_model)
        ui.modelNameLineEdit.connect("textChanged(QString)", lambda _text: self._enable())
        ui.resultsTable.horizontalHeader().setSectionResizeMode(qt.QHeaderView.Stretch)
        ui.resultsTable.horizontalHeader().setSectionResizeMode(3, qt.QHeaderView.ResizeToContents)
        ui.resultsTable.horizontalHeader().setStretchLastSection(False)

    def show(self, follower: JobFollower | None, chart: bool = False) -> None:
        """Show the results of a job that is done, those of many cases in turns; else say why there are none yet.

        With `chart` their chart is made, too. What is being applied goes on.
        """
        finished = follower is not None and follower.status.state == "done"
        if finished and follower is self.follower and not chart and (self.results or self._reading.under_way):
            self._show_weights()  # more of its events is known by now
            return
        self._turns.stop()
        self._reading.stop()
        self.follower, self.results = follower, None
        self._row = -1
        said = _("The verdict appears here when a job is done.")
        if finished:
            said = _("Reading the results…")
        elif follower is not None and not follower.running:
            said = _("This job has no results: {why}").format(why=in_words(follower.status.message))
        self.ui.verdictLabel.setText(said)
        self._show_weights()
        self._clear_scores()
        self._list_cases([])
        if not finished:
            self._offer()
            return
        large, message = is_large(follower.job), _("The results could not be shown.")
        self._reading.begin(
            self._show_in_steps(follower, chart, large), message, ended=self._read, at_once_s=0.0 if large else SMALL_S
        )
        self._enable()
        self.module.refresh_later()

    def _show_in_steps(self, follower: JobFollower, chart: bool, large: bool) -> Iterator[None]:
        read = partial(load_results, follower.job.path)
        try:
            results = (yield from run_in_thread(read)) if large else read()
        except TransferSegError as error:
            self.ui.verdictLabel.setText(in_words(str(error)))
            return
        if results.comparison is not None:
            showing.results_table(results.comparison)
            yield
        self.results = results
        self.ui.verdictLabel.setText(in_words(results.summary.verdict.sentence))
        self._show_weights()
        yield from self._fill_in_steps()
        if chart:
            self._chart(show=self.module.may_show_charts())

    def _read(self) -> None:
        """The results are shown, or they could not be, or are not to be."""
        if self.ui.verdictLabel.text == _("Reading the results…"):
            self.ui.verdictLabel.setText(_("The results could not be shown."))
        self._offer()

    def _show_weights(self) -> None:
        weights = self.follower.weights.get(self.results.adapted, "") if self.follower and self.results else ""
        self.ui.weightsLabel.setText(_("The adapted model began with: {weights}").format(weights=weights))
        self.ui.weightsLabel.setVisible(bool(weights))

    def suggest_name(self) -> None:
        """Name the model as its card does, unless the person has named it."""
        if self.parameters is not None and self.results is not None:
            if self.parameters.modelName in ("", self._suggested):
                self.parameters.modelName = self.results.card.name
            self._suggested = self.results.card.name

    def reason(self) -> str:
        """Why nothing can be done with the results, or "" where it can."""
        if self.results is not None:
            return ""
        return _("The results are being read") if self._reading.under_way else _("Open a job that is done first")

    def refresh(self) -> None:
        self._name_cases()
        self._enable()

    def forget(self) -> None:
        """The scene closes: the nodes of the results are gone, the results are not."""
        self._turns.stop()

    def cleanup(self) -> None:
        self._turns.stop()
        self._reading.stop()

    # Tables

    def _fill_in_steps(self) -> Iterator[None]:
        """Write the results into the tables, and offer what can be done with them."""
        self.suggest_name()
        self._offer()
        yield from self._fill_scores()
        yield from self._fill_cases()

    def _offer(self) -> None:
        """What can be done with the results, or with none."""
        self._enable()
        self.module.signals.resultsChanged.emit()

    def _clear_scores(self) -> None:
        table = self.ui.resultsTable
        with quiet(table):
            table.clearSpans()
            table.setRowCount(0)
        fit_height(table, 20)

    def _fill_scores(self) -> Iterator[None]:
        """A line a strategy, and under it one a segment, some of them with each step."""
        self._clear_scores()
        table, before = self.ui.resultsTable, None
        rows = label_rows(self.results.comparison) if self.results.comparison else []
        for n, (strategy, label) in enumerate(rows, start=1):
            with quiet(table):
                if strategy != before:
                    before = strategy
                    self._add_row([cell(_name(strategy))], heading=True)
                dice, hd95 = label.metrics["dice"], label.metrics["hd95_mm"]
                texts = [label.label_name, _interval(dice, 2), _interval(hd95, 1), str(label.misses)]
                self._add_row([cell(text, _against(label)) for text in texts])
            if n % ROWS_AT_ONCE == 0:
                yield
        fit_height(table, 20)
        yield

    def _add_row(self, cells: list[qt.QTableWidgetItem], heading: bool = False) -> None:
        table = self.ui.resultsTable
        row = table.rowCount
        table.setRowCount(row + 1)
        for column, item in enumerate(cells):
            table.setItem(row, column, item)
        if heading:
            font = cells[0].font()
            font.setBold(True)
            cells[0].setFont(font)
            table.setSpan(row, 0, 1, table.columnCount)

    def _list_cases(self, strategies: list[str]) -> None:
        """The table of the cases with a column a strategy, and no cases yet."""
        table = self.ui.casesTable
        with quiet(table):
            table.setRowCount(0)
            table.setColumnCount(1 + len(strategies))
            width = max(8, HEADER_LETTERS // (1 + len(strategies)))
            table.setHorizontalHeaderLabels([_("Case"), *(textwrap.fill(_name(s), width) for s in strategies)])
            for column, name in enumerate(map(_name, strategies), start=1):
                table.horizontalHeaderItem(column).setToolTip(name)
            header = table.horizontalHeader()
            header.setSectionResizeMode(qt.QHeaderView.Stretch)
            header.setStretchLastSection(False)
        fit_height(table, 10)

    def _fill_cases(self) -> Iterator[None]:
        """Write the rows of the cases, some of them with each step."""
        results, table = self.results, self.ui.casesTable
        self._list_cases(results.strategies)
        cases = sorted({*results.scored_cases, *results.segmented})
        for first in range(0, len(cases), ROWS_AT_ONCE):
            known = self._table_cases()
            with quiet(table):
                table.setRowCount(min(first + ROWS_AT_ONCE, len(cases)))
                for row in range(first, table.rowCount):
                    words = self._case_words(cases[row], known)
                    table.setItem(row, 0, cell(words, words, cases[row]))  # the column may be narrower
                    for column, strategy in enumerate(results.strategies, start=1):
                        scored = (strategy, cases[row]) in results.dice
                        text = _number(results.dice.get((strategy, cases[row])), 3)
                        table.setItem(row, column, cell(text, "" if scored else _("not scored: it has no reference")))
            yield
        fit_height(table, 10)

    def _name_cases(self) -> None:
        """Call the cases by the names that they have in the table now."""
        table = self.ui.casesTable
        known = self._table_cases() if table.rowCount else {}
        with quiet(table):
            for row in range(table.rowCount):
                item = table.item(row, 0)
                words = self._case_words(item.data(qt.Qt.UserRole), known)
                if item.text() != words:
                    item.setText(words)
                    item.setToolTip(words)

    def _case_words(self, case: str, cases: Mapping[str, TargetCase]) -> str:
        number = case.rpartition("_")[2].lstrip("0")
        known = cases.get(case)
        return f"{number}: {known.name}" if known else _("case {number}").format(number=number)

    def _table_cases(self) -> dict[str, TargetCase]:
        """The table's case for each numbered case of the job."""
        if self.parameters is None or self.results is None:
            return {}
        keys = remembered_cases(self.parameters, self.results.identity)
        known = {case.key: case for case in TargetCases(self.parameters.parameterNode).all()}
        return {case: known[key] for case, key in keys.items() if key in known}

    # Clicks

    def show_case(self, row: int) -> None:
        """Show the case of a row of the table in the views."""
        message = _("The case could not be shown.")
        with failing(message):
            self._row = row
            case = self.ui.casesTable.item(row, 0).data(qt.Qt.UserRole)
            steps = self.nodes().show(case, self.parameters.sideBySide)
            self._turns.begin(self._here(steps), message)

    def _here(self, steps: Iterator[None]) -> Iterator[None]:
        """These steps, as long as the person is in this module: the views are theirs in another."""
        while self.module.entered and next(steps, steps) is not steps:
            yield

    def load_segmentations(self) -> None:
        """Load the adapted model's segmentations of all cases; where no case is shown yet, show the first."""
        message = _("The segmentations could not be loaded.")
        with failing(message):
            done = _("{count} segmentations are in the scene.")
            count = 0

            def load() -> Iterator[None]:
                nonlocal count
                nodes, first = self.nodes(), None
                for loaded in nodes.load_in_steps():
                    if loaded is not None:
                        first = first or loaded
                        count += 1
                        say(self.ui.applyStatusLabel, _("Loading the segmentations: {count}…").format(count=count))
                    yield
                if first is not None and self.module.entered and not showing.results_are_shown():
                    case, segmentation = first
                    image = yield from nodes.image(case)
                    nodes.show_only([segmentation], image)

            self._turns.begin(load(), message, ended=lambda: say(self.ui.applyStatusLabel, done.format(count=count)))

    def _show_again(self) -> None:
        if self._row >= 0:
            self.show_case(self._row)
        elif not self.parameters.sideBySide:
            showing.leave_layout()

    def exit(self) -> None:
        """The person goes to another module: their own segmentations are shown as before."""
        showing.give_back()

    def make_chart(self, show: bool) -> None:
        """Make a chart of the scores as bars, where there are scores, and `show` it in the plot view."""
        with failing(_("The chart could not be shown.")):
            self._chart(show)

    def _chart(self, show: bool) -> None:
        if self.results is not None and self.results.comparison is not None:
            chart = showing.dice_chart(self.results.comparison)
            if show:
                showing.show_chart(chart)

    def _open_report(self) -> None:
        qt.QDesktopServices.openUrl(qt.QUrl.fromLocalFile(str(self.results.job.report)))

    def _save_model(self) -> None:
        with failing(_("The model could not be saved.")):
            self.module.add_model(self.results.job.path, self.ui.modelNameLineEdit.text.strip())

    def proposal(self) -> str:
        """Which case to annotate next, in a sentence."""
        found = self.results.proposals if self.results else ()
        if self._reading.under_way:
            return _("The results are being read.")
        if not found:
            return _(
                "Run a job with folds and with the unlabelled cases in the list first: the case on which its models disagree "
                "most is then proposed."
            )
        first = found[0]
        return _("{case}: the models of the folds disagree most on it ({share:.0f} %).").format(
            case=self._case_words(first.case, self._table_cases()), share=100 * first.disagreement
        )

    # Small things

    def nodes(self) -> showing.ResultNodes:
        """The nodes of the job that is shown, with the cases as they are in the table now."""
        return showing.ResultNodes(self.results, self._table_cases())

    def _enable(self) -> None:
        ui, reason = self.ui, self.reason()
        for button in (ui.loadSegmentationsButton, ui.openReportButton):
            enable(button, reason)
        scored = self.results is not None and self.results.comparison is not None
        enable(ui.showChartButton, reason or ("" if scored else _("This job has no scores")))
        named = bool(ui.modelNameLineEdit.text.strip())
        enable(ui.saveModelButton, reason or ("" if named else _("Give the model a name first")))


def _name(strategy: str) -> str:
    return _("source model") if strategy == SOURCE else strategy_words(strategy)


def _number(value: float | None, decimals: int) -> str:
    return "–" if value is None else f"{value:.{decimals}f}"


def _interval(statistics: Any, decimals: int) -> str:
    mean = _number(statistics.mean, decimals)
    if statistics.low is None or statistics.high is None:
        return mean
    return f"{mean} ({_number(statistics.low, decimals)}–{_number(statistics.high, decimals)})"


def _against(label: Any) -> str:
    """The difference from the source model, where there is one."""
    paired = (label.against_baseline or {}).get("dice")
    if paired is None or paired.mean is None:
        return ""
    return _("{difference:+.3f} against the source model, better in {better} of {n} cases").format(
        difference=paired.mean, better=paired.better, n=paired.n
    )
