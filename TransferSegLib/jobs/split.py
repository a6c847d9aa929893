"""What a job began with: its folds, and what each case is for. Neither changes while it is worked on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from TransferSegLib.cases.digests import Digests, digests_of
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import from_json, to_json
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.folder import DIGESTS, SPLIT, JobFolder
from TransferSegLib.jobs.spec import JobSpec
from TransferSegLib.jobs.target import Fold, PreparedCases


@dataclass(frozen=True)
class Split:
    """The folds, and each case, by name, with what it is for (annotated, test or unlabelled)."""

    folds: tuple[Fold, ...]
    cases: Mapping[str, str]


def digests_in(job: JobFolder, name: str) -> dict[str, Digests]:
    """What was in the files of each case when the job checked them, as kept under `name`; none where that cannot be read."""
    stored = job.load_result(name)
    try:
        return {case: from_json(Digests, found, name) for case, found in dict(stored or {}).items()}
    except (InputError, TypeError, ValueError):
        return {}


def must_be_as_before(
    root: Path, changes: Mapping[str, str], cases: Iterable[Case], prepared: PreparedCases, began: Mapping[str, Digests]
) -> None:
    """An `InputError` where a job goes on with cases of which some have changed since it `began`.

    `changes` says of a case's name what else is known to be another.
    """
    changed: dict[str, list[str]] = {}
    for name in sorted(changes):
        changed.setdefault(changes[name], []).append(f"`{name}`")
    for case in cases:
        # Files as they were are not read: a case is prepared anew where their size or time is another.
        if case.name in began and not prepared.has(case) and digests_of(case) != began[case.name]:
            changed.setdefault("now with other voxels", []).append(f"`{case.name}`")
    if changed:
        words = "; ".join(f"{word}: {', '.join(names)}" for word, names in changed.items())
        raise InputError(
            f"{root}: has other cases than when the job began ({words}); put them back as they "
            "were to go on, or start a new job with the cases of now."
        )


def folds_of(job: JobFolder, context: JobContext, spec: JobSpec, prepared: PreparedCases) -> tuple[Fold, ...]:
    """The folds, drawn once a job; an `InputError` where a job goes on with other cases than it began with.

    Other folds beside those that are done would score a case twice, or by a model that has seen it.
    """
    now = {case.name: "unlabelled" for case in context.target.cases}
    now |= {case.name: "annotated" for case in context.training_cases} | {case.name: "test" for case in context.tests}
    stored = job.load_result(SPLIT)
    if stored is None:
        split = Split(context.folds(spec), now)
        job.save_result(SPLIT, to_json(split))
        return split.folds
    split = from_json(Split, stored, SPLIT)
    changes = {}
    for name in {*now, *split.cases}:
        if now.get(name) != split.cases.get(name):
            changes[name] = "new" if name not in split.cases else "gone" if name not in now else f"now {now[name]}"
    cases = (*context.training_cases, *context.tests)
    must_be_as_before(context.target.root, changes, cases, prepared, digests_in(job, DIGESTS))
    return split.folds
