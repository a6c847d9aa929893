"""How long trainings took and when they had converged (Karimi 2021, §3.6; Mecheter 2023, §4.5).

A training has converged at the first look at the validation cases whose Dice is within 0.5 % of the best: the convergence
epoch of Karimi 2021. The paper does not say whether 0.5 % is of the best Dice or 0.005 of it; here it is of the best. Where a
training has no validation cases this is not known, and is said so: cases whose scores count are never looked at meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WITHIN = 0.005


@dataclass(frozen=True)
class TrainingTime:
    """How long one training took.

    Attributes:
        strategy: The key of its strategy.
        fold: The number of its fold, or `test` for the final model, as in scores.
        steps: The steps that it took.
        seconds: How long they took together, on the clock; None where that is not known.
        step_s: The seconds of a step, on average.
        converged_step: The step at which it had converged; None without validation cases.
        converged_s: The seconds until then; None where they are not known.
    """

    strategy: str
    fold: str
    steps: int
    seconds: float | None = None
    step_s: float | None = None
    converged_step: int | None = None
    converged_s: float | None = None


def training_time(
    strategy: str,
    fold: str,
    steps: int,
    seconds: float | None,
    validation: Sequence[tuple[int, float]],
    check_seconds: Sequence[float] = (),
) -> TrainingTime:
    """Find out when a training had converged.

    Args:
        strategy: The key of its strategy.
        fold: Its fold.
        steps: The steps that it took.
        seconds: How long they took together.
        validation: (step, Dice on the validation cases); empty without such cases.
        check_seconds: The seconds until each of these; empty where they are not known.
    """
    step_s = None if seconds is None else seconds / steps
    index = converged_check([dice for _, dice in validation])
    if index is None:
        return TrainingTime(strategy, fold, steps, seconds, step_s)
    after = check_seconds[index] if index < len(check_seconds) else None
    return TrainingTime(strategy, fold, steps, seconds, step_s, validation[index][0], after)


def converged_check(dices: Sequence[float]) -> int | None:
    """The number, from 0, of the first look whose Dice is within 0.5 % of the best one; None where nothing was learned."""
    best = max(dices, default=0.0)
    return next((n for n, dice in enumerate(dices) if best > 0 and dice >= (1 - WITHIN) * best), None)
