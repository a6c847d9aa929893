"""Figures 3, 4 and 5 of Zoetmulder 2022."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from TransferSegLib.studies.papers.zoetmulder2022.grid import (
    ANATOMY,
    BEST_EQUAL,
    EQUAL,
    MS,
    SLICE_DICE,
    STROKE,
    UNEQUAL,
    WHOLE_IMAGENET,
    SourceTask,
)
from TransferSegLib.studies.papers.zoetmulder2022.rows import (
    cutoffs,
    detected_share,
    full_title,
    of_target,
    one_draw,
    with_lesions,
)
from TransferSegLib.studies.results import Results
from TransferSegLib.studies.tables import Entry

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from TransferSegLib.studies.folder import StudyFolder

# The panels (a), (b) and (c) of figures 3 and 4.
PANELS: tuple[tuple[str, Sequence[SourceTask]], ...] = (
    ("(a) Equal domain", EQUAL),
    ("(b) Unequal domain", UNEQUAL),
    ("(c) All of ImageNet", (BEST_EQUAL, WHOLE_IMAGENET)),
)
# The columns of figure 5 after the image and the reference.
SHOWN = (*EQUAL, UNEQUAL[1], WHOLE_IMAGENET)


def figure_3_dice(folder: StudyFolder, results: Results) -> Figure | None:
    """Dice of stroke lesions over the fine-tuning set size."""
    from TransferSegLib.evaluation.figures.panels import Panel, Spot, Trace, line_panels

    some = of_target(results, STROKE)
    sizes = some.levels("size")
    panels = []
    for title, sources in PANELS:
        traces = []
        for one in sources:
            found = [Entry.of(some.where(source=one.name, size=size).per_case(SLICE_DICE)) for size in sizes]
            spots = [Spot(n, e.mean, e.low, e.high) for n, e in enumerate(found) if e.mean is not None]
            traces.append(Trace(full_title(one), spots))
        panels.append(Panel(title, traces))
    title = "Dice of stroke lesions over the fine-tuning set size"
    return line_panels(title, panels, [str(size) for size in sizes], "scans", "Dice per slice")


def figure_3_detection(folder: StudyFolder, results: Results) -> Figure | None:
    """Detection of stroke lesions over the volume cut-off, by one network with the largest fine-tuning set."""
    some = one_draw(with_lesions(results.where(target=STROKE)))
    return _detection("Stroke lesions that were detected", some)


def figure_4(folder: StudyFolder, results: Results) -> Figure | None:
    """Detection of MS lesions over the volume cut-off."""
    return _detection("MS lesions that were detected", with_lesions(results.where(target=MS)))


def figure_5_stroke(folder: StudyFolder, results: Results) -> Figure | None:
    """Slices with stroke lesions as networks of five sources segment them."""
    return _gallery("Stroke lesions", folder, one_draw(results.where(target=STROKE)))


def figure_5_anatomy(folder: StudyFolder, results: Results) -> Figure | None:
    """Slices of brain anatomy, likewise."""
    return _gallery("Brain anatomy", folder, results.where(target=ANATOMY))


def _gallery(title: str, folder: StudyFolder, some: Results) -> Figure | None:
    from TransferSegLib.studies.pictures import study_gallery

    return study_gallery(title, folder, {full_title(one): some.where(source=one.name) for one in SHOWN})


def _detection(title: str, some: Results) -> Figure | None:
    """Two rows of panels: overlap over 0 % and over 20 %."""
    from TransferSegLib.evaluation.figures.panels import Panel, Spot, Trace, line_panels

    overlaps, volumes = cutoffs(some)
    panels = []
    for overlap in overlaps:
        for heading, sources in PANELS:
            traces = []
            for one in sources:
                rows = some.where(source=one.name)
                shares = [detected_share(rows, overlap, volume) for volume in volumes]
                spots = [Spot(n, share) for n, share in enumerate(shares) if share is not None]
                traces.append(Trace(full_title(one), spots))
            panels.append(Panel(f"{heading}, overlap above {100 * overlap:g} %", traces))
    ticks = [f"{volume:g}" for volume in volumes]
    return line_panels(title, panels, ticks, "volume cut-off (mL)", "share detected", upper=1.0)
