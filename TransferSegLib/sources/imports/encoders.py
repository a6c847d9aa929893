"""Imports encoders that were pretrained without labels, from a file of weights alone: no card is needed.

Known are the encoders of networks that are here: nnU-Net's residual encoder as nnssl writes it (the OpenMind models, Wald et
al. 2024), SwinUNETR's transformer as MONAI's pretraining writes it (Tang et al., CVPR 2022), and that of SegResNet.
The tensors say how large the network is. What the file has of the encoder is taken, decoder and head are drawn anew, and the
strategy `encoder-transfer` goes on from there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from TransferSegLib.core.card import CARD_FORMAT, CardNetwork, ModelCard, check_arguments
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.texts import as_name
from TransferSegLib.sources.imports.importer import Imported, Importer, ImportOptions, doubts, inside
from TransferSegLib.sources.kinds import OPENMIND
from TransferSegLib.sources.untrusted.weights import load_checkpoint, tensor_names

if TYPE_CHECKING:
    from torch import Tensor

WEIGHTS = "checkpoint_final.pth"
PLAN = "nnssl_adaptation_plan"
# The network of the OpenMind models (nnssl's `get_res_enc_l`), with and without skip connections: the encoder is the same.
RES_ENC_L = ("ResEncL", "NoSkipResEncL")
BY_ARGUMENTS = "ResidualEncoderUNet"
# So much of the encoder's values must be in the file.
LEAST_SHARE = 0.9
PATCH = (96, 96, 96)


@dataclass(frozen=True)
class _Encoder:
    """An encoder that was recognised.

    Attributes:
        network: The network whose encoder it is.
        channels: How many images it takes.
        state: Its weights, by that network's names.
        backbone: The modules that must come from the file.
        title: What it is called.
        preprocessing: How images were prepared for it.
        patch_size: The patches to train in.
        citation: What to cite.
        notes: What the person should know.
    """

    network: CardNetwork
    channels: int
    state: Mapping[str, Tensor]
    backbone: tuple[str, ...]
    title: str
    preprocessing: Preprocessing = field(default_factory=lambda: Preprocessing(None))
    patch_size: tuple[int, int, int] = PATCH
    citation: str = ""
    notes: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class _Family:
    """A family of encoders.

    Attributes:
        names: Its tensors, perhaps with another program's prefix before all of them; all of them are there.
        decoder: The names that the decoder's tensors begin with.
        read: The weights without prefix, and what else the file holds → the encoder.
    """

    names: tuple[str, ...]
    decoder: tuple[str, ...]
    read: Callable[[Mapping[str, Tensor], Mapping[str, Any], str], _Encoder]


def _weights(path: Path) -> Path:
    return path / WEIGHTS if path.is_dir() else path


def _recognises(path: Path, options: ImportOptions) -> bool:
    if options.card is not None or (path.is_dir() and not OPENMIND.has(path)):
        return False
    return _weights(path).is_file() and _family(tensor_names(_weights(path))) is not None


def _family(names: list[str]) -> _Family | None:
    def has(part: str) -> bool:
        return any(name == part or name.endswith(f".{part}") for name in names)

    return next((family for family in FAMILIES if all(map(has, family.names))), None)


def import_encoder(path: Path, options: ImportOptions) -> Imported:
    """Import an encoder.

    Args:
        path: Its file, or nnssl's folder with `adaptation_plan.json`.
        options: What the person chose; a voxel size that they give is the model's.

    Returns:
        A model that segments nothing, whose encoder is the file's and whose other weights are drawn at random, and notes: how
        many of the encoder's tensors are in the file.

    Raises:
        InputError: Less than `LEAST_SHARE` of the encoder's values are in the file, or its network is not one that is here,
            or the file is that of a whole model.
    """
    from TransferSegLib.sources.loading import fit, try_out

    weights, where = _weights(path), str(path)
    state, content = load_checkpoint(inside(weights.parent, weights.name))
    family = _family(list(state))
    own = _without_prefix(state, family) if family else None
    if family is None or own is None or not all(own[name].numel() for name in family.names):
        raise InputError(
            "encoder-not-known",
            "{where}: its weights are none of an encoder that is known here; give a card of the network with {option}.",
            where=where,
            option="--card card.json",
        )
    if not isinstance(content.get(PLAN), Mapping):  # what nnssl pretrains has a decoder that nobody segments with
        _must_be_bare(own, family, where)
    encoder = family.read(own, content, where)
    check_arguments(encoder.network.arguments, where, holder="file")
    spacing = options.spacing_mm or encoder.preprocessing.spacing_mm
    card = ModelCard(
        format=CARD_FORMAT,
        name=as_name(path.stem if weights.name != WEIGHTS else weights.absolute().parent.name, "encoder"),
        title=encoder.title,
        description="An encoder that segments nothing yet: adapt it with the strategy `encoder-transfer`.",
        modality="unknown",
        body_part="",
        labels=(),
        channels=tuple(f"image {n + 1}" for n in range(encoder.channels)) if encoder.channels != 1 else ("image",),
        network=encoder.network,
        preprocessing=replace(encoder.preprocessing, spacing_mm=spacing),
        patch_size=encoder.patch_size,
        trained_on="not stated",
        licence="not stated",
        citation=encoder.citation,
        task="classification",
        made_by={"imported": "encoder"},
    )
    network, report = fit(card, encoder.state, where, backbone=encoder.backbone, least_share=LEAST_SHARE)
    try_out(network, card, where)
    those = [e for e in report.entries if e.status != "unused" and e.name.startswith(encoder.backbone)]
    found = sum(entry.status != "new" for entry in those)
    left = sum(entry.status == "unused" for entry in report.entries)
    notes = [
        Problem(
            "encoder-tensors-found",
            "{found} of {tensors} tensors of the encoder come from the file; decoder and head are drawn "
            "anew{left:?, and {left} tensors of the file have no place in it|}.",
            {"found": found, "tensors": len(those), "left": left},
            "note",
        ),
        *encoder.notes,
        *doubts(encoder.state),
    ]
    if spacing is None:
        notes.append(
            Problem(
                "encoder-without-spacing",
                "It does not say for which voxel size it was trained: images keep their own ({option} gives one).",
                {"option": "--spacing"},
                "note",
            )
        )
    card = replace(card, description=" ".join([card.description, *(note.sentence for note in notes)]))
    return Imported(card, network.state_dict(), report, tuple(notes))


def _without_prefix(state: Mapping[str, Tensor], family: _Family) -> dict[str, Tensor] | None:
    """The tensors by the names that they have in the family's own network, without what wrappers put before these.

    Returns:
        Them; None where no prefix gives all names of the family.
    """
    first = family.names[0]
    for prefix in (name.removesuffix(first) for name in state if name == first or name.endswith(f".{first}")):
        if all(f"{prefix}{name}" in state for name in family.names):
            return {name.removeprefix(prefix): tensor for name, tensor in state.items()}
    return None


def _must_be_bare(state: Mapping[str, Tensor], family: _Family, where: str) -> None:
    """Refuse the weights of a whole model: only its encoder would be left of it, and it would segment nothing."""
    layer = next((name for name in state if any(f".{begin}" in f".{name}" for begin in family.decoder)), None)
    if layer is not None:
        raise InputError(
            "encoder-with-decoder",
            "{where}: holds a decoder, too (`{layer}`), so it is a whole model and no bare encoder; give that model's own "
            "folder, or a card that says what it segments, or that has the task `classification` for its encoder alone, with "
            "{option}.",
            where=where,
            layer=layer[:80],
            option="--card card.json",
        )


def _count(state: Mapping[str, Tensor], pattern: str) -> int:
    """How many different numbers stand where the pattern's group is."""
    return len({match[1] for name in state if (match := re.match(pattern, name))})


def _sides(tensor: Tensor) -> list[int]:
    return [int(n) for n in tensor.shape[2:]]


# nnU-Net's residual encoder -------------------------------------------------------------------------------------------------


def _residual(state: Mapping[str, Tensor], content: Mapping[str, Any], where: str) -> _Encoder:
    plan = content.get(PLAN)
    plan = plan if isinstance(plan, Mapping) else {}
    about = plan.get("architecture_plans")
    about = about if isinstance(about, Mapping) else {}
    kind = str(about.get("arch_class_name") or BY_ARGUMENTS)
    if kind not in (*RES_ENC_L, BY_ARGUMENTS):
        raise InputError(
            "encoder-of-other-network",
            "{where}: is an encoder of `{kind}`, and of nnssl's networks only ResEnc-L and other residual encoders are here; "
            "choose such a checkpoint.",
            where=where,
            kind=kind[:60],
        )
    # Kernels are (z, y, x) there.
    turned = {n: t.permute(0, 1, 4, 3, 2).contiguous() if t.ndim == 5 else t for n, t in state.items()}
    stages = _count(turned, r"stages\.(\d+)\.")
    firsts = [turned.get(f"stages.{n}.blocks.0.conv1.conv.weight") for n in range(stages)]
    sized = [one for one in firsts if one is not None and one.ndim == 5]
    stem = turned["stem.convs.0.conv.weight"]
    if len(sized) != stages or stem.ndim != 5:
        raise InputError(
            "encoder-stages-missing",
            "{where}: lacks a stage of its residual encoder, or is one for slices; fetch it again.",
            where=where,
        )
    given = about.get("arch_kwargs")
    strides = given.get("strides") if isinstance(given, Mapping) else None
    right = isinstance(strides, (list, tuple)) and len(strides) == stages
    notes = (
        ()
        if right or kind in RES_ENC_L
        else (
            Problem(
                "encoder-strides-not-stated",
                "Its strides are not stated; taken as 2 from level to level.",
                severity="note",
            ),
        )
    )
    arguments: dict[str, Any] = {
        "features_per_stage": [int(one.shape[0]) for one in sized],
        "kernel_sizes": [_sides(one) for one in sized],
        "strides": [_reversed(one) for one in strides] if right and strides else [1, *[2] * (stages - 1)],
        "n_blocks_per_stage": [_count(turned, rf"stages\.{n}\.blocks\.(\d+)\.") for n in range(stages)],
        "n_conv_per_stage_decoder": 1,
        "conv_bias": "stem.convs.0.conv.bias" in turned,
        "norm": "batch" if any(name.endswith("running_mean") for name in turned) else "instance",
    }
    preprocessing, patch = _as_pretrained(plan)
    return _Encoder(
        CardNetwork("nnunet-resenc", arguments),
        int(stem.shape[1]),
        {f"encoder.{name}": tensor for name, tensor in turned.items() if name.startswith(("stem.", "stages."))},
        ("net.encoder.",),
        f"{'OpenMind ' if plan else ''}residual encoder{f' ({kind})' if plan else ''}",
        preprocessing,
        patch,
        "Wald et al., An OpenMind for 3D medical vision self-supervised learning, 2024, https://arxiv.org/abs/2412.17041"
        if plan
        else "",
        (
            *notes,
            Problem(
                "encoder-orientation-not-recorded",
                "It was shown images in the order of their files, whose orientation is not recorded; jobs "
                "show it right, anterior, superior.",
                severity="note",
            ),
        ),
    )


def _reversed(value: Any) -> Any:
    return list(reversed(value)) if isinstance(value, (list, tuple)) else value


def _as_pretrained(plan: Mapping[str, Any]) -> tuple[Preprocessing, tuple[int, int, int]]:
    """How images were prepared for the pretraining, and the patches that nnssl recommends."""
    inner = plan.get("pretrain_plan")
    configurations = inner.get("configurations") if isinstance(inner, Mapping) else None
    listed = (
        [one for one in configurations.values() if isinstance(one, Mapping)]
        if isinstance(configurations, Mapping)
        else []
    )
    spacing = _three(listed[0].get("spacing")) if len(listed) == 1 else None
    resampled = spacing and listed[0].get("spacing_style") != "noresample"
    preprocessing = Preprocessing(spacing if resampled else None, "z-score", crop="non-zero")
    patch = _three(plan.get("recommended_downstream_patchsize"))
    i, j, k = (int(n) for n in patch) if patch and all(8 <= n <= 512 for n in patch) else PATCH
    return preprocessing, (i, j, k)


def _three(value: Any) -> tuple[float, float, float] | None:
    """Three numbers of nnssl's, (z, y, x), in the order of ours; None where there are none."""
    if not isinstance(value, (list, tuple)) or len(value) != 3:
        return None
    if not all(isinstance(n, (int, float)) and not isinstance(n, bool) and 0 < n < 1000 for n in value):
        return None
    return float(value[2]), float(value[1]), float(value[0])


# SwinUNETR's transformer ----------------------------------------------------------------------------------------------------


def _swin(state: Mapping[str, Tensor], content: Mapping[str, Any], where: str) -> _Encoder:
    # MONAI's names; its pretraining calls the two layers of a perceptron otherwise.
    inner = {re.sub(r"\.mlp\.fc([12])\.", r".mlp.linear\1.", name): tensor for name, tensor in state.items()}
    first = inner["patch_embed.proj.weight"]
    tables = [inner.get(f"layers{n}.0.blocks.0.attn.relative_position_bias_table") for n in range(1, 5)]
    found = [table for table in tables if table is not None and table.ndim == 2]
    if first.ndim != 5 or len(found) != 4:
        raise InputError(
            "encoder-swin-levels",
            "{where}: is no Swin transformer of four levels for volumes, as SwinUNETR has it; it cannot be imported.",
            where=where,
        )
    window = round((round(found[0].shape[0] ** (1 / 3)) + 1) / 2)
    hidden, features = inner.get("layers1.0.blocks.0.mlp.linear1.weight"), int(first.shape[0])
    arguments: dict[str, Any] = {
        "feature_size": features,
        "depths": [_count(inner, rf"layers{n}\.0\.blocks\.(\d+)\.") for n in range(1, 5)],
        "num_heads": [int(table.shape[1]) for table in found],
        "window_size": window,
        "qkv_bias": "layers1.0.blocks.0.attn.qkv.bias" in inner,
        "mlp_ratio": 4.0 if hidden is None or not hidden.ndim else int(hidden.shape[0]) / features,
        "patch_norm": "patch_embed.norm.weight" in inner,
        "use_v2": any(name.startswith("layers1c.") for name in inner),
    }
    own = ("patch_embed.", "layers")
    named = {f"swinViT.{name}" if name.startswith(own) else name: tensor for name, tensor in inner.items()}
    return _Encoder(
        CardNetwork("swinunetr", arguments),
        int(first.shape[1]),
        named,
        ("net.swinViT.",),
        "Swin transformer of SwinUNETR",
        citation="Tang et al., Self-supervised pre-training of Swin transformers for 3D medical image analysis, CVPR 2022",
    )


# SegResNet ------------------------------------------------------------------------------------------------------------------


def _segresnet(state: Mapping[str, Tensor], content: Mapping[str, Any], where: str) -> _Encoder:
    first = state["convInit.conv.weight"]
    levels = _count(state, r"down_layers\.(\d+)\.")
    if first.ndim != 5 or levels < 2:
        raise InputError(
            "encoder-segresnet-levels",
            "{where}: is no SegResNet for volumes with two levels or more; it cannot be imported.",
            where=where,
        )
    # Each level begins with what halves the image, but for the first, where that is left empty.
    blocks = [_count(state, rf"down_layers\.{n}\.(\d+)\.(?:conv1|norm1)\.") for n in range(levels)]
    batch = any(name.endswith("running_mean") for name in state)
    arguments: dict[str, Any] = {
        "init_filters": int(first.shape[0]),
        "blocks_down": blocks,
        "blocks_up": [1] * (levels - 1),
        "norm": "batch" if batch else ["group", {"num_groups": 8}],
    }
    grouped = (
        ()
        if batch
        else (
            Problem(
                "encoder-normalisation-not-recorded",
                "Which normalisation it has is not recorded; taken as by groups of 8, as MONAI has it.",
                severity="note",
            ),
        )
    )
    return _Encoder(
        CardNetwork("segresnet", arguments),
        int(first.shape[1]),
        state,
        ("net.convInit.", "net.down_layers."),
        "SegResNet's encoder",
        notes=grouped,
    )


FAMILIES = (
    _Family(("stem.convs.0.conv.weight", "stages.0.blocks.0.conv1.conv.weight"), ("decoder.",), _residual),
    _Family(("patch_embed.proj.weight", "layers1.0.blocks.0.attn.qkv.weight"), ("decoder5.", "decoder1."), _swin),
    _Family(("convInit.conv.weight", "down_layers.0.1.conv1.conv.weight"), ("up_layers.", "conv_final."), _segresnet),
)
IMPORTER = Importer("pretrained encoders (nnssl, SwinUNETR, SegResNet)", _recognises, import_encoder)
