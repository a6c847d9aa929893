"""Which patch a step sees."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from TransferSegLib.cases.preprocessing import PreparedCase
from TransferSegLib.core.grid import Grid
from TransferSegLib.training.augmentation import Augmentation
from TransferSegLib.training.patches import FOREGROUND_SHARE, PairedSampler, PatchSampler


def case(number: int, size=(20, 18, 16), spacing=(1.0, 1.0, 1.0), classes=None) -> PreparedCase:
    """Every voxel of the image holds the case's number, so that a patch tells where it came from."""
    if classes is None:
        classes = np.zeros(size, np.uint8)
        classes[3:6, 4:7, 5:8] = 1
    image = np.full((1, *size), number, np.float32)
    return PreparedCase(f"case-{number}", image, classes, Grid.from_spacing(size, spacing), spacing)


def sampler(cases, patch=(8, 8, 8), level="none", seed=0) -> PatchSampler:
    return PatchSampler(cases, patch, Augmentation.named(level), seed)


def noisy_cases(count: int) -> list[PreparedCase]:
    rng = np.random.default_rng(0)
    made = [case(n) for n in range(count)]
    for one in made:
        one.image[:] = rng.normal(size=one.image.shape)
    return made


def test_a_batch_is_a_function_of_seed_and_step_alone():
    cases = noisy_cases(3)
    first, second = sampler(cases, level="strong"), sampler(cases, level="strong")
    for step in range(4):
        second.batch(step, 2)
    for step in (3, 0, 2):
        for a, b in zip(first.batch(step, 2), second.batch(step, 2), strict=True):
            assert np.array_equal(a, b)
    assert not np.array_equal(first.batch(0, 2)[0], first.batch(1, 2)[0])
    assert not np.array_equal(first.batch(0, 2)[0], sampler(cases, level="strong", seed=1).batch(0, 2)[0])


def test_batches_have_the_shapes_that_the_loop_wants():
    images, classes = sampler([case(0)], (8, 6, 4)).batch(0, 3)
    assert (images.shape, images.dtype) == ((3, 1, 8, 6, 4), np.float32)
    assert (classes.shape, classes.dtype) == ((3, 1, 8, 6, 4), np.uint8)


@pytest.mark.parametrize(("count", "batch"), [(1, 2), (5, 1), (5, 2), (4, 8)])
def test_every_case_is_visited_once_a_round(count, batch):
    drawn = sampler([case(n) for n in range(count)])
    steps = count * 6 // batch + 1
    seen = [int(value) for step in range(steps) for value in drawn.batch(step, batch)[0][:, 0, 0, 0, 0]]
    orders = set()
    for begin in range(0, len(seen) - count + 1, count):
        assert sorted(seen[begin : begin + count]) == list(range(count))
        orders.add(tuple(seen[begin : begin + count]))
    assert count == 1 or len(orders) > 1


def test_the_share_of_patches_on_a_label_is_what_is_said():
    classes = np.zeros((40, 40, 40), np.uint8)
    classes[5, 6, 7] = 1
    drawn = sampler([case(0, (40, 40, 40), classes=classes)], (5, 5, 5))
    centres = [drawn.draw(0, np.random.default_rng(n)).centre for n in range(600)]
    share = np.mean([centre == (5.0, 6.0, 7.0) for centre in centres])
    assert share == pytest.approx(FOREGROUND_SHARE, abs=0.06)


@pytest.mark.parametrize("paired", [False, True])
def test_patches_of_a_case_without_labels_are_centred_on_what_a_model_finds_and_hold_none_of_it(paired):
    found = np.zeros((40, 40, 40), np.uint8)
    found[5, 6, 7] = 1
    blind = replace(case(0, (40, 40, 40)), classes=None, likely=found)
    arguments = ((5, 5, 5), Augmentation.named("none"), 0)
    drawn = PairedSampler([case(1), blind], *arguments).unlabelled if paired else PatchSampler([blind], *arguments)
    centres = [drawn.draw(0, np.random.default_rng(n)).centre for n in range(600)]
    share = np.mean([centre == (5.0, 6.0, 7.0) for centre in centres])
    assert share == pytest.approx(FOREGROUND_SHARE, abs=0.06)
    assert not drawn.batch(0, 8)[1].any()


def test_a_small_label_is_visited_as_often_as_a_large_one():
    classes = np.ones((30, 30, 30), np.uint8)
    classes[15, 15, 15] = 4
    drawn = sampler([case(0, (30, 30, 30), classes=classes)], (1, 1, 1))
    hits = Counter(drawn.draw(0, np.random.default_rng(n)).centre == (15.0, 15.0, 15.0) for n in range(600))
    assert hits[True] / 600 == pytest.approx(FOREGROUND_SHARE / 2, abs=0.06)


def test_a_case_without_any_label_gives_random_patches():
    empty = case(0, classes=np.zeros((20, 18, 16), np.uint8))
    drawn = sampler([empty])
    centres = {drawn.draw(0, np.random.default_rng(n)).centre for n in range(20)}
    assert len(centres) > 10
    assert drawn.batch(0, 2)[1].max() == 0


@pytest.mark.parametrize("patch", [(8, 8, 8), (20, 18, 16), (19, 7, 16), (1, 1, 1)])
def test_a_patch_stays_inside_the_image_where_it_fits(patch):
    one = case(0)
    drawn = sampler([one], patch)
    for n in range(50):
        centre = drawn.draw(0, np.random.default_rng(n)).centre
        for middle, side, size in zip(centre, patch, one.image.shape[1:], strict=True):
            assert middle - (side - 1) / 2 >= 0
            assert middle + (side - 1) / 2 <= size - 1


@pytest.mark.parametrize("level", ["none", "strong"])
def test_an_image_smaller_than_the_patch_is_centred_and_filled_up(level):
    small = case(7, (5, 6, 3), classes=np.ones((5, 6, 3), np.uint8))
    drawn = sampler([small], (8, 8, 8), level)
    images, classes = drawn.batch(0, 2)
    assert drawn.draw(0, np.random.default_rng(0)).centre == (2.0, 2.5, 1.0)
    assert images.shape == (2, 1, 8, 8, 8)
    assert (classes == 1).all()
    assert level != "none" or (images == 7).all()


def test_thick_slices_are_rotated_in_mm_and_not_in_voxels():
    # A slab one thick slice wide: a rotation in voxels would smear it over slices that lie 6 mm away.
    size, spacing = (24, 24, 12), (1.0, 1.0, 6.0)
    classes = np.zeros(size, np.uint8)
    classes[:, :, 6] = 1
    drawn = sampler([case(0, size, spacing, classes)], (8, 8, 8), "light")
    for step in range(12):
        label = drawn.batch(step, 1)[1][0, 0]
        slices = np.flatnonzero(label.any(axis=(0, 1)))
        # 12° over 5.7 mm half-width is 1.2 mm: never farther than the next slice.
        assert slices.size <= 3


def test_random_sampling_does_not_look_at_the_labels():
    classes = np.zeros((40, 40, 40), np.uint8)
    classes[5, 6, 7] = 1
    one = case(0, (40, 40, 40), classes=classes)
    drawn = PatchSampler([one], (1, 1, 1), Augmentation.named("none"), 0, "random")
    centres = np.array([drawn.draw(0, np.random.default_rng(n)).centre for n in range(600)])
    assert not (centres == (5.0, 6.0, 7.0)).all(axis=1).any()
    assert centres.mean(axis=0) == pytest.approx([19.5] * 3, abs=1.5)
    assert centres.min() < 2 and centres.max() > 37


def test_a_grid_takes_every_patch_that_covers_the_cases_once_in_a_pass():
    # 16 voxels are covered by three patches of 8 that overlap by half, 12 by two, 8 by one; the second case has one more.
    cases = [case(0, (16, 12, 8)), case(1, (20, 8, 8))]
    drawn = PatchSampler(cases, (8, 8, 8), Augmentation.named("none"), 0, "grid")
    draws = [drawn.draw(n, np.random.default_rng(n)) for n in range(20)]
    first = [(d.case, d.centre) for d in draws[:10]]
    assert sorted(first) == [
        *[(0, (i, j, 3.5)) for i in (3.5, 7.5, 11.5) for j in (3.5, 7.5)],
        *[(1, (i, 3.5, 3.5)) for i in (3.5, 7.5, 11.5, 15.5)],
    ]
    second = [(d.case, d.centre) for d in draws[10:]]
    assert sorted(second) == sorted(first) and second != first


def test_a_grid_of_a_2d_network_takes_every_slice_once():
    cases = [case(0, (16, 16, 5)), case(1, (16, 16, 3))]
    drawn = PatchSampler(cases, (16, 16, 1), Augmentation.named("none"), 0, "grid", slice_axis=2)
    draws = [drawn.draw(n, np.random.default_rng(n)) for n in range(8)]
    assert sorted((d.case, d.centre[2]) for d in draws) == [*[(0, k) for k in range(5)], *[(1, k) for k in range(3)]]
    assert {d.centre[:2] for d in draws} == {(7.5, 7.5)}


def test_a_grids_batch_is_a_function_of_seed_and_step_alone():
    cases = noisy_cases(2)
    first, second = (PatchSampler(cases, (8, 8, 8), Augmentation.named("flips"), 0, "grid") for _ in range(2))
    second.batch(0, 3)
    for step in (5, 0):
        assert np.array_equal(first.batch(step, 3)[0], second.batch(step, 3)[0])
