"""A series of DICOM files goes from the disk through the scene into a job, exactly where it lies, and names nobody."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import SimpleITK

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_labels, read_volume

PATIENT, PATIENT_ID, BORN = "DOE^JANE", "PID-4711", "19700131"
TURN = np.linalg.qr(np.random.default_rng(5).normal(size=(3, 3)))[0]
AXES = TURN * np.sign(np.linalg.det(TURN))
SPACING = (0.75, 0.5, 2.5)
SIZE = (10, 8, 6)  # columns, rows, slices


@pytest.fixture
def series(tmp_path: Path) -> Path:
    """The folder of an oblique MR series with a patient's name, identifier and birthday in each slice."""
    folder = tmp_path / "study of somebody"
    folder.mkdir()
    voxels = np.random.default_rng(1).integers(0, 900, SIZE[::-1]).astype(np.int16)
    writer = SimpleITK.ImageFileWriter()
    writer.KeepOriginalImageUIDOn()
    for number in range(SIZE[2]):
        plane = SimpleITK.GetImageFromArray(voxels[number][None])
        plane.SetSpacing(SPACING)
        plane.SetDirection(AXES.ravel().tolist())
        origin = np.array((12.5, -30.25, 7.125)) + AXES[:, 2] * SPACING[2] * number
        plane.SetOrigin(origin.tolist())
        for tag, value in {
            "0008|0016": "1.2.840.10008.5.1.4.1.1.4",
            "0008|0018": f"1.2.826.0.1.3680043.2.1125.1.{number + 1}",
            "0008|0060": "MR",
            "0010|0010": PATIENT,
            "0010|0020": PATIENT_ID,
            "0010|0030": BORN,
            "0020|000d": "1.2.826.0.1.3680043.2.1125.2",
            "0020|000e": "1.2.826.0.1.3680043.2.1125.3",
            "0020|0013": str(number + 1),
            "0020|0032": "\\".join(f"{value:.10f}" for value in origin),
            "0020|0037": "\\".join(f"{value:.10f}" for value in AXES[:, :2].T.ravel()),
        }.items():
            plane.SetMetaData(tag, value)
        writer.SetFileName(str(folder / f"slice {number:02d}.dcm"))
        writer.Execute(plane)
    assert all(PATIENT.encode() in path.read_bytes() for path in folder.iterdir())
    return folder


def loaded(slicer, series: Path):
    """The series in the scene as the DICOM module leaves it: under its patient and study, with its UIDs."""
    volume = slicer.util.loadVolume(str(sorted(series.iterdir())[0]), {"singleFile": False, "name": f"{PATIENT} T2"})
    volume.SetAttribute("DICOM.instanceUIDs", "1.2.826.0.1.3680043.2.1125.1.1")
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
    patient = hierarchy.CreateSubjectItem(hierarchy.GetSceneItemID(), f"{PATIENT} ({PATIENT_ID})")
    hierarchy.SetItemAttribute(patient, "DICOM.PatientID", PATIENT_ID)
    study = hierarchy.CreateStudyItem(patient, "study")
    hierarchy.SetItemParent(hierarchy.GetItemByDataNode(volume), study)
    return volume


def drawn(slicer, volume):
    """A segmentation that a person draws on a volume."""
    node = slicer.mrmlScene.AddNewNodeByClass("vtkMRMLSegmentationNode", f"{PATIENT} bone")
    node.CreateDefaultDisplayNodes()
    node.SetReferenceImageGeometryParameterFromVolumeNode(volume)
    segment = node.GetSegmentation().AddEmptySegment("", "bone")
    inside = np.zeros(SIZE[::-1], np.uint8)
    inside[1:4, 2:6, 3:8] = 1
    slicer.util.updateSegmentBinaryLabelmapFromArray(inside, node, segment, volume)
    return node, inside


def test_a_dicom_series_of_the_scene_is_in_the_job_voxel_for_voxel_and_without_its_patient(
    scene, series, place, tiny, runtime
):
    from TransferSegGui.segmentations import add_segmentation, sample_segments, segment_styles
    from TransferSegGui.volumes import world_grid

    from TransferSeg import TransferSegLogic

    volume = loaded(scene, series)
    node, inside = drawn(scene, volume)
    logic = TransferSegLogic()
    case = logic.case(volume, node)
    job = logic.createJob(tiny, [case, logic.case(volume, node)], steps=2)
    for path in job.rglob("*"):
        text = path.name.encode() + (path.read_bytes() if path.is_file() else b"")
        for secret in ("DOE", "JANE", PATIENT_ID, BORN, "1.2.826.0.1"):
            assert secret.encode() not in text, (path.name, secret)
    written = read_case_set(job / "target" / "cases.json").cases[0]
    on_disk = read_volume(series)
    image = read_volume(written.images[0])
    assert np.array_equal(image.array, on_disk.array)
    assert np.abs(image.grid.affine - on_disk.grid.affine).max() < 1e-5  # mm; DICOM's texts have so many digits
    labels = read_labels(written.label)
    assert np.array_equal(labels.array, inside.T)
    # The same voxels, back in the scene under the same study.
    styles = dict(enumerate(segment_styles(node).values(), start=1))
    back = add_segmentation(labels, styles, "back", volume)
    assert np.array_equal(sample_segments(back, world_grid(volume), {"bone": 1}).array, inside.T)
    hierarchy = scene.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene.mrmlScene)
    places = {hierarchy.GetItemParent(hierarchy.GetItemByDataNode(one)) for one in (volume, back)}
    assert len(places) == 1 and hierarchy.GetItemName(places.pop()) == "study"
    logic.cleanup()


def test_a_folder_of_dicom_files_as_a_case_names_nobody_either(scene, series, place, tiny):
    from TransferSegGui.targets import TargetCase

    from TransferSeg import TransferSegLogic

    logic = TransferSegLogic()
    volume = loaded(scene, series)
    node, _inside = drawn(scene, volume)
    cases = [logic.case(volume, node), TargetCase((series,), None, "unlabelled")]
    job = logic.createJob(tiny, cases, steps=2)
    files = [path for path in job.rglob("*") if path.is_file()]
    assert not any(secret in path.read_bytes() for path in files for secret in (b"DOE", PATIENT_ID.encode()))
    written = read_case_set(job / "target" / "cases.json").cases[1]
    assert read_volume(written.images[0]).grid.differences(read_volume(series).grid) == []
    logic.cleanup()


def test_a_job_of_a_sequence_holds_the_frame_that_is_shown(scene, place, tiny, volume):
    from TransferSeg import TransferSegLogic

    sequence = scene.mrmlScene.AddNewNodeByClass("vtkMRMLSequenceNode", f"{PATIENT} beating")
    for value in (1.0, 2.0, 3.0):
        frame = volume(size=SIZE, name=f"frame {value}")
        scene.util.updateVolumeFromArray(frame, np.full(SIZE[::-1], value, np.float32))
        sequence.SetDataNodeAtValue(frame, str(value))
        scene.mrmlScene.RemoveNode(frame)
    browser = scene.mrmlScene.AddNewNodeByClass("vtkMRMLSequenceBrowserNode")
    browser.SetAndObserveMasterSequenceNodeID(sequence.GetID())
    sequences = scene.vtkSlicerSequencesLogic()
    sequences.SetMRMLScene(scene.mrmlScene)
    logic = TransferSegLogic()
    for item, shown in ((1, 2.0), (2, 3.0)):
        browser.SetSelectedItemNumber(item)
        sequences.UpdateProxyNodesFromSequences(browser)
        proxy = browser.GetProxyNode(sequence)
        node, _inside = drawn(scene, proxy)
        job = logic.createJob(tiny, [logic.case(proxy, node)] * 2, steps=2)
        written = read_case_set(job / "target" / "cases.json").cases[0]
        assert np.unique(read_volume(written.images[0]).array).tolist() == [shown]
    logic.cleanup()
