from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from TransferSegLib.cases.volumes import Volume, read_labels, read_volume, write_labels, write_volume
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid

TURN = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))[0]


def affine(directions: np.ndarray, spacing=(0.7, 1.3, 2.9), origin=(10.123456789, -22.2, 33.3)) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, :3] = directions * np.array(spacing)
    matrix[:3, 3] = origin
    return matrix


GRIDS = {
    "straight": affine(np.eye(3)),
    "oblique": affine(TURN),
    "flipped": affine(np.diag([-1.0, 1.0, -1.0])),
    "oblique and mirrored": affine(TURN @ np.diag([1.0, -1.0, 1.0])),
    "axes swapped": affine(np.eye(3)[[2, 0, 1]]),
}


@pytest.fixture
def labels() -> np.ndarray:
    """Three labels that reach the corners of an (11, 9, 7) image."""
    array = np.zeros((11, 9, 7), np.uint8)
    array[1:5, 2:6, 1:4] = 1
    array[5:9, 2:6, 2:5] = 2
    array[0, 0, 0] = array[-1, -1, -1] = array[0, -1, 3] = 3
    return array


@pytest.fixture
def styles():
    from TransferSegGui.segmentations import Style

    terminology = "~SCT^123037004^Anatomical Structure~SCT^5366008^Hippocampus~^^~~^^~^^"
    return {1: Style("one", (1, 0, 0)), 2: Style("two", (0, 0.5, 0), terminology), 3: Style("three", (0, 0, 1))}


VALUES = {"one": 1, "two": 2, "three": 3}


def linear_transform(slicer, matrix: np.ndarray):
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLLinearTransformNode")
    node.SetMatrixTransformToParent(slicer.util.vtkMatrixFromArray(matrix))
    return node


def bent_transform(slicer):
    import vtk

    points, moved = vtk.vtkPoints(), vtk.vtkPoints()
    for n in range(8):
        corner = [20.0 * ((n >> axis) & 1) - 5 for axis in range(3)]
        points.InsertNextPoint(corner)
        moved.InsertNextPoint([c + (2.0 if n == 7 else 0.0) for c in corner])
    spline = vtk.vtkThinPlateSplineTransform()
    spline.SetSourceLandmarks(points)
    spline.SetTargetLandmarks(moved)
    spline.SetBasisToR()
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLTransformNode")
    node.SetAndObserveTransformToParent(spline)
    return node


@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)
@pytest.mark.parametrize("transformed", [False, True], ids=["", "under a transform"])
def test_scene_to_file_to_scene_is_voxel_exact(scene, volume, labels, styles, grid, transformed, tmp_path):
    from TransferSegGui.segmentations import add_segmentation, sample_segments
    from TransferSegGui.volumes import own_grid, world_grid, world_volume

    image = volume(grid)
    if transformed:
        image.SetAndObserveTransformNodeID(linear_transform(scene, affine(TURN.T, (1, 1, 1), (5, 6, 7))).GetID())
    world = world_volume(image)
    write_volume(tmp_path / "image.nrrd", world.array, world.grid)
    write_labels(tmp_path / "labels.nii.gz", labels, read_volume(tmp_path / "image.nrrd").grid)

    node = add_segmentation(read_labels(tmp_path / "labels.nii.gz"), styles, "back", image)
    back = sample_segments(node, world_grid(image), VALUES)
    assert np.array_equal(back.array, labels)
    assert np.allclose(back.grid.affine, world.grid.affine, atol=1e-12)
    assert np.array_equal(own_grid(image).affine, own_grid(image).affine)
    assert node.GetTransformNodeID() == image.GetTransformNodeID()
    assert np.array_equal(slicer_segment(scene, node, "two", image), labels == 2)


@pytest.mark.parametrize("transform", ["none", "shift", "turn", "bent", "bent and shifted"])
def test_a_result_is_drawn_on_its_image_s_lattice_and_saved_voxel_by_voxel(
    scene, volume, labels, styles, transform, tmp_path
):
    from TransferSegGui.segmentations import GEOMETRY, add_segmentation, sample_segments
    from TransferSegGui.volumes import own_grid, world_grid, world_volume

    image = volume(GRIDS["oblique"])
    shift = affine(np.eye(3), (1, 1, 1), (3.5, 0.4, -7.3))
    turn = affine(TURN.T, (1, 1, 1), (5, 6, 7))
    if transform.startswith("bent"):
        node = bent_transform(scene)
        if "shifted" in transform:
            node.SetAndObserveTransformNodeID(linear_transform(scene, shift).GetID())
        image.SetAndObserveTransformNodeID(node.GetID())
    elif transform != "none":
        image.SetAndObserveTransformNodeID(linear_transform(scene, {"shift": shift, "turn": turn}[transform]).GetID())
    world = world_volume(image)
    # What is bent may reach beyond the image's own grid.
    labels = np.pad(labels, [(0, n - own) for n, own in zip(world.grid.size, labels.shape, strict=True)])
    node = add_segmentation(Volume(labels, world.grid), styles, "found", image)
    geometry = scene.vtkOrientedImageData()
    scene.vtkSegmentationConverter.DeserializeImageGeometry(
        node.GetSegmentation().GetConversionParameter(GEOMETRY), geometry, False
    )
    matrix = scene.util.vtkMatrixFromArray(np.eye(4))
    geometry.GetImageToWorldMatrix(matrix)
    lattice = world.grid if transform.startswith("bent") else own_grid(image)
    assert np.allclose(scene.util.arrayFromVTKMatrix(matrix), lattice.affine, atol=1e-9)
    assert geometry.GetDimensions() == lattice.size
    assert node.GetNodeReference(node.GetReferenceImageGeometryReferenceRole()) is image
    assert scene.util.saveScene(str(tmp_path / "scene.mrb"))
    scene.mrmlScene.Clear(0)
    scene.util.loadScene(str(tmp_path / "scene.mrb"))
    found = sample_segments(scene.util.getNode("found"), world_grid(scene.util.getNode("image")), VALUES)
    assert np.array_equal(found.array, labels)


@pytest.mark.parametrize("order", ["F", "C"])
def test_a_result_is_as_large_as_what_is_segmented(scene, volume, styles, order, tmp_path):
    from TransferSegGui import segmentations
    from TransferSegGui.volumes import own_grid, world_grid

    image = volume(np.eye(4))
    labels, nothing = np.zeros((11, 9, 7), np.uint8, order), np.zeros((11, 9, 7), np.uint8, order)
    labels[1:3, 4:8, 5] = 2
    labels[2, 1, 2] = 3
    for name, array, extent in (("some", labels, (1, 2, 1, 7, 2, 5)), ("none", nothing, (0, -1, 0, -1, 0, -1))):
        node = segmentations.add_segmentation(Volume(array, own_grid(image)), styles, name, image)
        assert node.GetSegmentation().GetNthSegment(1).GetRepresentation(segmentations.BINARY).GetExtent() == extent
        assert np.array_equal(segmentations.sample_segments(node, world_grid(image), VALUES).array, array)
    assert scene.util.saveScene(str(tmp_path / "scene.mrb"))
    scene.mrmlScene.Clear(0)
    scene.util.loadScene(str(tmp_path / "scene.mrb"))
    image = scene.util.getNode("image")
    for name, array in (("some", labels), ("none", nothing)):
        assert np.array_equal(
            segmentations.sample_segments(scene.util.getNode(name), world_grid(image), VALUES).array, array
        )


def slicer_segment(slicer, node, name, image) -> np.ndarray:
    """A segment as Slicer itself samples it on an image, (I, J, K)."""
    identifier = node.GetSegmentation().GetSegmentIdBySegmentName(name)
    return slicer.util.arrayFromSegmentBinaryLabelmap(node, identifier, image).T != 0


GEOMETRIES = {
    "axis aligned": (GRIDS["straight"], (11, 9, 7)),
    "oblique": (GRIDS["oblique"], (11, 9, 7)),
    "flipped": (GRIDS["flipped"], (11, 9, 7)),
    "anisotropic": (affine(np.eye(3), (0.45, 0.45, 5.0)), (22, 19, 4)),
    "shifted and cropped": (affine(np.eye(3), origin=(10.9, -18.1, 36.5)), (8, 7, 5)),
}


@pytest.mark.parametrize("geometry", GEOMETRIES)
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("moved", [False, True], ids=["", "under a transform"])
def test_segments_are_sampled_as_slicer_s_own_export_samples_them(
    scene, volume, labels, styles, geometry, layers, moved
):
    """On the grid that they were drawn on, on grids that lie otherwise, and where they reach beyond the image."""
    from TransferSegGui.segmentations import add_segmentation, sample_segments, segments_of
    from TransferSegGui.volumes import own_grid, world_grid

    matrix, size = GEOMETRIES[geometry]
    drawn_on = volume(GRIDS["oblique"] if geometry == "oblique" else GRIDS["straight"], name="drawn on")
    image = volume(matrix, size)
    node = add_segmentation(Volume(labels, own_grid(drawn_on)), styles, "drawn", drawn_on)
    if layers == 2:
        segments_of(node).SeparateSegmentLabelmap("label-2")
        assert segments_of(node).GetNumberOfLayers() == 2
    if moved:
        transform = linear_transform(scene, affine(TURN.T, (1, 1, 1), (5, 6, 7)))
        for each in (node, image):
            each.SetAndObserveTransformNodeID(transform.GetID())
    exported = scene.mrmlScene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode", "exported")
    identifiers = segments_of(node).GetSegmentIDs()
    assert scene.modules.segmentations.logic().ExportSegmentsToLabelmapNode(node, identifiers, exported, image)
    expected = scene.util.arrayFromVolume(exported).T
    assert geometry == "flipped" or expected.any()
    assert np.array_equal(sample_segments(node, world_grid(image), VALUES).array, expected)


def edges(surface) -> int:
    """How many edges of a surface are open, or of more than two faces."""
    import vtk

    found = vtk.vtkFeatureEdges()
    found.SetInputData(surface)
    found.FeatureEdgesOff()
    found.ManifoldEdgesOff()
    found.BoundaryEdgesOn()
    found.NonManifoldEdgesOn()
    found.Update()
    return found.GetOutput().GetNumberOfCells()


def surfaces_of(node) -> dict:
    segmentation = node.GetSegmentation()
    found = [segmentation.GetSegment(identifier) for identifier in segmentation.GetSegmentIDs()]
    return {segment.GetName(): segment.GetRepresentation("Closed surface") for segment in found}


def masks() -> np.ndarray:
    """A ball, a wall that touches the border of its image on five sides, and a voxel in a corner (40, 40, 40)."""
    found = np.zeros((40, 40, 40), np.uint8)
    found[28:, :, :12] = 2
    found[0, -1, -1] = 3
    found[((np.indices(found.shape) - 20) ** 2).sum(axis=0) < 150] = 1
    return found


@pytest.mark.parametrize("grid", [GRIDS["straight"], GRIDS["oblique and mirrored"]], ids=["", "oblique"])
def test_the_surfaces_that_the_module_makes_are_closed_and_those_of_slicer(scene, volume, styles, grid):
    from TransferSegGui.segmentations import add_segmentation
    from TransferSegGui.showing import make_surfaces
    from TransferSegGui.volumes import own_grid

    image = volume(grid, (40, 40, 40))
    looks = {**styles, 4: styles[3]}  # the last has no voxels
    made, slicers = (add_segmentation(Volume(masks(), own_grid(image)), looks, name, image) for name in "ab")
    make_surfaces([made])
    slicers.CreateClosedSurfaceRepresentation()
    assert made.GetSegmentation().ContainsRepresentation("Closed surface")
    for (name, surface), expected in zip(surfaces_of(made).items(), surfaces_of(slicers).values(), strict=True):
        assert edges(surface) == 0, name
        assert surface.GetNumberOfPoints() == expected.GetNumberOfPoints()
        assert surface.GetNumberOfPolys() == expected.GetNumberOfPolys()
        assert np.allclose(surface.GetBounds(), expected.GetBounds(), atol=1e-4)
    last = made.GetSegmentation().GetNthSegment(3).GetRepresentation("Closed surface")
    assert last.GetNumberOfPoints() == 0 < surfaces_of(made)["one"].GetNumberOfPoints()


def test_the_surface_of_a_head_s_bone_is_closed(scene):
    from TransferSegGui import sample_data
    from TransferSegGui.showing import make_surfaces

    sample_data.load_heads(count=2)
    node = scene.util.getNode("Head 1 labels")
    make_surfaces([node])
    found = surfaces_of(node)
    assert found["bone"].GetNumberOfPolys() > 10_000
    assert {name: edges(surface) for name, surface in found.items()} == {"air": 0, "soft tissue": 0, "bone": 0}


def test_no_view_sees_a_surface_without_the_others_which_it_would_make_at_once(scene, volume, styles):
    from TransferSegGui.segmentations import add_segmentation
    from TransferSegGui.showing import make_surfaces
    from TransferSegGui.volumes import own_grid

    image = volume(np.eye(4), (40, 40, 40))
    node, seen = add_segmentation(Volume(masks(), own_grid(image)), styles, "a", image), []
    node.AddObserver(node.GetSegmentation().SegmentModified, lambda *_: seen.append(None in surfaces_of(node).values()))
    make_surfaces([node])
    assert seen and not any(seen)
    made = surfaces_of(node)
    make_surfaces([node])
    assert surfaces_of(node) == made


@pytest.mark.parametrize("after", [0, 1, 2])
def test_surfaces_that_are_cancelled_are_not_made_and_can_be_made_again(scene, volume, styles, monkeypatch, after):
    from types import SimpleNamespace

    from TransferSegGui.segmentations import add_segmentation
    from TransferSegGui.showing import make_surfaces
    from TransferSegGui.volumes import own_grid

    class Dialog(SimpleNamespace):
        closed = 0

        @property
        def wasCanceled(self) -> bool:
            return self.value >= after

        def close(self) -> None:
            Dialog.closed += 1

        deleteLater = close

    image = volume(np.eye(4), (40, 40, 40))
    node = add_segmentation(Volume(masks(), own_grid(image)), styles, "a", image)
    with monkeypatch.context() as patch:
        patch.setattr(scene.util, "createProgressDialog", lambda **given: Dialog(value=0, **given))
        make_surfaces([node])
    assert set(surfaces_of(node).values()) == {None} and Dialog.closed == 2
    make_surfaces([node])
    assert None not in surfaces_of(node).values()


def test_a_transform_is_hardened_on_a_copy_and_never_on_the_persons_volume(scene, volume):
    from TransferSegGui.volumes import own_grid, world_volume

    image, moved = volume(GRIDS["oblique"]), affine(TURN.T, (1, 1, 1), (5, 6, 7))
    node = linear_transform(scene, moved)
    image.SetAndObserveTransformNodeID(node.GetID())
    before = own_grid(image).affine
    exported = world_volume(image)
    assert np.allclose(exported.grid.affine, moved @ before)
    assert np.array_equal(own_grid(image).affine, before)
    assert image.GetTransformNodeID() == node.GetID()


def test_a_segmentation_under_another_transform_than_its_image_is_sampled_where_it_is_seen(
    scene, volume, labels, styles
):
    from TransferSegGui.segmentations import add_segmentation, sample_segments
    from TransferSegGui.volumes import own_grid, world_grid

    image = volume(GRIDS["straight"])
    node = add_segmentation(Volume(labels, own_grid(image)), styles, "moved", image)
    one_voxel = np.eye(4)
    one_voxel[0, 3] = 0.7
    node.SetAndObserveTransformNodeID(linear_transform(scene, one_voxel).GetID())
    assert np.array_equal(sample_segments(node, world_grid(image), VALUES).array[1:], labels[:-1])


def test_a_bent_image_is_resampled_and_its_result_lies_on_what_is_seen(scene, volume, labels, styles):
    from TransferSegGui.segmentations import add_segmentation, sample_segments
    from TransferSegGui.volumes import world_grid, world_volume

    image = volume(np.eye(4))
    image.SetAndObserveTransformNodeID(bent_transform(scene).GetID())
    world = world_volume(image)
    found = np.zeros(world.grid.size, np.uint8)
    found[2:5, 2:5, 2:5] = 1
    back = add_segmentation(Volume(found, world.grid), styles, "bent", image)
    assert back.GetTransformNodeID() is None
    assert np.array_equal(sample_segments(back, world_grid(image), VALUES).array, found)


@pytest.mark.parametrize("kind", [np.float32, np.int16])
@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)
def test_a_bent_image_is_what_hardening_in_slicer_makes_of_it(scene, grid, kind):
    from TransferSegGui import volumes

    noise = np.random.default_rng(4).normal(100, 30, (7, 9, 11)).astype(kind)
    image = scene.util.addVolumeFromArray(noise, grid, "image")
    image.SetAndObserveTransformNodeID(bent_transform(scene).GetID())
    world = volumes.world_volume(image)
    image.HardenTransform()
    assert world.array.dtype == kind and world.grid.size == image.GetImageData().GetDimensions()
    assert np.allclose(world.grid.affine, volumes.own_grid(image).affine, atol=1e-9)
    hardened = scene.util.arrayFromVolume(image).T
    if kind is np.int16:  # where a value lies between two whole numbers, the last digit decides
        assert np.mean(world.array != hardened) < 0.01 and np.abs(world.array - hardened).max() <= 1
    else:
        assert np.allclose(world.array, hardened, atol=1e-3)
    assert not np.allclose(hardened[: noise.shape[2], : noise.shape[1], : noise.shape[0]][:11, :9, :7], noise.T, atol=1)


def test_closed_surfaces_become_voxels_of_the_image_and_stay_closed_surfaces(scene, volume, styles):
    from TransferSegGui.segmentations import add_segmentation, sample_segments
    from TransferSegGui.volumes import own_grid, world_grid

    image = volume(affine(TURN, (1, 1, 1.5)), (24, 24, 16))
    block = np.zeros((24, 24, 16), np.uint8)
    block[4:18, 5:19, 3:13] = 1
    node = add_segmentation(Volume(block, own_grid(image)), styles, "block", image)
    segmentation = node.GetSegmentation()
    segmentation.SetConversionParameter("Smoothing factor", "0.0")
    segmentation.CreateRepresentation("Closed surface", True)
    segmentation.SetSourceRepresentationName("Closed surface")
    segmentation.RemoveRepresentation("Binary labelmap")
    found = sample_segments(node, world_grid(image), VALUES).array == 1
    assert 2 * (found & (block == 1)).sum() / (found.sum() + block.sum()) > 0.95
    assert not segmentation.ContainsRepresentation("Binary labelmap")


def test_segments_that_overlap_are_refused_by_name(scene, volume):
    from TransferSegGui.segmentations import sample_segments
    from TransferSegGui.volumes import world_grid

    image = volume()
    node = scene.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "both")
    node.SetReferenceImageGeometryParameterFromVolumeNode(image)
    everywhere = np.ones((7, 9, 11), np.uint8)
    for name in ("liver", "tumour"):
        segment = node.GetSegmentation().AddEmptySegment("", name)
        scene.util.updateSegmentBinaryLabelmapFromArray(everywhere, node, segment, image)
    with pytest.raises(InputError, match="segments `liver` and `tumour` overlap in 693 voxels"):
        sample_segments(node, world_grid(image), {"liver": 1, "tumour": 2})


def test_two_segments_of_one_name_are_refused(scene, volume):
    from TransferSegGui.segmentations import sample_segments
    from TransferSegGui.volumes import world_grid

    node = scene.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", "twins")
    for _ in range(2):
        node.GetSegmentation().AddEmptySegment("", "cyst")
    with pytest.raises(InputError, match="two segments are named `cyst`"):
        sample_segments(node, world_grid(volume()), {"cyst": 1})


def test_a_label_map_volume_is_a_segmentation_too(scene, volume, labels):
    from TransferSegGui.segmentations import sample_segments, segment_names
    from TransferSegGui.volumes import world_grid

    image = volume(GRIDS["oblique"])
    node = scene.util.addVolumeFromArray(labels.T, GRIDS["oblique"], "map", "vtkMRMLLabelMapVolumeNode")
    names = segment_names(node)
    assert len(names) == 3
    values = dict(zip(names, (3, 2, 1), strict=True))
    expected = np.choose(labels, [0, 3, 2, 1])
    assert np.array_equal(sample_segments(node, world_grid(image), values).array, expected)


def test_names_colours_and_terminology_come_from_the_persons_own_segments_before_the_card(
    scene, volume, labels, styles
):
    from TransferSegGui.segmentations import add_segmentation, card_styles, own_styles
    from TransferSegGui.volumes import own_grid

    from TransferSegLib.core.card import read_card
    from TransferSegLib.sources.catalogue import bundled_folder

    image = volume()
    own = add_segmentation(Volume(labels, own_grid(image)), styles, "mine", image)
    card = read_card(bundled_folder() / "hippocampus-t1w")
    looks = card_styles(card, own_styles([own]))
    assert looks[1].name == "Anterior"
    assert looks[1].terminology.split("~")[2] == "SCT^5366008^Hippocampus"
    assert looks[1].color == pytest.approx((230 / 255, 159 / 255, 0))
    own.GetSegmentation().GetSegment("label-1").SetName("Anterior")
    own.GetDisplayNode().SetSegmentVisibility3D("label-1", False)
    mine = card_styles(card, own_styles([own]))[1]
    assert mine.color == (1, 0, 0) and not mine.in_3d
    found = add_segmentation(Volume(labels, own_grid(image)), {1: mine, 2: looks[2]}, "found", image)
    assert not found.GetDisplayNode().GetSegmentVisibility3D("label-1")
    assert found.GetSegmentation().GetSegment("label-2").GetTerminology() == looks[2].terminology


def test_a_label_without_codes_is_a_tissue_and_a_segment_that_slicer_calls_so_gets_the_cards_codes():
    from TransferSegGui.segmentations import Style, card_styles

    from TransferSegLib.core.card import read_card
    from TransferSegLib.sources.catalogue import bundled_folder

    card = read_card(bundled_folder() / "hippocampus-t1w")
    card = replace(card, labels=(card.labels[0], replace(card.labels[1], terminology=None)))
    usual = "3D Slicer General Anatomy list~SCT^85756007^Tissue~SCT^85756007^Tissue~^^~~^^~^^"
    liver = "~SCT^123037004^Anatomical Structure~SCT^10200004^Liver~^^~~^^~^^"
    for terminology, expected in ((usual, "Hippocampus"), ("", "Hippocampus"), (liver, "Liver")):
        looks = card_styles(card, {"Anterior": Style("Anterior", (1, 0, 0), terminology)})
        assert looks[1].terminology.split("~")[2].endswith(f"^{expected}")
        assert looks[2].terminology == "~SCT^85756007^Tissue~SCT^85756007^Tissue~^^~~^^~^^"
        assert looks[2].name == card.labels[1].name


def test_what_a_model_finds_in_an_image_from_dicom_refers_to_its_slices_and_says_that_a_model_made_it(
    scene, volume, labels, styles
):
    from TransferSegGui.segmentations import add_segmentation, card_styles
    from TransferSegGui.volumes import own_grid

    from TransferSegLib.core.card import read_card
    from TransferSegLib.sources.catalogue import bundled_folder

    card = read_card(bundled_folder() / "hippocampus-t1w")
    image = volume()
    image.SetAttribute("DICOM.instanceUIDs", "1.2.1 1.2.2")
    node = add_segmentation(Volume(labels, own_grid(image)), card_styles(card, {}), "found", image)
    hierarchy = scene.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene.mrmlScene)
    attribute = hierarchy.GetItemAttribute(hierarchy.GetItemByDataNode(node), "DICOM.ReferencedInstanceUIDs")
    assert attribute == "1.2.1 1.2.2"
    import vtk

    tag = vtk.reference("")
    segment = node.GetSegmentation().GetSegment("label-1")
    assert segment.GetTag("DICOM.SegmentAlgorithmName", tag) and str(tag) == card.name
    assert segment.GetTag("DICOM.SegmentAlgorithmType", tag) and str(tag) == "AUTOMATIC"
    drawn = add_segmentation(Volume(labels, own_grid(image)), styles, "drawn", image)
    assert not drawn.GetSegmentation().GetSegment("label-1").GetTag("DICOM.SegmentAlgorithmType", tag)


def test_a_result_lies_beside_its_image_in_the_subject_hierarchy(scene, volume, labels, styles):
    from TransferSegGui.segmentations import add_segmentation
    from TransferSegGui.volumes import own_grid

    hierarchy = scene.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene.mrmlScene)
    image = volume()
    study = hierarchy.CreateStudyItem(hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), "patient"), "study")
    hierarchy.SetItemParent(hierarchy.GetItemByDataNode(image), study)
    node = add_segmentation(Volume(labels, own_grid(image)), styles, "found", image)
    assert hierarchy.GetItemParent(hierarchy.GetItemByDataNode(node)) == study
    role = scene.vtkMRMLSegmentationNode.GetReferenceImageGeometryReferenceRole()
    assert node.GetNodeReferenceID(role) == image.GetID()


def test_a_result_for_another_grid_is_refused_with_what_differs(scene, volume, labels, styles):
    from TransferSegGui.segmentations import add_segmentation

    with pytest.raises(InputError, match="does not lie on volume `image`: voxels lie up to 10 mm apart; spacing"):
        add_segmentation(Volume(labels, Grid((11, 9, 7), np.diag([2.0, 1, 1, 1]))), styles, "found", volume())


def test_a_label_that_was_not_found_is_an_empty_segment(scene, volume, labels, styles):
    from TransferSegGui.segmentations import add_segmentation, segment_names
    from TransferSegGui.volumes import own_grid

    image = volume()
    node = add_segmentation(Volume(np.where(labels == 2, 0, labels), own_grid(image)), styles, "missed", image)
    assert segment_names(node) == ["one", "two", "three"]


def test_labels_behind_one_that_was_not_found_keep_their_voxels(scene, volume, labels, styles):
    from TransferSegGui.segmentations import add_segmentation, sample_segments
    from TransferSegGui.volumes import own_grid, world_grid

    image = volume()
    labels = np.where(labels == 2, 0, labels).astype(np.int16)
    labels[5, 5, 5] = 300
    node = add_segmentation(Volume(labels, own_grid(image)), styles, "missed", image)
    values = {**VALUES, "label 300": 300}
    assert np.array_equal(sample_segments(node, world_grid(image), values).array, labels)
    assert np.array_equal(slicer_segment(scene, node, "three", image), labels == 3)
    assert not slicer_segment(scene, node, "two", image).any()


@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.int32, np.float32])
@pytest.mark.parametrize("order", ["F", "C"])
def test_no_value_of_a_label_map_is_overlooked(scene, kind, order, monkeypatch):
    from TransferSegGui import segmentations

    monkeypatch.setattr(segmentations, "PIECE_VOXELS", 50)
    random = np.random.default_rng(1)
    for _ in range(20):
        array = np.zeros((6, 7, 8), kind, order)
        places = tuple(random.integers(0, size, 9) for size in array.shape)
        array[places] = random.integers(0, 120, 9)
        array[0, 0, 0], array[-1, -1, -1] = random.integers(0, 2, 2)
        found = segmentations.values_in(array[::2] if order == "C" else array)
        expected = np.unique(array[::2] if order == "C" else array)
        assert found == tuple(int(value) for value in expected if value)


def test_an_image_is_known_for_one_by_its_first_values(scene):
    from TransferSegGui.segmentations import PIECE_VOXELS, values_in

    noise = np.arange(10 * PIECE_VOXELS, dtype=np.int32)
    assert 10 < len(values_in(noise, 10)) < 2 * PIECE_VOXELS


def test_colour_images_are_refused(scene):
    from TransferSegGui.volumes import world_volume

    node = scene.util.addVolumeFromArray(
        np.zeros((4, 4, 4, 3), np.uint8), name="photo", nodeClassName="vtkMRMLVectorVolumeNode"
    )
    with pytest.raises(InputError, match="`photo`: has several numbers a voxel"):
        world_volume(node)


def test_the_current_frame_of_a_sequence_is_what_is_exported(scene, volume):
    from TransferSegGui.volumes import world_volume

    sequence = scene.mrmlScene.AddNewNodeByClass("vtkMRMLSequenceNode", "beating")
    for value in (1.0, 2.0, 3.0):
        frame = volume(name=f"frame {value}")
        scene.util.updateVolumeFromArray(frame, np.full((7, 9, 11), value, np.float32))
        sequence.SetDataNodeAtValue(frame, str(value))
        scene.mrmlScene.RemoveNode(frame)
    browser = scene.mrmlScene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode")
    browser.SetAndObserveMasterSequenceNodeID(sequence.GetID())
    logic = scene.vtkSlicerSequencesLogic()
    logic.SetMRMLScene(scene.mrmlScene)
    browser.SetSelectedItemNumber(1)
    logic.UpdateProxyNodesFromSequences(browser)
    proxy = browser.GetProxyNode(sequence)
    assert np.unique(world_volume(proxy).array).tolist() == [2.0]
