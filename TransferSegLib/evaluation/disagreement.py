"""How much several models disagree on a case (query by committee, Seung 1992)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from TransferSegLib.evaluation.metrics.overlap import dice


def disagreement(votes: Sequence[np.ndarray]) -> float:
    """One minus the mean Dice over all pairs of label maps and the labels that either of a pair has.

    Args:
        votes: Two or more label maps of one case, (I, J, K), all of one shape.

    Returns:
        0 (all alike) to 1 (nothing in common).

    Raises:
        ValueError: There are fewer than two label maps, or their shapes differ.
    """
    if len(votes) < 2 or len({vote.shape for vote in votes}) > 1:
        raise ValueError(f"two or more label maps of one shape expected, found {[vote.shape for vote in votes]}")
    return float(1 - np.mean([_mean_dice(first, second) for first, second in combinations(votes, 2)]))


def _mean_dice(first: np.ndarray, second: np.ndarray) -> float:
    labels = (set(np.unique(first)) | set(np.unique(second))) - {0}
    scores = [dice(first == label, second == label) for label in labels]
    known = [score for score in scores if score is not None]
    return float(np.mean(known)) if known else 1.0
