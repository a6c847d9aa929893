"""An image that was copied to the labels, or listed as its own label, is an error that names both files.

MIC-DKFZ/nnUNet#1007: a file among the labels has the values of a CT, -1024, -1023, and so on.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from data_sets import GRID, SIZE, DataSet, label

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import write_labels, write_volume
from TransferSegLib.core.errors import InputError
from TransferSegLib.transfer.labels import label_task


def found(data: DataSet) -> list[str]:
    return [f"{p.case}: {p.sentence}" for p in data.check() if p.code == "label-is-image"]


def ct(path: Path) -> None:
    write_volume(path, np.random.default_rng(0).integers(-1000, 1000, SIZE).astype(float), GRID)


@pytest.mark.parametrize("kind", ["a mask", "a CT", "intensities that are not whole"])
def test_a_copy_is_an_error_with_both_files(tmp_path: Path, kind: str) -> None:
    data = DataSet(tmp_path)
    if kind == "a mask":
        write_volume(data.image("b"), label(1).astype(float), GRID)
    else:
        if kind == "a CT":
            ct(data.image("b"))
        shutil.copy(data.image("b"), data.label("b"))
    assert found(data) == [
        "b: its segmentation labels/b.nii.gz is a copy of its image images/b.nii.gz; "
        "give the segmentation, or the image, that belongs there."
    ]


def test_so_is_a_label_that_is_the_image(tmp_path: Path) -> None:
    data = DataSet(tmp_path)
    data.change(1, label=data.image("b"))
    (said,) = found(data)
    assert "its segmentation images/b.nii.gz is the file of its image images/b.nii.gz" in said


def test_other_images_with_the_values_of_their_labels_are_none(tmp_path: Path) -> None:
    data = DataSet(tmp_path)
    write_volume(data.image("b"), np.roll(label(1), 1, axis=0).astype(float), GRID)
    assert found(data) == []


def test_too_many_labels_name_the_case_and_the_file_that_has_them(tmp_path: Path) -> None:
    data = DataSet(tmp_path)
    write_labels(data.label("c"), np.arange(720).reshape(SIZE), GRID)
    with pytest.raises(InputError, match=r"719 labels; at most 239 .*case `c` has 719 in .*labels/c\.nii\.gz"):
        label_task(read_case_set(tmp_path), None, None)
    ct(data.image("c"))
    shutil.copy(data.image("c"), data.label("c"))
    with pytest.raises(InputError, match=r"labels/c\.nii\.gz of case `c` is a copy of its image .*images/c\.nii\.gz"):
        label_task(read_case_set(tmp_path), None, None)
