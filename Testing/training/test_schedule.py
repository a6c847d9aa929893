"""The learning-rate rules of the papers."""

from __future__ import annotations

import pytest

from TransferSegLib.training.recipes import Recipe
from TransferSegLib.training.schedule import Plateau, Waiting, factor


def test_the_step_rule_is_95_percent_an_epoch():
    scale = factor(Recipe(lr_schedule="step"), steps=100, steps_per_epoch=4)
    assert [scale(n) for n in (0, 3, 4, 7, 8)] == pytest.approx([1, 1, 0.95, 0.95, 0.95**2])
    assert scale(80) == pytest.approx(0.95**20)


@pytest.mark.parametrize("steps", [1, 2, 5, 40, 400])
def test_the_cosine_warms_up_falls_and_never_ends_at_nothing(steps):
    scale = factor(Recipe(), steps, steps_per_epoch=3)
    values = [scale(n) for n in range(steps)]
    assert max(values) == 1
    top = values.index(1)
    assert values[: top + 1] == sorted(values[: top + 1])
    assert values[top:] == sorted(values[top:], reverse=True)
    assert min(values) >= 0.01
    assert top <= max(1, 0.05 * steps)


def test_the_cosine_is_at_half_in_the_middle_and_at_one_percent_at_the_end():
    scale = factor(Recipe(), 400, 1)
    assert scale(20 + 190) == pytest.approx(0.505)
    assert scale(399) == pytest.approx(0.01, abs=1e-3)


@pytest.mark.parametrize("rule", ["constant", "plateau", "plateau-steps"])
def test_the_other_rules_leave_the_rate_alone(rule):
    scale = factor(Recipe(lr_schedule=rule), 10, 2)
    assert {scale(n) for n in range(10)} == {1.0}


def noted(plateau: Waiting, losses) -> Waiting:
    for loss in losses:
        plateau.note(loss)
    return plateau


def test_the_plateau_rule_cuts_after_5_epochs_without_gain():
    plateau = noted(Plateau(), [1.0])
    scales = [noted(plateau, [1.0]).scale for _ in range(10)]
    assert scales == [1.0] * 4 + [0.75] * 5 + [0.75**2]
    assert plateau.waited == 10


def test_a_gain_starts_the_waiting_again_and_keeps_the_rate():
    plateau = noted(Plateau(), [1.0] * 6)
    assert (plateau.scale, plateau.waited) == (0.75, 5)
    noted(plateau, [0.9])
    assert (plateau.scale, plateau.waited) == (0.75, 0)
    assert noted(plateau, [0.9] * 5).scale == 0.75**2


def test_a_gain_too_small_to_see_is_none():
    assert noted(Waiting(), [1 - 1e-6 * n for n in range(11)]).waited == 10


def test_a_loss_below_zero_gains_where_it_falls_and_nowhere_else():
    assert noted(Waiting(), [-0.5, -0.6, -0.5999, -0.6005]).waited == 2
    assert noted(Waiting(), [-0.5, -0.6, -0.601]).waited == 0


def test_after_half_of_the_steps_the_rate_is_a_tenth():
    scale = factor(Recipe(lr_schedule="half"), steps=10, steps_per_epoch=2)
    assert [scale(n) for n in range(10)] == [1.0] * 5 + [0.1] * 5


def test_a_recipe_may_have_numbers_of_its_own():
    scale = factor(Recipe(lr_schedule="step", lr_factor=0.5), 100, 10)
    assert scale(25) == 0.25
    assert noted(Plateau(0.9, 1), [1.0, 1.0, 1.0]).scale == pytest.approx(0.81)


def test_the_plateau_goes_on_from_where_it_was():
    losses = [1.0, 0.8, *[0.8] * 7]
    whole, second = noted(Plateau(), losses), Plateau()
    second.restore(noted(Plateau(), losses[:4]).state())
    noted(second, losses[4:])
    assert second.state() == whole.state()
