"""The prepared cases that a job keeps on disk."""

from __future__ import annotations

import numpy as np
import pytest

from TransferSegLib.cases.preprocessing import prepare_case
from TransferSegLib.cases.volumes import write_labels, write_volume
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.jobs.prepared import PreparedCases


@pytest.mark.parametrize(
    ("part", "content"),
    [("image.npy", b""), ("image.npy", b"\x93NUMPY\x01\x00v"), ("classes.npy", None), ("image.npy", "other"),
     ("json", b"{}"), ("json", b"[1]"), ("json", b'{"size": [1], "affine": 3}'), ("classes.npy", "pickle")],
)  # fmt: skip
def test_what_is_kept_and_damaged_is_prepared_again_and_never_unpickled(tmp_path, part, content):
    image = np.random.default_rng(0).normal(500, 80, (6, 5, 4)).astype(np.float32)
    grid = Grid.from_spacing(image.shape, (1.0, 1.0, 2.0))
    write_volume(tmp_path / "image.nii.gz", image, grid)
    write_labels(tmp_path / "label.nii.gz", (image > 500).astype(np.uint8), grid)
    case = Case("a", (tmp_path / "image.nii.gz",), tmp_path / "label.nii.gz")
    cases = PreparedCases(tmp_path / "kept", tmp_path, Preprocessing(None), LabelTask(("b",), (1,), {1: 1}, ((0,), ())))
    wanted = np.array(cases.get(case).image)
    (path,) = (tmp_path / "kept").glob(f"*.{part}")
    path.unlink()
    if content == "other":
        np.save(path, np.zeros((1, 3, 3, 3), np.float32))
    elif content == "pickle":
        np.save(path, np.array([Trap(tmp_path / "ran")], dtype=object), allow_pickle=True)
    elif content is not None:
        path.write_bytes(content)
    found = cases.get(case)
    assert np.array_equal(found.image, wanted) and found.classes is not None
    assert not (tmp_path / "ran").exists()


class Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_a_kept_case_is_the_prepared_one_and_another_preprocessing_makes_it_anew(tmp_path):
    image = np.zeros((9, 8, 7), np.float32)
    image[2:6, 1:7, 3:] = np.random.default_rng(0).normal(500, 80, (4, 6, 4))
    grid = Grid.from_spacing(image.shape, (1.0, 1.0, 2.0))
    write_volume(tmp_path / "image.nii.gz", image, grid)
    write_labels(tmp_path / "label.nii.gz", (image > 500).astype(np.uint8), grid)
    case = Case("a", (tmp_path / "image.nii.gz",), tmp_path / "label.nii.gz")
    task = LabelTask(("bone",), (1,), {1: 1}, ((0,), ()))
    kept = {}
    for preprocessing in (
        Preprocessing(None),
        Preprocessing(None, crop="non-zero"),
        Preprocessing(None, clip_percentiles=(5, 95)),
    ):
        for _ in range(2):
            found = PreparedCases(tmp_path / "kept", tmp_path, preprocessing, task).get(case)
            wanted = prepare_case(case, preprocessing, task)
            assert np.array_equal(found.image, wanted.image)
            assert np.array_equal(found.classes, wanted.classes)
            assert (found.box, found.spacing_mm) == (wanted.box, wanted.spacing_mm)
            assert found.grid.differences(grid) == []
        kept[preprocessing] = found
    assert [case.box is None for case in kept.values()] == [True, False, True]
    assert len(list((tmp_path / "kept").glob("*.json"))) == 3
