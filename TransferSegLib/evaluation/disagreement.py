"""How much several models disagree on a case: which case to annotate next (query by committee, Seung et al. 1992)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np


@dataclass(frozen=True)
class Proposal:
    """A case without a reference, and how much the fold models disagree on it: 0 (all alike) to 1 (nothing in common)."""

    case: str
    disagreement: float


def disagreement(votes: Sequence[np.ndarray]) -> float:
    """One minus the mean Dice over all pairs of label maps (I, J, K) and the labels that either of a pair has.

    Raises ValueError for fewer than two label maps, or different shapes.
    """
    if len(votes) < 2 or len({vote.shape for vote in votes}) > 1:
        raise ValueError(f"two or more label maps of one shape expected, found {[vote.shape for vote in votes]}")
    dice = [_mean_dice(first, second) for first, second in combinations(votes, 2)]
    return float(1 - np.mean(dice))


def proposals(votes: Mapping[str, Sequence[np.ndarray]]) -> list[Proposal]:
    """The cases, the one on which the models disagree most first."""
    found = [Proposal(case, round(disagreement(own), 4)) for case, own in votes.items()]
    return sorted(found, key=lambda proposal: (-proposal.disagreement, proposal.case))


def _mean_dice(first: np.ndarray, second: np.ndarray) -> float:
    labels = (set(np.unique(first)) | set(np.unique(second))) - {0}
    scores = [
        2
        * np.count_nonzero((first == n) & (second == n))
        / (np.count_nonzero(first == n) + np.count_nonzero(second == n))
        for n in labels
    ]
    return float(np.mean(scores)) if scores else 1.0
