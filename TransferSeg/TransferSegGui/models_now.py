"""The model by now, which segments cases to correct, and what it says in the labels of the cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from TransferSegGui.exporting import described, regions_of
from TransferSegGui.protocols import Module
from TransferSegGui.regions import named_regions
from TransferSegGui.segmentations import Style, card_styles, own_styles, renumbered
from TransferSegGui.targets import TargetCase
from TransferSegGui.words import problem_text
from TransferSegLib.cases.volumes import Volume
from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.labels import label_type
from TransferSegLib.core.problems import Problem
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.folder import SourceFolder
from TransferSegLib.transfer.labels import label_task

# The colour of a label that neither a segmentation of the scene nor the model gives one.
USUAL_COLOR = (0.5, 0.68, 0.5)


@dataclass(frozen=True)
class ModelNow:
    """The model that segments cases to correct.

    Attributes:
        folder: Its folder, or its job's.
        card: Its card.
        source: The source model that it began from; itself where nothing was adapted.
        job: The job that adapted it, from which a next round goes on; None for the source model as it is.
    """

    folder: Path
    card: ModelCard
    source: SourceFolder
    job: Path | None


def card_now(module: Module) -> ModelCard | None:
    """The card of `model_now`, without looking for the source model of a job."""
    shown = module.shown_results()
    if shown.results is not None and shown.instead is None:
        return shown.results.card
    chosen = module.source() if shown.instead is None else shown.instead
    return None if chosen is None else chosen.card


def model_now(module: Module) -> ModelNow | None:
    """The model by now: that of the job that is shown, else the source model; None where none is chosen.

    Raises:
        InputError: The source model of the shown job is not on this computer any more.
    """
    shown = module.shown_results()
    if shown.results is not None and shown.instead is None:
        job = shown.results.job
        source = find_source(job.read_spec().source or "")
        return ModelNow(job.path, shown.results.card, source, job.path)
    chosen = module.source() if shown.instead is None else shown.instead
    return None if chosen is None else ModelNow(chosen.folder, chosen.card, chosen, None)


def styles_of(cases: Sequence[TargetCase], card: ModelCard) -> dict[int, Style]:
    """The look of each label of the annotated cases, by its value in a job; of the model's labels where none is annotated."""
    of_card, labels = card_styles(card, {}), described(cases).labels
    if not labels:
        return of_card
    own = own_styles(
        [case.segmentation for case in cases if case.segmentation and not isinstance(case.segmentation, Path)]
    )
    like = {style.name: style for style in of_card.values()} | own
    found = {value: like.get(name) or Style(name, USUAL_COLOR) for value, name in labels.items()}
    return {value: replace(style, made_by=card.name) for value, style in found.items()}


def regions_now(cases: Sequence[TargetCase], card: ModelCard) -> dict[str, list[str]]:
    """The regions that the labels of `styles_of` are, by names: those of the annotated cases, else the model's.

    Raises:
        InputError: Cases do not agree on what lies in a region.
    """
    labels, of_card = set(described(cases).labels.values()), named_regions(card.regions, card_names(card))
    own = regions_of(cases)
    return own or (of_card if not labels or set(of_card) <= labels else {})


def card_names(card: ModelCard) -> dict[int, str]:
    """Value → name of a model's labels."""
    return {label.value: label.name for label in card.labels}


def in_own_labels(
    found: Volume, card: ModelCard, cases: Sequence[TargetCase], label_map: Mapping[str, Any]
) -> tuple[Volume, dict[int, Style], tuple[str, ...]]:
    """What a model found, in the labels of the annotated cases; as it is where none is annotated.

    Args:
        found: Values of the model's labels (I, J, K).
        card: The model's card.
        cases: The cases.
        label_map: What the person has changed of the match of labels.

    Returns:
        The labels, the look of each value, and the labels that the model does not segment.

    Raises:
        InputError: The labels cannot be matched.
    """
    target = described(cases)
    if not target.labels:
        return found, card_styles(card, {}), ()
    task = label_task(target, card, dict(label_map))
    classes = {label.value: n for n, label in enumerate(card.labels, start=1)}
    own = task.decode(task.from_source(renumbered(found.array, classes, np.dtype(np.uint8))))
    own = own.astype(label_type(own), copy=False)
    return replace(found, array=own), styles_of(cases, card), task.new_names


def lacks(now: ModelNow, labels: Sequence[str]) -> str:
    """What to say where the model does not segment some labels of the cases."""
    return problem_text(
        Problem(
            "model-lacks-labels",
            "“{model}” does not segment {labels:…`} yet; draw {labels:~it|them} yourself, and adapt again.",
            {"model": now.card.title, "labels": tuple(labels)},
            "note",
        )
    )
