"""How the learning rate changes with the step, by name, and when a training that gains nothing ends."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from TransferSegLib.training.recipes import Recipe

WARM_UP_SHARE = 0.05
# A loss that is lower by less than this share is no gain.
GAIN = 1e-3


@dataclass(frozen=True)
class Rule:
    """What a schedule does where the recipe gives no numbers of its own.

    Attributes:
        factor: What the learning rate is multiplied by each time it falls.
        patience: How many epochs without gain it waits; for `plateau-steps`, after how many steps it looks.
        end: After how many epochs without gain the training ends; 0 is never.
    """

    factor: float = 1.0
    patience: int = 0
    end: int = 0


# `step`: StepLR (Hossain 2023 §3.3.3). `half`: Zoetmulder 2022 §4.3. `plateau`: Mecheter 2023 §3.5. `plateau-steps`: Karimi
# 2021 §2.2.
RULES = {
    "cosine": Rule(),
    "constant": Rule(),
    "step": Rule(0.95),
    "half": Rule(0.1),
    "plateau": Rule(0.75, 5, 10),
    "plateau-steps": Rule(0.9, 2000),
}


def rule_of(recipe: Recipe) -> Rule:
    """The numbers of a recipe's schedule: its own, else those of the schedule."""
    rule = RULES[recipe.lr_schedule]
    return Rule(
        rule.factor if recipe.lr_factor is None else recipe.lr_factor,
        rule.patience if recipe.lr_patience is None else recipe.lr_patience,
        rule.end if recipe.patience is None else recipe.patience,
    )


def factor(recipe: Recipe, steps: int, steps_per_epoch: int) -> Callable[[int], float]:
    """How the learning rate changes while a training runs.

    Args:
        recipe: Its `lr_schedule`: `cosine` is a short warm-up, then half a cosine down to 1 %; `step` falls after each
            epoch; `half` falls once, after half of the steps; `constant` is 1, and so are the two `plateau`s, which watch
            the loss instead: see `Plateau`.
        steps: The steps of the training.
        steps_per_epoch: The steps of an epoch.

    Returns:
        A function: step, counted from 0 → what the learning rate is multiplied by.
    """
    fall = rule_of(recipe).factor
    if recipe.lr_schedule == "cosine":
        warm = max(1, round(WARM_UP_SHARE * steps))

        def cosine(step: int) -> float:
            if step < warm:
                return (step + 1) / warm
            return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))

        return cosine
    if recipe.lr_schedule == "step":
        return lambda step: fall ** (step // steps_per_epoch)
    if recipe.lr_schedule == "half":
        return lambda step: fall if 2 * step >= steps else 1.0
    return lambda step: 1.0


class Waiting:
    """Counts since when the loss gains nothing.

    Attributes:
        best: The lowest mean loss of a period so far.
        waited: The periods since then.
    """

    def __init__(self) -> None:
        """Begin before the first period."""
        self.best = math.inf
        self.waited = 0

    def note(self, loss: float) -> None:
        """Take note of a period's mean loss, which may be negative (minus Dice)."""
        if math.isinf(self.best) or loss < self.best - GAIN * abs(self.best):
            self.best, self.waited = loss, 0
        else:
            self.waited += 1

    def state(self) -> list[float]:
        """What a checkpoint needs."""
        return [self.best, float(self.waited)]

    def restore(self, state: list[float]) -> None:
        """Go on from a checkpoint, as `state` gave it."""
        self.best, self.waited = state[0], int(state[1])


class Plateau(Waiting):
    """Lets the learning rate fall each time that so many periods brought no gain in the training loss.

    Source: Mecheter 2023 §3.5, ×0.75 after 5 epochs, whose authors watch the training accuracy; Karimi 2021 §2.2, ×0.9 after
    every 2000 iterations if the loss did not decrease, which is one period of 2000 steps.

    Attributes:
        scale: What the learning rate is multiplied by.
    """

    def __init__(self, factor: float = 0.75, patience: int = 5) -> None:
        """Begin with the whole learning rate.

        Args:
            factor: What it is multiplied by each time.
            patience: The periods without gain.
        """
        super().__init__()
        self.factor, self.patience = factor, patience
        self.scale = 1.0

    def note(self, loss: float) -> None:
        """Take note of a period's mean loss."""
        super().note(loss)
        if self.waited and self.waited % self.patience == 0:
            self.scale *= self.factor

    def state(self) -> list[float]:
        """What a checkpoint needs."""
        return [*super().state(), self.scale]

    def restore(self, state: list[float]) -> None:
        """Go on from a checkpoint, as `state` gave it."""
        super().restore(state)
        self.scale = state[2]
