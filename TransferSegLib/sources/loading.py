"""A source model's weights, checked against its card, and its network."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from TransferSegLib.errors import InputError
from TransferSegLib.networks import build
from TransferSegLib.networks.staged import StagedNetwork
from TransferSegLib.sources.catalogue import SourceFolder, file_sha256
from TransferSegLib.sources.mapping import MappingReport, map_weights
from TransferSegLib.sources.weights import load_weights


def load_state(source: SourceFolder) -> dict[str, Tensor]:
    """The model's weights by name, after checking that the file is the one that its card was written for."""
    expected = source.card.weights_sha256
    if expected is not None and file_sha256(source.weights) != expected.lower():
        raise InputError(
            f"{source.weights}: is not the file the card was written for (SHA-256 differs); fetch the model again."
        )
    return load_weights(source.weights)


def load_source(source: SourceFolder) -> tuple[StagedNetwork, MappingReport]:
    """The network that the card describes, as trained and in evaluation mode.

    An `InputError` says what does not agree when not every value of the network comes from the weights file.
    """
    card = source.card
    state = load_state(source)
    channels, classes = len(card.channels), len(card.labels) + 1
    # The card is untrusted as well: first learn how large its network is, without memory for it.
    with torch.device("meta"):
        described = build(card.network.name, channels, classes, card.network.arguments).state_dict()
    needed, held = (sum(math.prod(t.shape) for t in tensors.values()) for tensors in (described, state))
    if needed > 2 * held:
        raise InputError(
            f"{source.folder}: the card describes a network of {needed:,} values, its weights hold {held:,}; "
            "correct the card's network or its labels."
        )
    network = build(card.network.name, channels, classes, card.network.arguments)
    try:
        report = map_weights(
            network,
            state,
            class_axes={},
            channel_axes={},
            source_classes=tuple((n,) for n in range(classes)),
            source_channels=tuple((n,) for n in range(channels)),
            minimum_share=1.0,
        )
    except InputError as error:
        raise InputError(f"{source.folder}: {error}") from None
    return network.eval(), report
