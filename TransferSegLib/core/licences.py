"""Whether a licence allows commercial use, found from its name or its words."""

from __future__ import annotations

import re
from typing import Literal

# Licences in the open that name commerce without forbidding it: "commercial or non-commercial", and the GNU licences' clause
# on handing on an offer of source code.
_HARMLESS = re.compile(
    r"(?<!non)(?<!non-)(?<!non )\bcommercial(?:ly)?\W+(?:and|or|and/or|as well as)\W+non[-\s]?commercial(?:ly)?"
    r"|non[-\s]?commercial(?:ly)?\W+(?:and|or|and/or|as well as)\W+commercial(?:ly)?"
    r"|only\s+occasionally\s+and\s+non[-\s]?commercially"
    r"|allowed\s+only\s+for\s+non[-\s]?commercial\s+distribution",
    re.IGNORECASE,
)
_ONE = r"(?:academic|research|scientific|educational|personal|evaluation)"
_WHO = rf"{_ONE}(?:[\s/,]+(?:(?:and|or)\s+)?{_ONE}){{0,5}}"
_FORBIDS = re.compile(
    r"non[-_\s]?commercial"
    r"|(?<![a-z])by[-_\s]nc(?![a-z])|\blicen[cs]e[-\s]nc\b|^[^\n]{0,80}(?<![a-z])(?-i:NC)(?![a-z])[^\n]{0,80}$"
    r"|\b(?:no|not\s+for|prohibits?|forbids?|excludes?|excluding|not\s+be\s+used\s+for)\s+(?:any\s+)?commercial\b"
    r"|\bcommercial\s+(?:use|usage|purposes?|exploitation)[^.;]{0,40}\b(?:not|prohibited|forbidden|excluded)\b"
    rf"|\b{_WHO}[-\s]+(?:(?:use|usage|purposes?)[-\s]+)?only\b"
    rf"|\b(?:only|solely|exclusively|limited|restricted)\b[^.;]{{0,40}}\b{_WHO}\s+(?:use|usage|purposes?|activities)\b",
    re.IGNORECASE,
)
# Licences are known by their names alone; more text may be about the training data, and is for a person to read.
_ALLOWS = re.compile(
    r"(?:apache(?:[- ]license)?[-, ]*(?:version )?2(?:\.0)?|mit(?: license)?|bsd(?:[- ][0234][- ]clause)?(?: license)?"
    r"|cc0(?:[- ]1\.0)?|cc[- ]by(?:[- ]sa)?(?:[- ][1-4]\.0)?|(?:l|a)?gpl[-v ]*[23](?:\.[01])?[^\s(]*|mpl[- ]2\.0|unlicense)"
    r"(?:\s*\([^)]*\))?",
    re.IGNORECASE,
)
_UNKNOWN = ("", "not stated", "unknown", "none", "n/a")


def commercial_use(licence: str, stated: bool | None = None) -> bool | None:
    """Say whether a licence allows commercial use.

    Args:
        licence: A name, a sentence, or a licence's whole text.
        stated: What somebody says; believed unless the licence's words forbid commercial use.

    Returns:
        Whether commercial use is allowed; None where that is not known.
    """
    if _FORBIDS.search(_HARMLESS.sub(" ", licence)):
        return False
    if stated is None and _ALLOWS.fullmatch(licence.strip()):
        return True
    return stated


def use_in_words(licence: str, allowed: bool | None) -> Literal["allowed", "NOT allowed", "unknown", "see the licence"]:
    """Say in a word or two whether commercial use is allowed.

    Args:
        licence: The licence as the card states it.
        allowed: What is known of commercial use; None where nothing is.
    """
    if allowed is not None:
        return "allowed" if allowed else "NOT allowed"
    return "unknown" if licence.strip().lower() in _UNKNOWN else "see the licence"
