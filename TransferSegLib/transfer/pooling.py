"""Several data sets as one, such as the centres of a study (Karimi 2021 §3.1 pools four of them, §3.2 three)."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from TransferSegLib.cases.readers.parts import told_apart
from TransferSegLib.core.case_set import Case, CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.regions import renumbered
from TransferSegLib.transfer.channels import in_order_of


def pool(sets: Sequence[CaseSet]) -> CaseSet:
    """Put the cases of several data sets together.

    Labels are one where they have the same name, ignoring case, spaces, `_` and `-`; or the same value, where one of the two
    data sets does not name its labels. The first data set decides the order of the channels and the values of the labels.
    Cases of one name are named by their folders.

    Args:
        sets: The data sets, at least one.

    Returns:
        The data set, named after the first. Its remarks say which labels not every data set has.

    Raises:
        InputError: The data sets have other channels.
    """
    first = sets[0]
    if len(sets) == 1:
        return first
    ordered = [first, *(in_order_of(first, one) for one in sets[1:])]
    labels: dict[int, str] = {}
    named: dict[int, bool] = {}
    matched = []
    for one in ordered:
        becomes = _matched(one, labels, named)
        matched.append(becomes)
        for old, new in becomes.items():
            if new not in labels or (one.named and not named[new]):
                labels[new], named[new] = one.labels[old], one.named
    regions = [renumbered(one.regions, becomes) for one, becomes in zip(ordered, matched, strict=True)]
    if len(set(regions)) > 1:
        raise InputError(
            "pooled-regions-differ",
            "{path} and {other} do not have the same regions; list the same in both.",
            path=first.root,
            other=next(one.root for one, own in zip(ordered, regions, strict=True) if own != regions[0]),
        )
    ignore = next((one.ignore for one in ordered if one.ignore is not None), None)
    ignore = max(labels) + 1 if ignore in labels else ignore
    cases: list[Case] = []
    for one, becomes in zip(ordered, matched, strict=True):
        if one.ignore is not None and ignore is not None:
            becomes = {**becomes, one.ignore: ignore}
        cases += [_renumbered(case, becomes) for case in one.cases]
    names = told_apart([(case.name, case.images[0]) for case in cases])
    modalities = {one.modality for one in ordered if one.modality}
    licences = list(dict.fromkeys(one.licence for one in ordered if one.licence))
    return replace(
        first,
        root=Path(os.path.commonpath([one.root.absolute() for one in ordered])),
        cases=tuple(replace(case, name=name) for case, name in zip(cases, names, strict=True)),
        labels=dict(sorted(labels.items())),
        modality=modalities.pop() if len(modalities) == 1 else None,
        licence="; ".join(licences) or None,
        named=all(one.named for one in ordered),
        remarks=(*(remark for one in ordered for remark in one.remarks), *_unlike(ordered, labels)),
        is_listed=all(one.is_listed for one in ordered),
        ignore=ignore,
        regions=regions[0],
    )


def _matched(one: CaseSet, labels: dict[int, str], named: dict[int, bool]) -> dict[int, int]:
    """For each label of a data set, the value that it has among those of the data sets before it, or a free one."""
    by_name = {_plain(name): value for value, name in labels.items() if named[value]}
    becomes: dict[int, int] = {}
    for value, name in one.labels.items():
        if one.named and _plain(name) in by_name:
            becomes[value] = by_name[_plain(name)]
        elif value in labels and not (one.named and named[value]):
            becomes[value] = value
    taken = {*labels, *becomes.values()}
    for value in one.labels:
        if value not in becomes:
            becomes[value] = value if value not in taken else max(taken) + 1
            taken.add(becomes[value])
    return becomes


def _renumbered(case: Case, becomes: dict[int, int]) -> Case:
    """The case with the values in its file that the pool has for them."""
    in_file = dict(case.renumbered)
    before = {new: old for old, new in case.renumbered}
    values = {before.get(value, value): new for value, new in becomes.items()}
    # A value of the file that is none of the labels' keeps what the data set makes of it.
    values = {**in_file, **values}
    changed = tuple(sorted(values.items())) if any(a != b for a, b in values.items()) else ()
    return replace(
        case, renumbered=changed, not_annotated=tuple(sorted(becomes[value] for value in case.not_annotated))
    )


def _unlike(sets: Sequence[CaseSet], labels: dict[int, str]) -> list[Problem]:
    """Say which labels not every data set has, and whether the data sets say that they show something else."""
    found = []
    partly = [
        name
        for name in labels.values()
        if not all(any(_plain(name) == _plain(own) for own in one.labels.values()) for one in sets)
    ]
    if partly and all(one.named for one in sets):
        found.append(
            Problem(
                "pooled-labels-differ",
                "not every one of the {count} data sets has {labels:…`}: where {several:?one|it} is not annotated, it is "
                "learned as background",
                {"count": len(sets), "labels": partly, "several": len(partly) > 1},
                "warning",
                "pool data sets in which the same structures are annotated, or name them alike",
            )
        )
    modalities = sorted({one.modality for one in sets if one.modality})
    if len(modalities) > 1:
        found.append(
            Problem(
                "pooled-modalities-differ",
                "the data sets say that they show {modalities}, and all are prepared as the first one is",
                {"modalities": modalities},
                "warning",
                "pool data sets of one modality",
            )
        )
    return found


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).casefold()
