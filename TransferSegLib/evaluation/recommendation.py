"""Which of several ways of training is recommended, from the scores of few cases, and how that is told.

What is chosen by scores looks better than it is, on the very cases that chose it. So every choice is made for each fold on
the cases of the *other* folds, and the scores of a fold are those of its own choice; only the model that is kept is chosen on
all cases. Whether a model is better than the source model is a choice as well, so the other folds make it, too: what is
reported is what the whole rule scores, on cases that had no part in it. How far a model goes from the source's weights is a
choice within each of these, so it is made anew for each of them, by the same cases (`with_chosen_shares`). And few cases say
little. So what is compared is not the mean gain over the source model, but the gain to be expected: its posterior mean.

The prior is a mixture of two, as there are two kinds of source models. One copes with the target as it is (Dice 0.82 to 0.86
on shifted hippocampus cases, docs/benchmarks.md). There the mean of four models, each half-way to what `lora` trained on
three of 4 cases, gained +0.014, +0.004, +0.004 and -0.001 Dice on 60 test cases: gains are small, and there usually is one.
What 4 cases score says less than that: their mean gain has a standard deviation of 0.0075. So a trained model is kept unless
they speak against it: a loss of more than about 0.01 on average, of 20 cases of more than 0.002. The other source model
does not cope, and gains anything up to 0.83.

Dice alone says little of a voxel that was found far away. So a gain of Dice that chance may have made does not outweigh a
loss of HD95 that chance did not (`is_farther`).
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.choice import choose
from TransferSegLib.evaluation.comparison import BASELINE
from TransferSegLib.evaluation.scores import Option, ScoreRow
from TransferSegLib.evaluation.statistics import paired_difference
from TransferSegLib.transfer.recommended import AUTO

# (mean, standard deviation) of the gain over a source model that copes, and over one that does not; each is as likely.
PRIORS = ((0.004, 0.0045), (0.0, 0.5))
# The standard deviation of a case's gain before any case is known (0.013 to 0.018 in 24 test cases, by the share of the
# adapted weights), and how many cases that counts as.
USUAL_SPREAD, SPREAD_COUNTS_AS = 0.015, 3
# Where nothing can be compared, a source model with at least this mean Dice on the annotated cases is kept as it is. Those
# that coped had 0.82 to 0.86 on shifted cases, and training on few of them gained next to nothing or lost.
COPES_DICE = 0.8
# A gain below this is shown as 0.000.
LITTLE = 0.0005

# The mean Dice over labels of each case, by the case's name.
Dice = Mapping[str, float]


@dataclass(frozen=True)
class FoldDice:
    """What the model of a fold scored on the cases that it did not see.

    Attributes:
        default: The share of the adapted weights that it takes unless another is better by enough.
        dice: Share → the mean Dice of each case. A single share, whatever it is called, where there is nothing to choose.
    """

    default: str
    dice: Mapping[str, Dice] = field(hash=False)


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
        by: What decided: the folds; `nothing`, where there are none; `seen`, where the source model was trained on all cases;
            `time`, where the minutes are too few for the folds.
        of_folds: For each fold the key of the strategy whose scores it has, chosen on the other folds.
        cases: How many cases decide: those that were scored and that the source model has not seen. Without folds those that
            the source model was scored on: all that it has not seen, or all where it has seen every one.
        dice: Their mean Dice with the choices of their folds; None without folds.
        source_dice: That of the source model as it is, over the labels that it has; None where it was not scored. Without
            folds it is measured at the network's own voxel size.
        gain: The gain over it that is to be expected of the next case, from the gains of these cases with the choices of
            their folds, over the labels that it has; None where there is nothing to compare with.
        best_trained: The key of the best strategy that trains, where the source model is kept.
        best_trained_dice: Its mean Dice.
        hd95_mm: Its mean HD95, where it is not recommended for that; None else.
        source_hd95_mm: That of the source model, then.
        tried: What was tried, in the order of the rounds.
        new_labels: The labels that the source model lacks, where it has others.
        shared_dice: As `dice`, over these others; None without new labels.
        least_minutes: The minutes that would have sufficed to compare anything; None where that is not known.
        left_out: The keys of the strategies that were not tried for want of time.
    """

    chosen: str
    round: int = 0
    by: Literal["out-of-fold", "nothing", "seen", "time"] = "out-of-fold"
    of_folds: tuple[str, ...] = ()
    cases: int = 0
    dice: float | None = None
    source_dice: float | None = None
    gain: float | None = None
    best_trained: str | None = None
    best_trained_dice: float | None = None
    hd95_mm: float | None = None
    source_hd95_mm: float | None = None
    tried: tuple[Tried, ...] = ()
    new_labels: tuple[str, ...] = ()
    shared_dice: float | None = None
    least_minutes: int | None = None
    left_out: tuple[str, ...] = ()

    @property
    def _least(self) -> dict[str, object]:
        return {"known": self.least_minutes is not None, "least": self.least_minutes or 0}

    @property
    def problem(self) -> Problem:
        """The recommendation in a sentence, and what was not tried for want of time."""
        if not self.left_out:
            return self._reason
        return Problem(
            "recommended-short-of-time",
            "{recommendation}; {strategies:…`} {strategies:~was|were} not tried for want of time",
            {"recommendation": self._reason, "strategies": self.left_out},
            "note",
        )

    @property
    def _reason(self) -> Problem:
        """The recommendation in a sentence."""
        if self.by == "time" and self.chosen == BASELINE:
            return Problem(
                "recommended-source-copes-without-time",
                "The source model as it is is recommended without a comparison: its mean Dice on {cases} annotated "
                "{cases:~case|cases} is {source:.3f}, and the minutes that were given are too few to score a trained model "
                "on cases that it has not seen; give {known:?about {least} or |}more, or name the strategy that you want",
                {"cases": self.cases, "source": self.source_dice or 0.0, **self._least},
                "note",
            )
        if self.by == "time":
            return Problem(
                "recommended-without-time",
                "`{strategy}` is recommended without a comparison: the minutes that were given are too few to score models "
                "on cases that they have not seen; give {known:?about {least} or |}more",
                {"strategy": self.chosen, **self._least},
                "note",
            )
        if self.by != "out-of-fold" and self.chosen == BASELINE:
            return Problem(
                "recommended-source-copes",
                "The source model as it is is recommended without a comparison: its mean Dice on {cases} annotated "
                "{cases:~case|cases} is {source:.3f}, and {seen:?it was trained on every one of them, so no score says which "
                "model is better elsewhere; annotate a case that it has not seen|no trained model can be scored on a case "
                "that it has not seen; {several:?ask for 2 folds or more|annotate one more case}}, or name the strategy that "
                "you want",
                {
                    "cases": self.cases,
                    "source": self.source_dice or 0.0,
                    "seen": self.by == "seen",
                    "several": self.cases > 1,
                },
                "note",
            )
        if self.by == "nothing":
            return Problem(
                "recommended-unscored",
                "`{strategy}` is recommended without a comparison: no model can be scored on a case that it has not seen; "
                "{several:?ask for 2 folds or more|annotate one more case}",
                {"strategy": self.chosen, "several": self.cases > 1},
                "note",
            )
        if self.by == "seen":
            return Problem(
                "recommended-all-seen",
                "`{strategy}` is recommended without a comparison: the source model was trained on every annotated case, so "
                "no score says which model is better elsewhere; annotate a case that it has not seen",
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
        if self.hd95_mm is not None:
            return Problem(
                "recommended-source-nearer",
                "The source model as it is is recommended: its mean HD95 is {source:.1f} mm and that of `{strategy}` "
                "{trained:.1f} mm, farther than chance would have it, and a gain of Dice is not",
                {"strategy": self.best_trained, "source": self.source_hd95_mm or 0.0, "trained": self.hd95_mm},
                "note",
            )
        count = len({one.strategy for one in self.tried} - {BASELINE})
        if self.chosen == BASELINE and self.new_labels:
            return Problem(
                "recommended-source-despite-new-labels",
                "The source model as it is is recommended, though it lacks {labels:…`}: the best of {count} "
                "{count:~way|ways} of training, `{strategy}`, has a mean Dice of {best:.3f} over all labels, and what it "
                "finds of these does not make up for what it loses of the others",
                {
                    "labels": self.new_labels,
                    "strategy": self.best_trained,
                    "best": self.best_trained_dice or 0.0,
                    "count": count,
                },
                "note",
            )
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
            "auto_strategy": AUTO,
            "others": others,
            "dice": self.dice or 0.0,
            "source": self.source_dice or 0.0,
            "below": (self.dice or 0.0) < (self.source_dice or 0.0),
            "cases": self.cases,
            "little": abs(self.gain or 0.0) < LITTLE,
            "loses": (self.gain or 0.0) < 0,
            "change": abs(self.gain or 0.0),
        }
        if self.gain is not None and self.new_labels:
            fields |= {
                "labels": self.new_labels,
                "shared": self.shared_dice or 0.0,
            }
            return Problem(
                "recommended-with-new-labels",
                "`{strategy}` is recommended{others:?, before {others} {others:~other|others}|}: it segments {labels:…`}, "
                "which the source model lacks. Its model was trained on all cases, so `{auto_strategy}` is scored in its "
                "place: each case was segmented by a model that was chosen and trained without it, with a mean Dice of "
                "{dice:.3f} over all labels, and over those that both have of {shared:.3f} against {source:.3f} of the "
                "source model as it is. On the next case {little:?hardly any change|{loses:?a loss|a gain} of {change:.3f}} "
                "is to be expected of these",
                fields,
                "note",
            )
        if self.gain is None:
            return Problem(
                "recommended-best",
                "`{strategy}` is recommended{others:?, before {others} {others:~other|others}|}. Its model was trained on "
                "all cases, so `{auto_strategy}` is scored in its place: each case was segmented by a model that was chosen "
                "and trained without it, with a mean Dice of {dice:.3f}",
                fields,
                "note",
            )
        return Problem(
            "recommended-trained",
            "`{strategy}` is recommended{others:?, before {others} {others:~other|others}|}. All cases had a part in its "
            "model, so `{auto_strategy}` is scored in its place: each case was segmented by a model that was chosen and "
            "trained without it, with a mean Dice of {dice:.3f} against {source:.3f} of the source model as it is. "
            "{below:?So few cases differ by that much by chance, and models made like this gain more often than they lose: "
            "on|On} the next case {little:?hardly any change|{loses:?a loss|a gain} of {change:.3f}} is to be expected",
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


def worth(dice: Dice, source: Dice | None, decide: Collection[str] | None = None) -> float:
    """What an option is worth by its cases: the gain to be expected, or where there is no source model the mean Dice.

    Args:
        dice: The mean Dice of each case under the option.
        source: That under the source model as it is; None where it was not scored.
        decide: The cases that may decide; None for all.
    """
    found = [case for case in dice if (decide is None or case in decide) and (source is None or case in source)]
    if source is None:
        return statistics.fmean([dice[case] for case in found] or [0.0])
    return expected_gain([dice[case] - source[case] for case in found])


def ranked(options: Mapping[Option, Dice], source: Dice | None, decide: Collection[str] | None = None) -> list[Option]:
    """Rank options by what they are worth, the best first, and equal ones in their own order.

    Args:
        options: The mean Dice of each case under each option.
        source: That under the source model as it is; None where it was not scored.
        decide: The cases that may decide; None for all.
    """
    value = {option: worth(dice, source, decide) for option, dice in options.items()}
    return sorted(options, key=lambda option: -value[option])


def with_chosen_shares(
    trainings: Mapping[Option, Sequence[FoldDice]], defaults: Mapping[Option, str], decide: Collection[str]
) -> dict[tuple[Option, str], Dice]:
    """The Dice of each training with the share of the adapted weights that some cases choose.

    Args:
        trainings: What was trained → what the model of each fold scored.
        defaults: What was trained → the share that is taken unless another is better by enough.
        decide: The cases that may decide; no others have a say in the share.

    Returns:
        (what was trained, share) → the mean Dice of all cases, each by the model that had not seen it.
    """
    found: dict[tuple[Option, str], Dice] = {}
    for option, folds in trainings.items():
        share = choose(tuple(folds[0].dice), [deciding(one.dice, decide) for one in folds], defaults[option])
        found[option, share] = {case: d for one in folds for case, d in one.dice[share].items()}
    return found


def deciding(scores: Mapping[str, Dice], decide: Collection[str]) -> dict[str, list[float]]:
    """Keep the scores of the cases that may decide.

    Args:
        scores: Of one fold: share of the adapted weights → case → Dice.
        decide: The cases that may decide.

    Returns:
        Share → Dice of these cases, in the order of the cases.
    """
    return {share: [one for case, one in dice.items() if case in decide] for share, dice in scores.items()}


def better_than_source(options: Mapping[Option, Dice], source: Dice, cases: Collection[str]) -> Option | None:
    """Choose the option that is kept instead of the source model, by the gain that is to be expected of it.

    Args:
        options: What there is to choose from, the source model itself not among it.
        source: The Dice of each case under the source model as it is.
        cases: The cases that decide.

    Returns:
        The option that is worth most; None for the source model, where no gain is to be expected, or no case decides.
    """
    best = next(iter(ranked(options, source, cases)), None) if cases else None
    return best if best is not None and worth(options[best], source, cases) > 0 else None


def is_farther(dice: Dice, source: Dice, hd95_mm: Mapping[str, float], source_hd95_mm: Mapping[str, float]) -> bool:
    """Whether a model loses HD95 against the source model beyond chance, for a gain of Dice that chance may have made.

    Both are judged by the 95 % interval of the mean difference.

    Args:
        dice: The mean Dice of each case that may decide.
        source: That under the source model as it is.
        hd95_mm: The mean HD95 of each of these cases.
        source_hd95_mm: That under the source model.
    """
    cases = [case for case in dice if case in source]
    gain = paired_difference([dice[case] for case in cases], [source[case] for case in cases])
    cases = [case for case in hd95_mm if case in source_hd95_mm]
    loss = paired_difference([hd95_mm[case] for case in cases], [source_hd95_mm[case] for case in cases])
    return (loss.low or 0.0) > 0 and (gain.low or 0.0) <= 0


def hd95_of_cases(rows: Sequence[ScoreRow], decide: Collection[str]) -> dict[str, float]:
    """Compute the mean HD95 over the labels of each case that may decide.

    Args:
        rows: The scores, a row for each case and label.
        decide: The cases that may decide.

    Returns:
        Case → HD95 in mm; without the cases in which no label has one.
    """
    cases: dict[str, list[float]] = {}
    for row in rows:
        value = row.scores["hd95_mm"]
        if value is not None and row.case in decide:
            cases.setdefault(row.case, []).append(value)
    return {case: statistics.fmean(values) for case, values in cases.items()}
