"""Which of several learning rates is taken, and how that is told.

Mecheter 2023 §3.5 fine-tunes with «a grid search mechanism to find the optimal learning rate» on three folds, and names
neither the grid nor what decides. Here the mean Dice decides: on cases to validate on where there are such, else out-of-fold.
In the second case the scores of a fold are those of the rate that did best on the *other* folds, so that no score is one that
its own case has chosen. The final model has the rate that did best on all.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from TransferSegLib.core.problems import Problem


@dataclass(frozen=True)
class RateChoice:
    """The learning rate that was chosen for a strategy.

    Attributes:
        strategy: The key of the strategy.
        by: What decided: cases to validate on, or the folds.
        rates: The rates that were tried.
        dice: The mean Dice of each; None where its training blew up.
        chosen: The rate of the final model.
        of_folds: For each fold the rate that its scores are of; none without folds.
    """

    strategy: str
    by: Literal["validation", "out-of-fold"]
    rates: tuple[float, ...]
    dice: tuple[float | None, ...]
    chosen: float
    of_folds: tuple[float, ...] = ()

    @property
    def problem(self) -> Problem:
        """The choice in a sentence."""
        shown = [
            Problem(
                "rate-and-dice",
                "{rate:g} {known:?{dice:.3f}|blew up}",
                {"rate": rate, "dice": dice or 0.0, "known": dice is not None},
                "note",
            )
            for rate, dice in zip(self.rates, self.dice, strict=True)
        ]
        fields = {
            "strategy": self.strategy,
            "chosen": self.chosen,
            "folds": self.by == "out-of-fold",
            "shown": shown,
        }
        return Problem(
            "learning-rate-chosen",
            "`{strategy}`: learning rate {chosen:g} has the best mean Dice {folds:?out-of-fold|on the cases to validate on} "
            "({shown:…})",
            fields,
            "note",
        )


def choose_rate(
    strategy: str,
    by: Literal["validation", "out-of-fold"],
    rates: Sequence[float],
    scores: Mapping[float, Sequence[Sequence[float]]],
) -> RateChoice:
    """Choose a learning rate.

    Args:
        strategy: The key of the strategy.
        by: What decides.
        rates: All rates that were tried, in the order in which the first of equal ones is taken.
        scores: For each rate whose trainings all came to their end, the Dice scores of each fold; of validation cases, a list
            for each fold, or one where there are no folds.

    Raises:
        ValueError: No training came to its end.
    """
    left = [rate for rate in rates if rate in scores]
    if not left:
        raise ValueError("no learning rate is left to choose from")
    folds = range(len(scores[left[0]]))

    def mean(rate: float, without: int | None = None) -> float:
        return statistics.fmean([dice for n in folds if n != without for dice in scores[rate][n]] or [0.0])

    def best(without: int | None = None) -> float:
        return max(left, key=lambda rate: mean(rate, without))  # the first of equal ones

    chosen = best()
    # What is validated on is never scored, so that all folds can decide together.
    of_folds = tuple(best(without=n) if by == "out-of-fold" else chosen for n in folds)
    return RateChoice(
        strategy, by, tuple(rates), tuple(mean(r) if r in scores else None for r in rates), chosen, of_folds
    )
