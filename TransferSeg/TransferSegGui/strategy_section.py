"""Step 3: the strategy, its options, the budget, the device, and the plan in one sentence."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import qt
from slicer.i18n import tr as _

from TransferSegGui import dependencies
from TransferSegGui.jobs import chosen_jobs_folder, set_jobs_folder, usual_jobs_folder
from TransferSegGui.option_fields import OptionField
from TransferSegGui.parameters import (
    AS_RECIPE,
    EPOCHS,
    LESION_SETTINGS,
    LESIONS,
    MINUTES,
    SETTINGS,
    STEPS,
    TRAINING,
    USUAL,
    choose_option,
    chosen_options,
    chosen_strategies,
    lesion_options,
    shown_settings,
)
from TransferSegGui.processes import Command, problem_in, remove_files
from TransferSegGui.section import (
    PathField,
    StepSection,
    chosen,
    enable,
    fill,
    fit_area,
    fit_height,
    quiet,
    write,
)
from TransferSegGui.words import error_text, library_text, problem_text, said_problem
from TransferSegLib.core.declarations import Option
from TransferSegLib.core.errors import TransferSegError
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.transfer.recommended import AUTO, TITLE, WHEN
from TransferSegLib.transfer.strategies import STRATEGIES, find_strategy

PLAN_AFTER_MS = 900
# The height in pixels from which the options of strategies and the advanced settings are scrolled.
MOST_OPTIONS, MOST_SETTINGS = 110, 160


class StrategySection(StepSection):
    """Chooses strategies, their options and the settings of the training, and shows the plan."""

    def connect(self) -> None:
        """Make the fields of the options, and connect the widgets of this section."""
        self.header = self.ui.strategySection
        self._devices: list[tuple[str, str]] = [(_("automatic"), USUAL.device), (_("processor"), "cpu")]
        self._asking: Command | None = None
        self._devices_known = False
        self._planning: Command | None = None
        self._plan_folder: Path | None = None  # of the job that is planned
        self._planned: Any = None
        self._planned_s: float | None = None  # how long the planned job takes
        self._timer = qt.QTimer()
        self._timer.setSingleShot(True)
        self._timer.connect("timeout()", self._plan)
        ui = self.ui
        for combo, name in self._combos():
            combo.connect("activated(int)", lambda _index, c=combo, n=name: self._choose(c, n))
        ui.strategiesList.connect("itemChanged(QListWidgetItem*)", lambda _item: self._tick())
        self._source_data = PathField(ui.sourceDataPathLineEdit, self._choose_source_data)
        self._jobs_folder = PathField(ui.jobsFolderPathLineEdit, self._choose_jobs_folder)
        for strategy in STRATEGIES.values():
            item = qt.QListWidgetItem(library_text(strategy.title))
            item.setToolTip(library_text(strategy.when))
            item.setData(qt.Qt.UserRole, strategy.name)
            item.setFlags(qt.Qt.ItemIsUserCheckable | qt.Qt.ItemIsEnabled | qt.Qt.ItemIsSelectable)
            item.setCheckState(qt.Qt.Unchecked)
            ui.strategiesList.addItem(item)
        ui.strategiesList.connect("currentRowChanged(int)", lambda _row: self._explain())
        fit_height(ui.strategiesList, 8)
        # The fields of options: those of strategies before the field of the source's cases, the training's after the folds.
        self._option_fields = {
            strategy.name: self._add_fields(ui.strategyOptionsFrame, 0, strategy.name, strategy.options)
            for strategy in reversed(list(STRATEGIES.values()))
        }
        self._settings_fields = self._add_fields(ui.advancedFields, 1, TRAINING, SETTINGS)
        self._lesion_fields = self._add_fields(ui.advancedFields, 1 + len(SETTINGS), LESIONS, LESION_SETTINGS)
        self.ask_for_devices()

    def wheels(self) -> Path | None:
        """The folder of wheels to install from; None where none is given."""
        text = self.ui.wheelsPathLineEdit.currentPath.strip()
        return Path(text) if text else None

    def refresh(self) -> None:
        """Show what is chosen, and only the options that apply."""
        if not self.has_parameters:
            return
        ui, p = self.ui, self.parameters
        if p.strategy not in (AUTO, *STRATEGIES):  # the scene is of another version
            p.strategy = AUTO
        entries = [(library_text(TITLE), AUTO), *((library_text(s.title), s.name) for s in STRATEGIES.values())]
        fill(ui.strategyComboBox, entries, p.strategy)
        units = [
            (_("minutes, all together"), MINUTES),
            (_("steps, each training"), STEPS),
            (_("epochs, each training"), EPOCHS),
            (_("as the recipe has it"), AS_RECIPE),
        ]
        fill(ui.budgetUnitComboBox, units, p.budgetUnit)
        enable(ui.budgetSpinBox, _("The recipe says how long each training is") if p.budgetUnit == AS_RECIPE else "")
        known = {name for _text, name in self._devices}
        devices = self._devices if p.device in known else [*self._devices, (p.device, p.device)]
        fill(ui.deviceComboBox, devices, p.device)
        ticked = p.compared.split(",")
        with quiet(ui.strategiesList):
            for n in range(ui.strategiesList.count):
                item = ui.strategiesList.item(n)
                item.setCheckState(qt.Qt.Checked if item.data(qt.Qt.UserRole) in ticked else qt.Qt.Unchecked)
        self._source_data.show(p.sourceData)
        self._jobs_folder.show(chosen_jobs_folder(), str(usual_jobs_folder()))
        names = [choice.name for choice in chosen_strategies(p) if choice.name in STRATEGIES]
        ui.strategyComboBox.setVisible(not p.compare)
        ui.strategiesList.setVisible(p.compare)
        self._explain()
        for strategy, fields in self._option_fields.items():
            for field in fields:
                field.set_visible(strategy in names)
            self._show_fields(fields, strategy)
        self._show_fields(self._settings_fields, TRAINING)
        self._show_fields(self._lesion_fields, LESIONS)
        for field in self._lesion_fields[1:]:  # the first names the label
            field.set_visible(lesion_options(p) is not None)
        needs_data = any(STRATEGIES[name].needs_source_data for name in names)
        _show(needs_data, ui.sourceDataLabel, ui.sourceDataPathLineEdit)
        _show(needs_data or any(STRATEGIES[name].options for name in names), ui.strategyOptionsArea)
        fit_area(ui.strategyOptionsArea, MOST_OPTIONS)
        fit_area(ui.advancedArea, MOST_SETTINGS)
        self.plan_later()

    def estimated_s(self) -> float | None:
        """About how many seconds the job takes: as planned, else the minutes that were given; None where neither is known."""
        if self._planned_s is not None:
            return self._planned_s
        given = self.has_parameters and self.parameters.budgetUnit == MINUTES
        return 60.0 * self.parameters.budget if given else None

    def summary(self) -> str:
        """The strategy, or how many are compared, and the budget."""
        if not self.has_parameters:
            return ""
        p = self.parameters
        names = [choice.name for choice in chosen_strategies(p)]
        if len(names) > 1:
            what = _("{count} strategies compared").format(count=len(names))
        else:
            known = {AUTO: TITLE} | {name: strategy.title for name, strategy in STRATEGIES.items()}
            what = library_text(known[names[0]]) if names else _("none chosen")
        budgets = {MINUTES: _("{n} min"), STEPS: _("{n} steps"), EPOCHS: _("{n} epochs")}
        budget = budgets.get(p.budgetUnit, self.ui.budgetUnitComboBox.currentText).format(n=p.budget)
        return _("{strategy}, {budget}").format(strategy=what, budget=budget)

    def ask_for_devices(self) -> None:
        """Ask which devices networks can run on here, as soon as PyTorch is installed."""
        if self._asking is None and not self._devices_known and not dependencies.missing():
            self._asking = Command(["devices", "--json"], self._devices_listed)

    def plan_later(self) -> None:
        """Show the plan once nothing changes for a moment. A plan of something else than what is chosen goes at once."""
        asked = self._planned and self.module.plan_question()
        if self._planned and (asked is None or asked[1] != self._planned):
            self._forget_plan()
        self._timer.start(PLAN_AFTER_MS)

    def give_way(self) -> None:
        """Stop planning while a job runs: measuring how long another one takes would slow it down."""
        if self.module.job_runs() and (self._planning is not None or self._planned is None):
            self._forget_plan()

    def _forget_plan(self) -> None:
        self._stop_planning()
        self._planned = self._planned_s = None
        runs = self.module.job_runs()
        write(self.ui.planLabel, _("The plan is worked out when the job that runs has ended.") if runs else "")

    def _stop_planning(self) -> None:
        if self._planning is not None:
            self._planning.stop(partial(remove_files, self._plan_folder))
        self._planning = self._plan_folder = None

    def forget(self) -> None:
        """Plan nothing more: the scene closes."""
        self._timer.stop()
        self._forget_plan()

    def cleanup(self) -> None:
        """Stop the commands that run."""
        self._timer.stop()
        self._stop_planning()
        if self._asking is not None:
            self._asking.stop()

    def _combos(self) -> list[tuple[qt.QComboBox, str]]:
        ui = self.ui
        return [
            (ui.strategyComboBox, "strategy"),
            (ui.budgetUnitComboBox, "budgetUnit"),
            (ui.deviceComboBox, "device"),
        ]

    def field(self, of: str, option: str) -> OptionField:
        """The field of an option.

        Args:
            of: The strategy whose option it is, `TRAINING` for a setting of the training, or `LESIONS`.
            option: The name of the option.
        """
        others = {TRAINING: self._settings_fields, LESIONS: self._lesion_fields}
        fields = others[of] if of in others else self._option_fields[of]
        return next(field for field in fields if field.option.name == option)

    def _add_fields(self, widget: qt.QWidget, row: int, of: str, options: Sequence[Option]) -> list[OptionField]:
        """Make a row for each option in the form of a widget, from this row on."""
        automatic = _("chosen by the job") if of == TRAINING else ""
        fields = [OptionField(o, partial(self._choose_option, of, o, options), automatic) for o in options]
        for n, field in enumerate(fields):
            field.insert(widget.layout(), row + n)
        return fields

    def _show_fields(self, fields: list[OptionField], of: str) -> None:
        """Show what is chosen. An option that another one of its group takes the place of is disabled."""
        values = chosen_options(self.parameters, of, [field.option for field in fields])
        shown = shown_settings(self.parameters) if of == TRAINING else values
        for field in fields:
            option = field.option
            field.show(shown.get(option.name))
            rivals = [f.option for f in fields if option.group and f.option.group == option.group and f is not field]
            # A value without a default is one that the person chose in place of the others.
            rival = next((other for other in rivals if other.default is None and other.name in values), None)
            taken = _("“{title}” takes its place")
            field.enable(taken.format(title=library_text(rival.title)) if rival else "")

    def _choose_option(self, of: str, option: Option, options: Sequence[Option], value: Any) -> None:
        if self.has_parameters:
            choose_option(self.parameters, of, option, value, options)

    def _choose(self, combo: qt.QComboBox, name: str) -> None:
        if self.has_parameters and chosen(combo) is not None:
            setattr(self.parameters, name, chosen(combo))

    def _tick(self) -> None:
        items = [self.ui.strategiesList.item(n) for n in range(self.ui.strategiesList.count)]
        ticked = [item.data(qt.Qt.UserRole) for item in items if item.checkState() == qt.Qt.Checked]
        if self.has_parameters:
            self.parameters.compared = ",".join(ticked)

    def _choose_source_data(self, path: str) -> None:
        if self.has_parameters:
            self.parameters.sourceData = path

    def _choose_jobs_folder(self, path: str) -> None:
        if path != chosen_jobs_folder():
            set_jobs_folder(Path(path) if path else None)
            self.module.signals.jobsFolderChanged.emit()

    def _devices_listed(self, code: int, output: str, errors: str) -> None:
        self._asking = None
        if code:
            return
        self._devices_known = True
        self._devices = [(_("automatic"), USUAL.device)]
        for device in json.loads(output):
            memory = "" if device["memory_gb"] is None else f", {device['memory_gb']:.0f} GB"
            self._devices.append((f"{device['title']}{memory}", device["name"]))
        self.module.refresh_later()

    def _explain(self) -> None:
        """Say when the chosen strategy fits, or the selected one of the list."""
        item = self.ui.strategiesList.currentItem()
        name = (item.data(qt.Qt.UserRole) if item else "") if self.parameters.compare else self.parameters.strategy
        if name == AUTO:
            text = library_text(WHEN)
        elif name:
            text = library_text(find_strategy(name).when)
        else:
            text = _("Tick what is to be compared; click a line to read when it fits.")
        write(self.ui.strategyLabel, text)

    # The plan

    def _plan(self) -> None:
        """Ask the library for the plan of the job as it stands."""
        if self.module.job_runs():
            return
        asked = self.module.plan_question()
        if asked is None:
            self._forget_plan()
            return
        spec, stamp = asked
        if stamp == self._planned:
            return
        self._forget_plan()
        self._planned = stamp
        try:
            folder = self._plan_folder = self.logic.fresh_folder("plan")
            JobFolder.create(folder, spec)
            self._planning = Command(["run", str(folder), "--dry-run", "--json"], self._plan_made)
            write(self.ui.planLabel, _("Working out what will be trained…"))
        except TransferSegError as error:
            remove_files(folder)
            write(self.ui.planLabel, error_text(error))

    def _plan_made(self, code: int, output: str, errors: str) -> None:
        remove_files(self._plan_folder)
        self._planning = self._plan_folder = None
        plan = {} if code else json.loads(output)
        self._planned_s = plan.get("seconds")
        write(self.ui.planLabel, problem_text(problem_in(errors) if code else said_problem(plan, "sentence")))
        self.module.refresh_later()


def _show(visible: bool, *widgets: qt.QWidget) -> None:
    for widget in widgets:
        widget.setVisible(visible)
