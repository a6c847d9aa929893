"""Models of other programs that are on this computer already, in the folders where these programs keep them.

They are listed with the catalogue, and taken in without a download. What is in their files is as untrusted as any download.
Nothing here needs torch, and of the files only the lists of labels are read.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import read_json
from TransferSegLib.sources.downloads import Download, list_all
from TransferSegLib.sources.kinds import AUTO3DSEG, MONAI_BUNDLE, NNUNET

# Of each folder, as many folders as this are looked at.
MOST_FOLDERS = 500
# A list of labels is larger than this only where it is none.
MOST_BYTES = 1024**2


@dataclass(frozen=True)
class FoundModel:
    """A model of another program on this computer.

    Attributes:
        folder: Its folder.
        program: The program that keeps it there.
        name: What it is called: the entry's name in the catalogue, else its folder's.
        labels: What it segments, as far as its files or the catalogue say.
        entry: What the catalogue says of it; None where it is not listed there.
    """

    folder: Path
    program: str
    name: str
    labels: tuple[str, ...]
    entry: Download | None = None

    @property
    def title(self) -> str:
        """What it is, in a line."""
        return self.entry.title if self.entry else f"{self.name} ({self.program})"

    @property
    def modality(self) -> str:
        """The images that it takes, where the catalogue says it."""
        return self.entry.modality if self.entry else ""

    @property
    def body_part(self) -> str:
        """What the images show, where the catalogue says it."""
        return self.entry.body_part if self.entry else ""

    @property
    def licence(self) -> str:
        """Its licence, where the catalogue says it."""
        return self.entry.licence if self.entry else ""

    @property
    def commercial_use(self) -> bool | None:
        """Whether commercial use is allowed, where the catalogue says it."""
        return self.entry.commercial_use if self.entry else None


def places() -> list[tuple[str, Path]]:
    """The folders in which other programs keep models: the program, and the folder, which may not exist."""
    home, environment = Path.home(), os.environ
    cache = Path(environment.get("XDG_CACHE_HOME") or home / ".cache")
    totalsegmentator = Path(environment.get("TOTALSEG_HOME_DIR") or home / ".totalsegmentator") / "nnunet" / "results"
    listed = [
        ("TotalSegmentator", environment.get("TOTALSEG_WEIGHTS_PATH") or totalsegmentator),
        ("MRSegmentator", environment.get("MRSEG_WEIGHTS_PATH") or home / ".mrsegmentator"),
        ("MONAI Auto3DSeg", home / ".MONAIAuto3DSeg" / "models"),
        ("MONAI", Path(environment.get("TORCH_HOME") or cache / "torch") / "hub" / "bundle"),
        ("nnU-Net", environment.get("nnUNet_results")),
    ]
    found: dict[Path, str] = {}
    for program, folder in listed:
        if folder:
            found.setdefault(Path(folder).expanduser(), program)
    return [(program, folder) for folder, program in found.items()]


def list_found() -> list[FoundModel]:
    """List the models of other programs that are on this computer."""
    files = [file for entry in list_all() for file in entry.files()]
    return [_found(program, place, folder, files) for program, place in places() for folder in _models_in(place)]


def find_found(name: str) -> FoundModel | None:
    """Find the model of another program that is listed under this name; None where it is not here."""
    return next((model for model in list_found() if model.name == name), None)


def is_found(entry: Download, found: Iterable[FoundModel]) -> bool:
    """Whether a model, with all its parts, is among those that were found."""
    names = {model.name for model in found}
    return all(file.name in names for file in entry.files())


def _found(program: str, place: Path, folder: Path, files: Iterable[Download]) -> FoundModel:
    names = folder.relative_to(place).parts
    # A published archive holds a folder of its own name, or is unpacked into one.
    known = [file for file in files if Path(file.url).name.removesuffix(".zip") in names]
    known += [file for file in files if program == file.family == "MRSegmentator"]
    entry = next((file for file in known if file.folder in (None, folder.name)), None)
    name = entry.name if entry else "/".join(names) or folder.name
    return FoundModel(folder, program, name, _labels(folder) or (entry.labels if entry else ()), entry)


def _models_in(place: Path) -> Iterator[Path]:
    """The folders of models in a place: nnU-Net's lie in one for each data set, a bundle's is itself one."""
    for folder in (place, *_folders(place)):
        if _is_model(folder):
            yield folder
        elif folder != place:
            yield from (inner for inner in _folders(folder) if _is_model(inner))


def _is_model(folder: Path) -> bool:
    trained = NNUNET.has(folder) and any(folder.glob("fold_*/checkpoint_*.pth"))
    return trained or MONAI_BUNDLE.has(folder) or AUTO3DSEG.has(folder)


def _folders(folder: Path) -> list[Path]:
    try:
        return [path for path in sorted(folder.iterdir())[:MOST_FOLDERS] if path.is_dir() and path.name[0] != "."]
    except OSError:
        return []


def _labels(folder: Path) -> tuple[str, ...]:
    """The labels of a model as its own list names them; none where that cannot be read."""
    if NNUNET.has(folder):
        labels = _object(folder / "dataset.json").get("labels")
        return tuple(str(name) for name in labels if name != "background") if isinstance(labels, dict) else ()
    with suppress(AttributeError, LookupError, StopIteration, TypeError):
        output = next(iter(_object(folder / MONAI_BUNDLE.file)["network_data_format"]["outputs"].values()))
        names = output.get("channel_def") or output["label_def"]
        return tuple(str(name) for key, name in names.items() if key != "0")
    return ()


def _object(path: Path) -> Mapping[str, Any]:
    try:
        data = read_json(path) if path.stat().st_size <= MOST_BYTES else None
    except (InputError, OSError):
        return {}
    return data if isinstance(data, dict) else {}
