"""A network that knows other axes sees an image as it was trained to, and its result lies where the image does."""

from __future__ import annotations

import pytest
import torch
from monai.data import MetaTensor
from monai.transforms import Orientation
from tiny_networks import TINY

from TransferSegLib.core.errors import InputError
from TransferSegLib.inference.windows import logit_slabs
from TransferSegLib.networks import build
from TransferSegLib.networks.axes import Axes
from TransferSegLib.networks.execution import fixed_execution

ALL = ("RAS", "LPS", "SPL", "PIR", "ARS", "ILA")


@pytest.mark.parametrize("name", ALL)
def test_an_image_is_turned_as_monais_orientation_turns_it_and_back(name):
    image = torch.randn(1, 3, 4, 5)
    turned = Axes(name).to_network(image)
    assert torch.equal(turned, Orientation(axcodes=name, labels=None)(MetaTensor(image)).as_tensor())
    assert torch.equal(Axes(name).from_network(turned), image)


def test_what_stands_for_the_networks_axes_is_put_in_the_order_of_ours():
    assert Axes("SPL").sizes_from_network((96, 160, 128)) == (128, 160, 96)


@pytest.mark.parametrize("name", ["RAR", "RA", "RASS", "XYZ", "ras"])
def test_axes_that_are_none_are_refused_by_name(name):
    with pytest.raises(InputError, match=f"axes `{name}` are not three of R or L, A or P, S or I"):
        build("segresnet-ds", 1, 2, {**TINY["segresnet-ds"], "axes": name})


def logits_of(axes: str, image: torch.Tensor, patch: tuple[int, int, int]) -> torch.Tensor:
    torch.manual_seed(6)
    network = build("segresnet-ds", 1, 2, {**TINY["segresnet-ds"], "resolution": (2, 1, 1), "axes": axes})
    slabs = [slab.logits.clone() for slab in logit_slabs(network, image, patch, fixed_execution("cpu", 2))]
    return torch.cat(slabs, dim=1)


def test_windows_lie_where_the_network_sees_its_axes_begin():
    # Sides that the windows do not divide, and one that is padded by an odd number of voxels.
    image = torch.randn(1, 37, 15, 29)
    turned = Axes("SPL").to_network(image)
    theirs = logits_of("RAS", turned, (16, 16, 24))
    ours = logits_of("SPL", image, (24, 16, 16))
    torch.testing.assert_close(ours, Axes("SPL").from_network(theirs), rtol=1e-5, atol=1e-5)
