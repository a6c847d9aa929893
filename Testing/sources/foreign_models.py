"""Models as other programs leave them: MONAI bundles of the public zoo's layout, and trained nnU-Net folders, both small."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

# The zoo's bundles begin like this; none of it is needed, and all of it would run.
PREAMBLE = {
    "imports": ["$import glob", "$import os"],
    "bundle_root": ".",
    "image_key": "image",
    "output_dir": "$@bundle_root + '/eval'",
    "dataset_dir": "/workspace/data",
    "datalist": "$list(sorted(glob.glob(@dataset_dir + '/imagesTs/*.nii.gz')))",
    "device": "$torch.device('cuda:0' if torch.cuda.is_available() else 'cpu')",
}
UNET = {
    "_target_": "UNet",
    "spatial_dims": 3,
    "in_channels": 1,
    "out_channels": 2,
    "channels": [4, 8, 16],
    "strides": [2, 2],
    "num_res_units": 2,
    "norm": "batch",
}
SPLEEN_PREPROCESSING: list[dict[str, Any]] = [
    {"_target_": "LoadImaged", "keys": "@image_key"},
    {"_target_": "EnsureChannelFirstd", "keys": "@image_key"},
    {"_target_": "Orientationd", "keys": "@image_key", "axcodes": "RAS"},
    {"_target_": "Spacingd", "keys": "@image_key", "pixdim": [1.5, 1.5, 2.0], "mode": "bilinear"},
    {
        "_target_": "ScaleIntensityRanged",
        "keys": "@image_key",
        "a_min": -57,
        "a_max": 164,
        "b_min": 0,
        "b_max": 1,
        "clip": True,
    },
    {"_target_": "EnsureTyped", "keys": "@image_key"},
]


def bundle_config(
    network: Mapping[str, Any], preprocessing: list[dict[str, Any]], sigmoid: bool = False
) -> dict[str, Any]:
    """`inference.json` with the keys, and the expressions, of the model zoo's."""
    decide = {"sigmoid": True} if sigmoid else {"softmax": True}
    return {
        **PREAMBLE,
        "network_def": dict(network),
        "network": "$@network_def.to(@device)",
        "preprocessing": {"_target_": "Compose", "transforms": preprocessing},
        "dataset": {"_target_": "Dataset", "data": "$[{'image': i} for i in @datalist]", "transform": "@preprocessing"},
        "inferer": {"_target_": "SlidingWindowInferer", "roi_size": [32, 32, 32], "sw_batch_size": 4, "overlap": 0.5},
        "postprocessing": {
            "_target_": "Compose",
            "transforms": [
                {"_target_": "Activationsd", "keys": "pred", **decide},
                {"_target_": "AsDiscreted", "keys": "pred", **({"threshold": 0.5} if sigmoid else {"argmax": True})},
            ],
        },
        "checkpointloader": {"_target_": "CheckpointLoader", "load_path": "$@bundle_root + '/models/model.pt'"},
        "initialize": ["$monai.utils.set_determinism(seed=123)", "$@checkpointloader(@evaluator)"],
        "run": ["$@evaluator.run()"],
    }


def bundle_metadata(
    names: tuple[str, ...], channels: tuple[str, ...] = ("image",), modality: str = "CT"
) -> dict[str, Any]:
    """`metadata.json` as the model zoo's."""
    return {
        "version": "0.5.9",
        "monai_version": "1.4.0",
        "name": "Spleen CT segmentation",
        "task": "Decathlon spleen segmentation",
        "description": "A pre-trained model for volumetric segmentation of the spleen.",
        "authors": "MONAI team",
        "data_source": "Task09_Spleen.tar",
        "references": ["Xia et al. 2018"],
        "network_data_format": {
            "inputs": {
                "image": {
                    "type": "image",
                    "modality": modality,
                    "num_channels": len(channels),
                    "spatial_shape": [32, 32, 32],
                    "channel_def": {str(n): name for n, name in enumerate(channels)},
                }
            },
            "outputs": {
                "pred": {"num_channels": len(names), "channel_def": {str(n): name for n, name in enumerate(names)}}
            },
        },
    }


def monai_network(definition: Mapping[str, Any]) -> torch.nn.Module:
    """MONAI's own network with random weights and statistics, in evaluation mode."""
    import monai.networks.nets as nets

    torch.manual_seed(1)
    arguments = {name: value for name, value in definition.items() if name != "_target_"}
    network = getattr(nets, definition["_target_"].rpartition(".")[2])(**arguments).eval()
    for name, value in network.state_dict().items():
        if name.endswith("running_var"):
            value.uniform_(0.5, 1.5)
        elif name.endswith("running_mean"):
            value.normal_()
    return network


def write_bundle(
    root: Path,
    network: Mapping[str, Any] = UNET,
    preprocessing: list[dict[str, Any]] | None = None,
    names: tuple[str, ...] = ("background", "spleen"),
    channels: tuple[str, ...] = ("image",),
    sigmoid: bool = False,
    config: Mapping[str, Any] | None = None,
) -> torch.nn.Module:
    """A bundle's folder with random weights; returns MONAI's own network with them."""
    (root / "configs").mkdir(parents=True)
    (root / "models").mkdir()
    inference = bundle_config(network, SPLEEN_PREPROCESSING if preprocessing is None else preprocessing, sigmoid)
    (root / "configs" / "inference.json").write_text(json.dumps(inference | dict(config or {}), indent=4))
    (root / "configs" / "metadata.json").write_text(json.dumps(bundle_metadata(names, channels), indent=4))
    (root / "LICENSE").write_text("Apache License\nVersion 2.0, January 2004\n")
    made = monai_network(network)
    torch.save(made.state_dict(), root / "models" / "model.pt")
    return made
