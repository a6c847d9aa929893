"""What the sections of the panel share."""

from __future__ import annotations

import abc
import contextlib
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import qt
import slicer

from TransferSegGui.parameters import Parameters
from TransferSegGui.protocols import Logic, Module
from TransferSegGui.words import errors_in_panel_words

if TYPE_CHECKING:
    import ctk


# The property of a button that keeps the tooltip it has while it is enabled.
USUAL = "usualToolTip"
# Letters in a row at which no line is broken, so that they may be wider than the panel.
LONG_NAME = re.compile(r"[^\s/\\-]{36,}")
BREAK_EVERY = 12


class Section:
    """A part of the panel.

    Attributes:
        module: What the section asks, and where its signals are.
        ui: The widgets of the panel by name.
    """

    def __init__(self, module: Module) -> None:
        """Connect the section's widgets, once."""
        self.module = module
        self.ui = module.ui
        self.connect()

    @property
    def logic(self) -> Logic:
        """The module's logic."""
        return self.module.logic

    @property
    def parameters(self) -> Parameters:
        """What is chosen. There is nothing while the scene closes, see `has_parameters`; clicks do not come then."""
        parameters = self.module.parameters
        if parameters is None:
            raise RuntimeError("there are no parameters while the scene closes")
        return parameters

    @property
    def has_parameters(self) -> bool:
        """Whether there are parameters: not while the scene closes, nor while another is loaded."""
        return self.module.parameters is not None

    def connect(self) -> None:
        """Connect the widgets of this section."""

    def refresh(self) -> None:
        """Show the parameter node; called whenever it may have changed."""

    def cleanup(self) -> None:
        """Stop what is under way: the panel is about to be deleted."""


class StepSection(Section, abc.ABC):
    """A section that is a step of the panel.

    Attributes:
        header: What opens and closes the step, with its contents in it; set by `connect`.
    """

    header: ctk.ctkCollapsibleButton

    @abc.abstractmethod
    def summary(self) -> str:
        """How the section stands, in a few words, for its header while it is closed; "" where there is nothing to say."""


@contextlib.contextmanager
def quiet(*widgets: qt.QWidget) -> Iterator[None]:
    """Change widgets within the block without their signals."""
    blocked = [(widget, widget.blockSignals(True)) for widget in widgets]
    try:
        yield
    finally:
        for widget, before in blocked:
            widget.blockSignals(before)


def enable(button: qt.QAbstractButton, reason: str) -> None:
    """Enable a button, or disable it.

    Args:
        button: A button, or another widget. Its tooltip is its usual one while it is enabled.
        reason: Why it is disabled, which is then its tooltip; "" enables it.
    """
    usual = button.property(USUAL)
    if usual is None:
        usual = button.toolTip
        button.setProperty(USUAL, usual)
    button.setEnabled(not reason)
    button.setToolTip(reason or usual)


class PathField:
    """A `ctkPathLineEdit` whose path is taken only when it is complete: typed to the end, browsed for, or cleared."""

    def __init__(self, edit: ctk.ctkPathLineEdit, take: Callable[[str], None]) -> None:
        """Connect a field.

        Args:
            edit: The field.
            take: Called with the path, "" when it was cleared.
        """
        self._edit, self._take = edit, take
        self._line = edit.findChild(qt.QLineEdit)
        self._line.clearButtonEnabled = True
        # CTK tells of an empty path only in that the input is not valid any more.
        edit.connect("currentPathChanged(QString)", lambda _path: self._changed())
        edit.connect("validInputChanged(bool)", lambda _valid: self._changed())
        self._line.connect("editingFinished()", self._finished)

    def show(self, path: str, default: str = "") -> None:
        """Show a path, unless the person is typing one.

        Args:
            path: The path; "" where none is given.
            default: What is used then, shown in grey.
        """
        self._line.placeholderText = default
        if self._edit.currentPath != path and not self._line.focus:
            with quiet(self._edit):
                self._edit.setCurrentPath(path)

    def _changed(self) -> None:
        if not self._line.focus or not self._edit.currentPath:
            self._finished()

    def _finished(self) -> None:
        self._take(self._edit.currentPath.strip())


def tab_through(widgets: Iterable[qt.QWidget]) -> None:
    """Let the Tab key go through widgets in this order; the first keeps its place among the others."""
    before: qt.QWidget | None = None
    for widget in widgets:
        if before is not None:
            qt.QWidget.setTabOrder(before, widget)
        before = widget


def write(label: qt.QLabel, text: str) -> None:
    """Show a text in a label, in which a long name may be broken: it would make the panel as wide as it is itself."""
    label.setText(LONG_NAME.sub(lambda name: "\u200b".join(textwrap.wrap(name[0], BREAK_EVERY)), text))


def say(label: qt.QLabel, text: str) -> None:
    """Show a text in a label; without one the label takes no place."""
    write(label, text)
    label.setVisible(bool(text))


def fill(combo: qt.QComboBox, entries: list[tuple[str, Any]], chosen: Any) -> None:
    """Fill a list and choose an entry, without signals.

    Args:
        combo: The list.
        entries: The text and the value of each entry.
        chosen: The value to choose; nothing is chosen where the list does not have it.
    """
    with quiet(combo):
        shown = [(combo.itemText(n), combo.itemData(n)) for n in range(combo.count)]
        if shown != entries:
            combo.clear()
            for n, (text, value) in enumerate(entries):
                combo.addItem(text, value)
                combo.setItemData(n, text, qt.Qt.ToolTipRole)  # the list may be narrower than the text
        combo.setCurrentIndex(next((n for n, (_, value) in enumerate(entries) if value == chosen), -1))


def chosen(combo: qt.QComboBox) -> Any:
    """The value of the chosen entry; None where nothing is chosen."""
    return combo.itemData(combo.currentIndex) if combo.currentIndex >= 0 else None


def cell(text: str, tooltip: str = "", data: Any = None) -> qt.QTableWidgetItem:
    """A cell of a table, with a tooltip and data of its own."""
    item = qt.QTableWidgetItem(text)
    if tooltip:
        item.setToolTip(tooltip)
    if data is not None:
        item.setData(qt.Qt.UserRole, data)
    return item


def selected_rows(table: qt.QTableWidget) -> list[int]:
    """The rows in which a cell is selected, from the top."""
    return sorted({item.row() for item in table.selectedItems()})


def fit_height(table: qt.QTableWidget | qt.QListWidget, most_rows: int) -> None:
    """Make a table or a list as high as its rows need, at most as high as `most_rows` of them."""
    table.ensurePolished()
    if isinstance(table, qt.QTableWidget):
        usual = table.verticalHeader().defaultSectionSize
        header = max(usual, table.horizontalHeader().sizeHint.height())
        needed = header + (sum(table.rowHeight(row) for row in range(min(table.rowCount, most_rows))) or usual)
    else:
        needed = sum(table.sizeHintForRow(row) for row in range(min(table.count, most_rows)))
    table.setFixedHeight(needed + 2 * table.frameWidth + 4)


def fit_area(area: qt.QScrollArea, most: int) -> None:
    """Make a scrolled area as high as what is in it, at most so many pixels."""
    area.setFixedHeight(min(most, area.widget().sizeHint.height()))


@contextlib.contextmanager
def failing(message: str) -> Iterator[None]:
    """Show the wait cursor within the block, and what goes wrong there as a message.

    Args:
        message: The first line of the message; the error follows in the panel's words.
    """
    with slicer.util.tryWithErrorDisplay(message, waitCursor=True), errors_in_panel_words():
        yield
