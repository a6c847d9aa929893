from __future__ import annotations

import json
import re
import shutil

import numpy as np
import pytest
import torch
import yaml
from foreign_models import SPLEEN_PREPROCESSING, UNET, write_bundle

from TransferSegLib.cases.preparation import Preparation
from TransferSegLib.cli import main
from TransferSegLib.errors import InputError
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.configs import Config
from TransferSegLib.sources.imported import ImportOptions
from TransferSegLib.sources.importing import import_source, read_model
from TransferSegLib.sources.loading import load_source

# The architectures of the public zoo (spleen_ct, wholeBody_ct, pediatric_abdominal_ct, swin_unetr_btcv), made small.
LAYOUTS = {
    "UNet": UNET,
    "SegResNet": {
        "_target_": "SegResNet",
        "spatial_dims": 3,
        "in_channels": 1,
        "out_channels": 2,
        "init_filters": 8,
        "blocks_down": [1, 1, 1],
        "blocks_up": [1, 1],
        "dropout_prob": 0.2,
    },
    "DynUNet": {
        "_target_": "monai.networks.nets.DynUNet",
        "spatial_dims": "@spatial_dims",
        "in_channels": 1,
        "out_channels": "@classes",
        "kernel_size": [3, 3, 3, 3],
        "strides": [1, 2, 2, [2, 2, 1]],
        "upsample_kernel_size": [2, 2, [2, 2, 1]],
        "filters": [4, 8, 8, 8],
        "norm_name": "instance",
        "deep_supervision": False,
        "res_block": True,
    },
    "SwinUNETR": {
        "_target_": "SwinUNETR",
        "spatial_dims": 3,
        "in_channels": 1,
        "out_channels": 2,
        "feature_size": 12,
        "depths": [1, 1, 1, 1],
        "num_heads": [1, 1, 2, 2],
        "use_checkpoint": False,
    },
    "UNETR": {
        "_target_": "UNETR",
        "in_channels": 1,
        "out_channels": 2,
        "img_size": [32, 32, 32],
        "feature_size": 4,
        "hidden_size": 48,
        "mlp_dim": 64,
        "num_heads": 4,
    },
}


def imported(folder, **options):
    return read_model(folder, ImportOptions(**options))


def refused(folder, **options) -> str:
    with pytest.raises(InputError) as caught:
        imported(folder, **options)
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


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
        assert torch.allclose(ours(x), network(x), atol=1e-5)
    assert result.report.share == 1.0


DYNUNET = {**LAYOUTS["DynUNet"], "spatial_dims": 3, "out_channels": 2}
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
        assert torch.allclose(ours(x), network(x), atol=1e-5)
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
    assert not any("slices lie" in note for note in result.notes)
    x = torch.randn(2, 1, *np.insert([32, 16], axis, 3))
    with torch.no_grad():
        for n in range(3):
            assert torch.allclose(ours(x).select(2 + axis, n), network(x.select(2 + axis, n)), atol=1e-5)


def test_slices_of_which_nothing_is_said_are_taken_as_axial_and_that_is_said(tmp_path):
    write_bundle(tmp_path / "model", {**UNET, "spatial_dims": 2})
    result = imported(tmp_path / "model")
    assert result.card.network.arguments["plane"] == "axial"
    assert "It does not say which way its slices lie; taken as axial." in result.notes


@pytest.mark.parametrize(
    ("key", "expected", "noted"),
    [("channel_def", ("spleen",), False), ("label_def", ("spleen",), False), ("value_range", ("label 1",), True)],
)
def test_names_of_labels_are_found_or_it_is_said_that_there_are_none(tmp_path, key, expected, noted):
    write_bundle(tmp_path / "a")
    path = tmp_path / "a" / "configs" / "metadata.json"
    metadata = json.loads(path.read_text(encoding="utf-8"))
    output = metadata["network_data_format"]["outputs"]["pred"]
    output[key] = output.pop("channel_def")
    path.write_text(json.dumps(metadata))
    result = imported(tmp_path / "a")
    assert result.card.label_names == expected
    assert any("does not name all of its labels" in note for note in result.notes) == noted


@pytest.mark.parametrize(
    ("written", "stands_for"),
    [
        ("$monai.utils.CommonKeys.IMAGE", "image"),
        ("$CommonKeys.LABEL", "label"),
        ("$monai.utils.enums.GridSampleMode.BILINEAR", "bilinear"),
    ],
)
def test_a_name_of_monais_stands_for_its_text_and_nothing_is_run(tmp_path, written, stands_for):
    path = tmp_path / "inference.json"
    path.write_text(json.dumps({"key": written, "other": "@key"}))
    assert Config(path).value("other") == stands_for


@pytest.mark.parametrize(
    "written", ["$monai.utils.CommonKeys.OTHER", "$os.CommonKeys.IMAGE", "$CommonKeys.IMAGE + 'x'"]
)
def test_what_is_no_name_of_monais_is_refused_as_an_expression(tmp_path, written):
    path = tmp_path / "inference.json"
    path.write_text(json.dumps({"key": written}))
    with pytest.raises(InputError, match="would have to be executed"):
        Config(path).value("key")


def test_the_card_says_what_the_bundle_says(tmp_path):
    write_bundle(tmp_path / "spleen_ct")
    card = imported(tmp_path / "spleen_ct").card
    assert (card.name, card.title, card.modality, card.body_part) == (
        "spleen_ct",
        "Spleen CT segmentation",
        "ct",
        "",
    )
    assert card.label_names == ("spleen",)
    assert card.channels == ("CT",)
    assert card.preparation == Preparation((1.5, 1.5, 2.0), "ct", (-57.0, 164.0))
    assert card.patch_size == (32, 32, 32)
    assert (card.licence, card.commercial_use, card.citation) == ("Apache-2.0", True, "Xia et al. 2018")


def test_a_zip_of_a_bundle_and_a_folder_in_a_folder_import_alike(tmp_path):
    write_bundle(tmp_path / "outer" / "spleen_ct")
    (tmp_path / "outer" / "spleen_ct" / "scripts").mkdir()
    (tmp_path / "outer" / "spleen_ct" / "scripts" / "__init__.py").write_text("raise SystemExit('ran')")
    shutil.make_archive(str(tmp_path / "spleen"), "zip", tmp_path / "outer")
    cards = [imported(path).card for path in (tmp_path / "spleen.zip", tmp_path / "outer")]
    assert cards[0] == cards[1]


def test_yaml_is_read_as_json_is(tmp_path):
    write_bundle(tmp_path / "a")
    expected = imported(tmp_path / "a").card
    path = tmp_path / "a" / "configs" / "inference.json"
    (path.with_suffix(".yaml")).write_text(yaml.safe_dump(json.loads(path.read_text(encoding="utf-8"))))
    path.unlink()
    assert imported(tmp_path / "a").card == expected


@pytest.mark.parametrize(
    ("transforms", "expected"),
    [
        (
            [{"_target_": "NormalizeIntensityd", "keys": "image", "nonzero": True, "channel_wise": True}],
            Preparation(None, "z-score-nonzero"),
        ),
        (
            [
                {"_target_": "ScaleIntensityd", "keys": "image", "minv": 0, "maxv": 1},
                {"_target_": "NormalizeIntensityd", "keys": "image"},
            ],
            Preparation(None, "z-score"),
        ),
        (
            [
                {"_target_": "NormalizeIntensityd", "keys": "image", "nonzero": True},
                {"_target_": "ScaleIntensityd", "keys": "image", "minv": -1.0, "maxv": 1.0},
            ],
            Preparation(None, "z-score-nonzero", extremes=(-1.0, 1.0)),
        ),
        (
            [
                {
                    "_target_": "ScaleIntensityRanged",
                    "keys": ["image"],
                    "a_min": -100,
                    "a_max": 300,
                    "b_min": -1,
                    "b_max": 1,
                }
            ],
            Preparation(None, "ct", (-1e9, 1e9), 100.0, 200.0),
        ),
        (
            [{"_target_": "CropForegroundd", "keys": ["image", "label"], "source_key": "image"}],
            Preparation(None, "none"),
        ),
        (
            [
                {"_target_": "CropForegroundd", "keys": "image", "source_key": "image"},
                {"_target_": "NormalizeIntensityd", "keys": "image"},
            ],
            Preparation(None, "z-score", crop="non-zero"),
        ),
        (
            # What is left of a crop by a rule of the bundle's own is not known, and nothing of it is run.
            [
                {
                    "_target_": "CropForegroundd",
                    "keys": "image",
                    "source_key": "image",
                    "select_fn": "$lambda x: x > -900",
                },
                {"_target_": "NormalizeIntensityd", "keys": "image"},
            ],
            Preparation(None, "z-score"),
        ),
        (
            [
                {"_target_": "ClipIntensityPercentilesd", "keys": "image", "lower": 1, "upper": 99},
                {"_target_": "NormalizeIntensityd", "keys": "image"},
            ],
            Preparation(None, "z-score", clip_percentiles=(1.0, 99.0)),
        ),
        ([{"_target_": "AsDiscreted", "keys": "label", "to_onehot": 2}], Preparation(None, "none")),
        ([], Preparation(None, "none")),
    ],
)
def test_preprocessing_becomes_a_preparation(tmp_path, transforms, expected):
    write_bundle(tmp_path / "a", preprocessing=transforms)
    assert imported(tmp_path / "a").card.preparation == expected


@pytest.mark.parametrize(
    ("transform", "message"),
    [
        (
            {"_target_": "scripts.mine.Windowd", "keys": "image"},
            r"`scripts\.mine\.Windowd` is code of the bundle's own",
        ),
        ({"_target_": "GaussianSmoothd", "keys": "image", "sigma": 2}, r"`GaussianSmoothd`, as it is used there"),
        ({"_target_": "Orientationd", "keys": "image", "axcodes": "LPS"}, r"axes as 'LPS'"),
        ({"_target_": "Spacingd", "keys": "image", "pixdim": [1, 1]}, r"\[1, 1\] is no voxel size"),
        ("$monai.transforms.Identity()", r"would have to be executed"),
        (
            {"_target_": "NormalizeIntensityd", "keys": "image", "subtrahend": "$5", "divisor": 2},
            r"`\$5` would have to",
        ),
    ],
)
def test_a_transform_that_a_card_cannot_express_is_refused_with_its_line(tmp_path, transform, message):
    write_bundle(tmp_path / "a", preprocessing=[SPLEEN_PREPROCESSING[0], transform])
    sentence = refused(tmp_path / "a")
    assert re.search(message, sentence), sentence
    path = tmp_path / "a" / "configs" / "inference.json"
    line = int(re.search(r"inference\.json, line (\d+), `preprocessing::transforms::1", sentence)[1])
    wanted = transform if isinstance(transform, str) else transform["_target_"]
    assert any(wanted in text for text in path.read_text(encoding="utf-8").splitlines()[line - 4 : line + 4])


def test_an_expression_is_refused_with_its_line_and_what_to_do(tmp_path):
    preprocessing = [{**t, "pixdim": "@pixdim"} if "pixdim" in t else t for t in SPLEEN_PREPROCESSING]
    pixdim = "$[1.5, 1.5, 1.5] if @highres else [3.0, 3.0, 3.0]"
    write_bundle(tmp_path / "a", preprocessing=preprocessing, config={"highres": True, "pixdim": pixdim})
    path = tmp_path / "a" / "configs" / "inference.json"
    line = next(
        n for n, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1) if '"pixdim": "$' in text
    )
    sentence = refused(tmp_path / "a")
    assert sentence.startswith(f"{path}, line {line}, `pixdim`: `{pixdim}` would have to be executed")
    assert sentence.endswith("import it again, or give the voxel size as --spacing 1.5,1.5,1.5 does.")
    assert imported(tmp_path / "a", spacing_mm=(1.5, 1.5, 1.5)).card.preparation.spacing_mm == (1.5, 1.5, 1.5)


def test_a_dollar_before_a_bare_reference_is_a_reference(tmp_path):
    top = {"transforms": SPLEEN_PREPROCESSING, "preprocessing": {"_target_": "Compose", "transforms": "$@transforms"}}
    write_bundle(tmp_path / "a", config={**top, "network_def": {**UNET, "channels": "$@widths"}, "widths": [4, 8, 16]})
    card = imported(tmp_path / "a").card
    assert card.preparation.spacing_mm == (1.5, 1.5, 2.0)
    assert card.network.arguments["channels"] == [4, 8, 16]


def test_the_import_prints_what_became_of_each_tensor(tmp_path, capsys):
    write_bundle(tmp_path / "a")
    assert main(["sources", "import", str(tmp_path / "a"), "--json", "--name", "spleen"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["card"]["name"] == "spleen"
    assert told["weights"]["share"] == 1.0
    assert {entry["status"] for entry in told["weights"]["entries"]} == {"loaded"}


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


def test_one_sigmoid_output_becomes_background_and_label_exactly(tmp_path):
    network = write_bundle(tmp_path / "a", {**UNET, "out_channels": 1}, names=("spleen",), sigmoid=True)
    source, _ = import_source(tmp_path / "a", ImportOptions())
    ours, _ = load_source(source)
    x = torch.randn(2, 1, 16, 16, 16)
    with torch.no_grad():
        assert torch.allclose(torch.softmax(ours(x), 1)[:, 1:], torch.sigmoid(network(x)), atol=1e-5)
    assert source.card.label_names == ("spleen",)


SIGMOID = {"_target_": "Activationsd", "keys": "pred", "sigmoid": True}
THRESHOLD = {"_target_": "AsDiscreted", "keys": "pred", "threshold": 0.5}


@pytest.mark.parametrize(
    "config",
    [
        {"postprocessing": {"_target_": "Compose", "transforms": [SIGMOID, THRESHOLD]}},
        {"postprocessing": [SIGMOID]},
        {"postprocessing": "@after", "after": {"_target_": "Compose", "transforms": [THRESHOLD]}},
        {"postprocessing": {"_target_": "Compose", "transforms": "@a"}, "a": "@b", "b": [SIGMOID, THRESHOLD]},
        {"postprocessing": {"_target_": "Compose", "transforms": ["@first", THRESHOLD]}, "first": SIGMOID},
        {
            "postprocessing": {
                "_target_": "Compose",
                "transforms": [{**SIGMOID, "_target_": "@kind", "sigmoid": "@each"}],
            },
            "kind": "monai.transforms.Activationsd",
            "each": [True],
        },
    ],
    ids=[
        "written out",
        "a list",
        "all by reference",
        "list by references",
        "transform by reference",
        "values by reference",
    ],
)
def test_overlapping_regions_are_refused_by_their_names_however_they_are_written(tmp_path, config):
    names = ("core", "whole", "enhancing")
    write_bundle(tmp_path / "a", {**UNET, "out_channels": 3}, names=names, config=config)
    assert re.search(r"the 3 outputs \(core, whole, enhancing\) .* regions overlap", refused(tmp_path / "a"))


def test_outputs_that_are_compared_in_the_end_do_not_overlap(tmp_path):
    transforms = [SIGMOID, {"_target_": "AsDiscreted", "keys": "pred", "argmax": True}]
    write_bundle(tmp_path / "a", config={"postprocessing": {"_target_": "Compose", "transforms": transforms}})
    assert imported(tmp_path / "a").card.label_names == ("spleen",)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"postprocessing": None}, "nothing says how its one output becomes a label"),
        ({"postprocessing": [{"_target_": "SaveImaged", "keys": "pred"}]}, "does not say how the one output becomes"),
        ({"postprocessing": [{**SIGMOID, "other": "$lambda x: x"}]}, "would have to be executed"),
        ({"postprocessing": "$monai.transforms.Compose(@after)"}, "would have to be executed"),
    ],
)
def test_what_does_not_say_how_outputs_become_labels_is_refused(tmp_path, config, message):
    write_bundle(tmp_path / "a", {**UNET, "out_channels": 1}, names=("spleen",), config=config)
    assert message in refused(tmp_path / "a")


def test_what_is_left_out_is_noted_in_print_and_on_the_card(tmp_path, capsys):
    crop = {"_target_": "CropForegroundd", "keys": "image", "source_key": "image"}
    keep = {"_target_": "KeepLargestConnectedComponentd", "keys": "pred"}
    after = [{"_target_": "AsDiscreted", "keys": "pred", "argmax": True}, keep]
    write_bundle(tmp_path / "a", preprocessing=[*SPLEEN_PREPROCESSING, crop], config={"postprocessing": after})
    assert main(["sources", "import", str(tmp_path / "a"), "--name", "mine"]) == 0
    printed, description = capsys.readouterr().out, find_source("mine").card.description
    for words in ("CropForeground is left out", "KeepLargestConnectedComponent, is left out"):
        assert words in printed
        assert words in description


def test_the_person_chooses_among_several_weights_and_configurations(tmp_path):
    write_bundle(tmp_path / "a")
    models, configs = tmp_path / "a" / "models", tmp_path / "a" / "configs"
    (models / "model.pt").rename(models / "fine.pt")
    shutil.copy(models / "fine.pt", models / "coarse.pt")
    (models / "model.ts").write_bytes(b"a program")
    assert "holds coarse.pt, fine.pt; choose one with --weights" in refused(tmp_path / "a")
    (configs / "inference.json").rename(configs / "inference_unet.json")
    assert "name one with --config" in refused(tmp_path / "a")
    assert imported(tmp_path / "a", weights="models/fine.pt", config="inference_unet.json").card.label_names == (
        "spleen",
    )


def test_a_licence_without_commercial_use_is_shown_as_such(tmp_path):
    write_bundle(tmp_path / "a")
    (tmp_path / "a" / "LICENSE").write_text("Creative Commons Attribution-NonCommercial 4.0 International")
    assert imported(tmp_path / "a").card.commercial_use is False


def test_a_licence_of_a_line_is_kept_as_it_is(tmp_path):
    write_bundle(tmp_path / "a")
    (tmp_path / "a" / "LICENSE").write_text("CC-BY-SA-4.0 (as its training data)\n")
    card = imported(tmp_path / "a").card
    assert (card.licence, card.commercial_use) == ("CC-BY-SA-4.0 (as its training data)", True)


def test_an_argument_that_cannot_be_is_named_where_it_stands_in_the_bundle(tmp_path):
    write_bundle(tmp_path / "b")
    path = tmp_path / "b" / "configs" / "inference.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["network_def"]["channels"] = [8, 16, -32]
    path.write_text(json.dumps(config, indent=4), encoding="utf-8")
    told = refused(tmp_path / "b")
    assert re.search(r"inference\.json, line \d+, `network_def::channels`: .* correct the bundle", told)


def test_a_bundle_without_its_metadata_is_told_what_it_lacks(tmp_path):
    write_bundle(tmp_path / "b")
    (tmp_path / "b" / "configs" / "metadata.json").unlink()
    assert "metadata.json: no such file, and without it this is not a MONAI bundle" in refused(tmp_path / "b")


def test_a_bundle_says_which_file_was_read_instead_of_inference_json(tmp_path):
    write_bundle(tmp_path / "b")
    (tmp_path / "b" / "configs" / "inference.json").rename(tmp_path / "b" / "configs" / "train.json")
    assert any("was read from train.json" in note for note in imported(tmp_path / "b").notes)
