"""The last layer of a network for labels as that of one for regions, and the other way round.

With labels, softmax compares scores; with regions, each score is compared with 0. Neither is exactly the other: a union of
labels has a score that is no sum of theirs. So what is carried over is a beginning, from which training goes on.

- Labels to regions: a region begins at the mean over its labels of their log-odds against the background, score minus the
  background's score. That is right wherever the model is sure of one label; a union of unlikely labels is missed.
- Regions to labels: a label begins at the sum of the scores of all regions that cover it, and the background at 0. For
  regions of which each lies in the one before, the largest sum is the one that was painted last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from TransferSegLib.core.regions import Region

_TO_REGIONS = "scores of labels taken as log-odds against the background, for regions"
_TO_LABELS = "scores of regions summed over those that cover a label, for labels of which each voxel has one"


def head_for_regions(
    state: Mapping[str, Tensor],
    class_axes: Mapping[str, tuple[int, ...]],
    source: Sequence[Region],
    target: Sequence[Region],
) -> tuple[Mapping[str, Tensor], dict[str, str]]:
    """Change what computes a source's classes, where it segments labels and the target regions, or the other way round.

    Args:
        state: The source's weights by name.
        class_axes: Name of a tensor → its axes that follow the number of classes.
        source: The source's regions by its classes; none where it segments labels.
        target: Whether the target has regions.

    Returns:
        The weights, and name of each changed tensor → what was done. All as it was where both are of one kind, and where
        layers of the network read classes (what is done to their input is not known).
    """
    if bool(source) == bool(target) or not state:
        return state, {}
    rows = [name for name, axes in class_axes.items() if axes == (0,) and name in state]
    if len(rows) < len([name for name in class_axes if name in state]):
        return state, {}
    changed = dict(state)
    for name in rows:
        value = state[name]
        table = torch.eye(len(value), dtype=torch.float64, device="cpu")
        if target:
            table[:, 0] -= 1
        else:
            table = torch.zeros_like(table)
            for region in source:
                table[list(region.covers), region.number] = 1
        if value.device.type != "meta":
            changed[name] = torch.tensordot(table, value.double(), 1).to(value.dtype)
    return changed, dict.fromkeys(rows, _TO_REGIONS if target else _TO_LABELS)
