"""A frozen encoder computes the features of each batch once.

Where everything up to the bottleneck is frozen, a training goes through a fixed number of augmented batches again and again.
Their features are kept, so that every round but the first begins at the decoder, or after its frozen stages.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.modules.batchnorm import _BatchNorm

from TransferSegLib.networks.execution import ExecutionConfig
from TransferSegLib.networks.staged import Features, leaves
from TransferSegLib.transfer.plan import TransferPlan

KEPT_BYTES = 256 * 2**20
# With fewer batches the decoder would overfit to them; with more, little is saved in a few hundred steps.
FEWEST_BATCHES, MOST_BATCHES = 24, 48
# Batches whose mean and variance the normalisation of a random encoder is given.
STATISTICS_BATCHES = 16

Batch = tuple[Tensor, Tensor]


class FrozenEncoder:
    """The features of a training's batches; step n sees batch n modulo `cycle`."""

    def __init__(self, plan: TransferPlan, execution: ExecutionConfig, batch: Callable[[int], Batch]) -> None:
        """Make the store; no features are computed yet.

        Args:
            plan: The plan, whose encoder is frozen.
            execution: How the network is run.
            batch: Gives the images (B, C, I, J, K) and classes (B, 1, I, J, K) of batch n, on the network's device.
        """
        self.plan, self.execution = plan, execution
        self._batch = batch
        self._kept: dict[int, tuple[Features, Tensor]] = {}

    @functools.cached_property
    def cycle(self) -> int:
        """How many batches are kept; 0 if too few fit into memory to be worthwhile."""
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
        """The features of a step's batch, and its classes (B, 1, I, J, K)."""
        number = step % self.cycle
        if number not in self._kept:
            self._kept[number] = self._encoded(number)
        return self._kept[number]

    def _encoded(self, number: int) -> tuple[Features, Tensor]:
        images, classes = self._batch(number)
        return encode(self.plan, self.execution, images), classes


def encoder_is_frozen(plan: TransferPlan) -> bool:
    """Whether nothing up to and including the bottleneck is trained, but something after it is."""
    parts = {stage.name for stage in plan.network.stages() if stage.part in ("encoder", "bottleneck")}
    return bool(plan.trainable) and parts <= set(plan.frozen_prefix)


def measure_statistics(plan: TransferPlan, execution: ExecutionConfig, batch: Callable[[int], Batch]) -> None:
    """Give the batch normalisation of frozen layers the mean and variance of what they see, instead of 0 and 1.

    Random layers that are frozen never saw an image, so their running statistics say nothing: with 0 and 1 the features
    shrink from layer to layer. The statistics are measured once, before the training, and stay: a resumed training has the
    same ones, and the features of a batch can be kept. Karimi 2021 §3.7 does not say what normalises the frozen encoder.

    Args:
        plan: The plan, whose frozen layers were drawn at random.
        execution: How networks run on this machine.
        batch: Gives the images (B, C, I, J, K) and classes of batch n, on the network's device.
    """
    frozen = [
        module
        for _, name, module in leaves(plan.network)
        if name not in plan.trainable and isinstance(module, _BatchNorm) and module.track_running_stats
    ]
    if not frozen:
        return
    plan.network.eval()
    momenta = [module.momentum for module in frozen]
    for module in frozen:
        module.reset_running_stats()
        module.momentum = None  # the mean over all batches
        module.train()
    with torch.no_grad(), execution.autocast():
        for number in range(STATISTICS_BATCHES):
            plan.network.encode(batch(number)[0])
    for module, momentum in zip(frozen, momenta, strict=True):
        module.momentum = momentum
        module.eval()


def encode(plan: TransferPlan, execution: ExecutionConfig, images: Tensor) -> Features:
    """Run images through the frozen stages, without gradients and in evaluation mode.

    Args:
        plan: The plan, whose encoder is frozen.
        execution: How networks run on this machine.
        images: (B, C, I, J, K), on the device.

    Returns:
        The features after the last frozen stage.
    """
    plan.training_mode()
    frozen_decoder = [name for name in plan.frozen_prefix if name.startswith("decoder.")]
    with torch.no_grad(), execution.autocast():
        return plan.network.decode_some(plan.network.encode(images), len(frozen_decoder))
