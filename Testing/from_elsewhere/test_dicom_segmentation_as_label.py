"""DICOM SEG as a label: frames left out, their order, overlaps; contours (RTSTRUCT) are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from Testing.made_dicom import LABEL_MAP, made, numbers, write_segmentation, write_series
from TransferSegLib.cases.checks import check_files
from TransferSegLib.cases.facts import read_facts
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.cases.volumes import read_grid, read_labels, read_segment_names, read_volume, write_volume

SIZE = (6, 5, 7)
PLACES = [(-10.0, -20.0, 5.0 + 3 * k) for k in range(7)]


def masks() -> dict[str, np.ndarray]:
    bone, lesion = np.zeros(SIZE, bool), np.zeros(SIZE, bool)
    bone[1:4, 2:4, 2:5], lesion[4, 1:3, 4:6] = True, True
    return {"bone": bone, "lesion": lesion}


def expected() -> np.ndarray:
    return masks()["bone"] * 1 + masks()["lesion"] * 2


def test_frames_that_were_left_out_are_empty_slices_of_the_image(tmp_path: Path) -> None:
    """razorx89/pydicom-seg#53 and QIICR/dcmqi#513: the label lacks the slices in which nothing is drawn."""
    image = write_series(tmp_path / "image", numbers(SIZE))
    label = write_segmentation(tmp_path / "label.dcm", masks(), PLACES)
    found = read_labels(label, image=image)
    np.testing.assert_array_equal(found.array, expected())
    np.testing.assert_array_equal(found.grid.affine, read_volume(image).grid.affine)
    assert read_segment_names(label) == [(1, "bone"), (2, "lesion")]
    alone = read_labels(label)
    assert (alone.array.shape, alone.grid.affine[2, 3]) == ((6, 5, 4), 11)
    np.testing.assert_array_equal(alone.array, expected()[:, :, 2:6])


def test_an_image_whose_axes_run_the_other_way_has_the_labels_in_the_same_place(tmp_path: Path) -> None:
    """QIICR/dcmqi#513, with an image that dcm2niix converted: its rows run towards the front."""
    image = read_volume(write_series(tmp_path / "image", numbers(SIZE)))
    flip = image.grid.affine @ np.array([[0, 0, 1, 0], [0, -1, 0, 4], [1, 0, 0, 0], [0, 0, 0, 1.0]])
    turned = type(image.grid)((7, 5, 6), flip)
    write_volume(tmp_path / "image.nii.gz", image.array.transpose(2, 1, 0)[:, ::-1], turned)
    label = write_segmentation(tmp_path / "label.dcm", masks(), PLACES)
    found = read_labels(label, image=tmp_path / "image.nii.gz")
    np.testing.assert_array_equal(found.array, expected().transpose(2, 1, 0)[:, ::-1])


def test_a_data_set_of_dicom_images_and_segmentations_is_read_by_the_names_of_segments(tmp_path: Path) -> None:
    """razorx89/pydicom-seg#53."""
    for case in ("a", "b"):
        write_series(tmp_path / "images" / case, numbers(SIZE) + (case == "b"), uid=f"1.2.{ord(case)}")
    write_segmentation(tmp_path / "labels" / "a" / "seg.dcm", masks(), PLACES)
    write_segmentation(tmp_path / "labels" / "b.dcm", dict(reversed(masks().items())), PLACES)
    cases = read_case_set(tmp_path)
    assert cases.labels == {1: "bone", 2: "lesion"}
    facts = list(read_facts(cases.cases, tmp_path))
    assert not [problem.sentence for problem in check_files(cases, facts) if problem.severity == "error"]
    assert {one.label.digest for one in facts if one.label} == {
        facts[0].label.digest
    }  # b's values are the other way round


def test_segments_that_overlap_are_refused_with_both_names(tmp_path: Path) -> None:
    """QIICR/dcmqi#462: overlapping frames of several segments."""
    both = masks()
    both["lesion"][2, 3, 3] = True
    with pytest.raises(VolumeError, match="has segments that overlap: `bone` and `lesion`"):
        read_labels(write_segmentation(tmp_path / "label.dcm", both, PLACES))


def test_a_label_map_has_the_numbers_of_its_segments(tmp_path: Path) -> None:
    """QIICR/dcmqi#518 and oncoray/mirp#105: the newer kind of segmentation is not read."""
    label = write_segmentation(
        tmp_path / "label.dcm",
        masks(),
        PLACES,
        all_frames=True,
        SegmentationType="LABELMAP",
        SOPClassUID=LABEL_MAP,
        BitsAllocated=8,
        BitsStored=8,
        HighBit=7,
        PhotometricInterpretation="PALETTE COLOR",
        voxels=np.concatenate([expected(), 0 * expected()], axis=2).astype(np.uint8)[:, :, :7],
    )
    np.testing.assert_array_equal(read_labels(label).array, expected())


def test_a_segmentation_of_another_grid_stays_on_its_own_and_the_check_says_so(tmp_path: Path) -> None:
    """QIICR/dcmqi#513."""
    image = write_series(tmp_path / "image", numbers(SIZE))
    beside = [(x + 0.7, y, z) for x, y, z in PLACES]
    label = write_segmentation(tmp_path / "label.dcm", masks(), beside)
    assert read_labels(label, image=image).grid.differences(read_grid(image))


def test_a_frame_that_is_shifted_within_its_plane_is_refused_and_a_tilted_gantry_is_not(tmp_path: Path) -> None:
    """wasserth/TotalSegmentator#610: a head CT of a tilted gantry is refused, and a DICOM SEG of it, too."""
    thick = [(-10.0, -20.0 + 4 * k, 5.0 + 10 * k) for k in range(7)]
    spacing = {"SpacingBetweenSlices": None, "SliceThickness": 10.0}
    np.testing.assert_array_equal(
        read_labels(write_segmentation(tmp_path / "a.dcm", masks(), thick, all_frames=True, **spacing)).array,
        expected(),
    )
    thick[3] = (-9.1, *thick[3][1:])
    with pytest.raises(VolumeError, match="frame 4 lies beside the others"):
        read_labels(write_segmentation(tmp_path / "b.dcm", masks(), thick, all_frames=True, **spacing))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"SegmentationType": "FRACTIONAL"}, "fractional-segmentation"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.481.3", "StructureSetROISequence": [made()]}, "contours"),
    ],
)
def test_fractions_and_contours_are_called_what_they_are(tmp_path: Path, change: dict, code: str) -> None:
    """OHIF/Viewers#1369 (nothing tells why fractions are not shown) and razorx89/pydicom-seg#55 (contours)."""
    label = write_segmentation(tmp_path / "label.dcm", masks(), PLACES, **change)
    with pytest.raises(VolumeError) as refusal:
        read_labels(label)
    assert refusal.value.code == code


def test_a_segmentation_is_no_image(tmp_path: Path) -> None:
    """InsightSoftwareConsortium/ITK#2078: it is read as an image and ends in "Unhandled PixelFormat"."""
    label = write_segmentation(tmp_path / "label.dcm", masks(), PLACES)
    with pytest.raises(VolumeError, match=r"is DICOM, but no image \(Segmentation\)"):
        read_volume(label)
