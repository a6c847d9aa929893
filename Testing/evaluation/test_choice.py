"""A choice by scores: by the other folds alone, for the default where cases are few, and no gain where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from TransferSegLib.core.records import from_json, to_json
from TransferSegLib.evaluation.choice import Choice, choose, choose_nested, choose_steps, mean_of, usual

CANDIDATES = ("0.25", "0.5", "0.75", "1")


def test_another_candidate_must_gain_more_than_the_prior_says_that_it_loses():
    def taken(cases: int, gain: float) -> str:
        return choose(("a", "b"), [{"a": [0.8] * cases, "b": [0.8 + gain] * cases}], "a")

    assert (taken(4, 0.0049), taken(4, 0.0051)) == ("a", "b")
    assert (taken(20, 0.0009), taken(20, 0.0011)) == ("a", "b")
    assert taken(4, -0.5) == "a"


def test_of_several_that_gain_enough_the_best_is_taken_and_the_first_of_equal_ones():
    fold = {"a": [0.5] * 9, "b": [0.6] * 9, "c": [0.7] * 9, "d": [0.7] * 9}
    assert choose(("a", "b", "c", "d"), [fold], "a") == "c"


def test_without_scores_or_another_candidate_the_default_is_taken():
    assert choose(("a", "b"), [], "b") == "b"
    assert choose(("a",), [{"a": [0.1]}], "a") == "a"


def test_each_fold_has_what_the_others_say_and_the_final_model_what_all_say():
    # Fold 0 alone speaks for b, all others for a.
    scores = [{"a": [0.1], "b": [0.9]}, *[{"a": [0.8], "b": [0.7]}] * 3]
    chosen, of_folds = choose_nested(("a", "b"), scores, ["b", "b", "b", "b"])
    assert of_folds[0] == "a", "its own case would say b"
    assert of_folds[1:] == ("b",) * 3 and chosen == "b"


def test_no_case_has_a_say_in_its_own_score():
    rng = np.random.default_rng(0)
    scores = [{one: list(rng.uniform(0.5, 1, 2)) for one in CANDIDATES} for _ in range(5)]
    _, before = choose_nested(CANDIDATES, scores, ["1"] * 5)
    for fold in range(5):
        changed = [dict(one) for one in scores]
        changed[fold] = {one: list(rng.uniform(0, 1, 2)) for one in CANDIDATES}
        assert choose_nested(CANDIDATES, changed, ["1"] * 5)[1][fold] == before[fold]


@pytest.mark.parametrize("prior", [(0, 0.0), (4, 0.005)], ids=["no prior", "the usual prior"])
@pytest.mark.parametrize("folds", [2, 4, 5])
def test_planted_noise_gains_nothing_where_the_best_mean_of_all_seems_to(folds, prior):
    """Candidates whose scores are the truth, 0.8, and noise: any gain that is reported is an invention."""
    rng = np.random.default_rng(1)
    nested, naive = [], []
    for _ in range(3000):
        scores = [{one: list(0.8 + rng.normal(0, 0.02, 2)) for one in CANDIDATES} for _ in range(folds)]
        _, of_folds = choose_nested(CANDIDATES, scores, ["1"] * folds, *prior)
        own = [dice for fold, one in zip(scores, of_folds, strict=True) for dice in fold[one]]
        nested.append(np.mean(own) - 0.8)
        naive.append(max(mean_of(scores, one) for one in CANDIDATES) - 0.8)
    error = np.std(nested) / np.sqrt(len(nested))
    assert abs(np.mean(nested)) < 4 * error
    assert np.mean(naive) > 0.005


def test_a_real_difference_is_found_and_few_cases_do_not_lose_by_looking():
    """What half-way weights do to a source that knows nothing, and what noise of cases does to candidates that are alike."""
    rng = np.random.default_rng(2)

    def drawn(means: dict[str, float], cases: int) -> list[dict[str, list[float]]]:
        level = rng.normal(0, 0.05, cases)
        return [{c: [m + level[n] + rng.normal(0, 0.01)] for c, m in means.items()} for n in range(cases)]

    ruined = {"0.25": 0.5, "0.5": 0.74, "0.75": 0.816, "1": 0.833}
    found = [choose_nested(CANDIDATES, drawn(ruined, 4), ["0.5"] * 4)[0] for _ in range(300)]
    assert found.count("1") > 250 and found.count("0.5") + found.count("0.25") == 0
    alike = {"0.25": 0.824, "0.5": 0.825, "0.75": 0.823, "1": 0.816}
    lost = [0.825 - alike[choose_nested(CANDIDATES, drawn(alike, 4), ["0.5"] * 4)[0]] for _ in range(300)]
    assert np.mean(lost) < 0.001


def test_of_equally_many_defaults_the_last_candidate_is_the_usual_one():
    assert usual(CANDIDATES, ["0.5", "1", "1", "0.5"]) == "1"
    assert usual(CANDIDATES, ["0.5", "0.5", "1"]) == "0.5"


LOOKS = ("0.25", "0.5", "0.75")


def shares_chosen(shares, folds: int) -> Choice:
    chosen, of_folds = choose_nested(CANDIDATES, shares, ["1"] * folds)
    return Choice("adapted_share", "open", "out-of-fold", CANDIDATES, (0.8,) * 4, "1", chosen, of_folds, folds)


def test_the_steps_of_a_fold_are_chosen_by_the_other_folds_and_noise_brings_no_gain():
    rng = np.random.default_rng(3)
    nested, naive, early = [], [], 0
    for _ in range(3000):
        looks = [{one: [0.8 + rng.normal(0, 0.03)] for one in LOOKS} for _ in range(4)]
        shares = [{one: [0.8 + rng.normal(0, 0.03)] for one in CANDIDATES} for _ in range(4)]
        before = shares_chosen(shares, 4)
        made = choose_steps(looks, shares, before)
        early += sum(one != "1" for one in made.of_folds)
        own = [
            look[part][0] if part != "1" else done[share][0]
            for look, done, part, share in zip(looks, shares, made.of_folds, before.of_folds, strict=True)
        ]
        nested.append(np.mean(own) - 0.8)
        naive.append(max(made.dice) - 0.8)
    error = np.std(nested) / np.sqrt(len(nested))
    assert abs(np.mean(nested)) < 4 * error and early > 1000
    assert np.mean(naive) > 0.005


def test_fewer_steps_are_held_against_the_share_that_models_of_all_steps_have():
    shares = [{"0.25": [0.8], "0.5": [0.85], "0.75": [0.8], "1": [0.8]} for _ in range(4)]
    before = shares_chosen(shares, 4)
    assert (before.chosen, before.of_folds) == ("0.5", ("0.5",) * 4)
    as_good = choose_steps([{"0.5": [0.851]}] * 4, shares, before)
    assert (as_good.chosen, as_good.of_folds, as_good.dice) == ("1", ("1",) * 4, (0.851, 0.85))
    better = choose_steps([{"0.5": [0.87]}] * 4, shares, before)
    assert (better.chosen, better.of_folds) == ("0.5", ("0.5",) * 4)
    assert better.problem.sentence == (
        "`open`: 50 % of the steps were chosen by the Dice of one copy of each image, at the network's own voxel size, on 4 "
        "cases that the folds held out (50 % 0.870, 100 % 0.850)"
    )


def test_a_fold_whose_case_alone_speaks_for_fewer_steps_takes_all():
    shares = [{one: [0.8] for one in CANDIDATES} for _ in range(4)]
    looks = [{"0.5": [0.95]}, {"0.5": [0.8]}, {"0.5": [0.8]}, {"0.5": [0.8]}]
    made = choose_steps(looks, shares, shares_chosen(shares, 4))
    assert (made.chosen, made.of_folds) == ("0.5", ("1", "0.5", "0.5", "0.5"))


def test_a_choice_is_told_in_a_sentence_and_read_again():
    made = Choice("adapted_share", "open", "out-of-fold", ("0.5", "1"), (0.81, 0.8), "1", "0.5", ("1", "0.5"), 4)
    assert made.problem.sentence == (
        "`open`: weights 50 % of the way from those that the training began with to the adapted ones were chosen by "
        "the Dice of one copy of each image, at the network's own voxel size, on 4 cases that the folds held out (50 % "
        "0.810, 100 % 0.800)"
    )
    assert from_json(Choice, to_json(made), "choice") == made
