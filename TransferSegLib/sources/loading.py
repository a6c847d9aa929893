"""Loads a source model: its weights, checked against its card, in its network."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from TransferSegLib.core.card import ModelCard, check_card
from TransferSegLib.core.cascades import refuse_cascade
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.library_words import library_says
from TransferSegLib.core.texts import share_text
from TransferSegLib.networks import build
from TransferSegLib.networks.staged import StagedNetwork, whole_patch
from TransferSegLib.sources.folder import SourceFolder, file_sha256
from TransferSegLib.sources.mapping import Axes, MappingReport, map_weights, named_for, variable_axes
from TransferSegLib.sources.untrusted.file_kinds import check_kind
from TransferSegLib.sources.untrusted.weights import load_weights

# The longest trial is one of nnU-Net's networks that halves the image six times: a cube of 128 voxels a side.
MOST_TRIED_VOXELS = 160**3
# How many times as large as its encoder alone a network may be.
MOST_TIMES_BACKBONE = 30
# The deepest kernels that kernels of slices are inflated to.
MOST_DEPTH = 7


def load_state(source: SourceFolder) -> dict[str, Tensor]:
    """Load the weights, by name, of a model that something begins from.

    Raises:
        InputError: The weights file is not the one that the card was written for, or cannot be read; or the model is a
            cascade, which nothing can begin from.
    """
    refuse_cascade(source.card)
    return _load_own(source)


def _load_own(source: SourceFolder) -> dict[str, Tensor]:
    """Load the weights of a model's network; of a cascade, that of its second stage."""
    state = _load_checked(source.weights, source.card.weights_sha256)
    if of_slices(state):
        check_card(source.card, str(source.folder))
        _refuse_slices(_described(source.card, str(source.folder)), str(source.folder), bare=False)
    return state


def load_members(source: SourceFolder) -> list[StagedNetwork]:
    """Load the further networks of a model that is an ensemble; none where it is not.

    Raises:
        InputError: A file is not there, is not the one that the card was written for, or does not fill the network.
    """
    return [
        fit(source.card, state, source.card.members[n].file)[0] for n, state in enumerate(load_member_states(source))
    ]


def load_member_states(source: SourceFolder) -> list[dict[str, Tensor]]:
    """Load the further weights of a model that is an ensemble, by name.

    Raises:
        InputError: A file is not there, cannot be read, or is not the one that the card was written for.
    """
    return [_load_checked(source.member(member), member.sha256) for member in source.card.members]


def _load_checked(path: Path, expected: str | None) -> dict[str, Tensor]:
    """Load weights by name; `expected` is the SHA-256 that the card states, None where it states none."""
    check_kind(path)  # says more than that the sum differs
    if expected is not None and file_sha256(path) != expected.lower():
        raise InputError(
            "weights-not-those-of-card",
            "{path}: is not the file the card was written for (SHA-256 differs); fetch the model again.",
            path=path,
        )
    return load_weights(path)


def load_source(source: SourceFolder) -> tuple[StagedNetwork, MappingReport]:
    """Load a model's network as it was trained; of a cascade, that of its second stage.

    Returns:
        The network in evaluation mode, and what became of each tensor.

    Raises:
        InputError: Not every value of the network comes from the weights file.
    """
    return fit(source.card, _load_own(source), str(source.folder))


def fit(
    card: ModelCard,
    state: Mapping[str, Tensor],
    where: str,
    card_at: str | None = None,
    inflate: bool = False,
    backbone: tuple[str, ...] = (),
    least_share: float = 0.5,
) -> tuple[StagedNetwork, MappingReport]:
    """Build a card's network and put weights into it.

    If the model was not trained to segment, only its encoder must come from the weights. All other weights may be drawn at
    random, with a fixed seed.

    Args:
        card: Describes the network; it is untrusted.
        state: The weights by name.
        where: Where the weights are, for errors.
        card_at: Where the card is, for errors; None where the two are together.
        inflate: Whether weights of slices may become kernels of volumes; else they are refused for a network for volumes.
        backbone: How the names of the tensors begin of which `least_share` must come from the weights, by their values; all
            others may be new. Empty for the whole network.
        least_share: See `backbone`.

    Returns:
        The network in evaluation mode, and what became of each tensor.

    Raises:
        InputError: The card describes no network that can be built, or the weights do not fill it.
    """
    card_at = card_at or where
    check_card(card, card_at)
    channels, classes = card.inputs, card.outputs
    # The card is untrusted as well: first learn how large its network is, without memory for it.
    described = _described(card, card_at)
    if empty := next((name for name, tensor in described.items() if not tensor.numel()), None):
        raise InputError(
            "card-network-with-empty-tensor",
            "{where}: the network described has nothing in `{name}`; correct the network on the card.",
            where=card_at,
            name=empty,
        )
    needed, held = (sum(math.prod(t.shape) for t in tensors.values()) for tensors in (described, state))
    if of_slices(state) and any(tensor.ndim == 5 for tensor in described.values()):
        if not inflate:
            _refuse_slices(described, where, bare=card_at != where)
        held *= MOST_DEPTH
    if needed > (MOST_TIMES_BACKBONE if backbone else 2) * held:
        raise InputError(
            "card-network-too-large",
            "{where}: the network described has {needed:,} values, the weights hold {held:,}; correct "
            "the network or the labels.",
            where=where,
            needed=needed,
            held=held,
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = build(card.network.name, channels, classes, card.network.arguments)
    network.regions = card.class_regions
    try:
        axes = _from_photographs(card, network, state)
        report = map_weights(
            network,
            state,
            class_axes={},
            channel_axes=axes,
            source_classes=tuple((n,) for n in range(classes)),
            # One grey channel stands for all three of photographs.
            source_channels=((),) if axes else tuple((n,) for n in range(channels)),
            minimum_share=0.0 if backbone else 1.0 if card.task == "segmentation" else 0.5,
        )
    except InputError as error:
        if counts := _other_counts(card, network, state, where):
            raise counts from None
        raise InputError("weights-do-not-fit", "{where}: {reason}.", where=where, reason=error) from None
    _refuse_other_layers(report, network, where)
    if backbone:
        _refuse_few(report, network, backbone, least_share, where)
    return network.eval(), report


def _refuse_few(
    report: MappingReport, network: StagedNetwork, backbone: tuple[str, ...], least_share: float, where: str
) -> None:
    """Refuse weights that lack too much of an encoder."""
    sizes = {name: tensor.numel() for name, tensor in network.state_dict().items() if name.startswith(backbone)}
    new = [entry for entry in report.entries if entry.status == "new" and entry.name in sizes]
    share = 1 - sum(sizes[entry.name] for entry in new) / max(1, sum(sizes.values()))
    if share < least_share:
        raise InputError(
            "encoder-too-few-weights",
            "{where}: {found} of {count} tensors of the encoder are in the file, {share} of its values, and {needed} are "
            "needed (`{name}`: {how}); choose weights that were made with this network.",
            where=where,
            found=len(sizes) - len(new),
            count=len(sizes),
            share=share_text(share),
            needed=share_text(least_share),
            name=new[0].name,
            how=new[0].how,
        )


def _described(card: ModelCard, card_at: str) -> dict[str, Tensor]:
    """The tensors of a card's network by name, on the meta device, without memory for their values.

    Raises:
        InputError: The card describes no network that can be built.
    """
    try:
        with torch.device("meta"):
            return build(card.network.name, card.inputs, card.outputs, card.network.arguments).state_dict()
    except InputError as error:
        raise InputError("card-network-not-built", "{where}: {reason}.", where=card_at, reason=error) from None


def _refuse_slices(described: Mapping[str, Tensor], where: str, bare: bool) -> None:
    """Refuse weights of slices for a network for volumes: inflated, they are no model that was ever tried.

    Args:
        described: The tensors of the card's network.
        where: Where the weights are, for the error.
        bare: Whether the weights and the card are apart, so that the person can choose.
    """
    if any(tensor.ndim == 5 for tensor in described.values()):
        raise InputError(
            "weights-of-slices",
            "{where}: the weights are of a network for slices (2D), and the network described is for volumes; {bare:?"
            "correct the network on the card, or, to have kernels repeated across the slices, give {option}|"
            "choose the weights of that network}.",
            where=where,
            bare=bare,
            option="--inflate",
        )


def _other_counts(
    card: ModelCard, network: StagedNetwork, state: Mapping[str, Tensor], where: str
) -> InputError | None:
    """The error for weights that do not fit only because of their number of outputs or channels; else None."""
    named, tensors = named_for(network, state), network.state_dict()
    wrong = {name for name, tensor in tensors.items() if name not in named or named[name].shape != tensor.shape}
    class_axes = variable_axes(card.network.name, card.network.arguments, "classes")
    channel_axes = variable_axes(card.network.name, card.network.arguments, "channels")

    def other(axes: Axes, wanted: int) -> int | None:
        """How many outputs or channels the weights have, where that is one number and not the wanted one."""
        held = {
            named[name].shape[axis]
            for name, along in axes.items()
            for axis in along
            if name in named and named[name].ndim == tensors[name].ndim and tensors[name].shape[axis] == wanted
        }
        return held.pop() if len(held) == 1 and held != {wanted} else None

    outputs, channels = other(class_axes, card.outputs), other(channel_axes, card.inputs)
    if not (wrong <= class_axes.keys() | channel_axes.keys() and wrong <= named.keys() and card.task == "segmentation"):
        return None
    if outputs and channels:
        return InputError(
            "weights-of-other-outputs-and-channels",
            "{where}: the weights have {outputs} {outputs:~output|outputs}, the card has {labels} {labels:~label|labels} and "
            "a background, which is {card_outputs}: correct the card's labels; the weights take {channels} "
            "{channels:~channel|channels}, the card names {card_channels}: correct the card's channels.",
            where=where,
            outputs=outputs,
            labels=card.outputs - 1,
            card_outputs=card.outputs,
            channels=channels,
            card_channels=card.inputs,
        )
    if outputs:
        return InputError(
            "weights-of-other-outputs",
            "{where}: the weights have {outputs} {outputs:~output|outputs}, the card has {labels} {labels:~label|labels} and "
            "a background, which is {card_outputs}: correct the card's labels.",
            where=where,
            outputs=outputs,
            labels=card.outputs - 1,
            card_outputs=card.outputs,
        )
    if channels:
        return InputError(
            "weights-of-other-channels",
            "{where}: the weights take {channels} {channels:~channel|channels}, the card names {card_channels}: correct the "
            "card's channels.",
            where=where,
            channels=channels,
            card_channels=card.inputs,
        )
    return None


def _refuse_other_layers(report: MappingReport, network: StagedNetwork, where: str) -> None:
    """Refuse a network with a layer that lacks what the weights hold for it, such as a normalisation's scale."""
    layers = {name for name, module in network.named_modules() if next(module.children(), None) is None}
    for entry in report.entries:
        layer, _, last = entry.name.rpartition(".")
        if entry.status == "unused" and layer in layers and last != "num_batches_tracked":
            raise InputError(
                "card-network-without-part",
                "{where}: the weights hold `{name}`, and the network described has no `{part}` there "
                "(another normalisation, or no bias), so the model would not be the same; correct the "
                "network on the card.",
                where=where,
                name=entry.name,
                part=last,
            )


def of_slices(state: Mapping[str, Tensor]) -> bool:
    """Whether the weights have kernels of slices (4 axes) and none of volumes (5)."""
    return max((tensor.ndim for tensor in state.values()), default=0) == 4


def try_out(network: StagedNetwork, card: ModelCard, where: str) -> None:
    """Run a network once, on the smallest patch that it takes.

    Args:
        network: What is tried.
        card: What it is for.
        where: Where the card is, for errors.

    Raises:
        InputError: It cannot be run, or gives something other than a finite number for each voxel and class.
    """
    if min(network.divisor) < 1 or math.prod(size := whole_patch((1, 1, 1), network.divisor)) > MOST_TRIED_VOXELS:
        raise InputError(
            "card-network-steps",
            "{where}: the network described takes images in steps of ({divisor}) voxels, which none has; "
            "correct the network on the card.",
            where=where,
            divisor=network.divisor,
        )
    image = torch.linspace(-1, 1, math.prod(size)).reshape(1, 1, *size).expand(-1, card.inputs, -1, -1, -1)
    try:
        with torch.inference_mode():
            logits = network(image)
    except Exception as error:  # a stranger's arguments can make a network fail in any way
        raise InputError(
            "card-network-fails",
            "{where}: the network described cannot be run ({reason}); correct the card.",
            where=where,
            reason=library_says(error, "PyTorch"),
        ) from None
    if logits.shape != (1, card.outputs, *size) or not bool(torch.isfinite(logits).all()):
        raise InputError(
            "card-network-output",
            "{where}: the network does not give a finite number for each voxel and class; use other weights.",
            where=where,
        )


def _from_photographs(card: ModelCard, network: StagedNetwork, state: Mapping[str, Tensor]) -> Axes:
    """Return the axes that follow the input channels where the card has one and the weights have three; else none."""
    named, tensors = named_for(network, state), network.state_dict()
    # Learning the axes takes two more networks: only where something does not fit.
    if card.inputs != 1 or all(named[n].shape == tensors[n].shape for n in named.keys() & tensors.keys()):
        return {}
    axes = variable_axes(card.network.name, card.network.arguments, "channels")
    held = {
        named[name].shape[along[0]] for name, along in axes.items() if name in named and named[name].ndim > along[0]
    }
    return axes if held == {3} else {}


def refuse_unused(report: MappingReport, state: Mapping[str, Tensor], network: StagedNetwork, where: str) -> None:
    """Refuse weights that hold what the network has no place for: it is then not the network that they were made with.

    Tensors that are there twice under two names, as wrappers store them, have their place.

    Args:
        report: What became of each tensor.
        state: The weights by name.
        network: The network that they were put into.
        where: Where the weights are, for errors.

    Raises:
        InputError: A tensor has no place.
    """
    named = named_for(network, state)
    unused = {
        entry.name: named[entry.name]
        for entry in report.entries
        if entry.status == "unused" and not entry.name.endswith("num_batches_tracked")
    }
    shapes = {tensor.shape for tensor in unused.values()}
    kept = {_content(tensor) for tensor in network.state_dict().values() if tensor.shape in shapes}
    for name, tensor in unused.items():
        if _content(tensor) not in kept:
            raise InputError(
                "weights-without-place",
                "{where}: the weights hold `{name}`, for which the network described has no place, so the "
                "model would not be the same; it cannot be imported.",
                where=where,
                name=name,
            )


def _content(tensor: Tensor) -> tuple[torch.Size, bytes]:
    """Return what is the same for tensors of equal values, whatever their types: comparing thousands pairwise is slow."""
    # 0 is added because -0 is the same number in other bytes.
    return tensor.shape, hashlib.sha256((tensor.double() + 0.0).numpy().tobytes()).digest()
