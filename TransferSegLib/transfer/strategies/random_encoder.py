"""Random encoder: the encoder keeps its random weights, the decoder is trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from TransferSegLib.transfer.plan import Strategy, Transfer, TransferPlan, trainable_in


def plan(transfer: Transfer, options: Mapping[str, Any]) -> TransferPlan:
    """Train decoder and head from scratch, with encoder and bottleneck frozen at random weights (Karimi 2021 §3.7).

    Args:
        transfer: The source model, its weights, and the target's labels and channels.
        options: The strategy's options: name → value, checked.

    Returns:
        The network with its weights, and which of its layers are trained.
    """
    network = transfer.new_network()
    trainable = trainable_in(network, ("decoder", "head"), network.learning_rate)
    return TransferPlan("random-encoder", network, transfer.card.network, trainable, frozen_is_random=True)


STRATEGY = Strategy(
    name="random-encoder",
    title="Random encoder, trained decoder",
    when="For research: how much of the result comes from trained encoder features at all.",
    paper="Karimi 2021 §3.7",
    plan=plan,
    encoder="random, frozen",
    decoder="new",
    head="new",
    needs_segmentation=False,
)
