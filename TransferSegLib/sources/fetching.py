"""Downloads a model, verifies it, and stores it. An interrupted download is continued.

The list of models has a checksum of most files, so that the server need not be trusted. A file without one comes from its
publisher's own address, and what it was at the first download is required of every later one (`first_sums`).
"""

from __future__ import annotations

import contextlib
import datetime
import errno
import hashlib
import http.client
import os
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from TransferSegLib.core.card import CardLabel, ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import replacing
from TransferSegLib.core.problems import Problem
from TransferSegLib.sources.catalogue import keep_source, list_sources, user_folder
from TransferSegLib.sources.downloads import MOST_BYTES, Download, address
from TransferSegLib.sources.first_sums import FirstSum, first_sums, first_sums_file, write_down
from TransferSegLib.sources.folder import SourceFolder
from TransferSegLib.sources.found_here import FoundModel, list_found
from TransferSegLib.sources.imports.checkpoint import fit_checkpoint
from TransferSegLib.sources.imports.importer import Imported, ImportOptions
from TransferSegLib.sources.imports.importing import read_model
from TransferSegLib.sources.in_parts import InParts, Part, write_in_parts
from TransferSegLib.sources.structures import codes_of, well_spelt
from TransferSegLib.sources.untrusted.file_kinds import check_kind

CHUNK_BYTES = 1 << 20
TIMEOUT_S = 60
# For what is good to know and not needed.
ASKING_TIMEOUT_S = 5
OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EFBIG)


def download_source(
    entry: Download,
    file: Path | None = None,
    on_progress: Callable[[int, int | None], None] = lambda done, total: None,
    on_read: Callable[[Imported], None] = lambda imported: None,
) -> SourceFolder:
    """Download a model, verify it, and keep it in the person's folder.

    Args:
        entry: What to download.
        file: The entry's file where it was fetched by other means; None to download it.
        on_progress: Gets (bytes that are here, bytes in all or None).
        on_read: Gets what was read from the file, with the report on its weights.

    Raises:
        InputError: The file cannot be fetched, or is not the right one. What is already here is kept, and the next call goes
            on from there.
    """
    if entry.obstacle:
        raise InputError.of(entry.obstacle)
    part: Path | None = None
    if file is None:
        part, sums = _fetch(entry, on_progress)
        file = part
    else:
        file = file.expanduser()
        if file.is_file():
            check_kind(file)  # says more than that the sum differs
        sums = _verify(entry, file)
    if entry.card is not None:
        imported = fit_checkpoint(file, entry.card, f"the entry `{entry.name}`")
    else:
        imported = read_model(file, import_options(entry))
    on_read(imported)
    source = keep_source(
        described(imported.card, entry, {"downloaded_from": entry.url, **sums}),
        imported.state,
        imported.members,
        imported.first_stage,
    )
    if part is not None:
        part.unlink(missing_ok=True)
    return source


def import_options(entry: Download) -> ImportOptions:
    """What the catalogue knows of a model and its files do not say."""
    return ImportOptions(entry.spacing_mm, entry.weights, folder=entry.folder, orientation=entry.orientation)


def take_in(found: FoundModel, on_read: Callable[[Imported], None] = lambda imported: None) -> SourceFolder:
    """Take in a model that another program keeps on this computer. Its files stay where they are.

    Args:
        found: The model.
        on_read: Gets what was read from its files.

    Raises:
        InputError: It cannot be imported.
    """
    entry = found.entry
    options = replace(import_options(entry), folder=None) if entry else ImportOptions()
    imported = read_model(found.folder, options)
    on_read(imported)
    card = described(imported.card, entry, {"taken_in_from": str(found.folder)}) if entry else imported.card
    return keep_source(card, imported.state, imported.members, imported.first_stage)


def download_model(
    entry: Download,
    file: Path | None = None,
    on_progress: Callable[[int, int | None], None] = lambda done, total: None,
    on_read: Callable[[Imported], None] = lambda imported: None,
    on_found: Callable[[Problem], None] = lambda problem: None,
) -> SourceFolder | InParts:
    """Download a model, or all parts of one, as `download_source` does; parts that are here already stay.

    What another program keeps on this computer is taken in from there, and downloaded only where it cannot be read.

    Args:
        entry: What to download.
        file: The entry's file where it was fetched by other means; not for a model in parts.
        on_progress: Gets (bytes that are here, bytes in all or None), over all parts.
        on_read: Gets what was read from each file.
        on_found: Is told of a model that was found on this computer.

    Returns:
        The model, or which models are one.
    """
    if entry.obstacle:
        raise InputError.of(entry.obstacle)
    found = {} if file is not None else {model.name: model for model in list_found()}

    def get(file_of: Download, on_bytes: Callable[[int, int | None], None]) -> SourceFolder:
        if model := found.get(file_of.name):
            facts = {"name": file_of.name, "folder": model.folder}
            try:
                source = take_in(model, on_read)
                told = Problem(
                    "model-taken-in", "`{name}`: was found in {folder} and taken in from there.", facts, "note"
                )
                on_found(told)
                return source
            except InputError as error:
                facts["reason"] = error
                told = Problem(
                    "found-model-not-readable",
                    "`{name}`: was found in {folder} and cannot be read there ({reason}), so it is downloaded.",
                    facts,
                    "warning",
                )
                on_found(told)
        return download_source(file_of, file, on_bytes, on_read)

    if not entry.parts:
        return get(entry, on_progress)
    if file is not None:
        raise InputError(
            "file-of-model-in-parts",
            "{option} {path}: `{name}` consists of {count} files; give each for its part, such as `{part}`.",
            option="--file",
            path=file,
            name=entry.name,
            count=len(entry.parts),
            part=entry.files()[0].name,
        )
    here = {source.card.name: source for source in list_sources()}
    total, before = entry.total_bytes, 0
    for part in entry.files():
        if part.name not in here:
            here[part.name] = get(part, _after(before, total, on_progress))
        before += part.size_bytes or 0
    parts = tuple(Part(part.name, here[part.name].card.label_names) for part in entry.files())
    of_parts = dict.fromkeys(label for part in parts for label in part.labels)
    whole = InParts(
        format=1,
        name=entry.name,
        title=entry.title,
        modality=entry.modality,
        body_part=entry.body_part,
        # In the publisher's order as far as the parts have these labels, then what else they have.
        labels=tuple(dict.fromkeys([*(label for label in entry.labels if label in of_parts), *of_parts])),
        parts=parts,
        licence=entry.licence,
        citation=entry.citation,
        commercial_use=entry.commercial_use,
    )
    write_in_parts(user_folder() / entry.name, whole)
    return whole


def _with_codes(labels: tuple[CardLabel, ...]) -> tuple[CardLabel, ...]:
    """Labels with the codes of their structures, where they have none."""
    return tuple(label if label.terminology else replace(label, terminology=codes_of(label.name)) for label in labels)


def _after(
    before: int, total: int | None, on_progress: Callable[[int, int | None], None]
) -> Callable[[int, int | None], None]:
    """The progress of one file as that of all, after the bytes of the files before it."""
    return lambda done, _: on_progress(before + done, total)


def _named(card: ModelCard, names: Sequence[str]) -> ModelCard:
    """A card whose labels have the catalogue's names in place of numbers, where the model's own files name none of them.

    Words that the publisher has misspelt are put right, as in the catalogue.
    """
    unnamed = [f"label {label.value}" for label in card.labels]
    if len(names) != len(unnamed) or list(card.label_names) != unnamed:
        names = [well_spelt(name) for name in card.label_names]
    if list(names) == list(card.label_names) or len(set(names)) < len(names):
        return card
    of = dict(zip(card.label_names, names, strict=True))
    inference = replace(
        card.inference,
        largest_component=tuple(of[name] for name in card.inference.largest_component),
        fill_holes=tuple(of[name] for name in card.inference.fill_holes),
    )
    labels = tuple(replace(label, name=of[label.name]) for label in card.labels)
    return replace(card, labels=labels, inference=inference)


def described(card: ModelCard, entry: Download, origin: Mapping[str, str]) -> ModelCard:
    """A card with what the catalogue says of the model.

    Args:
        card: As the model's own files describe it.
        entry: The model's entry.
        origin: Where it came from, for `made_by`.
    """
    region = (
        f"Its publisher first crops images to {', '.join(entry.crop_to)}; what it finds elsewhere means little."
        if entry.crop_to
        else ""
    )
    card = _named(card, entry.labels)
    return replace(
        card,
        name=entry.name,
        title=entry.title,
        description=" ".join(filter(None, (card.description, region))),
        modality=entry.modality,
        body_part=entry.body_part,
        labels=_with_codes(card.labels),
        licence=entry.licence or "not stated",
        citation=entry.citation,
        commercial_use=entry.commercial_use,
        sample=entry.sample or card.sample,
        made_by={**card.made_by, **origin},
    )


def _fetch(entry: Download, on_progress: Callable[[int, int | None], None]) -> tuple[Path, dict[str, str]]:
    """Download the entry's file from the first of its addresses that has it.

    Args:
        entry: What to download.
        on_progress: Gets (bytes that are here, bytes in all or None).

    Returns:
        The file in the person's folder of models, and its sums.

    Raises:
        InputError: No address has it; the error is that of the publisher's own.
    """
    told: dict[str, InputError] = {}
    first = first_sums().get(entry.url)
    for url in _addresses(entry):
        at_address = replace(entry, url=url)
        if first and not entry.sum:  # a mirror must have what the publisher's address had
            at_address = replace(at_address, sha256=first.sha256, size_bytes=first.size_bytes)
        try:
            part = _fetch_from(at_address, _part(entry), on_progress)
            return part, _verify(entry, part, url)
        except InputError as error:
            if error.problem.code == "model-not-written":
                raise
            told[url] = error
    raise told[entry.url]


def _addresses(entry: Download) -> list[str]:
    """Where a file is looked for: at the institute's mirror, at the publisher's address, at further ones.

    `TRANSFERSEG_MIRROR` is a folder or an address under which files are called as the publisher calls them. Where no sum of
    the file is known, only the publisher's own address is asked.

    Raises:
        InputError: What `TRANSFERSEG_MIRROR` names is neither a folder nor an address that is downloaded from.
    """
    if entry.sum is None and entry.url not in first_sums():
        return [entry.url]
    mirrors = []
    if base := os.environ.get("TRANSFERSEG_MIRROR"):
        base = base if "://" in base else Path(base).expanduser().absolute().as_uri()
        mirrors.append(f"{base.rstrip('/')}/{Path(urllib.parse.urlsplit(entry.url).path).name}")
        try:
            address(replace(entry, url=mirrors[0]))
        except InputError:
            raise InputError(
                "mirror-not-usable",
                "TRANSFERSEG_MIRROR is {mirror}, which is no folder and no address of https: or file:; correct it.",
                mirror=base,
            ) from None
    return list(dict.fromkeys([*mirrors, entry.url, *entry.mirrors]))


def _part(entry: Download) -> Path:
    """Where a download is written, whichever address it comes from."""
    suffix = Path(address(entry).path).suffix
    name = entry.sum[1].lower() if entry.sum else hashlib.sha256(entry.url.encode()).hexdigest()
    known = suffix if suffix in (".zip", ".pt", ".pth", ".safetensors") else ""
    return user_folder() / ".downloads" / f"{name}{known}"


def _fetch_from(entry: Download, part: Path, on_progress: Callable[[int, int | None], None]) -> Path:
    """Download the file at the entry's address; a part that is there already is continued."""
    url = address(entry)
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
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
                    _verify(entry, fresh, entry.url)
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
        url = address(entry)
        if url.scheme == "file":
            return _local(url).stat().st_size
        with _open(entry, {}, "HEAD", ASKING_TIMEOUT_S) as response:
            return _stated(response)
    except (InputError, OSError, http.client.HTTPException, ValueError):
        return None


def _no_connection(entry: Download, error: Exception, part: Path) -> InputError:
    reason = getattr(error, "reason", None) or error
    if isinstance(error, http.client.IncompleteRead):
        reason = Problem("download-broke-off", "it broke off")
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
    why = reason if isinstance(reason, Problem) else " ".join(str(reason).split())[:120]
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


def _verify(entry: Download, file: Path, downloaded_from: str = "") -> dict[str, str]:
    """Check the sum of a file: the stated one, else the one that it had when it was first downloaded.

    Args:
        entry: What it should be.
        file: The file.
        downloaded_from: The address that it was fetched from; empty where it was given.

    Returns:
        Kind of sum → the sum.

    Raises:
        InputError: It has another sum, and a download is deleted; or it cannot be read.
    """
    first = None if entry.sum else first_sums().get(entry.url)
    kind, expected = entry.sum or ("sha256", first.sha256 if first else "")
    try:
        with file.open("rb") as opened:
            found = hashlib.file_digest(opened, kind).hexdigest()
    except OSError as error:
        raise InputError(
            "file-not-readable", "{path}: cannot be read ({reason}); check the path.", path=file, reason=error.strerror
        ) from None
    if not expected and downloaded_from:
        write_down(entry.url, FirstSum(found, file.stat().st_size, datetime.date.today().isoformat()))
    if not expected or found == expected.lower():
        return {kind: found}
    if downloaded_from:
        with contextlib.suppress(OSError):
            file.unlink()
    where = downloaded_from or str(file)
    if first:
        raise InputError(
            "download-changed",
            "{where}: is not the file that was first downloaded on {date} (SHA-256 is {found}…, not {expected}…), and its "
            "publisher states no sum, so it was not used; if its publisher says that it was replaced, delete its line in "
            "{path} and download it again.",
            where=where,
            date=first.date,
            found=found[:16],
            expected=expected[:16],
            path=first_sums_file(),
        )
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
