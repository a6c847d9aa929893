"""The jobs of a study, as an analysis of representations compares them."""

from __future__ import annotations

from TransferSegLib.jobs.analysing import Member
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.grid import Cell, cells, read_study, varied_factors

# Cells that differ in these alone are repeats of each other.
REPEATS = ("draw", "fold", "seed")
# And these say what a cell begins from, in which those from scratch differ from the others.
BEGINS = ("strategy", "source")


def study_members(folder: StudyFolder) -> list[Member]:
    """The cells of a study whose job was begun.

    Raises:
        InputError: The study cannot be read.
    """
    study = read_study(folder.study_yaml)
    varied = varied_factors(study)
    members = []
    for cell in cells(study):
        job = JobFolder(folder.cell(cell.name))
        if job.job_json.is_file():
            condition = _said(cell, [name for name in varied if name not in REPEATS], always=True)
            setting = _said(cell, [name for name in varied if name not in (*REPEATS, *BEGINS)])
            repeat = _said(cell, [name for name in varied if name in REPEATS])
            members.append(Member(job, ", ".join(filter(None, (condition, repeat))), condition, setting))
    return members


def _said(cell: Cell, factors: list[str], always: bool = False) -> str:
    """Some factors of a cell in words, as `open, source heads, size 4`; `always` with the strategy."""
    wanted = (["strategy"] if always else []) + [name for name in factors if name != "strategy" or not always]
    said = [(name, cell.factors[name]) for name in wanted if cell.factors.get(name) is not None]
    return ", ".join(str(level) if name == "strategy" else f"{name} {level}" for name, level in said)
