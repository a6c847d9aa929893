"""How a study stands, from its files alone: nobody is asked, so it works while it is run elsewhere, and after a crash."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from TransferSegLib.core.problems import Problem
from TransferSegLib.jobs.status import job_status
from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.grid import cells, read_study


@dataclass(frozen=True)
class StudyStatus:
    """How a study stands.

    Attributes:
        title: Its title.
        cells: How many cells there are.
        states: How many of them are `waiting`, `running`, `done`, `failed`, `cancelled` or `interrupted`.
        fraction: How much of the cells is done, 0…1.
        running: What is running: name of a job → how much of it is done, 0…1; also the source models that are trained.
        failed: Name of each cell that failed → why.
    """

    title: str
    cells: int
    states: Mapping[str, int]
    fraction: float
    running: Mapping[str, float]
    failed: Mapping[str, Problem]


def study_status(folder: StudyFolder) -> StudyStatus:
    """How the study in a folder stands.

    Raises:
        InputError: The folder holds no study.
    """
    study = read_study(folder.study_yaml)
    states: Counter[str] = Counter()
    running: dict[str, float] = {}
    failed: dict[str, Problem] = {}
    whole = 0.0
    paths = [folder.cell(cell.name) for cell in cells(study)]
    models = sorted(folder.models.iterdir()) if folder.models.is_dir() else []
    for path in (*models, *paths):
        status = job_status(path, most=65536) if (path / "job.json").is_file() else None
        state = "waiting" if status is None else status.state
        if status is not None and state == "running":
            running[path.name] = status.fraction
        if status is not None and state == "failed":
            failed[path.name] = status.problem
        if path.parent == folder.cells:
            states[state] += 1
            whole += status.fraction if status is not None else 0.0
    return StudyStatus(study.title, len(paths), dict(states), whole / max(1, len(paths)), running, failed)
