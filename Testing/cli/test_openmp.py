"""Threads of OpenMP wait for a moment and then sleep, unless the person has said otherwise."""

from __future__ import annotations

import os

import pytest

from TransferSegLib.cli import main
from TransferSegLib.cli.openmp import SHORT_WAIT, VARIABLES, let_threads_sleep


def test_threads_wait_for_a_moment_where_nothing_is_said_of_it():
    environment = {"OMP_NUM_THREADS": "2"}
    let_threads_sleep(environment)
    assert environment == {"OMP_NUM_THREADS": "2", "GOMP_SPINCOUNT": "5000", "KMP_BLOCKTIME": "1"}


@pytest.mark.parametrize("name", VARIABLES)
def test_what_a_person_has_set_stays(name):
    environment = {name: "1"}
    let_threads_sleep(environment)
    assert environment == {name: "1"}


def test_every_command_sets_it_and_so_do_the_processes_that_it_starts(monkeypatch, capsys):
    for name in VARIABLES:
        monkeypatch.setenv(name, "")  # so that it is as before once the test has ended
        monkeypatch.delenv(name)
    with pytest.raises(SystemExit):
        main(["--version"])
    assert {name: os.environ.get(name) for name in SHORT_WAIT} == SHORT_WAIT
