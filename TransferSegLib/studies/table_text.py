"""A table as text: CSV for programs, LaTeX for papers, HTML for the report."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from html import escape
from itertools import groupby
from pathlib import Path

from TransferSegLib.core.files import replacing
from TransferSegLib.core.texts import as_cell
from TransferSegLib.evaluation.page import marked, page
from TransferSegLib.studies.tables import Column, Entry, Row, Table

NOT_THERE = "–"


def write_table(table: Table, folder: Path) -> list[Path]:
    """Write a table as `NAME.csv`, `NAME.tex` and `NAME.html` in a folder, and return their paths.

    CSV has no place for the notes, which name the tests: they are in `NAME.notes.txt`, a line each.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"csv": as_csv(table), "tex": as_latex(table), "html": page(table.caption, [as_html(table)])}
    if table.notes:
        texts["notes.txt"] = "".join(f"{note}\n" for note in table.notes)
    written = []
    for ending, text in texts.items():
        path = folder / f"{table.name}.{ending}"
        with replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8", newline="")
        written.append(path)
    return written


def as_csv(table: Table) -> str:
    """The table as CSV with a line of headings. Mean, spread, asterisks and the best (`yes`) have columns of their own."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    places = range(len(table.columns))
    has_marks_at = [any(row.entries[place].marks for row in table.rows) for place in places]
    has_best_at = [any(row.entries[place].best for row in table.rows) for place in places]
    percent = any(row.kind == "difference" for row in table.rows)
    head = [as_cell(name) for name in table.heads]
    for column, has_marks, has_best in zip(table.columns, has_marks_at, has_best_at, strict=True):
        after = {"": (), "sd": ("sd",), "interval": ("low", "high")}[column.spread]
        head += [column.whole_title, *(f"{column.whole_title} {name}" for name in after)]
        head += [f"{column.whole_title} marks"] if has_marks else []
        head += [f"{column.whole_title} best"] if has_best else []
    writer.writerow([*head, *(["unit"] if percent else [])])
    for row in table.rows:
        cells = [as_cell(text) for text in row.heads]
        for column, entry, has_marks, has_best in zip(
            table.columns, row.entries, has_marks_at, has_best_at, strict=True
        ):
            numbers = {"": (), "sd": (entry.sd,), "interval": (entry.low, entry.high)}[column.spread]
            digits = 2 if row.kind == "difference" else column.digits + 2
            cells += ["" if number is None else f"{number:.{digits}f}" for number in (entry.mean, *numbers)]
            cells += [entry.marks] if has_marks else []
            cells += ["yes" if entry.best else ""] if has_best else []
        writer.writerow([*cells, *(["%" if row.kind == "difference" else ""] if percent else [])])
    return buffer.getvalue()


def as_latex(table: Table) -> str:
    r"""The table as a LaTeX `table` that needs `\usepackage{booktabs}`."""
    layout = "l" * len(table.heads) + "c" * len(table.columns)
    lines = [r"\begin{table}", r"\centering", rf"\caption{{{_latex(table.caption)}}}", rf"\label{{tab:{table.name}}}"]
    lines.append(rf"\begin{{tabular}}{{{layout}}}")
    lines.append(r"\toprule")
    groups = _groups(table.columns)
    if any(name for name, _ in groups):
        cells = [""] * len(table.heads) + [rf"\multicolumn{{{count}}}{{c}}{{{_latex(name)}}}" for name, count in groups]
        lines.append(" & ".join(cells) + r" \\")
        place = len(table.heads) + 1
        rules = []
        for name, count in groups:
            rules += [rf"\cmidrule(lr){{{place}-{place + count - 1}}}"] if name else []
            place += count
        lines.append("".join(rules))
    titles = [*table.heads, *(column.title for column in table.columns)]
    lines += [" & ".join(map(_latex, titles)) + r" \\", r"\midrule"]
    before: Row | None = None
    for row, heads in zip(table.rows, _heads_once(table), strict=True):
        if before is not None and _new_block(before, row):
            lines.append(r"\addlinespace")
        cells = [_latex(text or "") for text in heads]
        for column, entry in zip(table.columns, row.entries, strict=True):
            text = _latex(_number(entry, column, row.kind))
            text = rf"\textbf{{{text}}}" if entry.best else text
            cells.append(text + (rf"$^{{{entry.marks}}}$" if entry.marks else ""))
        lines.append(" & ".join(cells) + r" \\")
        before = row
    lines += [r"\bottomrule", r"\end{tabular}"]
    lines += [rf"\par\smallskip\footnotesize {_latex(note)}" for note in table.notes]
    return "\n".join([*lines, r"\end{table}", ""])


def as_html(table: Table) -> str:
    """The table as an element of a page, with its caption and notes."""
    heads = len(table.heads)
    groups = _groups(table.columns)
    grouped = any(name for name, _ in groups)
    span = ' rowspan="2"' if grouped else ""
    first = "".join(f'<th scope="col"{span}>{escape(name)}</th>' for name in table.heads)
    titles = "".join(f'<th scope="col">{escape(column.title)}</th>' for column in table.columns)
    if grouped:
        above = "".join(f'<th scope="colgroup" colspan="{count}">{escape(name)}</th>' for name, count in groups)
        head = f"<tr>{first}{above}</tr><tr>{titles}</tr>"
    else:
        head = f"<tr>{first}{titles}</tr>"
    lines = []
    before: Row | None = None
    for row, texts in zip(table.rows, _heads_once(table), strict=True):
        classes: list[str] = [row.kind] if row.kind != "plain" else []
        classes += ["first"] if before is not None and _new_block(before, row) else []
        cells = "".join(f'<th scope="row">{escape(text or "")}</th>' for text in texts)
        for column, entry in zip(table.columns, row.entries, strict=True):
            text = escape(_number(entry, column, row.kind)) + escape(entry.marks)
            cells += f"<td>{f'<b>{text}</b>' if entry.best else text}</td>"
        lines.append(f'<tr class="{" ".join(classes)}">{cells}</tr>')
        before = row
    notes = "".join(f'<p class="caption">{marked(note)}</p>' for note in table.notes)
    body = "".join(lines) or f'<tr><td colspan="{heads + len(table.columns)}">No results yet.</td></tr>'
    return (
        f'<div class="wide"><table class="study"><caption>{escape(table.caption)}</caption><thead>{head}</thead>'
        f"<tbody>{body}</tbody></table></div>{notes}"
    )


def _number(entry: Entry, column: Column, kind: str) -> str:
    if entry.mean is None:
        return NOT_THERE
    if kind == "difference":
        return f"{entry.mean:+.2f} %".replace("-", "−")
    text = f"{entry.mean:.{column.digits}f}"
    if column.spread == "sd" and entry.sd is not None:
        return f"{text} ± {entry.sd:.{column.digits}f}"
    if column.spread == "interval" and entry.low is not None and entry.high is not None:
        return f"{text} [{entry.low:.{column.digits}f}, {entry.high:.{column.digits}f}]"
    return text


def _groups(columns: Sequence[Column]) -> list[tuple[str, int]]:
    return [(name, len(list(some))) for name, some in groupby(columns, key=lambda column: column.group)]


def _heads_once(table: Table) -> list[list[str | None]]:
    """The heads of each row; None where the row above has the same, and the same before it. The last is always there."""
    shown: list[list[str | None]] = []
    before: tuple[str, ...] = ()
    for row in table.rows:
        last = len(row.heads) - 1
        shown.append(
            [None if n < last and before[: n + 1] == row.heads[: n + 1] else h for n, h in enumerate(row.heads)]
        )
        before = row.heads
    return shown


def _new_block(before: Row, row: Row) -> bool:
    """Whether a row begins a block: another first head, or the row after an average or a difference."""
    if len(row.heads) > 1:
        return before.heads[0] != row.heads[0]
    return before.kind in ("average", "difference") or (before.kind == "plain" and row.kind == "fold")


_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "±": r"$\pm$", "×": r"$\times$", "−": "$-$", "–": "--",
    "<": "$<$", ">": "$>$",
}  # fmt: skip


def _latex(text: str) -> str:
    plain = "".join(_LATEX.get(letter, letter) for letter in text)
    return re.sub(r"`([^`]+)`", r"\\texttt{\1}", plain)
