"""Conservative fine-tuning: some layers are trained, the others keep the source's weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from TransferSegLib.core.declarations import Option
from TransferSegLib.core.errors import InputError
from TransferSegLib.transfer.plan import (
    CARRIED_RATE,
    ENCODER,
    NEW_RATE,
    Strategy,
    Transfer,
    TransferPlan,
    trainable_in,
)

PARTS: Mapping[str, tuple[str, ...]] = {
    "head": ("head",),
    "decoder": ("decoder", "head"),
    "encoder+head": (*ENCODER, "head"),
}


def plan(transfer: Transfer, options: Mapping[str, Any]) -> TransferPlan:
    """Train the last convolutions and what follows them, or a part of the network.

    `layers` is from Mecheter 2023 §3.3.2, who try 1, 3, 6, 9, 12, 15 and 18. `part=decoder` is from Mecheter 2020, and the
    "partial fine-tuning" of Hossain 2023 §3.2.4 (head included). `part=encoder+head` is from Karimi 2021 §3.7. Layers with
    weights that the source does not have are always trained.

    Raises:
        InputError: The network has fewer convolutions than `layers`.
    """
    from TransferSegLib.networks.staged import convolutions, leaves
    from TransferSegLib.sources.mapping import variable_axes

    network, report = transfer.carried_network()
    if "part" in options:
        trainable = trainable_in(network, PARTS[options["part"]])
    else:
        layers = options["layers"]
        counted = [name for _, name, _ in convolutions(network)]
        if layers > len(counted):
            raise InputError(
                "more-layers-than-convolutions",
                "strategy `{strategy}`: layers={layers}, but network `{network}` has {count} convolutions; "
                "choose 1 to {count}.",
                strategy="conservative",
                layers=layers,
                network=transfer.card.network.name,
                count=len(counted),
            )
        names = [name for _, name, _ in leaves(network)]
        trainable = dict.fromkeys(names[names.index(counted[-layers]) :], CARRIED_RATE)
    base = transfer.card.network
    drawn = {e.name for e in report.entries if e.status == "new"}
    if transfer.task.new_names:
        drawn |= set(variable_axes(base.name, base.arguments, "classes"))
    # A layer that stays as it was drawn at random is worth nothing.
    more = sorted({name.rpartition(".")[0] for name in drawn} - set(trainable))
    trainable |= dict.fromkeys(more, NEW_RATE)
    notes = (f"also trained, because new, wholly or for a new label: {', '.join(more)}.",) if more else ()
    return TransferPlan("conservative", network, base, trainable, report, notes=notes)


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
            "How many of the last convolutions are trained.",
            default=6,
            least=1,
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
                "encoder+head": "the encoder and the output layer",
            },
            group="what is trained",
        ),
    ),
)
