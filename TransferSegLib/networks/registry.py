"""The architectures by name. A new one is a file with a `StagedNetwork`, and a line in `NETWORKS`."""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import typing
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.library_words import library_says
from TransferSegLib.core.problems import Problem
from TransferSegLib.core.records import check_type
from TransferSegLib.networks.wrong_argument import WrongArgument

if TYPE_CHECKING:
    from TransferSegLib.networks.staged import StagedNetwork

# Name → (module, class). The class takes in_channels, out_channels and the card's arguments. One that is made of other
# networks also takes `build`, by which it builds them.
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
    "segresnet-ds": ("TransferSegLib.networks.segresnet_ds", "SegResNetDS"),
    "swinunetr": ("TransferSegLib.networks.swinunetr", "SwinUNETR"),
    "nnunet-plain": ("TransferSegLib.networks.nnunet", "PlainConvUNet"),
    "nnunet-resenc": ("TransferSegLib.networks.nnunet", "ResidualEncoderUNet"),
}

# What a network is given by `build`, beside the card's arguments.
_GIVEN = ("in_channels", "out_channels", "build")
# What nnU-Net's networks are in. It is installed without its own requirements, which would bring another PyTorch.
NNUNET_PACKAGE = "dynamic-network-architectures>=0.4"


def own_packages(name: str, arguments: Mapping[str, Any] | None = None) -> tuple[str, ...]:
    """The packages that only this network needs, beside those of all networks; pip installs each with `--no-deps`.

    Args:
        name: The architecture.
        arguments: Its arguments. Those of a hybrid name another architecture, which then counts.
    """
    base = str((arguments or {}).get("network", name))  # a hybrid is made of another network
    return (NNUNET_PACKAGE,) if base.startswith("nnunet-") else ()


def build(name: str, in_channels: int, out_channels: int, arguments: Mapping[str, Any] | None = None) -> StagedNetwork:
    """Build a network with new weights.

    Args:
        name: The architecture, one of `NETWORKS`.
        in_channels: The number of images (channels) that it takes.
        out_channels: The number of classes, background included.
        arguments: The architecture's own arguments; those left out have their defaults.

    Returns:
        The network, in training mode, on the default device.

    Raises:
        InputError: The name is not known, or the network does not take these arguments.
    """
    from TransferSegLib.networks.bounds import bounded

    found, given = network_class(name), dict(arguments or {})

    def refused(reason: Problem) -> InputError:
        return InputError(
            "network-not-built",
            "network `{name}` cannot be built with {arguments}: {reason}.",
            name=name,
            arguments=str(given)[:300],
            reason=reason,
        )

    if problem := _wrong_argument(found, given):
        raise refused(problem)
    if "build" in inspect.signature(found).parameters:
        found = functools.partial(found, build=build)  # type: ignore[assignment]
    try:
        with bounded(name):
            network: StagedNetwork = found(in_channels, out_channels, **given)
    except WrongArgument as error:
        raise refused(error.problem) from None
    except (TypeError, ValueError, AssertionError, ArithmeticError, LookupError, RuntimeError) as error:
        raise refused(_why(error, found, name, given)) from None
    return network


def network_class(name: str) -> type[StagedNetwork]:
    """The class of an architecture.

    Raises:
        InputError: The name is not known.
    """
    if name not in NETWORKS:
        raise InputError(
            "network-not-known",
            "network `{name}` is not known; known are {known}.",
            name=name,
            # A hybrid is made of another network, by a strategy: nobody chooses it.
            known=[known for known in NETWORKS if known != "hybrid"],
        )
    module, attribute = NETWORKS[name]
    found: type[StagedNetwork] = getattr(importlib.import_module(module), attribute)
    return found


def list_arguments(name: str) -> frozenset[str]:
    """The names of an architecture's arguments that must be lists.

    Raises:
        InputError: The architecture is not known.
    """
    arguments = inspect.signature(network_class(name)).parameters.values()
    return frozenset(a.name for a in arguments if str(a.annotation).startswith("Sequence["))


def _wrong_argument(found: type[StagedNetwork], given: Mapping[str, Any]) -> Problem | None:
    """The first argument that is not known, is missing, or has a value of another type than the network says."""
    known = {n: p for n, p in inspect.signature(found).parameters.items() if n not in _GIVEN}
    if strange := sorted(map(str, given.keys() - known.keys())):
        return Problem(
            "network-argument-not-known",
            "it has no argument `{argument}`; known are {known}",
            {"argument": strange[0], "known": list(known)},
        )
    if missing := [n for n, p in known.items() if p.default is p.empty and n not in given]:
        return Problem(
            "network-argument-missing", "its argument `{argument}` is missing; give it", {"argument": missing[0]}
        )
    hints = typing.get_type_hints(found.__init__)
    for argument, value in given.items():
        try:
            check_type(hints[argument], value, f"argument `{argument}`")
        except InputError as error:
            return error.problem
    return None


def _why(error: Exception, found: Callable[..., StagedNetwork], name: str, given: Mapping[str, Any]) -> Problem:
    """The library's own words; where there are only Python's, the argument that it can be built without."""
    import torch

    from TransferSegLib.networks.bounds import bounded

    words = " ".join(str(error).split())[:200].rstrip(".")
    if words and isinstance(error, (ValueError, AssertionError)) and "unpack" not in words:
        return library_says(error)
    # All trials together are bounded as one network is.
    with torch.device("meta"), bounded(name):
        for argument in given:
            with contextlib.suppress(Exception):
                found(1, 2, **{n: value for n, value in given.items() if n != argument})
                return Problem(
                    "network-argument-not-combined",
                    "argument `{argument}` is not one that it, or the others, can be combined with",
                    {"argument": argument},
                )
    return Problem("network-arguments-do-not-go-together", "its arguments do not go together")
