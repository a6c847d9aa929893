"""The study of a paper: its grid, its tables and figures in the paper's layout, and its claims; and what comes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.page import bullets, marked, section
from TransferSegLib.studies.claims import OUTCOMES, Claim, Judgement
from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.grid import Study
from TransferSegLib.studies.results import Results
from TransferSegLib.studies.table_text import as_html, write_table
from TransferSegLib.studies.tables import Table
from TransferSegLib.studies.written_files import remove_stale

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NOTHING_SHOWN = "no cell of this study has what is shown there, or its files are gone"
NOT_LOOKED_INTO = "the networks could not be looked into, see above"


@dataclass(frozen=True)
class PaperTable:
    """One table of a paper, or several of one layout.

    Attributes:
        number: Its number in the paper, as `Table 3`.
        build: The tables from the results of a study, in which rows may be missing.
        of_networks: Whether it shows what `PaperStudy.look` finds.
    """

    number: str
    build: Callable[[Results], Sequence[Table]]
    of_networks: bool = False


@dataclass(frozen=True)
class PaperFigure:
    """One figure of a paper.

    Attributes:
        name: The name of its files, as `figure-5`.
        number: Its number in the paper, as `Figure 5`.
        caption: What is seen, in a sentence or two.
        draw: Draws it; None where the study has nothing of what it shows.
        follow_page: Whether it takes the page's colours, as pictures of images must not.
        of_networks: Whether it shows what `PaperStudy.look` finds.
    """

    name: str
    number: str
    caption: str
    draw: Callable[[StudyFolder, Results], Figure | None]
    follow_page: bool = True
    of_networks: bool = False


@dataclass(frozen=True)
class PaperStudy:
    """The study that repeats a paper.

    Attributes:
        name: Its name on the command line.
        title: What it is about, in a line.
        paper: The paper: authors, title, journal and year.
        grid: The study, of made-up cases where none are given.
        quick: The same with fewer levels, smaller images and fewer steps; it still fills each table.
        tables: The paper's tables.
        figures: Its figures.
        claims: What it claims.
        differs: What differs from the paper and why, a sentence each.
        look: Looks into the networks themselves, and returns the results with what it found in `analyses`; None where the
            paper shows nothing of them.
    """

    name: str
    title: str
    paper: str
    grid: Study
    quick: Study
    tables: tuple[PaperTable, ...]
    figures: tuple[PaperFigure, ...]
    claims: tuple[Claim, ...]
    differs: tuple[str, ...] = ()
    look: Callable[[StudyFolder, Results], Results] | None = None


@dataclass(frozen=True)
class Written:
    """What came of a study of a paper.

    Attributes:
        tables: The tables that were written.
        figures: (declaration, figure) of those that were written.
        judgements: (claim, what became of it).
        missing: The number of each table and figure of which there is nothing → why.
        problem: Why the networks could not be looked into; None where they were, or nobody asked.
    """

    tables: tuple[Table, ...]
    figures: tuple[tuple[PaperFigure, Figure], ...]
    judgements: tuple[tuple[Claim, Judgement], ...]
    missing: Mapping[str, str]
    problem: Problem | None


def write_paper(paper: PaperStudy, folder: StudyFolder, results: Results) -> Written:
    """Write a paper's tables (CSV, LaTeX, HTML) and figures (SVG, PNG) into a study's folder, and judge its claims.

    Args:
        paper: The paper.
        folder: The study's folder.
        results: Its results.

    Returns:
        All that was written. A table without a row and a figure without a point are left out, and removed from the folder
        where an earlier call wrote them.
    """
    from TransferSegLib.evaluation.figures.style import write_figure

    if paper.look is not None and len(results):
        results = paper.look(folder, results)
    built = [(one, [table for table in one.build(results) if table.rows]) for one in paper.tables]
    tables = [table for _, of_one in built for table in of_one]
    files = [path for table in tables for path in write_table(table, folder.tables)]
    every = [(one, one.draw(folder, results)) for one in paper.figures]
    drawn = [(one, figure) for one, figure in every if figure is not None]
    for one, figure in drawn:
        files += write_figure(figure, folder.figures, one.name)
    remove_stale(folder, files)
    failed = results.not_looked_into is not None
    absent: list[PaperTable | PaperFigure] = [one for one, of_one in built if not of_one]
    absent += [one for one, figure in every if figure is None]
    missing = {one.number: NOT_LOOKED_INTO if failed and one.of_networks else NOTHING_SHOWN for one in absent}
    judgements = tuple((claim, claim.judge(results)) for claim in paper.claims)
    return Written(tuple(tables), tuple(drawn), judgements, missing, results.not_looked_into)


def paper_sections(paper: PaperStudy, written: Written) -> list[str]:
    """What came of a paper as sections of a report: its claims first, then tables, figures and what differs.

    Args:
        paper: The paper.
        written: What `write_paper` returned.

    Returns:
        HTML, a section each.
    """
    from TransferSegLib.evaluation.figures.style import inline_svg

    parts = (
        [section("What the paper claims, and what was seen here", _claims(written.judgements))]
        if written.judgements
        else []
    )
    if written.tables:
        parts.append(
            section("Tables", "".join(f'<div class="block">{as_html(table)}</div>' for table in written.tables))
        )
    pictures = [
        f"<figure>{inline_svg(figure, one.name, one.caption, follow_page=one.follow_page)}"
        f"<figcaption><b>{escape(one.number)}.</b> {marked(one.caption)}</figcaption></figure>"
        for one, figure in written.figures
    ]
    if pictures:
        parts.append(section("Figures", f'<div class="figures">{"".join(pictures)}</div>'))
    for why in dict.fromkeys(written.missing.values()):
        numbers = [number for number, reason in written.missing.items() if reason == why]
        parts.append(f'<p class="caption">{escape("; ".join(numbers))}: {escape(why)}.</p>')
    if paper.differs:
        parts.append(section("What differs from the paper", bullets(paper.differs)))
    return parts


def _claims(judgements: Sequence[tuple[Claim, Judgement]]) -> str:
    lines = []
    for claim, judgement in judgements:
        kind = {"seen": "better", "not seen": "worse", "cannot tell": "unsure"}[judgement.outcome]
        lines.append(
            f'<p class="claim {kind}"><b>{marked(claim.said)}</b> <span class="interval">{marked(claim.where)}</span><br>'
            f"<b>{OUTCOMES[judgement.outcome]}:</b> {marked(judgement.numbers)}.</p>"
        )
    how = (
        "Seen: the numbers go the way that is claimed, and p < 0.05 by the sign-flip permutation test over cases. "
        "Not seen: they go the other way with p < 0.05, or their 95 % interval leaves room for nothing that matters. "
        "Each claim is tested alone, so of forty without anything behind them about one is seen by chance."
    )
    return f'{"".join(lines)}<p class="caption">{escape(how)}</p>'
