from __future__ import annotations

import numpy as np
import pytest
import torch
from tiny_networks import TINY
from torch import nn

from TransferSegLib.evaluation.representation.filters import changes_of_stages, filter_tiles
from TransferSegLib.evaluation.representation.maps import map_tiles
from TransferSegLib.evaluation.representation.reuse import feature_reuse
from TransferSegLib.networks import build
from TransferSegLib.networks.staged import convolutions


def states(name: str = "mecheter2023"):
    torch.manual_seed(0)
    network = build(name, 1, 3, TINY[name]).eval()
    return network, {key: value.clone() for key, value in network.state_dict().items()}


def test_reuse_is_what_stays_alike_because_of_the_source():
    transferred = [{"encoder.0": 0.9, "decoder.0": 0.7}, {"encoder.0": 0.8, "decoder.0": 0.9}]
    scratch = [{"encoder.0": 0.7, "decoder.0": 0.1}, {"encoder.0": 0.8, "decoder.0": 0.3}]
    encoder, decoder = feature_reuse(transferred, scratch)
    assert (encoder.layer, encoder.reuse) == ("encoder.0", pytest.approx(0.1))
    assert (decoder.reuse, decoder.transferred, decoder.scratch) == pytest.approx((0.6, 0.8, 0.2))
    assert decoder.count == (2, 2)
    # Two variances of 0.02, two values each: a standard error of √0.02 with 2 degrees of freedom, whose t is 4.303.
    assert decoder.high - decoder.reuse == pytest.approx(4.303 * np.sqrt(0.02), abs=1e-3)


def test_one_network_of_a_kind_has_no_interval_and_none_has_no_reuse():
    (one,) = feature_reuse([{"head": 0.5}], [{"head": 0.2}])
    assert (one.reuse, one.low, one.high) == (pytest.approx(0.3), None, None)
    assert feature_reuse([{"head": 0.5}], []) == ()


def test_networks_that_all_agree_have_an_interval_of_a_point():
    (one,) = feature_reuse([{"head": 0.5}] * 2, [{"head": 0.2}] * 2)
    assert (one.low, one.high) == pytest.approx((0.3, 0.3))


def changes(network, start, end) -> dict:
    return {change.stage: change for change in changes_of_stages(network, start, end)}


def test_the_change_of_a_filter_is_the_norm_of_its_change_as_a_part_of_its_norm():
    network, start = states()
    end = dict(start)
    for name in ("encoder.0.0", "encoder.0.3"):
        end[f"{name}.weight"] = start[f"{name}.weight"] * 1.25
    for name in ("decoder.1.0", "decoder.1.3", "decoder.1.6"):
        end[f"{name}.weight"] = -start[f"{name}.weight"]
    stages = changes(network, start, end)
    grown, turned = stages["encoder.0"], stages["decoder.1"]
    # Of three convolutions with two filters each, the filters of two have grown by a quarter.
    assert (grown.filters, grown.mean, grown.of_norm) == (6, pytest.approx(0.25 * 4 / 6), pytest.approx(0.25 * 4 / 6))
    assert (grown.low, grown.high) == pytest.approx((0.0, 0.25))
    assert (turned.mean, turned.of_norm) == pytest.approx((2.0, 0.0), abs=1e-9)
    assert stages["bottleneck"].mean == stages["head"].mean == 0.0


def test_the_filters_of_a_transposed_convolution_lie_along_its_second_axis():
    network, start = states("karimi2021")
    stage, name, module = next(found for found in convolutions(network) if isinstance(found[2], nn.ConvTranspose3d))
    end = {**start, f"{name}.weight": start[f"{name}.weight"].clone()}
    end[f"{name}.weight"][:, 0] *= 2
    found = changes(network, start, end)[stage]
    assert module.weight.shape[0] != module.weight.shape[1]
    assert found.mean == pytest.approx(1 / found.filters), "one filter has changed, by its own norm"


def test_filters_that_were_zero_do_not_count():
    network, start = states()
    start["head.weight"][0] = 0.0
    end = {**start, "head.weight": start["head.weight"] + 1}
    head = changes(network, start, end)["head"]
    assert head.filters == 2 and np.isfinite(head.mean)


def test_tiles_show_the_middle_of_kernels_before_and_after():
    network, start = states()
    end = {name: value * 1.5 if value.is_floating_point() else value for name, value in start.items()}
    tiles = filter_tiles(network, start, end, count=3)
    by_stage = {tile.stage for tile in tiles}
    assert "encoder.0" in by_stage and "decoder.2" in by_stage
    assert all(sum(tile.stage == stage for tile in tiles) == 3 for stage in by_stage)
    for tile in tiles:
        layer, _, channels = tile.name.partition(", ")
        into, out = (int(number) for number in channels.split(" → "))
        weight = start[f"{layer}.weight"].numpy()
        # The last convolution of a stage with the largest kernel; none of these is a transposed one.
        assert tile.start == pytest.approx(weight[out, into][..., weight.shape[-1] // 2])
        assert tile.change == pytest.approx(0.5) and tile.end == pytest.approx(1.5 * tile.start)
    again = filter_tiles(network, start, end, count=3)
    assert [tile.name for tile in tiles] == [tile.name for tile in again]


@pytest.mark.parametrize("name", ["mecheter2023", "monai-unet-2d"])
def test_maps_of_the_same_weights_do_not_change_and_of_others_do(name):
    network, start = states(name)
    end = {key: value * 1.1 if value.is_floating_point() else value for key, value in start.items()}
    block = np.random.default_rng(0).normal(size=(1, 16, 16, 16)).astype(np.float32)
    assert all(tile.change == 0 for tile in map_tiles(network, start, start, block, 2))
    tiles = map_tiles(network, start, end, block, 2)
    assert all(tile.change > 0 and tile.start.ndim == 2 for tile in tiles)
    first = tiles[0]
    assert first.stage == "encoder.0" and first.start.std() > 0
