"""Imports CT-FM's models: safetensors of MONAI's SegResNetDS, or of its encoder alone, as Project Lighter publishes them.

A model is the file `model.safetensors`; the folder that it comes from also has `config.json`, the arguments of its network.
What that file does not say is read from the tensors. Images are prepared as CT-FM's users do: axes superior, posterior, left;
-1024 to 2048 HU to 0…1; cropped to what is above that; the voxel size is the image's own. Windows have 96×160×160 voxels in
these axes and overlap by 0.625, and the largest component of each label is kept (Pai et al. 2025, arXiv 2501.09001).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from TransferSegLib.core.card import CARD_FORMAT, CardLabel, CardNetwork, ModelCard, check_arguments
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.inference_settings import InferenceSettings
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import parse_json, read_text
from TransferSegLib.core.texts import as_name
from TransferSegLib.networks.axes import Axes
from TransferSegLib.sources.imports.importer import Imported, Importer, ImportOptions, finish, inside
from TransferSegLib.sources.kinds import CTFM, CTFM_WEIGHTS
from TransferSegLib.sources.untrusted.file_kinds import is_safetensors
from TransferSegLib.sources.untrusted.weights import load_weights, tensor_names

if TYPE_CHECKING:
    from torch import Tensor

AXES = "SPL"
# In the network's axes.
WINDOW = (96, 160, 160)
WINDOW_HU = (-1024.0, 2048.0)
# Tensors that SegResNetDS and its encoder have under these names, and other networks lack.
_ENCODER = {"conv_init.weight", "layers.0.blocks.0.conv1.weight", "layers.0.downsample.weight"}
_WHOLE = {f"encoder.{name}" for name in _ENCODER} | {"up_layers.0.upsample.deconv.weight"}
# The arguments that `config.json` may have and our network takes.
_ARGUMENTS = ("init_filters", "act", "norm", "blocks_down", "blocks_up", "dsdepth", "upsample_mode", "resolution")
MOST_CONFIG_BYTES = 2**20


def _weights(path: Path) -> Path:
    return path / CTFM_WEIGHTS if path.is_dir() else path


def _recognises(path: Path, options: ImportOptions) -> bool:
    weights = _weights(path)
    if options.card is not None or not weights.is_file() or not is_safetensors(weights):
        return False
    names = set(tensor_names(weights))
    return names >= _ENCODER or names >= _WHOLE


def import_ctfm(path: Path, options: ImportOptions) -> Imported:
    """Import a model of CT-FM.

    Args:
        path: Its folder, or its `model.safetensors`.
        options: What the person chose; a voxel size that they give is the model's.

    Returns:
        The card, the network with its weights, and notes on what the card cannot say. A model whose decoder was never trained
        is an encoder, as one without a decoder is.

    Raises:
        InputError: `config.json` and the weights are of different networks.
    """
    weights, where = _weights(path), str(path)
    state = load_weights(inside(weights.parent, weights.name))
    config = _config(weights.parent, where)
    notes: list[Problem] = []
    if whole := set(state) >= _WHOLE:
        trained = _is_trained(state)
        if not trained:
            notes.append(
                Problem(
                    "ctfm-decoder-not-trained",
                    "Its decoder was never trained, so only its encoder is kept.",
                    severity="note",
                )
            )
    else:
        state = {f"encoder.{name}": tensor for name, tensor in state.items()}
        notes.append(Problem("ctfm-encoder-alone", "It is an encoder alone.", severity="note"))
    segments = whole and trained
    if not segments:
        state = {name: tensor for name, tensor in state.items() if name.startswith("encoder.")}
    channels, arguments = _arguments(state, config, where)
    outputs = _outputs(state)
    check_arguments(arguments, where, holder="config.json")
    if segments:
        notes.append(
            Problem(
                "ctfm-labels-without-names",
                "Its files do not name its labels; `label 1`, `label 2`, … stand for their names.",
                severity="note",
            )
        )
    card = ModelCard(
        format=CARD_FORMAT,
        name=as_name(path.name if path.is_dir() else path.parent.name, "ctfm"),
        title="CT-FM, segmentation of CT" if segments else "CT-FM, an encoder pretrained on CT",
        description="" if segments else "Adapt it with the strategy `encoder-transfer`.",
        modality="ct",
        body_part="",
        labels=tuple(CardLabel(n, f"label {n}") for n in range(1, outputs)) if segments else (),
        channels=("CT",) if channels == 1 else tuple(f"CT {n + 1}" for n in range(channels)),
        network=CardNetwork("segresnet-ds", arguments),
        preprocessing=Preprocessing(
            options.spacing_mm,
            "ct",
            WINDOW_HU,
            crop="foreground",
            foreground_above=WINDOW_HU[0],
            normalised_first=True,
        ),
        patch_size=Axes(AXES).sizes_from_network(WINDOW),
        trained_on="CT-FM was pretrained on 148,000 CT scans of the Imaging Data Commons",
        licence="not stated",
        citation="Pai et al., Vision foundation models for computed tomography, 2025, https://arxiv.org/abs/2501.09001",
        task="segmentation" if segments else "classification",
        inference=InferenceSettings(
            largest_component=tuple(f"label {n}" for n in range(1, outputs)) if segments else (),
            overlap=0.625,
            padding="zero",
            float32_on_cpu=True,
        ),
        made_by={"imported": "CT-FM model"},
    )
    return finish(card, state, notes, where)


def _is_trained(state: Mapping[str, Tensor]) -> bool:
    """Whether the decoder was trained: a batch normalisation that never saw a batch has a mean of 0."""
    means = [
        tensor for name, tensor in state.items() if name.startswith("up_layers.") and name.endswith("running_mean")
    ]
    return not means or any(bool(tensor.any()) for tensor in means)


def _config(folder: Path, where: str) -> Mapping[str, Any]:
    """What `config.json` says; nothing where there is none."""
    if not (folder / CTFM.file).is_file():
        return {}
    path = inside(folder, CTFM.file)
    config = parse_json(read_text(path, MOST_CONFIG_BYTES), path)
    if not isinstance(config, dict):
        raise InputError(
            "ctfm-config",
            "{path}: is no list of a network's arguments; correct or remove it.",
            path=path,
        )
    return config


def _arguments(state: Mapping[str, Tensor], config: Mapping[str, Any], where: str) -> tuple[int, dict[str, Any]]:
    """The network's input channels and its arguments: as `config.json` has them, else as the tensors do."""
    first = state["encoder.conv_init.weight"]
    levels: dict[int, set[str]] = {}
    for name in state:
        if name.startswith("encoder.layers."):
            _, _, level, part, *rest = name.split(".")
            if level.isdigit() and part == "blocks" and rest:
                levels.setdefault(int(level), set()).add(rest[0])
    heads = {name.split(".")[1] for name in state if name.startswith("up_layers.") and ".head." in name}
    batch = any(name.endswith("running_mean") for name in state)
    read = {
        "init_filters": int(first.shape[0]),
        "blocks_down": [len(levels[n]) for n in sorted(levels)],
        "dsdepth": max(1, len(heads)),
        # By groups or by instance: the tensors look alike.
        "norm": "batch" if batch else None,
    }
    given = {name: config[name] for name in _ARGUMENTS if config.get(name) is not None}
    arguments = {**{name: value for name, value in read.items() if value is not None}, **given, "axes": AXES}
    if "norm" not in arguments:
        raise InputError(
            "ctfm-norm-not-known",
            "{where}: nothing says which normalisation the network has; put its {file} beside it.",
            where=where,
            file=CTFM.file.name,
        )
    return int(first.shape[1]), arguments


def _outputs(state: Mapping[str, Tensor]) -> int:
    heads = [tensor for name, tensor in state.items() if name.startswith("up_layers.") and name.endswith(".head.bias")]
    return int(heads[-1].shape[0]) if heads else 1


IMPORTER = Importer(f"{CTFM.title} with {CTFM_WEIGHTS.as_posix()}", _recognises, import_ctfm)
