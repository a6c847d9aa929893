"""The detection of lesions: a table at the cut-offs, and a curve over the volume cut-off (Zoetmulder 2022, figures 3, 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.figure import Figure

from TransferSegLib.evaluation.comparison import TEST_FOLD
from TransferSegLib.evaluation.figures.curves import Line, line_chart
from TransferSegLib.evaluation.figures.style import inline_svg
from TransferSegLib.evaluation.lesions.columns import LESION_COLUMNS
from TransferSegLib.evaluation.lesions.detection import Lesion, LesionRow
from TransferSegLib.evaluation.lesions.summary import LesionSummary, StrategyDetection, detection_curve
from TransferSegLib.evaluation.page import Table, marked, plain_table, section

_ONE = {
    26: "voxels that touch in 3D, also at a corner",
    8: "voxels that touch within an axial slice, also at a corner, joined through the slices where they overlap",
}


def lesion_figures(
    rows: Sequence[LesionRow], lesions: LesionSummary | None, numbers: Mapping[str, int]
) -> dict[str, Figure | None]:
    """Draw the share of lesions that were detected over the volume cut-off, a figure for each overlap cut-off.

    Args:
        rows: The detection in each case, of all strategies.
        lesions: What is summarised of them; None where there are none.
        numbers: The number of each strategy in `color_numbers`.
    """
    if lesions is None:
        return {}
    shown = [row for row in rows if (row.fold == TEST_FOLD) != bool(lesions.out_of_fold)]
    found: dict[str, list[Lesion]] = {}
    for row in shown:
        found.setdefault(row.strategy, []).extend(row.found)
    factor = 1000 if lesions.volume_unit == "mm³" else 1
    cutoffs = sorted({scores.overlap_cutoff for row in shown for scores in row.scores})
    figures = {}
    for cutoff in cutoffs:
        curves = {name: detection_curve(some, cutoff) for name, some in found.items()}
        lines = [
            Line(name, name, numbers[name], [(volume * factor, share) for volume, share in curve])
            for name, curve in curves.items()
        ]
        figures[f"lesions-{100 * cutoff:g}"] = line_chart(
            f"Lesions detected, more than {100 * cutoff:g} % of each",
            f"lesions of at least this volume, {lesions.volume_unit}",
            lines,
            upper=1.0,
            whole=False,
            stairs=True,
        )
    return figures


def lesion_section(lesions: LesionSummary | None, figures: Mapping[str, Figure]) -> list[str]:
    """The section as HTML; none where the job does not score lesions."""
    if lesions is None or not (lesions.out_of_fold or lesions.test):
        return []
    charts = "".join(
        inline_svg(figure, name, "The share of lesions detected over the volume cut-off")
        for name, figure in figures.items()
        if name.startswith("lesions-")
    )
    tables = [("", lesions.out_of_fold or lesions.test)]
    if lesions.out_of_fold and lesions.test:
        tables = [("Out of fold", lesions.out_of_fold), ("Separate test cases", lesions.test)]
    about = (
        f"A lesion is a connected component of `{lesions.label}` in the reference: {_ONE[lesions.connectivity]}. It is "
        "detected when more than the overlap cut-off of its voxels was segmented. A false alarm is a segmented component of "
        "which no more than that share lies on lesions. Lesions and false alarms below the volume cut-off are not counted. "
        "Counts are added up over the cases, so every lesion counts alike (Zoetmulder 2022, §4)."
    )
    content = f'<p class="caption">{marked(about)}</p><div class="charts">{charts}</div>'
    for title, found in tables:
        content += (f"<h3>{title}</h3>" if title else "") + plain_table(_table(lesions, found))
    return [section(f"Detection of lesions: {lesions.label}", content)]


def _table(lesions: LesionSummary, strategies: Sequence[StrategyDetection]) -> Table:
    columns = ("Strategy", *(column.title[:1].upper() + column.title[1:] for column in LESION_COLUMNS))
    rows = [
        (f"`{strategy.strategy}`", *(column.text(detection, lesions.volume_unit) for column in LESION_COLUMNS))
        for strategy in strategies
        for detection in strategy.detections
    ]
    return Table("", columns, rows)
