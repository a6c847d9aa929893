"""The architectures, by name. A new one is a file that defines a `StagedNetwork` and a line here."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import typing
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import check_type

if TYPE_CHECKING:
    from TransferSegLib.networks.staged import StagedNetwork

# name → (module, class); the class takes in_channels, out_channels and the card's arguments.
NETWORKS: Mapping[str, tuple[str, str]] = {
    "monai-unet": ("TransferSegLib.networks.monai_unet", "MonaiUNet"),
    "monai-unet-2d": ("TransferSegLib.networks.monai_unet", "MonaiUNet2D"),
    "mecheter2023": ("TransferSegLib.networks.mecheter2023", "Mecheter2023"),
    "hybrid": ("TransferSegLib.networks.hybrid", "Hybrid"),
    "ratlesnetv2": ("TransferSegLib.networks.ratlesnetv2", "RatLesNetV2"),
    "segnet": ("TransferSegLib.networks.segnet", "SegNet"),
    "zoetmulder2022": ("TransferSegLib.networks.zoetmulder2022", "Zoetmulder2022"),
    "dynunet": ("TransferSegLib.networks.dynunet", "DynUNet"),
    "unetr": ("TransferSegLib.networks.unetr", "UNETR"),
    "karimi2021": ("TransferSegLib.networks.karimi2021", "Karimi2021"),
    "vnet": ("TransferSegLib.networks.vnet", "VNet"),
    "unetplusplus": ("TransferSegLib.networks.unetplusplus", "UNetPlusPlus"),
    "hrnet": ("TransferSegLib.networks.hrnet", "HRNet"),
    "tiramisu": ("TransferSegLib.networks.tiramisu", "Tiramisu"),
    "autofocus": ("TransferSegLib.networks.autofocus", "Autofocus"),
    "segresnet": ("TransferSegLib.networks.segresnet", "SegResNet"),
    "swinunetr": ("TransferSegLib.networks.swinunetr", "SwinUNETR"),
    "nnunet-plain": ("TransferSegLib.networks.nnunet", "PlainConvUNet"),
    "nnunet-resenc": ("TransferSegLib.networks.nnunet", "ResidualEncoderUNet"),
}

# What every network is given beside the card's arguments.
_BY_CONTRACT = ("in_channels", "out_channels")
# What nnU-Net's networks are in. It is installed without its own requirements, which would bring another PyTorch.
NNUNET_PACKAGE = "dynamic-network-architectures>=0.4"


def own_packages(name: str, arguments: Mapping[str, Any] | None = None) -> tuple[str, ...]:
    """The requirements that a network has beside those of all; each is installed by pip's `--no-deps`."""
    base = str((arguments or {}).get("network", name))  # a hybrid is made of another network
    return (NNUNET_PACKAGE,) if base.startswith("nnunet-") else ()


def build(name: str, in_channels: int, out_channels: int, arguments: Mapping[str, Any] | None = None) -> StagedNetwork:
    """A network with new weights, for `in_channels` images and `out_channels` classes (background included).

    Raises `InputError` for an unknown name, or arguments that the network does not take.
    """
    from TransferSegLib.networks.bounds import bounded

    network_class, given = _class(name), dict(arguments or {})
    where = f"network `{name}` cannot be built with {str(given)[:300]}"
    _check_arguments(network_class, given, where)
    try:
        with bounded(name):
            network: StagedNetwork = network_class(in_channels, out_channels, **given)
    except (TypeError, ValueError, AssertionError, ArithmeticError, LookupError, RuntimeError) as error:
        raise InputError(f"{where}: {_why(error, name, given)}.") from None
    return network


def _check_arguments(network_class: type[StagedNetwork], given: Mapping[str, Any], where: str) -> None:
    """`InputError` for an argument that is missing, not known, or of another kind than the network says."""
    known = {n: p for n, p in inspect.signature(network_class).parameters.items() if n not in _BY_CONTRACT}
    if strange := sorted(map(str, given.keys() - known.keys())):
        raise InputError(f"{where}: it has no argument `{strange[0]}`; known are {', '.join(known)}.")
    if missing := [n for n, p in known.items() if p.default is p.empty and n not in given]:
        raise InputError(f"{where}: its argument `{missing[0]}` is missing; give it.")
    hints = typing.get_type_hints(network_class.__init__)
    for argument, value in given.items():
        check_type(hints[argument], value, f"{where}: argument `{argument}`")


def _why(error: Exception, name: str, given: Mapping[str, Any]) -> str:
    """The network's own words; where there are only Python's, the argument that it can be built without."""
    import torch

    from TransferSegLib.networks.bounds import bounded

    words = " ".join(str(error).split())[:200].rstrip(".")
    if words and isinstance(error, (ValueError, AssertionError)) and "unpack" not in words:
        return words
    # All trials together are bounded as one network is.
    with torch.device("meta"), bounded(name):
        for argument in given:
            with contextlib.suppress(Exception):
                _class(name)(1, 2, **{n: value for n, value in given.items() if n != argument})
                return f"argument `{argument}` is not one that it, or the others, can be combined with"
    return "its arguments do not go together"


def list_arguments(name: str) -> frozenset[str]:
    """The arguments of a network that must be lists; raises `InputError` for an unknown name."""
    arguments = inspect.signature(_class(name)).parameters.values()
    return frozenset(a.name for a in arguments if str(a.annotation).startswith("Sequence["))


def _class(name: str) -> type[StagedNetwork]:
    if name not in NETWORKS:
        # A hybrid is made of another network, by a strategy: nobody chooses it.
        known = ", ".join(n for n in NETWORKS if n != "hybrid")
        raise InputError(f"network `{name}` is not known; known are {known}.")
    module, attribute = NETWORKS[name]
    network_class: type[StagedNetwork] = getattr(importlib.import_module(module), attribute)
    return network_class
