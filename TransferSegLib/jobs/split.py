"""The folds and the cases that a job began with. Neither may change while the job is not finished."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from TransferSegLib.cases.digests import Digests, digests_of
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import from_json, to_json
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.folder import DIGESTS, SPLIT, JobFolder
from TransferSegLib.jobs.folds import Fold
from TransferSegLib.jobs.prepared import PreparedCases
from TransferSegLib.jobs.stored_split import Split, stored_digests


def draw_folds(job: JobFolder, context: JobContext, prepared: PreparedCases) -> tuple[Fold, ...]:
    """The folds of a job: drawn when the job begins, read from its folder when it is resumed.

    The folds must stay those of the start: with others, a case could be scored twice, or by a model that was trained on it.

    Args:
        job: The job's folder.
        context: The job's cases and settings.
        prepared: The prepared cases, which need not be read again to see that they are the same.

    Raises:
        InputError: The cases cannot be split as asked, or have changed since the job began.
    """
    now = {case.name: "unlabelled" for case in context.target.cases}
    now |= {case.name: "annotated" for case in context.training_cases} | {case.name: "test" for case in context.tests}
    now |= {case.name: "validation" for case in context.validation}
    stored = job.load_result(SPLIT)
    if stored is None:
        split = Split(context.folds(stored_digests(job, DIGESTS)), now)
        job.save_result(SPLIT, to_json(split))
        return split.folds
    split = from_json(Split, stored, SPLIT)
    changes = {name: _change(now.get(name), split.cases.get(name)) for name in {*now, *split.cases}}
    known = {name: change for name, change in changes.items() if change is not None}
    cases = (*context.training_cases, *context.validation, *context.tests, *context.images_to_learn_from)
    refuse_changed_cases(context.target.root, known, cases, prepared, stored_digests(job, DIGESTS))
    return split.folds


def refuse_changed_cases(
    root: Path,
    changes: Mapping[str, Problem],
    cases: Iterable[Case],
    prepared: PreparedCases,
    began: Mapping[str, Digests],
) -> None:
    """Refuse to resume a job with cases that are not those it began with.

    Args:
        root: Where the data set lies, for the error.
        changes: The name of a case → how the list of cases changed, as `case_gone` and its like say it.
        cases: The cases whose files must hold the same voxels. Files of cases that are kept prepared are not read.
        prepared: The prepared cases; a case is not among them when its files' size or time changed.
        began: The name of a case → the digests of its files when the job began.

    Raises:
        InputError: Some cases have changed.
    """
    changes = dict(changes)
    for case in cases:
        if case.name in began and not prepared.has(case) and digests_of(case) != began[case.name]:
            changes[case.name] = _OTHER_VOXELS
    if changes:
        raise InputError(
            "cases-changed",
            "{root}: has other cases than when the job began ({changes}); put them back as they were to go on, or start a "
            "new job with the cases of now.",
            root=root,
            changes=[
                Problem("case-changed", "`{case}` {change}", {"case": name, "change": changes[name]}, "note")
                for name in sorted(changes)
            ],
        )


def list_changes(now: Iterable[str], before: Iterable[str]) -> dict[str, Problem]:
    """Compare two lists of case names.

    Args:
        now: The names of now.
        before: The names of before.

    Returns:
        Name of each case that is in only one of the lists → a note that it is new or gone.
    """
    now, before = set(now), set(before)
    return {name: _GONE if name in before else _NEW for name in now ^ before}


_NEW = Problem("case-new", "new", severity="note")
_GONE = Problem("case-gone", "gone", severity="note")
_ROLES = {
    "annotated": Problem("case-now-annotated", "now annotated", severity="note"),
    "validation": Problem("case-now-validation", "now a case to validate on", severity="note"),
    "test": Problem("case-now-test", "now a test case", severity="note"),
    "unlabelled": Problem("case-now-unlabelled", "now unlabelled", severity="note"),
}
_OTHER_VOXELS = Problem("case-other-voxels", "now with other voxels", severity="note")


def _change(now: str | None, before: str | None) -> Problem | None:
    """How what a case is for has changed; None where it has not."""
    if now == before:
        return None
    if before is None or now is None:
        return _NEW if before is None else _GONE
    return _ROLES[now]
