"""Adds a model's folder to the person's own models, once it has been seen to load and run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from TransferSegLib.sources.catalogue import find_in_folder, free_name, keep_source
from TransferSegLib.sources.folder import SourceFolder, Weights
from TransferSegLib.sources.loading import load_members, load_source, try_out
from TransferSegLib.sources.mapping import MappingReport


def add_source(
    folder: Path, name: str | None = None, on_report: Callable[[MappingReport], None] = lambda report: None
) -> SourceFolder:
    """Copy a model into the person's folder, its weights re-saved as safetensors.

    It is checked first: the card reads, the weights load safely, match the card's SHA-256 where it has one, and fit the
    network that the card describes, which runs.

    Args:
        folder: The model's folder, or a job's with a model in it.
        name: The name to keep it under; None for its card's.
        on_report: Gets what became of each tensor.

    Returns:
        The kept model. One that is there already under this name is left as it is.

    Raises:
        InputError: The model cannot be used, or another model has the name.
    """
    source = find_in_folder(folder.expanduser())
    name = free_name(name or source.card.name)
    network, report = load_source(source)
    on_report(report)
    try_out(network, source.card, str(source.folder))
    preprocessing = source.card.preprocessing.in_folder(source.folder)
    first = None
    if (stage := source.first_stage) is not None:
        of_first, _ = load_source(stage)
        try_out(of_first, stage.card, str(stage.folder))
        first = Weights(of_first.state_dict(), _members_of(stage))
    card = replace(source.card, name=name, preprocessing=preprocessing)
    return keep_source(card, network.state_dict(), _members_of(source), first)


def _members_of(source: SourceFolder) -> dict[str, Mapping[str, Tensor]]:
    """The further weights of an ensemble, checked against their card, by what each is called."""
    further = [member.state_dict() for member in load_members(source)]
    return {Path(one.file).stem: state for one, state in zip(source.card.members, further, strict=True)}
