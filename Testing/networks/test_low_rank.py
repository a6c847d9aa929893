"""Low-rank adapters: what a layer computes with one, and what becomes of it."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from TransferSegLib.networks.execution import ExecutionConfig
from TransferSegLib.networks.low_rank import add_adapters, merge_adapters, merged

LAYERS = {
    "conv3d": (lambda: nn.Conv3d(3, 5, 3, padding=1), (2, 3, 4, 4, 4)),
    "conv2d": (lambda: nn.Conv2d(3, 5, 3, stride=2), (2, 3, 8, 8)),
    "grouped": (lambda: nn.Conv3d(4, 8, 3, groups=4), (2, 4, 4, 4, 4)),
    "transposed": (lambda: nn.ConvTranspose3d(3, 5, 3, stride=2, output_padding=1), (2, 3, 4, 4, 4)),
    "transposed 2d": (lambda: nn.ConvTranspose2d(3, 5, 2, stride=2), (2, 3, 8, 8)),
    "linear": (lambda: nn.Linear(6, 5), (2, 6)),
}


def adapted(kind: str, rank: int = 2) -> tuple[nn.Sequential, torch.Tensor]:
    """A network of one layer with an adapter that has learned something, and an input."""
    torch.manual_seed(3)
    make, shape = LAYERS[kind]
    network = nn.Sequential(make())
    add_adapters(network, ["0"], rank, seed=0)
    nn.init.normal_(network[0].low_rank.up)
    return network, torch.randn(shape)


@pytest.mark.parametrize("kind", LAYERS)
def test_an_adapter_changes_nothing_before_it_has_learned(kind):
    torch.manual_seed(3)
    make, shape = LAYERS[kind]
    network, x = nn.Sequential(make()), torch.randn(shape)
    before = network(x)
    assert add_adapters(network, ["0"], 2, seed=0) == ["0.low_rank"]
    assert torch.equal(network(x), before)


@pytest.mark.parametrize("kind", LAYERS)
def test_a_merged_layer_computes_what_it_computed_with_its_adapter(kind):
    network, x = adapted(kind)
    plain_type = type(LAYERS[kind][0]())
    assert isinstance(network[0], plain_type) and type(network[0]) is not plain_type
    expected, state = network(x), merged(network.state_dict())
    assert merge_adapters(network)
    assert type(network[0]) is plain_type
    assert torch.equal(network(x), expected)
    assert state.keys() == network.state_dict().keys()
    assert all(torch.equal(state[key], value) for key, value in network.state_dict().items())
    assert not merge_adapters(network)


def test_an_adapter_of_a_convolution_is_a_thin_convolution_followed_by_one_of_a_single_voxel():
    network, x = adapted("conv3d")
    layer = network[0]
    thin = F.conv3d(x, layer.low_rank.down.view(2, 3, 3, 3, 3), padding=1)
    whole = F.conv3d(thin, layer.low_rank.up.view(5, 2, 1, 1, 1))
    plain = F.conv3d(x, dict(network.named_parameters())["0.weight"], layer.bias, padding=1)
    torch.testing.assert_close(network(x), plain + whole, rtol=1e-4, atol=1e-5)


def test_what_is_added_has_the_rank_that_was_asked_for_or_that_of_a_smaller_layer():
    for rank, found in ((2, 2), (8, 5)):
        network, _ = adapted("conv3d", rank)
        before = dict(network.named_parameters())["0.weight"]
        added = (network[0].weight - before).detach().flatten(1)
        assert torch.linalg.matrix_rank(added, rtol=1e-4) == found
        assert [p.shape for p in network[0].low_rank.parameters()] == [(5, found), (found, 81)]


def test_gradients_reach_the_adapter_alone_where_the_weight_is_frozen():
    network, x = adapted("conv3d")
    for name, parameter in network.named_parameters():
        parameter.requires_grad_("low_rank" in name)
    network(x).square().sum().backward()
    found = {name for name, p in network.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0}
    assert found == {"0.low_rank.up", "0.low_rank.down"}


def test_adapters_are_drawn_from_the_seed_and_leave_the_random_numbers_as_they_were():
    torch.manual_seed(4)
    expected = torch.rand(1)
    torch.manual_seed(4)
    first, again, other = (nn.Sequential(nn.Linear(6, 5)) for _ in range(3))
    torch.manual_seed(4)
    for network, seed in ((first, 0), (again, 0), (other, 1)):
        add_adapters(network, ["0"], 2, seed)
    assert torch.equal(torch.rand(1), expected)
    assert torch.equal(first[0].low_rank.down, again[0].low_rank.down)
    assert not torch.equal(first[0].low_rank.down, other[0].low_rank.down)


def test_copies_keep_the_memory_format_and_half_precision_computes_the_same_within_it():
    network, x = adapted("conv3d")
    expected = network(x)
    execution = ExecutionConfig("cpu", "bfloat16", channels_last=True)
    twin = execution.place(copy.deepcopy(network))
    assert twin[0].weight.is_contiguous(memory_format=torch.channels_last_3d)
    with execution.autocast():
        found = twin(execution.to_device(x))
    assert found.dtype == torch.bfloat16
    torch.testing.assert_close(found.float(), expected, rtol=0.05, atol=0.2)
    state = {key: value.clone() for key, value in twin.state_dict().items()}
    assert all(torch.equal(state[key], value) for key, value in network.state_dict().items())
    merge_adapters(twin)
    assert "0.low_rank.up" in network.state_dict()
    merge_adapters(network)
    assert all(torch.equal(value, network.state_dict()[key]) for key, value in twin.state_dict().items())
