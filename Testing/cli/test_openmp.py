"""Threads of OpenMP sleep while they wait, unless the person has said otherwise."""

from __future__ import annotations

import os

import pytest

from TransferSegLib.cli import main
from TransferSegLib.cli.openmp import VARIABLES, let_threads_sleep


def test_threads_sleep_where_nothing_is_said_of_it():
    environment = {"OMP_NUM_THREADS": "2"}
    let_threads_sleep(environment)
    assert environment == {"OMP_NUM_THREADS": "2", "OMP_WAIT_POLICY": "PASSIVE"}


@pytest.mark.parametrize("name", VARIABLES)
def test_what_a_person_has_set_stays(name):
    environment = {name: "1"}
    let_threads_sleep(environment)
    assert environment == {name: "1"}


def test_every_command_lets_them_sleep_and_so_do_the_processes_that_it_starts(monkeypatch, capsys):
    for name in VARIABLES:
        monkeypatch.setenv(name, "")  # so that it is as before once the test has ended
        monkeypatch.delenv(name)
    with pytest.raises(SystemExit):
        main(["--version"])
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
