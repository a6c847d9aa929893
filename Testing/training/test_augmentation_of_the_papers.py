"""Flips, turns, shifts, noise and translation: where each voxel of a patch comes from, and that they go together."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from TransferSegLib.core.declarations import declared_options
from TransferSegLib.core.errors import InputError
from TransferSegLib.training.augmentation import (
    LEVELS,
    NOISE_SHARE,
    PARTS,
    TRANSLATION_VOXELS,
    Augmentation,
    PlacingDraw,
    cut,
    laid,
)
from TransferSegLib.training.options import AUGMENT_LEVELS, TrainingOptions

SHAPE = (24, 22, 20)
CENTRE = (11.5, 10.5, 9.5)
CUBE = (8, 8, 8)
EVEN, THICK = (1.0, 1.0, 1.0), (1.0, 1.0, 5.0)
# 31 and 30 voxels of 1 mm that were brought to 1.5 mm.
ROUNDED = (31 / 21, 30 / 20, 5.0)


def numbered() -> tuple[np.ndarray, np.ndarray]:
    """An image whose every voxel has a value of its own, and a label that is a function of it."""
    image = np.arange(np.prod(SHAPE), dtype=np.float32).reshape(1, *SHAPE)
    return image, (image[0] % 7).astype(np.uint8)


def patch(name: str, seed: int, spacing=EVEN, size=CUBE, slice_axis=None):
    image, classes = numbered()
    augmentation = Augmentation.named(name, slice_axis)
    return augmentation.patch(image, classes, CENTRE, size, spacing, np.random.default_rng(seed))


@pytest.mark.parametrize("name", [part for part in PARTS if part != "noise"])
def test_image_and_label_stay_together(name):
    for seed in range(30):
        picked, label = patch(name, seed)
        assert np.array_equal(picked[0] % 7, label)
        assert picked.shape == (1, *CUBE) and label.dtype == np.uint8


def test_a_quarter_turn_and_a_flip_lay_each_voxel_where_they_say():
    array = np.arange(24).reshape(2, 3, 4)
    found = laid(array, PlacingDraw((0, 0, 0), (1, 0, 2), (True, False, False)))
    assert found.shape == (3, 2, 4)
    assert all(found[j, i, k] == array[i, 2 - j, k] for i in range(2) for j in range(3) for k in range(4))
    assert np.array_equal(found, np.rot90(array, 1, (0, 1)))


def test_flips_reverse_each_axis_half_of_the_time_and_move_nothing_else():
    image, classes = numbered()
    plain, _ = cut(image, classes, CENTRE, CUBE)
    seen = Counter()
    for seed in range(200):
        picked, _ = patch("flips", seed)
        axes = next(
            axes
            for axes in [(), (1,), (2,), (3,), (1, 2), (1, 3), (2, 3), (1, 2, 3)]
            if np.array_equal(picked, np.flip(plain, axes))
        )
        seen.update(axes)
        seen["any"] += bool(axes)
    assert all(70 < seen[axis] < 130 for axis in (1, 2, 3))
    assert 155 < seen["any"] < 195


def test_turns_are_rotations_and_no_mirrorings():
    image, classes = numbered()
    plain, _ = cut(image, classes, CENTRE, CUBE)
    found = set()
    for seed in range(300):
        draw = Augmentation.named("turns").draw_placing(CUBE, EVEN, np.random.default_rng(seed))
        matrix = np.zeros((3, 3))
        for axis, (order, flipped) in enumerate(zip(draw.order, draw.flips, strict=True)):
            matrix[axis, order] = -1 if flipped else 1
        assert np.linalg.det(matrix) == pytest.approx(1)
        found.add((draw.order, draw.flips))
        if seed < 20:
            assert np.array_equal(patch("turns", seed)[0], laid(plain, draw))
    assert len(found) == 24  # all rotations of a cube


def test_thick_slices_are_turned_within_themselves_alone():
    for seed in range(60):
        draw = Augmentation.named("turns").draw_placing((8, 6, 4), THICK, np.random.default_rng(seed))
        assert draw.order[2] == 2 and not draw.flips[2]
    for spacing, turned in ((THICK, True), (ROUNDED, True), ((1.0, 1.2, 5.0), False)):
        draws = [Augmentation.named("turns").draw_placing(CUBE, spacing, np.random.default_rng(n)) for n in range(9)]
        assert any(draw.order != (0, 1, 2) for draw in draws) == turned


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_slices_of_a_2d_network_stay_slices(axis):
    for seed in range(60):
        draw = Augmentation.named("turns+translation", axis).draw_placing(CUBE, EVEN, np.random.default_rng(seed))
        assert draw.order[axis] == axis and not draw.flips[axis] and not draw.offset[axis]


def test_a_turned_patch_of_unequal_sides_has_the_size_that_was_asked_for():
    image, _ = numbered()
    turned = 0
    for seed in range(20):
        picked, label = patch("turns", seed, size=(10, 6, 4))
        assert picked.shape == (1, 10, 6, 4)
        assert np.array_equal(picked[0] % 7, label)
        turned += np.diff(picked[0, :, 0, 0])[0] not in (22 * 20, -22 * 20)
        assert np.isin(picked, image).all()
    assert turned > 5


def test_a_shift_is_at_most_an_eighth_of_the_patch_and_by_whole_voxels():
    augmentation = Augmentation.named("shifts")
    draws = [augmentation.draw_placing((32, 16, 8), EVEN, np.random.default_rng(seed)).offset for seed in range(200)]
    assert np.abs(draws).max(axis=0).tolist() == [4, 2, 1]
    picked, _ = patch("shifts", 0, size=(16, 16, 16))
    i, j, k = augmentation.draw_placing((16, 16, 16), EVEN, np.random.default_rng(0)).offset
    image, classes = numbered()
    assert np.array_equal(picked, cut(image, classes, (11.5 + i, 10.5 + j, 9.5 + k), (16, 16, 16))[0])


def test_every_second_patch_is_translated_by_up_to_ten_voxels():
    augmentation = Augmentation.named("translation")
    draws = np.array([augmentation.draw_placing(CUBE, EVEN, np.random.default_rng(n)).offset for n in range(400)])
    moved = np.abs(draws).max(axis=1) > 0
    assert moved.mean() == pytest.approx(0.5, abs=0.08)
    assert np.abs(draws).max() == TRANSLATION_VOXELS
    # Uniform over -10…10: the mean of the absolute value is 110/21.
    assert np.abs(draws[moved]).mean() == pytest.approx(110 / 21, abs=0.4)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_patches_of_a_2d_network_are_not_moved_across_its_slices(axis):
    augmentation = Augmentation.named("shifts+translation", axis)
    draws = [augmentation.draw_placing((32, 32, 32), EVEN, np.random.default_rng(n)).offset for n in range(60)]
    reach = np.abs(draws).max(axis=0)
    assert reach[axis] == 0 and all(reach[other] > 4 for other in range(3) if other != axis)


def test_noise_has_mean_0_and_at_most_a_tenth_of_the_channels_spread():
    image, classes = numbered()
    plain, _ = cut(image, classes, CENTRE, (16, 16, 16))
    shares = []
    for seed in range(40):
        noise = patch("noise", seed, size=(16, 16, 16))[0] - plain
        shares.append(noise.std() / plain.std())
        assert abs(noise.mean()) < 4 * noise.std() / 64
    assert max(shares) < NOISE_SHARE * 1.05
    assert np.mean(shares) == pytest.approx(NOISE_SHARE / 2, abs=0.015)


def test_parts_go_together_and_beside_a_level():
    both = Augmentation.named("flips+turns+noise")
    assert (both.level, both.parts) == (LEVELS["none"], {"flips", "turns", "noise"})
    assert Augmentation.named("light+flips").level == LEVELS["light"]
    assert tuple(LEVELS) == AUGMENT_LEVELS
    with pytest.raises(InputError, match="has the levels `light`, `strong`"):
        TrainingOptions(augment="light+flips+strong")
    picked, label = patch("light+flips+translation", 5)
    assert picked.shape == (1, *CUBE) and label.shape == CUBE


def test_every_level_and_part_can_be_chosen():
    augment = next(option for option in declared_options(TrainingOptions) if option.name == "augment")
    assert tuple(augment.choices) == (*LEVELS, *PARTS)


def test_a_patch_follows_from_its_seed():
    name = "strong+flips+turns+shifts+noise+translation"
    for one, other in zip(patch(name, 3), patch(name, 3), strict=True):
        assert np.array_equal(one, other)
    assert not np.array_equal(patch(name, 3)[0], patch(name, 4)[0])
