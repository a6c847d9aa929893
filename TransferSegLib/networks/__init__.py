"""The architectures, by name. A new one is a file that defines a `StagedNetwork` and a line here."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from TransferSegLib.errors import InputError

if TYPE_CHECKING:
    from TransferSegLib.networks.staged import StagedNetwork

# name → (module, class); the class takes in_channels, out_channels and the card's arguments.
NETWORKS: Mapping[str, tuple[str, str]] = {
    "monai-unet": ("TransferSegLib.networks.monai_unet", "MonaiUNet"),
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
    network_class = _class(name)
    try:
        network: StagedNetwork = network_class(in_channels, out_channels, **dict(arguments or {}))
    except (TypeError, ValueError, AssertionError, ArithmeticError, LookupError, RuntimeError) as error:
        given, why = str(dict(arguments or {}))[:300], " ".join(str(error).split())[:200].rstrip(".")
        raise InputError(f"network `{name}` cannot be built with {given}: {why}.") from None
    return network


def list_arguments(name: str) -> frozenset[str]:
    """The arguments of a network that must be lists; raises `InputError` for an unknown name."""
    arguments = inspect.signature(_class(name)).parameters.values()
    return frozenset(a.name for a in arguments if str(a.annotation).startswith("Sequence["))


def _class(name: str) -> type[StagedNetwork]:
    if name not in NETWORKS:
        raise InputError(f"network `{name}` is not known; known are {', '.join(NETWORKS)}.")
    module, attribute = NETWORKS[name]
    network_class: type[StagedNetwork] = getattr(importlib.import_module(module), attribute)
    return network_class
