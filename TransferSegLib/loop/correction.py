"""How much a person has changed of a prediction. It loads no PyTorch."""

from __future__ import annotations

import statistics
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from TransferSegLib.core.regions import Region, covered
from TransferSegLib.evaluation.metrics.overlap import dice


@dataclass(frozen=True)
class Correction:
    """What an annotation is beside the prediction that it began as.

    Attributes:
        dice: The mean Dice of the annotation to it over the labels; None where neither has a label.
        changed_ml: How much the person has changed, in mL.
    """

    dice: float | None
    changed_ml: float


def correction(
    predicted: np.ndarray,
    accepted: np.ndarray,
    voxel_ml: float,
    ignore: int | None = None,
    regions: Sequence[Region] = (),
    not_annotated: Collection[int] = (),
    annotated: np.ndarray | None = None,
) -> Correction:
    """Compare an annotation with the prediction that it began as.

    Args:
        predicted: Whole numbers (I, J, K), 0 for no label.
        accepted: The same of the annotation.
        voxel_ml: The volume of a voxel in mL.
        ignore: The value of voxels that the annotation leaves out; None for none.
        regions: The regions that the values are; none where each voxel has one label.
        not_annotated: The values of labels that nobody annotated; what lies in them alone was not changed.
        annotated: True in slices that are annotated, as `cases.annotation.in_annotated_slices` gives it; None for all. What
            lies elsewhere was not changed.
    """
    kept = np.ones(accepted.shape, bool) if annotated is None else np.broadcast_to(annotated, accepted.shape)
    if ignore is not None:
        kept = kept & (accepted != ignore)
    if not kept.all():
        predicted, accepted = predicted[kept], accepted[kept]
    present = sorted((set(np.unique(predicted)) | set(np.unique(accepted))) - {0})
    labels = [n for n in ([region.number for region in regions] or present) if n not in not_annotated]
    voxels = [covered(regions, label) for label in labels]
    pairs = [(np.isin(accepted, values), np.isin(predicted, values)) for values in voxels]
    scores = [score for one, other in pairs if (score := dice(one, other)) is not None]
    changed = np.zeros(accepted.shape, bool)
    for one, other in pairs:
        changed |= one != other
    changed_ml = int(changed.sum()) * voxel_ml
    return Correction(statistics.fmean(scores) if scores else None, round(changed_ml, 6))
