"""Regions: labels that overlap, such as a whole tumour, its core and the part of it that enhances.

In files, each voxel has one value: that of the last region, in the order in which regions are painted, that it lies in. So a
label map of regions looks as any other, and which voxels a region has follows from what it covers. A network has one
output a region, each decided by itself (a sigmoid).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from TransferSegLib.core.errors import InputError


@dataclass(frozen=True)
class Region:
    """One region.

    Attributes:
        number: What it is painted as: a value of label files, or a class.
        covers: The numbers of all voxels that lie in it, its own among them.
    """

    number: int
    covers: tuple[int, ...]


def covered(regions: Sequence[Region], number: int) -> tuple[int, ...]:
    """Say which values the voxels of a label have.

    Args:
        regions: The regions of the task; none where labels are no regions.
        number: The label's number.

    Returns:
        The numbers that its region covers; its own number where it is no region.
    """
    return next((region.covers for region in regions if region.number == number), (number,))


def renumbered(regions: Sequence[Region], numbers: Mapping[int, int]) -> tuple[Region, ...]:
    """The same regions with other numbers, such as classes for values.

    Args:
        regions: The regions, in the order in which they are painted.
        numbers: Old number → new number, of all of them.
    """
    return tuple(Region(numbers[one.number], tuple(sorted(numbers[n] for n in one.covers))) for one in regions)


def read_regions(named: Mapping[str, Sequence[int]], order: Sequence[int] | None, where: str) -> dict[str, Region]:
    """Find out how regions are painted.

    Args:
        named: Name → the values of the voxels that lie in it, as `{"whole": [1, 2, 3], "core": [2, 3], "enhancing": [3]}`.
        order: What each is painted as, in their order (nnU-Net's `regions_class_order`); None: the largest is painted first,
            and each with the one value that no smaller region has.
        where: Names the file in an error.

    Returns:
        Name → region, in the order in which they are painted.

    Raises:
        InputError: The regions do not tell the values apart.
    """
    names = list(named)
    if order is None:
        names.sort(key=lambda name: -len(set(named[name])))
        order = []
        for n, name in enumerate(names):
            smaller = {value for other in names[n + 1 :] for value in named[other]}
            own = sorted(set(named[name]) - smaller)
            order.append(own[0] if len(own) == 1 else 0)
    found = {name: Region(own, tuple(sorted(set(named[name])))) for name, own in zip(names, order, strict=False)}
    painted = [region.number for region in found.values()]
    values = {value for covers in named.values() for value in covers}
    wrong = len(order) != len(names) or len(set(painted)) < len(painted) or set(painted) != values
    if wrong or any(_painted(list(found.values()), value) != value for value in values):
        raise InputError(
            "regions-not-told-apart",
            "{where}: the regions {names:…`} do not tell the values {values:…} apart: each must be painted as its own value, "
            "the larger one first; correct the list of labels, or its {order}.",
            where=where,
            names=list(named),
            values=sorted(values),
            order="`regions_class_order`",
        )
    return found


def _painted(regions: Sequence[Region], value: int) -> int:
    """What a voxel of this value becomes when all regions that it lies in are painted."""
    return next((region.number for region in reversed(regions) if value in region.covers), 0)
