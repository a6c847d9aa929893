"""A frozen encoder looks at each batch once, and the training is none the worse for it."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from test_loop import LIGHT, SIZE, make_cases, make_plan, make_training, same, through_a_file

from TransferSegLib.core.card import CardNetwork
from TransferSegLib.networks import build
from TransferSegLib.networks.execution import ExecutionConfig
from TransferSegLib.training import frozen
from TransferSegLib.training.frozen import FrozenEncoder, encode, encoder_is_frozen
from TransferSegLib.training.loop import RunSettings, Training
from TransferSegLib.transfer.plan import TransferPlan, trainable_in

DEEP = {"channels": (4, 8, 8), "strides": (2, 2), "norm": "BATCH"}


def plan_of(name: str, arguments: dict, *parts: str) -> TransferPlan:
    torch.manual_seed(0)
    network = build(name, 1, 3, arguments)
    plan = TransferPlan("by hand", network, CardNetwork(name, arguments), trainable_in(network, parts, 1e-3))
    plan.prepare()
    return plan


def count_encodes(plan: TransferPlan) -> list[int]:
    calls: list[int] = []
    encoder = plan.network.encode
    plan.network.encode = lambda x: calls.append(len(x)) or encoder(x)  # type: ignore[method-assign]
    return calls


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("head",), True),
        (("decoder", "head"), True),
        (("bottleneck", "decoder", "head"), False),
        (("encoder", "head"), False),
        ((), False),
    ],
)
def test_only_a_plan_that_moves_nothing_up_to_the_bottleneck_has_a_frozen_encoder(parts, expected):
    assert encoder_is_frozen(plan_of("monai-unet", DEEP, *parts)) is expected


@pytest.mark.parametrize(
    ("given", "kept"), [({}, True), ({"sampling": "grid"}, False), ({"patches_per_epoch": 2}, False)]
)
def test_where_patches_have_to_cover_the_cases_each_step_has_new_ones(given, kept):
    assert (make_training(plan=make_plan(frozen=True), options=replace(LIGHT, **given)).frozen is not None) == kept


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("monai-unet", DEEP), ("mecheter2023", {"channels": [4, 4, 4, 4]}), ("ratlesnetv2", {"filters": 4})],
)
def test_a_network_gives_the_same_logits_from_any_frozen_beginning(name, arguments):
    plan = plan_of(name, arguments, "head")
    x = torch.randn(2, 1, 16, 16, 16)
    kept = encode(plan, ExecutionConfig("cpu"), x)
    plan.network.eval()
    with torch.no_grad():
        torch.testing.assert_close(plan.network.decode(kept), plan.network(x), rtol=0, atol=1e-6)
    if name != "ratlesnetv2":  # which does not offer to begin later
        assert len(kept.skips) + len(kept.indices) == (1 if name == "monai-unet" else 0)


def test_each_batch_is_encoded_once_and_seen_again_in_the_same_order(monkeypatch):
    monkeypatch.setattr(frozen, "MOST_BATCHES", 3)
    monkeypatch.setattr(frozen, "FEWEST_BATCHES", 2)
    plan = make_plan(frozen=True)
    calls = count_encodes(plan)
    training = make_training(steps=8, plan=plan)
    training.run()
    assert training.progress.step == 8
    assert len(calls) == 3


def test_a_training_whose_features_do_not_fit_encodes_every_step(monkeypatch):
    monkeypatch.setattr(frozen, "KEPT_BYTES", 1000)
    plan = make_plan(frozen=True)
    calls = count_encodes(plan)
    make_training(steps=5, plan=plan).run()
    assert len(calls) == 5 + 2  # one to see how large the features are, one to try the network that is left


def test_with_kept_features_the_weights_are_those_of_a_training_without(monkeypatch):
    kept, plain = (make_training(steps=5, plan=make_plan(frozen=True)) for _ in range(2))
    plain.frozen = None
    assert same(kept.run().state_dict(), plain.run().state_dict())


def test_resuming_in_a_later_round_ends_with_the_same_weights(monkeypatch):
    monkeypatch.setattr(frozen, "MOST_BATCHES", 2)
    monkeypatch.setattr(frozen, "FEWEST_BATCHES", 2)
    whole = make_training(steps=7, plan=make_plan(frozen=True))
    whole.run()
    resumed = make_training(steps=7, plan=make_plan(frozen=True))
    state: dict = {}
    again = make_training(steps=7, plan=make_plan(frozen=True))

    def remember(progress) -> bool:
        if progress.step == 4:
            state.update(through_a_file(again.state()))
        return progress.step < 4

    again.run(remember)
    resumed.restore(state)
    resumed.run()
    assert same(whole.plan.network.state_dict(), resumed.plan.network.state_dict())


def test_a_batch_of_one_is_repeated_before_it_is_encoded():
    plan = make_plan(frozen=True)
    calls = count_encodes(plan)
    settings = RunSettings(2, 1, SIZE, ExecutionConfig("cpu", copies=2), seed=3)
    Training(plan, make_cases(), LIGHT, settings).run()
    assert set(calls) == {2}


def test_features_are_computed_without_gradients_and_leave_the_statistics_alone():
    plan = make_plan(frozen=True)
    before = {k: v.clone() for k, v in plan.network.state_dict().items() if "running" in k}
    batch = torch.randn(2, 1, *SIZE), torch.zeros(2, 1, *SIZE, dtype=torch.uint8)
    features, _ = FrozenEncoder(plan, ExecutionConfig("cpu"), lambda number: batch)(0)
    assert not features.bottleneck.requires_grad
    after = plan.network.state_dict()
    assert before
    encoder = [k for k in before if k.startswith("net.model.0")]
    assert encoder
    assert all(torch.equal(before[k], after[k]) for k in encoder)
