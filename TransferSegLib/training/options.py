"""The training settings a person may choose; everything left at None is chosen by the job and written down in it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from TransferSegLib.core.card import MOST_VOXELS
from TransferSegLib.core.errors import InputError

Augment = Literal["none", "light", "strong", "contrast"]
LrSchedule = Literal["cosine", "step", "plateau", "constant"]
MOST = {"steps": 10**9, "epochs": 10**9, "batch_size": 1024}


@dataclass(frozen=True)
class TrainingOptions:
    """At most one of `steps`, `epochs` and `minutes` is the budget: the first two of each training (a fold, or the final
    model), `minutes` of all the trainings of a job together.

    lr_schedule: `cosine` (default), `step` (×0.95 an epoch, Hossain 2023 §3.3), `plateau` (×0.75 after 5 epochs
    without gain, stop after 10, Mecheter 2023 §3.5), `constant`.
    """

    steps: int | None = None
    epochs: int | None = None
    minutes: float | None = None
    device: str = "auto"
    seed: int = 0
    learning_rate: float | None = None
    lr_schedule: LrSchedule = "cosine"
    batch_size: int | None = None
    patch_size: tuple[int, int, int] | None = None
    augment: Augment = "light"
    deterministic: bool = False

    def __post_init__(self) -> None:
        budgets = [n for n in ("steps", "epochs", "minutes") if getattr(self, n) is not None]
        if len(budgets) > 1:
            raise InputError(f"--{budgets[0]} and --{budgets[1]} are both given; give one budget.")
        if self.deterministic and self.minutes is not None:
            raise InputError(
                "--deterministic and --minutes: how many steps fit into a time differs from run to run; "
                "give --steps or --epochs."
            )
        for name in ("steps", "epochs", "minutes", "learning_rate", "batch_size"):
            value = getattr(self, name)
            if value is not None and not (value > 0 and math.isfinite(value)):
                raise InputError(f"--{name.replace('_', '-')} {value}: must be a number greater than 0.")
        for name, most in MOST.items():
            value = getattr(self, name)
            if value is not None and value > most:
                flag = name.replace("_", "-")
                raise InputError(f"--{flag} {value}: more than {most:,}, which no computer gets through; choose fewer.")
        if not 0 <= self.seed < 2**32:
            raise InputError(f"--seed {self.seed}: must be a whole number from 0 to {2**32 - 1}.")
        if self.patch_size is not None and min(self.patch_size) < 1:
            raise InputError(f"--patch-size {self.patch_size}: every side must be at least 1 voxel.")
        if self.patch_size is not None and math.prod(self.patch_size) > MOST_VOXELS:
            sides = " ".join(map(str, self.patch_size))
            raise InputError(
                f"--patch-size {sides}: a patch of so many voxels fits into no memory; choose a smaller one."
            )
