"""What the corpus of hostile files is made from: a sound model, and an object whose unpickling leaves a trace."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import torch

from TransferSegLib.core.card import CardLabel, CardNetwork, ModelCard
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.networks import build
from TransferSegLib.sources.folder import save_source

Words = list[str]


class Touches:
    """Unpickling it with Python's own pickle creates the file."""

    def __init__(self, victim: Path) -> None:
        self.victim = victim

    def __reduce__(self):
        return os.system, (f"touch '{self.victim}'",)


CARD = ModelCard(
    format=2,
    name="tiny",
    title="Tiny",
    description="",
    modality="mr",
    body_part="knee",
    labels=(CardLabel(1, "bone"),),
    channels=("MR",),
    network=CardNetwork("ratlesnetv2", {"filters": 2}),
    preprocessing=Preprocessing(None),
    patch_size=(16, 16, 16),
    trained_on="made-up cases",
    licence="MIT",
    citation="",
)


def model(folder: Path, **card: object) -> Path:
    """A sound model, whose card is then changed by hand."""
    save_source(folder, CARD, build("ratlesnetv2", 1, 2, {"filters": 2}).state_dict())
    path = folder / "card.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"weights_sha256": None} | card))
    return folder


def with_weights(folder: Path, content: bytes, name: str = "weights.pt") -> Words:
    """A sound card beside weights that are not."""
    model(folder)
    (folder / "weights.safetensors").unlink()
    (folder / name).write_bytes(content)
    return ["sources", "add", str(folder)]


def saved(content: object, zipped: bool = True) -> bytes:
    buffer = io.BytesIO()
    torch.save(content, buffer, _use_new_zipfile_serialization=zipped)
    return buffer.getvalue()


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}
