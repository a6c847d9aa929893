"""`transferseg cases` says what it found, and its exit code says how bad it is."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import write_labels, write_volume
from TransferSegLib.cli import main
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.transfer.labels import label_task

SIZE = (6, 7, 8)
GRID = Grid.from_spacing(SIZE, (1, 1, 1))
CARD = {
    "format": 2,
    "name": "knee-ct",
    "title": "Knee",
    "description": "",
    "modality": "ct",
    "body_part": "knee",
    "labels": [{"value": 1, "name": "femur"}],
    "channels": ["ct"],
    "network": {"name": "unet"},
    "preprocessing": {"spacing_mm": [1, 1, 1]},
    "patch_size": [8, 8, 8],
    "trained_on": "",
    "licence": "",
    "citation": "",
}


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    root = tmp_path / "meine Fälle"
    random = np.random.default_rng(0)
    for name in "ab":
        write_volume(root / "images" / f"{name}.nii.gz", random.uniform(0, 100, SIZE), GRID)
        write_labels(root / "labels" / f"{name}.nii.gz", random.integers(0, 3, SIZE), GRID)
    (root / "labels.json").write_text('{"femur": 1, "tibia": 2}')
    return root


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "knee-ct"
    folder.mkdir()
    (folder / "card.json").write_text(json.dumps(CARD))
    return folder


def test_a_clean_data_set_exits_0(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cases", "check", str(dataset)]) == 0
    assert capsys.readouterr().out == (
        "meine Fälle: 2 to train on\nlabels: femur (1), tibia (2)\nnothing to complain of\n"
    )


def test_warnings_alone_exit_1(dataset: Path, source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cases", "check", str(dataset), "--source", str(source)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == "new to the source model: tibia"
    assert lines[3].startswith("warning: case `a`: image images/a.nii.gz has intensities from 0")
    assert "; if it is CT, rescale it to Hounsfield units; if it is not, choose a source model" in lines[3]
    assert lines[-2].startswith("warning: the source model `knee-ct` has no `tibia`")
    assert lines[-1] == "3 warnings"


def test_an_error_exits_2(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (dataset / "labels" / "a.nii.gz").write_bytes(b"")
    assert main(["cases", "check", str(dataset)]) == 2
    out = capsys.readouterr().out
    assert "error: case `a`: segmentation" in out
    assert out.endswith("1 error, 1 warning\n")


def test_notes_do_not_count(dataset: Path, source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card = {**CARD, "modality": "t1w", "channels": ["t1w", "t2w"]}
    card["labels"] = [{"value": 1, "name": "femur"}, {"value": 2, "name": "tibia"}]
    (source / "card.json").write_text(json.dumps(card))
    assert main(["cases", "check", str(dataset), "--source", str(source)]) == 0
    assert capsys.readouterr().out.endswith("1 note\n")


def test_json_has_the_findings_and_what_the_label_map_does(
    dataset: Path, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    label_map = tmp_path / "map.json"
    label_map.write_text('{"tibia": null, "femur": "new"}')
    arguments = ["cases", "check", str(dataset), "--source", str(source), "--label-map", str(label_map), "--json"]
    assert main(arguments) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["cases"] == {"train": 2, "validation": 0, "test": 0, "unlabelled": 0}
    assert found["labels"] == {"1": "femur", "2": "tibia"}
    assert (found["new_labels"], found["dropped_labels"]) == (["femur"], ["tibia"])
    assert (found["errors"], found["warnings"], found["notes"]) == (0, 2, 0)
    assert set(found["findings"][0]) > {"case", "severity", "code", "message", "advice"}


@pytest.mark.parametrize(
    ("text", "says"), [("[]", "expected an object of label names"), ('{"hip": null}', "has no label `hip`")]
)
def test_a_wrong_label_map_is_one_sentence(
    dataset: Path, tmp_path: Path, text: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "map.json").write_text(text)
    assert main(["cases", "check", str(dataset), "--label-map", str(tmp_path / "map.json")]) == 2
    streams = capsys.readouterr()
    assert says in streams.err
    assert streams.out == ""


def test_what_is_no_data_set_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cases", "check", str(tmp_path / "nothing")]) == 2
    assert "no such file or folder; check the path." in capsys.readouterr().err


def test_phantoms_are_written_and_pass_the_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "heads"
    size = ["--size", "24", "24", "16"]
    arguments = ["cases", "phantom", str(out), "--modality", "ct", "--count", "2", "--seed", "3", "--lesions", *size]
    assert main(arguments) == 0
    assert capsys.readouterr().out == f"wrote 2 cases to {out}\n"
    assert read_case_set(out).labels == {1: "air", 2: "soft tissue", 3: "bone", 4: "lesion"}
    assert main(["cases", "check", str(out)]) in (0, 1)


def test_phantoms_that_cannot_be_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["cases", "phantom", str(tmp_path / "x"), "--modality", "ct", "--count", "1", "--seed", "1"]
    assert main([*arguments, "--size", "0", "4", "4"]) == 2
    assert "every side must be at least 1 voxel" in capsys.readouterr().err


@pytest.mark.parametrize("refused", ["under a file", "read-only"])
def test_phantoms_that_cannot_be_written_are_one_sentence(
    refused: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_only(*args: object, **kwargs: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    (tmp_path / "file").write_text("in the way")
    out = tmp_path / "file" / "heads" if refused == "under a file" else tmp_path / "heads"
    if refused == "read-only":
        monkeypatch.setattr(Path, "mkdir", read_only)
    assert main(["cases", "phantom", str(out), "--modality", "ct", "--count", "1", "--seed", "1"]) == 2
    said = capsys.readouterr().err
    assert f"{out}: cannot be written (" in said
    assert said.endswith("; choose another folder.\n")


@pytest.mark.parametrize("command", [["cases"], ["cases", "check"], ["cases", "phantom"]])
def test_help_teaches_by_example(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([*command, "--help"])
    assert stop.value.code == 0
    assert "examples:\n  transferseg cases" in capsys.readouterr().out


def test_a_folder_of_images_whose_labels_lie_beside_it_points_to_the_folder_above(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for part in ("images", "labels"):
        assert main(["cases", "check", str(dataset / part)]) == 2
        assert f"is a data set; give {dataset} to have its segmentations, too." in capsys.readouterr().out
    with pytest.raises(InputError, match=r"the folder above it is a data set; give .*meine Fälle"):
        label_task(read_case_set(dataset / "images"), None, None)
    (dataset / "images").rename(tmp_path / "scans")
    assert main(["cases", "check", str(tmp_path / "scans")]) == 2
    assert "is a data set" not in capsys.readouterr().out
