"""How much several models disagree on a case (query by committee, Seung 1992)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from TransferSegLib.core.regions import Region, covered
from TransferSegLib.evaluation.metrics.overlap import dice


def disagreement(votes: Sequence[np.ndarray], regions: Sequence[Region] = ()) -> float:
    """One minus the mean Dice over all pairs of label maps and the labels that either of a pair has.

    Args:
        votes: Two or more label maps of one case, (I, J, K), all of one shape.
        regions: The regions that their values are; none where each voxel has one label.

    Returns:
        0 (all alike) to 1 (nothing in common).

    Raises:
        ValueError: There are fewer than two label maps, or their shapes differ.
    """
    if len(votes) < 2 or len({vote.shape for vote in votes}) > 1:
        raise ValueError(f"two or more label maps of one shape expected, found {[vote.shape for vote in votes]}")
    return float(1 - np.mean([_mean_dice(first, second, regions) for first, second in combinations(votes, 2)]))


def _mean_dice(first: np.ndarray, second: np.ndarray, regions: Sequence[Region]) -> float:
    present = (set(np.unique(first).tolist()) | set(np.unique(second).tolist())) - {0}
    labels = [region.number for region in regions] or sorted(present)
    voxels = [covered(regions, label) for label in labels]
    scores = [dice(np.isin(first, values), np.isin(second, values)) for values in voxels]
    known = [score for score in scores if score is not None]
    return float(np.mean(known)) if known else 1.0
