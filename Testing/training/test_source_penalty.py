"""L2-SP: carried weights are pulled towards the source's, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.core.card import CardLabel, CardNetwork, ModelCard
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.networks import build
from TransferSegLib.networks.execution import ExecutionConfig
from TransferSegLib.networks.low_rank import merged
from TransferSegLib.training.loop import RunSettings, Training
from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.training.source_penalty import SourcePenalty
from TransferSegLib.transfer.plan import Transfer, TransferPlan
from TransferSegLib.transfer.strategies import make_plan

SIZE = (16, 16, 16)
NETWORK = CardNetwork("monai-unet", {"channels": (4, 8), "strides": (2,)})
SAME = LabelTask(("a",), (1,), {1: 1}, ((0,), (1,)))
# `b` is new.
MORE = LabelTask(("a", "b"), (1, 2), {1: 1, 2: 2}, ((0,), (1,), ()))


def plan_of(strategy: str, task: LabelTask = SAME, **options: object) -> TransferPlan:
    card = ModelCard(
        format=1,
        name="source",
        title="",
        description="",
        modality="t1w",
        body_part="head",
        labels=(CardLabel(1, "a"),),
        channels=("T1",),
        network=NETWORK,
        preprocessing=Preprocessing(None),
        patch_size=SIZE,
        trained_on="",
        licence="",
        citation="",
    )
    torch.manual_seed(11)
    state = build(NETWORK.name, 1, 2, NETWORK.arguments).state_dict()
    return make_plan(Transfer(card, state, task, ((0,),)), strategy, options)


def moved(plan: TransferPlan) -> dict[str, Tensor]:
    """Move every parameter a little, and give those that are trained a gradient of 0; the effective weights before."""
    before = {name: value.clone() for name, value in merged(plan.network.state_dict()).items()}
    torch.manual_seed(2)
    for parameter in plan.network.parameters():
        if parameter.requires_grad:
            parameter.data += torch.randn_like(parameter)
            parameter.grad = torch.zeros_like(parameter)
    return before


def loss_of(plan: TransferPlan, before: dict[str, Tensor], strength: float, names: set[str]) -> Tensor:
    """Half of `strength` times the squared distance of the layers' effective weights, by the equation of the paper."""
    total = torch.zeros(())
    for name in names:
        layer, _, own = name.rpartition(".")
        total = total + (getattr(plan.network.get_submodule(layer), own) - before[name]).square().sum()
    return strength / 2 * total


@pytest.mark.parametrize(
    ("strategy", "options"), [("open", {}), ("lora", {"rank": 2}), ("conservative", {"layers": 2})]
)
def test_the_gradient_is_that_of_the_papers_equation(strategy, options):
    plan = plan_of(strategy, **options)
    penalty = SourcePenalty(plan, 0.3)
    before = moved(plan)
    penalty.add_gradient()
    found = {name: p.grad.clone() for name, p in plan.network.named_parameters() if p.requires_grad}
    for parameter in plan.network.parameters():
        parameter.grad = None
    loss_of(plan, before, 0.3, set(before)).backward()
    assert found
    for name, parameter in plan.network.named_parameters():
        if parameter.requires_grad:
            torch.testing.assert_close(found[name], parameter.grad, msg=name)


def test_rows_of_a_new_label_and_new_layers_are_not_pulled():
    plan = plan_of("open", MORE)
    penalty = SourcePenalty(plan, 1.0)
    moved(plan)
    penalty.add_gradient()
    head = dict(plan.network.named_parameters())["net.model.2.1.conv.unit0.conv.weight"].grad
    assert head is not None
    assert (head[:2, :2] != 0).all() and (head[2] == 0).all() and (head[:2, 2] == 0).all()
    new = plan_of("encoder-transfer")
    penalty = SourcePenalty(new, 1.0)
    moved(new)
    penalty.add_gradient()
    for name, parameter in new.network.named_parameters():
        assert bool((parameter.grad != 0).any()) == (name.rpartition(".")[0] not in new.new_layers), name


@pytest.mark.parametrize(("strategy", "strength"), [("scratch", 1.0), ("open", 0.0)])
def test_without_a_source_or_without_strength_nothing_is_pulled(strategy, strength):
    plan = plan_of(strategy)
    penalty = SourcePenalty(plan, strength)
    moved(plan)
    penalty.add_gradient()
    assert not any(p.grad.any() for p in plan.network.parameters() if p.grad is not None)


def training_of(strategy: str, steps: int = 4, **options: object) -> Training:
    rng = np.random.default_rng(5)
    classes = np.zeros(SIZE, np.uint8)
    classes[4:12, 4:12, 4:12] = 1
    image = rng.normal(classes[None], 0.3, (1, *SIZE)).astype(np.float32)
    case = PreparedCase("a", image, classes, Grid.from_spacing(SIZE, (1, 1, 1)), (1.0, 1.0, 1.0))
    settings = RunSettings(steps, 2, SIZE, ExecutionConfig("cpu"), seed=0)
    # Of Adam's steps only the direction follows the penalty; with SGD so does their length.
    chosen = TrainingOptions(augment="none", optimizer="sgd", learning_rate=0.05, weight_averaging=0.0, **options)
    return Training(plan_of(strategy, rank=2) if strategy == "lora" else plan_of(strategy), [case], chosen, settings)


@pytest.mark.parametrize("strategy", ["open", "lora"])
def test_the_stronger_the_pull_the_nearer_the_weights_stay_to_the_sources(strategy):
    source = merged(plan_of(strategy).network.state_dict())
    distances = []
    for strength in (0.0, 3.0, 10.0):
        found = merged(training_of(strategy, 8, source_penalty=strength).run().state_dict())
        distances.append(float(sum((found[name] - source[name]).square().sum() for name in source)))
    assert distances[0] > distances[1] > distances[2] > 0


@pytest.mark.parametrize("strategy", ["open", "lora"])
def test_a_training_with_a_pull_goes_on_from_a_checkpoint_to_the_same_weights(strategy):
    whole = training_of(strategy, source_penalty=1.0).run().state_dict()
    stopped = training_of(strategy, source_penalty=1.0)
    stopped.run(lambda progress: progress.step < 2)
    resumed = training_of(strategy, source_penalty=1.0)
    resumed.restore(stopped.state())
    found = resumed.run().state_dict()
    assert all(torch.equal(found[name], value) for name, value in whole.items())
