"""The source model as it is: the score before any adaptation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from TransferSegLib.transfer.plan import Strategy, Transfer, TransferPlan


def plan(transfer: Transfer, options: Mapping[str, Any]) -> TransferPlan:
    """Train nothing (Mecheter 2023 §4.1, Mecheter 2020).

    The network keeps the source's labels, and its output is translated to the target's.

    Args:
        transfer: The source model, its weights, and the target's labels and channels.
        options: The strategy's options: name → value, checked.

    Returns:
        The network with its weights, and which of its layers are trained.
    """
    from TransferSegLib.sources.mapping import map_weights, variable_axes

    card = transfer.card
    classes = len(card.labels) + 1
    network = transfer.new_network(classes)
    report = map_weights(
        network,
        transfer.state,
        class_axes={},
        channel_axes=variable_axes(card.network.name, card.network.arguments, "channels"),
        source_classes=tuple((c,) for c in range(classes)),
        source_channels=transfer.source_channels,
        minimum_share=1.0,
    )
    return TransferPlan("direct", network, card.network, {}, report, predicts_source_labels=True)


STRATEGY = Strategy(
    name="direct",
    title="Source model as it is",
    when="When your scans look like those that the model was made for; and always, as what the others are measured against.",
    paper="Mecheter 2023 §4.1; Mecheter 2020",
    plan=plan,
    encoder="frozen",
    decoder="frozen",
    head="frozen",
    trains=False,
    keeps_labels=True,
)
