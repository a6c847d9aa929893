"""Labels that are moved or mirrored fit their image better where they belong."""

from __future__ import annotations

import numpy as np
import pytest

from TransferSegLib.cases.label_fit import misfit
from TransferSegLib.core.grid import Grid

GRID = Grid.from_spacing((48, 40, 32), (1.0, 1.0, 2.0))


def body(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """An image with noise, and the labels of two things in it that have no plane of symmetry."""
    labels = np.zeros(GRID.size, np.uint8)
    labels[6:20, 8:18, 6:14] = 1
    labels[20:26, 8:30, 6:12] = 2
    noise = np.random.default_rng(seed).normal(0, 0.3, GRID.size)
    return np.array([0.0, 1.0, 2.0])[labels] + noise, labels


def test_labels_that_lie_right_fit_nowhere_better():
    image, labels = body()
    assert misfit([image], labels, GRID) is None
    assert misfit([-image], labels, GRID) is None, "whatever is bright"


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_mirrored_labels_are_found_and_the_axis_is_named(axis):
    image, labels = body()
    found = misfit([image], np.flip(labels, axis), GRID)
    assert (found.kind, found.axis) == ("mirrored", axis) and found.times > 1.2


@pytest.mark.parametrize(("axis", "by"), [(0, 4), (1, -4), (2, 2)])
def test_moved_labels_are_found_and_the_axis_is_named(axis, by):
    image, labels = body()
    found = misfit([image], np.roll(labels, by, axis), GRID)
    assert (found.kind, found.axis) == ("moved", axis) and found.times > 1.2


def test_the_axis_is_that_of_the_body_however_the_array_runs():
    image, labels = body()
    affine = np.eye(4)
    affine[:3, :3] = [[0, 0, 1], [0, 1, 0], [2, 0, 0]]  # the array's first axis runs upwards
    grid = Grid((32, 40, 48), affine)
    found = misfit([image.transpose(2, 1, 0)], np.flip(labels, 0).transpose(2, 1, 0), grid)
    assert (found.kind, found.axis) == ("mirrored", 0)


def test_every_channel_counts_and_what_nobody_annotated_does_not():
    image, labels = body()
    noise = np.random.default_rng(1).normal(size=GRID.size)
    assert misfit([noise, image], np.roll(labels, 4, 0), GRID).kind == "moved"
    wrong = labels.copy()
    wrong[:, :, 8:] = np.roll(labels, 4, 0)[:, :, 8:]
    known = np.zeros((1, 1, GRID.size[2]), bool)
    known[..., :8] = True
    assert misfit([image], wrong, GRID).kind == "moved" and misfit([image], wrong, GRID, known) is None


def test_nothing_is_said_of_labels_that_tell_nothing():
    image, labels = body()
    assert misfit([image], np.zeros_like(labels), GRID) is None
    few = np.zeros_like(labels)
    few[0, 0, :5] = 1
    assert misfit([image], few, GRID) is None
    assert misfit([np.zeros(GRID.size)], labels, GRID) is None
