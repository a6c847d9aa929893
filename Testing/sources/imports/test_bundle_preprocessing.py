"""What a MONAI bundle does with its images becomes a card's preprocessing, or is refused with its line."""

from __future__ import annotations

import re

import numpy as np
import pytest
from bundle_changes import AS_MONAI, NON_ZERO, WINDOW, Z_SCORE, crop, imported, refused
from foreign_models import SPLEEN_PREPROCESSING, UNET, write_bundle

from TransferSegLib.cases.normalisation import normalise
from TransferSegLib.core.preprocessing import Preprocessing


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
            Preprocessing(None, "none", crop="foreground"),
        ),
        (
            [
                {"_target_": "CropForegroundd", "keys": "image", "source_key": "image"},
                {"_target_": "NormalizeIntensityd", "keys": "image"},
            ],
            Preprocessing(None, "z-score", crop="foreground"),
        ),
        (
            # What is left of a crop by a rule of the bundle's own is not known, and nothing of it is run.
            [
                {
                    "_target_": "CropForegroundd",
                    "keys": "image",
                    "source_key": "image",
                    "select_fn": "$lambda x: x.abs() > 900",
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
def test_transforms_become_a_preprocessing(tmp_path, transforms, expected):
    write_bundle(tmp_path / "a", preprocessing=transforms)
    assert imported(tmp_path / "a").card.preprocessing == expected


PAD = {"_target_": "SpatialPadd", "keys": "image", "spatial_size": [64, 64, 64]}


CENTRE = {"_target_": "CenterSpatialCropd", "keys": "image", "roi_size": [8, 8, 8]}


OTHER_BOX = {"select_fn": "$lambda x: x.abs() > 500"}


SPACING = {"_target_": "Spacingd", "keys": "image", "pixdim": 2}


NOT_ZERO = {"select_fn": "$lambda x: x != 0"}


SIZE_ALONE = "is left out: windows cover the whole image here"


@pytest.mark.parametrize(
    ("transforms", "expected", "noted"),
    [
        ([crop(), NON_ZERO], {"crop": "foreground"}, None),
        ([crop(**NOT_ZERO), Z_SCORE], {"crop": "non-zero"}, None),
        ([crop(), SPACING, Z_SCORE], {"crop": "foreground"}, None),
        (
            [crop(), Z_SCORE, SPACING],
            {"crop": "non-zero"},
            "which keeps what is above 0, is taken as one to what is not 0",
        ),
        ([crop(), WINDOW, SPACING], {"crop": "foreground", "normalised_first": True}, None),
        # Air and fat of CT are below 0 and are kept.
        ([crop(margin=3, allow_smaller=True, **NOT_ZERO), Z_SCORE], {"crop": "non-zero", "crop_margin": 3}, None),
        (
            [SPACING, crop(**NOT_ZERO), Z_SCORE],
            {"crop": "foreground-resampled"},
            "which keeps what is not 0, is taken as one to what is above 0",
        ),
        (
            [crop(select_fn="$lambda x: x > -800", margin=2, allow_smaller=True), Z_SCORE, SPACING],
            {"crop": "foreground", "foreground_above": -800.0, "crop_margin": 2, "normalised_first": False},
            "Its intensities, which come between its CropForeground and resampling, come after both here.",
        ),
        ([SPACING, crop(), Z_SCORE], {"crop": "foreground-resampled"}, None),
        ([SPACING, WINDOW, crop()], {"crop": "foreground-prepared"}, None),
        ([Z_SCORE, crop()], {"crop": "foreground-prepared"}, None),
        ([SPACING, crop()], {"crop": "foreground-resampled"}, None),
        ([Z_SCORE, SPACING, crop()], {"crop": "foreground-prepared", "normalised_first": True}, None),
        # Above 0 of what is 0 to 1 there is above 3 of what is 3 to 9.
        (
            [{**WINDOW, "a_min": 3, "clip": True}, crop(), SPACING],
            {"crop": "foreground", "foreground_above": 3.0, "normalised_first": True},
            None,
        ),
        (
            [Z_SCORE, crop(), SPACING],
            {"crop": "foreground-prepared", "normalised_first": True},
            "comes after resampling here",
        ),
        ([Z_SCORE, SPACING], {"crop": "none", "normalised_first": True}, None),
        ([crop(select_fn="$lambda x: x > -900"), WINDOW], {"crop": "foreground", "foreground_above": -900.0}, None),
        ([crop(margin=3, allow_smaller=True), Z_SCORE], {"crop": "foreground", "crop_margin": 3}, None),
        ([crop(margin=3), Z_SCORE], {"crop": "foreground", "crop_margin": 3}, "ends at the image's edge here"),
        ([crop(k_divisible=8), Z_SCORE], {"crop": "foreground"}, "makes the box larger (`k_divisible`)"),
        ([crop(), Z_SCORE, crop()], {"crop": "foreground"}, SIZE_ALONE),
        ([crop(**OTHER_BOX), NON_ZERO], {"crop": "none"}, SIZE_ALONE),
        ([Z_SCORE, crop(**OTHER_BOX)], {"crop": "none"}, SIZE_ALONE),
        ([CENTRE, Z_SCORE], {"crop": "none"}, f"Its CenterSpatialCrop {SIZE_ALONE}"),
        ([PAD, Z_SCORE], {"crop": "none"}, f"Its SpatialPad {SIZE_ALONE}, and intensities are taken without it."),
        ([Z_SCORE, PAD], {"crop": "none"}, f"Its SpatialPad {SIZE_ALONE}."),
        ([PAD, WINDOW], {"crop": "none"}, f"Its SpatialPad {SIZE_ALONE}."),
    ],
)
def test_a_change_of_size_comes_where_the_bundle_has_it_or_is_noted(tmp_path, transforms, expected, noted):
    write_bundle(tmp_path / "a", preprocessing=transforms)
    result = imported(tmp_path / "a")
    read = result.card.preprocessing
    expected = {"normalised_first": False, **expected}
    assert {name: getattr(read, name) for name in expected} == expected
    notes = [note for note in result.sentences if "CropForeground" in note or "Spatial" in note]
    assert len(notes) == (noted is not None)
    assert all(noted in note for note in notes)


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


@pytest.mark.parametrize(
    ("given", "tolerance", "noted"),
    [
        ({"pixdim": [2, 2, 2], "max_pixdim": [3, 3, 3], "min_pixdim": [1, 1, 1]}, 0.5, ""),
        ({"pixdim": "@spacing", "max_pixdim": [3, 3, 3], "min_pixdim": ["@least", 1, 1]}, 0.5, ""),
        ({"pixdim": 2, "max_pixdim": 3}, 0.5, "Within its bounds"),
        (
            {"pixdim": [2, 2, 2], "max_pixdim": ["@nothing", 3, 3]},
            0.0,
            "`max_pixdim` of its Spacing is no list of numbers",
        ),
        (
            {"pixdim": [2, 2, 2], "min_pixdim": ["a", "b", "c"]},
            0.0,
            "`min_pixdim` of its Spacing is no list of numbers",
        ),
        ({"pixdim": [2, 2, 2], "min_pixdim": {"a": 1}}, 0.0, "`min_pixdim` of its Spacing is no list of numbers"),
    ],
)
def test_bounds_of_the_voxel_size_are_a_tolerance_however_they_are_written_or_it_is_said(
    tmp_path, given, tolerance, noted
):
    step = {"_target_": "Spacingd", "keys": "image", **given}
    config = {"preprocessing": [step], "spacing": [2, 2, 2], "least": 1}
    write_bundle(tmp_path / "a", config=config)
    result = imported(tmp_path / "a")
    assert result.card.preprocessing.spacing_tolerance == tolerance
    notes = [note for note in result.sentences if "bounds" in note or "pixdim" in note]
    assert len(notes) == bool(noted) and all(noted in note for note in notes)


@pytest.mark.parametrize("axes", [{}, {"axcodes": "LPS"}, {"axcodes": None}])
def test_the_closest_canonical_axes_are_right_anterior_superior(tmp_path, axes):
    step = {"_target_": "Orientationd", "keys": "image", "as_closest_canonical": True, **axes}
    write_bundle(tmp_path / "a", preprocessing=[step])
    assert not any("turn its images" in note for note in imported(tmp_path / "a").sentences)


def written_for(keys) -> list[dict[str, object]]:
    """Load, turn, resample to 2 mm and normalise, all of `keys`."""
    return [
        {"_target_": "LoadImaged", "keys": keys},
        {"_target_": "Orientationd", "keys": keys, "axcodes": "RAS"},
        {"_target_": "Spacingd", "keys": keys, "pixdim": [2, 2, 2]},
        {"_target_": "NormalizeIntensityd", "keys": keys},
    ]


PREPARED = Preprocessing((2.0, 2.0, 2.0), "z-score", **AS_MONAI)


@pytest.mark.parametrize("keys", ["img", ["img", "label"]])
def test_an_image_of_another_name_than_the_metadatas_is_prepared_as_it_is_there(tmp_path, keys):
    write_bundle(tmp_path / "a", preprocessing=written_for(keys))
    result = imported(tmp_path / "a")
    assert result.card.preprocessing == PREPARED
    assert "The image that it calls `image` is the one that it loads as `img`." in result.sentences


def test_images_that_become_channels_are_prepared_as_they_are_before_and_after(tmp_path):
    join = {"_target_": "ConcatItemsd", "keys": ["t1", "t2"], "name": "image"}
    only = {"_target_": "DeleteItemsd", "keys": ["t1", "t2"]}
    scale = {"_target_": "ScaleIntensityd", "keys": "image", "channel_wise": True}
    network = {**UNET, "in_channels": 2}
    preprocessing = [*written_for(["t1", "t2"]), join, only, scale]
    write_bundle(tmp_path / "a", network, preprocessing, channels=("T1", "T2"))
    card = imported(tmp_path / "a").card
    assert card.preprocessing == Preprocessing((2.0, 2.0, 2.0), "z-score", extremes=(0.0, 1.0), **AS_MONAI)
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
