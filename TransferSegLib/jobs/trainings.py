"""The trainings of a job that kept snapshots, and what it takes to run their networks again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.results import unit_results
from TransferSegLib.jobs.snapshots import SnapshotFolder
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice


@dataclass(frozen=True, eq=False)
class KeptTraining:
    """A finished training with its snapshots.

    Attributes:
        choice: The strategy.
        fold: The number of its fold; None for the final model.
        files: Step → the file with the weights after it, in the order of the steps.
        converged_step: The step at which it had converged; None without validation cases.
        windows: The windows in which its job segments, in voxels; in jobs of before these were stored, the patches that it
            was trained on.
    """

    choice: StrategyChoice
    fold: int | None
    files: Mapping[int, Path]
    converged_step: int | None
    windows: tuple[int, int, int]

    @property
    def name(self) -> str:
        """The training in words; folds are counted from 1, as everywhere a person reads them."""
        return f"{self.choice.key}, {'final' if self.fold is None else f'fold {self.fold + 1}'}"


@dataclass(frozen=True)
class Member:
    """A job of an analysis.

    Attributes:
        job: The job.
        name: What tells its trainings from those of other jobs; empty for a job that is analysed alone.
        condition: What its trainings have in common with their repeats; empty for their strategies.
        setting: What trainings from the source and from scratch must have in common to be compared.
        target: What its data set is called; empty where all jobs have one.
    """

    job: JobFolder
    name: str = ""
    condition: str = ""
    setting: str = ""
    target: str = ""


def kept_trainings(job: JobFolder, spec: JobSpec) -> tuple[KeptTraining, ...]:
    """The finished trainings of a job that have snapshots, in the order of its strategies and folds.

    Args:
        job: The job, which need not be finished.
        spec: What it is asked to do.

    Raises:
        InputError: A result of the job is damaged.
    """
    choices = {choice.key: choice for choice in spec.strategies}
    found = []
    for result in unit_results(job, spec):
        fold = int(result.fold) if result.fold.isdigit() else None
        files = SnapshotFolder(job, choices[result.strategy], fold).files()
        if files and result.settings is not None:
            a, b, c = result.windows or result.settings["patch_size"]
            converged = None if result.time is None else result.time.converged_step
            found.append(KeptTraining(choices[result.strategy], fold, files, converged, (a, b, c)))
    return tuple(found)
