"""Work in processes of its own."""

from __future__ import annotations

import os
import time

from TransferSegLib.cases.from_other.processes import each_in_process
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem


def work(number, report):
    """What a process does for an item; a module's function, so that it can be found there."""
    report(0.5)
    if number == 1:
        raise InputError("no-such-path", "{path}: no such file or folder; check the path.", path="x")
    if number == 2:
        os._exit(9)
    return number, os.getpid()


def sleep(seconds, report):
    time.sleep(seconds)


def test_each_item_has_its_own_process_and_an_error_ends_only_its_item():
    shares: list[float] = []
    found = dict(each_in_process(work, [(n,) for n in range(4)], 2, shares.append))
    assert found[0][0] == 0 and found[3][0] == 3
    assert len({found[0][1], found[3][1], os.getpid()}) == 3
    assert isinstance(found[1], Problem) and found[1].code == "no-such-path"
    assert isinstance(found[2], Problem) and "code 9" in found[2].sentence
    assert shares == sorted(shares) and shares[-1] == 1


def test_who_stops_waits_for_no_process():
    begun = time.monotonic()
    going = each_in_process(sleep, [(60,), (0,)], 2)
    assert next(going)[0] == 1
    going.close()
    assert time.monotonic() - begun < 40
