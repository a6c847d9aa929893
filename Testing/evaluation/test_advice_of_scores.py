"""What more cases would bring, how sure a model may be, and what its disagreement with another tells: numbers by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from TransferSegLib.evaluation.calibration import CalibrationSums
from TransferSegLib.evaluation.case_curve import case_curve
from TransferSegLib.evaluation.predicted_dice import dice_prediction, promised_dice


def calibration(cases):
    sums = CalibrationSums()
    for probabilities, reference in cases:
        sums.add(probabilities.argmax(axis=0), probabilities.max(axis=0), reference)
    return sums.result()


def test_two_sizes_give_the_inverse_curve_through_both():
    found = case_curve({4: [0.8, 0.8], 8: [0.85, 0.85]})
    # a - b/4 = 0.8 and a - b/8 = 0.85: b = 0.4, a = 0.9
    four, eight = found.expected
    assert (four.cases, eight.cases) == (12, 16)
    assert four.dice == pytest.approx(0.9 - 0.4 / 12) and eight.dice == pytest.approx(0.9 - 0.4 / 16)
    assert four.gain == pytest.approx(0.9 - 0.4 / 12 - 0.85)
    assert (four.low, four.high) == pytest.approx((four.gain, four.gain)), "cases that are alike leave no doubt"


def test_gains_are_over_all_cases_that_there_are_where_folds_were_trained_on_fewer():
    found = case_curve({4: [0.8, 0.8], 8: [0.85, 0.85]}, more=(10,), now=10)
    (ten,) = found.expected
    assert found.now == 10 and ten.cases == 20 and ten.dice == pytest.approx(0.9 - 0.4 / 20)
    assert (ten.gain, ten.low, ten.high) == pytest.approx((0.02, 0.02, 0.02))


def test_three_sizes_give_the_exponent_too():
    sizes = (2, 4, 8, 16)
    found = case_curve({n: [0.9 - 0.3 * n**-0.5] * 3 for n in sizes})
    assert found.expected[1].dice == pytest.approx(0.9 - 0.3 * 24**-0.5, abs=2e-3)


def test_what_falls_with_more_cases_is_expected_to_stay_and_one_size_says_nothing():
    found = case_curve({4: [0.85] * 4, 8: [0.8] * 4})
    assert [one.gain for one in found.expected] == [0.0, 0.0]
    assert case_curve({4: [0.8, 0.9]}) is case_curve({4: [0.8], 8: []}) is case_curve({}) is None


def test_cases_that_differ_make_the_interval_of_a_gain_wider():
    rng = np.random.default_rng(1)
    narrow, wide = (
        case_curve({4: 0.7 + rng.normal(0, sd, 12), 8: 0.8 + rng.normal(0, sd, 12)}).expected[1] for sd in (0.005, 0.05)
    )
    assert narrow.low <= narrow.gain <= narrow.high and wide.high - wide.low > 2 * (narrow.high - narrow.low)


def test_a_model_that_is_as_often_right_as_it_is_sure_has_no_calibration_error():
    probabilities = np.zeros((2, 10, 1, 1))
    probabilities[1], probabilities[0] = 0.8, 0.2
    reference = np.array([1] * 8 + [0] * 2).reshape(10, 1, 1)
    right = calibration([(probabilities, reference)])
    assert right.error == pytest.approx(0) and right.bins[8].voxels == 10 and right.bins[8].accuracy == 0.8
    half = np.array([1] * 5 + [0] * 5).reshape(10, 1, 1)
    assert calibration([(probabilities, half)]).error == pytest.approx(0.3)


def test_the_calibration_of_several_cases_is_that_of_all_their_voxels():
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet([1, 1, 1], (8, 4, 1)).transpose(3, 0, 1, 2)
    reference = rng.integers(0, 3, (8, 4, 1))
    apart = calibration([(probabilities[:, :3], reference[:3]), (probabilities[:, 3:], reference[3:])])
    whole = calibration([(probabilities, reference)])
    assert apart.error == pytest.approx(whole.error) and whole.error > 0
    assert [one.voxels for one in apart.bins] == [one.voxels for one in whole.bins]


def test_what_is_surely_background_does_not_make_a_model_look_calibrated():
    probabilities = np.array([[1.0, 1.0, 0.2], [0.0, 0.0, 0.8]]).reshape(2, 3, 1, 1)
    found = calibration([(probabilities, np.array([0, 0, 0]).reshape(3, 1, 1))])
    assert found.error == pytest.approx(0.8) and sum(one.voxels for one in found.bins) == 1
    missed = calibration([(probabilities, np.array([1, 0, 1]).reshape(3, 1, 1))])
    assert sum(one.voxels for one in missed.bins) == 2, "a voxel that is missed counts"
    assert calibration([(probabilities[:, :2], np.zeros((2, 1, 1), int))]) is None


def test_disagreement_that_tells_of_the_dice_predicts_it_and_noise_does_not():
    x = [0.1, 0.2, 0.3, 0.4, 0.5]
    found = dice_prediction(x, [0.95 - 0.5 * one for one in x])
    assert found.useful and found.correlation == pytest.approx(-1) and found.error == pytest.approx(0)
    assert found.predict(0.25) == pytest.approx(0.825) and found.predict(9.0) == 0.0
    noise = dice_prediction(x, [0.8, 0.9, 0.7, 0.9, 0.85])
    assert not noise.useful and noise.correlation > 0
    assert (
        not dice_prediction([0.2] * 5, [0.8] * 5).useful and dice_prediction([0.2] * 5, [0.8] * 5).correlation is None
    )
    assert not replace(found, error=0.095, error_of_mean=0.1).useful, "hardly better than the mean is no use"
    assert dice_prediction(x[:3], x[:3]) is None


def test_sums_that_were_kept_give_the_calibration_of_all_cases_together():
    rng = np.random.default_rng(0)
    cases = [(rng.random((4, 4, 2)), rng.integers(0, 2, (4, 4, 2)), rng.integers(0, 2, (4, 4, 2))) for _ in range(3)]
    whole, kept = CalibrationSums(), CalibrationSums()
    for confidence, classes, reference in cases:
        own = CalibrationSums()
        for sums in (whole, own):
            sums.add(classes, confidence, reference)
        kept.add_numbers(own.as_numbers)
    assert kept.result() == whole.result() and whole.result().error > 0
    assert CalibrationSums().as_numbers == () and CalibrationSums().result() is None
    kept.add_numbers(())
    assert kept.result() == whole.result()
    with pytest.raises(ValueError, match="reshape"):
        kept.add_numbers([[1.0]])


def test_the_promised_dice_is_that_of_the_probabilities_by_hand():
    label = np.array([0.9, 0.6, 0.2, 0.005]).reshape(4, 1, 1)  # given to two voxels; 0.005 is left out
    whole = np.stack([1 - label, label])
    assert promised_dice(whole) == pytest.approx(2 * (0.9 + 0.6) / (2 + 0.9 + 0.6 + 0.2))
    nowhere = np.stack([1 - label, label, 0 * label])
    assert promised_dice(nowhere) == pytest.approx(promised_dice(whole) / 2), "a label that is found nowhere has 0"
    sure = np.stack([label < 0.5, label > 0.5]).astype(float)
    assert promised_dice(sure) == 1
