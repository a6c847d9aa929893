"""How much a model of nnU-Net's has to do, said before it begins, with the offer to do less."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import qt
import slicer
from slicer.i18n import tr as _

from TransferSegGui.parameters import Parameters
from TransferSegGui.section import quiet, say
from TransferSegGui.volumes import own_grid
from TransferSegLib.cases.volumes import read_grid
from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.inference.effort import effort_as_nnunet
from TransferSegLib.loop.effort import MOST_LOOKED_AT, most_runs

# The flags of `segment` that run a model of nnU-Net's faster than nnU-Net does.
QUICK = ("--no-as-nnunet", "--ensemble", "none", "--copies", "1", "--mirror", "none")


class EffortShown:
    """A text that says how much there is to do, and a tick that makes it less; both are hidden for all other models."""

    def __init__(self, label: qt.QLabel, tick: qt.QCheckBox, parameters: Callable[[], Parameters | None]) -> None:
        """Connect the widgets.

        Args:
            label: Shows the text.
            tick: The tick for Quick, which is one for all sections.
            parameters: The parameters of the scene; None where there are none.
        """
        self._label, self._tick, self._parameters = label, tick, parameters
        tick.connect("toggled(bool)", self._toggled)

    def show(self, text: str, can_be_quick: bool = True) -> None:
        """Show how much there is to do, or, where Quick is ticked, the tick alone.

        Args:
            text: How much there is to do; "" where nothing is to be said.
            can_be_quick: Whether Quick makes it less.
        """
        parameters = self._parameters()
        is_quick = parameters is not None and parameters.tryQuick
        with quiet(self._tick):
            self._tick.setChecked(is_quick)
        self._tick.setVisible(bool(text) and can_be_quick)
        say(self._label, "" if is_quick and can_be_quick else text)

    def _toggled(self, on: bool) -> None:
        if (parameters := self._parameters()) is not None:
            parameters.tryQuick = on


def effort_of_segmenting(card: ModelCard, images: Sequence[slicer.vtkMRMLVolumeNode | Path]) -> str:
    """How often networks run where images are segmented, each by the first channel's grid; "" for most models."""
    with contextlib.suppress(InputError):  # of an image without voxels, as segmenting it says
        found = [effort for grid in _grids(images) if (effort := effort_as_nnunet(card, grid)) is not None]
        if len(found) == 1 and found[0].before:
            return _(
                "As nnU-Net does it, {runs} runs of a network over this volume, {before} of them of the first stage. Without "
                "a GPU that can take many minutes. A GPU under Device is faster, or this:"
            ).format(runs=found[0].runs, before=found[0].before)
        if len(found) == 1:
            (effort,) = found
            return _(
                "As nnU-Net does it, {runs} runs of a network over this volume (windows: {windows}, copies of each: {copies},"
                " networks: {networks}). Without a GPU that can take many minutes. A GPU under Device is faster, or this:"
            ).format(runs=effort.runs, windows=effort.windows, copies=effort.copies, networks=effort.networks)
        if found:
            return _(
                "As nnU-Net does it, {runs} runs of a network over these {count} volumes. Without a GPU that can take many "
                "minutes. A GPU under Device is faster, or this:"
            ).format(runs=sum(effort.runs for effort in found), count=len(found))
    return ""


def effort_of_ranking(card: ModelCard, images: Sequence[slicer.vtkMRMLVolumeNode | Path]) -> str:
    """How often networks run where the cases with these images are ranked; "" for most models."""
    if card.inference.as_nnunet is None or not images:
        return ""
    with contextlib.suppress(InputError):
        return _(
            "The next case is chosen by a look at {count} of them: up to {runs} runs of a network (windows, shifted copies, "
            "networks: {networks}). Without a GPU that can take many minutes; a GPU under Device is faster."
        ).format(
            count=min(len(images), MOST_LOOKED_AT),
            runs=most_runs(card, list(_grids(images))),
            networks=1 + len(card.members),
        )
    return ""


def _grids(images: Iterable[slicer.vtkMRMLVolumeNode | Path]) -> Iterable[Grid]:
    return (read_grid(image) if isinstance(image, Path) else own_grid(image) for image in images)
