"""Deep supervision: training looks at all outputs of a network, everything else at the final one."""

from __future__ import annotations

import contextlib
import copy

import pytest
import torch
from monai.losses import DiceCELoss
from tiny_networks import TINY, patch_of
from torch.nn import functional as F

from TransferSegLib.networks import build
from TransferSegLib.training.objectives import Segmentation
from TransferSegLib.training.recipes import Recipe

LOSS = DiceCELoss(to_onehot_y=True, softmax=True, include_background=False, batch=True)


def first_loss(name: str, arguments: dict) -> tuple[float, list[float]]:
    """(the loss of a training step, that of each output by itself)."""
    torch.manual_seed(2)
    network = build(name, 1, 3, arguments)
    size = patch_of(network)
    images, classes = torch.randn(2, 1, *size), torch.randint(0, 3, (2, 1, *size), dtype=torch.uint8)
    with torch.no_grad():
        outputs = copy.deepcopy(network).train().forward_supervised(images)
    single = [float(LOSS(o, F.interpolate(classes.float(), o.shape[2:], mode="nearest-exact"))) for o in outputs]
    loss = Segmentation(network, Recipe()).loss(network.train(), images, classes, contextlib.nullcontext)
    return float(loss.detach()), single


@pytest.mark.parametrize("name", ["dynunet", "unetplusplus", "segresnet-ds"])
def test_each_further_output_counts_half_as_much_as_the_one_before(name):
    loss, single = first_loss(name, TINY[name])
    assert len(single) > 1
    assert loss == pytest.approx(sum(value / 2**n for n, value in enumerate(single)), rel=1e-4)


def test_a_network_with_one_output_is_trained_on_its_loss():
    loss, single = first_loss("dynunet", {**TINY["dynunet"], "deep_supervision": False})
    assert single == [pytest.approx(loss, rel=1e-5)]
