"""Translates MONAI's networks to ours and back: the only `_target_`s that a bundle may name, and that we write."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from TransferSegLib.core.card import CardNetwork, check_arguments
from TransferSegLib.core.errors import InputError
from TransferSegLib.networks.axes import OURS
from TransferSegLib.networks.registry import NETWORKS, network_class

# Our own networks are named by the function that builds them; MONAI then needs TransferSeg installed.
OWN_TARGET = "TransferSegLib.networks.build"
_OWN_ARGUMENTS = ("name", "in_channels", "out_channels", "arguments")


@dataclass(frozen=True)
class MonaiNetwork:
    """What is known of one of MONAI's networks.

    Attributes:
        ours: Its name in `NETWORKS`.
        ignored: Arguments that change neither the weights nor what they compute.
        sliced: Our name of the network of two dimensions.
    """

    ours: str
    ignored: tuple[str, ...] = ()
    sliced: str | None = None


ALLOWED: Mapping[str, MonaiNetwork] = {
    "UNet": MonaiNetwork("monai-unet", sliced="monai-unet-2d"),
    "SegResNet": MonaiNetwork("segresnet"),
    "SegResNetDS": MonaiNetwork("segresnet-ds"),
    "DynUNet": MonaiNetwork("dynunet"),
    "SwinUNETR": MonaiNetwork("swinunetr", ("img_size", "use_checkpoint", "use_flash_attention")),
    "UNETR": MonaiNetwork("unetr", ("save_attn", "proj_type", "pos_embed")),
}
_TARGET = re.compile(r"(?:monai\.networks\.nets\.(?:\w+\.)?)?(\w+)")
_BY_CONTRACT = ("in_channels", "out_channels", "spatial_dims")


def check_target(target: str, where: str) -> None:
    """Check that a bundle may name this network.

    Args:
        target: The `_target_` of the bundle's configuration.
        where: Where the configuration names it, for the error.

    Raises:
        InputError: It is neither one of `ALLOWED` of MONAI nor `OWN_TARGET`.
    """
    match = _TARGET.fullmatch(target)
    if target != OWN_TARGET and (not match or match[1] not in ALLOWED):
        raise InputError(
            "bundle-network-not-known",
            "{where}: `{target}` is not a network that can be imported, and nothing else in a bundle is "
            "run; known are {known} of MONAI.",
            where=where,
            target=target[:80],
            known=list(ALLOWED),
        )


def check_names(target: str, names: Collection[str], where: str) -> None:
    """Check that a network takes arguments of these names.

    Args:
        target: The network's `_target_`, one that `check_target` allows.
        names: The names of the arguments.
        where: Where the configuration gives them, for the error.

    Raises:
        InputError: The network has no argument of one of these names.
    """
    if target == OWN_TARGET:
        known, kind = {*_OWN_ARGUMENTS}, target
    else:
        kind = target.rpartition(".")[2]
        known = {*_defaults(getattr(importlib.import_module("monai.networks.nets"), kind)), *ALLOWED[kind].ignored}
    if not (strange := sorted(set(names) - known)):
        return
    if len(strange) == 1:
        raise InputError(
            "bundle-no-such-argument",
            "{where}: {monai:?MONAI's |}{network} has no argument `{argument}`; correct the bundle.",
            where=where,
            monai=target != OWN_TARGET,
            network=kind,
            argument=strange[0][:80],
        )
    raise InputError(
        "bundle-no-such-arguments",
        "{where}: {monai:?MONAI's |}{network} has no argument `{argument}`, nor {more} more of those given; correct the "
        "bundle.",
        where=where,
        monai=target != OWN_TARGET,
        network=kind,
        argument=strange[0][:80],
        more=len(strange) - 1,
    )


def from_monai(target: str, arguments: Mapping[str, Any], where: str) -> tuple[CardNetwork, int, int]:
    """Translate a network definition of a bundle. Nothing is imported by the name that the file gives.

    Args:
        target: The definition's `_target_`.
        arguments: Its literal arguments, checked by `check_names`.
        where: Where the definition stands, for errors.

    Returns:
        Our network, its input channels, its output channels.

    Raises:
        InputError: The target is not allowed, or an argument that our network lacks is not MONAI's default.
    """
    check_target(target, where)
    if target == OWN_TARGET:
        return _own(arguments, where)
    kind = target.rpartition(".")[2]
    known = ALLOWED[kind]
    theirs = _defaults(getattr(importlib.import_module("monai.networks.nets"), kind))
    given = {name: value for name, value in arguments.items() if not name.startswith("_")}
    dimensions = given.get("spatial_dims", 3)
    name_of_ours = known.ours if dimensions == 3 else known.sliced if dimensions == 2 else None
    if name_of_ours is None:
        raise InputError(
            "bundle-network-dimensions",
            "{where}: a {network} of {dimensions} dimensions; only networks for volumes import.",
            where=where,
            network=kind,
            dimensions=dimensions,
        )
    ours = _defaults(network_class(name_of_ours))
    if kind == "DynUNet":
        given = _dynunet(given, where)
        theirs.pop("upsample_kernel_size")
    elif kind == "SegResNet":
        given = _segresnet(given, where)
        del theirs["norm_name"], theirs["num_groups"]
    values: dict[str, Any] = {}
    for name, default in theirs.items():
        if name in _BY_CONTRACT or name in known.ignored:
            continue
        value = _plain(given.get(name, default))
        if name in ours:
            if value != inspect.Parameter.empty and _literal(value):
                values[name] = value
        elif name in given and _folded(value) != _folded(_plain(default)):
            raise InputError(
                "bundle-argument-not-known",
                "{where}: the argument `{argument}` = {value} of MONAI's {network} is not known to our "
                "`{ours}`, so the model would not be the same; it cannot be imported.",
                where=where,
                argument=name,
                value=repr(value),
                network=kind,
                ours=name_of_ours,
            )
    if "plane" in ours:
        values["plane"] = ours["plane"]
    check_arguments(values, where)
    channels = [given.get(name, theirs.get(name)) for name in _BY_CONTRACT[:2]]
    return CardNetwork(name_of_ours, values), *_counts(channels, where)


def to_monai(network: CardNetwork, in_channels: int, out_channels: int) -> tuple[dict[str, Any], str]:
    """Translate one of our networks for a bundle.

    Args:
        network: The card's network.
        in_channels: How many images it takes.
        out_channels: How many classes it has, background included.

    Returns:
        `network_def` with its `_target_` and literal arguments, and the prefix of our state-dict names that MONAI's lack.
    """
    kind = next((kind for kind, known in ALLOWED.items() if known.ours == network.name), None)
    if kind is None or network.arguments.get("axes", OURS) != OURS:
        own = {"name": network.name, "in_channels": in_channels, "out_channels": out_channels}
        return {"_target_": OWN_TARGET, **own, "arguments": _plain(dict(network.arguments))}, ""
    known = ALLOWED[kind]
    theirs = _defaults(getattr(importlib.import_module("monai.networks.nets"), kind))
    values = {**_defaults(network_class(known.ours)), **network.arguments}
    definition: dict[str, Any] = {"_target_": kind}
    if "spatial_dims" in theirs:
        definition["spatial_dims"] = 3
    definition |= {"in_channels": in_channels, "out_channels": out_channels}
    if kind == "DynUNet":
        strides = values["strides"] or [1, *[2] * (len(values["filters"]) - 1)]
        values |= {"strides": strides, "kernel_size": values["kernel_size"] or [3] * len(strides)}
        # The heads of deep supervision serve training alone, and MONAI's network would return them all.
        values |= {"deep_supervision": False}
        del values["deep_supr_num"]
        definition["upsample_kernel_size"] = strides[1:]
    for name, value in values.items():
        if name in theirs and name not in _BY_CONTRACT and name not in known.ignored and _literal(_plain(value)):
            definition[name] = _plain(value)
    return definition, "net."


def _own(arguments: Mapping[str, Any], where: str) -> tuple[CardNetwork, int, int]:
    given = {name: value for name, value in arguments.items() if not name.startswith("_")}
    name, inner = given.get("name"), given.get("arguments", {})
    if not isinstance(name, str) or name not in NETWORKS or not isinstance(inner, dict):
        raise InputError(
            "bundle-own-network-not-known",
            "{where}: network `{name}` is not known; known are {known}.",
            where=where,
            name=str(name)[:80],
            known=list(NETWORKS),
        )
    check_arguments(inner, where)
    return CardNetwork(name, inner), *_counts([given.get("in_channels"), given.get("out_channels")], where)


def _dynunet(given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Write out MONAI's default filters, and check that upsampling kernels are the strides, as in ours."""
    given = dict(given)
    strides, kernels = given.get("strides"), given.pop("upsample_kernel_size", None)
    if not isinstance(strides, list) or not strides:
        raise InputError(
            "bundle-dynunet-strides",
            "{where}: `strides` of DynUNet are missing or no list; correct the bundle.",
            where=where,
        )
    if kernels is not None and _by_axis(kernels) != _by_axis(strides[1:]):
        raise InputError(
            "bundle-dynunet-kernels",
            "{where}: the argument `upsample_kernel_size` = {kernels} differs from the strides "
            "{strides}, which our `dynunet` does not know; it cannot be imported.",
            where=where,
            kernels=repr(kernels),
            strides=repr(strides[1:]),
        )
    if given.get("filters") is None:
        given["filters"] = [min(2 ** (5 + n), 320) for n in range(len(strides))]
    return given


def _by_axis(levels: Any) -> Any:
    """Write out a number that stands for all axes, level by level."""
    return (
        [[level] * 3 if isinstance(level, int) else level for level in levels] if isinstance(levels, list) else levels
    )


def _segresnet(given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Translate the older way of naming the normalisation, which MONAI prefers to `norm`."""
    given = dict(given)
    name, groups = given.pop("norm_name", ""), given.pop("num_groups", 8)
    if name and str(name).lower() != "group":
        raise InputError(
            "bundle-segresnet-norm",
            "{where}: `norm_name` of SegResNet is {name}, and MONAI takes `group` alone there.",
            where=where,
            name=repr(str(name)[:40]),
        )
    return {**given, "norm": ["group", {"num_groups": groups}]} if name else given


def _defaults(network_class: type) -> dict[str, Any]:
    parameters = inspect.signature(network_class.__init__).parameters  # type: ignore[misc]
    return {name: p.default for name, p in parameters.items() if name != "self"}


def _counts(values: list[Any], where: str) -> tuple[int, int]:
    for name, value in zip(_BY_CONTRACT, values, strict=False):
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 256:
            raise InputError(
                "bundle-channels-not-usable",
                "{where}: `{argument}` is {value}; a number from 1 to 256 is needed.",
                where=where,
                argument=name,
                value=str(value)[:40],
            )
    return values[0], values[1]


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _literal(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_literal, value))
    if isinstance(value, dict):
        return all(map(_literal, value.values()))
    return value is None or isinstance(value, (str, bool, int, float))


def _folded(value: Any) -> Any:
    """Fold the case of texts: MONAI takes the names of layers in any."""
    return (
        value.casefold()
        if isinstance(value, str)
        else [_folded(v) for v in value]
        if isinstance(value, list)
        else value
    )
