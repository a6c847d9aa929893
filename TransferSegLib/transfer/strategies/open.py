"""Open fine-tuning: every layer is trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from TransferSegLib.transfer.plan import Strategy, Transfer, TransferPlan, trainable_everywhere


def plan(transfer: Transfer, options: Mapping[str, Any]) -> TransferPlan:
    """Train every layer from the source's weights (Mecheter 2023 §3.3.1; "full fine-tuning" of Hossain 2023 §3.2.6).

    Args:
        transfer: The source model, its weights, and the target's labels and channels.
        options: The strategy's options: name → value, checked.

    Returns:
        The network with its weights, and which of its layers are trained.
    """
    network, report = transfer.carried_network()
    return TransferPlan(
        "open", network, transfer.card.network, trainable_everywhere(network, transfer.rate(network)), report
    )


STRATEGY = Strategy(
    name="open",
    title="Fine-tune everything",
    when="When your scans look quite different from the source's, and you have four cases or more.",
    paper="Mecheter 2023 §3.3.1; Hossain 2023; Karimi 2021",
    plan=plan,
)
