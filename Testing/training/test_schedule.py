"""The learning-rate rules of the papers."""

from __future__ import annotations

import pytest

from TransferSegLib.training.schedule import Plateau, factor


def test_the_step_rule_is_95_percent_an_epoch():
    scale = factor("step", steps=100, steps_per_epoch=4)
    assert [scale(n) for n in (0, 3, 4, 7, 8)] == pytest.approx([1, 1, 0.95, 0.95, 0.95**2])
    assert scale(80) == pytest.approx(0.95**20)


@pytest.mark.parametrize("steps", [1, 2, 5, 40, 400])
def test_the_cosine_warms_up_falls_and_never_ends_at_nothing(steps):
    scale = factor("cosine", steps, steps_per_epoch=3)
    values = [scale(n) for n in range(steps)]
    assert max(values) == 1
    top = values.index(1)
    assert values[: top + 1] == sorted(values[: top + 1])
    assert values[top:] == sorted(values[top:], reverse=True)
    assert min(values) >= 0.01
    assert top <= max(1, 0.05 * steps)


def test_the_cosine_is_at_half_in_the_middle_and_at_one_percent_at_the_end():
    scale = factor("cosine", 400, 1)
    assert scale(20 + 190) == pytest.approx(0.505)
    assert scale(399) == pytest.approx(0.01, abs=1e-3)


@pytest.mark.parametrize("rule", ["constant", "plateau"])
def test_the_other_rules_leave_the_rate_alone(rule):
    scale = factor(rule, 10, 2)
    assert {scale(n) for n in range(10)} == {1.0}


def test_the_plateau_rule_cuts_after_5_epochs_without_gain_and_ends_after_10():
    plateau = Plateau()
    assert not plateau.epoch(1.0)
    ended, scales = [], []
    for _ in range(10):
        ended.append(plateau.epoch(1.0))
        scales.append(plateau.scale)
    assert scales == [1.0] * 4 + [0.75] * 5 + [0.75**2]
    assert ended == [False] * 9 + [True]


def test_a_gain_starts_the_waiting_again_and_keeps_the_rate():
    plateau = Plateau()
    for loss in (1.0, 1.0, 1.0, 1.0, 1.0, 1.0):
        plateau.epoch(loss)
    assert plateau.scale == 0.75
    assert not plateau.epoch(0.9)
    for _ in range(9):
        assert not plateau.epoch(0.9)
    assert plateau.scale == 0.75**2
    assert plateau.epoch(0.9)


def test_a_gain_too_small_to_see_is_none():
    plateau = Plateau()
    ended = [plateau.epoch(1 - 1e-6 * n) for n in range(11)]
    assert ended == [False] * 10 + [True]


def test_the_plateau_goes_on_from_where_it_was():
    whole, first = Plateau(), Plateau()
    losses = [1.0, 0.8, *[0.8] * 7]
    for loss in losses:
        whole.epoch(loss)
    for loss in losses[:4]:
        first.epoch(loss)
    second = Plateau()
    second.restore(first.state())
    for loss in losses[4:]:
        second.epoch(loss)
    assert second.state() == whole.state()
