"""Work in steps: all at once, or aside in a thread, also where an application keeps Python to itself between its events."""

from __future__ import annotations

import ctypes
import sys
import threading
import time

import pytest

from TransferSegLib.core.steps import at_once, run_in_thread


def test_what_is_done_aside_comes_back_and_so_does_its_error():
    assert at_once(run_in_thread(lambda: threading.current_thread() is threading.main_thread())) is False
    with pytest.raises(ZeroDivisionError):
        at_once(run_in_thread(lambda: 1 / 0))


def test_each_step_of_what_is_done_aside_is_short():
    waited, steps = [], run_in_thread(lambda: time.sleep(0.2))
    while True:
        begun = time.monotonic()
        if next(steps, steps) is steps:
            break
        waited.append(time.monotonic() - begun)
    assert len(waited) > 10 and sorted(waited)[len(waited) // 2] < 0.02


def test_work_goes_on_aside_where_an_application_does_not_give_python_away():
    """As Slicer's event loop does: between two steps no other thread gets Python's lock."""

    def work() -> int:
        total = 0
        for n in range(400_000):  # Python alone, which needs the lock all the time
            total += n
        return total

    holding = ctypes.PyDLL(None).usleep  # a PyDLL function keeps the lock
    steps, until = run_in_thread(work), time.monotonic() + 60
    while True:
        assert time.monotonic() < until
        holding(2000)
        try:
            next(steps)
        except StopIteration as end:
            assert end.value == sum(range(400_000))
            break


def test_python_changes_hands_often_only_while_something_is_done_aside():
    usual = sys.getswitchinterval()
    assert at_once(run_in_thread(sys.getswitchinterval)) < usual / 2
    with pytest.raises(ZeroDivisionError):
        at_once(run_in_thread(lambda: 1 / 0))
    time.sleep(0.05)
    assert sys.getswitchinterval() == usual


def test_what_is_left_aside_ends_by_itself():
    done = threading.Event()
    steps = run_in_thread(lambda: (time.sleep(0.05), done.set()))
    next(steps)
    steps.close()
    assert done.wait(10)


def test_one_work_is_done_at_a_time_and_one_that_is_left_before_it_begins_is_not_done():
    running, most, done = [], [], []

    def work(name):
        running.append(name)
        most.append(len(running))
        time.sleep(0.05)
        running.remove(name)
        done.append(name)

    asides = {name: run_in_thread(lambda name=name: work(name)) for name in "abc"}
    for steps in asides.values():
        next(steps)
    asides["b"].close()
    at_once(asides["c"])
    assert done == ["a", "c"] and most == [1, 1]
