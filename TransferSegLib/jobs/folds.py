"""The folds of a job: which cases a fold's model is trained on, and which it is scored on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from TransferSegLib.core.errors import InputError

# Leave-one-out up to this many cases, this many folds for more.
DEFAULT_FOLDS = 5


@dataclass(frozen=True)
class Fold:
    """One fold of the cross-validation.

    Attributes:
        number: Counted from 0.
        train: The names of the cases that its model is trained on.
        held_out: The names of the cases that its model does not see and is scored on.
    """

    number: int
    train: tuple[str, ...]
    held_out: tuple[str, ...]


def go_on_with_folds(count: int, names: Sequence[str], known: Mapping[str, int], seed: int) -> tuple[Fold, ...]:
    """Put cases into folds that are there already.

    Args:
        count: How many folds there are.
        names: The names of the annotated cases.
        known: The name of a case → the number of the fold that it stays in. All others are new, and each goes to a smallest
            fold.
        seed: Decides the order of the new cases, and which of the smallest folds is taken.

    Returns:
        The folds, by number.

    Raises:
        InputError: A fold would have no case.
    """
    held_out: list[list[str]] = [[name for name in names if known.get(name) == n] for n in range(count)]
    rng = np.random.default_rng((seed, len(names), 3))
    new = [name for name in names if name not in known]
    for name in (new[n] for n in rng.permutation(len(new))):
        least = min(map(len, held_out))
        held_out[int(rng.choice([n for n in range(count) if len(held_out[n]) == least]))].append(name)
    empty = next((n for n, cases in enumerate(held_out) if not cases), None)
    if empty is not None:
        raise InputError(
            "fold-without-case",
            "fold {fold} of the job that is gone on from has no case any more; put its cases back, or leave {option} out.",
            fold=empty + 1,
            option="--parent",
        )
    return tuple(
        Fold(n, tuple(c for c in names if c not in cases), tuple(c for c in names if c in cases))
        for n, cases in enumerate(held_out)
    )


def make_folds(names: Sequence[str], folds: int | None, seed: int) -> tuple[Fold, ...]:
    """Split cases into folds, each case held out once.

    Args:
        names: The names of the annotated cases.
        folds: How many; 0 is no cross-validation, None is leave-one-out up to five cases and five folds for more.
        seed: Decides which cases go together.

    Returns:
        The folds; none where `folds` is 0, or None and there is one case alone.

    Raises:
        InputError: There are fewer cases than folds.
    """
    if folds == 0 or (folds is None and len(names) < 2):
        return ()
    count = min(DEFAULT_FOLDS, len(names)) if folds is None else folds
    if count > len(names):
        if not names:
            raise InputError(
                "folds-without-case",
                "{option}: no case is annotated, so none can be held out and scored; leave it out, or annotate some.",
                option=f"--folds {count}",
            )
        if len(names) == 1:
            raise InputError(
                "folds-of-one-case",
                "{option}: there is only 1 annotated case; choose 0 for no cross-validation.",
                option=f"--folds {count}",
            )
        raise InputError(
            "too-many-folds",
            "{option}: there are only {most} annotated cases; choose at most {most}, or 0 for no cross-validation.",
            option=f"--folds {count}",
            most=len(names),
        )
    order = [names[n] for n in np.random.default_rng(seed).permutation(len(names))]
    return tuple(
        Fold(n, tuple(c for c in names if c not in order[n::count]), tuple(c for c in names if c in order[n::count]))
        for n in range(count)
    )
