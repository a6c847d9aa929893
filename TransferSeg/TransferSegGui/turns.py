"""Work on many cases in small parts, so that Slicer answers in between and the person can stop it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import qt

from TransferSegGui.section import failing

END = object()


def _nothing() -> None:
    pass


class Turns:
    """Takes one step of a work in each turn of Qt's event loop; a new work takes the place of one that is not done.

    Attributes:
        under_way: Whether there are steps left.
    """

    def __init__(self) -> None:
        self.under_way = False
        self._steps: Iterator[Any] = iter(())
        self._message = ""
        self._ended: Callable[[], None] = _nothing
        self._timer = qt.QTimer()
        self._timer.setSingleShot(True)
        self._timer.connect("timeout()", self._step)

    def begin(self, steps: Iterator[Any], message: str, ended: Callable[[], None] = _nothing) -> None:
        """Take these steps, the first one in the next turn.

        Args:
            steps: The work.
            message: What is shown above an error, which ends the work.
            ended: Called at the end of the work, also when it failed or was stopped.
        """
        self.stop()
        self._steps, self._message, self._ended = steps, message, ended
        self.under_way = True
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
                more = next(steps, END) is not END
        finally:
            if self._steps is steps:  # the step has neither begun another work nor left this one
                if more:
                    self._timer.start(0)
                else:
                    self.stop()
