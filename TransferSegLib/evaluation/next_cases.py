"""Which scans to annotate next: those that are unlike what is annotated.

They are chosen to spread in the space of what a network's layers see, farthest first, as in core sets (Sener and Savarese
2018). How much models disagree on a scan is told with it and does not count: an order by the expected gain, which is the
disagreement times what a scan stands for and how new it is, showed no sure gain over a random one (docs/benchmarks.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from TransferSegLib.core.problems import Problem

# What tells how unsure a prediction is: the models of the folds, or of the one model its networks or copies of the image.
DoubtBy = Literal["folds", "networks", "copies"]


@dataclass(frozen=True)
class Candidate:
    """A scan that is not annotated.

    Attributes:
        case: Its name.
        features: (F,), what a network's layers see in it; as many for every scan.
        disagreement: How much models disagree on it, or how unsure the one model is, 0 to 1; None where none segments it.
    """

    case: str
    features: Sequence[float]
    disagreement: float | None = None


@dataclass(frozen=True)
class Ranked:
    """A scan in its place, and why it has it.

    Attributes:
        case: Its name.
        disagreement: As the candidate has it.
        spread: Its distance from what is annotated or stands before it, over the median distance between scans; None where
            nothing is annotated and nothing stands before it.
        alike: The share of the other scans that are nearer to it than that median.
        reason: Why it is there, in words.
    """

    case: str
    disagreement: float | None
    spread: float | None
    alike: float
    reason: Problem


def rank_cases(
    candidates: Sequence[Candidate], annotated: Sequence[Sequence[float]], count: int, doubt_by: DoubtBy = "folds"
) -> list[Ranked]:
    """Choose scans one after the other, each with those before it taken for annotated.

    Args:
        candidates: The scans.
        annotated: (F,) of each annotated case.
        count: How many to choose.
        doubt_by: What their disagreement is, for the reason.

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
    nearest = apart[:number, number:].min(axis=1) / usual if len(annotated) else np.full(number, np.inf)
    left, found = list(range(number)), list[Ranked]()
    while left and len(found) < count:
        # With nothing to compare with, the one that stands for most others.
        weight = np.where(np.isinf(nearest), near, nearest)
        # Of equals, the first by name.
        best = min(left, key=lambda n: (-weight[n], candidates[n].case))
        spread = None if np.isinf(nearest[best]) else float(nearest[best])
        one = candidates[best]
        reason = _reason(one.disagreement, doubt_by, spread, int(near[best]), number - 1)
        found.append(Ranked(one.case, one.disagreement, spread, float(alike[best]), reason))
        left.remove(best)
        nearest = np.minimum(nearest, apart[:number, best] / usual)
    return found


def _reason(disagreement: float | None, doubt_by: DoubtBy, spread: float | None, near: int, others: int) -> Problem:
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
            "next-by-spread", "By spread alone: {place}. No model segments it yet.", {"place": place}, "note"
        )
    facts = {"place": place, "disagreement": disagreement}
    if doubt_by == "folds":
        return Problem(
            "next-folds-disagree",
            "By spread alone: {place}. The models of the folds disagree on it by {disagreement:.2f} (0 is not at all, 1 is "
            "wholly), which does not count for the order.",
            facts,
            "note",
        )
    return Problem(
        "next-model-unsure",
        "By spread alone: {place}. There is one model, which is unsure of what it finds in it by {disagreement:.2f} (0 is "
        "not at all, 1 is wholly), over {networks:?its networks|shifted copies of the image}; that does not count for the "
        "order.",
        {**facts, "networks": doubt_by == "networks"},
        "note",
    )
