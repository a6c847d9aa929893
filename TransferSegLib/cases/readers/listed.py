"""Cases from the entries of a JSON list: `{"image": path or [paths], "label": path}`, as Decathlon and MONAI write them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from TransferSegLib.cases.readers.parts import channel_of
from TransferSegLib.cases.volumes import stem_of
from TransferSegLib.core.case_set import Case, Role
from TransferSegLib.core.errors import InputError


def listed_cases(entries: Any, root: Path, role: Role, where: str) -> Iterator[Case]:
    """Make a case of each entry.

    Args:
        entries: The parsed list.
        root: The folder that paths are relative to.
        role: The role of the cases with a label; those without are unlabelled.
        where: Names the list in an error.

    Yields:
        The cases.

    Raises:
        InputError: An entry has no image, or has something else where a path should be.
    """
    if not isinstance(entries, list):
        raise InputError("not-a-list-of-cases", "{where}: expected a list of cases; correct the file.", where=where)
    for number, entry in enumerate(entries):
        if isinstance(entry, str):
            entry = {"image": entry}
        images = entry.get("image") if isinstance(entry, dict) else None
        images = [images] if isinstance(images, str) else images
        if not isinstance(images, list) or not images or not all(isinstance(image, str) for image in images):
            raise InputError(
                "entry-without-image",
                "{where}[{number}]: the entry has no `image`; give it a path, or a list of paths.",
                where=where,
                number=number,
            )
        label = entry.get("label")
        if label is not None and not isinstance(label, str):
            raise InputError(
                "label-not-a-path",
                "{where}[{number}]: `label` is not a path; give it one label file.",
                where=where,
                number=number,
            )
        paths = tuple(root / image for image in images)
        numbered = channel_of(paths[0])
        name = numbered[0] if numbered and len(paths) > 1 else stem_of(paths[0])
        yield Case(name, paths, root / label if label else None, role if label else "unlabelled")
