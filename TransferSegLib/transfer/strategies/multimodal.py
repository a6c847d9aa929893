"""Multi-modality augmentation: one network is trained on the source's and the target's cases together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from TransferSegLib.transfer.plan import Strategy, Transfer, TransferPlan, trainable_everywhere


def plan(transfer: Transfer, options: Mapping[str, Any]) -> TransferPlan:
    """Train every layer on the source's and the target's cases together (Mecheter 2023 §3.3.4 and §4.6).

    The paper trains from scratch; here the network begins with the source's weights.

    Args:
        transfer: The source model, its weights, and the target's labels and channels.
        options: The strategy's options: name → value, checked.

    Returns:
        The network with its weights, and which of its layers are trained.
    """
    network, report = transfer.carried_network()
    trainable = trainable_everywhere(network, transfer.rate(network))
    return TransferPlan("multimodal", network, transfer.card.network, trainable, report, data="source+target")


STRATEGY = Strategy(
    name="multimodal",
    title="Train on old and new scans together",
    when="When you want one model that works on both kinds of scan. It takes the source's cases; where they are not given, "
    "digital heads stand for them if the source model is one of heads.",
    paper="Mecheter 2023 §3.3.4",
    plan=plan,
    needs_source_data=True,
)
