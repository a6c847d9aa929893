from __future__ import annotations

import numpy as np
import pytest
import torch
from tiny_networks import TINY, patch_of

from TransferSegLib.evaluation.representation.activations import Activations, draw_blocks, record, watched_layers
from TransferSegLib.evaluation.representation.similarity import between_layers, compare, snapshot_at
from TransferSegLib.networks import build
from TransferSegLib.networks.staged import StagedNetwork

# What has no feature map of its own: the tokens of a transformer.
WITHOUT_MAPS = {"unetr": {"bottleneck"}}


def network(name: str = "mecheter2023", seed: int = 0) -> StagedNetwork:
    torch.manual_seed(seed)
    return build(name, 1, 3, TINY[name]).eval()


def images(*sizes: tuple[int, int, int]) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.normal(size=(1, *size)).astype(np.float32) for size in sizes]


@pytest.mark.parametrize("name", TINY)
def test_every_network_has_a_layer_for_every_stage_with_feature_maps(name):
    model = network(name)
    (block,) = draw_blocks(images((34, 34, 34)), patch_of(model), 1)
    layers = watched_layers(model, block)
    assert {stage.name for stage in model.stages()} - set(layers) == WITHOUT_MAPS.get(name, set())
    found = record(model, [block], points=5)
    assert all(values.shape[0] == 5 and values.shape[1] > 0 for values in found.layers.values())
    assert found.layers["head"].shape[1] == 3
    assert not any(module._forward_hooks for module in model.modules())


def test_the_values_are_those_of_the_convolution_before_its_activation():
    model = network("karimi2021")  # whose ReLU write over what the convolution gave
    (block,) = draw_blocks(images((16, 16, 16)), (16, 16, 16), 1)
    values = record(model, [block], points=200).layers["encoder.0"]
    assert (values < 0).any()
    layer = dict(model.named_modules())[watched_layers(model, block)["encoder.0"]]
    maps: list[torch.Tensor] = []
    hook = layer.register_forward_hook(lambda _module, _given, output: maps.append(output.clone()))
    with torch.inference_mode():
        model(torch.from_numpy(block)[None])
    hook.remove()
    known = {tuple(np.round(row, 5)) for row in maps[0][0].flatten(1).T.numpy()}
    assert {tuple(np.round(row, 5)) for row in values} <= known


def test_points_lie_at_the_same_places_in_fine_and_coarse_layers():
    class Copies(StagedNetwork):
        """The image, and the same at half the size."""

        def __init__(self) -> None:
            super().__init__()
            self.fine = torch.nn.Conv3d(1, 1, 1, bias=False)
            self.coarse = torch.nn.Conv3d(1, 1, 2, stride=2, bias=False)
            for layer in (self.fine, self.coarse):
                torch.nn.init.constant_(layer.weight, 1 / layer.weight.numel())

        def stages(self):
            from TransferSegLib.networks.staged import Stage

            return (Stage("encoder.0", ("fine",)), Stage("bottleneck", ("coarse",)))

        def forward(self, x):
            return self.coarse(self.fine(x))

    # Along each axis, two neighbours are alike, so that the coarse map is the fine one.
    image = np.random.default_rng(0).normal(size=(1, 4, 4, 4)).repeat(2, 1).repeat(2, 2).repeat(2, 3).astype(np.float32)
    found = record(Copies(), [image], points=50)
    assert found.layers["bottleneck"] == pytest.approx(found.layers["encoder.0"], abs=1e-6)


def test_blocks_follow_from_the_seed_and_lie_in_one_image_after_the_other():
    given = images((20, 20, 20), (12, 30, 20))
    first, again, other = (draw_blocks(given, (16, 16, 16), 4, seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])
    assert all(block.shape == (1, 16, 16, 16) and block.dtype == np.float32 for block in first)
    # The second image is smaller than a block: what is missing is 0.
    assert not first[1][:, 12:].any() and first[1][:, :12].any()
    place = np.argwhere(np.isclose(given[0][0], first[0][0, 0, 0, 0]))[0]
    assert np.array_equal(given[0][:, *(slice(p, p + 16) for p in place)], first[0])


def test_a_network_is_like_itself_and_less_like_another():
    blocks = draw_blocks(images((24, 24, 24)), (16, 16, 16), 6)
    one, same, other = (record(network(seed=seed), blocks, points=100) for seed in (0, 0, 1))
    assert [found.layer for found in compare(one, other)] == list(one.layers)
    for itself, apart in zip(compare(one, same), compare(one, other), strict=True):
        assert itself.rsim == pytest.approx(1.0, abs=1e-5) and itself.cka == pytest.approx(1.0)
        assert max(apart.rsim, apart.chance) < 0.9


def test_chance_is_what_independent_layers_seem_to_share():
    x, y = (np.random.default_rng(seed).normal(size=(400, 10)) for seed in (0, 1))
    first, second = (Activations({"encoder.0": values}, {"encoder.0": np.arange(400)}, 100) for values in (x, y))
    (found,) = compare(first, second)
    assert found.rsim == pytest.approx(found.chance, abs=0.05) and found.chance > 0.1


def test_the_matrix_of_layers_compares_each_with_each():
    blocks = draw_blocks(images((24, 24, 24)), (16, 16, 16), 4)
    found = record(network(), blocks, points=100)
    matrix = between_layers(found, found)
    assert matrix.rows == matrix.columns == tuple(found.layers)
    assert np.diag(matrix.rsim) == pytest.approx(1.0, abs=1e-5)
    assert matrix.rsim == pytest.approx(matrix.rsim.T, abs=1e-9) and matrix.cka == pytest.approx(matrix.cka.T)
    assert matrix.rsim[0, 3] < 0.999


@pytest.mark.parametrize(("converged", "step"), [(None, 40), (0, 0), (15, 20), (20, 20), (45, 40)])
def test_the_snapshot_of_convergence_is_the_first_that_is_not_before_it(converged, step):
    assert snapshot_at([0, 20, 40], converged) == step
