"""Bare weights with a card: a state dict as training scripts leave it, and a `card.json` that says what it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from TransferSegLib.core.card import ModelCard, read_card_file
from TransferSegLib.sources.folder import file_sha256
from TransferSegLib.sources.imports.imported import Imported, doubts
from TransferSegLib.sources.untrusted.weights import load_checkpoint, unwrapped


def import_checkpoint(weights: Path, card_path: Path) -> Imported:
    """The weights in the network that the card in `card_path` (the file, or its folder) describes; see `fit_checkpoint`."""
    card_path = card_path.expanduser()
    if card_path.is_dir():
        card_path = card_path / "card.json"
    card = read_card_file(card_path)
    if card.weights_sha256 is None or not weights.is_file() or file_sha256(weights) == card.weights_sha256.lower():
        return fit_checkpoint(weights, card, str(card_path))
    # A card that was begun from another model's says of these weights what is true of those.
    own = replace(card, scores=(), made_by={}, weights_sha256=None)
    imported = fit_checkpoint(weights, own, str(card_path))
    note = "Its card is that of other weights (`weights_sha256`), so its scores, and how it was made, are left out."
    return replace(imported, notes=(*imported.notes, note))


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
