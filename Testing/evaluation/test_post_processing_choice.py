"""Components and holes are chosen for a label where they gain, by more than few cases show by chance."""

from __future__ import annotations

import numpy as np
import pytest

from TransferSegLib.core.inference_settings import InferenceSettings
from TransferSegLib.evaluation.post_processing_choice import (
    AS_IT_IS,
    BOTH,
    CANDIDATES,
    FILLED,
    LARGEST,
    LabelChoice,
    choose_for_label,
    dice_of_candidates,
    settings_with,
)


def test_the_dice_of_each_candidate_is_that_of_the_segmentation_worked_out_by_hand():
    reference = np.zeros((12, 12, 12), bool)
    reference[1:6, 1:6, 1:6] = True  # 125 voxels
    found = reference.astype(np.uint8)
    found[3, 3, 3] = 0  # a hole
    found[9, 9, 9:11] = 1  # two voxels elsewhere
    found[9, 1, 1] = 2
    both = dice_of_candidates(found, reference)
    assert both == pytest.approx((2 * 124 / (125 + 126), 2 * 124 / (125 + 124), 2 * 125 / (125 + 127), 1.0))
    assert dice_of_candidates(found, reference & False) == (0, 0, 0, 0)
    # Voxels of the label beyond the box of what was found are missed by each.
    assert dice_of_candidates(found, reference, outside=100)[3] == pytest.approx(2 * 125 / (125 + 225))


@pytest.mark.parametrize(
    ("gain", "cases", "chosen"),
    [(0.02, 4, LARGEST), (0.009, 4, AS_IT_IS), (0.003, 20, LARGEST), (0.0, 20, AS_IT_IS), (-0.1, 8, AS_IT_IS)],
)
def test_a_label_is_changed_where_it_gains_enough_for_so_many_cases(gain, cases, chosen):
    made = choose_for_label("liver", [[(0.8, 0.8 + gain, 0.8, 0.8 + gain)] * (cases // 2)] * 2 + [[]])
    assert (made.chosen, made.cases) == (chosen, cases)


def test_of_candidates_that_gain_alike_the_one_that_does_least_is_taken_and_the_best_of_others():
    assert choose_for_label("a", [[(0.5, 0.9, 0.9, 0.9)] * 4]).chosen == LARGEST
    assert choose_for_label("a", [[(0.5, 0.6, 0.7, 0.9)] * 4]).chosen == BOTH
    assert choose_for_label("a", [[], []]) == LabelChoice("a", AS_IT_IS, 0, (), (AS_IT_IS, AS_IT_IS))


def test_a_case_is_scored_with_what_the_other_folds_chose_and_never_with_its_own_gain():
    gains, loses = [(0.5, 0.9, 0.5, 0.9)] * 2, [(0.8, 0.7, 0.8, 0.7)] * 2
    made = choose_for_label("liver", [gains, loses])
    # All together gain; but the fold that gains is scored by the other, which loses, and the other way round.
    assert (made.chosen, made.of_folds) == (LARGEST, (AS_IT_IS, LARGEST))
    assert made.nested == pytest.approx((0.5 + 0.7) / 2) and made.dice[0] == pytest.approx(0.65)
    assert made.changes and not choose_for_label("a", [loses, loses]).changes


def test_for_a_fold_the_others_are_looked_at_as_its_own_model_segments_them():
    """The share of a fold's model was chosen without its cases; with that share, the others' cases may speak otherwise."""
    gains, loses, same = [(0.5, 0.9, 0.5, 0.9)] * 2, [(0.8, 0.7, 0.8, 0.7)] * 2, [(0.6,) * 4] * 2
    made = choose_for_label("liver", [gains, gains], [[same, loses], [gains, same]])
    assert (made.chosen, made.of_folds) == (LARGEST, (AS_IT_IS, LARGEST))
    assert made.dice == (0.6,) * 4 and made.nested == pytest.approx(0.6)  # each as its own model segments it
    # What the fold's own cases score does not matter to it, with whichever share.
    other = choose_for_label("liver", [gains, gains], [[gains, loses], [gains, loses]])
    assert other.of_folds == made.of_folds


def test_noise_seldom_chooses_anything_and_gains_nothing():
    rng = np.random.default_rng(0)
    draws = [choose_for_label("a", [[tuple(0.8 + rng.normal(0, 0.005, 4))] for _ in range(8)]) for _ in range(300)]
    assert [made.chosen for made in draws].count(AS_IT_IS) > 270
    wild = [choose_for_label("a", [[tuple(0.6 + rng.normal(0, 0.1, 4))] for _ in range(8)]) for _ in range(300)]
    assert sum(made.changes for made in wild) > 100
    # What is reported gains nothing of noise, where the chosen candidate's own mean would have gained much.
    assert np.mean([made.nested - made.dice[0] for made in wild]) == pytest.approx(0, abs=0.005)
    assert np.mean([made.dice[CANDIDATES.index(made.chosen)] - made.dice[0] for made in wild]) > 0.015


def test_what_was_chosen_adds_to_what_the_model_does_and_is_told():
    choices = [
        LabelChoice("liver", BOTH, 5, (0.8, 0.9, 0.81, 0.912), (BOTH, AS_IT_IS), 0.85),
        LabelChoice("vein", FILLED, 5, (0.7, 0.7, 0.8, 0.8), (FILLED, FILLED), 0.8),
        LabelChoice("gut", AS_IT_IS, 5, (0.7, 0.7, 0.7, 0.7), (LARGEST, AS_IT_IS), 0.69),
    ]
    found = settings_with(InferenceSettings(3, ("right",), ("bone", "liver"), ()), choices)
    assert found == InferenceSettings(3, ("right",), ("bone", "liver"), ("liver", "vein"))
    assert choices[0].problem.sentence == (
        "`liver`: of what is found, the largest component alone is kept and holes are filled, chosen by 5 cases that the "
        "models did not see; with what the other folds' cases chose for each of them, their mean Dice is 0.850 in place of "
        "0.800"
    )
    assert choices[1].problem.sentence.startswith("`vein`: holes are filled, chosen by 5 cases")
    assert choices[2].problem.sentence.startswith("`gut`: what is found stays as it is, chosen by")
