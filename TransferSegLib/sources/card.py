"""The model card: what a radiologist asks of a source model, and what the program needs to run it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from TransferSegLib.cases.preparation import Preparation
from TransferSegLib.errors import InputError
from TransferSegLib.records import from_json, read_json

CARD_FORMAT = 1
WEIGHTS_FILE = "weights.safetensors"


@dataclass(frozen=True)
class CardLabel:
    """One label: the `value` it has in segmentations, its name, colour (0–255) and a terminology tag for Slicer."""

    value: int
    name: str
    color: tuple[int, int, int] = (128, 174, 128)
    terminology: Mapping[str, str] | None = None


@dataclass(frozen=True)
class CardNetwork:
    """A name in the registry of `networks`, and the literals its builder takes beside channels and classes."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CardScore:
    """A known score of the model: `how` says on what it was measured (out-of-fold, test cases…)."""

    label: str
    dice: float | None
    hd95_mm: float | None
    cases: int
    how: str


@dataclass(frozen=True)
class ModelCard:
    """`card.json` of a source model. `labels` are in the order of the network’s output channels 1…n."""

    format: int
    name: str
    title: str
    description: str
    modality: str
    body_part: str
    labels: tuple[CardLabel, ...]
    channels: tuple[str, ...]
    network: CardNetwork
    preparation: Preparation
    patch_size: tuple[int, int, int]
    trained_on: str
    licence: str
    citation: str
    training_cases: int = 0
    commercial_use: bool | None = None
    scores: tuple[CardScore, ...] = ()
    weights_sha256: str | None = None
    made_by: Mapping[str, Any] = field(default_factory=dict)
    task: Literal["segmentation"] = "segmentation"

    @property
    def label_names(self) -> tuple[str, ...]:
        return tuple(label.name for label in self.labels)

    @property
    def any_contrast(self) -> bool:
        """Whether it was trained on random contrasts, so that other scanners and sequences are no surprise to it."""
        training = self.made_by.get("training")
        return isinstance(training, Mapping) and training.get("augment") == "contrast"


def read_card(folder: Path) -> ModelCard:
    """Read and check `card.json` in a model's folder; an `InputError` says what is wrong with it."""
    path = folder / "card.json"
    data = read_json(path)
    if isinstance(data, dict) and isinstance(data.get("format"), int) and data["format"] > CARD_FORMAT:
        raise InputError(
            f"{path}: card format {data['format']} is newer than {CARD_FORMAT}, the newest known; update TransferSeg."
        )
    card = from_json(ModelCard, data, str(path))
    values = [label.value for label in card.labels]
    if not values or len(set(values)) != len(values) or min(values) < 1:
        raise InputError(f"{path}: the labels' values must be different whole numbers from 1; correct the card.")
    if min(card.patch_size) < 1:
        raise InputError(f"{path}: the patch size must be positive in every axis; correct the card.")
    return card
