"""A network and its arguments as a person types them: `monai-unet:channels=16-32-64:num_res_units=2`."""

from __future__ import annotations

import re
from typing import Any

from TransferSegLib.core.card import CardNetwork
from TransferSegLib.core.errors import InputError
from TransferSegLib.networks.registry import build, list_arguments


def network_choice(text: str) -> CardNetwork:
    """Read a network, and check that it can be built.

    Args:
        text: `name` or `name:argument=value:…`. A value is a number, `true`, `false`, `none`, a word, or a list of numbers:
            16-32-64, or 1x1x1-2x2x1 where each level has a number for each axis. A list of one number is written `2-`, or
            just `2` where the network takes nothing but a list.

    Returns:
        The network as a card describes it.

    Raises:
        InputError: The text has another form, or the network cannot be built.
    """
    import torch

    name, *parts = text.strip().split(":")
    arguments: dict[str, Any] = {}
    for part in parts:
        argument, equals, value = part.partition("=")
        if not equals or not value or argument in arguments:
            raise InputError(
                "network-argument-form",
                "{option} {value}: `{part}` is not of the form argument=value, or is given twice; "
                "write it like monai-unet:channels=16-32-64:num_res_units=2.",
                option="--network",
                value=text,
                part=part,
            )
        arguments[argument] = _argument(value)
    for argument in list_arguments(name) & arguments.keys():
        if isinstance(arguments[argument], (int, float)):
            arguments[argument] = [arguments[argument]]
    with torch.device("meta"):
        build(name, 1, 2, arguments)
    return CardNetwork(name, arguments)


def network_text(network: CardNetwork) -> str:
    """A network as the text that `network_choice` reads as this network."""
    return ":".join([network.name, *(f"{name}={_typed(value)}" for name, value in network.arguments.items())])


def _typed(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, (list, tuple)):
        return str(value)
    levels = ["x".join(map(str, level)) if isinstance(level, (list, tuple)) else str(level) for level in value]
    return "-".join(levels) + ("-" if len(levels) == 1 else "")


def _argument(text: str) -> Any:
    words = {"true": True, "false": False, "none": None}
    if text in words:
        return words[text]
    if re.fullmatch(r"-?[0-9]+", text):
        return int(text)
    if re.fullmatch(r"-?[0-9]*\.?[0-9]+(e-?[0-9]+)?", text):
        return float(text)
    if re.fullmatch(r"[0-9]+(x[0-9]+)*(-[0-9]+(x[0-9]+)*)*-?", text):
        levels = [[int(side) for side in level.split("x")] for level in text.removesuffix("-").split("-")]
        return levels[0] if "-" not in text else [level[0] if len(level) == 1 else level for level in levels]
    return text
