"""What the cells of a study leave beside scores, for figures: segmentations side by side, and how their trainings went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from TransferSegLib.cases.annotation import values_to_show
from TransferSegLib.cases.volumes import read_labels, read_volume
from TransferSegLib.core import palette
from TransferSegLib.core.errors import InputError
from TransferSegLib.evaluation.overlays import cut_slice
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.reporting import ReportContext
from TransferSegLib.jobs.results import unit_results
from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from TransferSegLib.evaluation.figures.gallery import GalleryRow

CASES = 3


def study_gallery(title: str, folder: StudyFolder, ways: Mapping[str, Results], metric: str = "dice") -> Figure | None:
    """Draw some test cases, each with its reference and its segmentation by each way of training.

    Of the cases that all ways have segmented, those with the highest, the middle and the lowest mean score are shown;
    where a way has segmented a case several times, by its first cell. A case whose files are gone is left out.

    Args:
        title: The title of the figure.
        folder: The study's folder.
        ways: The heading of a column → the rows of the results that it is of.
        metric: What cases are ranked by.

    Returns:
        The figure; None where no case has the files of all ways.
    """
    from TransferSegLib.evaluation.figures.gallery import draw_gallery

    ways = {heading: rows for heading, rows in ways.items() if len(rows)}
    if not ways:
        return None
    rows: list[GalleryRow] = []
    names: dict[int, str] = {}
    hidden: set[int] = set()
    for case in _chosen(ways, metric):
        try:
            row, labels, covering = _row(folder, case, ways)
        except (InputError, OSError):
            continue
        rows.append(row)
        names |= labels
        hidden |= covering
    colors = {value: palette.LABELS[n % len(palette.LABELS)] for n, value in enumerate(sorted(names))}
    return draw_gallery(title, rows, colors, names, hidden)


def progress_chart(
    title: str,
    folder: StudyFolder,
    ways: Mapping[str, Results],
    what: Literal["loss", "dice"],
    over: Literal["steps", "minutes", "time"] = "steps",
) -> Figure | None:
    """Draw how trainings went: the training loss, or the Dice on the validation cases, over their steps or their time.

    Args:
        title: The title of the figure.
        folder: The study's folder.
        ways: The name of a line → the rows of the results that it is of; each of their cells is a line.
        what: The training loss, or the Dice on validation cases.
        over: What the x axis has. Time is that of the steps alone: until each look at validation cases; until a loss it is
            that of so many average steps. Its unit is minutes, or with `time` what suits it.

    Returns:
        The figure; None where no training logged it.
    """
    from TransferSegLib.evaluation.figures.curves import Line, line_chart
    from TransferSegLib.evaluation.report_parts.training import unit_of_time

    lines = []
    for number, (name, rows) in enumerate(ways.items(), start=1):
        for cell in rows.levels("cell"):
            job = JobFolder(folder.cell(str(cell)))
            try:
                results = unit_results(job, job.read_spec())
            except InputError:
                continue
            for result in results:
                points: Sequence[tuple[float, float]] = result.losses if what == "loss" else result.validation
                if over != "steps" and what == "dice":
                    points = [(s, dice) for s, (_, dice) in zip(result.check_seconds, points, strict=False)]
                elif over != "steps":
                    step_s = None if result.time is None else result.time.step_s
                    points = [] if step_s is None else [(step * step_s, loss) for step, loss in points]
                lines.append(Line(name, name, number, points))
    upper = 1.0 if what == "dice" else None
    if over == "steps":
        return line_chart(title, "step", lines, upper=upper)
    longest_s = max((x for line in lines for x, _ in line.points), default=0.0)
    unit, factor = ("minutes", 60.0) if over == "minutes" else unit_of_time(longest_s)
    timed = [replace(line, points=[(x / factor, y) for x, y in line.points]) for line in lines]
    return line_chart(title, unit, timed, upper=upper, whole=False)


def _chosen(ways: Mapping[str, Results], metric: str) -> list[str]:
    means = [rows.per_case(metric) for rows in ways.values()]
    shared = [case for case in means[0] if all(case in of_way for of_way in means)]
    ranked = sorted(shared, key=lambda case: -sum(of_way[case] for of_way in means))
    places = dict.fromkeys(round(n * (len(ranked) - 1) / (CASES - 1)) for n in range(CASES)) if ranked else {}
    return [ranked[place] for place in places]


def _row(folder: StudyFolder, name: str, ways: Mapping[str, Results]) -> tuple[GalleryRow, dict[int, str], set[int]]:
    """One case with its slice of all segmentations, the names of its labels, and those that the source's card hides."""
    from TransferSegLib.evaluation.figures.gallery import GalleryRow

    predictions = []
    for rows in ways.values():
        job = JobFolder(folder.cell(rows.where(case=name).rows[0].cell))
        spec = job.read_spec()
        path = job.segmentations / spec.strategies[-1].slug / f"{name}.nii.gz"
        predictions.append(np.asarray(read_labels(path).array))
    # All cells of a row segment the same data set.
    context = ReportContext.read(spec)
    case = next((case for case in context.target.cases if case.name == name), None)
    if case is None or case.label is None:
        raise InputError(
            "study-case-gone",
            "{root}: has no annotated case `{case}` any more; put it back.",
            root=spec.target,
            case=name,
        )
    image = read_volume(case.images[0])
    task = context.task
    labels = read_labels(case.label, case.renumbered, image.grid).array
    reference = values_to_show(case, labels, image.grid, task)
    image2d, (reference2d, *predictions2d), spacing_mm = cut_slice(image.array, (reference, *predictions), image.grid)
    named = dict(zip(ways, predictions2d, strict=True))
    unseen = {label.name.lower() for label in context.source.labels if not label.in_3d} if context.source else set()
    names = dict(zip(task.values, task.names, strict=True))
    hidden = {value for value, label in names.items() if label.lower() in unseen}
    return GalleryRow(name, image2d, reference2d, named, spacing_mm), names, hidden
