"""Whether what a paper claims was seen here, was not, or cannot be told from these cases; with the numbers that say so.

A claim is about a number of each case: a difference of two scores, the slope of a score over layers, a difference of two
differences. Chance is excluded by the sign-flip permutation test of these numbers (see `evaluation.statistics`), and the
size of what there may be is bounded by their 95 % interval. So a claim is

- *seen* where the numbers go the way that is claimed and chance is excluded (p < 0.05);
- *not seen* where they go the other way and chance is excluded, or where the interval leaves room for no more than a
  negligible difference;
- beyond these cases to tell otherwise. With fewer than six cases it always is: the test cannot reach 0.05.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from TransferSegLib.evaluation.comparison import FOUND_DICE, and_words
from TransferSegLib.evaluation.statistics import Paired, paired_difference
from TransferSegLib.studies.tables import SIGNIFICANCE

if TYPE_CHECKING:
    from TransferSegLib.studies.results import Results

Outcome = Literal["seen", "not seen", "cannot tell"]
Claimed = Literal["more", "less", "same", "no less"]
Values = Mapping[str, float]
OUTCOMES: Mapping[Outcome, str] = {
    "seen": "Seen here",
    "not seen": "Not seen here",
    "cannot tell": "These cases cannot tell",
}
# Of a Dice: a difference below this is of no use to anyone, as in the verdict of a job.
NEGLIGIBLE = 0.01


@dataclass(frozen=True)
class Judgement:
    """What became of a claim.

    Attributes:
        outcome: Whether it was seen.
        numbers: The numbers that say so, as a clause without a full stop.
        nothing_found: Whether nothing was segmented by any of what is compared, so that there is nothing to judge.
    """

    outcome: Outcome
    numbers: str
    nothing_found: bool = False

    @property
    def sentence(self) -> str:
        """The outcome and the numbers."""
        return f"{OUTCOMES[self.outcome]}: {self.numbers}."


class Judge(Protocol):
    """How a claim is judged."""

    def __call__(self, results: Results, /) -> Judgement:
        """Judge by the results of a study."""


@dataclass(frozen=True)
class Claim:
    """What a paper claims.

    Attributes:
        name: A name for files, as `more-layers-help-bone`.
        said: What the paper says, with its numbers, as a sentence.
        where: Where it says so, as `§4.2, Table 4`.
        judge: How it is judged here.
    """

    name: str
    said: str
    where: str
    judge: Judge


@dataclass(frozen=True)
class Sample:
    """A score of each case under one way of training.

    Attributes:
        name: What it is of, as it stands in a sentence.
        values: The score of each case (or run) by its name.
        is_share: Whether it is a score from 0, where nothing was found, to 1.
    """

    name: str
    values: Values
    is_share: bool = False

    @property
    def mean(self) -> float:
        """The mean over its cases."""
        return float(np.mean(list(self.values.values())))

    @property
    def found_nothing(self) -> bool:
        """Whether it is a score that says that nothing was found."""
        return self.is_share and bool(self.values) and self.mean < FOUND_DICE


def judge_difference(
    first: Sample,
    second: Sample,
    claimed: Claimed,
    of: str,
    *,
    negligible: float = NEGLIGIBLE,
    unit: str = "cases",
    digits: int = 3,
) -> Judgement:
    """Judge that one score is more than another, less, or the same.

    Args:
        first: The one that the claim is about.
        second: The one that it is compared with. Only cases that both have count.
        claimed: What is claimed of the first. The same is seen where the interval of the difference is within `negligible`,
            no less where it is above `-negligible`.
        of: What the score is, as `Dice of bone`.
        negligible: A difference below this counts for nothing.
        unit: What the values are of.
        digits: Digits of the numbers in the sentence.
    """
    shared = [case for case in first.values if case in second.values]
    if not shared:
        return _missing([first.name, second.name])
    if first.found_nothing and second.found_nothing:
        return nothing_found(of, [first, second], digits)
    found = paired_difference([first.values[c] for c in shared], [second.values[c] for c in shared])
    a, b = float(found.first or 0.0), float(found.second or 0.0)
    numbers = f"{of} {_plain(a, digits)} with {first.name} and {_plain(b, digits)} with {second.name}, "
    numbers += _said(found, unit, digits)
    return Judgement(_outcome(found, claimed, negligible), numbers)


def judge_slope(
    steps: Sequence[tuple[float, Sample]],
    claimed: Claimed,
    of: str,
    per: str,
    *,
    negligible: float = NEGLIGIBLE,
    unit: str = "cases",
    digits: int = 3,
) -> Judgement:
    """Judge that a score grows with something, falls, or stays the same.

    The number of each case is the change of its least-squares line from the first to the last step.

    Args:
        steps: (place, score) in order of place, such as the number of layers that were trained.
        claimed: Whether the score is said to become more, less or to stay the same.
        of: What the score is.
        per: What the places are, in words.
        negligible: A change over all steps below this counts for nothing.
        unit: What the values are of.
        digits: Digits of the numbers in the sentence.
    """
    changes = slopes(steps)
    if len(steps) < 2 or not changes:
        return _missing([sample.name for _, sample in steps] or [per])
    if all(sample.found_nothing for _, sample in steps):
        return nothing_found(of, [sample for _, sample in steps], digits)
    found = paired_difference(list(changes.values()), [0.0] * len(changes))
    first, last = steps[0][1], steps[-1][1]
    ends = [float(np.mean([sample.values[case] for case in changes])) for sample in (first, last)]
    numbers = (
        f"over {per}, {of} went from {_plain(ends[0], digits)} with {first.name} to {_plain(ends[1], digits)} with "
    )
    numbers += f"{last.name}; the line through all {len(steps)} changes by {_signed(found.mean or 0.0, digits)}, "
    numbers += _said(found, unit, digits, with_mean=False)
    return Judgement(_outcome(found, claimed, negligible), numbers)


def slopes(steps: Sequence[tuple[float, Sample]]) -> dict[str, float]:
    """The change of each case's least-squares line from the first to the last step, of the cases that all steps have."""
    if len(steps) < 2:
        return {}
    places = np.array([place for place, _ in steps], dtype=float)
    shared = [case for case in steps[0][1].values if all(case in sample.values for _, sample in steps)]
    span = places.max() - places.min()
    return {
        # What is equal on paper may differ in its last bits, and would then count as a rise.
        case: round(float(np.polyfit(places, [sample.values[case] for _, sample in steps], 1)[0] * span), 9)
        for case in shared
    }


def judge_best(
    best: Sample,
    others: Sequence[Sample],
    of: str,
    *,
    higher: bool = True,
    negligible: float = NEGLIGIBLE,
    unit: str = "cases",
    digits: int = 3,
) -> Judgement:
    """Judge that one way of training is better than each of the others.

    It is seen where it is better than every other and chance is excluded after Bonferroni's correction for their number. It
    is not seen where, as surely, it is worse than another, or better by no more than a negligible difference.

    Args:
        best: The one that is claimed to be the best.
        others: The others.
        of: What the score is.
        higher: Whether more is better.
        negligible: A difference below this counts for nothing.
        unit: What the values are of.
        digits: Digits of the numbers in the sentence.
    """
    others = [sample for sample in others if sample.name != best.name and set(sample.values) & set(best.values)]
    if not others:
        return _missing([best.name])
    if all(sample.found_nothing for sample in (best, *others)):
        return nothing_found(of, [best, *others], digits)
    judged: list[Outcome] = []
    for other in others:
        shared = [case for case in best.values if case in other.values]
        found = paired_difference([best.values[c] for c in shared], [other.values[c] for c in shared])
        judged.append(_outcome(found, "more" if higher else "less", negligible, len(others)))
    outcome: Outcome = "not seen" if "not seen" in judged else "cannot tell" if "cannot tell" in judged else "seen"
    ranked = sorted([best, *others], key=lambda sample: sample.mean, reverse=higher)
    place = ranked.index(best) + 1
    listed = and_words([f"{sample.name} {sample.mean:.{digits}f}" for sample in ranked[: max(3, place)]])
    count = min(len(sample.values) for sample in ranked)
    surely = sum(one == "seen" for one in judged)
    numbers = (
        f"{best.name} is number {place} of {len(ranked)} by {of} ({listed}; {_counted(count, unit)}), and better than "
        f"{surely} of the other {len(others)} with chance excluded"
    )
    rivals = [other.name for other, one in zip(others, judged, strict=True) if one == "not seen"]
    if rivals:
        more = ["others"] if len(rivals) > 3 else []
        numbers += f", but surely not {negligible:g} better than {and_words([*rivals[:3], *more])}"
    return Judgement(outcome, numbers)


def judge_all(judgements: Sequence[Judgement]) -> Judgement:
    """Judge a claim of several parts: seen where all are, not seen where one is not, open where nothing was found."""
    numbers = "; ".join(f"{judgement.numbers} ({judgement.outcome})" for judgement in judgements)
    if any(judgement.nothing_found for judgement in judgements):
        return Judgement("cannot tell", numbers, nothing_found=True)
    outcomes = {judgement.outcome for judgement in judgements}
    outcome: Outcome = "not seen" if "not seen" in outcomes else "cannot tell" if outcomes != {"seen"} else "seen"
    return Judgement(outcome, numbers)


def _outcome(found: Paired, claimed: Claimed, negligible: float, tests: int = 1) -> Outcome:
    """The outcome by the paired differences, see the module's docstring; p is multiplied by the number of tests."""
    if found.mean is None or found.p is None:
        return "cannot tell"
    sure = found.p * tests < SIGNIFICANCE
    if claimed == "same":
        if found.low is not None and found.high is not None and -negligible < found.low and found.high < negligible:
            return "seen"
        return "not seen" if sure else "cannot tell"
    if claimed == "no less":
        if found.low is not None and found.low > -negligible and (found.smallest_p or 1.0) * tests < SIGNIFICANCE:
            return "seen"
        return "not seen" if sure and found.mean < -negligible else "cannot tell"
    sign = 1 if claimed == "more" else -1
    towards = sign * found.mean
    most = found.high if sign > 0 else None if found.low is None else -found.low
    if sure and towards < 0:
        return "not seen"
    # An interval is believed only where the test could have told a difference.
    if most is not None and most < negligible and (found.smallest_p or 1.0) * tests < SIGNIFICANCE:
        return "not seen"
    return "seen" if sure and towards > 0 else "cannot tell"


def _said(found: Paired, unit: str, digits: int, with_mean: bool = True) -> str:
    """The difference in words: mean, interval, in how many cases, p."""
    parts = [f"a difference of {_signed(found.mean or 0.0, digits)}"] if with_mean else []
    if found.low is not None and found.high is not None:
        parts.append(f"95 % interval {_signed(found.low, digits)} to {_signed(found.high, digits)}")
    if found.n == 1:
        return ", ".join([*parts, f"and one {unit.removesuffix('s')} cannot tell"])
    more, count = ("less", found.worse) if found.worse > found.better else ("more", found.better)
    parts.append(f"{more} in {count} of {_counted(found.n, unit)}")
    p = found.p if found.p is not None else 1.0
    parts.append(f"p = {p:.2g}" if p >= 0.001 else "p < 0.001")
    if found.smallest_p is not None and found.smallest_p >= SIGNIFICANCE:
        parts.append(
            f"which is as small as {found.n} can give" if p <= found.smallest_p else "too few for any p < 0.05"
        )
    return ", ".join(parts)


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit if count != 1 else unit.removesuffix('s')}"


def _signed(value: float, digits: int) -> str:
    return f"{round(value, digits) + 0.0:+.{digits}f}".replace("-", "−")


def _plain(value: float, digits: int) -> str:
    return f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "−")


def nothing_found(of: str, samples: Sequence[Sample], digits: int = 3) -> Judgement:
    """The judgement where none of the samples found anything.

    Args:
        of: What their score is.
        samples: What would have been compared.
        digits: Digits of the numbers in the sentence.
    """
    most = max(sample.mean for sample in samples)
    names = and_words([sample.name for sample in samples][:3] + (["others"] if len(samples) > 3 else []))
    numbers = f"nothing was learned that could be compared: {of} is at most {most:.{digits}f} with {names}"
    return Judgement("cannot tell", numbers, nothing_found=True)


def _missing(names: Sequence[str]) -> Judgement:
    return Judgement(
        "cannot tell", f"there are no scores of the same cases for {and_words(list(dict.fromkeys(names)))}"
    )
