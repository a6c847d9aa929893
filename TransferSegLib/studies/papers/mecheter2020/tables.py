"""Tables I to III of Mecheter 2020."""

from __future__ import annotations

from dataclasses import replace

from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.studies.entries import capitalised, entries, label_named, labels_of, per_run
from TransferSegLib.studies.papers.mecheter2020.grid import (
    DECODER,
    DICE,
    METRICS,
    OTHER,
    PROPOSED,
    T1W,
    T2W,
    TISSUES,
)
from TransferSegLib.studies.results import Results
from TransferSegLib.studies.tables import (
    Column,
    Entry,
    Row,
    Table,
    after_first,
    spread_note,
    with_asterisks,
    with_best,
)

METRIC_TITLES = {"precision": "Precision", "recall": "Recall", "dice": "Dice", "jaccard": "Jaccard Index"}


def table_1(results: Results) -> list[Table]:
    """The model of T1-weighted heads on such heads: a row a metric, a column a tissue."""
    own = of_source(results, PROPOSED)
    labels = labels_of(own, TISSUES)
    columns = tuple(Column(capitalised(label), spread="sd") for label in labels)
    rows = [Row((METRIC_TITLES[name],), entries(own, (name,), labels)) for name in METRICS] if labels else []
    title = "Segmentation of T1-weighted heads"
    table = Table("table-1", "Table I", title, ("Metric",), columns, tuple(rows))
    return [replace(table, notes=(spread_note(columns, rows),) if rows else ())]


def table_2(results: Results) -> list[Table]:
    """Dice of SegNet trained otherwise, of the same with its segmentations smoothed, and of SegNet trained as proposed."""
    rows = {
        "Segnet": of_source(results, OTHER),
        "Segnet + smoothing": of_source(results, OTHER, smoothed=True),
        "Proposed method": of_source(results, PROPOSED),
    }
    return [_dice_table("table-2", "Table II", "Comparison with other ways to train", "Method", rows)]


def table_3(results: Results) -> list[Table]:
    """Dice on T2-weighted heads of the model as it is, of 2 to 8 tuned convolutions, and of the tuned decoder.

    Beside it the times of §IV-C: of a training, and of segmenting a slice.
    """
    title = "T2-weighted heads by transfer learning and fine tuning"
    ways = tuned(results)
    table = _dice_table("table-3", "Table III", title, "", ways)
    if not table.rows:
        return [table]
    columns = (Column("Training (s)", "", 1), Column("A slice (ms)", "", 2))
    rows = [
        replace(
            row,
            entries=(*row.entries, _time(ways[row.heads[0]], "seconds", 1), _time(ways[row.heads[0]], "slice_s", 1000)),
        )
        for row in table.rows
    ]
    return [replace(table, columns=(*table.columns, *columns), rows=tuple(rows))]


def _time(results: Results, column: str, factor: float) -> Entry:
    """The mean time of the trainings, in a unit of which `factor` are a second."""
    runs = per_run(results, column, "").values
    return Entry.of({run: factor * seconds for run, seconds in runs.items()})


def of_source(results: Results, source: str, smoothed: bool = False) -> Results:
    """A model of T1-weighted heads on the T1-weighted heads that it has not seen, its segmentations smoothed or not."""
    rows = results.where(target=T1W, strategy="direct", source=source)
    return Results(tuple(row for row in rows if bool(row["smoothing_mm"]) == smoothed))


def tuned(results: Results) -> dict[str, Results]:
    """The ways of Table III by their title there: the model as it is, then the layers, then the decoder."""
    some = results.where(target=T2W, source=PROPOSED)
    layers: dict[int, Results] = {}
    for key in some.levels("strategy"):
        choice = StrategyChoice.parse(key)
        if choice.name == "conservative" and "layers" in choice.options:
            layers[int(choice.options["layers"])] = some.where(strategy=key)
    found = {"Transfer learning": some.where(strategy="direct")}
    found |= {f"Finetune: {number} CONV": layers[number] for number in sorted(layers)}
    found["Finetune: Decoder"] = some.where(strategy=DECODER)
    return {title: rows for title, rows in found.items() if len(rows)}


def _dice_table(name: str, number: str, title: str, head: str, ways: dict[str, Results]) -> Table:
    everything = Results(tuple(row for rows in ways.values() for row in rows))
    labels = labels_of(everything, TISSUES)
    columns = tuple(Column(capitalised(label), "", 2, "higher", "sd") for label in labels)
    rows = [Row((way,), entries(some, (DICE,), labels)) for way, some in ways.items() if len(some)]
    table = with_best(Table(name, number, title, (head,), columns, tuple(rows)))
    if not rows:
        return table
    marked = with_asterisks(table, after_first(rows), rows[0].heads[0])
    return replace(marked, notes=(*marked.notes, spread_note(columns, rows)))


def score_of(results: Results, label: str) -> Entry:
    """The Dice of each case for a label of the paper; without values where the results have no such label."""
    known = label_named(results, label)
    return Entry.of(results.where(label=known).per_case(DICE)) if known is not None else Entry()
