"""DICOM slices that do not belong together: localizers, other sizes and spacings, duplicates, several series."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from Testing.made_dicom import numbers, write_series
from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.cases.volumes import read_grid, read_volume

SAGITTAL = [0, 1, 0, 0, 0, -1]


@pytest.mark.parametrize(
    ("own", "says"),
    [
        ({"ImageOrientationPatient": [0, 1, 0, -1, 0, 0]}, "0002.dcm: is turned by 90° against the others"),
        ({"ImageOrientationPatient": SAGITTAL}, "0002.dcm: is turned by 120° against the others, as a localizer is"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]}, "0002.dcm: is a localizer"),
        ({"PixelSpacing": [2.0, 1.6]}, "0002.dcm: has a spacing of 1.6×2 mm where the others have 1.5×2 mm"),
        ({"pixels": np.zeros((6, 7), np.int16)}, "0002.dcm: has 6×7 voxels where the others have 6×5"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "0002.dcm: is a colour image"),
        ({"ImagePositionPatient": [-10, -20, 8]}, "0002.dcm: lies at the position of 0001.dcm"),
        ({"ImagePositionPatient": [-10, -5, 11]}, "from 0001.dcm to 0002.dcm they are shifted sideways, by 15 mm"),
        ({"ImagePositionPatient": [-10, -20, 11.5]}, "not evenly spaced"),
        ({"PixelSpacing": [2.0, 1.53]}, "0002.dcm: has a spacing of 1.53×2 mm where the others have 1.5×2 mm"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "M", "MOSAIC"]}, "0002.dcm: has all slices of a volume in one picture"),
    ],
)
def test_a_slice_that_does_not_belong_to_the_others_is_named_as_what_it_is(
    tmp_path: Path, own: dict, says: str
) -> None:
    """DIAGNijmegen/rse-panimg#126 and dgobbi/vtk-dicom#98: one slice of another orientation spoils the volume."""
    folder = write_series(tmp_path, numbers((6, 5, 5)), slices={2: own})
    for read in (read_volume, read_grid):
        with pytest.raises(VolumeError, match=says):
            read(folder)


def test_a_copy_of_a_slice_is_named_with_its_original(tmp_path: Path) -> None:
    """icometrix/dicom2nifti#21: copies of slices end in an error about their distance."""
    folder = write_series(tmp_path, numbers())
    shutil.copy(folder / "0001.dcm", folder / "0001 (copy).dcm")
    with pytest.raises(VolumeError, match=r"0001.dcm: is the same slice as 0001 \(copy\).dcm; remove one of the two"):
        read_volume(folder)


def test_slices_that_were_all_given_one_uid_are_still_a_volume(tmp_path: Path) -> None:
    """rordenlab/dcm2niix#168: slices at positions of their own are taken for copies and removed."""
    folder = write_series(tmp_path, numbers(), SOPInstanceUID="1.2.9")
    np.testing.assert_array_equal(read_volume(folder).array, numbers())


def test_of_several_series_in_a_folder_one_is_chosen_by_its_uid(tmp_path: Path) -> None:
    """StanfordMIMI/Comp2Comp#104."""
    write_series(tmp_path, numbers(), uid="1.2.3.4", prefix="a", SeriesNumber=7)
    write_series(tmp_path, numbers((4, 5, 6)), uid="1.2.3.5", prefix="b", Modality="PT")
    with pytest.raises(VolumeError) as refusal:
        read_volume(tmp_path)
    listed = "1.2.3.4 (series 7, MR, 4 slices of 6×5, 1.5×2×3 mm, axial); "
    listed += "1.2.3.5 (PT, 6 slices of 4×5, 1.5×2×3 mm, axial)"
    assert f"2 DICOM series in one folder: {listed}; put each" in str(refusal.value)
    assert f"{tmp_path.name}#1.2.3.4" in str(refusal.value)
    np.testing.assert_array_equal(read_volume(Path(f"{tmp_path}#1.2.3.5")).array, numbers((4, 5, 6)))
    with pytest.raises(VolumeError, match=r"has no DICOM series 1.2, but 1.2.3.4"):
        read_volume(Path(f"{tmp_path}#1.2"))


def test_volumes_of_a_classic_series_are_told_apart_by_the_attribute_that_differs(tmp_path: Path) -> None:
    """icometrix/dicom2nifti#70: 192 slices of each echo in one series."""
    folder = tmp_path / "echoes"
    for echo in (1, 2):
        write_series(folder, numbers() + 100 * echo, prefix=f"{echo}-", EchoNumbers=echo, EchoTime=2.3 * echo)
    with pytest.raises(VolumeError, match=r"2 frames share one position; they differ in EchoNumber \(1, 2\)"):
        read_volume(folder)
    np.testing.assert_array_equal(read_volume(tmp_path / "echoes#EchoNumber=2").array, numbers() + 200)
    np.testing.assert_array_equal(read_volume(tmp_path / "echoes#1.2.3.4#EchoTime=2.3").array, numbers() + 100)


def test_water_and_fat_are_told_apart_by_the_words_that_differ(tmp_path: Path) -> None:
    """icometrix/dicom2nifti#70, with ImageType."""
    for word in ("WATER", "FAT"):
        array = numbers() + 100 * (word == "FAT")
        write_series(tmp_path / "dixon", array, prefix=word, ImageType=["DERIVED", "PRIMARY", "DIXON", word])
    with pytest.raises(VolumeError, match=r"differ in ImageType \(FAT, WATER\)"):
        read_volume(tmp_path / "dixon")
    np.testing.assert_array_equal(read_volume(tmp_path / "dixon#ImageType=FAT").array, numbers() + 100)


def test_slices_are_sorted_by_position_and_not_by_name_or_number(tmp_path: Path) -> None:
    """rordenlab/dcm2niix#839, in a classic series."""
    folder = write_series(tmp_path, numbers()[:, :, ::-1], step_mm=(0, 0, -3))
    np.testing.assert_array_equal(read_volume(folder).array, numbers())
    assert read_grid(folder).affine[2].tolist() == [0, 0, 3, -4]


def test_the_slices_around_a_gap_are_named(tmp_path: Path) -> None:
    """DIAGNijmegen/rse-panimg#7."""
    folder = write_series(tmp_path, numbers((6, 5, 8)))
    (folder / "0003.dcm").unlink()
    with pytest.raises(VolumeError, match=r"0002.dcm and 0004.dcm are 6 mm apart, others 3 mm"):
        read_volume(folder)


@pytest.mark.parametrize("tilted", [False, True])
@pytest.mark.parametrize("place", [0, 3, 7])
def test_a_slice_that_is_shifted_within_its_plane_is_named_however_thick_slices_are(
    tmp_path: Path, tilted: bool, place: int
) -> None:
    """rordenlab/dcm2niix#888: positions of one series contradict each other by 3.5 mm."""
    step = np.array([0, 4.0 if tilted else 0.0, 10])
    beside = [round(value, 6) for value in np.array([-10, -20, 5]) + place * step + (0.9, 0, 0)]
    folder = write_series(tmp_path, numbers((6, 5, 8)), step_mm=step, slices={place: {"ImagePositionPatient": beside}})
    says = r"from 000(\d).dcm to 000(\d).dcm they are shifted sideways, by 0\.[789]\d* mm \(0\.[56]\d* of a pixel\)"
    for read in (read_volume, read_grid):
        with pytest.raises(VolumeError, match=says) as refusal:
            read(folder)
        assert f"{place:04}.dcm" in str(refusal.value)


@pytest.mark.parametrize("digits", [2, 6])
def test_a_tilted_gantry_and_rounded_positions_are_a_straight_line(tmp_path: Path, digits: int) -> None:
    """wasserth/TotalSegmentator#610 (a tilted gantry) and MRtrix3/mrtrix3#438 (rounding is called a gap)."""
    step = np.array([0, 1.0 / 3, 2.0 / 3])
    slices = {
        k: {"ImagePositionPatient": [round(value, digits) for value in np.array([-10, -20, 5]) + k * step]}
        for k in range(9)
    }
    folder = write_series(tmp_path, numbers((6, 5, 9)), slices=slices, PixelSpacing=[0.3, 0.3])
    volume = read_volume(folder)
    np.testing.assert_array_equal(volume.array, numbers((6, 5, 9)))
    np.testing.assert_allclose(volume.grid.affine[:3, 2], step * (-1, -1, 1), atol=2e-3)


def test_a_gap_in_a_tilted_series_is_called_a_gap(tmp_path: Path) -> None:
    """DIAGNijmegen/rse-panimg#7."""
    folder = write_series(tmp_path, numbers((6, 5, 8)), step_mm=(0, 1.5, 3))
    (folder / "0003.dcm").unlink()
    with pytest.raises(VolumeError, match=r"not evenly spaced .*0002.dcm and 0004.dcm"):
        read_volume(folder)


def test_slices_far_thinner_than_a_pixel_have_positions_of_their_own(tmp_path: Path) -> None:
    """e0404/matRad#271: positions are rounded to whole millimetres."""
    folder = write_series(tmp_path, numbers(), step_mm=(0, 0, 0.2))
    np.testing.assert_array_equal(read_volume(folder).array, numbers())


@pytest.mark.parametrize("place", [0, 4])
def test_a_page_among_slices_is_called_that(tmp_path: Path, place: int) -> None:
    """icometrix/dicom2nifti#161: a series has slices that are another tool's pages."""
    page = {"ImagePositionPatient": None, "ImageOrientationPatient": None, "PixelSpacing": None}
    folder = write_series(tmp_path, numbers((6, 5, 5)), slices={place: page})
    for read in (read_volume, read_grid):
        with pytest.raises(VolumeError, match=rf"000{place}.dcm: is a page and no slice: .*; take it out"):
            read(folder)
    (folder / f"000{place}.dcm").unlink()
    assert read_volume(folder).array.shape == (6, 5, 4)
