"""Cases whose files end in `.NII.GZ`, or otherwise than `file_ending` says, vanish from an nnU-Net folder.

MIC-DKFZ/nnUNet#637 (`.nii` where `.nii.gz` is expected: no image is found), MIC-DKFZ/nnUNet#220 (some cases are left out
without a word), MIC-DKFZ/nnUNet#2346 (`numTraining` says 100, one case is found).
"""

from __future__ import annotations

from pathlib import Path

import pytest
from data_folders import LABELS, write_cases, write_image, write_json, write_label

from TransferSegLib.cases.readers import cases_from_images, read_case_set
from TransferSegLib.cli import main


def nnunet(root: Path, pairs: list[tuple[str, str]], **changes: object) -> Path:
    write_cases(root, [(f"imagesTr/{image}", f"labelsTr/{label}") for image, label in pairs])
    data = {"channel_names": {"0": "t1w"}, "labels": {"background": 0, "bone": 1}, "file_ending": ".nii.gz"}
    write_json(root / "dataset.json", {**data, "numTraining": len(pairs), **changes})
    return root


def used(root: Path) -> list[tuple[str, str, str]]:
    return [(c.name, c.images[0].name, c.label.name) for c in read_case_set(root).cases if c.label is not None]


def test_endings_in_capitals_are_endings(tmp_path, capsys):
    pairs = [("p0_0000.nii.gz", "p0.nii.gz"), ("p1_0000.NII.GZ", "p1.NII.GZ"), ("p2_0000.Nii.gz", "p2.nii.GZ")]
    root = nnunet(tmp_path / "set", pairs)
    assert used(root) == [("p0", *pairs[0]), ("p1", *pairs[1]), ("p2", *pairs[2])]
    assert main(["cases", "check", str(root)]) == 0
    assert "3 to train on" in capsys.readouterr().out


@pytest.mark.parametrize("stated", [".NII.GZ", "nii.gz", " .nii.gz", "*.nii.gz"])
def test_the_stated_ending_may_be_written_otherwise(tmp_path, stated, capsys):
    root = nnunet(
        tmp_path / "set", [("p0_0000.nii.gz", "p0.nii.gz"), ("p1_0000.nii.gz", "p1.nii.gz")], file_ending=stated
    )
    assert main(["cases", "check", str(root)]) == 0
    assert "2 to train on" in capsys.readouterr().out


def test_files_of_another_ending_than_stated_are_used_and_named(tmp_path, capsys):
    root = nnunet(tmp_path / "set", [("p0_0000.nii", "p0.nii"), ("p1_0000.nrrd", "p1.NRRD")])
    assert main(["cases", "check", str(root)]) == 1
    printed = capsys.readouterr().out
    assert "2 to train on" in printed
    assert (
        "warning: 4 files do not end in `.nii.gz`, as `file_ending` says, and are used all the same: "
        "`p0_0000.nii`, `p0.nii`, `p1_0000.nrrd`, `p1.NRRD`;" in printed
    )


def test_of_two_files_of_one_name_the_stated_ending_counts_and_the_other_is_named(tmp_path, capsys):
    root = nnunet(tmp_path / "set", [("p0_0000.nii.gz", "p0.nii.gz"), ("p1_0000.nii.gz", "p1.nii.gz")])
    write_image(root / "imagesTr" / "p0_0000.nrrd", 7)
    assert used(root)[0] == ("p0", "p0_0000.nii.gz", "p0.nii.gz")
    assert main(["cases", "check", str(root)]) == 1
    assert "1 image or label file in its folders belongs to no case: `imagesTr/p0_0000.nrrd`" in capsys.readouterr().out


@pytest.mark.parametrize(("stated", "code"), [(2, 0), (4, 1), (1, 1), (None, 0)])
def test_a_number_of_cases_that_does_not_fit_is_named(tmp_path, stated, code, capsys):
    root = nnunet(tmp_path / "set", [(f"p{n}_0000.nii.gz", f"p{n}.nii.gz") for n in range(2)], numTraining=stated)
    assert main(["cases", "check", str(root)]) == code
    says = f"`numTraining` says {stated} case{'s' * (stated != 1)}, but 2 are there"
    assert (says in capsys.readouterr().out) == (code == 1)


def test_what_looks_like_an_image_and_cannot_be_read_is_named(tmp_path, capsys):
    root = nnunet(tmp_path / "set", [(f"p{n}_0000.nii.gz", f"p{n}.nii.gz") for n in range(2)])
    (root / "imagesTr" / "p2_0000.mgz").touch()
    (root / "imagesTr" / "._p0_0000.nii.gz").touch()  # macOS writes such files on foreign disks
    (root / "imagesTr" / "notes.txt").touch()
    write_label(root / "labelsVerified" / "p0.nii.gz", 3)
    assert main(["cases", "check", str(root)]) == 1
    printed = capsys.readouterr().out
    assert "2 images or label files in its folders belong to no case" in printed
    assert "`imagesTr/p2_0000.mgz`, `labelsVerified/p0.nii.gz`" in printed


def test_an_image_without_a_label_and_a_label_without_an_image_are_errors_by_name(tmp_path, capsys):
    root = nnunet(tmp_path / "set", [(f"p{n}_0000.nii.gz", f"p{n}.nii.gz") for n in range(3)])
    (root / "imagesTr" / "p0_0000.nii.gz").unlink()
    (root / "labelsTr" / "p1.nii.gz").unlink()
    assert main(["cases", "check", str(root)]) == 2
    printed = capsys.readouterr().out
    assert "labelsTr/p0.nii.gz (imagesTr/p0_0000.nii.gz is not there)" in printed
    assert "imagesTr/p1_0000.nii.gz (labelsTr/p1.nii.gz is not there)" in printed


def test_names_that_differ_in_capitals_alone_are_paired_where_no_other_fits(tmp_path):
    pairs = [("P0_0000.nii.gz", "p0.nii.gz"), ("a1_0000.nii.gz", "a1.nii.gz"), ("A1_0000.nii.gz", "A1.nii.gz")]
    root = nnunet(tmp_path / "set", pairs)
    assert sorted(used(root)) == sorted([("P0", *pairs[0]), ("a1", *pairs[1]), ("A1", *pairs[2])])
    (remark,) = read_case_set(root).remarks
    assert remark.sentence == (
        "the names of cases `A1`, `a1` differ in capitals or the spelling of accents alone; rename them: on Windows and "
        "macOS the files of one would replace those of the other."
    )


def test_one_channel_needs_no_number_and_the_patient_s_number_is_none(tmp_path, capsys):
    pairs = [
        ("p0.nii.gz", "p0.nii.gz"),
        ("patient_0001.nii.gz", "patient_0001.nii.gz"),
        ("p2_0000.nii.gz", "p2.nii.gz"),
    ]
    root = nnunet(tmp_path / "set", pairs)
    assert [name for name, *_ in used(root)] == ["p0", "p2", "patient_0001"]
    assert main(["cases", "check", str(root)]) == 0


def test_validation_folders_are_read_and_equal_names_in_two_folders_are_told_apart(tmp_path):
    root = nnunet(tmp_path / "set", [("001_0000.nii.gz", "001.nii.gz"), ("002_0000.nii.gz", "002.nii.gz")])
    write_image(root / "imagesVa" / "003_0000.nii.gz", 5)
    write_label(root / "labelsVa" / "003.nii.gz", 5)
    write_image(root / "imagesTs" / "001_0000.nii.gz", 6)
    found = read_case_set(root)
    assert [(c.name, c.role) for c in found.cases] == [
        ("imagesTr_001", "train"),
        ("002", "train"),
        ("003", "validation"),
        ("imagesTs_001", "unlabelled"),
    ]
    assert found.remarks == ()


def test_links_to_images_are_images(tmp_path):
    root = nnunet(tmp_path / "set", [("p0_0000.nii.gz", "p0.nii.gz"), ("p1_0000.nii.gz", "p1.nii.gz")])
    for file in (root / "imagesTr" / "p1_0000.nii.gz", root / "labelsTr" / "p1.nii.gz"):
        store = tmp_path / "store" / file.name
        store.parent.mkdir(exist_ok=True)
        file.rename(store)
        file.symlink_to(store)
    assert [name for name, *_ in used(root)] == ["p0", "p1"]


def test_images_to_segment_may_end_in_capitals_too(tmp_path):
    write_image(tmp_path / "a.NII.GZ", 0)
    write_image(tmp_path / "b.NRRD", 1)
    assert [case.name for case in cases_from_images([tmp_path], 1)] == ["a", "b"]


def test_decathlon_names_what_its_list_leaves_out(tmp_path, capsys):
    write_cases(tmp_path, [(f"imagesTr/a{n}.nii.gz", f"labelsTr/a{n}.nii.gz") for n in range(3)])
    listed = [{"image": f"./imagesTr/a{n}.nii.gz", "label": f"./labelsTr/a{n}.nii.gz"} for n in range(2)]
    data = {"modality": {"0": "MRI"}, "labels": LABELS, "numTraining": 3, "training": listed, "test": []}
    write_json(tmp_path / "dataset.json", data)
    assert main(["cases", "check", str(tmp_path)]) == 1
    printed = capsys.readouterr().out
    assert "`numTraining` says 3 cases, but 2 are there; look for the missing files, or correct the number." in printed
    assert "belong to no case: `imagesTr/a2.nii.gz`, `labelsTr/a2.nii.gz`" in printed
