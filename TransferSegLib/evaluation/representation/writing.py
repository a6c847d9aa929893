"""An analysis as files: `report.html`, the figures as SVG and PNG, the numbers as CSV, and the advice as JSON."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from TransferSegLib.core.files import replacing
from TransferSegLib.core.texts import as_cell
from TransferSegLib.evaluation.figures.style import write_figure
from TransferSegLib.evaluation.representation.analysis import Analysis
from TransferSegLib.evaluation.representation.drawing import draw_figures
from TransferSegLib.evaluation.representation.report import analysis_html

_FIGURE = re.compile(r"(movement-(rsim|cka)|reuse|pairs|filter-change|(filters|maps|layers)-[0-9]+)\.(svg|png)")
JSON_FILE, REPORT_FILE = "analysis.json", "report.html"


def write_analysis(
    folder: Path, analysis: Analysis, title: str, facts: Sequence[tuple[str, str]] = (), notes: Sequence[str] = ()
) -> Path:
    """Write an analysis into a folder; each file is replaced as a whole.

    Args:
        folder: The folder; made if need be.
        analysis: What was found.
        title: The title of the report.
        facts: (name, value) of how it was made, for the end of the report.
        notes: What else the reader has to know, a sentence each.

    Returns:
        The path of the report.

    Raises:
        OSError: A file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    figures = draw_figures(analysis)
    for path in (folder / "figures").glob("*.*"):  # of an earlier analysis that looked at more
        if _FIGURE.fullmatch(path.name) and path.stem not in figures:
            path.unlink()
    for name, figure in figures.items():
        write_figure(figure, folder / "figures", name)
    _write_tables(folder, analysis)
    said = {
        "title": title,
        "advice": [
            {
                "condition": advice.condition,
                "strategy": advice.strategy,
                "sentence": advice.problem.sentence,
                "problem": advice.problem.to_json(),
            }
            for advice in analysis.advice
        ],
        "made_by": dict(facts),
        "notes": list(notes),
    }
    with replacing(folder / JSON_FILE) as temporary:
        temporary.write_text(json.dumps(said, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    with replacing(folder / REPORT_FILE) as temporary:
        temporary.write_text(analysis_html(analysis, figures, title, facts, notes), encoding="utf-8")
    return folder / REPORT_FILE


def _write_tables(folder: Path, analysis: Analysis) -> None:
    _write(
        folder / "movement.csv",
        ("condition", "training", "origin", "converged_step", "step", "layer", "rsim", "cka", "chance"),
        (
            (c.condition, c.training, c.origin, c.converged, m.step, s.layer, s.rsim, s.cka, s.chance)
            for c in analysis.courses
            for m in c.moments
            for s in m.layers
        ),
    )
    _write(
        folder / "pairs.csv",
        ("first_condition", "second_condition", "first", "second", "layer", "rsim", "cka", "chance"),
        ((*p.conditions, *p.trainings, s.layer, s.rsim, s.cka, s.chance) for p in analysis.pairs for s in p.layers),
    )
    _write(
        folder / "reuse.csv",
        ("condition", "layer", "reuse", "low", "high", "transferred", "scratch", "trainings", "scratch_trainings"),
        (
            (one.condition, r.layer, r.reuse, r.low, r.high, r.transferred, r.scratch, *r.count)
            for one in analysis.reuse
            for r in one.layers
        ),
    )
    _write(
        folder / "filters.csv",
        ("condition", "stage", "filters", "change", "low", "high", "change_of_norm"),
        (
            (one.condition, s.stage, s.filters, s.mean, s.low, s.high, s.of_norm)
            for one in analysis.changes
            for s in one.stages
        ),
    )


def _write(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file; no file where there is no row."""
    rows = list(rows)
    if not rows:
        path.unlink(missing_ok=True)
        return
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([[_cell(value) for value in row] for row in rows])


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else as_cell(str(value))
