"""Checks of a target set against a source model, made before a job spends an hour on it.

The checks of the files themselves are in `cases.checks`. Both need numpy and SimpleITK only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from TransferSegLib.cases.checks import check_files, check_modality, in_order, unlike_modality
from TransferSegLib.cases.digests import Digests
from TransferSegLib.cases.extent import axes_shown, extent_problem, prepared_size_problem
from TransferSegLib.cases.facts import CaseFacts, read_facts
from TransferSegLib.cases.readers.parts import channel_modality
from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.cascades import cascade_problem
from TransferSegLib.core.case_set import Case, CaseSet
from TransferSegLib.core.grid import Grid, times
from TransferSegLib.core.model_warnings import model_warnings
from TransferSegLib.core.problems import Problem
from TransferSegLib.transfer.channels import are_strangers, channel_sources
from TransferSegLib.transfer.labels import taken_by_value, unknown_to_source

_FAR_SPACING = 2.0
SEEN_BY_SOURCE = "seen-by-source"


def check_cases(
    case_set: CaseSet,
    card: ModelCard | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    label_map: Mapping[str, Any] | None = None,
    apart_from: CaseSet | None = None,
    digests: dict[str, Digests] | None = None,
) -> list[Problem]:
    """Check the files of a data set, and the data set against a source model; each file is read once.

    Args:
        case_set: The data set.
        card: The source model's; without it, the files are checked alone.
        on_progress: Called with (done, total) after each case.
        label_map: See `labels.label_task`.
        apart_from: Cases that a model is to be scored on, and that must not be among these, on which it is trained.
        digests: Is filled with those of each case, by its name.

    Returns:
        What was found, in the order of the cases' names; what is about the whole data set comes last.
    """
    scored = [replace(c, label=None) for c in apart_from.cases if c.label is not None] if apart_from else []
    facts: list[CaseFacts] = []
    for one in read_facts([*case_set.cases, *scored], case_set.root):
        facts.append(one)
        if on_progress:
            on_progress(len(facts), len(case_set.cases) + len(scored))
    own, others = facts[: len(case_set.cases)], facts[len(case_set.cases) :]
    if digests is not None:
        digests |= {one.case.name: one.digests for one in own}
    found = check_files(case_set, own, others)
    found += check_modality(case_set, own) if card is None else check_against(card, case_set, own, label_map)
    return in_order([*found, *(problem for one in others for problem in one.problems)], case_set)


def check_against(
    card: ModelCard, case_set: CaseSet, facts: Sequence[CaseFacts], label_map: Mapping[str, Any] | None = None
) -> list[Problem]:
    """Check a data set against a source model.

    Args:
        card: The source model's.
        case_set: The data set.
        facts: What its files are, see `facts.read_facts`.
        label_map: See `labels.label_task`.

    Returns:
        What was found; what is about the whole data set comes last.
    """
    otherwise = Problem(
        "choose-other-source",
        "choose a source model for its own modality: the window of one for CT would flatten it",
    )
    return [
        *_of_model(card),
        *unlike_modality(facts, _meant(case_set, card), otherwise),
        *(problem for one in facts for problem in _spacing(one, card)),
        *known_to_source(((one.case, one.digests) for one in facts), card),
        *_channels(case_set, card),
        *_labels_by_value(case_set, card, label_map),
        *_unknown_labels(case_set, card, label_map),
    ]


def _of_model(card: ModelCard) -> Iterator[Problem]:
    if (problem := cascade_problem(card)) is not None:
        yield problem
    for problem in model_warnings(card):
        yield Problem(
            "source-warned-of",
            "of the source model `{model}`: {what}",
            {"model": card.name, "what": problem},
            "warning",
            "score it against the model that it was adapted from before you rely on it, or start from that one",
        )


def _meant(case_set: CaseSet, card: ModelCard) -> list[Problem | None]:
    """For each channel of the cases, the modality that the model takes there; None where it is not known."""
    meant: list[Problem | None] = []
    for sources in channel_sources(case_set, card):
        modality = channel_modality(sources[0], card.channels, card.modality) if sources else None
        fields = {"model": card.name, "modality": modality}
        says = Problem("source-is-for", "the source model `{model}` is for {modality}", fields)
        meant.append(says if modality else None)
    return meant


def _spacing(facts: CaseFacts, card: ModelCard) -> Iterator[Problem]:
    unlike = card.preprocessing.spacing_mm is not None and card.preprocessing.template is None
    if not unlike or facts.grid is None or extent_problem(facts.grid):
        return
    problem = prepared_size_problem(facts.grid, card.preprocessing, len(facts.case.images))
    if problem is not None:
        yield replace(problem, case=facts.case.name)
    elif (far := spacing_far(facts.grid, card, facts.case.name)) is not None:
        yield far


def spacing_far(grid: Grid, card: ModelCard, case: str) -> Problem | None:
    """Say that a case's voxels are much larger or smaller than a model's.

    Args:
        grid: The case's grid.
        card: The model's card.
        case: The case's name.

    Returns:
        A warning; None where they are alike, or the model takes images as they are.
    """
    if card.preprocessing.spacing_mm is None or card.preprocessing.template is not None:
        return None
    order, _ = axes_shown(grid, slices_last=card.preprocessing.slices_last)
    spacing = [grid.spacing_mm[axis] for axis in order]
    wanted = card.preprocessing.spacing_for(spacing)
    factors = [max(s / t, t / s) for s, t in zip(spacing, wanted, strict=True)]
    if max(factors) <= _FAR_SPACING * 1.01:
        return None
    return Problem(
        "spacing-far",
        "voxels of {spacing} mm are up to {factor:.2g} times off the {wanted} mm of the source model `{model}`",
        {"spacing": times(spacing), "factor": max(factors), "wanted": times(wanted), "model": card.name},
        "warning",
        "expect less of it, or start from a model made for such voxels",
        case,
    )


def known_to_source(cases: Iterable[tuple[Case, Digests]], card: ModelCard) -> Iterator[Problem]:
    """Find the annotated cases whose images the source model has learned from, as far as its card has their digests.

    Args:
        cases: The cases, each with the digests of its files.
        card: The source model's.

    Yields:
        A warning (`SEEN_BY_SOURCE`) for each case that it was trained or validated on; a note for each image that it learned
        from without its labels.
    """
    seen, known = set(card.seen), set(card.seen_without_labels)
    for case, digests in cases:
        if case.label is not None and known.intersection(digests.images) - seen:
            yield Problem(
                "image-known-to-source",
                "the source model learned from this very image, without its labels, so that scores on it may be a little too "
                "good",
                {},
                "note",
                case=case.name,
            )
        if case.label is not None and seen.intersection(digests.images):
            yield Problem(
                "seen-by-source",
                "the source model was trained or validated on this very image, so that all scores on it are too good",
                {},
                "warning",
                "start from a model that has not seen it, or score on other cases (role test)",
                case.name,
            )


def _channels(case_set: CaseSet, card: ModelCard) -> Iterator[Problem]:
    fields = {
        "count": len(case_set.channels),
        "channels": case_set.channels,
        "model": card.name,
        "model_count": len(card.channels),
        "model_channels": card.channels,
    }
    if are_strangers(case_set, card):
        begins = [
            Problem(
                "channel-begins",
                "`{channel}` begins from {source:?its `{source}`|the mean of all of its}",
                {"channel": name, "source": card.channels[sources[0]] if sources else None},
            )
            for name, sources in zip(case_set.channels, channel_sources(case_set, card), strict=True)
        ]
        yield Problem(
            "other-channels",
            "the cases have {count} {count:~channel|channels} ({channels:…}), the source model `{model}`"
            " {model_count} {model_count:~channel|channels} ({model_channels:…}): {begins}",
            {**fields, "begins": begins},
            "warning",
            "where two of them are the same, give the cases' channel the source model's name for it",
        )
    elif len(card.channels) != len(case_set.channels):
        yield Problem(
            "model-channels",
            "the cases have {count} {count:~channel|channels} ({channels:…}), the source model `{model}`"
            " {model_count} {model_count:~channel|channels} ({model_channels:…})",
            fields,
            "note",
            "its first layer will be fitted to the cases; the job's report says how",
        )


def _labels_by_value(case_set: CaseSet, card: ModelCard, label_map: Mapping[str, Any] | None) -> Iterator[Problem]:
    taken = taken_by_value(case_set, card, label_map)
    if not taken:
        return
    # Where the model knows fewer labels, the same numbers hardly mean the same.
    fewer = len(case_set.labels) > len(card.labels)
    yield Problem(
        "labels-by-value",
        "{pairs:…}, because the source model `{model}` has {count:~it|them} by {count:~this value|these values}"
        "{fewer:?; it has {known} {known:~label|labels}, the cases {labels}|}",
        {
            "pairs": [
                Problem("label-taken", "label {value} is taken to be `{label}`", {"value": value, "label": name})
                for value, name in taken.items()
            ],
            "model": card.name,
            "count": len(taken),
            "fewer": fewer,
            "known": len(card.labels),
            "labels": len(case_set.labels),
            "option": "--label-map",
        },
        "warning" if fewer else "note",
        "give the labels' names in labels.json, or a {option}",
    )


def _unknown_labels(case_set: CaseSet, card: ModelCard, label_map: Mapping[str, Any] | None) -> Iterator[Problem]:
    # An encoder segments nothing, so that nobody expects it to know a label.
    if card.task != "segmentation" or taken_by_value(case_set, card, label_map):
        return
    unknown = unknown_to_source(case_set, card, label_map)
    if not unknown:
        return
    fields = {
        "count": len(unknown),
        "labels": unknown.values(),
        "model": card.name,
        "theirs": card.label_names,
        "option": "--label-map",
    }
    if len(unknown) == len(case_set.labels):
        yield Problem(
            "no-known-label",
            "{count:~your label|none of your labels} ({labels:…}) is {count:~not one|one} of the source model's ({theirs:…})",
            fields,
            "warning",
            "if {count:~it is the same structure under another name|they are the same structures under other names}, say so"
            " with {option}; otherwise the source model cannot {count:~find it, and it is|find them, and they are} learned"
            " from your cases alone",
        )
    else:
        yield Problem(
            "unknown-labels",
            "the source model `{model}` has {count:~no {labels:`}|none of {count} labels ({labels:…`})}, it has {theirs:…}",
            fields,
            "warning",
            "if {count:~it is the same structure under another name|they are the same structures under other names}, say so"
            " with {option}; otherwise the source model cannot {count:~find it, and it is|find them, and they are} learned"
            " from your cases alone",
        )
