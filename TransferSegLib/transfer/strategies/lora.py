"""Low-rank adapters: the source's weights stay as they are, and a small change of each is learned beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from TransferSegLib.core.declarations import Option
from TransferSegLib.transfer.plan import (
    Strategy,
    Transfer,
    TransferPlan,
    also_trained,
)

# The learning rate of the adapters and of what is trained beside them: docs/strategies.md has what was measured.
RATE = 1e-2


def plan(transfer: Transfer, options: Mapping[str, Any]) -> TransferPlan:
    """Learn a change of low rank for each convolution and each fully connected layer (Hu et al. 2022, LoRA).

    The output layer is trained as usual, and so are layers that the source does not have; normalisation, and all else of the
    source, is frozen. The change is 0 at first, so that the training begins at the source model. It becomes part of the
    weights at the end, so that the model is a plain network.

    Args:
        transfer: The source model, its weights, and the target's labels and channels.
        options: The strategy's options: name → value, checked.

    Returns:
        The network with its weights, and which of its layers are trained.
    """
    from TransferSegLib.networks.low_rank import ADAPTED, add_adapters
    from TransferSegLib.networks.staged import leaves

    network, report = transfer.carried_network()
    named = list(leaves(network))
    trainable = {name: RATE for stage, name, _ in named if stage == "head"}
    more = sorted(set(report.new_layers) - set(trainable))
    trainable |= dict.fromkeys(more, RATE)
    layers = [name for _, name, module in named if isinstance(module, ADAPTED) and name not in trainable]
    trainable |= dict.fromkeys(add_adapters(network, layers, options["rank"], transfer.seed), RATE)
    return TransferPlan("lora", network, transfer.card.network, trainable, report, notes=also_trained(more))


STRATEGY = Strategy(
    name="lora",
    title="Fine-tune with small changes everywhere",
    when="When you have few cases and scans that look different: every layer adapts, but only by a small change.",
    paper="Hu et al. 2022 (LoRA)",
    plan=plan,
    encoder="frozen, with a change of low rank",
    decoder="frozen, with a change of low rank",
    options=(
        Option(
            "rank",
            "whole number",
            "Rank of the changes",
            "The rank of the change that each layer may learn. The higher it is, the closer this is to training everything.",
            default=8,
            least=1,
            most=1024,
        ),
    ),
)
