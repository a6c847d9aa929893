"""Matching of labels: which labels the adapted model segments, and which of the source's labels they begin from."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from TransferSegLib.cases.facts import label_facts, read_facts
from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.case_set import Case, CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.labels import FIRST_OPEN, IGNORE, MOST_CLASSES, LabelTask
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.regions import renumbered

# In a label map, the value of a label that begins from no label of the source.
NEW = "new"


def label_task(target: CaseSet, source: ModelCard | None, label_map: Mapping[str, Any] | None) -> LabelTask:
    """Match the target's labels with the source model's.

    Labels that the map leaves out are matched by name, ignoring case, spaces, `_` and `-`, or by value where the data set
    gives no names. What has no match is new. Target labels that are matched with the same source label become one label,
    under the source's name and the lowest of their values.

    Args:
        target: The data set that is adapted to.
        source: The source model's card; None where there is none, so that all labels are new.
        label_map: Name (or value) of a target label → name of a source label, a list of names (which are merged into it),
            "new", or None (it becomes background).

    Returns:
        The labels that the adapted model segments.

    Raises:
        InputError: The data set or the source has no label of a name in the map, two labels begin from the same source
            label, two labels have the same name, or nothing is left to segment.
    """
    around = next((remark for remark in target.remarks if remark.code == "data-set-around"), None)
    if not target.labels and around is not None:
        raise InputError(
            "no-labels-but-around",
            "{path}: no label in any case, and the folder above it is a data set; give {parent}.",
            path=target.root,
            parent=around.fields["parent"],
        )
    if not target.labels:
        raise InputError(
            "no-labels",
            "{path}: no label in any case; annotate at least one case (a folder holds `images` and, of the same names, "
            "`labels`){adapts:?, or choose the strategy `{strategy}`, which learns from images alone|}.",
            path=target.root,
            adapts=source is not None and source.task == "segmentation",
            strategy="test-time",
        )
    choices = _choices(target, label_map or {})
    # Source classes → the values of the target labels that begin from them. A new label has a key of its own, its value.
    classes: dict[tuple[int, ...] | int, list[int]] = {}
    dropped = []
    for value, name in sorted(target.labels.items()):
        if value not in choices:
            begins = _matched(value, name, target.named, source)
        elif choices[value] is not None:
            begins = _chosen(choices[value], name, source)
        else:
            dropped.append(name)
            continue
        classes.setdefault(begins or value, []).append(value)
    if not classes:
        raise InputError(
            "all-labels-dropped", "the label map drops every label of {path}; leave one to segment.", path=target.root
        )
    if len(classes) > MOST_CLASSES:
        where = _most_values(target)
        raise InputError(
            "too-many-labels",
            "{path}: {count} labels; at most {most} can be segmented at once{known:?; {where}|}.",
            path=target.root,
            count=len(classes),
            most=MOST_CLASSES,
            known=where is not None,
            where=where,
        )

    names, begin_from = [], []
    used: dict[int, str] = {}  # Source class → names of the target labels that begin from it.
    for key, values in classes.items():
        begins = key if isinstance(key, tuple) else ()
        name = target.labels[values[0]]
        if source is not None and begins and (len(values) > 1 or not target.named):
            name = " + ".join(source.label_names[n - 1] for n in begins)
        labels = " and ".join(f"`{target.labels[value]}`" for value in values)
        twice = set() if target.regions else used.keys() & set(begins)  # a region begins from all labels that it covers
        if source is not None and twice:
            shared = source.label_names[min(twice) - 1]
            raise InputError(
                "source-label-twice",
                "your labels {first} and {second} both begin from the source label `{source_label}`, but not from all the "
                "same ones; give `{source_label}` to one of them in the label map, or the same list to both.",
                first=used[min(twice)],
                second=labels,
                source_label=shared,
            )
        used |= dict.fromkeys(begins, labels)
        names.append(name)
        begin_from.append(begins)
    folded = [name.casefold() for name in names]
    if same := next((name for n, name in enumerate(folded) if name in folded[:n]), None):
        raise InputError(
            "label-name-twice",
            "{path}: two labels are called `{label}`; give each a name of its own.",
            path=target.root,
            label=same,
        )
    to_class = {value: n for n, values in enumerate(classes.values(), start=1) for value in values}
    ignored = {} if target.ignore is None else {target.ignore: IGNORE}
    if target.regions and (dropped or len(classes) < len(target.labels)):
        raise InputError(
            "regions-in-label-map",
            "label map: the labels of {path} are regions, which overlap, so none can be dropped or merged; leave "
            "such entries out.",
            path=target.root,
        )
    if target.regions and any(case.not_annotated for case in target.cases):
        raise InputError(
            "regions-not-annotated",
            "{path}: a region that is not annotated in some cases may be anywhere in another; mark its voxels `ignore`, or "
            "leave these cases out.",
            path=target.root,
        )
    task = LabelTask(
        names=tuple(names),
        values=tuple(values[0] for values in classes.values()),
        target_classes={value: to_class.get(value, 0) for value in sorted(target.labels)} | ignored,
        source_classes=((0,), *begin_from),
        dropped=tuple(dropped),
    )
    return replace(task, open_sets=_open_sets(task, target), regions=renumbered(target.regions, to_class))


def _open_sets(task: LabelTask, target: CaseSet) -> tuple[tuple[int, ...], ...]:
    """The sets of classes that the backgrounds of the cases may be, see `LabelTask.open_sets`."""
    found = sorted({(0, *lacking) for case in target.cases if (lacking := task.lacking(case.not_annotated))})
    if len(found) > IGNORE - FIRST_OPEN:
        raise InputError(
            "too-many-sets-not-annotated",
            "{path}: the labels that are not annotated differ too much from case to case ({count} combinations; at most "
            "{most}); leave out some of the labels, or some of the cases.",
            path=target.root,
            count=len(found),
            most=IGNORE - FIRST_OPEN,
        )
    return tuple(found)


def taken_by_value(target: CaseSet, source: ModelCard, label_map: Mapping[str, Any] | None) -> dict[int, str]:
    """Find the labels that `label_task` matches by their value, because the target set gives them no name.

    Args:
        target: The target set.
        source: The source model's card.
        label_map: The person's label map; labels in it are left out.

    Returns:
        Value → name of the source label.
    """
    if target.named:
        return {}
    chosen = _choices(target, label_map or {})
    names = {label.value: label.name for label in source.labels}
    return {value: names[value] for value in sorted(target.labels) if value in names and value not in chosen}


def unknown_to_source(target: CaseSet, source: ModelCard, label_map: Mapping[str, Any] | None) -> dict[int, str]:
    """Find the labels that the source model does not have and the label map does not mention.

    The source model never finds them.

    Args:
        target: The target set.
        source: The source model's card.
        label_map: The person's label map.

    Returns:
        Value → the target's name of the label.
    """
    chosen = _choices(target, label_map or {})
    return {
        value: name
        for value, name in sorted(target.labels.items())
        if value not in chosen and not _matched(value, name, target.named, source)
    }


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).casefold()


def _most_values(target: CaseSet) -> Problem | None:
    """Say which segmentation has the most values, most likely an image."""
    counts: list[tuple[int, Path, Case]] = []
    for case in target.cases:
        if case.label is not None:
            with contextlib.suppress(InputError):
                counts.append((len(label_facts(case.label, case.renumbered).values - {0}), case.label, case))
    if not counts:
        return None
    count, label, case = max(counts, key=lambda one: one[0])
    (facts,) = read_facts([case], target.root)
    if facts.same_image is not None:
        return Problem(
            "most-values-of-image",
            "the segmentation {file} of case `{case}` is a copy of its image {image}: give its segmentation",
            {"file": facts.called(label), "case": case.name, "image": facts.called(facts.same_image)},
        )
    return Problem(
        "most-values",
        "case `{case}` has {count} in {file}: if that is an image, give its segmentation",
        {"case": case.name, "count": count, "file": facts.called(label)},
    )


def _choices(target: CaseSet, label_map: Mapping[str, Any]) -> dict[int, Any]:
    values = {_plain(name): value for value, name in target.labels.items()}
    choices = {}
    for key, choice in label_map.items():
        value = values.get(_plain(key))
        if value is None and key.strip().isdigit() and int(key) in target.labels:
            value = int(key)
        if value is None:
            raise InputError(
                "map-target-label",
                "label map: the data set has no label `{label}`; it has {known}.",
                label=key,
                known=tuple(target.labels.values()),
            )
        choices[value] = choice
    return choices


def _chosen(choice: Any, name: str, source: ModelCard | None) -> tuple[int, ...]:
    if choice == NEW:
        return ()
    wanted = [choice] if isinstance(choice, str) else choice
    if not isinstance(wanted, list) or not wanted or not all(isinstance(one, str) for one in wanted):
        raise InputError(
            "map-entry",
            'label map: label `{label}` must go to a source label\'s name, a list of names, "new" or null; '
            "correct its entry.",
            label=name,
        )
    if source is None:
        raise InputError(
            "map-without-source",
            'label map: label `{label}` names a source label, but there is no source model; write "new".',
            label=name,
        )
    known = {_plain(label): number for number, label in enumerate(source.label_names, start=1)}
    for one in wanted:
        if _plain(one) not in known:
            raise InputError(
                "map-source-label",
                "label map: the source model `{source}` has no label `{label}`; it has {known}.",
                source=source.name,
                label=one,
                known=source.label_names,
            )
    return tuple(sorted({known[_plain(one)] for one in wanted}))


def _matched(value: int, name: str, named: bool, source: ModelCard | None) -> tuple[int, ...]:
    for number, label in enumerate(source.labels if source else (), start=1):
        if (_plain(label.name) == _plain(name)) if named else (label.value == value):
            return (number,)
    return ()
