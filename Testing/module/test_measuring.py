"""Volume, surface and intensities of segments by Slicer's Segment Statistics, against cubes and balls."""

from __future__ import annotations

import math

import numpy as np
import pytest

from TransferSegLib.cases.volumes import Volume
from TransferSegLib.core.grid import Grid

SPACING_MM = (0.7, 0.9, 2.5)
SIZE = (70, 56, 22)


def turned(spacing_mm=SPACING_MM) -> np.ndarray:
    """An oblique affine, with one axis the other way round."""
    a, b = 0.5, -0.3
    turn = np.array([[math.cos(a), -math.sin(a), 0], [math.sin(a), math.cos(a), 0], [0, 0, -1]])
    turn = turn @ np.array([[1, 0, 0], [0, math.cos(b), -math.sin(b)], [0, math.sin(b), math.cos(b)]])
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = turn * spacing_mm, (30, -20, 10)
    return affine


@pytest.fixture
def drawn(scene):
    """An image in the scene, and two segments on it: a box of 20×10×8 voxels, and what is a ball of 15 mm."""
    from TransferSegGui.segmentations import Style, add_segmentation
    from TransferSegGui.volumes import add_volume

    labels = np.zeros(SIZE, np.uint8)
    at = np.meshgrid(
        *[(np.arange(n) - centre) * mm for n, centre, mm in zip(SIZE, (44, 28, 11), SPACING_MM, strict=True)],
        indexing="ij",
    )
    labels[sum(mm**2 for mm in at) <= 15**2] = 2
    labels[2:22, 3:13, 2:10] = 1
    image = np.random.default_rng(1).normal(100, 20, SIZE).astype(np.float32)
    volume = add_volume(Volume(image, Grid(SIZE, turned())), "scan")
    styles = {1: Style("box", (1, 0, 0)), 2: Style("ball", (0, 1, 0)), 3: Style("nothing", (0, 0, 1))}
    node = add_segmentation(Volume(labels, Grid(SIZE, turned())), styles, "found", volume)
    return volume, node, labels, image


def test_boxes_and_balls_in_thick_oblique_slices_have_their_volume_surface_and_intensities(drawn):
    from TransferSegGui.measuring import measure

    _volume, node, labels, image = drawn
    box, ball, nothing = measure([node])
    assert (box.segmentation, box.segment, ball.segment) == ("found", "box", "ball")
    assert box.voxels == 20 * 10 * 8
    i, j, k = 20 * 0.7, 10 * 0.9, 8 * 2.5
    assert box.volume_ml == pytest.approx(i * j * k / 1000)
    assert box.surface_cm2 == pytest.approx(2 * (i * j + j * k + i * k) / 100, rel=0.13), "Slicer rounds its edges"
    assert ball.volume_ml == pytest.approx(4 / 3 * math.pi * 15**3 / 1000, rel=0.01)
    assert ball.surface_cm2 == pytest.approx(4 * math.pi * 15**2 / 100, rel=0.06)
    for row, value in ((box, 1), (ball, 2)):
        inside = image[labels == value].astype(np.float64)
        assert row.mean == pytest.approx(inside.mean(), rel=1e-6)
        assert row.deviation == pytest.approx(inside.std(ddof=1), rel=1e-5)
    assert (nothing.segment, nothing.voxels, nothing.volume_ml) == ("nothing", 0, 0)
    assert all(math.isnan(number) for number in (nothing.surface_cm2, nothing.mean, nothing.deviation))


def test_hidden_segments_are_measured_and_nothing_is_left_in_the_scene(drawn, scene):
    from TransferSegGui.measuring import measure

    _volume, node, *_rest = drawn
    own = scene.mrmlScene.AddNewNodeByClass("vtkMRMLScriptedModuleNode")
    own.SetAttribute("ModuleName", "SegmentStatistics")
    own.SetParameter("visibleSegmentsOnly", "True")
    own.SetParameter("LabelmapSegmentStatisticsPlugin.enabled", "False")
    node.GetDisplayNode().SetAllSegmentsVisibility(False)
    before = scene.mrmlScene.GetNumberOfNodes()
    assert measure([node])[0].voxels == 1600
    assert scene.mrmlScene.GetNumberOfNodes() == before
    assert own.GetParameter("visibleSegmentsOnly") == "True", (
        "the person's own settings of that module are as they were"
    )
    assert own.GetParameter("LabelmapSegmentStatisticsPlugin.enabled") == "False"


def test_under_a_transform_that_stretches_volumes_are_those_in_the_world(drawn, scene):
    from TransferSegGui.measuring import measure

    volume, node, *_rest = drawn
    transform = scene.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    transform.SetMatrixTransformToParent(scene.util.vtkMatrixFromArray(np.diag([2.0, 2.0, 2.0, 1.0])))
    before = measure([node])[1]
    for one in (volume, node):
        one.SetAndObserveTransformNodeID(transform.GetID())
    after = measure([node])[1]
    assert after.volume_ml == pytest.approx(8 * before.volume_ml, rel=0.02)
    assert after.mean == pytest.approx(before.mean, rel=0.01)


def test_without_its_image_a_segment_has_a_volume_and_no_intensities(drawn, scene):
    from TransferSegGui.measuring import measure

    volume, node, *_rest = drawn
    scene.mrmlScene.RemoveNode(volume)
    box = measure([node])[0]
    assert box.voxels == 1600
    assert math.isnan(box.mean)


def test_the_table_is_one_node_that_is_shown_and_saved_as_csv(drawn, scene, tmp_path):
    from TransferSegGui.measuring import measure, show_table, statistics_table

    rows = measure([drawn[1]])
    table = statistics_table(rows)
    assert statistics_table(rows) is table
    show_table(table)
    assert scene.app.applicationLogic().GetSelectionNode().GetActiveTableID() == table.GetID()
    assert scene.util.saveNode(table, str(tmp_path / "t.csv"))
    lines = (tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()
    header = "Segmentation,Segment,Voxels,Volume (mL),Surface (cm²),Mean,Standard deviation"
    assert lines[0].replace('"', "") == header
    assert lines[1].replace('"', "").startswith("found,box,1600,2.52,")


def test_where_segment_statistics_is_switched_off_that_is_said(drawn, monkeypatch):
    import sys

    from TransferSegGui.measuring import measure

    from TransferSegLib.core.errors import InputError

    monkeypatch.setitem(sys.modules, "SegmentStatistics", None)
    with pytest.raises(InputError, match="Segment Statistics is switched off"):
        measure([drawn[1]])
