"""Which cases of its data set a job takes, and for what, where it does not take all of them as the data set has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from TransferSegLib.core.case_set import CaseSet, Role
from TransferSegLib.core.errors import InputError


@dataclass(frozen=True)
class CaseChoice:
    """The names of the cases that a job takes. It leaves out those that are not named.

    Attributes:
        train: The cases that are trained on.
        test: The cases that are scored and never trained on.
        validation: The cases that decide when a training ends; they are neither trained on nor scored.
    """

    train: tuple[str, ...]
    test: tuple[str, ...] = ()
    validation: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        named = [*self.train, *self.test, *self.validation]
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            raise InputError(
                "case-chosen-twice",
                "field `cases`: case `{case}` is there twice; name each case once.",
                case=twice[0],
            )

    def of(self, cases: CaseSet) -> CaseSet:
        """The chosen cases of a data set, in its order, each in its role.

        Raises:
            InputError: One of them is not in the data set, or has no segmentation.
        """
        roles: dict[str, Role] = dict.fromkeys(self.train, "train")
        roles |= dict.fromkeys(self.test, "test")
        roles |= dict.fromkeys(self.validation, "validation")
        gone = sorted(set(roles) - {case.name for case in cases.cases})
        if gone:
            raise InputError(
                "chosen-case-missing",
                "{root}: has no {gone:~case|cases} {gone:`…}, which the job names; put {gone:~it|them} back.",
                root=cases.root,
                gone=gone,
            )
        chosen = tuple(replace(case, role=roles[case.name]) for case in cases.cases if case.name in roles)
        return replace(cases, cases=chosen)


def draw_cases(choice: CaseChoice, size: int | None, draw: int, seed: int, root: object) -> CaseChoice:
    """Draw some of the cases that are trained on. A larger set of the same draw contains the smaller one.

    Args:
        choice: The cases.
        size: How many; None for all.
        draw: Which draw, from 0.
        seed: Decides, with the draw, which cases these are.
        root: Names the data set in an error.

    Raises:
        InputError: There are not as many.
    """
    if size is None:
        return choice
    if size > len(choice.train):
        raise InputError(
            "size-beyond-cases",
            "{root}: {size} training cases are asked for, and there are {most}; give smaller sizes.",
            root=root,
            size=size,
            most=len(choice.train),
        )
    drawn = set(shuffled(choice.train, (seed, draw, 1))[:size])
    return replace(choice, train=tuple(name for name in choice.train if name in drawn))


def shuffled(names: Sequence[str], seed: tuple[int, ...]) -> list[str]:
    """Shuffle names; the same seed gives the same order.

    Args:
        names: The names.
        seed: The numbers that the order follows from.
    """
    return [names[n] for n in np.random.default_rng(seed).permutation(len(names))]
