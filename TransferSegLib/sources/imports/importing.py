"""Other people's models into the person's folder: told apart by what is in them, checked, and kept as safetensors."""

from __future__ import annotations

import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import require_file
from TransferSegLib.sources.catalogue import free_name, keep_source
from TransferSegLib.sources.folder import CARD_FILE, SourceFolder
from TransferSegLib.sources.imports.imported import Imported, ImportOptions

# How deep in a folder the model itself may lie; archives often begin with one or two folders.
DEEPEST = 3


def import_source(path: Path, options: ImportOptions, name: str | None = None) -> tuple[SourceFolder, Imported]:
    """Import a MONAI bundle or a nnU-Net model (folder or zip), or bare weights with a card, under `name`.

    Nothing in it is executed. An `InputError` says what it is that cannot be imported, and why.
    """
    path = path.expanduser()
    if name:
        free_name(name)
    imported = read_model(path, options)
    card = replace(imported.card, name=name or imported.card.name)
    return keep_source(card, imported.state), replace(imported, card=card)


def read_model(path: Path, options: ImportOptions) -> Imported:
    """What `import_source` keeps, read and checked."""
    if path.is_dir():
        return _read_folder(path, options)
    require_file(path)
    if options.card is not None:
        from TransferSegLib.sources.imports.checkpoints import import_checkpoint

        return import_checkpoint(path, options.card)
    if path.suffix == ".zip" or (zipfile.is_zipfile(path) and path.suffix not in (".pt", ".pth", ".ts")):
        from TransferSegLib.sources.untrusted.archives import unpack

        with tempfile.TemporaryDirectory(prefix="transferseg-") as temporary:
            folder = Path(temporary) / path.stem
            folder.mkdir()
            unpack(path, folder)
            try:
                return _read_folder(folder, options)
            except InputError as error:
                # The person knows the archive, and not where it was unpacked for a moment.
                raise InputError(str(error).replace(str(folder), str(path))) from None
    raise InputError(
        "weights-without-card",
        "{path}: is neither a bundle nor a nnU-Net model, and bare weights need a card that says "
        "what they are; give it with {option}.",
        path=path,
        option="--card card.json",
    )


def _read_folder(folder: Path, options: ImportOptions) -> Imported:
    from TransferSegLib.sources.imports import bundles, nnunet

    if (folder / CARD_FILE).is_file():
        raise InputError(
            "own-model-imported",
            "{path}: is a model of TransferSeg's own; take it in with `{command}`.",
            path=folder,
            command="transferseg sources add",
        )
    folders = _folders(folder)
    for candidate in folders:
        if bundles.is_bundle(candidate):
            return bundles.import_bundle(candidate, options)
        if nnunet.is_model(candidate):
            return nnunet.import_nnunet(candidate, options)
    if incomplete := next((one for one in folders if (one / "configs").is_dir() and (one / "models").is_dir()), None):
        raise InputError(
            "bundle-without-metadata",
            "{path}: no such file, and without it this is not a MONAI bundle; fetch it again.",
            path=incomplete / bundles.METADATA,
        )
    raise InputError(
        "nothing-to-import",
        "{path}: holds neither a MONAI bundle (configs/metadata.json) nor a nnU-Net v2 model "
        "(plans.json, dataset.json); choose the model's own folder.",
        path=folder,
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
        ][:1000]
        found += level
    return found
