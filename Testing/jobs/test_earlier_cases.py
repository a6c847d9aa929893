"""Which earlier case a case of now is: by its voxels, by its name, and what is refused where the two leave a doubt."""

from __future__ import annotations

from pathlib import Path

import pytest

from TransferSegLib.cases.digests import Digests
from TransferSegLib.core.errors import InputError
from TransferSegLib.jobs.earlier_cases import EarlierCase, EarlierCases

FOLDS = {"a": 0, "b": 1, "c": 2}


def earlier(named: bool = True, **folds: int | None) -> EarlierCases:
    """Cases whose image has the digest `of-NAME`."""
    cases = [EarlierCase(n, n if named else "", fold, frozenset({f"of-{n}"})) for n, fold in (folds or FOLDS).items()]
    return EarlierCases(Path("job"), tuple(cases))


def images(**digests: str) -> dict[str, Digests]:
    return {name: Digests((digest,)) for name, digest in digests.items()}


def test_a_case_with_other_voxels_stays_in_the_fold_of_its_name_and_is_named():
    now = images(a="of-a", b="other", c="of-c", d="new")
    assert earlier().folds([*"abcd"], now) == FOLDS
    assert earlier().with_other_voxels([*"abcd"], now) == ["b"]
    assert earlier().images("b", now) == {"other", "of-b"} and earlier().images("d", now) == {"new"}


def test_voxels_tell_where_names_have_changed():
    now = images(b="of-a", c="of-b", a="of-c", x="of-a")
    assert earlier().folds([*"bcax"], now) == {"b": 0, "c": 1, "a": 2, "x": 0}
    assert earlier().with_other_voxels([*"bcax"], now) == []
    assert earlier().images("b", now) == {"of-a"}, "it is not the case that had its name"


def test_names_that_are_given_anew_in_each_job_tell_nothing():
    now = images(a="new", b="of-a", c="of-b", d="of-c")
    assert earlier(named=False).folds([*"abcd"], now) == {"b": 0, "c": 1, "d": 2}
    assert earlier(named=False).with_other_voxels([*"abcd"], now) == []


def test_a_case_before_all_others_that_shifts_their_names_is_in_no_fold_that_has_seen_it():
    now = images(a="new", b="of-a", c="of-b", d="of-c")
    assert earlier().folds([*"abcd"], now) == {"a": 0, "b": 0, "c": 1, "d": 2}


def test_a_new_image_under_a_name_that_moved_is_refused_while_a_case_is_missing():
    """`b` may be the missing `a`, rewritten, and the model of the fold of `b` has seen that."""
    now = images(a="of-b", b="other", c="of-c")
    with pytest.raises(
        InputError, match=r"case `b` has other voxels .* is now case `a`, and `a` of that job is missing"
    ):
        earlier().folds([*"abc"], now)
    assert earlier(a=1, b=1, c=2).folds([*"abc"], now) == {"a": 1, "b": 1, "c": 2}, "the same fold"


def test_images_of_two_cases_in_one_are_refused():
    two = [EarlierCase(n, n, fold, frozenset({f"t1-{n}", f"t2-{n}"})) for n, fold in FOLDS.items()]
    now = {"a": Digests(("t1-b", "other")), "b": Digests(("t1-b", "t2-b"))}
    with pytest.raises(
        InputError, match="case `a` has its name in that job and some images of another case there, `b`"
    ):
        EarlierCases(Path("job"), tuple(two)).folds([*"ab"], now)
    # One channel of its own is enough to be itself.
    now = {"a": Digests(("t1-a", "corrected")), "b": Digests(("t1-b", "t2-b"))}
    found = EarlierCases(Path("job"), tuple(two))
    assert found.folds([*"ab"], now) == {"a": 0, "b": 1} and found.with_other_voxels([*"ab"], now) == ["a"]


def test_without_digests_names_tell():
    assert earlier().folds([*"abd"], {}) == {"a": 0, "b": 1}
