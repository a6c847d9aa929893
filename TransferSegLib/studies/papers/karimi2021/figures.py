"""Figures 3 to 11 of Karimi 2021."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.paper import PaperFigure
from TransferSegLib.studies.papers.karimi2021.grid import (
    CT_ORGANS,
    HIPPOCAMPUS,
    LIVER_CT,
    LIVER_MRI,
    NEWBORN,
    OLDER,
    POOR_CENTER,
    RANDOM_ENCODER,
    SCRATCH,
    TUMOURS,
    YOUNGER,
)
from TransferSegLib.studies.papers.karimi2021.looking import courses, pictures
from TransferSegLib.studies.papers.karimi2021.rows import RI, TL, from_scratch, main_network, transferred, with_all
from TransferSegLib.studies.results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SAID = {
    LIVER_CT: "Liver-CT",
    YOUNGER: "CP-younger fetus",
    OLDER: "CP-older fetus",
    LIVER_MRI: "liver MRI",
    CT_ORGANS: "other organs in CT",
    NEWBORN: "CP-newborn",
    HIPPOCAMPUS: "Hippocampus",
}
MOMENTS = ("at the start", "at convergence", "difference")


def one_run(rows: Results) -> Results:
    """The first cell of some rows with all cases."""
    most = with_all(rows)
    cells = most.levels("cell")
    return most.where(cell=cells[0]) if cells else most


def ways(results: Results, target: str, sources: Sequence[str]) -> dict[str, Results]:
    """A run from scratch, in the network of the first source, and one from each source."""
    found = {RI: one_run(from_scratch(results, target, beside=sources[0]))}
    found |= {f"{TL} from {SAID[source]}": one_run(transferred(results, target, source)) for source in sources}
    return {name: rows for name, rows in found.items() if len(rows)}


def convergence(target: str, source: str, folder: StudyFolder, results: Results) -> Figure | None:
    """Dice on validation cases over the iterations, from scratch and by transfer learning."""
    from TransferSegLib.studies.pictures import progress_chart

    return progress_chart(f"{SAID[target]}: Dice over iterations", folder, ways(results, target, (source,)), "dice")


def examples(target: str, folder: StudyFolder, results: Results) -> Figure | None:
    """Cases of a target with their references and segmentations."""
    from TransferSegLib.studies.pictures import study_gallery

    return study_gallery(SAID[target], folder, ways(results, target, (NEWBORN,)))


def movement(target: str, sources: Sequence[str], folder: StudyFolder, results: Results) -> Figure | None:
    """RSIM of each snapshot with that of convergence, a panel a training."""
    from TransferSegLib.evaluation.figures.evolution import Panel, evolution

    panels = []
    for name, rows in ways(results, target, sources).items():
        for course in courses(results, rows)[:1]:
            lines: dict[str, list[tuple[float, float]]] = {}
            for moment in course.moments:
                for layer in moment.layers:
                    lines.setdefault(layer.layer, []).append((moment.step, layer.rsim))
            panels.append(Panel(name, lines, course.converged))
    return evolution(f"{SAID[target]}: RSIM with convergence", panels)


def tsc_rows(results: Results, began: str) -> Results:
    """The network of figure 8: of centre 5, from scratch or from tumours."""
    if began == RI:
        return one_run(from_scratch(results, POOR_CENTER, beside=TUMOURS))
    return one_run(transferred(results, POOR_CENTER, TUMOURS))


def other_network(results: Results) -> Results:
    """The networks of another architecture that segment Liver-CT from scratch; figure 9 is of one that kept snapshots."""
    some, main = results.where(target=LIVER_CT, strategy=SCRATCH), main_network(results, LIVER_CT, LIVER_MRI)
    cells = {analysed.training for one in results.analyses for analysed in one.pictures}
    return Results(tuple(r for r in some if r.cell in cells and str(r["network"]).split(":")[0] != main))


def tsc_filters(began: str, folder: StudyFolder, results: Results) -> Figure | None:
    """Figure 8: filters before and after."""
    return _filters(results, tsc_rows(results, began), f"TSC, {began}: filters")


def other_filters(folder: StudyFolder, results: Results) -> Figure | None:
    """Figure 9: filters of another network."""
    rows = other_network(results)
    name = str(rows.rows[0]["network"]).split(":")[0] if len(rows) else ""
    return _filters(results, rows, f"Liver-CT, {name} from scratch: filters")


def filter_change(folder: StudyFolder, results: Results) -> Figure | None:
    """How much the filters changed until convergence, stage by stage, of all trainings that were looked into."""
    from TransferSegLib.evaluation.figures.layer_bars import Bars, layer_bars
    from TransferSegLib.evaluation.representation.drawing import TYPICAL_CHANGE

    bars: list[Bars] = []
    for began in (RI, TL):
        cells = tsc_rows(results, began).levels("cell")
        for analysis in results.analyses:
            conditions = {shown.condition for shown in analysis.pictures if shown.training in cells}
            for change in analysis.changes:
                if change.condition in conditions:
                    stages = {one.stage: one.mean for one in change.stages}
                    ranges = {one.stage: (one.low, one.high) for one in change.stages}
                    bars.append(Bars(f"TSC, {began}", len(bars) + 1, stages, ranges))
    return layer_bars("How much filters changed until convergence", bars, percent=True, level=TYPICAL_CHANGE)


def feature_maps(folder: StudyFolder, results: Results) -> Figure | None:
    """Figure 10: feature maps of a network of newborns."""
    from TransferSegLib.evaluation.figures.mosaic import mosaic

    shown = pictures(results, one_run(from_scratch(results, NEWBORN)))
    return None if shown is None else mosaic("CP-newborn: feature maps", shown.maps, False, MOMENTS)


def random_encoder(target: str, source: str, folder: StudyFolder, results: Results) -> Figure | None:
    """Figure 11: Dice over time, of the whole network and with a random encoder that is frozen."""
    from TransferSegLib.studies.pictures import progress_chart

    found = {
        "All of the network": one_run(from_scratch(results, target, beside=source)),
        "Random encoder, frozen": one_run(transferred(results, target, source, strategy=RANDOM_ENCODER)),
    }
    return progress_chart(f"{SAID[target]}: Dice over time", folder, found, "dice", "minutes")


def _filters(results: Results, rows: Results, title: str) -> Figure | None:
    from TransferSegLib.evaluation.figures.mosaic import mosaic

    shown = pictures(results, rows)
    return None if shown is None else mosaic(title, shown.filters, True, MOMENTS)


_VALIDATION = "Dice on the validation cases over the iterations; the paper shows that of its test cases."
_MOVEMENT = "RSIM between each layer at a step and the same layer at convergence (the dotted line), where it is 1."
_MOSAIC = "Some filters of each stage, drawn at random: at the start, at convergence, and their difference in per cent."
FIGURES = (
    PaperFigure("figure-3", "Figure 3", f"Liver-CT: {_VALIDATION}", partial(convergence, LIVER_CT, LIVER_MRI)),
    *(
        PaperFigure(
            f"figure-4-{target}",
            f"Figure 4, {SAID[target]}",
            "Test cases with the best, the middle and the worst Dice: image, reference, and what was found.",
            partial(examples, target),
            follow_page=False,
        )
        for target in (YOUNGER, OLDER)
    ),
    *(
        PaperFigure(
            f"figure-5-{target}",
            f"Figure 5, {SAID[target]}",
            f"{SAID[target]}: {_VALIDATION}",
            partial(convergence, target, NEWBORN),
        )
        for target in (YOUNGER, OLDER)
    ),
    PaperFigure(
        "figure-6", "Figure 6", _MOVEMENT, partial(movement, YOUNGER, (NEWBORN, HIPPOCAMPUS)), of_networks=True
    ),
    PaperFigure(
        "figure-7", "Figure 7", _MOVEMENT, partial(movement, LIVER_CT, (LIVER_MRI, CT_ORGANS)), of_networks=True
    ),
    PaperFigure(
        "figure-8-random", f"Figure 8, {RI}", _MOSAIC, partial(tsc_filters, RI), follow_page=False, of_networks=True
    ),
    PaperFigure(
        "figure-8-transfer", f"Figure 8, {TL}", _MOSAIC, partial(tsc_filters, TL), follow_page=False, of_networks=True
    ),
    PaperFigure(
        "figure-8-change",
        "Figure 8, in numbers",
        "The norm of the change of a filter, as a part of its norm at the start: the mean of each stage, and from the 10th "
        "to the 90th percentile.",
        filter_change,
        of_networks=True,
    ),
    PaperFigure("figure-9", "Figure 9", _MOSAIC, other_filters, follow_page=False, of_networks=True),
    PaperFigure(
        "figure-10",
        "Figure 10",
        "Some feature maps of each stage on one block of an image, at the start and at convergence.",
        feature_maps,
        follow_page=False,
        of_networks=True,
    ),
    *(
        PaperFigure(
            f"figure-11-{target}",
            f"Figure 11, {SAID[target]}",
            "Dice on the validation cases over the minutes of training: all of the network, and its decoder behind a random "
            "encoder.",
            partial(random_encoder, target, source),
        )
        for target, source in ((YOUNGER, NEWBORN), (LIVER_CT, LIVER_MRI))
    ),
)
