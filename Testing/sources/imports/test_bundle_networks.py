"""The networks that a MONAI bundle may name compute here what MONAI's own do; others are refused by name."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
import torch
from bundle_changes import DYNUNET, LAYOUTS, change, counted, imported, refused
from foreign_models import UNET, write_bundle
from rounding import assert_same

from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.imports.importer import ImportOptions
from TransferSegLib.sources.imports.importing import import_source
from TransferSegLib.sources.loading import load_source
from TransferSegLib.sources.untrusted.configs import Config


@pytest.mark.parametrize("kind", LAYOUTS)
def test_a_bundle_of_the_zoos_layout_computes_what_monais_own_network_does(tmp_path, kind):
    definition = {**LAYOUTS[kind]}
    plain = {**definition, "spatial_dims": 3, "out_channels": 2}
    if kind == "UNETR":
        del plain["spatial_dims"]
    network = write_bundle(tmp_path / "model", plain)
    config = json.loads((tmp_path / "model" / "configs" / "inference.json").read_text(encoding="utf-8"))
    config |= {"network_def": definition, "spatial_dims": 3, "classes": 2}
    (tmp_path / "model" / "configs" / "inference.json").write_text(json.dumps(config))
    source, result = import_source(tmp_path / "model", ImportOptions())
    ours, _ = load_source(find_source(source.card.name))
    x = torch.randn(2, 1, 64 if kind == "SwinUNETR" else 32, 32, 32)
    with torch.no_grad():
        assert_same(ours(x), network(x))
    assert result.report.share == 1.0


# The same networks in other words, each a change of a layout.
WORDS = {
    "one head of deep supervision": {**DYNUNET, "deep_supervision": True},
    "two heads": {**DYNUNET, "deep_supervision": True, "deep_supr_num": 2},
    "three heads": {
        **DYNUNET,
        "deep_supervision": True,
        "deep_supr_num": 3,
        "filters": [4] * 5,
        "kernel_size": [3] * 5,
        "strides": [1, 2, 2, 2, 2],
        "upsample_kernel_size": [2] * 4,
    },
    "upsampling an axis each": {
        **DYNUNET,
        "strides": [1, 2, 2, 2],
        "upsample_kernel_size": [[2, 2, 2], 2, [2, 2, 2]],
    },
    "groups by the older name": {**LAYOUTS["SegResNet"], "norm_name": "GROUP", "num_groups": 4, "norm": "batch"},
    "strides an axis each": {**UNET, "strides": [[2, 2, 1], [2, 2, 2]]},
    "another activation": {**UNET, "act": ["leakyrelu", {"negative_slope": 0.2}], "bias": False},
    "a normalisation with arguments": {**UNET, "norm": ["instance", {"affine": True}]},
}


@pytest.mark.parametrize("words", WORDS)
def test_a_network_in_other_words_computes_what_monais_own_does(tmp_path, words):
    network = write_bundle(tmp_path / "model", WORDS[words])
    source, result = import_source(tmp_path / "model", ImportOptions())
    ours, _ = load_source(source)
    x = torch.randn(1, 1, 32, 32, 32)
    with torch.no_grad():
        assert_same(ours(x), network(x))
    assert result.report.share == 1.0


@pytest.mark.parametrize(("axis", "plane"), [(2, "axial"), (1, "coronal"), (0, "sagittal")])
def test_a_network_of_slices_computes_on_each_what_monais_own_does(tmp_path, axis, plane):
    inferer = {"_target_": "SliceInferer", "roi_size": [32, 16], "spatial_dim": axis}
    definition = {**UNET, "spatial_dims": 2, "strides": [[2, 1], [2, 2]]}
    network = write_bundle(tmp_path / "model", definition, config={"inferer": inferer})
    source, result = import_source(tmp_path / "model", ImportOptions())
    ours, _ = load_source(source)
    assert source.card.network.arguments["plane"] == plane
    assert source.card.patch_size == tuple(np.insert([32, 16], axis, 3))
    assert not any("slices lie" in note for note in result.sentences)
    x = torch.randn(2, 1, *np.insert([32, 16], axis, 3))
    with torch.no_grad():
        for n in range(3):
            assert_same(ours(x).select(2 + axis, n), network(x.select(2 + axis, n)))


def test_slices_of_which_nothing_is_said_are_taken_as_axial_and_that_is_said(tmp_path):
    write_bundle(tmp_path / "model", {**UNET, "spatial_dims": 2})
    result = imported(tmp_path / "model")
    assert result.card.network.arguments["plane"] == "axial"
    assert "It does not say which way its slices lie; taken as axial." in result.sentences


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_number_of_dimensions_that_is_computed_is_that_of_the_weights(tmp_path, dimensions):
    network = write_bundle(tmp_path / "model", {**UNET, "spatial_dims": dimensions})
    change(tmp_path / "model", "inference", lambda config: config["network_def"].update(spatial_dims="$len(@roi)"))
    source, result = import_source(tmp_path / "model", ImportOptions())
    ours, _ = load_source(source)
    x = torch.randn(1, 1, 16, 16, 16)
    with torch.no_grad():
        if dimensions == 2:
            assert_same(ours(x)[..., 3], network(x[..., 3]))
        else:
            assert_same(ours(x), network(x))
    assert {entry.status for entry in result.report.entries} == {"loaded"}


@pytest.mark.parametrize("said", [{"spatial_dims": 3}, {}])
def test_weights_of_slices_do_not_become_a_network_that_is_said_to_be_for_volumes(tmp_path, said):
    definition = LAYOUTS["SegResNet"] | {"spatial_dims": 2}
    write_bundle(tmp_path / "a", definition)
    del definition["spatial_dims"]
    change(tmp_path / "a", "inference", lambda config: config.update(network_def=definition | said))
    assert re.search(r"line \d+, `network_def::spatial_dims`: the network is one for volumes", refused(tmp_path / "a"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"_target_": "os.system"}, r"`network_def::_target_`: `os\.system` is not a network that can be imported"),
        ({"_target_": "scripts.networks.unest.UNesT"}, r"is not a network that can be imported"),
        ({"_target_": "monai.networks.nets.evil.DiNTS"}, r"is not a network that can be imported"),
        ({"_target_": "$monai.networks.nets.UNet"}, r"would have to be executed"),
        ({"channels": "$[4, 8]"}, r"`network_def::channels`: `\$\[4, 8\]` would have to be executed"),
        ({"channels": "%other.json#channels"}, r"pulled in from elsewhere"),
        ({"channels": "@nothing"}, r"`@nothing` refers to nothing"),
        ({"channels": "@network_def#channels"}, r"in a circle"),
        ({"_requires_": "$print('ran')"}, r"`network_def::_requires_`: would have something else executed"),
        ({"adn_ordering": "DNA"}, r"the argument `adn_ordering` = 'DNA' of MONAI's UNet is not known"),
        ({"wings": 2}, r"MONAI's UNet has no argument `wings`"),
        ({"spatial_dims": 1}, r"a UNet of 1 dimensions"),
        ({"strides": [2, "x"]}, r"argument `strides`\[1\]: expected a whole number, found a text"),
        ({"in_channels": 10**9}, r"`in_channels` is 1000000000"),
        ({"num_res_units": 10**9}, r"argument `num_res_units` is of absurd size"),
        ({"num_res_units": 1}, r"for which the network described has no place|not in the weights|in the network"),
    ],
)
def test_a_network_that_cannot_be_taken_over_is_refused_by_name(tmp_path, change, message):
    write_bundle(tmp_path / "a", config={"network_def": {**UNET, **change}})
    sentence = refused(tmp_path / "a")
    assert re.search(message, sentence), sentence


@pytest.mark.parametrize("target", ["UNet", "TransferSegLib.networks.build"])
def test_arguments_that_no_network_has_are_refused_before_any_is_read(tmp_path, monkeypatch, target):
    many = {f"a{n}": "@network_def" for n in range(200)}
    write_bundle(tmp_path / "a", config={"network_def": {"_target_": target, **many}})
    calls = counted(monkeypatch)
    read: list[tuple[str | int, ...]] = []
    value = Config.value
    monkeypatch.setattr(Config, "value", lambda self, *keys, **named: read.append(keys) or value(self, *keys, **named))
    assert "has no argument `a0`, nor 199 more of those given" in refused(tmp_path / "a")
    assert len(calls) == 1
    assert not [keys for keys in read if str(keys[-1]).startswith("a") and keys[0] == "network_def"]


def test_an_argument_that_cannot_be_is_named_where_it_stands_in_the_bundle(tmp_path):
    write_bundle(tmp_path / "b")
    path = tmp_path / "b" / "configs" / "inference.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["network_def"]["channels"] = [8, 16, -32]
    path.write_text(json.dumps(config, indent=4), encoding="utf-8")
    message = refused(tmp_path / "b")
    assert re.search(r"inference\.json, line \d+, `network_def::channels`: .* correct the bundle", message)
