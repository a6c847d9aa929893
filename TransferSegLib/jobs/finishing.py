"""The end of a job: which strategy won, the scores, the kept model's card and the report."""

from __future__ import annotations

from dataclasses import replace

from TransferSegLib.core.card import read_card
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import to_json
from TransferSegLib.evaluation.comparison import BASELINE
from TransferSegLib.evaluation.lesions.tables import write_lesions
from TransferSegLib.evaluation.scores import write_scores
from TransferSegLib.evaluation.summary import Summary, summary_json, with_kept
from TransferSegLib.jobs.cards import code_facts, folds_in_mean, is_translated, own_names, with_scores
from TransferSegLib.jobs.choices_made import with_choices
from TransferSegLib.jobs.conditions import load_conditions
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.ensembles import about_ensemble, about_mean
from TransferSegLib.jobs.events import EventLog
from TransferSegLib.jobs.files import explain_write_errors, write_json
from TransferSegLib.jobs.folder import DIGESTS, JobFolder
from TransferSegLib.jobs.kept_source import scored_otherwise
from TransferSegLib.jobs.memory import peak_memory_mb
from TransferSegLib.jobs.reporting import ReportContext, write_report_of
from TransferSegLib.jobs.results import (
    UnitResult,
    best_validated,
    job_summary,
    left_out,
    seen_by_source,
    unit_results,
    validated_dice,
)
from TransferSegLib.jobs.source_offer import save_scored_otherwise
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.jobs.stored_split import stored_digests
from TransferSegLib.transfer.recommended import AUTO
from TransferSegLib.transfer.strategies import STRATEGIES


def best_strategy(job: JobFolder, context: JobContext) -> StrategyChoice:
    """The strategy with the best mean Dice on the cases that its models were not trained on, else on those to validate on.

    The last strategy of the job that was not left out, where no case was scored.

    Args:
        job: The job, with all its scores.
        context: What the job was made of.
    """
    results = unit_results(job, context.spec)
    summary = _summary(job, context, results)
    comparison = summary.out_of_fold or summary.test
    best = comparison.best if comparison else best_validated(results)
    strategies = [choice for choice in context.spec.strategies if choice.key not in left_out(job)]
    return next((choice for choice in strategies if choice.key == best), strategies[-1])


def finish_job(
    job: JobFolder, context: JobContext, log: EventLog, kept: StrategyChoice, with_report: bool = True
) -> Summary:
    """Write the scores, the kept model's card and the report.

    Args:
        job: The job's folder, in which all units have their results.
        context: What the job adapts to what.
        log: The job's events.
        kept: The strategy whose model is kept.
        with_report: Whether the report is written.

    Returns:
        All scores, which strategy won, and whether the kept model is below the source model.

    Raises:
        JobError: A file cannot be written.
    """
    log.phase(Problem("phase-reporting", "Writing the scores and the report", severity="note"))
    spec = context.spec
    results = unit_results(job, spec)
    # Of a job that recommends a strategy, the scores are those of `auto`, unless the source model as it is is kept.
    shown = StrategyChoice(AUTO) if spec.recommends and kept.key != BASELINE else kept
    summary = with_kept(_summary(job, context, results), shown.key, validated_dice(results))
    otherwise = _save_scored_otherwise(job, context, results, kept)
    with explain_write_errors(job.scores_csv, job.path):
        write_scores(job.scores_csv, [row for result in results for row in result.rows], of_job=True)
        if spec.lesions is not None:
            detected = [row for result in results for row in result.lesions]
            write_lesions(job.lesions_csv, detected, spec.lesions.connectivity, of_job=True)
    made_by = {**code_facts(), "job": to_json(spec), "kept": shown.key, "peak_memory_mb": peak_memory_mb()}
    if of_folds := _about_folds(job, context):
        made_by["ensemble"] = of_folds.sentence
    write_json(job.scores_json, {**summary_json(summary), "made_by": made_by}, job.path)
    _complete_card(job, context, log, kept, shown.key, summary, otherwise)
    notes = log.warnings + _notes(job, context, log)
    job.save_result("report", {"warnings": notes, "kept": shown.key})
    if with_report:
        with explain_write_errors(job.report, job.path):
            source = None if spec.source is None else context.card
            about = ReportContext(spec, context.target, source, context.task)
            write_report_of(job, about, results, summary, shown.key, notes)
    return summary


def _save_scored_otherwise(
    job: JobFolder, context: JobContext, results: list[UnitResult], kept: StrategyChoice
) -> Problem | None:
    """Store, and return, that the source model was scored otherwise than it segments by itself; None where that is not so."""
    conditions = load_conditions(job)
    was_scored = any(one.strategy == BASELINE and (one.rows or one.validation) for one in results)
    said = None
    if conditions is not None and was_scored:
        said = scored_otherwise(job, context, conditions, kept.key == BASELINE)
    save_scored_otherwise(job, said)
    return said


def _notes(job: JobFolder, context: JobContext, log: EventLog) -> list[str]:
    """Say in a sentence what the job goes on from, and that the kept model is more than one network, where that is so."""
    about = []
    if context.parent is not None:
        names = [case.name for case in (*context.training_cases, *context.validation, *context.tests)]
        changed = context.parent.other_voxels(names, stored_digests(job, DIGESTS))
        about = [context.parent.about, *([changed] if changed else [])]
    if of_folds := _about_folds(job, context):
        about.append(of_folds)
    for problem in about:
        log.tell("choice", problem)
    return [problem.sentence for problem in about]


def _about_folds(job: JobFolder, context: JobContext) -> Problem | None:
    """Say what the kept model has of the models of the folds; None where it has nothing of them."""
    card = read_card(job.model)
    if card.members:
        return about_ensemble(len(card.members), len(context.tests))
    count = folds_in_mean(card)
    return about_mean(count, len(context.tests)) if count else None


def _summary(job: JobFolder, context: JobContext, results: list[UnitResult]) -> Summary:
    summary = job_summary(context.spec, results, context.task, seen_by_source(job))
    return with_choices(job, context.spec, summary, results)


def _complete_card(
    job: JobFolder,
    context: JobContext,
    log: EventLog,
    kept: StrategyChoice,
    key: str,
    summary: Summary,
    otherwise: Problem | None,
) -> None:
    """Put the scores on the kept model's card, those of `key`, and warn where it segments other labels by itself.

    `otherwise` says that the source model was scored otherwise than it segments by itself.
    """
    card, names = read_card(job.model), context.labels
    if STRATEGIES[kept.name].keeps_labels:
        names = own_names(context.task, card)
        if is_translated(context.task, card) and STRATEGIES[kept.name].trains:
            log.warn(
                Problem(
                    "kept-model-has-source-labels",
                    "The kept model has the source model's labels: used by itself it segments these ({labels:…}), which are "
                    "translated into yours in this job alone",
                    {"labels": card.label_names},
                    "warning",
                )
            )
        elif is_translated(context.task, card):
            log.warn(
                Problem(
                    "kept-model-has-own-labels",
                    "The kept model is the source model as it is: used by itself it segments its own labels ({labels:…}), "
                    "which are translated into yours in this job alone",
                    {"labels": card.label_names},
                    "warning",
                )
            )
    if summary.verdict.kind == "seen by the source":  # such scores say nothing of the model
        return
    chosen = context.spec.kept is None and len(context.spec.strategies) > 1 and not context.spec.recommends
    card = with_scores(card, summary, key, names, chosen, otherwise is not None and kept.key == BASELINE)
    if summary.against_source is not None:
        card = replace(card, made_by={**card.made_by, "against_source": to_json(summary.against_source)})
    write_json(job.model / "card.json", card, job.path)
