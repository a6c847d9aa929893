"""The panel's steps: one is open at a time, and each closed one says in a line how it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import qt
from slicer.i18n import tr as _

from TransferSegGui.section import tab_through

if TYPE_CHECKING:
    import ctk

    from TransferSegGui.parameters import Parameters

# The names of the steps, as the scene keeps the open one.
SOURCE, CASES, STRATEGY, RUN, RESULTS, APPLY = "source", "cases", "strategy", "run", "results", "apply"
ROUNDS = "rounds"
# What a header needs beside its text: the arrow, and the margins.
BESIDE_TEXT = 40


@dataclass(frozen=True)
class Step:
    """A part of the panel that opens and closes.

    Attributes:
        button: Its header, with what is in it.
        title: What the header says while the step is open.
        summary: How the step stands, in a few words; "" where there is nothing to say.
    """

    button: ctk.ctkCollapsibleButton
    title: str
    summary: Callable[[], str]


class Steps:
    """Keeps one step open at a time. Which one is kept in the scene."""

    def __init__(self, area: qt.QScrollArea, parameters: Callable[[], Parameters | None]) -> None:
        """Make steps in the order in which `add` is called.

        Args:
            area: The area that the steps are in. It scrolls where the open step is higher than there is room.
            parameters: The parameter node; None while the scene closes.
        """
        self._area, self._parameters = area, parameters
        self._steps: dict[str, Step] = {}
        self._arranging = False  # whether it is not the person who opens and closes

    def add(self, name: str, button: ctk.ctkCollapsibleButton, summary: Callable[[], str]) -> None:
        """Add a step, closed.

        Args:
            name: Its name in the scene.
            button: Its header, with what is in it.
            summary: How it stands, in a few words.
        """
        self._steps[name] = Step(button, button.text, summary)
        button.setCollapsed(True)
        button.connect("contentsCollapsed(bool)", lambda collapsed: self._toggled(name, collapsed))

    @property
    def opened(self) -> str:
        """The name of the open step; "" where all are closed."""
        return next((name for name, step in self._steps.items() if not step.button.collapsed), "")

    def open(self, name: str) -> None:
        """Open a step, and close the others."""
        parameters = self._parameters()
        if parameters is not None:
            parameters.openStep = name
        self._arrange(name)

    def refresh(self) -> None:
        """Show the step that the scene keeps open, and how the others stand."""
        parameters = self._parameters()
        self._arrange(self.opened if parameters is None else parameters.openStep)

    def _toggled(self, name: str, collapsed: bool) -> None:
        if not self._arranging:
            self.open("" if collapsed else name)

    def _arrange(self, opened: str) -> None:
        self._arranging = True  # CTK folds a step by a signal, so signals are not blocked
        try:
            for name, step in self._steps.items():
                if step.button.collapsed != (name != opened):
                    step.button.setCollapsed(name != opened)
        finally:
            self._arranging = False
        for name, step in self._steps.items():
            button, collapsed = step.button, name != opened
            summary = step.summary() if collapsed else ""
            text = _("{title}: {summary}").format(title=step.title, summary=summary) if summary else step.title
            button.setToolTip(text if summary else "")
            button.setText(self._shortened(button, text).replace("&", "&&"))  # one alone would underline a letter
        contents = self._area.widget()
        self._area.setMinimumWidth(contents.minimumSizeHint.width() + self._area.verticalScrollBar().sizeHint.width())

    def _shortened(self, button: ctk.ctkCollapsibleButton, text: str) -> str:
        """The text, with an ellipsis where the header is narrower."""
        if not button.isVisible():
            return text
        room = max(0, button.width - BESIDE_TEXT)
        return qt.QFontMetrics(button.font).elidedText(text, qt.Qt.ElideRight, room)


def tab_down(panel: qt.QWidget) -> None:
    """Let the Tab key go down a panel in the order of its layouts, through parts that were put in later as well."""
    tab_through(_reached(panel))


def _reached(widget: qt.QWidget) -> Iterator[qt.QWidget]:
    if widget.focusPolicy & qt.Qt.TabFocus:
        yield widget
    if isinstance(widget, qt.QScrollArea):
        yield from _reached(widget.widget())
    elif widget.layout() is not None:
        yield from _reached_in(widget.layout())


def _reached_in(layout: qt.QLayout) -> Iterator[qt.QWidget]:
    if isinstance(layout, qt.QFormLayout):  # whose items are numbered as they were put in
        roles = (qt.QFormLayout.LabelRole, qt.QFormLayout.FieldRole)
        cells = [layout.itemAt(row, role) for row in range(layout.rowCount()) for role in roles]
        items = [cell for cell in cells if cell is not None]
    else:
        items = [layout.itemAt(n) for n in range(layout.count())]
    for item in items:
        if item.widget() is not None:
            yield from _reached(item.widget())
        elif item.layout() is not None:
            yield from _reached_in(item.layout())
