"""What the folds' cases chose for the labels of a strategy, as a job keeps it."""

from __future__ import annotations

from collections.abc import Sequence

from TransferSegLib.core.records import from_json, to_json
from TransferSegLib.evaluation.post_processing_choice import LabelChoice
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import StrategyChoice


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


def save_label_choices(job: JobFolder, choice: StrategyChoice, choices: Sequence[LabelChoice]) -> None:
    """Store what was chosen for each label of a strategy.

    Raises:
        JobError: It cannot be written.
    """
    job.save_result(_name(choice), {"labels": to_json(list(choices))})


def _name(choice: StrategyChoice) -> str:
    return f"chosen-post-processing.{choice.slug}"
