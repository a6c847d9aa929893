"""What cannot be seen or read on a panel: widgets outside of their parent or over each other, and texts that are cut off."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from PySide6 import QtCore, QtWidgets
from PySide6.QtCore import Qt

_WRAP = int(Qt.TextFlag.TextWordWrap)
# What Qt's styles leave free left and right of a cell's text together, in pixels.
_CELL_MARGIN = 6


def faults(root: QtWidgets.QWidget) -> list[str]:
    """A sentence for each fault of the widgets that are shown and have names of their own."""
    shown = [root, *filter(_counts, root.findChildren(QtWidgets.QWidget))]
    return [fault for widget in shown for fault in (*_places(widget), *_texts(widget))]


def _counts(widget: QtWidgets.QWidget) -> bool:
    return widget.isVisible() and bool(widget.objectName) and not widget.objectName.startswith("qt_")


def _places(parent: QtWidgets.QWidget) -> Iterator[str]:
    if isinstance(parent, (QtWidgets.QAbstractScrollArea, QtWidgets.QAbstractSpinBox, QtWidgets.QComboBox)):
        return
    children = [child for child in parent.children() if isinstance(child, QtWidgets.QWidget) and _counts(child)]
    for child in children:
        if not parent.rect.contains(child.geometry):
            yield f"{child.objectName} reaches out of {parent.objectName}: {child.geometry} in {parent.rect}"
    for one, other in itertools.combinations(children, 2):
        if one.geometry.intersects(other.geometry):
            yield f"{one.objectName} and {other.objectName} overlap"


def _texts(widget: QtWidgets.QWidget) -> Iterator[str]:
    name = widget.objectName
    if isinstance(widget, QtWidgets.QLabel) and widget.text:
        if widget.wordWrap:
            needed, there = widget.heightForWidth(widget.width), widget.height
        else:
            needed, there = widget.fontMetrics().horizontalAdvance(widget.text), widget.contentsRect().width()
        if needed > there:
            yield f"the text of {name} is cut off: “{widget.text}” needs {needed} pixels of {there}"
    elif isinstance(widget, (QtWidgets.QPushButton, QtWidgets.QCheckBox)):
        if widget.minimumSizeHint.width() > widget.width:
            yield f"the text of {name} is cut off: “{widget.text}”"
    elif isinstance(widget, QtWidgets.QComboBox):
        if widget.fontMetrics().horizontalAdvance(widget.currentText) > widget.width - 28 and not widget.toolTip:
            yield f"{name} shows only a part of “{widget.currentText}” and has no tooltip"
    elif isinstance(widget, QtWidgets.QTableWidget):
        yield from _cells(widget)


def _cells(table: QtWidgets.QTableWidget) -> Iterator[str]:
    """A cell may be cut off where its tooltip says the whole."""
    header = table.horizontalHeader()
    for column in range(table.columnCount):
        item = table.horizontalHeaderItem(column)
        words = [line for text in (item.text() if item else "").splitlines() for line in text.split()]
        if any(header.fontMetrics().horizontalAdvance(w) > header.sectionSize(column) - _CELL_MARGIN for w in words):
            yield f"the header “{item.text()}” of {table.objectName} is cut off"
    for row, column in itertools.product(range(table.rowCount), range(table.columnCount)):
        item = table.item(row, column)
        if item is None or not item.text() or item.toolTip():
            continue
        rect = table.visualItemRect(item)
        room = QtCore.QRect(0, 0, rect.width() - _CELL_MARGIN, 10000)
        needed = table.fontMetrics().boundingRect(room, _WRAP, item.text())
        if needed.width() > room.width() or needed.height() > rect.height():
            yield f"the cell “{item.text()}” of {table.objectName} is cut off"
