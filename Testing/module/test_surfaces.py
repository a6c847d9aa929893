"""Surfaces for 3D views: those that Slicer makes, of large segments coarser ones, of which nothing is missing."""

from __future__ import annotations

import gc
import time

import numpy as np
import pytest

from TransferSegLib.cases.volumes import Volume
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.steps import at_once

KIND = "Closed surface"
OBLIQUE = np.array([[0.0, -0.8, 0.3, 5], [0.9, 0.1, 0.1, -20], [0.1, 0.2, 2.5, 7], [0, 0, 0, 1]])


@pytest.fixture
def surface(scene):
    """surface(mask, affine): the surface of a mask's segment, in its world (mm), and the longest step it took (s)."""
    from TransferSegGui.surfaces import surfaces_in_steps

    def make(mask: np.ndarray, affine: np.ndarray | None = None):
        node = segmentation(mask, affine)
        steps, longest = surfaces_in_steps(node), 0.0
        gc.collect()
        gc.disable()
        try:
            while True:
                begun = time.thread_time()
                if next(steps, steps) is steps:
                    return node.GetSegmentation().GetNthSegment(0).GetRepresentation(KIND), longest
                longest = max(longest, time.thread_time() - begun)
        finally:
            gc.enable()

    return make


def segmentation(mask: np.ndarray, affine: np.ndarray | None = None):
    from TransferSegGui.segmentations import Style, add_segmentation

    grid = Grid(mask.shape, np.eye(4) if affine is None else affine)
    return add_segmentation(Volume(mask.astype(np.uint8), grid), {1: Style("all", (1, 0, 0))}, "labels")


def slicers(mask: np.ndarray, affine: np.ndarray | None = None):
    """The surface that Slicer makes of a mask's segment."""
    node = segmentation(mask, affine)
    node.CreateClosedSurfaceRepresentation()
    return node.GetSegmentation().GetNthSegment(0).GetRepresentation(KIND)


def rough(size: tuple[int, int, int] = (90, 80, 60)) -> np.ndarray:
    """A shell, thinner and thicker and with holes, that reaches the ends of the image."""
    rng, inside = np.random.default_rng(5), np.zeros(size)
    for _ in range(12):
        wave, phase = rng.normal(0, 0.25, 3), rng.uniform(0, 6)
        inside += np.sin(sum(w * axis for w, axis in zip(wave, np.ogrid[tuple(map(slice, size))], strict=True)) + phase)
    distance = np.sqrt(sum((a - n / 2) ** 2 for a, n in zip(np.ogrid[tuple(map(slice, size))], size, strict=True)))
    return abs(distance + inside - 30) < 4


def ball(size: tuple[int, int, int], radius: float, middle: tuple[float, float, float] | None = None) -> np.ndarray:
    middle = middle or tuple((n - 1) / 2 for n in size)
    return sum((axis - m) ** 2 for axis, m in zip(np.ogrid[tuple(map(slice, size))], middle, strict=True)) < radius**2


def distances(polydata, points: np.ndarray) -> np.ndarray:
    """How far points (n, 3) lie from a surface, in mm."""
    import vtk

    distance = vtk.vtkImplicitPolyDataDistance()
    distance.SetInput(polydata)
    return np.abs([distance.EvaluateFunction(point) for point in points.tolist()])


def test_small_surfaces_are_those_that_slicer_makes_and_appear_together(scene):
    from TransferSegGui.segmentations import Style, add_segmentation
    from TransferSegGui.surfaces import surfaces_in_steps

    labels = np.zeros((30, 28, 26), np.uint8)
    labels[ball(labels.shape, 9, (12, 12, 10))] = 2
    labels[20:, 20:, 22:] = 7  # up to the last voxel
    styles = {value: Style(f"label {value}", (1, 0, 0)) for value in (1, 2, 7)}  # 1 occurs nowhere
    node = add_segmentation(Volume(labels, Grid(labels.shape, OBLIQUE)), styles, "labels")
    count, seen = 3, []

    def surfaces() -> list:
        return [node.GetSegmentation().GetNthSegment(n).GetRepresentation(KIND) for n in range(count)]

    node.AddObserver(node.GetSegmentation().SegmentModified, lambda *_: seen.append(None not in surfaces()))
    at_once(surfaces_in_steps(node))
    assert seen and all(seen)  # no view sees one without the others, which it would make at once
    made = surfaces()
    assert list(surfaces_in_steps(node)) == [] and surfaces() == made
    node.RemoveClosedSurfaceRepresentation()
    node.CreateClosedSurfaceRepresentation()
    for ours, slicers in zip(made, surfaces(), strict=True):
        assert ours is not slicers and ours.GetNumberOfPoints() == slicers.GetNumberOfPoints()
        assert np.allclose(ours.GetBounds(), slicers.GetBounds(), atol=1e-3)
    assert made[0].GetNumberOfPoints() == 0 < min(made[1].GetNumberOfPoints(), made[2].GetNumberOfPoints())


def test_a_cleared_segment_has_an_empty_surface(scene):
    from TransferSegGui.surfaces import surfaces_in_steps

    node = scene.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "empty")
    node.CreateDefaultDisplayNodes()
    node.GetSegmentation().AddEmptySegment("", "nothing")
    at_once(surfaces_in_steps(node))
    assert node.GetSegmentation().GetNthSegment(0).GetRepresentation(KIND).GetNumberOfPoints() == 0


@pytest.mark.parametrize(
    "affine", [np.eye(4), OBLIQUE, np.diag([-1, 1, 1, 1]) @ OBLIQUE], ids=["", "oblique", "flipped"]
)
def test_the_parts_of_a_surface_are_together_the_one_that_slicer_makes(surface, affine, monkeypatch):
    import vtk
    from TransferSegGui import surfaces

    mask, parts, smoothed = rough(), [], surfaces._smoothed
    monkeypatch.setattr(surfaces, "_smoothed", lambda *given: (parts.append(given), smoothed(*given))[1])
    whole, (found, longest) = slicers(mask, affine), surface(mask, affine)
    assert len(parts) > 10 and longest < 0.05
    assert found.GetNumberOfPolys() == whole.GetNumberOfPolys()  # none is twice there, and none is missing
    points = np.array([whole.GetPoint(n) for n in range(0, whole.GetNumberOfPoints(), 53)])
    voxel_mm = np.linalg.norm(affine[:3, :3], axis=0).min()
    assert np.median(distances(found, points)) < 0.01 * voxel_mm and distances(found, points).max() < 0.3 * voxel_mm
    measured = []
    for polydata in (whole, found):
        properties = vtk.vtkMassProperties()
        properties.SetInputData(polydata)
        measured.append((properties.GetSurfaceArea(), properties.GetVolume()))
    assert np.allclose(*measured, rtol=0.02)
    normals = [polydata.GetPointData().GetNormals() for polydata in (whole, found)]
    nearest = vtk.vtkPointLocator()
    nearest.SetDataSet(found)
    nearest.BuildLocator()
    cosines = [
        np.dot(normals[0].GetTuple3(n), normals[1].GetTuple3(nearest.FindClosestPoint(whole.GetPoint(n))))
        for n in range(0, whole.GetNumberOfPoints(), 53)
    ]
    assert np.median(cosines) > 0.999 and np.mean(np.array(cosines) > 0.9) > 0.99


def test_how_surfaces_are_made_of_a_segmentation_is_kept(scene):
    from TransferSegGui.surfaces import surfaces_in_steps

    for parameters in ({"Smoothing factor": "0.9"}, {"Smoothing factor": "0"}, {"Compute surface normals": "0"}):
        found = []
        for slicers_way in (True, False):
            node = segmentation(rough())
            for name, value in parameters.items():
                node.GetSegmentation().SetConversionParameter(name, value)
            if slicers_way:
                node.CreateClosedSurfaceRepresentation()
            else:
                at_once(surfaces_in_steps(node))
            found.append(node.GetSegmentation().GetNthSegment(0).GetRepresentation(KIND))
        assert found[0].GetNumberOfPolys() == found[1].GetNumberOfPolys() > 0, parameters
        assert np.allclose(found[0].GetBounds(), found[1].GetBounds(), atol=0.2), parameters
        assert len({bool(surface.GetPointData().GetNormals()) for surface in found}) == 1


def test_a_very_large_surface_is_coarser_and_lies_where_slicer_s_lies(surface, monkeypatch):
    from TransferSegGui import surfaces

    mask = ball((120, 100, 60), 45, (55.0, 52.0, 30.0))  # cut off above and below
    whole = slicers(mask, OBLIQUE)
    monkeypatch.setattr(surfaces, "MOST_FACES", 6000)
    coarse, longest = surface(mask, OBLIQUE)
    assert coarse.GetNumberOfPolys() < 12_200 < whole.GetNumberOfPolys()
    points = np.array([whole.GetPoint(n) for n in range(0, whole.GetNumberOfPoints(), 101)])
    voxel_mm = np.linalg.norm(OBLIQUE[:3, :3], axis=0)
    assert np.median(distances(coarse, points)) < 0.3 * voxel_mm.min()
    assert distances(coarse, points).max() < 2 * voxel_mm.max()
    assert longest < 0.05


@pytest.mark.parametrize("seam", [1, 2, 7])
def test_a_coarser_mask_is_the_same_in_whatever_parts_it_is_made(seam, monkeypatch, scene):
    from TransferSegGui import surfaces

    rng = np.random.default_rng(3)
    mask = ball((23, 19, 31), 8) | (rng.random((23, 19, 31)) < 0.01)
    factors = np.array([3, 2, 2])
    whole = at_once(surfaces._coarser_in_steps(mask, factors))
    monkeypatch.setattr("TransferSegLib.cases.slabs.SLAB_VOXELS", seam * 23 * 19 * 2)
    assert np.array_equal(at_once(surfaces._coarser_in_steps(mask, factors)), whole)
    assert whole.shape == (10, 12, 18) and not whole[0].any() and not whole[..., -1].any()


def test_nothing_thin_and_nothing_small_is_lost_in_a_coarser_surface(surface, monkeypatch):
    from TransferSegGui import surfaces

    monkeypatch.setattr(surfaces, "MOST_FACES", 1500)
    mask = ball((90, 80, 70), 25, (40.0, 40.0, 30.0))
    mask[40:42, 66:78, 5:7] = True  # a vessel
    mask[80, 10, 60] = True  # a voxel
    found, _longest = surface(mask)
    assert found.GetNumberOfPoints() <= 1500
    near = distances(found, np.array([[40.5, 72.0, 5.5], [80.0, 10.0, 60.0]]))
    assert near.max() < 6
    low, high = np.array(found.GetBounds()[::2]), np.array(found.GetBounds()[1::2])
    assert high[0] > 75 and low[1] < 16 and high[1] > 70 and low[2] < 10 and high[2] > 55


@pytest.mark.parametrize("share", [0.002, 0.5])
def test_labels_like_noise_take_no_longer(surface, share, monkeypatch):
    from TransferSegGui import surfaces

    monkeypatch.setattr(surfaces, "MOST_FACES", 30_000)
    found, longest = surface(np.random.default_rng(1).random((120, 120, 60)) < share)
    assert 0 < found.GetNumberOfPolys() < 2.1 * surfaces.MOST_FACES
    assert longest < 0.05


def test_a_segment_of_few_faces_that_reaches_across_an_image_takes_short_steps(surface):
    mask = np.zeros((400, 400, 160), bool)
    mask[10:16, 10:16, 5:9] = mask[380:386, 380:386, 150:154] = mask[200, 50, 80] = True
    found, longest = surface(mask)
    assert found.GetNumberOfPolys() == slicers(mask).GetNumberOfPolys()
    assert longest < 0.05


def test_a_segment_that_is_edited_or_removed_meanwhile_gets_no_surface_of_before(scene):
    from TransferSegGui.segmentations import Style, add_segmentation
    from TransferSegGui.surfaces import surfaces_in_steps

    labels = np.zeros((30, 28, 26), np.uint8)
    labels[5:10, 5:10, 5:10], labels[15:20, 15:20, 15:20] = 1, 2
    node = add_segmentation(
        Volume(labels, Grid(labels.shape, np.eye(4))), {v: Style(f"label {v}", (1, 0, 0)) for v in (1, 2)}, "labels"
    )
    first, second = (node.GetSegmentation().GetNthSegment(n) for n in range(2))
    steps = surfaces_in_steps(node)
    for _ in range(3):
        next(steps)
    first.GetRepresentation("Binary labelmap").Modified()
    node.GetSegmentation().RemoveSegment(second)
    at_once(steps)
    assert first.GetRepresentation(KIND) is None and second.GetRepresentation(KIND) is None
