"""Volumes and intensities of segments, against numbers worked out by hand."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from TransferSegLib.core.errors import JobError
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.regions import Region
from TransferSegLib.evaluation.segment_statistics import SegmentStatistics, measure_segments, write_statistics


def oblique(spacing_mm: tuple[float, float, float], size: tuple[int, int, int]) -> Grid:
    """A grid that is turned about two axes, with one of them flipped."""
    a, b = 0.5, -0.3
    turn = np.array([[math.cos(a), -math.sin(a), 0], [math.sin(a), math.cos(a), 0], [0, 0, -1]])
    turn = turn @ np.array([[1, 0, 0], [0, math.cos(b), -math.sin(b)], [0, math.sin(b), math.cos(b)]])
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = turn * spacing_mm, (30, -20, 10)
    return Grid(size, affine)


def test_a_cube_of_ten_voxels_a_side_has_its_volume_and_the_moments_of_its_voxels() -> None:
    classes = np.zeros((20, 16, 14), np.uint8)
    classes[2:12, 3:13, 1:11] = 1
    image = np.zeros(classes.shape, np.float32)
    image[2:12, 3:13, 1:11] = np.arange(10)  # 0 to 9, each 100 times
    (row,) = measure_segments("a", classes, oblique((0.5, 0.8, 3.0), classes.shape), ["cube"], [image])
    assert (row.case, row.label, row.voxels) == ("a", "cube", 1000)
    assert row.volume_ml == pytest.approx(1000 * 0.5 * 0.8 * 3.0 / 1000)
    assert row.means == (pytest.approx(4.5),)
    # The squared differences from 4.5 of 0 to 9 add up to 82.5; of a sample.
    assert row.deviations == (pytest.approx(math.sqrt(100 * 82.5 / 999)),)


def test_a_ball_of_20_mm_has_the_volume_of_one_in_thick_oblique_slices() -> None:
    spacing_mm = (0.7, 0.9, 2.5)
    size = (70, 56, 22)
    at = np.meshgrid(
        *[(np.arange(n) - (n - 1) / 2) * mm for n, mm in zip(size, spacing_mm, strict=True)], indexing="ij"
    )
    ball = (sum(mm**2 for mm in at) <= 20**2).astype(np.uint8)
    (row,) = measure_segments("a", ball, oblique(spacing_mm, size), ["ball"], [np.full(size, 7, np.float32)])
    assert row.volume_ml == pytest.approx(4 / 3 * math.pi * 20**3 / 1000, rel=0.005)
    assert (row.means, row.deviations) == ((7.0,), (0.0,))


def test_on_a_sheared_grid_as_of_a_tilted_gantry_the_volume_is_that_in_space() -> None:
    affine = np.diag([1.0, 1.0, 3.0, 1.0])
    affine[1, 2] = 1.5  # slices slide; what they hold is as large as without
    (row,) = measure_segments("a", np.ones((4, 4, 4), np.uint8), Grid((4, 4, 4), affine), ["all"], [np.ones((4, 4, 4))])
    assert row.volume_ml == pytest.approx(64 * 3 / 1000)


def test_a_region_has_all_voxels_that_it_covers_and_the_mean_over_them() -> None:
    classes = np.array([[[1, 1, 2, 3, 0]]], np.uint8)
    image = np.array([[[10, 20, 60, 90, 1000]]], np.float32)
    regions = (Region(1, (1, 2, 3)), Region(2, (2, 3)), Region(3, (3,)))
    whole, core, inner = measure_segments(
        "a", classes, Grid.from_spacing((1, 1, 5), (1, 1, 1)), ["whole", "core", "inner"], [image], regions
    )
    assert (whole.voxels, core.voxels, inner.voxels) == (4, 2, 1)
    assert whole.means == (pytest.approx(45),)
    assert whole.deviations == (pytest.approx(np.std([10, 20, 60, 90], ddof=1)),)
    assert (core.means, core.deviations) == ((75,), (pytest.approx(np.std([60, 90], ddof=1)),))
    assert inner.deviations == (None,), "one voxel has no deviation"


def test_each_channel_has_its_own_numbers_and_a_label_without_a_voxel_has_none() -> None:
    classes = np.array([[[0, 2, 2]]], np.uint8)
    images = [np.array([[[9, 1, 3]]], np.float32), np.array([[[9, 100, 100]]], np.float32)]
    missing, there = measure_segments("a", classes, Grid.from_spacing((1, 1, 3), (1, 1, 1)), ["x", "y"], images)
    assert (missing.voxels, missing.volume_ml, missing.means, missing.deviations) == (0, 0, (None, None), (None, None))
    assert (there.means, there.deviations) == ((2, 100), (pytest.approx(math.sqrt(2)), 0))


def test_intensities_far_from_zero_keep_their_deviation() -> None:
    image = np.array([[[1e6, 1e6 + 1, 1e6 + 2]]], np.float64)
    (row,) = measure_segments(
        "a", np.ones((1, 1, 3), np.uint8), Grid.from_spacing((1, 1, 3), (1, 1, 1)), ["x"], [image]
    )
    assert row.deviations == (pytest.approx(1.0),)


def test_the_table_names_its_units_and_leaves_what_there_is_not_empty(tmp_path: Path) -> None:
    rows = [SegmentStatistics("a", "=x", 3, 0.0123456789, (1.5, None), (0.25, None))]
    write_statistics(tmp_path / "t.csv", rows, ["t1", "t2"])
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        header, row = csv.reader(file)
    assert header == ["case", "label", "voxels", "volume_ml", "mean_t1", "sd_t1", "mean_t2", "sd_t2"]
    assert row == ["a", "'=x", "3", "0.0123457", "1.5", "0.25", "", ""]
    write_statistics(tmp_path / "t.csv", [SegmentStatistics("a", "x", 1, 1.0, (2.0,), (None,))], ["t1"])
    assert (tmp_path / "t.csv").read_text(encoding="utf-8").splitlines() == [
        "case,label,voxels,volume_ml,mean,sd",
        "a,x,1,1,2,",
    ]


def test_a_table_that_cannot_be_written_is_an_error_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JobError, match=r"t\.csv: the table of volumes and intensities cannot be written"):
        write_statistics(tmp_path / "file" / "t.csv", [], ["t1"])
