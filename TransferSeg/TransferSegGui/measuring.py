"""Volume, surface and intensities of segments, measured by Slicer's own module Segment Statistics."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import slicer
from slicer.i18n import tr as _

from TransferSegGui.charts import table_node
from TransferSegGui.progress import one_by_one
from TransferSegGui.segmentations import segments_of
from TransferSegGui.showing import make_surfaces
from TransferSegLib.core.errors import InputError

STATISTICS = "statistics"
# What is measured, as Segment Statistics calls its plugins and what they measure. The area that its plugin of label maps
# has is not taken: it is far too small for segments with flat sides in thick slices.
_VOXELS, _VOLUME = "LabelmapSegmentStatisticsPlugin.voxel_count", "LabelmapSegmentStatisticsPlugin.volume_cm3"
_SURFACE = "ClosedSurfaceSegmentStatisticsPlugin.surface_mm2"
_MEAN, _DEVIATION = "ScalarVolumeSegmentStatisticsPlugin.mean", "ScalarVolumeSegmentStatisticsPlugin.stdev"
_MEASURED = (_VOXELS, _VOLUME, _SURFACE, _MEAN, _DEVIATION)
_NODE = "vtkMRMLScriptedModuleNode"


@dataclass(frozen=True)
class Measured:
    """What is measured of a segment; numbers that do not apply are NaN.

    Attributes:
        segmentation: The name of its segmentation.
        segment: Its name.
        voxels: How many voxels it has.
        volume_ml: Their volume.
        surface_cm2: The area of the surface that Slicer shows of it.
        mean: The mean of the image in it.
        deviation: The standard deviation there (of a sample).
    """

    segmentation: str
    segment: str
    voxels: int
    volume_ml: float
    surface_cm2: float
    mean: float
    deviation: float


def image_of(node: slicer.vtkMRMLSegmentationNode) -> slicer.vtkMRMLScalarVolumeNode | None:
    """The volume that a segmentation was made of; None where it is gone."""
    return node.GetNodeReference(node.GetReferenceImageGeometryReferenceRole())


def measure(nodes: Sequence[slicer.vtkMRMLSegmentationNode]) -> list[Measured]:
    """Measure all segments of some segmentations, in the intensities of the volumes that they were made of.

    Surfaces that 3D views do not have yet are made first. A dialog with Cancel appears after two seconds.

    Raises:
        InputError: Slicer runs without its module Segment Statistics.
    """
    try:
        from SegmentStatistics import SegmentStatisticsLogic
    except ImportError:
        raise InputError(
            "no-segment-statistics",
            "Slicer's module Segment Statistics is switched off; switch it on in the settings (Modules) and restart Slicer.",
        ) from None
    make_surfaces(nodes)
    rows: list[Measured] = []
    for node in one_by_one(nodes, _("Measuring the segments…")):
        with _parameters(SegmentStatisticsLogic) as (logic, parameters):
            parameters.SetParameter("Segmentation", node.GetID())
            if (image := image_of(node)) is not None:
                parameters.SetParameter("ScalarVolume", image.GetID())
            logic.computeStatistics()
            rows += [_row(node, identifier, logic.getStatistics()) for identifier in segments_of(node).GetSegmentIDs()]
    return rows


@contextmanager
def _parameters(logic_class: Any) -> Iterator[tuple[Any, Any]]:
    """Segment Statistics with parameters of its own: those of the person, who may use it as well, stay as they are."""
    before = set(slicer.util.getNodesByClass(_NODE))
    try:
        logic = logic_class()
        parameters = slicer.mrmlScene.AddNewNodeByClass(_NODE)
        logic.setParameterNode(parameters)
        parameters.SetParameter("visibleSegmentsOnly", "False")
        for plugin in logic.plugins:
            names = [plugin.toLongKey(key) for key in plugin.keys]
            parameters.SetParameter(f"{type(plugin).__name__}.enabled", str(any(name in _MEASURED for name in names)))
            for name in names:
                parameters.SetParameter(f"{name}.enabled", str(name in _MEASURED))
        logic.reset()
        yield logic, parameters
    finally:
        for node in set(slicer.util.getNodesByClass(_NODE)) - before:
            slicer.mrmlScene.RemoveNode(node)


def _row(node: slicer.vtkMRMLSegmentationNode, identifier: str, found: Any) -> Measured:
    def number(key: str) -> float:
        return float(found.get((identifier, key), math.nan))

    voxels = int(found.get((identifier, _VOXELS), 0))
    return Measured(
        node.GetName(),
        segments_of(node).GetSegment(identifier).GetName(),
        voxels,
        number(_VOLUME) if voxels else 0.0,
        number(_SURFACE) / 100 if voxels else math.nan,
        number(_MEAN),
        number(_DEVIATION) if voxels > 1 else math.nan,
    )


def statistics_table(rows: Sequence[Measured]) -> slicer.vtkMRMLTableNode:
    """The table of what was measured, a row a segment; there is one in a scene."""
    return table_node(
        STATISTICS,
        _("Volumes and intensities"),
        {
            _("Segmentation"): [row.segmentation for row in rows],
            _("Segment"): [row.segment for row in rows],
            _("Voxels"): np.array([row.voxels for row in rows], dtype=np.int64),
            _("Volume (mL)"): np.array([row.volume_ml for row in rows]),
            _("Surface (cm²)"): np.array([row.surface_cm2 for row in rows]),
            _("Mean"): np.array([row.mean for row in rows]),
            _("Standard deviation"): np.array([row.deviation for row in rows]),
        },
    )


def show_table(table: slicer.vtkMRMLTableNode) -> None:
    """Show a table in the layout with a table that is nearest to the one in use."""
    manager = slicer.app.layoutManager()
    manager.setLayout(slicer.modules.tables.logic().GetLayoutWithTable(manager.layout))
    slicer.app.applicationLogic().GetSelectionNode().SetActiveTableID(table.GetID())
    slicer.app.applicationLogic().PropagateTableSelection()
