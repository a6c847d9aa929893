"""Imports bare weights with a card: a state dict as training scripts leave it, and a `card.json` that says what it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from TransferSegLib.core.card import ModelCard, read_card_file
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem
from TransferSegLib.sources.folder import CARD_FILE, file_sha256
from TransferSegLib.sources.imports.importer import Imported, Importer, ImportOptions, doubts
from TransferSegLib.sources.untrusted.weights import load_checkpoint, unwrapped


def import_checkpoint(weights: Path, card_path: Path, inflate: bool = False) -> Imported:
    """Load weights into the network that a card describes; see `fit_checkpoint`.

    Args:
        weights: The file of weights.
        card_path: The card, or the folder with its `card.json`.
        inflate: Whether weights of slices may become kernels of volumes.

    Raises:
        InputError: The card or the weights cannot be read, or do not go together.
    """
    card_path = card_path.expanduser()
    if card_path.is_dir():
        card_path = card_path / CARD_FILE
    card = read_card_file(card_path)
    if card.weights_sha256 is None or not weights.is_file() or file_sha256(weights) == card.weights_sha256.lower():
        return fit_checkpoint(weights, card, str(card_path), inflate)
    # People begin a card from another model's; its scores and its history are then not those of these weights.
    mended = replace(card, scores=(), made_by={}, weights_sha256=None)
    imported = fit_checkpoint(weights, mended, str(card_path), inflate)
    note = Problem(
        "import-card-of-other-weights",
        "Its card is that of other weights (`weights_sha256`), so its scores, and how it was made, are left out.",
        severity="note",
    )
    return replace(imported, notes=(*imported.notes, note))


def fit_checkpoint(weights: Path, card: ModelCard, card_at: str, inflate: bool = False) -> Imported:
    """Load weights into the network of a card, and run it once.

    Wrappers' prefixes (`module.`, `network.`, `model.`, any other) and containers (`state_dict`, `model`…) are taken off.
    What the file holds beyond the network (an auxiliary head, a discriminator) is listed in the report as not used.

    Args:
        weights: The file of weights.
        card: What they are.
        card_at: Where the card is, for errors.
        inflate: Whether weights of slices may become kernels of volumes.

    Raises:
        InputError: The weights are not those of this network, or the network cannot be run.
    """
    from TransferSegLib.sources.loading import fit, try_out

    if card.first_stage is not None:
        raise InputError(
            "weights-of-one-stage",
            "{where}: is of a cascade, and weights alone are of one network; add the model's whole folder, or import "
            "nnU-Net's own.",
            where=card_at,
        )
    state, content = load_checkpoint(weights)
    network, report = fit(card, state, str(weights), card_at, inflate)
    try_out(network, card, card_at)
    choice = unwrapped(content)[1]
    return Imported(card, network.state_dict(), report, (*([choice] if choice else ()), *doubts(state)))


def _recognises(path: Path, options: ImportOptions) -> bool:
    return options.card is not None and not path.is_dir()


def _read(path: Path, options: ImportOptions) -> Imported:
    assert options.card is not None
    return import_checkpoint(path, options.card, options.inflate)


IMPORTER = Importer("weights with a card", _recognises, _read)
