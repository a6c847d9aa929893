from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from rounding import assert_same
from whole_logits import whole_logits

from TransferSegLib.networks import build
from TransferSegLib.networks.execution import ExecutionConfig
from TransferSegLib.networks.ratlesnetv2 import RatLesNetV2
from TransferSegLib.sources.untrusted.weights import load_weights

SHARED = Path(os.environ.get("TRANSFERSEG_DATA", Path(__file__).parents[2].parent / "shared"))
PUBLISHED = SHARED / "weights" / "RatLesNetV2"


@pytest.mark.parametrize("which", ["heterogeneous", "homogeneous"])
def test_published_weights_give_the_authors_probabilities(which):
    if not PUBLISHED.is_dir():
        pytest.skip(f"{PUBLISHED} is absent; set TRANSFERSEG_DATA")
    network = RatLesNetV2(1, 2).eval()
    network.load_state_dict(load_weights(PUBLISHED / f"{which}-model-1"))
    reference = np.load(PUBLISHED / "reference.npz")
    with torch.no_grad():
        probabilities = network(torch.from_numpy(reference["input"])).softmax(dim=1)
        # The card's patch is larger than this image.
        logits = whole_logits(network, torch.from_numpy(reference["input"][0]), (128, 128, 16), ExecutionConfig("cpu"))
    # The reference was computed on another processor.
    expected = torch.from_numpy(reference[which])
    assert_same(probabilities, expected)
    assert_same(logits.softmax(dim=0), expected[0])


@pytest.mark.parametrize("size", [(8, 8, 8), (7, 9, 5), (1, 2, 3), (13, 16, 1)])
def test_any_size_comes_back_at_its_own_size(size):
    network = build("ratlesnetv2", 2, 5, {"filters": 4}).eval()
    with torch.no_grad():
        assert network(torch.randn(1, 2, *size)).shape == (1, 5, *size)


def test_every_parameter_and_buffer_belongs_to_exactly_one_stage():
    network = build("ratlesnetv2", 1, 3, {"filters": 2})
    owned = [
        name
        for stage in network.stages()
        for module in stage.modules
        for name in network.get_submodule(module).state_dict(prefix=f"{module}.")
    ]
    assert len(owned) == len(set(owned))
    assert set(owned) == set(network.state_dict())
