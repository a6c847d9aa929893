"""What the folds' cases chose for the labels of a strategy, as a job keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from TransferSegLib.core.inference_settings import InferenceSettings
from TransferSegLib.core.records import from_json, to_json
from TransferSegLib.evaluation.post_processing_choice import LabelChoice, settings_with
from TransferSegLib.jobs.cards import own_names
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.transfer.strategies import STRATEGIES


def label_choices(job: JobFolder, choice: StrategyChoice) -> list[LabelChoice] | None:
    """What was chosen for each label of a strategy.

    Args:
        job: The job.
        choice: The strategy, as it is called in files.

    Returns:
        The choices; None where nothing was chosen yet.

    Raises:
        InputError: The file holds something else.
    """
    stored = job.load_result(_name(choice))
    return None if stored is None else [from_json(LabelChoice, one, _name(choice)) for one in stored["labels"]]


def settings_of_choices(
    context: JobContext, choice: StrategyChoice, choices: Sequence[LabelChoice]
) -> InferenceSettings:
    """How a strategy's final model segments: as all models of the job, and with what was chosen for its labels.

    Args:
        context: The job's labels, and how its models segment.
        choice: The strategy.
        choices: What was chosen for each of the job's labels.
    """
    if STRATEGIES[choice.name].keeps_labels:
        # The network's output is changed before it is translated, so labels have the model's names.
        names = dict(zip(context.task.names, context.task.values, strict=True))
        own = own_names(context.task, context.card)
        choices = [replace(one, label=own[names[one.label]]) for one in choices if names[one.label] in own]
    return settings_with(context.card.inference, choices)


def save_label_choices(job: JobFolder, choice: StrategyChoice, choices: Sequence[LabelChoice]) -> None:
    """Store what was chosen for each label of a strategy.

    Raises:
        JobError: It cannot be written.
    """
    job.save_result(_name(choice), {"labels": to_json(list(choices))})


def drop_label_choices(job: JobFolder, choice: StrategyChoice) -> None:
    """Delete what was chosen for the labels of a strategy: what its folds segmented is no more.

    Raises:
        JobError: It cannot be deleted.
    """
    job.drop_result(_name(choice))


def _name(choice: StrategyChoice) -> str:
    return f"chosen-post-processing.{choice.slug}"
