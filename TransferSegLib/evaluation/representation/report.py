"""The report of an analysis: one self-contained page, with all figures and tables in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from TransferSegLib.evaluation.figures.style import inline_svg
from TransferSegLib.evaluation.page import Table, bullets, marked, page, plain_table, section
from TransferSegLib.evaluation.representation.analysis import Analysis, Course, Pair, by_conditions

# How the names of the pictures begin, with the heading and the caption of their section.
_PICTURES = {
    "filters-": (
        "What filters became",
        "Kernels drawn at random, their middle slice. Grey is 0; in the differences, red became larger and blue smaller. The "
        "number is the norm of the change, in per cent of the norm at the start.",
    ),
    "maps-": (
        "What feature maps became",
        "Channels drawn at random, on one block of an image, its middle slice. The number is as for filters.",
    ),
    "layers-": ("How alike the layers of a network are", "Each with each, at convergence."),
}
_EXPLANATIONS = (
    "RSIM (Karimi 2021, equation 1): the canonical correlations of two layers, each weighted by the variance that it "
    "explains. It is 1 where one layer is the other with its channels mixed.",
    "CKA (Kornblith 2019): another measure, in which channels of large variance decide.",
    "By chance: the RSIM of answers to different blocks. What is hardly above it says nothing.",
    "Convergence: the first snapshot after the Dice on the validation cases came within 0.5 % of its best; the last snapshot "
    "where there are no validation cases.",
    "A layer is the last convolution of a stage, before normalisation and activation.",
)


def analysis_html(
    analysis: Analysis,
    figures: Mapping[str, Figure],
    title: str,
    facts: Sequence[tuple[str, str]],
    notes: Sequence[str],
) -> str:
    """Write the report.

    Args:
        analysis: What was found.
        figures: Its figures by name, see `draw_figures`.
        title: The title of the page.
        facts: (name, value) of how it was made.
        notes: What else the reader has to know, a sentence each.

    Returns:
        The page as HTML.
    """
    parts = [f"<h1>{marked(title)}</h1>"]
    for advice in analysis.advice:
        kind = "better" if advice.strategy else ""
        parts.append(f'<p class="verdict {kind}">{marked(advice.problem.sentence)}</p>')
    if notes:
        parts.append(section("To know before reading", bullets(notes), "warnings"))
    if analysis.courses:
        caption = (
            "1 means that a layer represents the same as at convergence (the dotted line), whatever the order and scale of "
            "its channels. A line that begins high moved little."
        )
        table = _start_table(analysis.courses)
        parts.append(_part("How representations moved", figures, ("movement-rsim", "movement-cka"), caption, table))
    if any(one.layers for one in analysis.reuse):
        caption = (
            "How much more alike start and convergence are for networks that began with the source's weights than for those "
            "that began at random (Karimi 2021 §3.7). Lines: 95 % intervals, where there are several networks of each kind."
        )
        parts.append(_part("Feature reuse", figures, ("reuse",), caption, _reuse_table(analysis)))
    if analysis.pairs:
        caption = (
            "Means over pairs of networks at their convergence, ± one standard deviation (as table 8 of Karimi 2021)."
        )
        parts.append(_part("How alike the networks are", figures, ("pairs",), caption, _pair_table(analysis.pairs)))
    if analysis.changes:
        caption = (
            "The norm of the change of a filter, as a part of its norm at the start: the mean, and from the 10th to the 90th "
            "percentile."
        )
        parts.append(_part("How much filters changed", figures, ("filter-change",), caption, _change_table(analysis)))
    for prefix, (heading, caption) in _PICTURES.items():
        names = [name for name in figures if name.startswith(prefix)]
        if names:
            parts.append(_part(heading, figures, names, caption))
    if facts:
        lines = "".join(f"<tr><th>{marked(name)}</th><td>{marked(value)}</td></tr>" for name, value in facts)
        parts.append(section("How it was made", f'<table class="settings"><tbody>{lines}</tbody></table>'))
    parts.append(section("How to read this", bullets(_EXPLANATIONS)))
    return page(title, parts)


def _part(
    heading: str, figures: Mapping[str, Figure], names: Sequence[str], caption: str, table: Table | None = None
) -> str:
    """A section of figures with their caption, and a table. Pictures keep their own ground, in dark mode, too."""
    drawn = [
        inline_svg(figures[name], name, f"{heading}: {name}", follow_page=not name.startswith(tuple(_PICTURES)))
        for name in names
        if name in figures
    ]
    content = f'<div class="charts">{"".join(drawn)}</div><p class="caption">{marked(caption)}</p>'
    return section(heading, content + (plain_table(table) if table else ""))


def _start_table(courses: Sequence[Course]) -> Table:
    layers = list(dict.fromkeys(found.layer for course in courses for found in course.moments[0].layers))
    rows = []
    for course in courses:
        found = {one.layer: one for one in course.moments[0].layers}
        cells = [f"{found[n].rsim:.2f} ({found[n].chance:.2f})" if n in found else "" for n in layers]
        rows.append((course.training, course.origin, str(course.converged), *cells))
    return Table(
        "RSIM of start and convergence, in brackets by chance", ("Training", "Began", "Convergence", *layers), rows
    )


def _reuse_table(analysis: Analysis) -> Table:
    layers = list(dict.fromkeys(reuse.layer for one in analysis.reuse for reuse in one.layers))
    rows = []
    for one in analysis.reuse:
        found = {reuse.layer: reuse for reuse in one.layers}
        if found:
            cells = [f"{found[n].reuse:.3f}" if n in found else "" for n in layers]
            rows.append((one.condition, *map(str, one.layers[0].count), *cells))
    return Table("Feature reuse", ("Trainings", "From source", "From scratch", *layers), rows)


def _pair_table(pairs: Sequence[Pair]) -> Table:
    layers = list(dict.fromkeys(found.layer for pair in pairs for found in pair.layers))
    rows = []
    for conditions, alike in by_conditions(pairs).items():
        cells = []
        for layer in layers:
            values = [found.rsim for pair in alike for found in pair.layers if found.layer == layer]
            spread = f" ± {np.std(values, ddof=1):.3f}" if len(values) > 1 else ""
            cells.append(f"{np.mean(values):.3f}{spread}" if values else "")
        rows.append((" – ".join(conditions), str(len(alike)), *cells))
    return Table("RSIM of pairs", ("Networks", "Pairs", *layers), rows)


def _change_table(analysis: Analysis) -> Table:
    stages = list(dict.fromkeys(one.stage for change in analysis.changes for one in change.stages))
    rows = []
    for change in analysis.changes:
        found = {one.stage: one for one in change.stages}
        rows.append((change.condition, *(f"{100 * found[s].mean:.1f} %" if s in found else "" for s in stages)))
    return Table("Change of filters", ("Trainings", *stages), rows)
