"""2D networks take volumes like the others do, and see every slice for itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tiny_networks import TINY

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.core.card import CardNetwork
from TransferSegLib.core.grid import Grid
from TransferSegLib.inference.segment import segment
from TransferSegLib.jobs.cards import PATCH_VOXELS, default_patch
from TransferSegLib.networks import build
from TransferSegLib.networks.execution import ExecutionConfig
from TransferSegLib.networks.sliced import PLANES, fold, unfold
from TransferSegLib.networks.wrong_argument import WrongArgument
from TransferSegLib.networks.zoetmulder2022 import ClassificationHead, Discriminator, Zoetmulder2022
from TransferSegLib.sources.mapping import map_weights


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_slices_come_back_where_they_were(axis):
    x = torch.randn(2, 3, 4, 5, 6)
    slices = fold(x, axis)
    assert slices.shape == (2 * x.shape[2 + axis], 3, *(n for d, n in enumerate(x.shape[2:]) if d != axis))
    assert torch.equal(slices[1], x.select(2 + axis, 1)[0])
    assert torch.equal(unfold(slices, axis, x.shape[2 + axis]), x)


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize(
    "name",
    [name for name in ("monai-unet-2d", "segnet", "zoetmulder2022", "nnunet-plain", "nnunet-resenc") if name in TINY],
)
def test_the_logits_of_a_slice_do_not_depend_on_its_neighbours(name, plane):
    torch.manual_seed(1)
    network = build(name, 1, 3, {**TINY[name], "plane": plane}).eval()
    axis = PLANES[plane]
    size = [32, 32, 32]
    size[axis] = 3
    x = torch.randn(2, 1, *size)
    with torch.no_grad():
        whole, alone = network(x), network(x.narrow(2 + axis, 1, 1))
    assert whole.shape == (2, 3, *size)
    assert network.slice_axis == axis and network.divisor[axis] == 1
    torch.testing.assert_close(whole.narrow(2 + axis, 1, 1), alone, rtol=1e-4, atol=1e-5)


def test_a_plane_that_is_none_is_refused():
    with pytest.raises(WrongArgument, match="plane `oblique` is not one of sagittal, coronal, axial"):
        Zoetmulder2022(1, 2, plane="oblique")


def test_a_volume_is_segmented_window_by_window_as_slice_by_slice():
    torch.manual_seed(1)
    network = build("segnet", 1, 2, TINY["segnet"]).eval()
    image = np.random.default_rng(0).normal(size=(1, 16, 16, 7)).astype(np.float32)
    case = PreparedCase("a", image, None, Grid.from_spacing((16, 16, 7), (1, 1, 1)), (1.0, 1.0, 1.0))
    found = segment(network, case, (16, 16, 2), ExecutionConfig("cpu")).classes
    with torch.no_grad():
        expected = network(torch.from_numpy(image)[None])[0].argmax(0).numpy()
    assert np.array_equal(found, expected)
    assert len(np.unique(found)) == 2


@pytest.mark.parametrize(
    ("network", "size", "expected"),
    [
        ("monai-unet", (48, 64, 48), (48, 64, 48)),
        ("monai-unet", (30, 61, 41), (32, 64, 48)),
        ("monai-unet", (400, 400, 20), (72, 80, 24)),
        ("swinunetr", (48, 64, 48), (32, 64, 64)),
        ("segnet", (256, 256, 48), (256, 256, 2)),
        ("segnet", (30, 61, 41), (32, 64, 41)),
        ("segnet", (600, 500, 3), (384, 384, 1)),
    ],
)
def test_a_default_patch_is_whole_slices_for_a_2d_network_and_small_enough_for_any(network, size, expected):
    patch = default_patch(size, CardNetwork(network))
    assert patch == expected
    assert patch[0] * patch[1] * patch[2] <= PATCH_VOXELS


def test_a_default_patch_follows_the_plane_of_the_slices():
    assert default_patch((10, 200, 64), CardNetwork("segnet", {"plane": "sagittal"})) == (10, 224, 64)


def test_channels_last_changes_the_memory_of_2d_kernels_and_not_the_logits():
    torch.manual_seed(1)
    network = build("segnet", 2, 3, TINY["segnet"]).eval()
    x = torch.randn(2, 2, 16, 16, 3)
    with torch.no_grad():
        expected = network(x)
        execution = ExecutionConfig("cpu", channels_last=True)
        found = execution.place(network)(execution.to_device(x))
    assert network.head.weight.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_a_slice_of_256_has_the_latent_space_of_the_paper():
    network = build("zoetmulder2022", 1, 2, TINY["zoetmulder2022"]).eval()
    with torch.no_grad():
        assert network.encode(torch.randn(1, 1, 256, 256, 1)).bottleneck.shape == (1, 4, 16, 16, 1)


def test_imagenet_weights_by_torchvisions_names_fill_the_encoder():
    with torch.device("meta"):
        names = Zoetmulder2022(3, 2).encoder.state_dict()
    # torchvision's ResNet-50 has 23 508 032 parameters without its classifier.
    statistics = ("running_mean", "running_var", "num_batches_tracked")
    assert sum(t.numel() for n, t in names.items() if not n.endswith(statistics)) == 23_508_032
    assert {"conv1.weight", "bn1.running_var", "layer1.0.downsample.0.weight", "layer4.2.bn3.bias"} <= set(names)
    network = build("zoetmulder2022", 1, 2, TINY["zoetmulder2022"])
    theirs = Zoetmulder2022(3, 2, **TINY["zoetmulder2022"]).encoder
    state = {**theirs.state_dict(), "fc.weight": torch.zeros(1000, 8), "fc.bias": torch.zeros(1000)}
    report = map_weights(
        network,
        state,
        class_axes={},
        channel_axes={"encoder.conv1.weight": (1,)},
        source_classes=((), ()),
        source_channels=((),),
        minimum_share=0.1,
    )
    assert not [entry for entry in report.entries if entry.status == "unused"]
    assert {entry.name for entry in report.entries if entry.status == "new"} == {
        key for key in network.state_dict() if not key.startswith("encoder.")
    }
    grey = torch.randn(2, 1, 64, 64)
    with torch.no_grad():
        own, other = (
            net.eval().maxpool(net.conv1(x)) for net, x in ((network.encoder, grey), (theirs, grey.repeat(1, 3, 1, 1)))
        )
    torch.testing.assert_close(own, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("side", [32, 96, 256])
def test_the_discriminator_judges_patches_of_slices_of_any_side(side):
    with torch.no_grad():
        assert Discriminator(1, (2, 2, 2, 2))(torch.randn(2, 1, side, side)).shape == (
            2,
            1,
            side // 16 + 2,
            side // 16 + 2,
        )


def test_the_discriminator_has_the_papers_kernels_and_strides_in_their_order():
    layers = [layer for layer in Discriminator(1, (2, 2, 2, 2)) if isinstance(layer, torch.nn.Conv2d)]
    kernels_and_strides = [(layer.kernel_size[0], layer.stride[0]) for layer in layers]
    assert kernels_and_strides == [(5, 1), (5, 1), (5, 4), (5, 4), (4, 1), (4, 1)]  # §3.3.3


@pytest.mark.parametrize("side", [2, 16])
def test_the_fully_connected_block_has_a_logit_a_class(side):
    head = ClassificationHead(classes=5)
    assert head(torch.randn(3, 4, side, side)).shape == (3, 5)
    assert (head.hidden.in_features, head.hidden.out_features) == (1024, 2048)
