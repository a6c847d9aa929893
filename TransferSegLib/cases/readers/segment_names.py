"""Segmentations of Slicer name their segments, and only the names count: the same name has other values in other files.

Slicer numbers the segments of each segmentation anew, in the order in which they were made.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from TransferSegLib.cases.volumes import read_segment_names
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.texts import is_plain

# Value and name of each segment of a file.
Segments = Sequence[tuple[int, str]]


def by_segment_names(
    cases: Iterable[Case], listed: Mapping[int, str] | None = None
) -> tuple[tuple[Case, ...], dict[int, str]]:
    """Give each name of a segment one value in all cases of a data set.

    Args:
        cases: The cases.
        listed: The labels of the data set, value → name, where it lists them. Names that are not in this list keep their
            values: the list may call them otherwise.

    Returns:
        The cases, renumbered where their files have other values (see `Case.renumbered`), and value → name of all segments.

    Raises:
        InputError: A segment's name cannot be a label's, two segments of a file share a name or a value, or it is not known
            what the values of a file mean.
    """
    cases = tuple(cases)
    files = {case.label: segments_of(case.label) for case in cases if case.label is not None}
    values = common_values(files, listed, may_differ=not listed)
    nameless = next((path for path, segments in files.items() if not segments), None)
    other = next((path for path, own in files.items() if any(values[name] != value for value, name in own)), None)
    if not listed and nameless is not None and other is not None:
        raise InputError(
            "segment-disagrees",
            "{path}: its segments have other values than those of the same names in other files, and {nameless} has no "
            "names, so what its values mean is not known; list the labels in a labels.json.",
            path=other,
            nameless=nameless,
        )
    named = {values[name]: name for segments in files.values() for _, name in segments}
    return tuple(renumber(case, files[case.label] if case.label else (), values) for case in cases), named


def labels_without_names(cases: Iterable[Case]) -> Iterator[Problem]:
    """Say which label files name no segments beside others that do, and whose values they are read by."""
    files = sorted({case.label for case in cases if case.label is not None})
    named = {path: segments for path in files if (segments := segments_of(path))}
    nameless = [path.name for path in files if path not in named and path.exists()]
    if named and nameless:
        first = next(iter(named))
        yield Problem(
            "labels-without-names",
            "{count} label {count:~file has|files have} no segment names ({files:…}); {count:~its|their} values are taken to "
            "mean what they mean in {named} ({labels:…})",
            {
                "count": len(nameless),
                "files": nameless,
                "named": first.name,
                "labels": [f"{value} {name}" for value, name in named[first]],
            },
            "warning",
            "check that the values mean the same, and list them in a labels.json",
        )


def renumber(case: Case, segments: Segments, values: Mapping[str, int]) -> Case:
    """Say which value of a case's file is which by the names of its segments.

    Args:
        case: The case.
        segments: What the file calls its values.
        values: The value that each name is to have.
    """
    becomes = tuple((value, values[name]) for value, name in segments)
    return replace(case, renumbered=becomes if any(old != new for old, new in becomes) else ())


def common_values(files: Mapping[Path, Segments], listed: Mapping[int, str] | None, may_differ: bool) -> dict[str, int]:
    """Find one value for each name.

    A listed name has its value in the list. Another one keeps the value that it has in the first file that has it.

    Args:
        files: The segments of each file.
        listed: Value → name of the labels that are listed.
        may_differ: Whether a name that is not listed may have another value in another file, or that of another name in the
            first. Then it gets one that nothing has.

    Raises:
        InputError: It may not, and does.
    """
    values = {name: value for value, name in (listed or {}).items()}
    every = [(path, value, name) for path, segments in files.items() for value, name in segments]
    free = max([value for _, value, _ in every] + list(values.values()), default=0) + 1
    # Only of names that files have: what a list calls otherwise may be a segment of its value.
    owners = {values[name]: (name, path) for path, _, name in reversed(every) if name in values}
    for path, value, name in every:
        if name not in values:
            other, where = owners.get(value, (name, path))
            if other != name and not may_differ:
                raise _does_not_fit(path, name, value, other, value, where)
            values[name], free = (value, free) if other == name else (free, free + 1)
            owners[values[name]] = (name, path)
        elif values[name] != value and not may_differ and name not in (listed or {}).values():
            raise _does_not_fit(path, name, value, name, values[name], owners[values[name]][1])
    return values


def _does_not_fit(path: Path, name: str, value: int, other: str, listed: int, where: Path) -> InputError:
    return InputError(
        "segment-value",
        "{path}: segment `{segment}` ({value}) does not fit `{other}` ({listed}) in {where}, and the data set's "
        "list of labels lacks one of these names; call the labels in the list as the segments are called, or "
        "leave it out.",
        path=path,
        segment=name,
        value=value,
        other=other,
        listed=listed,
        where=where,
    )


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
        if not is_plain(name):
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
