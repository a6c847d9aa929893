"""A source model on disk: a folder with its card and its weights."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from TransferSegLib.cases.endings import suffix_of
from TransferSegLib.core.card import WEIGHTS_FILE, ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import replacing
from TransferSegLib.core.records import to_json

if TYPE_CHECKING:
    from torch import Tensor

CARD_FILE = "card.json"
# What a model's folder may hold its weights in; whatever is added or saved here is safetensors, the first.
WEIGHTS_FILES = (WEIGHTS_FILE, "weights.pt", "weights.pth")


@dataclass(frozen=True)
class SourceFolder:
    """A model's folder with its card.

    Attributes:
        card: What the model is.
        folder: Where it is.
        origin: Where it was found: among those that ship, among the person's own, or by its path.
    """

    card: ModelCard
    folder: Path
    origin: Literal["bundled", "user", "path"]

    @property
    def weights(self) -> Path:
        """The path of the weights file.

        Raises:
            InputError: There is none, or it is a link out of the model's folder.
        """
        for name in WEIGHTS_FILES:
            path = self.folder / name
            if path.is_file():
                if path.resolve().parent != self.folder.resolve():
                    raise InputError(
                        "link-out-of-model",
                        "{path}: is a link to a file outside the model's folder; put the file itself there.",
                        path=path,
                    )
                return path
        raise InputError(
            "card-without-weights",
            "{path}: has a card but no {file}; copy the model's weights beside its card.",
            path=self.folder,
            file=WEIGHTS_FILE,
        )


def save_source(folder: Path, card: ModelCard, network_state: Mapping[str, Tensor]) -> ModelCard:
    """Write a model's folder: its template, weights, then the card with their SHA-256. Each file appears whole or not at all.

    Args:
        folder: Where to write; made if need be.
        card: What the model is.
        network_state: The weights, by the names of the card's network.

    Returns:
        The card as it was written.
    """
    from TransferSegLib.sources.untrusted.weights import save_weights

    folder.mkdir(parents=True, exist_ok=True)
    card = _with_template(folder, card)
    save_weights(folder / WEIGHTS_FILE, network_state)
    card = replace(card, weights_sha256=file_sha256(folder / WEIGHTS_FILE))
    with replacing(folder / CARD_FILE) as temporary:
        temporary.write_text(json.dumps(to_json(card), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return card


def _with_template(folder: Path, card: ModelCard) -> ModelCard:
    """Copy the template of a model's space into its folder, and return the card that names the copy."""
    if card.preprocessing.template is None:
        return card
    path = Path(card.preprocessing.template)
    name = f"template{suffix_of(path)}"
    with replacing(folder / name) as temporary:
        shutil.copyfile(path, temporary)
    return replace(card, preprocessing=replace(card.preprocessing, template=name))


def copy_source(source: Path, folder: Path) -> None:
    """Copy a model that `save_source` wrote, the card last: each file appears whole or not at all.

    Args:
        source: The model's folder.
        folder: Where to write; made if need be.

    Raises:
        OSError: It cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    templates = sorted(path.name for path in source.glob("template.*"))
    for name in (*templates, WEIGHTS_FILE, CARD_FILE):
        with replacing(folder / name) as temporary:
            shutil.copyfile(source / name, temporary)


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
