"""Which labels the adapted model segments, and how they follow from the data set's and from the source model's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.case_set import CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.labels import LabelTask

# In a label map: a label that begins from none of the source's.
NEW = "new"
_MOST_CLASSES = 255

# What to do about cases without labels.
ANNOTATE = "annotate at least one case (a folder holds `images` and, of the same names, `labels`)"


def label_task(target: CaseSet, source: ModelCard | None, label_map: Mapping[str, Any] | None) -> LabelTask:
    """Match the target's labels to the source model's.

    `label_map` takes a target label's name (or its value) to a source label's name, a list of names (merged into it),
    "new", or None (dropped to background). Labels it leaves out are matched by name, ignoring case, spaces, `_` and
    `-`; by value where the data set gave no names; unmatched labels are new. Target labels that go to the same source
    label become one, under the source's name and the lowest of their values. `source` None: all are new.

    Raises `InputError` for a name that the map or the source does not have, a source label used for two labels, and
    when nothing is left to segment.
    """
    if not target.labels:
        raise InputError(f"{target.root}: no label in any case; {ANNOTATE}.")
    choices = _choices(target, label_map or {})
    # what each target label begins from -> the values that do so; a new label is alone, by its value
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
        raise InputError(f"the label map drops every label of {target.root}; leave one to segment.")
    if len(classes) > _MOST_CLASSES:
        raise InputError(f"{target.root}: {len(classes)} labels; at most {_MOST_CLASSES} can be segmented at once.")

    names, begin_from = [], []
    used: dict[int, str] = {}  # source class -> the target labels that begin from it, in words
    for key, values in classes.items():
        begins = key if isinstance(key, tuple) else ()
        name = target.labels[values[0]]
        if source is not None and begins and (len(values) > 1 or not target.named):
            name = " + ".join(source.label_names[n - 1] for n in begins)
        own = " and ".join(f"`{target.labels[value]}`" for value in values)
        twice = used.keys() & set(begins)
        if source is not None and twice:
            shared = source.label_names[min(twice) - 1]
            raise InputError(
                f"your labels {used[min(twice)]} and {own} both begin from the source label `{shared}`, but not from all"
                f" the same ones; give `{shared}` to one of them in the label map, or the same list to both."
            )
        used |= dict.fromkeys(begins, own)
        names.append(name)
        begin_from.append(begins)
    called = [name.casefold() for name in names]
    if same := next((name for n, name in enumerate(called) if name in called[:n]), None):
        raise InputError(f"{target.root}: two labels are called `{same}`; give each a name of its own.")
    to_class = {value: n for n, values in enumerate(classes.values(), start=1) for value in values}
    return LabelTask(
        names=tuple(names),
        values=tuple(values[0] for values in classes.values()),
        target_classes={value: to_class.get(value, 0) for value in sorted(target.labels)},
        source_classes=((0,), *begin_from),
        dropped=tuple(dropped),
    )


def taken_by_value(target: CaseSet, source: ModelCard, label_map: Mapping[str, Any] | None) -> dict[int, str]:
    """Of the labels without a name, those that `label_task` matches by their value: value -> the source label's name."""
    if target.named:
        return {}
    chosen = _choices(target, label_map or {})
    names = {label.value: label.name for label in source.labels}
    return {value: names[value] for value in sorted(target.labels) if value in names and value not in chosen}


def unknown_to_source(target: CaseSet, source: ModelCard, label_map: Mapping[str, Any] | None) -> dict[int, str]:
    """The labels that become new without anyone having said so: value -> name. The source model never finds them."""
    chosen = _choices(target, label_map or {})
    return {
        value: name
        for value, name in sorted(target.labels.items())
        if value not in chosen and not _matched(value, name, target.named, source)
    }


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).casefold()


def _choices(target: CaseSet, label_map: Mapping[str, Any]) -> dict[int, Any]:
    values = {_plain(name): value for value, name in target.labels.items()}
    choices = {}
    for key, choice in label_map.items():
        value = values.get(_plain(key))
        if value is None and key.strip().isdigit() and int(key) in target.labels:
            value = int(key)
        if value is None:
            raise InputError(
                f"label map: the data set has no label `{key}`; it has {', '.join(target.labels.values())}."
            )
        choices[value] = choice
    return choices


def _chosen(choice: Any, name: str, source: ModelCard | None) -> tuple[int, ...]:
    if choice == NEW:
        return ()
    wanted = [choice] if isinstance(choice, str) else choice
    if not isinstance(wanted, list) or not wanted or not all(isinstance(one, str) for one in wanted):
        raise InputError(
            f'label map: label `{name}` must go to a source label\'s name, a list of names, "new" or null;'
            " correct its entry."
        )
    if source is None:
        raise InputError(f'label map: label `{name}` names a source label, but there is no source model; write "new".')
    known = {_plain(label): number for number, label in enumerate(source.label_names, start=1)}
    for one in wanted:
        if _plain(one) not in known:
            raise InputError(
                f"label map: the source model `{source.name}` has no label `{one}`; it has"
                f" {', '.join(source.label_names)}."
            )
    return tuple(sorted({known[_plain(one)] for one in wanted}))


def _matched(value: int, name: str, named: bool, source: ModelCard | None) -> tuple[int, ...]:
    for number, label in enumerate(source.labels if source else (), start=1):
        if (_plain(label.name) == _plain(name)) if named else (label.value == value):
            return (number,)
    return ()
