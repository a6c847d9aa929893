"""What is said first of a kept model that came out below its source model, and where the source model is."""

from __future__ import annotations

from pathlib import Path

from TransferSegLib.core.card import ModelCard, read_card
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.model_warnings import model_warnings
from TransferSegLib.core.problems import Problem
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.sources.folder import SourceFolder
from TransferSegLib.sources.origin import Origin, origin_by_name, origin_in_folder

# The name of the result that keeps what `kept_source.scored_otherwise` said.
SOURCE_SCORED = "source-scored"


def source_of_job(job: JobFolder, kept: ModelCard) -> Origin | None:
    """Find the source model of a job.

    Args:
        job: The job.
        kept: The card of the model that it kept.

    Returns:
        The source model, or that it is gone; None for a job that has none.
    """
    source = job.read_spec().source
    return None if source is None else origin_in_folder(Path(source), kept)


def save_scored_otherwise(job: JobFolder, said: Problem | None) -> None:
    """Store what `kept_source.scored_otherwise` says of a finished job.

    Raises:
        JobError: It cannot be written.
    """
    job.save_result(SOURCE_SCORED, None if said is None else said.to_json())


def stored_scored_otherwise(job: JobFolder) -> Problem | None:
    """What `kept_source.scored_otherwise` said of a finished job; None where it said nothing, and in jobs of before."""
    try:
        return Problem.from_json(job.load_result(SOURCE_SCORED) or {})
    except ValueError:
        return None


def told_of_job(job: JobFolder, below: Problem | None) -> list[Problem]:
    """What is said first of a job whose kept model is below its source model: by how much, and how to use that one.

    Args:
        job: The job.
        below: `AgainstSource.problem`; None where the kept model is not below.

    Returns:
        The sentences; none where it is not below. The last may say that the source model was scored otherwise than it
        segments by itself.
    """
    if below is None:
        return []
    try:
        origin = source_of_job(job, read_card(job.model))
    except InputError:  # a job whose model is gone still says how it was
        return [below]
    if origin is None:
        return [below]
    otherwise = stored_scored_otherwise(job)
    return [below, origin.problem, *([otherwise] if otherwise else [])]


def told_after_verdict(job: JobFolder, below: Problem | None, notes: bool = False) -> list[Problem]:
    """What is said after the verdict of a job: that the source model was scored otherwise than it segments by itself.

    Args:
        job: The job.
        below: As `told_of_job` takes it, which says it where the kept model is below.
        notes: Whether it is also said where it is a note: the source model is not kept, and its settings alone differ.
    """
    otherwise = None if below is not None else stored_scored_otherwise(job)
    return [] if otherwise is None or not (notes or otherwise.severity == "warning") else [otherwise]


def told_of_model(model: SourceFolder) -> list[Problem]:
    """What is said first of a model by whatever uses it: see `model_warnings`, and how to use the source model instead.

    Args:
        model: The model, in a job's folder or elsewhere.
    """
    below = model.card.below_source
    said = [problem for problem in model_warnings(model.card) if problem != below]
    if below is None:
        return said
    job = JobFolder(model.folder.parent)
    is_of_job = model.folder.name == job.model.name and job.job_json.is_file()
    if is_of_job and not model.card.is_source_as_it_is:  # else it is what the job's source model itself began from
        return [*said, *told_of_job(job, below)]
    return [*said, below, origin_by_name(model.card).problem]
