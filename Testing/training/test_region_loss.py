"""The loss of regions, against numbers that were worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch

from TransferSegLib.core.labels import IGNORE
from TransferSegLib.core.regions import Region
from TransferSegLib.training.losses import EPSILON, segmentation_loss
from TransferSegLib.training.recipes import Recipe

REGIONS = (Region(1, (1, 2)), Region(2, (2,)))
# Of three voxels, the probabilities of the whole and of its core.
FOUND = torch.tensor([[0.8, 0.2], [0.9, 0.6], [0.3, 0.1]], dtype=torch.float64)
LOGITS = torch.cat([torch.full((3, 1), 9.0, dtype=torch.float64), FOUND.logit()], dim=1).T.reshape(1, 3, 3, 1, 1)


def loss(name: str, classes: list[int]) -> float:
    wanted = torch.tensor(classes, dtype=torch.uint8).reshape(1, 1, 3, 1, 1)
    return float(segmentation_loss(Recipe(loss=name), regions=REGIONS)(LOGITS, wanted))


def test_each_region_is_right_or_wrong_by_itself():
    # The first voxel is whole alone, the second core and so whole, the third neither.
    right = [0.8, 0.8, 0.9, 0.6, 0.7, 0.9]
    entropy = -sum(map(math.log, right)) / 6
    assert loss("ce", [1, 2, 0]) == pytest.approx(entropy)
    whole, core = 2 * 1.7 / (2.0 + 2 + EPSILON), 2 * 0.6 / (0.9 + 1 + EPSILON)
    assert loss("neg-dice", [1, 2, 0]) == pytest.approx(-(whole + core) / 2)
    assert loss("dice-sample-class", [1, 2, 0]) == pytest.approx(1 - (whole + core) / 2)
    assert loss("dice-ce", [1, 2, 0]) == pytest.approx(entropy + 1 - (whole + core) / 2, abs=1e-4)


def test_what_nobody_annotated_leaves_the_loss():
    right = [0.8, 0.8, 0.9, 0.6]
    assert loss("ce", [1, 2, IGNORE]) == pytest.approx(-sum(map(math.log, right)) / 4)
    whole, core = 2 * 1.7 / (1.7 + 2 + EPSILON), 2 * 0.6 / (0.8 + 1 + EPSILON)
    assert loss("neg-dice", [1, 2, IGNORE]) == pytest.approx(-(whole + core) / 2)


@pytest.mark.parametrize("name", ["ce", "dice-ce", "dice-sample-class", "neg-dice"])
def test_where_nothing_is_known_there_is_nothing_to_learn(name):
    logits = LOGITS.clone().requires_grad_()
    nothing = torch.full((1, 1, 3, 1, 1), IGNORE, dtype=torch.uint8)
    found = segmentation_loss(Recipe(loss=name), regions=REGIONS)(logits, nothing)
    found.backward()
    assert float(found.detach()) == 0 and logits.grad is not None and not logits.grad.any()
