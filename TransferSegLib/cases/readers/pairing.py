"""Which values of references and of segmentations are the same structure: by names where both files of a case have them.

A file has the names of its segments, or those of the list in its folder. They become the names of another file only
where that has none, the two are compared by value, and nothing else is known of what the references are called.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from TransferSegLib.cases.facts import label_facts
from TransferSegLib.cases.readers.segment_names import Segments, common_values, renumber, segments_of
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import InputError


@dataclass(frozen=True)
class Paired:
    """References and segmentations in which a value means the same.

    Attributes:
        references: The references, renumbered (see `Case.renumbered`).
        predictions: The segmentations, renumbered.
        labels: For each case, value → name of what is scored.
        one_sided: Value → name and side of what only one side has where both have names.
        by_value: Of each case in which only one file has names: that file, and the other.
    """

    references: tuple[Case, ...]
    predictions: tuple[Case, ...]
    labels: tuple[Mapping[int, str], ...]
    one_sided: Mapping[int, tuple[str, str]]
    by_value: tuple[tuple[Path, Path], ...] = ()

    @property
    def all_labels(self) -> dict[int, str]:
        """Value → name of what is scored in any case."""
        return {value: name for labels in self.labels for value, name in sorted(labels.items())}


@dataclass(frozen=True)
class _File:
    """What the values of a file mean: its names, and which of them occur in it; other values are `label 3`."""

    segments: Segments
    own: frozenset[str]
    found: frozenset[str]


def pair_values(
    references: Sequence[Case],
    predictions: Sequence[Case],
    lists: tuple[Mapping[int, str] | None, Mapping[int, str] | None],
) -> Paired:
    """Pair the values of references and segmentations, case by case.

    Args:
        references: The cases with the references as their labels.
        predictions: The same cases with the segmentations to score.
        lists: Value → name in the lists of both folders, for the files that name nothing themselves; None without a list.

    Returns:
        The pairs. Where a file of a case has no names, values are paired, under the reference's names if it has some; under
        the segmentation's if no reference has.

    Raises:
        InputError: As of `segments_of`.
    """
    by_value: list[tuple[Path, Path]] = []
    # Cases of one kind are scored on the labels that any of them has.
    kinds: list[tuple[bool, bool]] = []
    files: list[tuple[_File, _File]] = []
    own_names = [_names(one.label, lists[0]) for one in references if one.label is not None]
    for one, other, first in zip(references, predictions, own_names, strict=True):
        assert one.label is not None and other.label is not None
        second = _names(other.label, lists[1])
        kinds.append((bool(first), bool(second)))
        if bool(first) != bool(second):
            by_value.append((one.label, other.label) if first else (other.label, one.label))
            # Where some references have names, those of segmentations may be other ones: values stay without.
            first = second = first or (() if any(own_names) else second)
        files.append((_file(one.label, first), _file(other.label, second)))
    # What has no names has its values alone, so these are kept, and those of names give way.
    order = sorted(range(len(files)), key=lambda n: kinds[n][0])
    every = {
        case.label: file.segments
        for n in order
        for case, file in zip((references[n], predictions[n]), files[n], strict=True)
        if case.label is not None
    }
    values = common_values(every, lists[0], may_differ=True)

    sides: list[set[str]] = [set(), set()]
    found: dict[tuple[bool, bool], set[str]] = defaultdict(set)
    for kind, pair in zip(kinds, files, strict=True):
        found[kind] |= pair[0].found | pair[1].found
        if all(kind):
            for side, file in zip(sides, pair, strict=True):
                side |= file.own
    shared = set((lists[0] or {}).values()) if lists[0] == lists[1] else set()
    alone = dict.fromkeys(sides[0] - sides[1] - shared, "references")
    alone |= dict.fromkeys(sides[1] - sides[0] - shared, "segmentations")
    labels = {
        kind: {values[name]: name for name in sorted(names - (alone.keys() if all(kind) else set()), key=values.get)}  # type: ignore[arg-type]
        for kind, names in found.items()
    }
    return Paired(
        tuple(renumber(case, own.segments, values) for case, (own, _) in zip(references, files, strict=True)),
        tuple(renumber(case, own.segments, values) for case, (_, own) in zip(predictions, files, strict=True)),
        tuple(labels[kind] for kind in kinds),
        {
            values[name]: (name, side)
            for name, side in sorted(alone.items(), key=lambda item: values[item[0]])
            if name in found[True, True]
        },
        tuple(by_value),
    )


def _names(path: Path, listed: Mapping[int, str] | None) -> Segments:
    return segments_of(path) or tuple((listed or {}).items())


def _file(path: Path, names: Segments) -> _File:
    try:
        values = {value for value in label_facts(path).values if value > 0}
    except InputError:
        values = set()  # reading it says what is wrong
    known = dict(names)
    segments = (*names, *((value, f"label {value}") for value in sorted(values - known.keys())))
    return _File(
        segments,
        frozenset(known.values()),
        frozenset(name for value, name in segments if value in values),
    )
