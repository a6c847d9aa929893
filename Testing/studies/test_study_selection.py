"""How the cases of a study are split and drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from TransferSegLib.cases.phantom.dataset import write_phantoms
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels
from TransferSegLib.core.case_set import Case, CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.jobs.case_choice import CaseChoice, draw_cases
from TransferSegLib.studies.grid import StudyData
from TransferSegLib.studies.selection import ALL_LABELS, draw_by_volume, label_volumes_ml, split_cases


def cases(count: int = 10, tests: tuple[int, ...] = (), unlabelled: tuple[int, ...] = ()) -> CaseSet:
    made = tuple(
        Case(
            f"case-{n}",
            (Path(f"{n}.nii"),),
            None if n in unlabelled else Path(f"{n}-seg.nii"),
            "test" if n in tests else "unlabelled" if n in unlabelled else "train",
        )
        for n in range(count)
    )
    return CaseSet("cases", Path("/data/cases"), made, {1: "bone"})


def said(**split) -> StudyData:
    return StudyData(path="/data/cases", **split)


def test_without_a_word_the_data_set_decides():
    choice = split_cases(cases(6, tests=(1, 4), unlabelled=(5,)), said())
    assert choice == CaseChoice(("case-0", "case-2", "case-3"), ("case-1", "case-4"))


def test_numbers_are_drawn_and_no_case_is_in_two_parts():
    choice = split_cases(cases(10, tests=(0,)), said(test=3, train=5))
    assert len(choice.test) == 3 and len(choice.train) == 5 and not set(choice.test) & set(choice.train)
    assert choice == split_cases(cases(10, tests=(0,)), said(test=3, train=5))
    assert choice != split_cases(cases(10, tests=(0,)), said(test=3, train=5, split_seed=1))


def test_named_cases_stay_where_they_are_named():
    choice = split_cases(cases(6), said(test=("case-5", "case-2"), train=2))
    assert choice.test == ("case-2", "case-5") and len(choice.train) == 2


def test_each_case_is_scored_in_one_fold_and_trained_on_in_the_others():
    folds = [split_cases(cases(10), said(folds=3), fold) for fold in range(3)]
    assert sorted(len(fold.test) for fold in folds) == [3, 3, 4]
    assert sorted(name for fold in folds for name in fold.test) == sorted(f"case-{n}" for n in range(10))
    assert all(sorted(fold.train + fold.test) == sorted(f"case-{n}" for n in range(10)) for fold in folds)


def test_a_larger_set_of_a_draw_contains_the_smaller_one_and_draws_differ():
    whole = CaseChoice(tuple(f"case-{n}" for n in range(20)), ("test",))
    drawn = {(size, draw): draw_cases(whole, size, draw, 0, "x") for size in (4, 8, 20) for draw in (0, 1)}
    assert set(drawn[4, 0].train) < set(drawn[8, 0].train) < set(drawn[20, 0].train)
    assert set(drawn[4, 0].train) != set(drawn[4, 1].train)
    assert all(choice.test == ("test",) for choice in drawn.values())
    assert draw_cases(whole, None, 1, 0, "x") == whole


@pytest.mark.parametrize(
    ("split", "said_is"),
    [
        ({"test": 11}, r"asks for 0 \+ 11 \+ 1 annotated cases .* and there are 10; give"),
        ({"validation": 2, "test": 6, "train": 3}, r"asks for 2 \+ 6 \+ 3 annotated cases .* and there are 10; give"),
        ({"test": 10}, r"asks for 0 \+ 10 \+ 1 annotated cases"),
        ({"test": ("case-99",)}, "no annotated case `case-99`"),
    ],
)
def test_more_cases_than_there_are_is_refused(split, said_is):
    with pytest.raises(InputError, match=said_is):
        split_cases(cases(10), said(**split))


def test_the_sum_counts_the_largest_training_set_and_not_the_cases_that_have_a_role():
    with pytest.raises(InputError, match=r"asks for 2 \+ 4 \+ 5 annotated cases .* and there are 10; give"):
        split_cases(cases(10), said(validation=2, test=4), largest=5)
    with pytest.raises(
        InputError, match=r"asks for 2 \+ 0 \+ 7 .* and there are 8 without those that it names or that"
    ):
        split_cases(cases(10, tests=(0, 1)), said(validation=2), largest=7)
    assert len(split_cases(cases(10), said(validation=2, test=4), largest=4).train) == 4


def test_a_size_beyond_the_training_cases_is_refused():
    with pytest.raises(InputError, match="3 training cases are asked for, and there are 2"):
        draw_cases(CaseChoice(("a", "b")), 3, 0, 0, "cases")


def test_sets_drawn_by_volume_have_a_case_of_each_bin_first_and_contain_each_other():
    # Two cases in each of four bins: 0 to 10, 10 to 20, 20 to 30, 30 to 40 mL.
    volumes_ml = {f"case-{n}": ml for n, ml in enumerate((0, 9, 11, 19, 21, 29, 31, 40))}
    whole = CaseChoice(tuple(volumes_ml), ("test",))
    drawn = {size: draw_by_volume(whole, size, 0, 0, volumes_ml, 4, "x") for size in (2, 4, 6, 8)}
    bins = [sorted(int(name[-1]) // 2 for name in drawn[size].train) for size in (4, 8)]
    assert bins == [[0, 1, 2, 3], [0, 0, 1, 1, 2, 2, 3, 3]]
    assert set(drawn[2].train) < set(drawn[4].train) < set(drawn[6].train) < set(drawn[8].train)
    assert {draw_by_volume(whole, 4, draw, 0, volumes_ml, 4, "x").train for draw in range(6)} != {drawn[4].train}


def test_as_many_cases_as_there_are_can_be_drawn_by_volume_whatever_the_bins():
    whole = CaseChoice(("case-0", "case-1", "case-2"))
    volumes_ml = {"case-0": 1.0, "case-1": 1.0, "case-2": 5.0}
    for bins in (1, 2, 8):
        assert draw_by_volume(whole, 3, 0, 0, volumes_ml, bins, "x").train == whole.train


def test_volumes_are_those_of_the_named_label(tmp_path):
    read = read_case_set(write_phantoms(tmp_path / "heads", "t1w", 1, 3, (16, 16, 8), lesions=True))
    (case,) = read.cases
    labels = read_labels(case.label)
    (bone,) = (value for value, name in read.labels.items() if name == "bone")
    expected_ml = np.count_nonzero(labels.array == bone) * np.prod(labels.grid.spacing_mm) / 1000
    assert label_volumes_ml(read, [case.name], "Bone") == {case.name: pytest.approx(expected_ml)}
    all_ml = np.count_nonzero(labels.array) * np.prod(labels.grid.spacing_mm) / 1000
    assert label_volumes_ml(read, [case.name], ALL_LABELS) == {case.name: pytest.approx(all_ml)}
    with pytest.raises(InputError, match="has no label `liver`"):
        label_volumes_ml(read, [case.name], "liver")
