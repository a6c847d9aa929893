"""How the learning rate changes with the step, by name."""

from __future__ import annotations

import math
from collections.abc import Callable

WARM_UP_SHARE = 0.05


def factor(rule: str, steps: int, steps_per_epoch: int) -> Callable[[int], float]:
    """How the learning rate changes while a training runs.

    Args:
        rule: `cosine` is a short warm-up, then half a cosine down to 1 %; `step` is ×0.95 an epoch (StepLR, Hossain 2023
            §3.3); `constant` is 1, and so is `plateau`, which watches the loss instead: see `Plateau`.
        steps: The steps of the training.
        steps_per_epoch: The steps of an epoch.

    Returns:
        A function: step, counted from 0 → what the learning rate is multiplied by.
    """
    if rule == "cosine":
        warm = max(1, round(WARM_UP_SHARE * steps))

        def cosine(step: int) -> float:
            if step < warm:
                return (step + 1) / warm
            return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))

        return cosine
    if rule == "step":
        return lambda step: 0.95 ** (step // steps_per_epoch)
    return lambda step: 1.0


class Plateau:
    """The plateau rule: ×0.75 after 5 epochs without gain in the training loss, end after 10.

    Source: Mecheter 2023 §3.5, whose authors watch the training accuracy.

    Attributes:
        best: The lowest mean loss of an epoch so far.
        waited: The epochs since then.
        scale: What the learning rate is multiplied by.
    """

    def __init__(self) -> None:
        """Begin with the whole learning rate."""
        self.best = math.inf
        self.waited = 0
        self.scale = 1.0

    def epoch(self, loss: float) -> bool:
        """Take note of an epoch's mean loss.

        Returns:
            Whether the training should end.
        """
        if loss < self.best * (1 - 1e-3):
            self.best, self.waited = loss, 0
        else:
            self.waited += 1
            if self.waited % 5 == 0:
                self.scale *= 0.75
        return self.waited >= 10

    def state(self) -> list[float]:
        """What a checkpoint needs."""
        return [self.best, float(self.waited), self.scale]

    def restore(self, state: list[float]) -> None:
        """Go on from a checkpoint, as `state` gave it."""
        self.best, self.waited, self.scale = state[0], int(state[1]), state[2]
