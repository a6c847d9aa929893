"""The signals that ask a command to end: SIGINT of Ctrl-C, and SIGTERM of `kill`, a cluster's scheduler or a shutdown."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def on_stop_signals(handler: Callable[[int], None], signals: tuple[int, ...] = STOP_SIGNALS) -> Iterator[None]:
    """Let a function receive signals meanwhile; what received them before does so afterwards.

    Outside the main thread nothing is done, because Python lets only that set handlers. A signal that was ignored when the
    program began stays ignored.

    Args:
        handler: Receives the number of the signal, in the main thread.
        signals: The signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def received(number: int, frame: FrameType | None) -> None:
        handler(number)

    before = {number: signal.getsignal(number) for number in signals}
    taken = {number: one for number, one in before.items() if one is not None and one != signal.SIG_IGN}
    for number in taken:
        signal.signal(number, received)
    try:
        yield
    finally:
        for number, one in taken.items():
            signal.signal(number, one)


def interrupt(number: int) -> None:
    """End a command as Ctrl-C does.

    Raises:
        KeyboardInterrupt: Always.
    """
    raise KeyboardInterrupt


def how_to_stop_at_once(number: int) -> str:
    """What a person is told who asked a job to end: that it does, and how it ends at once."""
    again = "press Ctrl-C again" if number == signal.SIGINT else "send the signal again"
    return f"stopping in good order; {again} to stop at once."
