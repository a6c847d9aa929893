"""A raw data set of nnU-Net's first version: its list says `x.nii.gz`, its folder has `x_0000.nii.gz`.

MIC-DKFZ/nnUNet#1644 (the JSON drops `_0000`, and no case is found), MIC-DKFZ/nnUNet#1602 (`modality` and `training`
in place of `channel_names` and `file_ending`).
"""

from __future__ import annotations

import pytest
from data_folders import LABELS, write_cases, write_image, write_json, write_label

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cli import main


def v1(root, names=("p0", "p1"), channels=1, **changes):
    for seed, name in enumerate(names):
        for channel in range(channels):
            write_image(root / "imagesTr" / f"{name}_{channel:04}.nii.gz", 10 * seed + channel)
        write_label(root / "labelsTr" / f"{name}.nii.gz", seed)
    training = [{"image": f"./imagesTr/{name}.nii.gz", "label": f"./labelsTr/{name}.nii.gz"} for name in names]
    data = {
        "name": "v1",
        "tensorImageSize": "3D",
        "modality": {str(n): ("t1w", "t2w")[n] for n in range(channels)},
        "labels": LABELS,
        "numTraining": len(names),
        "numTest": 0,
        "training": training,
        "test": [],
    }
    write_json(root / "dataset.json", {key: value for key, value in {**data, **changes}.items() if value is not None})
    return root


@pytest.mark.parametrize("channels", [1, 2])
def test_a_listed_name_stands_for_its_channels(tmp_path, channels, capsys):
    root = v1(tmp_path / "set", channels=channels)
    cases = read_case_set(root).cases
    assert [case.name for case in cases] == ["p0", "p1"]
    assert [path.name for path in cases[1].images] == [f"p1_{n:04}.nii.gz" for n in range(channels)]
    assert main(["cases", "check", str(root)]) == 0
    assert "labels: bone (1)" in capsys.readouterr().out


def test_a_list_of_bare_names_finds_the_labels_in_their_folder(tmp_path):
    root = v1(tmp_path / "set", training=["./imagesTr/p0.nii.gz", "./imagesTr/p1.nii.gz"])
    assert [(c.name, c.label.name, c.role) for c in read_case_set(root).cases] == [
        ("p0", "p0.nii.gz", "train"),
        ("p1", "p1.nii.gz", "train"),
    ]


@pytest.mark.parametrize("training", [None, []])
def test_without_a_list_the_folders_are_read(tmp_path, training):
    root = v1(tmp_path / "set", training=training)
    found = read_case_set(root)
    assert [(c.name, c.role) for c in found.cases] == [("p0", "train"), ("p1", "train")]
    assert (found.channels, found.remarks) == (("t1w",), ())


def test_images_to_test_on_are_found_by_their_numbers_and_labels(tmp_path):
    root = tmp_path / "set"
    write_cases(root, [("imagesTs/t0_0000.nii.gz", "labelsTs/t0.nii.gz")])
    write_image(root / "imagesTs" / "t1_0000.nii.gz", 9)
    v1(root, test=["./imagesTs/t0.nii.gz", "./imagesTs/t1.nii.gz"], numTest=2)
    assert [(c.name, c.role) for c in read_case_set(root).cases][2:] == [("t0", "test"), ("t1", "unlabelled")]


def test_a_file_of_exactly_the_listed_name_is_taken_before_its_channels(tmp_path):
    root = v1(tmp_path / "set")
    exact = write_image(root / "imagesTr" / "p0.nii.gz", 99)
    assert read_case_set(root).cases[0].images == (exact,)


def test_a_listed_image_that_is_nowhere_is_an_error_by_name(tmp_path, capsys):
    root = v1(tmp_path / "set")
    (root / "imagesTr" / "p0_0000.nii.gz").unlink()
    assert main(["cases", "check", str(root)]) == 2
    assert "case `p0`: image imagesTr/p0.nii.gz: no such file" in capsys.readouterr().out


def test_a_second_channel_is_never_taken_for_the_first(tmp_path, capsys):
    root = v1(tmp_path / "set")
    (root / "imagesTr" / "p0_0000.nii.gz").rename(root / "imagesTr" / "p0_0001.nii.gz")
    assert main(["cases", "check", str(root)]) == 2
    assert "p0_0001.nii.gz: case `p0` has no `p0_0000` before this image" in capsys.readouterr().err


def test_a_case_without_its_last_channel_is_not_called_a_4d_file(tmp_path, capsys):
    root = v1(tmp_path / "set", channels=2)
    (root / "imagesTr" / "p1_0001.nii.gz").unlink()
    assert main(["cases", "check", str(root)]) == 2
    said = "".join(capsys.readouterr())
    assert "case `p1`: 1 image where the data set has 2 channels" in said and "4D" not in said
