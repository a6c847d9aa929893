"""The jobs of a study, as an analysis of representations compares them."""

from __future__ import annotations

from collections.abc import Sequence

from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.trainings import Member
from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.grid import Cell, cells, read_study, varied_factors

# Cells that differ in these alone are repeats of each other.
REPEATS = ("draw", "fold", "seed")
# And these say what a cell begins from, in which those from scratch differ from the others. Only networks of one architecture
# are compared, whether the cell names it or its source.
BEGINS = ("strategy", "source", "network")
# This changes no result.
IDLE = ("snapshots",)


def study_members(folder: StudyFolder) -> list[Member]:
    """The cells of a study whose job was begun.

    Raises:
        InputError: The study cannot be read.
    """
    study = read_study(folder.study_yaml)
    every = cells(study)
    varied = [name for name in varied_factors(study) if name != "source" or _several_sources(every)]
    members = []
    for cell in every:
        job = JobFolder(folder.cell(cell.name))
        if job.job_json.is_file():
            condition, setting, repeat = said_of(cell, varied)
            name = ", ".join(filter(None, (condition, repeat)))
            members.append(Member(job, name, condition, setting, str(cell.factors["target"])))
    return members


def said_of(cell: Cell, varied: Sequence[str]) -> tuple[str, str, str]:
    """What an analysis says of a cell.

    Args:
        cell: The cell.
        varied: The factors that have several levels in the study.

    Returns:
        Its condition: the strategy and what else varies, such as `open, source heads, size 4`; its setting, which is the same
        without what it begins from; and which of the repeats it is, such as `seed 1`.
    """
    others = [name for name in varied if name not in (*REPEATS, *BEGINS, *IDLE)]
    sources = [name for name in varied if name == "source"]
    condition = ", ".join([str(cell.factors["strategy"]), *_levels(cell, [*sources, *others])])
    return condition, ", ".join(_levels(cell, others)), ", ".join(_levels(cell, [n for n in varied if n in REPEATS]))


def _several_sources(every: Sequence[Cell]) -> bool:
    """Whether a strategy has several sources, so that its name alone does not say which."""
    pairs = {(cell.factors["strategy"], cell.factors.get("source")) for cell in every}
    return len(pairs) > len({strategy for strategy, _ in pairs})


def _levels(cell: Cell, factors: Sequence[str]) -> list[str]:
    """Some factors of a cell in words, without those that it has not."""
    return [f"{name} {cell.factors[name]}" for name in factors if cell.factors.get(name) is not None]
