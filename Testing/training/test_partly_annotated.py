"""Losses and patches where not all is annotated."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.labels import FIRST_OPEN, IGNORE
from TransferSegLib.training.augmentation import Augmentation
from TransferSegLib.training.losses import EPSILON, PartlyAnnotated, median_frequency_weights, segmentation_loss
from TransferSegLib.training.patches import PatchSampler
from TransferSegLib.training.recipes import Recipe

LOSSES = ["ce", "ce-median-frequency", "dice-ce", "dice-sample-class", "neg-dice"]
# May be the background or class 2.
OPENED = {FIRST_OPEN: (0, 2), IGNORE: ()}
WEIGHTS = torch.tensor([1.0, 2.0, 5.0])


def logits(seed: int = 0, shape=(2, 3, 4, 3, 2)) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def classes(seed: int = 1) -> torch.Tensor:
    return torch.randint(0, 3, (2, 1, 4, 3, 2), generator=torch.Generator().manual_seed(seed), dtype=torch.uint8)


def both(name: str, background: bool = False):
    recipe = Recipe(loss=name, background=background)
    return segmentation_loss(recipe, WEIGHTS), segmentation_loss(recipe, WEIGHTS, OPENED)


@pytest.mark.parametrize("background", [False, True])
@pytest.mark.parametrize("name", LOSSES)
def test_the_loss_of_what_is_known_is_the_recipe_s_own(name, background):
    plain, partly = both(name, background)
    assert isinstance(partly, PartlyAnnotated)
    assert float(partly(logits(), classes())) == float(plain(logits(), classes()))
    # One patch more, of which nothing is known, changes nothing: this goes through the loss for open voxels.
    known, wanted = logits(), classes()
    if name == "dice-sample-class":  # a class counts in each patch that has it
        wanted[:, 0, 0, 0] = torch.tensor([[1, 2]], dtype=torch.uint8)
    more = torch.cat([known, logits(5)[:1]])
    nothing = torch.full_like(wanted[:1], IGNORE)
    found = partly(more, torch.cat([wanted, nothing]))
    assert float(found) == pytest.approx(float(plain(known, wanted)), abs=1e-9)


@pytest.mark.parametrize("name", LOSSES)
def test_nothing_is_learned_from_voxels_that_nobody_annotated(name):
    found, wanted = logits().requires_grad_(), classes()
    wanted[:, :, 2:] = IGNORE
    both(name)[1](found, wanted).backward()
    assert found.grad is not None and not found.grad[:, :, 2:].any() and found.grad[:, :, :2].any()
    nothing = torch.full_like(wanted, IGNORE)
    whole = both(name)[1](found, nothing)
    assert float(whole.detach()) == 0 and whole.requires_grad


def test_the_probability_of_an_open_voxel_is_the_sum_of_those_of_its_classes():
    probabilities = torch.tensor([[0.5, 0.2, 0.3], [0.1, 0.6, 0.3], [0.2, 0.2, 0.6]], dtype=torch.float64)
    given = probabilities.log().T.reshape(1, 3, 3, 1, 1)
    wanted = torch.tensor([FIRST_OPEN, 1, IGNORE], dtype=torch.uint8).reshape(1, 1, 3, 1, 1)
    assert float(both("ce")[1](given, wanted)) == pytest.approx(-(math.log(0.8) + math.log(0.6)) / 2)
    # The weights of the background and of class 1.
    weighted = -(math.log(0.8) + 2 * math.log(0.6)) / 3
    assert float(both("ce-median-frequency")[1](given, wanted)) == pytest.approx(weighted)
    # Class 1: found 0.2 and 0.6, right in the second voxel. Class 2 is known in the second voxel alone, and not there.
    dice = 2 * 0.6 / (0.8 + 1 + EPSILON)
    assert float(both("neg-dice")[1](given, wanted)) == pytest.approx(-dice)
    # Background: 0.8 in the first voxel, which it is merged with class 2 in, and 0.1 in the second.
    background = 2 * 0.8 / (0.9 + 1 + EPSILON)
    assert float(both("neg-dice", background=True)[1](given, wanted)) == pytest.approx(-(dice + background) / 2)


@pytest.mark.parametrize("name", LOSSES)
def test_a_label_that_is_not_annotated_is_not_unlearned(name):
    """Where a voxel may be background or class 2, moving probability between the two does not change the loss."""
    found, wanted = torch.zeros(1, 3, 4, 1, 1, dtype=torch.float64), torch.zeros(1, 1, 4, 1, 1, dtype=torch.uint8)
    wanted[0, 0] = torch.tensor([1, FIRST_OPEN, FIRST_OPEN, FIRST_OPEN]).reshape(4, 1, 1)
    first = found.clone()
    first[:, 2, 1:] = math.log(0.1)
    first[:, 0, 1:] = math.log(1.9)
    loss = both(name)[1]
    assert float(loss(found, wanted)) == pytest.approx(float(loss(first, wanted)))


def case(classes: np.ndarray, opened) -> PreparedCase:
    image = np.random.default_rng(0).normal(size=(1, *classes.shape)).astype(np.float32)
    return PreparedCase(
        "c", image, classes, Grid.from_spacing(classes.shape, (1, 1, 1)), (1.0, 1.0, 1.0), open_classes=opened
    )


def on_slices() -> PreparedCase:
    found = np.full((20, 18, 40), IGNORE, np.uint8)
    found[:, :, [10, 30]] = 0
    found[5:9, 5:9, 30] = 1
    return case(found, {IGNORE: ()})


@pytest.mark.parametrize("level", ["none", "strong"])
def test_patches_are_centred_where_something_is_known(level):
    drawn = PatchSampler([on_slices()], (8, 8, 8), Augmentation.named(level), 0)
    for n in range(40):
        centre = drawn.draw(n, np.random.default_rng(n)).centre
        assert round(centre[2]) in (10, 30)
    assert all((drawn.batch(n, 1)[1] != IGNORE).any() for n in range(20))


def test_a_grid_leaves_out_patches_of_which_nothing_is_known():
    drawn = PatchSampler([on_slices()], (20, 18, 1), Augmentation.named("none"), 0, "grid", slice_axis=2)
    seen = [drawn.draw(n, np.random.default_rng(0)).centre[2] for n in range(4)]
    assert sorted(seen) == [10, 10, 30, 30]


def test_weights_of_classes_count_what_is_known():
    found = np.array([[[0, 1, IGNORE, IGNORE]], [[FIRST_OPEN, FIRST_OPEN, 1, IGNORE]]], np.uint8)
    # Of five known voxels three are, or may be, background.
    weights = median_frequency_weights([case(found, {IGNORE: (), FIRST_OPEN: (0, 2)})], None)
    assert weights.tolist() == pytest.approx([0.5 / 0.6, 0.5 / 0.4])
