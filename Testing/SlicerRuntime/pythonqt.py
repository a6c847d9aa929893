"""PySide6 with PythonQt's habits, as the module `qt`.

PythonQt, through which Slicer shows Qt to Python, differs from PySide6 in these things, which are given to PySide6's own
classes here, so that objects that Qt makes itself (a table's header, a layout's item) have them too:

- a property is an attribute: `button.text` is a string, `button.text = "Start"` sets it, and `button.text()` fails;
- `name` is another word for `objectName`; `className()` names the class;
- an attribute that the class does not have cannot be added to an object of Qt's own classes;
- `widget.connect("clicked(bool)", f)` and `disconnect` take a signal by its signature; `f` is called with as many arguments
  as it has parameters, those with defaults among them.

Two things are stricter here, so that a test fails where Slicer would only be silent: connecting to a signal that is not
there raises (PythonQt returns False), and an exception in a slot is kept for the test (Slicer prints it).
"""

from __future__ import annotations

import ctypes
import enum
import inspect
import re
import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import shiboken6
from PySide6 import QtCore, QtGui, QtNetwork, QtUiTools, QtWidgets

_MODULES = (QtCore, QtGui, QtWidgets, QtNetwork, QtUiTools)
_read, _write = QtCore.QObject.property, QtCore.QObject.setProperty
_get = QtCore.QObject.__getattribute__
_set = shiboken6.Object.__setattr__
_loading: list[bool] = []
# What is being read: for a virtual getter (`sizeHint`) Qt asks Python for a method of that name, which is not the property.
_reading: set[tuple[int, str]] = set()
# (C++ object, signature, callable, what Qt really calls): a wrapper of a C++ object has no lasting identity in Python.
_connections: list[tuple[int, str, Callable[..., Any], Callable[..., Any]]] = []
# The items of layouts that were asked for and are not forgotten yet.
_layout_items: list[shiboken6.Object] = []


class _Property:
    """A Qt property as an attribute; on the class itself it is the method that it hides (`QTimer.singleShot`)."""

    def __init__(self, name: str, writable: bool, hidden: Any, kind: str = ""):
        self.name, self.writable, self.hidden, self.kind = name, writable, hidden, kind

    def __get__(self, instance: Any, owner: type) -> Any:
        key = (id(instance), self.name)
        if instance is None or key in _reading:
            return self.hidden.__get__(instance, owner) if hasattr(self.hidden, "__get__") else self.hidden
        _reading.add(key)
        try:
            return _read(instance, self.name)
        finally:
            _reading.discard(key)

    def __set__(self, instance: Any, value: Any) -> None:
        kind = type(instance).__name__
        if not self.writable:
            raise AttributeError(f"Property '{self.name}' of {kind} object is not writable")
        odd = self.kind in ("int", "double") and not isinstance(value, (int, float, enum.Enum))
        if odd or not _write(instance, self.name, value):
            raise AttributeError(f"Property '{self.name}' of {kind} does not accept {value!r} ({type(value).__name__})")


def _normalized(signature: str) -> str:
    return re.sub(r"\bconst\b|&|\s", "", signature)


def _signal(sender: QtCore.QObject, signature: str) -> Any:
    """The bound signal of this signature; a stand-in names its own in `signatures`, for types that Qt does not know here."""
    signature = _normalized(signature)
    named = getattr(type(sender), "signatures", {}).get(signature)
    if named:
        return _get(sender, named)
    if sender.metaObject().indexOfSignal(signature) < 0:
        raise ValueError(f"{type(sender).__name__} has no signal {signature}")
    name, _, parameters = signature[:-1].partition("(")
    bound = _get(sender, name)
    meta = sender.metaObject()
    methods = (meta.method(index) for index in range(meta.methodCount()))
    signatures = (bytes(method.methodSignature().data()).decode() for method in methods)
    variants = [found for found in signatures if found.startswith(f"{name}(")]
    # `clicked()` is `clicked(bool)` with its argument left out, as `_connect` leaves it out.
    return bound[parameters] if parameters and len(variants) > 1 else bound


def _parameters(function: Callable[..., Any]) -> int | None:
    """How many arguments PythonQt passes on: all (None) to what is no plain function or method, or takes `*args`."""
    if not inspect.isroutine(function) or not hasattr(function, "__code__"):
        return None
    if function.__code__.co_flags & inspect.CO_VARARGS:
        return None
    return function.__code__.co_argcount - (1 if inspect.ismethod(function) else 0)


def _connect(sender: QtCore.QObject, signature: str, *receiver: Any) -> bool:
    if len(receiver) == 2:
        target, slot = receiver
        function = _get(target, slot.partition("(")[0])
        limit = slot.count(",") + 1 if slot.partition("(")[2].strip(") ") else 0
    else:
        (function,) = receiver
        limit = _parameters(function)
    carried = signature.count(",") + 1 if signature.partition("(")[2].strip(") ") else 0
    limit = carried if limit is None else min(limit, carried)

    def call(*arguments: Any) -> None:
        function(*arguments[:limit])

    _signal(sender, signature).connect(call)
    _connections.append((shiboken6.getCppPointer(sender)[0], _normalized(signature), function, call))
    return True


def _disconnect(sender: QtCore.QObject, signature: str, *receiver: Any) -> bool:
    function = receiver[0] if len(receiver) == 1 else _get(receiver[0], receiver[1].partition("(")[0])
    key = (shiboken6.getCppPointer(sender)[0], _normalized(signature), function)
    for index in range(len(_connections) - 1, -1, -1):
        if _connections[index][:3] == key:
            _signal(sender, signature).disconnect(_connections.pop(index)[3])
            return True
    return False


def _getattribute(self: QtCore.QObject, name: str) -> Any:
    if name in _HANDS_OUT_ITEMS and isinstance(self, QtWidgets.QLayout):
        return _noting_items(_get(self, name))
    ours = _OURS.get(name)
    if ours is None:
        return _get(self, name)

    def either(*arguments: Any) -> Any:
        # Qt itself, in `QTimer.singleShot`, connects by PySide6's method, whose first argument is the sender.
        return ours(self, *arguments) if isinstance(arguments[0], str) else _get(self, name)(*arguments)

    return either


def _noting_items(method: Callable[..., Any]) -> Callable[..., Any]:
    """A layout's method that keeps what it returns for `forget_layout_items`."""

    def noting(*arguments: Any) -> Any:
        found = method(*arguments)
        if type(found) in (QtWidgets.QWidgetItem, QtWidgets.QSpacerItem, QtWidgets.QLayoutItem):
            _layout_items.append(found)
        return found

    return noting


_OURS = {"connect": _connect, "disconnect": _disconnect}
_HANDS_OUT_ITEMS = frozenset({"itemAt", "itemAtPosition", "takeAt"})


def _setattr(self: QtCore.QObject, name: str, value: Any) -> None:
    kind = type(self)
    of_qt = kind.__module__.startswith("PySide6") or (is_stand_in(kind) and not name.startswith("_"))
    if of_qt and not hasattr(kind, name):
        if _loading:  # PySide6's loader offers the children as attributes of their window, which PythonQt does not
            return
        if self.property(name) is not None:
            self.setProperty(name, value)
            return
        raise AttributeError(
            f"'{name}' does not exist on {kind.__name__} and creating new attributes on C++ objects is not allowed"
        )
    if isinstance(getattr(kind, name, None), QtCore.Property):
        _Property(name, True, None).__set__(self, list(value) if isinstance(value, tuple) else value)
    else:
        _set(self, name, value)


def is_stand_in(kind: type) -> bool:
    """Whether a class stands in for one that Slicer has in C++ (and is not itself derived from one)."""
    return kind.__module__.startswith(f"{__package__}.")


def _teach(kind: type) -> None:
    """Give one of Qt's classes its properties as attributes, and PythonQt's strictness."""
    meta = kind.staticMetaObject
    for index in range(meta.propertyCount()):
        found = meta.property(index)
        name = found.name()
        # A property of its own, or one whose getter the class overrides (`QHeaderView.sizeHint`).
        if index >= meta.propertyOffset() or name in kind.__dict__:
            hidden = kind.__dict__.get(name, getattr(kind, name, None))
            setattr(kind, name, _Property(name, found.isWritable(), hidden, found.typeName()))
    kind.__setattr__ = _setattr
    kind.__delattr__ = lambda self, name: shiboken6.Object.__delattr__(self, name)


@contextmanager
def _no_new_attributes() -> Iterator[None]:
    _loading.append(True)
    try:
        yield
    finally:
        _loading.pop()


class QUiLoader(QtUiTools.QUiLoader):
    """Loads `.ui` files with the stand-ins for Slicer's widgets.

    A selector gets the scene of the widget around it only where the file connects `mrmlSceneChanged(vtkMRMLScene*)` with its
    `setMRMLScene(vtkMRMLScene*)`, as in Slicer.
    """

    stand_ins: tuple[type, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        for kind in self.stand_ins:
            self.registerCustomWidget(kind)

    def load(self, file: QtCore.QIODevice, parent: QtWidgets.QWidget | None = None) -> QtWidgets.QWidget:
        from xml.etree import ElementTree

        tree = ElementTree.fromstring(bytes(file.readAll().data()))
        kinds = {kind.__name__: kind for kind in self.stand_ins}
        for flags in [each for each in tree.iter("set") if (each.text or "").partition("::")[0] in kinds]:
            # A flag of a class that Qt has no enumeration of here: its number says the same.
            names = [text.split("::") for text in (flags.text or "").split("|")]
            flags.tag, flags.text = "number", str(sum(getattr(kinds[kind], name) for kind, name in names))
        own = []
        for connections in tree.findall("connections"):
            for connection in list(connections):
                ends = tuple(connection.findtext(part, "") for part in ("sender", "signal", "receiver", "slot"))
                if "vtkMRML" in ends[1] or "vtkMRML" in ends[3]:
                    own.append(ends)
                    connections.remove(connection)
        buffer = QtCore.QBuffer()
        buffer.setData(ElementTree.tostring(tree))
        buffer.open(QtCore.QIODevice.OpenModeFlag.ReadOnly)
        with _no_new_attributes():
            widget = super().load(buffer, parent)
        if widget is None:
            raise RuntimeError(self.errorString())
        known = {child.objectName: child for child in [widget, *widget.findChildren(QtWidgets.QWidget)]}
        for sender, signal, receiver, slot in own:
            known[sender].connect(signal, known[receiver], slot)
        return widget


def _keep_constants() -> None:
    """Python before 3.12 frees None when no references to it are counted; PySide6 6.12 counts as if it never did."""
    if sys.version_info < (3, 12):
        for constant in (None, True, False):
            ctypes.c_ssize_t.from_address(id(constant)).value += 1 << 40


def forget_layout_items() -> None:
    """Let Python know no item of a layout any more, after a panel has asked for some.

    They are no QObjects, so PySide6 does not hear of their end. It would take the next widget in the same place of memory for
    the item.
    """
    while _layout_items:
        shiboken6.invalidate(_layout_items.pop())


def install() -> types.ModuleType:
    """Teach PySide6 and put the module `qt` among the modules; once a process."""
    if "qt" in sys.modules:
        return sys.modules["qt"]
    _keep_constants()
    QtCore.QObject.__getattribute__ = _getattribute
    for module in _MODULES:
        for name in dir(module):
            kind = getattr(module, name)
            if isinstance(kind, type) and issubclass(kind, QtCore.QObject):
                _teach(kind)
    QtCore.QObject.name = _Property("objectName", True, None)
    QtCore.QObject.className = lambda self: self.metaObject().className()
    for kind in (QtWidgets.QDialog, QtWidgets.QMenu, QtCore.QCoreApplication):
        kind.exec_ = lambda self, *arguments: self.exec(*arguments)

    qt = types.ModuleType("qt", __doc__)

    def find(name: str) -> Any:
        for module in _MODULES:
            if hasattr(module, name):
                return getattr(module, name)
        raise AttributeError(f"module 'qt' has no attribute '{name}'")

    qt.__getattr__ = find
    qt.QUiLoader = QUiLoader
    sys.modules["qt"] = qt
    return qt
