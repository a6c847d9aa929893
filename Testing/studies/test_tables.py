import csv
import io
import re

import pytest

from TransferSegLib.studies.table_text import as_csv, as_html, as_latex, write_table
from TransferSegLib.studies.tables import (
    Column,
    Entry,
    Row,
    Table,
    after_first,
    difference_row,
    holm,
    spread_note,
    with_asterisks,
    with_best,
)

DICE = Column("DSC", "Bone", better="higher", spread="sd")
HD = Column("HD95 (mm)", "Bone", better="lower", spread="sd")


def entry(*values):
    return Entry.of({f"case-{n}": value for n, value in enumerate(values)})


def table(rows, columns=(DICE, HD), heads=("Model",), notes=()):
    return Table("table-3", "Table 3", "Fine tuning & more", heads, columns, tuple(rows), notes)


TWO = (
    Row(("open",), (entry(0.5, 0.7), entry(3.0, 5.0))),
    Row(("direct",), (entry(0.3, 0.5), entry(2.0, 4.0))),
)


def test_an_entry_is_the_mean_over_cases_and_leaves_out_those_without_a_value():
    found = entry(0.5, None, 0.7)
    assert found.mean == pytest.approx(0.6) and found.sd == pytest.approx(0.02**0.5)
    assert set(found.values) == {"case-0", "case-2"} and found.low is None
    assert entry().mean is None and entry(0.4).sd is None


def test_the_best_is_the_highest_dice_and_the_lowest_distance():
    best = [[one.best for one in row.entries] for row in with_best(table(TWO)).rows]
    assert best == [[True, False], [False, True]]


def test_numbers_that_are_shown_alike_are_all_the_best_and_folds_and_differences_never():
    rows = (
        Row(("fold 1",), (entry(0.99), entry(0.1)), "fold"),
        Row(("average",), (entry(0.704), entry(1.0)), "average"),
        Row(("other",), (entry(0.70), entry(1.2))),
        Row(("change",), (entry(9.0), entry(-9.0)), "difference"),
    )
    best = [row.entries[0].best for row in with_best(table(rows)).rows]
    assert best == [False, True, True, False]


def test_a_column_that_is_neither_better_high_nor_low_has_no_best():
    rows = with_best(table([Row(("a",), (entry(1.0),)), Row(("b",), (entry(2.0),))], (Column("steps"),))).rows
    assert not any(row.entries[0].best for row in rows)


def test_a_difference_is_in_per_cent_of_the_first_row():
    # Mecheter 2023, Table 9: a bone Dice from 0.3841 to 0.54 is given as 40.56 % (with more digits than are printed).
    first, second = Row(("without",), (entry(0.38), entry(0.0))), Row(("with",), (entry(0.54), entry(1.0)))
    row = difference_row(("Difference",), first, second)
    assert row.entries[0].mean == pytest.approx(100 * 0.16 / 0.38) and row.entries[1].mean is None
    assert "+42.11 %" in as_html(table([first, second, row]))


def test_holm_multiplies_the_smallest_p_by_their_number_and_never_goes_down():
    assert holm({1: 0.01, 2: 0.04, 3: 0.03}) == pytest.approx({1: 0.03, 3: 0.06, 2: 0.06})
    assert holm({1: 0.9, 2: 0.8}) == pytest.approx({2: 1.0, 1: 1.0})


def test_an_asterisk_is_where_every_one_of_eight_cases_is_better_and_the_note_names_the_test():
    low = [0.1 * n for n in range(1, 9)]
    rows = (
        Row(("direct",), (entry(*low),)),
        Row(("better",), (entry(*[v + 0.05 for v in low]),)),
        Row(("mixed",), (entry(*[v + 0.05 * (-1) ** n for n, v in enumerate(low)]),)),
    )
    made = with_asterisks(table(rows, (DICE,)), after_first(rows), "`direct`")
    # The smallest p of eight cases is 2/256; twice that, for two rows, is below 0.05.
    assert [row.entries[0].marks for row in made.rows] == ["", "*", ""]
    (note,) = made.notes
    assert note.startswith("* differs from `direct`, p < 0.05 (sign-flip permutation test") and "8 cases" in note
    assert "Holm" in note


def test_three_cases_get_no_asterisks_and_the_note_says_why():
    rows = (Row(("direct",), (entry(0.1, 0.1, 0.1),)), Row(("open",), (entry(0.9, 0.9, 0.8),)))
    made = with_asterisks(table(rows, (DICE,)), after_first(rows), "`direct`")
    assert not any(row.entries[0].marks for row in made.rows)
    assert made.notes == (
        "No asterisks: with 3 cases the test (sign-flip permutation test of the paired differences over 3 cases) cannot "
        "reach p < 0.05; the smallest p there is would be 0.25.",
    )


def test_only_cases_that_both_rows_have_are_compared():
    mine = Entry.of({f"c{n}": 0.9 for n in range(8)} | {"mine alone": 0.0})
    theirs = Entry.of({f"c{n}": 0.1 for n in range(8)})
    rows = [Row(("a",), (theirs,)), Row(("b",), (mine,))]
    made = with_asterisks(table(rows, (DICE,)), after_first(rows), "a")
    assert made.rows[1].entries[0].marks == "*" and "8 cases" in made.notes[0]


def test_csv_has_a_column_for_mean_spread_and_marks_each():
    rows = [TWO[0], Row(("=1+1",), (Entry(0.4, marks="*"), Entry()))]
    head, first, second = csv.reader(io.StringIO(as_csv(table(rows))))
    assert head == ["Model", "Bone DSC", "Bone DSC sd", "Bone DSC marks", "Bone HD95 (mm)", "Bone HD95 (mm) sd"]
    assert first == ["open", "0.6000", "0.1414", "", "4.0000", "1.4142"]
    # A spreadsheet must not take a name for a formula.
    assert second == ["'=1+1", "0.4000", "", "*", "", ""]


def test_csv_says_which_number_is_the_best_where_one_is():
    lines = list(csv.DictReader(io.StringIO(as_csv(with_best(table(TWO))))))
    assert [(line["Bone DSC best"], line["Bone HD95 (mm) best"]) for line in lines] == [("yes", ""), ("", "yes")]
    assert "best" not in as_csv(table(TWO))


def test_csv_says_which_rows_are_in_per_cent():
    rows = [*TWO, difference_row(("Difference",), TWO[1], TWO[0])]
    lines = list(csv.reader(io.StringIO(as_csv(table(rows)))))
    assert [line[-1] for line in lines] == ["unit", "", "", "%"] and lines[-1][1] == "50.00"


def test_html_groups_columns_and_writes_mean_and_spread_with_the_best_in_bold():
    html = as_html(with_best(table(TWO, notes=("A < B & C.",))))
    assert '<th scope="colgroup" colspan="2">Bone</th>' in html and 'rowspan="2">Model' in html
    assert "<td><b>0.60 ± 0.14</b></td><td>4.00 ± 1.41</td>" in html
    assert "<caption>Table 3. Fine tuning &amp; more</caption>" in html and "A &lt; B &amp; C." in html


def test_an_interval_is_written_in_brackets_from_four_cases_on():
    column = Column("DSC", better="higher", spread="interval")
    rows = [Row(("a",), (entry(0.5, 0.5, 0.5, 0.5),)), Row(("b",), (entry(0.4, 0.4),))]
    html = as_html(table(rows, (column,)))
    assert "<td>0.50 [0.50, 0.50]</td>" in html and "<td>0.40</td>" in html
    assert spread_note((column,), rows).endswith("There is none for fewer than 4 cases.")
    assert spread_note((DICE,), rows) == "± is the standard deviation over cases."
    assert spread_note((Column("steps"),), rows) == ""


def test_a_head_that_repeats_is_written_once():
    rows = [
        Row(("UNet", "15", "R.I."), (entry(0.1), entry(1.0))),
        Row(("UNet", "15", "T.L."), (entry(0.2), entry(1.0))),
        Row(("UNet", "6", "R.I."), (entry(0.3), entry(1.0))),
    ]
    heads = re.findall(r'<th scope="row">(.*?)</th>', as_html(table(rows, heads=("network", "n", ""))))
    assert heads == ["UNet", "15", "R.I.", "", "", "T.L.", "", "6", "R.I."]


def test_latex_escapes_what_it_must_and_is_balanced():
    rows = [Row(("100 % of a_b",), (replace_best(entry(0.5, 0.7)), Entry(0.4, marks="*"))), TWO[1]]
    text = as_latex(table(rows, notes=("p < 0.05",)))
    assert r"100 \% of a\_b & \textbf{0.60 $\pm$ 0.14} & 0.40$^{*}$ \\" in text
    assert r"\multicolumn{2}{c}{Bone}" in text and r"\cmidrule(lr){2-3}" in text and "p $<$ 0.05" in text
    assert text.count(r"\begin{") == text.count(r"\end{") == 2
    assert text.count("{") == text.count("}")
    # Each line of numbers has as many columns as the layout.
    assert all(
        line.count(" & ") == 2 for line in text.splitlines() if line.endswith(r"\\") and "multicolumn" not in line
    )


def replace_best(found):
    return Entry(found.mean, found.sd, values=found.values, best=True)


def test_a_row_of_the_wrong_length_is_refused():
    with pytest.raises(ValueError, match="1 heads and 1 numbers"):
        table([Row(("a",), (entry(0.1),))])


def test_the_three_files_are_written_and_a_table_without_rows_says_so(tmp_path):
    paths = write_table(table((), notes=("* differs from `direct`.", "± is the spread.")), tmp_path / "tables")
    notes = tmp_path / "tables" / "table-3.notes.txt"
    assert notes in paths and notes.read_text(encoding="utf-8") == "* differs from `direct`.\n± is the spread.\n"
    notes.unlink()
    write_table(table(()), tmp_path / "tables")
    assert sorted(path.name for path in (tmp_path / "tables").iterdir()) == [
        "table-3.csv",
        "table-3.html",
        "table-3.tex",
    ]
    assert "No results yet." in (tmp_path / "tables" / "table-3.html").read_text()
