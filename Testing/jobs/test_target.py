"""The prepared cases that a job keeps on disk."""

from __future__ import annotations

import numpy as np

from TransferSegLib.cases.case_set import Case
from TransferSegLib.cases.grid import Grid
from TransferSegLib.cases.labels import LabelTask
from TransferSegLib.cases.preparation import Preparation, prepare_case
from TransferSegLib.cases.volumes import write_labels, write_volume
from TransferSegLib.jobs.target import PreparedCases


def test_a_kept_case_is_the_prepared_one_and_another_preparation_makes_it_anew(tmp_path):
    image = np.zeros((9, 8, 7), np.float32)
    image[2:6, 1:7, 3:] = np.random.default_rng(0).normal(500, 80, (4, 6, 4))
    grid = Grid.from_spacing(image.shape, (1.0, 1.0, 2.0))
    write_volume(tmp_path / "image.nii.gz", image, grid)
    write_labels(tmp_path / "label.nii.gz", (image > 500).astype(np.uint8), grid)
    case = Case("a", (tmp_path / "image.nii.gz",), tmp_path / "label.nii.gz")
    task = LabelTask(("bone",), (1,), {1: 1}, ((0,), ()))
    kept = {}
    for preparation in (
        Preparation(None),
        Preparation(None, crop="non-zero"),
        Preparation(None, clip_percentiles=(5, 95)),
    ):
        for _ in range(2):
            found = PreparedCases(tmp_path / "kept", tmp_path, preparation, task).get(case)
            wanted = prepare_case(case, preparation, task)
            assert np.array_equal(found.image, wanted.image)
            assert np.array_equal(found.classes, wanted.classes)
            assert (found.box, found.spacing_mm) == (wanted.box, wanted.spacing_mm)
            assert found.grid.differences(grid) == []
        kept[preparation] = found
    assert [case.box is None for case in kept.values()] == [True, False, True]
    assert len(list((tmp_path / "kept").glob("*.json"))) == 3
