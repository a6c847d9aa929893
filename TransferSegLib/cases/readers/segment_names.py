"""Segmentations of Slicer name their segments, and only the names count: the same name has other values in other files.

Slicer numbers the segments of each segmentation anew, in the order in which they were made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from TransferSegLib.cases.volumes import read_segment_names
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.texts import is_plain


def by_segment_names(
    cases: Iterable[Case], listed: Mapping[int, str] | None = None
) -> tuple[tuple[Case, ...], dict[int, str]]:
    """Give each name of a segment one value in all cases.

    Args:
        cases: The cases.
        listed: The labels of the data set, value → name, where it lists them. Names that are not in this list keep their
            values: the list may call them otherwise.

    Returns:
        The cases, renumbered where their files have other values (see `Case.renumbered`), and value → name of all segments.

    Raises:
        InputError: A segment's name cannot be a label's, two segments of a file share a name or a value, or it is not known
            which values the files without names mean.
    """
    cases = tuple(cases)
    files = {case.label: segments_of(case.label) for case in cases if case.label is not None}
    values = _listed_values(files, listed) if listed else _new_values(files)
    becomes = {
        path: tuple((value, values[name]) for value, name in segments)
        if any(values[name] != value for value, name in segments)
        else ()
        for path, segments in files.items()
    }
    nameless = next((path for path, segments in files.items() if not segments), None)
    renumbered = next((path for path in files if becomes[path]), None)
    if not listed and nameless is not None and renumbered is not None:
        raise InputError(
            "segment-disagrees",
            "{path}: its segments have other values than those of the same names in other files, and {nameless} has no "
            "names, so what its values mean is not known; list the labels in a labels.json.",
            path=renumbered,
            nameless=nameless,
        )
    named = {values[name]: name for segments in files.values() for _, name in segments}
    return tuple(
        replace(case, renumbered=becomes[case.label]) if case.label in becomes else case for case in cases
    ), named


def _new_values(files: Mapping[Path, Sequence[tuple[int, str]]]) -> dict[str, int]:
    """Name → the value that it has in the first file, or one that no segment has where that is another segment's."""
    every = [segment for segments in files.values() for segment in segments]
    free = max((value for value, _ in every), default=0) + 1
    values: dict[str, int] = {}
    for value, name in every:
        if name not in values and value in values.values():
            value, free = free, free + 1
        values.setdefault(name, value)
    return values


def _listed_values(files: Mapping[Path, Sequence[tuple[int, str]]], listed: Mapping[int, str]) -> dict[str, int]:
    """Name → its value in the data set's list; a name that the list lacks keeps its value, if all files agree on it."""
    values = {name: value for value, name in listed.items()}
    owners: dict[int, tuple[str, Path]] = {}
    for path, segments in files.items():
        for value, name in segments:
            values.setdefault(name, value)
            other, where = owners.setdefault(values[name], (name, path))
            if other != name or (values[name] != value and name not in listed.values()):
                raise InputError(
                    "segment-value",
                    "{path}: segment `{segment}` ({value}) does not fit `{other}` ({listed}) in {where}, and the data set's "
                    "list of labels lacks one of these names; call the labels in the list as the segments are called, or "
                    "leave it out.",
                    path=path,
                    segment=name,
                    value=value,
                    other=other,
                    listed=values[name],
                    where=where,
                )
    return values


def segments_of(path: Path) -> list[tuple[int, str]]:
    """Return value and name of each segment of a file; none where it names none, or cannot be read: checks say why.

    Raises:
        InputError: A name cannot be a label's, or two segments share a name or a value.
    """
    try:
        segments = read_segment_names(path)
    except InputError:
        return []
    values: dict[int, str] = {}
    for value, name in segments:
        if name == "ignore" or not is_plain(name):
            raise InputError(
                "segment-name",
                "{path}: segment `{segment}` cannot be a label by this name; rename it in Slicer.",
                path=path,
                segment=name,
            )
        if value in values or name in values.values():
            raise InputError(
                "segment-twice",
                "{path}: its segments `{first}` and `{second}` have {same_name:?the same name|one value}; "
                "{same_name:?rename one of them in Slicer|load it in Slicer and save it again}.",
                path=path,
                first=values.get(value, name),
                second=name,
                same_name=name in values.values(),
            )
        values[value] = name
    return segments
