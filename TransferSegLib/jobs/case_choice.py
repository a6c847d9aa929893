"""Which cases of its data set a job takes, and for what, where it does not take all of them as the data set has them."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
