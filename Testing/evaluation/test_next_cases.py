"""Which scans to annotate next, from numbers worked out by hand."""

from __future__ import annotations

import pytest

from TransferSegLib.evaluation.next_cases import Candidate, rank_cases


def names(ranked) -> list[str]:
    return [one.case for one in ranked]


@pytest.mark.parametrize("doubts", [(0.1, 0.5, 0.3), (0.5, 0.3, 0.1), (None, None, None)])
def test_spread_alone_decides_however_much_models_disagree(doubts):
    candidates = [
        Candidate(name, (x,), apart)
        for (name, x), apart in zip((("a", 1.0), ("b", 3.0), ("c", 9.0)), doubts, strict=True)
    ]
    ranked = rank_cases(candidates, [(0.0,)], 3)
    assert names(ranked) == ["c", "b", "a"]
    assert [one.disagreement for one in ranked] == list(doubts[::-1])
    assert rank_cases(candidates, [(5.0,)], 0) == [] and rank_cases([], [(5.0,)], 3) == []


def test_a_scan_like_one_that_stands_before_it_has_little_to_add():
    candidates = [Candidate("a", (0.0, 0.0), 0.5), Candidate("b", (0.0, 0.0), 0.49), Candidate("c", (9.0, 9.0), 0.3)]
    ranked = rank_cases(candidates, [(4.0, 4.0)], 3)
    assert names(ranked) == ["c", "a", "b"] and ranked[-1].spread == 0


def test_without_a_model_the_farthest_come_first_and_the_sentence_says_so():
    candidates = [Candidate(name, (float(x),)) for name, x in (("a", 1), ("b", 4), ("c", 10), ("d", 9))]
    ranked = rank_cases(candidates, [(0.0,)], 2)
    assert names(ranked) == ["c", "b"], "after c, d is near it"
    assert all(one.disagreement is None for one in ranked)
    assert "By spread alone" in ranked[0].reason.sentence and "No model segments it yet" in ranked[0].reason.sentence
    # Of the ten distances 1, 4, 9, 10, 3, 8, 9, 5, 6 and 1 the median is 5.5.
    assert ranked[0].spread == pytest.approx(10 / 5.5) and ranked[1].spread == pytest.approx(4 / 5.5)


def test_with_nothing_annotated_the_first_stands_for_most_of_the_others():
    candidates = [Candidate(name, (float(x),)) for name, x in (("a", 0), ("b", 5), ("c", 6), ("d", 7), ("e", 30))]
    first = rank_cases(candidates, [], 1)[0]
    assert first.spread is None and first.case in "bcd"
    assert "nothing is annotated that it could be compared with" in first.reason.sentence


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (
            "folds",
            "The models of the folds disagree on it by 0.25 (0 is not at all, 1 is wholly), which does not count",
        ),
        (
            "networks",
            "There is one model, which is unsure of what it finds in it by 0.25 (0 is not at all, 1 is wholly), over "
            "its networks; that does not count",
        ),
        (
            "copies",
            "There is one model, which is unsure of what it finds in it by 0.25 (0 is not at all, 1 is wholly), over "
            "shifted copies of the image; that does not count",
        ),
    ],
)
def test_the_reason_names_what_decided_and_what_the_doubt_is_of(by, expected):
    ranked = rank_cases([Candidate("a", (0.0,), 0.25), Candidate("b", (2.0,), 0.1)], [(1.0,)], 1, by)
    said = ranked[0].reason.sentence
    assert said.startswith("By spread alone: it is 1.0 times as far from the annotated cases") and expected in said
