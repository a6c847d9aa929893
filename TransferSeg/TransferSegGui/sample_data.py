"""Sample data: the digital head phantom, made on the spot in place of a download."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import slicer
from slicer.i18n import tr as _

from TransferSegGui.segmentations import Style, add_segmentation
from TransferSegGui.volumes import add_volume
from TransferSegLib.cases.phantom import write_phantoms
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels, read_volume

CATEGORY = "TransferSeg"
NAME = "TransferSegHeads"
COUNT, SEED, SIZE = 5, 11, (96, 96, 48)


def register(icons: Path) -> None:
    """Offer the phantom cases in the Sample Data module."""
    import SampleData

    logic = SampleData.SampleDataLogic
    logic.registerCustomSampleDataCategory(CATEGORY, title=_("TransferSeg"))
    logic.registerCustomSampleDataSource(
        category=CATEGORY,
        sampleName=NAME,
        uris="https://github.com/",  # never opened: the cases are made by `load_heads`
        fileNames=None,
        nodeNames=None,
        thumbnailFileName=str(icons / "TransferSegHeads.png"),
        customDownloader=load_heads,
    )


def load_heads(_source: Any = None, count: int = COUNT, size: tuple[int, int, int] = SIZE) -> list[slicer.vtkMRMLNode]:
    """T2-weighted heads with the segmentations of all but the last, as scene nodes; the volumes are returned."""
    colors = {"air": (0.35, 0.6, 0.9), "soft tissue": (0.85, 0.55, 0.4), "bone": (0.95, 0.9, 0.7)}
    volumes = []
    with tempfile.TemporaryDirectory() as folder:
        cases = read_case_set(write_phantoms(Path(folder) / "heads", "t2w", count, SEED, size))
        # The air around the head would hide it in 3D views.
        styles = {
            value: Style(name, colors.get(name, (0.5, 0.7, 0.5)), in_3d=name != "air")
            for value, name in cases.labels.items()
        }
        for number, case in enumerate(cases.cases, start=1):
            volume = add_volume(read_volume(case.images[0]), f"Head {number}")
            if number < count and case.label is not None:
                add_segmentation(read_labels(case.label), styles, f"Head {number} labels", volume)
            volumes.append(volume)
    slicer.util.setSliceViewerLayers(background=volumes[0], fit=True)
    return volumes
