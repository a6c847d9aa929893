"""Exported bundles, run by MONAI's own parser and workflow."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from monai.bundle import ConfigParser
from monai.data import MetaTensor
from rounding import assert_same
from scipy.ndimage import gaussian_filter

from TransferSegLib.cases.normalisation import NORMALISERS
from TransferSegLib.cases.preprocessing import prepare_case
from TransferSegLib.cases.volumes import read_labels, write_volume
from TransferSegLib.cli import main
from TransferSegLib.core.card import CardLabel, CardNetwork, ModelCard
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.inference_settings import InferenceSettings
from TransferSegLib.core.preprocessing import Intensities, Preprocessing
from TransferSegLib.core.regions import Region
from TransferSegLib.inference.components import cleaned
from TransferSegLib.inference.segment import segment
from TransferSegLib.jobs.shown_otherwise import _not_in_file_order
from TransferSegLib.networks import build
from TransferSegLib.networks.execution import fixed_execution
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.exports.bundle import export_bundle
from TransferSegLib.sources.folder import save_source
from TransferSegLib.sources.imports.importer import ImportOptions
from TransferSegLib.sources.imports.importing import import_source, read_model

NETWORKS = {
    "monai-unet": {"channels": [4, 8], "strides": [2], "norm": "BATCH"},
    "segresnet": {"init_filters": 8, "blocks_down": [1, 1], "blocks_up": [1]},
    "segresnet-ds": {"init_filters": 4, "blocks_down": [1, 1], "dsdepth": 1, "resolution": [1, 1, 2]},
    "dynunet": {"filters": [4, 8, 8], "strides": [1, 2, [2, 2, 1]]},
    "swinunetr": {"feature_size": 12, "depths": [1, 1, 1, 1], "num_heads": [1, 1, 2, 2]},
    "unetr": {"img_size": [32, 32, 32], "feature_size": 4, "hidden_size": 48, "mlp_dim": 64, "num_heads": 4},
    "mecheter2023": {"channels": [4, 4, 4, 4]},
    "ratlesnetv2": {"filters": 4},
    # For slices.
    "segnet": {"channels": [2, 4, 4], "layers": [2, 1, 1]},
}


# In another order than they are painted in, and with values of their own.
OVERLAPPING = {
    "labels": (CardLabel(3, "core"), CardLabel(7, "whole"), CardLabel(9, "enhancing")),
    "regions": (Region(7, (3, 7, 9)), Region(3, (3, 9)), Region(9, (9,))),
}


def save(folder, network: str = "monai-unet", **changes):
    facts = {
        "format": 2,
        "name": "knee",
        "title": "Knee",
        "description": "Two bones.",
        "modality": "mr",
        "body_part": "knee",
        "labels": (CardLabel(3, "femur"), CardLabel(7, "tibia")),
        "channels": ("MR",),
        "network": CardNetwork(network, NETWORKS[network]),
        "preprocessing": Preprocessing(None),
        "patch_size": (32, 32, 32),
        "trained_on": "made-up cases",
        "licence": "CC-BY-4.0",
        "citation": "Nobody 2020",
    }
    card = ModelCard(**(facts | changes))
    torch.manual_seed(4)
    save_source(folder, card, build(network, len(card.channels), len(card.labels) + 1, NETWORKS[network]).state_dict())
    return find_source(folder)


@pytest.mark.parametrize("network", NETWORKS)
def test_monais_own_parser_builds_the_network_and_it_computes_the_same(tmp_path, network):
    source = save(tmp_path / "model", network)
    export_bundle(source, tmp_path / "bundle")
    parser = ConfigParser()
    parser.read_config(str(tmp_path / "bundle" / "configs" / "inference.json"))
    parser.read_meta(str(tmp_path / "bundle" / "configs" / "metadata.json"))
    parser["bundle_root"] = str(tmp_path / "bundle")
    theirs = parser.get_parsed_content("network")
    parser.get_parsed_content("load")
    from TransferSegLib.sources.loading import load_source

    ours, _ = load_source(source)
    x = torch.randn(2, 1, 64 if network == "swinunetr" else 32, 32, 32)
    with torch.no_grad():
        assert_same(theirs.cpu()(x), ours(x))


@pytest.mark.parametrize("network", NETWORKS)
def test_what_was_exported_imports_as_the_same_model(tmp_path, network):
    seen = ["0" * 32, "ab" * 16]
    source = save(tmp_path / "model", network, made_by={"seen": [*seen, "of no digest"]})
    export_bundle(source, tmp_path / "bundle")
    imported = read_model(tmp_path / "bundle", ImportOptions())
    assert list(imported.card.seen) == seen
    assert imported.card.network.name == network
    assert imported.card.preprocessing.normalisation == "z-score"
    assert [(label.value, label.name) for label in imported.card.labels] == [(3, "femur"), (7, "tibia")]
    from TransferSegLib.sources.loading import load_state

    state = load_state(source)
    heads = ("deep_supervision_heads",)
    assert all(
        torch.equal(state[name], value) for name, value in imported.state.items() if not any(h in name for h in heads)
    )


def test_words_of_a_card_are_words_to_monai_whatever_they_begin_with(tmp_path):
    words = {
        "title": "$1/0",
        "description": "$import this",
        "trained_on": "@nothing",
        "modality": "%/nowhere.json::a",
        "licence": "50 %::::::::::x",
        "channels": ("$import this",),
        "labels": (CardLabel(1, "$1/0"), CardLabel(2, "@::::::::x")),
    }
    export_bundle(save(tmp_path / "model", **words), tmp_path / "bundle")
    parser = ConfigParser()
    parser.read_config(str(tmp_path / "bundle" / "configs" / "inference.json"))
    parser.read_meta(str(tmp_path / "bundle" / "configs" / "metadata.json"))
    assert "this" not in sys.modules
    metadata = parser.get_parsed_content("_meta_")
    assert "this" not in sys.modules
    texts = [metadata[name].replace(" ", "") for name in ("name", "description", "data_source", "copyright")]
    assert texts == ["$1/0", "$importthis", "@nothing", "50%::::::::::x"]
    assert metadata["network_data_format"]["outputs"]["pred"]["channel_def"]["1"].strip() == "$1/0"


def test_words_that_would_be_evaluated_come_back_as_they_were(tmp_path):
    export_bundle(save(tmp_path / "model", title="$5 a scan", trained_on="@home"), tmp_path / "bundle")
    card = read_model(tmp_path / "bundle", ImportOptions()).card
    assert (card.title, card.trained_on) == ("$5 a scan", "@home")


@pytest.mark.parametrize(
    "preprocessing",
    [
        Preprocessing(None, "z-score"),
        Preprocessing(None, "z-score-nonzero", extremes=(-1.0, 1.0)),
        Preprocessing(None, "percentile"),
        Preprocessing(None, "ct", (-100.0, 200.0)),
        Preprocessing(None, "ct", (-100.0, 200.0), 40.0, 30.0),
        Preprocessing(None, channels=(Intensities("ct", (-100.0, 200.0), 40.0, 30.0), Intensities("z-score"))),
        Preprocessing(None, "z-score", clip_percentiles=(0.5, 99.5)),
        Preprocessing(None, "none", extremes=(0.0, 1.0), clip_percentiles=(1, 99)),
        Preprocessing(None, "sd"),
        Preprocessing(None, channels=(Intensities("sd"), Intensities("sd", clip_percentiles=(1, 99)))),
        Preprocessing(None, "z-score", crop="non-zero"),
        Preprocessing(None, channels=(Intensities("ct", (-100.0, 200.0)), Intensities("z-score")), crop="non-zero"),
    ],
    ids=lambda p: "-".join(
        [p.normalisation, *["channels"] * bool(p.channels), *["clipped"] * bool(p.clip_percentiles), p.crop]
    ),
)
def test_monai_prepares_an_image_as_we_do(tmp_path, preprocessing):
    channels = ("A", "B") if preprocessing.channels else ("MR",)
    export_bundle(save(tmp_path / "model", preprocessing=preprocessing, channels=channels), tmp_path / "bundle")
    rng = np.random.default_rng(0)
    # Left-posterior-superior, so that two axes are turned round.
    grid = Grid((12, 10, 8), np.diag([-1.0, -1.0, 1.5, 1.0]))
    paths = []
    for n in range(len(channels)):
        image = rng.normal(20, 80, grid.size).astype(np.float32)
        image[:3] = 0
        paths.append(tmp_path / f"case_{n:04d}.nii.gz")
        write_volume(paths[-1], image, grid)
    parser = ConfigParser()
    parser.read_config(str(tmp_path / "bundle" / "configs" / "inference.json"))
    images = [str(path) for path in paths]
    theirs = parser.get_parsed_content("preprocessing")({"image": images if len(images) > 1 else images[0]})["image"]
    ours = prepare_case(Case("case", tuple(paths), None), preprocessing).image
    assert np.allclose(np.asarray(theirs), ours, atol=1e-4)
    if not preprocessing.channels:
        # To a window's bounds, which are written as a scale.
        again = read_model(tmp_path / "bundle", ImportOptions()).card.preprocessing
        assert (again.normalisation, again.extremes) == (preprocessing.normalisation, preprocessing.extremes)
        assert (again.clip_percentiles, again.crop) == (preprocessing.clip_percentiles, preprocessing.crop)


# Voxels larger than the model's, in a whole number of its own or not, smaller, and some of each; a corner at the origin.
# How far the two may differ: in the image (standard deviations) and in the share of voxels, which a network that nobody
# trained makes much of.
GRIDS = {
    "coarser": ((12, 12, 16), (2.0, 2.5, 3.75), -60.0, 1e-4, 0.001),
    "coarser, with a rest": ((13, 11, 9), (2.0, 2.5, 3.75), -60.0, 0.15, 0.2),
    "finer": ((30, 26, 24), (0.75, 0.6, 1.1), -60.0, 0.15, 0.2),
    "mixed": ((24, 14, 8), (0.9, 1.505, 5.0), -60.0, 0.15, 0.2),
    "at the origin": ((12, 12, 16), (2.0, 2.5, 3.75), 0.0, 1e-4, 0.001),
}


@pytest.mark.parametrize(
    ("name", "crop", "across"),
    [
        *((name, "none", 2.0) for name in GRIDS),
        ("coarser", "non-zero", 2.0),
        ("mixed", "non-zero", 2.0),
        ("coarser", "none", None),
    ],
)
def test_monai_goes_to_the_models_voxels_and_back_as_we_do(tmp_path, name, crop, across):
    size, spacing_mm, origin, most, share = GRIDS[name]
    preprocessing = Preprocessing((1.5, 1.5, across), "z-score", crop=crop)
    source = save(tmp_path / "model", preprocessing=preprocessing, patch_size=(16, 16, 16))
    export_bundle(source, tmp_path / "bundle")
    affine = np.diag([*spacing_mm, 1.0])
    affine[:3, 3] = origin
    places = np.stack(np.meshgrid(*[np.arange(n) * mm for n, mm in zip(size, spacing_mm, strict=True)], indexing="ij"))
    image = np.sin(places[0] / 5) + np.cos(places[1] / 6) + np.sin(places[2] / 7)
    if crop != "none":
        image = np.pad(image + 4, ((3, 0), (1, 4), (2, 2)))
    path = tmp_path / "case.nii.gz"
    write_volume(path, (100 * image).astype(np.float32), Grid(image.shape, affine))
    parser = ConfigParser()
    parser.read_config(str(tmp_path / "bundle" / "configs" / "inference.json"))
    parser["bundle_root"] = str(tmp_path / "bundle")
    parser["output_dir"] = str(tmp_path / "eval")
    parser.get_parsed_content("initialize")
    case = parser.get_parsed_content("preprocessing")({"image": str(path)})
    prepared = prepare_case(Case("case", (path,), None), preprocessing)
    assert case["image"].shape == prepared.image.shape
    assert np.abs(np.asarray(case["image"]) - prepared.image).max() < most
    from TransferSegLib.sources.loading import load_source

    network, _ = load_source(source)
    ours = segment(network, prepared, source.card.patch_size, fixed_execution("cpu", 2)).classes
    with torch.inference_mode():
        parser.get_parsed_content("predict")(case)
    theirs = read_labels(tmp_path / "eval" / "case_seg.nii.gz").array
    assert len(np.unique(ours)) > 1
    assert (theirs != np.array([0, 3, 7])[ours]).mean() <= share


CLEANED = InferenceSettings(largest_component=("tibia", "femur"), fill_holes=("femur", "tibia"))


AS_MONAI = {"resampling": "monai", "spacing_tolerance": 0.0, "resampled_in_float64": True}


@pytest.mark.parametrize(
    "preprocessing",
    [
        Preprocessing((1.5, 1.5, 2.0), "z-score", **AS_MONAI),
        Preprocessing((1.5, 1.5, 2.0), "z-score", interpolated_back=True, **AS_MONAI),
        Preprocessing((1.5, 1.5, 2.0), "z-score", resampling="monai", spacing_tolerance=0.25),
        Preprocessing((1.5, 1.5, 2.0), "z-score", normalised_first=True, **AS_MONAI),
        Preprocessing((1.5, 1.5, 2.0), "z-score-nonzero", crop="foreground", foreground_above=-500.0, **AS_MONAI),
        Preprocessing((1.5, 1.5, 2.0), "z-score", crop="foreground-resampled", foreground_above=7.0, **AS_MONAI),
        Preprocessing((1.5, 1.5, 2.0), "z-score", crop="foreground-prepared", foreground_above=0.25, **AS_MONAI),
        Preprocessing(None, "z-score", crop="foreground", crop_margin=3),
        Preprocessing((1.5, None, 2.0), "z-score", **AS_MONAI),
        Preprocessing((None, 1.5, 2.0), "z-score", resampling="monai", spacing_tolerance=0.25),
    ],
    ids=lambda p: "-".join([p.resampling, p.crop, f"{p.spacing_tolerance:g}", "back" * p.interpolated_back]),
)
def test_a_model_that_follows_monai_comes_back_as_it_was(tmp_path, preprocessing):
    inference = InferenceSettings(overlap=0.5, padding="zero", blending="constant", float32_on_cpu=True)
    export_bundle(save(tmp_path / "model", preprocessing=preprocessing, inference=inference), tmp_path / "bundle")
    again = read_model(tmp_path / "bundle", ImportOptions()).card
    tolerance = again.preprocessing.spacing_tolerance
    assert replace(again.preprocessing, spacing_tolerance=round(tolerance, 9)) == preprocessing
    assert again.inference == inference


@pytest.mark.parametrize(
    ("network", "inference"),
    [("monai-unet", InferenceSettings()), ("monai-unet", CLEANED), ("segnet", InferenceSettings())],
)
def test_monai_runs_the_bundle_and_segments_as_we_do(tmp_path, network, inference):
    source = save(tmp_path / "model", network, preprocessing=Preprocessing(None, "z-score"), inference=inference)
    assert main(["sources", "export", str(source.folder), str(tmp_path / "bundle")]) == 0
    grid = Grid((32, 32, 32), np.diag([-1.0, -1.0, 1.0, 1.0]))
    (tmp_path / "bundle" / "images").mkdir()
    path = tmp_path / "bundle" / "images" / "one.nii.gz"
    write_volume(path, np.random.default_rng(0).normal(0, 100, grid.size).astype(np.float32), grid)
    # What `python -m monai.bundle run --config_file configs/inference.json` calls.
    script = "import monai.bundle; monai.bundle.run(config_file='configs/inference.json')"
    command = [sys.executable, "-c", script]
    run = subprocess.run(
        command, cwd=tmp_path / "bundle", capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert run.returncode == 0, run.stderr[-2000:]
    theirs = read_labels(tmp_path / "bundle" / "eval" / "one_seg.nii.gz").array
    from TransferSegLib.sources.loading import load_source

    network, _ = load_source(source)
    prepared = prepare_case(Case("one", (path,), None), source.card.preprocessing)
    found = segment(network, prepared, source.card.patch_size, fixed_execution("cpu", 2)).classes
    classes = cleaned(found, source.card.label_names, inference)
    assert inference != CLEANED or (found != classes).mean() > 0.002
    assert set(np.unique(theirs)) <= {0, 3, 7}
    assert (theirs == np.array([0, 3, 7])[classes]).mean() > 0.999


def segmented(source, path) -> np.ndarray:
    """What `segment` finds in an image, by the values of the labels."""
    from TransferSegLib.sources.loading import load_source

    network, _ = load_source(source)
    prepared = prepare_case(Case("one", (path,), None), source.card.preprocessing)
    found = segment(network, prepared, source.card.patch_size, fixed_execution("cpu", 2)).classes
    return np.array([0, *(label.value for label in source.card.labels)])[found]


@pytest.mark.parametrize(
    ("network", "outputs", "spacing_mm"),
    [
        ("dynunet", 3, None),
        ("dynunet", 3, (0.8, 0.8, 0.8)),
        ("monai-unet", 4, None),  # its last layers read its own scores
    ],
)
def test_regions_are_decided_and_painted_in_a_bundle_and_come_back_as_they_were(tmp_path, network, outputs, spacing_mm):
    source = save(tmp_path / "model", network, preprocessing=Preprocessing(spacing_mm, "z-score"), **OVERLAPPING)
    notes = export_bundle(source, tmp_path / "bundle")
    assert any("in this order: whole, core, enhancing." in note for note in notes)
    grid = Grid((32, 32, 32), np.diag([-1.0, -1.0, 1.0, 1.0]))
    (tmp_path / "bundle" / "images").mkdir()
    path = tmp_path / "bundle" / "images" / "one.nii.gz"
    smooth = gaussian_filter(np.random.default_rng(0).normal(0, 1000, grid.size), 2)
    write_volume(path, smooth.astype(np.float32), grid)
    ours = segmented(source, path)
    assert set(np.unique(ours)) == {0, 3, 7, 9}

    again, result = import_source(tmp_path / "bundle", ImportOptions(), "again")
    assert (again.card.labels, again.card.regions) == (source.card.labels, source.card.regions)
    assert not any("left out" in note for note in result.sentences)
    assert np.array_equal(segmented(again, path), ours)

    parser = ConfigParser()
    parser.read_config(str(tmp_path / "bundle" / "configs" / "inference.json"))
    parser.read_meta(str(tmp_path / "bundle" / "configs" / "metadata.json"))
    parser["bundle_root"] = str(tmp_path / "bundle")
    parser.get_parsed_content("load")
    assert parser["network_def"]["out_channels"] == outputs
    parser.get_parsed_content("run")
    theirs = read_labels(tmp_path / "bundle" / "eval" / "one_seg.nii.gz").array
    assert (theirs == ours)[(theirs + ours) > 0].mean() > (0.999 if spacing_mm is None else 0.93)


def test_a_bundle_and_a_job_say_in_the_same_words_in_which_order_axes_are_shown(tmp_path):
    source = save(tmp_path / "model", inference=InferenceSettings(file_order=True))
    axes = "with the axes right, anterior, superior"
    (note,) = (note for note in export_bundle(source, tmp_path / "bundle") if axes in note)
    assert (
        note.startswith("The bundle shows images with the axes of the file") and "as `transferseg segment` does" in note
    )
    notes = read_model(tmp_path / "bundle", ImportOptions()).sentences
    assert any("`segment` shows it the axes of the file" in one and axes in one for one in notes)
    told = _not_in_file_order(["a"], slices_last=False).sentence
    assert f"sees images {axes}" in told and "shows it the axes of the file" in told


def test_what_a_bundle_says_of_regions_is_not_believed_where_it_cannot_be(tmp_path):
    export_bundle(save(tmp_path / "model", "segresnet", **OVERLAPPING), tmp_path / "bundle")
    path = tmp_path / "bundle" / "configs" / "metadata.json"
    stated = json.loads(path.read_text(encoding="utf-8"))
    right = stated["transferseg_regions"]
    first, *others = right["painted"]
    for wrong in (
        7,
        {**right, "values": [3, 7, 7]},
        {**right, "values": [3, 7, "9"]},
        {**right, "painted": others},
        {**right, "painted": [{**first, "covers": [3, 7, 8]}, *others]},
        {**right, "painted": [{**first, "covers": [3]}, *others]},
    ):
        path.write_text(json.dumps({**stated, "transferseg_regions": wrong}), encoding="utf-8")
        card = read_model(
            tmp_path / "bundle", ImportOptions()
        ).card  # its names say the same, with the outputs' numbers
        assert [label.value for label in card.labels] == [1, 2, 3] and len(card.regions) == 3


def test_components_and_holes_in_a_bundle_are_those_of_the_card(tmp_path):
    classes = np.zeros((20, 20, 12), np.uint8)
    classes[1:12, 1:12, 1:11] = 1
    classes[2:11, 2:11, 2:10] = 0  # a hole,
    classes[4:7, 4:7, 4:7] = 2  # with another label in it,
    classes[5, 5, 5] = 0  # which has one itself
    classes[14:19, 14:19, 2:9] = 2
    classes[14:17, 2:5, 3:6] = 1  # a smaller component
    source = save(tmp_path / "model", inference=CLEANED)
    export_bundle(source, tmp_path / "bundle")
    config = json.loads((tmp_path / "bundle" / "configs" / "inference.json").read_text(encoding="utf-8"))
    after = [one for one in config["postprocessing"]["transforms"] if one["_target_"] == "Lambdad"]
    whole = {"_target_": "Compose", "transforms": after}
    run = ConfigParser({"imports": config["imports"], "after": whole}).get_parsed_content("after")
    theirs = run({"pred": MetaTensor(torch.from_numpy(classes[None].astype(np.float32)))})["pred"]
    assert isinstance(theirs, MetaTensor)
    for name in ("largest_component", "fill_holes"):
        assert not np.array_equal(cleaned(classes, source.card.label_names, replace(CLEANED, **{name: ()})), theirs[0])
    assert np.array_equal(cleaned(classes, source.card.label_names, CLEANED), theirs[0])
    assert "scipy" in (tmp_path / "bundle" / "docs" / "README.md").read_text(encoding="utf-8")
    imported = read_model(tmp_path / "bundle", ImportOptions())
    assert [label.value for label in imported.card.labels] == [3, 7]


def test_a_bundle_of_a_network_that_monai_lacks_says_what_it_needs(tmp_path, capsys):
    save(tmp_path / "model", "mecheter2023")
    assert main(["sources", "export", str(tmp_path / "model"), str(tmp_path / "bundle")]) == 0
    assert "runs where TransferSeg is installed" in capsys.readouterr().out
    metadata = json.loads((tmp_path / "bundle" / "configs" / "metadata.json").read_text(encoding="utf-8"))
    assert "transferseg" in metadata["required_packages_version"]


def test_a_bundle_says_which_channels_and_spacing_it_wants_and_keeps_the_licence(tmp_path, capsys):
    preprocessing = Preprocessing((1.5, 1.5, 3.0), "z-score")
    save(tmp_path / "model", channels=("T1", "FLAIR"), preprocessing=preprocessing, licence="CC-BY-NC-4.0")
    assert main(["sources", "export", str(tmp_path / "model"), str(tmp_path / "bundle")]) == 0
    printed = capsys.readouterr().out
    readme = (tmp_path / "bundle" / "docs" / "README.md").read_text(encoding="utf-8")
    for words in (
        "CASE_0000.nii.gz is T1, CASE_0001.nii.gz is FLAIR",
        "The bundle shows images with the axes right, anterior, superior, resampled to 1.5 × 1.5 × 3 mm.",
        "Licence: CC-BY-NC-4.0; commercial use: NOT allowed",
        "interpolates between them and TransferSeg averages them",
        "MONAI computes in float32. Where TransferSeg takes a shorter format",
    ):
        assert words in printed
        assert words in readme
    assert "Trained on: made-up cases\n\nCitation: Nobody 2020\n" in readme
    card = read_model(tmp_path / "bundle", ImportOptions()).card
    assert (card.licence, card.commercial_use, card.channels) == ("CC-BY-NC-4.0", False, ("T1", "FLAIR"))


@pytest.mark.parametrize(
    ("preprocessing", "words"),
    [
        (Preprocessing(None, "z-score-nonzero", crop="non-zero"), "holes filled, as nnU-Net does"),
        (
            Preprocessing(None, "z-score-nonzero", clip_percentiles=(1.0, 99.0)),
            "percentiles of the voxels that are not 0",
        ),
        (Preprocessing(None, "local-contrast"), "by `local-contrast`, which no transform of MONAI's does"),
        (Preprocessing(None, n4=True), "takes out the bias field by N4"),
        (Preprocessing(None, landmarks=tuple(map(float, range(11)))), "landmarks of its training images"),
        (Preprocessing(None, crop="empty-slices"), "leaves out the slices without content"),
        (Preprocessing(None, slices_last=True), "takes the axis across thick slices as its last one"),
        (Preprocessing(None, crop="foreground", normalised_first=True), "normalises whole images and then crops them"),
    ],
)
def test_what_monai_cannot_prepare_is_not_exported(tmp_path, preprocessing, words):
    source = save(tmp_path / "model", preprocessing=preprocessing)
    with pytest.raises(InputError, match=words):
        export_bundle(source, tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


def test_a_model_that_smooths_its_segmentations_is_not_exported(tmp_path):
    with pytest.raises(InputError, match="smooths its segmentations"):
        export_bundle(save(tmp_path / "model", smoothing_mm=1.0), tmp_path / "bundle")


def test_channels_that_monai_would_normalise_together_are_split(tmp_path):
    source = save(tmp_path / "model", preprocessing=Preprocessing(None, "sd"), channels=("A", "B"))
    export_bundle(source, tmp_path / "bundle")
    config = json.loads((tmp_path / "bundle" / "configs" / "inference.json").read_text())
    keys = [one["keys"] for one in config["preprocessing"]["transforms"] if one["_target_"] == "NormalizeIntensityd"]
    assert keys == ["image_0", "image_1"]


@pytest.mark.parametrize("how", [{"crop": "non-zero"}, {"normalised_first": True}], ids=["cropped", "whole"])
def test_channels_that_are_normalised_before_they_are_resampled_are_joined_again(tmp_path, how):
    preprocessing = Preprocessing(
        (2.0, 2.0, 2.0), channels=(Intensities("none"), Intensities("z-score")), **AS_MONAI, **how
    )
    export_bundle(save(tmp_path / "model", preprocessing=preprocessing, channels=("A", "B")), tmp_path / "bundle")
    grid, images = Grid.from_spacing((12, 10, 8), (1, 1, 2)), [tmp_path / f"{n}.nii.gz" for n in range(2)]
    for n, image in enumerate(images):
        write_volume(image, np.random.default_rng(n).normal(size=grid.size).astype(np.float32), grid)
    parser = ConfigParser()
    parser.read_config(str(tmp_path / "bundle" / "configs" / "inference.json"))
    theirs = parser.get_parsed_content("preprocessing")({"image": list(map(str, images))})["image"]
    np.testing.assert_allclose(
        theirs.numpy(), prepare_case(Case("a", tuple(images), None), preprocessing).image, atol=1e-5
    )


def test_what_is_there_is_not_overwritten(tmp_path):
    source = save(tmp_path / "model")
    (tmp_path / "bundle").mkdir()
    with pytest.raises(InputError, match="is there already; name a new folder"):
        export_bundle(source, tmp_path / "bundle")


def test_a_normalisation_that_monai_has_not_is_not_exported_as_another(tmp_path, monkeypatch):
    folder = save(tmp_path / "model", preprocessing=Preprocessing(None, "percentile"))
    monkeypatch.setitem(NORMALISERS, "percentile", replace(NORMALISERS["percentile"], monai=None))
    with pytest.raises(InputError, match="normalises intensities by `percentile`, which no transform of MONAI's does"):
        export_bundle(folder, tmp_path / "bundle")
    assert not (tmp_path / "bundle").exists()


def test_a_bundle_of_a_model_that_averages_copies_says_that_it_does_not(tmp_path):
    source = save(tmp_path / "model", inference=InferenceSettings(3, ("superior",)))
    [said] = [note for note in export_bundle(source, tmp_path / "bundle") if "averages 4 copies" in note]
    assert "runs the network once" in said and said in (tmp_path / "bundle" / "docs" / "README.md").read_text()
    usual = save(tmp_path / "usual", inference=InferenceSettings().in_jobs())
    assert any(
        "averages 7 copies of an image with up to 8 windows" in n for n in export_bundle(usual, tmp_path / "fourth")
    )
    assert not any("averages" in note for note in export_bundle(save(tmp_path / "plain"), tmp_path / "other"))
