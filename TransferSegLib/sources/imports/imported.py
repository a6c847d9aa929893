"""What importing leaves, whatever it came from: a card, a network with every weight in its place, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import require_file
from TransferSegLib.core.records import from_json, to_json
from TransferSegLib.core.texts import cleaned

if TYPE_CHECKING:
    from torch import Tensor

    from TransferSegLib.sources.mapping import MappingReport


@dataclass(frozen=True)
class ImportOptions:
    """What the person says where a model's own files do not, or leave a choice.

    spacing_mm: voxel size the model was trained at; weights: file in the bundle; config: the bundle's configuration file;
    configuration and fold: of a nnU-Net model; card: a card.json for a file of bare weights.
    """

    spacing_mm: tuple[float, float, float] | None = None
    weights: str | None = None
    config: str | None = None
    configuration: str | None = None
    fold: str | None = None
    card: Path | None = None


@dataclass(frozen=True)
class Imported:
    """A model that was read; `notes` are sentences on what its card cannot express and what was taken for granted."""

    card: ModelCard
    state: Mapping[str, Tensor]
    report: MappingReport
    notes: tuple[str, ...] = ()


def finish(card: ModelCard, state: Mapping[str, Tensor], notes: list[str], where: str) -> Imported:
    """Put the weights into the card's network; `InputError` unless each has its place, and each place its weights."""
    from TransferSegLib.sources.loading import fit, refuse_unused, try_out

    # What a stranger wrote is shown in terminals: no sequence in it moves the cursor or hides a line.
    card = from_json(ModelCard, _printable(to_json(card)), where)
    network, report = fit(card, state, where)
    refuse_unused(report, state, network, where)
    try_out(network, card, where)
    notes = [*notes, *doubts(state)]
    description = " ".join([card.description, *notes]).strip()
    return Imported(replace(card, description=description), network.state_dict(), report, tuple(notes))


def doubts(state: Mapping[str, Tensor]) -> list[str]:
    """What makes weights that can be used unlikely to be of any use: sentences."""
    if any(bool(tensor.any()) for tensor in state.values()):
        return []
    return ["All its weights are 0, so it gives the same for every image; is this the file of the trained network?"]


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return cleaned(value)[:4000]
    if isinstance(value, dict):
        return {cleaned(key): _printable(item) for key, item in value.items()}
    return [_printable(item) for item in value] if isinstance(value, list) else value


def inside(folder: Path, name: str | Path) -> Path:
    """A file of a model's folder; `InputError` when it is not there, or leads out of the folder by `..` or a link."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise InputError(
            "file-out-of-model",
            "{path}: leads out of the model's folder, so it was not read; put the file itself there.",
            path=path,
        )
    require_file(path, "the model is not complete, fetch it again")
    return path
