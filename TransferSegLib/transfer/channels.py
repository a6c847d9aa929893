"""Which channels of one data set are those of another, or of a source model: by their names, else by their order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from TransferSegLib.cases.readers.parts import modality_of
from TransferSegLib.core.case_set import CaseSet
from TransferSegLib.core.errors import InputError

if TYPE_CHECKING:  # the card states a preprocessing, and preprocessing read cases
    from TransferSegLib.core.card import ModelCard

# What a reader calls an image of which nobody says what it shows.
_NAMELESS = re.compile(r"(image|channel)?\d*")


def channel_sources(target: CaseSet, card: ModelCard) -> tuple[tuple[int, ...], ...]:
    """For each channel of the target, the source model's channels that it begins from; () is a new one.

    By name where both sides give their channels names and one is on both, so that the others are new; else in order.
    """
    own, theirs = _names(target.channels), _names(card.channels)
    if set(own) & set(theirs):
        return tuple((theirs.index(name),) if name in theirs else () for name in own)
    return tuple((n,) if n < len(card.channels) else () for n in range(len(target.channels)))


def are_strangers(target: CaseSet, card: ModelCard) -> bool:
    """Whether each side names a channel that the other lacks, and there are several: what belongs to what is a guess."""
    own, theirs = set(_names(target.channels)), set(_names(card.channels))
    return min(len(own), len(theirs)) > 1 and not (own <= theirs or theirs <= own)


def in_order_of(target: CaseSet, data: CaseSet) -> CaseSet:
    """`data` with each case's images in the order of the target's channels, by name where both sides have several names.

    One channel is another's beside it, whatever it is called: so two kinds of scan are trained on together. Raises
    `InputError` where the counts differ, or of several names one.
    """
    if len(data.channels) != len(target.channels):
        raise InputError(
            f"{data.root}: its cases have {len(data.channels)} channels, the target's {len(target.channels)}; "
            "use cases with the same channels."
        )
    wanted, found = _names(target.channels), _names(data.channels)
    if len(wanted) < 2 or not found or wanted == found:
        return data
    if set(wanted) != set(found):
        raise InputError(
            f"{data.root}: its cases have the channels {', '.join(data.channels)}, the target's "
            f"{', '.join(target.channels)}; use cases with the same channels, or give the same ones the same names."
        )
    order = [found.index(name) for name in wanted]
    cases = tuple(
        # A case that lacks an image is left to the checks.
        replace(case, images=tuple(case.images[n] for n in order)) if len(case.images) == len(order) else case
        for case in data.cases
    )
    return replace(data, cases=cases, channels=tuple(data.channels[n] for n in order))


def _names(channels: Sequence[str]) -> tuple[str, ...]:
    """The names to compare by, in one spelling; none where the channels have none of their own, or share one."""
    if all(_NAMELESS.fullmatch(_plain(name)) for name in channels):
        return ()
    names = tuple(modality_of([name]) or _plain(name) for name in channels)
    return names if len(set(names)) == len(names) else ()


def _plain(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())
