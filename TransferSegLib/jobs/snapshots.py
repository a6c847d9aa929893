"""Snapshots: the weights that a training passed through, kept so that its network can be analysed afterwards.

They lie in `JOB/snapshots/STRATEGY/fold0` (or `final`) as `STEP.safetensors`. Step 0 are the weights that the training begins
with. A later one has the weights that the job would have kept had the training ended at that step. Only the person deletes
them; but a training that begins anew replaces its own, and trials of learning rates give theirs up (`rates.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from TransferSegLib.core.files import remove_folder
from TransferSegLib.jobs.files import explain_write_errors
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import StrategyChoice

if TYPE_CHECKING:
    from torch import Tensor

_NAME = re.compile(r"([0-9]{8,})\.safetensors")


def snapshot_steps(count: int, steps: int) -> tuple[int, ...]:
    """The steps after which a snapshot is kept: evenly spaced, the first is 0 and the last is the last of the training.

    Args:
        count: How many there are, 2 or more; fewer where the training has fewer steps.
        steps: How many steps the training takes.

    Returns:
        The steps in rising order.
    """
    return tuple(sorted({round(n * steps / (count - 1)) for n in range(count)}))


@dataclass(frozen=True)
class SnapshotFolder:
    """The snapshots of one training.

    Attributes:
        job: The job.
        choice: The strategy.
        fold: The number of the fold; None for the final model.
    """

    job: JobFolder
    choice: StrategyChoice
    fold: int | None

    @property
    def path(self) -> Path:
        """The folder, which need not be there."""
        return self.job.snapshots / self.choice.slug / ("final" if self.fold is None else f"fold{self.fold}")

    def save(self, step: int, state: Mapping[str, Tensor]) -> None:
        """Keep the weights after a step.

        Args:
            step: How many steps were taken.
            state: The weights by name.

        Raises:
            JobError: They cannot be written.
        """
        from TransferSegLib.sources.untrusted.weights import save_weights

        path = self.path / f"{step:08d}.safetensors"
        with explain_write_errors(path, self.job.path):
            path.parent.mkdir(parents=True, exist_ok=True)
            save_weights(path, state)

    def files(self) -> dict[int, Path]:
        """Step → the file with the weights after it, in the order of the steps; none where no snapshots were kept."""
        try:
            names = [_NAME.fullmatch(path.name) for path in self.path.iterdir()]
        except OSError:
            return {}
        return {step: self.path / name for step, name in sorted((int(n[1]), n[0]) for n in names if n)}

    def begin_anew(self) -> None:
        """Delete what an earlier attempt at the training left: with other settings its steps were others."""
        with explain_write_errors(self.path, self.job.path):
            remove_folder(self.path)
