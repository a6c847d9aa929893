"""The split and the digests that a job has stored of its cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from TransferSegLib.cases.digests import Digests
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import from_json
from TransferSegLib.jobs.folder import SPLIT, JobFolder
from TransferSegLib.jobs.folds import Fold


@dataclass(frozen=True)
class Split:
    """The folds and the cases that a job began with.

    Attributes:
        folds: The folds, none without cross-validation.
        cases: The name of each case → what it is for: annotated, validation, test or unlabelled.
    """

    folds: tuple[Fold, ...]
    cases: Mapping[str, str]


def stored_digests(job: JobFolder, name: str) -> dict[str, Digests]:
    """The digests of each case's files when the job checked them; none where they cannot be read.

    Args:
        job: The job.
        name: The name of the result that holds them: `DIGESTS` or `SOURCE_DIGESTS`.
    """
    stored = job.load_result(name)
    try:
        return {case: from_json(Digests, found, name) for case, found in dict(stored or {}).items()}
    except (InputError, TypeError, ValueError):
        return {}


def stored_folds(job: JobFolder) -> tuple[Fold, ...]:
    """The folds that were drawn when the job began; none where none were.

    Raises:
        InputError: The file holds something else.
    """
    stored = job.load_result(SPLIT)
    return () if stored is None else from_json(Split, stored, SPLIT).folds
