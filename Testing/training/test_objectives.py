"""What is taught beside segmentation: the losses, what they ask for, and that a killed training goes on bit for bit."""

from __future__ import annotations

import copy
import io

import numpy as np
import pytest
import torch
from tiny_networks import TINY, patch_of

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.core.card import CardNetwork
from TransferSegLib.core.grid import Grid
from TransferSegLib.networks import build
from TransferSegLib.networks.execution import ExecutionConfig
from TransferSegLib.training.loop import RunSettings, Training
from TransferSegLib.training.objectives import Autoencoding, Classification, labels_held, objective_for
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.training.recipes import Recipe
from TransferSegLib.transfer.plan import TransferPlan, trainable_everywhere

SIZE = (16, 16, 16)
CHANNELS, LABELS = 2, 3
NETWORKS = {
    "monai-unet": {"channels": (4, 8, 8), "strides": (2, 2)},
    "segnet": {"channels": (2, 4, 4), "layers": (1, 1, 1)},
}
TASKS = ("autoencoding", "classification")


def make_cases(labelled: bool = True) -> list[PreparedCase]:
    rng = np.random.default_rng(0)
    cases = []
    for n in range(3):
        classes = np.zeros(SIZE, np.uint8)
        classes[4:12, 4:12, 2:6] = 1
        classes[5:10, 3 + n : 12, 9:13] = 2
        image = rng.normal(np.stack([classes, 1.0 - classes]), 0.2).astype(np.float32)
        grid = Grid.from_spacing(SIZE, (1, 1, 1))
        cases.append(PreparedCase(f"c{n}", image, classes if labelled else None, grid, (1.0, 1.0, 1.0)))
    return cases


def make_training(task: str, network: str = "monai-unet", steps: int = 4, cases=None) -> Training:
    torch.manual_seed(2)
    outputs = CHANNELS if task == "autoencoding" else 1
    built = build(network, CHANNELS, outputs, NETWORKS[network])
    plan = TransferPlan("by hand", built, CardNetwork(network, NETWORKS[network]), trainable_everywhere(built, 3e-3))
    plan.prepare()
    settings = RunSettings(steps, 2, SIZE, ExecutionConfig("cpu"), seed=3)
    options = TrainingOptions(augment="light", lr_schedule="constant")
    objective = objective_for(task, CHANNELS, LABELS, seed=3)
    return Training(plan, cases or make_cases(), options, settings, objective=objective)


def same(a: dict, b: dict) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("network", ["monai-unet", "segnet"])
def test_a_killed_training_of_a_source_task_goes_on_bit_for_bit(task, network):
    whole = make_training(task, network)
    whole.run()
    first, kept = make_training(task, network), io.BytesIO()

    def stop(progress) -> bool:
        if progress.step == 2:
            torch.save(first.state(), kept)
        return progress.step < 2

    first.run(stop)
    kept.seek(0)
    second = make_training(task, network)
    second.restore(torch.load(kept, weights_only=True))
    second.run()
    assert same(whole.plan.network.state_dict(), second.plan.network.state_dict())
    assert whole.progress == second.progress
    ended, again = whole.step.objective.state(), second.step.objective.state()
    for part in ("discriminator",) if task == "autoencoding" else ("block",):
        assert same(ended[part], again[part])


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("name", TINY)
def test_every_network_is_taught_every_source_task_through_its_encoder(task, name):
    torch.manual_seed(0)
    network = build(name, CHANNELS, CHANNELS if task == "autoencoding" else 1, TINY[name])
    objective = objective_for(task, CHANNELS, LABELS, seed=0)(network, Recipe())
    patch = patch_of(network)
    classes = torch.randint(0, LABELS + 1, (2, 1, *patch), dtype=torch.uint8)
    loss = objective.loss(network.train(), torch.rand(2, CHANNELS, *patch), classes, ExecutionConfig("cpu").autocast)
    loss.backward()
    objective.update()
    encoder = [m for stage in network.stages() if stage.part in ("encoder", "bottleneck") for m in stage.modules]
    gradients = [p.grad for m in encoder for p in network.get_submodule(m).parameters() if p.grad is not None]
    assert torch.isfinite(loss) and any(gradient.abs().sum() > 0 for gradient in gradients)


@pytest.mark.parametrize("task", TASKS)
def test_the_loss_falls(task):
    training = make_training(task, steps=40)
    training.run()
    losses = training.progress.losses
    assert np.mean(losses[-5:]) < 0.75 * np.mean(losses[:5])


def test_auto_encoding_needs_no_labels_and_is_not_changed_by_them():
    with_labels, without = (
        make_training("autoencoding", cases=make_cases(labelled), steps=1) for labelled in (True, False)
    )
    images, _ = without.sampler.batch(0, 2)
    losses = [t.step.run(torch.from_numpy(images), torch.zeros(2, 1, *SIZE), 1.0) for t in (with_labels, without)]
    assert losses[0] == losses[1]
    assert without.run() is without.plan.network


def test_nothing_passes_by_the_encoder_through_skip_connections():
    torch.manual_seed(0)
    network = build("monai-unet", 1, 1, NETWORKS["monai-unet"])
    objective = Autoencoding(network, Recipe(), 1, seed=0)
    seen = []
    decode = network.decode
    network.decode = lambda features: seen.append(features) or decode(features)
    objective.loss(network, torch.rand(1, 1, *SIZE), torch.zeros(1, 1, *SIZE), ExecutionConfig("cpu").autocast)
    assert all(not skip.any() for skip in seen[0].skips) and seen[0].bottleneck.any()


def test_the_two_losses_of_auto_encoding_have_the_shares_of_the_paper():
    torch.manual_seed(0)
    network = build("monai-unet", 1, 1, NETWORKS["monai-unet"])
    objective = Autoencoding(network, Recipe(), 1, seed=0)
    for parameter in objective.discriminator.parameters():
        torch.nn.init.zeros_(parameter)  # It says "half and half" of everything: log 2.
    network.decode = lambda features: torch.full((1, 1, *SIZE), 0.5)
    loss = objective.loss(network, torch.zeros(1, 1, *SIZE), torch.zeros(1, 1, *SIZE), ExecutionConfig("cpu").autocast)
    assert float(loss) == pytest.approx(0.996 * 0.5 + 0.004 * np.log(2))


def test_the_discriminator_learns_only_in_its_own_step():
    torch.manual_seed(0)
    network = build("monai-unet", 1, 1, NETWORKS["monai-unet"])
    objective = Autoencoding(network, Recipe(), 1, seed=0)
    before = copy.deepcopy(objective.discriminator.state_dict())
    objective.loss(
        network, torch.rand(1, 1, *SIZE), torch.zeros(1, 1, *SIZE), ExecutionConfig("cpu").autocast
    ).backward()
    assert same(before, objective.discriminator.state_dict())
    assert all(p.grad is None for p in objective.discriminator.parameters())
    encoder = {name: p.grad.clone() for name, p in network.named_parameters() if p.grad is not None}
    objective.update()
    assert not same(before, objective.discriminator.state_dict())
    assert all(torch.equal(grad, network.get_parameter(name).grad) for name, grad in encoder.items())


@pytest.mark.parametrize(("axis", "slabs"), [(2, 4), (0, 8), (1, 1)])
def test_a_slab_holds_the_labels_of_any_of_its_slices(axis, slabs):
    classes = torch.zeros(2, 1, 8, 8, 8, dtype=torch.uint8)
    classes[0, 0, 1, 2, 3] = 1
    classes[1, 0, 6, 5, 7] = 3
    held = labels_held(classes, axis, slabs, labels=3).unflatten(0, (2, slabs))
    expected = torch.zeros(2, slabs, 3)
    thick = 8 // slabs
    expected[0, (1, 2, 3)[axis] // thick, 0] = 1
    expected[1, (6, 5, 7)[axis] // thick, 2] = 1
    assert torch.equal(held, expected)


def test_the_block_of_a_narrow_bottleneck_is_that_of_the_paper_and_stays_as_small_for_wide_ones():
    narrow = build("monai-unet", 1, 1, {"channels": (2, 4), "strides": (2,)})
    wide = build("monai-unet", 1, 1, {"channels": (4, 128), "strides": (2,)})
    first, second = (Classification(n, Recipe(), 1, LABELS, seed=0).block.hidden for n in (narrow, wide))
    assert (first.in_features, first.out_features) == (16 * 16 * 4, 2048)
    assert second.in_features <= first.in_features
