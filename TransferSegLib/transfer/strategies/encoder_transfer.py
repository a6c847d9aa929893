"""Encoder transfer: the encoder begins with the source's weights, decoder and head are new."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from TransferSegLib.transfer.plan import ENCODER, Strategy, Transfer, TransferPlan, trainable_in


def plan(transfer: Transfer, options: Mapping[str, Any]) -> TransferPlan:
    """Train all layers; encoder and bottleneck begin with the source's weights, the rest is new (Zoetmulder 2022).

    Args:
        transfer: The source model, its weights, and the target's labels and channels.
        options: The strategy's options: name → value, checked.

    Returns:
        The network with its weights, and which of its layers are trained.
    """
    carried, report = transfer.carried_network()
    network = transfer.new_network()
    kept = [name for stage in carried.stages() if stage.part in ENCODER for name in stage.modules]
    state = network.state_dict()
    state.update({k: v for k, v in carried.state_dict().items() if any(k.startswith(f"{n}.") for n in kept)})
    network.load_state_dict(state)
    trainable = trainable_in(network, ENCODER, transfer.rate(network))
    trainable |= trainable_in(network, ("decoder", "head"), network.learning_rate)
    return TransferPlan(
        "encoder-transfer", network, transfer.card.network, trainable, report.only(tuple(kept), network)
    )


STRATEGY = Strategy(
    name="encoder-transfer",
    title="Keep the encoder, new decoder",
    when="When what is to be segmented is a different thing from what the source model segments.",
    paper="Zoetmulder 2022",
    plan=plan,
    decoder="new",
    head="new",
    needs_segmentation=False,
)
