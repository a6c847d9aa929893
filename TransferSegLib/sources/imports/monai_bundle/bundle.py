"""Imports MONAI bundles, which are read as data and never run.

A bundle's configuration is a program for MONAI's parser. What a card needs of it (the network, the preprocessing, the labels)
is almost always written as literals, and that is all that is read here; the weights go through the restricted unpickler.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from TransferSegLib.core.card import CARD_FORMAT, CardLabel, CardNetwork, ModelCard, check_arguments
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.licences import commercial_use
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.texts import as_name
from TransferSegLib.networks.sliced import PLANES, across_slices
from TransferSegLib.sources.imports.importer import Imported, Importer, ImportOptions, finish, inside
from TransferSegLib.sources.imports.monai_bundle.decision import lowered, read_decision, with_background
from TransferSegLib.sources.imports.monai_bundle.inferer import read_inferer
from TransferSegLib.sources.imports.monai_bundle.own_regions import own_regions
from TransferSegLib.sources.imports.monai_bundle.preprocessing import read_preprocessing
from TransferSegLib.sources.kinds import MONAI_BUNDLE
from TransferSegLib.sources.untrusted.configs import Config
from TransferSegLib.sources.untrusted.weights import load_weights

if TYPE_CHECKING:
    from torch import Tensor

# Where a bundle of ours has the digests of the images that its model was trained on.
SEEN = "seen_images"
_DIGEST = re.compile("[0-9a-f]{32}")
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
# The lists of what is not in a clone of MONAI's model zoo, but at an address.
LARGE_FILES = ("large_files.yml", "large_files.yaml", "large_file.yml", "large_files.json")
# Slices in a patch of a 2D network.
SLICES = 3


def _recognises(folder: Path, options: ImportOptions) -> bool:
    return MONAI_BUNDLE.has(folder)


def _incomplete(folder: Path) -> InputError | None:
    if not ((folder / "configs").is_dir() and (folder / "models").is_dir()):
        return None
    return InputError(
        "bundle-without-metadata",
        "{path}: no such file, and without it this is not a MONAI bundle; fetch it again.",
        path=folder / MONAI_BUNDLE.file,
    )


def _options_of_part(folder: Path, part: Path, options: ImportOptions) -> ImportOptions | None:
    if part.suffix in WEIGHTS_SUFFIXES and part.parent == folder / "models":
        return replace(options, weights=f"models/{part.name}")
    return options if part in (folder / "models", folder / "configs") else None


def import_bundle(folder: Path, options: ImportOptions) -> Imported:
    """Import a MONAI bundle from its folder.

    Args:
        folder: The bundle's folder.
        options: What the person chose for the import.

    Returns:
        The card, the network with every weight in its place, and notes on what the card cannot say.

    Raises:
        InputError: The bundle cannot be imported safely. The error names the line and the reason.
    """
    from TransferSegLib.sources.loading import of_slices

    metadata = Config(inside(folder, MONAI_BUNDLE.file))
    config = Config(inside(folder, Path("configs") / (options.config or _config_name(folder))))
    notes: list[Problem] = []
    if config.path.stem != "inference" and not options.config:
        notes.append(
            Problem(
                "bundle-read-from-other-configuration",
                "It has no inference.json; how images are prepared was read from {file}.",
                {"file": config.path.name},
                "note",
            )
        )
    network, in_channels, out_channels = read_network(config)
    image = _inputs(metadata)
    preprocessing, file_order = read_preprocessing(config, image[0], in_channels, options, notes)
    state: Mapping[str, Tensor] = load_weights(_weights(folder, options, notes))
    if of_slices(state):
        network, in_channels, out_channels = read_network(config, slices=True)
    if across := _across(config, network, notes):
        network = replace(network, arguments={**network.arguments, "plane": across})
        # A job, which shows no axes of files, keeps the network on the slices of oblique stacks.
        preprocessing = replace(preprocessing, slices_last=file_order and across_slices(across) == 2)
    patch_size = _patch_size(config, image, across, notes)
    names, background = _names(metadata, out_channels, notes)
    own = own_regions(metadata, out_channels)
    decision = read_decision(config, out_channels, names, notes, own)
    if decision.begins is not None and not (own is not None and own.has_spare_output):
        state = with_background(network, in_channels, state, out_channels)
    elif not background:
        notes.append(
            Problem(
                "bundle-first-output-background",
                "Its first output, `{name}`, is taken as the background.",
                {"name": names[0]},
                "note",
            )
        )
        names = names[1:]
    if preprocessing.resampling == "monai":
        preprocessing = replace(preprocessing, interpolated_back=decision.interpolated_back)
    labels = tuple(CardLabel(value, name) for value, name in zip(decision.values[1:], names, strict=True))
    largest = tuple(labels[output - 1].name for output in decision.largest)
    inference = replace(read_inferer(config, notes), largest_component=largest, file_order=file_order)
    modality = str(image[1].get("modality") or "").lower()
    references = metadata.raw("references") or []
    references = references if isinstance(references, list) else [references]
    licence, commercial = _licence(folder)
    card = ModelCard(
        format=CARD_FORMAT,
        name=as_name(folder.name, "bundle"),
        title=_text(metadata, "name") or folder.name,
        description=_text(metadata, "description"),
        modality=modality or "unknown",
        body_part=_text(metadata, "body_part"),
        labels=labels,
        channels=_channels(image[1], in_channels, modality),
        network=network,
        preprocessing=preprocessing,
        patch_size=patch_size,
        trained_on=_text(metadata, "data_source") or "not stated",
        licence=licence,
        citation="; ".join(map(str, references)) if references else _text(metadata, "authors"),
        commercial_use=commercial,
        regions=decision.regions,
        inference=inference,
        made_by={"imported": "MONAI bundle", "version": _text(metadata, "version"), "seen": _seen(metadata)},
    )
    if not decision.begins:
        return finish(card, state, notes, str(folder))
    notes.append(
        Problem(
            "bundle-bias-lowered",
            "Its label begins at a score of {score:.4g}, which the last layer's bias was lowered by.",
            {"score": decision.begins},
            "note",
        )
    )
    return lowered(finish(card, state, notes, str(folder)), decision.begins, config, decision.where)


def _seen(metadata: Config) -> list[str]:
    """List the digests of the images that a model of ours was trained on, as its bundle has them."""
    listed = metadata.raw(SEEN)
    return [d for d in listed if isinstance(d, str) and _DIGEST.fullmatch(d)] if isinstance(listed, list) else []


def read_network(config: Config, slices: bool = False) -> tuple[CardNetwork, int, int]:
    """Read the network of a bundle: `network_def`, else `network`, else `net`.

    Args:
        config: The bundle's configuration.
        slices: Whether the weights are those of a network for slices; it decides where the number of dimensions would have
            to be computed.

    Returns:
        Our network, its input channels, its output channels.

    Raises:
        InputError: There is no network, or none that can be imported.
    """
    from TransferSegLib.sources.imports.monai_bundle.networks import OWN_TARGET, check_names, check_target, from_monai

    for key in ("network_def", "network", "net"):
        definition = config.raw(key)
        if definition is None:
            continue
        if not isinstance(definition, dict) or "_target_" not in definition:
            config.value(key)
            raise InputError(
                "bundle-no-network",
                "{where}: is not a network's definition; it cannot be imported.",
                where=config.where((key,)),
            )
        for special in ("_requires_", "_disabled_", "_mode_"):
            if special in definition:
                raise InputError(
                    "bundle-network-conditional",
                    "{where}: would have something else executed or left out; it cannot be imported.",
                    where=config.where((key, special)),
                )
        target = str(config.value(key, "_target_"))
        given = [name for name in definition if name[:1] != "_"]
        config.located((key, "_target_"), check_target, target)
        # Before any is resolved: a file may give as many as fit into it.
        config.located((key, "_target_"), check_names, target, given)
        computed = {}
        try:
            dimensions = config.value(key, "spatial_dims", default=3)
        except InputError:
            # In some bundles of the zoo.
            computed = {"spatial_dims": 2 if slices else 3}
        arguments = {name: config.value(key, name) for name in given if name not in computed} | computed
        if slices and not computed and dimensions == 3 and target != OWN_TARGET:
            raise InputError(
                "bundle-of-volumes-with-weights-of-slices",
                "{where}: the network is one for volumes, and the weights are of one for slices (2D); it "
                "cannot be imported.",
                where=config.where((key, "spatial_dims")),
            )
        for name, value in arguments.items():
            if name not in ("in_channels", "out_channels"):  # which from_monai holds to bounds of their own
                config.located((key, name), check_arguments, {name: value}, holder="bundle")
        return config.located((key, "_target_"), from_monai, target, arguments)
    raise InputError(
        "bundle-part-missing",
        "{path}: has no `{name}`; name another configuration with {option}.",
        path=config.path,
        name="network_def",
        option="--config",
    )


def _across(config: Config, network: CardNetwork, notes: list[Problem]) -> str | None:
    """Find the plane of a 2D network's slices, by MONAI's `SliceInferer`; None for a 3D network."""
    if "plane" not in network.arguments:
        return None
    if "SliceInferer" in str(config.raw("inferer", "_target_")):
        axis = config.value("inferer", "spatial_dim", default=0)
        for plane, across in PLANES.items():
            if axis == across:
                return plane
    notes.append(
        Problem("bundle-plane-not-stated", "It does not say which way its slices lie; taken as axial.", severity="note")
    )
    return "axial"


def _patch_size(
    config: Config, image: tuple[str, Mapping[str, Any]], plane: str | None, notes: list[Problem]
) -> tuple[int, int, int]:
    """Find the patch: the windows of the bundle's inferer, else the input's shape; of a 2D network, `SLICES` slices."""
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
    notes.append(
        Problem(
            "bundle-windows-not-stated",
            "It does not say how large its windows are; taken as 96×96×96 voxels.",
            severity="note",
        )
    )
    return 96, 96, 96


def _inputs(metadata: Config) -> tuple[str, Mapping[str, Any]]:
    """Find the one image that the network takes: its name and its description."""
    inputs = metadata.raw("network_data_format", "inputs")
    if not isinstance(inputs, dict) or not inputs:
        raise InputError(
            "bundle-without-inputs",
            "{path}: has no `network_data_format::inputs`; it is not a model that can be imported.",
            path=metadata.path,
        )
    described = {name: item for name, item in inputs.items() if isinstance(item, dict)}
    images = {name: item for name, item in described.items() if item.get("type") == "image"}
    # `type` is often left out, and the only input of a network is its image.
    images = images or {name: item for name, item in described.items() if "type" not in item}
    if len(images) != 1:
        raise InputError(
            "bundle-several-inputs",
            "{where}: the network takes {inputs}; only networks that take one image can be imported.",
            where=metadata.where(("network_data_format", "inputs")),
            inputs=list(inputs),
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


def _names(metadata: Config, out_channels: int, notes: list[Problem]) -> tuple[list[str], bool]:
    """Return the labels' names without the background and True; or all names and False where none is the background."""
    outputs = metadata.raw("network_data_format", "outputs")
    found: Any = next(iter(outputs.values()), {}) if isinstance(outputs, dict) else {}
    named = [found.get(key) for key in ("channel_def", "label_def")] if isinstance(found, dict) else []
    names: dict[str, Any] = next((item for item in named if isinstance(item, dict) and item), {})
    if names and len(names) != out_channels and out_channels > 1:
        raise InputError(
            "bundle-outputs-differ",
            "{where}: names {count} outputs, and the network has {outputs}; correct the bundle.",
            where=metadata.where(("network_data_format", "outputs")),
            count=len(names),
            outputs=out_channels,
        )
    if out_channels == 1:
        listed = [str(name) for name in names.values()]
        if not listed:
            notes.append(Problem("bundle-label-without-name", "It does not name its label.", severity="note"))
        return [listed[-1] if listed else "label"], True
    if any(str(n) not in names for n in range(1, out_channels)):
        notes.append(
            Problem(
                "bundle-labels-without-names",
                "It does not name all of its labels; `label 1`, `label 2`, … stand for their names.",
                severity="note",
            )
        )
    listed = [str(names.get(str(n), f"label {n}" if n else "background")) for n in range(out_channels)]
    return (listed[1:], True) if listed[0].lower() in ("background", "bg", "everything else") else (listed, False)


def _config_name(folder: Path) -> str:
    for name in CONFIGS:
        if (folder / "configs" / name).exists():
            return name
    raise InputError(
        "bundle-without-configuration",
        "{path}: none of {names} is there; name one with {option}.",
        path=folder / "configs",
        names=CONFIGS,
        option="--config",
    )


def _weights(folder: Path, options: ImportOptions, notes: list[Problem]) -> Path:
    """Find the file of weights; a note is added where others are beside it."""
    models = folder / "models"
    if options.weights:
        beside = not (folder / options.weights).exists() and (models / options.weights).exists()
        return inside(folder, Path("models" if beside else "") / options.weights)
    found = _weights_in(folder)
    preferred = [name for name in ("model.safetensors", "model.pt") if name in found]
    if preferred or len(found) == 1:
        taken = (preferred or found)[0]
        if others := [name for name in found if Path(name).stem != Path(taken).stem]:
            notes.append(
                Problem(
                    "bundle-other-weights",
                    "Its folder `models` also holds {others:…}; {taken} was taken.",
                    {"others": others, "taken": taken},
                    "note",
                )
            )
        return inside(folder, Path("models") / taken)
    if found:
        raise InputError(
            "bundle-several-weights",
            "{path}: holds {found}; choose one with {option} (TorchScript, `.ts`, is a program and is not read).",
            path=models,
            found=found,
            option="--weights",
        )
    if published := _published_weights(folder):
        listed_in, name, url = published
        raise InputError(
            "bundle-weights-not-fetched",
            "{path}: is not there, as in a clone of MONAI's model zoo, whose {list} says where the weights are "
            "({url}); download them to that place, and import it again.",
            path=folder / name,
            list=listed_in,
            url=url,
        )
    if listed := next((name for name in LARGE_FILES if (folder / name).is_file()), None):
        raise InputError(
            "bundle-large-files-broken",
            "{path}: holds no weights, and {list}, which should say where they are, is damaged or names none that can be "
            "read; download the weights from the bundle's page into this folder, and import it again.",
            path=models,
            list=listed,
        )
    raise InputError(
        "bundle-no-weights",
        "{path}: holds no weights; fetch it again (TorchScript, `.ts`, is a program and is not read).",
        path=models,
    )


def _weights_in(folder: Path) -> list[str]:
    models = folder / "models"
    return sorted(p.name for p in models.iterdir() if p.suffix in WEIGHTS_SUFFIXES) if models.is_dir() else []


def _published_weights(folder: Path) -> tuple[str, str, str] | None:
    """Find where a bundle's list of large files says that its weights are: the list's name, their place and their address."""
    for listed_in in LARGE_FILES:
        if not (folder / listed_in).is_file():
            continue
        try:
            files = Config(inside(folder, listed_in)).raw("large_files")
        except InputError:
            continue
        for file in files if isinstance(files, list) else ():
            place, url = (str(file.get(key) or "") for key in ("path", "url")) if isinstance(file, dict) else ("", "")
            if Path(place).suffix in WEIGHTS_SUFFIXES:
                return listed_in, place[:120], url[:200] or "no address"
    return None


def _licence(folder: Path) -> tuple[str, bool | None]:
    """Find the licence's name in the bundle's texts, and whether they allow commercial use."""
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
    # As it stands there: metadata are plain JSON, and an `@` in them is one of an address.
    return str(metadata.raw(key) or "").strip()


IMPORTER = Importer(
    f"{MONAI_BUNDLE.title} with {MONAI_BUNDLE.file.as_posix()}",
    _recognises,
    import_bundle,
    _incomplete,
    has_weights=lambda folder: bool(_weights_in(folder)),
    options_of_part=_options_of_part,
)
