"""Models in one file, for a computer without network: packed where they were downloaded, unpacked where they are needed.

The file is a zip with a folder for each model, and `pack.json` with the SHA-256 of every file. That shows damage on the way.
What is in the models is checked as that of any model that is added.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from TransferSegLib.core.card import ModelCard, read_card
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import replacing
from TransferSegLib.core.records import from_json, read_json, to_json
from TransferSegLib.sources.adding import add_source
from TransferSegLib.sources.catalogue import check_name, find_in_parts, find_source, user_folder
from TransferSegLib.sources.first_sums import FirstSum, add_first_sums, first_sums
from TransferSegLib.sources.folder import CARD_FILE, SourceFolder, file_sha256
from TransferSegLib.sources.in_parts import PARTS_FILE, read_in_parts, write_in_parts
from TransferSegLib.sources.untrusted.archives import WANTED, unpacked

MANIFEST = "pack.json"


@dataclass(frozen=True)
class _Manifest:
    """What a pack holds.

    Attributes:
        format: 1.
        sha256: Each file in it → its SHA-256.
        first_sums: The sums that were written down where it was packed, by address.
    """

    format: int
    sha256: Mapping[str, str]
    first_sums: Mapping[str, FirstSum] = field(default_factory=dict)


def pack_models(names: Sequence[str], out: Path, on_model: Callable[[str], None] = lambda name: None) -> list[str]:
    """Write models that are here into one file.

    Args:
        names: Models of the person's own; with a model in parts, all its parts.
        out: The file, a new one.
        on_model: Gets the name of each model as it is packed.

    Returns:
        The names of the models in it.

    Raises:
        InputError: A model is not here or cannot be packed, or the file is there or cannot be written.
    """
    if out.exists():
        raise InputError("pack-is-there", "{path}: is there already; give another name, or delete it first.", path=out)
    files: dict[str, Path] = {}
    packed: dict[str, SourceFolder] = {}
    for name in dict.fromkeys(names):
        if whole := find_in_parts(name):
            files[f"{name}/{PARTS_FILE}"] = user_folder() / name / PARTS_FILE
            sources = [find_source(part.name) for part in whole.parts]
        else:
            sources = [find_source(name)]
        for source in sources:
            if source.card.name not in packed:
                packed[source.card.name] = source
                files |= _files(source)
    sums: dict[str, str] = {}
    try:
        with replacing(out) as temporary, zipfile.ZipFile(temporary, "w") as opened:
            for member, path in files.items():
                if path.name == CARD_FILE:
                    on_model(path.parent.name)
                sums[member] = file_sha256(path)
                opened.write(path, member)
            manifest = _Manifest(1, sums, _of_these(first_sums(), [source.card for source in packed.values()]))
            opened.writestr(MANIFEST, json.dumps(to_json(manifest), indent=2, ensure_ascii=False))
    except OSError as error:
        raise InputError(
            "pack-not-written",
            "{path}: cannot be written ({reason}); free space, or choose another folder.",
            path=out,
            reason=error.strerror or error,
        ) from None
    return [*(name for name in names if name not in packed), *packed]


def _of_these(sums: Mapping[str, FirstSum], cards: Sequence[ModelCard]) -> dict[str, FirstSum]:
    """The sums of the files that some models were downloaded as."""
    urls = {str(card.made_by.get("downloaded_from")) for card in cards}
    return {url: made for url, made in sums.items() if url in urls}


def _files(source: SourceFolder) -> dict[str, Path]:
    """The files that a model consists of, by what they are called in a pack."""
    if source.origin == "bundled":
        raise InputError(
            "bundled-model-packed",
            "`{name}`: ships with TransferSeg, so it is on every computer that has it; leave it out.",
            name=source.card.name,
        )
    paths = [source.folder / CARD_FILE, *source.folder.glob("template.*")]
    for stage in (source, source.first_stage):
        if stage is not None:
            paths += [stage.weights, *(stage.member(member) for member in stage.card.members)]
    return {f"{source.card.name}/{path.relative_to(source.folder).as_posix()}": path for path in paths}


def unpack_models(pack: Path, on_model: Callable[[str], None] = lambda name: None) -> list[str]:
    """Take the models of a pack in among the person's own; those that are here already stay as they are.

    Args:
        pack: The file that `pack_models` wrote.
        on_model: Gets the name of each model before it is checked.

    Returns:
        The names of the models in it.

    Raises:
        InputError: It is no pack, is damaged, or a model in it cannot be used. Models before that one stay.
    """
    with unpacked(pack, (*WANTED, ".nii", ".nii.gz")) as folder:
        if not (folder / MANIFEST).is_file():
            raise InputError(
                "not-a-pack",
                "{path}: has no {file}, so `{pack}` did not write it; take a model of another program in with `{command}`.",
                path=pack,
                file=MANIFEST,
                pack="transferseg sources pack",
                command="transferseg sources import",
            )
        manifest = from_json(_Manifest, read_json(folder / MANIFEST), f"{pack}: {MANIFEST}")
        _check(pack, folder, manifest)
        names = [check_name(path.name) for path in sorted(folder.iterdir()) if path.is_dir()]
        wholes = [name for name in names if (folder / name / PARTS_FILE).is_file()]
        models = [name for name in names if name not in wholes]
        cards = []
        for name in models:
            cards.append(read_card(folder / name))
            if cards[-1].name != name:
                raise _damaged(pack, f"{name}/{CARD_FILE}")
            on_model(name)
            add_source(folder / name, name)
        for name in wholes:
            whole = read_in_parts(folder / name)
            if whole.name != name or not all(part.name in models for part in whole.parts):
                raise _damaged(pack, f"{name}/{PARTS_FILE}")
            write_in_parts(user_folder() / name, whole)
        add_first_sums(_of_these(manifest.first_sums, cards))
    return [*wholes, *models]


def _check(pack: Path, folder: Path, manifest: _Manifest) -> None:
    """Compare the files with their sums: each is there, and no other."""
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    del there[MANIFEST]
    for name in sorted(there.keys() | manifest.sha256.keys()):
        if name not in there or manifest.sha256.get(name) != file_sha256(there[name]):
            raise _damaged(pack, name)


def _damaged(pack: Path, name: str) -> InputError:
    return InputError(
        "pack-damaged",
        "{path}: `{name}` is not as it was packed, so nothing of it was taken in; copy the file again, or pack it again.",
        path=pack,
        name=name,
    )
