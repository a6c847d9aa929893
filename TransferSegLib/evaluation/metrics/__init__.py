"""The metrics: a line each, in the order of the columns in CSV files. Nothing heavy is loaded with them.

The first is the one by which strategies are ranked. What a metric is worth where a mask is empty:

| reference | prediction | Dice, IoU, both per slice, surface Dice | precision | recall | HD, HD95, ASSD | missed |
|---|---|---|---|---|---|---|
| empty | empty | n/a | n/a | n/a | n/a | no |
| empty | something | 0 | 0 | n/a | diagonal of the image | yes |
| something | empty | 0 | 0 | 0 | diagonal of the image | yes |
"""

from __future__ import annotations

from TransferSegLib.evaluation.metrics import distance, overlap, volume
from TransferSegLib.evaluation.metrics.metric import Metric

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        overlap.DICE,
        overlap.JACCARD,
        overlap.PRECISION,
        overlap.RECALL,
        overlap.SLICE_DICE,
        overlap.SLICE_IOU,
        overlap.SLICES,
        distance.HD95,
        distance.HD,
        distance.ASSD,
        distance.SURFACE_DICE,
        volume.REFERENCE_VOLUME,
        volume.PREDICTED_VOLUME,
        volume.VOLUME_DIFFERENCE,
    )
}


def measured_metrics() -> list[Metric]:
    """The metrics that are measured on masks; they have columns in CSV files."""
    return [metric for metric in METRICS.values() if metric.derive is None]


def main_metrics() -> list[Metric]:
    """The metrics that charts, tables and the panel show, that by which strategies are ranked first."""
    return [metric for metric in METRICS.values() if metric.shown == "everywhere"]


def compared_metrics() -> list[Metric]:
    """The metrics in which strategies are compared case by case, and which the report shows."""
    return [metric for metric in METRICS.values() if metric.shown != "files"]
