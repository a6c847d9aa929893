"""Several data sets as one: labels by their names, cases by names of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from TransferSegLib.core.case_set import Case, CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.transfer.pooling import pool


def data_set(name: str, labels: dict[int, str], cases: str = "ab", **fields) -> CaseSet:
    made = tuple(Case(c, (Path(f"/data/{name}/{c}.nii"),), Path(f"/data/{name}/{c}-seg.nii")) for c in cases)
    return CaseSet(name, Path("/data") / name, made, labels, **fields)


def values_of(found: CaseSet) -> dict[str, dict[int, int]]:
    """Value in the file of each case → value in the pool, for all labels."""
    return {
        case.name: {old: new for new, old in zip(found.labels, found.labels_in_file(case), strict=True)}
        for case in found.cases
    }


def test_one_data_set_is_itself():
    one = data_set("one", {1: "liver"})
    assert pool([one]) is one


def test_a_label_of_the_same_name_is_one_label_whatever_its_value():
    first = data_set("north", {1: "Liver", 2: "left kidney"}, "a")
    second = data_set("south", {1: "left_kidney", 3: "liver"}, "b")
    found = pool([first, second])
    assert found.labels == {1: "Liver", 2: "left kidney"}
    a, b = found.cases
    assert (a.renumbered, dict(b.renumbered)) == ((), {1: 2, 3: 1})
    assert found.remarks == () and found.root == Path("/data")


def test_values_that_a_file_has_otherwise_are_followed_to_the_pool():
    first = data_set("north", {1: "liver", 2: "kidney"}, "a")
    # In its file 7 is the kidney, which its data set has as 1.
    second = data_set("south", {1: "kidney", 2: "liver"}, "b")
    case = Case("b", second.cases[0].images, second.cases[0].label, renumbered=((2, 2), (7, 1)))
    found = pool([first, CaseSet("south", second.root, (case,), second.labels)])
    assert dict(found.cases[1].renumbered) == {2: 1, 7: 2}


def test_a_label_that_not_every_data_set_has_gets_a_free_value_and_a_warning():
    found = pool([data_set("north", {1: "liver"}, "a"), data_set("south", {1: "spleen", 2: "liver"}, "b")])
    assert found.labels == {1: "liver", 2: "spleen"}
    assert dict(found.cases[1].renumbered) == {1: 2, 2: 1}
    (warning,) = found.remarks
    assert warning.severity == "warning" and "not every one of the 2 data sets has `spleen`" in warning.sentence
    assert "learned as background" in warning.sentence


def test_labels_without_names_are_matched_by_their_values():
    unnamed = data_set("south", {1: "label 1", 4: "label 4"}, "b", named=False)
    found = pool([data_set("north", {1: "liver"}, "a"), unnamed])
    assert found.labels == {1: "liver", 4: "label 4"}
    assert all(case.renumbered == () for case in found.cases)
    assert pool([unnamed, data_set("north", {1: "liver"}, "a")]).labels == {1: "liver", 4: "label 4"}


def test_cases_of_one_name_are_named_by_their_folders():
    found = pool([data_set("north", {1: "liver"}), data_set("south", {1: "liver"}, "bc")])
    assert [case.name for case in found.cases] == ["a", "north_b", "south_b", "c"]


def test_data_sets_of_several_modalities_are_a_warning_and_of_other_channels_an_error():
    first = data_set("north", {1: "liver"}, "a", modality="ct")
    found = pool([first, data_set("south", {1: "liver"}, "b", modality="mr")])
    assert found.modality is None and "show ct, mr, and all are prepared as the first" in found.remarks[0].sentence
    with pytest.raises(InputError, match="its cases have 2 channels, the target's 1"):
        pool([first, data_set("south", {1: "liver"}, "b", channels=("T1", "T2"))])
