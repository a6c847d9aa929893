"""Slicer's Segment Editor module, and the main window's module selector, as far as other modules use them.

The widget keeps segmentation and volume in the real `vtkMRMLSegmentEditorNode`, as Slicer's qMRMLSegmentEditorWidget does.
The selector leaves the module that is shown (`exit`) before it enters the other (`enter`), as qSlicerModulePanel does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import slicer
from PySide6 import QtCore, QtWidgets

from SlicerRuntime.modules import qSlicerScriptedLoadableModuleWidget


class qMRMLSegmentEditorWidget(QtWidgets.QWidget):
    """What is chosen in the Segment Editor, kept in the scene."""

    def __init__(self) -> None:
        super().__init__()
        self._node: Any = None

    def setMRMLSegmentEditorNode(self, node: Any) -> None:
        self._node = node

    def mrmlSegmentEditorNode(self) -> Any:
        return self._node

    def setSegmentationNode(self, node: Any) -> None:
        self._node.SetAndObserveSegmentationNode(node)
        if node is not None:  # the widget takes the volume that the segmentation was drawn on
            self.setSourceVolumeNode(node.GetNodeReference(node.GetReferenceImageGeometryReferenceRole()))

    def segmentationNode(self) -> Any:
        return self._node.GetSegmentationNode()

    def setSourceVolumeNode(self, node: Any) -> None:
        self._node.SetAndObserveSourceVolumeNode(node)

    def sourceVolumeNode(self) -> Any:
        return self._node.GetSourceVolumeNode()


class SegmentEditorWidget:
    """Slicer's own scripted widget: the editor, below each other with what others put into its layout."""

    def __init__(self, parent: Any) -> None:
        self.parent = parent

    def setup(self) -> None:
        self.editor = qMRMLSegmentEditorWidget()
        self.parent.layout().addWidget(self.editor)

    def enter(self) -> None:
        node = slicer.mrmlScene.GetSingletonNode("SegmentEditor", "vtkMRMLSegmentEditorNode")
        if node is None:
            node = slicer.vtkMRMLSegmentEditorNode()
            node.SetSingletonTag("SegmentEditor")
            node = slicer.mrmlScene.AddNode(node)
        self.editor.setMRMLSegmentEditorNode(node)


class _ModuleWidget(qSlicerScriptedLoadableModuleWidget):
    def reload(self) -> None:
        self._self = SegmentEditorWidget(self)
        self._self.setup()


class SegmentEditor(QtCore.QObject):
    """`slicer.modules.segmenteditor`"""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("SegmentEditor")
        self._widget: _ModuleWidget | None = None

    def widgetRepresentation(self) -> _ModuleWidget:
        if self._widget is None:
            self._widget = _ModuleWidget(self)
            self._widget.reload()
        return self._widget


class ModuleSelector(QtCore.QObject):
    """`slicer.util.moduleSelector()`

    Attributes:
        selected: The name of the module that is shown.
        moduleSelected: Emitted, as Slicer's, once another module is shown.
    """

    selected = ""
    moduleSelected = QtCore.Signal(str)

    def __init__(self, selected: str) -> None:
        super().__init__()
        self.selected = selected

    def selectModule(self, name: str) -> None:
        if name == self.selected:
            return
        getattr(slicer.modules, self.selected.lower()).widgetRepresentation().exit()
        self.selected = name
        getattr(slicer.modules, name.lower()).widgetRepresentation().enter()
        self.moduleSelected.emit(name)


def install(shown: str, monkeypatch: Any) -> ModuleSelector:
    """Have a Segment Editor, and a selector of modules that shows the module of this name, while a test runs."""
    selector = ModuleSelector(shown)
    monkeypatch.setattr(slicer.modules, "segmenteditor", SegmentEditor(), raising=False)
    monkeypatch.setattr(slicer.util, "moduleSelector", lambda: selector)
    return selector


@contextmanager
def installed(shown: str) -> Iterator[ModuleSelector]:
    """Have both within the block."""
    selector, before = ModuleSelector(shown), slicer.util.moduleSelector
    slicer.modules.segmenteditor, slicer.util.moduleSelector = SegmentEditor(), lambda: selector
    try:
        yield selector
    finally:
        slicer.util.moduleSelector = before
        del slicer.modules.segmenteditor
