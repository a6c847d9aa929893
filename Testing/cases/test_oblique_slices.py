"""Thick slices, whatever their direction: a model for short-axis stacks is shown them across its last axis."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from TransferSegLib.cases.extent import axes_shown, prepared_grid
from TransferSegLib.cases.preprocessing import prepare_case, restore
from TransferSegLib.cases.volumes import write_labels, write_volume
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.preprocessing import Preprocessing

SLICES_LAST = Preprocessing((2.0, 2.0, 8.0), slices_last=True)
TASK = LabelTask(("a",), (1,), {1: 1}, ((0,), ()))
SIZE = (24, 20, 5)
# The array's axes are the columns, the rows and the slices; each value is the direction that they run in, RAS.
DIRECTIONS = list(itertools.permutations(range(3)))


def stack(
    axes: tuple[int, ...], spacing_mm: tuple[float, float, float] = (1.0, 1.0, 8.0), tilt_deg: float = 0.0
) -> Grid:
    """The grid of a stack whose array axes run along the axes `axes` of space, tilted about the vertical one."""
    angle = np.deg2rad(tilt_deg)
    tilt = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    affine = np.eye(4)
    affine[:3, :3] = tilt @ np.eye(3)[:, list(axes)] * np.array(spacing_mm)
    return Grid(SIZE, affine)


def written(folder: Path, grid: Grid) -> Case:
    """A case with an image that differs in every voxel, and a label in one corner of two slices."""
    folder.mkdir()
    label = np.zeros(SIZE, np.uint8)
    label[2:12, 4:10, 1:3] = 1
    write_volume(folder / "image.nii", np.arange(label.size, dtype=np.float32).reshape(SIZE), grid)
    write_labels(folder / "label.nii", label, grid)
    return Case("a", (folder / "image.nii",), folder / "label.nii")


@pytest.mark.parametrize("axes", DIRECTIONS)
def test_thick_slices_come_last_in_whatever_direction_they_lie(axes):
    grid = stack(axes, tilt_deg=20)
    order, _ = axes_shown(grid, slices_last=True)
    assert order[2] == 2
    assert sorted(order[:2]) == [0, 1]
    size, spacing_mm = prepared_grid(grid, SLICES_LAST)
    assert size[2] == SIZE[2] and spacing_mm == pytest.approx((2, 2, 8))


def test_within_the_slices_the_axes_keep_their_order():
    coronal = stack((0, 2, 1))  # columns to the right, rows upwards, slices to the front
    assert coronal.axes_to_ras()[0] == (0, 2, 1)
    assert axes_shown(coronal, slices_last=True) == ((0, 1, 2), (False, False, False))
    assert axes_shown(coronal) == ((0, 2, 1), (False, False, False))


@pytest.mark.parametrize("spacing_mm", [(2.0, 2.0, 2.0), (2.0, 2.0, 2.9), (8.0, 8.0, 2.0)])
def test_without_thick_slices_the_axes_are_the_usual_ones(spacing_mm):
    for axes in DIRECTIONS:
        grid = stack(axes, spacing_mm)
        assert axes_shown(grid, slices_last=True) == grid.axes_to_ras()


@pytest.mark.parametrize("axes", DIRECTIONS)
def test_what_is_found_comes_back_to_the_voxels_that_were_shown(tmp_path, axes):
    preprocessing = replace(SLICES_LAST, spacing_mm=None)
    prepared = prepare_case(written(tmp_path / "a", stack(axes, tilt_deg=20)), preprocessing, TASK)
    assert prepared.image.shape[3] == SIZE[2] and prepared.own_size == prepared.image.shape[1:]
    assert prepared.classes is not None
    assert np.array_equal(restore(prepared.classes, prepared), prepared.own_classes)


def test_a_coronal_stack_looks_to_the_network_as_an_axial_one_does(tmp_path):
    axial = prepare_case(written(tmp_path / "axial", stack((0, 1, 2))), SLICES_LAST, TASK)
    coronal = prepare_case(written(tmp_path / "coronal", stack((0, 2, 1))), SLICES_LAST, TASK)
    np.testing.assert_array_equal(coronal.image, axial.image)
    np.testing.assert_array_equal(coronal.classes, axial.classes)
    plain = prepare_case(written(tmp_path / "plain", stack((0, 2, 1))), replace(SLICES_LAST, slices_last=False), TASK)
    assert plain.image.shape != axial.image.shape
