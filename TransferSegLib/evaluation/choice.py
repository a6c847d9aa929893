"""A choice among candidates by scores, made so that the scores that are reported stay honest.

What was chosen for a case is chosen on the *other* folds' cases alone: the scores of a fold are those of the candidate
that did best elsewhere, so that no score is one that its own case has chosen. The final model has the candidate that did
best on all.

Few cases say little. So there is a candidate that is taken unless another is better by enough: as if there were
`PRIOR_CASES` more cases, in each of which every other candidate had `PRIOR_LOSS` less Dice. Of 4 cases, another one must
gain 0.005 on average, of 20 cases 0.001. (Between weights of one training, what a case gains differs by about 0.01.)
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from TransferSegLib.core.problems import Problem

# What is chosen: after which share of its steps a model ends.
STEPS_SHARE = "steps_share"
PRIOR_CASES = 4
PRIOR_LOSS = 0.005

By = Literal["out-of-fold", "validation", "training"]


@dataclass(frozen=True)
class Choice:
    """What was chosen for the models of a strategy.

    Attributes:
        what: What is chosen: the name of a setting.
        strategy: The key of the strategy.
        by: What decided: the cases that the fold models did not see, cases to validate on, or the cases that were trained on.
        candidates: What there was to choose from, as texts.
        dice: The mean Dice of each over the cases that decided; None where it was not measured.
        default: What is taken unless another one is better by enough.
        chosen: The choice for the final model; empty where it was not trained.
        of_folds: For each fold the candidate that its scores are of; none without folds.
        cases: How many cases decided.
    """

    what: str
    strategy: str
    by: By
    candidates: tuple[str, ...]
    dice: tuple[float | None, ...]
    default: str
    chosen: str
    of_folds: tuple[str, ...] = ()
    cases: int = 0

    @property
    def problem(self) -> Problem:
        """The choice in a sentence."""
        percent = round(100 * float(self.chosen or self.default))
        shown = [
            Problem(
                "percent-and-dice", "{percent} % {dice:.3f}", {"percent": round(100 * float(one)), "dice": dice}, "note"
            )
            for one, dice in zip(self.candidates, self.dice, strict=True)
            if dice is not None
        ]
        fields = {"strategy": self.strategy, "percent": percent, "count": self.cases, "shown": shown}
        if self.what == STEPS_SHARE:
            return Problem(
                "steps-chosen",
                "`{strategy}`: {percent} % of the steps were chosen by the Dice of one copy of each image, at the network's "
                "own voxel size, on {count} {count:~case|cases} that the folds held out ({shown:…})",
                fields,
                "note",
            )
        fields |= {"all": percent == 100, "folds": self.by == "out-of-fold", "validated": self.by == "validation"}
        return Problem(
            "adapted-share-chosen",
            "`{strategy}`: {all:?the adapted weights as they are|weights {percent} % of the way from those that the "
            "training began with to the adapted ones} were chosen by the Dice of one copy of each image, at the network's "
            "own voxel size, on {count} {count:~case|cases} {folds:?that the folds held out|{validated:?to validate on|that "
            "were trained on}} ({shown:…})",
            fields,
            "note",
        )


def choose(
    candidates: Sequence[str],
    scores: Sequence[Mapping[str, Sequence[float]]],
    default: str,
    prior_cases: float = PRIOR_CASES,
    prior_loss: float = PRIOR_LOSS,
) -> str:
    """Choose a candidate by the scores of some folds.

    Args:
        candidates: What there is to choose from; the first of equal ones is taken.
        scores: For each fold, candidate → the Dice of each of its cases, in one order for all candidates.
        default: The candidate that is taken unless another is better by enough.
        prior_cases: How many cases speak for the default beforehand.
        prior_loss: How much Dice every other candidate loses in each of them.

    Returns:
        The candidate.
    """
    gains = {
        one: sum(a - b for fold in scores for a, b in zip(fold[one], fold[default], strict=True))
        - prior_cases * prior_loss
        for one in candidates
        if one != default
    }
    best = max(gains, key=lambda one: gains[one], default=default)  # the first of equal ones
    return best if gains and gains[best] > 0 else default


def choose_nested(
    candidates: Sequence[str],
    scores: Sequence[Mapping[str, Sequence[float]]],
    defaults: Sequence[str],
    prior_cases: float = PRIOR_CASES,
    prior_loss: float = PRIOR_LOSS,
) -> tuple[str, tuple[str, ...]]:
    """Choose a candidate for the final model by all folds, and one for each fold by the others.

    Args:
        candidates: What there is to choose from.
        scores: For each fold, candidate → the Dice of each of its cases.
        defaults: For each fold the candidate that it takes unless another is better by enough. The final model's is the
            one that most folds have; of equally many, the one that comes last among the candidates.
        prior_cases: See `choose`.
        prior_loss: See `choose`.

    Returns:
        The choice for the final model, and that for each fold.
    """
    of_folds = tuple(
        choose(candidates, [other for n, other in enumerate(scores) if n != fold], default, prior_cases, prior_loss)
        for fold, default in enumerate(defaults)
    )
    return choose(candidates, scores, usual(candidates, defaults), prior_cases, prior_loss), of_folds


def usual(candidates: Sequence[str], defaults: Sequence[str]) -> str:
    """Find the candidate that most folds have by default.

    Args:
        candidates: All candidates.
        defaults: The default of each fold.

    Returns:
        The most frequent one; of equally frequent ones, the last among the candidates.
    """
    return max(candidates, key=lambda one: (defaults.count(one), candidates.index(one)))


def mean_of(scores: Sequence[Mapping[str, Sequence[float]]], candidate: str) -> float | None:
    """Compute the mean Dice of a candidate over the cases of all folds.

    Args:
        scores: For each fold, candidate → Dice of its cases.
        candidate: The candidate.

    Returns:
        The mean; None where it has no case.
    """
    found = [dice for fold in scores for dice in fold.get(candidate, ())]
    return statistics.fmean(found) if found else None


def choose_steps(
    looks: Sequence[Mapping[str, Sequence[float]]], finished: Sequence[Mapping[str, Sequence[float]]], before: Choice
) -> Choice:
    """Choose after which share of its steps each model ends, once it is chosen what it is when it takes all of them.

    Models that take all steps lie between the source's weights and the adapted ones, as `before` chose for each fold and the
    final model. A model that ends earlier has the weights of that step as they are. Both are held against each other on the
    same cases: for a fold on those of the others, so that its own say nothing.

    Args:
        looks: For each fold, share of the steps → the Dice of each of its held-out cases.
        finished: For each fold, what `before` chose among → the Dice of each of its held-out cases, after all steps.
        before: What was chosen for the models that take all steps.

    Returns:
        The choice; its default is all steps.
    """
    everything = "1"
    candidates = (*looks[0], everything)

    def scores(standing: str) -> list[Mapping[str, Sequence[float]]]:
        return [{**look, everything: done[standing]} for look, done in zip(looks, finished, strict=True)]

    of_folds = tuple(
        choose(candidates, [other for n, other in enumerate(scores(standing)) if n != fold], everything)
        for fold, standing in enumerate(before.of_folds)
    )
    final = scores(before.chosen)
    means = tuple(mean_of(final, one) for one in candidates)
    chosen = choose(candidates, final, everything)
    return Choice(
        STEPS_SHARE, before.strategy, "out-of-fold", candidates, means, everything, chosen, of_folds, before.cases
    )
