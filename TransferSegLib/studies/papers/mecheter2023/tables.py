"""Tables 3 to 9 of Mecheter 2023."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from TransferSegLib.studies.entries import (
    entries,
    fold_rows,
    labels_of,
    metric_columns,
)
from TransferSegLib.studies.papers.mecheter2023.grid import (
    DICE,
    METRICS,
    OF_BOTH,
    OF_T1W,
    T1W,
    T2W,
    TISSUES,
)
from TransferSegLib.studies.papers.mecheter2023.rows import (
    adapted,
    by_option,
    fusion_title,
    layers_title,
)
from TransferSegLib.studies.results import Results
from TransferSegLib.studies.tables import (
    Row,
    Table,
    after_first,
    difference_row,
    spread_note,
    with_asterisks,
    with_best,
)


def _table(
    name: str, number: str, title: str, rows: Sequence[Row], labels: Sequence[str], notes: Sequence[str] = ()
) -> Table:
    columns = metric_columns(METRICS, labels, digits=4)
    return with_best(Table(name, number, title, ("Model",), columns, tuple(rows), tuple(notes)))


def table_3(results: Results) -> list[Table]:
    """Without fine tuning, and open fine tuning fold by fold. The source model is one for all folds, so it has one row."""
    some = adapted(results)
    labels = labels_of(some, TISSUES)
    direct = some.where(strategy="direct")
    rows = [Row(("Transfer learning without fine tuning",), entries(direct, METRICS, labels))] if len(direct) else []
    rows += fold_rows(some.where(strategy="open"), "Open fine tuning", METRICS, labels)
    return [_table("table-3", "Table 3", "Transfer learning without fine tuning and open fine tuning", rows, labels)]


def table_4(results: Results) -> list[Table]:
    """Conservative fine tuning, from the last layer alone to 18 convolutions, fold by fold."""
    some = adapted(results)
    labels = labels_of(some, TISSUES)
    rows = [
        row
        for layers, of_layers in by_option(some, "conservative").items()
        for row in fold_rows(of_layers, f"Fine tune {layers_title(layers)}", METRICS, labels)
    ]
    return [_table("table-4", "Table 4", "Conservative fine tuning", rows, labels)]


def table_5(results: Results) -> list[Table]:
    """Hybrid transfer learning with each way of joining the encoders, fold by fold."""
    some = adapted(results)
    labels = labels_of(some, TISSUES)
    rows = [
        row
        for fusion, of_fusion in by_option(some, "hybrid").items()
        for row in fold_rows(of_fusion, f"Aggregation: {fusion_title(fusion)}", METRICS, labels)
    ]
    return [
        _table("table-5", "Table 5", "Hybrid transfer learning with different aggregation mechanisms", rows, labels)
    ]


def tables_6_to_8(results: Results) -> list[Table]:
    """For each tissue the four approaches: of the layers and of the fusions those with the best Dice of that tissue.

    That is how the paper's tables choose 18 and 6 layers, and multiplication for bone.
    """
    some = adapted(results)
    tables = []
    for number, label in enumerate(labels_of(some, TISSUES), start=6):
        of_label = some.where(label=label)
        approaches = {
            "Transfer learning without fine tuning": of_label.where(strategy="direct"),
            "Open fine tuning": of_label.where(strategy="open"),
        }
        for name, titled in (
            ("conservative", lambda n: f"Conservative fine tuning (tune {layers_title(n)}{' layers' if n else ''})"),
            ("hybrid", lambda fusion: f"Hybrid transfer learning (aggregation with {fusion_title(fusion)})"),
        ):
            found = by_option(of_label, name)
            if found:
                best = max(found, key=lambda option: found[option].mean(DICE) or 0.0)
                approaches[titled(best)] = found[best]
        rows = tuple(Row((title,), entries(rows, METRICS, (label,))) for title, rows in approaches.items() if len(rows))
        columns = metric_columns(METRICS, (label,), spread="interval", digits=4)
        notes = ("Of the layers and of the aggregations those with the best DSC of this tissue are shown.",)
        title = f"Comparison of the approaches: {label}"
        in_paper = f"Table {number}" if number <= 8 else ""
        table = Table(f"table-{number}-{label.replace(' ', '-')}", in_paper, title, ("Model",), columns, rows, notes)
        marked = with_asterisks(with_best(table), after_first(rows), "transfer learning without fine tuning")
        tables.append(replace(marked, notes=(*marked.notes, spread_note(columns, rows))))
    return tables


def table_9(results: Results) -> list[Table]:
    """The model of T1-weighted heads and that of both sequences, each tested on both, and the difference in per cent."""
    rows: list[Row] = []
    labels = labels_of(results, TISSUES)
    for target, sequence in ((T1W, "T1-w"), (T2W, "T2-w")):
        of_target = results.where(target=target, strategy="direct")
        pair = [
            Row((f"{sequence} {which} augmentation",), entries(of_target.where(source=source), METRICS, labels))
            for source, which in ((OF_T1W, "without"), (OF_BOTH, "with"))
            if len(of_target.where(source=source))
        ]
        rows += [*pair, difference_row(("Difference percentage",), *pair)] if len(pair) == 2 else pair
    columns = metric_columns(METRICS, labels, spread="interval", digits=2)
    title = "T2-weighted scans as augmentation: a model of T1-weighted heads and one of both sequences"
    table = Table("table-9", "Table 9", title, ("Model",), columns, tuple(rows))
    compared = {number: rows[number - 1] for number, row in enumerate(rows) if " with " in row.heads[0]}
    marked = with_asterisks(table, compared.get, "the model without augmentation")
    return [replace(marked, notes=(*marked.notes, spread_note(columns, rows)) if rows else ())]
