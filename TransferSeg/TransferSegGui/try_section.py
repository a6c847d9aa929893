"""Section 1, its last part: the source model tried on a volume of the scene, before anything is annotated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

import slicer
from slicer.i18n import tr as _

from TransferSegGui import sample_data, showing
from TransferSegGui.channel_selectors import ChannelSelectors
from TransferSegGui.dependencies import packages_of
from TransferSegGui.efforts import QUICK, EffortShown, effort_of_segmenting
from TransferSegGui.predictions import add_prediction
from TransferSegGui.section import Section, enable, failing, say
from TransferSegGui.segment_exports import Exported, SegmentExports, add_menu, shown_of
from TransferSegGui.segmentations import card_styles
from TransferSegGui.segmenting import Segmenting, Shows
from TransferSegGui.sequences import Shown
from TransferSegGui.targets import RESULT, TargetCases, images_of_scene
from TransferSegLib.cases.volumes import read_labels
from TransferSegLib.core.errors import InputError
from TransferSegLib.sources.folder import SourceFolder

# What begins the mark of a source model's results.
TRIED = "tried"


class TrySection(Section):
    """Applies the chosen source model, as it is, to a volume of the scene.

    Attributes:
        segmenting: What does it.
        exports: What is taken from the results, by the `menu` of the button «Export».
    """

    def connect(self) -> None:
        """Connect the widgets of this section."""
        self.segmenting = Segmenting(self.logic.fresh_folder, Shows(self._say, self._show_progress, self._enable))
        ui = self.ui
        self._effort = EffortShown(ui.tryEffortLabel, ui.tryQuickCheckBox, lambda: self.module.parameters)
        self._channels = ChannelSelectors(ui.tryVolumeSelector, ui.tryVolumesWidget, self._enable)
        ui.tryButton.connect("clicked(bool)", self.try_model)
        ui.cancelTryButton.connect("clicked(bool)", self.cancel)
        self.exports = SegmentExports(Exported(_tried, lambda: shown_of(_tried()), _nothing_tried, self._say))
        self.menu = add_menu(ui.tryExportButton, self.exports.entries())
        ui.sampleButton.connect("clicked(bool)", self.load_sample)
        self._say("")

    def refresh(self) -> None:
        """Show the parameter node, and choose a volume where none is."""
        if not self.has_parameters:
            return
        source = self.module.source()
        self._channels.offer(source.card.channels if source else ())
        if self.parameters.tryVolume is None and (volume := _shown_volume()) is not None:
            self.parameters.tryVolume = volume
        self._enable()

    def forget(self) -> None:
        """The scene closes, and what is being tried ends with it."""
        stopped = _("Stopped, as the scene was closed.") if self.segmenting.works else ""
        self.segmenting.stop()
        self._say(stopped)
        self._enable()

    def cleanup(self) -> None:
        """Stop what is being tried: the panel is about to go."""
        self.segmenting.stop()

    def cancel(self) -> None:
        """Stop what is being tried."""
        self.segmenting.stop()
        self._say(_("Cancelled."))
        self._enable()

    def load_sample(self) -> None:
        """Bring the model's sample scan into the scene, and choose it."""
        with failing(_("The sample scan could not be loaded.")):
            source = self.module.source()
            if source is None:
                return
            loaded = sample_data.load_sample(source.card.sample)
            volumes = [node for node in loaded if isinstance(node, slicer.vtkMRMLScalarVolumeNode)]
            if volumes:
                self.parameters.tryVolume = volumes[0]
            self._say("")

    def try_model(self) -> None:
        """Segment the chosen volume with the source model."""
        with failing(_("The model could not be applied.")):
            source, images = self.module.source(), self._channels.images()
            if source is None or not self.module.ensure_packages(packages_of(source.card)):
                return
            model = ["--model", str(source.folder), "--device", self.parameters.device]
            if source.card.inference.as_nnunet is not None and self.parameters.tryQuick:
                model += QUICK
            self.segmenting.volumes([images], model, partial(self._take, source))

    def _take(self, source: SourceFolder, asked: Mapping[str, Shown], folder: Path, problems: str) -> Iterator[None]:
        """Bring the segmentation into the scene, and show it where the person is here; see `segmenting.Take`."""
        found = ""
        for file, shown in asked.items():
            path = folder / f"{file}.nii.gz"
            if not path.is_file():
                continue
            if shown.volume.GetScene() is None:
                raise InputError(
                    "tried-volume-gone",
                    "volume `{volume}`: was taken out of the scene meanwhile; what the model found in it is left out.",
                    volume=shown.name,
                )
            cases = TargetCases(self.parameters.parameterNode).all() if self.has_parameters else []
            styles = card_styles(source.card, {})
            node = add_prediction(
                read_labels(path),
                styles,
                shown,
                source.card.title,
                made_by(source),
                [case.segmentation for case in cases],
                source.card.regions,
            )
            if self.module.entered:
                showing.show_only([node], shown.volume)
                showing.make_surfaces([node])
            found = _("“{name}” is in the scene.").format(name=node.GetName())
            yield
        self._say("\n".join(filter(None, (found, problems))))

    def _say(self, text: str) -> None:
        say(self.ui.tryStatusLabel, text)

    def _show_progress(self, fraction: float | None) -> None:
        bar = self.ui.tryProgressBar
        bar.setRange(0, 0 if fraction is None else 100)
        bar.setValue(0 if fraction is None else round(100 * fraction))

    def _enable(self) -> None:
        ui, works, source = self.ui, self.segmenting.works, self.module.source()
        ui.tryProgressBar.setVisible(works)
        ui.cancelTryButton.setVisible(works)
        ui.tryButton.setVisible(not works)
        ui.tryExportButton.setVisible(not works and bool(_tried()))
        ui.sampleButton.setVisible(not works and source is not None and sample_data.is_sample(source.card.sample))
        images = self._channels.images()
        self._effort.show("" if works or source is None else effort_of_segmenting(source.card, images[:1]))
        reason = ""
        if source is None:
            reason = _("Choose a source model that is on this computer")
        elif source.card.task != "segmentation":
            reason = _("This model segments nothing as it is; adapt it to your cases first")
        elif not images:
            reason = _("Choose a volume first")
        enable(ui.tryButton, reason)


def made_by(source: SourceFolder) -> str:
    """What tells the results of a source model from all others."""
    return f"{TRIED}/{str(source.card.weights_sha256)[:16]}"


def _tried() -> list[slicer.vtkMRMLSegmentationNode]:
    """What source models have found as they are, as far as it is in the scene."""
    nodes = slicer.util.getNodesByClass("vtkMRMLSegmentationNode")
    return [node for node in nodes if (node.GetAttribute(RESULT) or "").startswith(f"{TRIED}/")]


def _nothing_tried() -> InputError:
    return InputError(
        "nothing-tried", "No result of “Try” is shown; press “Try”, or show a result in the module Data, first."
    )


def _shown_volume() -> slicer.vtkMRMLVolumeNode | None:
    """The image that a slice view shows, else the first of the scene."""
    images = images_of_scene()
    shown = {c.GetBackgroundVolumeID() for c in slicer.util.getNodesByClass("vtkMRMLSliceCompositeNode")}
    return next((image for image in images if image.GetID() in shown), images[0] if images else None)
