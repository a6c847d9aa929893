"""Which cases the networks of an analysis are run on."""

from __future__ import annotations

from types import SimpleNamespace

from TransferSegLib.jobs.analysing import MOST_CASES, choose_cases


def context(train: str, tests: str = "", unlabelled: str = "") -> SimpleNamespace:
    named = {"training_cases": train, "tests": tests, "unlabelled": unlabelled}
    return SimpleNamespace(**{part: [SimpleNamespace(name=name) for name in names] for part, names in named.items()})


def chosen(*contexts: SimpleNamespace) -> tuple[str, list[str]]:
    cases, notes = choose_cases(contexts)
    return "".join(case.name for case in cases), notes


def test_cases_that_no_network_was_trained_on_come_first_and_a_note_says_where_there_are_none():
    assert chosen(context("ab", "cd", "e"), context("a", "cd", "e")) == ("cde", [])
    assert chosen(context("ab", "cd"), context("abc", "d")) == ("d", [])
    cases, (note,) = chosen(context("ab", "cd"), context("cd", "ab"))
    assert cases == "cd" and note.startswith("Other cases are scored in each fold")
    cases, (note,) = chosen(context("ab"))
    assert cases == "ab" and note.startswith("There are no test cases")


def test_of_many_cases_some_are_taken_from_all_of_them():
    cases, _ = chosen(context("z", "abcdefghijklmnopqr"))
    assert cases == "adgjmp" and len(cases) <= MOST_CASES
