"""Models of Auto3DSeg segment here as by their own program, on images with thick slices that lie at an angle."""

from __future__ import annotations

import shutil
import zipfile

import numpy as np
import pytest
import torch
from segresnet_ds_models import (
    agreement,
    auto3dseg_config,
    auto3dseg_preparation,
    auto3dseg_segmentation,
    imported,
    network_of,
    ours,
    refused,
    trained,
    write_auto3dseg,
    write_image,
)

from TransferSegLib.core.regions import Region

NETWORK = auto3dseg_config()["network"]
NESTED = [[1, 2, 3], [1, 3], [3]]
MODELS = {
    "ct": auto3dseg_config(),
    "mr with thick slices": auto3dseg_config(
        modality="mri",
        normalize_mode="meanstd",
        intensity_bounds=None,
        resample_resolution=[1.2, 1.2, 3.0],
        roi_size=[32, 32, 16],
        network={**NETWORK, "resolution": [1.2, 1.2, 3.0], "norm": "BATCH"},
    ),
    "brats": auto3dseg_config(
        modality="mri",
        normalize_mode="meanstd",
        intensity_bounds=None,
        input_channels=2,
        sigmoid=True,
        class_names=["whole tumor", "tumor core", "enhancing tumor"],
        class_index=NESTED,
        resample_resolution=[1.4, 1.4, 2.0],
        roi_size=[24, 24, 24],
        network={**NETWORK, "in_channels": 2, "out_channels": 3},
    ),
}


@pytest.mark.parametrize("kind", MODELS)
def test_a_model_segments_as_by_its_own_program(tmp_path, kind):
    config = MODELS[kind]
    channels, sigmoid = config["network"]["in_channels"], config["sigmoid"]
    images = [tmp_path / f"image{n}.nii.gz" for n in range(channels)]
    for n, path in enumerate(images):
        write_image(path, (44, 40, 22), (1.0, 1.15, 2.4), n, ct=config["modality"] == "ct")
    prepared = auto3dseg_preparation(config)([str(p) for p in images] if channels > 1 else str(images[0])).as_tensor()
    # What is bright and what is brighter: all that a network learns in some steps.
    body = prepared[0][prepared[0] > prepared[0].min()]
    classes = sum((prepared[0] > cut).long() for cut in torch.quantile(body, torch.tensor([0.72, 0.95])))
    wanted = torch.stack([classes > 0, classes > 0, classes > 1]) if sigmoid else classes
    network = trained(network_of(config), prepared, wanted, sigmoid)
    write_auto3dseg(tmp_path / "model", network, config)
    theirs = auto3dseg_segmentation(network, config, images)
    assert set(np.unique(theirs)) >= ({0, 1, 3} if sigmoid else {0, 1, 2})
    assert agreement(ours(imported(tmp_path / "model"), images), theirs) >= 0.999


def test_the_card_says_what_the_configuration_and_the_list_of_labels_do(tmp_path):
    config = MODELS["mr with thick slices"]
    write_auto3dseg(tmp_path / "kidney-v1.0.0", network_of(config), config)
    card = imported(tmp_path / "kidney-v1.0.0").card
    assert (card.name, card.modality, card.patch_size) == ("kidney-v1.0.0", "mr", (32, 32, 16))
    assert [(label.value, label.name) for label in card.labels] == [(1, "Left kidney"), (2, "Lesion")]
    assert card.labels[0].terminology == {
        "category": "SCT^123037004^Anatomical Structure",
        "type": "SCT^64033007^Kidney",
        "modifier": "SCT^7771000^Left",
    }
    assert card.labels[1].terminology["type"] == "SCT^86049000^Neoplasm, Primary"
    assert (card.preprocessing.spacing_mm, card.preprocessing.spacing_tolerance) == ((1.2, 1.2, 3.0), 0.25)
    assert (card.preprocessing.normalisation, card.preprocessing.crop) == ("z-score-nonzero", "foreground")
    assert (card.inference.overlap, card.inference.padding) == (0.625, "zero")
    assert card.network.name == "segresnet-ds"
    assert card.network.arguments["resolution"] == [1.2, 1.2, 3.0]


def test_outputs_that_overlap_become_regions_in_the_order_of_the_outputs(tmp_path):
    config = MODELS["brats"]
    write_auto3dseg(tmp_path / "model", network_of(config), config)
    card = imported(tmp_path / "model").card
    assert [(label.value, label.name) for label in card.labels] == [
        (2, "whole tumor"),
        (1, "tumor core"),
        (3, "enhancing tumor"),
    ]
    assert card.regions == (Region(2, (1, 2, 3)), Region(1, (1, 3)), Region(3, (3,)))
    assert not card.preprocessing.normalised_first


def test_a_sigmoid_of_one_output_is_a_label_and_a_background(tmp_path):
    config = auto3dseg_config(sigmoid=True, class_names=["aorta"], network={**NETWORK, "out_channels": 1})
    write_auto3dseg(tmp_path / "model", network_of(config), config, labels=None)
    result = imported(tmp_path / "model")
    assert [(label.value, label.name) for label in result.card.labels] == [(1, "aorta")]
    assert not result.card.regions
    assert "There is no labels.csv beside it." in result.sentences


def test_several_images_are_normalised_each_in_its_own_way(tmp_path):
    config = auto3dseg_config(
        modality="mri",
        normalize_mode="meanstd",
        extra_modalities={"image2": "pet"},
        network={**NETWORK, "in_channels": 2},
    )
    write_auto3dseg(tmp_path / "model", network_of(config), config)
    result = imported(tmp_path / "model")
    assert result.card.channels == ("MR", "image2")
    assert [one.normalisation for one in result.card.preprocessing.channels] == ["z-score-nonzero", "sigmoid-sd"]
    assert result.card.preprocessing.crop == "none"
    assert any("not cropped to a foreground" in note for note in result.sentences)


def test_an_archive_and_the_file_of_weights_alone_are_read_too(tmp_path):
    config = MODELS["ct"]
    write_auto3dseg(tmp_path / "organ-v2.0.0", network_of(config), config)
    with zipfile.ZipFile(tmp_path / "packed-v2.0.0.zip", "w") as archive:
        for file in (tmp_path / "organ-v2.0.0").iterdir():
            archive.write(file, file.name)
    assert imported(tmp_path / "packed-v2.0.0.zip").card.labels == imported(tmp_path / "organ-v2.0.0").card.labels
    shutil.move(tmp_path / "organ-v2.0.0" / "model.pt", tmp_path / "weights.pt")
    alone = imported(tmp_path / "weights.pt").card
    assert [label.name for label in alone.labels] == ["organ", "lesion"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"network": {**NETWORK, "_target_": "monai.networks.nets.DiNTS"}},
            "with the network `monai.networks.nets.DiNTS`",
        ),
        ({"network": {**NETWORK, "preprocess": "$import os"}}, "argument `preprocess`"),
        ({"network": {**NETWORK, "surprise": 1}}, "has no argument `surprise`"),
        ({"network": {**NETWORK, "init_filters": 100_000}}, "absurd size"),
        ({"normalize_mode": "custom"}, "normalises intensities by `custom`"),
        ({"intensity_bounds": None}, "`intensity_bounds` must be two rising numbers"),
        ({"intensity_bounds": [250, -150]}, "`intensity_bounds` must be two rising numbers"),
        ({"roi_size": [32, 32]}, "`roi_size` must be three numbers above 0"),
        ({"resample_resolution": [1.0, 0.0, 1.0]}, "`resample_resolution` must be three numbers above 0"),
        ({"extra_modalities": {"image2": "mri"}}, "takes 1 image, and the configuration says how 2 are normalised"),
        ({"sigmoid": True, "class_index": [[1], [2]]}, "`class_index` does not say which values lie in which"),
        ({"sigmoid": True, "class_index": [[1, 2], [1, 2], [3]]}, "do not tell the values 1, 2, 3 apart"),
    ],
)
def test_what_a_card_cannot_say_is_refused_in_a_sentence(tmp_path, changes, words):
    config = auto3dseg_config()
    write_auto3dseg(tmp_path / "model", network_of(config), {**config, **changes})
    assert words in refused(tmp_path / "model")


@pytest.mark.parametrize("text", ["LabelValue,Name\none,kidney\n", "Value,Name\n1,kidney\n", 'LabelValue,Name\n1,"kid'])
def test_a_list_of_labels_that_is_none_is_refused_by_its_column(tmp_path, text):
    config = MODELS["ct"]
    write_auto3dseg(tmp_path / "model", network_of(config), config, text)
    assert "with a whole number in the column `LabelValue`" in refused(tmp_path / "model")
