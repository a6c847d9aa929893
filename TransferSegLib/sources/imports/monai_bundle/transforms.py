"""Reads the transforms in a MONAI bundle's configuration: which there are, what they work on, their numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

from TransferSegLib.core.errors import InputError
from TransferSegLib.sources.untrusted.configs import Config, Keys, reference

# MONAI's name for what is segmented; no image.
LABEL = "label"
# MONAI's name for the image, as it was loaded.
IMAGE = "image"
# References to references to a list of transforms.
MOST_HOPS = 8

# Transforms that change nothing a card states: how files are read, which device, which type.
HARMLESS = (
    "LoadImage",
    "EnsureChannelFirst",
    "AddChannel",
    "EnsureType",
    "ToTensor",
    "ToDevice",
    "CastToType",
    "Identity",
    # None of an image that is still wanted.
    "DeleteItems",
    "SelectItems",
)


def transforms_of(config: Config, name: str) -> Iterator[tuple[Keys, str]]:
    """List the transforms of a `Compose` or a list, through references to either.

    Args:
        config: The bundle's configuration.
        name: Where the transforms stand: `preprocessing` or `postprocessing`.

    Yields:
        Where a transform stands, and its kind (MONAI's name, without its `d`).

    Raises:
        InputError: There is no such list, or something in it is no transform.
    """
    top: Keys = (name,)
    if config.raw(*top) is None:
        raise InputError(
            "bundle-part-missing",
            "{path}: has no `{name}`; name another configuration with {option}.",
            path=config.path,
            name=name,
            option="--config",
        )
    listed: Any = None
    for part in ((), ("transforms",)):
        listed = config.raw(*top, *part, default=None)
        top = (*top, *part)
        for _ in range(MOST_HOPS):
            if not isinstance(listed, str) or (target := reference(listed)) is None:
                break
            top, listed = target, config.raw(*target)
        if not isinstance(listed, dict):
            break
    if not isinstance(listed, list):
        config.value(*top)
        raise InputError(
            "bundle-no-transforms", "{where}: is no list of transforms; it cannot be imported.", where=config.where(top)
        )
    for n in range(len(listed)):
        keys: Keys = (*top, n)
        target = config.value(*keys, "_target_", default=None)
        if not isinstance(target, str):
            config.value(*keys)
            raise InputError(
                "bundle-no-transform", "{where}: is no transform; it cannot be imported.", where=config.where(keys)
            )
        if not is_true(config.value(*keys, "_disabled_", default=False)):
            yield keys, re.sub("(d|D|Dict)$", "", target.rpartition(".")[2])


def items_of(config: Config, keys: Keys) -> tuple[str, ...]:
    """List the images and labels that a transform works on, by name.

    Args:
        config: The bundle's configuration.
        keys: Where the transform stands in it.

    Returns:
        The names; () for a transform that takes the image itself, without names.

    Raises:
        InputError: The names are not texts.
    """
    wanted = config.value(*keys, "keys", default=())
    listed = [wanted] if isinstance(wanted, str) else wanted
    if not isinstance(listed, (list, tuple)) or not all(isinstance(item, str) for item in listed):
        raise InputError(
            "bundle-transform-without-image",
            "{where}: names no image; correct the bundle.",
            where=config.where((*keys, "keys")),
        )
    return tuple(listed)


def number_at(config: Config, keys: Keys) -> float:
    """Return the number at `keys` in the configuration.

    Raises:
        InputError: There is no finite number.
    """
    return as_number(config, keys, config.value(*keys))


def as_number(config: Config, keys: Keys, value: Any) -> float:
    """Return a value of the configuration as a number.

    Args:
        config: The bundle's configuration, for the error.
        keys: Where the value stands in it.
        value: The value.

    Raises:
        InputError: It is not a finite number.
    """
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        raise InputError(
            "bundle-not-a-number",
            "{where}: {value} is not a number; correct the bundle.",
            where=config.where(keys),
            value=repr(str(value)[:40]),
        )
    return float(value)


def number_or(config: Config, keys: Keys, default: float | None) -> float | None:
    """Return the number at `keys` in the configuration, or `default` where there is nothing or null.

    Raises:
        InputError: Something else than a finite number stands there.
    """
    return default if config.value(*keys, default=None) is None else number_at(config, keys)


def is_true(value: Any) -> bool:
    """Whether a flag is set, as MONAI takes it: any number but 0, and, in some bundles of the zoo, the text `true`."""
    return value.strip().lower() == "true" if isinstance(value, str) else bool(value)
