"""What the tests of MONAI bundles share: layouts of the public zoo made small, a change, an import, a refusal."""

from __future__ import annotations

import json

import pytest
import yaml
from foreign_models import UNET

from TransferSegLib.core.errors import InputError
from TransferSegLib.sources.imports.importer import ImportOptions
from TransferSegLib.sources.imports.importing import read_model

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


# The fields of a preprocessing whose voxels are those of MONAI's `Spacing`.
AS_MONAI = {"resampling": "monai", "spacing_tolerance": 0.0, "resampled_in_float64": True}


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


DYNUNET = {**LAYOUTS["DynUNet"], "spatial_dims": 3, "out_channels": 2}


def crop(**more) -> dict[str, object]:
    return {"_target_": "CropForegroundd", "keys": "image", "source_key": "image", **more}


Z_SCORE = {"_target_": "NormalizeIntensityd", "keys": "image"}


NON_ZERO = {**Z_SCORE, "nonzero": True}


WINDOW = {"_target_": "ScaleIntensityRanged", "keys": "image", "a_min": 0, "a_max": 9, "b_min": 0, "b_max": 1}


def counted(monkeypatch) -> list[int]:
    """How often a file's lines are looked for, from here on."""
    calls: list[int] = []
    compose = yaml.compose
    monkeypatch.setattr(yaml, "compose", lambda *given, **named: calls.append(1) or compose(*given, **named))
    return calls


SIGMOID = {"_target_": "Activationsd", "keys": "pred", "sigmoid": True}


THRESHOLD = {"_target_": "AsDiscreted", "keys": "pred", "threshold": 0.5}
