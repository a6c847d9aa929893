"""Step 2: the target cases, their segmentations and roles, the checks, and how labels are matched."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import qt
import slicer
import vtk
from slicer.i18n import tr as _

from TransferSegGui.checks import CaseChecks
from TransferSegGui.drops import Drops, add_dropped, slices_with
from TransferSegGui.exporting import described
from TransferSegGui.findings import Action, Finding, FindingsList, findings_of, severity_icon
from TransferSegGui.parameters import label_map
from TransferSegGui.progress import one_by_one
from TransferSegGui.resampling import can_be_resampled, cut_off, on_its_image
from TransferSegGui.section import (
    StepSection,
    cell,
    chosen,
    enable,
    failing,
    fill,
    fit_height,
    quiet,
    selected_rows,
    tab_through,
    write,
)
from TransferSegGui.segmentations import is_segmentation, own_styles, segments_of
from TransferSegGui.sequences import with_frames
from TransferSegGui.steps import SOURCE
from TransferSegGui.targets import TargetCase, TargetCases, cases_of, cases_of_folder, images_of_scene, not_listed
from TransferSegGui.words import error_text, problem_text, role_words
from TransferSegLib.cases.grouping import grouped
from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.case_set import Role
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.problems import Problem, Severity
from TransferSegLib.transfer.labels import NEW, label_task

STATE, IMAGE, SEGMENTATION, ROLE = range(4)
# What was found that the person mends by matching labels, or by choosing another source model.
LABEL_KINDS = ("labels-by-value", "no-known-label", "unknown-labels")
SOURCE_KINDS = ("looks-like-ct", "not-like-ct", "spacing-far", "model-channels", "other-channels")
HOURGLASS = Path(__file__).resolve().parents[1] / "Resources" / "Icons" / "TransferSegHourglass.png"


class CasesSection(StepSection):
    """Lists the target cases, shows what the checks found in them, and matches their labels with the source model's.

    Attributes:
        checks: The checks of the cases.
        label_problem: Why the labels cannot be matched; "" where they can.
    """

    def connect(self) -> None:
        """Connect the widgets of this section."""
        self.header = self.ui.targetCasesSection
        self._rows: list[str] = []  # the key of the case in each row,
        self._looks: list[Any] = []  # and what is written there.
        self._shown_labels: Any = None  # what the table of labels shows
        # The segmentations of the scene, (name, identifier): a list that the rows share, as there may be hundreds.
        self._segmentations: list[tuple[str, str]] = []
        self._segmentation_items = qt.QStandardItemModel(0, 1)
        self._shown: Any = None
        self._checked_of: Any = None  # what a change of asks for another check
        self._waiting = ""  # what the rows say of the check that is to come
        self.label_problem = ""
        self._cut: list[str] = []  # what the last resampling has cut off
        self._observed: list[tuple[vtk.vtkObject, int]] = []
        # What Undo brings back, the last first: the list before a click, and the keys of the cases that it changed.
        self._undo: list[tuple[list[TargetCase], list[str]]] = []
        self._findings = FindingsList(self.ui.findingsArea, self.ui.removeCasesButton)
        self.checks = CaseChecks(
            self.logic.exporter,
            lambda: (self.cases(), self.module.source()),
            self.module.busy,
            lambda: self.module.entered,
            self._checked,
        )
        ui = self.ui
        ui.addFromSceneButton.connect("clicked(bool)", self.add_from_scene)
        ui.addFromFolderButton.connect("clicked(bool)", self._ask_for_folder)
        ui.removeCasesButton.connect("clicked(bool)", self._remove)
        ui.joinChannelsButton.connect("clicked(bool)", self._join)
        ui.targetCasesTable.connect("itemSelectionChanged()", self._enable)
        ui.targetCasesTable.connect("itemSelectionChanged()", self.module.signals.casesSelected.emit)
        ui.undoButton.connect("clicked(bool)", self.undo)
        shortcut = qt.QShortcut(qt.QKeySequence("Ctrl+Z"), ui.targetCasesContents)
        shortcut.setContext(qt.Qt.WidgetWithChildrenShortcut)
        shortcut.connect("activated()", self.undo)
        self._drops = Drops(ui.targetCasesTable, self._dropped)
        header = ui.targetCasesTable.horizontalHeader()
        header.setSectionResizeMode(STATE, qt.QHeaderView.ResizeToContents)
        header.setSectionResizeMode(IMAGE, qt.QHeaderView.Stretch)
        header.setSectionResizeMode(SEGMENTATION, qt.QHeaderView.Stretch)
        header.setSectionResizeMode(ROLE, qt.QHeaderView.ResizeToContents)
        header.setStretchLastSection(False)
        ui.labelMapTable.horizontalHeader().setSectionResizeMode(qt.QHeaderView.Stretch)

    def cases(self) -> list[TargetCase]:
        """The cases of the table."""
        return TargetCases(self.parameters.parameterNode).all() if self.has_parameters else []

    def add_from_scene(self) -> None:
        """Add the volumes of the scene that are not in the table."""
        with failing(_("The volumes of the scene could not be added.")):
            known = self.cases()
            cases = cases_of(with_frames(images_of_scene(), known), known)
            if not cases:
                write(self.ui.casesSummaryLabel, _("Every volume of the scene is in the list."))
                return
            self._keep(cases)
            self.module.refresh()

    def add_from_folder(self, folder: str) -> None:
        """Add the cases of a data set on disk."""
        with failing(_("The cases of the folder could not be added.")):
            found = cases_of_folder(Path(folder))
            new = not_listed(found, TargetCases(self.logic.getParameterNode().parameterNode).all())
            self._keep(new)
            if found and not new:
                write(self.ui.casesSummaryLabel, _("Every case of this folder is in the list."))

    def refresh(self) -> None:
        """Show the cases and their labels where they have changed."""
        if not self.has_parameters:
            return
        cases = self.cases()
        source = self.module.source()
        nodes = [n for n in slicer.util.getNodesByClass("vtkMRMLNode") if is_segmentation(n)]
        names = [
            (case.key, case.name, case.role, _id(case.segmentation), tuple(case.label_names), case.not_annotated)
            for case in cases
        ]
        checked_of = (names, self.parameters.source, self.parameters.labelMap)
        shown = (checked_of, [(n.GetID(), n.GetName()) for n in nodes])
        if checked_of != self._checked_of:
            self._checked_of = checked_of
            self.checks.request()
        if shown != self._shown:
            self._shown = shown
            self._fill_cases(cases, nodes)
            self._fill_labels(cases, source.card if source else None)
            self._observe(cases, nodes)
        if self.waiting() != self._waiting:
            self._show_all_findings()
        self.checks.wake()
        self._summarise(cases)
        self._enable(cases)

    def summary(self) -> str:
        """How many cases there are, how many are annotated, and in how many something was found."""
        cases = self.cases()
        annotated = sum(case.segmentation is not None for case in cases)
        found = [findings for key, findings in self.checks.findings.items() if key in self._rows]
        wrong = sum(_worst(findings) == "error" for findings in found)
        counts = [
            _("one case") if len(cases) == 1 else _("{count} cases").format(count=len(cases)),
            _("{count} annotated").format(count=annotated),
            _("errors in {count}").format(count=wrong) if wrong else "",
        ]
        return ", ".join(filter(None, counts)) if cases else _("none yet")

    def cleanup(self) -> None:
        """Stop the checks, and watch no node any more."""
        self.checks.cancel()
        self._observe([])

    def forget(self) -> None:
        """Show no cases: the scene closes."""
        self.cleanup()
        self._shown = self._checked_of = None
        self._rows, self._looks, self._shown_labels = [], [], None
        self.checks.findings, self.checks.data_set = {}, None
        self._undo = []
        self._findings.show([], self._action)
        for table in (self.ui.targetCasesTable, self.ui.labelMapTable):
            table.setRowCount(0)

    def _keep(self, cases: list[TargetCase]) -> None:
        """Add cases to the parameter node; the list shows them when it is refreshed."""
        # While a scene is imported the panel has no parameters, and its list is there all the same.
        TargetCases(self.logic.getParameterNode().parameterNode).add(cases)

    # The tables

    def _fill_cases(self, cases: list[TargetCase], nodes: list[slicer.vtkMRMLNode]) -> None:
        table, keys = self.ui.targetCasesTable, [case.key for case in cases]
        kept = set(keys)
        with quiet(table):
            for row in reversed(range(len(self._rows))):
                if self._rows[row] not in kept:
                    table.removeRow(row)
                    del self._looks[row]
            table.setRowCount(len(cases))
        self._rows = keys
        self._looks = [*self._looks, *[None] * len(cases)][: len(cases)]
        self._list_segmentations(nodes)
        self._fill_rows(cases)
        fit_height(table, 4)

    def _list_segmentations(self, nodes: list[slicer.vtkMRMLNode]) -> None:
        """List what a case's segmentation may be. Entries that stay are not touched, so that rows keep what they show."""
        names = {"": _("none")} | {node.GetID(): node.GetName() for node in nodes}
        items, listed = self._segmentation_items, self._segmentations
        for row in reversed(range(len(listed))):
            if listed[row][1] not in names:
                items.removeRow(row)
        before = {value: name for name, value in listed if value in names}
        values = [*before, *(value for value in names if value not in before)]
        items.setRowCount(len(values))
        for row, value in enumerate(values):
            if before.get(value) != names[value]:
                index = items.index(row, 0)
                items.setData(index, value, qt.Qt.UserRole)
                items.setData(index, names[value], qt.Qt.DisplayRole)
                items.setData(index, names[value], qt.Qt.ToolTipRole)  # the list may be narrower than the text
        self._segmentations = [(names[value], value) for value in values]

    def _fill_rows(self, cases: list[TargetCase]) -> None:
        """Write the rows that look different from now on."""
        table = self.ui.targetCasesTable
        for row, case in enumerate(cases):
            from_file = isinstance(case.segmentation, Path) or not case.in_scene
            segmentation = _("none") if case.segmentation is None else _name(case.segmentation)
            names = ", ".join(case.label_names) if from_file else ""
            look = (case.key, case.name, _whereabouts(case), case.role, _id(case.segmentation), segmentation, names)
            if look == self._looks[row]:
                continue
            with quiet(table):
                table.setItem(row, STATE, cell(""))
                table.setItem(row, IMAGE, cell(case.name, _whereabouts(case)))
                if from_file:
                    table.removeCellWidget(row, SEGMENTATION)
                    table.setItem(row, SEGMENTATION, cell(segmentation, names))
                else:
                    combo = qt.QComboBox()
                    combo.setModel(self._segmentation_items)
                    combo.setCurrentIndex(combo.findData(_id(case.segmentation)))
                    combo.setAccessibleName(_("Segmentation of {case}").format(case=case.name))
                    self._list(row, SEGMENTATION, combo, self._set_segmentation)
                roles = qt.QComboBox()
                fill(roles, [(role_words(role), role) for role in get_args(Role)], case.role)
                roles.setAccessibleName(_("Role of {case}").format(case=case.name))
                self._list(row, ROLE, roles, self._set_role)
            self._looks[row] = look
            self._show_findings([row])
        lists = (table.cellWidget(row, column) for row in range(len(cases)) for column in (SEGMENTATION, ROLE))
        tab_through([table, *(combo for combo in lists if combo is not None)])

    def _list(self, row: int, column: int, combo: qt.QComboBox, changed: Any) -> None:
        """Put a list into a cell; `changed(key of the case, value)` is called when another entry is chosen."""
        combo.setSizeAdjustPolicy(qt.QComboBox.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(8)
        combo.setToolTip(combo.currentText)
        key = self._rows[row]
        combo.connect("activated(int)", lambda _index: changed(key, chosen(combo)))
        self.ui.targetCasesTable.setCellWidget(row, column, combo)

    def _fill_labels(self, cases: list[TargetCase], card: ModelCard | None) -> None:
        table = self.ui.labelMapTable
        target = described(cases)
        wanted = label_map(self.parameters, list(target.labels.values()))
        matched: dict[str, Any] = dict.fromkeys(target.labels.values(), NEW)
        self.label_problem = ""
        if card is not None and target.labels:
            try:
                matched = _matched(label_task(target, card, wanted), target.labels, card)
            except InputError as error:
                self.label_problem = error_text(error)
                matched |= wanted
        labels = [(name, name) for name in card.label_names] if card else []
        entries = [*labels, (_("a new label"), NEW), (_("leave out"), None)]
        shown = (list(matched.items()), entries)
        if shown == self._shown_labels:
            return
        table.setRowCount(len(matched))
        self._fill_label_rows(matched, entries)
        self._shown_labels = shown
        fit_height(table, 3)
        for widget in (table, self.ui.labelMapLabel):
            widget.setVisible(bool(matched))

    def _fill_label_rows(self, matched: dict[str, Any], entries: list[tuple[str, Any]]) -> None:
        table = self.ui.labelMapTable
        for row, (name, value) in enumerate(matched.items()):
            with quiet(table):
                table.setItem(row, 0, cell(name))
                combo = qt.QComboBox()
                several = [(" + ".join(value), value)] if isinstance(value, list) else []
                fill(combo, [*several, *entries], value)
                combo.setAccessibleName(_("Source model's label for {segment}").format(segment=name))
                combo.connect("activated(int)", lambda _index, n=name, c=combo: self._map_label(n, chosen(c)))
                table.setCellWidget(row, 1, combo)
        tab_through([table, *(table.cellWidget(row, 1) for row in range(len(matched)))])

    def _set_segmentation(self, key: str, node_id: str) -> None:
        case = TargetCases(self.parameters.parameterNode).get(key)
        if case is not None:
            node = slicer.mrmlScene.GetNodeByID(node_id) if node_id else None
            role = "unlabelled" if node is None else "train" if case.role == "unlabelled" else case.role
            slices = slices_with(case, node)
            case = replace(case, segmentation=node, role=role, annotated_slices=slices)
            TargetCases(self.parameters.parameterNode).update(case)
            self.module.refresh_later()

    def _set_role(self, key: str, role: Any) -> None:
        case = TargetCases(self.parameters.parameterNode).get(key)
        if case is not None:
            TargetCases(self.parameters.parameterNode).update(replace(case, role=role))
            self.module.refresh_later()

    def _map_label(self, name: str, value: Any) -> None:
        self._shown_labels = None  # the table is written again even if the match stays the same
        self.parameters.labelMap = json.dumps({**json.loads(self.parameters.labelMap), name: value})

    def _summarise(self, cases: list[TargetCase] | None = None) -> None:
        cases = self.cases() if cases is None else cases
        if not cases:
            write(
                self.ui.casesSummaryLabel,
                _("No cases yet. Load volumes with their segmentations and press “Add from scene”, or add a folder."),
            )
            return
        annotated = sum(case.role == "train" and case.segmentation is not None for case in cases)
        validated = sum(case.role == "validation" and case.segmentation is not None for case in cases)
        tests = sum(case.role == "test" and case.segmentation is not None for case in cases)
        rest = len(cases) - annotated - validated - tests
        text = _("{annotated} annotated, {tests} test, {rest} to segment.")
        if validated:
            text = _("{annotated} annotated, {validated} to validate on, {tests} test, {rest} to segment.")
        text = text.format(annotated=annotated, validated=validated, tests=tests, rest=rest)
        if waiting := self.waiting():
            text = f"{text} {waiting}"
        write(self.ui.casesSummaryLabel, "\n".join([text, *self._cut, *filter(None, [self.label_problem])]))

    # Findings

    def _checked(self) -> None:
        self._show_all_findings()
        self._summarise()
        self.module.signals.casesChecked.emit()

    def _show_all_findings(self) -> None:
        self._waiting = self.waiting()
        self._show_findings(range(len(self._rows)))
        names = {case.key: case.name for case in self.cases()}
        self._findings.show(findings_of(self.checks.findings, names), self._action)

    def _action(self, finding: Finding) -> Action | None:
        """What can be done about a finding by a click."""
        if finding.kind in LABEL_KINDS:
            return Action(_("Match labels"), self.ui.labelMapTable.setFocus)
        if finding.kind in SOURCE_KINDS:
            return Action(_("Choose a model"), lambda: self.module.open_step(SOURCE))
        if finding.kind == "no-segmentation":
            return Action(_("Only segment"), lambda: self._only_segment(finding.cases))
        if finding.kind == "label-grid":
            cases = [case for case in self.cases() if case.key in finding.cases]
            if all(map(can_be_resampled, cases)):
                return Action(_("Resample"), lambda: self._resample(finding.cases))
        if finding.cases and finding.problem.severity == "error":
            return Action(_("Take out"), lambda: self._take_out(finding.cases))
        return None

    def _resample(self, keys: Iterable[str]) -> None:
        """Bring cases into the scene with segmentations on the grids of their images; Undo takes the files again."""
        with failing(_("The segmentation could not be resampled.")):
            before, done = self.cases(), []
            self._cut = []
            own = own_styles(
                c.segmentation for c in before if isinstance(c.segmentation, slicer.vtkMRMLSegmentationNode)
            )
            try:
                cases = [case for case in before if case.key in set(keys)]
                for case in one_by_one(cases, _("Resampling the segmentations…")):
                    cut = cut_off(case)
                    TargetCases(self.parameters.parameterNode).update(on_its_image(case, own))
                    done.append(case.key)
                    self._cut += [] if cut is None else [problem_text(cut)]
            finally:  # what was done until Cancel or an error stays
                if done:
                    self._undo.append((before, done))
                    self.module.refresh()

    def _only_segment(self, keys: Iterable[str]) -> None:
        cases = TargetCases(self.parameters.parameterNode)
        for key in keys:
            if (case := cases.get(key)) is not None:
                cases.update(replace(case, role="unlabelled"))
        self.module.refresh()

    def _show_findings(self, rows: Iterable[int]) -> None:
        """Show what was found in the cases of these rows, where they are written."""
        table = self.ui.targetCasesTable
        waiting, nothing = self.waiting(), _("No problems found.")
        icons = {severity: severity_icon(severity) for severity in (*get_args(Severity), None)}
        if waiting:  # what is known to be wrong with a case stays to be seen; that nothing is, is not known yet
            icons[None] = qt.QIcon(str(HOURGLASS))
        for row in rows:
            item = table.item(row, STATE)
            if item is None:
                continue
            found = grouped(self.checks.findings.get(self._rows[row], []))
            item.setIcon(icons[_worst(found)])
            text = "\n".join(map(problem_text, found))
            item.setToolTip("\n".join(filter(None, [text, waiting])) or nothing)

    def error(self) -> str:
        """The first error of the checks in words, with the case that has it; "" where there is none."""
        names = {case.key: case.name for case in self.cases()}
        for key, findings in self.checks.findings.items():
            for found in findings:
                if found.severity == "error":
                    said = problem_text(found)
                    return _("{case}: {problem}").format(case=names[key], problem=said) if key in names else said
        return ""

    def waiting(self) -> str:
        """Say that the cases are being checked, or when they will be; "" where a check has looked at them as they are."""
        if not self.checks.pending:
            return ""
        if self.module.busy():
            return _("The cases are checked again when the job has ended, so as not to slow it down.")
        return _("The cases are being checked…")

    def job_changed(self) -> None:
        """Let the checks wait while a job runs, and say so."""
        self.checks.give_way()
        self._show_all_findings()
        self._summarise()

    def _observe(self, cases: list[TargetCase], offered: Iterable[slicer.vtkMRMLNode] = ()) -> None:
        """Check again when the person edits a segmentation, moves a volume or changes its voxels, and follow new names.

        Args:
            cases: The cases whose nodes are watched.
            offered: The segmentations that rows offer under their names.
        """
        for observed, tag in self._observed:
            observed.RemoveObserver(tag)
        self._observed = []
        for case in cases:
            for node in (*case.images, case.segmentation):
                if isinstance(node, slicer.vtkMRMLTransformableNode):
                    self._watch(node, slicer.vtkMRMLTransformableNode.TransformModifiedEvent)
                if isinstance(node, slicer.vtkMRMLVolumeNode):
                    self._watch(node, slicer.vtkMRMLVolumeNode.ImageDataModifiedEvent)
                    self._watch_place(node)
                if isinstance(node, slicer.vtkMRMLLabelMapVolumeNode):
                    self._watch(node, vtk.vtkCommand.ModifiedEvent)  # as after a change by a script
                if isinstance(node, slicer.vtkMRMLSegmentationNode):
                    segments, events = segments_of(node), slicer.vtkSegmentation
                    for event in (events.SourceRepresentationModified, events.SegmentAdded, events.SegmentRemoved):
                        self._watch(segments, event)
                    self._watch(segments, events.SegmentModified)

        images = (image for case in cases for image in case.images if not isinstance(image, Path))
        for node in dict.fromkeys([*images, *offered]):
            self._watch_name(node)

    def _watch_name(self, node: slicer.vtkMRMLNode) -> None:
        """Show a node under its new name; Slicer only says that it is modified."""
        seen = [node.GetName()]

        def modified(_caller: Any, _event: Any) -> None:
            if seen[0] != node.GetName():
                seen[0] = node.GetName()
                self.module.refresh_later()

        self._observed.append((node, node.AddObserver(vtk.vtkCommand.ModifiedEvent, modified)))

    def _watch(self, thing: vtk.vtkObject, event: int) -> None:
        self._observed.append((thing, thing.AddObserver(event, lambda _caller, _event: self._edited())))

    def _watch_place(self, volume: slicer.vtkMRMLVolumeNode) -> None:
        """Check again when a volume is centred or given other spacing, of which Slicer only says that it is modified."""
        seen = [_place(volume)]

        def modified(_caller: Any, _event: Any) -> None:
            if seen[0] != _place(volume):
                seen[0] = _place(volume)
                self._edited()

        self._observed.append((volume, volume.AddObserver(vtk.vtkCommand.ModifiedEvent, modified)))

    def _edited(self) -> None:
        self.checks.request()
        if self.module.entered:  # else the panel is refreshed when it is entered
            self.module.refresh_later()

    # Clicks

    def _enable(self, cases: list[TargetCase] | None = None) -> None:
        cases = self.cases() if cases is None else cases
        rows = selected_rows(self.ui.targetCasesTable)
        enable(self.ui.removeCasesButton, "" if rows else _("Select rows of the table first"))
        enable(
            self.ui.joinChannelsButton,
            "" if len(rows) > 1 else _("Select the rows that are channels of one case first"),
        )
        self.ui.undoButton.setVisible(bool(self._undo))
        if self._undo:
            before, changed = self._undo[-1]
            names = ", ".join(case.name for case in before if case.key in changed)
            self.ui.undoButton.setToolTip(_("Bring back {names} (Ctrl+Z)").format(names=names))

    def selected(self) -> list[str]:
        """The keys of the cases that are selected."""
        return [self._rows[row] for row in selected_rows(self.ui.targetCasesTable)]

    def _remove(self) -> None:
        self._take_out(self.selected())

    def _take_out(self, keys: Iterable[str]) -> None:
        """Take cases out of the list; Undo brings them back."""
        gone = list(keys)
        self._undo.append((self.cases(), gone))
        TargetCases(self.parameters.parameterNode).remove(gone)
        self.module.refresh()

    def _join(self) -> None:
        with failing(_("These rows cannot be channels of one case.")):
            before, joined = self.cases(), self.selected()
            TargetCases(self.parameters.parameterNode).join(joined)
            self._undo.append((before, joined))
            self.module.refresh()

    def undo(self) -> None:
        """Bring back the cases that were taken out or joined last, with their segmentations and roles."""
        if self._undo and self.has_parameters:
            TargetCases(self.parameters.parameterNode).restore(*self._undo.pop())
            self.module.refresh()

    def _ask_for_folder(self) -> None:
        folder = qt.QFileDialog.getExistingDirectory(slicer.util.mainWindow(), _("A data set's folder"))
        if folder:
            self.add_from_folder(folder)

    def _dropped(self, urls: list[qt.QUrl], row: int) -> None:
        """Add what was dropped: files and folders, or nodes of the scene, on a row or below the last one."""
        with failing(_("What was dropped could not be added.")):
            cases = TargetCases(self.logic.getParameterNode().parameterNode)
            add_dropped(urls, self._rows[row] if row >= 0 else None, cases)


def _matched(task: LabelTask, labels: Any, card: ModelCard) -> dict[str, Any]:
    """What each label starts from: a source label's name, a list of names, "new", or None where it is left out."""
    found: dict[str, Any] = {}
    for value, name in labels.items():
        begins = [card.label_names[c - 1] for c in task.source_classes[task.target_classes[value]] if c]
        found[name] = None if name in task.dropped else NEW if not begins else begins[0] if len(begins) == 1 else begins
    return found


def _worst(findings: list[Problem]) -> Severity | None:
    return next((s for s in get_args(Severity) if any(f.severity == s for f in findings)), None)


def _place(volume: slicer.vtkMRMLVolumeNode) -> list[list[float]]:
    matrix = vtk.vtkMatrix4x4()
    volume.GetIJKToRASMatrix(matrix)
    return slicer.util.arrayFromVTKMatrix(matrix).tolist()


def _id(thing: slicer.vtkMRMLNode | Path | None) -> str:
    return "" if thing is None else str(thing) if isinstance(thing, Path) else thing.GetID()


def _name(thing: slicer.vtkMRMLNode | Path) -> str:
    return thing.name if isinstance(thing, Path) else thing.GetName()


def _whereabouts(case: TargetCase) -> str:
    return "\n".join(str(image) if isinstance(image, Path) else image.GetName() for image in case.images)
