"""One `.dcm` file as an image: a multi-frame file is a volume, a slice is not; and folders of both."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from Testing.made_dicom import numbers, write_frames, write_segmentation, write_series
from TransferSegLib.cases.readers import cases_from_images, read_case_set
from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.cases.volumes import read_volume

PLACES = [(-10.0, -20.0, 5.0 + 3 * k) for k in range(4)]


def names(*paths: Path) -> list[str]:
    return [case.name for case in cases_from_images(paths, 1)]


def test_one_slice_is_no_volume(tmp_path: Path) -> None:
    """Slicer/Slicer#7496: a single file without slice positions, loaded with slices of 1 mm."""
    folder = write_series(tmp_path, numbers())
    with pytest.raises(VolumeError, match=r"0001.dcm: is one slice; give the folder with all slices of its series"):
        read_volume(folder / "0001.dcm")


@pytest.mark.parametrize(
    ("content", "code"), [(b"<html>" + 200 * b"x", "not-dicom"), (b"", "damaged-dicom"), (None, "damaged-dicom")]
)
def test_what_only_has_the_name_of_a_dicom_file_is_called_what_it_is(tmp_path: Path, content: bytes, code: str) -> None:
    """pydicom/pydicom#340 (a file without the DICM mark) and pydicom/pydicom#1799 (a file that ends too early)."""
    path = write_frames(tmp_path / "a.dcm", numbers(), PLACES)
    path.write_bytes(path.read_bytes()[:-9] if content is None else content)
    with pytest.raises(VolumeError) as refusal:
        read_volume(path)
    assert refusal.value.code == code


def test_multi_frame_files_in_a_folder_are_images_whatever_their_names(tmp_path: Path) -> None:
    """openmrslab/suspect#125: DICOM files without the usual ending are left out."""
    for name in ("a.dcm", "IM0002"):
        write_frames(tmp_path / "images" / name, numbers(), PLACES)
    assert names(tmp_path / "images") == ["IM0002", "a"]
    assert [case.name for case in read_case_set(tmp_path).cases] == ["IM0002", "a"]
    assert names(tmp_path / "images" / "a.dcm") == ["a"]


def test_a_folder_of_slices_is_one_image_whatever_lies_beside_them(tmp_path: Path) -> None:
    """Sikerdebaard/dcmrtstruct2nii#25: another object of the folder is taken for its image."""
    folder = write_series(tmp_path / "ct", numbers())
    write_segmentation(folder / "seg.dcm", {"bone": numbers() > 3}, PLACES)
    assert names(folder) == ["ct"]
    np.testing.assert_array_equal(read_volume(folder).array, numbers())
    write_frames(folder / "derived.dcm", numbers(), PLACES)
    assert names(folder) == ["ct"]
    with pytest.raises(VolumeError, match=r"2 DICOM series in one folder: 1.2.3.4 .*; 1.2.3.5"):
        read_volume(folder)


def test_what_is_chosen_of_a_folder_is_a_case_of_its_own(tmp_path: Path) -> None:
    """StanfordMIMI/Comp2Comp#104."""
    for n in (4, 5):
        write_series(tmp_path / "study", numbers() + n, uid=f"1.2.{n}", prefix=str(n))
    chosen = [tmp_path / "study#1.2.4", tmp_path / "study#1.2.5"]
    assert names(*chosen) == ["study_1-2-4", "study_1-2-5"]
    (tmp_path / "cases.csv").write_text("case,image\nx,study#1.2.5\n")
    (tmp_path / "cases.json").write_text('{"training": [], "testing": [{"image": "study#1.2.5"}]}')
    for data_set in ("cases.csv", "cases.json"):
        case = read_case_set(tmp_path / data_set).cases[0]
        np.testing.assert_array_equal(read_volume(case.images[0]).array, numbers() + 5)
