"""What the five sections of the panel share."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import qt
import slicer

from TransferSegGui.parameters import Parameters
from TransferSegGui.protocols import Logic, Module
from TransferSegGui.words import worded

if TYPE_CHECKING:
    import ctk


# What a button says while it is enabled, as a property of it.
USUAL = "usualToolTip"


class Section:
    """A part of the panel: `connect` once, `refresh` whenever the parameter node may have changed."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.ui = module.ui
        self.connect()

    @property
    def logic(self) -> Logic:
        return self.module.logic

    @property
    def parameters(self) -> Parameters | None:
        """None while the scene closes."""
        return self.module.parameters

    def connect(self) -> None:
        """Connect the widgets of this section."""

    def refresh(self) -> None:
        """Show the parameter node."""

    def cleanup(self) -> None:
        """The panel is about to go."""


@contextlib.contextmanager
def quiet(*widgets: qt.QWidget) -> Iterator[None]:
    """Change widgets without their signals."""
    blocked = [(widget, widget.blockSignals(True)) for widget in widgets]
    try:
        yield
    finally:
        for widget, before in blocked:
            widget.blockSignals(before)


def enable(button: qt.QAbstractButton, reason: str) -> None:
    """Enable a button, which then says what it does; or disable it, and let it say the reason."""
    usual = button.property(USUAL)
    if usual is None:
        usual = button.toolTip
        button.setProperty(USUAL, usual)
    button.setEnabled(not reason)
    button.setToolTip(reason or usual)


class PathField:
    """A `ctkPathLineEdit` of which a path is taken when it is whole: written to the end, browsed for, or cleared."""

    def __init__(self, edit: ctk.ctkPathLineEdit, take: Callable[[str], None]) -> None:
        self._edit, self._take = edit, take
        self._line = edit.findChild(qt.QLineEdit)
        self._line.clearButtonEnabled = True
        # CTK tells of an empty path only in that the input is not valid any more.
        edit.connect("currentPathChanged(QString)", lambda _path: self._changed())
        edit.connect("validInputChanged(bool)", lambda _valid: self._changed())
        self._line.connect("editingFinished()", self._finished)

    def show(self, path: str, meanwhile: str = "") -> None:
        """Show a path, unless the person is writing one; `meanwhile` is what holds while none is given."""
        self._line.placeholderText = meanwhile
        if self._edit.currentPath != path and not self._line.focus:
            with quiet(self._edit):
                self._edit.setCurrentPath(path)

    def _changed(self) -> None:
        if not self._line.focus or not self._edit.currentPath:
            self._finished()

    def _finished(self) -> None:
        self._take(self._edit.currentPath.strip())


def say(label: qt.QLabel, text: str) -> None:
    """Show a text in a label; without one the label takes no place."""
    label.setText(text)
    label.setVisible(bool(text))


def fill(combo: qt.QComboBox, entries: list[tuple[str, Any]], chosen: Any) -> None:
    """Fill a list with (text, value) and choose a value, without signals; what is not in the list is not chosen."""
    with quiet(combo):
        shown = [(combo.itemText(n), combo.itemData(n)) for n in range(combo.count)]
        if shown != entries:
            combo.clear()
            for n, (text, value) in enumerate(entries):
                combo.addItem(text, value)
                combo.setItemData(n, text, qt.Qt.ToolTipRole)  # the list may be narrower than the text
        combo.setCurrentIndex(next((n for n, (_, value) in enumerate(entries) if value == chosen), -1))


def chosen(combo: qt.QComboBox) -> Any:
    """The value of the entry that is chosen, or None."""
    return combo.itemData(combo.currentIndex) if combo.currentIndex >= 0 else None


def cell(text: str, tooltip: str = "", data: Any = None) -> qt.QTableWidgetItem:
    """A table's cell."""
    item = qt.QTableWidgetItem(text)
    if tooltip:
        item.setToolTip(tooltip)
    if data is not None:
        item.setData(qt.Qt.UserRole, data)
    return item


def selected_rows(table: qt.QTableWidget) -> list[int]:
    """The rows of which a cell is selected, from the top."""
    return sorted({item.row() for item in table.selectedItems()})


def fit_height(table: qt.QTableWidget | qt.QListWidget, most_rows: int) -> None:
    """Make a table or a list as high as its rows need, up to so many of them."""
    table.ensurePolished()
    if isinstance(table, qt.QTableWidget):
        usual = table.verticalHeader().defaultSectionSize
        header = max(usual, table.horizontalHeader().sizeHint.height())
        needed = header + (sum(table.rowHeight(row) for row in range(min(table.rowCount, most_rows))) or usual)
    else:
        needed = sum(table.sizeHintForRow(row) for row in range(min(table.count, most_rows)))
    table.setFixedHeight(needed + 2 * table.frameWidth + 4)


@contextlib.contextmanager
def failing(message: str) -> Iterator[None]:
    """Show what goes wrong in a click as a message, in the panel's words, with the wait cursor while it works."""
    with slicer.util.tryWithErrorDisplay(message, waitCursor=True), worded():
        yield
