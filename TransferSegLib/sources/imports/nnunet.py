"""Imports trained models of nnU-Net v2 (Isensee 2021); TotalSegmentator's weights are such models.

nnU-Net orders axes as its arrays are stored, (z, y, x), and may reorder them once more (`transpose_forward`). Kernels,
strides, spacing and patch are brought to (I, J, K) here. So the network computes the same on the same volume. What nnU-Net
does around the network is read by `nnunet_inference`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from TransferSegLib.cases.readers.parts import label_regions, modality_of
from TransferSegLib.core.card import CARD_FORMAT, CardLabel, ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.inference_settings import InferenceSettings
from TransferSegLib.core.preprocessing import Intensities, Preprocessing
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import read_json
from TransferSegLib.core.regions import Region
from TransferSegLib.core.texts import as_name
from TransferSegLib.networks.axes import OURS, Axes
from TransferSegLib.networks.sliced import across_slices
from TransferSegLib.sources.imports.importer import KEEPS_VOXEL_SIZE, Imported, Importer, ImportOptions, finish, inside
from TransferSegLib.sources.imports.nnunet_cascade import (
    as_second_stage,
    first_stage_folder,
    options_of_first_stage,
    refuse_third_stage,
    weights_of,
)
from TransferSegLib.sources.imports.nnunet_folder import (
    DATASET,
    PLANS,
    checkpoints_in,
    configuration_of,
    explain_incomplete,
    find_checkpoints,
    folds_in,
    init_args,
    is_nnunet,
    options_of_part,
    trained_configuration,
)
from TransferSegLib.sources.imports.nnunet_inference import (
    FILE_ORDER,
    NO_RESAMPLING,
    RESAMPLING,
    as_nnunet_of,
    note_on_orientation,
    orientation_of,
)
from TransferSegLib.sources.imports.nnunet_network import (
    SLICES,
    NetworkAxes,
    network_axes,
    our_weights,
    read_network,
    without_dropout,
)
from TransferSegLib.sources.imports.nnunet_training import check_plans, compare_names, is_same_data_set
from TransferSegLib.sources.kinds import NNUNET
from TransferSegLib.sources.untrusted.weights import load_checkpoint

if TYPE_CHECKING:
    pass

NOTE_ON_SLICES = Problem(
    "nnunet-of-slices",
    "It is a network of slices (2D), which takes volumes slice by slice and leaves the distance of slices as it is.",
    severity="note",
)
PREPROCESSOR = "DefaultPreprocessor"
CITATION = "Isensee et al., nnU-Net, Nature Methods 18 (2021), https://doi.org/10.1038/s41592-020-01008-z"


def import_nnunet(folder: Path, options: ImportOptions, is_first_stage: bool = False) -> Imported:
    """Import a trained nnU-Net model from its folder; with the second stage of a cascade, the first as well.

    Args:
        folder: The folder with `plans.json` and `dataset.json`.
        options: What the person chose for the import.
        is_first_stage: Whether it is read as the first stage of a cascade, which may have none itself.

    Returns:
        The card, the network with every weight in its place, and notes on what the card cannot say.

    Raises:
        InputError: The model cannot be read, its files are of different trainings, or it is the second stage of a cascade and
            the first is not beside it.
    """
    plans, dataset = _object(folder, PLANS), _object(folder, DATASET)
    checkpoint, *others = find_checkpoints(folder, options)
    state, content = load_checkpoint(checkpoint)
    name, configuration = _configuration(folder, plans, content, options)
    axes = network_axes(plans, configuration, folder / PLANS)
    channels = _channels(dataset, folder)
    network = read_network(configuration, axes, f"{folder / PLANS}, `{name}`")
    labels, regions = _labels(dataset, folder)
    renamed = _check_training(plans, configuration, name, dataset, channels, labels, content, folder)
    orientation = orientation_of(plans, options.orientation)
    turned = Axes(OURS if orientation == FILE_ORDER else orientation)
    if turned.name != OURS:
        network = replace(network, arguments={**network.arguments, "axes": turned.name})
    preprocessing = _read_preprocessing(plans, configuration, axes, len(channels), folder / PLANS)
    if preprocessing.spacing_mm is not None:
        preprocessing = replace(preprocessing, spacing_mm=turned.sizes_from_network(preprocessing.spacing_mm))
    if orientation == FILE_ORDER and axes.plane is not None:
        preprocessing = replace(preprocessing, slices_last=across_slices(axes.plane) == 2)
    as_nnunet = as_nnunet_of(configuration, content.get("inference_allowed_mirroring_axes"), axes, orientation)
    i, j, k = map(
        int, axes.in_our_order(_numbers(configuration, "patch_size", axes.dimensions, folder / PLANS), SLICES)
    )
    title = str(dataset.get("name") or plans.get("dataset_name") or folder.name)
    card = ModelCard(
        format=CARD_FORMAT,
        name=as_name(f"{title}-{name}", "nnunet"),
        title=f"{title} (nnU-Net {name})",
        description=str(dataset.get("description") or ""),
        modality=modality_of(channels) or "unknown",
        body_part="",
        labels=labels,
        regions=regions,
        channels=channels,
        network=network,
        preprocessing=preprocessing,
        patch_size=turned.sizes_from_network((i, j, k)),
        inference=InferenceSettings(as_nnunet=as_nnunet),
        trained_on=str(dataset.get("reference") or title),
        licence=str(dataset.get("licence") or dataset.get("license") or "not stated"),
        citation=CITATION,
        training_cases=_count(dataset.get("numTraining")),
        made_by={
            "imported": "nnU-Net v2",
            "trainer": str(content.get("trainer_name", ""))[:80],
            "fold": checkpoint.parent.name,
            "orientation": orientation,
        },
    )
    first = None
    if previous := configuration.get("previous_stage"):
        refuse_third_stage(folder, name, is_first_stage)
        of_first = first_stage_folder(folder, str(previous), options)
        first = import_nnunet(of_first, options_of_first_stage(options), is_first_stage=True)
        card = as_second_stage(card, first, configuration, folder)
    notes = [
        *renamed,
        note_on_orientation(plans, orientation, options.orientation is not None),
        *([] if axes.plane is None else [NOTE_ON_SLICES]),
        *([_note_on_cascade(first)] if first else []),
        *([] if preprocessing.spacing_mm else [KEEPS_VOXEL_SIZE]),
        Problem(
            "nnunet-runs-as-nnunet",
            "`segment` prepares images and runs it as nnU-Net does{cascade:?|; jobs do it as with all models}.",
            {"cascade": first is not None},
            "note",
        )
        if as_nnunet
        else Problem(
            "nnunet-resampling-not-known",
            "Its plans resample in a way that is not known here, so `segment` does not run it as nnU-Net does.",
            severity="note",
        ),
    ]
    if folder.name.count("__") >= 2 and not folder.name.endswith(f"__{name}"):
        notes.append(
            Problem(
                "nnunet-folder-named-otherwise",
                "Its folder's name says otherwise, and its checkpoint was trained with `{name}`, which was taken.",
                {"name": name},
                "note",
            )
        )
    if not others and len(folds := folds_in(folder)) > 1:
        notes.append(
            Problem(
                "nnunet-one-of-its-folds",
                "This is one of its {count} networks ({fold}); nnU-Net averages them all.",
                {"count": len(folds), "fold": checkpoint.parent.name},
                "note",
            )
        )
    if without_dropout(state).keys() != state.keys():
        notes.append(
            Problem("nnunet-dropout-left-out", "Its dropout, which does nothing in use, is left out.", severity="note")
        )
    members: dict[str, Mapping[str, Any]] = {}
    for other in others:
        member, said = load_checkpoint(other)
        if trained_configuration(said, folder) != trained_configuration(content, folder):
            raise InputError(
                "nnunet-folds-differ",
                "{path}: was trained with another configuration than {first}, so the two are no folds of one model; choose "
                "one with {option}.",
                path=other,
                first=checkpoint.parent.name,
                option="--fold",
            )
        _check_training(plans, configuration, name, dataset, channels, labels, said, folder)
        members[other.parent.name.replace("_", "")] = our_weights(member, axes, network, card.inputs, regions)
    if others:
        notes.append(
            Problem(
                "nnunet-folds-averaged",
                "Its {count} networks, one a fold, are averaged; a job begins from {fold}.",
                {"count": 1 + len(others), "fold": checkpoint.parent.name},
                "note",
            )
        )
    imported = finish(card, our_weights(state, axes, network, card.inputs, regions), notes, str(folder), members)
    return replace(imported, first_stage=weights_of(first) if first else None)


def _note_on_cascade(first: Imported) -> Problem:
    return Problem(
        "nnunet-cascade",
        "It is a cascade: {first} comes first, and what that finds is shown to it beside the images. "
        "`segment` runs both; no job begins from it.",
        {"first": first.card.title},
        "note",
    )


def _read_preprocessing(
    plans: Mapping[str, Any], configuration: Mapping[str, Any], axes: NetworkAxes, channels: int, path: Path
) -> Preprocessing:
    # nnU-Net leaves the distance of slices as it is.
    sides: list[float | None] = [float(mm) for mm in _numbers(configuration, "spacing", axes.dimensions, path)]
    spacing = axes.in_our_order(sides, None)
    schemes, masks = configuration.get("normalization_schemes"), configuration.get("use_mask_for_norm")
    if (
        not isinstance(schemes, list)
        or len(schemes) != channels
        or not isinstance(masks, list)
        or len(masks) != channels
    ):
        raise InputError(
            "nnunet-normalisation-missing",
            "{path}: does not say how {channels:~the channel|each of the {channels} channels} is normalised; the model is "
            "not complete.",
            path=path,
            channels=channels,
        )
    known = plans.get(
        "foreground_intensity_properties_per_channel", plans.get("foreground_intensity_properties_by_modality")
    )
    listed = tuple(
        _intensities(
            str(scheme), bool(mask), known.get(str(n), {}) if isinstance(known, dict) else {}, f"{path}, channel {n}"
        )
        for n, (scheme, mask) in enumerate(zip(schemes, masks, strict=True))
    )
    first = listed[0]
    return Preprocessing(
        spacing if _resamples(configuration, path) else None,
        first.normalisation,
        first.window_hu,
        first.mean,
        first.sd,
        first.extremes,
        listed if len(set(listed)) > 1 else (),
        crop="non-zero",
    )


def _resamples(configuration: Mapping[str, Any], path: Path) -> bool:
    """Whether images are brought to the plans' spacing.

    How labels were resampled (`resampling_fn_seg`) changes nothing once the network is trained.

    Raises:
        InputError: Code that is not nnU-Net's own prepares images or brings the outputs back.
    """
    functions = (*RESAMPLING, *NO_RESAMPLING)
    known = {
        "preprocessor_name": (PREPROCESSOR,),
        "resampling_fn_data": functions,
        "resampling_fn_probabilities": functions,
    }
    for name, ours in known.items():
        if (value := configuration.get(name, ours[0])) not in ours:
            raise InputError(
                "nnunet-other-preprocessing",
                "{path}: `{name}` is {value}, which is not nnU-Net's own, so images would not be prepared as "
                "the model expects; if it does the same as `{known}`, write that there, and import it again.",
                path=path,
                name=name,
                value=repr(str(value)[:80]),
                known=ours[0],
            )
    return configuration.get("resampling_fn_data") not in NO_RESAMPLING


def _intensities(scheme: str, mask: bool, facts: Any, where: str) -> Intensities:
    if scheme == "ZScoreNormalization":
        return Intensities("z-score-nonzero" if mask else "z-score")
    if scheme == "CTNormalization":
        names = ("percentile_00_5", "percentile_99_5", "mean", "std")
        values: list[Any] = [facts.get(name) if isinstance(facts, dict) else None for name in names]
        if not all(isinstance(value, (int, float)) and math.isfinite(value) for value in values):
            raise InputError(
                "nnunet-intensities-missing",
                "{where}: the intensities of the training images are missing; the model is not complete.",
                where=where,
            )
        low, high, mean, sd = (float(value) for value in values)
        return Intensities("ct", (low, high), mean, sd)
    if scheme == "NoNormalization":
        return Intensities("none")
    if scheme == "RGBTo01Normalization":
        return Intensities("ct", (0.0, 255.0))
    if scheme == "RescaleTo01Normalization":
        return Intensities("none", extremes=(0.0, 1.0))
    raise InputError(
        "nnunet-normalisation-not-known",
        "{where}: normalisation `{scheme}` is not known; the model cannot be imported.",
        where=where,
        scheme=scheme[:80],
    )


def _labels(dataset: Mapping[str, Any], folder: Path) -> tuple[tuple[CardLabel, ...], tuple[Region, ...]]:
    labels = dataset.get("labels")
    if not isinstance(labels, dict):
        raise InputError(
            "nnunet-no-labels", "{path}: lists no labels; the model is not complete.", path=folder / DATASET
        )
    # As nnU-Net's own LabelManager has it: lists of one are labels, and an order of regions without regions is left over.
    labels = {
        name: value[0] if isinstance(value, list) and len(value) == 1 else value for name, value in labels.items()
    }
    # Its outputs are in the order in which they are painted.
    found = label_regions(labels, str(folder / DATASET), dataset.get("regions_class_order"))
    if found and not isinstance(dataset.get("regions_class_order"), list):
        raise InputError(
            "nnunet-regions-without-order",
            "{path}: was trained on regions and has no `regions_class_order`, which says how they are painted; the model is "
            "not complete.",
            path=folder / DATASET,
        )
    if found:
        listed = tuple(CardLabel(region.number, name) for name, region in found.items())
        return listed, tuple(found.values())
    if all(re.fullmatch(r"\d{1,9}", name) and isinstance(value, str) for name, value in labels.items()):
        # The way round of the first version of nnU-Net and of the Medical Segmentation Decathlon.
        labels = {name: int(value) for value, name in labels.items()}
    named = {value: str(name) for name, value in labels.items() if isinstance(value, int) and name != "ignore"}
    if sorted(named) != list(range(len(named))) or len(named) < 2:
        raise InputError(
            "nnunet-label-values",
            "{path}: the labels' values are not 0, 1, 2, …; the model is not complete.",
            path=folder / DATASET,
        )
    return tuple(CardLabel(value, named[value]) for value in range(1, len(named))), ()


def _channels(dataset: Mapping[str, Any], folder: Path) -> tuple[str, ...]:
    names = dataset.get("channel_names", dataset.get("modality"))
    if not isinstance(names, dict) or sorted(names) != sorted(str(n) for n in range(len(names))) or not names:
        raise InputError(
            "nnunet-no-channels", "{path}: lists no channels; the model is not complete.", path=folder / DATASET
        )
    return tuple(str(names[str(n)]) for n in range(len(names)))


def _configuration(
    folder: Path, plans: Mapping[str, Any], content: Mapping[str, Any], options: ImportOptions
) -> tuple[str, dict[str, Any]]:
    """Find the configuration that was trained: its name, and its settings with what they inherit filled in."""
    listed = plans.get("configurations")
    if not isinstance(listed, dict):
        raise InputError(
            "nnunet-no-configurations",
            "{path}: lists no configurations; is it a nnU-Net v2 model?",
            path=folder / PLANS,
        )
    trained = trained_configuration(content, folder)
    name = options.configuration or trained or folder.name.rpartition("__")[2]
    if name not in listed:
        raise InputError(
            "nnunet-no-such-configuration",
            "{path}: has no configuration `{name}`; choose one of {known}.",
            path=folder / PLANS,
            name=name[:80],
            known=list(listed),
        )
    if trained and name != trained:
        raise InputError(
            "nnunet-other-configuration",
            "{path}: was trained with the configuration `{trained}`, not `{name}`, so its weights are not those of `{name}`; "
            "choose the folder of `{name}`, or leave out {option}.",
            path=folder,
            trained=trained[:80],
            name=name[:80],
            option="--configuration",
        )
    return name, _settings(listed, name, folder / PLANS)


def _settings(listed: Mapping[str, Any], name: str, path: Path) -> dict[str, Any]:
    """The settings of a configuration, with what it inherits from others.

    Args:
        listed: All configurations of the plans, untrusted.
        name: One of them.
        path: `plans.json`, for errors.

    Raises:
        InputError: They inherit in a circle.
    """
    settings: dict[str, Any] = {}
    parent, visited = name, set[str]()
    while isinstance(parent, str) and isinstance(listed.get(parent), dict):
        if parent in visited:
            raise InputError(
                "nnunet-circle",
                "{path}: `inherits_from` goes in a circle, from `{name}` back to `{parent}`; fetch it again.",
                path=path,
                name=name[:80],
                parent=parent[:80],
            )
        for key, value in listed[parent].items():
            settings.setdefault(key, value)
        visited.add(parent)
        parent = listed[parent].get("inherits_from")
    return settings


def _check_training(
    plans: Mapping[str, Any],
    configuration: Mapping[str, Any],
    name: str,
    dataset: Mapping[str, Any],
    channels: Sequence[str],
    labels: Sequence[CardLabel],
    content: Mapping[str, Any],
    folder: Path,
) -> list[Problem]:
    """Check that plans and data set are those of the checkpoint's training, as far as the checkpoint has them.

    Returns:
        Notes on what was renamed since.

    Raises:
        InputError: They are of another training.
    """
    trained_plans, trained_on = (init_args(content).get(key) for key in ("plans", "dataset_json"))
    if isinstance(trained_plans, dict):
        listed = trained_plans.get("configurations")
        try:
            settings = _settings(listed, name, folder / PLANS) if isinstance(listed, dict) else {}
        except InputError:
            settings = {}
        check_plans(plans, configuration, trained_plans, settings, folder / PLANS)
    if not isinstance(trained_on, dict):
        return []
    try:
        trained_labels = [label.name for label in _labels(trained_on, folder)[0]]
        trained_channels = _channels(trained_on, folder)
    except InputError:
        return []
    same = is_same_data_set(dataset, trained_on)
    notes = (
        compare_names("labels", [label.name for label in labels], trained_labels, same, folder / DATASET),
        compare_names("channels", channels, trained_channels, same, folder / DATASET),
    )
    return [note for note in notes if note]


def _object(folder: Path, name: str) -> Mapping[str, Any]:
    data = read_json(inside(folder, name))
    if not isinstance(data, dict):
        raise InputError(
            "nnunet-no-object", "{path}: is no object with names; is it a nnU-Net v2 model?", path=folder / name
        )
    return data


def _numbers(configuration: Mapping[str, Any], name: str, count: int, path: Path) -> list[float]:
    values = configuration.get(name)
    usable = isinstance(values, list) and len(values) == count
    if not usable or not all(isinstance(n, (int, float)) and 0 < n < 10_000 for n in values or ()):
        raise InputError(
            "nnunet-numbers",
            "{path}: `{name}` is {values}, not {count} positive numbers; the model is not complete.",
            path=path,
            name=name,
            values=str(values)[:60],
            count=count,
        )
    return list(values or ())


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value >= 0 else 0


IMPORTER = Importer(
    f"{NNUNET.title} with {PLANS} and {DATASET}",
    is_nnunet,
    import_nnunet,
    explain_incomplete,
    configuration_of,
    lambda folder: bool(checkpoints_in(folder)),
    options_of_part,
)
