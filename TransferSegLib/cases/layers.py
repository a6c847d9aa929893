"""Files of Slicer's segmentations (.seg.nrrd): labels in layers, as segments may overlap, and what the header says of them.

https://slicer.readthedocs.io/en/latest/developer_guide/modules/segmentations.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np

from TransferSegLib.cases.volumes import fields_of, read_fields, read_itk, whole_numbers
from TransferSegLib.core.grid import Grid


@dataclass(frozen=True, eq=False)
class Layers:
    """`labels`, each (I, J, K), uint8 or int32, that lie on `grid`; `header` has the fields that are Slicer's own."""

    labels: tuple[np.ndarray, ...]
    grid: Grid
    header: dict[str, str]


def read_layers(path: Path) -> Layers:
    """Read a segmentation of Slicer's; raises `VolumeError` as `read_labels` does."""
    import SimpleITK

    image, grid = read_itk(path)
    layers = image.GetNumberOfComponentsPerPixel()
    # ITK keeps the layers of a voxel together, then i fastest.
    voxels = whole_numbers(path, SimpleITK.GetArrayFromImage(image)).reshape(*grid.size[::-1], layers)
    header = {key: value for key, value in fields_of(image).items() if key.startswith("Segment")}
    return Layers(tuple(np.asfortranarray(voxels[..., n].T) for n in range(layers)), grid, header)


def read_segment_names(path: Path) -> list[tuple[int, str]]:
    """The value and the name of each segment of a segmentation of Slicer's, from the header; none where they lie in layers.

    Raises `VolumeError` for a file that cannot be read.
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
