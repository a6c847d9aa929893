"""A segmentation whose axes are flipped or exchanged lies on the voxels of its image all the same, and is put onto them.

nipreps/fmriprep#222: image and mask, written by different programs, have other affines.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from data_sets import GRID, SIZE, DataSet, label, only

from TransferSegLib.cases.digests import digests_of
from TransferSegLib.cases.volumes import read_labels, write_labels, write_volume
from TransferSegLib.cli import main
from TransferSegLib.core.grid import Grid

TURNED = np.array([[0, -0.8, 0, 12.5], [0.8, 0, 0, -7.25], [0, 0, 2.5, 31.125], [0, 0, 0, 1]])


def reordered(array: np.ndarray, grid: Grid, axes: tuple[int, ...], flips: tuple[int, ...]) -> tuple[np.ndarray, Grid]:
    """The same voxels at the same places, in another order."""
    affine = grid.affine.copy()
    for axis in flips:
        array = np.flip(array, axis)
        affine[:3, 3] += affine[:3, axis] * (array.shape[axis] - 1)
        affine[:3, axis] *= -1
    return array.transpose(axes), Grid(tuple(array.shape[n] for n in axes), affine[:, [*axes, 3]])


ORDERS = [((0, 1, 2), (0,)), ((0, 1, 2), (0, 1)), ((1, 0, 2), ()), ((2, 0, 1), (1,)), ((0, 1, 2), (0, 1, 2))]


@pytest.mark.parametrize("affine", [GRID.affine, TURNED])
@pytest.mark.parametrize(("axes", "flips"), ORDERS)
@pytest.mark.parametrize("size", [SIZE, (8, 8, 8)], ids=["", "a cube"])
def test_it_is_read_as_if_it_had_the_order_of_its_image(tmp_path: Path, affine, axes, flips, size) -> None:
    grid, labels = Grid(size, affine), np.arange(np.prod(size)).reshape(size)
    write_volume(tmp_path / "image.nii.gz", np.zeros(size), grid)
    write_labels(tmp_path / "label.nii.gz", *reordered(labels, grid, axes, flips))
    found = read_labels(tmp_path / "label.nii.gz", image=tmp_path / "image.nii.gz")
    np.testing.assert_array_equal(found.array, labels)
    assert found.grid.same_as(grid)


def test_cases_check_has_nothing_to_say_of_it_and_finds_a_whole_one_that_lies_elsewhere(tmp_path: Path) -> None:
    data = DataSet(tmp_path)
    before = digests_of(data.cases[1])
    array, grid = reordered(label(1), GRID, (1, 0, 2), (0, 2))
    write_labels(data.label("b"), array, grid)
    assert data.check() == []
    assert digests_of(data.cases[1]) == before
    affine = grid.affine.copy()
    affine[0, 3] += 1
    write_labels(data.label("b"), array, Grid(grid.size, affine))
    assert only(data.check()) == ("b", "error", "label-grid")


@pytest.mark.parametrize(("axes", "flips"), ORDERS)
def test_evaluate_compares_the_same_places(tmp_path: Path, capsys, axes, flips) -> None:
    write_labels(tmp_path / "reference" / "x.nii.gz", label(2), GRID)
    write_labels(tmp_path / "prediction" / "x.nii.gz", *reordered(label(2), GRID, axes, flips))
    asked = ["evaluate", "--reference", str(tmp_path / "reference"), "--prediction", str(tmp_path / "prediction")]
    assert main([*asked, "--out", str(tmp_path / "scores.csv")]) == 0, capsys.readouterr().err
    assert {row["dice"] for row in csv.DictReader((tmp_path / "scores.csv").open())} == {"1"}
