"""What the exit code of a command means: 0 done, 1 some of it left out or a warning, 2 refused, 3 failed, 4 cancelled.

The rule is written down in docs/job-folder.md.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from TransferSegLib.cli import main
from TransferSegLib.jobs import runner
from TransferSegLib.jobs.worker import JobRunner


@pytest.fixture
def data(tmp_path: Path, phantoms: Callable[[str, int], Path]) -> Path:
    """A copy of two phantoms, to be spoiled."""
    shutil.copytree(phantoms("t1w", 2), tmp_path / "data")
    return tmp_path / "data"


def spoil(path: Path) -> None:
    path.write_bytes(b"no image")


def image(data: Path, number: int) -> Path:
    return sorted((data / "imagesTr").iterdir())[number]


@pytest.mark.parametrize(("spoilt", "code"), [([], 0), ([0], 1), ([0, 1], 2)])
def test_segment_has_1_where_some_images_fail_and_2_where_all_do(data, tmp_path, tiny_source, spoilt, code, capsys):
    for number in spoilt:
        spoil(image(data, number))
    asked = ["segment", "--model", str(tiny_source), "--images", str(data / "imagesTr"), "--out", str(tmp_path / "out")]
    assert main(asked) == code
    said = capsys.readouterr().err
    assert all(image(data, number).name in said for number in spoilt)
    assert len(list((tmp_path / "out").glob("*.nii.gz"))) == 2 - len(spoilt)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda references, predictions: None, 0),
        (lambda references, predictions: next(predictions.glob("*.nii.gz")).unlink(), 1),
        (lambda references, predictions: next(references.iterdir()).unlink(), 1),
        (lambda references, predictions: shutil.rmtree(predictions), 2),
        (
            lambda references, predictions: [
                path.rename(path.with_name(f"x{path.name}")) for path in predictions.iterdir()
            ],
            2,
        ),
    ],
)
def test_evaluate_has_1_where_some_cases_lack_their_counterpart_and_2_where_all_do(data, tmp_path, change, code):
    references, predictions = data / "labelsTr", tmp_path / "found"
    shutil.copytree(references, predictions)
    shutil.copy(data / "dataset.json", predictions)  # as nnU-Net does, so that both sides have names
    change(references, predictions)
    asked = [
        "evaluate",
        "--reference",
        str(references),
        "--prediction",
        str(predictions),
        "--out",
        str(tmp_path / "s.csv"),
    ]
    assert main(asked) == code


def test_cases_check_has_0_1_or_2_for_nothing_warnings_or_errors(data, capsys):
    check = ["cases", "check", str(data)]
    assert main(check) == 0
    extra = data / "imagesTr" / "extra.nii.gz"
    shutil.copy(image(data, 0), extra)
    assert main(check) == 1
    extra.unlink()
    spoil(image(data, 0))
    assert main(check) == 2
    assert main(["cases", "check", str(data / "nothing")]) == 2


@pytest.mark.parametrize("command", [["adapt", "--strategy", "open"], ["compare", "--strategies", "direct,open"]])
def test_a_job_whose_cases_have_errors_is_refused_with_2_and_leaves_no_folder(data, tmp_path, tiny_source, command):
    spoil(image(data, 0))
    asked = [*command, "--source", str(tiny_source), "--target", str(data), "--out", str(tmp_path / "job")]
    assert main(asked) == 2
    assert not (tmp_path / "job").exists()


def test_a_job_that_warns_of_its_cases_has_1_again_when_it_is_shown_and_in_a_dry_run(
    data, tmp_path, tiny_source, capsys
):
    shutil.copy(image(data, 0), data / "imagesTr" / "extra.nii.gz")
    asked = [
        "adapt",
        "--source",
        str(tiny_source),
        "--target",
        str(data),
        "--strategy",
        "open",
        "--steps",
        "1",
        "--copies",
        "1",
    ]
    asked += ["--folds", "0", "--out", str(tmp_path / "job")]
    assert main([*asked, "--dry-run"]) == 1
    assert main(asked) == 1
    assert main(["run", str(tmp_path / "job")]) == 1
    assert "extra.nii.gz" in capsys.readouterr().err


def test_what_a_job_says_of_its_training_changes_no_exit_code(data, tmp_path, tiny_source, capsys):
    description = (data / "dataset.json").read_text(encoding="utf-8")
    (data / "dataset.json").write_text(description.replace('"bone"', '"left bone"'), encoding="utf-8")
    (tmp_path / "map.json").write_text('{"left bone": "bone"}', encoding="utf-8")
    asked = ["adapt", "--source", str(tiny_source), "--target", str(data), "--strategy", "open", "--augment", "flips"]
    asked += ["--label-map", str(tmp_path / "map.json")]
    assert main([*asked, "--folds", "0", "--out", str(tmp_path / "job"), "--dry-run"]) == 0
    assert "take left for right" in capsys.readouterr().err


def test_a_job_whose_image_is_gone_while_it_runs_has_failed_with_3_and_can_be_resumed(
    data, tmp_path, tiny_source, capsys, monkeypatch
):
    prepare = JobRunner._prepare

    def gone(self, *arguments):
        image(data, 0).rename(tmp_path / "gone.nii.gz")
        prepare(self, *arguments)

    monkeypatch.setattr(runner.JobRunner, "_prepare", gone)
    name = image(data, 0).name
    asked = [
        "adapt",
        "--source",
        str(tiny_source),
        "--target",
        str(data),
        "--strategy",
        "open",
        "--steps",
        "2",
        "--copies",
        "1",
    ]
    assert main([*asked, "--folds", "0", "--out", str(tmp_path / "job")]) == 3
    assert name in capsys.readouterr().err
    monkeypatch.undo()
    assert main(["resume", str(tmp_path / "job")]) == 2, "refused before it runs"
    (tmp_path / "gone.nii.gz").rename(data / "imagesTr" / name)
    assert main(["resume", str(tmp_path / "job")]) == 0


def test_a_case_whose_files_would_have_too_long_names_is_left_out_with_1(data, tmp_path, tiny_source, capsys):
    first = image(data, 0)
    first.rename(first.with_name(f"{'脑' * 82}.nii.gz"))
    asked = ["segment", "--model", str(tiny_source), "--images", str(data / "imagesTr"), "--out"]
    assert main([*asked, str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / f"{'脑' * 82}.nii.gz").is_file()
    assert main([*asked, str(tmp_path / "more"), "--probabilities"]) == 0
    first = next(path for path in (data / "imagesTr").iterdir() if "脑" in path.name)
    first.rename(first.with_name(f"{'x' * 248}.nii.gz"))
    assert main([*asked, str(tmp_path / "last"), "--probabilities"]) == 1
    assert "the name would have 257 bytes, more than the 255 that disks take" in capsys.readouterr().err
    assert [len(path.name) < 250 for path in (tmp_path / "last").glob("*.nii.gz")] == [True]


def test_images_in_another_program_s_format_and_series_beside_images_are_named_with_1(
    data, tmp_path, tiny_source, capsys
):
    images = data / "imagesTr"
    (images / "c.mgz").touch()
    (images / "series").mkdir()
    (images / "series" / "IM0001").touch()
    (images / "notes.txt").touch()
    assert main(["segment", "--model", str(tiny_source), "--images", str(images), "--out", str(images / "out")]) == 1
    said = capsys.readouterr().err
    assert f"2 files or folders beside the images may be images and were not read: `{images / 'c.mgz'}`, " in said
    assert main(["segment", "--model", str(tiny_source), "--images", str(images), "--out", str(images / "out")]) == 1
    assert "2 files or folders" in capsys.readouterr().err, "earlier segmentations are none"
