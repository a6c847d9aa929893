"""What runs the jobs of a study, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.plan import Task
from TransferSegLib.studies.progress import StudyProgress

# How often a task is begun again whose process ended without a word: killed, or out of memory.
MOST_ATTEMPTS = 3


@dataclass(frozen=True)
class Where:
    """Where jobs are run.

    Attributes:
        executor: One of `EXECUTORS`.
        workers: How many jobs are run at the same time; None lets the executor choose.
        address: The address of a Ray cluster; None starts Ray on this computer.
    """

    executor: str = "local"
    workers: int | None = None
    address: str | None = None


class Executor(Protocol):
    """What runs tasks that do not need each other."""

    def __call__(self, tasks: Sequence[Task], folder: StudyFolder, progress: StudyProgress, where: Where, /) -> None:
        """Run tasks; how each ended is told to `progress`.

        Args:
            tasks: The tasks, none of which is done.
            folder: The study's folder.
            progress: Is told what begins and how it ends. Once it is `stopping`, the tasks at work are asked to stop, and
                no other is begun.
            where: Where.

        Raises:
            InputError: This executor cannot be used here.
        """
