"""What labels mean: the structure that a label's name stands for, its SNOMED code, and what else people call it.

The table is data (`structures.json`), made from TotalSegmentator's mapping to SNOMED, SlicerMONAIAuto3DSeg's terminology and
a list of synonyms. Nothing here needs torch.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from TransferSegLib.core.records import from_json, read_json

TABLE = Path(__file__).with_name("structures.json")
# The sides of the body as SNOMED codes them.
SIDES = {"left": "SCT^7771000^Left", "right": "SCT^24028007^Right"}
_FILLING = ("and", "of", "the")
# Words as publishers have misspelt them in the names of their labels.
_MISSPELT = {"kideny": "kidney", "minius": "minimus"}
_AMERICAN = {"grey": "gray"}


@dataclass(frozen=True)
class Structure:
    """A structure of the body, or what may be found in it.

    Attributes:
        name: Its usual name, without left and right.
        category: Its category as `scheme^code^meaning`; empty where no code is known.
        type: What it is, in the same form.
        modifier: What is special of it, in the same form, other than its side.
        region: Where it is, in the same form, for what may be anywhere, such as a cyst.
        synonyms: What else it is called.
    """

    name: str
    category: str = ""
    type: str = ""
    modifier: str = ""
    region: str = ""
    synonyms: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Its usual name, and the one of its code where that says all of it."""
        meaning = self.type.rpartition("^")[2]
        return (self.name, meaning) if meaning and not self.region else (self.name,)


@dataclass(frozen=True)
class _Table:
    format: int
    structures: tuple[Structure, ...]


@lru_cache(maxsize=20_000)
def words_of(text: str) -> tuple[str, ...]:
    """The words of a name in lower case, singular and in one spelling, so that names of two publishers can be compared.

    Args:
        text: A label's name, or what a person searches for, such as `kidney_left`, `LeftKidney` or `Left Kidneys`.
    """
    words = re.findall(r"[^\W_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower())
    return tuple(_plain(word) for word in words if word not in _FILLING)


def well_spelt(name: str) -> str:
    """A label's name with the words put right that its publisher has misspelt, such as `Left Kideny`."""

    def put_right(found: re.Match[str]) -> str:
        word = _MISSPELT.get(found[0].lower(), found[0])
        return word.capitalize() if found[0][0].isupper() else word

    return re.sub(
        "|".join(rf"(?<![A-Za-z]){word}(?![A-Za-z])" for word in _MISSPELT), put_right, name, flags=re.IGNORECASE
    )


def _plain(word: str) -> str:
    """A word in the singular and in American spelling. What comes of it need not be a word, only the same for all forms."""
    word = _MISSPELT.get(word, word)
    word = _AMERICAN.get(word, word)
    if word.endswith("ae"):
        word = word[:-1]
    elif word.endswith("ies") and len(word) > 4:
        word = f"{word[:-3]}y"
    elif word.endswith("s") and not word.endswith("ss") and len(word) > 3:
        word = word[:-1]
    return re.sub("ou(?=r$)", "o", word.replace("ae", "e").replace("oe", "e"))


def structure_of(label: str) -> Structure | None:
    """The structure that a label's name stands for; None where the table has none of this name."""
    words = frozenset(words_of(label))
    return _by_words().get(words) or _by_words().get(frozenset(words - SIDES.keys()))


def side_of(label: str) -> str:
    """`left` or `right` where a label's name says so, else empty."""
    named = SIDES.keys() & set(words_of(label))
    return named.pop() if len(named) == 1 else ""


def codes_of(label: str) -> Mapping[str, str] | None:
    """A label's codes in Slicer's terminology, as a card has them; None where no code is known."""
    found = structure_of(label)
    if found is None or not found.type:
        return None
    codes = {"category": found.category, "type": found.type, "modifier": found.modifier, "region": found.region}
    if side := side_of(label):
        if found.region:
            codes["region_modifier"] = SIDES[side]
        elif not found.modifier and side not in words_of(found.name):
            codes["modifier"] = SIDES[side]
    return {part: code for part, code in codes.items() if code}


@cache
def _by_words() -> Mapping[frozenset[str], Structure]:
    # Synonyms are no names here: somebody's label "pelvis" need not be the hip bone, although who searches for it finds that.
    table = from_json(_Table, read_json(TABLE), str(TABLE)).structures
    found: dict[frozenset[str], Structure] = {}
    for structure in table:
        found.setdefault(frozenset(words_of(structure.name)), structure)
    for structure in table:
        for name in structure.names:
            found.setdefault(frozenset(words_of(name)), structure)
    return found
