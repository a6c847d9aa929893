"""CT-FM's models segment here as their users have them do it, with axes superior, posterior, left."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from monai.networks.nets.segresnet_ds import SegResEncoder, SegResNetDS
from safetensors.torch import save_file
from segresnet_ds_models import (
    CTFM_CONFIG,
    agreement,
    ctfm_preparation,
    ctfm_segmentation,
    imported,
    ours,
    refused,
    trained,
    write_image,
)

from TransferSegLib.networks.axes import Axes

WINDOW = (16, 32, 24)


def write(folder, network: torch.nn.Module, config=CTFM_CONFIG) -> None:
    folder.mkdir()
    save_file(
        {name: tensor.contiguous() for name, tensor in network.state_dict().items()}, folder / "model.safetensors"
    )
    if config is not None:
        (folder / "config.json").write_text(json.dumps(config))


def of_some_steps(path) -> SegResNetDS:
    """A network that was trained on an image, whose axes are no images of each other."""
    prepared = ctfm_preparation()(str(path)).as_tensor()
    body = prepared[0][prepared[0] > prepared[0].min()]
    classes = sum((prepared[0] > cut).long() for cut in torch.quantile(body, torch.tensor([0.72, 0.95])))
    # To the left of the middle there is only one label: whoever turns the axes otherwise finds others.
    classes[..., classes.shape[-1] // 2 :] = classes[..., classes.shape[-1] // 2 :].clamp(max=1)
    torch.manual_seed(0)
    return trained(SegResNetDS(**CTFM_CONFIG), prepared, classes)


@pytest.fixture(scope="module")
def image_and_network(tmp_path_factory):
    path = tmp_path_factory.mktemp("ctfm") / "image.nii.gz"
    write_image(path, (36, 34, 22), (1.0, 1.2, 2.5), seed=3)
    return path, of_some_steps(path)


def test_a_model_segments_as_its_users_have_it_do(tmp_path, image_and_network):
    image, network = image_and_network
    write(tmp_path / "whole_body", network)
    result = imported(tmp_path / "whole_body")
    theirs = ctfm_segmentation(network, image, WINDOW)
    assert set(np.unique(theirs)) == {0, 1, 2}
    found = ours(result, [image], Axes("SPL").sizes_from_network(WINDOW))
    assert agreement(found, theirs) >= 0.999
    # The same weights with our axes find something else: the axes count.
    arguments = {**result.card.network.arguments, "axes": "RAS"}
    turned = replace(result, card=replace(result.card, network=replace(result.card.network, arguments=arguments)))
    assert agreement(ours(turned, [image], Axes("SPL").sizes_from_network(WINDOW)), theirs) < 0.98


def test_the_card_says_what_ct_fms_pipeline_does(tmp_path, image_and_network):
    write(tmp_path / "whole_body", image_and_network[1])
    card = imported(tmp_path / "whole_body").card
    assert card.network.arguments == {
        "init_filters": 8,
        "blocks_down": [1, 1, 1],
        "dsdepth": 2,
        "norm": "batch",
        "axes": "SPL",
    }
    assert card.patch_size == (160, 160, 96)
    assert (card.preprocessing.spacing_mm, card.preprocessing.window_hu) == (None, (-1024.0, 2048.0))
    assert card.inference.largest_component == ("label 1", "label 2")
    assert (card.task, card.channels, card.inference.overlap) == ("segmentation", ("CT",), 0.625)


def test_the_file_alone_says_as_much_as_its_configuration(tmp_path, image_and_network):
    write(tmp_path / "with", image_and_network[1])
    write(tmp_path / "without", image_and_network[1], None)
    alone = imported(tmp_path / "without" / "model.safetensors").card
    assert alone.network == imported(tmp_path / "with").card.network


def test_a_decoder_that_was_never_trained_is_left_out(tmp_path):
    network = SegResNetDS(**CTFM_CONFIG)
    network.encoder.layers[0]["blocks"][0].norm1.running_mean += 1
    write(tmp_path / "ct_fm_segresnet", network)
    result = imported(tmp_path / "ct_fm_segresnet")
    assert (result.card.task, result.card.labels) == ("classification", ())
    assert any("never trained" in note for note in result.sentences)
    kept = result.state["net.encoder.layers.0.blocks.0.norm1.running_mean"]
    assert torch.equal(kept, network.encoder.layers[0]["blocks"][0].norm1.running_mean)


def test_an_encoder_alone_is_one(tmp_path):
    config = {"spatial_dims": 3, "in_channels": 1, "init_filters": 8, "blocks_down": [1, 1, 1]}
    write(tmp_path / "feature_extractor", SegResEncoder(**config), config)
    result = imported(tmp_path / "feature_extractor")
    assert (result.card.task, result.card.labels) == ("classification", ())
    assert "encoder-transfer" in result.card.description


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({**CTFM_CONFIG, "blocks_down": [1, 1, 1, 1]}, "weights"),
        ({**CTFM_CONFIG, "norm": "$import os"}, "no plain name"),
        ({**CTFM_CONFIG, "init_filters": 100_000}, "absurd size"),
        ([1, 2], "is no list of a network's arguments"),
    ],
)
def test_a_configuration_of_another_network_is_refused(tmp_path, image_and_network, config, words):
    write(tmp_path / "model", image_and_network[1], config)
    assert words in refused(tmp_path / "model")


def test_a_normalisation_that_nothing_tells_is_asked_for(tmp_path):
    network = SegResNetDS(**{**CTFM_CONFIG, "norm": "instance"})
    write(tmp_path / "model", network, None)
    assert "put its config.json beside it" in refused(tmp_path / "model")
    (tmp_path / "model" / "config.json").write_text(json.dumps({**CTFM_CONFIG, "norm": "instance"}))
    assert imported(tmp_path / "model").card.network.arguments["norm"] == "instance"
