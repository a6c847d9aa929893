"""Smoothing of a segmentation: in mm, class against class."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from TransferSegLib.inference.smoothing import smoothed

EVEN = (1.0, 1.0, 1.0)


def block(size=(24, 22, 20)) -> np.ndarray:
    classes = np.zeros(size, np.uint8)
    classes[5:19, 5:17, 5:15] = 1
    classes[12:19, 5:17, 5:15] = 2
    return classes


def test_a_width_of_0_changes_nothing():
    noisy = np.random.default_rng(0).integers(0, 3, (8, 8, 8)).astype(np.uint8)
    assert smoothed(noisy, EVEN, 0) is noisy
    assert not smoothed(np.zeros((8, 8, 8), np.uint8), EVEN, 2).any()


def test_a_voxel_goes_to_the_class_that_has_most_of_it_by_a_second_way():
    noisy = block()
    flipped = np.random.default_rng(1).random(noisy.shape) < 0.08
    noisy[flipped] = np.random.default_rng(2).integers(0, 3, flipped.sum())
    found = smoothed(noisy, EVEN, 1.5)
    shares = np.stack([gaussian_filter((noisy == n).astype(float), 1.5, mode="nearest") for n in range(3)])
    first, second = np.sort(shares, axis=0)[::-1][:2]
    clear = first - second > 0.02  # the two filters differ by about a hundredth
    assert clear.mean() > 0.9
    assert np.array_equal(found[clear], shares.argmax(axis=0)[clear])
    assert (found == block()).mean() > (noisy == block()).mean()


def test_a_single_voxel_vanishes_a_hole_is_filled_and_a_flat_border_stays():
    classes = block()
    classes[2, 2, 2], classes[9, 10, 10] = 2, 0
    found = smoothed(classes, EVEN, 1)
    assert found[2, 2, 2] == 0 and found[9, 10, 10] == 1
    middle = found[:, 10:12, 9:11]
    assert np.array_equal(middle, block()[:, 10:12, 9:11])
    assert found.dtype == np.uint8


def test_the_width_is_in_mm():
    classes = np.zeros((16, 16, 16), np.uint8)
    classes[:, :, 8] = 1  # one slice
    assert not smoothed(classes, EVEN, 1).any()
    assert np.array_equal(smoothed(classes, (1, 1, 8.0), 1), classes)
    assert not smoothed(classes.transpose(2, 0, 1), EVEN, 1).any()
    assert smoothed(classes.transpose(2, 0, 1), (8.0, 1, 1), 1).any()


@pytest.mark.parametrize("size", [(20, 20, 1), (3, 2, 2)])
def test_a_few_slices_are_smoothed_as_well(size):
    assert (smoothed(np.ones(size, np.uint8), EVEN, 1) == 1).all()
