"""The clauses in which differences between strategies are put: by how much, in how many cases, and whether chance did it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from TransferSegLib.core.problems import MOST_ITEMS, Problem
from TransferSegLib.evaluation.comparison import Comparison, StrategySummary
from TransferSegLib.evaluation.statistics import Paired, smallest_p

SIGNIFICANCE = 0.05
# A mean Dice difference below this is of no use to anyone, however certain it is.
NEGLIGIBLE_DICE = 0.01

Certainty = Literal["better", "worse", "no clear difference", "too few cases"]


def certainty(difference: Paired, comparisons: int, clear: Literal["better", "worse"] = "better") -> Certainty:
    """Say how sure a difference is.

    Args:
        difference: The paired difference of Dice.
        comparisons: How many differences are tested; p is multiplied by it (Bonferroni).
        clear: What to answer where the difference is sure.

    Returns:
        `clear` where the difference, of either sign, is more than chance and not negligible; else why it is not.
    """
    if difference.mean is None or difference.p is None or difference.smallest_p is None:
        return "too few cases"
    if abs(difference.mean) < NEGLIGIBLE_DICE:
        return "no clear difference"
    if difference.smallest_p * comparisons >= SIGNIFICANCE:
        return "too few cases"
    return clear if difference.p * comparisons < SIGNIFICANCE else "no clear difference"


def more_than_chance(difference: Paired, comparisons: int) -> Problem:
    """Say that the difference is more than chance, with its p."""
    return clause("more-than-chance", "that is more than chance ({p})", p=p_value(difference, comparisons))


def unclear(difference: Paired, comparisons: int, meaning: Problem) -> Problem:
    """Say that chance could have made the difference, or that it is too small to matter, and what that means."""
    if difference.mean is not None and abs(difference.mean) < NEGLIGIBLE_DICE:
        return clause("too-small", "a difference too small to matter, {meaning}", meaning=meaning)
    return clause(
        "chance-alone",
        "chance alone could have done this ({p}), {meaning}",
        p=p_value(difference, comparisons),
        meaning=meaning,
    )


def too_few(difference: Paired, comparisons: int) -> Problem:
    """Say that the cases are too few to rule out chance, and how many it takes."""
    return clause(
        "too-few-cases",
        "{count} {count:~case is|cases are} too few to rule out chance (at least {needed} are needed where {compared} "
        "strategies are compared)",
        count=difference.n,
        needed=next(n for n in range(1, 64) if smallest_p(n) * comparisons < SIGNIFICANCE),
        compared=comparisons + 1,
    )


def p_value(difference: Paired, comparisons: int) -> Problem:
    """Write p after Bonferroni's correction for the number of comparisons."""
    p = min(1.0, (difference.p or 0.0) * comparisons)
    return clause(
        "p-value",
        "p {p}{corrected:? after correction for {comparisons} comparisons|}",
        p=f"= {p:.2g}" if p >= 0.001 else "< 0.001",
        corrected=comparisons > 1,
        comparisons=comparisons,
    )


def difference_text(difference: Paired) -> Problem | str:
    """Write a mean difference with its 95 % interval where there is one."""
    if difference.mean is None:
        return clause("no-common-case", "no case in common")
    decimals = 2 if abs(difference.mean) >= NEGLIGIBLE_DICE else 3
    text = signed(difference.mean, decimals)
    if difference.low is None or difference.high is None:
        return text
    low, high = signed(difference.low, decimals), signed(difference.high, decimals)
    if low == high:
        low, high = signed(difference.low, 3), signed(difference.high, 3)
    return clause(
        "difference-with-interval",
        "{difference}, 95 % interval {low} to {high}",
        difference=text,
        low=low,
        high=high,
    )


def share_of_cases(difference: Paired, better: bool) -> Problem:
    """Say in how many cases it is better or worse.

    Args:
        difference: The paired difference of Dice.
        better: Whether to count the cases in which it is better, or those in which it is worse.

    Returns:
        The clause; it also says in how many cases only one of the two rightly found nothing, where there are such.
    """
    share = clause(
        "share-of-cases",
        "{count} of {of} {of:~case|cases} {better:?better|worse}",
        count=difference.better if better else difference.worse,
        of=difference.n,
        better=better,
    )
    if not difference.nothing_found:
        return share
    return clause(
        "share-with-nothing-found",
        "{share}; in {count} {count:~case|cases} only one of the two rightly found nothing, a Dice of 1",
        share=share,
        count=difference.nothing_found,
    )


def means_text(difference: Paired) -> tuple[str, str]:
    """Both means over the pairs, with as many decimals as it takes to tell them apart (three at most)."""
    first, second = difference.first, difference.second
    if first is None or second is None:
        return "n/a", "n/a"
    decimals = 2 if f"{first:.2f}" != f"{second:.2f}" else 3
    return f"{first:.{decimals}f}", f"{second:.{decimals}f}"


def signed(value: float, decimals: int) -> str:
    """Write a number with its sign."""
    return f"{value:+.{decimals}f}".replace("-", "−")


def on_shared_labels(comparison: Comparison) -> Problem | str:
    """Which labels the source model has, where it has not all of them."""
    if not comparison.unknown_to_source:
        return ""
    names = [label.label_name for label in comparison.strategies[0].labels[:-1]]
    known = [name for name in names if name not in comparison.unknown_to_source]
    return clause(
        "on-shared-labels",
        "on {names}, the {labels:~label|labels} that the source model knows, ",
        names=labels_text(known),
        labels=known,
    )


def with_misses(strategy: StrategySummary) -> Problem | str:
    """Say how many structures a strategy missed or falsely found; empty where none."""
    count = strategy.overall.misses
    if count == 0:
        return ""
    return clause("with-misses", ", with {count} {count:~structure|structures} missed or falsely found", count=count)


def labels_text(names: Sequence[str]) -> Problem | str:
    """Names of labels: all of a few; of many six, and their number."""
    if len(names) > MOST_ITEMS:
        return clause("labels-and-number", "{number} labels ({names:…`})", number=len(names), names=names)
    return and_list([f"`{name}`" for name in names])


def and_list(items: Sequence[Problem | str]) -> Problem | str:
    """Join clauses as in a sentence: `a`, `a and b`, `a, b and c`."""
    if len(items) == 1:
        return items[0]
    return clause("and-list", "{firsts} and {last}", firsts=items[:-1], last=items[-1])


def clause(code: str, template: str, **fields: Any) -> Problem:
    """A clause of the verdict, or a part of one."""
    return Problem(code, template, fields, "note")
