"""How the Dice grows with the number of annotated cases, and what more cases would bring.

The curve is the inverse power law that Figueroa et al. 2012 fit to learning curves ("Predicting sample size required for
classification performance", BMC Medical Informatics and Decision Making 12:8), dice(n) = a - b n^-c, with b not
negative. Two sizes fix two of its three numbers, so c is 1 there; from three sizes on it is fitted, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from TransferSegLib.evaluation.statistics import Statistics, describe

DRAWS = 999
EXPONENTS = np.linspace(0.25, 2.0, 29)


@dataclass(frozen=True)
class Expected:
    """What is expected of more cases.

    Attributes:
        cases: The number of cases that are trained on.
        dice: The Dice that the curve has there.
        gain: How much that is above what the curve has at the number of cases that there are now.
        low: The lower end of the gain's 95 % interval.
        high: Its upper end.
    """

    cases: int
    dice: float
    gain: float
    low: float
    high: float


@dataclass(frozen=True)
class CaseCurve:
    """The Dice over the number of cases.

    Attributes:
        sizes: The numbers of cases that were trained on, in order.
        measured: The Dice of the cases that were scored at each.
        now: The number of cases that there are now, to which more are added.
        expected: What more cases would bring.
        shared: How many cases there are, where each size was measured on the same ones; None where each has its own.
    """

    sizes: tuple[float, ...]
    measured: tuple[Statistics, ...]
    now: float
    expected: tuple[Expected, ...]
    shared: int | None = None


def case_curve(
    dice: Mapping[float, Sequence[float]], more: Sequence[int] = (4, 8), now: float | None = None
) -> CaseCurve | None:
    """Fit the curve, and read what more cases would bring.

    Args:
        dice: Number of cases that were trained on → the Dice of each case that was scored.
        more: How many cases more.
        now: Than how many; None is the largest number that was trained on. Models of folds are trained on fewer.

    Returns:
        The curve; None with fewer than two sizes, from which nothing follows. The intervals are those of 999 bootstrap
        resamples of the cases at each size. That the curve has this form is taken for granted, so they are rather too narrow.
    """
    sizes = sorted(size for size, values in dice.items() if len(values))
    if len(sizes) < 2:
        return None
    values = [np.asarray(dice[size], dtype=float) for size in sizes]
    at = np.array(sizes, dtype=float)
    rng = np.random.default_rng(0)
    means = np.array([one.mean() for one in values])
    drawn = np.stack([one[rng.integers(0, one.size, (DRAWS, one.size))].mean(axis=1) for one in values], axis=1)
    begin = at[-1] if now is None else now
    wanted = np.array([begin + count for count in more])
    (best,) = _fitted(at, means[None], np.array([*wanted, begin]))
    fits = _fitted(at, drawn, np.array([*wanted, begin]))
    gains = fits[:, :-1] - fits[:, -1:]
    expected = tuple(
        Expected(
            round(size),
            float(best[n]),
            float(best[n] - best[-1]),
            *(float(q) for q in np.quantile(gains[:, n], (0.025, 0.975))),
        )
        for n, size in enumerate(wanted)
    )
    measured = tuple(describe(list(one)) for one in values)
    return CaseCurve(tuple(float(size) for size in sizes), measured, float(begin), expected)


def _fitted(sizes: np.ndarray, means: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The values at `wanted` of the curve that is nearest to the means; never above 1.

    Args:
        sizes: (S,) numbers of cases.
        means: (D, S), the mean Dice at each size, a row a draw.
        wanted: (W,) numbers of cases.

    Returns:
        (D, W) Dice.
    """
    exponents = EXPONENTS if sizes.size > 2 else np.ones(1)
    best, smallest = np.repeat(means[:, -1:], wanted.size, axis=1), np.full(len(means), np.inf)
    centre = means.mean(axis=1)
    for exponent in exponents:
        x = sizes**-exponent
        b = np.maximum(0.0, -((means - centre[:, None]) @ (x - x.mean())) / ((x - x.mean()) ** 2).sum())
        a = centre + b * x.mean()
        error = ((a[:, None] - b[:, None] * x - means) ** 2).sum(axis=1)
        better = error < smallest
        curve = np.minimum(a[:, None] - b[:, None] * wanted**-exponent, 1.0)
        best[better], smallest[better] = curve[better], error[better]
    return best
