"""The panel without a mouse and without colours: where the Tab key goes, and what a screen reader reads."""

from __future__ import annotations

import itertools

import pytest
from PySide6 import QtWidgets
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

STEPS = ("source", "cases", "strategy", "run", "results", "apply")


@pytest.fixture
def shown(panel, heads, results, runtime):
    """The panel with cases and results, every step as it is when it is open."""
    from SlicerRuntime.person import Person

    person = Person(panel, 420, 900)
    panel.ui.resultsSection.setVisible(True)
    panel.ui.applySection.setVisible(True)
    panel.ui.advancedGroupBox.collapsed = False
    panel.ui.detailsGroupBox.collapsed = False
    panel.ui.logGroupBox.collapsed = False
    runtime.process_events(20)
    yield panel
    person.close()


def tabbed(panel) -> list[tuple[QtWidgets.QWidget, tuple[int, int, int, int]]]:
    """What the Tab key reaches from the first header on, in its order, and where it is on the panel."""
    first, whole = panel.ui.sourceModelSection, panel.ui.stepsArea.parent()
    first.window().activateWindow()
    first.setFocus()
    found: list[tuple[QtWidgets.QWidget, tuple[int, int, int, int]]] = []
    widget = first
    while not found or widget is not first:
        if whole.isAncestorOf(widget):  # Slicer's own panel is around it
            found.append((widget, _place(widget, panel.ui.stepsContents, whole)))
        QTest.keyClick(widget, Qt.Key.Key_Tab)
        widget = QtWidgets.QApplication.focusWidget()
        assert len(found) < 300, f"the Tab key does not come back to the first header, but goes on at {widget}"
    return found


@pytest.mark.parametrize("step", STEPS)
def test_the_tab_key_goes_down_the_panel_as_the_eye_does_and_every_control_says_what_it_is(shown, runtime, step):
    shown.open_step(step)
    runtime.process_events(30)
    reached = tabbed(shown)
    assert len(reached) > 5
    places = [
        (at, f"{widget.objectName} {widget.accessibleName}") for widget, at in reached if not _is_in_table(widget)
    ]
    assert [(one[1], other[1]) for one, other in itertools.pairwise(places) if other[0] < one[0]] == []
    assert [f"{widget.objectName} {type(widget)}" for widget, _ in reached if not _words(widget)] == []


def _place(widget: QtWidgets.QWidget, steps: QtWidgets.QWidget, whole: QtWidgets.QWidget) -> tuple[int, int, int, int]:
    """The row and column of a widget on the panel; of one in a scrolled area those of the area, and within it its own."""
    around = widget.parent()
    while around is not whole and not (isinstance(around, QtWidgets.QScrollArea) and around.widget() is not steps):
        around = around.parent()
    if around is whole:
        return (*_row_and_column(widget, whole), 0, 0)
    return (*_row_and_column(around, whole), *_row_and_column(widget, around.widget()))


def _row_and_column(widget: QtWidgets.QWidget, on: QtWidgets.QWidget) -> tuple[int, int]:
    place = widget.mapTo(on, QPoint(0, min(13, widget.height // 2)))
    return round(place.y() / 16), place.x()


def _is_in_table(widget: QtWidgets.QWidget) -> bool:
    return isinstance(widget.parent().parent(), QtWidgets.QTableWidget)


def _words(widget: QtWidgets.QWidget) -> str:
    text = getattr(widget, "text", "") or getattr(widget, "title", "")
    return widget.accessibleName or (text if isinstance(text, str) else "") or widget.parent().accessibleName
