"""What a bundle that was exported here says of its regions, which MONAI's metadata has no words for.

A network of R regions has R outputs in a bundle, or one more before them that nothing looks at. One more entry of the
metadata says which region lies in which, in which order they are painted, and what values they have in label files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from TransferSegLib.core.card import MOST_VALUE, CardLabel
from TransferSegLib.core.regions import Region
from TransferSegLib.sources.untrusted.configs import Config

REGIONS = "transferseg_regions"


@dataclass(frozen=True)
class OwnRegions:
    """The regions of an exported model.

    Attributes:
        values: What the output of each region is in segmentations.
        painted: The regions by these values, in the order in which they are painted.
        has_spare_output: Whether there is an output before those of the regions, which nothing looks at.
    """

    values: tuple[int, ...]
    painted: tuple[Region, ...]
    has_spare_output: bool = False


def regions_entry(labels: Sequence[CardLabel], regions: Sequence[Region]) -> dict[str, Any]:
    """The entry of a bundle's metadata for a model's regions.

    Args:
        labels: The labels of its card, one an output.
        regions: The regions by the labels' values, in the order in which they are painted.
    """
    return {
        "values": [label.value for label in labels],
        "painted": [{"value": region.number, "covers": list(region.covers)} for region in regions],
    }


def own_regions(metadata: Config, outputs: int) -> OwnRegions | None:
    """Read that entry; None where there is none, or none that can be.

    Args:
        metadata: The bundle's metadata.
        outputs: How many outputs the network has.
    """
    entry = metadata.raw(REGIONS)
    values = _values(entry.get("values")) if isinstance(entry, dict) else ()
    listed = entry.get("painted") if isinstance(entry, dict) else None
    if not isinstance(listed, list) or len(listed) != len(values) or outputs - len(values) not in (0, 1) or outputs < 2:
        return None
    painted = []
    for one in listed:
        covers = _values(one.get("covers")) if isinstance(one, dict) else ()
        number = one.get("value") if isinstance(one, dict) else None
        if number not in covers or not set(covers) <= set(values):
            return None
        painted.append(Region(number, tuple(sorted(covers))))
    if {region.number for region in painted} != set(values):
        return None
    return OwnRegions(values, tuple(painted), outputs > len(values))


def _values(listed: Any) -> tuple[int, ...]:
    """A list of different values of labels; empty where it is none."""
    if not isinstance(listed, list) or len(listed) > MOST_VALUE:
        return ()
    right = all(type(value) is int and 0 < value <= MOST_VALUE for value in listed) and len(set(listed)) == len(listed)
    return tuple(listed) if right else ()
