"""Downloads a model, verifies it, and stores it. An interrupted download is continued.

The list of models has a checksum of every file, so that the server need not be trusted.
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
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import replacing
from TransferSegLib.sources.catalogue import keep_source, user_folder
from TransferSegLib.sources.downloads import MOST_BYTES, Download, address
from TransferSegLib.sources.folder import SourceFolder
from TransferSegLib.sources.imports.checkpoint import fit_checkpoint
from TransferSegLib.sources.imports.importer import Imported, ImportOptions
from TransferSegLib.sources.imports.importing import read_model
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
    part: Path | None = None
    if file is None:
        part = file = _fetch(entry, on_progress)
    file = file.expanduser()
    if part is None and file.is_file():
        check_kind(file)  # says more than that the sum differs
    _verify(entry, file, part is not None)
    if entry.card is not None:
        imported = fit_checkpoint(file, entry.card, f"the entry `{entry.name}`")
    else:
        imported = read_model(file, ImportOptions(entry.spacing_mm, entry.weights))
    on_read(imported)
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
    source = keep_source(card, imported.state, imported.members)
    if part is not None:
        part.unlink(missing_ok=True)
    return source


def _fetch(entry: Download, on_progress: Callable[[int, int | None], None]) -> Path:
    """Download the entry's file into the person's folder of models; a part that is there already is continued."""
    url = address(entry)
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
