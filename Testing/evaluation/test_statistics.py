import numpy as np
import pytest
from scipy import stats

from TransferSegLib.evaluation.statistics import Paired, describe, paired_difference, sign_flip_p


def test_mean_and_sd_are_those_of_the_sample():
    found = describe([0.2, None, 0.4, 0.9])
    assert (found.n, found.mean, found.sd) == (3, pytest.approx(0.5), pytest.approx(np.std([0.2, 0.4, 0.9], ddof=1)))


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_with_fewer_than_four_values_no_interval_is_claimed(n):
    found = describe([0.5, 0.7, 0.6][:n])
    assert (found.n, found.low, found.high) == (n, None, None)
    assert (found.mean is None) == (n == 0)
    assert (found.sd is None) == (n < 2)


def test_equal_values_have_an_interval_without_width():
    found = describe([0.7] * 6)
    assert (found.mean, found.low, found.high) == pytest.approx((0.7, 0.7, 0.7))


def test_the_interval_is_that_of_scipys_percentile_bootstrap():
    values = np.random.default_rng(4).normal(0.8, 0.1, 20)
    expected = stats.bootstrap((values,), np.mean, method="percentile", n_resamples=9999).confidence_interval
    found = describe(list(values))
    assert (found.low, found.high) == (pytest.approx(expected.low, abs=3e-3), pytest.approx(expected.high, abs=3e-3))


def test_the_same_values_give_the_same_interval():
    assert describe([0.1, 0.5, 0.4, 0.9]) == describe([0.1, 0.5, 0.4, 0.9])


def test_five_cases_cannot_reach_five_percent_and_say_so():
    found = paired_difference([0.9] * 5, [0.1] * 5)
    assert (found.p, found.smallest_p) == (0.0625, 0.0625)
    assert stats.wilcoxon([0.8, 0.7, 0.6, 0.5, 0.4]).pvalue == 0.0625


def test_six_cases_that_all_agree_can_reach_five_percent():
    assert paired_difference([0.9] * 6, [0.1] * 6).p == 0.03125


@pytest.mark.parametrize("n", [3, 8, 12])
def test_p_is_that_of_scipys_exact_paired_permutation_test(n):
    rng = np.random.default_rng(n)
    a, b = rng.normal(0.8, 0.1, n), rng.normal(0.75, 0.1, n)
    expected = stats.permutation_test(
        (a, b), lambda x, y: np.mean(x - y), permutation_type="samples", n_resamples=np.inf
    )
    assert sign_flip_p(a - b) == pytest.approx(expected.pvalue)


def test_with_many_cases_p_is_near_that_of_the_t_test_and_never_zero():
    rng = np.random.default_rng(7)
    differences = rng.normal(0.02, 0.08, 60)
    assert sign_flip_p(differences) == pytest.approx(stats.ttest_1samp(differences, 0).pvalue, abs=0.01)
    assert sign_flip_p(np.full(60, 0.5)) == 1e-4


def test_no_difference_at_all_is_no_evidence():
    found = paired_difference([0.8] * 8, [0.8] * 8)
    assert (found.p, found.better, found.worse) == (1.0, 0, 0)


def test_swapping_the_two_mirrors_the_difference():
    a, b = [0.5, 0.6, 0.9, 0.7, 0.2], [0.4, 0.7, 0.5, 0.1, 0.1]
    forth, back = paired_difference(a, b), paired_difference(b, a)
    assert (forth.mean, forth.low, forth.high) == pytest.approx((-back.mean, -back.high, -back.low))
    assert (forth.p, forth.better, forth.worse) == (back.p, back.worse, back.better)


def test_a_smaller_distance_is_the_better_one():
    found = paired_difference([1.0, 2.0, 9.0], [3.0, 4.0, 5.0], higher_is_better=False)
    assert (found.better, found.worse) == (2, 1)


def test_a_case_without_both_scores_is_left_out_and_no_pair_is_no_difference():
    assert paired_difference([None, 0.5], [0.4, 0.3]).n == 1
    assert paired_difference([None], [0.4]) == Paired(0, None, None, None, None, None, 0, 0)
