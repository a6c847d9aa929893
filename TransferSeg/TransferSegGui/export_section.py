"""What leaves the panel: volumes and intensities, DICOM segmentations, and the model for other programs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
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
    """The menu of the button «Export»: what there is to take from the results of the job that is shown.

    Attributes:
        exports: What is taken from the segmentations.
        menu: The menu.
    """

    def connect(self) -> None:
        """Make the menu."""
        self._exporting: Command | None = None
        self._label = self.ui.saveStatusLabel  # where what is done is said: below the button that was clicked
        self.exports = SegmentExports(Exported(self._segmentations, self._shown, self._nothing, self.say))
        entries = (*self.exports.entries(), (_("Model as MONAI bundle…"), self._ask_for_bundle))
        ui = self.ui
        self.menu = add_menu(
            ui.exportButton, [(text, partial(self._do, do, ui.saveStatusLabel)) for text, do in entries]
        )
        ui.measureButton.connect("clicked(bool)", lambda: self._do(self.exports.measure, ui.applyStatusLabel))

    def refresh(self) -> None:
        """Enable what can be done."""
        reason = self.module.shown_results().reason()
        enable(self.ui.exportButton, reason or self._busy())
        enable(self.ui.measureButton, reason)

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
            folder = place / as_name(self.ui.modelNameLineEdit.text.strip(), card.name)
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

    def _do(self, what: Callable[[], object], label: qt.QLabel) -> None:
        self._label = label
        what()

    def say(self, text: str) -> None:
        """Show what was exported below the button that was clicked."""
        say(self._label, text)
