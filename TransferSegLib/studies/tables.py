"""Tables as papers print them: mean and spread, the best in bold, asterisks for differences.

A number of a table keeps the value of each case, so what is bold, what has an asterisk and what a difference is all follow
from the same cases. `table_text` writes tables as CSV, LaTeX and HTML.

Example:
    >>> column = Column("DSC", "Bone", better="higher", spread="sd")
    >>> row = Row(("Open fine tuning",), (Entry.of({"a": 0.5, "b": 0.7}),))
    >>> print(as_csv(Table("table-3", "Table 3", "Fine tuning", ("Model",), (column,), (row,))))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from TransferSegLib.evaluation.statistics import FEWEST_FOR_INTERVAL, describe, paired_difference, smallest_p

Spread = Literal["", "sd", "interval"]
SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class Column:
    """A column of numbers.

    Attributes:
        title: Its heading.
        group: The heading above it and its neighbours of the same group; empty for none.
        digits: Digits after the decimal point.
        better: Whether a `higher` or `lower` number is better; None where neither is, so that none is bold.
        spread: What follows the mean: the standard deviation over cases, the 95 % interval of the mean, or nothing.
    """

    title: str
    group: str = ""
    digits: int = 2
    better: Literal["higher", "lower"] | None = None
    spread: Spread = ""

    @property
    def whole_title(self) -> str:
        """The heading with that of its group."""
        return f"{self.group} {self.title}".strip()


@dataclass(frozen=True)
class Entry:
    """One number of a table.

    Attributes:
        mean: The number; None where there is none.
        sd: The standard deviation over the cases; None for fewer than two.
        low: The lower end of the 95 % interval of the mean; None for fewer than four cases.
        high: Its upper end.
        values: The value of each case (or run) by its name.
        best: Whether it is the best of its column.
        marks: Asterisks.
    """

    mean: float | None = None
    sd: float | None = None
    low: float | None = None
    high: float | None = None
    values: Mapping[str, float] = field(default_factory=dict, hash=False)
    best: bool = False
    marks: str = ""

    @classmethod
    def of(cls, values: Mapping[str, float | None]) -> Entry:
        """The mean over cases; those without a value are left out."""
        known = {name: value for name, value in values.items() if value is not None}
        found = describe(list(known.values()))
        return cls(found.mean, found.sd, found.low, found.high, known)


@dataclass(frozen=True)
class Row:
    """A row of a table.

    Attributes:
        heads: What it is, a text for each of the table's head columns.
        entries: A number for each of its columns.
        kind: A `fold` of an `average` is never bold. A `difference` is in per cent.
    """

    heads: tuple[str, ...]
    entries: tuple[Entry, ...]
    kind: Literal["plain", "fold", "average", "difference"] = "plain"

    @property
    def can_be_best(self) -> bool:
        """Whether its numbers compete for the best of their column."""
        return self.kind in ("plain", "average")


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        name: The name of its files.
        number: Its number in the paper, as `Table 3`.
        title: What it shows.
        heads: The headings of the columns that say what a row is.
        columns: The columns of numbers.
        rows: The rows.
        notes: Sentences beneath it.
    """

    name: str
    number: str
    title: str
    heads: tuple[str, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row.heads) != len(self.heads) or len(row.entries) != len(self.columns):
                raise ValueError(
                    f"{self.name}: a row of {len(row.heads)} heads and {len(row.entries)} numbers; the table has "
                    f"{len(self.heads)} and {len(self.columns)}"
                )

    @property
    def caption(self) -> str:
        """Its number and title."""
        return f"{self.number}. {self.title}".removeprefix(". ")


def difference_row(heads: tuple[str, ...], first: Row, second: Row) -> Row:
    """The change from one row to another in per cent of the first, as in Table 9 of Mecheter 2023.

    It is the change of the means, `(second - first) / first`; there is none where the first is zero.

    Args:
        heads: What stands at the beginning of the row.
        first: The row that the change is measured from.
        second: The row that it is measured to.

    Returns:
        The row, in per cent.
    """

    def change(a: Entry, b: Entry) -> Entry:
        return Entry(None if not a.mean or b.mean is None else 100 * (b.mean - a.mean) / a.mean)

    pairs = zip(first.entries, second.entries, strict=True)
    return Row(heads, tuple(change(a, b) for a, b in pairs), "difference")


def with_best(table: Table) -> Table:
    """The table with the best number of each column marked; numbers that are shown alike are all the best."""
    best: list[float | None] = []
    for place, column in enumerate(table.columns):
        means = [row.entries[place].mean for row in table.rows if row.can_be_best]
        known = [round(mean, column.digits) for mean in means if mean is not None]
        chosen = {"higher": max, "lower": min}.get(column.better or "")
        best.append(chosen(known) if chosen and len(known) > 1 else None)

    def marked(row: Row) -> Row:
        entries = tuple(
            replace(entry, best=row.can_be_best and entry.mean is not None and round(entry.mean, column.digits) == goal)
            for entry, column, goal in zip(row.entries, table.columns, best, strict=True)
        )
        return replace(row, entries=entries)

    return replace(table, rows=tuple(map(marked, table.rows)))


def with_asterisks(table: Table, reference_of: Callable[[int], Row | None], against: str) -> Table:
    """The table with an asterisk where a row differs from another on the same cases, and a note that names the test.

    The test is the sign-flip permutation test of the paired differences, which is exact for up to 13 cases. In each
    column, p is corrected for the number of rows by Holm's method.

    Args:
        table: The table, whose numbers know their cases.
        reference_of: The number of a row → the row that it is compared with, of this or another table; None for no row.
        against: What the rows are compared with, in words.
    """
    rows = [list(row.entries) for row in table.rows]
    most_cases, tests, marked = 0, 0, False
    for place, _ in enumerate(table.columns):
        found: dict[int, float] = {}
        for number, row in enumerate(table.rows):
            other = reference_of(number)
            if other is None or not row.can_be_best:
                continue
            mine, theirs = row.entries[place].values, other.entries[place].values
            shared = [case for case in mine if case in theirs]
            most_cases = max(most_cases, len(shared))
            p = paired_difference([mine[c] for c in shared], [theirs[c] for c in shared]).p
            if p is not None:
                found[number] = p
        tests = max(tests, len(found))
        for number, p in holm(found).items():
            if p < SIGNIFICANCE:
                rows[number][place] = replace(rows[number][place], marks="*")
                marked = True
    if not tests:
        return table
    changed = tuple(replace(row, entries=tuple(entries)) for row, entries in zip(table.rows, rows, strict=True))
    return replace(table, rows=changed, notes=(*table.notes, _asterisk_note(against, most_cases, tests, marked)))


def after_first(rows: Sequence[Row]) -> Callable[[int], Row | None]:
    """For `with_asterisks`: every row is compared with the first."""
    return lambda number: rows[0] if number else None


def _asterisk_note(against: str, cases: int, tests: int, marked: bool) -> str:
    least = smallest_p(cases) * tests
    test = f"sign-flip permutation test of the paired differences over {cases} cases"
    if tests > 1:
        test += f", p corrected by Holm's method for {tests} rows in each column"
    if least >= SIGNIFICANCE:
        return (
            f"No asterisks: with {cases} cases the test ({test}) cannot reach p < {SIGNIFICANCE:g}; the smallest p "
            f"there "
            f"is would be {min(least, 1.0):.2g}."
        )
    none = "" if marked else " No row does."
    return f"* differs from {against}, p < {SIGNIFICANCE:g} ({test}).{none}"


def holm(p_values: Mapping[int, float]) -> dict[int, float]:
    """Correct p values for their number by Holm's method: step down from the smallest; at most 1."""
    corrected: dict[int, float] = {}
    before = 0.0
    for rank, (name, p) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        before = max(before, min(1.0, p * (len(p_values) - rank)))
        corrected[name] = before
    return corrected


def spread_note(columns: Sequence[Column], rows: Sequence[Row]) -> str:
    """The sentence that says what follows a mean; empty where nothing does."""
    shown = {column.spread for column in columns} - {""}
    if not shown:
        return ""
    if shown == {"sd"}:
        return "± is the standard deviation over cases."
    few = any(0 < len(entry.values) < FEWEST_FOR_INTERVAL for row in rows for entry in row.entries)
    more = f" There is none for fewer than {FEWEST_FOR_INTERVAL} cases." if few else ""
    return f"In brackets: the 95 % interval of the mean, a bootstrap over cases.{more}"
