"""Means with bootstrap intervals and paired differences with exact tests, for the few cases there usually are.

A score of None does not apply, and is left out. A result that cannot be computed from so few values is None, never NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

RESAMPLES = 9999
# Below this number of values a bootstrap interval is no more than their range and would be too narrow to be called one.
FEWEST_FOR_INTERVAL = 4
# 2**13 sign patterns are all tried; with more pairs as many are drawn as there are resamples.
MOST_FOR_EXACT = 13


@dataclass(frozen=True)
class Statistics:
    """The mean of some values and how certain it is; None where there are too few values to say.

    Attributes:
        n: The number of values.
        mean: Their mean.
        sd: Their standard deviation (n - 1).
        low: The lower end of the 95 % interval of the mean.
        high: Its upper end.
    """

    n: int
    mean: float | None
    sd: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Paired:
    """The differences, first minus second, of two scores of the same cases.

    Attributes:
        n: The number of cases.
        mean: The mean difference.
        low: The lower end of its 95 % interval; None where there are too few cases.
        high: The upper end.
        p: The two-sided p of the sign-flip permutation test of the mean.
        smallest_p: The smallest p that so many cases can reach, 2 / 2**n: with five cases 0.0625, however large the
            difference.
        better: The number of cases in which the first is better.
        worse: The number of cases in which the first is worse.
        first: The mean of the first score over these cases; None in files of before it was stored.
        second: The mean of the second score; None as `first`.
        nothing_found: The number of cases in which one of the two rightly found nothing and the other found something. That
            counts as a perfect score. None as `first`.
    """

    n: int
    mean: float | None
    low: float | None
    high: float | None
    p: float | None
    smallest_p: float | None
    better: int
    worse: int
    first: float | None = None
    second: float | None = None
    nothing_found: int | None = None


def describe(values: Sequence[float | None]) -> Statistics:
    """The mean, standard deviation and 95 % interval of values; None among them is left out.

    The interval is that of a bootstrap: the percentiles of the means of 9999 resamples, the same for the same values.
    """
    known = np.array([v for v in values if v is not None], dtype=float)
    if known.size == 0:
        return Statistics(0, None, None, None, None)
    sd = float(known.std(ddof=1)) if known.size > 1 else None
    return Statistics(known.size, float(known.mean()), sd, *_interval(known))


def paired_difference(
    first: Sequence[float | None], second: Sequence[float | None], higher_is_better: bool = True
) -> Paired:
    """Compare two scores of the same cases.

    Args:
        first: A score a case; None where it does not apply.
        second: The other score of the same cases, in the same order. Cases without both scores are left out.
        higher_is_better: Whether a higher score is the better one.

    Returns:
        The differences, first minus second.
    """
    pairs = np.array(
        [(a, b) for a, b in zip(first, second, strict=True) if a is not None and b is not None], dtype=float
    )
    n = len(pairs)
    if n == 0:
        return Paired(0, None, None, None, None, None, 0, 0)
    differences = pairs[:, 0] - pairs[:, 1]
    towards_better = differences if higher_is_better else -differences
    return Paired(
        n,
        float(differences.mean()),
        *_interval(differences),
        p=sign_flip_p(differences),
        smallest_p=smallest_p(n),
        better=int((towards_better > 0).sum()),
        worse=int((towards_better < 0).sum()),
        first=float(pairs[:, 0].mean()),
        second=float(pairs[:, 1].mean()),
    )


def sign_flip_p(differences: np.ndarray) -> float:
    """How often random signs of paired differences give a mean at least as far from zero: a two-sided p.

    Up to 13 pairs all signs are tried: the exact paired permutation test, whose smallest value is Wilcoxon's, too. Beyond,
    9999 random patterns are drawn and the observed one is counted among them (Phipson and Smyth 2010), so p is never 0.

    Args:
        differences: (N,), one a case.

    Returns:
        p, above 0 and at most 1.
    """
    signs = _signs(differences.size)
    means = np.abs(signs @ differences)
    observed = abs(differences.sum())
    # Sums that are equal on paper may differ in their last bits.
    extreme = int((means >= observed - 1e-9 * np.abs(differences).sum()).sum())
    if differences.size <= MOST_FOR_EXACT:
        return extreme / len(signs)
    return (extreme + 1) / (len(signs) + 1)


def smallest_p(n: int) -> float:
    """The smallest two-sided p that `n` pairs can reach."""
    return 2.0 / 2**n if n <= MOST_FOR_EXACT else 1.0 / (RESAMPLES + 1)


def _interval(values: np.ndarray) -> tuple[float | None, float | None]:
    if values.size < FEWEST_FOR_INTERVAL:
        return None, None
    low, high = np.quantile(_weights(values.size) @ values, (0.025, 0.975))
    return float(low), float(high)


@lru_cache(maxsize=8)
def _weights(n: int) -> np.ndarray:
    """(resamples, n): how much each value counts in the mean of each bootstrap resample."""
    return np.random.default_rng(0).multinomial(n, np.full(n, 1 / n), size=RESAMPLES) / n


@lru_cache(maxsize=8)
def _signs(n: int) -> np.ndarray:
    """(patterns, n) of +1 and -1: all of them, or a random draw where there are too many."""
    if n <= MOST_FOR_EXACT:
        return 1.0 - 2.0 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)
    return np.random.default_rng(0).choice([-1.0, 1.0], size=(RESAMPLES, n))
