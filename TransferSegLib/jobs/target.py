"""The cases of a job: one data set or several, and what each case is for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.core.case_set import CaseSet, Role, ignored_value, ignoring
from TransferSegLib.core.errors import InputError
from TransferSegLib.jobs.cards import list_training_cases
from TransferSegLib.jobs.case_choice import CaseChoice, draw_cases, shuffled
from TransferSegLib.jobs.spec import JobSpec
from TransferSegLib.transfer.pooling import pool


def read_target(spec: JobSpec) -> CaseSet:
    """Read the cases that a job takes, each with its role in the job.

    Args:
        spec: What the job is asked to do.

    Raises:
        InputError: A data set cannot be read, or has too few cases for what is asked.
    """
    sets = ignoring([read_case_set(Path(path)) for path in (spec.target, *spec.pooled)], spec.ignore)
    cases = pool(sets)
    if spec.format < 3:  # until then, cases to validate on were trained on
        cases = _with_roles(cases, {case.name for case in cases.cases if case.role == "validation"}, "train")
    if isinstance(spec.validation, str):
        apart = read_case_set(Path(spec.validation))
        if ignored_value(apart.labels, spec.ignore) is not None:
            apart = ignoring([apart], spec.ignore)[0]
        to_validate = tuple(replace(case, role="validation") for case in apart.cases if case.label is not None)
        if not to_validate:
            raise InputError(
                "no-validation-case",
                "{option} {root}: no case has a segmentation to validate on; annotate at least one.",
                option="--validation",
                root=apart.root,
            )
        cases = pool([cases, replace(apart, cases=to_validate)])
    if spec.cases is not None:
        cases = spec.cases.of(cases)
    if isinstance(spec.validation, int):
        cases = set_apart(cases, spec.validation, spec.training.seed)
    return cases


def set_apart(cases: CaseSet, count: int, seed: int) -> CaseSet:
    """Take some of the annotated training cases to validate on.

    They are drawn once for the job, so that no model of it, of a fold or the final one, is trained on them.

    Args:
        cases: The cases.
        count: How many.
        seed: Decides which.

    Raises:
        InputError: None would be left to train on.
    """
    names = [case.name for case in cases.cases if case.role == "train" and case.label is not None]
    if count >= len(names):
        raise InputError(
            "too-few-cases-to-validate",
            "{option}: {root} has {count} annotated {count:~case|cases}, and one at least must be left to train on; choose "
            "fewer.",
            option=f"--validation {count}",
            root=cases.root,
            count=len(names),
        )
    return _with_roles(cases, set(shuffled(names, (seed, 3))[:count]), "validation")


def with_size(spec: JobSpec, size: int, draw: int) -> JobSpec:
    """A job that is trained on some of its cases, all others in their roles.

    The cases are named in the job, so that whoever reads it knows which. Those that are set apart to validate on are drawn
    first: `size` cases are trained on.

    Args:
        spec: What the job is asked to do.
        size: How many cases.
        draw: Which draw of them, counted from 0.

    Raises:
        InputError: There are not as many.
    """
    cases = read_target(spec)
    train = tuple(case.name for case in list_training_cases(cases, spec.task))
    test, validation = (tuple(case.name for case in cases.with_role(role)) for role in ("test", "validation"))
    chosen = draw_cases(CaseChoice(train, test, validation), size, draw, spec.training.seed, cases.root)
    counted = isinstance(spec.validation, int)
    return replace(spec, cases=chosen, validation=None if counted else spec.validation)


def pooled_choice(sets: Sequence[CaseSet], choices: Sequence[CaseChoice]) -> CaseChoice:
    """The cases that are chosen of several data sets, under their names where the data sets are pooled.

    Args:
        sets: The data sets.
        choices: For each, which of its cases are chosen.
    """
    names = iter([case.name for case in pool(sets).cases])
    pooled = [{case.name: next(names) for case in one.cases} for one in sets]
    chosen = [
        tuple(own[name] for own, choice in zip(pooled, choices, strict=True) for name in getattr(choice, part))
        for part in ("train", "test", "validation")
    ]
    return CaseChoice(*chosen)


def _with_roles(cases: CaseSet, names: set[str], role: Role) -> CaseSet:
    changed = tuple(replace(case, role=role) if case.name in names else case for case in cases.cases)
    return replace(cases, cases=changed)
