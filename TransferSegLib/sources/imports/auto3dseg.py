"""Imports models of MONAI's Auto3DSeg with the network SegResNetDS, as SlicerMONAIAuto3DSeg distributes them.

Such a model is a folder, or a zip archive, with `model.pt`: the weights, and beside them the configuration of the training.
A `labels.csv` in the folder says what its labels are. The card says how SlicerMONAIAuto3DSeg's own script prepares images and
segments them (`MONAIAuto3DSeg/Scripts/auto3dseg_segresnet_inference.py`), so that the same voxels come out.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from TransferSegLib.core.card import CARD_FORMAT, MOST_LABELS, CardLabel, CardNetwork, ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import times
from TransferSegLib.core.inference_settings import InferenceSettings
from TransferSegLib.core.preprocessing import Intensities, Normalisation, Preprocessing
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import read_text
from TransferSegLib.core.regions import Region, read_regions
from TransferSegLib.core.terminology import Code
from TransferSegLib.core.texts import as_name
from TransferSegLib.sources.imports.importer import KEEPS_VOXEL_SIZE, Imported, Importer, ImportOptions, finish, inside
from TransferSegLib.sources.imports.monai_bundle.decision import with_background
from TransferSegLib.sources.imports.monai_bundle.networks import check_names, from_monai
from TransferSegLib.sources.kinds import AUTO3DSEG, AUTO3DSEG_WEIGHTS
from TransferSegLib.sources.untrusted.weights import load_checkpoint, peek

if TYPE_CHECKING:
    from torch import Tensor

# What the script has, whatever the configuration says.
INFERENCE = InferenceSettings(overlap=0.625, padding="zero", float32_on_cpu=True)
MARGIN = 10
TOLERANCE = 0.25
NORMALISATIONS: Mapping[str, Normalisation] = {
    "none": "none",
    "range": "ct-sigmoid",
    "ct": "ct-sigmoid",
    "meanstd": "z-score-nonzero",
    "mri": "z-score-nonzero",
    "meanstdtanh": "z-score-nonzero-tanh",
    "pet": "sigmoid-sd",
}
# The regions of its models of brain tumours (BraTS) where the configuration does not list them, the largest first.
BRATS = {"whole tumor": (1, 2, 3), "tumor core": (1, 3), "enhancing tumor": (3,)}
# The columns of labels.csv that say what a label is, by the card's words.
CODES = {
    "category": "SegmentedPropertyCategoryCodeSequence",
    "type": "SegmentedPropertyTypeCodeSequence",
    "modifier": "SegmentedPropertyTypeModifierCodeSequence",
}
MOST_CSV_BYTES = 2**20


def _weights(path: Path) -> Path:
    return path / AUTO3DSEG_WEIGHTS if path.is_dir() else path


def _recognises(path: Path, options: ImportOptions) -> bool:
    weights = _weights(path)
    if options.card is not None or not weights.is_file():
        return False
    config = peek(weights).get("config")
    return isinstance(config, Mapping) and isinstance(config.get("network"), Mapping)


def import_auto3dseg(path: Path, options: ImportOptions) -> Imported:
    """Import a model of Auto3DSeg.

    Args:
        path: Its folder, or its `model.pt`.
        options: What the person chose; a voxel size counts where the model states none.

    Returns:
        The card, the network with every weight in its place, and notes on what the card cannot say.

    Raises:
        InputError: It is another network, its outputs overlap in a way that nothing explains, or it does not fit together.
    """
    folder = path if path.is_dir() else path.parent
    state: Mapping[str, Tensor]
    state, content = load_checkpoint(inside(folder, _weights(path).name))
    config, where = content["config"], str(path)
    notes: list[Problem] = []
    network, channels, outputs = _network(config, where)
    listed = _labels_csv(folder, notes)
    regions: tuple[Region, ...] = ()
    sigmoid = config.get("sigmoid") is True
    if sigmoid:
        state = with_background(network, channels, state, outputs)
    if sigmoid and outputs > 1:
        labels, regions = _regions(config, outputs, where, notes)
    else:
        labels = _labels(config, outputs + sigmoid, listed, notes)
    modality = (
        "mr" if str(config.get("modality", "")).lower() in ("mri", "mr", "") else str(config["modality"])[:40].lower()
    )
    card = ModelCard(
        format=CARD_FORMAT,
        name=as_name(folder.name, "auto3dseg"),
        title=folder.name,
        description="A model of MONAI's Auto3DSeg.",
        modality=modality,
        body_part="",
        labels=labels,
        channels=_channels(config, channels, modality),
        network=network,
        preprocessing=_preprocessing(config, channels, bool(regions), options, where, notes),
        patch_size=_patch_size(config, where),
        trained_on="not stated",
        licence="not stated",
        citation="Myronenko et al., Auto3DSeg, MONAI; SlicerMONAIAuto3DSeg, https://github.com/lassoan/SlicerMONAIAuto3DSeg",
        inference=INFERENCE,
        regions=regions,
        made_by={"imported": "Auto3DSeg model"},
    )
    return finish(card, state, notes, where)


def _network(config: Mapping[str, Any], where: str) -> tuple[CardNetwork, int, int]:
    """Read the network: ours, its input channels, its outputs."""
    given = dict(config["network"])
    target = str(given.pop("_target_", ""))
    if target.rpartition(".")[2] != "SegResNetDS":
        raise InputError(
            "auto3dseg-other-network",
            "{where}: is a model of Auto3DSeg with the network `{network}`, and only those with SegResNetDS are read; ask "
            "its author for one (`{option}`).",
            where=where,
            network=target[:80],
            option="--algos segresnet",
        )
    kind, *arguments = _listed(given.get("norm", "batch"))
    if str(kind).upper() == "INSTANCE_NVFUSER":  # the same, computed by another library, which needs a GPU
        given["norm"] = ["INSTANCE", *arguments] if arguments else "INSTANCE"
    given = {name: value for name, value in given.items() if name[:1] != "_"}
    check_names("SegResNetDS", given, where)
    return from_monai("SegResNetDS", given, where)


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) and value else [value]


def _preprocessing(
    config: Mapping[str, Any], channels: int, painted: bool, options: ImportOptions, where: str, notes: list[Problem]
) -> Preprocessing:
    if config.get("orientation_ras") is not True:
        notes.append(
            Problem(
                "auto3dseg-not-turned",
                "It does not turn its images before it segments them; taken as right, anterior, superior.",
                severity="note",
            )
        )
    spacing = options.spacing_mm
    if config.get("resample_resolution") is not None:
        spacing = _three(config["resample_resolution"], "resample_resolution", where)
        if options.spacing_mm not in (None, spacing):
            notes.append(
                Problem(
                    "auto3dseg-other-spacing",
                    "It was trained with voxels of {spacing} mm, and not of the size that was given.",
                    {"spacing": times(spacing)},
                    "note",
                )
            )
    if spacing is None:
        notes.append(KEEPS_VOXEL_SIZE)
    elif config.get("resample") is False:
        notes.append(
            Problem(
                "auto3dseg-resampled-nevertheless",
                "It was trained without resampling; images are resampled as by its own program nevertheless.",
                severity="note",
            )
        )
    # Its script finds the box in the first of several images after these were normalised, its training has none.
    cropped = config.get("crop_foreground", True) is not False and (channels == 1 or painted)
    if not cropped and config.get("crop_foreground", True) is not False:
        notes.append(
            Problem(
                "auto3dseg-not-cropped",
                "Images of several channels are not cropped to a foreground, as in its training.",
                severity="note",
            )
        )
    extra = config.get("extra_modalities")
    modes = [config.get("normalize_mode"), *(extra.values() if isinstance(extra, Mapping) else ())]
    each = tuple(_intensities(mode, config.get("intensity_bounds"), where) for mode in modes)
    if len(each) == 1:
        each *= channels
    if len(each) != channels:
        raise InputError(
            "auto3dseg-channels",
            "{where}: the network takes {channels} {channels:~image|images}, and the configuration says how {said} "
            "{said:~is|are} normalised; it cannot be imported.",
            where=where,
            channels=channels,
            said=len(each),
        )
    return Preprocessing(
        spacing,
        each[0].normalisation,
        each[0].window_hu,
        channels=each if len(set(each)) > 1 else (),
        crop="foreground" if cropped else "none",
        resampling="monai",
        spacing_tolerance=TOLERANCE,
        crop_margin=MARGIN if cropped else 0,
        # Its script prepares brain tumours in the order of the training, and all others normalised first.
        normalised_first=not painted,
    )


def _intensities(mode: Any, bounds: Any, where: str) -> Intensities:
    if mode not in NORMALISATIONS:
        raise InputError(
            "auto3dseg-normalisation",
            "{where}: normalises intensities by `{mode}`; known are {known}, so it cannot be imported.",
            where=where,
            mode=str(mode)[:40],
            known=list(NORMALISATIONS),
        )
    normalisation = NORMALISATIONS[mode]
    if normalisation != "ct-sigmoid":
        return Intensities(normalisation)
    values = _listed(bounds)
    if len(values) != 2 or not all(_is_number(value) for value in values) or values[0] >= values[1]:
        raise InputError(
            "auto3dseg-intensity-bounds",
            "{where}: `intensity_bounds` must be two rising numbers, for the range of intensities; it cannot be imported.",
            where=where,
        )
    return Intensities(normalisation, (float(values[0]), float(values[1])))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _three(value: Any, name: str, where: str) -> tuple[float, float, float]:
    values = _listed(value)
    if len(values) != 3 or not all(_is_number(one) and one > 0 for one in values):
        raise InputError(
            "auto3dseg-three-numbers",
            "{where}: `{name}` must be three numbers above 0; it cannot be imported.",
            where=where,
            name=name,
        )
    return float(values[0]), float(values[1]), float(values[2])


def _patch_size(config: Mapping[str, Any], where: str) -> tuple[int, int, int]:
    a, b, c = (int(side) for side in _three(config.get("roi_size"), "roi_size", where))
    return a, b, c


def _channels(config: Mapping[str, Any], count: int, modality: str) -> tuple[str, ...]:
    extra = config.get("extra_modalities")
    names = [modality.upper(), *(map(str, extra) if isinstance(extra, Mapping) else ())]
    return tuple(names) if len(names) == count else tuple(f"{modality.upper()} {n + 1}" for n in range(count))


def _named(config: Mapping[str, Any]) -> list[str]:
    names = config.get("class_names")
    return [str(name) for name in names] if isinstance(names, (list, tuple)) else []


def _labels(
    config: Mapping[str, Any], outputs: int, listed: Mapping[int, CardLabel], notes: list[Problem]
) -> tuple[CardLabel, ...]:
    """The labels of outputs of which the largest counts: as labels.csv has them, else as the configuration does."""
    names = _named(config)
    # With the background's name or without.
    foreground = dict(enumerate(names, start=1 - (len(names) == outputs)))
    if unnamed := [n for n in range(1, outputs) if n not in listed and n not in foreground]:
        notes.append(
            Problem(
                "auto3dseg-labels-without-names",
                "It does not name all of its labels; `label {first}` and so on stand for their names.",
                {"first": unnamed[0]},
                "note",
            )
        )
    if beyond := sorted(n for n in listed if n >= outputs):
        notes.append(
            Problem(
                "auto3dseg-values-not-found",
                "Its {file} has values that it does not find ({values:…}).",
                {"file": AUTO3DSEG.file, "values": beyond},
                "note",
            )
        )
    labels = [listed.get(n) or CardLabel(n, foreground.get(n) or f"label {n}") for n in range(1, outputs)]
    seen: set[str] = set()
    for n, label in enumerate(labels):
        # Two labels may have one name there, and are told apart by their codes.
        name = label.name if label.name.casefold() not in seen else f"{label.name} {label.value}"
        seen.add(name.casefold())
        labels[n] = CardLabel(label.value, name, terminology=label.terminology)
    return tuple(labels)


def _regions(
    config: Mapping[str, Any], outputs: int, where: str, notes: list[Problem]
) -> tuple[tuple[CardLabel, ...], tuple[Region, ...]]:
    """The regions of outputs that are decided each by itself, and their labels in the order of the outputs."""
    names, index = _named(config), config.get("class_index")
    names = names if len(set(names)) == outputs else [f"region {n + 1}" for n in range(outputs)]
    covers: Sequence[Sequence[int]] = []
    if isinstance(index, (list, tuple)) and len(index) == outputs:
        covers = [[n for n in _listed(one) if type(n) is int and n > 0] for one in index]
    elif index is None and outputs == len(BRATS):
        covers, names = list(BRATS.values()), list(BRATS)
        notes.append(
            Problem(
                "auto3dseg-outputs-taken-as-tumour",
                "It does not say what its outputs are; taken as whole tumour, tumour core and enhancing tumour.",
                severity="note",
            )
        )
    if len(covers) != outputs or not all(covers):
        raise InputError(
            "auto3dseg-regions",
            "{where}: {reason}; it cannot be imported.",
            where=where,
            reason=Problem(
                "auto3dseg-outputs-overlap",
                "its {outputs} outputs are decided each by itself, so regions overlap, and `class_index` does not say which "
                "values lie in which",
                {"outputs": outputs},
            ),
        )
    found = read_regions(dict(zip(names, covers, strict=True)), None, where)
    labels = tuple(CardLabel(found[name].number, name) for name in names)
    return labels, tuple(found.values())


def _labels_csv(folder: Path, notes: list[Problem]) -> dict[int, CardLabel]:
    """The labels in `labels.csv` by their values; none where there is no such file."""
    if not (folder / AUTO3DSEG.file).is_file():
        notes.append(
            Problem("auto3dseg-without-labels-csv", "There is no {file} beside it.", {"file": AUTO3DSEG.file}, "note")
        )
        return {}
    path = inside(folder, AUTO3DSEG.file)
    found: dict[int, CardLabel] = {}
    try:
        rows = csv.DictReader(io.StringIO(read_text(path, MOST_CSV_BYTES)), strict=True)
        for row in rows:
            value = int(str(row["LabelValue"]))
            if value <= 0 or len(found) > MOST_LABELS:
                continue
            codes = {name: code.text for name, column in CODES.items() if (code := _code(row, column))}
            meaning = codes["type"].rpartition("^")[2] if "type" in codes else ""
            name = (row.get("Name") or "").strip() or meaning or f"label {value}"
            found[value] = CardLabel(value, name, terminology=codes if {"category", "type"} <= codes.keys() else None)
    except (csv.Error, KeyError, ValueError):
        raise InputError(
            "auto3dseg-labels-csv",
            "{path}: is no list of labels as MONAI Auto3DSeg's (a line each, with a whole number in the column `{column}`); "
            "correct or remove it.",
            path=path,
            column="LabelValue",
        ) from None
    return found


def _code(row: Mapping[str, Any], column: str) -> Code | None:
    parts = [row.get(f"{column}.{part}") for part in ("CodingSchemeDesignator", "CodeValue", "CodeMeaning")]
    return Code.parse("^".join(str(part or "").strip() for part in parts))


IMPORTER = Importer(
    f"{AUTO3DSEG.title} with {AUTO3DSEG_WEIGHTS.as_posix()}",
    _recognises,
    import_auto3dseg,
    options_of_part=lambda folder, part, options: options if part == folder / AUTO3DSEG.file else None,
)
