"""The end of a study: its results, tables and figures as files, and all of it on one page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape

from TransferSegLib.core.files import replacing
from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.page import Table as PlainTable
from TransferSegLib.evaluation.page import bullets, marked, page, plain_table, section
from TransferSegLib.jobs.status import job_status
from TransferSegLib.studies.collect import collect_results
from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.general import general_paper, level_text
from TransferSegLib.studies.grid import Study, study_text, varied_factors
from TransferSegLib.studies.learning_curves import learning_curves
from TransferSegLib.studies.paper import PaperStudy, Written, paper_sections, write_paper
from TransferSegLib.studies.papers import find_paper
from TransferSegLib.studies.plan import StudyPlan
from TransferSegLib.studies.results import Results, write_results
from TransferSegLib.studies.work import is_done

_ABOUT_CELLS = (
    "Seconds are those of the steps on the clock, without looks at validation cases. A training had converged at the first "
    "look at validation cases whose Dice was within 0.5 % of its best; without such cases that is not known."
)


def write_study_report(study: Study, plan: StudyPlan, folder: StudyFolder) -> Written:
    """Write `results.csv`, the tables, the figures and the report of a study, with the cells that are done.

    Args:
        study: The study.
        plan: Its cells with their jobs.
        folder: Its folder.

    Returns:
        The tables, figures and claims that came of it.

    Raises:
        InputError: The files of a cell cannot be read.
        OSError: A file cannot be written.
    """
    results = collect_results(plan)
    write_results(folder.results_csv, results)
    paper = general_paper(study) if study.paper is None else find_paper(study.paper)
    paper = replace(paper, figures=(*paper.figures, *learning_curves(results)))
    written = write_paper(paper, folder, results)
    with replacing(folder.report) as temporary:
        temporary.write_text(_page(study, plan, results, paper, written), encoding="utf-8")
    return written


def _page(study: Study, plan: StudyPlan, results: Results, paper: PaperStudy, written: Written) -> str:
    parts = [f"<h1>{escape(study.title)}</h1>"]
    if study.paper is not None:
        parts.append(f"<p>After {marked(paper.paper)}</p>")
    done = sum(is_done(task) for _, task in plan.cells)
    cases = len(results.levels("case"))
    parts.append(
        f"<p>{done} of {len(plan.cells)} cells are done; {cases} test cases, {len(results.levels('label'))} labels.</p>"
    )
    if study.notes:
        parts.append(section("What was changed so that the study fits these cases and models", bullets(study.notes)))
    said = [f"`{name}`: {problem.sentence}" for name, problem in list_troubles(plan)]
    if written.problem is not None:
        said.append(f"The networks were not looked into: {written.problem.sentence}")
    if said:
        parts.append(section("What was not done", bullets(said), "warnings"))
    parts += paper_sections(paper, written)
    parts.append(section("The cells", _cells(study, plan, results)))
    parts.append(
        section("The study", f"<details><summary>study.yaml</summary><pre>{escape(study_text(study))}</pre></details>")
    )
    return page(study.title, parts)


def list_troubles(plan: StudyPlan) -> list[tuple[str, Problem]]:
    """The jobs of a study that are begun and not done, and how each stands.

    Args:
        plan: The study's jobs.
    """
    begun = [(task.name, job_status(task.folder)) for task in plan.tasks if (task.folder / "job.json").is_file()]
    return [(name, status.problem) for name, status in begun if status.state in ("failed", "cancelled", "interrupted")]


def _cells(study: Study, plan: StudyPlan, results: Results) -> str:
    from TransferSegLib.evaluation.report_parts.training import duration

    factors: Sequence[str] = varied_factors(study) or ("strategy",)
    found = {row.cell: row for row in results}
    means = results.mean("dice", by="cell")
    rows = []
    for cell, _ in plan.cells:
        row, mean = found.get(cell.name), means.get(cell.name)
        numbers = ["–"] * 5 if row is None else [
            "–" if mean is None else f"{mean:.3f}",
            level_text(row["steps"]),
            "–" if row["step_s"] is None else f"{row['step_s']:.3f}",
            "–" if row["seconds"] is None else duration(row["seconds"]),
            level_text(row["converged_step"]),
        ]  # fmt: skip
        levels = {**cell.factors, **({} if cell.trains else {"size": 0})}
        rows.append([*(level_text(levels.get(name)) for name in factors), *numbers])
    columns = [*factors, "mean Dice", "steps", "seconds a step", "all steps", "converged at step"]
    return plain_table(PlainTable("", columns, rows)) + f'<p class="caption">{escape(_ABOUT_CELLS)}</p>'
