"""Clicks, keys and drops on a module's panel as a person makes them: on what is seen, and only where it can be reached."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

import SlicerRuntime
from SlicerRuntime import pictures

# Qt leaves a click alone that comes within the time of a double click after a list was opened.
_DOUBLE_CLICK_MS = 40


class Person:
    """Uses the panel of a module's widget, which is shown in a scroll area as Slicer's; `close` gives the widget back.

    Attributes:
        panel: The scroll area.
        clicks: How often the mouse was clicked, in `click`, `open` and `choose`.
    """

    def __init__(self, widget: Any, width: int = 460, height: int = 700):
        self.clicks = 0
        self._shown = widget.parent
        self.panel = pictures.module_panel(self._shown, width, height)
        self._double_click = QtWidgets.QApplication.doubleClickInterval()
        QtWidgets.QApplication.setDoubleClickInterval(_DOUBLE_CLICK_MS)

    def close(self) -> None:
        QtWidgets.QApplication.setDoubleClickInterval(self._double_click)
        self.panel.takeWidget()
        self.panel.deleteLater()

    def click(self, widget: QtWidgets.QWidget, at: QtCore.QPoint | None = None) -> None:
        """Click a widget at a point of its own, else in its middle; fails where nobody could: hidden, grey, covered."""
        SlicerRuntime.process_events()
        if at is None:
            at = QtCore.QPoint(14, widget.height // 2) if _is_tick(widget) else widget.rect.center()
        # What is clicked comes into sight, and not only some part of a widget that is longer than the panel.
        for area in _scrolled(widget):
            place = widget.mapTo(area.widget(), at)
            area.ensureVisible(place.x(), place.y())
        SlicerRuntime.process_events()
        assert widget.isVisible(), f"{widget.objectName} is not shown"
        assert widget.isEnabled(), f"{widget.objectName} is disabled: {widget.toolTip}"
        hit = self.panel.childAt(widget.mapTo(self.panel, at))
        assert hit is widget or widget.isAncestorOf(hit), f"{widget.objectName} is covered by {hit}"
        self.clicks += 1
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
        SlicerRuntime.process_events()

    def open(self, header: QtWidgets.QWidget) -> None:
        """Click the header of a collapsible button, unless it is open."""
        if header.collapsed:
            self.click(header, QtCore.QPoint(14, 12))

    def choose(self, combo: QtWidgets.QWidget, value: Any) -> None:
        """Open a list, of values or of nodes, and click an entry by its value."""
        box = combo if isinstance(combo, QtWidgets.QComboBox) else combo.findChild(QtWidgets.QComboBox)
        index = box.findData(value)
        assert index >= 0, f"{value} is not in the list"
        self.click(box)
        entry = box.model().index(index, 0)
        view = box.view()
        view.scrollTo(entry)
        SlicerRuntime.process_events(2 * _DOUBLE_CLICK_MS)
        middle = view.visualRect(entry).center()
        self.clicks += 1
        QTest.mouseMove(view.viewport(), middle)
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)
        SlicerRuntime.process_events(2 * _DOUBLE_CLICK_MS)

    def write(self, field: QtWidgets.QWidget, text: str) -> None:
        """Write into a field, in place of what stands in it."""
        self.click(field, QtCore.QPoint(8, field.height // 2))
        QTest.keyClick(field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)
        SlicerRuntime.process_events()

    def click_cell(self, table: QtWidgets.QTableWidget, row: int, column: int) -> None:
        """Click a cell of a table."""
        table.scrollToItem(table.item(row, column))
        self.click(table.viewport(), table.visualItemRect(table.item(row, column)).center())

    def tick(self, rows: QtWidgets.QListWidget, values: Iterable[Any]) -> None:
        """Click the check marks of a list until these values, and no others, are ticked."""
        wanted = list(values)
        for n in range(rows.count):
            item = rows.item(n)
            if (item.checkState() == Qt.CheckState.Checked) != (item.data(Qt.ItemDataRole.UserRole) in wanted):
                rows.scrollToItem(item)
                rect = rows.visualItemRect(item)
                self.click(rows.viewport(), QtCore.QPoint(rect.left() + 10, rect.center().y()))

    def drop(self, table: QtWidgets.QTableWidget, urls: Iterable[str], row: int | None = None) -> bool:
        """Drag what these addresses name onto a row of a table, or below its rows; whether the table took it."""
        mime = QtCore.QMimeData()
        mime.setUrls([QtCore.QUrl(url) for url in urls])
        place = QtCore.QPoint(5, table.viewport().height - 3)
        if row is not None:
            place = QtCore.QPoint(5, table.rowViewportPosition(row) + table.rowHeight(row) // 2)
        how = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        for event in (
            QtGui.QDragEnterEvent(place, *how),
            QtGui.QDragMoveEvent(place, *how),
            QtGui.QDropEvent(QtCore.QPointF(place), *how),
        ):
            event.ignore()
            QtWidgets.QApplication.sendEvent(table.viewport(), event)
            if not event.isAccepted():
                return False
        SlicerRuntime.process_events(20)
        return True


def _scrolled(widget: QtWidgets.QWidget) -> Iterable[QtWidgets.QScrollArea]:
    """The scrolled areas that a widget is in, the innermost first."""
    around = widget.parent()
    while around is not None:
        if isinstance(around, QtWidgets.QScrollArea):
            yield around
        around = around.parent()


def _is_tick(widget: QtWidgets.QWidget) -> bool:
    return isinstance(widget, (QtWidgets.QCheckBox, QtWidgets.QRadioButton)) or (
        isinstance(widget, QtWidgets.QGroupBox) and widget.isCheckable()
    )
