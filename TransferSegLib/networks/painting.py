"""The outputs of a network for regions, each decided by itself, as scores of classes of which the largest is taken.

A network for R regions has R + 1 outputs, as one for R labels has; the first is not looked at. nnU-Net paints one region over
the other where its score is above 0 (a sigmoid above 0.5). Here each voxel gets scores whose largest is what was
painted last, so that whatever takes the largest score, or a softmax, does so for regions, too.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from TransferSegLib.core.regions import Region


def painted(logits: Tensor, regions: Sequence[Region]) -> Tensor:
    """Turn scores of regions into scores of classes.

    A class has its region's score, or less where a region that is painted later is found too; the background what all
    regions lack. So just one score is above 0, unless one is 0.

    Args:
        logits: (B, R + 1, …): a score a region, above 0 where it is found; the first is not looked at.
        regions: The regions by classes, in the order in which they are painted; none leaves the scores as they are.

    Returns:
        (B, R + 1, …); the largest score is that of the last region with a score above 0, else of the background.
    """
    if not regions:
        return logits
    scores: list[Tensor] = [logits[:, 0]] * logits.shape[1]
    over: Tensor | None = None  # the largest score of the regions that are painted later
    for region in reversed(regions):
        own = logits[:, region.number]
        scores[region.number] = own if over is None else torch.minimum(own, -over)
        over = own if over is None else torch.maximum(own, over)
    assert over is not None
    scores[0] = -over
    return torch.stack(scores, dim=1)
