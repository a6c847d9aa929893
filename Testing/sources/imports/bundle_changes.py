"""What the tests of MONAI bundles share: a change, an import, a refusal."""

from __future__ import annotations

import json

import pytest
import yaml
from foreign_models import BUNDLE_NETWORKS as LAYOUTS

from TransferSegLib.core.errors import InputError
from TransferSegLib.sources.imports.importer import ImportOptions
from TransferSegLib.sources.imports.importing import read_model

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
