"""How a person chooses the preprocessing of a model that is trained from scratch, and the presets of the papers.

What is chosen becomes the `Preprocessing` on the model's card, which then decides for training, adaptation and segmentation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from TransferSegLib.core.declarations import Option, check_options, declared_options, option_field
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.preprocessing import Intensities, Normalisation, Preprocessing
from TransferSegLib.core.preprocessing_steps import STEPS, with_step_options

# From 0.01 to 99 mm: a voxel of 0 mm would be resampled to without end.
_NUMBER = r"([1-9][0-9]?(\.[0-9]+)?|0\.([1-9][0-9]*|0[1-9][0-9]*))"

# What a paper does, in the words of the options; `normalisation` is that of channels that are no CT.
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "default": {},
    # §3.2: percentiles 1 and 99, min-max, empty slices discarded. The template's space is `template`, which a person gives.
    "zoetmulder2022": {"normalisation": "min-max", "clip_percentiles": (1, 99), "drop_empty_slices": True},
    # §3.2: slices at both ends removed, one resolution, local contrast normalisation.
    "mecheter2023": {"normalisation": "local-contrast", "drop_empty_slices": True},
    # §II-B: slices at both ends discarded, local contrast normalisation.
    "mecheter2020": {"normalisation": "local-contrast", "drop_empty_slices": True},
    # §3.1: mean 0 and variance 1, nothing else.
    "hossain2023": {"normalisation": "z-score"},
    # §2.1: isotropic voxels; MR divided by its standard deviation; CT from -1000…1000 HU to 0…1.
    "karimi2021": {"normalisation": "sd", "window_hu": (-1000, 1000), "spacing": "isotropic"},
}


@dataclass(frozen=True)
@with_step_options
class PreprocessingOptions:
    """What a person chose for the preprocessing of a new model, each declared by its option; each step's option is one.

    What is None, and no part of the preset, is chosen by what the images show.

    Raises:
        InputError: A value is beyond its limits.
    """

    preprocessing: str | None = option_field(
        Option(
            "preprocessing",
            "choice",
            "Preprocessing",
            "How images are prepared for the network, as one of the papers does it (not given: as in the recipe). The "
            "options below change parts of it.",
            choices={
                "default": "chosen by what the images show",
                "zoetmulder2022": "Zoetmulder 2022: percentiles 1–99 to 0–1, without empty slices",
                "mecheter2023": "Mecheter 2023: local contrast, without empty slices",
                "mecheter2020": "Mecheter 2020: local contrast, without empty slices",
                "hossain2023": "Hossain 2023: mean 0 and variance 1",
                "karimi2021": "Karimi 2021: equal voxel sides, divided by the standard deviation, or −1000 to 1000 HU",
            },
        )
    )
    normalisation: str | None = option_field(
        Option(
            "normalisation",
            "choice",
            "Intensities",
            "How the intensities of every channel are brought to a common scale.",
            choices={
                "z-score": "mean 0 and variance 1",
                "z-score-nonzero": "mean 0 and variance 1 of what is not 0",
                "percentile": "percentiles 0.5–99.5 to 0–1",
                "min-max": "lowest and highest value to 0–1",
                "sd": "divided by the standard deviation",
                "local-contrast": "each voxel against its neighbours in the slice",
                "ct": "a window in Hounsfield units to 0–1",
                "none": "as they are",
            },
        )
    )
    clip_percentiles: tuple[int, int] | None = option_field(
        Option(
            "clip_percentiles",
            "whole numbers",
            "Clipped at percentiles",
            "Intensities beyond these two percentiles of an image are set to them. Not for CT, whose intensities are a "
            "window in Hounsfield units.",
            least=0,
            most=100,
            unit="%",
            items=("LOW", "HIGH"),
        )
    )
    window_hu: tuple[int, int] | None = option_field(
        Option(
            "window_hu",
            "whole numbers",
            "Window of CT",
            "The window of Hounsfield units that CT is clipped to.",
            least=-32768,
            most=32767,
            unit="HU",
            items=("LOW", "HIGH"),
        )
    )
    spacing: str | None = option_field(
        Option(
            "spacing",
            "text",
            "Voxel size",
            "The voxel size in mm that images are resampled to: `median` of the training cases, `isotropic` (equal sides, of "
            "the median's volume), `own` (that of each image), or numbers to the right, the front and the top.",
            pattern=rf"median|isotropic|own|{_NUMBER}(x{_NUMBER}x{_NUMBER})?",
            examples="median, isotropic, own, 1.5 or 0.9x0.9x3",
        )
    )
    histogram_match: bool | None = option_field(
        Option(
            "histogram_match",
            "yes/no",
            "Histogram matching",
            "Whether the histograms of MR images are matched to those of the training images (Nyúl). The model keeps their "
            "landmarks.",
        )
    )
    drop_empty_slices: bool | None = option_field(
        Option(
            "drop_empty_slices",
            "yes/no",
            "Without empty slices",
            "Whether empty axial slices at the top and at the bottom are left out. They become background.",
        )
    )
    slices_last: bool | None = option_field(
        Option(
            "slices_last",
            "yes/no",
            "Slices in any direction",
            "Whether the network sees thick slices across its last axis, whatever their direction. For oblique slices, such "
            "as the heart's short axis, and where cases have slices of several directions.",
        )
    )

    template: str | None = option_field(
        Option(
            "template",
            "text",
            "Template",
            "An image (.nii.gz, .nii, .nrrd, .mha). Each case is brought to its space by an affine registration, as "
            "Zoetmulder 2022 does with the MNI template. Segmentations come back in the case's own space. The model keeps "
            "the template.",
            pattern=r".+\.(nii\.gz|nii|nrrd|mha)",
            examples="an image ending in .nii.gz, .nii, .nrrd or .mha",
        )
    )

    def __post_init__(self) -> None:
        options = declared_options(PreprocessingOptions)
        given = {option.name: getattr(self, option.name) for option in options}
        check_options(
            options, {n: value for n, value in given.items() if value is not None}, lambda option: option.flag
        )
        for name in ("clip_percentiles", "window_hu"):
            value = given[name]
            if value is not None and value[0] >= value[1]:
                raise InputError(
                    "preprocessing-range",
                    "{option} {low} {high}: the second number must be larger than the first.",
                    option=f"--{name.replace('_', '-')}",
                    low=value[0],
                    high=value[1],
                )

    def after(self, recipe: str) -> PreprocessingOptions:
        """Return the choices, with the preset of a recipe's paper where none is named."""
        return self if self.preprocessing or recipe not in PRESETS else replace(self, preprocessing=recipe)

    def value(self, name: str) -> Any:
        """What was chosen for an option: by itself, else by the preset; None where neither says anything."""
        given = getattr(self, name)
        return PRESETS[self.preprocessing or "default"].get(name) if given is None else given

    def resolved(self, spacing_mm: tuple[float, float, float], ct: Sequence[bool], pictures: bool) -> Preprocessing:
        """Make the preprocessing of a new model; landmarks of histograms are not in it yet.

        Args:
            spacing_mm: The median voxel size of the training cases, axes right, anterior, superior.
            ct: For each channel, whether it shows CT.
            pictures: Whether the images are photographs, whose pixels have no size: they are not resampled unless asked for.

        Raises:
            InputError: An option has nothing to act on.
        """
        channels = tuple(self._intensities(one) for one in ct)
        self._must_act(ct, channels)
        first = channels[0]
        return Preprocessing(
            _spacing(self.value("spacing") or ("own" if pictures or self.template else "median"), spacing_mm),
            **vars(first),
            channels=channels if len(set(channels)) > 1 else (),
            crop="empty-slices" if self.value("drop_empty_slices") else "none",
            template=self.template,
            slices_last=bool(self.slices_last),
        )

    def _intensities(self, ct: bool) -> Intensities:
        plain = Intensities()
        # A preset's normalisation of MR is none for CT; what the person names is for every channel.
        normalisation = self.normalisation or ("ct" if ct else self.value("normalisation") or plain.normalisation)
        min_max = normalisation == "min-max"
        windowed = normalisation == "ct"
        clip = None if windowed else self.value("clip_percentiles")
        window = self.value("window_hu") if windowed else None
        steps = {step.name: self.value(step.name) for step in STEPS.values() if step.for_ct or not ct}
        return replace(
            plain,
            normalisation=cast(Normalisation, "none" if min_max else normalisation),
            extremes=(0.0, 1.0) if min_max else None,
            window_hu=plain.window_hu if window is None else (float(window[0]), float(window[1])),
            clip_percentiles=None if clip is None else (float(clip[0]), float(clip[1])),
            **{name: value for name, value in steps.items() if value is not None},
        )

    def _must_act(self, ct: Sequence[bool], channels: Sequence[Intensities]) -> None:
        if self.slices_last and self.value("drop_empty_slices"):
            raise InputError(
                "slices-last-without-axial",
                "{option}: slices without content are left out of axial slices alone ({other}, or the preset); leave one of "
                "them out.",
                option="--slices-last",
                other="--drop-empty-slices",
            )
        of_mr = {step.option.flag: getattr(self, step.name) for step in STEPS.values() if not step.for_ct}
        for option, given in (*of_mr.items(), ("--histogram-match", self.histogram_match)):
            if given and all(ct):
                raise InputError(
                    "preprocessing-of-mr",
                    "{option}: is for MR, and the images are CT, whose values have a unit; leave it out.",
                    option=option,
                )
        windowed = [one.normalisation == "ct" for one in channels]
        if self.window_hu is not None and not any(windowed):
            raise InputError(
                "window-without-ct",
                "{option}: no channel is CT; leave it out, or give {other_option}.",
                option="--window-hu",
                other_option="--normalisation ct",
            )
        if self.clip_percentiles is not None and all(windowed):
            raise InputError(
                "percentiles-of-ct",
                "{option}: the images are CT, which is clipped to a window; give {window_option}, or a {other_option}.",
                option="--clip-percentiles",
                window_option="--window-hu",
                other_option="--normalisation",
            )


def _spacing(chosen: str, median_mm: tuple[float, float, float]) -> tuple[float, float, float] | None:
    if chosen == "own":
        return None
    if chosen == "median":
        return median_mm
    if chosen == "isotropic":
        a, b, c = median_mm
        # Rounded, for a card that a person reads.
        side = round((a * b * c) ** (1 / 3), 3)
        return side, side, side
    sides = [float(text) for text in re.split("x", chosen)]
    return (sides[0], sides[0], sides[0]) if len(sides) == 1 else (sides[0], sides[1], sides[2])
