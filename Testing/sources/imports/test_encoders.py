"""Encoders that were pretrained elsewhere become sources of `encoder-transfer`, and what comes from the file is said."""

from __future__ import annotations

import json
import re

import pytest
import torch
from bundle_changes import LAYOUTS
from foreign_models import KERNELS, STRIDES, nnunet_plans, write_bundle, write_nnunet
from monai.networks.nets.segresnet import SegResNet
from monai.networks.nets.swin_unetr import SwinUNETR
from segresnet_ds_models import imported, refused

from TransferSegLib.sources.imports.importer import ImportOptions
from TransferSegLib.sources.imports.importing import import_source
from TransferSegLib.sources.loading import load_source


def residual(channels: int = 1) -> torch.nn.Module:
    """nnU-Net's residual network, small, with kernels and strides along z, y, x."""
    unet = pytest.importorskip("dynamic_network_architectures.architectures.unet")
    torch.manual_seed(3)
    return unet.ResidualEncoderUNet(
        input_channels=channels,
        n_stages=3,
        features_per_stage=[4, 6, 8],
        conv_op=torch.nn.Conv3d,
        kernel_sizes=KERNELS,
        strides=STRIDES,
        n_blocks_per_stage=[1, 2, 2],
        num_classes=channels,
        n_conv_per_stage_decoder=[1, 1],
        conv_bias=True,
        norm_op=torch.nn.InstanceNorm3d,
        norm_op_kwargs={"eps": 1e-5, "affine": True},
        nonlin=torch.nn.LeakyReLU,
        nonlin_kwargs={"inplace": True},
    ).eval()


def adaptation_plan(**architecture) -> dict[str, object]:
    """What nnssl writes beside its weights, as far as an import looks at it."""
    return {
        "architecture_plans": {
            "arch_class_name": "ResidualEncoderUNet",
            "arch_kwargs": {"strides": STRIDES},
            "arch_kwargs_requiring_import": None,
        }
        | architecture,
        "pretrain_plan": {
            "dataset_name": "Dataset001_Heads",
            "configurations": {"onemmiso": {"spacing_style": "onemmiso", "spacing": [2, 1, 1]}},
        },
        "pretrain_num_input_channels": 1,
        "recommended_downstream_patchsize": [32, 48, 64],
        "key_to_encoder": "encoder.stages",
        "key_to_stem": "encoder.stem",
        "keys_to_in_proj": ["encoder.stem.convs.0.conv"],
    }


def write_nnssl(folder, network: torch.nn.Module, plan: dict[str, object] | None = None) -> None:
    plan = adaptation_plan() if plan is None else plan
    folder.mkdir()
    content = {"network_weights": network.state_dict(), "nnssl_adaptation_plan": plan, "trainer_name": "BaseMAETrainer"}
    torch.save(content, folder / "checkpoint_final.pth")
    (folder / "adaptation_plan.json").write_text(json.dumps(plan))


def swin(**more) -> SwinUNETR:
    torch.manual_seed(3)
    return SwinUNETR(1, 2, feature_size=12, depths=(1, 2, 1, 1), num_heads=(1, 1, 2, 2), **more).eval()


def of_pretraining(network: SwinUNETR) -> dict[str, torch.Tensor]:
    """The transformer's weights by the names of MONAI's self-supervised pretraining, with its heads beside them."""
    own = network.swinViT.state_dict()
    state = {"module." + name.replace("mlp.linear", "mlp.fc"): tensor for name, tensor in own.items()}
    return {**state, "module.rotation_head.weight": torch.ones(4, 8), "module.mask_token": torch.zeros(1, 3)}


@pytest.mark.parametrize("given", ["folder", "file"])
def test_an_encoder_of_nnssl_computes_here_what_it_computes_there(tmp_path, given):
    network = residual()
    write_nnssl(tmp_path / "mae", network)
    path = tmp_path / "mae" if given == "folder" else tmp_path / "mae" / "checkpoint_final.pth"
    source, result = import_source(path, ImportOptions())
    assert (source.card.task, source.card.network.name) == ("classification", "nnunet-resenc")
    assert source.card.preprocessing.spacing_mm == (1.0, 1.0, 2.0)
    assert source.card.patch_size == (64, 48, 32)
    ours, _ = load_source(source)
    x = torch.randn(1, 1, 16, 16, 8)
    with torch.no_grad():
        theirs = network.encoder(x.permute(0, 1, 4, 3, 2))[-1].permute(0, 1, 4, 3, 2)
        assert torch.allclose(ours.encode(x).bottleneck, theirs, atol=1e-5)
    found, of = re.match(r"(\d+) of (\d+) tensors of the encoder come from the file", result.sentences[0]).groups()
    assert found == of
    assert any("in the order of their files" in note for note in result.sentences)


def test_the_network_of_the_openmind_models_is_told_by_its_tensors(tmp_path):
    write_nnssl(tmp_path / "mae", residual(), adaptation_plan(arch_class_name="ResEncL", arch_kwargs=None))
    result = imported(tmp_path / "mae")
    assert result.card.title == "OpenMind residual encoder (ResEncL)"
    assert result.card.network.arguments["features_per_stage"] == [4, 6, 8]
    assert result.card.network.arguments["strides"] == [1, 2, 2]
    assert "Wald" in result.card.citation


def test_another_network_of_nnssl_is_refused_by_its_name(tmp_path):
    write_nnssl(tmp_path / "mae", residual(), adaptation_plan(arch_class_name="PrimusM"))
    assert "is an encoder of `PrimusM`" in refused(tmp_path / "mae")


def test_a_swin_transformer_of_monais_pretraining_computes_here_what_it_computes_there(tmp_path):
    network = swin()
    torch.save({"state_dict": of_pretraining(network), "epoch": 3}, tmp_path / "model_swinvit.pt")
    source, result = import_source(tmp_path / "model_swinvit.pt", ImportOptions(spacing_mm=(1.5, 1.5, 2.0)))
    assert source.card.network.name == "swinunetr"
    assert source.card.network.arguments["depths"] == [1, 2, 1, 1]
    assert source.card.preprocessing.spacing_mm == (1.5, 1.5, 2.0)
    ours, _ = load_source(source)
    x = torch.randn(1, 1, 32, 32, 32)
    with torch.no_grad():
        for one, other in zip(ours.net.swinViT(x), network.swinViT(x), strict=True):
            assert torch.allclose(one, other, atol=1e-5)
    assert "2 tensors of the file have no place in it" in result.sentences[0]


def segresnet() -> SegResNet:
    torch.manual_seed(3)
    return SegResNet(in_channels=2, out_channels=3, init_filters=8, blocks_down=(1, 2, 2), blocks_up=(1, 1)).eval()


def test_the_encoder_of_a_segresnet_computes_here_what_it_computes_there(tmp_path):
    network = segresnet()
    own = {name: t for name, t in network.state_dict().items() if name.startswith(("convInit", "down_layers"))}
    torch.save(own, tmp_path / "backbone.pt")
    source, result = import_source(tmp_path / "backbone.pt", ImportOptions())
    ours, _ = load_source(source)
    x = torch.randn(1, 2, 16, 16, 16)
    with torch.no_grad():
        assert torch.allclose(ours.encode(x).bottleneck, network.encode(x)[0], atol=1e-5)
    assert len(source.card.channels) == 2
    assert "decoder and head are drawn anew." in result.sentences[0]


@pytest.mark.parametrize(("network", "layer"), [(residual, "decoder."), (swin, "decoder5."), (segresnet, "up_layers.")])
@pytest.mark.parametrize("prefix", ["", "module."])
def test_the_weights_of_a_whole_model_are_no_bare_encoder(tmp_path, network, layer, prefix):
    state = {prefix + name: tensor for name, tensor in network().state_dict().items()}
    torch.save({"network_weights": state, "trainer_name": "nnUNetTrainer"}, tmp_path / "whole.pth")
    sentence = refused(tmp_path / "whole.pth")
    assert "holds a decoder, too (`" in sentence and layer in sentence and "no bare encoder" in sentence


def test_a_checkpoint_of_nnu_nets_and_a_bundles_weights_stand_for_their_models(tmp_path):
    pytest.importorskip("dynamic_network_architectures.architectures.unet")
    kind = "ResidualEncoderUNet"
    write_nnunet(tmp_path / "knee", nnunet_plans(kind), kind=kind, folds=("fold_0", "fold_1"))
    checkpoint = imported(tmp_path / "knee" / "fold_1" / "checkpoint_final.pth").card
    assert (checkpoint.label_names, checkpoint.made_by["fold"]) == (("femur", "tibia"), "fold_1")
    write_bundle(tmp_path / "spleen", LAYOUTS["SegResNet"])
    weights = imported(tmp_path / "spleen" / "models" / "model.pt").card
    assert (weights.label_names, weights.task) == (("spleen",), "segmentation")


def crafted() -> list[tuple[str, dict[str, torch.Tensor]]]:
    """Names under two prefixes, a name that goes on, and networks without features."""
    first, second = "patch_embed.proj.weight", "layers1.0.blocks.0.attn.qkv.weight"
    stem, block = "stem.convs.0.conv.weight", "stages.0.blocks.0.conv1.conv.weight"
    ones = torch.ones(4, 1, 3, 3, 3)
    return [
        ("two prefixes", {f"a.{stem}": ones, f"b.{block}": ones}),
        ("two prefixes", {f"a.{first}": ones, second: torch.ones(12, 4)}),
        ("goes on", {f"x.{stem}s": ones, f"y.{stem}": ones, block: ones}),
        ("no features", {first: torch.ones(0, 1, 2, 2, 2), second: torch.ones(0, 0)}),
        ("no features", {stem: torch.ones(0, 1, 3, 3, 3), block: torch.ones(0, 0, 3, 3, 3)}),
        (
            "one number",
            {"convInit.conv.weight": torch.tensor(1.0), "down_layers.0.1.conv1.conv.weight": torch.tensor(1.0)},
        ),
    ]


@pytest.mark.parametrize(("what", "state"), crafted(), ids=lambda given: given if isinstance(given, str) else "")
def test_crafted_names_and_empty_tensors_are_a_sentence(tmp_path, what, state):
    torch.save(state, tmp_path / "crafted.pt")
    assert refused(tmp_path / "crafted.pt").count("\n") == 0


def test_an_encoder_of_which_too_much_is_missing_is_refused_with_its_share(tmp_path):
    state = of_pretraining(swin())
    kept = {
        name: tensor for name, tensor in state.items() if not re.search(r"layers[34].0.(blocks.0.mlp|downsample)", name)
    }
    torch.save({"state_dict": kept}, tmp_path / "model_swinvit.pt")
    sentence = refused(tmp_path / "model_swinvit.pt")
    assert re.search(r"tensors of the encoder are in the file, [\d.]+ % of its values, and 90 % are needed", sentence)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("patch_embed.proj.weight", torch.ones(12, 1, 2, 2), "no Swin transformer of four levels for volumes"),
        ("layers1.0.blocks.0.attn.relative_position_bias_table", torch.ones(0, 1), "cannot be built"),
    ],
)
def test_tensors_of_another_kind_are_a_sentence(tmp_path, name, value, words):
    state = of_pretraining(swin())
    state[f"module.{name}"] = value
    torch.save({"state_dict": state}, tmp_path / "model_swinvit.pt")
    assert words in refused(tmp_path / "model_swinvit.pt")
