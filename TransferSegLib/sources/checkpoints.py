"""Bare weights with a card: a state dict as training scripts leave it, and a `card.json` that says what it is."""

from __future__ import annotations

from pathlib import Path

from TransferSegLib.sources.card import ModelCard, read_card_file
from TransferSegLib.sources.imported import Imported, doubts
from TransferSegLib.sources.weights import load_checkpoint, unwrapped


def import_checkpoint(weights: Path, card_path: Path) -> Imported:
    """The weights in the network that the card in `card_path` (the file, or its folder) describes; see `fit_checkpoint`."""
    card_path = card_path.expanduser()
    if card_path.is_dir():
        card_path = card_path / "card.json"
    return fit_checkpoint(weights, read_card_file(card_path), str(card_path))


def fit_checkpoint(weights: Path, card: ModelCard, card_at: str) -> Imported:
    """The weights in the network of the card, which is at `card_at`; an `InputError` when they are not this network's.

    Wrappers' prefixes (`module.`, `network.`, `model.`, any other) and containers (`state_dict`, `model`…) are taken off.
    What the file holds beyond the network (an auxiliary head, a discriminator) is listed in the report as not used.
    """
    from TransferSegLib.sources.loading import fit, try_out

    state, content = load_checkpoint(weights)
    network, report = fit(card, state, str(weights), card_at)
    try_out(network, card, card_at)
    choice = unwrapped(content)[1]
    return Imported(card, network.state_dict(), report, (*([choice] if choice else ()), *doubts(state)))
