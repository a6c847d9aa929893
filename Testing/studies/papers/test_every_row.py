"""docs/papers.md has a row for every table and figure of the papers, and says something in each."""

import re
from pathlib import Path

import pytest

from TransferSegLib.studies.papers import PAPERS, find_paper

DOCS = Path(__file__).resolve().parents[3] / "docs" / "papers.md"
ROMAN = {"I": "1", "II": "2", "III": "3"}
# What the papers have: their tables, then their figures.
IN_THE_PAPERS = {
    "mecheter2023": ([f"{n}" for n in range(1, 10)], [f"{n}" for n in range(1, 9)]),
    "mecheter2020": (["1", "2", "3"], [f"{n}" for n in range(1, 6)]),
    "zoetmulder2022": (["1", "2", "3", "4"], [f"{n}" for n in range(1, 6)]),
    "hossain2023": (
        ["2.1", "4.1", "4.2", "4.3"],
        ["1.1", "1.2", "3.1", "3.2", "3.3", "3.4", *(f"4.{n}" for n in range(1, 7))],
    ),
    "karimi2021": ([f"{n}" for n in range(1, 10)], [f"{n}" for n in range(1, 12)]),
}


def rows_of(name):
    """The rows of a paper's section, a list of cells each."""
    (section,) = [
        part for part in DOCS.read_text(encoding="utf-8").split("\n## ") if f"`{name}`" in part.split("\n")[0]
    ]
    lines = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in cells] for cells in lines[2:]]


def named(text):
    """What a first cell names: (`Table` or `Figure`, number) of `Tables 6, 7, 8`, `Figures 1 to 4` or `Table II`."""
    kind, numbers = re.match(r"(Table|Figure)s? ([^(,]*(?:, [0-9.]+)*)", text).groups()
    found = re.findall(r"[0-9]+(?:\.[0-9]+)?|\b[IVX]+\b", numbers)
    found = [ROMAN.get(number, number) for number in found]
    if " to " in numbers:
        *before, first, last = found
        head, _, low = first.rpartition(".")
        high = last.rpartition(".")[2]
        found = [*before, *(f"{head}.{n}".lstrip(".") for n in range(int(low), int(high) + 1))]
    return {(kind, number) for number in found}


def test_the_names_in_a_row_are_read_as_a_person_reads_them():
    assert named("Tables 6, 7, 8 (a tissue each)") == {("Table", "6"), ("Table", "7"), ("Table", "8")}
    assert named("Figures 3.2 to 3.4 (diagrams)") == {("Figure", "3.2"), ("Figure", "3.3"), ("Figure", "3.4")}
    assert named("Table II (other methods)") == {("Table", "2")}
    assert named("Figures 1.1 and 1.2 (kinds)") == {("Figure", "1.1"), ("Figure", "1.2")}
    assert named("Figure 3, top (Dice over 4 sizes)") == {("Figure", "3")}


@pytest.mark.parametrize("name", PAPERS)
def test_every_table_and_figure_of_a_paper_has_its_row(name):
    rows = rows_of(name)
    found = set().union(*(named(row[0]) for row in rows))
    tables, figures = IN_THE_PAPERS[name]
    assert found == {("Table", n) for n in tables} | {("Figure", n) for n in figures}
    for row in rows:
        assert len(row) == 3 and all(row), row


@pytest.mark.parametrize("name", PAPERS)
def test_every_file_that_a_study_leaves_is_named_in_the_row_of_what_it_repeats(name):
    rows = {}
    for row in rows_of(name):
        for cell in named(row[0]):
            rows[cell] = rows.get(cell, "") + row[1]
    paper = find_paper(name)
    for one in (*paper.tables, *paper.figures):
        for cell in named(one.number):
            assert "not repeated" not in rows[cell], one.number
    for figure in paper.figures:
        (cell,) = named(figure.number)
        assert f"`{figure.name}`" in rows[cell] or "and so on" in rows[cell], figure.name
