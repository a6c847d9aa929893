"""Exports a model as a MONAI bundle, for programs that speak MONAI: `python -m monai.bundle run` segments a folder with it.

Our own layout of the zoo's: `metadata.json`, `inference.json`, `model.pt`. Networks that MONAI has are named as MONAI's;
others by the function that builds them here, so that they need TransferSeg installed where they run.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from TransferSegLib import __version__
from TransferSegLib.cases.normalisation import NORMALISERS
from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.files import replacing, whole_folder
from TransferSegLib.core.licences import use_in_words
from TransferSegLib.core.model_warnings import model_warnings
from TransferSegLib.core.preprocessing import Intensities, WantedSpacing
from TransferSegLib.core.preprocessing_steps import chosen_steps
from TransferSegLib.core.problems import Problem
from TransferSegLib.sources.exports import regions
from TransferSegLib.sources.folder import SourceFolder
from TransferSegLib.sources.imports.monai_bundle.bundle import SEEN
from TransferSegLib.sources.imports.monai_bundle.networks import OWN_TARGET, to_monai
from TransferSegLib.sources.imports.monai_bundle.own_regions import REGIONS, regions_entry

IMAGE = "image"


def export_bundle(source: SourceFolder, folder: Path) -> tuple[str, ...]:
    """Write a model as a MONAI bundle.

    Args:
        source: The model.
        folder: Where the bundle goes; it must not be there.

    Returns:
        Notes for whoever runs the bundle: sentences.

    Raises:
        InputError: MONAI cannot do what the model needs, or the folder is there or cannot be written.
    """
    import monai
    import numpy
    import torch

    from TransferSegLib.sources.loading import load_source

    card = source.card
    if card.task != "segmentation":
        called = source.folder if source.origin == "path" else card.name
        raise InputError(
            "export-segments-nothing",
            "`{name}` was made for {task} and segments nothing; adapt it first, then export that.",
            name=called,
            task=card.task,
        )
    missing = _not_in_monai(card)
    if missing:
        raise InputError(
            "export-not-in-monai",
            "`{name}` {reason}, for which MONAI has no words; it cannot be exported, segment with it here.",
            name=card.name,
            reason=missing,
        )
    if folder.exists():
        raise InputError("folder-there-already", "{path}: is there already; name a new folder.", path=folder)
    network, _ = load_source(source)
    definition, prefix = to_monai(card.network, len(card.channels), regions.outputs(card))
    weights_of = regions.as_exported(card, network.state_dict())
    state = {name.removeprefix(prefix): value for name, value in weights_of.items()}
    needs_transferseg = definition["_target_"] == OWN_TARGET
    if not needs_transferseg:
        state = _with_monais_own(definition, state)
    versions = {
        "monai_version": monai.__version__,
        "pytorch_version": torch.__version__.partition("+")[0],
        "numpy_version": numpy.__version__,
    }
    try:
        with whole_folder(folder) as staged:
            for name in ("configs", "models", "docs"):
                (staged / name).mkdir(parents=True)
            _write(staged / "configs" / "metadata.json", _as_words(_metadata(card, versions, needs_transferseg)))
            _write(staged / "configs" / "inference.json", _inference(card, definition, network.divisor))
            # Written by Python, which says why a disk refuses; torch's own error is a text.
            weights = io.BytesIO()
            torch.save({name: value.contiguous() for name, value in state.items()}, weights)
            _put(staged / "models" / "model.pt", weights.getbuffer())
            notes = _notes(card, needs_transferseg)
            _put(staged / "docs" / "README.md", _readme(card, notes).encode())
            _put(staged / "LICENSE", f"{card.licence or 'not stated'}\n".encode())
    except OSError as error:
        raise InputError(
            "bundle-not-written",
            "{path}: cannot be written ({reason}); choose another place.",
            path=folder,
            reason=error.strerror or error,
        ) from None
    return tuple(notes)


def _not_in_monai(card: ModelCard) -> Problem | None:
    """Name the part of the card's preprocessing that MONAI's transforms cannot do; None where they can do all."""
    if card.first_stage is not None:
        return Problem(
            "card-is-cascade", "is a cascade of two networks, the second of which is shown what the first finds"
        )
    if card.smoothing_mm:
        return Problem("card-smooths-segmentations", "smooths its segmentations, class against class")
    if card.preprocessing.template is not None:
        return Problem("card-goes-to-template", "brings images to the space of a template")
    if card.preprocessing.crop == "foreground" and card.preprocessing.normalised_first:
        return Problem(
            "card-crops-to-raw-foreground",
            "normalises whole images and then crops them to a box around what was above a value before",
        )
    if card.preprocessing.slices_last:
        return Problem(
            "card-has-slices-last", "takes the axis across thick slices as its last one, whatever its direction"
        )
    if card.preprocessing.crop == "empty-slices":
        return Problem("card-leaves-out-slices", "leaves out the slices without content")
    for n in range(len(card.channels)):
        intensities = card.preprocessing.of_channel(n)
        for step, _ in chosen_steps(intensities):
            if isinstance(step.monai, Problem):
                return step.monai
        if intensities.landmarks is not None:
            return Problem("card-matches-histograms", "brings histograms to the landmarks of its training images")
        if NORMALISERS[intensities.normalisation].monai is None:
            return Problem(
                "card-normalises-unlike-monai",
                "normalises intensities by `{normalisation}`, which no transform of MONAI's does",
                {"normalisation": intensities.normalisation},
            )
        if intensities.normalisation == "z-score-nonzero" and card.preprocessing.crop == "non-zero":
            return Problem(
                "card-normalises-within-outline",
                "normalises within the outline of what is not 0 in any channel, holes filled, as nnU-Net does",
            )
        if intensities.normalisation == "z-score-nonzero" and intensities.clip_percentiles is not None:
            return Problem(
                "card-clips-at-percentiles-of-nonzero", "clips intensities at percentiles of the voxels that are not 0"
            )
    return None


def _notes(card: ModelCard, needs_transferseg: bool) -> list[str]:
    """List what whoever runs the bundle has to know: sentences."""
    size = "left at their own voxel size"
    if card.preprocessing.spacing_mm:
        sides = ("their own" if mm is None else f"{mm:g}" for mm in card.preprocessing.spacing_mm)
        size = f"resampled to {' × '.join(sides)} mm"
    # In the words of `jobs.shown_otherwise`.
    needs = [f"The bundle shows images with the axes right, anterior, superior, {size}."]
    if card.inference.file_order:
        needs = [
            f"The bundle shows images with the axes of the file, {size}, as `transferseg segment` does. Jobs, their scores "
            "of the model as it is too, show them with the axes right, anterior, superior."
        ]
    if len(card.channels) > 1:
        files = ", ".join(f"CASE_{n:04d}.nii.gz is {name}" for n, name in enumerate(card.channels))
        needs.append(f"An image for each channel, in this order, on one grid: {files}.")
    if regions.are_exported(card):
        needs.append(regions.in_words(card))
    uses = use_in_words(card.licence, card.commercial_use)
    needs.append(f"Licence: {card.licence or 'not stated'}; commercial use: {uses}.")
    if needs_transferseg:
        needs.append(
            f"The network `{card.network.name}` is not one of MONAI's: the bundle runs where TransferSeg is installed."
        )
    needs.append(
        "MONAI computes in float32. Where TransferSeg takes a shorter format, which is faster (bfloat16, float16), a few "
        "voxels at borders come out otherwise: about one in a thousand of a label."
    )
    if cleaned := [*card.inference.largest_component, *card.inference.fill_holes]:
        needs.append(
            f"Largest components are kept or holes filled of {', '.join(dict.fromkeys(cleaned))}, as TransferSeg does, by "
            "SciPy."
        )
    if card.members:
        needs.append(
            f"TransferSeg averages {1 + len(card.members)} sets of weights with this model. The bundle has the first alone, "
            "as `transferseg segment --ensemble none` does."
        )
    if card.inference.as_nnunet is not None:
        needs.append(
            "With `transferseg segment`, images are prepared for this model and it is run as nnU-Net does. The bundle does "
            "it as `transferseg segment --no-as-nnunet`."
        )
    if (times := replace(card.inference, as_nnunet=None).times) > 1:
        few = card.inference.copies_up_to_windows
        of_which = "an image" if few is None else f"an image with up to {few} windows"
        needs.append(
            f"With this model TransferSeg averages {times} copies of {of_which}, shifted by a voxel or "
            "mirrored. The bundle runs the network once, as `transferseg segment --copies 1 --mirror none` does."
        )
    if card.preprocessing.spacing_mm and card.preprocessing.resampling == "edges":
        needs.append(
            "In float32, MONAI segments as TransferSeg does, save where an image's voxels are smaller than the model's "
            "(MONAI interpolates between them and TransferSeg averages them) or its sides are no whole number of the model's "
            "voxels (their places differ by up to half a voxel): then some voxels at borders may come out otherwise."
        )
    return needs


def _cleaning(card: ModelCard) -> list[dict[str, Any]]:
    """Write what `inference.components.cleaned` does as MONAI's transforms.

    MONAI's own transforms need scikit-image, and MONAI fills no hole in which there is another label.
    """
    numbers = {name: n for n, name in enumerate(card.label_names, start=1)}
    largest = [
        "$lambda x: torch.where(torch.as_tensor((lambda c: (c > 0) & (c != 1 + numpy.bincount(c.ravel(), minlength=2)[1:]"
        f".argmax()))(ndimage.label(x[0].cpu().numpy() == {numbers[name]}, numpy.ones((3, 3, 3)))[0])[None], "
        "device=x.device), 0, x)"
        for name in card.label_names
        if name in card.inference.largest_component
    ]
    filled = [
        f"$lambda x: torch.where(torch.as_tensor(ndimage.binary_fill_holes(x[0].cpu().numpy() == {numbers[name]})[None], "
        f"device=x.device) & (x == 0), {numbers[name]}, x)"
        for name in card.label_names
        if name in card.inference.fill_holes
    ]
    return [{"_target_": "Lambdad", "keys": "pred", "func": function} for function in (*largest, *filled)]


def _with_monais_own(definition: Mapping[str, Any], state: Mapping[str, Any]) -> dict[str, Any]:
    """Complete a state dict for MONAI's network, which also expects tensors that it lists twice or never uses."""
    from monai.networks import nets

    arguments = {name: value for name, value in definition.items() if name != "_target_"}
    whole = getattr(nets, definition["_target_"])(**arguments)
    whole.load_state_dict(state, strict=False)
    return dict(whole.state_dict())


def _metadata(card: ModelCard, versions: Mapping[str, str], needs_transferseg: bool) -> dict[str, Any]:
    shape = list(card.patch_size)
    overlap = regions.are_exported(card)
    spare = regions.outputs(card) == card.outputs
    outputs = ("background", *card.label_names) if spare else card.label_names

    def channels(names: Sequence[str]) -> dict[str, Any]:
        return {
            "num_channels": len(names),
            "spatial_shape": shape,
            "dtype": "float32",
            "value_range": [],
            "is_patch_data": True,
            "channel_def": {str(n): name for n, name in enumerate(names)},
        }

    return {
        "schema": "https://github.com/Project-MONAI/MONAI-extra-test-data/releases/download/0.8.1/meta_schema_20220324.json",
        "version": "1.0.0",
        **versions,
        "required_packages_version": {"nibabel": "5.2.0"}
        | ({"scipy": "1.11.0"} if _cleaning(card) else {})
        | ({"transferseg": __version__} if needs_transferseg else {}),
        "name": card.title or card.name,
        "task": f"{card.body_part} segmentation".strip(),
        # No field of MONAI's: what it names "task" is a sentence.
        "body_part": card.body_part,
        "description": card.description,
        **({"warnings": [problem.sentence for problem in warned]} if (warned := model_warnings(card)) else {}),
        "authors": "made with TransferSeg",
        "copyright": card.licence,
        "data_source": card.trained_on,
        # Digests of the images, so that nobody scores the model on them unawares.
        SEEN: list(card.seen),
        **({REGIONS: regions_entry(card.labels, card.regions)} if overlap else {}),
        "data_type": "nibabel",
        "intended_use": "For research; not a medical device.",
        "references": [card.citation] if card.citation else [],
        "network_data_format": {
            "inputs": {
                IMAGE: {"type": "image", "format": "magnitude", "modality": card.modality, **channels(card.channels)}
            },
            "outputs": {"pred": {"type": "image", "format": "segmentation", **channels(outputs)}},
        },
    }


def _as_words(value: Any) -> Any:
    """Change texts so that MONAI's parser leaves them as texts.

    It reads metadata as it does configurations: it runs what begins with `$`, looks up `@` and loads the file after `%`.
    """
    if isinstance(value, str):
        return re.sub(r"^(?=[$@%])|(?<=[@%])(?=[#:])", " ", value)
    if isinstance(value, dict):
        return {key: _as_words(item) for key, item in value.items()}
    return [_as_words(item) for item in value] if isinstance(value, list) else value


def _inference(card: ModelCard, definition: Mapping[str, Any], divisor: tuple[int, int, int]) -> dict[str, Any]:
    from TransferSegLib.networks.staged import whole_patch

    values = [0, *(label.value for label in card.labels)]
    back = {
        "_target_": "Invertd",
        "keys": "pred",
        "transform": "@preprocessing",
        "orig_keys": IMAGE,
        "nearest_interp": card.preprocessing.resampling == "monai" and not card.preprocessing.interpolated_back,
        "to_tensor": True,
    }
    after: list[dict[str, Any]] = [
        {"_target_": "Activationsd", "keys": "pred", "softmax": True},
        back,
        {"_target_": "AsDiscreted", "keys": "pred", "argmax": True},
    ]
    if regions.are_exported(card):
        after = regions.deciding(card, back)
    cleaning = _cleaning(card)
    after += cleaning
    if values != list(range(len(values))):
        after.append(
            {
                "_target_": "MapLabelValued",
                "keys": "pred",
                "orig_labels": list(range(len(values))),
                "target_labels": values,
            }
        )
    after.append(
        {
            "_target_": "SaveImaged",
            "keys": "pred",
            "output_dir": "@output_dir",
            "output_postfix": "seg",
            "output_dtype": "$numpy.uint8" if max(values) < 256 else "$numpy.int32",
            "separate_folder": False,
        }
    )
    patch = list(whole_patch(card.patch_size, divisor))
    return {
        "imports": [
            *("$import glob", "$import os", "$import numpy", "$import torch"),
            *(["$from scipy import ndimage"] if cleaning else []),
        ],
        "bundle_root": ".",
        "dataset_dir": "$@bundle_root + '/images'",
        "output_dir": "$@bundle_root + '/eval'",
        "datalist": _datalist(len(card.channels)),
        "device": "$torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')",
        "network_def": dict(definition),
        "network": "$@network_def.to(@device).eval()",
        "preprocessing": {"_target_": "Compose", "transforms": _preprocessing(card)},
        "dataset": {"_target_": "Dataset", "data": "@datalist", "transform": "@preprocessing"},
        "inferer": {
            "_target_": "SlidingWindowInferer",
            "roi_size": patch,
            "sw_batch_size": 4,
            "overlap": card.inference.overlap,
            "mode": card.inference.blending,
            "padding_mode": "replicate" if card.inference.padding == "edge" else "constant",
        },
        "postprocessing": {"_target_": "Compose", "transforms": after},
        "load": "$@network.load_state_dict(torch.load(@bundle_root + '/models/model.pt', map_location=@device, "
        "weights_only=True))",
        "predict": "$lambda case: @postprocessing({**case, 'pred': @inferer(case['image'][None].to(@device), @network)[0]})",
        "initialize": ["$@load"],
        "run": ["$[torch.inference_mode()(@predict)(case) for case in @dataset]"],
    }


def _datalist(channels: int) -> str:
    if channels == 1:
        return "$[{'image': path} for path in sorted(glob.glob(@dataset_dir + '/*.nii.gz'))]"
    # As nnU-Net names them: case_0000.nii.gz, case_0001.nii.gz, one a channel.
    files = f"[path[:-len('0000.nii.gz')] + '%04d.nii.gz' % n for n in range({channels})]"
    return f"$[{{'image': {files}}} for path in sorted(glob.glob(@dataset_dir + '/*_0000.nii.gz'))]"


def _preprocessing(card: ModelCard) -> list[dict[str, Any]]:
    transforms: list[dict[str, Any]] = [
        {"_target_": "LoadImaged", "keys": IMAGE},
        {"_target_": "EnsureChannelFirstd", "keys": IMAGE},
    ]
    channels = [card.preprocessing.of_channel(n) for n in range(len(card.channels))]
    if any(map(chosen_steps, channels)):
        transforms += _each_channel(channels, _steps, len(channels) > 1)
    if not card.inference.file_order:
        transforms.append({"_target_": "Orientationd", "keys": IMAGE, "axcodes": "RAS"})
    resampling: list[dict[str, Any]] = []
    if card.preprocessing.spacing_mm is not None:
        spacing = _voxels(card.preprocessing.spacing_mm, card.preprocessing.spacing_tolerance)
        if card.preprocessing.resampling == "edges":
            # As `cases.preprocessing` goes to the model's grid: the image's outer edges stay where they are.
            spacing |= {"align_corners": True, "scale_extent": True}
        elif not card.preprocessing.resampled_in_float64:
            spacing["dtype"] = "$numpy.float32"
        resampling.append({"_target_": "Spacingd", "keys": IMAGE, **spacing})
    alone = len(channels) > 1 and any(NORMALISERS[one.normalisation].monai_by_channel for one in channels)
    normalising = _each_channel(channels, _intensities, alone)
    preprocessing = card.preprocessing
    rule = "!= 0" if preprocessing.crop == "non-zero" else f"> {preprocessing.foreground_above:f}"
    margin = {"margin": preprocessing.crop_margin, "allow_smaller": True} if preprocessing.crop_margin else {}
    cropping = [
        {
            "_target_": "CropForegroundd",
            "keys": IMAGE,
            "source_key": IMAGE,
            "select_fn": f"$lambda values: values {rule}",
            **margin,
        }
    ]
    changing = [*normalising, *resampling] if preprocessing.normalised_first else [*resampling, *normalising]
    transforms += {
        "none": changing,
        "non-zero": [*cropping, *normalising, *resampling],
        "foreground": [*cropping, *changing],
        "foreground-resampled": [*resampling, *cropping, *normalising],
        "foreground-prepared": [*changing, *cropping],
    }[preprocessing.crop]
    return [*transforms, {"_target_": "EnsureTyped", "keys": IMAGE, "data_type": "tensor"}]


def _each_channel(
    channels: Sequence[Intensities], write: Callable[[Intensities, str], list[dict[str, Any]]], alone: bool
) -> list[dict[str, Any]]:
    """Write transforms of all channels, which are split where they differ or each needs transforms `alone`."""
    if len(set(channels)) == 1 and not alone:
        return write(channels[0], IMAGE)
    names = [f"{IMAGE}_{n}" for n in range(len(channels))]
    postfixes = [str(n) for n in range(len(channels))]
    return [
        {"_target_": "SplitDimd", "keys": IMAGE, "output_postfixes": postfixes, "keepdim": True},
        *(one for name, channel in zip(names, channels, strict=True) for one in write(channel, name)),
        {"_target_": "ConcatItemsd", "keys": names, "name": IMAGE, "dim": 0},
        # `Spacingd` takes what is called after the image for its header.
        {"_target_": "DeleteItemsd", "keys": names},
    ]


def _steps(intensities: Intensities, key: str) -> list[dict[str, Any]]:
    """Write what `core.preprocessing_steps.after_steps` does as MONAI's transforms."""
    listed = []
    for step, value in chosen_steps(intensities):
        assert not isinstance(step.monai, Problem)  # such a card is refused before
        listed += [{"_target_": one["_target_"], "keys": key, **one} for one in step.monai(value)]
    return listed


def _voxels(spacing_mm: WantedSpacing, tolerance: float) -> dict[str, Any]:
    """Write which voxels `Spacing` makes: a side below 0 is the image's own, and so is one between two bounds."""
    pixdim = [-1.0 if mm is None else mm for mm in spacing_mm]
    written: dict[str, Any] = {"pixdim": pixdim, "mode": "bilinear", "padding_mode": "border"}
    if tolerance:
        written["min_pixdim"] = [None if mm is None else (1 - tolerance) * mm for mm in spacing_mm]
        written["max_pixdim"] = [None if mm is None else (1 + tolerance) * mm for mm in spacing_mm]
    return written


def _intensities(intensities: Intensities, key: str) -> list[dict[str, Any]]:
    """Write what `cases.normalisation.normalise` does as MONAI's transforms."""
    listed: list[dict[str, Any]] = []
    if intensities.clip_percentiles is not None:
        below, above = intensities.clip_percentiles
        clip = {"lower": below, "upper": above, "channel_wise": True}
        listed.append({"_target_": "ClipIntensityPercentilesd", "keys": key, **clip})
    write = NORMALISERS[intensities.normalisation].monai
    assert write is not None  # a card that MONAI cannot follow is refused before
    listed += [{"_target_": one["_target_"], "keys": key, **one} for one in write(intensities)]
    if intensities.extremes is not None:
        to_low, to_high = intensities.extremes
        listed.append(
            {"_target_": "ScaleIntensityd", "keys": key, "minv": to_low, "maxv": to_high, "channel_wise": True}
        )
    return listed


def _readme(card: ModelCard, notes: Sequence[str]) -> str:
    labels = "\n".join(f"- {label.value}: {label.name}" for label in card.labels)
    listed = "\n".join(f"- {sentence}" for sentence in notes)
    packages = ["monai", "fire", "nibabel", *(["scipy"] if _cleaning(card) else [])]
    citation = f"Citation: {card.citation}\n\n" if card.citation else ""
    warned = "".join(f"**Warning:** {problem.sentence}\n\n" for problem in model_warnings(card))
    return (
        f"# {card.title or card.name}\n\n{warned}{card.description}\n\nLabels:\n\n{labels}\n\n"
        f"Trained on: {card.trained_on}\n\n{citation}{listed}\n\n"
        f"Put NIfTI images into `images/`, then, in this folder (`pip install {' '.join(packages)}`):\n\n"
        "    python -m monai.bundle run --config_file configs/inference.json\n\nFor research; not a medical device.\n"
    )


def _write(path: Path, data: Any) -> None:
    _put(path, (json.dumps(data, indent=4, ensure_ascii=False) + "\n").encode())


def _put(path: Path, data: bytes | memoryview) -> None:
    with replacing(path) as temporary:
        temporary.write_bytes(data)
