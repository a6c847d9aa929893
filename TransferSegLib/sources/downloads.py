"""Lists the models that can be downloaded; what fetches them is in `fetching`.

Only addresses of https (any server) and `file:` are taken.
"""

from __future__ import annotations

import os
import re
import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from TransferSegLib.core.card import ModelCard, of_this_format
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.library_words import library_says
from TransferSegLib.core.licences import commercial_use, use_in_words
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import from_json, read_json
from TransferSegLib.sources.catalogue import BrokenSource, is_name, list_in_parts, list_sources, user_folder
from TransferSegLib.sources.first_sums import first_sums

CATALOGUE = Path(__file__).with_name("downloads.json")
# Made from the publishers' own lists by docs/make_catalogue.py.
PUBLIC_MODELS = Path(__file__).with_name("public_models.json")
# No model here is larger; a server that goes on sending is cut off.
MOST_BYTES = 8 * 1024**3
SCHEMES = ("https", "file")
LIST_FILE = "downloads.json"
# Where publishers keep their own releases: a file there needs no stated sum. What its first download had is required later.
PUBLISHERS = (
    "https://github.com/wasserth/TotalSegmentator/releases/download/",
    "https://github.com/lassoan/SlicerMONAIAuto3DSeg/releases/download/",
    "https://github.com/hhaentze/MRSegmentator/releases/download/",
    "https://huggingface.co/project-lighter/",
)
# What is said where nobody states a sum.
FIRST_SUM = "written down at the first download and required of every later one"
# What kinds of models an entry may state; empty where its file says it.
LAYOUTS = ("", "nnunet", "monai-bundle", "auto3dseg", "ctfm")


@dataclass(frozen=True)
class DownloadPart:
    """One of the models that a model in parts consists of.

    Attributes:
        name: What it is called within the whole, such as `organs`.
        labels: What it segments.
        url: Where its file is.
        size_bytes: The file's size; None where nobody states it.
        sha256: The file's SHA-256, where somebody states it.
        sum_stated_by: Who states it.
    """

    name: str
    labels: tuple[str, ...]
    url: str
    size_bytes: int | None = None
    sha256: str | None = None
    sum_stated_by: str = ""


@dataclass(frozen=True)
class Download:
    """A model that can be downloaded, or that is listed so that people know of it.

    Attributes:
        name: Its name in the catalogue.
        title: What it is, in a line.
        modality: The images that it takes, such as `t2w`.
        body_part: What the images show.
        labels: What it segments; empty where nobody states it, or where it is there only to be adapted.
        url: Where its file is; empty for a model in parts, and for one that needs a key.
        licence: Its licence, by name; empty where its publisher states none.
        citation: What to cite.
        commercial_use: Whether commercial use is allowed; None where it is not known.
        size_bytes: The file's size; None where nobody states it.
        sha256: The file's SHA-256.
        sha1: The file's SHA-1, where its publisher states that alone.
        sum_stated_by: Who states the sum, where that is not the list itself.
        card: What bare weights are. A bundle or a nnU-Net model describes itself.
        spacing_mm: The voxel size that it was trained at.
        weights: The name of its weights file, where a bundle has several.
        folder: The model's folder in its file, where that holds several models.
        family: The collection of models that it belongs to.
        layout: What kind of model it is, one of `LAYOUTS`; empty where its file says it.
        licence_page: The page where its publisher states the licence.
        needs_key: Whether its publisher gives it out only for a key.
        parts: The models that it consists of, where it is one in parts.
        crop_to: The structures that its publisher crops images to before it runs.
        orientation: How its publisher turns images before its network sees them, as three letters such as `RAS`, whatever the
            model's own files say; None where they say it.
        mirrors: Further addresses of the same file, which are asked where the first one cannot be reached.
        replaced_by: The entry that is a newer version of it.
        sample: The name of a scan in Slicer's module Sample Data on which it can be tried; empty where none is known.
    """

    name: str
    title: str
    modality: str
    body_part: str
    labels: tuple[str, ...]
    url: str = ""
    licence: str = ""
    citation: str = ""
    commercial_use: bool | None = None
    size_bytes: int | None = None
    sha256: str | None = None
    sha1: str | None = None
    sum_stated_by: str = ""
    card: ModelCard | None = None
    spacing_mm: tuple[float, float, float] | None = None
    weights: str | None = None
    folder: str | None = None
    family: str = ""
    layout: str = ""
    licence_page: str = ""
    needs_key: bool = False
    parts: tuple[DownloadPart, ...] = ()
    crop_to: tuple[str, ...] = ()
    orientation: str | None = None
    mirrors: tuple[str, ...] = ()
    replaced_by: str | None = None
    sample: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "commercial_use", commercial_use(self.licence, self.commercial_use))

    @property
    def sum(self) -> tuple[str, str] | None:
        """The sum that the file must have: its kind, and its hexadecimal digits; None where nobody states one."""
        if self.sha256:
            return "sha256", self.sha256
        return ("sha1", self.sha1) if self.sha1 else None

    @property
    def total_bytes(self) -> int | None:
        """The size of all its files; None where that of one is not known."""
        sizes = [part.size_bytes for part in self.parts] or [self.size_bytes]
        known = [size for size in sizes if size is not None]
        return sum(known) if len(known) == len(sizes) else None

    @property
    def obstacle(self) -> Problem | None:
        """Why it cannot be downloaded; None where it can."""
        if self.needs_key:
            return Problem(
                "download-needs-key",
                "`{name}`: its publisher gives it out only for a key, so it cannot be downloaded here; {page} says how to "
                "get one, and a model that you have is taken in with `{command}`.",
                {"name": self.name, "page": self.licence_page, "command": "transferseg sources import"},
            )
        return None

    def files(self) -> list[Download]:
        """The entry of each of its files: itself, or one for each of its parts."""
        if not self.parts:
            return [self]
        return [
            replace(
                self,
                name=f"{self.name}-{part.name}",
                title=f"{self.title}: {part.name}",
                labels=part.labels,
                url=part.url,
                size_bytes=part.size_bytes,
                sha256=part.sha256,
                sum_stated_by=part.sum_stated_by,
                parts=(),
            )
            for part in self.parts
        ]


@dataclass(frozen=True)
class Listing:
    """A list of models: the file that an institute writes, too. Each entry is a `Download`."""

    format: int
    entries: tuple[Any, ...] = field(default=())


def list_downloads() -> list[Download]:
    """List the models that can be downloaded and are not there yet, without those that have newer versions."""
    return [found for found in list_elsewhere() if found.obstacle is None]


def list_elsewhere() -> list[Download]:
    """List the models that are not there yet, also those that cannot be used, without those that have newer versions."""
    there = {source.card.name for source in list_sources()} | {whole.name for whole in list_in_parts()}
    return [found for found in list_all() if found.name not in there and not found.replaced_by]


def list_all() -> list[Download]:
    """List every entry, also of what is here already, needs a key, cannot be read yet, or has a newer version.

    Those known to the program come first, then those of `further_lists` (an institute's server, a shared drive as `file:`).
    """
    return [found for found in _scan() if isinstance(found, Download)]


def broken_downloads() -> list[BrokenSource]:
    """List the entries that cannot be used; the others are listed all the same."""
    return [found for found in _scan() if isinstance(found, BrokenSource)]


def _scan() -> Iterator[Download | BrokenSource]:
    taken = {source.card.name for source in list_sources() if source.origin == "bundled"}
    for path in (CATALOGUE, PUBLIC_MODELS, *further_lists()):
        try:
            stat = path.stat()
        except OSError as error:
            yield BrokenSource(path, _list_missing(path, error))
            continue
        for n, found in enumerate(_read_list(path, stat.st_mtime_ns, stat.st_size)):
            if isinstance(found, Download) and found.name in taken:
                found = BrokenSource(path, _name_taken(path, n + 1, found.name), found.name)
            elif isinstance(found, Download):
                taken.add(found.name)
            yield found


def further_lists() -> list[Path]:
    """The lists beside those of the program: the person's own, and those that `TRANSFERSEG_CATALOGUE` names.

    The variable has files, or folders with a `downloads.json`, with `os.pathsep` between them.
    """
    own = user_folder() / LIST_FILE
    named = [Path(text).expanduser() for text in os.environ.get("TRANSFERSEG_CATALOGUE", "").split(os.pathsep) if text]
    lists = [*([own] if own.is_file() else []), *(path / LIST_FILE if path.is_dir() else path for path in named)]
    return list(dict.fromkeys(lists))


def _list_missing(path: Path, error: OSError) -> Problem:
    return Problem(
        "list-of-models-missing",
        "{path}: the list of models that TRANSFERSEG_CATALOGUE names cannot be read ({reason}); is the drive there?",
        {"path": path, "reason": error.strerror or str(error)},
    )


def _name_taken(path: Path, number: int, name: str) -> Problem:
    return Problem(
        "download-name-taken",
        "{path}: entry {number}: `{name}` is the name of another model that ships or is listed; give it one of its own.",
        {"path": path, "number": number, "name": name},
    )


@lru_cache(maxsize=8)
def _read_list(path: Path, *stamp: int) -> tuple[Download | BrokenSource, ...]:
    """Read a list, again only when the `stamp` of its file has changed: the panel asks often."""
    try:
        listed = from_json(Listing, read_json(path), str(path)).entries
    except InputError as error:
        return (BrokenSource(path, error.problem),)
    read: list[Download | BrokenSource] = []
    for n, data in enumerate(listed):
        name = str(data.get("name", "")) if isinstance(data, dict) else ""
        try:
            read.append(_entry(_beside(data, path), f"{path}: entry {n + 1}"))
        except InputError as error:
            read.append(BrokenSource(path, error.problem, name))
        except Exception as error:  # whatever one entry does, the others are offered
            fields = {"path": path, "number": n + 1, "reason": library_says(error)}
            problem = Problem(
                "download-entry-not-readable", "{path}: entry {number}: cannot be read ({reason}); correct it.", fields
            )
            read.append(BrokenSource(path, problem, name))
    return tuple(read)


def _beside(data: Any, path: Path) -> Any:
    """An entry with whole addresses in place of those that begin with `./`, which are files beside the list."""
    if isinstance(data, dict):
        return {
            key: _beside(value, path) if key in ("url", "mirrors", "parts") else value for key, value in data.items()
        }
    if isinstance(data, list):
        return [_beside(value, path) for value in data]
    if isinstance(data, str) and data.startswith("./"):
        return (path.parent.absolute() / data).as_uri()
    return data


def _entry(data: Any, where: str) -> Download:
    if isinstance(data, dict) and "card" in data:
        data = {**data, "card": of_this_format(data["card"])}
    entry = from_json(Download, data, where)
    if not is_name(entry.name):
        raise InputError(
            "download-name-not-usable",
            "{where}: `{name}` cannot be a model's name; use letters, digits, `-`, `_` and `.`.",
            where=where,
            name=entry.name,
        )
    if entry.layout not in LAYOUTS:
        raise InputError(
            "download-layout-not-known",
            "{where}: `{name}` has the layout {layout}; known are {known}.",
            where=where,
            name=entry.name,
            layout=entry.layout,
            known=[layout for layout in LAYOUTS if layout],
        )
    if not entry.needs_key:
        for file in entry.files():
            _check_file(file, where)
    return entry


def _check_file(file: Download, where: str) -> None:
    try:
        for url in (file.url, *file.mirrors):
            address(replace(file, url=url))
    except InputError as error:
        raise InputError("in-download-entry", "{where}: {reason}.", where=where, reason=error) from None
    if file.size_bytes is not None and not 0 < file.size_bytes <= MOST_BYTES:
        raise InputError(
            "download-size-not-usable",
            "{where}: `{name}` has {size:,} bytes, and a model has 1 to {most:,}; correct it.",
            where=where,
            name=file.name,
            size=file.size_bytes,
            most=MOST_BYTES,
        )
    if file.sum is None and is_of_publisher(file.url):
        return
    kind, digest = file.sum or ("", "")
    if not re.fullmatch("[0-9a-fA-F]{40}" if kind == "sha1" else "[0-9a-fA-F]{64}", digest):
        raise InputError(
            "download-without-sum",
            "{where}: `{name}` has no SHA-256 (64 digits) or SHA-1 (40); add it.",
            where=where,
            name=file.name,
        )


def is_of_publisher(url: str) -> bool:
    """Whether an address is among the releases of a publisher that is known, where a file needs no stated sum."""
    return url.startswith(PUBLISHERS) and ".." not in url and "%" not in url


def address(entry: Download) -> urllib.parse.SplitResult:
    """Parse the address of an entry.

    Raises:
        InputError: It is not an address, or its scheme is not one of `SCHEMES`.
    """
    try:
        url = urllib.parse.urlsplit(entry.url)
        plain = url.hostname and (url.port or 0) >= 0 and re.fullmatch("[!-~]+", entry.url)
        usable = bool(plain) or url.scheme == "file"
    except ValueError:
        usable = False
    if not usable:
        raise InputError(
            "download-no-address",
            "`{name}` is at {url}, which is no address; correct it.",
            name=entry.name,
            url=entry.url[:200],
        )
    if url.scheme not in SCHEMES:
        raise InputError(
            "download-scheme-not-known",
            "`{name}` is at {url}; only https: and file: are downloaded from.",
            name=entry.name,
            url=entry.url[:200],
        )
    return url


def find_download(name: str) -> Download | None:
    """Find the entry of this name, also when the model is here already; None where there is none.

    A part of a model in parts has a name, too: the model's, `-`, and the part's.
    """
    known = list_all()
    parts = (part for entry in known if entry.parts for part in entry.files())
    return next((found for found in (*known, *parts) if found.name == name), None)


def facts(entry: Download, stated_bytes: int | None = None) -> Mapping[str, str]:
    """Collect what a person reads before downloading.

    Args:
        entry: What is offered.
        stated_bytes: What `stated_size` found for an entry without a size.

    Returns:
        Name of the fact → the fact, in the order to show.
    """
    size = "not stated by its publisher"
    known = entry.total_bytes
    if known or stated_bytes:
        size = f"{(known or stated_bytes or 0) / 1e6:.1f} MB{'' if known else ', its server says'}"
    told = {
        "segments": ", ".join(entry.labels) or "not stated",
        "images": f"{entry.modality}, {entry.body_part}",
        "from": " ".join(file.url for file in entry.files()) or "its publisher, for a key",
        "size": size,
        **_sums(entry),
        "licence": f"{entry.licence or 'not stated'}; commercial use: {use_in_words(entry.licence, entry.commercial_use)}",
        "citation": entry.citation,
    }
    if entry.licence_page:
        told["stated at"] = entry.licence_page
    if entry.orientation:
        told["orientation"] = f"its publisher turns images to {entry.orientation} first"
    if entry.crop_to:
        told["region"] = (
            f"its publisher first crops images to {', '.join(entry.crop_to)}; what it finds elsewhere means little"
        )
    if entry.obstacle:
        told["state"] = entry.obstacle.sentence
    return told


def _sums(entry: Download) -> dict[str, str]:
    if entry.needs_key:
        return {}
    if entry.parts:
        pinned = sum(file.sum is not None for file in entry.files())
        return (
            {"SHA-256": f"of {pinned} of {len(entry.parts)} files stated; {FIRST_SUM}"}
            if pinned < len(entry.parts)
            else {}
        )
    if entry.sum is None:
        first = first_sums().get(entry.url)
        return {"SHA-256": f"{first.sha256}, as it was first downloaded on {first.date}" if first else FIRST_SUM}
    stated = f", stated by {entry.sum_stated_by}" if entry.sum_stated_by else ""
    return {"SHA-256" if entry.sha256 else "SHA-1": f"{entry.sum[1]}{stated}"}
