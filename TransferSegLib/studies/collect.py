"""From the job folders of a study's cells to the rows of its results."""

from __future__ import annotations

from TransferSegLib.core.card import read_card
from TransferSegLib.core.errors import InputError
from TransferSegLib.evaluation.comparison import TEST_FOLD
from TransferSegLib.evaluation.lesions.detection import LesionRow
from TransferSegLib.evaluation.metrics import METRICS
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.results import unit_results
from TransferSegLib.studies.grid import Cell
from TransferSegLib.studies.plan import StudyPlan, Task
from TransferSegLib.studies.results import LESION_COUNTS, MISSED, ResultRow, Results, lesion_column
from TransferSegLib.studies.work import is_done


def collect_results(plan: StudyPlan) -> Results:
    """The scores of all cells that are done.

    Args:
        plan: The study's cells with their jobs.

    Raises:
        InputError: The files of a cell that is done cannot be read.
    """
    return Results(tuple(row for cell, task in plan.cells if is_done(task) for row in _rows(cell, task)))


def _rows(cell: Cell, task: Task) -> list[ResultRow]:
    job, spec = JobFolder(task.folder), task.spec
    found = [one for one in unit_results(job, spec) if one.fold == TEST_FOLD]
    if not found:
        raise InputError(
            "cell-without-result",
            "{path}: its results are damaged; delete this folder, then resume the study.",
            path=job.path,
        )
    assert spec.cases is not None
    network = read_card(job.model).network.name if spec.network is None else spec.network.name
    factors = {
        **cell.factors,
        "size": len(spec.cases.train) if cell.trains else 0,
        "network": cell.factors["network"] or network,
    }
    time = found[-1].time
    training: dict[str, float | None] = {"steps": found[-1].steps, "slice_s": found[-1].slice_s}
    if time is not None:
        training |= {"seconds": time.seconds, "step_s": time.step_s, "converged_step": time.converged_step}
    lesions = {row.case: lesion_values(row) for row in found[-1].lesions}
    label = spec.lesions.lesions if spec.lesions is not None else None
    return [
        ResultRow(
            cell.name,
            factors,
            row.case,
            row.label_name,
            {**{name: row.scores[name] for name in METRICS}, MISSED: int(row.scores.missed)}
            | (lesions.get(row.case, {}) if label in (row.label_name, str(row.label)) else {}),
            training,
        )
        for row in found[-1].rows
    ]


def lesion_values(row: LesionRow) -> dict[str, float | None]:
    """The counts of lesions of a case by the names of their columns, at each pair of cut-offs."""
    found: dict[str, float | None] = {}
    for scores in row.scores:
        for kind, count in zip(LESION_COUNTS, (scores.lesions, scores.detected, scores.false_alarms), strict=True):
            found[lesion_column(kind, scores.overlap_cutoff, scores.volume_cutoff_ml)] = count
    return found
