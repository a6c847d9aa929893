"""Which of several learning rates is chosen, by tables worked out by hand."""

from __future__ import annotations

import pytest

from TransferSegLib.evaluation.rate_choice import choose_rate

# Dice of two cases in each of three folds.
SCORES = {
    0.1: [[0.9, 0.9], [0.5, 0.5], [0.5, 0.5]],  # mean 0.633; without fold 0: 0.5
    0.01: [[0.6, 0.6], [0.7, 0.7], [0.7, 0.7]],  # mean 0.667; without fold 0: 0.7, without fold 1 or 2: 0.65
}


def test_a_fold_is_scored_by_the_rate_that_did_best_on_the_other_folds():
    made = choose_rate("open", "out-of-fold", (0.1, 0.01), SCORES)
    assert made.chosen == 0.01 and made.dice == pytest.approx((0.6333, 0.6667), abs=1e-4)
    # Without fold 1 (or 2) the first rate has (0.9 + 0.5) / 2 = 0.7 and the second 0.65.
    assert made.of_folds == (0.01, 0.1, 0.1)
    said = made.problem.sentence
    assert "learning rate 0.01 has the best mean Dice out-of-fold (0.1 0.633, 0.01 0.667)" in said


def test_cases_to_validate_on_decide_for_all_folds_at_once():
    made = choose_rate("open", "validation", (0.1, 0.01), SCORES)
    assert made.of_folds == (0.01, 0.01, 0.01)
    assert "on the cases to validate on" in made.problem.sentence


def test_without_folds_one_list_of_scores_decides_and_the_first_of_equals_is_taken():
    made = choose_rate("open", "validation", (0.1, 0.01, 0.001), {0.1: [[0.5]], 0.01: [[0.5]], 0.001: [[0.4]]})
    assert (made.chosen, made.of_folds) == (0.1, (0.1,))


def test_a_rate_that_blew_up_is_told_and_never_chosen():
    made = choose_rate("open", "validation", (10.0, 0.01), {0.01: [[0.0]]})
    assert made.chosen == 0.01 and made.dice == (None, 0.0)
    assert "(10 blew up, 0.01 0.000)" in made.problem.sentence
    with pytest.raises(ValueError, match="no learning rate is left"):
        choose_rate("open", "validation", (10.0, 1.0), {})
