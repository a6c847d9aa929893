"""The segments of a Slicer segmentation (.seg.nrrd): what its header lists, and one image of all its layers.

Slicer puts segments that overlap, or once did, into layers: images of the same grid, side by side in the file. Where no
voxel has two segments the layers are one label map. Slicer before 4.11 wrote a layer for each segment, without values.

https://slicer.readthedocs.io/en/latest/developer_guide/modules/segmentations.html
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, count
from pathlib import Path

import numpy as np

from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.core.labels import label_type


@dataclass(frozen=True)
class Segment:
    """A segment of a segmentation.

    Attributes:
        name: Its name; "" where it has none.
        layer: The layer that it lies in, counted from 0.
        stored: Its value in that layer.
        value: Its value in the image of all layers: `stored`, or numbers from 1 in the order of the header where two
            segments have the same.
    """

    name: str
    layer: int
    stored: int
    value: int


def is_segmentation(fields: Mapping[str, str]) -> bool:
    """Whether the fields of an NRRD header list segments."""
    return "Segment0_ID" in fields


def listed_segments(fields: Mapping[str, str], layers: int) -> list[Segment]:
    """Read the segments that the header of a segmentation lists.

    Args:
        fields: The fields of the header.
        layers: How many layers the file has.
    """
    numbers = range(next(n for n in count() if f"Segment{n}_ID" not in fields))
    alone = layers > 1 or len(numbers) == 1  # then a segment without a value has 1, as Slicer takes it
    found = []
    for n in numbers:
        stored = fields.get(f"Segment{n}_LabelValue", "1" if alone else "")
        layer = fields.get(f"Segment{n}_Layer", str(n) if layers > 1 else "0")
        if re.fullmatch(r"\d{1,9}", stored) and re.fullmatch(r"\d{1,9}", layer):
            name = fields.get(f"Segment{n}_Name", "").strip()
            found.append(Segment(name, int(layer), int(stored), int(stored)))
    shared = max(Counter(segment.stored for segment in found).values(), default=1) > 1
    if layers > 1 and shared:
        found = [replace(segment, value=n) for n, segment in enumerate(found, start=1)]
    return found


def merged_layers(path: Path, layers: Sequence[np.ndarray], segments: Sequence[Segment]) -> np.ndarray:
    """Make one label map of the layers of a segmentation.

    Args:
        path: Names the file in an error.
        layers: Each (I, J, K).
        segments: What lies in them. Values that no segment has are left out, as Slicer does.

    Returns:
        (I, J, K): the value of each segment.

    Raises:
        VolumeError: Two segments have a voxel in common.
    """
    for one, other in combinations(segments, 2):
        if (one.layer, one.stored) == (other.layer, other.stored) and one.layer < len(layers):
            voxels = int(np.count_nonzero(layers[one.layer] == one.stored))
            if voxels:
                raise _overlap(path, one, other, voxels)
    values = np.array([0, *(segment.value for segment in segments)])
    whole = np.zeros(layers[0].shape, label_type(values), order="F")
    for number, layer in enumerate(layers):
        becomes = np.zeros(2 + max((s.stored for s in segments if s.layer == number), default=0), whole.dtype)
        for segment in segments:
            if segment.layer == number:
                becomes[segment.stored] = segment.value
        # A slice at a time: the places to look up take eight bytes a voxel.
        for stored, before in zip(layer.T, whole.T, strict=True):
            found = becomes[np.clip(stored, 0, len(becomes) - 1).astype(np.intp)]
            both = (found != 0) & (before != 0)
            if both.any():
                one, other = (next(s for s in segments if s.value == v[both][0]) for v in (before, found))
                common = np.count_nonzero((whole == one.value) & (layer == other.stored))
                raise _overlap(path, one, other, int(common))
            before[...] = np.where(found != 0, found, before)
    return whole


def _overlap(path: Path, one: Segment, other: Segment, voxels: int) -> VolumeError:
    return VolumeError(
        "overlapping-segments",
        path,
        "has segments that overlap: `{one}` and `{other}`, in {voxels} {voxels:~voxel|voxels}",
        "give these voxels to one of them (Segment Editor, Logical operators) and save it again",
        one=one.name or one.stored,
        other=other.name or other.stored,
        voxels=voxels,
    )
