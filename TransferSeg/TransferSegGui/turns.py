"""Work in small parts, so that Slicer answers in between."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any, TypeVar

import qt

from TransferSegGui.section import failing

Result = TypeVar("Result")


def at_once(steps: Generator[Any, None, Result]) -> Result:
    """Take all steps of a work now, and return what it returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


class Turns:
    """Takes one step of a work in each turn of Qt's event loop; a new work takes the place of one that is not done."""

    def __init__(self) -> None:
        self._steps: Iterator[Any] = iter(())
        self._message = ""
        self._done: Callable[[], None] = lambda: None
        self._timer = qt.QTimer()
        self._timer.setSingleShot(True)
        self._timer.connect("timeout()", self._step)

    def begin(self, steps: Iterator[Any], message: str, done: Callable[[], None] = lambda: None) -> None:
        """Take these steps, then call `done`; what goes wrong is shown below `message` and ends the work."""
        self._steps, self._message, self._done = steps, message, done
        self._timer.start(0)

    def stop(self) -> None:
        """Leave the rest undone."""
        self._timer.stop()
        self._steps = iter(())

    def _step(self) -> None:
        with failing(self._message):
            try:
                next(self._steps)
            except StopIteration:
                self._done()
            else:
                self._timer.start(0)
