"""Section 3: the strategy, its options, the budget, the device, and the plan in one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import qt
from slicer.i18n import tr as _

from TransferSegGui import dependencies
from TransferSegGui.jobs import chosen_jobs_folder, set_jobs_folder, usual_jobs_folder
from TransferSegGui.parameters import CONSERVATIVE, HYBRID, MINUTES, OPEN, STEPS, USUAL, chosen_strategies
from TransferSegGui.processes import Command, last_sentence
from TransferSegGui.section import PathField, Section, chosen, fill, fit_height, quiet
from TransferSegGui.words import choice_words, in_words
from TransferSegLib.core.declarations import declared_options
from TransferSegLib.core.errors import TransferSegError
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.transfer.strategies import STRATEGIES, find_strategy

PLAN_AFTER_MS = 900


class StrategySection(Section):
    def connect(self) -> None:
        self._devices: list[tuple[str, str]] = [(_("automatic"), USUAL.device), (_("processor"), "cpu")]
        self._asking: Command | None = None
        self._told = False
        self._planning: Command | None = None
        self._planned: Any = None
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
            item = qt.QListWidgetItem(strategy.title)
            item.setToolTip(strategy.when)
            item.setData(qt.Qt.UserRole, strategy.name)
            item.setFlags(qt.Qt.ItemIsUserCheckable | qt.Qt.ItemIsEnabled | qt.Qt.ItemIsSelectable)
            item.setCheckState(qt.Qt.Unchecked)
            ui.strategiesList.addItem(item)
        ui.strategiesList.connect("currentRowChanged(int)", lambda _row: self._explain())
        fit_height(ui.strategiesList, len(STRATEGIES))
        self.ask_for_devices()

    def wheels(self) -> Path | None:
        """The folder of wheels to install from, where one is given."""
        text = self.ui.wheelsPathLineEdit.currentPath.strip()
        return Path(text) if text else None

    def refresh(self) -> None:
        p = self.parameters
        if p is None:
            return
        ui = self.ui
        if p.strategy not in STRATEGIES:  # the scene is of another version
            p.strategy = OPEN
        fill(ui.strategyComboBox, [(s.title, s.name) for s in STRATEGIES.values()], p.strategy)
        parts = [(choice_words(part), part) for part in _choices(CONSERVATIVE, "part")]
        fill(ui.partComboBox, [(_("the last layers"), ""), *parts], p.part)
        fill(ui.fusionComboBox, [(choice_words(how), how) for how in _choices(HYBRID, "fusion")], p.fusion)
        fill(ui.budgetUnitComboBox, [(_("minutes, all together"), MINUTES), (_("steps, each training"), STEPS)],
             p.budgetUnit)  # fmt: skip
        known = {name for _text, name in self._devices}
        devices = self._devices if p.device in known else [*self._devices, (p.device, p.device)]
        fill(ui.deviceComboBox, devices, p.device)
        fill(ui.augmentComboBox, [(choice_words(name), name) for name in _settings("augment")], p.augment)
        fill(ui.learningRuleComboBox, [(choice_words(name), name) for name in _settings("lr_schedule")], p.learningRule)
        ticked = p.compared.split(",")
        with quiet(ui.strategiesList):
            for n in range(ui.strategiesList.count):
                item = ui.strategiesList.item(n)
                item.setCheckState(qt.Qt.Checked if item.data(qt.Qt.UserRole) in ticked else qt.Qt.Unchecked)
        self._source_data.show(p.sourceData)
        self._jobs_folder.show(chosen_jobs_folder(), str(usual_jobs_folder()))
        names = [choice.name for choice in chosen_strategies(p)]
        ui.strategyComboBox.setVisible(not p.compare)
        ui.strategiesList.setVisible(p.compare)
        self._explain()
        _show(CONSERVATIVE in names, ui.layersLabel, ui.partComboBox)
        _show(CONSERVATIVE in names and not p.part, ui.layersSpinBox)
        _show(HYBRID in names, ui.fusionLabel, ui.fusionComboBox)
        _show(any(STRATEGIES[n].needs_source_data for n in names), ui.sourceDataLabel, ui.sourceDataPathLineEdit)
        self.plan_later()

    def ask_for_devices(self) -> None:
        """Ask what networks can run on here, once PyTorch is there to ask."""
        if self._asking is None and not self._told and not dependencies.missing():
            self._asking = Command(["devices", "--json"], self._told_devices)

    def plan_later(self) -> None:
        """Say what would be trained, once nothing changes for a moment; until then nothing that may be wrong by now."""
        asked = self._planned and self.module.plan_question()
        if self._planned and (asked is None or asked[1] != self._planned):
            self._forget_plan()
        self._timer.start(PLAN_AFTER_MS)

    def give_way(self) -> None:
        """A job began: measuring what another one would take would slow it down."""
        if self.module.job_runs() and (self._planning is not None or self._planned is None):
            self._forget_plan()

    def _forget_plan(self) -> None:
        if self._planning is not None:
            self._planning.stop()
        self._planning = self._planned = None
        runs = self.module.job_runs()
        self.ui.planLabel.setText(_("The plan is worked out when the job that runs has ended.") if runs else "")

    def cleanup(self) -> None:
        self._timer.stop()
        for command in (self._asking, self._planning):
            if command is not None:
                command.stop()

    def _combos(self) -> list[tuple[qt.QComboBox, str]]:
        ui = self.ui
        return [
            (ui.strategyComboBox, "strategy"),
            (ui.partComboBox, "part"),
            (ui.fusionComboBox, "fusion"),
            (ui.budgetUnitComboBox, "budgetUnit"),
            (ui.deviceComboBox, "device"),
            (ui.augmentComboBox, "augment"),
            (ui.learningRuleComboBox, "learningRule"),
        ]

    def _choose(self, combo: qt.QComboBox, name: str) -> None:
        if self.parameters is not None and chosen(combo) is not None:
            setattr(self.parameters, name, chosen(combo))

    def _tick(self) -> None:
        items = [self.ui.strategiesList.item(n) for n in range(self.ui.strategiesList.count)]
        ticked = [item.data(qt.Qt.UserRole) for item in items if item.checkState() == qt.Qt.Checked]
        if self.parameters is not None:
            self.parameters.compared = ",".join(ticked)

    def _choose_source_data(self, path: str) -> None:
        if self.parameters is not None:
            self.parameters.sourceData = path

    def _choose_jobs_folder(self, path: str) -> None:
        if path != chosen_jobs_folder():
            set_jobs_folder(Path(path) if path else None)
            self.module.signals.jobsFolderChanged.emit()

    def _told_devices(self, code: int, output: str, errors: str) -> None:
        self._asking = None
        if code:
            return
        self._told = True
        self._devices = [(_("automatic"), USUAL.device)]
        for device in json.loads(output):
            memory = "" if device["memory_gb"] is None else f", {device['memory_gb']:.0f} GB"
            self._devices.append((f"{device['title']}{memory}", device["name"]))
        self.module.refresh_later()

    def _explain(self) -> None:
        """When the strategy fits: the one that is chosen, or the one that is marked in the list."""
        item = self.ui.strategiesList.currentItem()
        name = (item.data(qt.Qt.UserRole) if item else "") if self.parameters.compare else self.parameters.strategy
        text = (
            find_strategy(name).when if name else _("Tick what is to be compared; click a line to read when it fits.")
        )
        self.ui.strategyLabel.setText(text)

    # The plan

    def _plan(self) -> None:
        """Ask the library for the plan of the job as it stands; the newest question wins."""
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
            folder = self.logic.fresh_folder("plan")
            JobFolder.create(folder, spec)
            self._planning = Command(["run", str(folder), "--dry-run", "--json"], self._told_plan)
            self.ui.planLabel.setText(_("Working out what will be trained…"))
        except TransferSegError as error:
            self.ui.planLabel.setText(in_words(str(error)))

    def _told_plan(self, code: int, output: str, errors: str) -> None:
        self._planning = None
        self.ui.planLabel.setText(last_sentence(errors) if code else in_words(json.loads(output)["sentence"]))


def _choices(strategy: str, option: str) -> tuple[str, ...]:
    return next(tuple(o.choices) for o in find_strategy(strategy).options if o.name == option)


def _settings(name: str) -> tuple[str, ...]:
    return next(tuple(o.choices) for o in declared_options(TrainingOptions) if o.name == name)


def _show(visible: bool, *widgets: qt.QWidget) -> None:
    for widget in widgets:
        widget.setVisible(visible)
