"""Segmenting in slabs gives the voxels of segmenting at once."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from monai.inferers import sliding_window_inference
from torch import nn
from torch.nn import functional as F
from whole_logits import whole_logits

from TransferSegLib.cases.preprocessing import PreparedCase, restore
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.inference import segment as segmenting
from TransferSegLib.inference import windows
from TransferSegLib.inference.segment import segment, window_classes
from TransferSegLib.networks.execution import ExecutionConfig
from TransferSegLib.networks.staged import StagedNetwork

CPU = ExecutionConfig("cpu")


class Small(StagedNetwork):
    """Two convolutions with random weights, steep enough to be sure of some voxels."""

    def __init__(self, classes: int = 5, slice_axis: int | None = None) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.slice_axis = slice_axis
        self.net = nn.Sequential(nn.Conv3d(1, 6, 3, padding=1), nn.ReLU(), nn.Conv3d(6, classes, 3, padding=1))

    def forward(self, x):
        return 8 * self.net(x)


def at_once(network, image, patch, own):
    """Logits of MONAI's sliding window, and probabilities at another size: all of it in memory, as it was done before."""
    overlap = [0.0 if axis == network.slice_axis else 0.25 for axis in range(3)]
    with torch.inference_mode():
        logits = sliding_window_inference(
            torch.from_numpy(image)[None], patch, 4, network.eval(), overlap=overlap, mode="gaussian"
        )[0]
        softmax = torch.softmax(logits, dim=0)
        if own == image.shape[1:]:
            return logits, softmax
        return logits, F.interpolate(softmax[None], size=own, mode="trilinear", align_corners=False)[0]


def make_case(size, own):
    image = np.random.default_rng(3).normal(size=(1, *size)).astype(np.float32)
    grid = Grid(own, np.diag([-0.7, 0.9, -1.1, 1.0]))
    return PreparedCase("case", image, None, grid, (1.0, 1.0, 1.0))


SIZES = {
    "as they are": ((31, 22, 19), (31, 22, 19)),
    "finer": ((31, 22, 19), (53, 41, 37)),
    "coarser": ((31, 22, 19), (13, 9, 11)),
    "one axis": ((31, 22, 19), (31, 22, 40)),
    "the axis of the slabs": ((31, 22, 19), (77, 22, 19)),
    "smaller than a window along two axes": ((40, 7, 8), (61, 9, 8)),
}


@pytest.fixture(params=[0, 1, 2], ids="ijk")
def thin(request, monkeypatch):
    """Slabs as thin as windows allow, along each axis."""
    monkeypatch.setattr(windows, "SLAB_BYTES", 0)
    monkeypatch.setattr(segmenting, "SLAB_BYTES", 0)
    monkeypatch.setattr(segmenting, "PIECE_VOXELS", 3000)
    monkeypatch.setattr(windows, "_slab_axis", lambda size, patch, first: request.param)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("probabilities", [False, True])
def test_in_slabs_the_voxels_are_those_of_all_at_once(thin, size, probabilities):
    (size, own), network = size, Small()
    case = make_case(size, own)
    padded = np.pad(
        case.image, [(0, 0), *(((8 - n) // 2, 8 - n - (8 - n) // 2) if n < 8 else (0, 0) for n in size)], "edge"
    )
    inside = (slice(None), *(slice((8 - n) // 2, (8 - n) // 2 + n) if n < 8 else slice(None) for n in size))
    logits, _ = at_once(network, padded, (8, 8, 8), padded.shape[1:])
    softmax = torch.softmax(logits[inside], dim=0)
    wanted = (
        softmax if own == size else F.interpolate(softmax[None], size=own, mode="trilinear", align_corners=False)[0]
    )
    found = segment(network, case, (8, 8, 8), CPU, probabilities)
    assert np.array_equal(found.classes, restore(wanted.argmax(dim=0).to(torch.uint8).numpy(), case))
    assert len(np.unique(found.classes)) == 5
    if probabilities:
        np.testing.assert_allclose(found.probabilities, restore(wanted.numpy(), case), rtol=0, atol=1e-6)


@pytest.mark.parametrize("own", [(31, 22, 19), (53, 41, 37)])
def test_a_case_that_fits_has_the_very_numbers_of_all_at_once(own):
    case, network = make_case((31, 22, 19), own), Small()
    logits, wanted = at_once(network, case.image, (8, 8, 8), own)
    assert torch.equal(whole_logits(network, torch.from_numpy(case.image), (8, 8, 8), CPU), logits)
    found = segment(network, case, (8, 8, 8), CPU, probabilities=True)
    assert np.array_equal(found.probabilities, restore(wanted.numpy(), case))
    alone = segment(network, case, (8, 8, 8), CPU)
    assert np.array_equal(alone.classes, restore(wanted.argmax(dim=0).to(torch.uint8).numpy(), case))


def test_the_logits_of_slabs_along_the_first_axis_are_bit_for_bit_those_of_monai(monkeypatch):
    monkeypatch.setattr(windows, "SLAB_BYTES", 0)
    image, network = make_case((31, 22, 19), (31, 22, 19)).image, Small()
    logits, _ = at_once(network, image, (8, 9, 7), (31, 22, 19))
    assert torch.equal(whole_logits(network, torch.from_numpy(image), (8, 9, 7), CPU), logits)
    assert np.array_equal(window_classes(network, torch.from_numpy(image), (8, 9, 7), CPU), logits.argmax(dim=0))


@pytest.mark.parametrize(("slice_axis", "patch"), [(0, (1, 8, 8)), (2, (8, 8, 3))])
def test_slices_come_back_in_slabs_too(thin, slice_axis, patch):
    image, network = make_case((9, 22, 10), (9, 22, 10)).image, Small(slice_axis=slice_axis)
    logits, _ = at_once(network, image, patch, (9, 22, 10))
    assert torch.allclose(whole_logits(network, torch.from_numpy(image), patch, CPU), logits, atol=1e-5)


def test_a_slab_holds_no_more_than_a_layer_of_windows(monkeypatch):
    monkeypatch.setattr(windows, "SLAB_BYTES", 0)
    image = torch.zeros(1, 60, 20, 20)
    slabs = [(slab.begin, slab.logits.shape[1]) for slab in windows.logit_slabs(Small(), image, (8, 8, 8), CPU)]
    assert max(planes for _, planes in slabs) <= 8
    ends = itertools.accumulate(planes for _, planes in slabs)
    assert [begin for begin, _ in slabs] == [0, *ends][:-1]


@pytest.mark.parametrize(
    ("patch", "device", "together"),
    [
        ((64, 64, 64), "cpu", 4),
        ((96, 96, 96), "cuda:0", 4),
        ((128, 128, 128), "cpu", 2),
        ((160, 160, 160), "cuda:0", 1),
        ((160, 160, 160), "cpu", 2),
    ],
)
def test_of_large_windows_fewer_run_at_once(patch, device, together):
    assert windows.windows_together(patch, device) == together


def test_more_than_256_classes_are_told_apart():
    class Many(StagedNetwork):
        def forward(self, x):
            return -(x - torch.arange(300.0).reshape(1, -1, 1, 1, 1)).abs()

    image = np.arange(10 * 8 * 8, dtype=np.float32).reshape(1, 10, 8, 8) % 300
    case = PreparedCase("case", image, None, Grid.from_spacing((10, 8, 8), (1, 1, 1)), (1.0, 1.0, 1.0))
    found = segment(Many(), case, (8, 8, 8), CPU).classes
    assert found.max() == 299 and np.array_equal(found, image[0])


def test_probabilities_that_do_not_fit_into_memory_are_refused_with_the_estimate(monkeypatch):
    monkeypatch.setattr(segmenting, "available_bytes", lambda: 5 * 2**20)
    case = make_case((31, 22, 19), (64, 64, 64))
    with pytest.raises(InputError, match=r"case `case`: the probabilities of 4 labels take .* GiB of memory.*crop"):
        segment(Small(), case, (8, 8, 8), CPU, probabilities=True)
    assert segment(Small(), case, (8, 8, 8), CPU).classes.shape == (64, 64, 64)
