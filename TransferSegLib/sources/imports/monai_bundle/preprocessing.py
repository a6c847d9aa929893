"""Translates what a MONAI bundle does with an image before its network sees it to a card's preprocessing."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from TransferSegLib.cases.normalisation import NORMALISERS
from TransferSegLib.core.card import MOST_INTENSITY
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.preprocessing import Intensities, Preprocessing, WantedSpacing
from TransferSegLib.core.problems import Problem
from TransferSegLib.networks.axes import OURS
from TransferSegLib.sources.imports.importer import FILE_ORDER, KEEPS_VOXEL_SIZE, ImportOptions
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
# What MONAI's `Spacing` does where nothing else is said.
AS_MONAI: dict[str, Any] = {"resampling": "monai", "spacing_tolerance": 0.0, "resampled_in_float64": True}
# More voxels around a foreground are no crop.
MOST_MARGIN = 1000
# Those that change the size alone; here, windows cover the whole image and are padded where it is smaller.
SIZE_ALONE = ("SpatialPad", "DivisiblePad", "BorderPad", "ResizeWithPadOrCrop", "CenterSpatialCrop")


def read_preprocessing(
    config: Config, key: str, channels: int, options: ImportOptions, notes: list[Problem]
) -> tuple[Preprocessing, bool]:
    """Translate a bundle's preprocessing.

    Args:
        config: The bundle's configuration.
        key: The image's name in it.
        channels: How many channels the network takes.
        options: What the person said; a voxel size overrules the bundle's.
        notes: What the person should know is added here.

    Returns:
        The preprocessing, and whether the network is shown images in the order of their files.

    Raises:
        InputError: A card cannot say what the bundle does.
    """
    orientation = options.orientation and options.orientation.casefold()
    if orientation not in (None, OURS.casefold(), FILE_ORDER):
        raise InputError(
            "bundle-orientation-option",
            "{option} {value}: a network of a MONAI bundle is shown its images as {ras}, or in the order of their files "
            "({file}); give one of these.",
            option="--orientation",
            value=str(options.orientation)[:20],
            ras=OURS,
            file=FILE_ORDER,
        )
    spacing: WantedSpacing | None = options.spacing_mm
    grid: dict[str, Any] = {}
    intensities = Intensities("none")
    oriented = False
    crops: list[_Crop] = []
    # Of the transforms that a card puts into an order: which came after which.
    stages: list[str] = []
    # What changes the size alone, and what was done with intensities before it.
    sized: list[tuple[str, Intensities]] = []
    for step in _steps_of_image(config, key, channels, notes):
        keys, kind = step.keys, step.kind
        if kind == "CropForeground":
            if not crops and (crop := _read_crop(config, step, notes)):
                crops.append(crop)
                stages.append("crop")
            else:
                notes.append(_left_out(kind))
        elif kind in SIZE_ALONE:
            sized.append((kind, intensities))
        elif kind == "Orientation":
            oriented = True
            _check_axes(config, keys)
        elif kind == "Spacing":
            stages.append("resample")
            if spacing is None:
                spacing = _spacing(config, (*keys, "pixdim"))
            grid = _resampling(config, keys, spacing, notes)
        else:
            intensities = _intensities(config, keys, kind, intensities, step.channels)
            stages.append("normalise")
    file_order = not oriented and orientation in (None, FILE_ORDER)
    if file_order:
        notes.append(
            Problem(
                "bundle-axes-of-file",
                "It does not turn its images, so `segment` shows it the axes of the file, as its own program "
                "does; jobs show images with the axes right, anterior, superior, and so does `segment` where "
                "it is imported with --orientation RAS.",
                severity="note",
            )
        )
    elif not oriented:
        notes.append(
            Problem(
                "bundle-axes-chosen",
                "It does not turn its images; as was chosen, they are shown with the axes right, anterior, superior.",
                severity="note",
            )
        )
    if spacing is None:
        notes.append(KEEPS_VOXEL_SIZE)
    elif not grid:
        grid, stages = {**AS_MONAI}, ["resample", *stages]
    for kind, before in sized:
        notes.append(_left_out(kind, before != intensities and _of_extent(intensities)))
    cropped = _ordered(_Order(stages), crops[0] if crops else None, intensities, notes)
    preprocessing = Preprocessing(
        spacing,
        intensities.normalisation,
        intensities.window_hu,
        intensities.mean,
        intensities.sd,
        intensities.extremes,
        clip_percentiles=intensities.clip_percentiles,
        **(grid if spacing else {}),
        **cropped,
    )
    return preprocessing, file_order


def _left_out(kind: str, counts: bool = False) -> Problem:
    """The note on a transform that is left out.

    Args:
        kind: The transform.
        counts: Whether the intensities after it depend on it.
    """
    return Problem(
        "bundle-size-left-out",
        "Its {kind} is left out: windows cover the whole image here{counts:?, and intensities are taken without it|}.",
        {"kind": kind, "counts": counts},
        "note",
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


def _resampling(config: Config, keys: Keys, wanted_mm: WantedSpacing, notes: list[Problem]) -> dict[str, Any]:
    """Read where a `Spacing` puts its voxels, as fields of `Preprocessing`.

    Args:
        config: The bundle's configuration.
        keys: Where the transform stands in it.
        wanted_mm: The voxel size that is wanted.
        notes: What the person should know is added here.
    """

    def get(name: str) -> Any:
        return config.raw(*keys, name)

    if is_true(get("scale_extent")) and is_true(get("align_corners")):
        return {"resampling": "edges"}
    modes = get("mode")
    mode = str(modes[0] if isinstance(modes, list) and modes else modes or "bilinear").lower()
    if mode not in ("bilinear", "linear", "@mode", "1") and "bilinear" not in mode:
        notes.append(
            Problem(
                "bundle-interpolation-mode",
                "It interpolates its images by `{mode}` where it resamples them; here linearly.",
                {"mode": mode[:40]},
                "note",
            )
        )
    for name, usual in (
        ("padding_mode", "border"),
        ("diagonal", False),
        ("align_corners", False),
        ("scale_extent", False),
    ):
        value = get(name)
        if value is not None and str(value).lower() != str(usual).lower():
            notes.append(
                Problem(
                    "bundle-spacing-setting",
                    "`{name}` of its Spacing is {value}, and {usual} here.",
                    {"name": name, "value": str(value)[:40], "usual": str(usual).lower()},
                    "note",
                )
            )
    tolerances = []
    for name, sign in (("min_pixdim", -1), ("max_pixdim", 1)):
        bounds = _bounds(config, (*keys, name))
        if bounds is None:
            notes.append(
                Problem(
                    "bundle-spacing-bound",
                    "`{name}` of its Spacing is no list of numbers, and is left out: all voxels are resampled.",
                    {"name": name},
                    "note",
                )
            )
            bounds = []
        # Where there is no bound, the wanted side is.
        each = itertools.zip_longest(bounds[:3], wanted_mm)
        tolerances += [sign * ((mm if bound is None else bound) / mm - 1) for bound, mm in each if mm is not None]
    tolerance = max([0.0, *tolerances])
    if tolerance and min(tolerances) < tolerance - 1e-6:
        notes.append(
            Problem(
                "bundle-spacing-tolerance",
                "Within its bounds voxels stay as they are; here those within {tolerance:.2g} of the wanted size.",
                {"tolerance": tolerance},
                "note",
            )
        )
    # `$torch.float32`, `float32`
    single = re.search(r"(?<!\d)32$", str(get("dtype") or ""))
    return {**AS_MONAI, "spacing_tolerance": min(tolerance, 0.99), "resampled_in_float64": not single}


def _bounds(config: Config, keys: Keys) -> list[float | None] | None:
    """The sides in mm at `keys`, one for each axis that has one, with None for one that is open; None for anything else."""
    try:
        value = config.value(*keys, default=None)
    except InputError:
        return None
    listed = value if isinstance(value, list) else [value]
    if not all(one is None or (isinstance(one, (int, float)) and not isinstance(one, bool)) for one in listed):
        return None
    return listed


@dataclass(frozen=True)
class _Order:
    """Where a bundle's steps stand among each other.

    Attributes:
        stages: `crop`, `resample` and `normalise`, in the order in which the bundle has them.
    """

    stages: Sequence[str]

    def first(self, stage: str) -> int | None:
        """The place of the first step of a kind; None where there is none."""
        return self.stages.index(stage) if stage in self.stages else None

    def last(self, stage: str) -> int | None:
        """The place of the last step of a kind; None where there is none."""
        return max((n for n, one in enumerate(self.stages) if one == stage), default=None)

    @property
    def normalised_first(self) -> bool:
        """Whether intensities change before the image is resampled."""
        changed, resampled = self.first("normalise"), self.first("resample")
        return changed is not None and resampled is not None and changed < resampled


def _ordered(order: _Order, crop: _Crop | None, intensities: Intensities, notes: list[Problem]) -> dict[str, Any]:
    """Translate the order of cropping, resampling and normalising to fields of `Preprocessing`.

    Args:
        order: The bundle's.
        crop: What it crops to.
        intensities: What it does with intensities in all.
        notes: What the person should know is added here.
    """
    resampled, changed_last = order.first("resample"), order.last("normalise")
    if order.normalised_first and resampled is not None and changed_last is not None and changed_last > resampled:
        notes.append(
            Problem(
                "bundle-intensities-all-before",
                "It changes intensities before it resamples and after; here it is all done before.",
                severity="note",
            )
        )
    if crop is None:
        return {"normalised_first": order.normalised_first}
    above: dict[str, Any] = {"foreground_above": crop.above, "crop_margin": crop.margin}
    found = _cropped(order, crop, above, intensities, notes)
    if crop.of_non_zero and found.get("crop") not in (None, "non-zero"):
        notes.append(
            Problem(
                "bundle-crop-above-zero",
                "Its CropForeground, which keeps what is not 0, is taken as one to what is above 0.",
                severity="note",
            )
        )
    return found


def _cropped(
    order: _Order, crop: _Crop, above: dict[str, Any], intensities: Intensities, notes: list[Problem]
) -> dict[str, Any]:
    """Translate where a bundle crops among what else it does; see `_ordered`.

    Args:
        order: The bundle's; it crops.
        crop: What it crops to.
        above: The same, as fields of `Preprocessing`.
        intensities: What it does with intensities in all.
        notes: What the person should know is added here.
    """
    at, resampled, normalised_first = order.first("crop"), order.first("resample"), order.normalised_first
    changed, changed_last = order.first("normalise"), order.last("normalise")
    assert at is not None
    normalised, before, after = (
        changed is not None,
        changed is None or at < changed,
        changed_last is None or at > changed_last,
    )
    if resampled is not None and at > resampled:
        if not before and not after:
            notes.append(
                Problem(
                    "bundle-crop-after-intensities",
                    "Its CropForeground comes between changes of its intensities; here after them.",
                    severity="note",
                )
            )
        crop_is = "foreground-prepared" if normalised and not before else "foreground-resampled"
        # Where nothing is normalised afterwards, both are the same.
        return {"crop": crop_is, "normalised_first": normalised_first, **above} if normalised or before else {}
    if before:
        plain = crop.of_non_zero or (crop.above == 0 and not crop.margin)
        if normalised_first and _of_extent(intensities) and not plain:
            notes.append(
                Problem(
                    "bundle-intensities-after-both",
                    "Its intensities, which come between its CropForeground and resampling, come after both here.",
                    severity="note",
                )
            )
            return {"crop": "foreground", "normalised_first": False, **above}
        if crop.of_non_zero or (normalised_first and _of_extent(intensities)):
            if normalised and not normalised_first and resampled is not None:
                notes.append(
                    Problem(
                        "bundle-crop-before-resampling",
                        "Its CropForeground, and what follows of the intensities, come before resampling here.",
                        severity="note",
                    )
                )
            if not crop.of_non_zero:
                notes.append(
                    Problem(
                        "bundle-crop-not-zero",
                        "Its CropForeground, which keeps what is above 0, is taken as one to what is not 0.",
                        severity="note",
                    )
                )
            return {"crop": "non-zero", "crop_margin": crop.margin}
        return {"crop": "foreground", "normalised_first": normalised_first, **above}
    if not after:
        notes.append(
            Problem(
                "bundle-crop-after-intensities",
                "Its CropForeground comes between changes of its intensities; here after them.",
                severity="note",
            )
        )
    if resampled is None:
        return {"crop": "foreground-prepared", **above}
    if (raw := _before(intensities, crop.above)) is not None:
        return {"crop": "foreground", "normalised_first": True, "foreground_above": raw, "crop_margin": crop.margin}
    notes.append(
        Problem("bundle-crop-after-resampling", "Its CropForeground comes after resampling here.", severity="note")
    )
    return {"crop": "foreground-prepared", "normalised_first": normalised_first, **above}


def _of_extent(intensities: Intensities) -> bool:
    """Whether what a voxel becomes depends on the other voxels, so that it counts which are there."""
    return (
        NORMALISERS[intensities.normalisation].of_whole_image
        or intensities.extremes is not None
        or intensities.clip_percentiles is not None
    )


def _before(intensities: Intensities, value: float) -> float | None:
    """The value in an image above which a normalised voxel lies above `value`; None where that depends on the image."""
    if (
        intensities.normalisation != "ct"
        or intensities.extremes is not None
        or intensities.clip_percentiles is not None
    ):
        return None
    low, high = intensities.window_hu
    if intensities.mean is None or intensities.sd is None:
        raw = low + value * (high - low)
    else:
        raw = intensities.mean + value * intensities.sd
    return raw if low <= raw < high else None


def _read_crop(config: Config, step: _Step, notes: list[Problem]) -> _Crop | None:
    """Read what a `CropForeground` keeps; None where it is not comparable."""
    keys = step.keys
    if config.raw(*keys, "channel_indices") is not None:
        return None
    # By one of several images that become channels, it would be another box than that of all.
    images = set(step.items) - {LABEL}
    if images and images != {config.value(*keys, "source_key", default=None)}:
        return None
    rule = str(config.raw(*keys, "select_fn", default="$lambda x: x > 0"))
    match = re.fullmatch(r"\$\s*lambda (\w+): \1 (!=|>) (-?\d+(?:\.\d+)?)", rule)
    if not match or (match[2] == "!=" and float(match[3]) != 0) or abs(float(match[3])) > MOST_INTENSITY:
        return None
    margin = config.raw(*keys, "margin", default=0)
    if type(margin) is not int or not 0 <= margin <= MOST_MARGIN:
        return None
    if margin and not is_true(config.raw(*keys, "allow_smaller", default=False)):
        notes.append(
            Problem(
                "bundle-crop-margin", "The margin of its CropForeground ends at the image's edge here.", severity="note"
            )
        )
    if config.raw(*keys, "k_divisible", default=1) not in (None, 1, [1, 1, 1]):
        notes.append(
            Problem(
                "bundle-crop-box",
                "Its CropForeground makes the box larger (`k_divisible`), which is left out.",
                severity="note",
            )
        )
    return _Crop(float(match[3]), margin, match[2] == "!=")


@dataclass(frozen=True)
class _Crop:
    """What a crop keeps.

    Attributes:
        above: The box of the voxels above it.
        margin: So many voxels around that.
        of_non_zero: Whether it is the box of what is not 0 in place of that, below 0 as well.
    """

    above: float
    margin: int
    of_non_zero: bool


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


def _steps_of_image(config: Config, key: str, channels: int, notes: list[Problem]) -> list[_Step]:
    """List what the preprocessing does with the image that the network takes.

    The image is `key` itself; or the only image that is loaded, where `key` is nowhere mentioned; or images that are all
    prepared alike and put together as `key`, its channels.

    Args:
        config: The bundle's configuration.
        key: The image's name.
        channels: How many channels the network takes.
        notes: What the person should know is added here.

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
        notes.append(
            Problem(
                "bundle-image-named-otherwise",
                "The image that it calls `{name}` is the one that it loads as `{loaded}`.",
                {"name": key[:80], "loaded": min(loaded)[:80]},
                "note",
            )
        )
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


def _spacing(config: Config, keys: Keys) -> WantedSpacing:
    """The voxel size of a `Spacing`; what is not above 0 is the image's own to MONAI, and None here."""
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
        or not all(isinstance(mm, (int, float)) and -1000 < mm < 1000 for mm in pixdim)
        or max(pixdim) <= 0
    ):
        raise InputError(
            "bundle-spacing-not-usable",
            "{where}: {value} is no voxel size in mm; give it with {option}.",
            where=config.where(keys),
            value=repr(pixdim),
            option="--spacing",
        )
    i, j, k = (float(mm) if mm > 0 else None for mm in pixdim)
    return i, j, k
