"""What is said first of a kept model that came out below its source model, and where the source model is."""

from __future__ import annotations

from pathlib import Path

from TransferSegLib.core.card import ModelCard, read_card
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.inference_settings import sided_axes
from TransferSegLib.core.problems import Problem
from TransferSegLib.evaluation.comparison import BASELINE
from TransferSegLib.evaluation.first_of_ensemble import about_first_of_ensemble
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.sources.folder import SourceFolder
from TransferSegLib.sources.origin import Origin, origin_by_name, origin_in_folder


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


def told_of_job(job: JobFolder, below: Problem | None) -> list[Problem]:
    """What is said first of a job whose kept model is below its source model: by how much, and how to use that one.

    Args:
        job: The job.
        below: `AgainstSource.problem`; None where the kept model is not below.

    Returns:
        The sentences; none where it is not below. Further ones say what the source model was scored with that it does not do
        by itself.
    """
    if below is None:
        return []
    try:
        kept = read_card(job.model)
        origin = source_of_job(job, kept)
    except InputError:  # a job whose model is gone still says how it was
        return [below]
    if origin is None:
        return [below]
    return [below, origin.problem, *source_scored_with(job, kept, origin)]


def source_scored_with(job: JobFolder, kept: ModelCard, origin: Origin | None) -> list[Problem]:
    """What the source model was scored with in a job that it does not do by itself.

    Args:
        job: The job.
        kept: The card of the model that it kept.
        origin: `source_of_job`.

    Returns:
        The sentences; none where it is used by itself as it was scored, or was not scored.
    """
    if not any(choice.key == BASELINE for choice in job.read_spec().strategies):
        return []
    source = None if origin is None else origin.source
    if source is None:
        return _told_of_labels(job)
    return [*about_first_of_ensemble(source.card), *_told_of_settings(kept, source.card), *_told_of_labels(job)]


def flags_of_scores(kept: ModelCard, source: ModelCard) -> dict[str, str]:
    """The flags with which `segment` does to a source model's segmentations what the job did before it scored them.

    Args:
        kept: The card of the model that the job kept, which segments as all models of the job.
        source: The source model's card.

    Returns:
        Flag → value; none that would change nothing.
    """
    flags = {}
    if kept.inference.copies > source.inference.copies:
        flags["--copies"] = str(kept.inference.copies)
    # A label of the source model's own may have a side, so that a mirrored copy is refused.
    mirror = source.inference.for_labels(source.label_names).mirror
    if kept.inference.mirror != mirror and set(kept.inference.mirror).isdisjoint(sided_axes(source.label_names)):
        flags["--mirror"] = "+".join(kept.inference.mirror) or "none"
    if kept.smoothing_mm != source.smoothing_mm:
        flags["--smoothing-mm"] = f"{kept.smoothing_mm:g}"
    return flags


def _told_of_settings(kept: ModelCard, source: ModelCard) -> list[Problem]:
    """Say that the source model was scored with more copies than it averages by itself, or with other settings."""
    flags, windows = flags_of_scores(kept, source), kept.inference.copies_up_to_windows
    told = []
    if copies := flags.pop("--copies", None):
        told.append(
            Problem(
                "source-scored-with-copies",
                "The source model's score is of {copies} averaged copies of each image{some:? with up to {windows} "
                "windows|}, which it does not average by itself; {option} does.",
                {
                    "copies": kept.inference.copies,
                    "some": windows is not None,
                    "windows": windows or 0,
                    "option": f"--copies {copies}",
                },
                "note",
            )
        )
    if flags:
        told.append(
            Problem(
                "source-scored-with-settings",
                "The source model was scored as it segments with {option}, which it does not by itself.",
                {"option": " ".join(f"{flag} {value}" for flag, value in flags.items())},
                "note",
            )
        )
    return told


def _told_of_labels(job: JobFolder) -> list[Problem]:
    """Say that the source model was scored with more than it does by itself, where the folds' cases chose that."""
    from TransferSegLib.jobs.label_choices import label_choices

    changed = [one.label for one in label_choices(job, StrategyChoice(BASELINE)) or () if one.changes]
    if not changed:
        return []
    return [
        Problem(
            "source-scored-with-components",
            "The source model's score is with single components or filled holes of {labels:…`}, which your cases chose and "
            "which it does not do by itself; a job that keeps `{strategy}` has them.",
            {"labels": changed, "strategy": BASELINE},
            "note",
        )
    ]


def told_of_model(model: SourceFolder) -> list[Problem]:
    """What is said first of a model whose card says that it is below its source model; see `told_of_job`.

    Args:
        model: The model, in a job's folder or elsewhere.
    """
    below = model.card.below_source
    if below is None:
        return []
    job = JobFolder(model.folder.parent)
    if model.folder.name == job.model.name and job.job_json.is_file():
        return told_of_job(job, below)
    return [below, origin_by_name(model.card).problem]
