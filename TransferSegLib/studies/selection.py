"""Which cases of a study's data set are trained on and which are scored, and smaller sets drawn from those trained on.

Everything follows from the names of the cases and the numbers in the study, so that each cell finds the same split.
"""

from __future__ import annotations

from collections.abc import Sequence

from TransferSegLib.core.case_set import CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.jobs.case_choice import CaseChoice, shuffled
from TransferSegLib.studies.grid import StudyData


def split_cases(cases: CaseSet, data: StudyData, fold: int | None = None) -> CaseChoice:
    """Split the annotated cases of a data set as a study says.

    Names are taken as they are. Numbers are drawn, first the cases that are scored, then those that are validated on, then
    those that are trained on. What the study does not say is as the data set has it: its test cases are scored, its
    validation cases are validated on, and all others are trained on.

    Args:
        cases: The data set.
        data: What the study says of it.
        fold: The fold that is scored, where the study splits the data set into folds.

    Raises:
        InputError: There are not as many cases, or a name is of no annotated case.
    """
    annotated = [case.name for case in cases.cases if case.label is not None]
    named = {name for part in (data.train, data.validation, data.test) if isinstance(part, tuple) for name in part}
    if unknown := sorted(named - set(annotated)):
        raise InputError(
            "study-case-unknown",
            "{root}: has no annotated case {names:`…}, which the study names; correct the study.",
            root=cases.root,
            names=unknown,
        )
    own_validation = {case.name for case in cases.cases if case.role == "validation"}
    own_tests = {case.name for case in cases.cases if case.role == "test"}
    left = [name for name in annotated if name not in named]
    validation: Sequence[str] = ()
    if data.validation is None:
        validation = [name for name in left if name in own_validation]
        left = [name for name in left if name not in own_validation]
    if data.test is None and data.folds is None:
        test = [name for name in left if name in own_tests]
        left = [name for name in left if name not in own_tests]
    left = shuffled(left, (data.split_seed,))
    if data.folds is not None:
        test = left[fold or 0 :: data.folds]
        left = [name for name in left if name not in test]
    elif isinstance(data.test, tuple):
        test = list(data.test)
    elif data.test is not None:
        test, left = _taken(left, data.test, "test", cases)
    if isinstance(data.validation, tuple):
        validation = data.validation
    elif data.validation is not None:
        validation, left = _taken(left, data.validation, "validation", cases)
    if isinstance(data.train, tuple):
        train: Sequence[str] = data.train
    elif data.train is not None:
        train, left = _taken(left, data.train, "train", cases)
    else:
        train = left
    if not train:
        _taken([], 1, "train", cases)
    in_order = {name: number for number, name in enumerate(annotated)}
    parts = (sorted(names, key=in_order.__getitem__) for names in (train, test, validation))
    return CaseChoice(*(tuple(names) for names in parts))


def _taken(left: Sequence[str], count: int, role: str, cases: CaseSet) -> tuple[list[str], list[str]]:
    if count > len(left):
        raise InputError(
            "study-too-few-cases",
            "{root}: {left} annotated {left:~case is|cases are} left where the study asks for {count} as `{role}`; give "
            "smaller numbers, or more cases.",
            root=cases.root,
            left=len(left),
            count=count,
            role=role,
        )
    return list(left[:count]), list(left[count:])
