"""Networks of MONAI and nnU-Net, taken apart into stages, are still those networks: their weights, their results."""

from __future__ import annotations

import sys

import pytest
import torch
from monai.networks.nets import UNETR, BasicUNetPlusPlus, DynUNet, SegResNet, SegResNetDS, SwinUNETR, VNet
from tiny_networks import TINY, patch_of
from torch import nn

from TransferSegLib.core.errors import InputError
from TransferSegLib.networks import build
from TransferSegLib.networks.staged import StagedNetwork
from TransferSegLib.sources.mapping import MappingReport, map_weights

nnunet = pytest.importorskip(
    "dynamic_network_architectures.architectures.unet", reason="dynamic-network-architectures is not installed"
)
CONVOLUTIONS = {
    "conv_op": nn.Conv3d,
    "norm_op": nn.InstanceNorm3d,
    "norm_op_kwargs": {"eps": 1e-5, "affine": True},
    "nonlin": nn.LeakyReLU,
    "nonlin_kwargs": {"inplace": True},
    "conv_bias": True,
}


def published(name: str) -> nn.Module:
    """The network of `TINY`, for two channels and three classes, as its own package builds it."""
    arguments = TINY[name]
    if name == "dynunet":
        depth = {"kernel_size": [3] * 4, "strides": [1, 2, 2, 2], "upsample_kernel_size": [2] * 3, "norm_name": "batch"}
        return DynUNet(3, 2, 3, **depth, filters=arguments["filters"], deep_supervision=True, deep_supr_num=1)
    if name == "nnunet-plain":
        return nnunet.PlainConvUNet(
            2, 3, arguments["features_per_stage"], kernel_sizes=3, strides=(1, 2, 2), n_conv_per_stage=2, num_classes=3,
            n_conv_per_stage_decoder=2, deep_supervision=True, **CONVOLUTIONS,
        )  # fmt: skip
    if name == "nnunet-resenc":
        return nnunet.ResidualEncoderUNet(
            2, 3, kernel_sizes=3, strides=(1, 2, 2), num_classes=3, n_conv_per_stage_decoder=1, deep_supervision=True,
            **arguments, **CONVOLUTIONS,
        )  # fmt: skip
    return {
        "unetr": lambda: UNETR(2, 3, **arguments),
        "swinunetr": lambda: SwinUNETR(2, 3, **arguments),
        "vnet": lambda: VNet(3, 2, 3),
        "unetplusplus": lambda: BasicUNetPlusPlus(3, 2, 3, **arguments, deep_supervision=True),
        "segresnet": lambda: SegResNet(3, in_channels=2, out_channels=3, **arguments),
        "segresnet-ds": lambda: SegResNetDS(3, in_channels=2, out_channels=3, **arguments),
    }[name]()


def adopt(ours: StagedNetwork, theirs: nn.Module) -> MappingReport:
    return map_weights(
        ours,
        theirs.state_dict(),
        class_axes={},
        channel_axes={},
        source_classes=((0,), (1,), (2,)),
        source_channels=((0,), (1,)),
        minimum_share=1.0,
    )


KEPT = (
    "dynunet",
    "unetr",
    "swinunetr",
    "vnet",
    "unetplusplus",
    "segresnet",
    "segresnet-ds",
    "nnunet-plain",
    "nnunet-resenc",
)


@pytest.mark.parametrize("name", KEPT)
def test_published_weights_have_their_place_and_give_the_same_logits(name):
    torch.manual_seed(3)
    theirs, ours = published(name).eval(), build(name, 2, 3, TINY[name]).eval()
    report = adopt(ours, theirs)
    assert not [entry.name for entry in report.entries if entry.status == "unused"]
    x = torch.randn(1, 2, *patch_of(ours))
    with torch.no_grad():
        expected, logits = theirs(x), ours(x)
    if isinstance(expected, list):  # of deep supervision, whose final one MONAI lists last
        expected = expected[-1 if name == "unetplusplus" else 0]
    torch.testing.assert_close(logits, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["unetplusplus", "nnunet-plain", "nnunet-resenc"])
def test_the_outputs_for_deep_supervision_are_the_packages_own(name):
    torch.manual_seed(3)
    theirs, ours = published(name).eval(), build(name, 2, 3, TINY[name]).eval()
    adopt(ours, theirs)
    x = torch.randn(1, 2, *patch_of(ours))
    with torch.no_grad():
        expected, outputs = theirs(x), ours.forward_supervised(x)
    for own, other in zip(outputs, reversed(expected) if name == "unetplusplus" else expected, strict=True):
        torch.testing.assert_close(own, other, rtol=1e-4, atol=1e-5)


def test_the_outputs_of_segresnet_ds_are_those_that_monais_has_in_training():
    torch.manual_seed(3)
    theirs, ours = published("segresnet-ds").train(), build("segresnet-ds", 2, 3, TINY["segresnet-ds"]).train()
    adopt(ours, theirs)
    x = torch.randn(2, 2, 16, 16, 16)
    with torch.no_grad():
        expected, outputs = theirs(x), ours.forward_supervised(x)
    assert [tuple(o.shape[2:]) for o in outputs] == [(16, 16, 16), (8, 8, 8)]
    for own, other in zip(outputs, expected, strict=True):
        torch.testing.assert_close(own, other, rtol=1e-4, atol=1e-5)


def test_the_output_of_dynunets_deeper_level_is_monais_before_it_is_enlarged():
    torch.manual_seed(3)
    theirs, ours = published("dynunet").train(), build("dynunet", 2, 3, TINY["dynunet"]).train()
    adopt(ours, theirs)
    x = torch.randn(2, 2, 16, 16, 16)
    with torch.no_grad():
        expected, outputs = theirs(x).unbind(1), ours.forward_supervised(x)
    assert [tuple(o.shape[2:]) for o in outputs] == [(16, 16, 16), (8, 8, 8)]
    torch.testing.assert_close(outputs[0], expected[0], rtol=1e-4, atol=1e-5)
    enlarged = nn.functional.interpolate(outputs[1], (16, 16, 16))
    torch.testing.assert_close(enlarged, expected[1], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", ["dynunet", "unetplusplus", "nnunet-plain"])
def test_without_deep_supervision_there_is_one_output(name):
    network = build(name, 1, 2, {**TINY[name], "deep_supervision": False})
    x = torch.randn(2, 1, *patch_of(network))
    (only,) = network.forward_supervised(x)
    assert only.shape == (2, 2, *x.shape[2:])


def test_patches_embedded_by_a_perceptron_load_as_the_convolution_that_they_are():
    torch.manual_seed(3)
    theirs, ours = (
        UNETR(2, 3, **TINY["unetr"], proj_type="perceptron").eval(),
        build("unetr", 2, 3, TINY["unetr"]).eval(),
    )
    adopt(ours, theirs)
    x = torch.randn(1, 2, 32, 16, 16)
    with torch.no_grad():
        torch.testing.assert_close(ours(x), theirs(x), rtol=1e-4, atol=1e-5)


def test_unetr_takes_images_of_another_size_than_its_position_embeddings():
    network = build("unetr", 1, 2, TINY["unetr"]).eval()
    with torch.no_grad():
        assert network(torch.randn(1, 1, 16, 48, 32)).shape == (1, 2, 16, 48, 32)


@pytest.mark.parametrize("channels", [3, 20])
def test_vnet_takes_any_number_of_channels(channels):
    network = build("vnet", channels, 2).eval()
    with torch.no_grad():
        assert network(torch.randn(1, channels, 16, 16, 16)).shape == (1, 2, 16, 16, 16)


def test_a_package_that_is_missing_is_a_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "dynamic_network_architectures.architectures", None)
    with pytest.raises(
        InputError, match=r"not installed; install it with `pip install --no-deps dynamic-network-architectures`"
    ):
        build("nnunet-plain", 1, 2, TINY["nnunet-plain"])
