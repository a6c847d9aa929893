"""Figures 5 to 8 of Mecheter 2023."""

from __future__ import annotations

from typing import TYPE_CHECKING

from TransferSegLib.studies.entries import (
    by_size,
    capitalised,
    entries,
    labels_of,
    seconds_to_convergence,
)
from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.papers.mecheter2023.grid import (
    DICE,
    OF_BOTH,
    OF_T1W,
    T2W,
    TISSUES,
)
from TransferSegLib.studies.papers.mecheter2023.rows import (
    adapted,
    approaches_of,
    by_option,
    layers_title,
    of_layers_and_sizes,
)
from TransferSegLib.studies.results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def figure_5(folder: StudyFolder, results: Results) -> Figure | None:
    """Dice over the number of layers that are tuned, a panel a tissue, a line a number of patients."""
    from TransferSegLib.evaluation.figures.panels import Panel, Spot, Trace, line_panels

    some = of_layers_and_sizes(results)
    ticks = list(by_option(some, "conservative"))
    panels = []
    for label in labels_of(some, TISSUES):
        traces = []
        for of_size in by_size(some):
            spots = []
            for layers, of_layers in by_option(of_size.rows.where(label=label), "conservative").items():
                (entry,) = entries(of_layers, (DICE,), (label,))
                if entry.mean is not None:
                    spots.append(Spot(ticks.index(layers), entry.mean, entry.low, entry.high))
            traces.append(Trace(f"{of_size.title} patients", spots))
        panels.append(Panel(capitalised(label), traces))
    title = "Dice over the number of convolutions that are tuned"
    shown = ["FC" if layers == 0 else str(layers) for layers in ticks]
    return line_panels(title, panels, shown, "convolutions tuned", "Dice", upper=1.0)


def figure_6(folder: StudyFolder, results: Results) -> Figure | None:
    """Slices as each of the paper's columns segments them: as it is, open, 6 and 18 convolutions, the hybrid in two ways."""
    from TransferSegLib.studies.pictures import study_gallery

    some = adapted(results)
    ways = approaches_of(some)
    layers = [n for n in by_option(some, "conservative") if isinstance(n, int)]
    titles = {
        "Transfer learning without fine tuning": "Without fine tuning",
        "Open fine tuning": "Open",
        **{f"Fine tune {layers_title(n)}": layers_title(n) for n in (6, 18) if n in layers},
        "Hybrid, multiplication": "Hybrid, multiplication",
        "Hybrid, concatenation": "Hybrid, concatenation",
    }
    columns = {short: ways[title] for title, short in titles.items() if title in ways}
    return study_gallery("Segmentations of the approaches", folder, columns)


def figure_8(folder: StudyFolder, results: Results) -> Figure | None:
    """Slices of T2-weighted heads without and with T2-weighted scans in training."""
    from TransferSegLib.studies.pictures import study_gallery

    direct = results.where(strategy="direct", target=T2W)
    columns = {
        "Without augmentation": direct.where(source=OF_T1W),
        "T2-w as augmentation": direct.where(source=OF_BOTH),
    }
    return (
        study_gallery("T2-weighted scans as augmentation", folder, columns)
        if len(columns["T2-w as augmentation"])
        else None
    )


def figure_7(folder: StudyFolder, results: Results) -> Figure | None:
    """The computation time of each approach until its training had converged, a dot a fold."""
    from TransferSegLib.evaluation.figures.bars import Bar, bar_chart

    numbers = {"Open": 1, "Fine": 2, "Hybrid,": 3}
    bars = [
        Bar(title, list(seconds_to_convergence(rows, title).values.values()), numbers[title.split()[0]])
        for title, rows in approaches_of(adapted(results)).items()
        if title.split()[0] in numbers
    ]
    return bar_chart("Computation time to convergence", "seconds", bars)
