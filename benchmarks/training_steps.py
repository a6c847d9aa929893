"""How long the steps of a training take."""

from __future__ import annotations

import itertools
import time

from TransferSegLib.training.loop import Progress, Training


def step_times(training: Training, steps: int) -> list[float]:
    """Go on with a training.

    Args:
        training: The training.
        steps: How many steps are timed.

    Returns:
        The seconds of each. One more is taken before them: the first step of a round has to wait for its patches, which in a
        training are cut during the step before.
    """
    stamps: list[float] = []

    def on_step(progress: Progress) -> bool:
        stamps.append(time.perf_counter())
        return len(stamps) <= steps

    training.run(on_step)
    return [after - before for before, after in itertools.pairwise(stamps)]
