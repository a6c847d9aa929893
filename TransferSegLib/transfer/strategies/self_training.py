"""Self-training: fine-tuning with the labels of the annotated cases, and with pseudo-labels of scans without labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from TransferSegLib.transfer.plan import Strategy, Transfer, TransferPlan, trainable_everywhere


def plan(transfer: Transfer, options: Mapping[str, Any]) -> TransferPlan:
    """Train every layer on annotated cases and on images alone, half of the patches each.

    The averaged weights of the training itself are the teacher (mean teacher, Tarvainen & Valpola, NeurIPS 2017). Its
    pseudo-labels count where two copies of a patch agree. In the first quarter of a training only labels count, so that a
    label that the source lacks is learned from annotated cases first.

    Args:
        transfer: The source model, its weights, and the target's labels and channels.
        options: The strategy's options: name → value, checked.

    Returns:
        The network with its weights, and which of its layers are trained.
    """
    network, report = transfer.carried_network()
    trainable = trainable_everywhere(network, transfer.rate(network))
    return TransferPlan("self-training", network, transfer.card.network, trainable, report, teach="pseudo-labels")


STRATEGY = Strategy(
    name="self-training",
    title="Fine-tune with unlabelled scans as well",
    when="When few scans are annotated and more are to be segmented: the model learns from both, where it is sure of itself. "
    "So a case that is scored was learned from as an image, never with its label.",
    paper="Tarvainen & Valpola, Mean teachers, NeurIPS 2017",
    plan=plan,
    needs_unlabelled=True,
)
