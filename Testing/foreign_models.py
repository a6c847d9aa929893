"""Models as other programs leave them: MONAI bundles of the public zoo's layout, and trained nnU-Net folders, both small."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
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
# The architectures of the public zoo (spleen_ct, wholeBody_ct, pediatric_abdominal_ct, swin_unetr_btcv), made small.
BUNDLE_NETWORKS: dict[str, dict[str, Any]] = {
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
    "SegResNetDS": {
        "_target_": "SegResNetDS",
        "spatial_dims": 3,
        "in_channels": 1,
        "out_channels": 2,
        "init_filters": 4,
        "blocks_down": [1, 1, 1],
        "norm": "INSTANCE",
        "dsdepth": 2,
        "resolution": [1, 1, 3],
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


# An anisotropic network: its axes are z, y, x, and the first is pooled once less.
STRIDES = [[1, 1, 1], [1, 2, 2], [2, 2, 2]]
KERNELS = [[1, 3, 3], [3, 3, 3], [3, 3, 3]]
CT_FACTS = {
    "mean": 40.0,
    "std": 90.0,
    "percentile_00_5": -150.0,
    "percentile_99_5": 300.0,
    "min": -1024.0,
    "max": 3000.0,
}


def nnunet_plans(kind: str = "PlainConvUNet", old: bool = False, channels: int = 1) -> dict[str, Any]:
    """`plans.json` as nnU-Net 2.2 and later write it, or (old) as TotalSegmentator's weights have it."""
    per_stage = "n_conv_per_stage" if kind == "PlainConvUNet" else "n_blocks_per_stage"
    configuration: dict[str, Any] = {
        "data_identifier": "nnUNetPlans_3d_fullres",
        "batch_size": 2,
        "patch_size": [8, 16, 24],
        "spacing": [3.0, 1.5, 0.75],
        "normalization_schemes": ["CTNormalization", "ZScoreNormalization"][:channels],
        "use_mask_for_norm": [False, True][:channels],
        "resampling_fn_data": "resample_data_or_seg_to_shape",
        "resampling_fn_seg": "resample_data_or_seg_to_shape",
        "resampling_fn_data_kwargs": {"is_seg": False, "order": 3, "order_z": 0, "force_separate_z": None},
        "resampling_fn_seg_kwargs": {"is_seg": True, "order": 1, "order_z": 0, "force_separate_z": None},
        "resampling_fn_probabilities": "resample_data_or_seg_to_shape",
        "resampling_fn_probabilities_kwargs": {"is_seg": False, "order": 1, "order_z": 0, "force_separate_z": None},
    }
    if old:
        configuration |= {
            "UNet_class_name": kind,
            "UNet_base_num_features": 4,
            "unet_max_num_features": 6,
            "n_conv_per_stage_encoder": [1, 2, 2],
            "n_conv_per_stage_decoder": [1, 1],
            "num_pool_per_axis": [1, 2, 2],
            "pool_op_kernel_sizes": STRIDES,
            "conv_kernel_sizes": KERNELS,
        }
    else:
        configuration["architecture"] = {
            "network_class_name": f"dynamic_network_architectures.architectures.unet.{kind}",
            "arch_kwargs": {
                "n_stages": 3,
                "features_per_stage": [4, 6, 6],
                "conv_op": "torch.nn.modules.conv.Conv3d",
                "kernel_sizes": KERNELS,
                "strides": STRIDES,
                per_stage: [1, 2, 2],
                "n_conv_per_stage_decoder": [1, 1],
                "conv_bias": True,
                "norm_op": "torch.nn.modules.instancenorm.InstanceNorm3d",
                "norm_op_kwargs": {"eps": 1e-05, "affine": True},
                "dropout_op": None,
                "dropout_op_kwargs": None,
                "nonlin": "torch.nn.LeakyReLU",
                "nonlin_kwargs": {"inplace": True},
            },
            "_kw_requires_import": ["conv_op", "norm_op", "dropout_op", "nonlin"],
        }
    return {
        "dataset_name": "Dataset900_Knee",
        "plans_name": "nnUNetPlans",
        "transpose_forward": [0, 1, 2],
        "transpose_backward": [0, 1, 2],
        "configurations": {
            "3d_fullres": configuration,
            "3d_fullres_big": {"inherits_from": "3d_fullres", "batch_size": 9},
        },
        "foreground_intensity_properties_per_channel": {"0": CT_FACTS, "1": CT_FACTS},
    }


def plans_of_slices(kind: str = "PlainConvUNet", old: bool = False, channels: int = 1) -> dict[str, Any]:
    """The same plans with a configuration `2d` as well, of slices across the first axis of the arrays."""
    plans = nnunet_plans(kind, old, channels)
    flat = copy.deepcopy(plans["configurations"]["3d_fullres"])
    flat |= {"patch_size": flat["patch_size"][1:], "spacing": flat["spacing"][1:]}
    levels = flat if old else flat["architecture"]["arch_kwargs"]
    for name in ("pool_op_kernel_sizes", "conv_kernel_sizes") if old else ("kernel_sizes", "strides"):
        levels[name] = [level[1:] for level in levels[name]]
    for name in ("conv_op", "norm_op"):
        if not old:
            levels[name] = levels[name].replace("3d", "2d")
    plans["configurations"]["2d"] = flat
    return plans


def plans_of_cascade(kind: str = "PlainConvUNet", first_spacing: Sequence[float] = (5.0, 2.7, 1.4)) -> dict[str, Any]:
    """The same plans with a cascade as well: `3d_cascade_fullres` after `3d_lowres`."""
    plans = nnunet_plans(kind)
    lowres = {"inherits_from": "3d_fullres", "spacing": list(first_spacing), "next_stage": "3d_cascade_fullres"}
    plans["configurations"]["3d_lowres"] = lowres
    plans["configurations"]["3d_cascade_fullres"] = {"inherits_from": "3d_fullres", "previous_stage": "3d_lowres"}
    return plans


def nnunet_network(
    kind: str, channels: int, classes: int, dropout: bool = False, slices: bool = False
) -> torch.nn.Module:
    """nnU-Net's own network of these plans, or of their slices, with random weights, in evaluation mode."""
    from dynamic_network_architectures.architectures import unet
    from torch import nn

    torch.manual_seed(1)
    per_stage = "n_conv_per_stage" if kind == "PlainConvUNet" else "n_blocks_per_stage"
    return getattr(unet, kind)(
        input_channels=channels,
        n_stages=3,
        features_per_stage=[4, 6, 6],
        conv_op=nn.Conv2d if slices else nn.Conv3d,
        kernel_sizes=[kernel[1:] for kernel in KERNELS] if slices else KERNELS,
        strides=[stride[1:] for stride in STRIDES] if slices else STRIDES,
        num_classes=classes,
        n_conv_per_stage_decoder=[1, 1],
        conv_bias=True,
        norm_op=nn.InstanceNorm2d if slices else nn.InstanceNorm3d,
        norm_op_kwargs={"eps": 1e-5, "affine": True},
        nonlin=nn.LeakyReLU,
        nonlin_kwargs={"inplace": True},
        dropout_op=nn.Dropout3d if dropout else None,
        dropout_op_kwargs={"p": 0.2} if dropout else None,
        deep_supervision=False,
        **{per_stage: [1, 2, 2]},
    ).eval()


def write_nnunet(
    root: Path,
    plans: dict[str, Any] | None = None,
    dataset: Mapping[str, Any] | None = None,
    kind: str = "PlainConvUNet",
    channels: int = 1,
    configuration: str = "3d_fullres",
    folds: tuple[str, ...] = ("fold_0",),
    dropout: bool = False,
    found_before: int = 0,
) -> torch.nn.Module:
    """A trained model's folder with all that nnU-Net's trainer leaves in a checkpoint; returns nnU-Net's own network.

    That of a cascade's second stage takes, beside its channels, the labels that were found before.
    """
    plans = nnunet_plans(kind, channels=channels) if plans is None else plans
    described = {
        "name": "Knee",
        "channel_names": {"0": "CT", "1": "MRI"} if channels == 2 else {"0": "CT"},
        "labels": {"background": 0, "femur": 1, "tibia": 2},
        "numTraining": 31,
        "file_ending": ".nii.gz",
        "licence": "CC-BY-NC 4.0",
    } | dict(dataset or {})
    root.mkdir(parents=True)
    (root / "plans.json").write_text(json.dumps(plans))
    (root / "dataset.json").write_text(json.dumps(described))
    slices = configuration == "2d"
    network = nnunet_network(kind, channels + found_before, 3, dropout, slices)
    optimiser = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.99)
    for fold in folds:
        (root / fold).mkdir()
        checkpoint = {
            "network_weights": network.state_dict(),
            "optimizer_state": optimiser.state_dict(),
            "grad_scaler_state": None,
            "logging": {"mean_fg_dice": [np.float64(0.8), np.float32(0.9)], "epoch_end_timestamps": [1.5, 2.5]},
            "_best_ema": np.float64(0.91),
            "current_epoch": 1000,
            "init_args": {
                "plans": plans,
                "configuration": configuration,
                "fold": 0,
                "dataset_json": described,
                "device": torch.device("cuda", 0),
            },
            "trainer_name": "nnUNetTrainer",
            "inference_allowed_mirroring_axes": (0, 1) if slices else (0, 1, 2),
        }
        torch.save(checkpoint, root / fold / "checkpoint_final.pth")
    return network
