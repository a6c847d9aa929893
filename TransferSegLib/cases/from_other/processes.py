"""Work of which each item is done in a process of its own, as many at a time as there are cores.

Cases side by side take all cores. Threads within a case help its linear registration alone: on a phantom of a head (CT to
T1w), two threads left the main one 3.7 s of its 6.4 s of work; the B-spline adds 3.2 s, which take one thread. So a case gets
more threads only where there are fewer cases than cores. A process that dies takes only its case with it, and Ctrl-C ends all
at once.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any

from TransferSegLib.core.errors import TransferSegError
from TransferSegLib.core.problems import Problem

# How often a process says how far it is.
REPORTED_STEPS = 100


def each_in_process(
    work: Callable[..., Any],
    items: Sequence[tuple[Any, ...]],
    at_a_time: int,
    progress: Callable[[float], None] | None = None,
) -> Iterator[tuple[int, Any]]:
    """Do the work for each item in a process of its own.

    Args:
        work: A function of a module; called with the parts of an item, and last with a function that takes the share that is
            done. What it returns must be picklable.
        items: The items.
        at_a_time: How many processes run side by side.
        progress: Called with the share of all items that is done.

    Yields:
        The number of an item and what the work returned, or the `Problem` that it ended with; in the order of their ends.
    """
    context = multiprocessing.get_context("spawn")
    waiting = list(enumerate(items))[::-1]
    running: dict[Connection, tuple[int, Any]] = {}
    shares = [0.0] * len(items)
    try:
        while waiting or running:
            while waiting and len(running) < at_a_time:
                number, item = waiting.pop()
                mine, theirs = context.Pipe(duplex=False)
                process = context.Process(target=_work, args=(work, item, theirs), daemon=True)
                process.start()
                theirs.close()
                running[mine] = (number, process)
            for ready in wait(list(running)):
                assert isinstance(ready, Connection)
                number, process = running[ready]
                try:
                    share, result = ready.recv()
                except EOFError:
                    process.join()
                    share, result = 1.0, _died(process.exitcode)
                shares[number] = share
                if progress is not None:
                    progress(sum(shares) / len(items))
                if share == 1.0:
                    del running[ready]
                    ready.close()
                    process.join()
                    yield number, result
    finally:
        for _, process in running.values():
            process.kill()
        for connection, (_, process) in running.items():
            process.join()
            connection.close()


def _work(work: Callable[..., Any], item: tuple[Any, ...], connection: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started it decides
    last = 0

    def report(share: float) -> None:
        nonlocal last
        step = int(share * REPORTED_STEPS)
        if step > last:
            last = step
            connection.send((min(share, 0.99), None))

    try:
        result = work(*item, report)
    except TransferSegError as error:
        result = error.problem
    except MemoryError:
        result = Problem(
            "case-out-of-memory",
            "memory of this computer ran out; close other programs, or do fewer cases at a time ({option}).",
            {"option": "--workers"},
        )
    connection.send((1.0, result))


def _died(code: int | None) -> Problem:
    return Problem(
        "case-process-died",
        "its process ended with code {code} before it was done, maybe for lack of memory; do fewer cases at a time "
        "({option}), and run it again.",
        {"code": code, "option": "--workers"},
    )
