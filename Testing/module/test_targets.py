from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from all_steps import take_all_steps

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels, read_volume, write_labels, write_volume
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid


@pytest.fixture
def cases(scene):
    from TransferSegGui.targets import TargetCases

    return TargetCases(scene.mrmlScene.AddNewNodeByClass("vtkMRMLScriptedModuleNode", "parameters"))


@pytest.fixture
def exporter(scene, tmp_path):
    from TransferSegGui.exporting import Exporter

    return Exporter(tmp_path / "export")


def cases_of_scene(known) -> list:
    """A case for each image of the scene that no known case has."""
    from TransferSegGui.targets import cases_of, images_of_scene

    return cases_of(images_of_scene(), known)


def write(exporter, *given) -> Path:
    return take_all_steps(exporter.write_in_steps(*given))


def test_each_volume_of_the_scene_is_paired_with_the_segmentation_drawn_on_it(heads):
    heads(3)
    found = cases_of_scene([])
    pairs = [(case.name, case.segmentation.GetName() if case.segmentation else None, case.role) for case in found]
    assert pairs == [
        ("Head 1", "Head 1 labels", "train"),
        ("Head 2", "Head 2 labels", "train"),
        ("Head 3", None, "unlabelled"),
    ]
    assert cases_of_scene(found) == []


def test_the_cases_come_back_with_a_saved_scene(scene, heads, cases, tmp_path):
    from TransferSegGui.targets import TargetCase, TargetCases

    heads(2)
    cases.add([*cases_of_scene([]), TargetCase((tmp_path / "a.nii.gz",), tmp_path / "b.nii.gz", "test", {3: "liver"})])
    path = tmp_path / "scene.mrb"
    assert scene.util.saveScene(str(path))
    scene.mrmlScene.Clear(0)
    scene.util.loadScene(str(path))
    node = scene.util.getNode("parameters")
    back = TargetCases(node).all()
    assert [(case.name, case.role) for case in back] == [
        ("Head 1", "train"),
        ("Head 2", "unlabelled"),
        ("a.nii.gz", "test"),
    ]
    assert back[0].segmentation.GetName() == "Head 1 labels"
    assert back[2].labels == {3: "liver"} and back[2].key == "3"


def test_a_case_whose_volume_is_deleted_leaves_the_list(scene, heads, cases):
    volumes = heads(3)
    cases.add(cases_of_scene([]))
    scene.mrmlScene.RemoveNode(volumes[1])
    assert [case.name for case in cases.all()] == ["Head 1", "Head 3"]


@pytest.mark.parametrize("removed", [0, 1])
def test_a_case_that_loses_a_channel_is_none_of_its_other_channels(scene, volume, cases, removed):
    from TransferSegGui.targets import TargetCase

    images = (volume(name="t1"), volume(name="t2"))
    (case,) = cases.add([TargetCase(images)])
    assert cases.get(case.key) == case
    scene.mrmlScene.RemoveNode(images[removed])
    assert cases.all() == []


def test_an_image_that_was_read_from_a_job_is_no_new_case(scene, volume):
    from TransferSegGui.targets import RESULT

    volume(name="mine")
    volume(name="case 001").SetAttribute(RESULT, "job/case_001")
    assert [case.name for case in cases_of_scene([])] == ["mine"]


def test_no_case_ever_comes_under_the_key_of_one_that_was_removed(scene, volume, cases, tmp_path):
    from TransferSegGui.targets import TargetCase, TargetCases

    volume(name="a"), volume(name="b")
    old = cases.add(cases_of_scene([]))
    assert [case.key for case in old] == ["1", "2"]
    cases.remove(["2"])
    (again,) = cases.add(cases_of_scene(cases.all()))
    assert (again.name, again.key) == ("b", "3")
    cases.remove(["1", "3"])
    assert cases.all() == [] and [case.key for case in cases.add([TargetCase((tmp_path / "c.nii",))])] == ["4"]
    cases.remove(["4"])
    path = tmp_path / "scene.mrb"
    assert scene.util.saveScene(str(path))
    scene.mrmlScene.Clear(0)
    scene.util.loadScene(str(path))
    back = TargetCases(scene.util.getNode("parameters"))
    assert [case.key for case in back.add(cases_of_scene([]))] == ["5", "6"]


def test_a_case_that_others_join_stays_the_case_of_its_first_image(scene, volume, cases):
    volume(name="t1"), volume(name="t2"), volume(name="pd")
    added = cases.add(cases_of_scene([]))
    joined = cases.join([added[1].key, added[2].key])
    assert joined.key == added[1].key and joined.images[0] is added[1].images[0]
    cases.remove([joined.key])
    assert [case.key for case in cases.add(cases_of_scene(cases.all()))] == ["4", "5"]


@pytest.fixture
def pairs(scene, volume):
    """pairs(images, label maps): the label map of each image that gets one, by name."""
    from TransferSegGui.targets import find_segmentation

    def find(images, maps) -> dict:
        made = [volume(name=name) for name in images]
        for name in maps:
            node = scene.mrmlScene.AddNewNodeByClass("vtkMRMLLabelMapVolumeNode")
            node.SetName(name)
        found = cases_of_scene([])
        assert [case.segmentation for case in found] == [find_segmentation(node) for node in made]
        return {case.name: case.segmentation.GetName() for case in found if case.segmentation is not None}

    return find


@pytest.mark.parametrize(
    ("images", "maps", "expected"),
    [
        (["case_1", "case_10"], ["case_10_seg"], {"case_10": "case_10_seg"}),
        (["case_10", "case_1"], ["case_10_seg"], {"case_10": "case_10_seg"}),
        (["case_1", "case_10"], ["case_10_seg", "Case_1"], {"case_1": "Case_1", "case_10": "case_10_seg"}),
        (["case_1"], ["case_10_seg"], {}),
        (["head", "head b"], ["head b labels", "head labels"], {"head": "head labels", "head b": "head b labels"}),
        (["ct", "ct"], ["ct labels"], {}),
        (["ct"], ["ct labels", "ct tumour"], {}),
        (["ct"], ["mr labels"], {}),
    ],
)
def test_a_segmentation_is_of_the_image_that_it_is_named_after_and_of_no_other(pairs, images, maps, expected):
    assert pairs(images, maps) == expected


def into_study(scene, name: str, *nodes) -> None:
    hierarchy = scene.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene.mrmlScene)
    study = hierarchy.CreateStudyItem(hierarchy.GetSceneItemID(), name)
    for node in nodes:
        hierarchy.SetItemParent(hierarchy.GetItemByDataNode(node), study)


def test_a_segmentation_beside_one_image_is_its_own_and_beside_two_it_takes_a_name(scene, volume):
    def labels(name: str):
        return scene.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", name)

    into_study(scene, "first", volume(name="T1"), labels("Segmentation"))
    into_study(scene, "second", volume(name="T1"), volume(name="T2"), labels("Segmentation"))
    into_study(scene, "third", volume(name="T1"), volume(name="T2"), labels("T1 by hand"))
    found = [(case.name, case.segmentation.GetName() if case.segmentation else None) for case in cases_of_scene([])]
    assert found == [
        ("T1", "Segmentation"),
        ("T1", None),
        ("T2", None),
        ("T1", "T1 by hand"),
        ("T2", None),
    ]


def test_where_two_segmentations_are_named_after_an_image_a_third_beside_it_is_not_its_own_either(scene, volume):
    from TransferSegGui.targets import find_segmentation

    image = volume(name="T1")
    names = ("T1 liver", "T1 kidney", "vessels")
    into_study(
        scene, "study", image, *(scene.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", name) for name in names)
    )
    assert find_segmentation(image) is None


def test_a_segmentation_that_a_case_has_is_given_to_no_other(scene, heads, volume, cases):
    from dataclasses import replace

    heads(2)
    first, second = cases.add(cases_of_scene([]))
    cases.update(replace(second, segmentation=first.segmentation, role="train"))
    cases.remove([first.key])
    (again,) = cases_of_scene(cases.all())
    assert again.name == "Head 1" and again.segmentation is None and again.role == "unlabelled"


def test_a_data_set_on_disk_becomes_numbered_files_with_the_labels_of_the_scene(
    scene, heads, cases, exporter, phantoms, tmp_path
):
    from TransferSegGui.targets import cases_of_folder

    heads(2)
    added = cases.add([*cases_of_scene([]), *cases_of_folder(phantoms("t1w", 2))])
    data = read_case_set(write(exporter, tmp_path / "out", added))
    assert [case.name for case in data.cases] == ["case_001", "case_002", "case_003", "case_004"]
    assert [case.role for case in data.cases] == ["train", "unlabelled", "train", "train"]
    assert dict(data.labels) == {1: "air", 2: "soft tissue", 3: "bone"}
    own = read_case_set(phantoms("t1w", 2)).cases[0]
    assert np.array_equal(read_labels(data.cases[2].label).array, read_labels(own.label).array)


def test_labels_of_a_folder_are_renumbered_where_the_scene_numbers_them_otherwise(
    scene, heads, cases, exporter, phantoms, tmp_path
):
    from TransferSegGui.targets import cases_of_folder

    volumes = heads(2)
    own = cases_of_scene([])[0].segmentation.GetSegmentation()
    own.SetSegmentIndex("label-3", 0)  # bone first
    added = cases.add([*cases_of_scene([]), *cases_of_folder(phantoms("t1w", 1))])
    data = read_case_set(write(exporter, tmp_path / "out", added))
    assert dict(data.labels) == {1: "bone", 2: "air", 3: "soft tissue"}
    before = read_labels(read_case_set(phantoms("t1w", 1)).cases[0].label).array
    assert np.array_equal(read_labels(data.cases[2].label).array, np.choose(before, [0, 2, 3, 1]))
    assert volumes


def test_nothing_is_written_twice_until_something_changes(scene, heads, cases, exporter, tmp_path, monkeypatch):
    from TransferSegGui import exporting

    written = []
    real = exporting.write_in_slabs
    monkeypatch.setattr(
        exporting, "write_in_slabs", lambda path, *rest: (written.append(path.name), real(path, *rest))[1]
    )
    volumes = heads(3)
    added = cases.add(cases_of_scene([]))
    write(exporter, tmp_path / "one", added)
    write(exporter, tmp_path / "two", added)
    assert [name.split("-")[0] for name in written] == ["image", "labels"] * 2 + ["image"]
    array = scene.util.arrayFromVolume(volumes[1])
    array[0, 0, 0] += 1
    scene.util.arrayFromVolumeModified(volumes[1])
    written.clear()
    write(exporter, tmp_path / "three", added)
    assert [name.split("-")[0] for name in written] == ["image"]
    volumes[2].SetOrigin(1, 2, 3)
    write(exporter, tmp_path / "four", added)
    assert [name.split("-")[0] for name in written] == ["image", "image"]
    volumes[1].SetOrigin(1, 2, 3)
    written.clear()
    write(exporter, tmp_path / "five", added)
    assert [name.split("-")[0] for name in written] == ["image", "labels"]  # these were sampled where the image lay
    written.clear()
    added[0].segmentation.GetSegmentation().RemoveSegment("label-3")
    write(exporter, tmp_path / "six", added)
    assert [name.split("-")[0] for name in written] == ["labels"]
    assert len(list(exporter.folder.rglob("*.nrrd"))) == 5  # of what was written before nothing is left


def test_what_changes_while_it_is_written_is_written_again(scene, heads, cases, exporter):
    from TransferSegGui.exporting import label_values

    volume = heads(1)[0]
    (case,) = cases.add(cases_of_scene([]))
    steps = exporter.export_in_steps(case, label_values([case]))
    next(steps)
    scene.util.arrayFromVolume(volume)[:] = 7
    scene.util.arrayFromVolumeModified(volume)
    (path,) = take_all_steps(steps)
    assert set(read_volume(path).array.flat) == {7}


def test_a_segment_that_comes_while_the_cases_are_prepared_is_not_left_out_in_silence(scene, heads, cases, exporter):
    from TransferSegGui.exporting import label_values

    heads(2)
    case = cases.add(cases_of_scene([]))[0]
    steps = exporter.export_in_steps(case, label_values([case]))
    next(steps)
    case.segmentation.GetSegmentation().AddEmptySegment("", "tumour")
    with pytest.raises(InputError, match="segment `tumour`: was added or renamed"):
        take_all_steps(steps)


@pytest.mark.parametrize("kind", ["segments", "surfaces", "label map"])
def test_a_segmentation_that_is_exported_in_parts_is_that_of_the_whole(
    scene, heads, cases, exporter, kind, monkeypatch
):
    from dataclasses import replace

    from TransferSegGui.exporting import label_values
    from TransferSegGui.segmentations import sample_segments
    from TransferSegGui.volumes import world_grid

    monkeypatch.setattr("TransferSegLib.cases.slabs.SLAB_VOXELS", 3 * 24 * 24)
    volume = heads(2)[0]
    case = cases.add(cases_of_scene([]))[0]
    node, grid = case.segmentation, world_grid(volume)
    values = label_values([case])
    if kind == "surfaces":
        for identifier in ("label-1", "label-2"):  # smoothed, they would overlap
            node.GetSegmentation().RemoveSegment(identifier)
        values = label_values([case])
        node.CreateClosedSurfaceRepresentation()
        node.GetSegmentation().SetSourceRepresentationName("Closed surface")
    elif kind == "label map":
        array = sample_segments(node, grid, values).array
        node = scene.util.addVolumeFromArray(array.T, grid.affine, "map", "vtkMRMLLabelMapVolumeNode")
        case = replace(case, segmentation=node)
        values = label_values([case])
    steps = list(exporter.export_in_steps(case, values))
    assert len(steps) > (8 if kind == "surfaces" else 12)
    _image, path = take_all_steps(exporter.export_in_steps(case, values))
    found = read_labels(path).array
    assert found.any() and np.array_equal(found, sample_segments(node, grid, values).array)


def test_segments_that_overlap_are_counted_over_the_whole_image(scene, heads, cases, exporter, monkeypatch):
    from TransferSegGui.exporting import label_values

    monkeypatch.setattr("TransferSegLib.cases.slabs.SLAB_VOXELS", 3 * 24 * 24)
    volume = heads(2)[0]
    case = cases.add(cases_of_scene([]))[0]
    segment = case.segmentation.GetSegmentation().AddEmptySegment("", "everything")
    whole = np.ones((16, 24, 24), np.uint8)
    scene.util.updateSegmentBinaryLabelmapFromArray(whole, case.segmentation, segment, volume)
    inside = sum(
        scene.util.arrayFromSegmentBinaryLabelmap(case.segmentation, f"label-{value}", volume).sum() for value in (1,)
    )
    with pytest.raises(InputError, match=f"`air` and `everything` overlap in {inside} voxels"):
        take_all_steps(exporter.export_in_steps(case, label_values([case])))


def test_where_files_cannot_be_linked_they_are_copied(scene, heads, cases, exporter, tmp_path, monkeypatch):
    from TransferSegGui import exporting

    def refuse(*_paths):
        raise OSError("another disk")

    monkeypatch.setattr(exporting.os, "link", refuse)
    volume = heads(1)[0]
    data = read_case_set(write(exporter, tmp_path / "out", cases.add(cases_of_scene([]))))
    assert np.array_equal(read_volume(data.cases[0].images[0]).array, scene.util.arrayFromVolume(volume).T)


def test_an_edited_segmentation_is_exported_again(scene, heads, cases, exporter, tmp_path):
    heads(2)
    added = cases.add(cases_of_scene([]))
    first = read_case_set(write(exporter, tmp_path / "one", added)).cases[0].label
    added[0].segmentation.GetSegmentation().RemoveSegment("label-3")
    second = read_case_set(write(exporter, tmp_path / "two", added)).cases[0].label
    assert read_labels(first).array.max() == 3
    assert read_labels(second).array.max() == 2


def test_several_volumes_are_the_channels_of_one_case(scene, volume, cases, exporter, tmp_path):
    volume(name="t1"), volume(name="t2")
    added = cases.add(cases_of_scene([]))
    joined = cases.join([case.key for case in added])
    assert joined.name == "t1 + t2" and len(cases.all()) == 1
    data = read_case_set(write(exporter, tmp_path / "out", cases.all()))
    assert [len(case.images) for case in data.cases] == [2]
    assert data.channels == ("image 1", "image 2")
    assert data.cases[0].name == "case_001"


def test_cases_of_the_scene_and_of_a_folder_cannot_be_joined(scene, heads, cases, phantoms):
    from TransferSegGui.targets import cases_of_folder

    heads(1)
    added = cases.add([*cases_of_scene([]), *cases_of_folder(phantoms("t1w", 1))])
    with pytest.raises(InputError, match="cannot be joined"):
        cases.join([case.key for case in added])


def test_a_job_names_neither_nodes_nor_patients(scene, heads, place, tiny):
    from TransferSeg import TransferSegLogic

    volumes = heads(3)
    hierarchy = scene.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene.mrmlScene)
    patient = hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), "DOE^JANE")
    for volume in volumes:
        volume.SetName("DOE^JANE 1970")
        volume.SetAttribute("DICOM.instanceUIDs", "1.2.840.DOE")
        volume.SetDescription("DOE")
        hierarchy.SetItemParent(hierarchy.GetItemByDataNode(volume), patient)
    logic = TransferSegLogic()
    found = cases_of_scene([])
    assert [case.role for case in found] == ["train", "train", "unlabelled"]
    job = logic.createJob(tiny, found, steps=2)
    files = [path for path in job.rglob("*") if path.is_file()]
    assert len(files) > 5
    for path in files:
        assert "DOE" not in path.name and b"DOE" not in path.read_bytes()
    logic.cleanup()


def test_a_dicom_folder_goes_into_a_job_without_its_headers(scene, exporter, tmp_path, monkeypatch):
    from TransferSegGui import exporting
    from TransferSegGui.targets import TargetCase

    from TransferSegLib.cases.volumes import Volume
    from TransferSegLib.core.grid import Grid

    series = tmp_path / "DOE^JANE"
    series.mkdir()
    image = Volume(np.ones((4, 4, 4), np.float32), Grid.from_spacing((4, 4, 4), (1, 1, 1)))
    monkeypatch.setattr(exporting, "read_volume", lambda path: image)
    case = TargetCase((series,), None, "unlabelled", key="1")
    out = write(exporter, tmp_path / "out", [case])
    assert json.loads(out.read_text(encoding="utf-8"))["training"] == [{"image": "images/case_001.nrrd"}]
    assert np.array_equal(read_volume(out.parent / "images" / "case_001.nrrd").array, image.array)


def test_files_of_a_folder_go_into_a_job_without_the_text_of_their_headers(scene, place, tiny, tmp_path):
    import SimpleITK
    from TransferSegGui.targets import TargetCase

    from TransferSeg import TransferSegLogic

    voxels = np.random.default_rng(2).integers(0, 3, (8, 9, 10)).astype(np.int16)
    image = SimpleITK.GetImageFromArray(voxels)
    image.SetSpacing((0.5, 0.7, 2.0))
    image.SetOrigin((3, -4, 5))
    for key in ("PatientName", "ITK_FileNotes", "descrip", "aux_file"):
        image.SetMetaData(key, "DOE^JANE")
    own = tmp_path / "own"
    own.mkdir()
    cases = []
    for ending in (".nrrd", ".nii", ".mha"):
        for name in ("image", "labels"):
            SimpleITK.WriteImage(image, str(own / f"{name}{ending}"))
        labels = {1: "air", 2: "bone"}
        cases.append(TargetCase((own / f"image{ending}",), own / f"labels{ending}", "train", labels))
    for path in own.iterdir():
        assert b"DOE" in path.read_bytes(), path.name
    logic = TransferSegLogic()
    job = logic.createJob(tiny, cases, steps=2)
    theirs = {path.stat().st_ino for path in own.iterdir()}
    for path in job.rglob("*"):
        if path.is_file():
            assert b"DOE" not in path.read_bytes() and path.stat().st_ino not in theirs, path.name
    for case in read_case_set(job / "target" / "cases.json").cases:
        assert np.array_equal(read_labels(case.label).array, voxels.T)
        assert read_volume(case.images[0]).grid.differences(read_volume(own / "image.nrrd").grid) == []
    logic.cleanup()


def test_a_file_that_is_gone_is_named(scene, exporter):
    from TransferSegGui.targets import TargetCase

    case = TargetCase((Path("/gone/image.nii.gz"),), None, "unlabelled", key="1")
    with pytest.raises(InputError, match=r"/gone/image\.nii\.gz: no such file"):
        take_all_steps(exporter.export_in_steps(case, {}))


def test_a_job_that_cannot_be_exported_leaves_no_folder(scene, heads, place, tiny):
    from TransferSegGui.targets import TargetCase

    from TransferSeg import TransferSegLogic

    logic = TransferSegLogic()
    broken = TargetCase((Path("/gone/image.nii.gz"),), Path("/gone/labels.nii.gz"), "train", {1: "air"})
    with pytest.raises(InputError):
        logic.createJob(tiny, [broken], steps=2, folder=place / "job")
    assert not (place / "job").exists()
    logic.cleanup()


def test_labels_of_a_file_are_renumbered_and_what_has_no_name_stays(scene, tmp_path):
    from TransferSegGui.exporting import Exporter
    from TransferSegGui.targets import TargetCase

    labels = np.zeros((6, 5, 4), np.int32)
    labels[0], labels[1], labels[2, 2, 2] = 500_000_000, 1, 7
    grid = Grid((6, 5, 4), np.eye(4))
    write_volume(tmp_path / "image.nrrd", np.ones((6, 5, 4)), grid)
    write_labels(tmp_path / "labels.nrrd", labels, grid)
    case = TargetCase(
        (tmp_path / "image.nrrd",), tmp_path / "labels.nrrd", "train", {500_000_000: "large", 1: "small"}, "1"
    )
    _image, path = take_all_steps(Exporter(tmp_path / "out").export_in_steps(case, {"small": 2, "large": 1}))
    found = read_labels(path).array
    assert (found[0] == 1).all() and (found[1] == 2).all() and found[2, 2, 2] == 7 and found[3:].max() == 0


def test_a_job_says_what_its_images_show_only_where_the_scene_does(scene, exporter, heads, volume, cases, tmp_path):
    from TransferSegGui.sample_data import MODALITY
    from TransferSegGui.targets import TargetCase

    known = cases.add(cases_of_scene([]) if heads(2) else [])
    unknown = cases.add([TargetCase((volume(),), None, "unlabelled")])

    def said(name, given) -> tuple:
        data = read_case_set(write(exporter, tmp_path / name, given))
        return data.channels, data.modality

    assert said("sample", known) == ((MODALITY,), MODALITY)
    assert said("unknown", unknown) == (("image",), None)
    assert said("both", [*known, *unknown]) == (("image",), None)
    unknown[0].images[0].SetAttribute("DICOM.Modality", "CT")
    assert said("dicom", unknown) == (("ct",), "ct")
    two = cases.add([TargetCase((unknown[0].images[0], volume(name="other")), None, "unlabelled")])
    assert said("two", two) == (("ct", "image 2"), "ct")


def test_cases_whose_images_have_one_name_are_called_after_their_folders(cases, tmp_path):
    """The name stays with the scene. Project-MONAI/MONAI#1279 is of the same folders."""
    from TransferSegGui.targets import cases_of_folder

    for name in ("s001", "s002"):
        write_volume(tmp_path / name / "ct.nii.gz", np.zeros((4, 4, 4)), Grid((4, 4, 4), np.eye(4)))
    images = [{"image": f"{name}/ct.nii.gz"} for name in ("s001", "s002")]
    (tmp_path / "list.json").write_text(json.dumps({"training": images}))
    cases.add(cases_of_folder(tmp_path / "list.json"))
    assert [case.name for case in cases.all()] == ["s001", "s002"]
    assert cases.join([case.key for case in cases.all()]).name == "s001 + s002"
    assert [case.name for case in cases.all()] == ["s001 + s002"]


@pytest.mark.parametrize("full_at", ["link", "list"])
def test_a_disk_that_is_full_as_a_job_is_made_is_one_sentence_and_leaves_no_folder(
    panel, heads, tmp_path, monkeypatch, full_at
):
    """A full disk that is not said to be full, as in pytorch/pytorch#10577."""
    import errno
    import os
    import shutil

    from TransferSegLib.core.errors import JobError

    def full(*_given, **_named):
        raise OSError(errno.ENOSPC, "No space left on device")

    heads(2)
    panel.ui.addFromSceneButton.click()
    jobs = tmp_path / "jobs"
    monkeypatch.setattr("TransferSegGui.jobs.jobs_folder", lambda: jobs)
    if full_at == "link":
        monkeypatch.setattr(os, "link", full)
        monkeypatch.setattr(shutil, "copyfile", full)
    else:
        from TransferSegGui import exporting

        original = exporting.replacing
        monkeypatch.setattr(exporting, "replacing", lambda p: full() if p.name == exporting.DATA_SET else original(p))
    with pytest.raises(JobError, match="the disk is full; free space and run it again"):
        take_all_steps(panel.create_job())
    assert not list(jobs.glob("*"))


def test_what_is_not_annotated_goes_from_a_data_set_through_the_scene_into_a_job(
    scene, cases, exporter, phantoms, tmp_path
):
    from TransferSegGui.exporting import described
    from TransferSegGui.targets import TargetCases, cases_of_folder

    (case, *_) = read_case_set(phantoms("t1w", 2)).cases
    names = {"air": 1, "ignore": 2, "bone": 3}
    (tmp_path / "labels.json").write_text(json.dumps(names))
    (tmp_path / "heads.csv").write_text(
        f'case,image,label,not_annotated,annotated_slices\na,{case.images[0]},{case.label},air,"axial: 3, 5"\n'
    )
    cases.add(cases_of_folder(tmp_path / "heads.csv"))
    kept = TargetCases(cases.node).all()
    assert "ignore" not in described(kept).labels.values() and described(kept).ignore is not None
    found = read_case_set(write(exporter, tmp_path / "out", kept))
    (again,) = found.cases
    assert list(found.labels.values()) == ["air", "bone"] and found.labels[again.not_annotated[0]] == "air"
    assert again.annotated_slices is not None and again.annotated_slices.numbers == (3, 5)
    before, after = read_labels(case.label).array, read_labels(again.label).array
    assert np.array_equal(before == 2, after == found.ignore)
