"""Finds the models in a folder, and the one that the person means: never the first of several without a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from TransferSegLib.core.errors import InputError
from TransferSegLib.sources.imports.importer import Importer, ImportOptions

# How deep in a folder the model itself may lie; archives often begin with one or two folders.
DEEPEST = 4
# Of each level, as many folders as this are looked at.
MOST_FOLDERS = 1000


@dataclass(frozen=True)
class Candidate:
    """A model that was found in a folder.

    Attributes:
        importer: Reads it.
        folder: Where it is.
        name: Its folder, relative to the one that was given, with `/`.
        has_weights: Whether its weights are there.
    """

    importer: Importer
    folder: Path
    name: str
    has_weights: bool

    @property
    def variant(self) -> str:
        """Which of several models that were trained together it is."""
        return self.importer.variant(self.folder)

    @property
    def words(self) -> str:
        """Its name, with the variant where that is not the end of the name."""
        variant = self.variant
        return self.name if not variant or self.name.endswith(f"__{variant}") else f"{self.name} ({variant})"

    def is_called(self, name: str) -> bool:
        """Whether it is the model of this name: its folder, or the end of its path."""
        asked = Path(name.replace("\\", "/")).parts
        return self.folder.parts[-len(asked) :] == asked


def find_models(folder: Path, importers: Sequence[Importer], options: ImportOptions) -> list[Candidate]:
    """Find the models in a folder and the folders in it, nearest first.

    A folder inside a model that has its weights is a part of that model.

    Args:
        folder: What the person gave, or what their archive held.
        importers: The kinds of models, in the order in which they are asked.
        options: The person's choices.
    """
    found: list[Candidate] = []
    for inner in folders_in(folder):
        if any(inner.is_relative_to(one.folder) and one.has_weights for one in found):
            continue
        importer = next((one for one in importers if one.recognises(inner, options)), None)
        if importer is not None:
            name = inner.relative_to(folder).as_posix()
            found.append(Candidate(importer, inner, name, importer.has_weights(inner)))
    return found


def choose(folder: Path, found: list[Candidate], options: ImportOptions) -> Candidate:
    """Choose the model that the person means.

    Args:
        folder: What the person gave.
        found: The models in it, at least one.
        options: The person's choices; `folder` and `configuration` choose among several.

    Raises:
        InputError: None of them is meant, or more than one may be.
    """
    left = found
    if options.folder:
        left = [one for one in left if one.is_called(options.folder)]
    if options.configuration and len(left) > 1:
        left = [one for one in left if one.variant in ("", options.configuration)]
    if not left:
        raise InputError(
            "no-such-model-in-folder",
            "{path}: holds no model `{wanted}`; there are {models:…`}, choose one of them.",
            path=folder,
            wanted=(options.folder or options.configuration or "")[:80],
            models=[one.words for one in found],
        )
    # Beside a trained model there are often folders of trainings that were never begun.
    left = [one for one in left if one.has_weights] or left
    if len(left) == 1:
        return left[0]
    variants = [one.variant for one in left]
    by_variant = all(variants) and len({*variants}) == len(left) and not options.folder
    raise InputError(
        "several-models-in-folder",
        "{path}: holds {count} models: {models:…`}; choose one, for example with {option}.",
        path=folder,
        count=len(left),
        models=[one.words for one in left],
        option=f"--configuration {variants[-1][:80]}" if by_variant else f"--folder {left[-1].name[:200]}",
    )


def folders_in(folder: Path) -> list[Path]:
    """The folder and those in it, nearest first; links are not followed."""
    found, level = [folder], [folder]
    for _ in range(DEEPEST):
        level = [
            child
            for parent in level
            for child in sorted(parent.iterdir())
            if child.is_dir() and not child.is_symlink() and not child.name.startswith(".")
        ][:MOST_FOLDERS]
        found += level
    return found
