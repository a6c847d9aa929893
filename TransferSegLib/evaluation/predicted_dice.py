"""Predicts the Dice of a case without a reference, from how much two models disagree on it or from what one is unsure of.

Where models disagree, one of them at least is wrong (query by committee, Seung 1992, as in `disagreement`). A model's own
probabilities promise a Dice, too (Li et al., "Estimating model performance under domain shifts with class-specific confidence
scores", MICCAI 2022), which is as good as they are calibrated. How well either tells of a low Dice is measured on cases that
have a reference, with models that did not see them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from TransferSegLib.evaluation.calibration import LEAST_FOREGROUND

# With fewer cases a correlation says nothing.
FEWEST_CASES = 4
# The error of a prediction that is worth making, over that of predicting the mean.
WORTH = 0.9


@dataclass(frozen=True)
class DicePrediction:
    """A line from disagreement, or from another number that grows with the errors, to Dice; and how good it is.

    Attributes:
        cases: The number of cases that it was fitted to.
        correlation: Spearman's rank correlation of disagreement and Dice; near -1 where disagreement tells of a low Dice.
            None where all cases are alike.
        error: The mean distance of the Dice from what the line through all other cases predicts.
        error_of_mean: The same for predicting the mean of the other cases: a line that is no better is of no use.
        slope: The change of Dice for a disagreement of 1.
        intercept: The Dice without any disagreement.
    """

    cases: int
    correlation: float | None
    error: float
    error_of_mean: float
    slope: float
    intercept: float

    @property
    def useful(self) -> bool:
        """Whether the line predicts clearly better than the mean does."""
        return self.correlation is not None and self.correlation < 0 and self.error < WORTH * self.error_of_mean

    def predict(self, disagreement: float) -> float:
        """The predicted Dice, 0 to 1."""
        return float(min(1.0, max(0.0, self.intercept + self.slope * disagreement)))


def dice_prediction(disagreements: Sequence[float], dice: Sequence[float]) -> DicePrediction | None:
    """Fit the line, and measure it on each case with the line through all others.

    Args:
        disagreements: How much the models disagree on each case, 0 to 1.
        dice: The Dice of each of these cases.

    Returns:
        The prediction; None with fewer than four cases.
    """
    x, y = np.asarray(disagreements, dtype=float), np.asarray(dice, dtype=float)
    if x.size < FEWEST_CASES:
        return None
    slope, intercept = _line(x, y)
    others = [np.arange(x.size) != n for n in range(x.size)]
    lines = [_line(x[rest], y[rest]) for rest in others]
    errors = [abs(y[n] - (b + a * x[n])) for n, (a, b) in enumerate(lines)]
    of_mean = [abs(y[n] - y[rest].mean()) for n, rest in enumerate(others)]
    alike = np.ptp(x) == 0 or np.ptp(y) == 0
    correlation = None if alike else float(np.corrcoef(rankdata(x), rankdata(y))[0, 1])
    return DicePrediction(x.size, correlation, float(np.mean(errors)), float(np.mean(of_mean)), slope, intercept)


def promised_dice(probabilities: np.ndarray) -> float:
    """The Dice that a model's probabilities promise: a mean over the labels, as they are if the probabilities are right.

    Where a label is given to N voxels, which have it with probabilities that sum up to S, and T is that sum over all voxels,
    it is 2 S / (N + T). A label that is found nowhere has 0.

    Args:
        probabilities: (classes, I, J, K); class 0 is background. Those below 0.01 are left out of T: over a large image they
            would add up to more than the structure.
    """
    given, each = probabilities.argmax(axis=0), []
    for label in range(1, probabilities.shape[0]):
        own, here = probabilities[label], given == label
        whole = float(own[own >= LEAST_FOREGROUND].sum(dtype=float))
        count = int(np.count_nonzero(here))
        each.append(2 * float(own[here].sum(dtype=float)) / (count + whole) if count else 0.0)
    return float(np.mean(each))


def _line(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    spread = float(((x - x.mean()) ** 2).sum())
    slope = float(((x - x.mean()) * (y - y.mean())).sum() / spread) if spread else 0.0
    return slope, float(y.mean() - slope * x.mean())
