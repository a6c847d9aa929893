"""Which scans to annotate next: where models disagree, what is unlike the annotated cases, and what stands for many others.

The expected gain of a scan is the disagreement on it, times how much of the other scans it stands for (information density,
Settles and Craven 2008, "An analysis of active learning strategies for sequence labeling tasks", EMNLP), times how new it is.
Where no model segments the scans, they are chosen to spread (farthest first, as in core sets: Sener and Savarese 2018).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from TransferSegLib.core.problems import Problem


@dataclass(frozen=True)
class Candidate:
    """A scan that is not annotated.

    Attributes:
        case: Its name.
        features: (F,), what a network's layers see in it; as many for every scan.
        disagreement: How much models disagree on it, 0 to 1; None where none segments it.
    """

    case: str
    features: Sequence[float]
    disagreement: float | None = None


@dataclass(frozen=True)
class Ranked:
    """A scan in its place, and why it has it.

    Attributes:
        case: Its name.
        disagreement: How much models disagree on it; None where none segments it.
        spread: Its distance from what is annotated or stands before it, over the median distance between scans; None where
            nothing is annotated and nothing stands before it.
        alike: The share of the other scans that are nearer to it than that median.
        gain: The expected gain; None where no model segments it.
        reason: Why it is there, in words.
    """

    case: str
    disagreement: float | None
    spread: float | None
    alike: float
    gain: float | None
    reason: Problem


def rank_cases(candidates: Sequence[Candidate], annotated: Sequence[Sequence[float]], count: int) -> list[Ranked]:
    """Choose scans one after the other, each with those before it taken for annotated.

    Args:
        candidates: The scans.
        annotated: (F,) of each annotated case.
        count: How many to choose.

    Returns:
        The scans, the first to annotate first; fewer where there are not so many.
    """
    if not candidates:
        return []
    points = np.array([*(one.features for one in candidates), *annotated], dtype=float)
    sd = points.std(axis=0)
    points = (points - points.mean(axis=0))[:, sd > 0] / sd[sd > 0]
    apart = (
        np.sqrt(((points[:, None] - points[None]) ** 2).mean(axis=2)) if points.size else np.zeros((len(points),) * 2)
    )
    number = len(candidates)
    between = apart[np.triu_indices(len(points), 1)]
    usual = float(np.median(between)) if between.size and np.median(between) > 0 else 1.0
    near = (apart[:number, :number] < usual).sum(axis=1) - 1
    alike = near / max(1, number - 1)
    disagreement = np.array([np.nan if one.disagreement is None else one.disagreement for one in candidates])
    alone = bool(np.isnan(disagreement).any())
    nearest = apart[:number, number:].min(axis=1) / usual if len(annotated) else np.full(number, np.inf)
    left, found = list(range(number)), list[Ranked]()
    while left and len(found) < count:
        likely = (1 + near) / number
        by_gain = disagreement * likely * np.minimum(nearest, 1.0)
        weight = np.where(np.isinf(nearest), likely, nearest) if alone else by_gain
        # Of equals, the first by name.
        best = min(left, key=lambda n: (-weight[n], candidates[n].case))
        spread = None if np.isinf(nearest[best]) else float(nearest[best])
        gain = None if alone else float(weight[best])
        one = candidates[best]
        reason = _reason(None if alone else one.disagreement, spread, int(near[best]), number - 1)
        found.append(Ranked(one.case, None if alone else one.disagreement, spread, float(alike[best]), gain, reason))
        left.remove(best)
        nearest = np.minimum(nearest, apart[:number, best] / usual)
    return found


def _reason(disagreement: float | None, spread: float | None, near: int, others: int) -> Problem:
    place = Problem(
        "next-place",
        "{known:?it is {spread:.1f} times as far from the annotated cases as scans usually are from each other|nothing is "
        "annotated that it could be compared with}{others:?, and {near} of the {others} other {others:~scan|scans} "
        "{near:~is|are} like it|}",
        {"known": spread is not None, "spread": spread or 0.0, "near": near, "others": others},
        "note",
    )
    if disagreement is None:
        return Problem(
            "next-by-spread", "No model segments it yet, so spread alone decides: {place}.", {"place": place}, "note"
        )
    return Problem(
        "next-by-gain",
        "Models disagree on it by {disagreement:.2f} (0 is not at all, 1 is wholly), {place}.",
        {"disagreement": disagreement, "place": place},
        "note",
    )
