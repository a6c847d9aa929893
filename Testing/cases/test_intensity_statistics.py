"""Intensities of images in a few numbers, and distances from them worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from TransferSegLib.cases.intensity_statistics import MOST_VOXELS, intensity_distance, intensity_statistics
from TransferSegLib.core.card import QUANTILES

EVEN = np.linspace(0, 1, 8 * 8 * 8).reshape(1, 8, 8, 8)


def test_an_image_that_is_brighter_by_two_standard_deviations_is_two_away():
    known = intensity_statistics([EVEN])
    assert len(known[0].quantiles) == QUANTILES and known[0].images == 1 and known[0].spread == 0
    deviation = np.std(known[0].quantiles)
    assert intensity_distance(EVEN + 2 * deviation, known) == pytest.approx(2, abs=1e-3)
    assert intensity_distance(EVEN[:, ::-1], known) == pytest.approx(0, abs=1e-3), "where they are does not matter"


def test_of_two_images_the_mean_lies_between_and_both_are_as_far_from_it():
    (known,) = intensity_statistics([EVEN, EVEN + 1])
    assert known.quantiles[0] == pytest.approx(0.5 + 0.5 / QUANTILES, abs=1e-2)
    assert known.spread == pytest.approx(0.5 / np.std(known.quantiles), abs=1e-3)
    assert intensity_distance(EVEN, (known,)) == pytest.approx(known.spread, abs=1e-3)


def test_the_channel_that_is_farthest_counts_and_other_channels_than_the_models_say_nothing():
    known = intensity_statistics([np.concatenate([EVEN, EVEN])])
    assert intensity_distance(np.concatenate([EVEN, EVEN + 1]), known) == pytest.approx(1 / np.std(EVEN), abs=0.01)
    assert intensity_distance(EVEN, known) is None
    assert intensity_distance(EVEN, ()) is None
    assert intensity_statistics([]) == ()


def test_of_a_large_image_a_part_of_the_voxels_says_the_same():
    large = np.random.default_rng(0).normal(size=(1, 4 * MOST_VOXELS, 1, 1)).astype(np.float32)
    known = intensity_statistics([large])
    assert known[0].quantiles[QUANTILES // 2] == pytest.approx(0.04, abs=0.01)
    assert intensity_distance(large[:, ::4], known) < 0.01
