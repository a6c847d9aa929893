"""Files of Slicer's segmentations (.seg.nrrd): labels in layers, as segments may overlap, and what the header says of them.

https://slicer.readthedocs.io/en/latest/developer_guide/modules/segmentations.html
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from TransferSegLib.cases.grid import Grid
from TransferSegLib.cases.volumes import read_itk, whole_numbers


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
    count = image.GetNumberOfComponentsPerPixel()
    # ITK keeps the layers of a voxel together, then i fastest.
    voxels = whole_numbers(path, SimpleITK.GetArrayFromImage(image)).reshape(*grid.size[::-1], count)
    header = {key: image.GetMetaData(key) for key in image.GetMetaDataKeys() if key.startswith("Segment")}
    return Layers(tuple(np.asfortranarray(voxels[..., n].T) for n in range(count)), grid, header)
