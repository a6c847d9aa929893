"""A final model whose weights are the mean of those of the models of the folds.

The mean of the weights of several fine-tunings of one model is often better than each of them, and one network as quick as
any (Wortsman et al. 2022, "Model soups", ICML). It stands in for a training on all cases where each fold has most of
the cases, and all of the folds' models lie between the source's weights and the adapted ones. That is where the source copes
with the target, and near it there is no valley between them. On shifted hippocampus cases the mean was as good as a training
on all cases, or better (docs/inference.md).
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import replace

from torch import Tensor

from TransferSegLib.cases.intensity_statistics import intensity_statistics
from TransferSegLib.core.records import from_json
from TransferSegLib.jobs.fold_models import FoldModels
from TransferSegLib.jobs.rates import rates_of
from TransferSegLib.jobs.results import UnitResult, unit_result
from TransferSegLib.jobs.stored_split import stored_folds
from TransferSegLib.jobs.unit import JobRun, Trained, Unit
from TransferSegLib.training.loop import Progress, RunSettings
from TransferSegLib.transfer.plan import TransferPlan

# What a weight may be called in a mapping report whose value the source model had.
CARRIED = ("loaded", "adapted", "unused")
# The share of the cases that each fold is trained on at least. Fewer would be missed.
MOST_CASES = 0.75


def averages_weights(run: JobRun, unit: Unit, plan: TransferPlan) -> bool:
    """Whether a unit's model may be the mean of those of the folds, instead of a training on all cases.

    So it is not where something in it began at random, which each fold has learned in its own way; nor where the training
    itself is looked at: for its snapshots, by cases to validate on, or for one of several learning rates.

    Args:
        run: What the job's units share.
        unit: The unit.
        plan: Its plan.
    """
    spec, mapping = run.context.spec, plan.mapping
    if unit.fold is not None or unit.rate is not None or spec.training.ensemble is not None:
        return False
    if run.context.validation or spec.training.snapshots or rates_of(spec, unit.choice):
        return False
    return mapping is not None and not mapping.fresh and all(one.status in CARRIED for one in mapping.entries)


def scored_folds(run: JobRun, unit: Unit) -> dict[int, UnitResult]:
    """The results of a final unit's folds, by their numbers; none where a fold has too few cases, or its model is not there.

    Args:
        run: What the job's units share.
        unit: The final unit.
    """
    files, found = FoldModels(run.job, unit.trained_as).files(), {}
    for fold in stored_folds(run.job):
        name = replace(unit, fold=fold, scored_as=None).name
        few = len(fold.train) < MOST_CASES * len(run.context.training_cases)
        if few or fold.number not in files or run.job.load_result(name) is None:
            return {}
        found[fold.number] = unit_result(run.job, name)
    return found


def lie_between(folds: Mapping[int, UnitResult]) -> bool:
    """Whether the models of at least two folds, and of all, lie between the source's weights and the adapted ones."""
    return len(folds) > 1 and all(one.adapted_share is not None and one.adapted_share < 1 for one in folds.values())


def mean_of_folds(
    run: JobRun, plan: TransferPlan, folds: Mapping[int, UnitResult], states: Mapping[str, Mapping[str, Tensor]]
) -> Trained:
    """Give a plan's network the mean of the weights of the models of the folds.

    Args:
        run: What the job's units share.
        plan: The plan of the final model.
        folds: The results of the folds.
        states: What each model is called → its weights by name.

    Returns:
        What the unit segments with.
    """
    mean: dict[str, Tensor] = {}
    for name, first in next(iter(states.values())).items():
        if first.is_floating_point():
            total = sum((state[name].double() for state in states.values()), start=first.double() * 0)
            mean[name] = (total / len(states)).to(first.dtype)
        else:
            mean[name] = first
    plan = plan.finish()
    run.segmenting().place(plan.network)
    plan.network.load_state_dict(mean)
    plan.network.eval()
    results = list(folds.values())
    settings = from_json(RunSettings, results[0].settings, "settings of a fold")
    share = statistics.fmean(one.adapted_share or 0.0 for one in results)
    images = (run.prepared.get(case).image for case in run.context.training_cases)
    return Trained(
        plan,
        settings,
        Progress(max(one.steps for one in results), seconds=None),
        results[0].learning_rate,
        share=share,
        intensities=intensity_statistics(images),
        mean_of=len(states),
    )
