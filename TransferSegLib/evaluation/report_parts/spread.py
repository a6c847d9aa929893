"""How the scores of the cases are spread, label by label, and how segmented volumes agree with those of the reference."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from matplotlib.figure import Figure

from TransferSegLib.core.card import MEAN_OVER_LABELS
from TransferSegLib.evaluation.comparison import Comparison, color_numbers
from TransferSegLib.evaluation.figures.agreement import Volumes, agreement_plot
from TransferSegLib.evaluation.figures.boxes import BoxGroup, box_plot
from TransferSegLib.evaluation.figures.style import inline_svg
from TransferSegLib.evaluation.metrics import main_metrics
from TransferSegLib.evaluation.metrics.metric import Metric
from TransferSegLib.evaluation.report_parts.per_case import PerCase

# Of fewer cases a box and limits of agreement say nothing that the dots do not.
FEWEST_CASES = 5
# With more labels there are boxes of the mean over labels alone, and volumes of the first of them.
MOST_LABELS, MOST_VOLUMES = 6, 3


def spread_figures(comparison: Comparison, per_case: PerCase, prefix: str = "") -> dict[str, Figure | None]:
    """Draw the boxes of each metric, `boxes-dice`, and the volumes of each label, `volumes-1` for the label of value 1.

    Args:
        comparison: The strategies.
        per_case: Their scores.
        prefix: What the names of figures begin with.

    Returns:
        The figures; none where there are too few cases.
    """
    if len(per_case.cases) < FEWEST_CASES:
        return {}
    names = [s.strategy for s in comparison.strategies]
    numbers = color_numbers(names)
    labels = [(label.label, label.label_name) for label in comparison.strategies[0].labels if label.label is not None]
    figures: dict[str, Figure | None] = {}
    for metric in main_metrics():
        groups = _groups(metric, labels, names, per_case)
        upper = metric.perfect if metric.higher_is_better else None
        title = f"{metric.heading()} of the cases"
        colors = [numbers[name] for name in names]
        figures[f"{prefix}boxes-{metric.name.replace('_', '-')}"] = box_plot(
            title, names, colors, groups, upper, metric.digits
        )
    for label, name in labels[:MOST_VOLUMES]:
        found = [_volumes(strategy, numbers[strategy], label, per_case) for strategy in names]
        figures[f"{prefix}volumes-{label}"] = agreement_plot(f"Volume of {name}, segmented and reference", found, "mL")
    return figures


def spread_html(figures: Mapping[str, Figure], prefix: str = "") -> str:
    """The figures of `spread_figures` with what they show, folded up; nothing where there are none."""
    boxes = {name: figure for name, figure in figures.items() if name.startswith(f"{prefix}boxes-")}
    volumes = {name: figure for name, figure in figures.items() if name.startswith(f"{prefix}volumes-")}
    if not boxes and not volumes:
        return ""
    parts = "".join(inline_svg(figure, name, "Box plot of the scores of the cases") for name, figure in boxes.items())
    wide = "".join(inline_svg(figure, name, "Bland–Altman plot of volumes") for name, figure in volumes.items())
    about = (
        "Box: the middle half of the cases, and the median. Whiskers: the farthest case within 1.5 times the box. Volumes: a "
        "dot is a case; the line is the mean difference, dashed are the limits of agreement, 1.96 standard deviations on "
        "either side (Bland and Altman 1986)."
    )
    return (
        f'<details><summary>Spread over the cases, and volumes</summary><div class="charts">{parts}</div>'
        f'<div class="figures">{wide}</div><p class="caption">{escape(about)}</p></details>'
    )


def _groups(metric: Metric, labels: list[tuple[int, str]], names: list[str], per_case: PerCase) -> list[BoxGroup]:
    groups = []
    if len(labels) <= MOST_LABELS:
        for label, label_name in labels:
            values = [
                [v for case in per_case.cases if (v := per_case.of_label(s, case, label, metric.name)) is not None]
                for s in names
            ]
            groups.append(BoxGroup(label_name, values))
    if len(labels) != 1:
        values = [
            [v for case in per_case.cases if (v := per_case.value(s, case, metric.name)) is not None] for s in names
        ]
        groups.append(BoxGroup(MEAN_OVER_LABELS, values))
    return groups


def _volumes(strategy: str, number: int, label: int, per_case: PerCase) -> Volumes:
    """The volumes of the cases in which the label is in the reference or was segmented."""
    found = []
    for case in per_case.cases:
        reference = per_case.of_label(strategy, case, label, "reference_ml")
        segmented = per_case.of_label(strategy, case, label, "predicted_ml")
        if reference is not None and segmented is not None and (reference or segmented):
            found.append((case, reference, segmented))
    cases, references, segments = zip(*found, strict=True) if found else ((), (), ())
    return Volumes(strategy, number, cases, references, segments)
