"""Candidates are scored on what a network finds as it is kept: also around an image that is smaller than a window."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.inference_settings import InferenceSettings
from TransferSegLib.inference.segment import segment
from TransferSegLib.jobs.network_dice import NetworkDice
from TransferSegLib.networks.execution import fixed_execution
from TransferSegLib.networks.staged import StagedNetwork


class SeesWhatIsAround(StagedNetwork):
    """Finds the label where enough of the window is bright."""

    def forward(self, x):
        around = torch.nn.functional.avg_pool3d(x, 5, stride=1, padding=2)
        return torch.cat([torch.full_like(around, 0.5), around], dim=1)


@pytest.mark.parametrize("padding", ["edge", "zero"])
def test_what_surrounds_a_small_image_is_as_the_card_says(padding):
    size = (4, 4, 4)
    case = PreparedCase(
        "small", np.ones((1, *size), np.float32), None, Grid.from_spacing(size, (1, 1, 1)), (1.0, 1.0, 1.0)
    )
    execution = fixed_execution("cpu", 1)
    found = NetworkDice(None, (12, 12, 12), execution, padding=padding).classes(SeesWhatIsAround(), case.image)
    kept = segment(SeesWhatIsAround(), case, (12, 12, 12), execution, settings=InferenceSettings(padding=padding))
    assert np.array_equal(found, kept.classes)
    assert (found.min() == 0) == (padding == "zero")
