"""Stands in for Slicer's module Segment Statistics: its logic, and what its plugins measure by VTK alone."""

from __future__ import annotations

import slicer
import vtk
from slicer.ScriptedLoadableModule import ScriptedLoadableModuleLogic

BINARY, SURFACE = "Binary labelmap", "Closed surface"


class Plugin:
    """One of the three plugins; all that a plugin knows comes from the parameter node."""

    keys: tuple[str, ...] = ()

    def __init__(self):
        self.parameterNode = None

    def toLongKey(self, key):
        return f"{type(self).__name__}.{key}"

    def setDefaultParameters(self, node):
        for name in (f"{type(self).__name__}.enabled", *(f"{self.toLongKey(key)}.enabled" for key in self.keys)):
            if not node.GetParameter(name):
                node.SetParameter(name, "True")

    def setParameterNode(self, node):
        self.parameterNode = node
        self.setDefaultParameters(node)

    def node(self, name):
        return slicer.mrmlScene.GetNodeByID(self.parameterNode.GetParameter(name))

    def computeStatistics(self, segmentID):
        wanted = [k for k in self.keys if self.parameterNode.GetParameter(f"{self.toLongKey(k)}.enabled") == "True"]
        segmentation = self.node("Segmentation")
        found = self.measure(segmentation, segmentID) if wanted else {}
        return {key: value for key, value in found.items() if key in wanted}

    def getMeasurementInfo(self, key):
        return {"name": key}


def in_segment(node, segmentID, grid=None):
    """The voxels of a segment as 1, all others as 0; resampled by nearest neighbour where there is a grid."""
    labels = slicer.vtkOrientedImageData()
    if not node.GetSegmentation().ContainsRepresentation(BINARY):
        return None
    node.GetBinaryLabelmapRepresentation(segmentID, labels)
    if labels.GetPointData() is None or labels.GetPointData().GetScalars() is None:
        return None
    if grid is not None:
        frame, matrix, placed = slicer.vtkOrientedImageData(), vtk.vtkMatrix4x4(), slicer.vtkOrientedImageData()
        frame.SetExtent(grid.GetImageData().GetExtent())
        grid.GetIJKToRASMatrix(matrix)
        frame.SetGeometryFromImageToWorldMatrix(matrix)
        way = vtk.vtkGeneralTransform()
        nodes = (node.GetParentTransformNode(), grid.GetParentTransformNode())
        slicer.vtkMRMLTransformNode.GetTransformBetweenNodes(*nodes, way)
        slicer.vtkOrientedImageDataResample.ResampleOrientedImageToReferenceOrientedImage(
            labels, frame, placed, False, False, way
        )
        labels = placed
    threshold = vtk.vtkImageThreshold()
    threshold.SetInputData(labels)
    threshold.ThresholdByLower(0)
    threshold.SetInValue(0)
    threshold.SetOutValue(1)
    threshold.SetOutputScalarType(vtk.VTK_UNSIGNED_CHAR)
    threshold.Update()
    return threshold.GetOutput(), labels.GetSpacing()


def accumulated(image, mask):
    stencil = vtk.vtkImageToImageStencil()
    stencil.SetInputData(mask)
    stencil.ThresholdByUpper(1)
    stencil.Update()
    found = vtk.vtkImageAccumulate()
    found.SetInputData(image)
    found.SetStencilData(stencil.GetOutput())
    found.Update()
    return found


class LabelmapSegmentStatisticsPlugin(Plugin):
    name = title = "Label Map"
    keys = ("voxel_count", "volume_mm3", "volume_cm3")

    def measure(self, node, segmentID):
        found = in_segment(node, segmentID)
        if found is None:
            return {}
        mask, (i_mm, j_mm, k_mm) = found
        voxels = accumulated(mask, mask).GetVoxelCount()
        mm3 = voxels * i_mm * j_mm * k_mm
        return {"voxel_count": voxels, "volume_mm3": mm3, "volume_cm3": mm3 * 0.001}


class ScalarVolumeSegmentStatisticsPlugin(Plugin):
    name = title = "Scalar Volume"
    keys = ("voxel_count", "min", "max", "mean", "stdev")

    def measure(self, node, segmentID):
        volume = self.node("ScalarVolume")
        found = in_segment(node, segmentID, volume) if volume and volume.GetImageData() else None
        if found is None:
            return {}
        stat = accumulated(volume.GetImageData(), found[0])
        if not stat.GetVoxelCount():
            return {"voxel_count": 0}
        values = {"min": stat.GetMin()[0], "max": stat.GetMax()[0]}
        values |= {"mean": stat.GetMean()[0], "stdev": stat.GetStandardDeviation()[0]}
        return {"voxel_count": stat.GetVoxelCount(), **values}


class ClosedSurfaceSegmentStatisticsPlugin(Plugin):
    name = title = "Closed Surface"
    keys = ("surface_mm2", "volume_mm3", "volume_cm3")

    def measure(self, node, segmentID):
        if not node.GetSegmentation().ContainsRepresentation(SURFACE):
            return {}
        surface, properties = vtk.vtkPolyData(), vtk.vtkMassProperties()
        node.GetClosedSurfaceRepresentation(segmentID, surface)
        properties.SetInputData(surface)
        mm3 = properties.GetVolume()
        return {"surface_mm2": properties.GetSurfaceArea(), "volume_mm3": mm3, "volume_cm3": mm3 * 0.001}


class SegmentStatisticsLogic(ScriptedLoadableModuleLogic):
    registeredPlugins = (
        LabelmapSegmentStatisticsPlugin,
        ScalarVolumeSegmentStatisticsPlugin,
        ClosedSurfaceSegmentStatisticsPlugin,
    )

    def __init__(self, parent=None):
        ScriptedLoadableModuleLogic.__init__(self, parent)
        self.plugins = [plugin() for plugin in self.registeredPlugins]
        self.isSingletonParameterNode = False
        self.parameterNode = None
        self.reset()

    def getParameterNode(self):
        if not self.parameterNode:
            self.setParameterNode(ScriptedLoadableModuleLogic.getParameterNode(self))
        return self.parameterNode

    def setParameterNode(self, node):
        self.parameterNode = node
        for plugin in self.plugins:
            plugin.setParameterNode(node)
        if not node.GetParameter("visibleSegmentsOnly"):
            node.SetParameter("visibleSegmentsOnly", "True")

    def getStatistics(self):
        return self.getParameterNode().statistics

    def reset(self):
        self.getParameterNode().statistics = {"SegmentIDs": [], "MeasurementInfo": {}}

    def computeStatistics(self):
        self.reset()
        parameters = self.getParameterNode()
        node = slicer.mrmlScene.GetNodeByID(parameters.GetParameter("Segmentation"))
        segments = vtk.vtkStringArray()
        if parameters.GetParameter("visibleSegmentsOnly") == "True":
            node.GetDisplayNode().GetVisibleSegmentIDs(segments)
        else:
            node.GetSegmentation().GetSegmentIDs(segments)
        hardened = None
        if node.GetParentTransformNode() is not None:
            hardened = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
            hardened.CopyContent(node)
            hardened.SetAndObserveTransformNodeID(node.GetParentTransformNode().GetID())
            hardened.HardenTransform()
            parameters.SetParameter("Segmentation", hardened.GetID())
        try:
            for n in range(segments.GetNumberOfValues()):
                self.updateStatisticsForSegment(segments.GetValue(n))
        finally:
            if hardened is not None:
                parameters.SetParameter("Segmentation", node.GetID())
                slicer.mrmlScene.RemoveNode(hardened)

    def updateStatisticsForSegment(self, segmentID):
        parameters, statistics = self.getParameterNode(), self.getStatistics()
        node = slicer.mrmlScene.GetNodeByID(parameters.GetParameter("Segmentation"))
        if segmentID not in statistics["SegmentIDs"]:
            statistics["SegmentIDs"].append(segmentID)
        statistics[segmentID, "Segment"] = node.GetSegmentation().GetSegment(segmentID).GetName()
        for plugin in self.plugins:
            if parameters.GetParameter(f"{type(plugin).__name__}.enabled") != "True":
                continue
            for key, value in plugin.computeStatistics(segmentID).items():
                statistics[segmentID, plugin.toLongKey(key)] = value
                statistics["MeasurementInfo"][plugin.toLongKey(key)] = plugin.getMeasurementInfo(key)
