"""Which cases have another annotation in one job than in another, so that their scores are against two references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from TransferSegLib.jobs.folder import DIGESTS, JobFolder
from TransferSegLib.jobs.stored_split import stored_digests


def label_digests(job: JobFolder, called: Mapping[str, str] | None = None) -> dict[str, str]:
    """Case → the digest of its segmentation when the job began; cases whose digest is not known are left out.

    Args:
        job: The job.
        called: Name of a case in the job → what it is to be called; cases that are not there are left out. None for the
            names of the job.
    """
    known = {case: found.label for case, found in stored_digests(job, DIGESTS).items() if found.label}
    return known if called is None else {called[case]: label for case, label in known.items() if case in called}


def changed_labels(labels: Sequence[Mapping[str, str]]) -> set[str]:
    """The cases that have more than one segmentation in some jobs.

    Args:
        labels: For each job, case → the digest of its segmentation, as far as it is known.
    """
    found: dict[str, set[str]] = {}
    for one in labels:
        for case, label in one.items():
            found.setdefault(case, set()).add(label)
    return {case for case, known in found.items() if len(known) > 1}
