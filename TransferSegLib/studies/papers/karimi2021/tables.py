"""Tables 2 to 9 of Karimi 2021, and the numbers of §3.7 that are in its text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from TransferSegLib.evaluation.metrics import METRICS
from TransferSegLib.studies.papers.karimi2021.grid import (
    ASSD,
    CENTERS,
    CT_ORGANS,
    DICE,
    ENCODER,
    ENCODER_AND_HEAD,
    HD95,
    HIPPOCAMPUS,
    LIVER_CT,
    LIVER_MRI,
    NEWBORN,
    NO_SOURCE,
    OLDER,
    OPEN,
    PANCREAS,
    POOL,
    POOR_CENTER,
    RANDOM_ENCODER,
    TUMOURS,
    WHOLE_BRAIN,
    YOUNGER,
)
from TransferSegLib.studies.papers.karimi2021.looking import reuse, shown_layers
from TransferSegLib.studies.papers.karimi2021.rows import (
    F1,
    RI,
    TL,
    TSC,
    from_scratch,
    main_network,
    networks,
    of_target,
    transferred,
    values,
    with_all,
)
from TransferSegLib.studies.results import Results
from TransferSegLib.studies.tables import Column, Entry, Row, Table, spread_note, with_asterisks, with_best

COLUMNS = {
    DICE: Column("DSC", "", 3, "higher", "sd"),
    F1: Column("F1", "", 3, "higher", "sd"),
    HD95: Column("HD95 (mm)", "", METRICS[HD95].digits, "lower", "sd"),
    ASSD: Column("ASSD (mm)", "", METRICS[ASSD].digits, "lower", "sd"),
}
TRANSFERS = (
    ("Liver-CT, transfer learning from liver MRI", LIVER_CT, LIVER_MRI),
    ("Liver-CT, transfer learning from other organs in CT", LIVER_CT, CT_ORGANS),
    ("CP-younger fetus, transfer learning from CP-newborn", YOUNGER, NEWBORN),
    ("CP-younger fetus, transfer learning from Hippocampus", YOUNGER, HIPPOCAMPUS),
)

# The heads of a group of rows, the rows from scratch, and those of each transfer with its name.
Group = tuple[tuple[str, ...], Results, Sequence[tuple[str, Results]]]


def table_2(results: Results) -> list[Table]:
    """Centre 5 from scratch, from one of the other centres (their average), and from the pool of them."""
    groups = [
        (
            (title,),
            from_scratch(results, POOR_CENTER, network),
            [
                (f"{TL} (train on one center)", transferred(results, POOR_CENTER, CENTERS, network)),
                (f"{TL} (train on all other centers)", transferred(results, POOR_CENTER, POOL, network)),
            ],
        )
        for network, title in networks(results).items()
    ]
    all_cases = [(heads, with_all(ri), others) for heads, ri, others in groups]
    title = "Centre 5 of the TSC data: random initialisation, and models of other centres"
    return [_table("table-2", "Table 2", title, ("Network",), (DICE, F1), all_cases)]


def table_3(results: Results) -> list[Table]:
    """Liver-CT from liver MRI."""
    title = "Liver in CT from a model of liver in MRI"
    groups = _by_size(results, LIVER_CT, LIVER_MRI)
    return [_table("table-3", "Table 3", title, ("Network", "Training cases"), (DICE, HD95, ASSD), groups)]


def table_4(results: Results) -> list[Table]:
    """The fetal cortical plates from that of newborns."""
    heads = ("Target", "Network", "Training cases")
    groups = [
        ((said, *of), ri, others)
        for said, target in (("CP-younger fetus", YOUNGER), ("CP-older fetus", OLDER))
        for of, ri, others in _by_size(results, target, NEWBORN)
    ]
    title = "Cortical plates of fetuses from a model of newborns"
    return [_table("table-4", "Table 4", title, heads, (DICE, HD95, ASSD), groups)]


def table_5(results: Results) -> list[Table]:
    """Pancreas from other organs."""
    title = "Pancreas in CT from a model of other organs in CT"
    groups = _by_size(results, PANCREAS, CT_ORGANS)
    return [_table("table-5", "Table 5", title, ("Network", "Training cases"), (DICE, HD95, ASSD), groups)]


def table_6(results: Results) -> list[Table]:
    """Lesions of tuberous sclerosis from tumours: each centre by itself, its test cases together."""
    groups = []
    for network, title in networks(results).items():
        ri, tl = from_scratch(results, TSC, network), transferred(results, TSC, TUMOURS, network)
        tuned = {row["target"] for row in tl}
        ri = ri.where(target=tuned)
        for whole in (True, False):
            parts = [_with(rows, whole) for rows in (ri, tl)]
            groups.append(((title, _cases(parts[0])), parts[0], [(TL, parts[1])]))
    title = "TSC lesions from a model of tumours"
    return [_table("table-6", "Table 6", title, ("Network", "Training cases"), (DICE, F1), groups)]


def table_7(results: Results) -> list[Table]:
    """Sizes of the source set and of the target set."""
    groups = []
    network = main_network(results, NEWBORN, NO_SOURCE)
    for size in from_scratch(results, NEWBORN).levels("size"):
        brains = sorted(
            (int(name.rsplit("-", 1)[1]), name)
            for name in of_target(results, NEWBORN).where(strategy=OPEN).levels("source")
            if str(name).startswith(f"{WHOLE_BRAIN}-")
        )
        others = [(str(n), transferred(results, NEWBORN, name, network).where(size=size)) for n, name in brains]
        groups.append(((str(size),), from_scratch(results, NEWBORN).where(size=size), others))
    heads = ("Images in the target domain",)
    title = "Numbers of images in the source and in the target domain"
    columns = (DICE, HD95)
    return [_table("table-7", "Table 7", title, heads, columns, groups, "Images in the source domain", f"0 ({RI})")]


def table_8(results: Results) -> list[Table]:
    """How alike networks from scratch and by transfer learning are, to each other and among themselves."""
    some = with_all(of_target(results, YOUNGER))
    kinds = {
        RI: set(from_scratch(some, YOUNGER, beside=NEWBORN).levels("cell")),
        TL: set(transferred(some, YOUNGER, NEWBORN).levels("cell")),
    }
    pairs = [pair for one in results.analyses for pair in one.pairs]
    found = {
        (a, b): [p for p in pairs if _joins(p.trainings, kinds[a], kinds[b])] for a, b in ((RI, RI), (TL, TL), (RI, TL))
    }
    layers = shown_layers(list(dict.fromkeys(layer.layer for pair in pairs for layer in pair.layers)))
    rows = [
        Row(
            (f"RSIM({a}, {b})",),
            tuple(
                Entry.of({" – ".join(p.trainings): s.rsim for p in alike for s in p.layers if s.layer == layer})
                for layer in layers
            ),
        )
        for (a, b), alike in found.items()
        if alike
    ]
    columns = tuple(Column(title, "", 3, None, "sd") for title in layers.values())
    notes = ["± is the standard deviation over pairs of networks. 1 is as alike as can be."] if rows else []
    if rows and all(kinds.values()) and not found[RI, TL]:
        notes.append(
            f"No {RI} is compared with a {TL}: they see the images in other voxel sizes or intensities, so their answers are "
            "not to the same blocks."
        )
    title = "How alike pairs of networks are at convergence, layer by layer (RSIM)"
    return [Table("table-8", "Table 8", title, ("Networks",), columns, tuple(rows), tuple(notes))]


def table_9(results: Results) -> list[Table]:
    """Feature reuse of four transfers."""
    found = []
    for title, target, source in TRANSFERS:
        own = with_all(transferred(results, target, source))
        of_layers = reuse(results, own, with_all(from_scratch(results, target, beside=source)))
        if of_layers:
            found.append((title, of_layers))
    layers = shown_layers(list(dict.fromkeys(one.layer for _, of_layers in found for one in of_layers)))
    rows = []
    for title, of_layers in found:
        named = {one.layer: one for one in of_layers}
        rows.append(
            Row(
                (title,),
                tuple(
                    Entry(named[n].reuse, low=named[n].low, high=named[n].high) if n in named else Entry()
                    for n in layers
                ),
            )
        )
    columns = tuple(Column(title, "", 3) for title in layers.values())
    note = (
        "RSIM of start and convergence of the networks that began with the source's weights, less those from scratch."
    )
    title = "Feature reuse, layer by layer"
    return [Table("table-9", "Table 9", title, ("Transfer",), columns, tuple(rows), (note,) if rows else ())]


def parts_table(results: Results) -> list[Table]:
    """§3.7 and figure 11: a random encoder that is frozen, and the encoder trained alone."""
    groups = []
    for said, target, source in TRANSFERS[::2]:
        scratch = with_all(from_scratch(results, target, beside=source))
        random = [("Random encoder, frozen", transferred(results, target, source, strategy=RANDOM_ENCODER))]
        groups.append(((said.split(",")[0], "All of the network, from scratch"), scratch, random))
    for said, target, source in TRANSFERS:
        ways = [
            ("Encoder alone", transferred(results, target, source, strategy=ENCODER)),
            ("Encoder and output layer", transferred(results, target, source, strategy=ENCODER_AND_HEAD)),
        ]
        if any(len(rows) for _, rows in ways):
            own = with_all(transferred(results, target, source))
            groups.append(((said, "All of the network, fine-tuned"), own, ways))
    rows: list[Row] = []
    references: list[Row | None] = []
    for (said, first), whole, parts in groups:
        if not len(whole):
            continue
        reference = Row((said, first), _entries(whole, (DICE, HD95)))
        rows.append(reference)
        references.append(None)
        for title, some in parts:
            if len(some):
                rows.append(Row((said, title), _entries(some, (DICE, HD95))))
                references.append(reference)
    columns = tuple(COLUMNS[metric] for metric in (DICE, HD95))
    title = "A part of the network trained against all of it"
    table = Table("table-parts", "§3.7", title, ("Target", "Trained"), columns, tuple(rows), _notes(columns, rows))
    return [with_asterisks(table, references.__getitem__, "all of the network")]


def _by_size(results: Results, target: str, source: str) -> list[Group]:
    groups: list[Group] = []
    for network, title in networks(results).items():
        ri, tl = from_scratch(results, target, network), transferred(results, target, source, network)
        for size in reversed(ri.levels("size")):
            groups.append(((title, str(size)), ri.where(size=size), [(TL, tl.where(size=size))]))
    return groups


def _table(
    name: str,
    number: str,
    title: str,
    heads: tuple[str, ...],
    metrics: Sequence[str],
    groups: Iterable[Group],
    last_head: str = "Began from",
    of_scratch: str = RI,
) -> Table:
    """A row from scratch and one for each transfer in every group; asterisks where a transfer differs from scratch."""
    rows: list[Row] = []
    references: list[Row | None] = []
    for of, ri, transfers in groups:
        first = Row((*of, of_scratch), _entries(ri, metrics)) if len(ri) else None
        if first is not None:
            rows.append(first)
            references.append(None)
        for said, some in transfers:
            if len(some):
                rows.append(Row((*of, said), _entries(some, metrics)))
                references.append(first)
    columns = tuple(COLUMNS[metric] for metric in metrics)
    table = Table(name, number, title, (*heads, last_head), columns, tuple(rows), _notes(columns, rows))
    return with_asterisks(with_best(table), references.__getitem__, "random initialisation on the same cases")


def _entries(rows: Results, metrics: Sequence[str]) -> tuple[Entry, ...]:
    return tuple(Entry.of(values(rows, metric)) for metric in metrics)


def _notes(columns: Sequence[Column], rows: Sequence[Row]) -> tuple[str, ...]:
    return (spread_note(columns, rows),) if rows else ()


def _with(rows: Results, whole: bool) -> Results:
    """The rows of the trainings with all cases of their centre, or with fewer."""
    most = set(with_all(rows).levels("cell"))
    return Results(tuple(row for row in rows if (row.cell in most) == whole))


def _cases(rows: Results) -> str:
    sizes = rows.levels("size")
    return "–".join(dict.fromkeys(map(str, (sizes[0], sizes[-1])))) if sizes else ""


def _joins(trainings: tuple[str, str], first: set[str], second: set[str]) -> bool:
    a, b = trainings
    return (a in first and b in second) or (a in second and b in first)
