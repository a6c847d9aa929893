"""Lists that were written on Windows: `images\\a.nii.gz`, and names in other capitals than on the disk.

MIC-DKFZ/nnUNet#984 and the comments of MIC-DKFZ/nnUNet#18 (the path separator of Windows in lists and code).
"""

from __future__ import annotations

import pytest
from data_folders import write_cases, write_json

from TransferSegLib.cases.readers import read_case_set


def made(root, image, label):
    write_cases(root, [("images/a.nii.gz", "labels/a.nii.gz")])
    return write_json(root / "list.json", {"training": [{"image": image, "label": label}], "labels": {"1": "bone"}})


@pytest.mark.parametrize(
    ("image", "label"),
    [
        ("images\\a.nii.gz", "labels\\a.nii.gz"),
        (".\\images\\a.nii.gz", ".\\labels\\a.nii.gz"),
        ("./images/a.nii.gz", "./labels/a.nii.gz"),
        (" images/a.nii.gz ", "labels/a.nii.gz "),
        ("images/A.NII.GZ", "labels/A.nii.gz"),
    ],
)
def test_a_path_means_the_file_that_is_there(tmp_path, image, label):
    found = read_case_set(made(tmp_path, image, label))
    (case,) = found.cases
    assert (case.images[0].resolve(), case.label.resolve()) == (
        (tmp_path / "images" / "a.nii.gz").resolve(),
        (tmp_path / "labels" / "a.nii.gz").resolve(),
    )
    assert found.remarks == ()


def test_a_table_may_have_backslashes_and_absolute_paths(tmp_path):
    write_cases(tmp_path, [("images/a.nii.gz", "labels/a.nii.gz")])
    rows = f"case;image;label\na;images\\a.nii.gz;{tmp_path / 'labels' / 'a.nii.gz'}\n"
    (tmp_path / "cases.csv").write_text(rows, encoding="utf-8")
    (case,) = read_case_set(tmp_path / "cases.csv").cases
    assert (case.images[0], case.label) == (tmp_path / "images/a.nii.gz", tmp_path / "labels/a.nii.gz")


def test_nnunet_s_list_of_files_may_have_backslashes(tmp_path):
    write_cases(tmp_path, [("store/a.nii.gz", "store/a_seg.nii.gz")])
    listed = {"a": {"images": ["store\\a.nii.gz"], "label": "store\\a_seg.nii.gz"}}
    labels = {"background": 0, "bone": 1}
    data = {
        "channel_names": {"0": "CT"},
        "labels": labels,
        "file_ending": ".nii.gz",
        "numTraining": 1,
        "dataset": listed,
    }
    write_json(tmp_path / "dataset.json", data)
    (case,) = read_case_set(tmp_path).cases
    assert (case.images[0].is_file(), case.label.is_file()) == (True, True)


def test_a_file_that_was_decompressed_is_found_and_said(tmp_path):
    write_cases(tmp_path, [("images/a.nii", "labels/a.nii.gz")])
    entry = {"image": "images/a.nii.gz", "label": "labels/a.nii.gz"}
    found = read_case_set(write_json(tmp_path / "list.json", {"training": [entry], "labels": {"1": "bone"}}))
    assert found.cases[0].images == (tmp_path / "images" / "a.nii",)
    assert [remark.code for remark in found.remarks] == ["other-ending-than-listed"]


def test_of_two_files_that_a_path_may_mean_none_is_guessed(tmp_path):
    write_cases(tmp_path, [("images/a.nii", "labels/a.nii.gz"), ("images/a.nrrd", "labels/b.nii.gz")])
    entry = {"image": "images/a.nii.gz", "label": "labels/a.nii.gz"}
    found = read_case_set(write_json(tmp_path / "list.json", {"training": [entry], "labels": {"1": "bone"}}))
    assert found.cases[0].images == (tmp_path / "images" / "a.nii.gz",)
