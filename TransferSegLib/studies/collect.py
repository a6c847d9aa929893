"""From the job folders of a study's cells to the rows of its results."""

from __future__ import annotations

from TransferSegLib.core.card import read_card
from TransferSegLib.core.errors import InputError
from TransferSegLib.evaluation.comparison import TEST_FOLD
from TransferSegLib.evaluation.metrics import METRICS
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.results import UnitResult, unit_results
from TransferSegLib.studies.grid import Cell
from TransferSegLib.studies.plan import StudyPlan, Task
from TransferSegLib.studies.results import ResultRow, Results
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
    factors = {**cell.factors, "size": len(spec.cases.train), "network": cell.factors["network"] or network}
    training = _training(found[-1])
    return [
        ResultRow(cell.name, factors, row.case, row.label_name, {name: row.scores[name] for name in METRICS}, training)
        for row in found[-1].rows
    ]


def _training(result: UnitResult) -> dict[str, float | None]:
    """What is known of the training of a cell's final model."""
    step_s = (result.settings or {}).get("step_s")
    seconds = None if step_s is None else step_s * result.steps
    return {"steps": result.steps, "seconds": seconds, "step_s": step_s, "converged_step": None}
