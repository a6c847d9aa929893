"""A scripted module as Slicer's template makes them, for the tests of the runtime."""

import enum
from pathlib import Path
from typing import Annotated

import slicer
from slicer import vtkMRMLScalarVolumeNode
from slicer.i18n import tr as _
from slicer.i18n import translate
from slicer.parameterNodeWrapper import Choice, Default, Minimum, WithinRange, parameterNodeWrapper
from slicer.ScriptedLoadableModule import (
    ScriptedLoadableModule,
    ScriptedLoadableModuleLogic,
    ScriptedLoadableModuleTest,
    ScriptedLoadableModuleWidget,
)
from slicer.util import VTKObservationMixin


class RuntimeSample(ScriptedLoadableModule):
    def __init__(self, parent):
        super().__init__(parent)
        parent.title = _("Sample")
        parent.categories = [translate("qSlicerAbstractCoreModule", "Segmentation")]


class Mode(enum.Enum):
    fast = 1
    careful = 2

    def label(self):
        return self.name.title()


@parameterNodeWrapper
class RuntimeSampleParameterNode:
    volume: vtkMRMLScalarVolumeNode | None
    steps: Annotated[int, WithinRange(1, 500), Default(40)]
    rate: Annotated[float, Minimum(0)] = 0.5
    fusion: Annotated[str, Choice(["multiply", "average"])] = "average"
    compare: bool
    folder: Path
    note: str = "none"
    mode: Mode = Mode.careful
    names: list[str]


class RuntimeSampleWidget(ScriptedLoadableModuleWidget, VTKObservationMixin):
    def __init__(self, parent=None):
        ScriptedLoadableModuleWidget.__init__(self, parent)
        VTKObservationMixin.__init__(self)
        self.calls = []
        self.logic = None
        self._parameterNode = None
        self._tag = None

    def setup(self):
        ScriptedLoadableModuleWidget.setup(self)
        self.calls.append("setup")
        widget = slicer.util.loadUI(self.resourcePath("UI/RuntimeSample.ui"))
        self.layout.addWidget(widget)
        self.ui = slicer.util.childWidgetVariables(widget)
        widget.setMRMLScene(slicer.mrmlScene)
        self.logic = RuntimeSampleLogic()
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.StartCloseEvent, self.onSceneStartClose)
        self.addObserver(slicer.mrmlScene, slicer.mrmlScene.EndCloseEvent, self.onSceneEndClose)
        self.ui.applyButton.connect("clicked(bool)", self.onApply)
        self.setParameterNode(self.logic.getParameterNode())

    def enter(self):
        self.calls.append("enter")

    def exit(self):
        self.calls.append("exit")

    def cleanup(self):
        self.calls.append("cleanup")
        self.setParameterNode(None)
        self.removeObservers()

    def onSceneStartClose(self, caller, event):
        self.setParameterNode(None)

    def onSceneEndClose(self, caller, event):
        self.setParameterNode(self.logic.getParameterNode())

    def setParameterNode(self, node):
        if self._parameterNode:
            self._parameterNode.disconnectGui(self._tag)
        self._parameterNode = node
        if node:
            self._tag = node.connectGui(self.ui)

    def onApply(self):
        with slicer.util.tryWithErrorDisplay(_("Failed to apply."), waitCursor=True):
            self.calls.append("apply")
            if self._parameterNode.note == "fail":
                raise RuntimeError("as asked")


class RuntimeSampleLogic(ScriptedLoadableModuleLogic):
    def getParameterNode(self):
        return RuntimeSampleParameterNode(super().getParameterNode())


class RuntimeSampleTest(ScriptedLoadableModuleTest):
    ran = ()

    def setUp(self):
        slicer.mrmlScene.Clear(0)

    def runTest(self):
        self.setUp()
        self.test_one()

    def test_one(self):
        RuntimeSampleTest.ran += (self.messageDelay,)
