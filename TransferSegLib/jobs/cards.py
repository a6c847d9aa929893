"""The card of the model that a job leaves: what it segments, where it comes from, how it was made and how good it is."""

from __future__ import annotations

import math
import platform
import re
import statistics
import subprocess
import textwrap
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import TransferSegLib
from TransferSegLib.cases.extent import axes_shown, prepared_grid
from TransferSegLib.cases.matching import with_landmarks
from TransferSegLib.cases.readers.parts import channel_modality
from TransferSegLib.cases.readers.pictures import MODALITY as PICTURES
from TransferSegLib.cases.volumes import read_grid, read_volume
from TransferSegLib.core.card import (
    CARD_FORMAT,
    CardIntensities,
    CardLabel,
    CardNetwork,
    CardScore,
    ModelCard,
    Task,
    check_arguments,
)
from TransferSegLib.core.case_set import Case, CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.inference_settings import InferenceSettings
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.licences import commercial_use
from TransferSegLib.core.preprocessing_options import PreprocessingOptions
from TransferSegLib.core.records import to_json
from TransferSegLib.core.texts import as_name, counted
from TransferSegLib.evaluation.choice import Choice
from TransferSegLib.evaluation.rate_choice import RateChoice
from TransferSegLib.evaluation.recommendation import Recommendation
from TransferSegLib.evaluation.summary import Summary
from TransferSegLib.jobs.ensembles import NOT_THEIR_MEAN, SINGLE_MODELS
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.sources.structures import codes_of
from TransferSegLib.transfer.plan import TransferPlan

# Voxels of a default patch: two of them train a small network on a laptop's processor in a tenth of a second.
PATCH_VOXELS = 48 * 64 * 48
PATCH_STEP = 8
# More than their being MR is known of what a model with one of these was trained on.
KINDS_OF_MR = ("t1w", "t2w", "flair")
# The end of the title of a model that was adapted, which is written anew when it is adapted again.
ADAPTED = re.compile(r", adapted( to [^,]*)?$")
# The licence of a model that began from nothing, where the data set names none.
AS_THE_DATA = "as the training data's"
# Of what the scores of a source model are that a job keeps as it is.
AS_IN_JOB = "segmented as all models of the job, not as the model does by itself"
# How much of a data set's licence, which may be a whole text, is repeated in a description.
LONGEST_LICENCE = 80


def card_for_new(
    network: CardNetwork,
    target: CaseSet,
    patch_size: tuple[int, int, int] | None,
    task: Task = "segmentation",
    options: PreprocessingOptions | None = None,
) -> ModelCard:
    """The card of a network that is trained from scratch.

    Where the options leave it open, spacing is the median over the training cases, and each channel has the intensities of
    what it shows, see `shows_ct`.

    Args:
        network: The network.
        target: The cases that it is trained on.
        patch_size: In voxels; None lets `default_patch` choose.
        task: What it is taught.
        options: The person's choices for the preprocessing.

    Raises:
        InputError: The network's arguments cannot be used, there is no training case, or an option has nothing to act on.
    """
    options = options or PreprocessingOptions()
    check_arguments(network.arguments, f"network `{network.name}`", "network's options")
    cases = list_training_cases(target, task)
    grids = [read_grid(case.images[0]) for case in cases]
    orders = [axes_shown(grid, slices_last=bool(options.slices_last))[0] for grid in grids]
    spacing = _median([[grid.spacing_mm[axis] for axis in order] for grid, order in zip(grids, orders, strict=True)])
    ct = [shows_ct(target, n, cases[0]) for n in range(len(target.channels))]
    modality = (target.modality or ("ct" if ct[0] else "mr")).lower()
    preprocessing = options.resolved(spacing, ct, target.modality == PICTURES)
    if options.value("histogram_match"):
        preprocessing = with_landmarks(preprocessing, cases, ct)
    # On a template all cases have its size.
    shown = [read_grid(Path(preprocessing.template))] if preprocessing.template else grids
    sizes = [prepared_grid(grid, preprocessing)[0] for grid in shown]
    return ModelCard(
        format=CARD_FORMAT,
        name="new",
        title="",
        description="",
        modality=modality,
        body_part="",
        labels=(CardLabel(1, "label"),) if task == "segmentation" else (),
        channels=target.channels,
        network=network,
        preprocessing=preprocessing,
        patch_size=patch_size or default_patch(_median(sizes), network),
        trained_on="",
        licence=target.licence or AS_THE_DATA,
        citation="",
        task=task,
    )


def _in_order_of(channels: Sequence[str], card: ModelCard) -> tuple[CardIntensities, ...]:
    """The intensities on a card in the order of these channels; none where one of them is not the card's."""
    known = dict(zip(card.channels, card.intensities, strict=True)) if card.intensities else {}
    return tuple(known[name] for name in channels) if all(name in known for name in channels) else ()


def shows_ct(target: CaseSet, channel: int, case: Case) -> bool:
    """Whether a channel is CT: by the data set's word or the channel's name, else by the values of a case.

    Args:
        target: The data set.
        channel: Counted from 0.
        case: The case that is looked at where nothing is said.
    """
    said = channel_modality(channel, target.channels, target.modality)
    if said or channel >= len(case.images):
        return (said or "").lower() == "ct"
    return float(read_volume(case.images[channel]).array.min()) <= -500


def list_training_cases(target: CaseSet, task: Task) -> list[Case]:
    """List the cases that are trained on: those with labels, or all for auto-encoding.

    Args:
        target: The data set.
        task: What is trained.

    Returns:
        The cases, in the data set's order.

    Raises:
        InputError: There is none.
    """
    cases = [c for c in target.cases if c.role == "train" and (c.label is not None or task == "autoencoding")]
    if not cases:
        raise InputError(
            "no-training-case",
            "{root}: no training case has a label; annotate at least one case (a folder holds `images` and, of the same "
            "names, `labels`).",
            root=target.root,
        )
    return cases


def default_patch(size: Sequence[float], network: CardNetwork) -> tuple[int, int, int]:
    """A patch for images of a size: all of the image, or its longest sides shortened until it is small enough.

    A 2D network gets whole slices where they fit, as many as that leaves room for.

    Args:
        size: In voxels, axes right, anterior, superior.
        network: The network, which says what each side must be a multiple of.

    Returns:
        The sides in voxels, axes right, anterior, superior.
    """
    import torch

    from TransferSegLib.networks import build

    with torch.device("meta"):
        described = build(network.name, 1, 2, network.arguments)
    steps = [max(PATCH_STEP, divisor) for divisor in described.divisor]
    across = described.slice_axis
    if across is not None:
        steps[across] = 1
    sides = [max(step, math.ceil(n / step) * step) for n, step in zip(size, steps, strict=True)]
    wanted = sides[across] if across is not None else 1
    if across is not None:
        sides[across] = 1
    while math.prod(sides) > PATCH_VOXELS:
        longest = max(range(3), key=lambda axis: sides[axis])
        sides[longest] -= steps[longest]
    if across is not None:
        sides[across] = min(wanted, PATCH_VOXELS // math.prod(sides))
    return sides[0], sides[1], sides[2]


def adapted_card(
    source: ModelCard,
    task: LabelTask,
    target: CaseSet,
    plan: TransferPlan,
    choice: StrategyChoice,
    *,
    cases: int,
    steps: int,
    patch_size: tuple[int, int, int],
    spec: JobSpec,
    finished: bool,
    seen: Collection[str] = (),
    seen_without_labels: Collection[str] = (),
    images: int = 0,
    rate: RateChoice | None = None,
    share: float | None = None,
    choices: Sequence[Choice] = (),
    inference: InferenceSettings | None = None,
    recommendation: Recommendation | None = None,
    precision: Literal["float32"] | None = None,
    intensities: tuple[CardIntensities, ...] = (),
) -> ModelCard:
    """The card of a trained model, or for `direct` of an unchanged one. It names no case, path or person.

    An unchanged one keeps windows, precision and members of its own, see `kept_source_card`.

    Weights that began with the source's are derived from it: body part, licence, citation and commercial use are the
    source's. Weights that began at random have the terms of the cases alone, as far as these are known.

    Args:
        source: The source model's card; for `pretrain`, that of the new network.
        task: The labels that the model segments.
        target: The cases that it was trained on.
        plan: The strategy's plan.
        choice: The strategy.
        cases: How many cases it was trained on.
        steps: How many steps it was trained for.
        patch_size: The windows in which it segments, in voxels, if it was trained.
        spec: What the job is asked to do.
        finished: False for a model of a job that was stopped.
        seen: The digests of the images that it was trained on.
        seen_without_labels: The digests of those that it learned from without their labels.
        images: How many cases without labels it learned from beside the annotated ones.
        rate: How its learning rate was chosen, where there were several.
        share: The share of the adapted weights in its own; None where nothing of the source's was trained.
        choices: What was chosen for it by scores.
        inference: How it segments; None is as the source model's card says.
        recommendation: Why its strategy was chosen, where the job recommends one.
        precision: `float32` where it must be run in it, if it was trained.
        intensities: Those of the images that it was trained on, for each channel.
    """
    choice = spec.meaning(choice)  # the card is of this version, also where the job is of an earlier one
    made_by = {
        **code_facts(),
        "strategy": choice.key,
        "steps": steps,
        "finished": finished,
        "training": to_json(spec.training),
        **({} if rate is None else {"learning_rate": to_json(rate)}),
        **({} if share is None else {"adapted_share": share}),
        **({"choices": to_json(tuple(choices))} if choices else {}),
        **({} if recommendation is None else {"recommendation": to_json(recommendation)}),
    }
    if plan.predicts_source_labels and not plan.trainable:
        return replace(
            source,
            # The network was given the target's channels, and what was measured on others says nothing of it.
            channels=target.channels,
            scores=source.scores if len(target.channels) == len(source.channels) else (),
            intensities=_in_order_of(target.channels, source),
            made_by={**source.made_by, "used": made_by},
            weights_sha256=None,
            inference=(inference or source.inference).for_labels(source.label_names),
        )
    known = {label.name.lower(): label for label in source.labels}
    labels: list[CardLabel] = []
    if plan.predicts_source_labels:
        labels.extend(source.labels)
    own_labels = spec.task == "segmentation" and not plan.predicts_source_labels
    learned = zip(task.names, task.values, strict=True) if own_labels else ()
    for n, (name, value) in enumerate(learned, start=1):
        begins = [source.labels[c - 1] for c in task.source_classes[n] if c] if plan.mapping else []
        like = begins[0] if begins else known.get(name.lower())
        # What keeps a label out of 3D views is its name: `head` that begins from `air` is shown. And a `tumour` that begins
        # from `liver` has its colour, but not its codes: those are of what it is called, where that is known.
        same = like is not None and like.name.lower() == name.lower()
        begun = replace(like, value=value, name=name) if like else CardLabel(value, name)
        labels.append(begun if same else replace(begun, in_3d=True, terminology=codes_of(name)))
    fresh = spec.kind == "pretrain"
    derived = not fresh and plan.mapping is not None
    data = _data(plan, cases, images)
    # A model that is adapted again is still called after the first one.
    first = source.name.partition("-adapted-")[0]
    # Of cases that do not say what they show, no more is claimed than that they are MR as the source's.
    modality = (target.modality or ("mr" if source.modality.lower() in KINDS_OF_MR else source.modality)).lower()
    if modality == PICTURES and not fresh and target.modality is None:
        modality = "ct" if shows_ct(target, 0, target.cases[0]) else "mr"
    # The data set's name is often a folder's, and that a person's.
    title = spec.title
    if not title and fresh:
        title = _new_title(spec.task, labels, modality)
    elif not title:
        said = modality if source.modality == PICTURES else (target.modality or source.modality).lower()
        title = _adapted_title(source, labels, said, data)
    return replace(
        source,
        name=as_name(spec.title or (title if fresh else f"{first}-adapted-{choice.slug}"), "model"),
        title=title,
        description=(
            _origin(spec.task, task, data)
            if fresh
            else f"Adapted from `{source.name}` by the strategy {choice.key} with {data}."
        )
        + (
            ""
            if share in (None, 1)
            else f" Its weights are {share:g} of the way from those that its training began with to the adapted ones."
        )
        + ("" if finished else f" Stopped early, after {counted(steps, 'step', 'steps')}.")
        + ("" if finished or fresh else " It was not compared with the source model, and may be worse.")
        + ("" if fresh else f" {_terms(source, target, derived)}"),
        modality=modality,
        licence=source.licence if fresh or derived else target.licence or AS_THE_DATA,
        citation=source.citation if fresh or derived else "",
        commercial_use=_commercial_use(source, target) if derived else commercial_use(target.licence or ""),
        labels=tuple(labels),
        regions=task.value_regions if own_labels else source.regions if plan.predicts_source_labels else (),
        inference=(inference or source.inference).for_labels([label.name for label in labels]),
        channels=target.channels,
        network=plan.network_card,
        precision=precision,
        intensities=intensities,
        patch_size=patch_size,
        trained_on=f"{data} of the person's own" if not fresh else data,
        training_cases=cases if plan.teach != "consistency" else cases + images,
        scores=(),
        task=spec.task,
        weights_sha256=None,
        made_by=made_by
        | {"seen": sorted({*(source.seen if plan.mapping else ()), *seen})}
        | _without_labels({*(source.seen_without_labels if plan.mapping else ()), *seen_without_labels})
        | ({} if fresh else {"source": source.name, "source_sha256": source.weights_sha256}),
    )


def _data(plan: TransferPlan, cases: int, images: int) -> str:
    """What a model was trained on, in words."""
    without = f"{counted(images, 'scan', 'scans')} without labels"
    if plan.teach == "consistency":
        return f"{counted(cases + images, 'scan', 'scans')} without labels"
    return counted(cases, "case", "cases") + (f" and {without}" if images else "")


def _without_labels(seen: Collection[str]) -> dict[str, list[str]]:
    return {"seen_without_labels": sorted(seen)} if seen else {}


def _new_title(task: Task, labels: Sequence[CardLabel], modality: str) -> str:
    what = _listed(labels) or f"Encoder by {task}"
    return f"{what[:1].upper()}{what[1:]} on {modality.upper()}"


def _adapted_title(source: ModelCard, labels: Sequence[CardLabel], modality: str, data: str) -> str:
    """Say what a model was adapted to: so many cases, and of which modality where it is another than the source's."""
    to = data if modality == source.modality.lower() else f"{data} of {modality.upper()}"
    names = [label.name for label in labels]
    if {name.lower() for name in names} <= {label.name.lower() for label in source.labels}:
        return f"{ADAPTED.sub('', source.title)}, adapted to {to}"
    return f"{_listed(labels)} (adapted from {source.name} to {to})"


def _listed(labels: Sequence[CardLabel]) -> str:
    return ", ".join(label.name for label in labels[:4]) + ", …" * (len(labels) > 4)


def _origin(task: Task, labels: LabelTask, data: str) -> str:
    """The description of a new model: what it was trained to do, on what."""
    if task == "autoencoding":
        return f"An encoder, trained from scratch by auto-encoding {data}; the decoder reconstructs the image."
    if task == "classification":
        names = ", ".join(labels.names)
        return f"An encoder, trained from scratch to tell which labels a slice holds ({names}), on {data}; no decoder."
    return f"Trained from scratch on {data}."


def _terms(source: ModelCard, target: CaseSet, derived: bool) -> str:
    """Say in a sentence whose terms hold for a model that was made from another one or in its likeness."""
    stated = textwrap.shorten(target.licence or "", LONGEST_LICENCE, placeholder=" …")
    cases = f"the cases' data set states `{stated}`" if stated else "the cases' terms are not known here"
    if not derived:
        return f"No weights of `{source.name}` are in it; {cases}."
    return f"The licence is that of `{source.name}`, from which the weights are derived; {cases}."


def _commercial_use(source: ModelCard, target: CaseSet) -> bool | None:
    """Whether derived weights may be used commercially: as the source's, unless the cases' licence forbids it."""
    return False if commercial_use(target.licence or "") is False else source.commercial_use


def own_names(task: LabelTask, card: ModelCard) -> dict[int, str]:
    """The names that a model which keeps its own labels has for the target's labels.

    Args:
        task: How the target's labels are matched with the model's.
        card: The model's card.

    Returns:
        Value of the target's label in the scores → the model's name for it. A target label is left out unless it is matched
        one to one with a label of the model.
    """
    # Several of the target's labels may be one class, and a class may begin from several of the source's labels.
    merged = [number for number, count in Counter(task.target_classes.values()).items() if count > 1]
    return {
        value: card.label_names[begins[0] - 1]
        for n, (value, begins) in enumerate(zip(task.values, task.source_classes[1:], strict=True), start=1)
        if len(begins) == 1 and n not in merged
    }


def is_translated(task: LabelTask, card: ModelCard) -> bool:
    """Whether a job translates the output of a model that keeps its own labels.

    The values of a translated output are the target's. They differ from those that the model writes by itself.

    Args:
        task: How the target's labels are matched with the model's.
        card: The model's card.
    """
    own = {label.value: (n,) for n, label in enumerate(card.labels, start=1)}
    return own != dict(zip(task.values, task.source_classes[1:], strict=True))


def folds_in_mean(card: ModelCard) -> int:
    """The number of models of folds whose weights are averaged in a job's model; 0 where it was trained or is unchanged."""
    found = card.made_by.get("mean_of_folds", 0)
    return found if isinstance(found, int) and "used" not in card.made_by else 0


def with_scores(
    card: ModelCard,
    summary: Summary,
    strategy: str,
    names: Mapping[int, str],
    chosen: bool = False,
    otherwise: bool = False,
) -> ModelCard:
    """The card with the scores of its strategy: out-of-fold where there were folds, else on the test cases.

    Args:
        card: The model's card.
        summary: The scores of the job.
        strategy: The `key` of the model's strategy.
        names: The value of a label in the scores → what the model calls it. Labels without a name here were put together from
            the model's output, so their scores are not the model's, nor is the mean over labels where there are such.
        chosen: Whether the strategy was chosen among several by these scores.
        otherwise: Whether the model is the source model as it is, and was scored otherwise than it segments by itself.
    """
    single = "" if otherwise else SINGLE_MODELS if card.members else NOT_THEIR_MEAN if folds_in_mean(card) else ""
    comparison, how = summary.out_of_fold, f"out-of-fold{single and f', {single}'}"
    if comparison is None:
        comparison, how = summary.test, "separate test cases"
    how += f", {AS_IN_JOB}" * otherwise
    how += ", by which the strategy was chosen, so a little too good" * chosen
    if comparison is None or strategy not in [s.strategy for s in comparison.strategies]:
        return card
    labels = comparison.strategy(strategy).labels
    whole = all(label.label in names for label in labels if label.label is not None)
    scores = tuple(
        CardScore(
            label.label_name if label.label is None else names[label.label],
            _rounded(label.metrics["dice"].mean),
            _rounded(label.metrics["hd95_mm"].mean),
            label.cases,
            f"mean over cases, {how}",
        )
        for label in labels
        if (whole if label.label is None else label.label in names)
    )
    return replace(card, scores=scores) if scores else card


def code_facts() -> Mapping[str, Any]:
    """The versions of the code that runs, and its commit where it is a checkout."""
    import monai
    import numpy
    import torch

    facts = {
        "transferseg": TransferSegLib.__version__,
        "torch": torch.__version__,
        "monai": monai.__version__,
        "numpy": numpy.__version__,
        "python": platform.python_version(),
    }
    root = Path(TransferSegLib.__file__).resolve().parents[1]
    if (root / ".git").exists():
        try:
            found = subprocess.run(
                ["git", "rev-parse", "HEAD"], cwd=root, capture_output=True, text=True, timeout=5, check=False
            )
            facts |= {"commit": found.stdout.strip()} if found.returncode == 0 else {}
        except (OSError, subprocess.TimeoutExpired):
            pass
    return facts


def _median(values: Sequence[Sequence[float]]) -> tuple[float, float, float]:
    a, b, c = (round(float(statistics.median(v[axis] for v in values)), 4) for axis in range(3))
    return a, b, c


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
