"""Translates what a MONAI bundle does with an image before its network sees it to a card's preprocessing."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from TransferSegLib.cases.normalisation import NORMALISERS
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.preprocessing import Intensities, Preprocessing
from TransferSegLib.sources.imports.importer import ImportOptions
from TransferSegLib.sources.imports.monai_bundle.transforms import (
    HARMLESS,
    LABEL,
    is_true,
    items_of,
    number_at,
    number_or,
    transforms_of,
)
from TransferSegLib.sources.untrusted.configs import Config, Keys

# Where no bound is meant; beyond any image's values, and exact in float32.
NO_BOUND = 1e9
# Those that change the size alone; here, windows cover the whole image and are padded where it is smaller.
SIZE_ALONE = ("SpatialPad", "DivisiblePad", "BorderPad", "ResizeWithPadOrCrop", "CenterSpatialCrop")


def read_preprocessing(
    config: Config, key: str, channels: int, options: ImportOptions, notes: list[str]
) -> Preprocessing:
    """Translate a bundle's preprocessing.

    Args:
        config: The bundle's configuration.
        key: The image's name in it.
        channels: How many channels the network takes.
        options: What the person said; a voxel size overrules the bundle's.
        notes: Sentences for the person are added here.

    Raises:
        InputError: A card cannot say what the bundle does.
    """
    spacing: tuple[float, float, float] | None = None
    intensities = Intensities("none")
    oriented = False
    sized: list[_Sized] = []
    for step in _steps_of_image(config, key, channels, notes):
        keys, kind = step.keys, step.kind
        if kind == "CropForeground" or kind in SIZE_ALONE:
            differs = _difference(config, step) if intensities == Intensities("none") else None
            sized.append(_Sized(kind, intensities, differs))
        elif kind == "Orientation":
            oriented = True
            _check_axes(config, keys)
        elif kind == "Spacing":
            if options.spacing_mm is None:
                spacing = _spacing(config, (*keys, "pixdim"))
        else:
            intensities = _intensities(config, keys, kind, intensities, step.channels)
    if not oriented:
        notes.append("It does not say how its images are oriented; taken as right, anterior, superior.")
    spacing = options.spacing_mm or spacing
    if spacing is None:
        notes.append("It resamples nothing: images keep their own voxel size.")
    cropped = _crop(sized, intensities, spacing is not None, notes)
    return Preprocessing(
        spacing,
        intensities.normalisation,
        intensities.window_hu,
        intensities.mean,
        intensities.sd,
        intensities.extremes,
        clip_percentiles=intensities.clip_percentiles,
        crop="non-zero" if cropped else "none",
    )


def _check_axes(config: Config, keys: Keys) -> None:
    """Check that an `Orientation` makes the axes right, anterior, superior, or closest canonical.

    Raises:
        InputError: It makes others.
    """
    axes, names = (config.value(*keys, name, default=None) for name in ("axcodes", "labels"))
    if is_true(config.value(*keys, "as_closest_canonical", default=False)):
        return
    if axes != "RAS" or names not in (None, [["L", "R"], ["P", "A"], ["I", "S"]]):
        raise InputError(
            "bundle-orientation-not-ras",
            "{where}: the model wants its axes as {axes}{renamed:? by other names|}, and only RAS "
            "(right, anterior, superior) is supported; it cannot be imported.",
            where=config.where((*keys, "axcodes")),
            axes=repr(axes),
            renamed=bool(names),
        )


def _crop(sized: list[_Sized], intensities: Intensities, resampled: bool, notes: list[str]) -> bool:
    """Decide whether preprocessing must crop the image to its non-zero box.

    It must if the intensities depend on how large the empty surround is. All other transforms that change the size are left
    out, with a note.

    Args:
        sized: The transforms that change the size.
        intensities: What is done with intensities in all.
        resampled: Whether images are resampled.
        notes: Sentences for the person are added here.
    """
    nonzero = intensities.normalisation == "z-score-nonzero"
    by_extent = (
        NORMALISERS[intensities.normalisation].of_whole_image
        or intensities.extremes is not None
        or intensities.clip_percentiles is not None
    )
    # The others come after all that is done with intensities.
    decisive = [one for one in sized if by_extent and one.before != intensities]
    crops = [one for one in decisive if one.kind == "CropForeground"]
    cropped = not nonzero and bool(crops) and all(one.differs is not None for one in crops)
    for one in sized:
        if cropped and one in crops:
            if one.differs:
                notes.append(f"Its {one.kind}, which {one.differs}, is taken as one to what is not 0.")
        else:
            # What is not 0 has the same mean in its box as in the whole image.
            same = one not in decisive or (nonzero and one.differs == "")
            without = "" if same else ", and intensities are taken without it"
            notes.append(f"Its {one.kind} is left out: windows cover the whole image here{without}.")
    if cropped and resampled:
        notes.append("Its CropForeground, and what follows of the intensities, come before resampling here.")
    return cropped


def _difference(config: Config, step: _Step) -> str | None:
    """Say how the box of a `CropForeground` differs from the non-zero box; None where it is not comparable."""
    keys = step.keys
    if step.kind != "CropForeground" or any(config.raw(*keys, name) for name in ("margin", "channel_indices")):
        return None
    # By one of several images that become channels, it would be another box than that of all.
    images = set(step.items) - {LABEL}
    if images and images != {config.value(*keys, "source_key", default=None)}:
        return None
    rule = str(config.raw(*keys, "select_fn", default="$lambda x: x > 0"))
    match = re.fullmatch(r"\$\s*lambda (\w+): \1 (!=|>) 0", rule)
    if not match:
        return None
    divisible = config.raw(*keys, "k_divisible", default=1) not in (None, 1, [1, 1, 1])
    differences = {"keeps what is above 0": match[2] == ">", "makes it larger (`k_divisible`)": divisible}
    return " and ".join(words for words, true in differences.items() if true)


def _intensities(config: Config, keys: Keys, kind: str, before: Intensities, channels: int) -> Intensities:
    """Add one more intensity transform to those read before.

    Args:
        config: The bundle's configuration.
        keys: Where the transform stands in it.
        kind: The name of the transform's class, without MONAI's ending for dictionaries.
        before: What the transforms before it do.
        channels: The number of channels of the image.

    Returns:
        What all of them do together.

    Raises:
        InputError: A card has no field for this combination.
    """

    def get(name: str, default: Any) -> Any:
        return config.value(*keys, name, default=default)

    start = before == Intensities("none")
    together = channels > 1 and not is_true(get("channel_wise", False))
    if kind == "ScaleIntensityRange" and start:
        low, high = number_at(config, (*keys, "a_min")), number_at(config, (*keys, "a_max"))
        to_low, to_high = (number_or(config, (*keys, name), None) for name in ("b_min", "b_max"))
        if to_low is None or to_high is None:
            to_low, to_high = 0.0, 1.0
        if low < high and to_low < to_high:
            window = (low, high) if is_true(get("clip", False)) else (-NO_BOUND, NO_BOUND)
            if (to_low, to_high) == (0, 1) and window == (low, high):
                return Intensities("ct", window)
            sd = (high - low) / (to_high - to_low)
            return Intensities("ct", window, low - to_low * sd, sd)
    elif kind == "ScaleIntensityRangePercentiles" and start and not together:
        limits = [number_or(config, (*keys, name), None) for name in ("lower", "upper", "b_min", "b_max")]
        if is_true(get("clip", False)) and not is_true(get("relative", False)):
            match limits:
                case [0.5, 99.5, 0, 1]:
                    return Intensities("percentile")
                case [float(low), float(high), float(to_low), float(to_high)] if low < high and to_low < to_high:
                    # Once clipped, the lowest and highest values are those of the percentiles.
                    return Intensities("none", extremes=(to_low, to_high), clip_percentiles=(low, high))
    elif kind == "ClipIntensityPercentiles" and start and not together and get("sharpness_factor", None) is None:
        return Intensities(
            "none", clip_percentiles=(number_at(config, (*keys, "lower")), number_at(config, (*keys, "upper")))
        )
    elif kind == "ScaleIntensity" and not together and before.extremes is None and get("factor", None) is None:
        extremes = (number_or(config, (*keys, "minv"), 0.0) or 0.0, number_or(config, (*keys, "maxv"), 1.0) or 0.0)
        return replace(before, extremes=extremes)
    elif kind == "NormalizeIntensity":
        subtrahend, divisor = get("subtrahend", None), get("divisor", None)
        nonzero = is_true(get("nonzero", False))
        if subtrahend is None and divisor is None and not together:
            # Any linear step before it is undone by it.
            if start or (not nonzero and before.normalisation == "none"):
                return Intensities(
                    "z-score-nonzero" if nonzero else "z-score", clip_percentiles=before.clip_percentiles
                )
        elif subtrahend == 0 and divisor is None and not nonzero and not together:
            if before.normalisation == "none" and before.extremes is None:
                return Intensities("sd", clip_percentiles=before.clip_percentiles)
        elif (
            start
            and not nonzero
            and not any(value is None or isinstance(value, list) for value in (subtrahend, divisor))
        ):
            mean, by = number_at(config, (*keys, "subtrahend")), number_at(config, (*keys, "divisor"))
            if by > 0:
                return Intensities("ct", (-NO_BOUND, NO_BOUND), mean, by)
    raise InputError(
        "bundle-transform-not-in-card",
        "{where}: `{kind}d`, as it is used there, has no words in a model card, so images would not "
        "be prepared as the model expects; it cannot be imported.",
        where=config.where(keys),
        kind=kind,
    )


@dataclass(frozen=True)
class _Step:
    """A transform of the preprocessing.

    Attributes:
        kind: MONAI's name, without its `d`.
        keys: Where it stands.
        items: What it works on; () for a transform of the image alone.
        channels: How many channels each of these has.
    """

    kind: str
    keys: Keys
    items: tuple[str, ...]
    channels: int = 1


@dataclass(frozen=True)
class _Sized:
    """A transform that changes the size.

    Attributes:
        kind: MONAI's name, without its `d`.
        before: What was done with intensities before it.
        differs: See `_difference`.
    """

    kind: str
    before: Intensities
    differs: str | None


def _steps_of_image(config: Config, key: str, channels: int, notes: list[str]) -> list[_Step]:
    """List what the preprocessing does with the image that the network takes.

    The image is `key` itself; or the only image that is loaded, where `key` is nowhere mentioned; or images that are all
    prepared alike and put together as `key`, its channels.

    Args:
        config: The bundle's configuration.
        key: The image's name.
        channels: How many channels the network takes.
        notes: Sentences for the person are added here.

    Raises:
        InputError: Something else could become the image.
    """
    steps = []
    for keys, kind in transforms_of(config, "preprocessing"):
        target = str(config.value(*keys, "_target_"))
        if not re.fullmatch(r"(monai\.transforms\.(\w+\.)*)?\w+", target):
            raise InputError(
                "bundle-own-transform",
                "{where}: `{target}` is code of the bundle's own, and none of it is run; it cannot be imported.",
                where=config.where((*keys, "_target_")),
                target=target[:80],
            )
        steps.append(_Step(kind, keys, items_of(config, keys)))
    loads = [step for step in steps if step.kind == "LoadImage" and step.items]
    loaded = {item for step in loads for item in step.items} - {LABEL}
    joins = [
        step for step in steps if step.kind == "ConcatItems" and config.value(*step.keys, "name", default=None) == key
    ]
    images, each = {key}, channels
    if joins:
        join = joins[0]
        images, each = set(join.items), channels // max(len(join.items), 1)
        if not images <= loaded or len(images) * each != channels or config.value(*join.keys, "dim", default=0) != 0:
            raise InputError(
                "bundle-image-joined-otherwise",
                "{where}: makes the image, `{image}`, which has {channels} channels, of {items}, and that is "
                "not how it is loaded; it cannot be imported.",
                where=config.where(join.keys),
                image=key[:80],
                channels=channels,
                items=", ".join(join.items)[:120],
            )
    elif loads and key not in loaded:
        # Of what makes or changes it, the first; else what does not load it.
        other = next((step for step in steps if key in step.items or _makes(config, step, {key})), loads[0])
        if len(loaded) != 1 or other is not loads[0]:
            if not loaded:
                raise InputError(
                    "bundle-loads-no-image",
                    "{where}: no image is loaded, and the network takes `{image}`, which `{kind}d` does not load; it cannot "
                    "be imported.",
                    where=config.where(other.keys),
                    image=key[:80],
                    kind=other.kind,
                )
            raise InputError(
                "bundle-loads-other-images",
                "{where}: {items} is loaded, and the network takes `{image}`, which `{kind}d` does not load; it cannot be "
                "imported.",
                where=config.where(other.keys),
                items=", ".join(sorted(loaded))[:120],
                image=key[:80],
                kind=other.kind,
            )
        images = loaded
        notes.append(f"The image that it calls `{key[:80]}` is the one that it loads as `{min(loaded)[:80]}`.")
    found = []
    for step in steps:
        if joins and step is joins[0]:
            images, each = {key}, channels
        elif step.kind in HARMLESS:
            continue
        elif not step.items or set(step.items) & images:
            if step.items and not images <= set(step.items):
                raise InputError(
                    "bundle-channels-differ",
                    "{where}: `{kind}d` prepares {items} and not {others}, which become channels of one image, "
                    "and how they differ is not followed; it cannot be imported.",
                    where=config.where(step.keys),
                    kind=step.kind,
                    items=", ".join(step.items)[:120],
                    others=", ".join(sorted(images - set(step.items)))[:120],
                )
            found.append(replace(step, channels=each))
        elif set(step.items) != {LABEL} or _makes(config, step, images | {key}):
            raise InputError(
                "bundle-other-image",
                "{where}: `{kind}d` works on {items}, and what of it reaches the network with `{image}` is "
                "not followed; it cannot be imported.",
                where=config.where(step.keys),
                kind=step.kind,
                items=", ".join(step.items)[:120],
                image=key[:80],
            )
    return found


def _makes(config: Config, step: _Step, images: set[str]) -> bool:
    """Whether a transform writes what it makes to one of these, beside those it works on."""
    named = [config.value(*step.keys, name, default=None) for name in ("name", "names")]
    listed = [name for item in named for name in (item if isinstance(item, list) else [item])]
    return any(isinstance(name, str) and name in images for name in listed)


def _spacing(config: Config, keys: Keys) -> tuple[float, float, float]:
    try:
        pixdim = config.value(*keys)
    except InputError as error:
        raise InputError(
            "bundle-spacing-not-readable",
            "{reason}, or give the voxel size as {option} does.",
            reason=error,
            option="--spacing 1.5,1.5,1.5",
        ) from None
    if isinstance(pixdim, (int, float)) and not isinstance(pixdim, bool):
        pixdim = [pixdim] * 3
    if (
        not isinstance(pixdim, list)
        or len(pixdim) != 3
        or not all(isinstance(mm, (int, float)) and 0 < mm < 1000 for mm in pixdim)
    ):
        raise InputError(
            "bundle-spacing-not-usable",
            "{where}: {value} is no voxel size in mm; give it with {option}.",
            where=config.where(keys),
            value=repr(pixdim),
            option="--spacing",
        )
    return float(pixdim[0]), float(pixdim[1]), float(pixdim[2])
