"""MONAI bundles as source models: read as data, never run.

A bundle's configuration is a program for MONAI's parser. What a card needs of it (the network, the preparation, the labels)
is almost always written as literals, and that is all that is read here; the weights go through the restricted unpickler.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from TransferSegLib.cases.preparation import Intensities, Preparation
from TransferSegLib.errors import InputError
from TransferSegLib.networks.sliced import PLANES
from TransferSegLib.sources.card import CARD_FORMAT, MOST_VALUE, CardLabel, CardNetwork, ModelCard, check_arguments
from TransferSegLib.sources.configs import Config, Keys, reference
from TransferSegLib.sources.imported import Imported, ImportOptions, finish, inside
from TransferSegLib.sources.licences import commercial_use
from TransferSegLib.sources.weights import load_weights

if TYPE_CHECKING:
    from torch import Tensor

METADATA = Path("configs") / "metadata.json"
CONFIGS = (
    "inference.json",
    "inference.yaml",
    "inference.yml",
    "evaluate.json",
    "train.json",
    "train.yaml",
    "train.yml",
)
WEIGHTS_SUFFIXES = (".safetensors", ".pt", ".pth")
# Where no bound is meant; beyond any image's values, and exact in float32.
NO_BOUND = 1e9
# Slices in a patch of a 2D network.
SLICES = 3
# MONAI's name for what is segmented; no image.
LABEL = "label"
# References to references to a list of transforms.
MOST_HOPS = 8

# Transforms that change nothing a card states: how files are read, which device, which type.
HARMLESS = (
    "LoadImage",
    "EnsureChannelFirst",
    "AddChannel",
    "EnsureType",
    "ToTensor",
    "ToDevice",
    "CastToType",
    "Identity",
    # None of an image that is still wanted.
    "DeleteItems",
    "SelectItems",
)
# Those that change the size alone; here, windows cover the whole image and are padded where it is smaller.
SIZE_ALONE = ("SpatialPad", "DivisiblePad", "BorderPad", "ResizeWithPadOrCrop", "CenterSpatialCrop")
# After the network: those that every segmentation here ends with anyway, and those that change no label.
USUAL_AFTER = (*HARMLESS, "Activations", "AsDiscrete", "Invert", "SaveImage", "SplitDim", "Compose")


def is_bundle(folder: Path) -> bool:
    """Whether this folder is laid out as a MONAI bundle."""
    return (folder / METADATA).exists()


def import_bundle(folder: Path, options: ImportOptions) -> Imported:
    """Read a bundle's folder. An `InputError` says which line cannot be imported safely, and why."""
    metadata = Config(inside(folder, METADATA))
    config = Config(inside(folder, Path("configs") / (options.config or _config_name(folder))))
    notes: list[str] = []
    if config.path.stem != "inference" and not options.config:
        notes.append(f"It has no inference.json; how images are prepared was read from {config.path.name}.")
    network, in_channels, out_channels = read_network(config)
    image = _inputs(metadata)
    if across := _across(config, network, notes):
        network = replace(network, arguments={**network.arguments, "plane": across})
    patch_size = _patch_size(config, image, across, notes)
    preparation = _preparation(config, image[0], in_channels, options, notes)
    state: Mapping[str, Tensor] = load_weights(_weights(folder, options))
    names, background = _names(metadata, out_channels, notes)
    decision = _decision(config, out_channels, names, notes)
    if decision.begins is not None:
        state = with_background(network, in_channels, state)
    elif not background:
        notes.append(f"Its first output, `{names[0]}`, is taken as the background.")
        names = names[1:]
    modality = str(image[1].get("modality") or "").lower()
    references = metadata.value("references", default=[])
    references = references if isinstance(references, list) else [references or ""]
    licence, commercial = _licence(folder)
    card = ModelCard(
        format=CARD_FORMAT,
        name=re.sub(r"[^A-Za-z0-9._-]+", "-", folder.name).strip("-.")[:64] or "bundle",
        title=_text(metadata, "name") or folder.name,
        description=_text(metadata, "description"),
        modality=modality or "unknown",
        body_part=_text(metadata, "body_part"),
        labels=tuple(CardLabel(value, name) for value, name in zip(decision.values[1:], names, strict=True)),
        channels=_channels(image[1], in_channels, modality),
        network=network,
        preparation=preparation,
        patch_size=patch_size,
        trained_on=_text(metadata, "data_source") or "not stated",
        licence=licence,
        citation="; ".join(map(str, references)) if references else _text(metadata, "authors"),
        commercial_use=commercial,
        made_by={"imported": "MONAI bundle", "version": _text(metadata, "version")},
    )
    if not decision.begins:
        return finish(card, state, notes, str(folder))
    notes.append(f"Its label begins at a score of {decision.begins:.4g}, which the last layer's bias was lowered by.")
    return _lowered(finish(card, state, notes, str(folder)), decision.begins, config, decision.where)


def read_network(config: Config) -> tuple[CardNetwork, int, int]:
    """(network, input channels, output channels) of `network_def`, else `network`, when it is one that may be named."""
    from TransferSegLib.sources.monai_networks import check_names, check_target, from_monai

    for key in ("network_def", "network", "net"):
        definition = config.raw(key)
        if definition is None:
            continue
        if not isinstance(definition, dict) or "_target_" not in definition:
            config.value(key)
            raise InputError(f"{config.where((key,))}: is not a network's definition; it cannot be imported.")
        for special in ("_requires_", "_disabled_", "_mode_"):
            if special in definition:
                raise InputError(
                    f"{config.where((key, special))}: would have something else executed or left out; it cannot be imported."
                )
        target = str(config.value(key, "_target_"))
        given = [name for name in definition if name[:1] != "_"]
        with config.at((key, "_target_")):
            check_target(target, "")
            # Before any is resolved: a file may give as many as fit into it.
            check_names(target, given, "")
        skipped = []
        try:
            config.value(key, "spatial_dims", default=None)
        except InputError:
            # Computed, in some bundles of the zoo; the weights of a network for slices would not fit anyway.
            skipped = ["spatial_dims"]
        arguments = {name: config.value(key, name) for name in given if name not in skipped}
        for name, value in arguments.items():
            if name not in ("in_channels", "out_channels"):  # which from_monai holds to bounds of their own
                with config.at((key, name)):
                    check_arguments({name: value}, "", "bundle")
        with config.at((key, "_target_")):
            return from_monai(target, arguments, "")
    raise InputError(f"{config.path}: has no `network_def`; name another configuration with --config.")


def with_background(network: CardNetwork, in_channels: int, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights of one sigmoid output as those of two classes: softmax of (0, x) is the sigmoid of x.

    Zeros go wherever the background computes or is read, so that its score stays 0 through layers between classes.
    """
    import torch

    from TransferSegLib.sources.mapping import variable_axes
    from TransferSegLib.sources.weights import align_names

    axes = variable_axes(network.name, network.arguments, "classes")
    from TransferSegLib.networks import build

    with torch.device("meta"):
        names = build(network.name, in_channels, 1, network.arguments).state_dict()
    widened = dict(align_names(state, names))
    for name, along in axes.items():
        for axis in along if name in widened else ():
            tensor = widened[name]
            fill = 1.0 if name.endswith("running_var") else 0.0
            widened[name] = torch.cat([torch.full_like(tensor.narrow(axis, 0, 1), fill), tensor], dim=axis)
    return widened


def _lowered(imported: Imported, score: float, config: Config, keys: Keys) -> Imported:
    """The model with `score` taken off its label's, so that the label begins at 0, where it is the background's equal.

    The bias that does this, and nothing else, is found by trying; `InputError` where there is none.
    """
    import torch

    from TransferSegLib.networks import build
    from TransferSegLib.networks.staged import whole_patch
    from TransferSegLib.sources.mapping import MappedTensor, variable_axes

    card = imported.card
    network = build(card.network.name, len(card.channels), 2, card.network.arguments).eval()
    generator = torch.Generator().manual_seed(0)
    image = torch.randn(1, len(card.channels), *whole_patch((1, 1, 1), network.divisor), generator=generator)
    wanted = torch.tensor([0.0, -score]).reshape(1, 2, 1, 1, 1)

    def scores(state: Mapping[str, Tensor]) -> Tensor:
        network.load_state_dict(state)
        with torch.inference_mode():
            return network(image)

    axes = variable_axes(card.network.name, card.network.arguments, "classes")
    before = scores(imported.state)
    near = 1e-5 * max(1.0, abs(score), float(before.abs().max()))
    for name in reversed([name for name, along in axes.items() if name.endswith("bias") and along == (0,)]):
        state = {**imported.state, name: imported.state[name] + torch.tensor([0.0, -score])}
        if torch.allclose(scores(state) - before, wanted, rtol=0, atol=near):
            entries = [
                MappedTensor(name, "adapted", f"{entry.how}; lowered by {score:.4g}".lstrip("; "))
                if entry.name == name
                else entry
                for entry in imported.report.entries
            ]
            return replace(imported, state=state, report=replace(imported.report, entries=tuple(entries)))
    raise InputError(
        f"{config.where(keys)}: the label begins at a score of {score:.4g} before any sigmoid, not 0, and the network's last "
        "layer has no bias of its own that would keep it so; it cannot be imported."
    )


def _preparation(config: Config, key: str, channels: int, options: ImportOptions, notes: list[str]) -> Preparation:
    """What the bundle's preprocessing says of an image, as a card does."""
    spacing: tuple[float, float, float] | None = None
    intensities = Intensities("none")
    oriented = False
    crops: list[bool] = []
    for step in _steps_of_image(config, key, channels, notes):
        keys, kind = step.keys, step.kind
        if kind == "CropForeground":
            crops.append(intensities == Intensities("none") and _keeps_non_zero(config, step))
        elif kind in SIZE_ALONE:
            notes.append(f"Its {kind} is left out: windows cover the whole image here.")
        elif kind == "Orientation":
            oriented = True
            axes = config.value(*keys, "axcodes", default=None)
            if axes != "RAS":
                raise InputError(
                    f"{config.where((*keys, 'axcodes'))}: the model wants its axes as {axes!r}, and only RAS "
                    "(right, anterior, superior) is supported; it cannot be imported."
                )
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
    # Where intensities depend on how much of an empty surround is there, a crop has to stay.
    by_extent = intensities.normalisation in ("z-score", "percentile") or (
        intensities.normalisation != "z-score-nonzero"
        and (intensities.extremes is not None or intensities.clip_percentiles is not None)
    )
    cropped = by_extent and bool(crops) and all(crops)
    if cropped and spacing is not None:
        notes.append("Its CropForeground, and what follows of the intensities, come before resampling here.")
    elif crops and not cropped:
        taken = ", and intensities are taken of all of it" if by_extent else ""
        notes.append(f"Its CropForeground is left out: windows cover the whole image here{taken}.")
    return Preparation(
        spacing,
        intensities.normalisation,
        intensities.window_hu,
        intensities.mean,
        intensities.sd,
        intensities.extremes,
        clip_percentiles=intensities.clip_percentiles,
        crop="non-zero" if cropped else "none",
    )


def _keeps_non_zero(config: Config, step: _Step) -> bool:
    """Whether a `CropForeground` keeps the box of what is not 0; above 0, its default, is that where nothing is negative."""
    keys = step.keys
    chosen = str(config.raw(*keys, "select_fn", default="$lambda x: x > 0"))
    exact = not any(config.raw(*keys, name) for name in ("margin", "channel_indices"))
    # By one of several images that become channels, it would be another box than that of all.
    images = set(step.items) - {LABEL}
    exact &= not images or images == {config.value(*keys, "source_key", default=None)}
    return exact and re.fullmatch(r"\$\s*lambda (\w+): \1 (!=|>) 0", chosen) is not None


def _intensities(config: Config, keys: Keys, kind: str, before: Intensities, channels: int) -> Intensities:
    """`before`, followed by one more transform; `InputError` where a card has no words for the two together."""

    def get(name: str, default: Any) -> Any:
        return config.value(*keys, name, default=default)

    start = before == Intensities("none")
    together = channels > 1 and not _true(get("channel_wise", False))
    if kind == "ScaleIntensityRange" and start:
        low, high = _number(config, (*keys, "a_min")), _number(config, (*keys, "a_max"))
        to_low, to_high = (_number_or(config, (*keys, name), None) for name in ("b_min", "b_max"))
        if to_low is None or to_high is None:
            to_low, to_high = 0.0, 1.0
        if low < high and to_low < to_high:
            window = (low, high) if _true(get("clip", False)) else (-NO_BOUND, NO_BOUND)
            if (to_low, to_high) == (0, 1) and window == (low, high):
                return Intensities("ct", window)
            sd = (high - low) / (to_high - to_low)
            return Intensities("ct", window, low - to_low * sd, sd)
    elif kind == "ScaleIntensityRangePercentiles" and start and not together:
        wanted = {"lower": 0.5, "upper": 99.5, "b_min": 0, "b_max": 1, "clip": True}
        if all(get(name, None) == value for name, value in wanted.items()) and not _true(get("relative", False)):
            return Intensities("percentile")
    elif kind == "ClipIntensityPercentiles" and start and not together and get("sharpness_factor", None) is None:
        return Intensities(
            "none", clip_percentiles=(_number(config, (*keys, "lower")), _number(config, (*keys, "upper")))
        )
    elif kind == "ScaleIntensity" and not together and before.extremes is None and get("factor", None) is None:
        extremes = (_number_or(config, (*keys, "minv"), 0.0) or 0.0, _number_or(config, (*keys, "maxv"), 1.0) or 0.0)
        return replace(before, extremes=extremes)
    elif kind == "NormalizeIntensity":
        subtrahend, divisor = get("subtrahend", None), get("divisor", None)
        nonzero = _true(get("nonzero", False))
        if subtrahend is None and divisor is None and not together:
            # Any linear step before it is undone by it.
            if start or (not nonzero and before.normalisation == "none"):
                return Intensities(
                    "z-score-nonzero" if nonzero else "z-score", clip_percentiles=before.clip_percentiles
                )
        elif (
            start
            and not nonzero
            and not any(value is None or isinstance(value, list) for value in (subtrahend, divisor))
        ):
            mean, by = _number(config, (*keys, "subtrahend")), _number(config, (*keys, "divisor"))
            if by > 0:
                return Intensities("ct", (-NO_BOUND, NO_BOUND), mean, by)
    raise InputError(
        f"{config.where(keys)}: `{kind}d`, as it is used there, has no words in a model card, so images would not be "
        "prepared as the model expects; it cannot be imported."
    )


@dataclass(frozen=True)
class _Step:
    """A transform of the preprocessing. kind: without its `d`; keys: where it stands; items: what it works on, () for a
    transform of the image alone; channels: how many each of these has."""

    kind: str
    keys: Keys
    items: tuple[str, ...]
    channels: int = 1


def _steps_of_image(config: Config, key: str, channels: int, notes: list[str]) -> list[_Step]:
    """What the preprocessing does with the image that it loads and that the network takes under the name `key`.

    That is `key` itself; or the only image that is loaded, where `key` is nowhere mentioned; or images that are all prepared
    alike and put together as `key`, its channels. Raises `InputError` for anything else that could become the image.
    """
    steps = []
    for keys, kind in _listed(config, "preprocessing"):
        target = str(config.value(*keys, "_target_"))
        if not re.fullmatch(r"(monai\.transforms\.(\w+\.)*)?\w+", target):
            raise InputError(
                f"{config.where((*keys, '_target_'))}: `{target[:80]}` is code of the bundle's own, and none of it is run; "
                "it cannot be imported."
            )
        steps.append(_Step(kind, keys, _items(config, keys)))
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
                f"{config.where(join.keys)}: makes the image, `{key[:80]}`, which has {channels} channels, of "
                f"{', '.join(join.items)[:120]}, and that is not how it is loaded; it cannot be imported."
            )
    elif loads and key not in loaded:
        # Of what makes or changes it, the first; else what does not load it.
        other = next((step for step in steps if key in step.items or _makes(config, step, {key})), loads[0])
        if len(loaded) != 1 or other is not loads[0]:
            raise InputError(
                f"{config.where(other.keys)}: {', '.join(sorted(loaded))[:120] or 'no image'} is loaded, and the network "
                f"takes `{key[:80]}`, which `{other.kind}d` does not load; it cannot be imported."
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
                    f"{config.where(step.keys)}: `{step.kind}d` prepares {', '.join(step.items)[:120]} and not "
                    f"{', '.join(sorted(images - set(step.items)))[:120]}, which become channels of one image, and how they "
                    "differ is not followed; it cannot be imported."
                )
            found.append(replace(step, channels=each))
        elif set(step.items) != {LABEL} or _makes(config, step, images | {key}):
            raise InputError(
                f"{config.where(step.keys)}: `{step.kind}d` works on {', '.join(step.items)[:120]}, and what of it reaches "
                f"the network with `{key[:80]}` is not followed; it cannot be imported."
            )
    return found


def _items(config: Config, keys: Keys) -> tuple[str, ...]:
    """The images and labels that a transform works on, by name; () for one that takes the image itself."""
    wanted = config.value(*keys, "keys", default=())
    listed = [wanted] if isinstance(wanted, str) else wanted
    if not isinstance(listed, (list, tuple)) or not all(isinstance(item, str) for item in listed):
        raise InputError(f"{config.where((*keys, 'keys'))}: names no image; correct the bundle.")
    return tuple(listed)


def _makes(config: Config, step: _Step, images: set[str]) -> bool:
    """Whether a transform writes what it makes to one of these, beside those it works on."""
    named = [config.value(*step.keys, name, default=None) for name in ("name", "names")]
    listed = [name for item in named for name in (item if isinstance(item, list) else [item])]
    return any(isinstance(name, str) and name in images for name in listed)


def _listed(config: Config, name: str) -> Iterator[tuple[Keys, str]]:
    """(where, kind without its `d`) of each transform of a `Compose` or a list, through references to either."""
    top: Keys = (name,)
    if config.raw(*top) is None:
        raise InputError(f"{config.path}: has no `{name}`; name another configuration with --config.")
    listed: Any = None
    for part in ((), ("transforms",)):
        listed = config.raw(*top, *part, default=None)
        top = (*top, *part)
        for _ in range(MOST_HOPS):
            if not isinstance(listed, str) or (target := reference(listed)) is None:
                break
            top, listed = target, config.raw(*target)
        if not isinstance(listed, dict):
            break
    if not isinstance(listed, list):
        config.value(*top)
        raise InputError(f"{config.where(top)}: is no list of transforms; it cannot be imported.")
    for n in range(len(listed)):
        keys: Keys = (*top, n)
        target = config.value(*keys, "_target_", default=None)
        if not isinstance(target, str):
            config.value(*keys)
            raise InputError(f"{config.where(keys)}: is no transform; it cannot be imported.")
        if not _true(config.value(*keys, "_disabled_", default=False)):
            yield keys, re.sub("(d|D|Dict)$", "", target.rpartition(".")[2])


def _spacing(config: Config, keys: Keys) -> tuple[float, float, float]:
    try:
        pixdim = config.value(*keys)
    except InputError as error:
        raise InputError(f"{str(error).rstrip('.')}, or give the voxel size as --spacing 1.5,1.5,1.5 does.") from None
    if isinstance(pixdim, (int, float)) and not isinstance(pixdim, bool):
        pixdim = [pixdim] * 3
    if (
        not isinstance(pixdim, list)
        or len(pixdim) != 3
        or not all(isinstance(mm, (int, float)) and 0 < mm < 1000 for mm in pixdim)
    ):
        raise InputError(f"{config.where(keys)}: {pixdim!r} is no voxel size in mm; give it with --spacing.")
    return float(pixdim[0]), float(pixdim[1]), float(pixdim[2])


def _across(config: Config, network: CardNetwork, notes: list[str]) -> str | None:
    """The plane of a 2D network's slices, by MONAI's `SliceInferer`; None for a 3D network."""
    if "plane" not in network.arguments:
        return None
    if "SliceInferer" in str(config.raw("inferer", "_target_")):
        axis = config.value("inferer", "spatial_dim", default=0)
        for plane, across in PLANES.items():
            if axis == across:
                return plane
    notes.append("It does not say which way its slices lie; taken as axial.")
    return "axial"


def _patch_size(
    config: Config, image: tuple[str, Mapping[str, Any]], plane: str | None, notes: list[str]
) -> tuple[int, int, int]:
    """The windows of the bundle's inferer, else the input's shape; of a 2D network, `SLICES` of them."""
    for size in (
        config.raw("inferer", "roi_size") and config.value("inferer", "roi_size"),
        image[1].get("spatial_shape"),
    ):
        if isinstance(size, int) and not isinstance(size, bool):
            size = [size] * (2 if plane else 3)
        if plane and isinstance(size, list) and len(size) == 2:
            size = [*size[: PLANES[plane]], SLICES, *size[PLANES[plane] :]]
        if isinstance(size, list) and len(size) == 3 and all(isinstance(n, int) and 1 <= n <= 1024 for n in size):
            return size[0], size[1], size[2]
    notes.append("It does not say how large its windows are; taken as 96×96×96 voxels.")
    return 96, 96, 96


def _inputs(metadata: Config) -> tuple[str, Mapping[str, Any]]:
    """(key, description) of the one image that the network takes."""
    inputs = metadata.value("network_data_format", "inputs", default=None)
    if not isinstance(inputs, dict) or not inputs:
        raise InputError(
            f"{metadata.path}: has no `network_data_format::inputs`; it is not a model that can be imported."
        )
    images = {name: item for name, item in inputs.items() if isinstance(item, dict) and item.get("type") == "image"}
    if len(images) != 1:
        raise InputError(
            f"{metadata.where(('network_data_format', 'inputs'))}: the network takes {', '.join(inputs)}; only networks that "
            "take one image can be imported."
        )
    return next(iter(images.items()))


def _channels(image: Mapping[str, Any], count: int, modality: str) -> tuple[str, ...]:
    names = image.get("channel_def")
    names = names if isinstance(names, dict) else {}
    fallback = (modality.upper() or "image") if count == 1 else "channel"
    listed = [str(names.get(str(n), "image")) for n in range(count)]
    return tuple(
        (fallback if count == 1 else f"{fallback} {n + 1}") if name.lower() == "image" else name
        for n, name in enumerate(listed)
    )


def _names(metadata: Config, out_channels: int, notes: list[str]) -> tuple[list[str], bool]:
    """(names of the network's labels, True) without the background, or (of all outputs, False) where none is it."""
    outputs = metadata.value("network_data_format", "outputs", default={})
    found: Any = next(iter(outputs.values()), {}) if isinstance(outputs, dict) else {}
    named = [found.get(key) for key in ("channel_def", "label_def")] if isinstance(found, dict) else []
    names: dict[str, Any] = next((item for item in named if isinstance(item, dict) and item), {})
    if names and len(names) != out_channels and out_channels > 1:
        raise InputError(
            f"{metadata.where(('network_data_format', 'outputs'))}: names {len(names)} outputs, and the network has "
            f"{out_channels}; correct the bundle."
        )
    if out_channels == 1:
        listed = [str(name) for name in names.values()]
        if not listed:
            notes.append("It does not name its label.")
        return [listed[-1] if listed else "label"], True
    if any(str(n) not in names for n in range(1, out_channels)):
        notes.append("It does not name all of its labels; `label 1`, `label 2`, … stand for their names.")
    listed = [str(names.get(str(n), f"label {n}" if n else "background")) for n in range(out_channels)]
    return (listed[1:], True) if listed[0].lower() in ("background", "bg", "everything else") else (listed, False)


@dataclass(frozen=True)
class _Decision:
    """How outputs become labels. values: what each is in segmentations, in their order, the background's 0 first.

    begins: the score from which on the one output, before any sigmoid, is the label; None: the largest of several is.
    where: what says so.
    """

    values: tuple[int, ...]
    begins: float | None = None
    where: Keys = ()


def _decision(config: Config, outputs: int, names: list[str], notes: list[str]) -> _Decision:
    """What the postprocessing makes of the outputs.

    Raises `InputError` for several outputs that are decided each by itself, by their names, because regions may overlap
    then, and for one of which nothing says how it becomes a label.
    """
    values = tuple(range(max(outputs, 2)))
    if config.raw("postprocessing") is None:
        if outputs == 1:
            raise InputError(
                f"{config.path}: has no `postprocessing`, so nothing says how its one output becomes a label; "
                "name another configuration with --config."
            )
        notes.append("It does not say how its outputs become labels; the largest is taken.")
        return _Decision(values)
    # What the outputs are at that point: scores, their sigmoid or softmax, labels, or labels one by one.
    form: str = "scores"
    begins: float | None = None
    where: Keys = ("postprocessing",)

    def refused(keys: Keys, why: str) -> InputError:
        return InputError(f"{config.where(keys)}: {why}; it cannot be imported.")

    def alone(keys: Keys) -> None:
        if outputs > 1:
            raise refused(
                where if form == "sigmoid" else keys,
                f"the {outputs} outputs ({', '.join(names)[:120]}) are decided each by itself (sigmoid, threshold), so "
                "regions overlap, and only labels of which each voxel has one are supported",
            )

    for keys, kind in _listed(config, "postprocessing"):
        if kind not in ("Activations", "AsDiscrete", "MapLabelValue"):
            if kind not in USUAL_AFTER:
                notes.append(f"What it does with its labels afterwards, {kind}, is left out.")
            continue
        items = _items(config, keys)
        if items and set(items) == {LABEL}:
            continue
        if kind == "MapLabelValue":
            mapped = _mapped(config, keys, values) if form == "labels" else None
            if mapped is None:
                notes.append(
                    f"How it numbers its labels afterwards, {kind}, is left out; they have the outputs' numbers."
                )
            values = mapped or values
            continue
        given = _for_one(config, keys, next((n for n, item in enumerate(items) if item != LABEL), 0))
        if kind == "Activations":
            if given("other") is not None:
                raise refused(keys, "how the outputs become labels is code of the bundle's own, and none of it is run")
            wanted = [name for name in ("sigmoid", "softmax") if _true(given(name))]
            if wanted and (form != "scores" or len(wanted) > 1 or (wanted == ["softmax"] and outputs == 1)):
                raise refused(
                    keys, f"a {wanted[0]} of {outputs} output{'s' * (outputs > 1)}, {form} by then, has no use"
                )
            if wanted:
                form, where = wanted[0], keys
            continue
        if _true(given("argmax")):
            if outputs == 1 or form in ("labels", "one by one"):
                raise refused(keys, "the largest of one output, or of labels, is none")
            form = "labels"
        if form == "labels" and given("to_onehot") is not None and given("to_onehot") is not False:
            form = "one by one"
        threshold = _threshold(config, keys, given)
        if threshold is not None and form in ("labels", "one by one"):
            # Labels that are 0 and 1 stay so.
            if not 0 < threshold <= 1 or (form == "labels" and max(values) > 1):
                raise refused(keys, f"a threshold of {threshold:g} makes other labels of labels")
        elif threshold is not None:
            alone(keys)
            score = threshold
            if form == "sigmoid":
                if not 0 < threshold < 1:
                    raise refused(keys, f"a threshold of {threshold:g} after a sigmoid decides nothing")
                score = math.log(threshold / (1 - threshold))
            form, begins, where = "labels", score, keys
        elif form == "sigmoid" and given("rounding") == "torchrounding":
            alone(keys)
            form, begins, where = "labels", 0.0, keys
    if form == "sigmoid":
        alone(where)
        begins = 0.0
        notes.append("It does not say from which value on its sigmoid is the label; taken as 0.5.")
    if outputs == 1 and begins is None:
        raise refused(where, "does not say how the one output becomes a label (sigmoid, threshold)")
    return _Decision(values, begins, where)


def _for_one(config: Config, keys: Keys, number: int) -> Callable[[str], Any]:
    """The arguments of a transform for the item at `number`: those of several take a list, a value each."""

    def given(name: str) -> Any:
        value = config.value(*keys, name, default=None)
        return value[min(number, len(value) - 1)] if isinstance(value, list) and value else value

    return given


def _threshold(config: Config, keys: Keys, given: Callable[[str], Any]) -> float | None:
    """The value from which on a voxel is 1; older bundles say whether (`threshold_values`), and which (`logit_thresh`)."""
    for name in ("threshold", "threshold_values"):
        value = given(name)
        if value is None or value is False or str(value).lower() == "false":
            continue
        if _true(value):
            name, value = "logit_thresh", given("logit_thresh")
            value = 0.5 if value is None else value
        return _as_number(config, (*keys, name), value)
    return None


def _mapped(config: Config, keys: Keys, values: tuple[int, ...]) -> tuple[int, ...] | None:
    """The labels' values after `MapLabelValue`, or None where they are no literals, or none that a card can have."""
    try:
        listed = [config.value(*keys, name, default=None) for name in ("orig_labels", "target_labels")]
    except InputError:
        return None
    if not all(isinstance(item, list) for item in listed) or len(listed[0]) != len(listed[1]):
        return None
    if not all(type(value) in (int, float) and value == int(value) for item in listed for value in item):
        return None
    target = {int(one): int(other) for one, other in zip(*listed, strict=True)}
    mapped = tuple(target.get(value, value) for value in values)
    fits = mapped[0] == 0 and len(set(mapped)) == len(mapped) and all(0 < value <= MOST_VALUE for value in mapped[1:])
    return mapped if fits else None


def _config_name(folder: Path) -> str:
    for name in CONFIGS:
        if (folder / "configs" / name).exists():
            return name
    raise InputError(f"{folder / 'configs'}: none of {', '.join(CONFIGS)} is there; name one with --config.")


def _weights(folder: Path, options: ImportOptions) -> Path:
    if options.weights:
        return inside(folder, options.weights)
    models = folder / "models"
    found = sorted(p.name for p in models.iterdir() if p.suffix in WEIGHTS_SUFFIXES) if models.is_dir() else []
    preferred = [name for name in ("model.safetensors", "model.pt") if name in found]
    if not preferred and len(found) != 1:
        listed = f"holds {', '.join(found)}; choose one with --weights" if found else "holds no weights; fetch it again"
        raise InputError(f"{models}: {listed} (TorchScript, `.ts`, is a program and is not read).")
    return inside(folder, Path("models") / (preferred or found)[0])


def _licence(folder: Path) -> tuple[str, bool | None]:
    """(the licence by its name, whether commercial use is allowed) as far as the bundle's texts say."""
    text = ""
    for path in sorted([*folder.iterdir(), *folder.glob("docs/*")]):
        named = re.search("licen[cs]e|copying", path.name, re.IGNORECASE)
        if named and path.is_file() and path.resolve().is_relative_to(folder.resolve()):
            with path.open(encoding="utf-8", errors="replace") as file:
                text += file.read(10**6) + "\n"
    if text.strip() and len(text) < 200 and len(text.split("\n")) < 4:
        return text.strip(), commercial_use(text)
    if commercial_use(text) is False:
        return "non-commercial (see the bundle's licence)", False
    for pattern, name in ((r"Apache License", "Apache-2.0"), (r"MIT License", "MIT"), (r"BSD", "BSD")):
        if re.search(pattern, text):
            more = "; of the training data: see its docs" if (folder / "docs" / "data_license.txt").exists() else ""
            return name + more, None if more else True
    return ("see the bundle's licence" if text else "not stated"), None


def _text(metadata: Config, key: str) -> str:
    return str(metadata.value(key, default="") or "")


def _number(config: Config, keys: Keys) -> float:
    return _as_number(config, keys, config.value(*keys))


def _as_number(config: Config, keys: Keys, value: Any) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        raise InputError(f"{config.where(keys)}: {str(value)[:40]!r} is not a number; correct the bundle.")
    return float(value)


def _number_or(config: Config, keys: Keys, default: float | None) -> float | None:
    """The number at `keys`, the default where there is none, or null."""
    return default if config.value(*keys, default=None) is None else _number(config, keys)


def _true(value: Any) -> bool:
    # Some bundles of the zoo write their booleans as text.
    return value is True or (isinstance(value, str) and value.lower() == "true")
