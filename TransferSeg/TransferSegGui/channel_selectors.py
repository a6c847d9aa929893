"""Which volumes a model of several channels takes: a list for each channel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import qt
import slicer
from slicer.i18n import tr as _


class ChannelSelectors:
    """The lists of volumes of a model's channels: the first is always there, the others below it as the model needs them.

    Attributes:
        further: The lists beside the first.
    """

    def __init__(self, first: slicer.qMRMLNodeComboBox, place: qt.QWidget, changed: Callable[[], None]) -> None:
        """Begin with one channel.

        Args:
            first: The list of the first channel.
            place: The widget in whose layout the further ones go.
            changed: Called when another volume is chosen.
        """
        self.further: list[Any] = []
        self._first, self._place, self._changed = first, place, changed
        first.connect("currentNodeChanged(vtkMRMLNode*)", lambda _node: changed())

    def offer(self, channels: Sequence[str]) -> None:
        """Show a list for each of these channels; none is as one."""
        names = channels[1:]
        if len(names) == len(self.further):
            return
        for selector in self.further:
            self._place.layout().removeWidget(selector)
            selector.deleteLater()
        self.further = []
        for channel in names:
            selector = slicer.qMRMLNodeComboBox()
            selector.nodeTypes = ["vtkMRMLScalarVolumeNode"]
            selector.hideChildNodeTypes = ["vtkMRMLLabelMapVolumeNode"]
            selector.noneEnabled = True
            selector.addEnabled = selector.removeEnabled = False
            selector.setToolTip(_("The volume with the channel {channel}").format(channel=channel))
            selector.setMRMLScene(slicer.mrmlScene)
            selector.connect("currentNodeChanged(vtkMRMLNode*)", lambda _node: self._changed())
            self._place.layout().addWidget(selector)
            self.further.append(selector)

    def images(self) -> tuple[slicer.vtkMRMLVolumeNode, ...]:
        """The chosen volume of each channel; empty where one is not chosen."""
        images = tuple(selector.currentNode() for selector in (self._first, *self.further))
        return images if all(images) else ()
