"""Trainings that end within a second, of a tiny network on cases with a bright box, which is the label."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.core.card import CardNetwork
from TransferSegLib.core.grid import Grid
from TransferSegLib.networks import build
from TransferSegLib.networks.execution import ExecutionConfig, Precision
from TransferSegLib.training.loop import RunSettings, Training
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.training.unlabelled import objective_without_labels
from TransferSegLib.transfer.plan import Teach, TransferPlan, trainable_everywhere

SIZE = (16, 16, 8)
NETWORK = CardNetwork("monai-unet", {"channels": (4, 8, 8), "strides": (2, 2)})


def boxes(count: int) -> list[PreparedCase]:
    """As many annotated cases, no two alike."""
    rng = np.random.default_rng(0)
    made = []
    for n in range(count):
        classes = np.zeros(SIZE, np.uint8)
        classes[4:12, 3 + n : 12, 2:6] = 1
        image = rng.normal(2.0 * classes[None], 0.2).astype(np.float32)
        made.append(PreparedCase(f"c{n}", image, classes, Grid.from_spacing(SIZE, (1, 1, 1)), (1.0, 1.0, 1.0)))
    return made


def tiny_training(
    teach: Teach,
    cases: Sequence[PreparedCase],
    steps: int,
    rate: float = 3e-3,
    batch: int = 2,
    precision: Precision = "float32",
    **options: Any,
) -> Training:
    """A training that learns from more or less than labels; the same each time that it is made."""
    torch.manual_seed(2)
    built = build(NETWORK.name, 1, 2, NETWORK.arguments)
    plan = TransferPlan("by hand", built, NETWORK, trainable_everywhere(built, rate), teach=teach)
    plan.prepare()
    settings = RunSettings(steps, batch, SIZE, ExecutionConfig("cpu", precision), seed=3)
    chosen = TrainingOptions(augment="light", lr_schedule="constant", **options)
    return Training(plan, cases, chosen, settings, objective=objective_without_labels(teach))


def assert_goes_on(make: Callable[[], Training], step: int) -> None:
    """Kill a training after a step: what goes on from its checkpoint must end with the weights of one that was not killed."""
    whole, first, second, kept = make(), make(), make(), io.BytesIO()
    whole.run()

    def stop(progress: Any) -> bool:
        if progress.step == step:
            torch.save(first.state(), kept)
        return progress.step < step

    first.run(stop)
    kept.seek(0)
    second.restore(torch.load(kept, weights_only=True))
    second.run()
    mine, its = whole.plan.network.state_dict(), second.plan.network.state_dict()
    assert all(torch.equal(mine[key], its[key]) for key in mine)
    assert whole.progress == second.progress
