"""The model that a stopped job leaves: what was trained last, blended with what it began from as its strategy blends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from torch import Tensor

from TransferSegLib.evaluation.comparison import BASELINE
from TransferSegLib.jobs.choices import ADAPTED_SHARE, chosen_of
from TransferSegLib.jobs.models import TrainedModel
from TransferSegLib.jobs.results import unit_results
from TransferSegLib.jobs.unit import JobRun, Unit
from TransferSegLib.transfer.blending import KNOWS, LIKELY_SHARES, blend


def stopped_model(
    run: JobRun, unit: Unit, model: TrainedModel, beginning: Mapping[str, Tensor], early: bool = False
) -> Callable[[], TrainedModel]:
    """What makes the model of a stopped job, should it be asked for.

    Args:
        run: What the units share.
        unit: The unit that trained it.
        model: The model, whose network has the adapted weights now. It takes others while shares are scored.
        beginning: The weights that its training began with; empty where there is nothing to blend with them.
        early: Whether it has the weights of a step before the end of the budget, because folds chose so; these stay then.
    """
    mapping = model.plan.mapping
    if mapping is None or not beginning:
        return lambda: model
    adapted = {name: tensor.detach().to("cpu", copy=True) for name, tensor in model.plan.network.state_dict().items()}

    def blended() -> TrainedModel:
        share = 1.0 if early else share_when_stopped(run, unit)
        model.plan.network.load_state_dict(blend(beginning, adapted, share, mapping))
        return replace(model, share=share, chosen_as=unit.share_as)

    return blended


def share_when_stopped(run: JobRun, unit: Unit) -> float:
    """The share of the adapted weights in the model of a stopped job; no case is looked at for it.

    Args:
        run: What the units share.
        unit: The unit that trained the model.

    Returns:
        The share that a person asked for, or that was chosen by scores. Else the likeliest; but 1 where the source model
        lacks a label, or its scores in the job say that it does not know what the cases show: there weights between may be
        worse than either.
    """
    if unit.share or run.options.adapted_share is not None:
        return float(unit.share or run.options.adapted_share or 0)
    made = chosen_of(run.job, ADAPTED_SHARE, unit.share_as)
    if made is not None:
        of_fold = unit.fold is not None and bool(made.of_folds)
        return float(made.of_folds[unit.fold.number] if unit.fold is not None and of_fold else made.chosen)
    scored = [one.mean_dice for one in unit_results(run.job, run.context.spec) if one.strategy == BASELINE]
    known = [dice for dice in scored if dice is not None]
    unknown = bool(run.context.task.new_names) or (bool(known) and sum(known) / len(known) < KNOWS)
    return 1.0 if unknown else LIKELY_SHARES[0]
