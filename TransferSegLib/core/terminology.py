"""What a label is in words that other programs know: codes, as a card has them and as DICOM and Slicer write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from TransferSegLib.core.texts import is_plain

# The longest scheme, value and meaning of a code that a DICOM file takes (SH, SH, LO).
_LONGEST = (16, 16, 64)


@dataclass(frozen=True)
class Code:
    """A code of a terminology.

    Attributes:
        scheme: The terminology, `SCT` for SNOMED CT.
        value: The code.
        meaning: What it means, in words.
    """

    scheme: str
    value: str
    meaning: str

    @property
    def text(self) -> str:
        """As cards and Slicer write it: `SCT^5366008^Hippocampus`."""
        return "^".join([self.scheme, self.value, self.meaning])

    @classmethod
    def parse(cls, text: object) -> Code | None:
        """Read `scheme^value^meaning`; None for what is no such text, or does not fit into a DICOM file."""
        parts = text.split("^") if isinstance(text, str) else []
        if len(parts) != 3 or not all(part.strip() and is_plain(part) and "~" not in part for part in parts):
            return None
        if any(len(part) > most for part, most in zip(parts, _LONGEST, strict=True)):
            return None
        return cls(*parts)


@dataclass(frozen=True)
class Terminology:
    """What a label is.

    Attributes:
        category: The kind of thing, such as an anatomical structure.
        type: The thing.
        modifier: What is said of it further, such as its side; None for nothing.
        region: Where in the body it is; None where that is not said.
        region_modifier: What is said of that further, such as its side.
    """

    category: Code
    type: Code
    modifier: Code | None = None
    region: Code | None = None
    region_modifier: Code | None = None

    @property
    def slicer_text(self) -> str:
        """As Slicer writes it on a segment, without the names of its lists."""
        optional = (self.modifier, self.region, self.region_modifier)
        modifier, region, region_modifier = (code.text if code else "^^" for code in optional)
        return "~".join(["", self.category.text, self.type.text, modifier, "", region, region_modifier])


_TISSUE = Code("SCT", "85756007", "Tissue")
# What Slicer, too, takes for a segment of which nothing is known but its name.
GENERIC = Terminology(_TISSUE, _TISSUE)


def terminology_of(entry: Mapping[str, str] | None) -> Terminology:
    """Read what a card says of a label.

    Args:
        entry: `category`, `type` and perhaps `modifier`, `region` and `region_modifier`, each `scheme^value^meaning`; None
            where the card says nothing.

    Returns:
        The codes; `GENERIC` where there is no type, or what is there are no codes.
    """
    parts = ("category", "type", "modifier", "region", "region_modifier")
    category, kind, modifier, region, region_modifier = (Code.parse((entry or {}).get(part)) for part in parts)
    if not category or not kind:
        return GENERIC
    return Terminology(category, kind, modifier, region, region_modifier if region else None)
