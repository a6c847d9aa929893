"""The models that segmented the cases of a job's folds: with the steps and the share of the adapted weights that each has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from torch import Tensor

from TransferSegLib.jobs.choices import part_of_steps
from TransferSegLib.jobs.fold_looks import FoldLooks
from TransferSegLib.jobs.fold_models import FoldModels
from TransferSegLib.jobs.folds import Fold
from TransferSegLib.jobs.recommended import stored_recommendation
from TransferSegLib.jobs.results import unit_result
from TransferSegLib.jobs.spec import StrategyChoice
from TransferSegLib.jobs.unit import JobRun
from TransferSegLib.transfer.blending import beginning_of, blend
from TransferSegLib.transfer.plan import TransferPlan


def scored_model(
    run: JobRun, plan: TransferPlan, fold: Fold, trained_as: StrategyChoice, scored_as: StrategyChoice
) -> Mapping[str, Tensor]:
    """The model that segmented the cases of a fold.

    Args:
        run: What the job's units share.
        plan: What the fold's training began with.
        fold: The fold, which is scored.
        trained_as: What the strategy is called in the files that the fold's training left.
        scored_as: What it is called in the fold's result.

    Returns:
        Its weights by name.

    Raises:
        InputError: A file is gone or damaged.
    """
    part = part_of_steps(run.job, trained_as, fold.number)
    earlier = None if part == "1" else FoldLooks(run.job, trained_as, fold.number).load(part)
    state = FoldModels(run.job, trained_as).load(fold.number) if earlier is None else earlier
    share = unit_result(run.job, f"{scored_as.slug}.fold{fold.number}").adapted_share
    if share is not None and plan.mapping is not None:
        state = blend(beginning_of(plan), state, share, plan.mapping)
    return state


def keep_scored_models(run: JobRun, kept: StrategyChoice, choice: StrategyChoice, folds: Sequence[Fold]) -> None:
    """Keep the models that segmented the cases of the folds of the kept strategy, and what each of them has seen.

    A job can go on from them. What was kept by an earlier run of the job stays.

    Args:
        run: What the job's units share.
        kept: What the kept strategy is called in the folds' files and results.
        choice: The kept strategy itself; where the job recommends one, a fold may have another.
        folds: The folds of the job.

    Raises:
        InputError: What a fold has left is damaged.
        JobError: A file cannot be written.
    """
    models = FoldModels(run.job, kept)
    recommended = stored_recommendation(run.job) if run.context.spec.recommends else None
    plans: dict[object, TransferPlan] = {}
    for fold in folds:
        if models.record(fold.number) is not None or not models.file(fold.number).is_file():
            continue
        own = choice
        if recommended is not None and recommended.of_folds:
            own = StrategyChoice.parse(recommended.of_folds[fold.number])
        # Without a parent all folds begin alike, but for layers that are new, and these are not blended.
        key = own.key, fold.number if run.context.spec.parent else None
        plan = plans[key] if key in plans else plans.setdefault(key, run.plans.make(own, fold))
        state = scored_model(run, plan, fold, kept, kept)
        own_labels = plan.predicts_source_labels
        labels = run.context.card.label_names if own_labels else run.context.task.names
        seen = run.models.seen(plan, fold)
        models.save_scored(fold.number, state, plan.network_card, labels, own_labels, seen)
    models.drop_trained()
