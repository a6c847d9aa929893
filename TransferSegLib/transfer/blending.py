"""Weights between the source's and the adapted ones.

Fine-tuning on few cases gains on what they show and loses some of what the source knew. Weights on the straight line
between the two often keep both (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models", CVPR: weight-space
ensembling, WiSE-FT).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from TransferSegLib.sources.mapping import MappingReport

# What is tried where no other cases than those that were trained on can say which share is best.
LIKELY_SHARES = (0.5, 0.75, 1.0)
# How much Dice on the cases that were trained on the weights between may have less than the adapted ones. These have
# learned their own cases by heart, so that a robust source loses some there and gains elsewhere. Where the source knows
# nothing of what the target looks like, half-way weights lose more.
TOLERANCE = 0.03


def can_blend(mapping: MappingReport | None) -> bool:
    """Whether a plan has weights of the source's, so that there is something to blend with."""
    return mapping is not None and any(entry.status in ("loaded", "adapted") for entry in mapping.entries)


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


def share_without_valley(
    dice: Callable[[float], float], shares: Sequence[float] = LIKELY_SHARES, tolerance: float = TOLERANCE
) -> tuple[float, dict[float, float]]:
    """Choose the smallest share that is about as good, on the cases that were trained on, as the adapted weights.

    Between two sets of weights there may be a valley, in which neither what the source knew nor what was learned is left.
    Then the adapted weights are taken.

    Args:
        dice: Gives the mean Dice of a share on cases that were trained on.
        shares: What there is to choose from, from the smallest to 1.
        tolerance: How much less Dice than with 1 is about as good.

    Returns:
        The share, and the Dice of each share that was looked at.
    """
    found = {1.0: dice(1.0)}
    for share in shares:
        if share not in found:
            found[share] = dice(share)
        if found[share] >= found[1.0] - tolerance:
            return share, dict(sorted(found.items()))
    return 1.0, dict(sorted(found.items()))
