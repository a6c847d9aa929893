"""Training from scratch: nothing is carried over. The baseline of all five papers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from TransferSegLib.transfer.plan import Strategy, Transfer, TransferPlan, trainable_everywhere


def plan(transfer: Transfer, options: Mapping[str, Any]) -> TransferPlan:
    """Train every layer of the source's architecture from new weights.

    Args:
        transfer: The source model, its weights, and the target's labels and channels.
        options: The strategy's options: name → value, checked.

    Returns:
        The network with its weights, and which of its layers are trained.
    """
    network = transfer.new_network()
    return TransferPlan("scratch", network, transfer.card.network, trainable_everywhere(network, network.learning_rate))


STRATEGY = Strategy(
    name="scratch",
    title="From scratch",
    when="When you have many cases, or want to see what the source model is worth.",
    paper="all five papers",
    plan=plan,
    encoder="new",
    decoder="new",
    head="new",
    needs_segmentation=False,
)
