"""How a model wants its images, in words for a person."""

from __future__ import annotations

from collections.abc import Sequence

from TransferSegLib.core.grid import times
from TransferSegLib.core.inference_settings import AXES
from TransferSegLib.core.preprocessing import Intensities, Preprocessing, WantedSpacing
from TransferSegLib.core.preprocessing_steps import chosen_steps


def preprocessing_in_words(preprocessing: Preprocessing, channels: Sequence[str]) -> str:
    """How a model wants its images, in one line: their intensities, and the voxels that they get.

    Args:
        preprocessing: How it wants its input.
        channels: The names of its channels.
    """
    return f"{intensities_in_words(preprocessing, channels)}; voxels: {voxels_in_words(preprocessing)}"


def voxels_in_words(preprocessing: Preprocessing) -> str:
    """Which voxels an image gets, in words: `1.5×1.5×3 mm`, or those of the image along the axes that it keeps."""
    own = "as in the template" if preprocessing.template else "as in the image"
    if preprocessing.spacing_mm is None or not known_sides(preprocessing.spacing_mm):
        return own
    kept = [axis for axis, mm in zip(AXES, preprocessing.spacing_mm, strict=True) if mm is None]
    size = f"{times(known_sides(preprocessing.spacing_mm))} mm"
    return f"{size}, along {' and '.join(kept)} {own}" if kept else size


def known_sides(spacing_mm: WantedSpacing | None) -> tuple[float, ...]:
    """The sides of a wanted voxel that are not the image's own, in mm."""
    return tuple(mm for mm in spacing_mm or () if mm is not None)


def intensities_in_words(preprocessing: Preprocessing, channels: Sequence[str]) -> str:
    """How a model wants the intensities of its channels, and which part of an image, in words.

    Args:
        preprocessing: How it wants its input.
        channels: The names of its channels.
    """
    each = [preprocessing.of_channel(n) for n in range(len(channels))]
    words = [
        "".join(f"{step.in_words(value)}, " for step, value in chosen_steps(one))
        + ("histogram matched to the training images', " if one.landmarks else "")
        + (
            f"clipped at percentiles {one.clip_percentiles[0]:g} and {one.clip_percentiles[1]:g}, "
            if one.clip_percentiles
            else ""
        )
        + _normalisation(one)
        for one in each
    ]
    where = {
        "none": "",
        "non-zero": "; in the box of what is not 0, before resampling",
        "empty-slices": "; without the slices at top and bottom that hold nothing",
        "foreground": f"; in the box of what is above {preprocessing.foreground_above:g} with "
        f"{preprocessing.crop_margin} voxels around it",
        "foreground-resampled": f"; in the box of what is above {preprocessing.foreground_above:g} after resampling",
        "foreground-prepared": f"; then in the box of what is above {preprocessing.foreground_above:g}",
    }[preprocessing.crop]
    where += "; before resampling" if preprocessing.normalised_first else ""
    if len(set(each)) == 1:
        return words[0] + where
    return "; ".join(f"{name}: {word}" for name, word in zip(channels, words, strict=True)) + where


def _normalisation(one: Intensities) -> str:
    words: list[str] = [] if one.normalisation == "none" and one.extremes else [one.normalisation]
    if one.normalisation == "ct":
        standardised = "standardised" if one.mean is not None and one.sd is not None else "to 0…1"
        words = [f"ct, {one.window_hu[0]:g} to {one.window_hu[1]:g} HU {standardised}"]
    if one.normalisation == "ct-sigmoid":
        words = [f"ct, sigmoid of {one.window_hu[0]:g} to {one.window_hu[1]:g} HU as -1 to 1"]
    if one.extremes:
        words.append(f"lowest and highest value to {one.extremes[0]:g} and {one.extremes[1]:g}")
    return ", then ".join(words)
