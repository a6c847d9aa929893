"""Weights between the source's and the adapted ones.

Fine-tuning on few cases gains on what they show and loses some of what the source knew. Weights on the straight line
between the two often keep both (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models", CVPR: weight-space
ensembling, WiSE-FT).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from TransferSegLib.networks.low_rank import merged
from TransferSegLib.sources.mapping import MappingReport
from TransferSegLib.transfer.plan import TransferPlan

# What is tried where no other cases than those that were trained on can say which share is best.
LIKELY_SHARES = (0.5, 0.75, 1.0)
# A source model that has less than this share of the adapted model's Dice knows too little of what the target looks like:
# every step back to it loses. A source that knew nothing lost 0.02 with 0.75 in place of 1.
KNOWS = 0.5
# How much lower the Dice on the training cases may be with blended weights than with the adapted ones, which overfit to them.
# A robust source lost 0.024 there with 0.5, and gained on other cases.
TOLERANCE = 0.04


def can_blend(mapping: MappingReport | None) -> bool:
    """Whether a plan has weights of the source's, so that there is something to blend with."""
    return mapping is not None and any(entry.status in ("loaded", "adapted") for entry in mapping.entries)


def beginning_of(plan: TransferPlan) -> dict[str, Tensor]:
    """A copy of the weights that a plan's training begins with; empty where there is nothing to blend with them.

    They are by the names of the plain network, which the plan has once it is finished.
    """
    if not can_blend(plan.mapping):
        return {}
    return {name: tensor.detach().to("cpu", copy=True) for name, tensor in merged(plan.network.state_dict()).items()}


def blend(
    source: Mapping[str, Tensor], adapted: Mapping[str, Tensor], share: float, mapping: MappingReport
) -> dict[str, Tensor]:
    """Take weights between those that a training began with and those that it ended with.

    A value that was carried over becomes (1 - share) · source + share · adapted, running statistics included. What was new
    when the training began (a layer, or the rows of a new class) and whole numbers stay as adapted.

    Args:
        source: The weights that the training began with, by name.
        adapted: The weights that it ended with.
        share: The share of the adapted weights, 0…1. With 1 the result is `adapted`.
        mapping: Which of the weights were carried over.

    Returns:
        The weights between, on the device of `adapted`.
    """
    carried = {entry.name for entry in mapping.entries if entry.status in ("loaded", "adapted")}
    blended = dict(adapted)
    if share == 1:
        return blended
    for name, after in adapted.items():
        if name not in carried or not after.is_floating_point():
            continue
        before = source[name].to(after.device, after.dtype)
        between = torch.lerp(before, after, share)
        new = mapping.fresh.get(name)
        blended[name] = between if new is None else torch.where(new.to(after.device), after, between)
    return blended


def share_of_trained_cases(
    dice: Callable[[float], float], shares: Sequence[float] = LIKELY_SHARES, tolerance: float = TOLERANCE
) -> tuple[float, dict[float, float]]:
    """Choose a share where only cases that were trained on can be looked at.

    They cannot say what is best elsewhere, but they can say where the weights between are unsound: between what the source
    knew and what was learned there may be a valley, in which neither is left. So the smallest share is taken that is about
    as good on them as the adapted weights; and the adapted weights, where the source knew nothing of what they show.

    Args:
        dice: Gives the mean Dice of a share on cases that were trained on.
        shares: What there is to choose from, from the smallest to 1.
        tolerance: How much less Dice than with 1 is about as good.

    Returns:
        The share, and the Dice of each share that was looked at.
    """
    found = {0.0: dice(0.0), 1.0: dice(1.0)}
    chosen = 1.0
    if found[0.0] >= KNOWS * found[1.0]:
        for share in shares:
            if share not in found:
                found[share] = dice(share)
            if found[share] >= found[1.0] - tolerance:
                chosen = share
                break
    return chosen, dict(sorted(found.items()))
