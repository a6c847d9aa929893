"""Labels that a person seems to have exchanged: each lies where the source model finds the other."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np

from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.metrics.overlap import dice_of_counts

# From this Dice on, each label is found where the other was drawn, if that is so much more than where it was drawn itself.
FOUND, MORE = 0.4, 0.3


def exchanged_labels(reference: np.ndarray, found: np.ndarray, names: Mapping[int, str]) -> Problem | None:
    """Look whether two labels of a case are exchanged, by what the source model as it is finds there.

    Args:
        reference: The values of the labels that were drawn, (I, J, K).
        found: The values of those that the source model found, of the same shape.
        names: Value → name of each label that was drawn and that the source model has.

    Returns:
        A warning of the two labels of which it is plainest; None where it is so of no two.
    """
    values = np.array(sorted({0, *names}))
    shared = np.isin(reference, values) & np.isin(found, values)
    places = [np.searchsorted(values, array[shared]) for array in (reference, found)]
    count = len(values)
    both = np.bincount(places[0] * count + places[1], minlength=count * count).reshape(count, count)
    drawn, seen = both.sum(axis=1), both.sum(axis=0)

    def dice(label: int, other: int) -> float:
        return dice_of_counts(int(both[label, other]), int(drawn[label]), int(seen[other])) or 0.0

    plainest, most = None, MORE
    for a, b in itertools.combinations(range(1, count), 2):
        crossed = min(dice(a, b), dice(b, a))
        more = crossed - max(dice(a, a), dice(b, b))
        if crossed >= FOUND and more > most:
            plainest, most = (names[int(values[a])], names[int(values[b])]), more
    if plainest is None:
        return None
    return Problem(
        "labels-exchanged",
        "`{one}` lies where the source model finds `{other}`, and the other way round; look whether the two are exchanged in "
        "your labels",
        {"one": plainest[0], "other": plainest[1]},
        "warning",
    )
