"""What a job chose by its scores, put into its summary and its verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from TransferSegLib.evaluation.summary import Summary
from TransferSegLib.evaluation.verdict import recommended, under_other_conditions
from TransferSegLib.jobs.choices import choices_of
from TransferSegLib.jobs.conditions import load_conditions, warn_of_other_conditions
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.rates import chosen_rates
from TransferSegLib.jobs.recommended import stored_recommendation
from TransferSegLib.jobs.results import UnitResult
from TransferSegLib.jobs.spec import JobSpec


def with_choices(job: JobFolder, spec: JobSpec, summary: Summary, results: Sequence[UnitResult]) -> Summary:
    """Add what was chosen to the summary of a job's scores.

    Args:
        job: The job.
        spec: What it is asked to do.
        summary: Its scores.
        results: The results of its units.

    Returns:
        The summary. Its verdict says so where trainings were in different precisions. Where a strategy is recommended, the
        verdict begins with it, or is nothing else.
    """
    conditions = load_conditions(job)
    mixed = conditions and warn_of_other_conditions([one for one in results if one.settings is not None], conditions)
    if mixed and summary.verdict.kind != "no scores":
        summary = replace(summary, verdict=under_other_conditions(summary.verdict, mixed))
    summary = replace(summary, learning_rates=chosen_rates(job, spec), choices=choices_of(job, spec, results))
    made = stored_recommendation(job)
    if made is None:
        return summary
    return replace(summary, recommendation=made, verdict=recommended(summary.verdict, made))
