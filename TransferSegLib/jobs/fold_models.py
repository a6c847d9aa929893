"""The weights of the models that the folds of a job trained.

They lie in `JOB/state/folds/STRATEGY` as `fold0.safetensors`, as trained: before anything is blended. What averages the
folds' models, or goes on from them, reads them here. A finished job keeps those of the strategy that it keeps.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from TransferSegLib.core.files import remove_folder
from TransferSegLib.jobs.files import explain_write_errors
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class FoldModels:
    """The trained weights of a strategy's folds.

    Attributes:
        job: The job.
        choice: The strategy.
    """

    job: JobFolder
    choice: StrategyChoice

    @property
    def path(self) -> Path:
        """The folder, which need not be there."""
        return self.job.state / "folds" / self.choice.slug

    def file(self, fold: int) -> Path:
        """The file of a fold, counted from 0; it need not be there."""
        return self.path / f"fold{fold}.safetensors"

    def files(self) -> dict[int, Path]:
        """Number of a fold → its file, for all that are there, in the order of the folds."""
        found = {int(path.stem.removeprefix("fold")): path for path in self.path.glob("fold[0-9]*.safetensors")}
        return dict(sorted(found.items()))

    def save(self, fold: int, state: Mapping[str, Tensor]) -> None:
        """Keep the weights of a fold.

        Args:
            fold: Its number, counted from 0.
            state: The weights by name.

        Raises:
            JobError: They cannot be written.
        """
        from TransferSegLib.sources.untrusted.weights import save_weights

        with explain_write_errors(self.file(fold), self.job.path):
            self.path.mkdir(parents=True, exist_ok=True)
            save_weights(self.file(fold), {k: v.detach().to("cpu").contiguous() for k, v in state.items()})

    def load(self, fold: int) -> dict[str, Tensor]:
        """The weights of a fold by name.

        Raises:
            InputError: They are not there, or damaged.
        """
        from TransferSegLib.sources.untrusted.weights import load_weights

        return load_weights(self.file(fold))


def drop_other_folds(job: JobFolder, spec: JobSpec, kept: StrategyChoice) -> None:
    """Delete the fold models of all strategies of a finished job but the one that is kept."""
    if spec.recommends:  # those of its rounds, too
        drop_folds(job, {kept.slug})
        return
    for choice in spec.strategies:
        if choice != kept:
            with contextlib.suppress(OSError):  # What stays does no harm.
                remove_folder(FoldModels(job, choice).path)


def drop_folds(job: JobFolder, kept: Collection[str]) -> None:
    """Delete the fold models of all but some.

    Args:
        job: The job.
        kept: The `slug` of each whose models stay.
    """
    for folder in (job.state / "folds").glob("*"):
        if folder.is_dir() and folder.name not in kept:
            with contextlib.suppress(OSError):  # What stays does no harm.
                remove_folder(folder)
