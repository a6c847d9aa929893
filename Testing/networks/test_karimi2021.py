from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from TransferSegLib.networks.karimi2021 import Karimi2021


@pytest.mark.parametrize("kind", [nn.Conv3d, nn.ConvTranspose3d])
def test_filters_are_drawn_for_what_comes_into_them_also_where_they_are_transposed(kind):
    torch.manual_seed(0)
    layers = [m for m in Karimi2021(1, 2, channels=8, levels=3).modules() if isinstance(m, kind)]
    large = [layer for layer in layers if layer.weight.numel() > 5000]
    assert large
    for layer in large:
        expected = math.sqrt(2 / (27 * layer.in_channels))
        assert float(layer.weight.detach().std()) == pytest.approx(expected, rel=0.05)
