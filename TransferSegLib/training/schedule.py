"""How the learning rate changes with the step, by name."""

from __future__ import annotations

import math
from collections.abc import Callable

WARM_UP_SHARE = 0.05


def factor(rule: str, steps: int, steps_per_epoch: int) -> Callable[[int], float]:
    """step (from 0) → what the learning rate is multiplied by.

    `cosine`: a short warm-up, then half a cosine down to 1 %; `step`: ×0.95 an epoch (StepLR, Hossain 2023 §3.3);
    `constant` and `plateau`: 1 (the plateau rule, Mecheter 2023 §3.5, watches the loss: see `Plateau`).
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
    """×0.75 after 5 epochs without gain in the training loss, end after 10 (Mecheter 2023 §3.5, whose authors watch the
    training accuracy)."""

    def __init__(self) -> None:
        self.best = math.inf
        self.waited = 0
        self.scale = 1.0

    def epoch(self, loss: float) -> bool:
        """Take the mean loss of an epoch; True when training should end."""
        if loss < self.best * (1 - 1e-3):
            self.best, self.waited = loss, 0
        else:
            self.waited += 1
            if self.waited % 5 == 0:
                self.scale *= 0.75
        return self.waited >= 10

    def state(self) -> list[float]:
        return [self.best, float(self.waited), self.scale]

    def restore(self, state: list[float]) -> None:
        self.best, self.waited, self.scale = state[0], int(state[1]), state[2]
