"""The cases that a job takes of its data set."""

from __future__ import annotations

from pathlib import Path

import pytest

from TransferSegLib.core.case_set import Case, CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.jobs.case_choice import CaseChoice


def cases() -> CaseSet:
    made = tuple(Case(name, (Path(f"{name}.nii"),), Path(f"{name}-seg.nii")) for name in "abcd")
    return CaseSet("four", Path("/data/four"), made, {1: "bone"})


def test_only_the_named_cases_are_taken_each_for_what_it_is_named():
    chosen = CaseChoice(train=("d", "a"), test=("c",)).of(cases())
    assert [(case.name, case.role) for case in chosen.cases] == [("a", "train"), ("c", "test"), ("d", "train")]
    assert chosen.labels == {1: "bone"}


def test_a_case_that_is_gone_is_named():
    with pytest.raises(InputError, match="four: has no case `x`, which the job names; put it back"):
        CaseChoice(train=("a", "x")).of(cases())


def test_a_case_is_never_both_trained_on_and_scored():
    with pytest.raises(InputError, match="case `a` is there twice"):
        CaseChoice(train=("a", "b"), test=("a",))
