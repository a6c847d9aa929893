"""Step 6: what the adapted model finds in other volumes of the scene, or in the images of a folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import qt
import slicer
from slicer.i18n import tr as _

from TransferSegGui import corrections
from TransferSegGui.channel_selectors import ChannelSelectors
from TransferSegGui.dependencies import packages_of
from TransferSegGui.predictions import UNCERTAINTY, add_map, add_prediction, put_into
from TransferSegGui.results import SOURCE, Results
from TransferSegGui.section import StepSection, enable, failing, fit_height, quiet, say
from TransferSegGui.segmenting import Segmenting, Shows
from TransferSegGui.sequences import Shown
from TransferSegGui.showing import ResultNodes, make_surfaces, show_only
from TransferSegGui.targets import TargetCases
from TransferSegGui.volumes import is_image
from TransferSegGui.words import error_text
from TransferSegLib.cases.volumes import read_labels
from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.errors import TransferSegError


@dataclass(frozen=True)
class Applied:
    """The model that is applied.

    Attributes:
        folder: Its folder, or its job's.
        card: Its card.
        is_source: Whether it is the source model as it is.
        mark: What tells its results from those of other models beside the same job.
    """

    folder: Path
    card: ModelCard
    is_source: bool
    mark: str


class ApplySection(StepSection):
    """Applies the model of the job that is shown to volumes of the scene, and to the images of a folder.

    Attributes:
        segmenting: What does it.
    """

    def connect(self) -> None:
        """Connect the widgets of this section."""
        self.header = self.ui.applySection
        shows = Shows(self.say, self._show_progress, self._enable)
        self.segmenting = Segmenting(self.logic.fresh_folder, shows)
        self._job: Path | None = None  # whose model is being applied,
        self._told: Path | None = None  # and the one of which the others were told
        self._done_when_cancelled = ""  # what is said then
        ui = self.ui
        ui.applyButton.connect("clicked(bool)", self.apply_to_volume)
        ui.applyFolderButton.connect("clicked(bool)", self._ask_for_folders)
        ui.measureButton.connect("clicked(bool)", lambda: self.module.measure(self.say))
        ui.cancelApplyButton.connect("clicked(bool)", self.cancel)
        ui.applyVolumesList.connect("itemChanged(QListWidgetItem*)", lambda _item: self._tick_volumes())
        self._channels = ChannelSelectors(ui.applyVolumeSelector, ui.applyVolumesWidget, self._enable)

    @property
    def _results(self) -> Results | None:
        """The job whose model is applied: the one that is shown."""
        return self.module.shown_results().results

    @property
    def _model(self) -> Applied:
        """The model that is applied: that of the job that is shown, or its source model where the person uses it instead."""
        shown = self.module.shown_results()
        results, instead = shown.nodes().results, shown.instead
        if instead is not None:
            return Applied(instead.folder, instead.card, is_source=True, mark="applied-source")
        return Applied(results.job.path, results.card, is_source=results.kept == SOURCE, mark="applied")

    def refresh(self) -> None:
        """Show the parameter node."""
        self._list_volumes()
        self._enable()

    def summary(self) -> str:
        """That it is at work, or that there is a model to apply."""
        return _("Segmenting…") if self.segmenting.works else ""

    def offer(self) -> None:
        """Another job is shown: what can be done with its model, or with none."""
        self.header.setVisible(self._results is not None)
        self._select_channels()
        self.refresh()

    def forget(self) -> None:
        """The scene closes, and what is being applied ends with it: its result is of this scene."""
        stopped = _("Stopped, as the scene was closed.") if self.segmenting.works else ""
        self.segmenting.stop()
        self.say(stopped)
        self._enable()

    def cleanup(self) -> None:
        """Stop what is being applied: the panel is about to go."""
        self.segmenting.stop()

    def cancel(self) -> None:
        """Stop what is being applied; segmentations that are in the scene or in the folder already stay."""
        self.segmenting.stop()
        self.say(self._done_when_cancelled)
        self._enable()

    @property
    def applied_job(self) -> Path | None:
        """The job whose model is being applied; None where none is."""
        return self._job if self.segmenting.works else None

    def apply_to_volume(self) -> None:
        """Segment the chosen volume, or those that are ticked, with the adapted model."""
        with failing(_("The model could not be applied.")):
            chosen, nodes, model = self._volumes(), self.module.shown_results().nodes(), self._model
            if not self.module.ensure_packages(packages_of(model.card)):
                return
            output = None if self._several() else self.parameters.applyOutput
            if output is not None and not self._may_replace(output):
                return
            self._job = nodes.results.job.path
            self._done_when_cancelled = _("Cancelled.")
            self.segmenting.volumes(chosen, self._asked(model), partial(self._take, nodes, model, output))

    def _may_replace(self, output: slicer.vtkMRMLSegmentationNode) -> bool:
        """Whether the segments of this segmentation may go; the person is asked where there are some."""
        count = output.GetSegmentation().GetNumberOfSegments()
        question = _("Replace the {count} segments of “{name}”? They are gone then.")
        return not count or slicer.util.confirmYesNoDisplay(question.format(count=count, name=output.GetName()))

    def apply_to_folder(self, images: str, out: str) -> None:
        """Segment all images of a folder into another."""
        with failing(_("The model could not be applied.")):
            results, model = self.module.shown_results().nodes().results, self._model
            if self.module.ensure_packages(packages_of(model.card)):

                def done(files: list[str], problems: str) -> None:
                    text = _("{count} segmentations are in {folder}.").format(count=len(files), folder=out)
                    self.say("\n".join(filter(None, (text if files else "", problems))))

                self._done_when_cancelled = _("Cancelled; the segmentations made so far are in {folder}.").format(
                    folder=out
                )
                self._job = results.job.path
                self.segmenting.files([images], self._asked(model), Path(out), done)

    def _asked(self, model: Applied) -> list[str]:
        """The model and what is chosen, as the command takes it; read at the click: later the scene may be closing."""
        maps = ["--uncertainty"] if self.parameters.applyUncertainty else []
        return ["--model", str(model.folder), "--device", self.parameters.device, *maps]

    def _take(
        self,
        nodes: ResultNodes,
        model: Applied,
        output: slicer.vtkMRMLSegmentationNode | None,
        asked: Mapping[str, Shown],
        folder: Path,
        problems: str,
    ) -> Iterator[None]:
        """Bring segmentations into the scene, one with each step, and show the first where the person is here.

        Args:
            nodes: The results beside which the model is applied.
            model: The model that made them.
            output: The segmentation that gets the result; None for a new one.
            asked: The volume of each file as it was exported, by the file's name without its ending.
            folder: Where the files are.
            problems: What the model said of files that it could not segment.
        """
        found: list[str] = []
        title = _("source model") if model.is_source else _("adapted model")
        for file, shown in asked.items():
            path, volume = folder / f"{file}.nii.gz", shown.volume
            if not path.is_file():
                continue
            if volume.GetScene() is None:
                gone = _("“{name}” was taken out of the scene meanwhile; what the model found in it is left out.")
                problems = "\n".join(filter(None, (problems, gone.format(name=shown.name))))
                continue
            self.say(_("Loading the segmentations: {count}…").format(count=len(found) + 1))
            made_by = f"{nodes.results.identity}/{model.mark}"
            if output is not None and output.GetScene() is None:
                gone = _("“{name}” was taken out of the scene meanwhile; the result is a new segmentation.")
                problems = "\n".join(filter(None, (problems, gone.format(name=output.GetName()))))
                output = None
            if output is not None:
                made_by += "/into"  # results of before that are nodes of their own stay
            cases = TargetCases(self.parameters.parameterNode).all() if self.has_parameters else []
            own = [case.segmentation for case in cases if isinstance(case.segmentation, slicer.vtkMRMLNode)]
            try:
                styles, regions = nodes.styles(model.card), model.card.regions
                node = add_prediction(read_labels(path), styles, shown, title, made_by, own, regions)
            except TransferSegError as error:
                problems = "\n".join(filter(None, (problems, error_text(error))))
                continue
            if (map_file := folder / UNCERTAINTY / path.name).is_file():
                try:
                    add_map(map_file, node, shown)
                except TransferSegError as error:
                    problems = "\n".join(filter(None, (problems, error_text(error))))
            if output is not None:
                node = put_into(node, output)
                corrections.now_of(node, model.card)
            if not found and self.module.entered:
                show_only([node], volume)
                make_surfaces([node])
            found.append(node.GetName())
            yield
        done = _("Segmented: {names}").format(names=", ".join(found)) if found else ""
        self.say("\n".join(filter(None, (done, problems))))

    def _show_progress(self, fraction: float | None) -> None:
        """Show how much is done, 0…1; None where only that something is being done is known."""
        bar = self.ui.applyProgressBar
        bar.setRange(0, 0 if fraction is None else 100)
        bar.setValue(0 if fraction is None else round(100 * fraction))

    def _ask_for_folders(self) -> None:
        window = slicer.util.mainWindow()
        images = qt.QFileDialog.getExistingDirectory(window, _("The folder with the images"))
        out = qt.QFileDialog.getExistingDirectory(window, _("Where the segmentations go")) if images else ""
        if out:
            self.apply_to_folder(images, out)

    # Small things

    def _select_channels(self) -> None:
        """A selector for each channel of the model."""
        instead, results = self.module.shown_results().instead, self._results
        card = instead.card if instead else results.card if results else None
        self._channels.offer(card.channels if card else ())

    def _several(self) -> bool:
        """Whether volumes are ticked in a list; a model of several channels takes the volumes of one case instead."""
        return self.has_parameters and self.parameters.applySeveral and not self._channels.further

    def _volumes(self) -> list[tuple[slicer.vtkMRMLVolumeNode, ...]]:
        """What the model is applied to: for each case the volume of each channel; empty where one is not chosen."""
        if self._several():
            return [(volume,) for volume in self.parameters.applyVolumes if volume is not None]
        images = self._channels.images()
        return [images] if images else []

    def _list_volumes(self) -> None:
        ui = self.ui
        kept = self.parameters.applyVolume if self.has_parameters else None
        if kept is not None and ui.applyVolumeSelector.currentNode() is None:
            ui.applyVolumeSelector.setCurrentNode(kept)  # the list was still empty while the scene was loaded
        ui.applySeveralCheckBox.setVisible(not self._channels.further)
        ui.applyVolumesList.setVisible(self._several())
        ui.applyVolumeSelector.setEnabled(not self._several())
        output = self.parameters.applyOutput if self.has_parameters else None
        if output is not None and ui.applyOutputSelector.currentNode() is None:
            ui.applyOutputSelector.setCurrentNode(output)
        for widget in (ui.applyOutputLabel, ui.applyOutputSelector):
            widget.setVisible(not self._several())
        if not self._several():
            return
        ticked = {volume.GetID() for volume in self.parameters.applyVolumes if volume is not None}
        with quiet(ui.applyVolumesList):
            ui.applyVolumesList.clear()
            for volume in filter(is_image, slicer.util.getNodesByClass("vtkMRMLScalarVolumeNode")):
                item = qt.QListWidgetItem(volume.GetName())
                item.setData(qt.Qt.UserRole, volume.GetID())
                item.setFlags(qt.Qt.ItemIsUserCheckable | qt.Qt.ItemIsEnabled)
                item.setCheckState(qt.Qt.Checked if volume.GetID() in ticked else qt.Qt.Unchecked)
                ui.applyVolumesList.addItem(item)
        fit_height(ui.applyVolumesList, 6)

    def _tick_volumes(self) -> None:
        items = [self.ui.applyVolumesList.item(n) for n in range(self.ui.applyVolumesList.count)]
        ticked = [item.data(qt.Qt.UserRole) for item in items if item.checkState() == qt.Qt.Checked]
        if self.has_parameters:
            self.parameters.applyVolumes = [slicer.mrmlScene.GetNodeByID(identifier) for identifier in ticked]

    def _enable(self) -> None:
        ui, chosen = self.ui, self._volumes()
        reason, model = self.module.shown_results().reason(), self.module.shown_results().model
        enable(ui.measureButton, reason)
        instead = self.module.shown_results().instead is not None
        if not reason and self.segmenting.works:
            reason = _("Images are being segmented")
        ui.cancelApplyButton.setVisible(self.segmenting.works)
        ui.applyProgressBar.setVisible(self.segmenting.works)
        if self.applied_job != self._told:
            self._told = self.applied_job
            self.module.signals.applyingChanged.emit()
        enable(ui.applyFolderButton, reason)
        enable(ui.applyButton, reason or ("" if chosen else _("Choose a volume first")))
        if not reason and chosen:
            names = ", ".join(images[0].GetName() for images in chosen)
            applies = _("Segment {names} with the adapted model.")
            if instead:
                applies = _("Segment {names} with the source model.")
            applies = applies.format(names=names)
            ui.applyButton.setToolTip("\n".join(filter(None, (applies, model))))
        if not reason and model:
            applies = _("Segment all images of a folder with the adapted model.")
            if instead:
                applies = _("Segment all images of a folder with the source model.")
            ui.applyFolderButton.setToolTip(f"{applies}\n{model}")

    def say(self, text: str) -> None:
        """Show what is being done, or was done, below the buttons of this section."""
        say(self.ui.applyStatusLabel, text)
