"""Splitting cases, putting them into bins and drawing nested training sets from the bins (Hossain 2023, §3.1.1 and §3.1.2).

What the paper leaves open, and how it is settled here:

- How shares are rounded: training and test cases are rounded down, the rest is for validation. So 331 cases at 70, 10 and
  20 % are the paper's 231, 34 and 66.
- Whether a larger set contains the smaller ones: it does, so that sets differ by what was added.
- Which bin a case on an edge belongs to: the upper one; the largest case belongs to the last bin.
- What happens where a bin has too few cases: as in the paper, others are drawn at random from all bins until the set is full.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from TransferSegLib.core.errors import InputError

# Each draw has random numbers of its own, so that the split stays when the number of bins changes.
_SPLIT, _SETS = 1, 2


def split_cases(
    names: Sequence[str], shares: tuple[float, float, float], seed: int
) -> tuple[list[str], list[str], list[str]]:
    """Divide cases at random into those for training, validation and test.

    Args:
        names: The cases, in an order that does not depend on the computer.
        shares: How much of each, in per cent, 100 together.
        seed: Decides the draw.

    Returns:
        The names for training, validation and test, each in the order of `names`.
    """
    train, test = (int(len(names) * share / 100 + 1e-9) for share in (shares[0], shares[2]))
    if shares[1] == 0:
        train = len(names) - test
    order = np.random.default_rng((seed, _SPLIT)).permutation(len(names))
    parts = (order[:train], order[train : len(names) - test], order[len(names) - test :])
    first, second, third = ([names[n] for n in sorted(part)] for part in parts)
    return first, second, third


def equal_intervals(values: Sequence[float], bins: int) -> np.ndarray:
    """The edges of bins of one width between the smallest and the largest value.

    Args:
        values: The values, at least one.
        bins: The number of bins.

    Returns:
        (bins + 1,), ascending.
    """
    return np.linspace(min(values), max(values), bins + 1)


def bin_of(values: Sequence[float], edges: np.ndarray) -> list[int]:
    """The number of the bin of each value, from 0.

    Args:
        values: Values between the first and the last edge.
        edges: (bins + 1,), ascending.
    """
    return [int(n) for n in np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)]


def nested_sets(
    bin_of_case: Mapping[str, int], bins: int, per_bin: int, most_sets: int, seed: int
) -> tuple[tuple[str, ...], ...]:
    """Draw training sets of which each contains the one before.

    With every set, each bin gives `per_bin` cases more. A bin that has none left is made up for by cases of other bins, drawn
    at random. So the sets have `bins * per_bin` cases, twice as many, and so on.

    Args:
        bin_of_case: Case → the number of its bin, from 0, in an order that does not depend on the computer.
        bins: The number of bins.
        per_bin: The number of cases that a bin gives to each set.
        most_sets: How many sets are drawn, where there are cases enough.
        seed: Decides the draw.

    Returns:
        The names of each set, in the order in which they were drawn; the smallest set first.

    Raises:
        InputError: There are too few cases for the first set.
    """
    size = bins * per_bin
    if len(bin_of_case) < size:
        raise InputError(
            "too-few-to-select",
            "there are {count} training cases, and the smallest set needs {size} ({bins} bins of {per_bin}); choose fewer "
            "bins or fewer cases a bin.",
            count=len(bin_of_case),
            size=size,
            bins=bins,
            per_bin=per_bin,
        )
    random = np.random.default_rng((seed, _SETS))
    names = list(bin_of_case)
    shuffled = [names[n] for n in random.permutation(len(names))]
    waiting = [[name for name in shuffled if bin_of_case[name] == number] for number in range(bins)]
    chosen: list[str] = []
    sets: list[tuple[str, ...]] = []
    while len(sets) < most_sets and len(names) - len(chosen) >= size:
        drawn: list[str] = []
        for cases in waiting:
            drawn += cases[:per_bin]
            del cases[:per_bin]
        for _ in range(size - len(drawn)):
            left = [name for cases in waiting for name in cases]
            more = left[int(random.integers(len(left)))]
            waiting[bin_of_case[more]].remove(more)
            drawn.append(more)
        chosen += drawn
        sets.append(tuple(chosen))
    return tuple(sets)
