"""Conservative fine-tuning: some layers are trained, the others keep the source's weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from TransferSegLib.core.declarations import Option
from TransferSegLib.core.errors import InputError
from TransferSegLib.transfer.plan import (
    ENCODER,
    Strategy,
    Transfer,
    TransferPlan,
    also_trained,
    trainable_in,
)

if TYPE_CHECKING:
    from TransferSegLib.networks.staged import StagedNetwork

PARTS: Mapping[str, tuple[str, ...]] = {
    "head": ("head",),
    "decoder": ("decoder", "head"),
    "encoder": ENCODER,
    "encoder+head": (*ENCODER, "head"),
}


def plan(transfer: Transfer, options: Mapping[str, Any]) -> TransferPlan:
    """Train the output layer and the last convolutions before it, or a part of the network.

    `layers` counts as table 4 of Mecheter 2023 does: the convolutions before the output layer, which the paper calls «FC» and
    which is trained with any of them. 0 is the table's first row, the output layer alone; its other rows are 3, 6, 9, 12, 15
    and 18. The output layer is the network's last convolution. Mecheter 2020 tunes 2, 4, 6 and 8 in table III, and does not
    say whether its softmax layer is one of them; here it is not.

    `part=decoder` is from Mecheter 2020 §III-B, and the "partial fine-tuning" of Hossain 2023 §3.2.5 (head included).
    `part=encoder+head` and `part=encoder` are from Karimi 2021 §3.7, where the decoder's features are reused: the second
    keeps the output layer fixed, too. `part=norm` trains the scale and shift of normalisation alone (Karani et al. 2018,
    MICCAI, between scanners; Frankle et al. 2021, ICLR); running statistics follow the target's images where a network has
    them. Layers with weights that the source does not have are always trained.

    Args:
        transfer: The source model, its weights, and the target's labels and channels.
        options: The strategy's options: name → value, checked.

    Returns:
        The network with its weights, and which of its layers are trained.

    Raises:
        InputError: The network has no more convolutions before its output layer than `layers`, or its normalisation nothing
            to train.
    """
    from TransferSegLib.networks.staged import convolutions, leaves

    network, report = transfer.carried_network()
    if options.get("part") == "norm":
        trainable = _normalisation(network, transfer)
    elif "part" in options:
        trainable = trainable_in(network, PARTS[options["part"]], transfer.rate(network))
    else:
        layers = options["layers"]
        counted = [name for _, name, _ in convolutions(network)]
        if layers >= len(counted):
            raise InputError(
                "more-layers-than-convolutions",
                "strategy `{strategy}`: layers={layers}, but network `{network}` has {count} convolutions before its output "
                "layer; choose 0 to {count}.",
                strategy="conservative",
                layers=layers,
                network=transfer.card.network.name,
                count=len(counted) - 1,
            )
        names = [name for _, name, _ in leaves(network)]
        trainable = dict.fromkeys(names[names.index(counted[-1 - layers]) :], transfer.rate(network))
    # A layer that stays as it was drawn at random is worth nothing.
    more = sorted(set(report.new_layers) - set(trainable))
    trainable |= dict.fromkeys(more, transfer.rate(network))
    return TransferPlan("conservative", network, transfer.card.network, trainable, report, notes=also_trained(more))


def _normalisation(network: StagedNetwork, transfer: Transfer) -> dict[str, float]:
    """Make the normalisation layers that have parameters trainable: module name → learning rate."""
    from TransferSegLib.networks.staged import leaves
    from TransferSegLib.sources.mapping import NORMALISATIONS

    found = [
        name
        for _, name, module in leaves(network)
        if isinstance(module, NORMALISATIONS) and next(module.parameters(), None) is not None
    ]
    if not found:
        raise InputError(
            "normalisation-without-weights",
            "strategy `{strategy}`: part=norm, but the normalisation of network `{network}` has no weights that could be "
            "trained; choose another part, or strategy `{other}`.",
            strategy="conservative",
            network=transfer.card.network.name,
            other="lora",
        )
    return dict.fromkeys(found, transfer.rate(network))


STRATEGY = Strategy(
    name="conservative",
    title="Fine-tune the last layers",
    when="When you have very few cases (one to four), or scans that are close to the source's: it overfits least.",
    paper="Mecheter 2023 §3.3.2; Mecheter 2020; Hossain 2023; Karimi 2021 §3.7",
    plan=plan,
    encoder="frozen, or part of it trained",
    decoder="part of it trained",
    options=(
        Option(
            "layers",
            "whole number",
            "Last layers",
            "How many of the last convolutions are trained, beside the output layer; 0 is the output layer alone.",
            default=6,
            least=0,
            group="what is trained",
        ),
        Option(
            "part",
            "choice",
            "Part of the network",
            "Which part of the network is trained, in place of a number of layers.",
            choices={
                "head": "the output layer",
                "decoder": "the decoder",
                "encoder": "the encoder",
                "encoder+head": "the encoder and the output layer",
                "norm": "the normalisation alone",
            },
            group="what is trained",
        ),
    ),
)
