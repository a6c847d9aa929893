"""Which cases of a study's data set are trained on and which are scored, and smaller sets drawn from those trained on.

Everything follows from the names of the cases and the numbers in the study, so that each cell finds the same split.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from TransferSegLib.cases.selection.drawing import bin_of, equal_intervals, nested_sets
from TransferSegLib.cases.selection.measures import measure_case
from TransferSegLib.core.case_set import CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.jobs.case_choice import CaseChoice, draw_cases, shuffled
from TransferSegLib.studies.grid import StudyData

# In place of a label's name: all labels together.
ALL_LABELS = "*"


def split_cases(cases: CaseSet, data: StudyData, fold: int | None = None, largest: int = 1) -> CaseChoice:
    """Split the annotated cases of a data set as a study says.

    Names are taken as they are. Numbers are drawn, first the cases that are scored, then those that are validated on, then
    those that are trained on. What the study does not say is as the data set has it: its test cases are scored, its
    validation cases are validated on, and all others are trained on.

    Args:
        cases: The data set.
        data: What the study says of it.
        fold: The fold that is scored, where the study splits the data set into folds.
        largest: The largest training set that the study draws from the cases that are trained on.

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
    _refuse_too_few(left, data, cases, largest)
    if data.folds is not None:
        test = left[fold or 0 :: data.folds]
        left = [name for name in left if name not in test]
    elif isinstance(data.test, tuple):
        test = list(data.test)
    elif data.test is not None:
        test, left = left[: data.test], left[data.test :]
    if isinstance(data.validation, tuple):
        validation = data.validation
    elif data.validation is not None:
        validation, left = left[: data.validation], left[data.validation :]
    train = data.train if isinstance(data.train, tuple) else left[: data.train]
    in_order = {name: number for number, name in enumerate(annotated)}
    parts = (sorted(names, key=in_order.__getitem__) for names in (train, test, validation))
    return CaseChoice(*(tuple(names) for names in parts))


def draw_by_volume(
    choice: CaseChoice, size: int | None, draw: int, seed: int, volumes_ml: Mapping[str, float], bins: int, root: object
) -> CaseChoice:
    """Draw some of the cases that are trained on, from bins of a volume (Hossain 2023, §3.1.2).

    A larger set of the same draw contains the smaller one. With as many cases as bins, each bin gives one.

    Args:
        choice: The split.
        size: How many; None for all.
        draw: Which draw, from 0.
        seed: The seed of the split.
        volumes_ml: The volume of each case that is trained on.
        bins: The number of bins, of one width between the smallest and the largest volume.
        root: Names the data set in an error.

    Raises:
        InputError: There are not as many.
    """
    if size is None or size > len(choice.train):
        return draw_cases(choice, size, draw, seed, root)
    bins = min(bins, len(choice.train))
    volumes = [volumes_ml[name] for name in choice.train]
    bin_of_case = dict(zip(choice.train, bin_of(volumes, equal_intervals(volumes, bins)), strict=True))
    in_order = list(nested_sets(bin_of_case, bins, 1, -(-size // bins), seed * 1000 + draw)[-1])
    # The last set may need more cases than are left.
    in_order += [name for name in shuffled(choice.train, (seed, draw, 1)) if name not in in_order]
    drawn = set(in_order[:size])
    return replace(choice, train=tuple(name for name in choice.train if name in drawn))


def label_volumes_ml(cases: CaseSet, names: Sequence[str], label: str) -> dict[str, float]:
    """The volume of a label in some cases of a data set, in mL.

    Args:
        cases: The data set.
        names: The cases.
        label: The name of the label, without regard to capitals; `ALL_LABELS` for all of them together.

    Raises:
        InputError: There is no such label, or a file cannot be read.
    """
    values = [v for v, name in cases.labels.items() if label == ALL_LABELS or name.casefold() == label.casefold()]
    if not values:
        raise InputError(
            "study-volume-label",
            "{root}: has no label `{label}`; its labels are {labels:…}. Name one of them as `draw_by_volume_of`.",
            root=cases.root,
            label=label,
            labels=list(cases.labels.values()),
        )
    measured = (measure_case(case, values, values, False) for case in cases.cases if case.name in set(names))
    return {one.name: one.volume_ml for one in measured}


def _refuse_too_few(left: Sequence[str], data: StudyData, cases: CaseSet, largest: int) -> None:
    """Refuse a study that asks for more cases than there are, with the whole sum."""
    validation = data.validation if isinstance(data.validation, int) else 0
    test = data.test if isinstance(data.test, int) else 0
    if data.folds is not None:
        test = -(-len(left) // data.folds)
    train = 0 if isinstance(data.train, tuple) else data.train or largest
    if validation + test + train > len(left):
        raise InputError(
            "study-too-few-cases",
            "{root}: the study asks for {validation} + {test} + {train} annotated cases (to validate, to score, to train on) "
            "and {left:~there is|there are} {left}{others:? without those that it names or that have a role|}; give smaller "
            "numbers, or more cases.",
            root=cases.root,
            validation=validation,
            test=test,
            train=train,
            left=len(left),
            others=len(left) < sum(case.label is not None for case in cases.cases),
        )
