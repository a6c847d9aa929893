"""Which of several ways of training is recommended, from the scores of few cases, and how that is told.

What is chosen by scores looks better than it is, on the very cases that chose it. So every choice is made for each fold on
the cases of the *other* folds, and the scores of a fold are those of its own choice; only the model that is kept is chosen on
all cases. Whether a model is better than the source model is a choice as well, so the other folds make it, too: what is
reported is what the whole rule scores, on cases that had no part in it. And few cases say little. So what is compared is not
the mean gain over the source model, but the gain to be expected: its posterior mean.

The prior is a mixture of two, as there are two kinds of source models. One copes with the target as it is (Dice 0.82 to 0.86
on shifted hippocampus cases, docs/benchmarks.md). There the weights half-way to those of `open` after 400 steps on 4 cases
gained +0.0047, +0.0047 and +0.001 Dice on 30 test cases or more; so gains are small. But the best of several is taken, and
training that gains nothing is no better than the source model, which the person knows. So the prior of such a source model
is a loss, as `evaluation.choice` has it: 4 cases of the usual spread must gain about 0.007 on average before a model is
believed to be better, 20 cases 0.0014. The other source model does not cope, and gains anything up to 0.83.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.comparison import BASELINE
from TransferSegLib.evaluation.scores import Option

# (mean, standard deviation) of the gain of a source model that copes, and of one that does not; each is as likely.
PRIORS = ((-0.003, 0.005), (0.0, 0.5))
# The standard deviation of a case's gain before any case is known (0.013 to 0.018 in 24 test cases, by the share of the
# adapted weights), and how many cases that counts as.
USUAL_SPREAD, SPREAD_COUNTS_AS = 0.015, 3

# The mean Dice over labels of each case, by the case's name.
Dice = Mapping[str, float]


@dataclass(frozen=True)
class Tried:
    """What was tried in one round, on all folds that tried it.

    Attributes:
        strategy: The key of the strategy.
        round: The round, counted from 1; 0 where nothing was trained.
        steps: How many steps each of its trainings took.
        folds: In how many folds it was tried.
        dice: The mean Dice of the cases of these folds, each by the model that had not seen it; None where no label applied.
        gain: The gain over the source model that is to be expected; None where there is nothing to compare with.
        seconds: How long its trainings took together; None where it is not known.
    """

    strategy: str
    round: int
    steps: int
    folds: int
    dice: float | None
    gain: float | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Recommendation:
    """What a job recommends, and why.

    Attributes:
        chosen: The key of the strategy whose model is kept.
        round: The round whose number of steps the kept model has; 0 where nothing is trained.
        by: What decided: the folds, or nothing, where there are none.
        of_folds: For each fold the key of the strategy whose scores it has, chosen on the other folds.
        cases: How many cases were scored.
        dice: Their mean Dice with the choices of their folds; None without folds.
        source_dice: That of the source model as it is; None where it was not scored.
        gain: The gain of the kept model over it that is to be expected; None where there is nothing to compare with.
        best_trained: The key of the best strategy that trains, where the source model is kept.
        best_trained_dice: Its mean Dice.
        tried: What was tried, in the order of the rounds.
    """

    chosen: str
    round: int = 0
    by: Literal["out-of-fold", "nothing"] = "out-of-fold"
    of_folds: tuple[str, ...] = ()
    cases: int = 0
    dice: float | None = None
    source_dice: float | None = None
    gain: float | None = None
    best_trained: str | None = None
    best_trained_dice: float | None = None
    tried: tuple[Tried, ...] = ()

    @property
    def problem(self) -> Problem:
        """The recommendation in a sentence."""
        if self.by == "nothing":
            return Problem(
                "recommended-unscored",
                "`{strategy}` is recommended without a comparison: no model can be scored on a case that it has not seen; "
                "annotate one more case, or leave the number of folds to the job",
                {"strategy": self.chosen},
                "note",
            )
        if self.chosen == BASELINE and self.best_trained is None:
            return Problem(
                "recommended-source-alone",
                "The source model as it is is recommended, because nothing else could be trained",
                {},
                "note",
            )
        count = len({one.strategy for one in self.tried} - {BASELINE})
        if self.chosen == BASELINE and (self.dice or 0.0) < (self.source_dice or 0.0):
            return Problem(
                "recommended-source-above",
                "The source model as it is is recommended: its mean Dice is {source:.3f}, and that of the best of {count} "
                "{count:~way|ways} of training, chosen for each case by the other cases, is {dice:.3f}",
                {"source": self.source_dice or 0.0, "dice": self.dice or 0.0, "count": count},
                "note",
            )
        if self.chosen == BASELINE:
            return Problem(
                "recommended-source",
                "The source model as it is is recommended, with a mean Dice of {source:.3f}: the best of {count} "
                "{count:~way|ways} of training, `{strategy}`, has {best:.3f}, from which no gain is to be expected beyond "
                "these {cases} cases",
                {
                    "source": self.source_dice or 0.0,
                    "strategy": self.best_trained,
                    "best": self.best_trained_dice or 0.0,
                    "count": count,
                    "cases": self.cases,
                },
                "note",
            )
        others = len({one.strategy for one in self.tried} - {BASELINE, self.chosen})
        fields = {
            "strategy": self.chosen,
            "others": others,
            "dice": self.dice or 0.0,
            "source": self.source_dice or 0.0,
            "cases": self.cases,
            "gain": self.gain or 0.0,
        }
        if self.gain is None:
            return Problem(
                "recommended-best",
                "`{strategy}` is recommended{others:?, before {others} {others:~other|others}|}: chosen for each case by the "
                "other cases, the mean Dice is {dice:.3f}",
                fields,
                "note",
            )
        return Problem(
            "recommended-trained",
            "`{strategy}` is recommended{others:?, before {others} {others:~other|others}|}: chosen for each case by the "
            "other cases, the mean Dice is {dice:.3f} against {source:.3f} of the source model as it is, and a gain of "
            "{gain:.3f} is to be expected",
            fields,
            "note",
        )


def expected_gain(gains: Sequence[float]) -> float:
    """The gain over the source model that is to be expected of a case that is not seen yet: the posterior mean.

    Each case's gain is taken as normal around the strategy's, whose prior is `PRIORS`. How much cases differ is estimated
    from them and `USUAL_SPREAD`, as if that were known from `SPREAD_COUNTS_AS` further cases.

    Args:
        gains: The gain of each case that was scored.

    Returns:
        The posterior mean; that of the prior without a case.
    """
    count = len(gains)
    if not count:
        return sum(mean for mean, _ in PRIORS) / len(PRIORS)
    found = statistics.fmean(gains)
    squares = sum((gain - found) ** 2 for gain in gains) + SPREAD_COUNTS_AS * USUAL_SPREAD**2
    variance = squares / (count - 1 + SPREAD_COUNTS_AS) / count
    means, logs = [], []
    for mean, spread in PRIORS:
        means.append((found / variance + mean / spread**2) / (1 / variance + 1 / spread**2))
        width = variance + spread**2
        logs.append(-0.5 * (found - mean) ** 2 / width - 0.5 * math.log(width))
    weights = [math.exp(log - max(logs)) for log in logs]
    return sum(weight * mean for weight, mean in zip(weights, means, strict=True)) / sum(weights)


def worth(dice: Dice, source: Dice | None, without: Collection[str] = ()) -> float:
    """What an option is worth by its cases: the gain to be expected, or where there is no source model the mean Dice.

    Args:
        dice: The mean Dice of each case under the option.
        source: That under the source model as it is; None where it was not scored.
        without: Cases that may not decide.
    """
    decide = [case for case in dice if case not in without and (source is None or case in source)]
    if source is None:
        return statistics.fmean([dice[case] for case in decide] or [0.0])
    return expected_gain([dice[case] - source[case] for case in decide])


def ranked(options: Mapping[Option, Dice], source: Dice | None, without: Collection[str] = ()) -> list[Option]:
    """Rank options by what they are worth, the best first, and equal ones in their own order.

    Args:
        options: The mean Dice of each case under each option.
        source: That under the source model as it is; None where it was not scored.
        without: The cases that may not decide: those of the fold that the choice is for.
    """
    value = {option: worth(dice, source, without) for option, dice in options.items()}
    return sorted(options, key=lambda option: -value[option])


def better_than_source(options: Mapping[Option, Dice], source: Dice, folds: Sequence[Collection[str]]) -> Option | None:
    """Choose the option that is kept instead of the source model, by the cases of some folds.

    Two things are asked of it. A gain is to be expected from it, by all of the cases. And where each fold has the option that
    the other folds choose in the same way, these options together do better than the source model: else what a fold chooses
    is worth nothing elsewhere. A fold alone cannot be asked the second.

    Args:
        options: The mean Dice of each case under each option, the source model itself not among them.
        source: That under the source model as it is.
        folds: The cases that each fold held out; no others decide.

    Returns:
        The option; None for the source model.
    """
    cases = [case for fold in folds for case in fold]
    best = _expected_to_gain(options, source, cases)
    if best is None or len(folds) < 2:
        return best
    gains = []
    for fold in folds:
        own = _expected_to_gain(options, source, [case for case in cases if case not in fold])
        dice = source if own is None else options[own]
        gains += [dice[case] - source[case] for case in fold if case in source and case in dice]
    return best if sum(gains) > 0 else None


def _expected_to_gain(options: Mapping[Option, Dice], source: Dice, cases: Collection[str]) -> Option | None:
    """The option that is worth most by some cases; None where no gain is to be expected from it."""
    decide = {option: {case: dice[case] for case in cases if case in dice} for option, dice in options.items()}
    best = next(iter(ranked(decide, source)), None)
    return best if best is not None and worth(decide[best], source) > 0 else None
