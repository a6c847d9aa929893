"""The segments that the header of a Slicer segmentation (.seg.nrrd) lists.

https://slicer.readthedocs.io/en/latest/developer_guide/modules/segmentations.html
"""

from __future__ import annotations

import re
from itertools import count
from pathlib import Path

from TransferSegLib.cases.volumes import read_fields


def read_segment_names(path: Path) -> list[tuple[int, str]]:
    """Read the values and names of the segments of a segmentation of Slicer's from its header.

    Returns:
        Value and name of each segment; none where the segments lie in several layers, so that a value is no segment.

    Raises:
        VolumeError: The file cannot be read.
    """
    fields, names, layers = read_fields(path), [], set()
    for n in count():
        value, name = fields.get(f"Segment{n}_LabelValue", ""), fields.get(f"Segment{n}_Name", "").strip()
        if f"Segment{n}_ID" not in fields:
            break
        layers.add(fields.get(f"Segment{n}_Layer", "0"))
        if re.fullmatch(r"\d{1,9}", value) and name:
            names.append((int(value), name))
    return names if len(layers) < 2 else []
