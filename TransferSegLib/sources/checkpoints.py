"""Bare weights with a card: a state dict as training scripts leave it, and a `card.json` that says what it is."""

from __future__ import annotations

from pathlib import Path

from TransferSegLib.errors import InputError
from TransferSegLib.sources.card import ModelCard, read_card
from TransferSegLib.sources.imported import Imported
from TransferSegLib.sources.weights import load_weights


def import_checkpoint(weights: Path, card_path: Path) -> Imported:
    """The weights in the network that the card in `card_path` (the file, or its folder) describes; see `fit_checkpoint`."""
    card_path = card_path.expanduser()
    if card_path.is_dir():
        card_path = card_path / "card.json"
    if card_path.name != "card.json":
        raise InputError(f"{card_path}: a card's file is called card.json; rename it.")
    return fit_checkpoint(weights, read_card(card_path.parent))


def fit_checkpoint(weights: Path, card: ModelCard) -> Imported:
    """The weights in the card's network; an `InputError` when they are not this network's.

    Wrappers' prefixes (`module.`, `network.`, `model.`) and containers (`state_dict`, `model`…) are taken off. What the
    file holds beyond the network (an auxiliary head, a discriminator) is listed in the report as not used.
    """
    from TransferSegLib.sources.loading import fit, try_out

    network, report = fit(card, load_weights(weights), str(weights))
    try_out(network, card, str(weights))
    return Imported(card, network.state_dict(), report)
