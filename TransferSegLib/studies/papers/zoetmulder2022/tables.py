"""Tables 1 and 2 of Zoetmulder 2022, and the numbers behind figures 3 and 4 as tables."""

from __future__ import annotations

from TransferSegLib.studies.papers.zoetmulder2022.grid import (
    ANATOMY,
    BEST_EQUAL,
    EQUAL,
    MS,
    SLICE_DICE,
    SLICE_IOU,
    STROKE,
    UNEQUAL,
    WHOLE_IMAGENET,
    SourceTask,
)
from TransferSegLib.studies.papers.zoetmulder2022.rows import (
    cutoffs,
    detected_share,
    detection,
    of_target,
    one_draw,
    with_lesions,
)
from TransferSegLib.studies.results import Results
from TransferSegLib.studies.tables import Column, Entry, Row, Table, spread_note, with_asterisks, with_best

GROUPS = (
    ("Equal Domain: T1 MR", EQUAL),
    ("Unequal Domain: Natural Images", (*UNEQUAL, WHOLE_IMAGENET)),
)
PER_SLICE = "Each axial slice in which the reference or the segmentation has something counts once in its case."


def table_1(results: Results) -> list[Table]:
    """The mIOU of brain anatomy by source task and domain."""
    return [_table(results, ANATOMY, "table-1", "Table 1", "Brain Anatomy Segmentation", SLICE_IOU, "mIOU")]


def table_2(results: Results) -> list[Table]:
    """The Dice of MS lesions by source task and domain."""
    return [_table(results, MS, "table-2", "Table 2", "MS Lesion Segmentation", SLICE_DICE, "Dice")]


def stroke_table(results: Results) -> list[Table]:
    """The Dice of stroke lesions by source and fine-tuning set size: what the upper half of figure 3 shows."""
    some = of_target(results, STROKE)
    sizes = some.levels("size")
    columns = tuple(Column(f"{size} scans", "", 2, "higher", "interval") for size in sizes)
    rows = [
        Row(
            (group, one.title),
            tuple(Entry.of(some.where(source=one.name, size=size).per_case(SLICE_DICE)) for size in sizes),
        )
        for group, ones in GROUPS
        for one in ones
        if len(some.where(source=one.name))
    ]
    title = "Dice of stroke lesions over the fine-tuning set size"
    heads = ("Domain", "Source task")
    notes = (spread_note(columns, rows), PER_SLICE) if rows else ()
    return [with_best(Table("figure-3-dice", "Figure 3, top", title, heads, columns, tuple(rows), notes))]


def stroke_detection_table(results: Results) -> list[Table]:
    """The detection of stroke lesions by one network of each source: what the lower half of figure 3 shows."""
    return [_detection(results, STROKE, "figure-3-detection", "Figure 3, bottom")]


def ms_detection_table(results: Results) -> list[Table]:
    """The detection of MS lesions: what figure 4 shows."""
    return [_detection(results, MS, "figure-4-detection", "Figure 4")]


def _table(results: Results, target: str, name: str, number: str, title: str, metric: str, heading: str) -> Table:
    some = of_target(results, target)
    column = Column(heading, "", 2, "higher", "interval")
    found = [
        (one, Row((group, one.title), (Entry.of(some.where(source=one.name).per_case(metric)),)))
        for group, ones in GROUPS
        for one in ones
        if len(some.where(source=one.name))
    ]
    rows = [row for _, row in found]
    first = next((row for one, row in found if one is BEST_EQUAL), None)
    notes = (spread_note((column,), rows), PER_SLICE) if rows else ()
    table = Table(name, number, title, ("Domain", "Source task"), (column,), tuple(rows), notes)
    return with_asterisks(
        with_best(table),
        lambda place: None if found[place][0] is BEST_EQUAL else first,
        "the source model that learned segmentation in the equal domain",
    )


def _detection(results: Results, target: str, name: str, number: str) -> Table:
    some = with_lesions(results.where(target=target))
    some = one_draw(some) if target == STROKE else some
    overlaps, volumes = cutoffs(some)
    places = [(overlap, volume) for overlap in overlaps for volume in volumes]
    columns = tuple(
        Column(f"from {volume:g} mL", f"Overlap above {100 * overlap:g} %", 2, "higher") for overlap, volume in places
    )

    def entries(one: SourceTask) -> tuple[Entry, ...]:
        rows = some.where(source=one.name)
        return tuple(Entry(detected_share(rows, *place), values=detection(rows, *place)) for place in places)

    rows = [
        Row((group, one.title), entries(one))
        for group, ones in GROUPS
        for one in ones
        if places and len(some.where(source=one.name))
    ]
    what = "Stroke" if target == STROKE else "MS"
    note = (
        "The share of all lesions of the test cases that was detected; smaller lesions than the cut-off are left out."
    )
    title = f"{what} lesions that were detected"
    return with_best(
        Table(name, number, title, ("Domain", "Source task"), columns, tuple(rows), (note,) if rows else ())
    )
