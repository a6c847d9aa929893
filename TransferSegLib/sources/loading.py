"""A source model's network with its weights."""

from __future__ import annotations

import math

import torch

from TransferSegLib.errors import InputError
from TransferSegLib.networks import build
from TransferSegLib.networks.staged import StagedNetwork
from TransferSegLib.sources.catalogue import SourceFolder, file_sha256
from TransferSegLib.sources.mapping import MappingReport, map_weights
from TransferSegLib.sources.weights import load_weights


def load_source(source: SourceFolder) -> tuple[StagedNetwork, MappingReport]:
    """Build the network that the card describes, as trained: every one of its values comes from the weights file.

    An `InputError` says what does not agree: the file and its SHA-256 on the card, or the file and the network.
    """
    card, path = source.card, source.weights
    if card.weights_sha256 is not None and file_sha256(path) != card.weights_sha256.lower():
        raise InputError(f"{path}: is not the file the card was written for (SHA-256 differs); fetch the model again.")
    state = load_weights(path)
    channels, classes = len(card.channels), len(card.labels) + 1
    # The card is untrusted as well: first learn how large its network is, without memory for it.
    with torch.device("meta"):
        described = build(card.network.name, channels, classes, card.network.arguments).state_dict()
    needed, held = (sum(math.prod(t.shape) for t in tensors.values()) for tensors in (described, state))
    if needed > 2 * held:
        raise InputError(
            f"{source.folder}: the card describes a network of {needed:,} values, {path.name} holds {held:,}; "
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
