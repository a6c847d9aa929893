import pytest

from TransferSegLib.evaluation.convergence import converged_check, training_time

# 0.995 of the best, 0.8, is 0.796.
DICE = [(20, 0.2), (40, 0.795), (60, 0.796), (80, 0.8), (100, 0.7)]


def test_a_training_has_converged_at_the_first_look_within_half_a_per_cent_of_the_best():
    found = training_time("open", "0", 100, 50.0, DICE, [9.0, 19.0, 31.0, 40.0, 50.0])
    assert (found.converged_step, found.converged_s) == (60, 31.0)
    assert (found.steps, found.seconds, found.step_s) == (100, 50.0, pytest.approx(0.5))


def test_without_validation_cases_it_is_not_known_when_a_training_had_converged():
    found = training_time("open", "test", 100, 50.0, [])
    assert (found.converged_step, found.converged_s, found.step_s) == (None, None, 0.5)


def test_what_never_found_anything_has_not_converged():
    assert converged_check([0.0, 0.0]) is None
    assert converged_check([]) is None


def test_of_results_of_before_the_clock_was_stored_the_step_is_known_and_no_seconds():
    found = training_time("open", "0", 100, None, DICE)
    assert (found.converged_step, found.converged_s, found.step_s) == (60, None, None)
