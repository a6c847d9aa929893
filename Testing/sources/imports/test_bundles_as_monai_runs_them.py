"""An imported bundle finds in an image what MONAI finds with the bundle's own transforms and its own inferer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from bundle_changes import crop
from foreign_models import SPLEEN_PREPROCESSING, UNET, write_bundle
from monai.bundle import ConfigParser
from monai.networks import nets
from segresnet_ds_models import agreement, imported, ours, write_image

from TransferSegLib.core.inference_settings import InferenceSettings

LOAD = SPLEEN_PREPROCESSING[:2]
TURN = SPLEEN_PREPROCESSING[2]
SPACING = {"_target_": "Spacingd", "keys": "@image_key", "pixdim": [1.5, 1.5, 2.0], "mode": "bilinear"}
RANGE = {"_target_": "ScaleIntensityRanged", "keys": "@image_key", "a_min": -250, "a_max": 400, "b_min": 0, "b_max": 1}
SOFTMAX = {"_target_": "Activationsd", "keys": "pred", "softmax": True}
LARGEST = {"_target_": "AsDiscreted", "keys": "pred", "argmax": True}


def back(nearest: bool) -> dict[str, Any]:
    return {
        "_target_": "Invertd",
        "keys": "pred",
        "transform": "@preprocessing",
        "orig_keys": "@image_key",
        "nearest_interp": nearest,
        "to_tensor": True,
    }


@dataclass(frozen=True)
class Layout:
    """What the zoo's bundles differ in.

    Attributes:
        preprocessing: Transforms.
        after: What is done with the outputs.
        inferer: How windows are run, beside their size.
        network: The arguments of the network that are other than usual.
        ct: Whether images are CT.
    """

    preprocessing: Sequence[Mapping[str, Any]]
    after: Sequence[Mapping[str, Any]]
    inferer: Mapping[str, Any]
    network: Mapping[str, Any] = field(default_factory=dict)
    ct: bool = True


LAYOUTS = {
    # As spleen_ct_segmentation.
    "probabilities interpolated back": Layout(
        [*LOAD, TURN, SPACING, {**RANGE, "clip": True}], [SOFTMAX, back(False), LARGEST], {"overlap": 0.5}
    ),
    # As wholeBody_ct_segmentation.
    "nearest label back": Layout(
        [
            *LOAD,
            TURN,
            SPACING,
            {"_target_": "NormalizeIntensityd", "keys": "@image_key", "nonzero": True},
            {"_target_": "ScaleIntensityd", "keys": "@image_key", "minv": -1.0, "maxv": 1.0},
        ],
        [SOFTMAX, LARGEST, back(True)],
        {"overlap": 0.25, "padding_mode": "replicate", "mode": "gaussian"},
    ),
    # As pediatric_abdominal_ct_segmentation.
    "cropped after all else": Layout(
        [*LOAD, TURN, SPACING, {**RANGE, "clip": True}, crop(mode=["minimum"])],
        [SOFTMAX, back(False), LARGEST],
        {"overlap": 0.75},
    ),
    "cropped before all else": Layout(
        [
            *LOAD,
            TURN,
            crop(select_fn="$lambda x: x > -500"),
            SPACING,
            {"_target_": "NormalizeIntensityd", "keys": "@image_key"},
        ],
        [SOFTMAX, LARGEST, back(True)],
        {"overlap": 0.5, "mode": "gaussian"},
    ),
    "resampled after its intensities": Layout(
        [*LOAD, TURN, {**RANGE, "clip": True}, SPACING], [SOFTMAX, back(False), LARGEST], {"overlap": 0.5}
    ),
    # As ventricular_short_axis_3label, but for volumes.
    "order of the file": Layout(
        [*LOAD, {"_target_": "ScaleIntensityd", "keys": "@image_key"}],
        [SOFTMAX, back(False), LARGEST],
        {"overlap": 0.5},
        ct=False,
    ),
}
SIDE = 24


def trained(network: torch.nn.Module, image: torch.Tensor, classes: torch.Tensor) -> torch.nn.Module:
    """Train a network for some steps on windows of one prepared image (1, I, J, K)."""
    generator = np.random.default_rng(0)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-2)
    network.train()
    for _ in range(30):
        first = [int(generator.integers(0, max(1, n - SIDE + 1))) for n in image.shape[1:]]
        window = tuple(slice(begin, begin + SIDE) for begin in first)
        beyond = [n for side in reversed(image[(0, *window)].shape) for n in (0, SIDE - side)]
        shown = torch.nn.functional.pad(image[(slice(None), *window)], beyond)[None]
        wanted = torch.nn.functional.pad(classes[window], beyond)[None]
        loss = torch.nn.functional.cross_entropy(network(shown), wanted.long())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return network.eval()


def written(folder: Path, layout: Layout, image: Path) -> ConfigParser:
    """Write a bundle that was trained on an image for some steps; return MONAI's parser of it."""
    definition = {
        **UNET,
        "out_channels": 3,
        "channels": [8, 16],
        "strides": [2],
        "num_res_units": 1,
        "norm": "instance",
    }
    definition |= layout.network
    inferer = {"_target_": "SlidingWindowInferer", "roi_size": [SIDE] * 3, "sw_batch_size": 4, **layout.inferer}
    after = {"_target_": "Compose", "transforms": list(layout.after)}
    names = ("background", "organ", "lesion")
    config = {"inferer": inferer, "postprocessing": after}
    write_bundle(folder, definition, [dict(one) for one in layout.preprocessing], names, config=config)
    parser = ConfigParser()
    parser.read_config(str(folder / "configs" / "inference.json"))
    prepared = parser.get_parsed_content("preprocessing")({"image": str(image)})["image"].as_tensor()
    body = prepared[0][prepared[0] > prepared[0].min()]
    # To the one side of the middle there is only one label: whoever turns the axes otherwise finds others.
    classes = sum((prepared[0] > cut).long() for cut in torch.quantile(body, torch.tensor([0.72, 0.95])))
    classes[: classes.shape[0] // 2] = classes[: classes.shape[0] // 2].clamp(max=1)
    torch.manual_seed(1)
    network = trained(
        nets.UNet(**{name: value for name, value in definition.items() if name != "_target_"}), prepared, classes
    )
    torch.save(network.state_dict(), folder / "models" / "model.pt")
    parser["network"] = network
    return parser


@torch.no_grad()
def theirs(parser: ConfigParser, image: Path) -> np.ndarray:
    """What MONAI finds in an image with the bundle's own configuration, as its evaluator calls it."""
    case = parser.get_parsed_content("preprocessing")({"image": str(image)})
    found = parser.get_parsed_content("inferer")(case["image"][None], parser["network"])[0]
    labels = parser.get_parsed_content("postprocessing")({**case, "pred": found})["pred"]
    return np.asarray(labels)[0].astype(np.uint8)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_bundle_segments_as_monai_runs_it(tmp_path, layout):
    what = LAYOUTS[layout]
    images = [tmp_path / "tilted.nii.gz", tmp_path / "thin.nii.gz"]
    write_image(images[0], (46, 42, 26), (1.0, 1.15, 2.4), seed=3, ct=what.ct)
    write_image(images[1], (40, 22, 18), (0.8, 1.2, 2.6), seed=4, ct=what.ct, tilted=False)
    parser = written(tmp_path / "bundle", what, images[0])
    result = imported(tmp_path / "bundle")
    assert result.card.inference.float32_on_cpu
    usual = replace(
        result.card,
        preprocessing=replace(
            result.card.preprocessing, resampling="edges", crop="none", normalised_first=False, interpolated_back=False
        ),
        inference=InferenceSettings(),
    )
    worst, otherwise = 1.0, 1.0
    for image in images:
        expected = theirs(parser, image)
        assert (expected > 0).sum() > 300
        worst = min(worst, agreement(ours(result, [image]), expected))
        otherwise = min(otherwise, agreement(ours(replace(result, card=usual), [image]), expected))
    assert worst >= 0.999
    assert otherwise < 0.99
