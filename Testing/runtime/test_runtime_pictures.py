"""Pictures of views and widgets."""

from __future__ import annotations

import numpy as np
import pytest
import SlicerRuntime
from PIL import Image


@pytest.fixture
def pictures(slicer):
    from SlicerRuntime import pictures

    return pictures


@pytest.fixture
def ball(slicer):
    """A grey volume of 60×50×40 voxels with a red ball as its only segment."""
    k, j, i = np.mgrid[:40, :50, :60]
    volume = slicer.util.addVolumeFromArray(np.full(k.shape, 100, np.int16) + (i % 2).astype(np.int16))
    segmentation = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode")
    segmentation.CreateDefaultDisplayNodes()
    segmentation.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    segmentation.GetSegmentation().AddEmptySegment("ball", "ball", (1, 0, 0))
    inside = (i - 30) ** 2 + (j - 25) ** 2 + (k - 20) ** 2 < 120
    slicer.util.updateSegmentBinaryLabelmapFromArray(inside.astype(np.uint8), segmentation, "ball", volume)
    segmentation.CreateClosedSurfaceRepresentation()
    slicer.util.setSliceViewerLayers(background=volume, fit=True)
    return segmentation


def pixels(path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


def redness(image: np.ndarray) -> np.ndarray:
    return image[..., 0] - image[..., 1:].max(-1)


def test_a_slice_view_shows_the_segment_over_the_volume(pictures, ball, tmp_path):
    pictures.slice_view(tmp_path / "red.png", "Red", size=(300, 240), offset_mm=20)
    image = pixels(tmp_path / "red.png")
    assert image.shape == (240, 300, 3)
    assert redness(image)[120, 150] > 40
    assert abs(redness(image)[30, 150]) < 5


def test_a_slice_without_the_segment_has_no_red(pictures, ball, tmp_path):
    pictures.slice_view(tmp_path / "red.png", "Red", size=(300, 240), offset_mm=2)
    assert redness(pixels(tmp_path / "red.png")).max() < 5


def test_a_segment_that_is_not_visible_is_not_drawn(pictures, ball, tmp_path):
    ball.GetDisplayNode().SetVisibility(False)
    pictures.slice_view(tmp_path / "red.png", "Red", size=(300, 240), offset_mm=20)
    pictures.three_d_view(tmp_path / "three.png")
    assert redness(pixels(tmp_path / "red.png")).max() < 5
    assert redness(pixels(tmp_path / "three.png")).max() < 5


def test_the_3d_view_shows_the_surface_on_slicers_background(pictures, ball, tmp_path):
    pictures.three_d_view(tmp_path / "three.png", size=(200, 200))
    image = pixels(tmp_path / "three.png")
    assert redness(image)[100, 100] > 100
    assert image[0, 0, 2] > image[0, 0, 0]


def test_a_chart_has_the_colour_of_its_series(pictures, slicer, tmp_path):
    table = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTableNode")
    slicer.util.updateTableFromArray(table, [np.arange(9.0), np.arange(9.0)], ["step", "Dice"])
    series = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLPlotSeriesNode", "open")
    series.SetAndObserveTableNodeID(table.GetID())
    series.SetXColumnName("step")
    series.SetYColumnName("Dice")
    series.SetPlotType(slicer.vtkMRMLPlotSeriesNode.PlotTypeScatter)
    series.SetColor(1, 0, 0)
    chart = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLPlotChartNode")
    chart.AddAndObservePlotSeriesNodeID(series.GetID())
    pictures.chart(tmp_path / "chart.png", chart)
    assert (redness(pixels(tmp_path / "chart.png")) > 150).sum() > 50


@pytest.mark.parametrize("scale", [1, 2])
def test_a_widget_is_drawn_for_its_screen(pictures, sample, tmp_path, scale):
    panel = pictures.module_panel(sample.parent, 420, 360)
    pictures.widget(tmp_path / "panel.png", panel, scale)
    assert pixels(tmp_path / "panel.png").shape == (360 * scale, 420 * scale, 3)
    panel.takeWidget()


def test_the_dark_theme_is_dark(pictures, sample, tmp_path):
    brightness = []
    for dark in (True, False):
        pictures.use_theme(dark)
        panel = pictures.module_panel(sample.parent, 420, 360)
        SlicerRuntime.process_events(20)
        pictures.widget(tmp_path / "panel.png", panel)
        brightness.append(np.median(pixels(tmp_path / "panel.png")))
        panel.takeWidget()
    assert brightness[0] < 80 < 200 < brightness[1]
