"""The slices of a DICOM series that lie in the folder of images itself are called that, and what to do is said.

medInria/medInria-public#1275: each slice of a series is taken for a data set of its own.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from data_folders import write_image, write_label

from Testing.made_dicom import numbers, write_series
from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cli import main
from TransferSegLib.core.errors import InputError


@pytest.mark.parametrize("labelled", [False, True])
@pytest.mark.parametrize("series", [1, 2])
def test_loose_slices_in_images_are_said_with_the_folder_and_what_to_do(
    tmp_path: Path, capsys, labelled, series
) -> None:
    images = tmp_path / "images"
    for n in range(series):
        write_series(images, numbers(), uid=f"1.2.{n}", prefix=f"s{n}-")
    if labelled:
        write_label(tmp_path / "labels" / "x.nii.gz", 0)
    assert main(["cases", "check", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert f"{images}: holds {4 * series} loose slices of {series} DICOM series, and each case needs a folder" in said
    assert str(images / "case1") in said


def test_slices_without_an_ending_are_found_too(tmp_path: Path) -> None:
    folder = write_series(tmp_path / "images", numbers())
    for file in list(folder.iterdir()):
        file.rename(file.with_suffix(""))
    with pytest.raises(InputError, match="images: holds 4 loose slices of 1 DICOM series"):
        read_case_set(tmp_path)


def test_so_are_slices_in_a_folder_that_is_given_as_the_data_set_and_in_imagestr(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="scan: holds 4 loose slices"):
        read_case_set(write_series(tmp_path / "scan", numbers()))
    write_series(tmp_path / "Dataset001_Knee" / "imagesTr", numbers())
    listed = {
        "channel_names": {"0": "MR"},
        "labels": {"background": 0, "bone": 1},
        "file_ending": ".nii.gz",
        "numTraining": 1,
    }
    (tmp_path / "Dataset001_Knee" / "dataset.json").write_text(json.dumps(listed), encoding="utf-8")
    with pytest.raises(InputError, match="imagesTr: holds 4 loose slices"):
        read_case_set(tmp_path / "Dataset001_Knee")


def test_a_folder_for_each_case_is_read_and_so_are_other_images(tmp_path: Path) -> None:
    write_series(tmp_path / "images" / "a", numbers())
    write_image(tmp_path / "images" / "b.nii.gz", 0)
    assert [case.name for case in read_case_set(tmp_path).cases] == ["a", "b"]
