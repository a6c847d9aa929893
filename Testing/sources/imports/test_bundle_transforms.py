from __future__ import annotations

import json

import pytest
from foreign_models import SPLEEN_PREPROCESSING, UNET, bundle_config

from TransferSegLib.sources.imports.importer import ImportOptions
from TransferSegLib.sources.imports.monai_bundle.decision import read_decision
from TransferSegLib.sources.imports.monai_bundle.preprocessing import read_preprocessing
from TransferSegLib.sources.imports.monai_bundle.transforms import transforms_of
from TransferSegLib.sources.untrusted.configs import Config


def config(tmp_path, preprocessing, **more) -> Config:
    path = tmp_path / "inference.json"
    path.write_text(json.dumps(bundle_config(UNET, preprocessing) | more))
    return Config(path)


@pytest.mark.parametrize("flag", [True, 1, 1.0, "true", " True "])
def test_what_monai_takes_for_disabled_is_disabled_here(tmp_path, flag):
    *others, scaling, last = SPLEEN_PREPROCESSING
    read = config(tmp_path, [*others, scaling | {"_disabled_": flag}, last])
    assert "ScaleIntensityRange" not in [kind for _, kind in transforms_of(read, "preprocessing")]
    assert read_preprocessing(read, "image", 1, ImportOptions(), [])[0].normalisation == "none"


@pytest.mark.parametrize("flag", [False, 0, None, "false", "no", ""])
def test_what_monai_runs_is_read_here(tmp_path, flag):
    *others, scaling, last = SPLEEN_PREPROCESSING
    read = config(tmp_path, [*others, scaling | {"_disabled_": flag}, last])
    assert read_preprocessing(read, "image", 1, ImportOptions(), [])[0].normalisation == "ct"


def test_other_flags_may_be_numbers_and_a_threshold_that_is_one_is_no_flag(tmp_path):
    *others, scaling, last = SPLEEN_PREPROCESSING
    after = [
        {"_target_": "Activationsd", "keys": "pred", "sigmoid": 1},
        {"_target_": "AsDiscreted", "keys": "pred", "threshold": 0.25},
    ]
    read = config(tmp_path, [*others, scaling | {"clip": 1}, last], postprocessing=after)
    assert read_preprocessing(read, "image", 1, ImportOptions(), [])[0].window_hu == (-57.0, 164.0)
    assert read_decision(read, 1, ["spleen"], []).begins == pytest.approx(-1.0986, abs=1e-4)
