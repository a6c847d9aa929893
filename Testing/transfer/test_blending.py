"""Weights between the source's and the adapted ones: which values are blended, and when a share is taken."""

from __future__ import annotations

import pytest
import torch
from tiny_networks import TINY
from torch import nn

from TransferSegLib.core.card import CardLabel, CardNetwork, ModelCard
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.networks import build
from TransferSegLib.transfer.blending import beginning_of, blend, can_blend, share_of_trained_cases
from TransferSegLib.transfer.plan import Transfer, TransferPlan
from TransferSegLib.transfer.strategies import make_plan

BATCH = {"monai-unet": {"norm": "BATCH"}, "nnunet-plain": {"norm": "batch"}}
SAME = LabelTask(("a", "b"), (1, 2), {1: 1, 2: 2}, ((0,), (1,), (2,)))
# The source's `b` is not wanted, `c` is new.
OTHER = LabelTask(("a", "c"), (1, 3), {1: 1, 3: 2}, ((0,), (1,), ()))


def plan_of(strategy: str = "open", task: LabelTask = SAME, network: str = "monai-unet", **options) -> TransferPlan:
    card = CardNetwork(network, TINY[network] | BATCH.get(network, {}))
    torch.manual_seed(1)
    source = build(card.name, 1, 3, card.arguments)
    described = ModelCard(
        2, "source", "Source", "", "mr", "", (CardLabel(1, "a"), CardLabel(2, "b")), ("T1w",), card,
        Preprocessing((1.0, 1.0, 1.0)), (16, 16, 16), "", "CC0-1.0", "",
    )  # fmt: skip
    return make_plan(Transfer(described, source.state_dict(), task, ((0,),)), strategy, options)


def changed(network: nn.Module) -> dict[str, torch.Tensor]:
    """The state of a network after every number in it was changed."""
    torch.manual_seed(2)
    state = network.state_dict()
    return {k: v + torch.rand_like(v) + 1 if v.is_floating_point() else v + 7 for k, v in state.items()}


@pytest.mark.parametrize("network", [name for name in TINY if name != "vnet"])
def test_what_was_carried_over_lies_between_running_statistics_too_and_whole_numbers_stay_adapted(network):
    plan = plan_of(network=network)
    source, adapted = plan.network.state_dict(), changed(plan.network)
    blended = blend(source, adapted, 0.25, plan.mapping)
    assert blended.keys() == adapted.keys()
    for name, value in blended.items():
        if value.is_floating_point():
            torch.testing.assert_close(value, 0.75 * source[name] + 0.25 * adapted[name])
        else:
            assert torch.equal(value, adapted[name])


def test_the_ends_are_the_source_and_the_adapted_weights_bit_for_bit():
    plan = plan_of()
    source, adapted = plan.network.state_dict(), changed(plan.network)
    ends = blend(source, adapted, 0.0, plan.mapping), blend(source, adapted, 1.0, plan.mapping)
    for name, value in source.items():
        assert torch.equal(ends[0][name], value if value.is_floating_point() else adapted[name])
        assert torch.equal(ends[1][name], adapted[name])


def test_rows_of_a_new_class_stay_as_adapted_and_those_of_a_carried_one_are_blended():
    plan = plan_of(task=OTHER)
    source, adapted = plan.network.state_dict(), changed(plan.network)
    blended = blend(source, adapted, 0.5, plan.mapping)
    assert len(plan.mapping.fresh) > 0
    for name, new in plan.mapping.fresh.items():
        assert new.any() and not new.all()
        assert torch.equal(blended[name][new], adapted[name][new])
        torch.testing.assert_close(blended[name][~new], (source[name] + adapted[name])[~new] / 2)


@pytest.mark.parametrize(("strategy", "options"), [("encoder-transfer", {}), ("hybrid", {"decoder": "new"})])
def test_layers_that_a_strategy_draws_anew_stay_as_adapted(strategy, options):
    plan = plan_of(strategy, **options)
    source, adapted = plan.network.state_dict(), changed(plan.network)
    blended = blend(source, adapted, 0.5, plan.mapping)
    status = {entry.name: entry.status for entry in plan.mapping.entries}
    same = {name for name, value in blended.items() if torch.equal(value, adapted[name])}
    new = {name for name, found in status.items() if found == "new"}
    assert new and new <= same
    assert any(name not in same and status[name] == "loaded" for name in blended)


def test_a_larger_network_knows_the_new_rows_by_its_own_names():
    plan = plan_of("hybrid", OTHER)
    fresh = set(plan.mapping.fresh)
    assert fresh and all(name.startswith("dedicated.") for name in fresh)
    assert fresh <= plan.network.state_dict().keys()


def test_what_adapters_add_is_taken_by_its_share():
    plan = plan_of("lora", rank=2)
    beginning = beginning_of(plan)
    with torch.no_grad():
        for name, tensor in plan.network.named_parameters():
            if name.endswith(".up"):
                tensor.add_(1)
    plan = plan.finish()
    adapted = plan.network.state_dict()
    assert beginning.keys() == adapted.keys()
    blended = blend(beginning, adapted, 0.5, plan.mapping)
    moved = [name for name in adapted if not torch.equal(adapted[name], beginning[name])]
    assert moved
    for name in moved:
        torch.testing.assert_close(blended[name], (beginning[name] + adapted[name]) / 2)


@pytest.mark.parametrize(("strategy", "can"), [("open", True), ("scratch", False), ("random-encoder", False)])
def test_there_must_be_weights_of_the_source(strategy, can):
    assert can_blend(plan_of(strategy).mapping) is can


@pytest.mark.parametrize(
    ("dice", "expected"),
    [
        ({0.0: 0.80, 0.5: 0.88, 0.75: 0.90, 1.0: 0.90}, 0.5),
        ({0.0: 0.80, 0.5: 0.85, 0.75: 0.88, 1.0: 0.90}, 0.75),
        ({0.0: 0.80, 0.5: 0.20, 0.75: 0.70, 1.0: 0.90}, 1.0),
        ({0.0: 0.80, 0.5: 0.95, 0.75: 0.0, 1.0: 0.90}, 0.5),
        ({0.0: 0.40, 0.5: 0.95, 0.75: 0.95, 1.0: 0.90}, 1.0),
    ],
    ids=["sound half-way", "sound later", "a valley", "better than adapted", "a source that knew nothing"],
)
def test_of_trained_cases_the_smallest_sound_share_is_taken(dice, expected):
    chosen, looked_at = share_of_trained_cases(dice.__getitem__)
    assert chosen == expected
    assert looked_at.items() <= dice.items() and looked_at.keys() >= {expected, 0.0, 1.0}
