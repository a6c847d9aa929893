"""Step 5: the verdict, the scores, the cases in the views, and which model is taken from here."""

from __future__ import annotations

import textwrap
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import qt
from slicer.i18n import tr as _

from TransferSegGui import charts, showing
from TransferSegGui.jobs import JobFollower
from TransferSegGui.kept_model import BelowSource, after_verdict, below_source, kept_model
from TransferSegGui.outcome_view import changes_text, outcome_words, show_word
from TransferSegGui.parameters import remembered_cases
from TransferSegGui.progress import one_by_one
from TransferSegGui.results import SOURCE, Results, label_rows, load_results
from TransferSegGui.section import StepSection, cell, chosen, enable, failing, fill, fit_height, quiet, say, write
from TransferSegGui.steps import APPLY
from TransferSegGui.targets import TargetCase, TargetCases
from TransferSegGui.words import error_text, in_panel_language, problem_text, strategy_words, verdict_text
from TransferSegLib.core.errors import TransferSegError
from TransferSegLib.evaluation.comparison import LabelSummary
from TransferSegLib.evaluation.lesions.columns import volume_text
from TransferSegLib.evaluation.lesions.summary import LesionSummary, StrategyDetection
from TransferSegLib.evaluation.metrics import main_metrics
from TransferSegLib.evaluation.metrics.metric import Metric
from TransferSegLib.evaluation.outcome import Outcome, outcome
from TransferSegLib.evaluation.statistics import Statistics
from TransferSegLib.sources.folder import SourceFolder

# About how many letters go side by side into the header of a table in a narrow panel.
HEADER_LETTERS = 48


class ResultsSection(StepSection):
    """Shows the results of a job in tables, charts and views.

    Attributes:
        follower: The job that is shown, whether it has results or not; None for none.
        results: Its results; None where there are none.
        model: Which model it has made, and whether it is worse than its source; "" where there are no results.
        below: By how much that model is below its source model; None where it is not.
        instead: The source model where the person uses it instead of the job's model; None where they do not.
        outcome: Whether the adapted model is better than its source model; None where there are no results.
    """

    def connect(self) -> None:
        """Connect the widgets of this section."""
        self.header = self.ui.resultsSection
        self.follower: JobFollower | None = None
        self.results: Results | None = None
        self.model = ""
        self.below: BelowSource | None = None
        self.instead: SourceFolder | None = None
        self.outcome: Outcome | None = None
        self._row = -1  # of the case that is shown
        self._left: Any = None  # the views as they were left with the case that was shown
        ui = self.ui
        ui.nextButton.connect("clicked(bool)", self._go_on)
        ui.showChartButton.connect("clicked(bool)", lambda: self.make_chart(show=True))
        ui.openReportButton.connect("clicked(bool)", self._open_report)
        ui.casesTable.connect("cellClicked(int,int)", lambda row, _column: self.show_case(row))
        ui.showComboBox.connect("activated(int)", lambda _index: self._choose_show())
        ui.loadSegmentationsButton.connect("clicked(bool)", self.load_segmentations)
        ui.useSourceCheckBox.connect("clicked(bool)", self.use_source)
        ui.resultsTable.horizontalHeader().setStretchLastSection(True)

    def show(self, follower: JobFollower | None, chart: bool = False) -> None:
        """Show the results of a job; where there are none yet, say why. What is being applied goes on.

        Args:
            follower: The job; None for none.
            chart: Whether the chart of its scores is made, too.
        """
        finished = follower if follower is not None and follower.status.state == "done" else None
        if finished is not None and follower is self.follower and not chart and self.results is not None:
            self._show_weights()  # more of its events is known by now
            return
        self.follower, self.results, self.model = follower, None, ""
        self.below = self.instead = self.outcome = None
        self._row = -1
        self._clear_scores()
        self._list_cases([])
        if finished is not None:
            write(self.ui.verdictLabel, _("The results could not be shown."))
            write(self.ui.outcomeSentenceLabel, _("The results could not be shown."))
            try:
                with failing(_("The results could not be shown.")):
                    self._read(finished, chart)
            except Exception:  # `failing` has shown the error; the job itself is shown all the same
                traceback.print_exc()
        else:  # the bar says how the job stands
            write(self.ui.verdictLabel, "")
        self.header.setVisible(finished is not None)
        self._show_weights()
        self._show_outcome()
        self._say_which_model()
        self._offer()

    def _annotated(self) -> int | None:
        """The number of annotated cases of the job; None where its files cannot be read any more."""
        try:
            return len(self.nodes().annotated())
        except TransferSegError:
            return None

    def _show_outcome(self) -> None:
        """The word, the scores before and after, and what to do next."""
        ui, found = self.ui, self.outcome
        for widget in (ui.outcomeLabel, ui.changesLabel, ui.nextButton):
            widget.setVisible(found is not None)
        if found is not None:
            show_word(ui.outcomeLabel, found)
            write(ui.changesLabel, changes_text(found.changes))
            write(ui.outcomeSentenceLabel, problem_text(found.sentence))

    def summary(self) -> str:
        """What came out, in a word."""
        return "" if self.outcome is None else outcome_words(self.outcome.word)

    def _uses_source_next(self) -> bool:
        """Whether the next thing to do is to take the source model instead."""
        return self.instead is None and self.below is not None and self.below.source is not None

    def _annotates_next(self) -> bool:
        """Whether the next thing to do is to annotate another case."""
        unclear = ("no clear difference", "too few cases", "no scores")
        return self.instead is None and self.outcome is not None and self.outcome.word in unclear

    def _go_on(self) -> None:
        """Do what the button below the verdict says."""
        if self._uses_source_next():
            self.use_source(True)
        elif self._annotates_next():
            self.module.annotate_another()
        else:
            self.module.open_step(APPLY)

    def _read(self, follower: JobFollower, chart: bool) -> None:
        try:
            results = load_results(follower.job.path)
        except TransferSegError as error:
            write(self.ui.verdictLabel, error_text(error))
            write(self.ui.outcomeSentenceLabel, error_text(error))
            return
        self.results, self.model, self.below = results, kept_model(results), below_source(results)
        summary = results.summary
        self.outcome = outcome(
            summary.verdict, results.comparison, results.kept, self._annotated(), summary.recommendation
        )
        verdict = verdict_text(results.summary.verdict, follower.names)
        parts = (self.below.text if self.below else "", verdict, after_verdict(results))
        write(self.ui.verdictLabel, "\n\n".join(filter(None, parts)))
        self._fill_scores(results)
        self._fill_cases(results)
        if results.comparison is not None:
            charts.results_table(results.comparison)
        if chart:
            self._chart(show=self.module.may_show_charts())

    def _show_weights(self) -> None:
        weights = self.follower.weights.get(self.results.began_as, "") if self.follower and self.results else ""
        write(self.ui.weightsLabel, _("The adapted model began with: {weights}").format(weights=weights))
        self.ui.weightsLabel.setVisible(bool(weights))

    def _say_which_model(self) -> None:
        """Say which model is saved and applied, and offer the source model where the job's is below it."""
        ui = self.ui
        ui.useSourceCheckBox.setVisible(self.instead is not None)  # before, the button below the verdict offers it
        ui.useSourceCheckBox.setChecked(self.instead is not None)
        say(ui.modelLabel, self.model)
        if self._uses_source_next():
            ui.nextButton.setText(_("Use the source model instead"))
        else:
            ui.nextButton.setText(_("Annotate another case") if self._annotates_next() else _("Apply to other volumes"))

    def use_source(self, instead: bool) -> None:
        """Save and apply the source model instead of the job's own, or the job's own again."""
        if self.results is None:
            return
        self.instead = self.below.source if instead and self.below else None
        if self.instead is None:
            self.model = kept_model(self.results)
        else:
            self.model = _("The source model “{name}” is used instead of the model of this job.").format(
                name=self.instead.card.name
            )
        self._say_which_model()
        self._offer()

    def reason(self) -> str:
        """Why nothing can be done with the results, or "" where it can."""
        if self.results is not None:
            return ""
        return _("Open a job that is done first")

    def refresh(self) -> None:
        """Name the cases as they are called now, and enable what can be done."""
        if self.has_parameters:
            ways = [(_("side by side"), True), (_("outlines"), False)]
            fill(self.ui.showComboBox, ways, self.parameters.sideBySide)
        self._name_cases()
        self._enable()
        showing.hide_newcomers()

    # Tables

    def _offer(self) -> None:
        """What can be done with the results, or with none."""
        self._enable()
        self.module.signals.resultsChanged.emit()

    def _clear_scores(self) -> None:
        table = self.ui.resultsTable
        columns = [_("Segment"), *(in_panel_language(metric).heading() for metric in main_metrics()), _("Missed")]
        with quiet(table):
            table.clearSpans()
            table.setRowCount(0)
            table.setColumnCount(len(columns))
            table.setHorizontalHeaderLabels(columns)
            table.horizontalHeader().setSectionResizeMode(qt.QHeaderView.ResizeToContents)
        fit_height(table, 6)

    def _fill_scores(self, results: Results) -> None:
        """A line a strategy, and under it one a segment."""
        self._clear_scores()
        table, before = self.ui.resultsTable, None
        listed = label_rows(results.comparison) if results.comparison else []
        last = dict(listed)
        lesions, detected = results.summary.lesions, {one.strategy: one for one in results.detection}
        with quiet(table):
            for strategy, label in listed:
                if strategy != before:
                    before = strategy
                    self._add_row([cell(_name(strategy))], heading=True)
                means = [_interval(metric, label.statistics(metric.name)) for metric in main_metrics()]
                texts = [label.label_name, *means, str(label.misses)]
                self._add_row([cell(text, _against(label)) for text in texts])
                if lesions is not None and label is last[strategy] and strategy in detected:
                    self._add_lesions(lesions, detected[strategy])
        fit_height(table, 6)

    def _add_lesions(self, lesions: LesionSummary, found: StrategyDetection) -> None:
        """Two lines with the detection of lesions at the first cut-offs; their tooltips have it at all of them."""
        counts, rates = [], []
        for one in found.detections:
            cutoffs = {
                "overlap": f"{100 * one.overlap_cutoff:g} %",
                "volume": volume_text(one.volume_cutoff_ml, lesions.volume_unit),
            }
            counts.append(
                _("{detected}, {share} false alarms a case (overlap above {overlap}, volume from {volume})").format(
                    detected=_("{detected} of {lesions}").format(detected=one.detected, lesions=one.lesions),
                    share=f"{one.false_alarms_per_case:.2f}",
                    **cutoffs,
                )
            )
            rates.append(
                _(
                    "{f1}, precision {precision}, recall {recall} (overlap above {overlap}, volume from {volume})"
                ).format(f1=_share(one.f1), precision=_share(one.precision), recall=_share(one.recall), **cutoffs)
            )
        curve = _("The report has the curve of detection over the lesions' volume.")
        table = self.ui.resultsTable
        for title, texts in ((_("Detected: {label}"), counts), (_("F1 of detection: {label}"), rates)):
            tooltip = "\n".join([*texts, curve])
            self._add_row([cell(title.format(label=lesions.label), tooltip), cell(texts[0], tooltip)])
            table.setSpan(table.rowCount - 1, 1, 1, table.columnCount - 1)

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
        fit_height(table, 4)

    def _fill_cases(self, results: Results) -> None:
        table, known = self.ui.casesTable, self._table_cases()
        self._list_cases(results.strategies)
        cases = sorted({*results.scored_cases, *results.segmented})
        with quiet(table):
            table.setRowCount(len(cases))
            for row, case in enumerate(cases):
                words = self._case_words(case, known)
                table.setItem(row, 0, cell(words, words, case))  # the column may be narrower
                for column, strategy in enumerate(results.strategies, start=1):
                    scored = (strategy, case) in results.scores
                    text = results.metric.text(results.scores.get((strategy, case)), "–")
                    table.setItem(row, column, cell(text, "" if scored else _("not scored: it has no reference")))
        fit_height(table, 4)

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
        if not self.has_parameters or self.results is None:
            return {}
        keys = remembered_cases(self.parameters, self.results.identity)
        known = {case.key: case for case in TargetCases(self.parameters.parameterNode).all()}
        return {case: known[key] for case, key in keys.items() if key in known}

    # Clicks

    def show_case(self, row: int) -> None:
        """Show the case of a row of the table in the views."""
        with failing(_("The case could not be shown.")):
            self._row = row
            case = self.ui.casesTable.item(row, 0).data(qt.Qt.UserRole)
            self.nodes().show(case, self.parameters.sideBySide)

    def load_segmentations(self) -> None:
        """Load the adapted model's segmentations of all cases, and their maps of the uncertainty.

        Where no case is shown yet, the first is.
        """
        with failing(_("The segmentations could not be loaded.")):
            nodes, found = self.nodes(), []
            for case in one_by_one(nodes.results.segmented, _("Loading the segmentations…")):
                nodes.uncertainty(case)
                if (node := nodes.adapted_segmentation(case)) is not None:
                    found.append((case, node))
            if found and not showing.results_are_shown():
                case, node = found[0]
                showing.show_only([node], nodes.image(case))
            done = _("{count} segmentations are in the scene.").format(count=len(found))
            self.module.signals.segmentationsLoaded.emit(done)

    def _choose_show(self) -> None:
        """Show the case in the way that is chosen."""
        self.parameters.sideBySide = chosen(self.ui.showComboBox)
        if self._row >= 0:
            self.show_case(self._row)
        elif not self.parameters.sideBySide:
            showing.leave_layout()

    def exit(self) -> None:
        """The person goes to another module: the case that is shown goes, and the views are as before."""
        cases = TargetCases(self.parameters.parameterNode).all() if self.has_parameters else []
        images = {c.segmentation: c.images[0] for c in cases if c.in_scene and not isinstance(c.segmentation, Path)}
        self._left = showing.state_of_views() if showing.leave_case(images) else None

    def enter(self) -> None:
        """The person comes back: the case is shown again, unless they have shown something else in the views meanwhile."""
        left, self._left = self._left, None
        if self._row >= 0 and left is not None and left == showing.state_of_views():
            self.show_case(self._row)
            return
        case = showing.compared_case()  # of a scene that was saved with it
        rows = range(self.ui.casesTable.rowCount)
        if self.results is not None and case is not None and case[0] == self.results.identity:
            names = [self.ui.casesTable.item(row, 0).data(qt.Qt.UserRole) for row in rows]
            if case[1] in names:
                self.show_case(names.index(case[1]))

    def make_chart(self, show: bool) -> None:
        """Make a chart of the scores as bars, where there are scores, and `show` it in the plot view."""
        with failing(_("The chart could not be shown.")):
            self._chart(show)

    def _chart(self, show: bool) -> None:
        if self.results is not None and self.results.comparison is not None:
            chart = charts.means_chart(self.results.comparison)
            if show:
                charts.show_chart(chart)

    def _open_report(self) -> None:
        if self.results is not None:
            qt.QDesktopServices.openUrl(qt.QUrl.fromLocalFile(str(self.results.job.report)))

    # Small things

    def nodes(self) -> showing.ResultNodes:
        """The nodes of the job that is shown, with the cases as they are in the table now."""
        if self.results is None:
            raise RuntimeError("no results are shown")
        return showing.ResultNodes(self.results, self._table_cases())

    def _enable(self) -> None:
        ui, reason = self.ui, self.reason()
        for button in (ui.loadSegmentationsButton, ui.openReportButton):
            enable(button, reason)
        scored = self.results is not None and self.results.comparison is not None
        enable(ui.showChartButton, reason or ("" if scored else _("This job has no scores")))


def _name(strategy: str) -> str:
    return _("source model") if strategy == SOURCE else strategy_words(strategy)


def _share(value: float | None) -> str:
    """A share from 0 to 1; a dash where it does not apply."""
    return "–" if value is None else f"{value:.2f}"


def _interval(metric: Metric, statistics: Statistics) -> str:
    """A mean with its 95 % interval where there is one."""
    mean = metric.text(statistics.mean, "–")
    if statistics.low is None or statistics.high is None:
        return mean
    return f"{mean} ({metric.text(statistics.low)}–{metric.text(statistics.high)})"


def _against(label: LabelSummary) -> str:
    """The difference from the source model in the metric by which strategies are ranked, where there is one."""
    metric = main_metrics()[0]
    paired = (label.against_baseline or {}).get(metric.name)
    if paired is None or paired.mean is None:
        return ""
    return _("{difference} against the source model, better in {better} of {n} cases").format(
        difference=f"{paired.mean:+.{metric.digits}f}", better=paired.better, n=paired.n
    )
