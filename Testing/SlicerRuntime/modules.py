"""`slicer.modules`: Slicer's own modules with their real logics, and scripted modules loaded from their files.

Scripted modules are made as Slicer's qSlicerScriptedLoadableModule and ...ModuleWidget make them (Base/QTGUI): the module
class with the C++ module as its parent, then, the first time that it is shown, the widget class with a parent that has a
vertical layout, the scene, and after that `setup()` and `enter()`.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import slicer
import vtk
from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtCore import Property, Signal

from SlicerRuntime import pythonqt
from SlicerRuntime.widgets import _stored, qMRMLWidget

# The modules of Slicer whose logic PyPI has.
LOGICS = {
    "colors": "vtkSlicerColorLogic",
    "cropvolume": "vtkSlicerCropVolumeLogic",
    "markups": "vtkSlicerMarkupsLogic",
    "models": "vtkSlicerModelsLogic",
    "plots": "vtkSlicerPlotsLogic",
    "segmentations": "vtkSlicerSegmentationsModuleLogic",
    "sequences": "vtkSlicerSequencesLogic",
    "subjecthierarchy": "vtkSlicerSubjectHierarchyModuleLogic",
    "tables": "vtkSlicerTablesLogic",
    "terminologies": "vtkSlicerTerminologiesModuleLogic",
    "texts": "vtkSlicerTextsLogic",
    "transforms": "vtkSlicerTransformLogic",
    "units": "vtkSlicerUnitsLogic",
    "volumes": "vtkSlicerVolumesLogic",
}


class LoadableModule(QtCore.QObject):
    """One of Slicer's own modules: a name and its logic."""

    def __init__(self, name: str, logic: Any):
        super().__init__()
        self.setObjectName(name)
        self._logic = logic

    def logic(self) -> Any:
        return self._logic


class qSlicerScriptedLoadableModuleWidget(qMRMLWidget):
    """What a scripted module's widget has as its parent."""

    def __init__(self, module: qSlicerScriptedLoadableModule):
        super().__init__()
        self._module = module
        self._self: Any = None
        self._entered = False
        QtWidgets.QVBoxLayout(self)

    def self(self) -> Any:
        return self._self

    def reload(self) -> None:
        """Make the Python widget anew from the module's (newly loaded) classes, and set it up."""
        name = f"{self._module.objectName}Widget"
        self._self = getattr(sys.modules[self._module.objectName], name)(self)
        setattr(slicer.modules, name, self._self)
        self._self.setup()
        pythonqt.forget_layout_items()

    @Property(bool)
    def isEntered(self) -> bool:
        return self._entered

    def enter(self) -> None:
        self._entered = True
        if hasattr(self._self, "enter"):
            self._self.enter()

    def exit(self) -> None:
        self._entered = False
        if hasattr(self._self, "exit"):
            self._self.exit()


class qSlicerScriptedLoadableModule(QtCore.QObject):
    """What a scripted module has as its parent, and what `slicer.modules.<name>` is."""

    title = _stored(str, "title", "")
    categories = _stored("QStringList", "categories", [])
    contributors = _stored("QStringList", "contributors", [])
    dependencies = _stored("QStringList", "dependencies", [])
    associatedNodeTypes = _stored("QStringList", "associatedNodeTypes", [])
    helpText = _stored(str, "helpText", "")
    acknowledgementText = _stored(str, "acknowledgementText", "")
    hidden = _stored(bool, "hidden", False)
    index = _stored(int, "index", -1)
    widgetRepresentationCreationEnabled = _stored(bool, "widgetRepresentationCreationEnabled", True)

    def __init__(self, path: Path):
        super().__init__()
        self.setObjectName(path.stem)
        self._path = str(path)
        self._icon = QtGui.QIcon()
        self._widget: qSlicerScriptedLoadableModuleWidget | None = None

    @Property(str)
    def path(self) -> str:
        return self._path

    @Property(QtGui.QIcon)
    def icon(self) -> QtGui.QIcon:
        return self._icon

    @icon.setter  # type: ignore[no-redef]
    def icon(self, icon: QtGui.QIcon) -> None:
        self._icon = icon

    def widgetRepresentation(self) -> qSlicerScriptedLoadableModuleWidget:
        if self._widget is None:
            self._widget = qSlicerScriptedLoadableModuleWidget(self)
            self._widget.setMRMLScene(slicer.mrmlScene)
            self._widget.reload()
        return self._widget


class ModuleManager(QtCore.QObject):
    """`slicer.app.moduleManager()`"""

    moduleAboutToBeUnloaded = Signal(str)

    def module(self, name: str) -> Any:
        return getattr(slicer.modules, name.lower(), None)

    def modulesNames(self) -> list[str]:
        return [kind.objectName for kind in vars(slicer.modules).values() if isinstance(kind, QtCore.QObject)]


def install(application_logic: Any, scene: Any) -> None:
    """`slicer.modules`, `slicer.moduleNames` and the real logics, observing the scene."""
    for name in ("modules", "moduleNames"):
        module = ModuleType(f"slicer.{name}")
        sys.modules[f"slicer.{name}"] = module
        setattr(slicer, name, module)
    slicer.qSlicerScriptedLoadableModule = qSlicerScriptedLoadableModule
    slicer.qSlicerScriptedLoadableModuleWidget = qSlicerScriptedLoadableModuleWidget
    SubjectHierarchy(scene)
    for name, kind in LOGICS.items():
        logic = getattr(slicer, kind)()
        if hasattr(logic, "SetModuleShareDirectory"):
            logic.SetModuleShareDirectory(slicer.app.slicerHome + "/share")
        logic.SetMRMLApplicationLogic(application_logic)
        logic.SetMRMLScene(scene)
        application_logic.SetModuleLogic(name.capitalize(), logic)
        setattr(slicer.modules, name, LoadableModule(name.capitalize(), logic))


class SubjectHierarchy:
    """Gives every node that Slicer shows as data an item, and takes it away with the node, as Slicer's plugins do."""

    # Slicer's plugins that claim nodes: volumes, segmentations, models, markups, transforms, tables, plots, texts.
    CLAIMED = (
        ("vtkMRMLLabelMapVolumeNode", "LabelMaps"),
        ("vtkMRMLVolumeNode", "Volumes"),
        ("vtkMRMLSegmentationNode", "Segmentations"),
        ("vtkMRMLModelNode", "Models"),
        ("vtkMRMLMarkupsNode", "Markups"),
        ("vtkMRMLTransformNode", "Transforms"),
        ("vtkMRMLTableNode", "Tables"),
        ("vtkMRMLPlotChartNode", "Plots"),
        ("vtkMRMLPlotSeriesNode", "Plots"),
        ("vtkMRMLTextNode", "Texts"),
    )

    def __init__(self, scene: Any):
        self._scene = scene
        events = slicer.vtkMRMLScene

        @vtk.calldata_type(vtk.VTK_OBJECT)
        def added(_: Any, __: str, node: Any) -> None:
            if node.IsA("vtkMRMLSubjectHierarchyNode"):
                slicer.vtkMRMLSubjectHierarchyNode.ResolveSubjectHierarchy(scene)
            elif not scene.IsImporting():
                self._add(node)

        @vtk.calldata_type(vtk.VTK_OBJECT)
        def removed(_: Any, __: str, node: Any) -> None:
            if not scene.IsClosing() and not node.IsA("vtkMRMLSubjectHierarchyNode"):
                hierarchy = self._hierarchy()
                if item := hierarchy.GetItemByDataNode(node):
                    hierarchy.RemoveItem(item, False, False)

        def imported(*_: Any) -> None:
            slicer.vtkMRMLSubjectHierarchyNode.ResolveSubjectHierarchy(scene)
            for index in range(scene.GetNumberOfNodes()):
                self._add(scene.GetNthNode(index))

        scene.AddObserver(events.NodeAddedEvent, added)
        scene.AddObserver(events.NodeAboutToBeRemovedEvent, removed)
        scene.AddObserver(events.EndImportEvent, imported)
        scene.AddObserver(events.EndCloseEvent, lambda *_: self._hierarchy())

    def _hierarchy(self) -> Any:
        return slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(self._scene)

    def _add(self, node: Any) -> None:
        owner = next((plugin for kind, plugin in self.CLAIMED if node.IsA(kind)), None)
        hierarchy = self._hierarchy()
        if owner and not node.GetHideFromEditors() and not hierarchy.GetItemByDataNode(node):
            hierarchy.CreateItem(hierarchy.GetSceneItemID(), node, owner)


def load_scripted(path: Path) -> Any:
    """The module in this file, as Slicer loads it at start: its folder on `sys.path`, its class made, no widget yet."""
    name = path.stem
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None, path
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    parent = qSlicerScriptedLoadableModule(path)
    setattr(slicer.modules, f"{name}Instance", getattr(module, name)(parent))
    setattr(slicer.modules, name.lower(), parent)
    setattr(slicer.moduleNames, name, name)
    setup = getattr(getattr(slicer.modules, f"{name}Instance"), "setup", None)
    if setup:
        setup()
    return parent


def unload_scripted(name: str) -> None:
    """What Slicer does with a module when it closes: it notifies the widget, then deletes it."""
    manager = slicer.app.moduleManager()
    manager.moduleAboutToBeUnloaded.emit(name)
    parent = getattr(slicer.modules, name.lower())
    if parent._widget is not None:
        parent._widget.hide()
        parent._widget.deleteLater()
        # As Slicer's event loop does; `processEvents` alone does not.
        QtCore.QCoreApplication.sendPostedEvents(parent._widget, QtCore.QEvent.Type.DeferredDelete)
        parent._widget = None
    for attribute in (name.lower(), f"{name}Instance", f"{name}Widget"):
        if hasattr(slicer.modules, attribute):
            delattr(slicer.modules, attribute)
    slicer.selfTests.pop(name, None)
    sys.modules.pop(name, None)
