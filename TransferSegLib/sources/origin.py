"""The source model that an adapted model began from, where it is still on this computer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem
from TransferSegLib.sources.catalogue import find_in_folder, list_sources
from TransferSegLib.sources.folder import SourceFolder


@dataclass(frozen=True)
class Origin:
    """The source model that is offered in place of one that was adapted from it.

    Attributes:
        source: The source model; None where it is not on this computer any more.
        name: What it is called where a model is asked for: its name in the list of models, else its folder.
        problem: The sentence that offers it, or says that it is gone.
    """

    source: SourceFolder | None
    name: str
    problem: Problem


def origin_in_folder(folder: Path, adapted: ModelCard) -> Origin:
    """Find the source model that a job names.

    Args:
        folder: The source model's folder.
        adapted: The card of the model that the job kept.
    """
    try:
        source = find_in_folder(folder)
        _ = source.weights
    except InputError:
        return _gone(str(folder))
    listed = (one for one in list_sources() if one.card.name == source.card.name)
    here = any(one.folder.resolve() == source.folder.resolve() for one in listed)
    return _offer(source, source.card.name if here else str(source.folder), adapted)


def origin_by_name(adapted: ModelCard) -> Origin:
    """Find the source model that an adapted model's card names, in the list of models: by name and weights.

    Args:
        adapted: The adapted model's card.
    """
    name, weights = adapted.made_by.get("source"), adapted.made_by.get("source_sha256")
    for source in list_sources():
        if source.card.name == name and weights in (None, source.card.weights_sha256):
            return _offer(source, source.card.name, adapted)
    return _gone(str(name))


def _offer(source: SourceFolder, name: str, adapted: ModelCard) -> Origin:
    own = [(label.value, label.name) for label in source.card.labels]
    problem = Problem(
        "source-offered",
        "Give {option} {model} to use the source model instead{own:?, which has its own labels ({labels:…})|}.",
        {
            "option": "--model",
            "model": name,
            "own": own != [(label.value, label.name) for label in adapted.labels],
            "labels": source.card.label_names,
        },
        "note",
    )
    return Origin(source, name, problem)


def _gone(name: str) -> Origin:
    problem = Problem(
        "source-model-gone",
        "The source model, {model}, is not on this computer any more; get it again to use it instead.",
        {"model": name},
        "note",
    )
    return Origin(None, name, problem)
