"""The slabs of logits that segmenting takes one after the other, put together."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from TransferSegLib.inference.windows import Size, logit_slabs
from TransferSegLib.networks.execution import ExecutionConfig
from TransferSegLib.networks.staged import StagedNetwork


def whole_logits(
    network: StagedNetwork,
    image: Tensor,
    patch_size: Size,
    execution: ExecutionConfig,
    on_window: Callable[[], None] = lambda: None,
) -> Tensor:
    """The logits of an image (C, I, J, K) at once, (classes, I, J, K) float32 on the CPU; see `logit_slabs`."""
    logits = torch.empty(0)
    for slab in logit_slabs(network, image, patch_size, execution, on_window):
        if not logits.numel():
            logits = torch.empty(slab.logits.shape[0], *image.shape[1:])
        logits.narrow(1 + slab.axis, slab.begin, slab.logits.shape[1 + slab.axis]).copy_(slab.logits)
    return logits
