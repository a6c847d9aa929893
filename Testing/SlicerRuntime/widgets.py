"""Stand-ins for the `qMRML*`, `qSlicer*` and `ctk*` widgets that PyPI does not have: the part of them that modules use.

Names, properties, signals and what they do are those of the classes' headers in Slicer (Libs/MRML/Widgets, Base/QTGUI) and
CTK (Libs/Widgets). `signatures` names the signals whose types only Slicer's Qt knows.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any, ClassVar

import shiboken6
import slicer
import vtk
from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtCore import Property, Signal
from PySide6.QtCore import Qt as _Qt


def _stored(kind: type | str, name: str, default: Any, changed: str = "") -> Any:
    """A property that is only stored. Where `changed` names a signal or a method, a new value emits or calls it."""

    def write(self: Any, value: Any) -> None:
        if getattr(self, f"_{name}", default) == value:
            return
        setattr(self, f"_{name}", value)
        if changed:
            listener = getattr(self, changed)
            listener.emit(value) if hasattr(listener, "emit") else listener()

    return Property(kind, lambda self: getattr(self, f"_{name}", default), write)


# --- widgets of a MRML scene ------------------------------------------------------------------------------------------


class qMRMLWidget(QtWidgets.QWidget):
    """A widget that has a scene and says so."""

    mrmlSceneChanged = Signal(object)
    signatures: ClassVar[dict[str, str]] = {"mrmlSceneChanged(vtkMRMLScene*)": "mrmlSceneChanged"}

    def mrmlScene(self) -> slicer.vtkMRMLScene | None:
        return getattr(self, "_scene", None)

    def setMRMLScene(self, scene: slicer.vtkMRMLScene | None) -> None:
        if scene is not self.mrmlScene():
            self._scene = scene
            self.mrmlSceneChanged.emit(scene)


class qSlicerWidget(qMRMLWidget):
    pass


class qMRMLNodeComboBox(QtWidgets.QWidget):
    """A list of the scene's nodes of some classes, kept up to date with the scene.

    Without `noneEnabled` nothing is selected until a node appears, and the first that does is then selected; the node that is
    selected and goes is followed by another one. Without a scene it is disabled.
    """

    currentNodeChanged = Signal(object)
    _currentNodeIsValid = Signal(bool)
    currentNodeIDChanged = Signal(str)
    nodeActivated = Signal(object)
    nodeAdded = Signal(object)
    nodeAddedByUser = Signal(object)
    nodeAboutToBeRemoved = Signal(object)
    signatures: ClassVar[dict[str, str]] = {
        "currentNodeChanged(vtkMRMLNode*)": "currentNodeChanged",
        "currentNodeChanged(bool)": "_currentNodeIsValid",
        "nodeActivated(vtkMRMLNode*)": "nodeActivated",
        "nodeAdded(vtkMRMLNode*)": "nodeAdded",
        "nodeAddedByUser(vtkMRMLNode*)": "nodeAddedByUser",
        "nodeAboutToBeRemoved(vtkMRMLNode*)": "nodeAboutToBeRemoved",
    }

    addEnabled = _stored(bool, "addEnabled", True)
    removeEnabled = _stored(bool, "removeEnabled", True)
    editEnabled = _stored(bool, "editEnabled", False)
    renameEnabled = _stored(bool, "renameEnabled", False)
    selectNodeUponCreation = _stored(bool, "selectNodeUponCreation", True)
    baseName = _stored(str, "baseName", "")
    interactionNodeSingletonTag = _stored(str, "interactionNodeSingletonTag", "")
    noneEnabled = _stored(bool, "noneEnabled", False, "_refresh")
    noneDisplay = _stored(str, "noneDisplay", "None", "_refresh")
    showHidden = _stored(bool, "showHidden", False, "_refresh")
    showChildNodeTypes = _stored(bool, "showChildNodeTypes", True, "_refresh")
    hideChildNodeTypes = _stored("QStringList", "hideChildNodeTypes", [], "_refresh")

    def __init__(self, parent: QtWidgets.QWidget | None = None):
        super().__init__(parent)
        self._nodeTypes: list[str] = []
        self._attributes: list[tuple[str, str, str | None]] = []
        self._scene: slicer.vtkMRMLScene | None = None
        self._observed: list[tuple[Any, int]] = []
        self._requested = ""
        self._last = ""
        self._box = QtWidgets.QComboBox(self)
        self._box.setSizeAdjustPolicy(QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._box)
        self._box.currentIndexChanged.connect(lambda _: self._tell())
        self._box.activated.connect(lambda _: self.nodeActivated.emit(self.currentNode()))
        self.setEnabled(False)
        self._refresh()

    def mrmlScene(self) -> slicer.vtkMRMLScene | None:
        return self._scene

    def setMRMLScene(self, scene: slicer.vtkMRMLScene | None) -> None:
        if scene is self._scene:
            return
        for observed, tag in self._observed:
            observed.RemoveObserver(tag)
        self._scene = scene
        events = slicer.vtkMRMLScene
        self._observed = [
            (scene, _observe(self, scene, event, method))
            for event, method in (
                (events.NodeAddedEvent, "_added"),
                (events.NodeRemovedEvent, "_removed"),
                (events.EndBatchProcessEvent, "_refresh"),
                (events.EndCloseEvent, "_refresh"),
            )
            if scene is not None
        ]
        wanted, self._requested = self._requested, ""
        self._refresh()
        if wanted:
            self.setCurrentNodeID(wanted)
        self.setEnabled(scene is not None)

    @Property("QStringList")
    def nodeTypes(self) -> list[str]:
        return self._nodeTypes

    @nodeTypes.setter  # type: ignore[no-redef]
    def nodeTypes(self, types: list[str]) -> None:
        self._nodeTypes = [name for name in types if name]
        self._refresh()

    def setNodeTypes(self, types: list[str]) -> None:
        self.nodeTypes = types

    def addAttribute(self, nodeType: str, name: str, value: Any = None) -> None:
        self._attributes.append((nodeType, name, None if value is None else str(value)))
        self._refresh()

    def nodeCount(self) -> int:
        return self._box.count - (1 if self.noneEnabled else 0)

    def nodeFromIndex(self, index: int) -> slicer.vtkMRMLNode | None:
        index += 1 if self.noneEnabled else 0
        return self._node(self._box.itemData(index))

    def currentNode(self) -> slicer.vtkMRMLNode | None:
        return self._node(self._box.itemData(self._box.currentIndex))

    @Property(str)
    def currentNodeID(self) -> str:
        node = self.currentNode()
        return node.GetID() if node else ""

    @currentNodeID.setter  # type: ignore[no-redef]
    def currentNodeID(self, identifier: str | None) -> None:
        self.setCurrentNodeID(identifier)

    def setCurrentNode(self, node: slicer.vtkMRMLNode | str | None) -> None:
        self.setCurrentNodeID(node.GetID() if isinstance(node, slicer.vtkMRMLNode) else node)

    def setCurrentNodeID(self, identifier: str | None) -> None:
        if self._scene is None:
            self._requested = identifier or ""
        index = self._box.findData(identifier) if identifier else -1
        self._box.setCurrentIndex(index if index >= 0 else 0 if self.noneEnabled else -1)

    def setCurrentNodeIndex(self, index: int) -> None:
        self.setCurrentNode(self.nodeFromIndex(index))

    def addNode(self, nodeType: str = "") -> slicer.vtkMRMLNode | None:
        if self._scene is None:
            return None
        node = self._scene.AddNewNodeByClass(nodeType or self._nodeTypes[0], self.baseName)
        if self.selectNodeUponCreation:
            self.setCurrentNode(node)
        self.nodeAddedByUser.emit(node)
        return node

    def removeCurrentNode(self) -> None:
        self._scene.RemoveNode(self.currentNode())

    def _node(self, identifier: str | None) -> slicer.vtkMRMLNode | None:
        return self._scene.GetNodeByID(identifier) if self._scene and identifier else None

    def _shown(self, node: slicer.vtkMRMLNode) -> bool:
        kind = next((name for name in self._nodeTypes if node.IsA(name)), "")
        if not kind or (node.GetHideFromEditors() and not self.showHidden):
            return False
        if not self.showChildNodeTypes and node.GetClassName() not in self._nodeTypes:
            return False
        if any(node.IsA(name) for name in self.hideChildNodeTypes):
            return False
        wanted = [(name, value) for of, name, value in self._attributes if node.IsA(of)]
        has = node.GetAttribute
        return all(has(name) is not None if value is None else has(name) == value for name, value in wanted)

    def _removed(self, node: slicer.vtkMRMLNode) -> None:
        if self._is_listed(node):
            self._refresh()

    def _is_listed(self, node: slicer.vtkMRMLNode) -> bool:
        """Whether a node is of a kind that this list may have; Slicer's list does not change for any other."""
        return any(node.IsA(name) for name in self._nodeTypes)

    def _added(self, node: slicer.vtkMRMLNode) -> None:
        if not self._is_listed(node):
            return
        before = {self._box.itemData(index) for index in range(self._box.count)}
        self._refresh()
        for index in range(self._box.count):
            identifier = self._box.itemData(index)
            if identifier and identifier not in before:
                self.nodeAdded.emit(self._node(identifier))

    def _refresh(self) -> None:
        if not hasattr(self, "_box") or (self._scene is not None and self._scene.IsBatchProcessing()):
            return
        scene = self._scene
        nodes = [scene.GetNthNode(index) for index in range(scene.GetNumberOfNodes())] if scene else []
        nodes = [node for node in nodes if self._shown(node)]
        current = self._box.itemData(self._box.currentIndex)
        items = [(self.noneDisplay, "")] if self.noneEnabled else []
        items += [(node.GetName() or "", node.GetID()) for node in nodes]
        self._watch_names(nodes)
        with QtCore.QSignalBlocker(self._box):
            self._box.clear()
            for text, identifier in items:
                self._box.addItem(text, identifier)
            found = self._box.findData(current) if current else -1
            # Qt's combo box selects the first item that it gets, and the last one when the selected one goes.
            fallback = 0 if self.noneEnabled or not current else len(items) - 1
            self._box.setCurrentIndex(found if found >= 0 else min(fallback, len(items) - 1))
        self._tell()

    def _watch_names(self, nodes: list[slicer.vtkMRMLNode]) -> None:
        for node, tag in getattr(self, "_named", []):
            node.RemoveObserver(tag)
        self._named = [(node, _observe(self, node, vtk.vtkCommand.ModifiedEvent, "_rename")) for node in nodes]

    def _rename(self) -> None:
        for index in range(self._box.count):
            node = self._node(self._box.itemData(index))
            if node:
                self._box.setItemText(index, node.GetName() or "")

    def _tell(self) -> None:
        node = self.currentNode()
        identifier = node.GetID() if node else ""
        if identifier != self._last:
            self._last = identifier
            self.currentNodeChanged.emit(node)
            self._currentNodeIsValid.emit(node is not None)
            self.currentNodeIDChanged.emit(identifier)


def _observe(widget: QtCore.QObject, subject: Any, event: Any, method: str) -> int:
    """Call a widget's method on a VTK event, as long as the widget is there; with the node of a node's event."""
    with_node = event in (slicer.vtkMRMLScene.NodeAddedEvent, slicer.vtkMRMLScene.NodeRemovedEvent)

    def call(_caller: Any, _event: str, node: Any = None) -> None:
        if shiboken6.isValid(widget):
            getattr(widget, method)(*([node] if with_node else []))

    if with_node:
        call.CallDataType = vtk.VTK_OBJECT  # type: ignore[attr-defined]

    return subject.AddObserver(event, call)


# --- CTK ----------------------------------------------------------------------------------------------------------------


class ctkCollapsibleButton(QtWidgets.QAbstractButton):
    """A bar that folds what is in it away; hidden children become visible again as they were."""

    contentsCollapsed = Signal(bool)
    contentsFrameShape = _stored(int, "contentsFrameShape", 0)
    flat = _stored(bool, "flat", False)
    _BAR = 26

    def __init__(self, text: str | QtWidgets.QWidget = "", parent: QtWidgets.QWidget | None = None):
        if isinstance(text, QtWidgets.QWidget):
            text, parent = "", text
        super().__init__(parent)
        self._collapsed = False
        self._hidden_here: list[QtWidgets.QWidget] = []
        self.setText(text)
        self.setCheckable(True)
        self.setChecked(True)
        self.setContentsMargins(0, self._BAR, 0, 0)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Preferred, QtWidgets.QSizePolicy.Policy.Preferred)
        self.toggled.connect(lambda checked: self._fold(not checked))

    @Property(bool)
    def collapsed(self) -> bool:
        return self._collapsed

    @collapsed.setter  # type: ignore[no-redef]
    def collapsed(self, value: bool) -> None:
        self.setChecked(not value)
        self._fold(value)

    def setCollapsed(self, value: bool) -> None:
        self.collapsed = value

    def _fold(self, collapsed: bool) -> None:
        if collapsed == self._collapsed:
            return
        self._collapsed = collapsed
        if collapsed:
            children = [child for child in self.children() if isinstance(child, QtWidgets.QWidget)]
            self._hidden_here = [child for child in children if not child.isHidden()]
            for child in self._hidden_here:
                child.hide()
            self.setMaximumHeight(self._BAR)
        else:
            self.setMaximumHeight(16777215)
            for child in self._hidden_here:
                if shiboken6.isValid(child):
                    child.show()
            self._hidden_here = []
        self.updateGeometry()
        self.contentsCollapsed.emit(collapsed)

    def sizeHint(self) -> QtCore.QSize:
        layout = self.layout()
        if layout is None or self._collapsed:
            return QtCore.QSize(self.fontMetrics().horizontalAdvance(self.text) + 40, self._BAR)
        return layout.totalSizeHint()

    def minimumSizeHint(self) -> QtCore.QSize:
        layout = self.layout()
        return QtCore.QSize(0, self._BAR) if layout is None or self._collapsed else layout.totalMinimumSize()

    def hasHeightForWidth(self) -> bool:
        return self.layout() is not None and not self._collapsed and self.layout().hasHeightForWidth()

    def heightForWidth(self, width: int) -> int:
        return self.layout().totalHeightForWidth(width) if self.hasHeightForWidth() else -1

    def hitButton(self, position: QtCore.QPoint) -> bool:
        return position.y() < self._BAR

    def paintEvent(self, _: QtGui.QPaintEvent) -> None:
        painter = QtWidgets.QStylePainter(self)
        option = QtWidgets.QStyleOptionButton()
        option.initFrom(self)
        option.rect = QtCore.QRect(0, 0, self.width, self._BAR)
        option.state |= QtWidgets.QStyle.StateFlag.State_Raised
        painter.drawControl(QtWidgets.QStyle.ControlElement.CE_PushButtonBevel, option)
        arrow = QtWidgets.QStyleOption()
        arrow.initFrom(self)
        arrow.rect = QtCore.QRect(6, (self._BAR - 12) // 2, 12, 12)
        element = QtWidgets.QStyle.PrimitiveElement
        painter.drawPrimitive(
            element.PE_IndicatorArrowRight if self._collapsed else element.PE_IndicatorArrowDown, arrow
        )
        area = QtCore.QRect(24, 0, self.width - 28, self._BAR)
        painter.drawText(area, int(_Qt.AlignmentFlag.AlignVCenter | _Qt.TextFlag.TextShowMnemonic), self.text)


class ctkCollapsibleGroupBox(QtWidgets.QGroupBox):
    """A group box whose check mark folds it."""

    collapsedHeight = _stored(int, "collapsedHeight", 14)

    def __init__(self, title: str | QtWidgets.QWidget = "", parent: QtWidgets.QWidget | None = None):
        super().__init__(parent) if isinstance(title, str) else super().__init__(title)
        if isinstance(title, str):
            self.setTitle(title)
        self._hidden_here: list[QtWidgets.QWidget] = []
        self.setCheckable(True)
        self.setChecked(True)
        self.toggled.connect(self._fold)

    def showEvent(self, event: QtGui.QShowEvent) -> None:
        # What was put into a folded box is hidden, too.
        if not self.isChecked() and not self._hidden_here:
            self._fold(False)
        super().showEvent(event)

    @Property(bool)
    def collapsed(self) -> bool:
        return not self.isChecked()

    @collapsed.setter  # type: ignore[no-redef]
    def collapsed(self, value: bool) -> None:
        self.setChecked(not value)

    def setCollapsed(self, value: bool) -> None:
        self.setChecked(not value)

    def _fold(self, opened: bool) -> None:
        if opened:
            for child in self._hidden_here:
                if shiboken6.isValid(child):
                    child.show()
            self._hidden_here = []
        else:
            children = [child for child in self.children() if isinstance(child, QtWidgets.QWidget)]
            self._hidden_here = [child for child in children if not child.isHidden()]
            for child in self._hidden_here:
                child.hide()
        self.setMaximumHeight(16777215 if opened else self.fontMetrics().height() + self.collapsedHeight)


class ctkPathLineEdit(QtWidgets.QWidget):
    """A path, typed or browsed for; `filters` says of what, `nameFilters` are those of a file dialog.

    An empty path is no valid input (CTK's validator wants a letter): `currentPathChanged` does not tell of it, only
    `validInputChanged` does, and the line edit inside does not emit `editingFinished` for it.
    """

    currentPathChanged = Signal(str)
    validInputChanged = Signal(bool)
    showBrowseButton = _stored(bool, "showBrowseButton", True)
    showHistoryButton = _stored(bool, "showHistoryButton", True)
    settingKey = _stored(str, "settingKey", "")
    label = _stored(str, "label", "")
    nameFilters = _stored("QStringList", "nameFilters", [])

    class Filter(enum.IntFlag):
        Dirs, Files, Drives, NoSymLinks = 0x001, 0x002, 0x004, 0x008
        Readable, Writable, Executable = 0x010, 0x020, 0x040
        Modified, Hidden, System = 0x080, 0x100, 0x200

    Dirs, Files, Readable, Writable = Filter.Dirs, Filter.Files, Filter.Readable, Filter.Writable
    filters = _stored(int, "filters", int(Filter.Dirs | Filter.Files))

    def __init__(self, parent: QtWidgets.QWidget | None = None):
        super().__init__(parent)
        self._history = QtWidgets.QComboBox(self)
        self._history.setEditable(True)
        self._history.setInsertPolicy(QtWidgets.QComboBox.InsertPolicy.NoInsert)
        self._edit.setValidator(QtGui.QRegularExpressionValidator(QtCore.QRegularExpression(".+"), self))
        self._valid = False
        self._browse = QtWidgets.QToolButton(self)
        self._browse.setText("...")
        self._browse.clicked.connect(self.browse)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._history, 1)
        layout.addWidget(self._browse)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Expanding, QtWidgets.QSizePolicy.Policy.Fixed)
        self.setFocusProxy(self._history)
        self._edit.textChanged.connect(lambda _text: self._changed())

    @property
    def _edit(self) -> QtWidgets.QLineEdit:
        # Asked for each time: PySide forgets it where the widget around this one is only known to Qt.
        return self._history.lineEdit()

    def _changed(self) -> None:
        before, self._valid = self._valid, self._edit.hasAcceptableInput()
        if self._valid:
            self.currentPathChanged.emit(self.currentPath)
        if self._valid != before:
            self.validInputChanged.emit(self._valid)

    @Property(str)
    def currentPath(self) -> str:
        return self._edit.text

    @currentPath.setter  # type: ignore[no-redef]
    def currentPath(self, path: str) -> None:
        self._edit.setText(path)

    def setCurrentPath(self, path: str) -> None:
        self._edit.setText(path)

    def addCurrentPathToHistory(self) -> None:
        if self.settingKey:
            QtCore.QSettings().setValue(self.settingKey, [self.currentPath])

    def browse(self) -> None:
        dialog = QtWidgets.QFileDialog
        if self.filters & self.Filter.Files:
            path, _ = dialog.getOpenFileName(self, self.label, self.currentPath, ";;".join(self.nameFilters))
        else:
            path = dialog.getExistingDirectory(self, self.label, self.currentPath)
        if path:
            self.currentPath = path


class ctkDirectoryButton(QtWidgets.QWidget):
    """A button with a folder's name that asks for another."""

    directoryChanged = Signal(str)
    directorySelected = Signal(str)
    directory = _stored(str, "directory", "", "directoryChanged")
    caption = _stored(str, "caption", "")


class ctkFittedTextBrowser(QtWidgets.QTextBrowser):
    """A text browser as high as its text."""

    collapsed = _stored(bool, "collapsed", False)

    def heightForWidth(self, width: int) -> int:
        document = self.document().clone()
        document.setTextWidth(width - 2 * self.frameWidth)
        return int(document.size().height()) + 2 * self.frameWidth


class ctkMessageBox(QtWidgets.QMessageBox):
    """A message box with "do not show again"."""

    dontShowAgain = _stored(bool, "dontShowAgain", False)
    dontShowAgainVisible = _stored(bool, "dontShowAgainVisible", False)
    dontShowAgainSettingsKey = _stored(str, "dontShowAgainSettingsKey", "")


class ctkSliderWidget(QtWidgets.QWidget):
    """A slider with a spin box, for numbers with decimals."""

    valueChanged = Signal(float)

    def __init__(self, parent: QtWidgets.QWidget | None = None):
        super().__init__(parent)
        self._box = QtWidgets.QDoubleSpinBox(self)
        self._box.setRange(0, 99)
        self._slider = QtWidgets.QSlider(_Qt.Orientation.Horizontal, self)
        self._slider.setRange(0, 1000)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._slider)
        layout.addWidget(self._box)
        self._box.valueChanged.connect(self._moved)
        self._slider.sliderMoved.connect(lambda at: self._box.setValue(self.minimum + at / 1000 * self._span))

    value = Property(float, lambda self: self._box.value, lambda self, value: self._box.setValue(value))
    minimum = Property(float, lambda self: self._box.minimum, lambda self, value: self._box.setMinimum(value))
    maximum = Property(float, lambda self: self._box.maximum, lambda self, value: self._box.setMaximum(value))
    singleStep = Property(float, lambda self: self._box.singleStep, lambda self, value: self._box.setSingleStep(value))
    decimals = Property(int, lambda self: self._box.decimals, lambda self, value: self._box.setDecimals(value))
    suffix = Property(str, lambda self: self._box.suffix, lambda self, value: self._box.setSuffix(value))

    def setValue(self, value: float) -> None:
        self._box.setValue(value)

    @property
    def _span(self) -> float:
        return self.maximum - self.minimum

    def _moved(self, value: float) -> None:
        if self._span:
            self._slider.setValue(round((value - self.minimum) / self._span * 1000))
        self.valueChanged.emit(value)


class ctkDoubleSpinBox(QtWidgets.QDoubleSpinBox):
    pass


class qMRMLSpinBox(ctkDoubleSpinBox):
    pass


class qMRMLSliderWidget(ctkSliderWidget):
    pass


class ctkComboBox(QtWidgets.QComboBox):
    """A combo box that says what to choose while nothing is chosen, and shortens what is chosen to its width."""

    defaultText = _stored(str, "defaultText", "")
    elideMode = _stored(int, "elideMode", int(_Qt.TextElideMode.ElideNone.value), "update")

    def paintEvent(self, _: QtGui.QPaintEvent) -> None:
        painter = QtWidgets.QStylePainter(self)
        option = QtWidgets.QStyleOptionComboBox()
        self.initStyleOption(option)
        style = QtWidgets.QStyle
        room = self.style().subControlRect(
            style.ComplexControl.CC_ComboBox, option, style.SubControl.SC_ComboBoxEditField
        )
        text, mode = option.currentText or self.defaultText, _Qt.TextElideMode(self.elideMode)
        option.currentText = self.fontMetrics().elidedText(text, mode, room.width())
        painter.drawComplexControl(style.ComplexControl.CC_ComboBox, option)
        painter.drawControl(style.ControlElement.CE_ComboBoxLabel, option)


class ctkCheckBox(QtWidgets.QCheckBox):
    pass


class ctkCheckablePushButton(QtWidgets.QPushButton):
    checkBoxControlsButtonToggleState = _stored(bool, "checkBoxControlsButtonToggleState", False)


# Slicer's parameter node asks a widget whether it is one of these; the module has none of them.
def _unused(name: str) -> type:
    return type(name, (QtWidgets.QWidget,), {"__module__": __name__})


_ONLY_NAMED = ("ctkDoubleSlider", "ctkRangeWidget", "ctkDoubleRangeSlider", "ctkColorPickerButton", "qMRMLRangeWidget")


def install(slicer_module: Any, add_module: Callable[[str], Any]) -> tuple[type, ...]:
    """Put the stand-ins where Slicer has them (`slicer.qMRML…`, `ctk.ctk…`) and return them."""
    ctk = add_module("ctk")
    kinds = [kind for kind in globals().values() if isinstance(kind, type) and kind.__module__ == __name__]
    for kind in [*kinds, *map(_unused, _ONLY_NAMED)]:
        setattr(ctk if kind.__name__.startswith("ctk") else slicer_module, kind.__name__, kind)
    return tuple(kinds)
