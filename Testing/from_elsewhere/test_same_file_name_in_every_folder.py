"""KiTS and TotalSegmentator call each case's image alike, in a folder of its own: `case_00000/imaging.nii.gz`.

Project-MONAI/MONAI#1279 (every segmentation is written to `imaging_seg.nii.gz`, over the one before).
"""

from __future__ import annotations

from pathlib import Path

import pytest
from data_folders import write_cases, write_image, write_json

from TransferSegLib.cases.readers import cases_from_images, read_case_set
from TransferSegLib.cases.readers.parts import told_apart
from TransferSegLib.core.errors import InputError


def test_the_folder_names_the_case(tmp_path):
    pairs = [(f"s{n:03}/ct.nii.gz", f"s{n:03}/seg.nii.gz") for n in range(3)]
    write_cases(tmp_path, pairs)
    listed = [{"image": image, "label": label, "fold": 0} for image, label in pairs]
    found = read_case_set(write_json(tmp_path / "list.json", {"training": listed, "labels": {"1": "bone"}}))
    assert [case.name for case in found.cases] == ["s000", "s001", "s002"]
    assert found.remarks == ()


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["a/ct.nii", "b/ct.nii"], ["a", "b"]),
        (["x/a/pre/ct.nii", "x/b/pre/ct.nii"], ["a", "b"]),
        (["one/s1/ct.nii", "two/s1/ct.nii"], ["one", "two"]),
        (["one/s1/ct.nii", "one/s2/ct.nii", "two/s1/ct.nii"], ["one_s1", "one_s2", "two_s1"]),
        (["s1/ct.nii", "s2/visit/ct.nii"], ["s1", "s2_visit"]),
        (["a/ct.nii", "b/ct.nii", "c/other.nii"], ["a_ct", "b_ct", "other"]),
        (["a/ct.nii", "a/mr.nii", "b/ct.nii", "b/mr.nii"], ["a_ct", "a_mr", "b_ct", "b_mr"]),
        (["a/x.nii", "b/y.nii"], ["x", "y"]),
        (["a/ct.nii", "a/ct.nii"], ["ct", "ct"]),
    ],
)
def test_what_tells_the_folders_apart_tells_the_cases_apart(paths, names):
    assert told_apart([(Path(path).stem, Path("/data") / path) for path in paths]) == names


def test_several_channels_of_one_folder_are_one_case(tmp_path):
    listed = [{"image": [f"s{n}/t1.nii.gz", f"s{n}/t2.nii.gz"], "label": f"s{n}/seg.nii.gz"} for n in range(2)]
    found = read_case_set(write_json(tmp_path / "list.json", {"training": listed, "labels": {"1": "bone"}}))
    assert [(case.name, len(case.images)) for case in found.cases] == [("s0", 2), ("s1", 2)]


def test_images_to_segment_are_named_by_their_folders_too(tmp_path):
    write_cases(tmp_path, [(f"case_{n:05}/imaging.nii.gz", f"case_{n:05}/segmentation.nii.gz") for n in range(2)])
    images = sorted(tmp_path.glob("*/imaging.nii.gz"))
    assert [case.name for case in cases_from_images(images, 1)] == ["case_00000", "case_00001"]


@pytest.mark.parametrize(
    ("paths", "cases"),
    [
        (["s1/x_0000", "s2/x_0000"], {"s1": 1, "s2": 1}),
        (["s1/x_0000", "s1/x_0001", "s2/x_0000", "s2/x_0001"], {"s1": 2, "s2": 2}),
        (["s1/x_0000", "s2/x_0000", "s2/y_0000"], {"s1_x": 1, "s2_x": 1, "y": 1}),
        (["t1/x_0000", "t2/x_0001"], {"x": 2}),
    ],
)
def test_channel_numbers_of_several_folders_are_of_several_cases(tmp_path, paths, cases):
    images = [write_image(tmp_path / f"{path}.nii.gz", n) for n, path in enumerate(paths)]
    found = cases_from_images(images, next(iter(cases.values())))
    assert {case.name: len(case.images) for case in found} == cases
    assert all(len({image.parent for image in case.images}) == 1 for case in found if case.name != "x")


def test_two_images_of_one_name_in_one_folder_are_still_refused(tmp_path):
    write_cases(tmp_path, [("a.nii.gz", "a.nrrd")])
    with pytest.raises(InputError, match=r"case `a` has the image .*a\.nii\.gz already"):
        cases_from_images([tmp_path], 1)
