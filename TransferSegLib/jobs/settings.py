"""The run settings of each strategy. A job stores them, so that every fold and every resumed run has the same."""

from __future__ import annotations

from TransferSegLib.core.records import from_json, to_json
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.formats import settings_of_this_format
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.training.loop import RunSettings


def load_settings(job: JobFolder, choice: StrategyChoice) -> RunSettings | None:
    """The settings with which a strategy began in this job; None where none of its units has begun.

    Args:
        job: The job.
        choice: The strategy.

    Raises:
        InputError: The file holds something else.
    """
    stored = job.load_result(_name(choice))
    return (
        None if stored is None else from_json(RunSettings, settings_of_this_format(stored), f"settings of {choice.key}")
    )


def save_settings(job: JobFolder, choice: StrategyChoice, settings: RunSettings) -> None:
    """Store the settings that a strategy is trained with.

    Args:
        job: The job.
        choice: The strategy.
        settings: The settings.

    Raises:
        JobError: They cannot be written.
    """
    job.save_result(_name(choice), to_json(settings))


def _name(choice: StrategyChoice) -> str:
    return f"settings.{choice.slug}"
