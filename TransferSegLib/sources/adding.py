"""A model's folder becomes one of the person's own models, once it has been seen to load and run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from TransferSegLib.sources.catalogue import find_in_folder, free_name, keep_source
from TransferSegLib.sources.folder import SourceFolder
from TransferSegLib.sources.loading import load_source, try_out
from TransferSegLib.sources.mapping import MappingReport


def add_source(
    folder: Path, name: str | None = None, on_report: Callable[[MappingReport], None] = lambda report: None
) -> SourceFolder:
    """Copy a model into the person's folder, under its card's name or `name`, its weights re-saved as safetensors.

    It is checked first: the card reads, the weights load safely, match the card's SHA-256 where it has one, and fit the
    network that the card describes, which runs; `on_report` gets what became of each tensor. A name that is taken is refused
    unless it is the same model, which is left as it is.
    """
    source = find_in_folder(folder.expanduser())
    name = free_name(name or source.card.name)
    network, report = load_source(source)
    on_report(report)
    try_out(network, source.card, str(source.folder))
    return keep_source(replace(source.card, name=name), network.state_dict())
