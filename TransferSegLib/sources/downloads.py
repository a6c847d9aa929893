"""Lists the models that can be downloaded; what fetches them is in `fetching`.

Only addresses of https (any server) and `file:` are taken.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from TransferSegLib.core.card import ModelCard, of_this_format
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.licences import commercial_use, use_in_words
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import from_json, read_json
from TransferSegLib.sources.catalogue import BrokenSource, is_name, list_sources, user_folder

CATALOGUE = Path(__file__).with_name("downloads.json")
# No model here is larger; a server that goes on sending is cut off.
MOST_BYTES = 8 * 1024**3
SCHEMES = ("https", "file")


@dataclass(frozen=True)
class Download:
    """A model that can be downloaded.

    Attributes:
        name: Its name in the catalogue.
        title: What it is, in a line.
        modality: The images that it takes, such as `t2w`.
        body_part: What the images show.
        labels: What it segments.
        url: Where its file is.
        licence: Its licence, by name.
        citation: What to cite.
        commercial_use: Whether commercial use is allowed; None where it is not known.
        size_bytes: The file's size; None where its publisher does not state it.
        sha256: The file's SHA-256, which every entry that ships has.
        sha1: The file's SHA-1, where its publisher states that alone.
        card: What bare weights are. A bundle or a nnU-Net model describes itself.
        spacing_mm: The voxel size that it was trained at, where a bundle computes it or leaves it open.
        weights: The name of its weights file, where a bundle has several.
    """

    name: str
    title: str
    modality: str
    body_part: str
    labels: tuple[str, ...]
    url: str
    licence: str
    citation: str
    commercial_use: bool | None = None
    size_bytes: int | None = None
    sha256: str | None = None
    sha1: str | None = None
    card: ModelCard | None = None
    spacing_mm: tuple[float, float, float] | None = None
    weights: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "commercial_use", commercial_use(self.licence, self.commercial_use))

    @property
    def sum(self) -> tuple[str, str]:
        """The sum that the file must have: its kind, and its hexadecimal digits."""
        return ("sha256", self.sha256) if self.sha256 else ("sha1", self.sha1 or "")


@dataclass(frozen=True)
class _Listing:
    format: int
    entries: tuple[Any, ...] = field(default=())


def list_downloads() -> list[Download]:
    """List the models that can be downloaded and are not there yet.

    Those known to the program come first, then those of the person's own `downloads.json` beside the models (an institute's
    server, a shared drive as `file:`).
    """
    there = {source.card.name for source in list_sources()}
    return [found for found in _scan() if isinstance(found, Download) and found.name not in there]


def broken_downloads() -> list[BrokenSource]:
    """List the entries that cannot be used; the others are listed all the same."""
    return [found for found in _scan() if isinstance(found, BrokenSource)]


def _scan() -> Iterator[Download | BrokenSource]:
    of_person = user_folder() / "downloads.json"
    taken = {source.card.name for source in list_sources() if source.origin == "bundled"}
    for path in (CATALOGUE, *([of_person] if of_person.is_file() else [])):
        try:
            listed = from_json(_Listing, read_json(path), str(path)).entries
        except InputError as error:
            yield BrokenSource(path, error.problem)
            continue
        for n, data in enumerate(listed):
            name = str(data.get("name", "")) if isinstance(data, dict) else ""
            try:
                entry = _entry(data, f"{path}: entry {n + 1}")
                if entry.name in taken:
                    raise InputError(
                        "download-name-taken",
                        "{path}: entry {number}: `{name}` is the name of another model that ships or is listed; give "
                        "it one of its own.",
                        path=path,
                        number=n + 1,
                        name=entry.name,
                    )
                taken.add(entry.name)
                yield entry
            except InputError as error:
                yield BrokenSource(path, error.problem, name)
            except Exception as error:  # whatever one entry does, the others are offered
                fields = {"path": path, "number": n + 1, "reason": error}
                yield BrokenSource(
                    path,
                    Problem(
                        "download-entry-not-readable",
                        "{path}: entry {number}: cannot be read ({reason}); correct it.",
                        fields,
                    ),
                    name,
                )


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
    try:
        address(entry)
    except InputError as error:
        raise InputError("in-download-entry", "{where}: {reason}.", where=where, reason=error) from None
    if entry.size_bytes is not None and not 0 < entry.size_bytes <= MOST_BYTES:
        raise InputError(
            "download-size-not-usable",
            "{where}: `{name}` has {size:,} bytes, and a model has 1 to {most:,}; correct it.",
            where=where,
            name=entry.name,
            size=entry.size_bytes,
            most=MOST_BYTES,
        )
    kind, digest = entry.sum
    if not re.fullmatch("[0-9a-fA-F]{64}" if kind == "sha256" else "[0-9a-fA-F]{40}", digest):
        raise InputError(
            "download-without-sum",
            "{where}: `{name}` has no SHA-256 (64 digits) or SHA-1 (40); add it.",
            where=where,
            name=entry.name,
        )
    return entry


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
    """Find the entry of this name, also when the model is here already; None where there is none."""
    return next((found for found in _scan() if isinstance(found, Download) and found.name == name), None)


def facts(entry: Download, stated_bytes: int | None = None) -> Mapping[str, str]:
    """Collect what a person reads before downloading.

    Args:
        entry: What is offered.
        stated_bytes: What `stated_size` found for an entry without a size.

    Returns:
        Name of the fact → the fact, in the order to show.
    """
    size = "not stated by its publisher"
    if entry.size_bytes or stated_bytes:
        size = (
            f"{(entry.size_bytes or stated_bytes or 0) / 1e6:.1f} MB{'' if entry.size_bytes else ', its server says'}"
        )
    return {
        "segments": ", ".join(entry.labels),
        "images": f"{entry.modality}, {entry.body_part}",
        "from": entry.url,
        "size": size,
        "SHA-256" if entry.sha256 else "SHA-1": entry.sum[1],
        "licence": f"{entry.licence or 'not stated'}; commercial use: {use_in_words(entry.licence, entry.commercial_use)}",
        "citation": entry.citation,
    }
