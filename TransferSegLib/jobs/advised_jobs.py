"""Whether a finished job adapted the source model that advice is asked about, on the cases that it is asked about."""

from __future__ import annotations

from collections.abc import Mapping

from TransferSegLib.cases.digests import Digests, digests_of
from TransferSegLib.core.card import ModelCard, read_card
from TransferSegLib.core.case_set import CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.jobs.folder import DIGESTS, JobFolder
from TransferSegLib.jobs.results import unit_results
from TransferSegLib.jobs.stored_split import stored_digests


def digests_by_name(target: CaseSet) -> dict[str, Digests]:
    """Read all cases of a data set, and return their digests by name."""
    return {case.name: digests_of(case) for case in target.cases}


def adapted_source(job: JobFolder) -> tuple[str, str | None]:
    """The name of the source model that a finished job adapted, and the SHA-256 of its weights where that is known.

    Raises:
        InputError: The card of the job's model cannot be read.
    """
    card = read_card(job.model)
    # A source model that was kept as it is has its own name and history; what the job did is under `used`.
    as_it_is = "used" in card.made_by
    weights = None if as_it_is else card.made_by.get("source_sha256")
    return str(card.name if as_it_is else card.made_by.get("source")), weights if isinstance(weights, str) else None


def is_of_source(job: JobFolder, source: ModelCard) -> bool:
    """Whether a finished job adapted a source model, by the SHA-256 of its weights, else by its name.

    Args:
        job: The job.
        source: The card of the source model.

    Raises:
        InputError: The card of the job's model cannot be read.
    """
    name, weights = adapted_source(job)
    if weights is None or source.weights_sha256 is None:
        return name == source.name
    return weights.lower() == source.weights_sha256.lower()


def refuse_other_source(job: JobFolder, source: ModelCard) -> None:
    """Refuse a job that adapted another source model, by the SHA-256 of its weights, else by its name.

    Args:
        job: A job that has finished.
        source: The card of the source model that advice is asked about.

    Raises:
        InputError: It adapted another one, or its model's card cannot be read.
    """
    if not is_of_source(job, source):
        name, _ = adapted_source(job)
        raise InputError(
            "advise-job-of-other-source",
            "{path}: this job adapted {same:?other weights of `{model}`|`{other}`, not `{model}`}, so it says nothing of "
            "it; leave it out, or give its source model.",
            path=job.path,
            other=name,
            model=source.name,
            same=name == source.name,
        )


def refuse_other_cases(job: JobFolder, target: CaseSet, now: Mapping[str, Digests]) -> None:
    """Refuse a job that scored cases which are not among those of a data set, with the same voxels and labels.

    A job of a version that kept no digests is looked at by the names of its cases.

    Args:
        job: A job that has finished.
        target: The data set.
        now: Its digests by name.

    Raises:
        InputError: It scored other cases.
    """
    scored = {row.case for result in unit_results(job, job.read_spec()) for row in result.rows}
    began = stored_digests(job, DIGESTS)
    renumbered = {case.name for case in target.cases if case.renumbered}

    def is_here(name: str) -> bool:
        if name not in now or name not in began:
            return name in now
        # Labels are renumbered over all cases of a data set, so that those of a part of it may have other numbers.
        same_labels = name in renumbered or now[name].label == began[name].label
        return same_labels and set(now[name].images) == set(began[name].images)

    missing = sorted(name for name in scored if not is_here(name))
    if missing:
        raise InputError(
            "advise-job-of-other-cases",
            "{path}: this job scored {count} {count:~case that is|cases that are} not in {target} under the same name, "
            "with the same image and segmentation ({cases:…}); leave it out, or give the data set that it was made on.",
            path=job.path,
            count=len(missing),
            target=target.root,
            cases=missing,
        )


def is_same_image(job: JobFolder, name: str, now: Digests) -> bool:
    """Tell whether a case of a job has the images that a case has now.

    Args:
        job: The job.
        name: The case's name.
        now: The digests of the images that it has now.

    Returns:
        True also where the job kept no digests.
    """
    began = stored_digests(job, DIGESTS)
    return name not in began or set(began[name].images) == set(now.images)
