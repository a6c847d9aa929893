"""What a fold's training is worth before its end: the weights of a few steps, and their Dice on the held-out cases.

They lie in `JOB/state/looks/STRATEGY/fold0` as `0.5.safetensors` and `0.5.json` (after half of the steps) until the job is
finished: by then it is chosen after which share of its steps each model ends. Looking changes nothing of a training.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import remove_folder
from TransferSegLib.core.records import read_json
from TransferSegLib.jobs.files import explain_write_errors, write_json
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import StrategyChoice

if TYPE_CHECKING:
    from torch import Tensor

# The weights of all looks of a strategy take no more on the disk; there are fewer looks where they would.
MOST_BYTES = 10**9


def look_steps(count: int, steps: int, model_bytes: int, folds: int) -> dict[int, str]:
    """After which steps a fold is looked at, evenly spread before its end.

    Args:
        count: How many looks are asked for.
        steps: The steps of the training.
        model_bytes: How large the network's weights are.
        folds: How many folds keep theirs.

    Returns:
        Step → its share of the steps, as a text. None where a single look would take too much of the disk.
    """
    count = min(count, MOST_BYTES // max(1, model_bytes * folds))
    shares = [f"{n / (count + 1):.3g}" for n in range(1, count + 1)]
    return {step: share for share in shares if (step := step_of(float(share), steps)) < steps}


def step_of(share: float, steps: int) -> int:
    """Find the step at which a share of a training is done.

    Args:
        share: The share, from 0 to 1.
        steps: All steps of the training.

    Returns:
        The step, from 1.
    """
    return max(1, round(share * steps))


@dataclass(frozen=True)
class FoldLooks:
    """The looks of a fold.

    Attributes:
        job: The job.
        choice: The strategy.
        fold: The fold's number, counted from 0.
    """

    job: JobFolder
    choice: StrategyChoice
    fold: int

    @property
    def path(self) -> Path:
        """The folder, which need not be there."""
        return self.job.state / "looks" / self.choice.slug / f"fold{self.fold}"

    def save(self, share: str, state: Mapping[str, Tensor], dice: tuple[float, ...]) -> None:
        """Keep a look.

        Args:
            share: The share of the steps that were taken.
            state: The weights by name.
            dice: The Dice of each held-out case.

        Raises:
            JobError: It cannot be written.
        """
        from TransferSegLib.sources.untrusted.weights import save_weights

        path = self.path / f"{share}.safetensors"
        with explain_write_errors(path, self.job.path):
            self.path.mkdir(parents=True, exist_ok=True)
            save_weights(path, {k: v.detach().to("cpu").contiguous() for k, v in state.items()})
        write_json(self.path / f"{share}.json", {"dice": list(dice)}, self.job.path)

    def dice(self) -> dict[str, tuple[float, ...]]:
        """Share of the steps → the Dice of each held-out case, in the order of the steps.

        Raises:
            InputError: A file holds something else.
        """
        files = sorted(self.path.glob("*.json"), key=lambda path: float(path.stem))
        return {path.stem: tuple(float(one) for one in read_json(path)["dice"]) for path in files}

    def load(self, share: str) -> dict[str, Tensor] | None:
        """The weights after a share of the steps; None where they are gone."""
        from TransferSegLib.sources.untrusted.weights import load_weights

        try:
            return load_weights(self.path / f"{share}.safetensors")
        except InputError:
            return None

    def begin_anew(self) -> None:
        """Delete what an earlier attempt at the training left: with other settings its steps were others."""
        with explain_write_errors(self.path, self.job.path):
            remove_folder(self.path)
