"""Finds source models: those that ship, the person's own, and any folder named on the command line.

Nothing here needs torch, so that a list of models can be shown where nothing is installed yet.
"""

from __future__ import annotations

import difflib
import os
import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from TransferSegLib.core.card import ModelCard, read_card
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import remove_folder, whole_folder
from TransferSegLib.core.problems import Problem
from TransferSegLib.sources.folder import CARD_FILE, WEIGHTS_FILES, SourceFolder, Weights, save_source
from TransferSegLib.sources.in_parts import PARTS_FILE, InParts, read_in_parts
from TransferSegLib.sources.kinds import CHECKPOINT_SUFFIXES, is_foreign_model
from TransferSegLib.sources.untrusted.file_kinds import check_kind

if TYPE_CHECKING:
    from torch import Tensor


_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class BrokenSource:
    """A folder or file among the models that cannot be used.

    Attributes:
        folder: The folder, or the list of downloads.
        problem: What is wrong with it.
        name: The name that the model would have; empty where it is not known.
    """

    folder: Path
    problem: Problem
    name: str = ""


def bundled_folder() -> Path:
    """The models that ship: inside the installed package, else in `Resources` beside it (a clone, or Slicer's modules)."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "resources" / "SourceModels"
    return installed if installed.is_dir() else package.parent / "Resources" / "SourceModels"


def user_folder() -> Path:
    """The person's own models: `TRANSFERSEG_MODELS`, else the platform's folder for a program's data. May not exist yet."""
    if chosen := os.environ.get("TRANSFERSEG_MODELS"):
        return Path(chosen).expanduser()
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "TransferSeg" / "models"


def list_sources() -> list[SourceFolder]:
    """List the models in the order in which they are offered.

    Bundled models come before the person's own. Within each, models for any contrast come first, then those that were
    trained on most cases, then by name. Folders that cannot be read are in `broken_sources`.
    """
    found = [source for source in _scan() if isinstance(source, SourceFolder)]
    return sorted(found, key=_rank)


def list_in_parts() -> list[InParts]:
    """List the person's models that consist of several; each of these is in `list_sources` as well."""
    return [found for found in _scan() if isinstance(found, InParts)]


def find_in_parts(name: str | Path) -> InParts | None:
    """Find the model in parts that has this name; None where none has."""
    return next((found for found in list_in_parts() if found.name == str(name)), None)


def _rank(source: SourceFolder) -> tuple[bool, bool, int]:
    return source.origin != "bundled", not source.card.any_contrast, -source.card.training_cases


def broken_sources() -> list[BrokenSource]:
    """List the folders among the models that cannot be used."""
    return [found for found in _scan() if isinstance(found, BrokenSource)]


def find_source(name_or_folder: str | Path) -> SourceFolder:
    """Find a model.

    Args:
        name_or_folder: A model's name, its folder, or a job's folder, whose adapted model is in `model/`.

    Raises:
        InputError: There is no such model (the error names the nearest), or it cannot be used.
    """
    known = []
    for found in _scan():
        if isinstance(found, SourceFolder) and found.card.name == str(name_or_folder):
            return found
        known.append(found)
    for found in known:
        if isinstance(found, BrokenSource) and found.name == str(name_or_folder):
            raise InputError.of(found.problem)
        if isinstance(found, InParts) and found.name == str(name_or_folder):
            raise InputError.of(found.must_choose())
    folder = Path(name_or_folder).expanduser()
    if folder.is_file() and folder.suffix.lower() in (*CHECKPOINT_SUFFIXES, ".ts", ".zip"):
        check_kind(folder)  # which says what it is, where it cannot be imported either
    if folder.is_dir():
        return find_in_folder(folder)
    if folder.is_file():
        raise InputError(
            "source-is-file",
            "{path}: is a file, and a model is a folder; {beside:?give {parent}|bring it in with `{command}` first, then "
            "give the name that this prints}.",
            path=folder,
            parent=folder.parent,
            beside=(folder.parent / CARD_FILE).is_file(),
            command=f"transferseg sources import {folder}",
        )
    names = [found.card.name for found in known if isinstance(found, SourceFolder)]
    near = difflib.get_close_matches(str(name_or_folder), names, n=3, cutoff=0.4)
    if near:
        raise InputError(
            "source-not-found-others-near",
            "`{name}`: no source model has this name and there is no such folder; nearest are {near}.",
            name=name_or_folder,
            near=near,
        )
    raise InputError(
        "source-not-found",
        "`{name}`: no source model has this name and there is no such folder; `{command}` names all, and a job's folder "
        "will do.",
        name=name_or_folder,
        command="transferseg sources list",
    )


def remove_source(name: str) -> Path:
    """Delete one of the person's own models. Of a link to a folder elsewhere, only the link is deleted.

    With a model in parts its parts are deleted.

    Args:
        name: The model's name; of one that cannot be used, its folder's.

    Returns:
        Where the model was.

    Raises:
        InputError: No model of the person's own has this name, or it cannot be deleted.
    """
    if whole := find_in_parts(name):
        for part in whole.parts:
            if any(source.card.name == part.name and source.origin == "user" for source in list_sources()):
                remove_source(part.name)
        remove_folder(user_folder() / name)
        return user_folder() / name
    own = (one for one in _scan() if not isinstance(one, InParts) and one.folder.parent == user_folder())
    found = next((one for one in own if _name_of(one) == name), None)
    if found is None:
        raise InputError(
            "not-your-model",
            "`{name}`: no model of your own has this name; `{command}` shows which are yours.",
            name=name,
            command="transferseg sources list",
        )
    if not any(os.path.lexists(found.folder / file) for file in (CARD_FILE, *WEIGHTS_FILES)):
        raise InputError(
            "folder-is-no-model",
            "{path}: has neither a card nor weights, so it is no model and was left alone; delete it by yourself.",
            path=found.folder,
        )
    try:
        if found.folder.is_symlink():
            found.folder.unlink()
        else:
            remove_folder(found.folder)
    except OSError as error:
        raise InputError(
            "model-not-deleted",
            "{path}: cannot be deleted ({reason}); close what uses it, then try again.",
            path=found.folder,
            reason=error.strerror or error,
        ) from None
    return found.folder


def _name_of(found: SourceFolder | BrokenSource) -> str:
    return found.card.name if isinstance(found, SourceFolder) else found.name


def free_name(name: str) -> str:
    """Check that a model of the person's own can have this name, and return it.

    Raises:
        InputError: The name is not allowed (see `check_name`), or a model that ships with TransferSeg has it.
    """
    check_name(name)
    if any(found.card.name == name for found in list_sources() if found.origin == "bundled"):
        raise InputError(
            "name-of-bundled-model",
            "`{name}` is the name of a model that ships with TransferSeg; give another with {option}.",
            name=name,
            option="--name",
        )
    return name


def keep_source(
    card: ModelCard,
    network_state: Mapping[str, Tensor],
    members: Mapping[str, Mapping[str, Tensor]] | None = None,
    first_stage: Weights | None = None,
) -> SourceFolder:
    """Put a model into the person's folder under its card's name.

    Args:
        card: What the model is.
        network_state: The weights, by the names of the card's network.
        members: Further weights of an ensemble, see `save_source`.
        first_stage: The weights of a cascade's first stage.

    Returns:
        The kept model. One that is there already under this name is left as it is.

    Raises:
        InputError: Another model has the name, or the folder cannot be written.
    """
    target = user_folder() / free_name(card.name)
    try:
        with whole_folder(target) as staged:
            card = save_source(staged, card, network_state, members, first_stage)
    except OSError as error:
        if not (isinstance(error, FileExistsError) and target.exists()):
            raise InputError(
                "model-not-written",
                "{path}: cannot be written ({reason}); free space or set TRANSFERSEG_MODELS.",
                path=target,
                reason=error.strerror,
            ) from None
        if not (target / CARD_FILE).is_file() or _read(target, "user").card != card:
            raise InputError(
                "model-name-taken",
                "{path}: another model is there under this name; give a new one with {option}.",
                path=target,
                option="--name",
            ) from None
    return SourceFolder(card, target, "user")


def is_name(name: str) -> bool:
    """Whether a model, and its folder, can have this name on every platform."""
    return _SAFE_NAME.fullmatch(name) is not None and not name.endswith(".")


def check_name(name: str) -> str:
    """Check that a model and its folder can have this name on every platform, and return it.

    Raises:
        InputError: The name is too long, or has other characters than letters, digits, `-`, `_` and `.`.
    """
    if not is_name(name):
        raise InputError(
            "not-a-model-name",
            "`{name}` cannot be a model's name; use up to 64 letters, digits, `-`, `_` and `.`, "
            "beginning with a letter or digit ({option} gives another).",
            name=name,
            option="--name",
        )
    return name


def _scan() -> Iterator[SourceFolder | BrokenSource | InParts]:
    places: tuple[tuple[Path, Literal["bundled", "user"]], ...] = (
        (bundled_folder(), "bundled"),
        (user_folder(), "user"),
    )
    for place, origin in places:
        try:
            folders = sorted(path for path in place.iterdir() if path.is_dir() and not path.name.startswith("."))
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            yield BrokenSource(
                place,
                Problem(
                    "folder-not-readable",
                    "{path}: cannot be read ({reason}); check its permissions.",
                    {"path": place, "reason": error.strerror},
                ),
            )
            continue
        for folder in folders:
            try:
                if origin == "user" and (folder / PARTS_FILE).is_file():
                    yield read_in_parts(folder)
                    continue
                source = _read(folder, origin)
                source.weights  # noqa: B018  a model without weights is broken as well
                yield source
            except InputError as error:
                yield BrokenSource(folder, error.problem, folder.name)
            except Exception as error:  # whatever a folder from elsewhere holds, the other models stay
                fields = {"path": folder, "kind": type(error).__name__, "reason": error}
                yield BrokenSource(
                    folder,
                    Problem(
                        "folder-is-not-readable-as-model",
                        "{path}: is no model ({kind}: {reason}); remove the folder.",
                        fields,
                    ),
                    folder.name,
                )


def find_in_folder(folder: Path) -> SourceFolder:
    """Find the model in a folder, or in a job's folder.

    Raises:
        InputError: There is no model, or it cannot be read.
    """
    for candidate in (folder, folder / "model"):
        if (candidate / CARD_FILE).exists():
            return _read(candidate, "path")
    if (folder / "job.json").is_file():
        raise InputError(
            "job-without-model",
            "{path}: this job has no model yet; let it finish (`{command}` goes on with one that was "
            "stopped), then use it.",
            path=folder,
            command=f"transferseg resume {shlex.quote(str(folder))}",
        )
    if not folder.is_dir():
        raise InputError("no-such-folder", "{path}: no such folder; check the path.", path=folder)
    if is_foreign_model(folder):
        raise InputError(
            "foreign-model",
            "{path}: is a model of another program; bring it in with `{command}`.",
            path=folder,
            command="transferseg sources import",
        )
    if (folder / "loop.json").is_file():
        model = _newest_of_loop(folder)
        raise InputError(
            "model-of-loop",
            "{path}: is a loop, whose models lie in its rounds; {any:?give the newest, {model}|no round has ended yet}.",
            path=folder,
            any=model is not None,
            model=model or "",
        )
    raise InputError(
        "no-card-in-folder",
        "{path}: holds no {file}, so it is not a model; give a model's folder or a job's.",
        path=folder,
        file=CARD_FILE,
    )


def _newest_of_loop(folder: Path) -> Path | None:
    """The newest round of a loop that has a model; None where none has."""
    rounds = [card.parent.parent for card in folder.glob(f"round-*/model/{CARD_FILE}")]
    numbered = [path for path in rounds if path.name.removeprefix("round-").isdecimal()]
    return max(numbered, key=lambda path: int(path.name.removeprefix("round-")), default=None)


def _read(folder: Path, origin: Literal["bundled", "user", "path"]) -> SourceFolder:
    try:
        stat = (folder / CARD_FILE).lstat()
    except OSError:
        return SourceFolder(read_card(folder), folder, origin)  # which says what is wrong
    return SourceFolder(_known_card(folder, stat.st_ino, stat.st_mtime_ns, stat.st_size), folder, origin)


@lru_cache(maxsize=1000)
def _known_card(folder: Path, *stamp: int) -> ModelCard:
    """Read a folder's card, again only when the `stamp` of its file has changed: the panel asks very often."""
    return read_card(folder)
