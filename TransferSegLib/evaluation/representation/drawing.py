"""The figures of an analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from TransferSegLib.evaluation.comparison import color_numbers
from TransferSegLib.evaluation.figures.evolution import Panel, evolution
from TransferSegLib.evaluation.figures.layer_bars import Bars, Level, layer_bars
from TransferSegLib.evaluation.figures.layer_matrix import layer_matrix
from TransferSegLib.evaluation.figures.mosaic import mosaic
from TransferSegLib.evaluation.representation.analysis import (
    Analysis,
    ConditionChange,
    ConditionReuse,
    Course,
    Pair,
    by_conditions,
)

# Below this, says Karimi 2021 §3.6, the filters of converged networks had typically changed.
TYPICAL_CHANGE = Level(0.25, "25 %: Karimi 2021 §3.6")
MOMENTS = ("at the start", "at convergence", "difference")


def draw_figures(analysis: Analysis) -> dict[str, Figure]:
    """The figures of an analysis by name, without those that would show nothing."""
    conditions = [course.condition for course in analysis.courses] + [change.condition for change in analysis.changes]
    numbers = color_numbers(conditions)
    followed = [course for course in analysis.courses if len(course.moments) > 1]
    found: dict[str, Figure | None] = {
        "movement-rsim": evolution(
            "How alike each layer is to itself at convergence (RSIM)", _panels(followed, "rsim")
        ),
        "movement-cka": evolution("How alike each layer is to itself at convergence (CKA)", _panels(followed, "cka")),
        "reuse": layer_bars("Feature reuse", [_reuse_bars(one, numbers) for one in analysis.reuse if one.layers]),
        "pairs": layer_bars(
            "How alike the trained networks are to each other (RSIM)", _pair_bars(analysis.pairs), upper=1.0
        ),
        "filter-change": layer_bars(
            "How much filters changed until convergence",
            [_change_bars(one, numbers) for one in analysis.changes],
            percent=True,
            level=TYPICAL_CHANGE,
        ),
    }
    for number, shown in enumerate(analysis.pictures):
        found[f"filters-{number}"] = mosaic(f"Filters of {shown.training}", shown.filters, True, MOMENTS)
        found[f"maps-{number}"] = mosaic(f"Feature maps of {shown.training}", shown.maps, False, MOMENTS)
        if shown.matrix is not None:
            matrix = shown.matrix
            found[f"layers-{number}"] = layer_matrix(
                f"RSIM: {shown.training}", matrix.rows, matrix.columns, matrix.rsim
            )
    return {name: figure for name, figure in found.items() if figure is not None}


def _panels(courses: Sequence[Course], measure: str) -> list[Panel]:
    """A panel for each condition: the mean of those of its trainings that have the same steps as its first."""
    by_condition: dict[str, list[Course]] = {}
    for course in courses:
        by_condition.setdefault(course.condition, []).append(course)
    panels = []
    for condition, repeats in by_condition.items():
        alike = [c for c in repeats if _steps(c) == _steps(repeats[0]) and c.converged == repeats[0].converged]
        lines: dict[str, list[tuple[float, float]]] = {}
        for moments in zip(*(course.moments for course in alike), strict=True):
            for layers in zip(*(moment.layers for moment in moments), strict=True):
                mean = float(np.mean([getattr(layer, measure) for layer in layers]))
                lines.setdefault(layers[0].layer, []).append((moments[0].step, mean))
        panels.append(Panel(condition, lines, alike[0].converged))
    return panels


def _steps(course: Course) -> list[int]:
    return [moment.step for moment in course.moments]


def _reuse_bars(one: ConditionReuse, numbers: Mapping[str, int]) -> Bars:
    ranges = {r.layer: (r.low, r.high) for r in one.layers if r.low is not None and r.high is not None}
    return Bars(one.condition, numbers[one.condition], {r.layer: r.reuse for r in one.layers}, ranges)


def _change_bars(one: ConditionChange, numbers: Mapping[str, int]) -> Bars:
    ranges = {change.stage: (change.low, change.high) for change in one.stages}
    return Bars(one.condition, numbers[one.condition], {change.stage: change.mean for change in one.stages}, ranges)


def _pair_bars(pairs: Sequence[Pair]) -> list[Bars]:
    """The mean over the pairs of each two conditions, with one standard deviation."""
    bars = []
    for number, (conditions, alike) in enumerate(by_conditions(pairs).items(), start=1):
        values: dict[str, list[float]] = {}
        for pair in alike:
            for found in pair.layers:
                values.setdefault(found.layer, []).append(found.rsim)
        means = {layer: float(np.mean(of_layer)) for layer, of_layer in values.items()}
        spread = {layer: float(np.std(of_layer, ddof=1)) for layer, of_layer in values.items() if len(of_layer) > 1}
        ranges = {layer: (means[layer] - deviation, means[layer] + deviation) for layer, deviation in spread.items()}
        bars.append(Bars(" – ".join(conditions), number, means, ranges))
    return bars
