"""Tells by a file's first bytes that it is not the file that its name promises, whatever that is.

People download the page in place of the file, clone without Git LFS, or copy from a disk that was full.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import Literal

from TransferSegLib.core.errors import InputError

LFS_POINTER = b"version https://git-lfs.github.com/spec/"
# Enough for every mark that is looked for in the beginning of a file.
HEAD_BYTES = 1024
# A page, or the XML by which servers say that a file cannot be had.
_PAGE = re.compile(r"\s*<[!?a-z]", re.ASCII | re.IGNORECASE)


def must_be_the_file(path: Path, head: bytes | None = None) -> None:
    """Refuse a file that is empty, a Git LFS pointer or a web page.

    Args:
        path: The file.
        head: Its first `HEAD_BYTES`, where they were read already.

    Raises:
        InputError: It is one of these, by name.
        OSError: It cannot be read.
    """
    if head is None:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    if not head:
        raise InputError(
            "file-empty", "{path}: is empty (0 bytes)", "its download or copy broke off, fetch it again", path=path
        )
    if head.startswith(LFS_POINTER):
        size = re.search(rb"^size (\d{1,18})$", head, re.MULTILINE)
        raise InputError(
            "git-lfs-pointer",
            "{path}: is a Git LFS pointer, which stands for a file{known:? of {size:,} bytes|}, and not the file itself",
            "run `{line}` in the clone, or download the file from its web page",
            path=path,
            known=size is not None,
            size=int(size[1]) if size else 0,
            line="git lfs pull",
        )
    text = text_of(head, "replace")
    if _PAGE.match(text) and "<net " not in text:
        raise InputError(
            "web-page",
            "{path}: is a web page, not the file itself: the server sent a page (to log in, to agree to terms, or one that "
            "shows the file)",
            "download the file itself in a browser",
            path=path,
        )


def text_of(head: bytes, errors: Literal["strict", "replace"] = "strict") -> str:
    """The text that a file begins with, in UTF-8 or, where its mark says so, in UTF-16.

    Args:
        head: The first bytes of the file.
        errors: What becomes of bytes that are no text.

    Raises:
        UnicodeDecodeError: There are such bytes, and `errors` is `strict`.
    """
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return head[: len(head) // 2 * 2].decode("utf-16", errors) if wide else head.decode("utf-8-sig", errors)
