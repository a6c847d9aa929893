"""Imports models of other programs: recognise the kind, read it, and keep it among the person's own models."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import require_file
from TransferSegLib.core.problems import Problem
from TransferSegLib.sources.catalogue import free_name, keep_source
from TransferSegLib.sources.folder import CARD_FILE, SourceFolder
from TransferSegLib.sources.imports import IMPORTERS
from TransferSegLib.sources.imports.choosing import choose, find_models, folders_in
from TransferSegLib.sources.imports.importer import Imported, Importer, ImportOptions
from TransferSegLib.sources.imports.unknown import nothing_to_import
from TransferSegLib.sources.untrusted.archives import unpacked
from TransferSegLib.sources.untrusted.file_kinds import check_kind, is_archive, zip_names

# Of a folder without a model, as many files as this are looked at to say what it holds.
MOST_FILES = 5000


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
    source = keep_source(card, imported.state, imported.members, imported.first_stage)
    return source, replace(imported, card=card)


def read_model(path: Path, options: ImportOptions) -> Imported:
    """Read and check a model of another program, without keeping it.

    Args:
        path: A folder, a weights file or a zip file.
        options: What the person chose for the import.

    Raises:
        InputError: It cannot be imported.
    """
    if path.is_dir():
        if (path / CARD_FILE).is_file():
            raise InputError(
                "own-model-imported",
                "{path}: is a model of TransferSeg's own; take it in with `{command}`.",
                path=path,
                command="transferseg sources add",
            )
        return _read_folder(path, options, _files(path), given=True)
    require_file(path)
    check_kind(path)
    # Before it is taken for what its tensors alone would be; with a card, the person says what it is.
    if options.card is None and (part := _read_part(path, options)):
        return part
    for importer in _importers():
        if importer.recognises(path, options):
            return importer.read(path, options)
    # A file of torch is a zip, too, and bare weights whatever it is called.
    if is_archive(path) or (path.suffix.lower() == ".zip" and not zip_names(path)):
        with unpacked(path) as folder:
            try:
                return _read_folder(folder, options, zip_names(path))
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


def _importers() -> list[Importer]:
    return [importlib.import_module(module).IMPORTER for module in IMPORTERS]


def _read_folder(folder: Path, options: ImportOptions, files: Iterable[str], given: bool = False) -> Imported:
    """Read the model in a folder.

    Args:
        folder: The folder that the person gave, or what their archive held.
        options: The person's choices.
        files: The names of the files in the folder or in the archive.
        given: Whether the person gave it, so that it may be a part of the model around it.
    """
    importers = _importers()
    if found := find_models(folder, importers, options):
        chosen = choose(folder, found, options)
        return chosen.importer.read(chosen.folder, options)
    if given and (part := _read_part(folder, options)):
        return part
    for candidate in folders_in(folder):
        for importer in importers:
            if error := importer.explain_incomplete(candidate):
                raise error
    raise nothing_to_import(folder, files, [importer.title for importer in importers])


def _read_part(path: Path, options: ImportOptions) -> Imported | None:
    """Read the model around a part of it that was given, such as the folder of one of nnU-Net's folds.

    Returns:
        The model, read with what the part says; None where the path is no part of a model.
    """
    path = path.absolute()
    for folder in path.parents[:2]:
        for importer in _importers():
            if importer.recognises(folder, options) and (said := importer.options_of_part(folder, path, options)):
                return importer.read(folder, said)
    return None


def _files(folder: Path) -> Iterator[str]:
    """The first files in a folder and the folders in it, relative to it."""
    count = 0
    for at, _, names in os.walk(folder):
        for name in sorted(names):
            yield Path(at, name).relative_to(folder).as_posix()
            count += 1
            if count == MOST_FILES:
                return


def _moved(problem: Problem, folder: str, archive: str) -> Problem:
    """The problem with the archive's path in place of the folder that it was unpacked to."""

    def moved(value: Any) -> Any:
        if isinstance(value, Problem):
            return _moved(value, folder, archive)
        if isinstance(value, tuple):
            return tuple(moved(item) for item in value)
        return value.replace(folder, archive) if isinstance(value, str) else value

    return replace(problem, fields={name: moved(value) for name, value in problem.fields.items()})
