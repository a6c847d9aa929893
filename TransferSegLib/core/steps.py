"""Work that a generator does in steps, so that whoever asks for it can do something else in between."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from threading import Lock, Thread
from typing import Any, TypeVar

Result = TypeVar("Result")
WAIT_S = 0.003
# How long a thread keeps Python to itself. An event of an application takes it back many times, after each call of Qt.
SWITCH_S = 0.0003
_one_at_a_time = Lock()


def at_once(steps: Generator[Any, None, Result]) -> Result:
    """Take all steps of a work now, and return what it returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def run_in_thread(work: Callable[[], Result]) -> Generator[None, None, Result]:
    """What `work` returns or raises, done in a thread; each step waits some milliseconds for it.

    For one long call that shares nothing with the rest of the program, to read a file for one. The waiting is what lets the
    thread work where an application keeps Python to itself between its events, as Slicer does. One work is done at a time.
    When the rest of the steps is left, a work that has not begun is not done; any other comes to its end all the same, and
    what it returns is lost.
    """
    future: Future[Result] = Future()

    def do() -> None:
        with _one_at_a_time, _short_switches():
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)

    Thread(target=do, daemon=True).start()
    try:
        while not future.done():
            wait([future], WAIT_S)
            yield
        return future.result()
    finally:
        future.cancel()


@contextmanager
def _short_switches() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(SWITCH_S, before))
    try:
        yield
    finally:
        sys.setswitchinterval(before)
