"""New appearances of a patch: the anatomy stays where it is, whatever contrast, thickness, field and noise it is given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from TransferSegLib.training.appearance import ENTRIES, GROUPS, AppearanceDraw, apply_appearance, draw_appearance
from TransferSegLib.training.augmentation import Augmentation

SHAPE = (16, 18, 14)
SAME = np.tile(np.linspace(0, 1, ENTRIES, dtype=np.float32), (GROUPS, 1))
PLAIN = AppearanceDraw(
    maps=SAME,
    kernels=(),
    share=1.0,
    bias=np.zeros((4, 4, 4), np.float32),
    size_share=(1.0, 1.0, 1.0),
    blocks=False,
    noise_sd=0.0,
    noise_first=False,
    noise_seed=0,
    factor=1.0,
    offset=0.0,
)


def draws(count: int) -> list[AppearanceDraw]:
    return [draw_appearance(np.random.default_rng(seed)) for seed in range(count)]


def ramp_and_labels() -> tuple[np.ndarray, np.ndarray]:
    """A volume that rises along I, in two labels that meet half-way along J."""
    channel = np.broadcast_to(np.linspace(-1, 2, SHAPE[0], dtype=np.float32)[:, None, None], SHAPE).copy()
    classes = np.zeros(SHAPE, np.uint8)
    classes[:, SHAPE[1] // 2 :] = 1
    return channel, classes


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def test_with_the_map_of_all_to_itself_the_patch_stays():
    channel, classes = ramp_and_labels()
    assert likeness(apply_appearance(channel, classes, PLAIN), channel) > 0.99


def test_a_falling_map_turns_dark_into_bright_and_keeps_mean_and_spread():
    channel, classes = ramp_and_labels()
    found = apply_appearance(channel, classes, replace(PLAIN, maps=SAME[:, ::-1].copy()))
    assert likeness(found, channel) < -0.99
    assert found.mean() == pytest.approx(channel.mean(), abs=1e-3)
    assert found.std() == pytest.approx(channel.std(), rel=1e-3)


def test_each_label_goes_through_its_own_map():
    channel, classes = ramp_and_labels()
    maps = SAME.copy()
    maps[1] = maps[1][::-1]
    found = apply_appearance(channel, classes, replace(PLAIN, maps=maps))
    assert likeness(found[classes == 0], channel[classes == 0]) > 0.99
    assert likeness(found[classes == 1], channel[classes == 1]) < -0.99


def test_drawn_maps_stay_within_their_range_and_both_rise_and_fall():
    maps = [d.maps for d in draws(80) if d.maps is not None]
    assert len(maps) > 40
    assert all(m.shape == (GROUPS, ENTRIES) and m.min() >= 0 and m.max() <= 1 for m in maps)
    ends = [float(m[0, -1] - m[0, 0]) for m in maps]
    assert min(ends) < -0.5 and max(ends) > 0.5


def test_every_kind_of_contrast_and_of_resolution_is_drawn():
    found = draws(200)
    one = [d for d in found if d.maps is not None and (d.maps == d.maps[0]).all()]
    by_label = [d for d in found if d.maps is not None and not (d.maps == d.maps[0]).all()]
    networks = [d for d in found if d.kernels]
    assert len(one) + len(by_label) + len(networks) == 200
    assert min(map(len, (one, by_label, networks))) > 25
    thick = {n for d in found for n in range(3) if d.size_share[n] < 0.9 and sum(s == 1 for s in d.size_share) == 2}
    assert thick == {0, 1, 2}
    assert min(min(d.size_share) for d in found) >= 1 / 3


def test_twice_as_thick_slices_are_the_mean_of_each_pair():
    rng = np.random.default_rng(0)
    channel, classes = rng.normal(size=SHAPE).astype(np.float32), np.zeros(SHAPE, np.uint8)
    draw = replace(PLAIN, size_share=(1.0, 1.0, 0.5), blocks=True)
    found = apply_appearance(channel, classes, draw)
    assert np.array_equal(found[:, :, 0::2], found[:, :, 1::2])
    assert likeness(found[:, :, ::2], (channel[:, :, ::2] + channel[:, :, 1::2]) / 2) > 0.97


def test_borders_stay_where_they_are():
    """A ball in a plain surrounding is found again from its new appearance, with one threshold and whatever its sign."""
    grid = np.stack(np.meshgrid(*(np.arange(20.0) for _ in range(3)), indexing="ij")) - 9.5
    ball = (np.sqrt((grid**2).sum(axis=0)) < 7).astype(np.uint8)
    channel = ball * 2.0 + np.random.default_rng(1).normal(0, 0.05, ball.shape)
    found = []
    for draw in draws(40):
        quiet = replace(draw, noise_sd=0.0, bias=PLAIN.bias, size_share=PLAIN.size_share)
        found.append(abs(likeness(apply_appearance(channel.astype(np.float32), ball, quiet), ball.astype(np.float32))))
    assert np.median(found) > 0.9


def test_the_same_draw_gives_the_same_patch_and_what_is_given_is_left_alone():
    channel, classes = ramp_and_labels()
    before = channel.copy()
    for draw in draws(12):
        first, second = (apply_appearance(channel, classes, draw) for _ in range(2))
        assert np.array_equal(first, second)
        assert first.dtype == np.float32 and first.shape == SHAPE and np.isfinite(first).all()
    assert np.array_equal(channel, before)


def test_a_constant_patch_and_a_single_slice_come_through():
    for shape in ((6, 6, 6), (12, 10, 1)):
        for draw in draws(12):
            found = apply_appearance(np.full(shape, 3, np.float32), np.zeros(shape, np.uint8), draw)
            assert found.shape == shape and np.isfinite(found).all()


def test_a_fifth_of_the_patches_keeps_its_contrast():
    rng = np.random.default_rng(2)
    image = np.sort(rng.normal(size=(1, 12, 12, 12)).astype(np.float32), axis=1)
    augmentation, kept = Augmentation.named("contrast"), 0
    for seed in range(150):
        classes = np.zeros((12, 12, 12), np.uint8)
        patch, _ = augmentation.patch(image, classes, (5.5,) * 3, (12,) * 3, (1.0,) * 3, np.random.default_rng(seed))
        kept += likeness(patch, image) > 0.85
    # A few new appearances happen to look alike.
    assert 20 < kept < 80
