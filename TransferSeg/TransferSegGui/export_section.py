"""What leaves the panel: the model, here and for other programs, volumes and intensities, and DICOM segmentations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _

from TransferSegGui.dependencies import packages_of
from TransferSegGui.processes import Command, problem_in
from TransferSegGui.section import Section, enable, failing, say
from TransferSegGui.segment_exports import Exported, SegmentExports, add_menu
from TransferSegGui.showing import REFERENCE
from TransferSegGui.targets import RESULT
from TransferSegGui.words import problem_text
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.texts import as_name


class ExportSection(Section):
    """The name of the model with the buttons «Save model» and «Export»: what there is to take from the shown job.

    Attributes:
        exports: What is taken from the segmentations.
        menu: The menu of «Export».
    """

    def connect(self) -> None:
        """Connect the widgets of this section, and make the menu."""
        self._exporting: Command | None = None
        self._suggested = ""  # the name of the model that is shown, as its card has it
        self.ui.saveModelButton.connect("clicked(bool)", self._save_model)
        self.ui.modelNameLineEdit.connect("textChanged(QString)", lambda _text: self.refresh())
        self._exported = Exported(self._segmentations, self._shown, self._nothing, self.say)
        self.exports = SegmentExports(self._exported)
        entries = (*self.exports.entries(), (_("Model as MONAI bundle…"), self._ask_for_bundle))
        self.menu = add_menu(self.ui.exportButton, entries)

    def refresh(self) -> None:
        """Enable what can be done."""
        shown = self.module.shown_results()
        reason, named = shown.reason(), bool(self._name())
        enable(self.ui.exportButton, reason or self._busy())
        listed = ""
        if shown.instead is not None and shown.below is not None and shown.below.is_listed:
            listed = _("“{name}” is among the source models already").format(name=shown.instead.card.name)
        unnamed = "" if named else _("Give the model a name first")
        enable(self.ui.saveModelButton, reason or listed or unnamed)
        if not reason and named and not listed:
            saves = _("Add the adapted model to your source models.")
            if shown.instead is not None:
                saves = _("Add the source model to your source models.")
            self.ui.saveModelButton.setToolTip("\n".join(filter(None, (saves, shown.model))))

    def offer(self) -> None:
        """Other results are shown, or another model of theirs: what was said is of those before."""
        self.say("")
        self.suggest_name()
        self.refresh()

    def suggest_name(self) -> None:
        """Name the model as its card does, unless the person has named it."""
        shown = self.module.shown_results()
        if self.has_parameters and shown.results is not None:
            card = shown.results.card if shown.instead is None else shown.instead.card
            if self.parameters.modelName in ("", self._suggested):
                self.parameters.modelName = card.name
            self._suggested = card.name

    def _busy(self) -> str:
        return _("A model is being exported") if self._exporting is not None else ""

    def forget(self) -> None:
        """The scene closes: what was said is of its results."""
        self.say("")

    def cleanup(self) -> None:
        """Stop what is being exported: the panel is about to go."""
        if self._exporting is not None:
            self._exporting.stop()
            self._exporting = None

    def measure(self, say: Callable[[str], None]) -> None:
        """Measure what models of the shown job have found, and show the table; `say` says so where it was asked for."""
        SegmentExports(replace(self._exported, say=say)).measure()

    def _save_model(self) -> None:
        shown = self.module.shown_results()
        if shown.results is None:
            return
        with failing(_("The model could not be saved.")):
            model = shown.results.job.path if shown.instead is None else shown.instead.folder
            self.module.add_model(model, self._name(), self.say)

    def _ask_for_bundle(self) -> None:
        folder = qt.QFileDialog.getExistingDirectory(slicer.util.mainWindow(), _("Where the folder of the bundle goes"))
        if folder:
            self.export_bundle(Path(folder))

    def export_bundle(self, place: Path) -> None:
        """Write the model of the shown job, or the source model where it is used instead, as a MONAI bundle.

        Args:
            place: The bundle becomes a new folder in it, called as the model.
        """
        with failing(_("The model could not be exported.")):
            shown = self.module.shown_results()
            results = shown.nodes().results
            card = results.card if shown.instead is None else shown.instead.card
            model = results.job.path if shown.instead is None else shown.instead.folder
            if not self.module.ensure_packages(packages_of(card)):
                return
            folder = place / as_name(self._name(), card.name)
            self._exporting = Command(["sources", "export", str(model), str(folder)], self._ended(folder))
            self.say(_("Exporting the model…"))
            self.refresh()

    def _ended(self, folder: Path) -> Callable[[int, str, str], None]:
        def ended(code: int, _output: str, errors: str) -> None:
            self._exporting = None
            self.refresh()
            if code == 0:
                self.say(
                    _("The MONAI bundle is in {folder}; its docs/README.md says what to know.").format(folder=folder)
                )
            else:
                self.say(problem_text(problem_in(errors)))

        return ended

    # Small things

    def _segmentations(self) -> list[Any]:
        """What models of the shown job have found, as far as it is in the scene; the person's own is not among it."""
        identity = self.module.shown_results().nodes().results.identity
        nodes = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
        marks = [(node, node.GetAttribute(RESULT) or "") for node in nodes]
        return [n for n, mark in marks if mark.startswith(f"{identity}/") and not mark.endswith(f"/{REFERENCE}")]

    def _nothing(self) -> InputError:
        if self._segmentations():
            return InputError(
                "nothing-to-export",
                "No segmentation of this job's model is shown; click a case, or apply the model.",
            )
        return InputError(
            "nothing-to-measure",
            "No segmentation of this job is in the scene; load its segmentations, or apply its model first.",
        )

    def _shown(self) -> Any:
        """The segmentation by the job's model that is shown; where several are, the adapted model's, which comes last."""
        shown = [node for node in self._segmentations() if node.GetDisplayNode().GetVisibility()]
        results = self.module.shown_results().nodes().results
        adapted = [node for node in shown if node.GetAttribute(RESULT).endswith(f"/{results.adapted}")]
        return next(iter([*adapted, *reversed(shown)]), None)

    def _name(self) -> str:
        """What the person calls the model."""
        return str(self.ui.modelNameLineEdit.text).strip()

    def say(self, text: str) -> None:
        """Show what was saved or exported, below the buttons."""
        say(self.ui.saveStatusLabel, text)
