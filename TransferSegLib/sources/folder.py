"""A source model on disk: a folder with its card and its weights."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from TransferSegLib.cases.endings import suffix_of
from TransferSegLib.core.card import WEIGHTS_FILE, CardMember, ModelCard, read_card
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import replacing
from TransferSegLib.core.records import to_json

if TYPE_CHECKING:
    from torch import Tensor

CARD_FILE = "card.json"
MEMBERS_FOLDER = "members"
FIRST_STAGE_FOLDER = "first-stage"
# What a model's folder may hold its weights in; whatever is added or saved here is safetensors, the first.
WEIGHTS_FILES = (WEIGHTS_FILE, "weights.pt", "weights.pth")


@dataclass(frozen=True, eq=False)
class Weights:
    """The weights of a model.

    Attributes:
        state: Those of its network, by name.
        members: Further weights of an ensemble by what each is called, such as `fold0`.
    """

    state: Mapping[str, Tensor]
    members: Mapping[str, Mapping[str, Tensor]] = field(default_factory=dict)


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

    @property
    def first_stage(self) -> SourceFolder | None:
        """The first stage of a cascade, whose card is on the card of the whole; None for all other models.

        Raises:
            InputError: Its folder is a link out of the model's folder.
        """
        if self.card.first_stage is None:
            return None
        folder = self.folder / FIRST_STAGE_FOLDER
        if folder.resolve().parent != self.folder.resolve():
            raise InputError(
                "link-out-of-model",
                "{path}: is a link to a file outside the model's folder; put the file itself there.",
                path=folder,
            )
        return SourceFolder(self.card.first_stage, folder, self.origin)

    def member(self, member: CardMember) -> Path:
        """The path of further weights of an ensemble.

        Raises:
            InputError: The file is not there, or is a link out of the model's folder.
        """
        path = self.folder / member.file
        if not path.is_file():
            raise InputError(
                "member-missing",
                "{path}: is not there, and the model's card names it as a part of the ensemble; copy the whole folder, or "
                "take it out of the card's `members`.",
                path=path,
            )
        if path.resolve().parent != (self.folder / MEMBERS_FOLDER).resolve() or (
            path.parent.resolve().parent != self.folder.resolve()
        ):
            raise InputError(
                "link-out-of-model",
                "{path}: is a link to a file outside the model's folder; put the file itself there.",
                path=path,
            )
        return path


def save_source(
    folder: Path,
    card: ModelCard,
    network_state: Mapping[str, Tensor],
    members: Mapping[str, Mapping[str, Tensor]] | None = None,
    first_stage: Weights | None = None,
) -> ModelCard:
    """Write a model's folder: template, weights, then the card with their SHA-256. Each file appears whole or not at all.

    Args:
        folder: Where to write; made if need be.
        card: What the model is; the members that it names are replaced by those given.
        network_state: The weights, by the names of the card's network.
        members: Further weights of an ensemble by what each is called, such as `fold0`.
        first_stage: The weights of a cascade's first stage, whose card is on the card.

    Returns:
        The card as it was written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    card = _with_template(folder, card)
    if card.first_stage is not None and first_stage is not None:
        first = _save_weights(folder / FIRST_STAGE_FOLDER, card.first_stage, first_stage)
        card = replace(card, first_stage=first)
    card = _save_weights(folder, card, Weights(network_state, members or {}))
    with replacing(folder / CARD_FILE) as temporary:
        temporary.write_text(json.dumps(to_json(card), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    _drop_other_members(folder, card)
    return card


def _save_weights(folder: Path, card: ModelCard, weights: Weights) -> ModelCard:
    """Write a model's weights into a folder, and return its card with their SHA-256."""
    from TransferSegLib.sources.untrusted.weights import save_weights

    folder.mkdir(parents=True, exist_ok=True)
    save_weights(folder / WEIGHTS_FILE, weights.state)
    saved = []
    for name, state in weights.members.items():
        file = f"{MEMBERS_FOLDER}/{name}.safetensors"
        (folder / MEMBERS_FOLDER).mkdir(exist_ok=True)
        save_weights(folder / file, state)
        saved.append(CardMember(file, file_sha256(folder / file)))
    return replace(card, weights_sha256=file_sha256(folder / WEIGHTS_FILE), members=tuple(saved))


def _drop_other_members(folder: Path, card: ModelCard) -> None:
    """Delete the weights of an ensemble that was in a folder before."""
    named = {folder / member.file for member in card.members}
    for path in (folder / MEMBERS_FOLDER).glob("*.safetensors"):
        if path not in named:
            path.unlink()


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
    card = read_card(source)
    weights = [*(member.file for member in card.members), WEIGHTS_FILE]
    if card.first_stage is not None:
        files = (*(member.file for member in card.first_stage.members), WEIGHTS_FILE)
        weights += [f"{FIRST_STAGE_FOLDER}/{name}" for name in files]
    for name in (*templates, *weights, CARD_FILE):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        with replacing(folder / name) as temporary:
            shutil.copyfile(source / name, temporary)
    _drop_other_members(folder, card)


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's content, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
