"""Imports models of other programs: recognise the kind, read it, and keep it among the person's own models."""

from __future__ import annotations

import importlib
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import require_file
from TransferSegLib.core.problems import Problem
from TransferSegLib.sources.catalogue import free_name, keep_source
from TransferSegLib.sources.folder import CARD_FILE, SourceFolder
from TransferSegLib.sources.imports import IMPORTERS
from TransferSegLib.sources.imports.importer import Imported, Importer, ImportOptions
from TransferSegLib.sources.kinds import CHECKPOINT_SUFFIXES

# How deep in a folder the model itself may lie; archives often begin with one or two folders.
DEEPEST = 3
# Of each level, as many folders as this are looked at.
MOST_FOLDERS = 1000
# Files of torch are zip archives, too; what is in them is no folder of a model.
NOT_ARCHIVES = (*CHECKPOINT_SUFFIXES, ".ts")


def import_source(path: Path, options: ImportOptions, name: str | None = None) -> tuple[SourceFolder, Imported]:
    """Import a model and keep it in the person's folder. Nothing in it is run.

    Args:
        path: A MONAI bundle or a nnU-Net model (its folder or a zip archive of it), or bare weights with a card.
        options: What the person says beside the model's own files.
        name: The name to keep it under; None for the one that it has.

    Returns:
        The kept model, and what was read.

    Raises:
        InputError: It cannot be imported, or the name is taken.
    """
    path = path.expanduser()
    if name:
        free_name(name)
    imported = read_model(path, options)
    card = replace(imported.card, name=name or imported.card.name)
    return keep_source(card, imported.state), replace(imported, card=card)


def read_model(path: Path, options: ImportOptions) -> Imported:
    """Read and check a model of another program, without keeping it.

    Args:
        path: A folder, a weights file or a zip file.
        options: What the person chose for the import.

    Raises:
        InputError: It cannot be imported.
    """
    if path.is_dir():
        return _read_folder(path, options)
    require_file(path)
    for importer in _importers():
        if importer.recognises(path, options):
            return importer.read(path, options)
    if path.suffix == ".zip" or (zipfile.is_zipfile(path) and path.suffix not in NOT_ARCHIVES):
        from TransferSegLib.sources.untrusted.archives import unpack

        with tempfile.TemporaryDirectory(prefix="transferseg-") as temporary:
            folder = Path(temporary) / path.stem
            folder.mkdir()
            unpack(path, folder)
            try:
                return _read_folder(folder, options)
            except InputError as error:
                # The person knows the archive, and not where it was unpacked for a moment.
                raise InputError.of(_moved(error.problem, str(folder), str(path))) from None
    raise InputError(
        "weights-without-card",
        "{path}: is no model that can be imported ({known}), and bare weights need a card that says what they are; "
        "give it with {option}.",
        path=path,
        known=[importer.title for importer in _importers()],
        option="--card card.json",
    )


def _importers() -> Iterator[Importer]:
    for module in IMPORTERS:
        importer: Importer = importlib.import_module(module).IMPORTER
        yield importer


def _read_folder(folder: Path, options: ImportOptions) -> Imported:
    if (folder / CARD_FILE).is_file():
        raise InputError(
            "own-model-imported",
            "{path}: is a model of TransferSeg's own; take it in with `{command}`.",
            path=folder,
            command="transferseg sources add",
        )
    folders = _folders(folder)
    for candidate in folders:
        for importer in _importers():
            if importer.recognises(candidate, options):
                return importer.read(candidate, options)
    for candidate in folders:
        for importer in _importers():
            if error := importer.explain_incomplete(candidate):
                raise error
    raise InputError(
        "nothing-to-import",
        "{path}: holds no model that can be imported ({known}); choose the model's own folder.",
        path=folder,
        known=[importer.title for importer in _importers()],
    )


def _folders(folder: Path) -> list[Path]:
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


def _moved(problem: Problem, folder: str, archive: str) -> Problem:
    """The problem with the archive's path in place of the folder that it was unpacked to."""

    def moved(value: Any) -> Any:
        if isinstance(value, Problem):
            return _moved(value, folder, archive)
        if isinstance(value, tuple):
            return tuple(moved(item) for item in value)
        return value.replace(folder, archive) if isinstance(value, str) else value

    return replace(problem, fields={name: moved(value) for name, value in problem.fields.items()})
