"""«OSError: [Errno 36] File name too long» where a program adds to a name that is as long as a disk takes already.

nipreps/fmriprep#2650 (it hangs, because the file that was to hold the error has too long a name as well), nipreps/mriqc#1038.
"""

from __future__ import annotations

import os

import pytest
from data_folders import LABELS, write_image, write_json, write_label

from TransferSegLib.cases.readers import cases_from_images, read_case_set
from TransferSegLib.cases.slabs import write_in_slabs
from TransferSegLib.cases.volumes import read_labels, read_volume, write_labels
from TransferSegLib.cli import main
from TransferSegLib.core.errors import InputError

LONGEST = ["x" * 248, "脑" * 82, "ä" * 124, "patient 1.5 mm " + "y" * 233]


@pytest.mark.parametrize("name", LONGEST)
def test_a_segmentation_of_the_longest_name_is_written_and_read(tmp_path, name):
    source = read_labels(write_label(tmp_path / "a.nii.gz", 1))
    write_labels(tmp_path / f"{name}.nii.gz", source.array, source.grid)
    assert (read_labels(tmp_path / f"{name}.nii.gz").array == source.array).all()
    for _ in write_in_slabs(tmp_path / f"{name}.nrrd", source.array, source.grid, True):
        pass
    assert (read_volume(tmp_path / f"{name}.nrrd").array == source.array).all()
    assert len(os.listdir(tmp_path)) == 3, "no temporary file is left"


def test_a_data_set_of_the_longest_names_is_checked(tmp_path, capsys):
    for seed, name in enumerate(LONGEST):
        write_image(tmp_path / "images" / f"{name}.nii.gz", seed)
        write_label(tmp_path / "labels" / f"{name}.nii.gz", seed)
    write_json(tmp_path / "labels.json", LABELS)
    assert main(["cases", "check", str(tmp_path)]) == 0
    assert "4 to train on" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["x" * 249, "脑" * 83])
def test_a_longer_name_is_refused_before_anything_is_begun(tmp_path, name):
    (tmp_path / f"{name}.nii").touch()
    for read in (lambda: cases_from_images([tmp_path], 1), lambda: read_case_set(tmp_path)):
        with pytest.raises(InputError, match="give it one of at most 248 bytes"):
            read()


@pytest.mark.parametrize(
    "command",
    [
        ["cases", "check", "LONG"],
        ["segment", "--model", "head-t1w", "--images", "LONG", "--out", "x"],
        ["adapt", "--source", "LONG", "--target", "x", "--strategy", "open", "--out", "x"],
        ["evaluate", "--reference", "LONG", "--prediction", "x", "--out", "x.csv"],
        ["status", "LONG"],
    ],
)
def test_a_path_of_the_command_line_that_no_disk_takes_is_refused_in_one_sentence(command, capsys):
    assert main([word.replace("LONG", "y" * 300) for word in command]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "Traceback" not in said and "log" not in said


def test_a_list_with_a_path_that_no_disk_takes_is_an_error_of_the_check(tmp_path, capsys):
    entry = {"image": f"{'x' * 300}.nii.gz", "label": "l.nii.gz"}
    path = write_json(tmp_path / "list.json", {"labels": LABELS, "training": [entry]})
    assert main(["cases", "check", str(path)]) == 2
    assert "the name cannot be a file's" in capsys.readouterr().err
