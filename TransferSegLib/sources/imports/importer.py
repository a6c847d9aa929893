"""Importers: what each declares, the options that a person can give, and the result: a card with a network's weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import require_file
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import from_json, to_json
from TransferSegLib.core.texts import cleaned
from TransferSegLib.sources.folder import Weights

if TYPE_CHECKING:
    from torch import Tensor

    from TransferSegLib.sources.mapping import MappingReport

# Given for an orientation: the voxels as the file has them.
FILE_ORDER = "file"
# The note on a model that resamples nothing.
KEEPS_VOXEL_SIZE = Problem(
    "import-keeps-voxel-size", "It resamples nothing: images keep their own voxel size.", severity="note"
)
# Of a text that a stranger wrote, this much is kept, in characters.
LONGEST_TEXT = 4000


@dataclass(frozen=True)
class ImportOptions:
    """The person's choices for an import, where the model's files lack something or leave a choice.

    Attributes:
        spacing_mm: The voxel size that the model was trained at.
        weights: The name of the weights file.
        config: The name of a MONAI bundle's configuration file.
        folder: Which model of several in a folder or archive: the name of its folder, or the end of its path.
        configuration: The configuration of a nnU-Net model, such as `3d_fullres`.
        fold: The fold of a nnU-Net model.
        folds: The folds of a nnU-Net model whose networks are averaged: `all`, or their numbers.
        orientation: How images are shown to a nnU-Net model: three letters such as `LPS`, or `file`. To a MONAI bundle that
            does not turn them: `RAS` or `file`.
        card: The `card.json` of a file of bare weights, or its folder.
        inflate: Whether weights of slices may become kernels of volumes, where the card has a network for volumes.
    """

    spacing_mm: tuple[float, float, float] | None = None
    weights: str | None = None
    config: str | None = None
    configuration: str | None = None
    fold: str | None = None
    card: Path | None = None
    folder: str | None = None
    inflate: bool = False
    folds: str | None = None
    orientation: str | None = None


@dataclass(frozen=True)
class Imported:
    """A model that was read.

    Attributes:
        card: What the model is.
        state: The weights, by the names of the card's network.
        report: Which of the network's tensors came from the file.
        notes: What the card cannot say, and what was assumed.
        members: Further weights of an ensemble by what each is called, such as `fold1`.
        first_stage: The weights of a cascade's first stage, whose card is on the card.
    """

    card: ModelCard
    state: Mapping[str, Tensor]
    report: MappingReport
    notes: tuple[Problem, ...] = ()
    members: Mapping[str, Mapping[str, Tensor]] = field(default_factory=dict)
    first_stage: Weights | None = None

    @property
    def sentences(self) -> tuple[str, ...]:
        """The notes as English sentences."""
        return tuple(note.sentence for note in self.notes)


@dataclass(frozen=True)
class Importer:
    """One kind of model of another program.

    Attributes:
        title: What such models are called, in the plural, and the files that they are recognised by.
        recognises: Whether a folder or file is such a model.
        read: Reads and checks one; raises `InputError` for what cannot be imported.
        explain_incomplete: The error for a folder that is almost such a model; None for any other folder.
        variant: Which of the models that one set of plans describes it is, as nnU-Net's `3d_fullres`; else empty.
        has_weights: Whether a model's weights are in its folder.
        options_of_part: The options that choose a part of a model, such as one fold's checkpoint: its folder, the part, the
            person's options → the options to read the model with; None for what is no such part.
    """

    title: str
    recognises: Callable[[Path, ImportOptions], bool]
    read: Callable[[Path, ImportOptions], Imported]
    explain_incomplete: Callable[[Path], InputError | None] = lambda folder: None
    variant: Callable[[Path], str] = lambda folder: ""
    has_weights: Callable[[Path], bool] = lambda folder: True
    options_of_part: Callable[[Path, Path, ImportOptions], ImportOptions | None] = lambda folder, part, options: None


def finish(
    card: ModelCard,
    state: Mapping[str, Tensor],
    notes: list[Problem],
    where: str,
    members: Mapping[str, Mapping[str, Tensor]] | None = None,
) -> Imported:
    """Put the weights into the card's network, and run it once.

    Args:
        card: What the model is, in a stranger's words.
        state: The weights as they were read.
        notes: What the person should know; the sentences are added to the card's description.
        where: The model's folder or file, for errors.
        members: Further weights of an ensemble by what each is called.

    Returns:
        The model, its texts without control characters.

    Raises:
        InputError: A tensor has no place in the network, a place has no tensor, or the network cannot be run.
    """
    from TransferSegLib.sources.loading import fit, refuse_unused, try_out

    # What a stranger wrote is shown in terminals: no sequence in it moves the cursor or hides a line.
    card = from_json(ModelCard, _printable(to_json(card)), where)
    network, report = fit(card, state, where)
    refuse_unused(report, state, network, where)
    try_out(network, card, where)
    others = {}
    for name, other in (members or {}).items():
        one, of_one = fit(card, other, f"{where}, {name}")
        refuse_unused(of_one, other, one, f"{where}, {name}")
        others[name] = one.state_dict()
    notes = [*notes, *doubts(state)]
    description = " ".join([card.description, *(note.sentence for note in notes)]).strip()
    return Imported(replace(card, description=description), network.state_dict(), report, tuple(notes), others)


def doubts(state: Mapping[str, Tensor]) -> list[Problem]:
    """Notes on what makes weights useless although they can be loaded."""
    if any(bool(tensor.any()) for tensor in state.values()):
        return []
    return [
        Problem(
            "import-weights-all-zero",
            "All its weights are 0, so it gives the same for every image; is this the file of the trained network?",
            severity="note",
        )
    ]


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return cleaned(value)[:LONGEST_TEXT]
    if isinstance(value, dict):
        return {cleaned(key): _printable(item) for key, item in value.items()}
    return [_printable(item) for item in value] if isinstance(value, list) else value


def inside(folder: Path, name: str | Path) -> Path:
    """The path of a file of a model's folder.

    Args:
        folder: The model's folder.
        name: The file, relative to it.

    Raises:
        InputError: There is no such file, or it is outside the folder (by `..` or through a link).
    """
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise InputError(
            "file-out-of-model",
            "{path}: leads out of the model's folder, so it was not read; put the file itself there.",
            path=path,
        )
    require_file(path, part_of_model=True)
    return path
