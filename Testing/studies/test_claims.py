import pytest

from TransferSegLib.studies.claims import (
    Judgement,
    Sample,
    judge_all,
    judge_best,
    judge_difference,
    judge_slope,
    slopes,
)


def sample(name, *values):
    return Sample(name, {f"case-{n}": value for n, value in enumerate(values)})


TEN = [0.40, 0.42, 0.44, 0.46, 0.48, 0.50, 0.52, 0.54, 0.56, 0.58]


def shifted(by, name="open"):
    return sample(name, *[value + by + 0.01 * (-1) ** n for n, value in enumerate(TEN)])


def test_a_difference_in_all_of_ten_cases_is_seen_with_its_numbers():
    found = judge_difference(shifted(0.1), sample("direct", *TEN), "more", "Dice of bone")
    assert found.outcome == "seen"
    # The means are 0.59 and 0.49; every sign pattern but two gives a smaller mean, so p = 2 / 1024.
    assert found.sentence.startswith(
        "Seen here: Dice of bone 0.590 with open and 0.490 with direct, a difference of +0.100"
    )
    assert "more in 10 of 10 cases" in found.numbers and "p = 0.002" in found.numbers


def test_the_opposite_is_not_seen():
    found = judge_difference(sample("direct", *TEN), shifted(0.1), "more", "Dice")
    assert found.outcome == "not seen" and "−0.100" in found.numbers
    assert judge_difference(sample("direct", *TEN), shifted(0.1), "less", "Dice").outcome == "seen"


def test_five_cases_cannot_tell_however_large_the_difference():
    found = judge_difference(sample("open", *[0.9] * 5), sample("direct", *[0.1] * 5), "more", "Dice")
    assert found.outcome == "cannot tell"
    assert "p = 0.062, which is as small as 5 can give" in found.numbers


def test_one_run_cannot_tell_and_the_sentence_says_so():
    found = judge_difference(sample("open", 20.0), sample("scratch", 90.0), "less", "seconds", unit="runs", digits=0)
    assert found.outcome == "cannot tell"
    assert found.numbers.endswith("a difference of −70, and one run cannot tell")


def test_no_difference_in_ten_cases_is_not_more_but_the_same():
    assert judge_difference(shifted(0.0), sample("direct", *TEN), "more", "Dice").outcome == "not seen"
    assert judge_difference(shifted(0.0), sample("direct", *TEN), "same", "Dice").outcome == "seen"
    assert judge_difference(shifted(0.1), sample("direct", *TEN), "same", "Dice").outcome == "not seen"


def test_differences_that_scatter_widely_cannot_tell_either_way():
    wide = sample("open", *[value + 0.3 * (-1) ** n + 0.02 for n, value in enumerate(TEN)])
    for claimed in ("more", "less", "same"):
        assert judge_difference(wide, sample("direct", *TEN), claimed, "Dice").outcome == "cannot tell"


def test_few_cases_without_a_difference_are_not_taken_for_proof_that_there_is_none():
    same = sample("a", *[0.5] * 4)
    assert judge_difference(same, sample("b", *[0.5] * 4), "more", "Dice").outcome == "cannot tell"


def test_only_cases_of_both_count_and_none_cannot_tell():
    a, b = Sample("open", {"x": 0.5}), Sample("direct", {"y": 0.4})
    found = judge_difference(a, b, "more", "Dice")
    assert found.outcome == "cannot tell"
    assert found.numbers == "there are no scores of the same cases for open and direct"


def test_the_slope_of_each_case_is_that_of_its_line_over_the_whole_range():
    steps = [(0, sample("FC", 0.1, 0.5)), (6, sample("6", 0.2, 0.4)), (18, sample("18", 0.4, 0.2))]
    # Case 0 is the line 0.1 + x/60: from 0 to 18 it rises by 0.3. Case 1 falls by as much.
    assert slopes(steps) == pytest.approx({"case-0": 0.3, "case-1": -0.3})
    assert slopes(steps[:1]) == {}
    assert slopes([(0, sample("FC", 0.3)), (7, sample("7", 0.3)), (9, sample("9", 0.3))]) == {"case-0": 0.0}


def test_a_score_that_rises_with_the_layers_in_every_case_is_seen_to_rise():
    steps = [(n, shifted(0.02 * n, f"{n} layers")) for n in (0, 3, 6)]
    found = judge_slope(steps, "more", "Dice of bone", "0 to 6 layers")
    assert found.outcome == "seen"
    assert (
        "went from 0.490 with 0 layers to 0.610 with 6 layers; the line through all 3 changes by +0.120"
        in found.numbers
    )
    assert judge_slope(steps, "less", "Dice", "layers").outcome == "not seen"


def test_a_constant_score_is_seen_to_stay_the_same():
    steps = [(n, shifted(0.0, f"{n}")) for n in (0, 3, 6)]
    assert judge_slope(steps, "same", "Dice", "layers").outcome == "seen"
    assert judge_slope(steps[:1], "same", "Dice", "layers").outcome == "cannot tell"


def test_the_best_must_beat_each_of_the_others():
    low, middle, high = sample("direct", *TEN), shifted(0.1, "open"), shifted(0.3, "hybrid")
    found = judge_best(high, [low, middle], "Dice of bone")
    assert found.outcome == "seen"
    assert found.numbers.startswith(
        "hybrid is number 1 of 3 by Dice of bone (hybrid 0.790, open 0.590 and direct 0.490; 10 cases)"
    )
    assert judge_best(middle, [low, high], "Dice").outcome == "not seen"
    assert judge_best(low, [middle, high], "seconds", higher=False).outcome == "seen"


def test_the_best_of_many_needs_chance_excluded_for_their_number():
    # With eight cases p is at least 2/256: enough for one other, and not for seven.
    eight = sample("best", *[0.9 + 0.001 * n for n in range(8)])
    others = [sample(f"other {n}", *[0.5] * 8) for n in range(7)]
    assert judge_best(eight, others[:1], "Dice").outcome == "seen"
    assert judge_best(eight, others, "Dice").outcome == "cannot tell"


def test_a_claim_of_several_parts_is_seen_only_where_all_are():
    seen, unseen, open_ = Judgement("seen", "a"), Judgement("not seen", "b"), Judgement("cannot tell", "c")
    assert judge_all([seen, seen]).outcome == "seen"
    assert judge_all([seen, open_]).outcome == "cannot tell"
    assert judge_all([seen, open_, unseen]).outcome == "not seen"
    assert judge_all([seen, open_]).numbers == "a (seen); c (cannot tell)"


def test_where_nothing_was_found_there_is_nothing_to_judge():
    none, some = (
        Sample(name, dict.fromkeys("abcdefgh", dice), True) for name, dice in (("open", 0.0), ("direct", 0.5))
    )
    for claimed in ("more", "less", "same"):
        found = judge_difference(none, none, claimed, "Dice")
        assert found.outcome == "cannot tell" and found.nothing_found
    assert found.numbers == "nothing was learned that could be compared: Dice is at most 0.000 with open and open"
    assert judge_slope([(0, none), (1, none)], "same", "Dice", "layers").outcome == "cannot tell"
    assert judge_best(none, [Sample("other", none.values, True)], "Dice").outcome == "cannot tell"
    # One that found something is judged, and so are differences and times, which may be zero.
    assert judge_difference(none, some, "more", "Dice").outcome == "not seen"
    assert judge_difference(Sample("a", none.values), Sample("b", none.values), "same", "seconds").outcome == "seen"
    assert judge_all([found, Judgement("not seen", "x")]).outcome == "cannot tell"


def test_no_less_is_seen_of_what_is_better_and_not_of_what_is_clearly_worse():
    assert judge_difference(shifted(0.1), sample("b", *TEN), "no less", "Dice", negligible=0.03).outcome == "seen"
    assert judge_difference(shifted(-0.01), sample("b", *TEN), "no less", "Dice", negligible=0.03).outcome == "seen"
    assert judge_difference(shifted(-0.1), sample("b", *TEN), "no less", "Dice", negligible=0.03).outcome == "not seen"
    few = judge_difference(sample("a", *[0.5] * 4), sample("b", *[0.4] * 4), "no less", "Dice", negligible=0.03)
    assert few.outcome == "cannot tell"
