"""The model card: what a radiologist asks of a source model, and what the program needs to run it."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import cycle
from pathlib import Path
from typing import Any, Literal

from TransferSegLib.core import palette
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.inference_settings import (
    AXES,
    MOST_COPIES,
    MOST_OVERLAP,
    InferenceSettings,
    sided_axes,
    usual_copies,
)
from TransferSegLib.core.licences import commercial_use
from TransferSegLib.core.preprocessing import CROPS_AFTERWARDS, LANDMARK_PERCENTILES, Preprocessing
from TransferSegLib.core.preprocessing_steps import chosen_steps
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import from_json, parse_json, read_text, to_json
from TransferSegLib.core.regions import Region, renumbered
from TransferSegLib.core.texts import is_plain

CARD_FORMAT = 2
# What a model was trained for. The last two have no labels: only their encoder is carried over (Zoetmulder 2022 §4.1).
Task = Literal["segmentation", "autoencoding", "classification"]
# The label of a score that is the mean over all labels.
MEAN_OVER_LABELS = "mean over labels"
WEIGHTS_FILE = "weights.safetensors"
LONGEST_TEXT = 20_000
MOST_BYTES = 2 * 1024**2
# Segmentations are computed with a byte a voxel: this many labels and the background.
MOST_LABELS = 255
# Segmentations are written with 32 bits a voxel at most.
MOST_VALUE = 2**31 - 1
# No network has more levels or units than the first, or wider layers than the second.
MOST_ITEMS = 64
MOST_NUMBER = 8192
# What texts and names among a network's arguments may consist of: in an exported bundle, MONAI would evaluate `$…` and call
# what `_target_` names.
_TEXT = re.compile(r"[\w .:+-]*")
_NAME = re.compile(r"[A-Za-z]\w*")
# Further weights of an ensemble, and how many there are at most.
_MEMBER = re.compile(r"members/[a-z0-9-]{1,40}\.safetensors")
MOST_MEMBERS = 20
# The template of a model's space, in the model's folder.
_TEMPLATE = re.compile(r"template\.(nii\.gz|nii|nrrd|mha)")
# A cube of 512 voxels a side: larger than any patch that is trained on.
MOST_VOXELS = 512**3
# Beyond it, 32-bit numbers are no longer whole: no scanner writes such values.
MOST_INTENSITY = 1e7
# Wider than any structure.
MOST_SMOOTHING_MM = 50
# How many quantiles say what the intensities of images are.
QUANTILES = 32
# Counts among a network's arguments, by the ends of their names: none of them can be 0.
COUNTS = (
    "stride",
    "strides",
    "channels",
    "filters",
    "features",
    "kernel_size",
    "kernel_sizes",
    "per_stage",
    "img_size",
)


@dataclass(frozen=True)
class CardLabel:
    """One label that a model segments.

    Attributes:
        value: The value of its voxels in segmentation files.
        name: Its name.
        color: Red, green and blue, 0 to 255; on a card, a label without one gets the next of `palette.LABELS` that is free.
        terminology: Its code in Slicer's terminology.
        in_3d: Whether 3D views show it; false for what would hide everything else there, such as the air around a head.
    """

    value: int
    name: str
    color: tuple[int, int, int] | None = None
    terminology: Mapping[str, str] | None = None
    in_3d: bool = True


@dataclass(frozen=True)
class CardNetwork:
    """Which network a model is.

    Attributes:
        name: Its name in the registry of `networks`.
        arguments: What its builder takes beside the numbers of channels and classes: numbers, texts, lists and mappings.
    """

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CardMember:
    """Further weights of a model that is an ensemble, for the same network.

    Attributes:
        file: The file in the model's folder, such as `members/fold0.safetensors`.
        sha256: Its SHA-256.
    """

    file: str
    sha256: str


@dataclass(frozen=True)
class CardScore:
    """A known score of the model.

    Attributes:
        label: The label's name, or `MEAN_OVER_LABELS`.
        dice: The mean Dice; None where it is not known.
        hd95_mm: The mean 95 % Hausdorff distance in mm; None where it is not known.
        cases: How many cases it is the mean of.
        how: On what it was measured (out-of-fold, test cases…).
    """

    label: str
    dice: float | None
    hd95_mm: float | None
    cases: int
    how: str


@dataclass(frozen=True)
class CardIntensities:
    """The intensities of the images that a model was trained on, in one channel and after preprocessing.

    Attributes:
        quantiles: The mean over the images of each of `QUANTILES` quantiles, those of the middles of as many equal parts.
        spread: How far the images themselves are from these on average, as `cases.intensity_statistics` measures it.
        images: How many images these were.
    """

    quantiles: tuple[float, ...]
    spread: float
    images: int


@dataclass(frozen=True)
class ModelCard:
    """What `card.json` says of a source model.

    Attributes:
        format: The version of the card's format.
        name: The name of the model, as it is typed on the command line.
        title: A title for people.
        description: What the model does, in some sentences.
        modality: What the images show, such as `t1w` or `ct`.
        body_part: The part of the body.
        labels: What it segments, in the order of the network's output channels 1…n.
        channels: The names of the network's input channels.
        network: Which network it is.
        preprocessing: How it wants its input.
        patch_size: The windows in which it segments, and the patches of a training where none are named, in voxels, axes
            right, anterior, superior.
        trained_on: The data that it was trained on, in words.
        licence: The licence of the weights.
        citation: What to cite.
        training_cases: How many cases it was trained on; 0 where that is not known.
        commercial_use: Whether the licence allows commercial use; None where that is not known.
        scores: Known scores.
        weights_sha256: The SHA-256 of the weights' file.
        made_by: How it came to be: program, settings, the digests of its training images.
        task: What it was trained for.
        smoothing_mm: The width by which its segmentations are smoothed, see `inference.smoothing`.
        inference: Which copies of an image are averaged, and what is done with its labels. A card need not say how many
            copies: `read_card` follows `usual_copies` then.
        members: Further weights whose probabilities are averaged with those of the model's own. A job begins from the own.
        precision: `float32` where it is run in nothing less exact; None where the machine may choose.
        intensities: The intensities of the images that it was trained on, for each channel; empty where they are not known.
        regions: The regions that the labels are, by values, in the order in which they are painted; none where each voxel has
            one label. Each output is then decided by itself, and output 0 is not looked at.
        sample: The name of a scan in Slicer's module Sample Data on which the model can be tried; "" where none is known.
        first_stage: Of a cascade, the model whose labels the network is shown beside the images, each as an input of its own
            that is 1 where the label is; its weights are in the folder `first-stage`. None for all other models.
    """

    format: int
    name: str
    title: str
    description: str
    modality: str
    body_part: str
    labels: tuple[CardLabel, ...]
    channels: tuple[str, ...]
    network: CardNetwork
    preprocessing: Preprocessing
    patch_size: tuple[int, int, int]
    trained_on: str
    licence: str
    citation: str
    training_cases: int = 0
    commercial_use: bool | None = None
    scores: tuple[CardScore, ...] = ()
    weights_sha256: str | None = None
    made_by: Mapping[str, Any] = field(default_factory=dict)
    task: Task = "segmentation"
    smoothing_mm: float = 0.0
    inference: InferenceSettings = field(default_factory=InferenceSettings)
    members: tuple[CardMember, ...] = ()
    precision: Literal["float32"] | None = None
    intensities: tuple[CardIntensities, ...] = ()
    regions: tuple[Region, ...] = ()
    sample: str = ""
    first_stage: ModelCard | None = field(default=None, metadata={"schema": lambda: {"type": ["object", "null"]}})

    def __post_init__(self) -> None:
        # A licence whose words forbid commercial use is shown as such everywhere, whatever the card says.
        object.__setattr__(self, "commercial_use", commercial_use(self.licence, self.commercial_use))
        object.__setattr__(self, "labels", _coloured(self.labels))

    @property
    def label_names(self) -> tuple[str, ...]:
        """The names of the labels, in their order."""
        return tuple(label.name for label in self.labels)

    @property
    def class_regions(self) -> tuple[Region, ...]:
        """The regions by classes."""
        return renumbered(self.regions, {label.value: n for n, label in enumerate(self.labels, start=1)})

    @property
    def outputs(self) -> int:
        """The number of output channels: background and labels, or those of the images where it reconstructs them."""
        return len(self.channels) if self.task == "autoencoding" else len(self.labels) + 1

    @property
    def inputs(self) -> int:
        """The number of the network's input channels: its images, and of a cascade what its first stage may find."""
        return len(self.channels) + (len(self.first_stage.values) if self.first_stage else 0)

    @property
    def values(self) -> tuple[int, ...]:
        """The values that voxels of its segmentations may have, those of all parts of regions among them, in their order."""
        covered = (value for region in self.regions for value in region.covers)
        return tuple(sorted({*covered, *(label.value for label in self.labels)}))

    @property
    def scores_by_how(self) -> dict[str, list[CardScore]]:
        """The scores with a known Dice by what they were measured on; where one group is shown, it is the first."""
        listed: dict[str, list[CardScore]] = {}
        for score in self.scores:
            if score.dice is not None:
                listed.setdefault(score.how, []).append(score)
        return listed

    @property
    def seen(self) -> tuple[str, ...]:
        """The digests of the images that this model, or one that it was adapted from, was trained on."""
        return self._digests("seen")

    @property
    def seen_without_labels(self) -> tuple[str, ...]:
        """The digests of the images that it learned from without their labels; some of them may be among `seen`, too."""
        return self._digests("seen_without_labels")

    def _digests(self, name: str) -> tuple[str, ...]:
        known = self.made_by.get(name)
        return tuple(one for one in known if isinstance(one, str)) if isinstance(known, (list, tuple)) else ()

    @property
    def mean_dice(self) -> float | None:
        """The mean Dice over all labels: the one on the card, or that of the single labels; None without scores."""
        first = next(iter(self.scores_by_how.values()), [])
        first = [score for score in first if score.label == MEAN_OVER_LABELS] or first
        dice = [score.dice for score in first if score.dice is not None]
        return sum(dice) / len(dice) if dice else None

    @property
    def is_source_as_it_is(self) -> bool:
        """Whether a job kept the model as it was before; what is known of that job is under `used` then."""
        return isinstance(self.made_by.get("used"), Mapping)

    @property
    def finished(self) -> bool:
        """Whether the job that made the model, or the last that kept it as it was, came to its end."""
        return (self.made_by["used"] if self.is_source_as_it_is else self.made_by).get("finished") is not False

    @property
    def below_source(self) -> Problem | None:
        """The sentence that it came out below the model that it was adapted from; None where the card says no such thing."""
        said = self.made_by.get("against_source")
        problem = said.get("problem") if isinstance(said, Mapping) else None
        try:
            return Problem.from_json(problem) if isinstance(problem, Mapping) else None
        except ValueError:
            return None

    @property
    def any_contrast(self) -> bool:
        """Whether it was trained on random contrasts, so that it works with other scanners and sequences, too.

        An adapted model counts as such where its source model does and its training began with all of its weights.
        """
        if "any_contrast" in self.made_by:
            return self.made_by["any_contrast"] is True
        training = self.made_by.get("training")
        return isinstance(training, Mapping) and "contrast" in str(training.get("augment")).split("+")


def _coloured(labels: tuple[CardLabel, ...]) -> tuple[CardLabel, ...]:
    taken = {label.color for label in labels}
    free = cycle([color for color in palette.LABELS if color not in taken] or palette.LABELS)
    return tuple(label if label.color else replace(label, color=next(free)) for label in labels)


def read_card(folder: Path) -> ModelCard:
    """Read and check `card.json` in a model's folder.

    Raises:
        InputError: It cannot be read, or no model can be run by it.
    """
    path = folder / "card.json"
    if path.resolve().parent != folder.resolve():
        raise InputError(
            "card-is-link",
            "{path}: is a link to a file outside the model's folder; put the file itself there.",
            path=path,
        )
    return read_card_file(path)


def read_card_file(path: Path) -> ModelCard:
    """Read and check a card, whatever its file is called.

    Raises:
        InputError: It cannot be read, or no model can be run by it.
    """
    data = parse_json(read_text(path, MOST_BYTES), path)
    if isinstance(data, dict) and isinstance(data.get("format"), int) and data["format"] > CARD_FORMAT:
        raise InputError(
            "card-too-new",
            "{path}: card format {format} is newer than {newest}, the newest known; update TransferSeg.",
            path=path,
            format=data["format"],
            newest=CARD_FORMAT,
        )
    data = of_this_format(data)
    card = from_json(ModelCard, data, str(path))
    if "copies" not in data.get("inference", {}):
        card = replace(card, inference=replace(card.inference, copies=usual_copies(card.any_contrast)))
    check_card(card, str(path))
    template = card.preprocessing.template
    if template is not None and not _TEMPLATE.fullmatch(template):
        raise InputError(
            "template-name",
            "{where}: the template must be a file `template.nii.gz` (or .nii, .nrrd, .mha) beside the card, not "
            "`{template}`; correct the card.",
            where=str(path),
            template=template[:80],
        )
    return card


def of_this_format(data: Any) -> Any:
    """Translate the parsed JSON of a card of format 1 (version 0.1.0) to format 2; any other value is returned as it is.

    Format 2 calls `preprocessing` what format 1 called `preparation`, with the same meaning.
    """
    if not isinstance(data, dict) or data.get("format") != 1:
        return data
    renamed = {"preprocessing" if name == "preparation" else name: value for name, value in data.items()}
    return {**renamed, "format": 2}


def check_card(card: ModelCard, where: str) -> None:
    """Refuse a card that no model can be run by.

    Args:
        card: The card, wherever it comes from.
        where: Names it in the error.

    Raises:
        InputError: It contradicts itself, or has absurd numbers or hidden texts.
    """
    if len(card.labels) > MOST_LABELS:
        raise InputError(
            "card-too-many-labels",
            "{where}: has {count:,} labels, and a model here has {most} at most; do not use this model.",
            where=where,
            count=len(card.labels),
            most=MOST_LABELS,
        )
    values = [label.value for label in card.labels]
    if card.task != "segmentation" and values:
        raise InputError(
            "labels-without-segmentation",
            "{where}: a model for {task} segments nothing, but has labels; correct the card.",
            where=where,
            task=card.task,
        )
    if card.task == "segmentation" and (not values or len(set(values)) != len(values) or min(values) < 1):
        raise InputError(
            "label-values",
            "{where}: the labels' values must be different whole numbers from 1; correct the card.",
            where=where,
        )
    if values and max(values) > MOST_VALUE:
        raise InputError(
            "label-value-too-large",
            "{where}: the label value {value} is above {most}, so no file holds it; correct the card.",
            where=where,
            value=max(values),
            most=MOST_VALUE,
        )
    numbers = sorted(region.number for region in card.regions)
    if card.regions and (
        numbers != sorted(values)
        or any(one.number not in one.covers or not set(one.covers) <= set(values) for one in card.regions)
    ):
        raise InputError(
            "card-regions",
            "{where}: `regions` must have each label once, with the values of the labels that it covers, its own among them; "
            "correct the card.",
            where=where,
        )
    for label in card.labels:
        if not label.name.strip():
            raise InputError(
                "label-without-name",
                "{where}: the label {value} has no name; give it one.",
                where=where,
                value=label.value,
            )
        if label.color and not all(0 <= part <= 255 for part in label.color):
            raise InputError(
                "label-colour",
                "{where}: the colour of `{label}` is ({colour}), not three numbers from 0 to 255.",
                where=where,
                label=label.name,
                colour=label.color,
            )
    if not 0 <= card.smoothing_mm <= MOST_SMOOTHING_MM:
        raise InputError(
            "card-smoothing",
            "{where}: `smoothing_mm` is not between 0 and {most}; correct the card.",
            where=where,
            most=MOST_SMOOTHING_MM,
        )
    if card.training_cases < 0 or card.format < 1:
        raise InputError(
            "card-counts", "{where}: `training_cases` is below 0 or `format` below 1; correct the card.", where=where
        )
    for score in card.scores:
        if score.dice is not None and not 0 <= score.dice <= 1:
            raise InputError(
                "card-dice",
                "{where}: the Dice of `{label}` is {dice}, not between 0 and 1; correct the card.",
                where=where,
                label=score.label,
                dice=score.dice,
            )
    names = [label.name.casefold() for label in card.labels]
    if twice := next((name for n, name in enumerate(names) if name in names[:n]), None):
        raise InputError(
            "labels-share-name",
            "{where}: two labels are called `{label}`; give each a name of its own.",
            where=where,
            label=twice,
        )
    if not card.channels:
        raise InputError(
            "no-channel",
            "{where}: names no channel, and a network takes at least one image; correct the card.",
            where=where,
        )
    if min(card.patch_size) < 1:
        raise InputError(
            "patch-not-positive",
            "{where}: the patch size must be positive in every axis; correct the card.",
            where=where,
        )
    if math.prod(card.patch_size) > MOST_VOXELS:
        raise InputError(
            "patch-too-large",
            "{where}: a patch of ({size}) voxels does not fit into memory; correct the card.",
            where=where,
            size=card.patch_size,
        )
    for name, value in to_json(card).items():
        # Only these two may have several lines: in a list of facts, another line would pass for another fact.
        lines = name in ("description", "citation")
        if not all(len(text) <= LONGEST_TEXT and is_plain(text, lines) for text in _texts(value)):
            raise InputError(
                "hidden-text",
                "{where}: field `{field}` has control characters, or other directions of writing, "
                "which could hide a part of it, or more than {most:,} characters; do not use this "
                "model.",
                where=where,
                field=name,
                most=LONGEST_TEXT,
            )
    check_arguments(card.network.arguments, where)
    _check_preprocessing(card, where)
    _check_intensities(card, where)
    _check_inference(card, where)
    _check_first_stage(card, where)


def _check_first_stage(card: ModelCard, where: str) -> None:
    first = card.first_stage
    if first is None:
        return
    one_image = first.channels == card.channels and first.task == card.task == "segmentation"
    templates = first.preprocessing.template is not None or card.preprocessing.template is not None
    alone = first.first_stage is None and card.inference.as_nnunet is not None
    if not (alone and one_image) or templates or len(first.values) > MOST_LABELS:
        raise InputError(
            "card-first-stage",
            "{where}: `first_stage` must be a model of one network that segments the same channels, of the two neither may "
            "have a template, and the second must have `as_nnunet`; correct the card.",
            where=where,
        )
    check_card(first, f"{where}, `first_stage`")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (Mapping, list)):
        for item in [*value, *value.values()] if isinstance(value, Mapping) else value:
            yield from _texts(item)


def check_arguments(arguments: Mapping[str, Any], where: str, holder: str = "card") -> None:
    """Refuse arguments of a network with which it would be built without end, or that would run as code in a bundle.

    How much memory the network needs is found out elsewhere, on the meta device, before it is built.

    Args:
        arguments: The arguments, which are untrusted.
        where: Names the file in the error.
        holder: What they stand in, in a word: what is to be corrected.

    Raises:
        InputError: An argument is refused.
    """

    def check(value: Any, name: str, depth: int) -> None:
        small = depth < 8
        if isinstance(value, (int, float)) and value < 1 and name.split(".")[0].endswith(COUNTS):
            raise InputError(
                "argument-below-one",
                "{where}: the network's argument `{argument}` must be at least 1; correct the {holder}.",
                where=where,
                argument=name,
                holder=holder,
            )
        if isinstance(value, Mapping):
            small = small and len(value) <= MOST_ITEMS
            for key, item in value.items() if small else ():
                check_name(key)
                check(item, f"{name}.{key}", depth + 1)
        elif isinstance(value, (list, tuple)):
            small = small and len(value) <= MOST_ITEMS
            for item in value if small else ():
                check(item, name, depth + 1)
        elif isinstance(value, (int, float)):
            small = math.isfinite(value) and abs(value) <= MOST_NUMBER
        elif isinstance(value, str) and not _TEXT.fullmatch(value):
            raise InputError(
                "argument-not-plain",
                "{where}: the network's argument `{argument}` is `{value}`, which is no plain name "
                "and could run elsewhere as code; correct the {holder}.",
                where=where,
                argument=name[:80],
                value=value[:80],
                holder=holder,
            )
        if not small:
            raise InputError(
                "argument-too-large",
                "{where}: the network's argument `{argument}` is of absurd size; do not use this model.",
                where=where,
                argument=name,
            )

    def check_name(name: Any) -> None:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise InputError(
                "argument-name",
                "{where}: `{argument}` is no name of a network's argument; correct the {holder}.",
                where=where,
                argument=str(name)[:80],
                holder=holder,
            )

    for name, value in arguments.items():
        check_name(name)
        check(value, name, 0)


def _check_inference(card: ModelCard, where: str) -> None:
    settings = card.inference
    if not 1 <= settings.copies <= MOST_COPIES:
        raise InputError(
            "card-copies",
            "{where}: `copies` is {copies}, not between 1 and {most}; correct the card.",
            where=where,
            copies=settings.copies,
            most=MOST_COPIES,
        )
    if settings.copies_up_to_windows is not None and settings.copies_up_to_windows < 1:
        raise InputError(
            "card-copies-up-to-windows",
            "{where}: `copies_up_to_windows` is {windows}, and must be 1 or more; correct the card.",
            where=where,
            windows=settings.copies_up_to_windows,
        )
    if not 0 <= settings.overlap <= MOST_OVERLAP:
        raise InputError(
            "card-overlap",
            "{where}: `overlap` is {overlap:g}, not between 0 and {most:g}; correct the card.",
            where=where,
            overlap=settings.overlap,
            most=MOST_OVERLAP,
        )
    for name in (*settings.largest_component, *settings.fill_holes):
        if name not in card.label_names:
            raise InputError(
                "card-post-processing",
                "{where}: `inference` names the label `{label}`, and the model has {labels:…`}; correct the card.",
                where=where,
                label=name[:80],
                labels=card.label_names,
            )
    files = [member.file for member in card.members]
    if len(files) > MOST_MEMBERS or len(set(files)) != len(files) or not all(map(_MEMBER.fullmatch, files)):
        raise InputError(
            "card-members",
            "{where}: `members` must be up to {most} different files such as `{example}`; correct the card.",
            where=where,
            most=MOST_MEMBERS,
            example="members/fold0.safetensors",
        )
    as_nnunet = settings.as_nnunet
    if as_nnunet is not None and sorted(as_nnunet.order) != sorted(AXES):
        raise InputError(
            "card-as-nnunet-order",
            "{where}: `order` of `as_nnunet` must name each of the axes {axes} once; correct the card.",
            where=where,
            axes=AXES,
        )
    if as_nnunet is not None and as_nnunet.mirror != tuple(axis for axis in AXES if axis in as_nnunet.mirror):
        raise InputError(
            "card-as-nnunet",
            "{where}: `mirror` of `as_nnunet` must name some of the axes {axes}, each once and in this order; correct the "
            "card.",
            where=where,
            axes=AXES,
        )
    if as_nnunet is not None and (card.preprocessing.crop != "non-zero" or card.preprocessing.template is not None):
        raise InputError(
            "card-as-nnunet-crop",
            "{where}: a model that is run as nnU-Net does has the crop `{crop}` and no template; correct the card, or leave "
            "out `as_nnunet`.",
            where=where,
            crop="non-zero",
        )
    sided = sided_axes(card.label_names)
    for axis in settings.mirror:
        if axis not in AXES or settings.mirror.count(axis) > 1 or axis in sided:
            raise InputError(
                "card-mirror",
                "{where}: `mirror` has `{axis}`, which is no axis ({axes}), is there twice, or is one along which a label "
                "has a side; correct the card.",
                where=where,
                axis=axis[:80],
                axes=AXES,
            )


def _check_intensities(card: ModelCard, where: str) -> None:
    for known in card.intensities:
        numbers = [*known.quantiles, known.spread]
        rising = all(one <= other for one, other in itertools.pairwise(known.quantiles))
        right = len(known.quantiles) == QUANTILES and all(map(math.isfinite, numbers)) and rising
        if not (right and known.spread >= 0 and known.images > 0 and len(card.intensities) == len(card.channels)):
            raise InputError(
                "card-intensities",
                "{where}: `intensities` must have {count} rising quantiles for each channel, and a spread that is not "
                "negative; correct the card, or leave them out.",
                where=where,
                count=QUANTILES,
            )


def _check_preprocessing(card: ModelCard, where: str) -> None:
    preprocessing = card.preprocessing
    if not all(mm is None or 0 < mm < 1000 for mm in preprocessing.spacing_mm or ()):
        raise InputError(
            "spacing-not-positive",
            "{where}: the spacing must be positive numbers of mm; correct the card.",
            where=where,
        )
    within = 0 <= preprocessing.spacing_tolerance < 1 and preprocessing.crop_margin >= 0
    if not (within and abs(preprocessing.foreground_above) <= MOST_INTENSITY):  # NaN is in no range
        raise InputError(
            "card-grid-numbers",
            "{where}: `spacing_tolerance` must be from 0 to below 1, `crop_margin` no less than 0 and `foreground_above` a "
            "number; correct the card.",
            where=where,
        )
    if preprocessing.normalised_first and preprocessing.crop not in ("none", "foreground", "foreground-prepared"):
        raise InputError(
            "card-normalised-first",
            "{where}: `normalised_first` does not go with the crop `{crop}`; correct the card.",
            where=where,
            crop=preprocessing.crop,
        )
    if preprocessing.slices_last and preprocessing.crop == "empty-slices":
        raise InputError(
            "card-slices-last",
            "{where}: `slices_last` does not go with the crop `empty-slices`, which is of axial slices; correct the card.",
            where=where,
        )
    fixed_edges = preprocessing.resampling != "monai" and preprocessing.spacing_mm is not None
    if preprocessing.crop in CROPS_AFTERWARDS and (fixed_edges or preprocessing.template is not None):
        raise InputError(
            "card-crop-afterwards",
            "{where}: the crop `{crop}` goes with the resampling `monai`, or none, and without a template; correct the card.",
            where=where,
            crop=preprocessing.crop,
        )
    if preprocessing.channels and len(preprocessing.channels) != len(card.channels):
        raise InputError(
            "channel-counts",
            "{where}: {channels} {channels:~channel|channels}, but intensities for {intensities}; correct the card.",
            where=where,
            channels=len(card.channels),
            intensities=len(preprocessing.channels),
        )
    for n in range(len(card.channels)):
        intensities = preprocessing.of_channel(n)
        low, high = intensities.clip_percentiles or (0.0, 100.0)
        numbers = [*intensities.window_hu, *(intensities.extremes or ()), intensities.mean or 0, intensities.sd or 0]
        if not all(map(math.isfinite, numbers)) or intensities.window_hu[0] >= intensities.window_hu[1]:
            raise InputError(
                "unusable-intensities",
                "{where}: the intensities of channel {channel} are not usable numbers; correct the card.",
                where=where,
                channel=n + 1,
            )
        if not 0 <= low < high <= 100:
            raise InputError(
                "percentiles-order",
                "{where}: the percentiles of channel {channel} must rise, from 0 to 100 at most; correct the card.",
                where=where,
                channel=n + 1,
            )
        for step, value in chosen_steps(intensities):
            try:
                step.option.parse(value)
            except InputError as error:
                raise InputError(
                    "card-step",
                    "{where}: preprocessing of channel {channel}, {reason}; correct the card.",
                    where=where,
                    channel=n + 1,
                    reason=error,
                ) from None
        landmarks = intensities.landmarks
        if landmarks is not None and not (
            len(landmarks) == len(LANDMARK_PERCENTILES)
            and all(map(math.isfinite, landmarks))
            and all(one <= other for one, other in itertools.pairwise(landmarks))
            and landmarks[0] < landmarks[-1]
        ):
            raise InputError(
                "landmarks-order",
                "{where}: the landmarks of channel {channel} must be {count} rising numbers; correct the card.",
                where=where,
                channel=n + 1,
                count=len(LANDMARK_PERCENTILES),
            )
