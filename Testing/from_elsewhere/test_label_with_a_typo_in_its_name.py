"""Folders where a segmentation is not named as its image, and what is said of the cases that lack one.

DeepRegNet/DeepReg#228: names that do not match end in a message about too few steps. MIC-DKFZ/nnUNet#231: a label's name
that is not what the tool looks for.
"""

from __future__ import annotations

import json

import numpy as np
import pytest
from data_folders import GRID, LABELS, SIZE, write_cases, write_image, write_json

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import write_volume
from TransferSegLib.cli import main
from TransferSegLib.core.errors import InputError


def folder(root, *pairs):
    write_cases(root, [(f"images/{image}.nii.gz", f"labels/{label}.nii.gz") for image, label in pairs])
    return root


def test_a_segmentation_that_is_like_no_image_is_told_with_the_images_that_lack_one(tmp_path, capsys):
    root = folder(tmp_path / "set", ("g1", "g1_lbl"), ("g2", "g2"), ("g3", "g3"))
    assert main(["cases", "check", str(root)]) == 2
    printed = capsys.readouterr().out
    assert "error: case `g1_lbl`: no image has the name of the segmentation labels/g1_lbl.nii.gz" in printed
    assert "1 image has no segmentation: `g1`; name the segmentation as its image" in printed
    assert "no such file" not in printed


def test_so_it_is_in_a_folder_of_nnunet_and_an_image_that_lacks_its_segmentation_is_named(tmp_path, capsys):
    root = tmp_path / "Dataset001"
    write_cases(root, [(f"imagesTr/{i}_0000.nii.gz", f"labelsTr/{o}.nii.gz") for i, o in (("a", "aa"), ("b", "b"))])
    write_json(root / "dataset.json", {"channel_names": {"0": "t1w"}, "labels": {"bone": 1}, "file_ending": ".nii.gz"})
    assert main(["cases", "check", str(root)]) == 2
    printed = capsys.readouterr().out
    assert "case `a`: no segmentation has the name of the image imagesTr/a_0000.nii.gz" in printed
    assert "case `aa`: no image has the name of the segmentation labelsTr/aa.nii.gz" in printed
    assert "1 image has no segmentation: `a`" in printed
    assert "no such file" not in printed


def test_a_file_that_a_list_names_is_still_told_to_be_missing(tmp_path, capsys):
    root = folder(tmp_path / "set", ("g1", "g1"))
    (root / "t.csv").write_text("case,image,label\na,images/g0.nii.gz,labels/g1.nii.gz\n")
    assert main(["cases", "check", str(root / "t.csv")]) == 2
    assert "image images/g0.nii.gz: no such file" in capsys.readouterr().out


def test_cases_without_a_segmentation_are_named_and_counted(tmp_path, capsys):
    root = folder(tmp_path / "set", ("a", "a"), ("b", "b"))
    for n in range(8):
        write_image(root / "images" / f"u{n}.nii.gz", 20 + n)
    assert main(["cases", "check", str(root)]) == 0
    assert "note: 8 cases have no segmentation: `u0`, `u1`, `u2`, `u3`, `u4`, `u5`, …;" in capsys.readouterr().out


def test_what_is_counted_is_what_is_printed(tmp_path, capsys):
    root = folder(tmp_path / "set", *((f"c{n}", f"c{n}") for n in range(4)))
    for n in (0, 1, 2):
        write_volume(root / "images" / f"c{n}.nii.gz", np.arange(np.prod(SIZE)).reshape(SIZE) % 3, GRID)
    main(["cases", "check", str(root)])
    *lines, counts = capsys.readouterr().out.splitlines()
    for kind in ("error", "warning", "note"):
        number = sum(line.startswith(f"{kind}: ") for line in lines)
        assert (f"{number} {kind}" in counts) == bool(number), counts


def test_files_are_called_by_their_paths_in_the_data_set(tmp_path, capsys):
    root = folder(tmp_path / "set", ("p2", "p2"), ("p3", "p3"))
    (root / "images" / "p2.nii.gz").write_bytes(b"x" * 999)
    write_volume(root / "images" / "p3.nii.gz", np.zeros(SIZE), GRID)
    assert main(["cases", "check", str(root)]) == 2
    printed = capsys.readouterr().out
    assert "image images/p2.nii.gz: " in printed
    assert "image images/p3.nii.gz is 0 everywhere" in printed


@pytest.mark.parametrize("lists", [["list.json", "t.csv"], ["list.json"], ["t.csv", "u.csv"]])
def test_every_data_set_in_a_folder_is_named(tmp_path, lists):
    for name in lists:
        text = json.dumps({"training": []}) if name.endswith("json") else "case,image\n"
        (tmp_path / name).write_text(text)
    write_json(tmp_path / "map.json", LABELS)
    with pytest.raises(InputError) as refusal:
        read_case_set(tmp_path)
    said = str(refusal.value)
    assert all(str(tmp_path / name) in said for name in lists)
    assert "map.json" not in said
