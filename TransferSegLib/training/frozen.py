"""A frozen encoder looks at each batch once.

Where everything up to the bottleneck is frozen, a training goes round a fixed number of augmented batches, as many as fit
into memory as features, and every later round begins at the decoder, or after its frozen stages.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import torch
from torch import Tensor

from TransferSegLib.networks.execution import ExecutionConfig
from TransferSegLib.networks.staged import Features
from TransferSegLib.transfer.plan import TransferPlan

KEPT_BYTES = 256 * 2**20
# Fewer than this and the decoder would learn them by heart; more and little is left to save in a few hundred steps.
FEWEST_BATCHES, MOST_BATCHES = 24, 48

Batch = tuple[Tensor, Tensor]


class FrozenEncoder:
    """Features of the batches of a training: batch number `step` modulo `cycle`, computed when first asked for.

    `batch(n)` gives images (B, C, I, J, K) and classes (B, 1, I, J, K) of batch n, on the network's device.
    """

    def __init__(self, plan: TransferPlan, execution: ExecutionConfig, batch: Callable[[int], Batch]) -> None:
        self.plan, self.execution = plan, execution
        self._batch = batch
        self._kept: dict[int, tuple[Features, Tensor]] = {}

    @functools.cached_property
    def cycle(self) -> int:
        """How many batches are kept; 0 where memory is for so few that it is better not to."""
        self._kept[0] = self._encoded(0)
        features, classes = self._kept[0]
        # A map that is handed over twice is kept once.
        tensors = {id(tensor): tensor for tensor in (features.bottleneck, *features.skips, *features.indices, classes)}
        cycle = min(KEPT_BYTES // sum(t.numel() * t.element_size() for t in tensors.values()), MOST_BATCHES)
        if cycle < FEWEST_BATCHES:
            self._kept.clear()
            return 0
        return cycle

    def __call__(self, step: int) -> tuple[Features, Tensor]:
        number = step % self.cycle
        if number not in self._kept:
            self._kept[number] = self._encoded(number)
        return self._kept[number]

    def _encoded(self, number: int) -> tuple[Features, Tensor]:
        images, classes = self._batch(number)
        return encode(self.plan, self.execution, images), classes


def encoder_is_frozen(plan: TransferPlan) -> bool:
    """Whether nothing up to and including the bottleneck moves."""
    parts = {stage.name for stage in plan.network.stages() if stage.part in ("encoder", "bottleneck")}
    return bool(plan.trainable) and parts <= set(plan.frozen_prefix)


def encode(plan: TransferPlan, execution: ExecutionConfig, images: Tensor) -> Features:
    """Images (B, C, I, J, K) through everything that is frozen, without gradients, in evaluation mode."""
    plan.training_mode()
    frozen_decoder = [name for name in plan.frozen_prefix if name.startswith("decoder.")]
    with torch.no_grad(), execution.autocast():
        return plan.network.decode_some(plan.network.encode(images), len(frozen_decoder))
