"""The losses of the papers, against numbers that were worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
import torch

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.core.grid import Grid
from TransferSegLib.training.losses import EPSILON, median_frequency_weights, segmentation_loss
from TransferSegLib.training.recipes import Recipe

# Two patches of two voxels each. The logits are those of the probabilities of background and label in each voxel.
LABEL = torch.tensor([[0.75, 0.25], [0.5, 0.5]])
PROBABILITIES = torch.stack([1 - LABEL, LABEL], dim=1).reshape(2, 2, 2, 1, 1)
LOGITS = PROBABILITIES.log()
CLASSES = torch.tensor([[1, 0], [0, 0]], dtype=torch.uint8).reshape(2, 1, 2, 1, 1)


def loss(name: str, background: bool = False, weights: torch.Tensor | None = None) -> float:
    return float(segmentation_loss(Recipe(loss=name, background=background), weights)(LOGITS, CLASSES))


def test_cross_entropy_is_the_mean_surprise_of_the_voxels():
    # The right class has 0.75, 0.75, 0.5 and 0.5.
    assert loss("ce") == pytest.approx(-(2 * math.log(0.75) + 2 * math.log(0.5)) / 4)


def test_weighted_cross_entropy_is_the_weighted_mean():
    # One voxel of the label (weight 3), three of the background (weight 1).
    expected = -(3 * math.log(0.75) + math.log(0.75) + 2 * math.log(0.5)) / 6
    assert loss("ce-median-frequency", weights=torch.tensor([1.0, 3.0])) == pytest.approx(expected)


def test_a_class_beyond_the_weights_counts_once():
    logits = torch.zeros(1, 3, 1, 1, 1)
    found = segmentation_loss(Recipe(loss="ce-median-frequency"), torch.tensor([1.0, 3.0]))
    assert float(found(logits, torch.zeros(1, 1, 1, 1, 1, dtype=torch.uint8))) == pytest.approx(math.log(3))


def test_dice_of_each_sample_and_class_is_equation_3_1_of_hossain_2023():
    # First patch: 2·0.75 / (1 + 1). Second patch: the label is not there, 0 / (1 + 0).
    label = [1 - 1.5 / (2 + EPSILON), 1.0]
    assert loss("dice-sample-class") == pytest.approx(np.mean(label), abs=1e-6)
    # The background: 2·0.75 / (1 + 1), and 2·(0.5 + 0.5) / (1 + 2).
    background = [1 - 1.5 / (2 + EPSILON), 1 - 2 / (3 + EPSILON)]
    assert loss("dice-sample-class", background=True) == pytest.approx(np.mean(label + background), abs=1e-6)


def test_minus_dice_is_that_of_the_whole_batch():
    # The label over both patches: 2·0.75 / (2 + 1). The background: 2·(0.75 + 1) / (2 + 3).
    assert loss("neg-dice") == pytest.approx(-0.5, abs=1e-5)
    assert loss("neg-dice", background=True) == pytest.approx(-(0.5 + 0.7) / 2, abs=1e-5)


def test_dice_and_cross_entropy_are_added():
    # What MONAI adds to numerator and denominator, 1e-5 each, changes little.
    assert loss("dice-ce") == pytest.approx(1 - 0.5 + loss("ce"), abs=1e-4)
    assert loss("dice-ce", background=True) == pytest.approx(1 - 0.6 + loss("ce"), abs=1e-4)


@pytest.mark.parametrize("name", ["ce", "dice-sample-class", "neg-dice", "dice-ce"])
def test_a_perfect_output_has_the_lowest_loss_and_a_repeated_batch_the_same(name):
    function = segmentation_loss(Recipe(loss=name))
    classes = CLASSES[:1]
    perfect = torch.nn.functional.one_hot(classes[:, 0].long(), 2).movedim(-1, 1) * 40.0
    assert float(function(perfect, classes)) == pytest.approx(-1.0 if name == "neg-dice" else 0.0, abs=1e-4)
    twice = function(LOGITS.repeat(2, 1, 1, 1, 1), CLASSES.repeat(2, 1, 1, 1, 1))
    assert float(twice) == pytest.approx(float(function(LOGITS, CLASSES)), abs=1e-4)


def case(classes: Sequence) -> PreparedCase:
    array = np.array(classes, np.uint8)
    grid = Grid.from_spacing(array.shape, (1, 1, 1))
    return PreparedCase("c", np.zeros((1, *array.shape), np.float32), array, grid, (1.0, 1.0, 1.0))


# Axes I, J, K: two voxels, two voxels, two slices. The second case has no label.
CASES = [case([[[0, 0], [0, 1]], [[0, 0], [0, 2]]]), case(np.zeros((2, 2, 2)))]


def test_the_median_frequency_of_volumes_counts_the_volumes_that_a_class_is_in():
    # Background 14 of 16 voxels of both; labels 1 and 2 each 1 of the 8 voxels of the first. The median is 1/8.
    weights = median_frequency_weights(CASES, None)
    assert weights.tolist() == pytest.approx([(1 / 8) / (14 / 16), 1.0, 1.0])


def test_the_median_frequency_of_a_2d_network_counts_slices():
    # Across K: background 14 of 16; labels 1 of the 4 voxels of the one slice that they are in.
    assert median_frequency_weights(CASES, 2).tolist() == pytest.approx([0.25 / (14 / 16), 1.0, 1.0])
    # Across I each label is in a slice of its own, so the frequencies are the same.
    assert median_frequency_weights(CASES, 0).tolist() == pytest.approx([0.25 / (14 / 16), 1.0, 1.0])


def test_rare_classes_weigh_more_and_missing_ones_nothing_special():
    weights = median_frequency_weights([case([[[0, 0, 0, 0, 1, 1, 3, 0]]])], None).tolist()
    # Frequencies 5/8, 2/8 and 1/8, the median 2/8; class 2 is in no case.
    assert weights == pytest.approx([2 / 5, 1.0, 1.0, 2.0])


def test_cases_without_labels_are_all_background():
    bare = case(np.zeros((2, 2, 2)))
    assert median_frequency_weights([PreparedCase("c", bare.image, None, bare.grid, (1.0,) * 3)], 2).tolist() == [1.0]
