"""Stands in for Slicer's parameter nodes: a class whose typed members are kept in a vtkMRMLScriptedModuleNode.

What a member may be: int, float, str, bool, pathlib.Path, an Enum, a MRML node, a union of these with None, a list of these.
They are written into the node as Slicer writes them, so that a scene means the same to both.
"""

from __future__ import annotations

import enum
import logging
import pathlib
import types
import typing
import weakref
from collections.abc import MutableSequence
from typing import Annotated

import ctk
import qt
import slicer
import slicer.util
import vtk

__all__ = [
    "Choice",
    "Decimals",
    "Default",
    "Exclude",
    "IsInstance",
    "Maximum",
    "Minimum",
    "NotNone",
    "SingleStep",
    "SlicerParameterNamePropertyName",
    "Validator",
    "WithinRange",
    "isParameterNodeWrapper",
    "parameterNodeWrapper",
]

SlicerParameterNamePropertyName = "SlicerParameterName"


# --- annotations ------------------------------------------------------------------------------------------------------


class Default:
    def __init__(self, value=None, *, generator=None):
        self._value, self._generator = value, generator

    @property
    def value(self):
        return self._generator() if self._generator else self._value


class Decimals:
    def __init__(self, value):
        self.value = value


class SingleStep(Decimals):
    pass


class Validator:
    def validate(self, value):
        raise NotImplementedError


class NotNone(Validator):
    def validate(self, value):
        if value is None:
            raise ValueError("Value must not be None")


class IsInstance(Validator):
    def __init__(self, classtype):
        self.classtype = classtype

    def validate(self, value):
        if value is not None and not isinstance(value, self.classtype):
            raise TypeError(f"Value must be of type '{self.classtype}', is type '{type(value)}' value '{value}'")


class WithinRange(Validator):
    def __init__(self, minimum, maximum):
        self.minimum, self.maximum = minimum, maximum

    def validate(self, value):
        if not self.minimum <= value <= self.maximum:
            raise ValueError(f"Value must be within range [{self.minimum}, {self.maximum}], is {value}")


class Minimum(Validator):
    def __init__(self, minimum):
        self.minimum = minimum

    def validate(self, value):
        if value < self.minimum:
            raise ValueError(f"Value must be at least {self.minimum}, is {value}")


class Maximum(Validator):
    def __init__(self, maximum):
        self.maximum = maximum

    def validate(self, value):
        if value > self.maximum:
            raise ValueError(f"Value must be at most {self.maximum}, is {value}")


class Choice(Validator):
    def __init__(self, choices):
        self.choices = choices

    def validate(self, value):
        if value not in self.choices:
            raise ValueError(f"Value is {value}, but must be in one of the following: {self.choices}")


class Exclude(Validator):
    def __init__(self, excludedValues):
        self.excludedValues = excludedValues

    def validate(self, value):
        if value in self.excludedValues:
            raise ValueError(f"Value is {value}, which is excluded")


def _split(annotated):
    kind, *annotations = typing.get_args(Annotated[annotated, None])[:-1]
    return kind, annotations


def _find(annotations, kind):
    return next((each for each in annotations if type(each) is kind), None)


def _is_union(kind):
    return typing.get_origin(kind) in (typing.Union, types.UnionType)


def _is_node(kind):
    return isinstance(kind, type) and issubclass(kind, slicer.vtkMRMLNode)


# --- how a value is written into the node ----------------------------------------------------------------------------


class _Text:
    """One parameter of the node, as text."""

    def __init__(self, kind, to_text, from_text, default, allowed=None):
        self.kind, self.to_text, self.from_text, self.zero = kind, to_text, from_text, default
        self.validators = [NotNone(), IsInstance(allowed or kind)]

    def default(self):
        return self.zero

    def isIn(self, node, name):
        return node.HasParameter(name)

    def write(self, node, name, value):
        for validator in self.validators:
            validator.validate(value)
        node.SetParameter(name, self.to_text(value))

    def read(self, node, name):
        return self.from_text(node.GetParameter(name))

    def remove(self, node, name):
        node.UnsetParameter(name)


class _Node(_Text):
    """A reference to a node, beside an empty parameter that says that it was set (to None, perhaps)."""

    def __init__(self, kind):
        self.validators, self.zero, self.kind = [IsInstance(kind)], None, kind

    def write(self, node, name, value):
        for validator in self.validators:
            validator.validate(value)
        node.SetParameter(name, "")
        node.SetNodeReferenceID(name, value.GetID() if value is not None else None)

    def read(self, node, name):
        return node.GetNodeReference(name)

    def remove(self, node, name):
        node.UnsetParameter(name)
        node.RemoveNodeReferenceIDs(name)


class _Union:
    """A value of one of several types, under the type's number; None is one."""

    def __init__(self, members):
        self.members = members
        self.validators = []

    def default(self):
        return None if len(self.members) == 2 and self.members[1].kind is type(None) else self.members[0].default()

    def isIn(self, node, name):
        return any(member.isIn(node, f"{name}.{n}") for n, member in enumerate(self.members))

    def write(self, node, name, value):
        for validator in self.validators:
            validator.validate(value)
        for n, member in enumerate(self.members):
            if isinstance(value, member.kind):
                with slicer.util.NodeModify(node):
                    self.remove(node, name)
                    member.write(node, f"{name}.{n}", value)
                return
        raise TypeError(f"Unable to write value '{value}' of type '{type(value)}'")

    def read(self, node, name):
        for n, member in enumerate(self.members):
            if member.isIn(node, f"{name}.{n}"):
                return member.read(node, f"{name}.{n}")
        raise KeyError(f"Unable to find value for name: {name}")

    def remove(self, node, name):
        for n, member in enumerate(self.members):
            member.remove(node, f"{name}.{n}")


class _List:
    """Elements under their numbers, and their count under `.len`."""

    kind = list

    def __init__(self, element):
        self.element, self.validators = element, []

    def default(self):
        return []

    def isIn(self, node, name):
        return node.HasParameter(f"{name}.len")

    def write(self, node, name, values):
        for validator in self.validators:
            validator.validate(values)
        with slicer.util.NodeModify(node):
            before = int(node.GetParameter(f"{name}.len") or 0)
            for n, value in enumerate(values):
                self.element.write(node, f"{name}.{n}", value)
            node.SetParameter(f"{name}.len", str(len(values)))
            for n in range(len(values), before):
                self.element.remove(node, f"{name}.{n}")

    def read(self, node, name):
        count = int(node.GetParameter(f"{name}.len") or 0)
        return _ObservedList(node, self, name, [self.element.read(node, f"{name}.{n}") for n in range(count)])

    def remove(self, node, name):
        for n in range(int(node.GetParameter(f"{name}.len") or 0)):
            self.element.remove(node, f"{name}.{n}")
        node.UnsetParameter(f"{name}.len")


class _ObservedList(MutableSequence):
    """A list that writes every change into the node."""

    def __init__(self, node, serializer, name, values):
        self._node, self._serializer, self._name, self._list = node, serializer, name, values

    def _save(self):
        self._serializer.write(self._node, self._name, self._list)

    def __eq__(self, other):
        return self._list == (other._list if isinstance(other, _ObservedList) else other)

    __hash__ = None

    def __repr__(self):
        return f"ObservedList({self._list})"

    def __len__(self):
        return len(self._list)

    def __getitem__(self, index):
        return self._list[index]

    def __setitem__(self, index, value):
        self._list[index] = value
        self._save()

    def __delitem__(self, index):
        del self._list[index]
        self._save()

    def insert(self, index, value):
        self._list.insert(index, value)
        self._save()


def _serializer(annotated):
    kind, annotations = _split(annotated)
    if kind is int:
        serializer = _Text(int, str, int, 0)
    elif kind is float:
        serializer = _Text(float, str, float, 0, (int, float))
    elif kind is str:
        serializer = _Text(str, str, str, "")
    elif kind is bool:
        serializer = _Text(bool, lambda value: "True" if value else "False", lambda text: text == "True", False)
    elif kind is type(None):
        serializer = _Text(kind, lambda _: "", lambda _: None, None)
        serializer.validators = []
    elif isinstance(kind, type) and issubclass(kind, pathlib.PurePath):
        serializer = _Text(kind, str, kind, kind())
    elif isinstance(kind, type) and issubclass(kind, enum.Enum):
        serializer = _Text(kind, lambda value: value.name, lambda text: kind[text], next(iter(kind)))
    elif _is_node(kind):
        serializer = _Node(kind)
    elif _is_union(kind):
        serializer = _Union([_serializer(each) for each in typing.get_args(kind)])
    elif typing.get_origin(kind) is list:
        serializer = _List(_serializer(typing.get_args(kind)[0]))
    else:
        raise Exception(f"Unable to create serializer for type: {kind}")
    serializer.validators = serializer.validators + [each for each in annotations if isinstance(each, Validator)]
    return serializer


# --- widgets ----------------------------------------------------------------------------------------------------------


class _Connector:
    """A widget's value: the attribute that holds it, the signal that tells of it, and how it is put in."""

    def __init__(self, widget, read, write, signal):
        self.widget, self.read, self.write, self.signal = widget, read, write, signal
        self.slot = None

    def onChanged(self, callback):
        if self.signal is None:
            return
        if self.slot is not None:
            self.signal.disconnect(self.slot)
        self.slot = None if callback is None else (lambda *_: callback())
        if self.slot is not None:
            self.signal.connect(self.slot)


def _attribute(widget, name, signal, convert=lambda value: value):
    return _Connector(
        widget, lambda: convert(getattr(widget, name)), lambda value: setattr(widget, name, value), signal
    )


def _ranged(widget, kind, annotations):
    whole = type(widget) in (qt.QSpinBox, qt.QSlider)
    within, low, high = (_find(annotations, each) for each in (WithinRange, Minimum, Maximum))
    minimum = within.minimum if within else low.minimum if low else None
    maximum = within.maximum if within else high.maximum if high else None
    if (minimum is None or maximum is None) and type(widget) in (qt.QSlider, ctk.ctkSliderWidget):
        raise RuntimeError("Cannot have a connection to a slider where the type is unbounded.")
    if not whole and kind is int:
        widget.decimals = 0
    for annotation, name in ((Decimals, "decimals"), (SingleStep, "singleStep")):
        if (found := _find(annotations, annotation)) is not None:
            setattr(widget, name, found.value)
    widget.minimum = minimum if minimum is not None else -(2**31) if whole else float("-inf")
    widget.maximum = maximum if maximum is not None else 2**31 - 1 if whole else float("inf")
    return _attribute(widget, "value", widget.valueChanged, int if kind is int else float)


def _chosen(widget, choices, labels):
    widget.clear()
    for label in labels:
        widget.addItem(label)

    def write(value):
        if value not in choices:
            raise ValueError(f"Unable to find value {value} in choices {choices}")
        widget.currentIndex = choices.index(value)

    return _Connector(widget, lambda: choices[widget.currentIndex], write, widget.currentIndexChanged)


def _connector(widget, annotated):
    kind, annotations = _split(annotated)
    of = type(widget)
    if kind is bool and of in (qt.QCheckBox, ctk.ctkCheckBox):
        return _attribute(widget, "checked", widget.toggled)
    if kind is bool and of is qt.QPushButton:
        widget.checkable = True
        return _attribute(widget, "checked", widget.toggled)
    if (kind is int and of in (qt.QSpinBox, qt.QSlider)) or (
        kind in (int, float)
        and of in (qt.QDoubleSpinBox, ctk.ctkDoubleSpinBox, ctk.ctkSliderWidget, slicer.qMRMLSliderWidget)
    ):
        return _ranged(widget, kind, annotations)
    if of in (qt.QComboBox, ctk.ctkComboBox):
        if isinstance(kind, type) and issubclass(kind, enum.Enum):
            label = getattr(kind, "label", lambda each: each.name)
            return _chosen(widget, list(kind), [label(each) for each in kind])
        if kind in (int, float, str, bool):
            choice = _find(annotations, Choice)
            if choice is None:
                raise RuntimeError("ComboBoxToStringableConnector requires the Choice annotation to be used.")
            return _chosen(widget, list(choice.choices), [str(each) for each in choice.choices])
    if kind is str and of is qt.QLineEdit:
        return _attribute(widget, "text", widget.textChanged)
    if kind is str and of is qt.QLabel:
        return _attribute(widget, "text", None)
    if kind is str and of is qt.QTextEdit:
        return _attribute(widget, "plainText", widget.textChanged)
    if isinstance(kind, type) and issubclass(kind, pathlib.PurePath):
        name = {ctk.ctkPathLineEdit: "currentPath", ctk.ctkDirectoryButton: "directory"}.get(of)
        if name:
            connector = _attribute(widget, name, getattr(widget, f"{name}Changed"), kind)
            connector.write = lambda value: setattr(widget, name, str(value))
            return connector
    if of is slicer.qMRMLNodeComboBox:
        members = [_split(each)[0] for each in typing.get_args(kind)] if _is_union(kind) else [kind]
        nodes = [each for each in members if _is_node(each)]
        if nodes and all(each is type(None) or each in nodes for each in members):
            widget.nodeTypes = [each().GetClassName() for each in nodes]
            return _Connector(widget, widget.currentNode, widget.setCurrentNode, widget.currentNodeChanged)
    raise RuntimeError(f"Unable to create GUI connector from datatype '{annotated}' to widget type '{of}'.")


# --- the class --------------------------------------------------------------------------------------------------------


def isParameterNodeWrapper(classOrObj):
    return getattr(classOrObj, "_is_parameter_node_wrapper", False)


class _Wrapper:
    """What a decorated class can do besides its own members."""

    _is_parameter_node_wrapper = True

    def __init__(self, parameterNode, prefix=None):
        self.parameterNode = parameterNode
        self._prefix = prefix or ""
        self._guis = {}
        self._tags = {}
        self._next = 0
        self._updating = False
        for name, (serializer, default, _) in self.allParameters.items():
            if not serializer.isIn(parameterNode, self._prefix + name):
                serializer.write(parameterNode, self._prefix + name, default.value)
        # As in Slicer, values are those of the node's last modification: a reference to a node that comes later is still
        # None, until the node is modified again or wrapped anew.
        self._values = {}
        self._remember()
        myself = weakref.ref(self)
        self._observer = parameterNode.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda *_: myself()._remember())

    def __del__(self):
        if hasattr(self, "_observer"):
            self.parameterNode.RemoveObserver(self._observer)

    def _remember(self):
        for name, (serializer, _, _) in self.allParameters.items():
            if serializer.isIn(self.parameterNode, self._prefix + name):
                self._values[name] = serializer.read(self.parameterNode, self._prefix + name)

    def _member(self, name):
        if name not in self.allParameters:
            raise ValueError(f"Cannot find a param with the given name: {name}")
        return self.allParameters[name]

    def default(self, paramName):
        return self._member(paramName)[1]

    def dataType(self, paramName):
        return self._member(paramName)[2]

    def getValue(self, name):
        self._member(name)
        return self._values[name]

    def setValue(self, name, value):
        with slicer.util.NodeModify(self.parameterNode):
            serializer = self._member(name)[0]
            serializer.write(self.parameterNode, self._prefix + name, value)
            self._values[name] = serializer.read(self.parameterNode, self._prefix + name)

    def connectGui(self, gui):
        widgets = gui.findChildren(qt.QWidget) if isinstance(gui, qt.QWidget) else list(vars(gui).values())
        named = ((widget.property(SlicerParameterNamePropertyName), widget) for widget in widgets)
        return self.connectParametersToGui({name: widget for name, widget in named if name})

    def connectParametersToGui(self, mapping):
        connectors = {name: _connector(widget, self.dataType(name)) for name, widget in mapping.items()}
        tag = self._next
        self._next += 1
        self._guis[tag] = connectors
        for name, connector in connectors.items():
            connector.write(self.getValue(name))
            connector.onChanged(lambda name=name, connector=connector: self._gui_changed(name, connector))
        self._tags[tag] = self.AddObserver(vtk.vtkCommand.ModifiedEvent, lambda *_: self._update_guis())
        return tag

    def disconnectGui(self, guiTag):
        for connector in self._guis.pop(guiTag, {}).values():
            connector.onChanged(None)
        if guiTag in self._tags:
            self.RemoveObserver(self._tags.pop(guiTag))

    def _gui_changed(self, name, connector):
        if not self._updating:
            self.setValue(name, connector.read())

    def _update_guis(self):
        if self._updating:
            return
        self._updating = True
        try:
            for connectors in self._guis.values():
                for name, connector in connectors.items():
                    value = self.getValue(name)
                    # Writing a line's text moves its cursor, so only what differs is written.
                    if type(connector.widget) is not qt.QLineEdit or connector.read() != value:
                        connector.write(value)
        finally:
            self._updating = False

    def StartModify(self):
        return self.parameterNode.StartModify()

    def EndModify(self, wasModified):
        return self.parameterNode.EndModify(wasModified)

    def AddObserver(self, event, callback, priority=0.0):
        return self.parameterNode.AddObserver(event, callback, priority)

    def RemoveObserver(self, tag):
        self.parameterNode.RemoveObserver(tag)

    def Modified(self):
        self.parameterNode.Modified()


def parameterNodeWrapper(classtype=None):
    """Decorates a class: its annotated members become properties that are kept in the node given to it."""
    if classtype is None:
        return parameterNodeWrapper
    parameters = {}
    for name, annotated in typing.get_type_hints(classtype, include_extras=True).items():
        serializer = _serializer(annotated)
        _, annotations = _split(annotated)
        default = _find(annotations, Default)
        if hasattr(classtype, name):
            default = Default(getattr(classtype, name))
        default = default or Default(serializer.default())
        unused = [each for each in annotations if not isinstance(each, (Validator, Default, Decimals))]
        if unused:
            logging.warning(f"Unused annotations: {unused}")
        parameters[name] = (serializer, default, annotated)
    for name, member in vars(_Wrapper).items():
        if name in ("__module__", "__dict__", "__weakref__", "__doc__", "__static_attributes__", "__firstlineno__"):
            continue
        if name != "__init__" and hasattr(classtype, name):
            raise ValueError(f"Cannot use reserved name '{name}' in a parameterNodeWrapper")
        setattr(classtype, name, member)
    for name in parameters:
        setattr(
            classtype,
            name,
            property(
                lambda self, name=name: self.getValue(name),
                lambda self, value, name=name: self.setValue(name, value),
            ),
        )
    classtype.allParameters = parameters
    return classtype
