"""What is recommended of few cases is no luck of the draw: a choice is made for each fold on the other folds."""

from __future__ import annotations

import statistics

import numpy as np
import pytest

from TransferSegLib.core.records import from_json, json_schema, to_json
from TransferSegLib.evaluation.recommendation import (
    Recommendation,
    Tried,
    dice_of_cases,
    expected_gain,
    mean_gain,
    ranked,
    worth,
)
from TransferSegLib.evaluation.scores import LabelScores, ScoreRow


def row(case: str, label: int, dice: float | None) -> ScoreRow:
    return ScoreRow(case, label, f"label {label}", LabelScores({"dice": dice}, missed=False))


def test_a_small_loss_of_few_cases_is_taken_for_chance_and_a_large_one_is_not():
    assert 0 < expected_gain([-0.017, 0.009, -0.012, 0.004]) < 0.002
    assert expected_gain([-0.023, 0.003, -0.018, -0.002]) < -0.001
    assert expected_gain([0.03, 0.05, 0.02, 0.04]) > 0.02
    assert expected_gain([0.8, 0.7, 0.85]) == pytest.approx(statistics.fmean([0.8, 0.7, 0.85]), abs=0.01)
    assert expected_gain([-0.05, -0.04]) < -0.005


def test_the_more_cases_have_a_gain_the_more_of_it_is_expected():
    gains = [expected_gain([0.02, 0.0] * half) for half in (1, 3, 30)]
    assert gains == sorted(gains) and 0.003 < gains[0] < 0.006 and 0.009 < gains[-1] < 0.0105


def test_without_a_case_the_prior_is_all_there_is():
    assert expected_gain([]) == pytest.approx(0.0015)


def test_of_two_that_gain_alike_the_one_whose_cases_agree_comes_first():
    source = dict.fromkeys("abcd", 0.8)
    apart = {"a": 0.86, "b": 0.78, "c": 0.85, "d": 0.79}
    alike = dict.fromkeys("abcd", 0.82)
    assert statistics.fmean(apart.values()) == pytest.approx(statistics.fmean(alike.values()))
    assert ranked({"apart": apart, "alike": alike}, source) == ["alike", "apart"]


def test_a_gain_is_measured_in_the_cases_that_decide():
    source = {"a": 0.8, "b": 0.8}
    assert mean_gain({"a": 0.9, "b": 0.7, "c": 1.0}, source) == pytest.approx(0.0)
    assert mean_gain({"a": 0.9, "b": 0.7}, source, without=("b",)) == pytest.approx(0.1)
    assert mean_gain({"a": 0.9}, source, without=("a",)) == 0.0


def test_cases_that_may_not_decide_do_not():
    source = dict.fromkeys("abc", 0.8)
    one = {"a": 0.9, "b": 0.8, "c": 0.8}
    two = {"a": 0.8, "b": 0.85, "c": 0.85}
    assert ranked({"one": one, "two": two}, source, without=("b", "c")) == ["one", "two"]
    assert ranked({"one": one, "two": two}, source, without=("a",)) == ["two", "one"]
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
        chosen = [ranked(options, source, without=(case,))[0] for case in cases]
        nested.append(statistics.fmean(options[name][case] for name, case in zip(chosen, cases, strict=True)) - 0.8)
    assert statistics.fmean(naive) > 0.012
    error = statistics.stdev(nested) / len(nested) ** 0.5
    assert abs(statistics.fmean(nested)) < 3 * error < 0.005


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
        "`open` is recommended, before 1 other: chosen for each case by the other cases, the mean Dice is 0.830 against "
        "0.800 of the source model as it is, and a gain of 0.021 is to be expected"
    )
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
    assert "nothing else could be trained" in Recommendation("direct", source_dice=0.8).problem.sentence
    new = Recommendation(
        "scratch", 3, cases=4, dice=0.7, tried=(Tried("scratch", 3, 9, 4, 0.7), Tried("open", 3, 9, 4, 0.6))
    )
    assert "`scratch` is recommended, before 1 other: " in new.problem.sentence
    assert from_json(Recommendation, to_json(trained), "scores") == trained
    assert json_schema(Recommendation)["type"] == "object"
