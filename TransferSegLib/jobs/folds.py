"""The folds of a job: which cases a fold's model is trained on, and which it is scored on."""

from __future__ import annotations

from collections.abc import Sequence
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
