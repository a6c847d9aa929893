"""A segmentation that lies elsewhere than its image is an error that says how far, and never an empty segmentation.

QIICR/lidc2dicom#9: segmentations lie outside the field of view of their CT, because signs of the direction are wrong.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from data_sets import GRID, SIZE, DataSet, label, only

from TransferSegLib.cases.volumes import read_labels, write_labels
from TransferSegLib.cli import main
from TransferSegLib.core.grid import Grid


def moved(*by_mm: float, size: tuple[int, int, int] = SIZE) -> Grid:
    affine = GRID.affine.copy()
    affine[:3, 3] += by_mm
    return Grid(size, affine)


@pytest.mark.parametrize(
    ("grid", "far"),
    [
        # The labels lie in the voxels 2…6, 2…6 and 2…9 of 8, 9 and 10, and voxels are 1×1×2 mm large.
        (moved(100, 0, 0), "94"),
        (moved(-100, 0, 0), "93"),
        (moved(0, 0, 300), "284"),
        (moved(6 + 3, 7 + 4, 0), "5"),
        (Grid(SIZE, np.diag([-1.0, -1, 2, 1])), "1.414"),
        (moved(0, 0, 50, size=(20, 20, 20)), "34"),
    ],
)
def test_how_far_outside_it_lies_is_said_in_mm(tmp_path: Path, grid: Grid, far: str) -> None:
    data = DataSet(tmp_path)
    labels = np.zeros(grid.size, np.uint8)
    labels[:8, :9, :10] = label(1)
    write_labels(data.label("b"), labels, grid)
    found = data.check()
    assert only(found) == ("b", "error", "label-grid")
    assert f"the segmentation lies {far} mm outside the image; " in found[0].message


def test_a_segmentation_that_lies_partly_outside_is_on_another_grid(tmp_path: Path) -> None:
    data = DataSet(tmp_path)
    write_labels(data.label("b"), label(1), moved(3, 0, 0))
    found = data.check()
    assert only(found) == ("b", "error", "label-grid")
    assert "voxels lie up to 3 mm apart" in found[0].message


def test_evaluate_says_it_too(tmp_path: Path, capsys) -> None:
    for folder, grid in (("one", GRID), ("other", moved(100, 0, 0))):
        write_labels(tmp_path / folder / "a.nii.gz", label(1), grid)
    asked = ["evaluate", "--reference", str(tmp_path / "one"), "--prediction", str(tmp_path / "other")]
    assert main([*asked, "--out", str(tmp_path / "scores.csv")]) == 2
    assert "the segmentation lies 92 mm outside the reference" in capsys.readouterr().err
    assert not (tmp_path / "scores.csv").exists()


def test_grids_that_touch_or_lie_askew_are_measured_along_the_axes_of_the_first() -> None:
    assert GRID.outside_mm(moved(8, 0, 0)) == pytest.approx(0)
    assert GRID.outside_mm(moved(7, 0, 0)) is None
    assert GRID.outside_mm(GRID) is None
    turned = np.array([[0, -1.0, 0, 30], [1, 0, 0, 0], [0, 0, 2, 0], [0, 0, 0, 1]])
    assert GRID.outside_mm(Grid(SIZE, turned)) == pytest.approx(30 - 8.5 - 7.5)


def test_the_part_with_labels_is_the_smallest_that_has_them_all(tmp_path: Path) -> None:
    from TransferSegLib.cases.facts import label_facts

    write_labels(tmp_path / "a.nii.gz", label(1), GRID)
    write_labels(tmp_path / "empty.nii.gz", label(1) * 0, GRID)
    places = np.argwhere(read_labels(tmp_path / "a.nii.gz").array)
    drawn = label_facts(tmp_path / "a.nii.gz").drawn
    assert drawn.size == tuple(np.ptp(places, axis=0) + 1)
    np.testing.assert_allclose(drawn.origin_mm, places.min(axis=0) * GRID.spacing_mm)
    assert label_facts(tmp_path / "empty.nii.gz").drawn is None
