"""Work in small parts, so that Slicer answers in between."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import qt

from TransferSegGui.section import failing


def _nothing() -> None:
    pass


class Turns:
    """Takes one step of a work in each turn of Qt's event loop; a new work takes the place of one that is not done."""

    def __init__(self) -> None:
        self.under_way = False
        self._steps: Iterator[Any] = iter(())
        self._message = ""
        self._done = self._ended = _nothing
        self._timer = qt.QTimer()
        self._timer.setSingleShot(True)
        self._timer.connect("timeout()", self._step)

    def begin(
        self,
        steps: Iterator[Any],
        message: str,
        done: Callable[[], None] = _nothing,
        ended: Callable[[], None] = _nothing,
        at_once_s: float = 0.0,
    ) -> None:
        """Take these steps, then call `done`; what goes wrong is shown below `message` and ends the work.

        `ended` is called in any case, also when the rest of the work is left. What is done within `at_once_s` is done
        when this returns.
        """
        self.stop()
        self._steps, self._message, self._done, self._ended = steps, message, done, ended
        self.under_way = True
        until = time.monotonic() + at_once_s
        while self._steps is steps and self.under_way and time.monotonic() < until:
            self._step()
        if self._steps is steps and self.under_way:
            self._timer.start(0)

    def stop(self) -> None:
        """Leave the rest undone."""
        self._timer.stop()
        if self.under_way:
            self.under_way, self._steps = False, iter(())
            self._ended()

    def _step(self) -> None:
        steps, more = self._steps, False
        # A step may let Qt work, as a message does: it is not taken again meanwhile.
        self._timer.stop()
        try:
            with failing(self._message):
                try:
                    next(steps)
                    more = True
                except StopIteration:
                    self._done()
        finally:
            if self._steps is steps:  # the step has neither begun another work nor left this one
                if more:
                    self._timer.start(0)
                else:
                    self.stop()
