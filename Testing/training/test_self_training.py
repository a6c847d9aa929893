"""Self-training: what is trusted, what leaves the loss, when pseudo-labels begin, and that a killed training goes on."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_trainings import NETWORK, SIZE, assert_goes_on, boxes, tiny_training
from torch import nn

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.inference.copies import shifted
from TransferSegLib.networks import build
from TransferSegLib.networks.execution import Precision
from TransferSegLib.training.augmentation import Augmentation
from TransferSegLib.training.loop import Training
from TransferSegLib.training.objectives import Segmentation
from TransferSegLib.training.patches import PairedSampler
from TransferSegLib.training.recipes import Recipe
from TransferSegLib.training.self_training import SelfTraining, loss_where_trusted
from TransferSegLib.training.unlabelled import seen_in_training, without_labels


def make_cases(count: int = 4) -> list[PreparedCase]:
    """Every other one without labels."""
    return [without_labels(case) if n % 2 else case for n, case in enumerate(boxes(count))]


def make_training(
    steps: int = 8, cases: list[PreparedCase] | None = None, batch: int = 2, precision: Precision = "float32"
) -> Training:
    seen = make_cases() if cases is None else cases
    return tiny_training("pseudo-labels", seen, steps, batch=batch, precision=precision)


class Fixed(nn.Module):
    """Gives the same logits whatever it sees."""

    slice_axis = None
    regions = None

    def __init__(self, logits: torch.Tensor) -> None:
        super().__init__()
        self.logits = nn.Parameter(logits)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.logits.expand(len(images), *self.logits.shape[1:])

    def forward_supervised(self, images: torch.Tensor) -> list[torch.Tensor]:
        return [self(images)]


def loss_of(objective: SelfTraining, network: nn.Module, images: torch.Tensor, classes: torch.Tensor) -> float:
    torch.manual_seed(1)
    return float(objective.loss(network, images, classes, contextlib.nullcontext).detach())


def test_voxels_that_are_not_trusted_leave_the_loss():
    torch.manual_seed(0)
    logits, wanted = torch.randn(2, 3, 4, 4, 4), torch.randint(0, 3, (2, 4, 4, 4))
    trusted = torch.rand(2, 4, 4, 4) > 0.5
    other = torch.where(trusted[:, None], logits, 7 * torch.randn_like(logits))
    assert loss_where_trusted(logits, wanted, trusted) == pytest.approx(
        float(loss_where_trusted(other, wanted, trusted))
    )
    changed = torch.where(trusted, wanted, (wanted + 1) % 3)
    assert loss_where_trusted(logits, changed, trusted) == pytest.approx(
        float(loss_where_trusted(logits, wanted, trusted))
    )
    assert loss_where_trusted(logits, wanted, torch.zeros_like(trusted)) == 0


def test_the_loss_of_pseudo_labels_is_cross_entropy_and_dice_by_hand():
    logits = torch.tensor([[0.0, 0.0], [2.0, -2.0]]).view(1, 2, 2, 1, 1)
    wanted, trusted = torch.tensor([1, 0]).view(1, 2, 1, 1), torch.ones(1, 2, 1, 1, dtype=torch.bool)
    p, q = 1 / (1 + np.exp(-2.0)), 1 / (1 + np.exp(2.0))  # of the label, in either voxel
    expected = (-np.log(p) - np.log(1 - q)) / 2 + 1 - 2 * p / (p + q + 1)
    assert float(loss_where_trusted(logits, wanted, trusted)) == pytest.approx(expected, rel=1e-5)


def test_a_shift_moves_along_the_axis_repeats_the_edge_and_comes_back():
    images = torch.arange(24.0).view(1, 1, 4, 3, 2)
    assert torch.equal(shifted(images, (1, 0, 0))[:, :, 1:], images[:, :, :-1])
    assert torch.equal(shifted(images, (1, 0, 0))[:, :, 0], images[:, :, 0])
    assert torch.equal(shifted(shifted(images, (0, -1, 0)), (0, 1, 0))[:, :, :, 1:], images[:, :, :, 1:])


def test_where_the_copies_disagree_nothing_is_trusted():
    half = torch.zeros(1, 2, *SIZE)
    half[:, 1, : SIZE[0] // 2], half[:, 0, SIZE[0] // 2 :] = 5.0, 5.0
    objective = SelfTraining(Fixed(half), Recipe())
    shifts = iter([[2, 0, 0]])
    rng = type("Rng", (), {"integers": lambda self, *a: next(shifts)})()
    wanted, trusted = objective.pseudo_labels(Fixed(half), torch.zeros(1, 1, *SIZE), rng, contextlib.nullcontext)
    # The copy was moved by two voxels, and the network finds the label where it is all the same.
    edge = SIZE[0] // 2
    assert trusted[:, : edge - 2].all() and trusted[:, edge:].all() and not trusted[:, edge - 2 : edge].any()
    assert (wanted[:, : edge - 2] == 1).all() and (wanted[:, edge:] == 0).all()


def test_labels_alone_count_in_the_first_quarter_and_pseudo_labels_in_full_from_the_middle():
    objective = SelfTraining(build(NETWORK.name, 1, 2, NETWORK.arguments), Recipe())
    assert objective.share == 1
    objective.follow(nn.Identity(), 100)
    shares = {}
    for done in (0, 25, 30, 50, 99):
        objective.done = done
        shares[done] = pytest.approx(objective.share)
    assert shares == {0: 0, 25: 0, 30: 0.2, 50: 1, 99: 1}


def test_patches_with_labels_have_the_recipes_loss_and_others_none_before_their_turn():
    torch.manual_seed(3)
    network = Fixed(torch.randn(1, 2, *SIZE))
    images, classes = torch.randn(2, 1, *SIZE), torch.randint(0, 2, (2, 1, *SIZE)).short()
    classes[1] = -1
    objective = SelfTraining(network, Recipe())
    objective.follow(network, 100)
    alone = Segmentation(network, Recipe()).loss(network, images[:1], classes[:1].byte(), contextlib.nullcontext)
    assert loss_of(objective, network, images, classes) == pytest.approx(float(alone.detach()))
    assert loss_of(objective, network, images[1:], classes[1:]) == 0
    objective.done = 60
    assert loss_of(objective, network, images, classes) > float(alone.detach())


def test_the_teacher_is_the_average_of_the_weights_and_not_the_network_that_is_trained():
    training = make_training(steps=4)
    training.run()
    assert training.step.objective.teacher is training.average.module
    teacher = Fixed(torch.stack([-torch.ones(SIZE), torch.ones(SIZE)])[None] * 5)
    objective = training.step.objective
    objective.teacher = teacher
    wanted, trusted = objective.pseudo_labels(
        training.plan.network, torch.zeros(1, 1, *SIZE), np.random.default_rng(0), contextlib.nullcontext
    )
    assert (wanted == 1).all() and trusted.all()


def test_patches_with_and_without_labels_take_turns_whatever_the_size_of_the_batch():
    cases = make_cases(3)  # two with labels, one without
    sampler = PairedSampler(cases, SIZE, Augmentation.named("none"), 0)
    _, pairs = sampler.batch(0, 4)
    assert [int(one.min()) < 0 for one in pairs] == [False, True, False, True] and pairs.dtype == np.int16
    assert (pairs[1] == -1).all() and pairs[0].max() == 1
    assert [int(sampler.batch(step, 1)[1].min()) < 0 for step in range(4)] == [False, True, False, True]
    images, _ = sampler.batch(3, 4)
    assert np.array_equal(images[1], cases[1].image)


def test_labels_of_images_alone_are_neither_kept_nor_looked_at():
    own, others = make_cases()[::2], [replace(case, classes=np.ones(SIZE, np.uint8)) for case in make_cases()[1::2]]
    seen = seen_in_training("pseudo-labels", own, others)
    assert [case.classes is None for case in seen] == [False, False, True, True]
    assert seen_in_training("labels", own, others) == own


@pytest.mark.parametrize("batch", [1, 2])
def test_a_killed_training_goes_on_bit_for_bit(batch):
    assert_goes_on(lambda: make_training(batch=batch), 5)


def test_scans_without_labels_change_what_is_learned():
    with_scans, without = make_training(), make_training(cases=make_cases()[::2] + [make_cases()[1]] * 2)
    with_scans.run(), without.run()
    assert with_scans.progress.losses[:2] == without.progress.losses[:2]  # the first quarter: labels alone
    assert with_scans.progress.losses[4:] != without.progress.losses[4:]


def test_it_trains_in_half_precision_as_in_full():
    half, full = make_training(precision="bfloat16", steps=16), make_training(steps=16)
    half.run(), full.run()
    assert np.allclose(half.progress.losses, full.progress.losses, rtol=0.2)
