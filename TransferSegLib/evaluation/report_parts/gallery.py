"""The gallery of a report: the best, the median and the worst case under each strategy (Mecheter 2023, figure 6)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from matplotlib.figure import Figure

from TransferSegLib.core.palette import Rgb
from TransferSegLib.evaluation.figures.gallery import GalleryRow, draw_gallery
from TransferSegLib.evaluation.figures.style import inline_svg
from TransferSegLib.evaluation.metrics import main_metrics
from TransferSegLib.evaluation.overlays import Overlay
from TransferSegLib.evaluation.report_parts.per_case import PerCase
from TransferSegLib.evaluation.scores import ScoreRow


def gallery_figure(
    overlays: Sequence[Overlay],
    per_case: PerCase,
    rows: Sequence[ScoreRow],
    colours: Mapping[int, Rgb],
    hidden: Collection[int] = (),
) -> Figure | None:
    """Draw the gallery.

    Args:
        overlays: The slices, each with the segmentations of other strategies.
        per_case: The scores of the cases.
        rows: The same scores, for the names of the labels and the order of the strategies.
        colours: Label value → colour.
        hidden: The labels that the model's card keeps out of 3D views.

    Returns:
        The figure, with the strategies that segmented all of the cases; None where there are not two of them.
    """
    run = dict.fromkeys(row.strategy for row in rows)
    strategies = [strategy for strategy in run if all(strategy in overlay.segmented2d for overlay in overlays)]
    if not overlays or len(strategies) < 2:
        return None
    metric = main_metrics()[0]

    def score(strategy: str, case: str) -> str:
        value = per_case.value(strategy, case, metric.name)
        return "" if value is None else f"{metric.title} {metric.text(value)}"

    found = [
        GalleryRow(
            f"{overlay.case} ({overlay.kind})",
            overlay.image2d,
            overlay.reference2d,
            {strategy: overlay.segmented2d[strategy] for strategy in strategies},
            overlay.spacing_mm,
            {strategy: score(strategy, overlay.case) for strategy in strategies},
        )
        for overlay in overlays
    ]
    names = {row.label: row.label_name for row in rows}
    return draw_gallery("What each strategy segmented", found, colours, names, hidden)


def gallery_html(figures: Mapping[str, Figure]) -> str:
    """The gallery as HTML; nothing where there is none."""
    if "gallery" not in figures:
        return ""
    label = "The best, the median and the worst case with the reference and what each strategy segmented"
    return f'<div class="wide">{inline_svg(figures["gallery"], "gallery", label, "chart gallery")}</div>'
