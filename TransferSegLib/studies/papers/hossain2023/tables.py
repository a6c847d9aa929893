"""Tables 4.1 to 4.3 of Hossain 2023."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from TransferSegLib.studies.entries import by_network, label_of_interest, of_label, with_most_cases
from TransferSegLib.studies.papers.hossain2023.grid import DICE, FULL, HD95, NETWORKS, PARTIAL, SCRATCH, WITHOUT
from TransferSegLib.studies.results import Results
from TransferSegLib.studies.tables import Column, Entry, Row, Table, after_first, spread_note, with_asterisks, with_best

GROUPS: Mapping[str, bool] = {"Without augmentation": False, "With augmentation": True}
COLUMNS = tuple(
    column
    for group in GROUPS
    for column in (
        Column("Dice coefficient", group, 2, "higher", "sd"),
        Column("HD95 (mm)", group, 2, "lower", "sd"),
    )
)


def table_4_1(results: Results) -> list[Table]:
    """The networks trained from scratch with all cases, with and without augmentation."""
    scratch = with_most_cases(of_label(results).where(strategy=SCRATCH))
    rows = [
        Row((NETWORKS.get(network, network),), _entries(of_network))
        for network, of_network in by_network(scratch).items()
    ]
    sizes = scratch.levels("size")
    trained = f" (trained with {sizes[-1]} cases)" if sizes else ""
    table = Table("table-4-1", "Table 4.1", f"Networks from scratch{trained}", ("Model",), COLUMNS, tuple(rows))
    return [_finished(table, results, "the first network")]


def table_4_2(results: Results) -> list[Table]:
    """Partial fine-tuning: the decoder alone, over sizes of the training set."""
    rows = _size_rows(results, PARTIAL)
    title = "Partial fine-tuning (the decoder) with different training sample sizes"
    table = Table("table-4-2", "Table 4.2", title, ("Training sample size",), COLUMNS, tuple(rows))
    return [_finished(table, results, "the smallest training sample")]


def table_4_3(results: Results) -> list[Table]:
    """Full fine-tuning over sizes of the training set."""
    rows = _size_rows(results, FULL)
    title = "Full fine-tuning with different training sample sizes"
    table = Table("table-4-3", "Table 4.3", title, ("Training sample size",), COLUMNS, tuple(rows))
    partial = {row.heads: row for row in _size_rows(results, PARTIAL)}
    marked = with_asterisks(
        with_best(table), lambda number: partial.get(rows[number].heads), "partial fine-tuning with the same cases"
    )
    return [_with_notes(marked, results)]


def _size_rows(results: Results, strategy: str) -> list[Row]:
    some = of_label(results).where(strategy=strategy)
    return [Row((f"{size} images",), _entries(some.where(size=size))) for size in some.levels("size")]


def _entries(results: Results) -> tuple[Entry, ...]:
    """Dice and HD95 without augmentation, then with."""
    found = []
    for augmented in GROUPS.values():
        rows = Results(tuple(row for row in results if (row["augment"] != WITHOUT) == augmented))
        found += [Entry.of(rows.per_case(metric)) for metric in (DICE, HD95)]
    return tuple(found)


def _finished(table: Table, results: Results, against: str) -> Table:
    return _with_notes(with_asterisks(with_best(table), after_first(table.rows), against), results)


def _with_notes(table: Table, results: Results) -> Table:
    if not table.rows:
        return table
    label = label_of_interest(results)
    of = f"Scores of `{label}`." if label is not None else "The mean over labels."
    return replace(table, notes=(*table.notes, spread_note(table.columns, table.rows), of))
