from dataclasses import replace

import pytest
from made_results import made_results, made_rows

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.figures.panels import Panel, Spot, Trace, line_panels
from TransferSegLib.studies.claims import Claim, Judgement
from TransferSegLib.studies.entries import entries, metric_columns
from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.grid import Study, StudyData
from TransferSegLib.studies.paper import PaperFigure, PaperStudy, PaperTable, paper_sections, write_paper
from TransferSegLib.studies.papers import PAPERS, find_paper
from TransferSegLib.studies.tables import Row, Table

STUDY = Study("Made up", {"t2w": StudyData(phantom="t2w", test=2)}, ({"strategy": "direct"},))


def dice_table(results):
    rows = [Row((key,), entries(some, ("dice",), ("bone",))) for key, some in results.groups("strategy").items()]
    return (Table("table-1", "Table 1", "Dice", ("Strategy",), metric_columns(("dice",), ("bone",)), tuple(rows)),)


def dice_figure(folder, results):
    spots = [Spot(n, value) for n, value in enumerate(results.values("dice"))]
    return line_panels("Dice", [Panel("Bone", [Trace("open", spots)])], ["1", "2"], "case", "Dice", upper=1.0)


PAPER = PaperStudy(
    "made-up",
    "A study",
    "Nobody 2020",
    STUDY,
    STUDY,
    tables=(PaperTable("Table 1", dice_table),),
    figures=(
        PaperFigure("figure-1", "Figure 1", "Dice of `open`.", dice_figure),
        PaperFigure("figure-2", "Figure 2", "Not there.", lambda folder, results: None),
    ),
    claims=(Claim("more", "`open` is better <always>.", "§1", lambda results: Judgement("not seen", "0.1 < 0.2")),),
    differs=("Cases are made up.",),
)
RESULTS = made_results(made_rows({"strategy": "open"}, {"bone": [0.5, 0.7]}))


def test_a_paper_leaves_its_tables_and_figures_as_files_and_its_claims_judged(tmp_path):
    folder = StudyFolder(tmp_path)
    written = write_paper(PAPER, folder, RESULTS)
    assert sorted(path.name for path in folder.tables.iterdir()) == ["table-1.csv", "table-1.html", "table-1.tex"]
    assert sorted(path.name for path in folder.figures.iterdir()) == ["figure-1.png", "figure-1.svg"]
    assert [table.name for table in written.tables] == ["table-1"]
    assert [(claim.name, judged.outcome) for claim, judged in written.judgements] == [("more", "not seen")]


def test_what_an_earlier_report_wrote_and_this_one_does_not_is_removed_and_nothing_else(tmp_path):
    folder = StudyFolder(tmp_path)
    write_paper(PAPER, folder, RESULTS)
    (folder.tables / "mine.csv").write_text("a,b\n", encoding="utf-8")
    write_paper(replace(PAPER, tables=(), figures=()), folder, RESULTS)
    assert [path.name for path in folder.tables.iterdir()] == ["mine.csv"] and not list(folder.figures.iterdir())
    # A list that somebody has changed names no file outside of these folders.
    folder.written.write_text('["tables/mine.csv", "tables/../study.yaml", "study.yaml"]', encoding="utf-8")
    folder.study_yaml.write_text("title: x\n", encoding="utf-8")
    write_paper(PAPER, folder, RESULTS)
    assert folder.study_yaml.is_file() and not (folder.tables / "mine.csv").exists()


def test_the_sections_say_what_was_seen_first_and_which_figure_is_not_there(tmp_path):
    html = "".join(paper_sections(PAPER, write_paper(PAPER, StudyFolder(tmp_path), RESULTS)))
    assert "<code>open</code> is better &lt;always&gt;." in html and "Not seen here:</b> 0.1 &lt; 0.2." in html
    assert html.index("Not seen here") < html.index("Table 1. Dice") < html.index('class="chart"')
    assert "Figure 2: no cell of this study has what is shown there, or its files are gone." in html
    assert "Cases are made up." in html


def test_what_is_missing_has_its_reason_tables_too(tmp_path):
    gone = Problem("gone", "{what}: is gone; put it back.", {"what": "weights"})
    paper = replace(
        PAPER,
        tables=(*PAPER.tables, PaperTable("Table 2", lambda results: ()), PaperTable("Table 3", lambda _: (), True)),
        look=lambda folder, results: replace(results, not_looked_into=gone),
    )
    written = write_paper(paper, StudyFolder(tmp_path), RESULTS)
    assert written.problem == gone
    html = "".join(paper_sections(paper, written))
    assert "Table 2; Figure 2: no cell of this study has what is shown there, or its files are gone." in html
    assert "Table 3: the networks could not be looked into, see above." in html


def test_a_study_without_results_has_no_tables_and_no_figures(tmp_path):
    written = write_paper(PAPER, StudyFolder(tmp_path), made_results())
    assert written.tables == () and written.figures == () and not (tmp_path / "tables").exists()


def test_a_paper_that_is_not_known_is_refused_with_the_names_of_those_that_are():
    with pytest.raises(InputError, match="paper `nobody1999` is not known"):
        find_paper("nobody1999")
    assert [find_paper(name).name for name in PAPERS] == list(PAPERS)
