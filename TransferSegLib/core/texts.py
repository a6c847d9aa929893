r"""Texts that other people wrote, made safe for a terminal and a table.

What would move the cursor, hide a part or turn the order of writing around is shown as `\uXXXX` instead.
"""

from __future__ import annotations

import math
import re
import unicodedata

# Control characters (of C0 all but tab and newline), line and paragraph separators, marks and overrides of the direction
# of writing, and halves of surrogate pairs, which no file can hold.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

_FORMULA = ("=", "+", "-", "@", "'=", "'+", "'-", "'@")


def visible(text: str) -> str:
    r"""Replace each character that is not seen, or changes what is seen of others, by `\uXXXX`.

    In JSON, that is the same string.
    """
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def one_line(text: str) -> str:
    """Apply `visible`, with a space for each tab and newline."""
    return visible(re.sub(r"[\t\n\r]+", " ", text))


def cleaned(text: str) -> str:
    """Put a text on one line, with a space for each character that `visible` would replace."""
    return _UNSEEN.sub(" ", re.sub(r"[\t\n\r]+", " ", text))


def as_name(text: str, otherwise: str) -> str:
    """Turn a text into the name of a model or folder.

    Args:
        text: Any text.
        otherwise: The name where nothing is left of it.

    Returns:
        At most 64 letters, digits, `-`, `_` and `.`; accents are dropped, other characters become `-`.
    """
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode()
    same = plain if re.search("[A-Za-z0-9]", plain) else text
    return re.sub(r"[^A-Za-z0-9._-]+", "-", same).strip("-.")[:64] or otherwise


def as_cell(text: str) -> str:
    """Turn a text into a cell of a table that a spreadsheet program does not take for a formula and run."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def from_cell(cell: str) -> str:
    """Return the text that `as_cell` was given."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def is_plain(text: str, lines: bool = False) -> bool:
    """Say whether a text has no characters that cannot be seen.

    Args:
        text: The text.
        lines: Whether tabs and line breaks are allowed.
    """
    return not _UNSEEN.search(text) and (lines or not re.search(r"[\t\n]", text))


def counted(count: int, one: str, many: str) -> str:
    """Write a number with the word for what is counted: `1 case`, `2 cases`."""
    return f"{count} {one if count == 1 else many}"


def share_text(share: float) -> str:
    """Write a share (0…1) in per cent, rounded down to one digit: 99.99 % is not shown as 100 %."""
    return f"{math.floor(share * 1000 + 1e-9) / 10:g} %"
