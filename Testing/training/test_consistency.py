"""Consistency of two views: what is compared, what leaves the loss, and that a killed training goes on bit for bit."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_trainings import SIZE, assert_goes_on, boxes, tiny_training
from torch import nn

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.networks.execution import Precision
from TransferSegLib.training.consistency import (
    Consistency,
    new_appearances,
    random_affine,
    soft_dice,
    statistics_kept,
    warp,
    warp_back,
)
from TransferSegLib.training.loop import Training
from TransferSegLib.training.recipes import Recipe
from TransferSegLib.training.unlabelled import seen_in_training


def make_training(
    steps: int = 4, rate: float = 3e-3, cases: list[PreparedCase] | None = None, precision: Precision = "float32"
) -> Training:
    seen = seen_in_training("consistency", boxes(3) if cases is None else cases, [])
    return tiny_training("consistency", seen, steps, rate, precision=precision, weight_averaging=0.5)


class Brightness(nn.Module):
    """Finds the label where the image is bright, at a level; the same whatever lies beside a voxel."""

    slice_axis = None

    def __init__(self, level: float) -> None:
        super().__init__()
        self.level = nn.Parameter(torch.tensor(level))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        found = 20 * (images - self.level)
        return torch.cat([-found, found], dim=1)


def mean_loss(network: nn.Module, images: torch.Tensor) -> float:
    objective, losses = Consistency(network, Recipe()), []
    for seed in range(6):
        torch.manual_seed(seed)
        losses.append(float(objective.loss(network, images, torch.zeros(0), contextlib.nullcontext).detach()))
    return float(np.mean(losses))


def test_what_was_warped_comes_back_to_its_place_and_what_left_the_patch_is_0():
    i, j, k = np.meshgrid(*(np.linspace(-1, 1, n) for n in (20, 24, 16)), indexing="ij")
    smooth = torch.from_numpy(np.stack([i + 2 * j - k, k])[None]).float().repeat(2, 1, 1, 1, 1)
    matrix = random_affine(2, np.random.default_rng(1))
    back = warp_back(warp(smooth, matrix), matrix)
    inner = (slice(None), slice(None), slice(4, 16), slice(4, 20), slice(4, 12))
    assert not torch.allclose(warp(smooth, matrix)[inner], smooth[inner], atol=0.05)
    torch.testing.assert_close(back[inner], smooth[inner], atol=0.02, rtol=0)
    far = torch.eye(4)[None].repeat(2, 1, 1)
    far[:, 0, 3] = 1.0  # by half of the patch along I
    assert (warp_back(warp(smooth + 9, far), far)[:, :, :8] == 0).all()


def test_an_affine_map_moves_along_the_axes_of_the_image_and_not_along_others():
    image = torch.zeros(1, 1, 8, 8, 8)
    image[0, 0, 2, 5, 6] = 1
    by_a_voxel = torch.eye(4)[None].clone()
    by_a_voxel[0, 1, 3] = 2 / 8  # the place that is shown lies one voxel further along J
    moved = warp(image, by_a_voxel)
    assert moved[0, 0, 2, 4, 6] == pytest.approx(1) and moved.sum() == pytest.approx(1)


def test_a_map_for_a_2d_network_leaves_each_slice_where_it_is():
    matrix = random_affine(5, np.random.default_rng(0), slice_axis=1)
    assert torch.equal(matrix[:, 1, :], torch.eye(4)[1].expand(5, 4))
    assert torch.equal(matrix[:, :3, 1], torch.eye(3)[:, 1].expand(5, 3))
    assert not torch.equal(matrix[:, 0, 2], torch.zeros(5))


@pytest.mark.parametrize(
    ("first", "second", "dice"),
    [((1, 0), (1, 0), 1), ((0.5, 0.5), (0.5, 0.5), 1), ((1, 0), (0, 1), 0), ((0, 0), (0, 0), 1), ((1, 1), (1, 0), 0.8)],
)
def test_the_soft_dice_is_1_where_both_are_alike_whatever_their_values(first, second, dice):
    one, other = (torch.tensor(values, dtype=torch.float32).view(1, 1, 2, 1, 1) for values in (first, second))
    assert float(soft_dice(one, other)) == pytest.approx(dice)


def test_a_network_that_follows_brightness_is_told_of_a_new_appearance_and_one_that_finds_nothing_is_not():
    images = torch.from_numpy(np.stack([case.image for case in boxes(2)]))
    assert mean_loss(Brightness(1.0), images) > 0.1
    assert mean_loss(Brightness(100.0), images) == 0


def test_a_new_appearance_changes_every_channel_unless_chance_spares_it():
    images = torch.randn(2, 2, *SIZE)
    changed = new_appearances(images, np.random.default_rng(0))
    assert all(not torch.equal(changed[b, c], images[b, c]) for b in range(2) for c in range(2))
    assert torch.equal(new_appearances(images, np.random.default_rng(0), chance=0.0), images)


def test_labels_are_neither_kept_nor_looked_at():
    cases = boxes(3)
    assert all(case.classes is None and case.own_classes is None for case in seen_in_training("consistency", cases, []))
    other = [replace(case, classes=1 - case.classes) for case in cases]
    one, two = make_training(2, cases=cases), make_training(2, cases=other)
    one.run(), two.run()
    assert one.progress.losses == two.progress.losses


def test_two_views_become_more_alike_by_training():
    training = make_training(steps=30, rate=1e-2)
    training.run()
    losses = training.progress.losses
    assert np.mean(losses[-6:]) < np.mean(losses[:6])


def test_a_killed_training_goes_on_bit_for_bit():
    assert_goes_on(make_training, 2)


def test_it_trains_in_half_precision_as_in_full():
    half, full = make_training(precision="bfloat16"), make_training()
    half.run(), full.run()
    assert np.allclose(half.progress.losses, full.progress.losses, rtol=0.2, atol=0.05)


def test_batch_normalisation_remembers_the_scans_and_no_new_appearance():
    norm = nn.BatchNorm3d(1).train()
    with statistics_kept(norm):
        seen = norm(torch.randn(2, 1, 4, 4, 4) * 3 + 5)
    assert norm.running_mean == 0 and norm.num_batches_tracked == 0 and abs(float(seen.mean().detach())) < 1e-4
    norm(torch.full((2, 1, 4, 4, 4), 5.0))
    assert norm.running_mean > 0 and norm.num_batches_tracked == 1
