"""The volumes of the reference and of the prediction, and their difference, in mL."""

from __future__ import annotations

from collections.abc import Mapping

from TransferSegLib.evaluation.metrics.metric import Metric


def _difference_ml(values: Mapping[str, float | None]) -> float | None:
    predicted, reference = values.get("predicted_ml"), values.get("reference_ml")
    return None if predicted is None or reference is None else predicted - reference


REFERENCE_VOLUME = Metric(
    "reference_ml",
    "Reference volume",
    "mL",
    None,
    2,
    "The volume of the reference.",
    lambda pair: pair.reference_voxels * pair.grid.voxel_ml,
    of_empty=True,
    shown="files",
)
PREDICTED_VOLUME = Metric(
    "predicted_ml",
    "Predicted volume",
    "mL",
    None,
    2,
    "The volume that was segmented.",
    lambda pair: pair.predicted_voxels * pair.grid.voxel_ml,
    of_empty=True,
    shown="files",
)
VOLUME_DIFFERENCE = Metric(
    "volume_difference_ml",
    "Volume difference",
    "mL",
    None,
    2,
    "The segmented minus the reference volume.",
    derive=_difference_ml,
    shown="files",
)
