"""Sample data: the digital head phantom, made on the spot in place of a download, and a scan that ships with a model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import qt
import slicer
from slicer.i18n import tr as _

from TransferSegGui.segmentations import Style, add_segmentation
from TransferSegGui.volumes import MODALITY as MODALITY_ATTRIBUTE
from TransferSegGui.volumes import add_volume
from TransferSegLib.cases.phantom.anatomy import LABEL_NAMES, head_phantom
from TransferSegLib.cases.phantom.imaging import PhantomModality, image
from TransferSegLib.cases.volumes import Volume, read_volume
from TransferSegLib.sources.catalogue import bundled_folder

CATEGORY = "TransferSeg"
NAME = "TransferSegHeads"
# One head without a segmentation, in the contrast that the head models were trained on.
ONE_HEAD = "TransferSegHead"
ONE_MODALITY: PhantomModality = "t1w"
# A stack of the heart that its model was not trained on; it lies beside the model.
HEART, HEART_MODEL, HEART_MODALITY = "TransferSegHeart", "heart-cine-mr", "mr"
COUNT, SEED, SIZE = 5, 11, (96, 96, 48)
MODALITY: PhantomModality = "t2w"
COLORS = {"air": (0.35, 0.6, 0.9), "soft tissue": (0.85, 0.55, 0.4), "bone": (0.95, 0.9, 0.7)}


def register(icons: Path) -> None:
    """Offer the phantom cases and the stack of the heart in the Sample Data module.

    Only the buttons of that module call `customDownloader`. `SampleData.downloadSample` would open the addresses, and there
    are none: in the Python console, `load_heads` makes the cases, and `load_heart` reads the stack.

    Args:
        icons: The folder with the pictures of the buttons.
    """
    import SampleData

    logic = SampleData.SampleDataLogic
    logic.registerCustomSampleDataCategory(CATEGORY, title=_("TransferSeg"))
    heads = "TransferSegHeads.png"
    for name, make, picture in (
        (NAME, load_heads, heads),
        (ONE_HEAD, load_head, heads),
        (HEART, load_heart, "TransferSeg.png"),
    ):
        logic.registerCustomSampleDataSource(
            category=CATEGORY,
            sampleName=name,
            uris=[],
            fileNames=[],
            nodeNames=[],
            thumbnailFileName=str(icons / picture),
            customDownloader=make,
        )


def is_sample(name: str) -> bool:
    """Whether the Sample Data module has a scan of this name."""
    import SampleData

    return bool(name) and SampleData.SampleDataLogic().sourceForSampleName(name) is not None


def load_sample(name: str) -> list[slicer.vtkMRMLNode]:
    """Bring a scan of the Sample Data module into the scene, as its button does.

    Args:
        name: Its name, for which `is_sample` holds.

    Returns:
        The nodes that were loaded.
    """
    import SampleData

    logic = SampleData.SampleDataLogic()
    source = logic.sourceForSampleName(name)
    if source.customDownloader:
        return list(source.customDownloader(source) or ())
    return list(logic.downloadFromSource(source) or ())


def load_head(_source: Any = None, size: tuple[int, int, int] = SIZE) -> list[slicer.vtkMRMLNode]:
    """Make one T1-weighted head in the scene, without a segmentation, and show it.

    Args:
        _source: What the Sample Data module gives.
        size: Voxels along each axis.

    Returns:
        The volume.
    """
    with slicer.util.WaitCursor():
        volume = _add_head(COUNT + 1, size, segmented=False, modality=ONE_MODALITY)
        volume.SetName(_("Sample head"))
    slicer.util.setSliceViewerLayers(background=volume, fit=True)
    return [volume]


def load_heart(_source: Any = None) -> list[slicer.vtkMRMLNode]:
    """Bring the short-axis stack that ships with the model of the heart into the scene, and show it.

    Args:
        _source: What the Sample Data module gives.

    Returns:
        The volume.
    """
    with slicer.util.WaitCursor():
        volume = add_volume(read_volume(bundled_folder() / HEART_MODEL / "sample.nii.gz"), _("Sample heart"))
        volume.SetAttribute(MODALITY_ATTRIBUTE, HEART_MODALITY)
    slicer.util.setSliceViewerLayers(background=volume, fit=True)
    return [volume]


def load_heads(_source: Any = None, count: int = COUNT, size: tuple[int, int, int] = SIZE) -> list[slicer.vtkMRMLNode]:
    """Make T2-weighted heads in the scene, each but the last with its segmentation. The first one is shown with its own.

    The wait cursor is shown meanwhile. Slicer draws after each head, and clicks wait until all are there.

    Args:
        _source: What the Sample Data module gives.
        count: How many heads.
        size: Voxels along each axis.

    Returns:
        The volumes.
    """
    volumes = []
    with slicer.util.WaitCursor():
        for number in range(1, count + 1):
            text = _("Making the digital head {number} of {count}…").format(number=number, count=count)
            slicer.util.showStatusMessage(text)
            slicer.app.processEvents(qt.QEventLoop.ExcludeUserInputEvents)
            volumes.append(_add_head(number, size, segmented=number < count))
        slicer.util.showStatusMessage("")
    slicer.util.setSliceViewerLayers(background=volumes[0], fit=True)
    return volumes


def _add_head(
    number: int, size: tuple[int, int, int], segmented: bool, modality: PhantomModality = MODALITY
) -> slicer.vtkMRMLNode:
    case = (SEED, number - 1)  # as in the data set that `transferseg cases phantom` writes
    anatomy = head_phantom(case, size)
    scan = np.rint(image(anatomy, modality, np.random.default_rng((*case, *modality.encode()))))
    volume = add_volume(Volume(scan.astype(np.float32), anatomy.grid), f"Head {number}")
    volume.SetAttribute(MODALITY_ATTRIBUTE, modality)
    if segmented:
        # The air around the head would hide it in 3D views.
        styles = {
            v: Style(name, COLORS[name], in_3d=name != "air") for v, name in LABEL_NAMES.items() if name in COLORS
        }
        node = add_segmentation(Volume(anatomy.labels, anatomy.grid), styles, f"Head {number} labels", volume)
        node.GetDisplayNode().SetVisibility(number == 1)  # all heads are in one place
    return volume
