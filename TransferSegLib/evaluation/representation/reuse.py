"""Feature reuse: how much of what a layer represents after a training comes from the source (Karimi 2021 §3.7).

    reuse = mean RSIM(start, convergence) of networks that begin with the source's weights
          − mean RSIM(start, convergence) of networks that begin at random

Table 9 of the paper has it for four transfers: from 0.10 up to 0.69. It may be negative: then the layer changed more than one
that began at random.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Reuse:
    """The feature reuse of one layer.

    Attributes:
        layer: The stage.
        reuse: The difference of the two means below.
        transferred: The mean RSIM of start and convergence of the networks that begin with the source's weights.
        scratch: That of the networks that begin at random.
        low: The lower end of the 95 % interval of the difference (Welch); None with a single network of either kind.
        high: The upper end.
        count: How many networks there were of each kind, transferred and from scratch.
    """

    layer: str
    reuse: float
    transferred: float
    scratch: float
    low: float | None
    high: float | None
    count: tuple[int, int]


def feature_reuse(
    transferred: Sequence[Mapping[str, float]], scratch: Sequence[Mapping[str, float]]
) -> tuple[Reuse, ...]:
    """The feature reuse of each layer.

    Args:
        transferred: For each network that began with the source's weights, stage → RSIM of its start and its convergence.
        scratch: The same of networks that began at random.

    Returns:
        A value for each stage that all networks have, in forward order; nothing where one kind of networks is missing.
    """
    if not transferred or not scratch:
        return ()
    everyone = (*transferred, *scratch)
    layers = [layer for layer in transferred[0] if all(layer in network for network in everyone)]
    return tuple(_reuse(layer, *([n[layer] for n in kind] for kind in (transferred, scratch))) for layer in layers)


def _reuse(layer: str, transferred: Sequence[float], scratch: Sequence[float]) -> Reuse:
    means = float(np.mean(transferred)), float(np.mean(scratch))
    half = _half_interval(transferred, scratch)
    difference = means[0] - means[1]
    low, high = (None, None) if half is None else (difference - half, difference + half)
    return Reuse(layer, difference, *means, low, high, (len(transferred), len(scratch)))


def _half_interval(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Half of Welch's interval of the difference of two means; None where one of them has a single value."""
    if min(len(first), len(second)) < 2:
        return None
    parts = [float(np.var(values, ddof=1)) / len(values) for values in (first, second)]
    if not sum(parts):
        return 0.0
    freedom = sum(parts) ** 2 / sum(part**2 / (len(n) - 1) for part, n in zip(parts, (first, second), strict=True))
    return float(stats.t.ppf((1 + CONFIDENCE) / 2, freedom)) * sum(parts) ** 0.5
