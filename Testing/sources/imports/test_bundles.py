from __future__ import annotations

import json
import re
import shutil

import numpy as np
import pytest
import torch
import yaml
from foreign_models import SPLEEN_PREPROCESSING, UNET, write_bundle
from rounding import assert_same

from TransferSegLib.cases.preprocessing import normalise
from TransferSegLib.cli import main
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.imports.importer import ImportOptions
from TransferSegLib.sources.imports.importing import import_source, read_model
from TransferSegLib.sources.loading import load_source
from TransferSegLib.sources.untrusted.configs import Config

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


def change(folder, name, by):
    """Edit a configuration of a bundle in place."""
    path = folder / "configs" / f"{name}.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    by(content)
    path.write_text(json.dumps(content, indent=4))


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
        assert_same(ours(x), network(x))
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
    assert not any("slices lie" in note for note in result.notes)
    x = torch.randn(2, 1, *np.insert([32, 16], axis, 3))
    with torch.no_grad():
        for n in range(3):
            assert_same(ours(x).select(2 + axis, n), network(x.select(2 + axis, n)))


def test_slices_of_which_nothing_is_said_are_taken_as_axial_and_that_is_said(tmp_path):
    write_bundle(tmp_path / "model", {**UNET, "spatial_dims": 2})
    result = imported(tmp_path / "model")
    assert result.card.network.arguments["plane"] == "axial"
    assert "It does not say which way its slices lie; taken as axial." in result.notes


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
    assert card.preprocessing == Preprocessing((1.5, 1.5, 2.0), "ct", (-57.0, 164.0))
    assert card.patch_size == (32, 32, 32)
    assert (card.licence, card.commercial_use, card.citation) == ("Apache-2.0", True, "Xia et al. 2018")


def test_signs_in_the_texts_of_metadata_are_signs_and_not_references(tmp_path):
    write_bundle(tmp_path / "a")
    texts = {
        "name": "@ work",
        "description": "$5 million, by A. B. <a@b.org>",
        "data_source": "%-wise",
        "version": "@1",
        "references": ["C. D. <c@d.org>", "$x"],
    }
    change(
        tmp_path / "a",
        "metadata",
        lambda of: (of.update(texts), of["network_data_format"]["inputs"]["image"].update(modality="MR @ 3T")),
    )
    card = imported(tmp_path / "a").card
    assert (card.title, card.trained_on, card.made_by["version"]) == ("@ work", "%-wise", "@1")
    assert card.description.startswith("$5 million, by A. B. <a@b.org>")
    assert (card.citation, card.modality) == ("C. D. <c@d.org>; $x", "mr @ 3t")


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
            Preprocessing(None, "z-score-nonzero"),
        ),
        (
            [
                {"_target_": "ScaleIntensityd", "keys": "image", "minv": 0, "maxv": 1},
                {"_target_": "NormalizeIntensityd", "keys": "image"},
            ],
            Preprocessing(None, "z-score"),
        ),
        (
            [
                {"_target_": "NormalizeIntensityd", "keys": "image", "nonzero": True},
                {"_target_": "ScaleIntensityd", "keys": "image", "minv": -1.0, "maxv": 1.0},
            ],
            Preprocessing(None, "z-score-nonzero", extremes=(-1.0, 1.0)),
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
            Preprocessing(None, "ct", (-1e9, 1e9), 100.0, 200.0),
        ),
        (
            [{"_target_": "CropForegroundd", "keys": ["image", "label"], "source_key": "image"}],
            Preprocessing(None, "none"),
        ),
        (
            [
                {"_target_": "CropForegroundd", "keys": "image", "source_key": "image"},
                {"_target_": "NormalizeIntensityd", "keys": "image"},
            ],
            Preprocessing(None, "z-score", crop="non-zero"),
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
            Preprocessing(None, "z-score"),
        ),
        (
            [
                {"_target_": "ClipIntensityPercentilesd", "keys": "image", "lower": 1, "upper": 99},
                {"_target_": "NormalizeIntensityd", "keys": "image"},
            ],
            Preprocessing(None, "z-score", clip_percentiles=(1.0, 99.0)),
        ),
        ([{"_target_": "AsDiscreted", "keys": "label", "to_onehot": 2}], Preprocessing(None, "none")),
        ([], Preprocessing(None, "none")),
    ],
)
def test_preprocessing_becomes_a_preparation(tmp_path, transforms, expected):
    write_bundle(tmp_path / "a", preprocessing=transforms)
    assert imported(tmp_path / "a").card.preprocessing == expected


def crop(**more) -> dict[str, object]:
    return {"_target_": "CropForegroundd", "keys": "image", "source_key": "image", **more}


Z_SCORE = {"_target_": "NormalizeIntensityd", "keys": "image"}
NON_ZERO = {**Z_SCORE, "nonzero": True}
PAD = {"_target_": "SpatialPadd", "keys": "image", "spatial_size": [64, 64, 64]}
CENTRE = {"_target_": "CenterSpatialCropd", "keys": "image", "roi_size": [8, 8, 8]}
WINDOW = {"_target_": "ScaleIntensityRanged", "keys": "image", "a_min": 0, "a_max": 9, "b_min": 0, "b_max": 1}
OTHER_BOX = {"select_fn": "$lambda x: x > 500"}
WITHOUT = "is left out: windows cover the whole image here, and intensities are taken without it."
SIZE_ALONE = "is left out: windows cover the whole image here."
ABOVE = "Its CropForeground, which keeps what is above 0"


@pytest.mark.parametrize(
    ("transforms", "kept", "noted"),
    [
        ([crop(**OTHER_BOX), NON_ZERO], False, f"Its CropForeground {WITHOUT}"),
        ([crop(), NON_ZERO], False, f"Its CropForeground {WITHOUT}"),
        ([crop(select_fn="$lambda x: x != 0"), NON_ZERO], False, f"Its CropForeground {SIZE_ALONE}"),
        ([crop(margin=3), Z_SCORE], False, f"Its CropForeground {WITHOUT}"),
        ([crop(select_fn="$lambda x: x != 0"), Z_SCORE], True, None),
        ([crop(), Z_SCORE], True, f"{ABOVE}, is taken as one to what is not 0."),
        ([crop(k_divisible=[1, 1, 1]), Z_SCORE], True, f"{ABOVE}, is taken as one to what is not 0."),
        ([crop(k_divisible=8), Z_SCORE], True, f"{ABOVE} and makes it larger (`k_divisible`), is taken as one"),
        ([Z_SCORE, crop(**OTHER_BOX)], False, f"Its CropForeground {SIZE_ALONE}"),
        ([crop(**OTHER_BOX), WINDOW], False, f"Its CropForeground {SIZE_ALONE}"),
        ([CENTRE, Z_SCORE], False, f"Its CenterSpatialCrop {WITHOUT}"),
        ([PAD, Z_SCORE], False, f"Its SpatialPad {WITHOUT}"),
        ([Z_SCORE, PAD], False, f"Its SpatialPad {SIZE_ALONE}"),
        ([PAD, WINDOW], False, f"Its SpatialPad {SIZE_ALONE}"),
    ],
)
def test_a_change_of_size_that_intensities_are_taken_after_is_kept_or_noted_as_such(tmp_path, transforms, kept, noted):
    write_bundle(tmp_path / "a", preprocessing=transforms)
    result = imported(tmp_path / "a")
    assert (result.card.preprocessing.crop == "non-zero") == kept
    told = [note for note in result.notes if "CropForeground" in note or "Spatial" in note]
    assert len(told) == (noted is not None)
    assert all(note.startswith(noted) for note in told)


@pytest.mark.parametrize(
    "arguments",
    [
        {"lower": 1, "upper": 99, "b_min": 0, "b_max": 1},
        {"lower": 0.5, "upper": 99.5, "b_min": -1, "b_max": 1},
        {"lower": 0, "upper": 80, "b_min": -3, "b_max": -2},
    ],
)
def test_a_range_between_percentiles_is_what_monais_transform_makes_of_it(tmp_path, arguments):
    from monai.transforms import ScaleIntensityRangePercentiles

    step = {"_target_": "ScaleIntensityRangePercentilesd", "keys": "image", "clip": True, **arguments}
    write_bundle(tmp_path / "a", preprocessing=[step])
    image = np.random.default_rng(0).normal(300, 80, (9, 10, 11)).astype(np.float32)
    theirs = ScaleIntensityRangePercentiles(clip=True, **arguments)(image[None])[0]
    assert np.allclose(normalise(image, imported(tmp_path / "a").card.preprocessing), theirs, atol=1e-5)


@pytest.mark.parametrize("more", [{"clip": False}, {"relative": True}, {"b_max": None}, {"upper": 1}])
def test_a_range_between_percentiles_that_a_card_cannot_express_is_refused(tmp_path, more):
    step = {"lower": 1, "upper": 99, "b_min": 0, "b_max": 1, "clip": True, **more}
    write_bundle(
        tmp_path / "a", preprocessing=[{"_target_": "ScaleIntensityRangePercentilesd", "keys": "image", **step}]
    )
    assert "`ScaleIntensityRangePercentilesd`, as it is used there, has no words" in refused(tmp_path / "a")


@pytest.mark.parametrize("axes", [{}, {"axcodes": "LPS"}, {"axcodes": None}])
def test_the_closest_canonical_axes_are_right_anterior_superior(tmp_path, axes):
    step = {"_target_": "Orientationd", "keys": "image", "as_closest_canonical": True, **axes}
    write_bundle(tmp_path / "a", preprocessing=[step])
    assert not any("oriented" in note for note in imported(tmp_path / "a").notes)


def written_for(keys) -> list[dict[str, object]]:
    """Load, turn, resample to 2 mm and normalise, all of `keys`."""
    return [
        {"_target_": "LoadImaged", "keys": keys},
        {"_target_": "Orientationd", "keys": keys, "axcodes": "RAS"},
        {"_target_": "Spacingd", "keys": keys, "pixdim": [2, 2, 2]},
        {"_target_": "NormalizeIntensityd", "keys": keys},
    ]


PREPARED = Preprocessing((2.0, 2.0, 2.0), "z-score")


@pytest.mark.parametrize("keys", ["img", ["img", "label"]])
def test_an_image_of_another_name_than_the_metadatas_is_prepared_as_it_is_there(tmp_path, keys):
    write_bundle(tmp_path / "a", preprocessing=written_for(keys))
    result = imported(tmp_path / "a")
    assert result.card.preprocessing == PREPARED
    assert "The image that it calls `image` is the one that it loads as `img`." in result.notes


def test_images_that_become_channels_are_prepared_as_they_are_before_and_after(tmp_path):
    join = {"_target_": "ConcatItemsd", "keys": ["t1", "t2"], "name": "image"}
    only = {"_target_": "DeleteItemsd", "keys": ["t1", "t2"]}
    scale = {"_target_": "ScaleIntensityd", "keys": "image", "channel_wise": True}
    network = {**UNET, "in_channels": 2}
    preprocessing = [*written_for(["t1", "t2"]), join, only, scale]
    write_bundle(tmp_path / "a", network, preprocessing, channels=("T1", "T2"))
    card = imported(tmp_path / "a").card
    assert card.preprocessing == Preprocessing((2.0, 2.0, 2.0), "z-score", extremes=(0.0, 1.0))
    assert card.channels == ("T1", "T2")


JOIN = {"_target_": "ConcatItemsd", "keys": ["t1", "t2"], "name": "image"}


@pytest.mark.parametrize(
    ("transforms", "wrong", "message"),
    [
        (
            [*written_for("raw"), {"_target_": "CopyItemsd", "keys": "raw", "names": "image"}],
            4,
            "`CopyItemsd` does not load",
        ),
        ([*written_for("raw"), {"_target_": "SplitDimd", "keys": "raw"}], 4, "`SplitDimd`, as it is used there"),
        (
            [*written_for("image"), {"_target_": "CopyItemsd", "keys": "label", "names": ["image"]}],
            4,
            "`CopyItemsd` works on label",
        ),
        (
            [*written_for("image"), {"_target_": "ConcatItemsd", "keys": ["raw"], "name": "image"}],
            4,
            "makes the image, `image`, which has 1 channels, of raw",
        ),
        ([*written_for("image"), {"_target_": "Flipd", "keys": "raw"}], 4, "`Flipd` works on raw"),
        (written_for(["img", "raw"]), 0, "img, raw is loaded, and the network takes `image`"),
        ([*written_for("image"), {"_target_": "Lambdad", "keys": "x", "name": {}}], 4, "`Lambdad` works on x"),
        (written_for("img")[1:], 0, "`Orientationd` works on img"),
        ([*written_for("img")[:3], *written_for("image")[3:]], 3, "which `NormalizeIntensityd` does not load"),
        (
            [*written_for(["t1", "t2"]), {"_target_": "ScaleIntensityd", "keys": "t2"}, JOIN],
            4,
            "`ScaleIntensityd` prepares t2 and not t1, which become channels",
        ),
        ([*written_for(["t1", "t2"]), {**JOIN, "keys": ["t1", "t2", "t3"]}], 4, "of t1, t2, t3, and that is not how"),
        ([*written_for(["t1", "t2"]), {**JOIN, "dim": 1}], 4, "of t1, t2, and that is not how"),
    ],
)
def test_an_image_made_of_something_else_is_refused_by_the_transform_and_its_line(tmp_path, transforms, wrong, message):
    two = any("t1" in transform["keys"] for transform in transforms)
    write_bundle(tmp_path / "a", {**UNET, "in_channels": 1 + two}, transforms)
    sentence = refused(tmp_path / "a")
    assert message in sentence
    line = int(re.search(rf"line (\d+), `preprocessing::transforms::{wrong}`", sentence)[1])
    text = (tmp_path / "a" / "configs" / "inference.json").read_text(encoding="utf-8").splitlines()
    assert transforms[wrong]["_target_"] in text[line]


@pytest.mark.parametrize(
    ("transform", "message"),
    [
        (
            {"_target_": "scripts.mine.Windowd", "keys": "image"},
            r"`scripts\.mine\.Windowd` is code of the bundle's own",
        ),
        ({"_target_": "GaussianSmoothd", "keys": "image", "sigma": 2}, r"`GaussianSmoothd`, as it is used there"),
        ({"_target_": "Orientationd", "keys": "image", "axcodes": "LPS"}, r"axes as 'LPS'"),
        (
            {
                "_target_": "Orientationd",
                "keys": "image",
                "axcodes": "RAS",
                "labels": [["R", "L"], ["A", "P"], ["I", "S"]],
            },
            r"axes as 'RAS' by other names",
        ),
        ({"_target_": "Spacingd", "keys": "image", "pixdim": [1, 1]}, r"\[1, 1\] is no voxel size"),
        ("$monai.transforms.Identity()", r"would have to be executed"),
        (
            {"_target_": "NormalizeIntensityd", "keys": "image", "subtrahend": "$5", "divisor": 2},
            r"`\$5` would have to",
        ),
        (
            {"_target_": "NormalizeIntensityd", "keys": "image", "subtrahend": 1, "divisor": -2},
            "`NormalizeIntensityd`, as",
        ),
        (
            {"_target_": "NormalizeIntensityd", "keys": "image", "subtrahend": 1, "divisor": True},
            "'True' is not a number",
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
    assert imported(tmp_path / "a", spacing_mm=(1.5, 1.5, 1.5)).card.preprocessing.spacing_mm == (1.5, 1.5, 1.5)


def test_a_dollar_before_a_bare_reference_is_a_reference(tmp_path):
    top = {"transforms": SPLEEN_PREPROCESSING, "preprocessing": {"_target_": "Compose", "transforms": "$@transforms"}}
    write_bundle(tmp_path / "a", config={**top, "network_def": {**UNET, "channels": "$@widths"}, "widths": [4, 8, 16]})
    card = imported(tmp_path / "a").card
    assert card.preprocessing.spacing_mm == (1.5, 1.5, 2.0)
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


def counted(monkeypatch) -> list[int]:
    """How often a file's lines are looked for, from here on."""
    calls: list[int] = []
    compose = yaml.compose
    monkeypatch.setattr(yaml, "compose", lambda *given, **named: calls.append(1) or compose(*given, **named))
    return calls


def test_lines_are_looked_for_only_where_something_is_refused_and_once(tmp_path, monkeypatch):
    write_bundle(tmp_path / "a")
    write_bundle(tmp_path / "b", config={"network_def": {**UNET, "adn_ordering": "DNA"}})
    calls = counted(monkeypatch)
    imported(tmp_path / "a")
    assert not calls
    config = Config(tmp_path / "b" / "configs" / "inference.json")
    assert len({config.where(("network_def", name)) for name in UNET}) == len(UNET)
    assert len(calls) == 1


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


@pytest.mark.parametrize("keys", [("preprocessing", "transforms", 4, "a_min"), ("network_def", "out_channels")])
@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_a_number_beyond_all_is_a_sentence_with_its_line(tmp_path, keys, suffix):
    write_bundle(tmp_path / "a")
    path = tmp_path / "a" / "configs" / "inference.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    holder = config
    for key in keys[:-1]:
        holder = holder[key]
    holder[keys[-1]] = 10**400
    path.unlink()
    path = path.with_suffix(f".{suffix}")
    path.write_text(json.dumps(config, indent=4) if suffix == "json" else yaml.safe_dump(config), encoding="utf-8")
    line = next(n for n, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if "0" * 100 in text)
    assert f"inference.{suffix}, line {line}: a whole number of 401 digits" in refused(tmp_path / "a")


def test_one_sigmoid_output_becomes_background_and_label_exactly(tmp_path):
    network = write_bundle(tmp_path / "a", {**UNET, "out_channels": 1}, names=("spleen",), sigmoid=True)
    source, _ = import_source(tmp_path / "a", ImportOptions())
    ours, _ = load_source(source)
    x = torch.randn(2, 1, 16, 16, 16)
    with torch.no_grad():
        assert_same(torch.softmax(ours(x), 1)[:, 1:], torch.sigmoid(network(x)))
    assert source.card.label_names == ("spleen",)


@pytest.mark.parametrize("kind", ["UNet", "UNETR"])
@pytest.mark.parametrize(
    ("sigmoid", "threshold"), [(True, 0.5), (True, 0.3), (True, 0.9), (False, 0.5), (False, 0), (False, -0.25)]
)
def test_one_output_becomes_a_label_where_monais_transforms_make_it_one(tmp_path, kind, sigmoid, threshold):
    from monai.transforms import Activationsd, AsDiscreted, Compose

    after = [{**SIGMOID, "sigmoid": sigmoid}, {**THRESHOLD, "threshold": threshold}]
    definition = {**LAYOUTS[kind], "out_channels": 1}
    network = write_bundle(tmp_path / "a", definition, names=("spleen",), config={"postprocessing": after})
    source, result = import_source(tmp_path / "a", ImportOptions())
    ours, _ = load_source(source)
    x = 10 * torch.randn(1, 1, 32, 32, 32)
    with torch.no_grad():
        theirs = network(x)[0]
        labels = Compose([Activationsd("pred", sigmoid=sigmoid), AsDiscreted("pred", threshold=threshold)])(
            {"pred": theirs}
        )
        classes = ours(x)[0].argmax(0)
    # But for voxels that rounding decides.
    level = float(np.log(threshold / (1 - threshold))) if sigmoid else threshold
    clear = (theirs[0] - level).abs() > 1e-4
    assert 0 < labels["pred"].mean() < 1
    assert clear.float().mean() > 0.99
    assert torch.equal(classes[clear].float(), labels["pred"][0][clear])
    moved = [entry.name for entry in result.report.entries if entry.status == "adapted" and "lowered" in entry.how]
    assert len(moved) == (threshold not in (0, 0.5) or (threshold == 0.5 and not sigmoid))


def test_a_threshold_that_no_bias_can_keep_is_refused_with_its_line(tmp_path):
    definition = {**UNET, "out_channels": 1, "bias": False}
    half, higher = ([SIGMOID, {**THRESHOLD, "threshold": value}] for value in (0.5, 0.9))
    write_bundle(tmp_path / "half", definition, names=("spleen",), config={"postprocessing": half})
    write_bundle(tmp_path / "higher", definition, names=("spleen",), config={"postprocessing": higher})
    assert imported(tmp_path / "half").card.label_names == ("spleen",)
    sentence = refused(tmp_path / "higher")
    assert re.search(r"line \d+, `postprocessing::1`: the label begins at a score of 2\.197", sentence)
    assert "no bias of its own" in sentence


@pytest.mark.parametrize(
    "after",
    [
        {"threshold": True},
        {"threshold_values": True},
        {"threshold_values": "True", "logit_thresh": 0.5},
        {"threshold": [None, 0.5], "keys": ["label", "pred"]},
        {"rounding": "torchrounding"},
        {},
    ],
)
def test_the_older_and_rarer_words_for_a_half_are_a_half(tmp_path, after):
    transforms = [SIGMOID, {"_target_": "AsDiscreted", "keys": "pred", **after}]
    write_bundle(tmp_path / "a", {**UNET, "out_channels": 1}, names=("spleen",), config={"postprocessing": transforms})
    result = imported(tmp_path / "a")
    assert {entry.status for entry in result.report.entries} <= {"loaded"}
    assert any("taken as 0.5" in note for note in result.notes) == (after == {})


@pytest.mark.parametrize(
    ("outputs", "after", "message"),
    [
        (1, [{"sigmoid": True}, {"threshold": 1}], "a threshold of 1 after a sigmoid decides nothing"),
        (1, [{"sigmoid": True}, {"threshold": "half"}], "'half' is not a number"),
        (1, [{"softmax": True}, {"threshold": 0.5}], "a softmax of 1 output"),
        (1, [{"threshold": 0}, {"sigmoid": True}], "a sigmoid of 1 output, labels by then"),
        (1, [{"threshold": 0}, {"threshold": 2}], "a threshold of 2 makes other labels of labels"),
        (
            1,
            [{"threshold": 0}, {"orig_labels": [1], "target_labels": [7]}, {"threshold": 1}],
            "makes other labels of labels",
        ),
        (1, [{"sigmoid": True}, {"argmax": True}], "the largest of one output"),
        (1, [{"sigmoid": True, "keys": "label"}], "does not say how the one output becomes"),
        (3, [{"threshold": 0}], "the 3 outputs (a, b, c) are decided each by itself"),
        (3, [{"argmax": True, "threshold": 0.5}], "makes other labels of labels"),
        (3, [{"argmax": True, "to_onehot": 3, "threshold": 0.5}], None),
        (3, [{"argmax": [True, False], "to_onehot": [3, 3], "keys": ["pred", "label"]}], None),
        (2, [{"softmax": True}, {"argmax": True, "threshold": 1}], None),
        (2, [{"argmax": True, "to_onehot": False, "threshold": False}], None),
    ],
)
def test_what_decides_otherwise_than_we_do_is_refused(tmp_path, outputs, after, message):
    kinds = {"sigmoid": "Activationsd", "softmax": "Activationsd", "orig_labels": "MapLabelValued"}
    transforms = [{"_target_": kinds.get(next(iter(step)), "AsDiscreted"), "keys": "pred", **step} for step in after]
    names = ("a", "b", "c")[:outputs]
    write_bundle(tmp_path / "a", {**UNET, "out_channels": outputs}, names=names, config={"postprocessing": transforms})
    if message is None:
        assert imported(tmp_path / "a").card.labels
    else:
        assert message in refused(tmp_path / "a")


ARGMAX = {"_target_": "AsDiscreted", "keys": "pred", "argmax": True}


@pytest.mark.parametrize(
    ("mapping", "values", "noted"),
    [
        (([0, 1, 2], [0, 3, 7]), (3, 7), False),
        (([2], [7.0]), (1, 7), False),
        (([1, 2], [2, 1]), (2, 1), False),
        (([1, 2], [5, 5]), (1, 2), True),
        (([0, 1], [1, 0]), (1, 2), True),
        (([1], [0.5]), (1, 2), True),
        (([1], "$[7]"), (1, 2), True),
        (([1], [True]), (1, 2), True),
    ],
)
def test_labels_have_the_values_that_the_bundle_gives_them_or_it_is_said_that_they_have_not(
    tmp_path, mapping, values, noted
):
    first = {"_target_": "MapLabelValued", "keys": "pred", "orig_labels": mapping[0], "target_labels": mapping[1]}
    other = {**first, "keys": "label", "orig_labels": [1, 2], "target_labels": [8, 9]}
    network = {**UNET, "out_channels": 3}
    write_bundle(
        tmp_path / "a", network, names=("background", "a", "b"), config={"postprocessing": [ARGMAX, first, other]}
    )
    result = imported(tmp_path / "a")
    assert tuple(label.value for label in result.card.labels) == values
    assert any("MapLabelValue, is left out" in note for note in result.notes) == noted


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


DEEPER = {"_target_": "Compose", "transforms": [SIGMOID, THRESHOLD]}


@pytest.mark.parametrize(
    "step",
    [
        DEEPER,
        {"_target_": "Lambdad", "keys": "pred", "func": "$lambda x: x[[2, 0, 1]]"},
        {"_target_": "ThresholdIntensityd", "keys": "pred", "threshold": 0.3},
        {"_target_": "scripts.post.MergeClassesd", "keys": "pred"},
    ],
    ids=lambda step: step["_target_"],
)
def test_what_may_decide_is_refused_before_there_are_labels_and_noted_after(tmp_path, step):
    network = {**UNET, "out_channels": 3}
    names = ("background", "a", "b")
    write_bundle(tmp_path / "before", network, names=names, config={"postprocessing": [step, ARGMAX]})
    write_bundle(tmp_path / "after", network, names=names, config={"postprocessing": [ARGMAX, step]})
    kind = step["_target_"].rpartition(".")[2].removesuffix("d")
    sentence = refused(tmp_path / "before")
    assert re.search(rf"line \d+, `postprocessing::0`: what `{kind}` does before the outputs are labels", sentence)
    assert f"What it does with its labels afterwards, {kind}, is left out." in imported(tmp_path / "after").notes


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
