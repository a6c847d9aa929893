"""How a model segments an image beside running its network once: copies of the image whose probabilities are averaged.

The settings stand on the model's card, so that whoever segments with the model follows them. The options are a person's
choices, for a job or for `segment`; what is not chosen is as the model's card has it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from TransferSegLib.core.declarations import Option, option_field
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.problems import Problem

# The axes of a prepared image, in their order, each with the words that name a side of it. A network that sees its image
# mirrored along an axis takes what one such word names for the other.
AXES = ("right", "anterior", "superior")
SIDES = (
    frozenset(
        ["left", "right", "l", "r", "lh", "rh", "lt", "rt", "sinister", "dexter", "sin", "dex", "links", "rechts"]
    ),
    frozenset({"anterior", "posterior", "ant", "post", "front", "back"}),
    frozenset({"superior", "inferior", "sup", "inf", "upper", "lower", "top", "bottom"}),
)
# The image as it is, and shifted by a voxel, in the order in which copies are added. An odd number of copies has no shift on
# average.
SHIFTS = ((0, 0, 0), (1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1))
MOST_COPIES = len(SHIFTS)
# What surrounds an image that is smaller than a window.
Padding = Literal["edge", "zero"]
# How much each voxel of a window counts where windows overlap.
Blending = Literal["gaussian", "constant"]
# The part of a window that overlaps with the next: measured in benchmarks/inference.py.
OVERLAP = 0.25
# More would take longer than anybody waits.
MOST_OVERLAP = 0.9
# A model of any contrast gains by copies (docs/inference.md): it has so many where nobody chose.
COPIES_OF_ANY_CONTRAST = MOST_COPIES
# All models gain by copies; of an image with so many windows at most they cost little.
FEW_WINDOWS = 8


def usual_copies(any_contrast: bool) -> int:
    """How many copies a source model averages where neither a person nor its card says so: the one rule for all that segment.

    Args:
        any_contrast: Whether it was trained on random contrasts.
    """
    return COPIES_OF_ANY_CONTRAST if any_contrast else 1


@dataclass(frozen=True)
class View:
    """One way in which a network is shown an image.

    Attributes:
        shift: By how many voxels the image is moved along each axis.
        mirrored: The axes along which it is mirrored.
    """

    shift: tuple[int, int, int] = (0, 0, 0)
    mirrored: tuple[int, ...] = ()


@dataclass(frozen=True)
class AsNnunet:
    """How nnU-Net prepares images for one of its models and runs it, where its plans and checkpoints leave it open.

    All else is the same for all of its models: windows overlap by half, an image that is smaller is surrounded by 0, logits
    are averaged and brought back to the case's own voxels, and the class is decided there.

    Attributes:
        mirror: The axes of the prepared image along which each window is mirrored for further copies: each of them, and
            each set of them together. Labels with a side are not looked at: nnU-Net does not, either.
        interpolation: How the image is resampled; logits are always resampled linearly.
        slices_apart: Whether what has voxels more than three times as long along one axis as along another is resampled
            slice by slice, and each new slice gets the nearest one.
        file_order: Whether the network is shown the voxels in the order of the file, whatever the directions of its axes;
            else with the axes right, anterior, superior.
        order: The axes of the prepared image in the order of nnU-Net's arrays, in which windows follow each other: sums in 16
            bits depend on it.
        logits_in_half: Whether logits that were resampled are rounded to 16 bits before the class is decided, as they are
            where nnU-Net resamples with SciPy; with PyTorch they are not.
    """

    mirror: tuple[str, ...] = ()
    interpolation: Literal["cubic", "linear"] = "cubic"
    slices_apart: bool = True
    file_order: bool = False
    order: tuple[str, ...] = AXES[::-1]
    logits_in_half: bool = True


@dataclass(frozen=True)
class InferenceSettings:
    """How a model segments, as its card says.

    Attributes:
        copies: How many copies of the image are segmented: the image as it is, then shifted by a voxel, see `SHIFTS`.
        mirror: The axes along which it is mirrored for further copies: each of them, and each set of them together.
        largest_component: The names of the labels of which the largest component alone is kept.
        fill_holes: The names of the labels whose holes are filled.
        copies_up_to_windows: An image with more windows than this is not shifted; None shifts every image.
        overlap: The part of a window that overlaps with the next.
        padding: What surrounds an image that is smaller than a window: its own `edge` voxels, or `zero`.
        single_copy_chosen: Whether a person chose a single copy; then a job that begins from the model averages no more.
        as_nnunet: How nnU-Net prepares images for the model and runs it, where it is run so; then its axes to mirror count,
            and not `mirror`. None runs it as all other models. Jobs never run a model so.
        blending: Where windows overlap, `gaussian` lets the middle of each count most, `constant` all of it alike.
        float32_on_cpu: Whether `segment` computes in float32 on a CPU, as the program does that the model comes from. A
            shorter format is faster and finds one voxel in a hundred of a small label otherwise.
        file_order: Whether `segment` shows the network the voxels in the order of the file, whatever the directions of its
            axes, as the program does that the model comes from; else with the axes right, anterior, superior.
    """

    copies: int = 1
    mirror: tuple[str, ...] = ()
    largest_component: tuple[str, ...] = ()
    fill_holes: tuple[str, ...] = ()
    copies_up_to_windows: int | None = None
    overlap: float = OVERLAP
    padding: Padding = "edge"
    single_copy_chosen: bool = False
    as_nnunet: AsNnunet | None = None
    blending: Blending = "gaussian"
    float32_on_cpu: bool = False
    file_order: bool = False

    def views(self, slice_axis: int | None = None, windows: int = 1) -> tuple[View, ...]:
        """The ways in which a network is shown an image, the image as it is first.

        Args:
            slice_axis: The axis across which a network of slices sees nothing: a shift along it would change nothing.
            windows: How many windows the image has.
        """
        few = self.copies_up_to_windows is None or windows <= self.copies_up_to_windows
        shifts = [shift for shift in SHIFTS[: self.copies if few else 1] if slice_axis is None or not shift[slice_axis]]
        mirror = self.mirror if self.as_nnunet is None else self.as_nnunet.mirror
        axes = [AXES.index(axis) for axis in mirror if AXES.index(axis) != slice_axis]
        mirrored = [some for count in range(1, len(axes) + 1) for some in itertools.combinations(axes, count)]
        return (*(View(shift) for shift in shifts), *(View(mirrored=some) for some in mirrored))

    @property
    def times(self) -> int:
        """How many times as long as without copies a segmentation takes at most."""
        return len(self.views())

    @property
    def told_of_labels(self) -> tuple[Problem, ...]:
        """What is done with the labels that are found, in sentences that a person should read before they trust a mask."""
        told = []
        if self.largest_component:
            told.append(
                Problem(
                    "keeps-largest-component",
                    "Of {labels:`…} the largest piece alone is kept: where an image has several, the others are removed",
                    {"labels": self.largest_component},
                    "note",
                )
            )
        if self.fill_holes:
            told.append(Problem("fills-holes", "Holes in {labels:`…} are filled", {"labels": self.fill_holes}, "note"))
        return tuple(told)

    def in_jobs(self) -> InferenceSettings:
        """How a job segments where nobody chose otherwise: as its source model does, which has these settings.

        Where that model averages no copies, and nobody chose that for it, it is as many as cost little. Windows overlap as
        usual, and are blended so, because a job segments every case once a strategy.
        """
        settings = replace(self, overlap=OVERLAP, blending="gaussian", float32_on_cpu=False, file_order=False)
        if self.copies > 1 or self.single_copy_chosen:
            return settings
        return replace(settings, copies=MOST_COPIES, copies_up_to_windows=FEW_WINDOWS)

    def for_labels(self, names: Iterable[str]) -> InferenceSettings:
        """The same settings for these labels: without axes along which one of them has a side, and without other labels."""
        names = tuple(names)
        sided = sided_axes(names)
        return replace(
            self,
            mirror=tuple(axis for axis in self.mirror if axis not in sided),
            largest_component=tuple(name for name in self.largest_component if name in names),
            fill_holes=tuple(name for name in self.fill_holes if name in names),
        )


@dataclass(frozen=True)
class InferenceOptions:
    """A person's choices of how a model segments; None is as the model has it."""

    copies: int | None = option_field(
        Option(
            "copies",
            "whole number",
            "Copies averaged",
            "How many copies of an image are segmented and averaged: the image itself, and copies that are shifted by a "
            "voxel. N copies take N times as long. The model keeps the number. Not given, it is the model's; a job that "
            "begins from a model without copies averages 7 of an image with up to 8 windows, which take little time, and 1 "
            "of a larger one.",
            least=1,
            most=MOST_COPIES,
            help_applied="How many copies of an image are segmented and averaged: the image itself, and copies that are "
            "shifted by a voxel. N copies take N times as long. Not given, it is the model's number.",
        )
    )
    mirror: str | None = option_field(
        Option(
            "mirror",
            "choice",
            "Mirrored copies averaged",
            "The axes of the body along which further copies of the image are mirrored. One axis takes one more copy's time, "
            "two take three, three take seven. It is refused where a label's name has a side along the axis. The model keeps "
            "the axes.",
            choices={"none": "no mirroring", **{axis: f"along {axis}" for axis in AXES}},
            several=True,
            help_applied="The axes of the body along which further copies of the image are mirrored and averaged. One axis "
            "takes one more copy's time, two take three, three take seven. It is refused where a label's name has a side "
            "along the axis. Not given, they are the model's axes.",
        )
    )

    ensemble: str | None = option_field(
        Option(
            "ensemble",
            "choice",
            "Ensemble",
            "Whether the models of the folds are kept with the final one and averaged with it. With K folds, segmenting "
            "takes 1 + K times as long. A job begins from the final one alone. Not given, a job averages their weights into "
            "one model where that is sound, and a model that has further ones is used with them. With `none`, the final "
            "model is trained on all cases.",
            choices={"none": "one model", "folds": "with the models of the folds"},
            help_applied="Where the model is an ensemble: average all its networks, or use the first alone, which is faster. "
            "Not given, all are averaged.",
        )
    )

    post_processing: str | None = option_field(
        Option(
            "post_processing",
            "choice",
            "Components and holes",
            "Whether only the largest component of a label is kept, and its holes are filled, where that is better on the "
            "cases that the models did not see. The model keeps what was chosen. `none` never does it, not even where the "
            "model has it.",
            choices={"chosen": "as the scores choose", "none": "never"},
            help_applied="Whether only the largest component of a label is kept and its holes are filled, where the model "
            "does so (`chosen`). `none` leaves the labels as they are found. Not given, it is `chosen`.",
        )
    )

    def inference_settings(self, of_model: InferenceSettings, label_names: Iterable[str]) -> InferenceSettings:
        """What holds for a model: what was chosen, and else its own settings.

        Args:
            of_model: The settings on the card of the model, or of the one that is begun from.
            label_names: The labels that are segmented.

        Raises:
            InputError: It shall be mirrored along an axis along which a label has a side.
        """
        names = tuple(label_names)
        settings = of_model.for_labels(names)
        if self.copies is not None:
            settings = replace(
                settings, copies=self.copies, copies_up_to_windows=None, single_copy_chosen=self.copies == 1
            )
        if self.mirror is not None:
            words = self.mirror.split("+")
            if "none" in words and len(words) > 1:
                raise InputError(
                    "mirror-none-and-axes",
                    "{option} {value}: is none and an axis; give one of them.",
                    option="--mirror",
                    value=self.mirror,
                )
            mirror = tuple(axis for axis in AXES if axis in words)
            sided = sided_axes(names)
            for axis in mirror:
                if axis in sided:
                    raise InputError(
                        "mirror-of-sided-labels",
                        "{option} {axis}: {count:~the label|the labels} {names:`…} {count:~has|have} a side along this axis, "
                        "and a mirrored copy would take one side for the other; leave the axis out.",
                        option="--mirror",
                        axis=axis,
                        count=len(sided[axis]),
                        names=list(sided[axis]),
                    )
            settings = replace(settings, mirror=mirror)
            if settings.as_nnunet is not None:
                settings = replace(settings, as_nnunet=replace(settings.as_nnunet, mirror=mirror))
        if self.post_processing == "none":
            settings = replace(settings, largest_component=(), fill_holes=())
        return settings


def inference_options(values: Iterable[tuple[str, Any]]) -> InferenceOptions:
    """The choices among named values, of which others are left aside."""
    known = InferenceOptions.__dataclass_fields__
    return InferenceOptions(**{name: value for name, value in values if name in known})


def sided_axes(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The axes along which labels have a side by their names.

    Args:
        names: The names of the labels.

    Returns:
        Axis → the names with a side along it; an axis without any is left out.
    """
    names = tuple(names)
    found = {
        axis: tuple(name for name in names if sides.intersection(_words(name)))
        for axis, sides in zip(AXES, SIDES, strict=True)
    }
    return {axis: sided for axis, sided in found.items() if sided}


def _words(name: str) -> Iterator[str]:
    """The words of a name, in small letters: `kidney_L`, `LeftKidney` and `LKidney` have two. `L1` is one, a vertebra."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return iter(re.split(r"[\W_]+", apart.lower()))
