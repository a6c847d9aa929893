"""Downloads models: lists them, fetches a file (going on where a download broke off), and verifies it.

Only https (any server, through the proxy that the environment names) and `file:` are taken. Every file has a sum that is
fixed in the list, so that its server need not be trusted.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import http.client
import os
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

from TransferSegLib.core.card import ModelCard, of_this_format
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import replacing
from TransferSegLib.core.licences import commercial_use, use_in_words
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import from_json, read_json
from TransferSegLib.sources.catalogue import BrokenSource, is_name, list_sources, user_folder
from TransferSegLib.sources.folder import SourceFolder

CATALOGUE = Path(__file__).with_name("downloads.json")
# No model here is larger; a server that goes on sending is cut off.
MOST_BYTES = 8 * 1024**3
SCHEMES = ("https", "file")
CHUNK_BYTES = 1 << 20
TIMEOUT_S = 60
# For what is good to know and not needed.
ASKING_TIMEOUT_S = 5
OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EFBIG)


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
                problem = Problem(
                    "download-entry-not-readable",
                    "{path}: entry {number}: cannot be read ({reason}); correct it.",
                    {"path": path, "number": n + 1, "reason": error},
                )
                yield BrokenSource(path, problem, name)


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
        _address(entry)
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


def _address(entry: Download) -> urllib.parse.SplitResult:
    """Parse an entry's address; raises `InputError` for what is no address, or one that is not downloaded from."""
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


def download_source(
    entry: Download, file: Path | None = None, on_progress: Callable[[int, int | None], None] = lambda done, total: None
) -> SourceFolder:
    """Download a model, verify it, and keep it in the person's folder.

    Args:
        entry: What to download.
        file: The entry's file where it was fetched by other means; None to download it.
        on_progress: Gets (bytes that are here, bytes in all or None).

    Raises:
        InputError: The file cannot be fetched, or is not the right one. What is already here is kept, and the next call goes
            on from there.
    """
    from TransferSegLib.sources.catalogue import keep_source
    from TransferSegLib.sources.imports.checkpoint import fit_checkpoint
    from TransferSegLib.sources.imports.importer import ImportOptions
    from TransferSegLib.sources.imports.importing import read_model

    part: Path | None = None
    if file is None:
        part = file = _fetch(entry, on_progress)
    _verify(entry, file.expanduser(), part is not None)
    if entry.card is not None:
        imported = fit_checkpoint(file.expanduser(), entry.card, f"the entry `{entry.name}`")
    else:
        imported = read_model(file.expanduser(), ImportOptions(entry.spacing_mm, entry.weights))
    card = replace(
        imported.card,
        name=entry.name,
        title=entry.title,
        modality=entry.modality,
        body_part=entry.body_part,
        licence=entry.licence,
        citation=entry.citation,
        commercial_use=entry.commercial_use,
        made_by={**imported.card.made_by, "downloaded_from": entry.url, entry.sum[0]: entry.sum[1]},
    )
    source = keep_source(card, imported.state)
    if part is not None:
        part.unlink(missing_ok=True)
    return source


def _fetch(entry: Download, on_progress: Callable[[int, int | None], None]) -> Path:
    """Download the entry's file into the person's folder of models; a part that is there already is continued."""
    url = _address(entry)
    folder = user_folder() / ".downloads"
    suffix = Path(url.path).suffix
    part = folder / f"{entry.sum[1].lower()}{suffix if suffix in ('.zip', '.pt', '.pth', '.safetensors') else ''}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if url.scheme == "file":
            _copy(entry, _local(url), part, on_progress)
        else:
            _get(entry, part, on_progress)
    except InputError:
        raise
    except OSError as error:
        raise InputError(
            "model-not-written",
            "{path}: cannot be written ({reason}); free space or set TRANSFERSEG_MODELS.",
            path=part,
            reason=error.strerror or error,
        ) from None
    return part


def _local(url: urllib.parse.SplitResult) -> Path:
    """The file of a `file:` address; one on another computer (`file://server/share/…`) opens by that name on Windows only."""
    host = "" if url.netloc == "localhost" else url.netloc
    if host and os.name != "nt":
        raise InputError(
            "file-on-other-computer",
            "{url}: is on another computer, `{host}`; connect its folder and give the address of the "
            "file there, file:///….",
            url=url.geturl(),
            host=host,
        )
    return Path(urllib.request.url2pathname(f"//{host}{url.path}" if host else url.path))


def _copy(entry: Download, origin: Path, part: Path, on_progress: Callable[[int, int | None], None]) -> None:
    if not origin.is_file():
        raise InputError("no-file-at-address", "{url}: no such file; is the drive there?", url=entry.url)
    with origin.open("rb") as source, part.open("wb") as target:
        _write(entry, source, target, 0, origin.stat().st_size, on_progress)


def _get(entry: Download, part: Path, on_progress: Callable[[int, int | None], None]) -> None:
    """Download to `part`, after the bytes that are there; they are given up only for a file that has the right sum."""
    here = part.stat().st_size if part.exists() else 0
    if entry.size_bytes is not None and here >= entry.size_bytes:
        if here == entry.size_bytes:
            return
        part.unlink()
        here = 0
    try:
        with _open(entry, {"Range": f"bytes={here}-"} if here else {}) as response:
            sent, whole = response.headers.get("Content-Range"), _stated(response)
            if response.status == 206 and (not here or _begins_at(sent) != here):
                raise InputError(
                    "server-sent-other-part",
                    "{url}: the server sent another part than was asked for; try again later.",
                    url=entry.url,
                )
            if entry.size_bytes is not None and whole not in (None, entry.size_bytes):
                raise InputError(
                    "server-sends-other-size",
                    "{url}: the server sends a file of {sent:,} bytes, and `{name}` has {size:,}, so nothing was "
                    "taken (is it a page to log in?); try again later, or fetch the file by other means and give "
                    "it with {option}.",
                    url=entry.url,
                    sent=whole,
                    name=entry.name,
                    size=entry.size_bytes,
                    option="--file",
                )
            total = entry.size_bytes or whole
            if response.status == 206:
                with part.open("ab") as target:
                    _write(entry, response, target, here, total, on_progress)
            elif not here:
                with part.open("wb") as target:
                    _write(entry, response, target, 0, total, on_progress)
            else:
                # The server cannot go on, or this is another page: what is here stays until the sum says which.
                with replacing(part) as fresh:
                    with fresh.open("wb") as target:
                        _write(entry, response, target, 0, total, on_progress, restarts=True)
                    _verify(entry, fresh, True)
    except urllib.error.HTTPError as error:
        if error.code == 416 and here:
            if entry.size_bytes is None and (_stated(error) or here) <= here:
                return  # All of it was here already; the sum decides.
            raise InputError(
                "server-does-not-resume",
                "{url}: the server does not go on after the {kept:,} bytes that are kept in {path}; try "
                "again later, delete them to begin anew, or fetch the file by other means and give it with "
                "{option}.",
                url=entry.url,
                kept=here,
                path=part,
                option="--file",
            ) from None
        raise InputError(
            "server-refuses",
            "{url}: the server answers {status} ({reason}); try again later, or fetch the file by other "
            "means and give it with {option}.",
            url=entry.url,
            status=error.code,
            reason=error.reason,
            option="--file",
        ) from None
    except (urllib.error.URLError, OSError, http.client.HTTPException, ValueError) as error:
        if getattr(error, "errno", None) in OF_THE_DISK:
            raise
        raise _no_connection(entry, error, part) from None


def _open(entry: Download, headers: Mapping[str, str], method: str = "GET", timeout_s: float = TIMEOUT_S) -> Any:
    opener = urllib.request.build_opener(
        _OnlyHttps(), urllib.request.HTTPSHandler(context=ssl.create_default_context())
    )
    asked = {"User-Agent": "TransferSeg", "Accept-Encoding": "identity", **headers}
    return opener.open(urllib.request.Request(entry.url, headers=asked, method=method), timeout=timeout_s)


def _stated(response: Any) -> int | None:
    """How many bytes the whole file has, where the server says so."""
    headers = response.headers
    words = headers.get("Content-Length") if response.status == 200 else headers.get("Content-Range")
    digits = (words or "").rpartition("/")[2].strip()
    return int(digits) if re.fullmatch("[0-9]{1,18}", digits) else None


def stated_size(entry: Download) -> int | None:
    """Find how many bytes the file has: as the entry says, else as its server says; None where neither is known."""
    if entry.size_bytes is not None:
        return entry.size_bytes
    try:
        url = _address(entry)
        if url.scheme == "file":
            return _local(url).stat().st_size
        with _open(entry, {}, "HEAD", ASKING_TIMEOUT_S) as response:
            return _stated(response)
    except (InputError, OSError, http.client.HTTPException, ValueError):
        return None


def _no_connection(entry: Download, error: Exception, part: Path) -> InputError:
    reason = getattr(error, "reason", None) or error
    if isinstance(error, http.client.IncompleteRead):
        reason = "it broke off"
    host = urllib.parse.urlsplit(entry.url).netloc
    if isinstance(reason, ssl.SSLCertVerificationError):
        return InputError(
            "certificate-not-trusted",
            "{host}: its certificate is not trusted ({reason}); if your institution's proxy signs connections, name its "
            "certificate in SSL_CERT_FILE.",
            host=host,
            reason=reason.verify_message,
        )
    kept = part.stat().st_size if part.exists() else 0
    why = " ".join(str(reason).split())[:120]
    if kept:
        return InputError(
            "no-connection-part-kept",
            "no connection to {host} ({reason}), {kept:,} bytes are kept; connect and try again (HTTPS_PROXY names a proxy), "
            "or fetch {url} by other means and give it with {option}.",
            host=host,
            reason=why,
            kept=kept,
            url=entry.url,
            option="--file",
        )
    return InputError(
        "no-connection",
        "no connection to {host} ({reason}); connect and try again (HTTPS_PROXY names a proxy), or fetch {url} by other "
        "means and give it with {option}.",
        host=host,
        reason=why,
        url=entry.url,
        option="--file",
    )


def _write(
    entry: Download,
    source: Any,
    target: BinaryIO,
    start: int,
    total: int | None,
    on_progress: Callable[[int, int | None], None],
    restarts: bool = False,
) -> None:
    """Write `source` to `target`, never more than the entry's size.

    Args:
        entry: What is downloaded.
        source: The server's answer, or a file.
        target: Where it is written, after the bytes that are there.
        start: How many bytes are there.
        total: How many bytes the whole file has; None where it is not known.
        on_progress: Gets (bytes that are there, `total`).
        restarts: Whether the server sends the file from its beginning each time.

    Raises:
        InputError: It sends too much, or the connection breaks off.
    """
    most = MOST_BYTES if entry.size_bytes is None else entry.size_bytes
    done = start
    on_progress(done, total)
    # Of a connection that breaks, `read` would keep back what came since it was called.
    while chunk := source.read1(CHUNK_BYTES):
        done += len(chunk)
        if done > most:
            target.truncate(start)
            raise InputError(
                "server-sends-too-much",
                "{url}: sends more than the {most:,} bytes it should; do not use this file.",
                url=entry.url,
                most=most,
            )
        target.write(chunk)
        on_progress(done, total)
    target.flush()
    os.fsync(target.fileno())
    # A body in chunks says where it ends: a short one is another file, and the sum will say so.
    ended = start == 0 and getattr(source, "chunked", False)
    if total is not None and done < total and not ended:
        raise InputError(
            "connection-broke-off",
            "{url}: the connection broke off after {done:,} of {total:,} bytes; run it again, "
            "{restarts:?its server begins anew each time|it goes on from there if its server can}.",
            url=entry.url,
            done=done,
            total=total,
            restarts=restarts,
        )


def _verify(entry: Download, file: Path, downloaded: bool) -> None:
    kind, expected = entry.sum
    try:
        with file.open("rb") as opened:
            found = hashlib.file_digest(opened, kind).hexdigest()
    except OSError as error:
        raise InputError(
            "file-not-readable", "{path}: cannot be read ({reason}); check the path.", path=file, reason=error.strerror
        ) from None
    if found != expected.lower():
        if downloaded:
            with contextlib.suppress(OSError):
                file.unlink()
        where = entry.url if downloaded else str(file)
        raise InputError(
            "download-not-the-file",
            "{where}: is not the file of `{name}` ({kind} is {found}…, not {expected}…), so it was not "
            "used; try again, and if it stays so, tell whoever gave you the address.",
            where=where,
            name=entry.name,
            kind=kind.upper(),
            found=found[:16],
            expected=expected[:16],
        )


def _begins_at(content_range: str | None) -> int | None:
    words = (content_range or "").removeprefix("bytes ").split("-")
    return int(words[0]) if words[0].isdigit() else None


class _OnlyHttps(urllib.request.HTTPRedirectHandler):
    """Follows a redirect, which servers of large files use, yet never to an unprotected connection."""

    def redirect_request(
        self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        if urllib.parse.urlsplit(newurl).scheme != "https":
            raise InputError(
                "redirect-not-https",
                "{url}: the server redirects to {target}, which is not https, so it was not followed; try "
                "again later, or fetch the file by other means and give it with {option}.",
                url=req.full_url,
                target=newurl[:100],
                option="--file",
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


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
