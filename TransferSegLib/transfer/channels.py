"""Matching of channels, between two data sets or a data set and a source model: by name, else by order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from TransferSegLib.cases.readers.parts import modality_of
from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.case_set import CaseSet
from TransferSegLib.core.errors import InputError

# The name that a reader gives to an image when nothing says what it shows.
_NAMELESS = re.compile(r"(image|channel)?\d*")


def channel_sources(target: CaseSet, card: ModelCard) -> tuple[tuple[int, ...], ...]:
    """Find the source model's channels that each channel of the target begins from.

    Channels are matched by name where both sides name theirs and at least one name is on both sides; the others are new then.
    Otherwise they are matched in order.

    Args:
        target: The data set that is adapted to.
        card: The source model's card.

    Returns:
        For each channel of the target the source's channels, counted from 0; empty for a new one.
    """
    wanted, known = _names(target.channels), _names(card.channels)
    if set(wanted) & set(known):
        return tuple((known.index(name),) if name in known else () for name in wanted)
    return tuple((n,) if n < len(card.channels) else () for n in range(len(target.channels)))


def are_strangers(target: CaseSet, card: ModelCard) -> bool:
    """Whether matching the channels is only a guess.

    It is when both sides have several channels, and each side names one that the other lacks.

    Args:
        target: The target set.
        card: The source model's card.
    """
    wanted, known = set(_names(target.channels)), set(_names(card.channels))
    return min(len(wanted), len(known)) > 1 and not (wanted <= known or known <= wanted)


def in_order_of(target: CaseSet, data: CaseSet) -> CaseSet:
    """Bring the images of each case into the order of the target's channels.

    Several channels are matched by name where both sides name theirs. A single channel is matched with the target's single
    channel whatever the two are called, so that two kinds of scan can be trained on together.

    Args:
        target: The data set whose order is wanted.
        data: The data set that is brought into this order.

    Returns:
        `data` with the images and channels in the target's order.

    Raises:
        InputError: The two have other numbers of channels, or other names.
    """
    if len(data.channels) != len(target.channels):
        raise InputError(
            "channel-counts-differ",
            "{path}: its cases have {count:,} {count:~channel|channels}, the target's {target_count:,}; "
            "use cases with the same channels.",
            path=data.root,
            count=len(data.channels),
            target_count=len(target.channels),
        )
    wanted, found = _names(target.channels), _names(data.channels)
    if len(wanted) < 2 or not found or wanted == found:
        return data
    if set(wanted) != set(found):
        raise InputError(
            "channel-names-differ",
            "{path}: its cases have the channels {channels}, the target's {target_channels}; use cases with the same "
            "channels, or give the same ones the same names.",
            path=data.root,
            channels=data.channels,
            target_channels=target.channels,
        )
    order = [found.index(name) for name in wanted]
    cases = tuple(
        # A case that lacks an image is left to the checks.
        replace(case, images=tuple(case.images[n] for n in order)) if len(case.images) == len(order) else case
        for case in data.cases
    )
    return replace(data, cases=cases, channels=tuple(data.channels[n] for n in order))


def _names(channels: Sequence[str]) -> tuple[str, ...]:
    """The names to compare by, in one spelling; empty where the channels have no names of their own or two have the same."""
    if all(_NAMELESS.fullmatch(_plain(name)) for name in channels):
        return ()
    names = tuple(modality_of([name]) or _plain(name) for name in channels)
    return names if len(set(names)) == len(names) else ()


def _plain(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())
