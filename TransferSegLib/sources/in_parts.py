"""A model in parts: several models of the person's own that are one, such as the five that segment the whole body at 1.5 mm.

Each part is a model like any other, and is adapted like any other. A folder with `parts.json` says which belong together, and
where the whole is applied, each part segments and the results are laid over each other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from TransferSegLib.core.files import replacing
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import from_json, read_json, to_json
from TransferSegLib.sources.structures import structure_of, words_of

PARTS_FILE = "parts.json"


@dataclass(frozen=True)
class Part:
    """One of the models.

    Attributes:
        name: Its name among the person's own models.
        labels: What it segments.
    """

    name: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class InParts:
    """Which models are one.

    Attributes:
        format: 1.
        name: The name of the whole, and of its folder.
        title: What it is, in a line.
        modality: The images that it takes.
        body_part: What the images show.
        labels: What it segments; the first has the value 1 in a segmentation, and so on.
        parts: The models, in the order in which they are laid over each other.
        licence: Its licence, by name.
        citation: What to cite.
        commercial_use: Whether commercial use is allowed; None where it is not known.
    """

    format: int
    name: str
    title: str
    modality: str
    body_part: str
    labels: tuple[str, ...]
    parts: tuple[Part, ...]
    licence: str = ""
    citation: str = ""
    commercial_use: bool | None = None

    def parts_with(self, wanted: tuple[str, ...]) -> list[tuple[Part, tuple[str, ...]]]:
        """The parts that have some of the labels, by whatever name, those with most of them first.

        Args:
            wanted: The names of labels.

        Returns:
            Each part with the wanted labels that it has.
        """
        found = []
        for part in self.parts:
            known = {_meaning(label) for label in part.labels}
            found.append((part, tuple(label for label in wanted if _meaning(label) in known)))
        return sorted(((part, has) for part, has in found if has), key=lambda one: -len(one[1]))

    def must_choose(self, wanted: tuple[str, ...] = ()) -> Problem:
        """The problem where one of the parts is needed, and the whole was given.

        Args:
            wanted: The labels that somebody wants, where they are known.
        """
        fields = {"name": self.name, "count": len(self.parts), "parts": [part.name for part in self.parts]}
        if found := self.parts_with(wanted):
            part, has = found[0]
            return Problem(
                "model-in-parts-one-proposed",
                "`{name}`: consists of {count} models, and one of them is needed here; `{part}` has {labels}, so give that.",
                {**fields, "part": part.name, "labels": list(has)},
            )
        return Problem(
            "model-in-parts",
            "`{name}`: consists of {count} models, and one of them is needed here: {parts:`}.",
            fields,
        )


def _meaning(label: str) -> frozenset[str]:
    """What is the same for two labels of the same meaning: the words of its structure's name, and those of its side."""
    structure = structure_of(label)
    sides = {"left", "right"} & set(words_of(label))
    return frozenset(words_of(structure.name if structure else label)) | sides


def read_in_parts(folder: Path) -> InParts:
    """Read the parts of a model.

    Raises:
        InputError: The file cannot be read, or is no such file.
    """
    path = folder / PARTS_FILE
    return from_json(InParts, read_json(path), str(path))


def write_in_parts(folder: Path, whole: InParts) -> None:
    """Write which models are one; the folder is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    with replacing(folder / PARTS_FILE) as temporary:
        temporary.write_text(json.dumps(to_json(whole), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
