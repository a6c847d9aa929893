"""Copies of an image and several networks: what is averaged is what segmenting each of them by itself gives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.core.errors import InputError, NotFinite
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.inference_settings import AXES, SHIFTS, InferenceOptions, InferenceSettings, sided_axes
from TransferSegLib.inference import segment as segmenting
from TransferSegLib.inference import windows
from TransferSegLib.inference.segment import segment
from TransferSegLib.networks.execution import ExecutionConfig
from TransferSegLib.networks.staged import StagedNetwork

CPU = ExecutionConfig("cpu")
SIZE = (14, 12, 10)


class Small(StagedNetwork):
    """Two convolutions with random weights, steep enough to be sure of some voxels; every batch that it saw."""

    def __init__(self, seed: int = 0, classes: int = 3) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.net = nn.Sequential(
            nn.Conv3d(1, 6, 3, stride=1, padding=1), nn.ReLU(), nn.Conv3d(6, classes, 3, padding=1)
        )
        self.batches: list[int] = []

    def forward(self, x):
        self.batches.append(x.shape[0])
        return 8 * self.net(x)


class Pointwise(StagedNetwork):
    """Knows nothing of neighbours, so that no copy finds anything else."""

    def forward(self, x):
        return -20 * (x - torch.arange(4.0).reshape(1, -1, 1, 1, 1)).abs()


def make_case(image, own=None):
    own = own or image.shape
    return PreparedCase(
        "case", image[None].astype(np.float32), None, Grid.from_spacing(own, (1, 1, 1)), (1.0, 1.0, 1.0)
    )


@pytest.fixture
def image():
    return np.random.default_rng(3).normal(size=SIZE)


def probabilities(network, image, patch=SIZE, settings=windows.PLAIN, **more):
    return segment(network, make_case(image), patch, CPU, probabilities=True, settings=settings, **more).probabilities


def moved(array, shift):
    """An array whose last three axes are moved by whole voxels, the outermost repeated."""
    for axis, by in zip((-3, -2, -1), shift, strict=True):
        places = np.clip(np.arange(array.shape[axis]) - by, 0, array.shape[axis] - 1)
        array = np.take(array, places, axis)
    return array


@pytest.mark.parametrize("copies", [2, 3, 7])
def test_copies_are_the_mean_of_segmenting_the_moved_images_and_moving_back(image, copies):
    network = Small()
    plain, each = probabilities(network, image), []
    for shift in SHIFTS[:copies]:
        back = moved(probabilities(network, moved(image, shift)), tuple(-by for by in shift))
        # The plane that was pushed out of the image has not been seen.
        for axis, by in enumerate(shift):
            if by:
                last = (slice(None),) * (1 + axis) + (-1 if by > 0 else 0,)
                back[last] = plain[last]
        each.append(back)
    found = probabilities(network, image, settings=InferenceSettings(copies=copies))
    np.testing.assert_allclose(found, np.mean(each, axis=0), atol=1e-6)
    assert np.abs(found - plain).max() > 0.01


def test_mirrored_copies_are_the_mean_over_every_set_of_the_axes(image):
    network = Small()
    sets = [(), (1,), (3,), (1, 3)]
    each = [np.flip(probabilities(network, np.flip(image, [a - 1 for a in some])), some) for some in sets]
    found = probabilities(network, image, settings=InferenceSettings(mirror=("right", "superior")))
    np.testing.assert_allclose(found, np.mean(each, axis=0), atol=1e-6)


def test_several_networks_are_averaged_with_the_first(image):
    networks = [Small(seed) for seed in range(3)]
    found = probabilities(networks[0], image, members=networks[1:])
    np.testing.assert_allclose(found, np.mean([probabilities(n, image) for n in networks], axis=0), atol=1e-6)
    both = probabilities(networks[0], image, members=networks[1:], settings=InferenceSettings(copies=3))
    each = [probabilities(n, image, settings=InferenceSettings(copies=3)) for n in networks]
    np.testing.assert_allclose(both, np.mean(each, axis=0), atol=1e-6)


def test_one_copy_is_bit_for_bit_what_is_found_without_settings(image):
    network, own = Small(), (20, 17, 11)
    case = make_case(image, own)
    without = segment(network, case, (8, 8, 8), CPU, probabilities=True)
    one = segment(network, case, (8, 8, 8), CPU, probabilities=True, settings=InferenceSettings(copies=1, mirror=()))
    assert np.array_equal(one.probabilities, without.probabilities)


@pytest.mark.parametrize("patch", [(14, 12, 10), (8, 8, 8), (5, 20, 9)])
@pytest.mark.parametrize("settings", [InferenceSettings(7), InferenceSettings(2, AXES)])
def test_a_network_that_knows_no_neighbours_finds_the_same_in_every_copy(patch, settings):
    values = np.random.default_rng(0).integers(0, 4, SIZE)
    network, case = Pointwise(), make_case(values)
    assert np.array_equal(segment(network, case, patch, CPU, settings=settings).classes, values)
    plain = segment(network, case, patch, CPU, probabilities=True).probabilities
    found = segment(network, case, patch, CPU, probabilities=True, settings=settings).probabilities
    np.testing.assert_allclose(found, plain, atol=1e-6)


@pytest.mark.parametrize("own", [SIZE, (23, 19, 16)])
def test_in_slabs_copies_give_what_they_give_at_once(image, own, monkeypatch):
    network, case, settings = Small(), make_case(image, own), InferenceSettings(5)
    whole = segment(network, case, (6, 6, 6), CPU, probabilities=True, settings=settings, uncertainty=True)
    monkeypatch.setattr(windows, "SLAB_BYTES", 0)
    monkeypatch.setattr(segmenting, "SLAB_BYTES", 0)
    monkeypatch.setattr(segmenting, "PIECE_VOXELS", 300)
    thin = segment(network, case, (6, 6, 6), CPU, probabilities=True, settings=settings, uncertainty=True)
    np.testing.assert_allclose(thin.probabilities, whole.probabilities, atol=1e-6)
    np.testing.assert_allclose(thin.uncertainty, whole.uncertainty, atol=1e-6)
    alone = segment(network, case, (6, 6, 6), CPU, settings=settings, uncertainty=True)
    assert np.array_equal(alone.classes, whole.classes)
    np.testing.assert_allclose(alone.uncertainty, whole.uncertainty, atol=1e-6)


def test_copies_take_no_more_windows_at_once_and_their_number_of_runs(image, monkeypatch):
    network = Small()
    segment(network, make_case(image), (8, 12, 10), CPU)
    plain, network.batches = sum(network.batches), []
    segment(network, make_case(image), (8, 12, 10), CPU, settings=InferenceSettings(7))
    assert (max(network.batches), sum(network.batches)) == (windows.WINDOWS_TOGETHER, 7 * plain)
    network.batches = []
    segment(network, make_case(image), (8, 12, 10), CPU, settings=InferenceSettings(7), together=1)
    assert (max(network.batches), sum(network.batches)) == (1, 7 * plain)


def test_an_image_with_more_windows_than_its_model_shifts_is_segmented_as_it_is(image):
    def runs(windows_at_most, patch_size=(8, 12, 10), mirror=()):
        network = Small()
        settings = InferenceSettings(7, mirror, copies_up_to_windows=windows_at_most)
        found = segment(network, make_case(image), patch_size, CPU, settings=settings)
        return sum(network.batches), found

    # Along the first axis, 14 voxels have two windows of 8.
    assert [runs(most)[0] for most in (None, 3, 2, 1)] == [14, 14, 14, 2]
    assert [runs(most)[1].averaged for most in (2, 1)] == [True, False]
    assert np.array_equal(runs(1)[1].classes, segment(Small(), make_case(image), (8, 12, 10), CPU).classes)
    every = segment(Small(), make_case(image), (8, 12, 10), CPU, settings=InferenceSettings(7))
    assert np.array_equal(runs(2)[1].classes, every.classes)
    # An image of one window, and one that is mirrored all the same.
    assert runs(1, SIZE)[0] == 7 and runs(1, mirror=("right",))[0] == 4


def test_copies_need_slabs_no_larger_than_one_copy_does(image, monkeypatch):
    monkeypatch.setattr(windows, "SLAB_BYTES", 0)
    long = torch.from_numpy(np.tile(image, (4, 1, 1))[None].astype(np.float32))
    sizes = {
        copies: [s.logits.numel() for s in windows.logit_slabs(Small(), long, (8, 12, 10), CPU, settings=settings)]
        for copies in (1, 7)
        for settings in [InferenceSettings(copies)]
    }
    assert sizes[1] == sizes[7] and max(sizes[1]) <= 3 * 8 * 12 * 10


def test_what_is_not_finite_in_a_copy_is_not_averaged_away(image):
    class Fails(Small):
        def forward(self, x):
            found = super().forward(x)
            return found if len(self.batches) < 2 else found * np.inf

    with pytest.raises(NotFinite, match="not finite"):
        segment(Fails(), make_case(image), SIZE, CPU, settings=InferenceSettings(7))


def test_uncertainty_is_what_the_labels_mean_probability_lacks_to_one(image):
    settings = InferenceSettings(3)
    found = segment(Small(), make_case(image), SIZE, CPU, probabilities=True, settings=settings, uncertainty=True)
    own = np.take_along_axis(found.probabilities, found.classes[None].astype(int), 0)[0]
    np.testing.assert_allclose(found.uncertainty, 1 - own, atol=1e-6)
    assert found.uncertainty.dtype == np.float32 and 0 <= found.uncertainty.min() < 0.05
    assert 0.3 < found.uncertainty.max() <= 1 - 1 / 3 + 1e-6


@pytest.mark.parametrize("slab", [None, 0])
@pytest.mark.parametrize("own", [SIZE, (23, 19, 16)])
def test_where_classes_are_one_label_the_uncertainty_is_that_of_the_label(image, own, slab, monkeypatch):
    if slab is not None:
        monkeypatch.setattr(windows, "SLAB_BYTES", slab)
        monkeypatch.setattr(segmenting, "SLAB_BYTES", slab)
        monkeypatch.setattr(segmenting, "PIECE_VOXELS", 300)
    network, case = Small(classes=5), make_case(image, own)
    label_of = np.array([0, 1, 2, 1, 0], np.uint8)
    found = segment(network, case, SIZE, CPU, probabilities=True, uncertainty=True, label_of=label_of)
    labels = np.stack([found.probabilities[label_of == label].sum(axis=0) for label in range(3)])
    own_label = np.take_along_axis(labels, label_of[found.classes][None].astype(int), 0)[0]
    np.testing.assert_allclose(found.uncertainty, 1 - own_label, atol=1e-6)
    plain = segment(network, case, SIZE, CPU, uncertainty=True)
    assert np.array_equal(plain.classes, found.classes)
    np.testing.assert_allclose(
        segment(network, case, SIZE, CPU, uncertainty=True, label_of=label_of).uncertainty, found.uncertainty, atol=1e-6
    )
    assert (plain.uncertainty - found.uncertainty).max() > 0.1


def test_what_was_cropped_away_is_certain(image):
    grid = Grid.from_spacing((18, 12, 10), (1, 1, 1))
    case = replace(make_case(image), grid=grid, box=((2, 16), (0, 12), (0, 10)))
    found = segment(Small(), case, SIZE, CPU, uncertainty=True).uncertainty
    assert found.shape == grid.size and not found[:2].any() and not found[16:].any() and found[2:16].any()


def test_slices_are_not_moved_across_themselves():
    views = InferenceSettings(7, ("right", "superior")).views(slice_axis=2)
    assert [view.shift for view in views if any(view.shift)] == [(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0)]
    assert [view.mirrored for view in views if view.mirrored] == [(0,)]


@pytest.mark.parametrize(("copies", "mirror", "times"), [(1, (), 1), (3, (), 3), (1, AXES[:2], 4), (7, AXES, 14)])
def test_settings_say_how_many_times_as_long_they_take(copies, mirror, times):
    assert InferenceSettings(copies, mirror).times == times


def test_sides_are_read_from_the_names_of_labels():
    names = ("Left kidney", "aorta", "hippocampus-posterior", "leftover", "lh.insula", "inferior_vena_cava")
    assert sided_axes(names) == {
        "right": ("Left kidney", "lh.insula"),
        "anterior": ("hippocampus-posterior",),
        "superior": ("inferior_vena_cava",),
    }


def test_a_side_may_be_a_letter_or_grown_together_with_the_name():
    sided = ("Hippocampus_L", "LeftKidney", "RPutamen", "lungR", "Niere links", "rt-femur")
    assert sided_axes((*sided, "L1", "vertebrae_L5", "T1 lesion", "MRIBrain", "liver")) == {"right": sided}


def test_labels_with_a_side_are_never_mirrored_onto_the_other():
    options = InferenceOptions(mirror="right+superior")
    assert options.inference_settings(InferenceSettings(), ["spleen"]).mirror == ("right", "superior")
    with pytest.raises(
        InputError, match=r"--mirror right: the labels `left lung`, `right lung` have a side.*leave the"
    ):
        options.inference_settings(InferenceSettings(), ["left lung", "right lung"])
    # What a source model does is left out where the target's labels have sides.
    assert InferenceOptions().inference_settings(InferenceSettings(3, AXES), ["left lung"]) == InferenceSettings(
        3, AXES[1:]
    )


def test_what_is_not_chosen_is_as_the_model_has_it():
    model = InferenceSettings(3, ("superior",))
    assert InferenceOptions().inference_settings(model, ["a"]) == model
    single = InferenceOptions(copies=1).inference_settings(model, ["a"])
    assert single == replace(model, copies=1, single_copy_chosen=True) and single.in_jobs() == single
    usual = model.in_jobs(), InferenceSettings(1, ("superior",)).in_jobs()
    assert usual == (model, InferenceSettings(7, ("superior",), copies_up_to_windows=8))
    # A job segments every case once a strategy.
    auto3dseg = InferenceSettings(3, overlap=0.625, padding="zero")
    assert auto3dseg.in_jobs() == InferenceSettings(3, padding="zero")
    # What a person chooses is of every image.
    assert InferenceOptions(copies=5).inference_settings(usual[1], ["a"]) == replace(model, copies=5)
    assert InferenceOptions(mirror="none").inference_settings(model, ["a"]) == replace(model, mirror=())
    with pytest.raises(InputError, match="is none and an axis"):
        InferenceOptions(mirror="none+right").inference_settings(model, ["a"])


@pytest.mark.parametrize("copies", [1, 3])
@pytest.mark.parametrize("label_of", [None, np.array([0, 1, 1])])
def test_on_the_networks_own_grid_the_uncertainty_needs_no_interpolation(image, copies, label_of, monkeypatch):
    case, settings = make_case(image), InferenceSettings(copies)
    wanted = segment(
        Small(), case, SIZE, CPU, probabilities=True, settings=settings, uncertainty=True, label_of=label_of
    )
    monkeypatch.setattr(segmenting._OwnGrid, "_decide", None)
    found = segment(Small(), case, SIZE, CPU, settings=settings, uncertainty=True, label_of=label_of)
    np.testing.assert_array_equal(found.classes, wanted.classes)
    np.testing.assert_allclose(found.uncertainty, wanted.uncertainty, atol=1e-6)
