"""Regions in the panel: labels that overlap, each told by the names of all that lies in it.

A segmentation of the scene declares them as an attribute of its node, those of a folder are kept with their case. Values of
label maps change from job to job, names do not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import slicer

from TransferSegLib.core.case_set import IGNORED
from TransferSegLib.core.regions import Region, read_regions

# Of a segmentation: its regions, as JSON.
REGIONS = "TransferSeg.Regions"
# Name of a region → the names of what lies in it, its own among them; in the order in which regions are painted.
Named = Mapping[str, Sequence[str]]


def named_regions(regions: Sequence[Region], names: Mapping[int, str]) -> dict[str, list[str]]:
    """Regions by names.

    Args:
        regions: The regions, in the order in which they are painted.
        names: Value → name, of all of them.
    """
    return {names[one.number]: [names[value] for value in one.covers] for one in regions}


def with_values(named: Named, values: Mapping[str, int]) -> tuple[Region, ...]:
    """Regions by the values that their names have in a label map.

    Args:
        named: The regions; none where labels do not overlap. What is no label is left out.
        values: Name → value of all labels. Those that are no regions become regions of their own.

    Returns:
        The regions, in the order in which they are painted; none where labels do not overlap.

    Raises:
        InputError: The regions do not tell the values apart.
    """
    known = {name: [one for one in covers if one in values] for name, covers in named.items() if name in values}
    if not any(len(covers) > 1 for covers in known.values()):
        return ()
    known |= {name: [name] for name in values if name not in known and name.casefold() != IGNORED}
    by_value = {name: [values[one] for one in covers] for name, covers in known.items()}
    return tuple(read_regions(by_value, [values[name] for name in known], "the list of cases").values())


def declare(node: slicer.vtkMRMLNode, named: Named) -> None:
    """Remember that the segments of a segmentation are regions, so that they may overlap.

    Args:
        node: The segmentation.
        named: The regions; none where its segments may not overlap.
    """
    if named:
        node.SetAttribute(REGIONS, json.dumps({name: list(covers) for name, covers in named.items()}))
    else:
        node.RemoveAttribute(REGIONS)


def declared(node: slicer.vtkMRMLNode | None) -> dict[str, list[str]]:
    """The regions that a segmentation declares; none where its segments may not overlap."""
    text = node.GetAttribute(REGIONS) if node is not None else None
    return read_named(text) if text else {}


def read_named(text: str) -> dict[str, list[str]]:
    """Regions by names, from JSON; none where it is something else, as in a scene of another version."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    if not isinstance(found, dict) or not all(isinstance(covers, list) for covers in found.values()):
        return {}
    return {str(name): [str(one) for one in covers] for name, covers in found.items()}
