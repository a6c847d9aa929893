"""Hybrid transfer: the source's encoder, frozen, beside a new one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from TransferSegLib.core.card import CardNetwork
from TransferSegLib.core.declarations import Option
from TransferSegLib.transfer.plan import (
    ENCODER,
    Strategy,
    Transfer,
    TransferPlan,
    trainable_in,
)

# What is new in the network, for the report of the weights.
_NEW = {
    "source": "of the new encoder, or of its fusion with the source's",
    "new": "of the new encoder, of its fusion with the source's, or of the new decoder",
}


def plan(transfer: Transfer, options: Mapping[str, Any]) -> TransferPlan:
    """Train a new encoder beside the source's frozen one; their features are joined for one decoder (Mecheter 2023 §3.3.3).

    The paper contradicts itself about how the decoder begins: §3.3.3 trains the «dedicated encoder» from scratch and names no
    beginning of the decoder, §3.5 has «the dedicated decoder» trained from scratch. Here both can be chosen. `new`
    is what §3.5 says; `source` is the default, because it was better in few steps (docs/strategies.md has the numbers).

    Args:
        transfer: The source model, its weights, and the target's labels and channels.
        options: The strategy's options: name → value, checked.

    Returns:
        The network with its weights, and which of its layers are trained.
    """
    import torch

    from TransferSegLib.networks import build

    carried, report = transfer.carried_network()
    base = transfer.card.network
    card = CardNetwork("hybrid", {"network": base.name, "arguments": dict(base.arguments), "fusion": options["fusion"]})
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(transfer.seed)
        network = build(card.name, len(transfer.source_channels), transfer.classes, card.arguments)
    network.regions = carried.regions
    state = carried.state_dict()
    encoder = network.get_submodule("adapted")
    encoder.load_state_dict({k: state[k] for k in encoder.state_dict()})
    dedicated = network.get_submodule("dedicated")
    new_parts = ENCODER if options["decoder"] == "source" else (*ENCODER, "decoder", "head")
    fresh = {name for stage in carried.stages() if stage.part in new_parts for name in stage.modules}
    scratch = {k: v.clone() for k, v in dedicated.state_dict().items() if any(k.startswith(f"{n}.") for n in fresh)}
    dedicated.load_state_dict(state | scratch)
    trainable = trainable_in(network, ("encoder", "bottleneck", "fusion"), carried.learning_rate)
    trainable |= trainable_in(
        network,
        ("decoder", "head"),
        transfer.rate(carried) if options["decoder"] == "source" else carried.learning_rate,
    )
    origins = {f"adapted.{k}": k for k in encoder.state_dict()}
    origins |= {f"dedicated.{k}": k for k in state.keys() - scratch.keys()}
    report = report.within(network, origins, _NEW[options["decoder"]])
    return TransferPlan("hybrid", network, card, trainable, report)


STRATEGY = Strategy(
    name="hybrid",
    title="Two encoders, old and new",
    when="When the contrast is a different one but the anatomy the same: what the source knows is kept untouched beside it.",
    paper="Mecheter 2023 §3.3.3",
    plan=plan,
    encoder="frozen, a new one beside it",
    keeps_network=False,
    options=(
        Option(
            "fusion",
            "choice",
            "Fusion",
            "How the features of the two encoders are joined.",
            default="multiply",
            choices={
                "multiply": "multiplied",
                "concatenate": "side by side",
                "average": "averaged",
                "maximum": "the larger of the two",
            },
        ),
        Option(
            "decoder",
            "choice",
            "Decoder",
            "Which weights the decoder behind the two encoders begins with.",
            default="source",
            choices={"source": "with the source's weights", "new": "anew"},
        ),
    ),
)
