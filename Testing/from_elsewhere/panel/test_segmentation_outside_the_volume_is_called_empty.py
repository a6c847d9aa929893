"""A segmentation of the scene that lies outside its volume is called that, says how far, and keeps Start disabled."""

from __future__ import annotations

import nibabel
import numpy as np
import pytest
import vtk
from all_steps import take_all_steps


@pytest.fixture
def said(panel, runtime):
    """said(): what the row of the last case says after the check, once something asked for it."""

    def wait() -> str:
        runtime.process_events(20)
        runtime.wait_until(lambda: not panel.cases_section.checks.pending, 30)
        table = panel.ui.targetCasesTable
        return table.item(table.rowCount - 1, 0).toolTip()

    return wait


def moved(scene, node, right_mm: float):
    """Put a node under a transform that moves it to the right."""
    matrix, transform = vtk.vtkMatrix4x4(), scene.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    matrix.SetElement(0, 3, right_mm)
    transform.SetMatrixTransformToParent(matrix)
    node.SetAndObserveTransformNodeID(transform.GetID())
    return transform


def test_how_far_outside_is_said_and_start_waits_until_it_is_mended(panel, heads, scene, said):
    """What lies elsewhere is exported as nothing: Slicer/Slicer#4392."""
    from TransferSegGui.outside import outside
    from TransferSegGui.volumes import world_grid

    heads(2)
    panel.ui.addFromSceneButton.click()
    scene.mrmlScene.RemoveNode(scene.util.getNode("Head 2"))
    assert said() == "No problems found."
    volume, labels = scene.util.getNode("Head 1"), scene.util.getNode("Head 1 labels")
    inside = take_all_steps(outside(labels, world_grid(volume)))
    assert set(inside) == {"air", "soft tissue", "bone"} and not any(one.share for one in inside.values())
    transform = moved(scene, labels, 1000.0)
    far = take_all_steps(outside(labels, world_grid(volume)))
    assert {one.share for one in far.values()} == {1.0}
    nearest = min(one.nearest_mm for one in far.values())
    assert 700 < nearest < 1000
    assert said() == (
        f"segmentation “Head 1 labels”: lies {nearest:.4g} mm outside volume “Head 1”; choose the segmentation that was "
        "drawn on this volume, or put both under the same transform."
    )
    assert not panel.ui.startButton.enabled and "mm outside volume" in panel.ui.startReasonLabel.text
    volume.SetAndObserveTransformNodeID(transform.GetID())
    assert said() == "No problems found." and panel.ui.startButton.enabled


def test_what_is_cut_off_is_named_with_its_share(scene, volume):
    """Segments outside the reference geometry are cropped without warning: Slicer/Slicer#6102."""
    from TransferSegGui.exporting import _left_out
    from TransferSegGui.outside import outside
    from TransferSegGui.segmentations import Style, add_segmentation
    from TransferSegGui.targets import TargetCase
    from TransferSegGui.volumes import own_grid, world_grid

    from TransferSegLib.cases.volumes import Volume

    image = volume(size=(10, 10, 10))
    labels = np.zeros((10, 10, 10), np.uint8)
    labels[0:2], labels[6:10] = 1, 2
    styles = {1: Style("left", (1, 0, 0)), 2: Style("right", (0, 1, 0))}
    node = add_segmentation(Volume(labels, own_grid(image)), styles, "drawn")
    moved(scene, node, 2.0)
    found = take_all_steps(outside(node, world_grid(image)))
    assert found["left"].share == 0 and found["right"].share == pytest.approx(0.5)
    (problem,) = take_all_steps(_left_out(TargetCase((image,), node)))
    assert problem.severity == "warning"
    assert problem.message == "up to 50 % of `right` lies outside the volume and is left out"


def test_a_surface_that_lies_outside_is_found_too(scene, volume):
    """Segments may come as closed surfaces, as of STL or RT-STRUCT, and are cropped: Slicer/Slicer#5093."""
    from TransferSegGui.outside import outside
    from TransferSegGui.volumes import world_grid

    image = volume(size=(10, 10, 10))
    sphere = vtk.vtkSphereSource()
    sphere.SetCenter(30, 5, 5)
    sphere.SetRadius(4)
    sphere.Update()
    node = scene.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "surface")
    node.GetSegmentation().SetSourceRepresentationName("Closed surface")
    node.AddSegmentFromClosedSurfaceRepresentation(sphere.GetOutput(), "ball", [1.0, 0, 0])
    found = take_all_steps(outside(node, world_grid(image)))
    assert found["ball"].share == 1 and found["ball"].nearest_mm == pytest.approx(16.5, abs=0.5)


def test_slicers_place_of_a_file_that_says_two_is_named(panel, scene, said, tmp_path):
    """ITK, and so Slicer, reads another origin from a NIfTI header than nibabel: Project-MONAI/MONAILabel#211."""
    affine = np.diag([2.0, 2, 2, 1])
    nifti = nibabel.Nifti1Image(np.random.default_rng(1).normal(size=(12, 12, 12)).astype(np.float32), affine)
    turned = affine.copy()
    turned[0, 3] = 7.0
    nifti.set_qform(turned, code=1)
    nifti.set_sform(affine, code=2)
    nibabel.save(nifti, tmp_path / "two.nii.gz")
    node = scene.util.loadVolume(str(tmp_path / "two.nii.gz"))
    panel.ui.addFromSceneButton.click()
    text = said()
    assert "volume “two”: the header of its file places it twice" in text and "up to 7 mm away" in text
    node.SetOrigin(100, 0, 0)  # by the person
    assert "places it twice" not in said()


def test_a_large_segmentation_is_looked_at_in_steps_so_that_strokes_are_not_held_up(scene, volume):
    """A check after each stroke that takes half a second. No public report found."""
    from TransferSegGui.outside import SLICES_OF_A_STEP, outside
    from TransferSegGui.segmentations import Style, add_segmentation
    from TransferSegGui.volumes import own_grid, world_grid

    from TransferSegLib.cases.volumes import Volume

    image = volume(size=(6, 5, 40))
    labels = np.zeros((6, 5, 40), np.uint8)
    labels[4:, 1:3] = 1
    node = add_segmentation(Volume(labels, own_grid(image)), {1: Style("right", (0, 1, 0))}, "drawn")
    moved(scene, node, 1.0)
    steps = outside(node, world_grid(image))
    for _step in range(40 // SLICES_OF_A_STEP):
        next(steps)
    assert take_all_steps(steps)["right"].share == pytest.approx(0.5)


def test_a_sliver_outside_is_found_whatever_the_number_of_columns(scene, volume):
    """Every 105th voxel was looked at, which were those of every fourth column. No public report found."""
    from TransferSegGui.outside import outside
    from TransferSegGui.segmentations import Style, add_segmentation
    from TransferSegGui.volumes import own_grid, world_grid

    from TransferSegLib.cases.volumes import Volume

    image = volume(size=(512, 512, 2))
    labels = np.zeros((512, 512, 2), np.uint8)
    labels[50:450, 50:450], labels[:50], labels[450:] = 1, 2, 3
    styles = {n: Style(f"part {n}", (0, 1, 0)) for n in (1, 2, 3)}
    node = add_segmentation(Volume(labels, own_grid(image)), styles, "drawn")
    moved(scene, node, 3.0)
    found = take_all_steps(outside(node, world_grid(image)))
    assert found["part 3"].share == pytest.approx(3 / 62, abs=0.03)
    assert found["part 1"].share == found["part 2"].share == 0
