"""What is recommended of few cases is no luck of the draw: a choice is made for each fold on the other folds."""

from __future__ import annotations

import statistics
from dataclasses import replace

import numpy as np
import pytest

from TransferSegLib.core.records import from_json, json_schema, to_json
from TransferSegLib.evaluation.recommendation import (
    FoldDice,
    Recommendation,
    Tried,
    better_than_source,
    expected_gain,
    is_farther,
    ranked,
    with_chosen_shares,
    worth,
)
from TransferSegLib.evaluation.scores import LabelScores, ScoreRow, dice_of_cases


def row(case: str, label: int, dice: float | None) -> ScoreRow:
    return ScoreRow(case, label, f"label {label}", LabelScores({"dice": dice}, missed=False))


def test_a_small_loss_of_few_cases_is_taken_for_chance_and_a_large_one_is_not():
    assert 0 < expected_gain([-0.017, 0.009, -0.012, 0.004]) < 0.002
    assert expected_gain([0.0, -0.03] * 2) < 0 < expected_gain([0.01, -0.02] * 2)
    assert expected_gain([-0.023, 0.003, -0.018, -0.002]) < 0
    assert expected_gain([0.03, 0.05, 0.02, 0.04]) > 0.02
    assert expected_gain([0.8, 0.7, 0.85]) == pytest.approx(statistics.fmean([0.8, 0.7, 0.85]), abs=0.01)
    assert expected_gain([-0.05, -0.04]) < -0.005


def test_the_more_cases_have_a_gain_the_more_of_it_is_expected():
    gains = [expected_gain([0.02, 0.0] * half) for half in (1, 3, 30)]
    assert gains == sorted(gains) and 0.003 < gains[0] < 0.006 and 0.008 < gains[-1] < 0.0105
    most = [
        next(loss for loss in np.arange(0, 0.05, 1e-4) if expected_gain([-loss, -loss] * half) < 0)
        for half in (1, 2, 10)
    ]
    assert most == sorted(most, reverse=True) and most[0] > 2 * most[-1] > 0  # more cases may lose less


def test_without_a_case_the_prior_is_all_there_is():
    assert expected_gain([]) == pytest.approx(0.002)


def test_of_two_that_gain_alike_the_one_whose_cases_agree_comes_first():
    source = dict.fromkeys("abcd", 0.8)
    apart = {"a": 0.86, "b": 0.78, "c": 0.85, "d": 0.79}
    alike = dict.fromkeys("abcd", 0.82)
    assert statistics.fmean(apart.values()) == pytest.approx(statistics.fmean(alike.values()))
    assert ranked({"apart": apart, "alike": alike}, source) == ["alike", "apart"]


def test_cases_that_may_not_decide_do_not():
    source = dict.fromkeys("abc", 0.8)
    one = {"a": 0.9, "b": 0.8, "c": 0.8}
    two = {"a": 0.8, "b": 0.85, "c": 0.85}
    assert ranked({"one": one, "two": two}, source, decide="a") == ["one", "two"]
    assert ranked({"one": one, "two": two}, source, decide="bc") == ["two", "one"]
    assert worth({"a": 0.5, "b": 0.7}, None) == pytest.approx(0.6)  # nothing to gain over


def test_rightly_finding_nothing_counts_where_another_found_something():
    rows = {
        "quiet": [row("a", 1, 0.8), row("a", 2, None)],
        "loud": [row("a", 1, 0.9), row("a", 2, 0.0)],
    }
    assert dice_of_cases(rows) == {"quiet": {"a": pytest.approx(0.9)}, "loud": {"a": pytest.approx(0.45)}}
    assert dice_of_cases({"quiet": rows["quiet"]}) == {"quiet": {"a": pytest.approx(0.8)}}


def test_candidates_of_pure_chance_gain_nothing_where_each_case_is_judged_by_the_others():
    """With as many candidates as a job has, the best of chance looks 0.02 better on the cases that chose it."""
    draws = np.random.default_rng(3)
    nested, naive = [], []
    for _ in range(400):
        cases = [f"case {n}" for n in range(5)]
        source = dict.fromkeys(cases, 0.8)
        options = {
            name: {case: 0.8 + draws.normal(0, 0.03) for case in cases} for name in ("a", "b", "c", "d", "e", "f")
        }
        best = ranked(options, source)[0]
        naive.append(statistics.fmean(options[best].values()) - 0.8)
        chosen = [ranked(options, source, [other for other in cases if other != case])[0] for case in cases]
        nested.append(statistics.fmean(options[name][case] for name, case in zip(chosen, cases, strict=True)) - 0.8)
    assert statistics.fmean(naive) > 0.012
    error = statistics.stdev(nested) / len(nested) ** 0.5
    assert abs(statistics.fmean(nested)) < 3 * error < 0.005


def reported_of_alike(cases: int, gain: float, jobs: int) -> tuple[list[float], list[float]]:
    """Jobs with four candidates whose true gain is the same: what each job reports, and what each that keeps one does."""
    draws = np.random.default_rng(5)
    names = [f"case {n}" for n in range(cases)]
    source = dict.fromkeys(names, 0.8)
    reported, kept = [], []
    for _ in range(jobs):
        shared = draws.normal(gain, 0.0106, cases)
        options = {key: dict(zip(names, 0.8 + shared + draws.normal(0, 0.0106, cases), strict=True)) for key in "abcd"}
        found = []
        for case in names:
            own = better_than_source(options, source, [name for name in names if name != case])
            found.append(0.0 if own is None else options[own][case] - 0.8)
        reported.append(statistics.fmean(found))
        if better_than_source(options, source, names) is not None:
            kept.append(reported[-1])
    return reported, kept


def test_noise_is_not_reported_as_a_gain():
    reported, kept = reported_of_alike(4, 0.0, jobs=1000)
    error = statistics.stdev(reported) / len(reported) ** 0.5
    assert abs(statistics.fmean(reported)) < 3 * error < 0.001
    assert len(kept) > 0.9 * len(reported), "what neither gains nor loses is kept"


def test_a_loss_that_is_there_is_not_kept():
    _reported, kept = reported_of_alike(4, -0.03, jobs=300)
    assert len(kept) < 0.03 * 300


def test_a_gain_that_is_there_is_kept_and_reported_as_large_as_it_is():
    _reported, kept = reported_of_alike(4, 0.03, jobs=100)
    assert len(kept) >= 99 and statistics.fmean(kept) == pytest.approx(0.03, abs=0.003)


def test_without_a_case_that_decides_or_anything_to_choose_the_source_model_stays():
    source = dict.fromkeys("abcd", 0.8)
    assert better_than_source({"one": {"a": 0.9, "b": 0.9}}, source, "b") == "one"
    assert better_than_source({"one": {"a": 0.9}}, source, "") is None
    assert better_than_source({}, source, "ab") is None


def test_the_recommendation_says_why_in_a_sentence():
    tried = (
        Tried("direct", 0, 0, 4, 0.80),
        Tried("open", 3, 400, 4, 0.83, 0.02, 60.0),
        Tried("conservative:part=decoder", 2, 80, 4, 0.81, 0.004, 12.0),
    )
    trained = Recommendation(
        "open", 3, of_folds=("open",) * 4, cases=4, dice=0.83, source_dice=0.80, gain=0.021, tried=tried
    )
    assert trained.problem.sentence == (
        "`open` is recommended, before 1 other. All cases had a part in its model, so `auto` is scored in its place: each "
        "case was segmented by a model that was chosen and trained without it, with a mean Dice of 0.830 against 0.800 of "
        "the source model as it is. On the next case a gain of 0.021 is to be expected"
    )
    below = replace(trained, dice=0.797, gain=0.001).problem.sentence
    assert "of 0.797 against 0.800 of the source model as it is. So few cases differ by that much by chance" in below
    assert "hardly any change is to be expected" in replace(trained, gain=0.0003).problem.sentence
    assert "hardly any change is to be expected" in replace(trained, gain=-0.0003).problem.sentence
    assert "On the next case a loss of 0.004 is to be expected" in replace(trained, gain=-0.004).problem.sentence
    nearer = Recommendation("direct", best_trained="open", hd95_mm=7.25, source_hd95_mm=3.5, tried=tried)
    assert nearer.problem.sentence == (
        "The source model as it is is recommended: its mean HD95 is 3.5 mm and that of `open` 7.2 mm, farther than chance "
        "would have it, and a gain of Dice is not"
    )
    assert "trained on every annotated case" in Recommendation("open", 2, by="seen").problem.sentence
    source = Recommendation(
        "direct", cases=4, dice=0.8, source_dice=0.8, best_trained="open", best_trained_dice=0.795, tried=tried
    )
    assert source.problem.sentence == (
        "The source model as it is is recommended, with a mean Dice of 0.800: the best of 2 ways of training, `open`, has "
        "0.795, from which no gain is to be expected beyond these 4 cases"
    )
    above = Recommendation("direct", cases=4, dice=0.79, source_dice=0.8, best_trained="open", tried=tried)
    assert above.problem.sentence == (
        "The source model as it is is recommended: its mean Dice is 0.800, and that of the best of 2 ways of training, "
        "chosen for each case by the other cases, is 0.790"
    )
    assert "without a comparison" in Recommendation("open", 3, by="nothing").problem.sentence
    for chosen in ("open", "direct"):
        without = Recommendation(chosen, 3, by="nothing", cases=8, source_dice=0.9).problem.sentence
        assert "ask for 2 folds or more" in without and "one more case" not in without
        assert "annotate one more case" in Recommendation(chosen, by="nothing", cases=1).problem.sentence
    assert "nothing else could be trained" in Recommendation("direct", source_dice=0.8).problem.sentence
    new = Recommendation(
        "scratch", 3, cases=4, dice=0.7, tried=(Tried("scratch", 3, 9, 4, 0.7), Tried("open", 3, 9, 4, 0.6))
    )
    assert new.problem.sentence == (
        "`scratch` is recommended, before 1 other. Its model was trained on all cases, so `auto` is scored in its place: "
        "each case was segmented by a model that was chosen and trained without it, with a mean Dice of 0.700"
    )
    assert from_json(Recommendation, to_json(trained), "scores") == trained
    assert json_schema(Recommendation)["type"] == "object"


def of_folds(shares: dict[str, list[float]], default: str) -> list[FoldDice]:
    """What models of four folds of one case each scored, share → the Dice of cases a, b, c and d."""
    return [
        FoldDice(default, {share: {case: dice[n]} for share, dice in shares.items()}) for n, case in enumerate("abcd")
    ]


def test_the_share_of_a_training_is_chosen_by_the_cases_that_may_decide_alone():
    trainings = {"open": of_folds({"0.5": [0.9, 0.8, 0.8, 0.8], "1": [0.7, 0.85, 0.85, 0.85]}, "0.5")}
    assert list(with_chosen_shares(trainings, {"open": "0.5"}, "bcd")) == [("open", "1")]
    found = with_chosen_shares(trainings, {"open": "0.5"}, "abc")
    assert found == {("open", "0.5"): {"a": 0.9, "b": 0.8, "c": 0.8, "d": 0.8}}  # of all cases, to be scored by it
    assert list(with_chosen_shares(trainings, {"open": "1"}, "")) == [("open", "1")]


def test_a_gain_of_dice_by_chance_does_not_outweigh_a_loss_of_hd95_beyond_it():
    source, near = dict.fromkeys("abcde", 0.8), dict.fromkeys("abcde", 3.0)
    far = {"a": 6.0, "b": 5.0, "c": 7.0, "d": 6.0, "e": 8.0}
    luck = {"a": 0.86, "b": 0.79, "c": 0.83, "d": 0.77, "e": 0.82}
    assert is_farther(luck, source, far, near)
    assert not is_farther(dict.fromkeys("abcde", 0.85), source, far, near)  # a gain beyond chance does
    assert not is_farther(luck, source, {**far, "a": 0.5, "b": 1.0, "c": 2.0}, near)
    assert not is_farther(luck, source, {"a": 9.0, "b": 9.0}, near)  # of two cases nobody can tell
    assert not is_farther(luck, source, {}, {})
