"""Folders to segment as they are exported: NIfTI and DICOM side by side, patient/study/series, several series in one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from Testing.made_dicom import numbers, write_series
from TransferSegLib.cases import volumes
from TransferSegLib.cases.facts import read_facts
from TransferSegLib.cases.readers import cases_from_images, left_out, read_case_set
from TransferSegLib.cases.volume_error import VolumeError
from TransferSegLib.cases.volumes import read_volume
from TransferSegLib.core.errors import InputError

SAGITTAL = [0.0, 1.0, 0.0, 0.0, 0.0, -1.0]


def write_nifti(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    series = write_series(path.parent / ".made", numbers())
    found = read_volume(series)
    volumes.write_volume(path, found.array, found.grid)
    shutil.rmtree(series)
    return path


def names(*paths: Path, channels: int = 1) -> list[str]:
    return [case.name for case in cases_from_images(paths, channels)]


@pytest.mark.parametrize("file", ["a.nii.gz", "a_0000.nii.gz"])
def test_images_and_folders_of_dicom_side_by_side_are_both_taken(tmp_path: Path, file: str) -> None:
    """ExploreASL/ExploreASL#1128: NIfTI files among DICOM are ignored."""
    write_nifti(tmp_path / file)
    write_series(tmp_path / "b", numbers())
    (tmp_path / "notes").mkdir()
    assert names(tmp_path) == ["a", "b"]
    assert left_out([tmp_path]) == []


def test_a_folder_with_the_name_of_an_image_is_not_taken_and_told(tmp_path: Path) -> None:
    """StoneCypher/fsl#1955: two inputs of one name, and the second one's result replaces the first's without a word."""
    write_nifti(tmp_path / "a.nii.gz")
    write_series(tmp_path / "a", numbers())
    assert names(tmp_path) == ["a"]
    assert [problem.fields["names"] for problem in left_out([tmp_path])] == [(str(tmp_path / "a"),)]


def test_slices_and_folders_of_slices_are_both_taken(tmp_path: Path) -> None:
    """ExploreASL/ExploreASL#1748: of files at several depths, those of one folder are taken without a word."""
    write_series(tmp_path / "ct", numbers())
    write_series(tmp_path / "ct" / "late", numbers(), uid="1.2.9")
    assert names(tmp_path / "ct") == ["ct", "late"]


@pytest.mark.parametrize("kind", ["dicom", "nifti"])
def test_of_a_folder_that_holds_its_images_deeper_those_folders_are_named(tmp_path: Path, kind: str) -> None:
    """MMIV-ML/fastMONAI#36: no DICOM is found in a folder whose subfolders hold it."""
    for patient in ("p1", "p2"):
        folder = tmp_path / "images" / patient / "ST0" / "SE0"
        write_series(folder, numbers()) if kind == "dicom" else write_nifti(folder / "ct.nii.gz")
    places = [(tmp_path / "images" / patient / "ST0" / "SE0").as_posix() for patient in ("p1", "p2")]
    with pytest.raises(InputError) as refusal:
        cases_from_images([tmp_path / "images"], 1)
    assert f"no images in this folder; give the folders they lie in ({', '.join(places)})." in str(refusal.value)
    with pytest.raises(VolumeError) as refused:
        read_volume(tmp_path / "images")
    assert f"but 2 folders beneath it hold images: `{'`, `'.join(places)}`; give those folders." in str(refused.value)


def test_beside_images_a_folder_that_holds_series_deeper_is_told(tmp_path: Path) -> None:
    """bhklab/med-imagetools#87: of several series in subfolders some are missed without a word."""
    write_nifti(tmp_path / "a.nii.gz")
    write_series(tmp_path / "nest" / "ST0", numbers())
    write_nifti(tmp_path / "segmentations" / "a.nii.gz")
    assert [problem.fields["names"] for problem in left_out([tmp_path])] == [(str(tmp_path / "nest"),)]


def two_series(folder: Path) -> None:
    write_series(folder, numbers(), uid="1.2.3.111111", prefix="a", SeriesNumber=7, EchoTime=2.5, RepetitionTime=500)
    write_series(
        folder,
        numbers(),
        uid="1.2.3.222222",
        prefix="b",
        step_mm=(4.0, 0.0, 0.0),
        ImageOrientationPatient=SAGITTAL,
        SeriesDescription="Doe^John knee",
    )


def test_the_choice_that_is_printed_can_be_copied_and_the_list_tells_series_apart(tmp_path: Path) -> None:
    """StanfordMIMI/Comp2Comp#104."""
    two_series(tmp_path / "two")
    with pytest.raises(VolumeError) as refusal:
        read_volume(tmp_path / "two")
    said = str(refusal.value)
    assert (
        "1.2.3.111111 (series 7, MR, 4 slices of 6×5, 1.5×2×3 mm, axial, echo time 2.5 ms, repetition time 500 ms)"
        in said
    )
    assert "1.2.3.222222 (MR, 4 slices of 6×5, 1.5×2×4 mm, sagittal)" in said
    assert "Doe" not in said
    copied = said.split("`")[-2]
    assert copied == f"{(tmp_path / 'two').as_posix()}#1.2.3.111111"
    assert read_volume(Path(copied)).array.shape == (6, 5, 4)


def test_in_a_data_set_of_folders_it_is_said_that_a_table_chooses(tmp_path: Path) -> None:
    """StanfordMIMI/Comp2Comp#104."""
    two_series(tmp_path / "images" / "two")
    cases = read_case_set(tmp_path)
    (problem,) = next(iter(read_facts(cases.cases, cases.root))).problems
    assert "list the cases in a table (.csv) in the data set's folder, this image as `images/two#1.2.3.111111`" in (
        problem.sentence
    )
    (tmp_path / "cases.csv").write_text("case,image\nx,images/two#1.2.3.111111\n")
    assert read_volume(read_case_set(tmp_path / "cases.csv").cases[0].images[0]).array.shape == (6, 5, 4)


def test_the_segmentation_of_the_only_series_of_a_folder_is_named_as_the_folder(tmp_path: Path) -> None:
    """StoneCypher/fsl#1955: two inputs that differ by what follows their name have one result."""
    two_series(tmp_path / "two")
    one, other = tmp_path / "two#1.2.3.111111", tmp_path / "two#1.2.3.222222"
    assert names(one) == ["two"]
    assert names(one, other) == ["two_111111", "two_222222"]
    write_nifti(tmp_path / "two.nii.gz")
    assert names(one, tmp_path / "two.nii.gz") == ["two_111111", "two"]
