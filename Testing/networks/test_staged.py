"""Every architecture keeps the promises of `StagedNetwork`, on which the strategies rely."""

from __future__ import annotations

import importlib
import inspect
from collections import Counter
from pathlib import Path

import pytest
import torch
from monai.networks.nets import UNet
from tiny_networks import TINY, patch_of
from torch import nn

from TransferSegLib.core.errors import InputError
from TransferSegLib.networks import NETWORKS, build
from TransferSegLib.networks.hybrid import FUSIONS
from TransferSegLib.networks.staged import StagedNetwork, convolutions, leaves, whole_patch

KINDS = {name: (name, arguments) for name, arguments in TINY.items()} | {
    "monai-unet-deep": ("monai-unet", {"channels": (2, 4, 4), "strides": (2, 2), "norm": "BATCH", "dropout": 0.1}),
    "monai-unet-plain": ("monai-unet", {"channels": (4, 8), "strides": (2,), "num_res_units": 0}),
    "mecheter2023-batch": ("mecheter2023", {"channels": (2, 2, 4, 4), "norm": "batch"}),
    "segnet-coronal": ("segnet", {**TINY["segnet"], "plane": "coronal"}),
    "swinunetr-v2": ("swinunetr", {**TINY["swinunetr"], "use_v2": True}),
    "segresnet-ds-anisotropic": ("segresnet-ds", {**TINY["segresnet-ds"], "resolution": (1, 1, 3), "dsdepth": 9}),
    "segresnet-ds-turned": ("segresnet-ds", {**TINY["segresnet-ds"], "resolution": (3, 1, 1), "axes": "SPL"}),
    "dynunet-anisotropic": ("dynunet", {**TINY["dynunet"], "strides": (1, (2, 2, 1), 2, 2)}),
}
for _base, _arguments in TINY.items():
    for _fusion in FUSIONS if _base in ("monai-unet", "mecheter2023", "ratlesnetv2") else ("concatenate",):
        KINDS[f"hybrid-{_base}-{_fusion}"] = (
            "hybrid",
            {"network": _base, "arguments": _arguments, "fusion": _fusion},
        )
# Every way of fusing, and a base of each family: slices, skips, indices, several outputs, any size. The others run with
# `--full-product`.
HYBRIDS = (
    "hybrid-monai-unet-multiply",
    "hybrid-monai-unet-concatenate",
    "hybrid-mecheter2023-average",
    "hybrid-mecheter2023-concatenate",
    "hybrid-ratlesnetv2-maximum",
    "hybrid-segnet-concatenate",
    "hybrid-dynunet-concatenate",
    "hybrid-hybrid",
)
KINDS["hybrid-hybrid"] = ("hybrid", {"network": "hybrid", "arguments": KINDS["hybrid-monai-unet-concatenate"][1]})


def made(kind: str, in_channels: int = 1, classes: int = 3) -> StagedNetwork:
    name, arguments = KINDS[kind]
    torch.manual_seed(1)
    return build(name, in_channels, classes, arguments)


def structure(kind: str) -> StagedNetwork:
    """A network whose values do not matter: on the meta device, where it takes neither memory nor time."""
    with torch.device("meta"):
        return made(kind)


def own_keys(module: nn.Module) -> list[str]:
    """Of the tensors that a module holds itself."""
    return [key for key in module.state_dict() if "." not in key]


every_kind = pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, marks=() if name != "hybrid" or kind in HYBRIDS else pytest.mark.full_product)
        for kind, (name, _) in KINDS.items()
    ],
)


def test_no_architecture_is_left_out_here():
    pytest.importorskip("dynamic_network_architectures", reason="dynamic-network-architectures is not installed")
    assert {name for name, _ in KINDS.values()} == set(NETWORKS)


@every_kind
def test_every_parameter_and_buffer_belongs_to_exactly_one_stage(kind):
    network = structure(kind)
    owned = Counter(f"{name}.{key}" for _, name, module in leaves(network) for key in own_keys(module))
    assert owned == Counter(list(network.state_dict()))


@every_kind
def test_stages_have_different_names_and_end_with_the_head(kind):
    names = [stage.name for stage in structure(kind).stages()]
    assert len(set(names)) == len(names)
    assert names[-1] == "head"
    assert "bottleneck" in names


@every_kind
def test_layers_run_in_the_order_in_which_the_stages_are_listed(kind):
    network = made(kind).eval()
    stages = [stage.name for stage in network.stages()]
    called: list[str] = []
    for stage, _, module in leaves(network):
        if next(module.parameters(recurse=False), None) is not None:
            module.register_forward_hook(lambda *_, stage=stage: called.append(stage))
    with torch.no_grad():
        network(torch.randn(1, 1, *patch_of(network)))
    assert set(called) == set(stages)
    # The two encoders of a hybrid run one after the other, whole; fusion follows.
    assert [stages.index(name) for name in called] == sorted(stages.index(name) for name in called)


@every_kind
def test_forward_is_decode_after_encode(kind):
    network = made(kind).eval()
    x = torch.randn(1, 1, *patch_of(network))
    with torch.no_grad():
        logits = network(x)
        assert torch.equal(logits, network.decode(network.encode(x)))
        assert torch.equal(logits, network.forward_supervised(x)[0])


@every_kind
def test_logits_have_a_channel_a_class_at_every_size_that_the_divisor_allows(kind):
    network = made(kind, in_channels=2, classes=4).eval()
    a, b, c = network.divisor
    size = (2 * a, b, 3 * c)
    with torch.no_grad():
        assert network(torch.randn(2, 2, *size)).shape == (2, 4, *size)


@every_kind
def test_gradients_reach_every_parameter_and_every_stage(kind):
    network = made(kind)
    outputs = network.forward_supervised(torch.randn(2, 1, *patch_of(network)))
    torch.stack([logits.square().mean() for logits in outputs]).sum().backward()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in network.parameters())
    reached = {
        stage
        for stage, _, module in leaves(network)
        if any(bool(p.grad.abs().max() > 0) for p in module.parameters(recurse=False))
    }
    assert reached == {stage.name for stage in network.stages()}


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("mecheter2023", {"encoder": 9, "bottleneck": 3, "decoder": 9, "head": 1}),  # fig. 1
        ("monai-unet", {"encoder": 2, "bottleneck": 2, "head": 2}),
        ("monai-unet-plain", {"encoder": 1, "bottleneck": 1, "head": 1}),
        ("monai-unet-deep", {"encoder": 4, "bottleneck": 2, "decoder": 2, "head": 2}),
        ("ratlesnetv2", {"encoder": 7, "bottleneck": 1, "decoder": 8, "head": 1}),
        ("segnet", {"encoder": 3, "bottleneck": 1, "decoder": 3, "head": 1}),
        ("zoetmulder2022", {"encoder": 10, "bottleneck": 4, "decoder": 9, "head": 1}),
        ("dynunet", {"encoder": 6, "bottleneck": 2, "decoder": 9, "head": 1}),
        ("karimi2021", {"encoder": 11, "bottleneck": 9, "decoder": 12, "head": 1}),
        ("unetplusplus", {"encoder": 8, "bottleneck": 2, "decoder": 30, "head": 1}),
        ("autofocus", {"encoder": 4, "bottleneck": 2, "decoder": 2, "head": 1}),
        ("nnunet-plain", {"encoder": 4, "bottleneck": 2, "decoder": 6, "head": 1}),
        ("nnunet-resenc", {"encoder": 5, "bottleneck": 4, "decoder": 4, "head": 1}),
        ("hybrid-mecheter2023-multiply", {"source": 12, "encoder": 9, "bottleneck": 3, "decoder": 9, "head": 1}),
        ("hybrid-monai-unet-concatenate", {"source": 4, "encoder": 2, "bottleneck": 2, "head": 2}),
    ],
)
def test_convolutions_are_counted_without_gates_shortcuts_and_fusions(kind, parts):
    counted = convolutions(structure(kind))
    assert Counter(stage.split(".")[0] for stage, _, _ in counted) == parts
    assert not [name for _, name, _ in counted if name.endswith((".spatial", ".residual", ".mix"))]


def test_shortcuts_and_gates_exist_and_are_left_out_on_purpose():
    for kind, ending in (("monai-unet", ".residual"), ("mecheter2023", ".spatial")):
        names = [name for _, name, module in leaves(structure(kind)) if isinstance(module, nn.Conv3d)]
        assert any(name.endswith(ending) for name in names)


def test_the_monai_unet_keeps_monais_own_keys_and_result():
    arguments = {"channels": (2, 4, 4), "strides": (2, 2), "num_res_units": 2, "norm": "BATCH", "dropout": 0.1}
    theirs = UNet(spatial_dims=3, in_channels=1, out_channels=3, **arguments).eval()
    ours = made("monai-unet-deep").eval()
    assert list(ours.state_dict()) == [f"net.{key}" for key in theirs.state_dict()]
    ours.net.load_state_dict(theirs.state_dict())
    x = torch.randn(1, 1, 8, 8, 8)
    with torch.no_grad():
        assert torch.equal(ours(x), theirs(x))


def test_the_mecheter_network_has_the_keys_that_its_models_were_saved_with():
    keys = {"head.weight", "head.bias"}
    for stage in ("encoder.0", "encoder.1", "encoder.2", "bottleneck", "decoder.0", "decoder.1", "decoder.2"):
        layers = [*(str(n) for n in (0, 1, 3, 4, 6, 7)), "9.squeeze", "9.excite", "9.spatial"]
        keys |= {f"{stage}.{layer}.{what}" for layer in layers for what in ("weight", "bias")}
    assert set(made("mecheter2023").state_dict()) == keys


def test_a_hybrid_has_the_keys_of_an_encoder_and_of_a_whole_network():
    base = made("mecheter2023")
    whole = set(base.state_dict())
    encoder = {key for key in whole if key.startswith(("encoder.", "bottleneck."))}
    hybrid = made("hybrid-mecheter2023-concatenate")
    assert set(hybrid.state_dict()) == (
        {f"dedicated.{key}" for key in whole}
        | {f"adapted.{key}" for key in encoder}
        | {"fusion.0.mix.weight", "fusion.0.mix.bias"}
    )


@pytest.mark.parametrize("base", ["monai-unet", "mecheter2023", "ratlesnetv2"])
def test_concatenation_begins_as_the_average(base):
    average = made(f"hybrid-{base}-average").eval()
    concatenated = made(f"hybrid-{base}-concatenate").eval()
    concatenated.load_state_dict(average.state_dict(), strict=False)
    x = torch.randn(1, 1, 16, 16, 16)
    with torch.no_grad():
        torch.testing.assert_close(average(x), concatenated(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("size", "divisor", "expected"),
    [
        ((48, 64, 40), (8, 8, 8), (48, 64, 40)),
        ((13, 16, 3), (8, 8, 8), (16, 16, 8)),
        ((5, 7, 1), (1, 1, 1), (5, 7, 1)),
        ((1, 8, 3), (8, 8, 8), (16, 16, 16)),
        ((17, 4, 4), (8, 4, 2), (24, 4, 4)),
    ],
)
def test_a_patch_is_rounded_up_and_leaves_more_than_one_voxel_at_the_bottleneck(size, divisor, expected):
    assert whole_patch(size, divisor) == expected


def test_the_page_of_networks_names_each_with_its_arguments():
    page = (Path(__file__).parents[2] / "docs" / "networks.md").read_text(encoding="utf-8")
    for name, (module, attribute) in NETWORKS.items():
        if name == "hybrid":
            continue
        assert f"[`{name}`](#{name})" in page
        described = page.partition(f"## {name}\n")[2].partition("\n## ")[0]
        missing = [
            argument
            for argument in inspect.signature(getattr(importlib.import_module(module), attribute)).parameters
            if argument not in ("in_channels", "out_channels", "act", "norm") and f"{argument}=" not in described
        ]
        assert set(missing) <= {"act_name", "dropout_prob_up"}, "run docs/make_networks_table.py"


def test_an_unknown_network_or_argument_is_refused_in_a_sentence():
    with pytest.raises(InputError, match="network `lenet` is not known; known are monai-unet"):
        build("lenet", 1, 2)
    with pytest.raises(InputError, match=r"`mecheter2023` cannot be built.*norm `layer` is neither"):
        build("mecheter2023", 1, 2, {"norm": "layer"})
    with pytest.raises(InputError, match=r"`monai-unet` cannot be built.*filters"):
        build("monai-unet", 1, 2, {"filters": 4})
    with pytest.raises(InputError, match="fusion `sum` is not one of multiply"):
        build("hybrid", 1, 2, {"network": "ratlesnetv2", "arguments": {"filters": 2}, "fusion": "sum"})
    with pytest.raises(InputError, match="network `lenet` is not known"):
        build("hybrid", 1, 2, {"network": "lenet"})
