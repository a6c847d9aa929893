"""Patches: what is cut, that image and label stay together, and that a patch can be made again."""

from __future__ import annotations

import numpy as np
import pytest

from TransferSegLib.training.augmentation import (
    LEVELS,
    Augmentation,
    IntensityDraw,
    SpatialDraw,
    apply_intensity,
    cut,
    cut_rotated,
)

SHAPE = (28, 26, 24)
CENTRE = (13.5, 12.0, 11.0)
SPACINGS = [(1.0, 1.0, 1.0), (0.8, 1.2, 3.0)]
STILL = IntensityDraw(None, 1.0, 0.0, 0.0, 0, None, 0.0)


def voxels(shape=SHAPE) -> np.ndarray:
    """(3, I, J, K): the index of every voxel along each axis."""
    return np.stack(np.meshgrid(*(np.arange(n, dtype=np.float32) for n in shape), indexing="ij"))


def rotation(axis: int, degrees: float) -> np.ndarray:
    a, b = [n for n in range(3) if n != axis]
    matrix = np.eye(3)
    radians = np.deg2rad(degrees)
    matrix[a, a] = matrix[b, b] = np.cos(radians)
    matrix[a, b], matrix[b, a] = -np.sin(radians), np.sin(radians)
    return matrix


def noise_case(seed: int = 0, channels: int = 2) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(channels, *SHAPE)).astype(np.float32), rng.integers(0, 4, SHAPE).astype(np.uint8)


def test_level_none_is_the_plain_cut():
    image, classes = noise_case()
    for seed in range(5):
        rng = np.random.default_rng(seed)
        picked, label = Augmentation.named("none").patch(image, classes, CENTRE, (8, 7, 6), (1, 1, 1), rng)
        plain, plain_label = cut(image, classes, CENTRE, (8, 7, 6))
        assert np.array_equal(picked, plain)
        assert np.array_equal(label, plain_label)


def test_the_plain_cut_is_the_voxels_around_the_centre():
    image, classes = noise_case()
    picked, label = cut(image, classes, (10, 12.5, 3), (5, 6, 3))
    window = (slice(8, 13), slice(10, 16), slice(2, 5))
    assert np.array_equal(picked, image[(slice(None), *window)])
    assert np.array_equal(label, classes[window])


def test_beyond_the_edge_the_last_voxels_are_repeated():
    image, classes = noise_case()
    size = (SHAPE[0] + 6, 5, 5)
    picked, label = cut(image, classes, ((SHAPE[0] - 1) / 2, 2, 2), size)
    assert picked.shape == (2, *size)
    assert np.array_equal(picked[:, 3:-3], image[:, :, :5, :5])
    for n in range(3):
        assert np.array_equal(picked[:, n], image[:, 0, :5, :5])
        assert np.array_equal(label[-1 - n], classes[-1, :5, :5])


@pytest.mark.parametrize("spacing", SPACINGS)
def test_no_rotation_and_no_scale_gives_the_plain_cut(spacing):
    image, classes = noise_case()
    draw = SpatialDraw(np.eye(3))
    for centre, size in [(CENTRE, (8, 9, 7)), ((13, 12, 11.5), (9, 9, 8)), ((13.5, 12.5, 11.5), SHAPE)]:
        picked, label = cut_rotated(image, classes, centre, size, spacing, draw)
        plain, plain_label = cut(image, classes, centre, size)
        np.testing.assert_allclose(picked, plain, atol=2e-4)
        assert np.array_equal(label, plain_label)


def test_no_rotation_repeats_the_edges_as_the_plain_cut_does():
    image, classes = noise_case()
    size = (SHAPE[0] + 6, SHAPE[1], 5)
    centre = ((SHAPE[0] - 1) / 2, (SHAPE[1] - 1) / 2, 1.0)
    picked, label = cut_rotated(image, classes, centre, size, (1, 1, 1), SpatialDraw(np.eye(3)))
    plain, plain_label = cut(image, classes, centre, size)
    np.testing.assert_allclose(picked, plain, atol=2e-4)
    assert np.array_equal(label, plain_label)


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_the_rotated_cut_reads_where_the_rotation_in_mm_says(spacing, axis):
    size = (6, 7, 5)
    matrix = rotation(axis, 20) @ np.diag([1.1, 0.9, 1.0])
    picked, _ = cut_rotated(voxels(), np.zeros(SHAPE, np.uint8), CENTRE, size, spacing, SpatialDraw(matrix))
    offset = (voxels(size) - (np.array(size).reshape(3, 1, 1, 1) - 1) / 2) * np.array(spacing).reshape(3, 1, 1, 1)
    moved = np.einsum("ab,b...->a...", matrix, offset) / np.array(spacing).reshape(3, 1, 1, 1)
    expected = moved + np.array(CENTRE).reshape(3, 1, 1, 1)
    # Linear interpolation gives a linear image back exactly.
    np.testing.assert_allclose(picked, expected, atol=2e-3)


@pytest.mark.parametrize("spacing", SPACINGS)
def test_image_and_label_stay_together(spacing):
    image = (voxels() * np.array([0.5, 1.0, 0.7]).reshape(3, 1, 1, 1)).sum(axis=0)
    image = (image - image.mean()).astype(np.float32)[None]
    classes = (image[0] > 0).astype(np.uint8)
    augmentation = Augmentation.named("strong")
    for seed in range(20):
        draw = augmentation.draw_spatial(np.random.default_rng(seed))
        if draw is None:
            continue
        picked, label = cut_rotated(image, classes, CENTRE, (9, 9, 7), spacing, draw)
        clear = np.abs(picked[0]) > 1.2  # farther from the border than the nearest voxel can be
        assert clear.mean() > 0.3
        assert np.array_equal(label[clear], (picked[0] > 0)[clear])


def test_labels_stay_labels_and_keep_their_values():
    image, classes = noise_case()
    classes = (classes * 80).astype(np.uint8)
    for seed in range(8):
        picked, label = Augmentation.named("strong").patch(
            image, classes, CENTRE, (12, 12, 12), (1, 1, 3), np.random.default_rng(seed)
        )
        assert set(np.unique(label)) <= {0, 80, 160, 240}
        assert label.dtype == np.uint8
        assert picked.dtype == np.float32
        assert np.isfinite(picked).all()
        assert picked.shape == (2, 12, 12, 12)


@pytest.mark.parametrize("level", LEVELS)
def test_the_same_draw_gives_the_same_patch_and_another_a_different_one(level):
    image, classes = noise_case()
    before = image.copy()

    def patch(seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        return Augmentation.named(level).patch(image, classes, CENTRE, (10, 10, 10), (1, 1, 2), rng)[0]

    assert np.array_equal(patch(1), patch(1))
    assert np.array_equal(patch(1), patch(2)) == (level == "none")
    assert np.array_equal(image, before)


@pytest.mark.parametrize("level", LEVELS)
def test_as_many_numbers_are_drawn_whatever_is_used(level):
    after = []
    for name in ("none", level):
        rng = np.random.default_rng(3)
        augmentation = Augmentation.named(name)
        augmentation.draw_spatial(rng)
        augmentation.draw_intensity(rng)
        after.append(rng.random())
    assert len(set(after)) == 1


def test_strong_moves_more_than_light():
    def reach(level: str) -> float:
        augmentation = Augmentation.named(level)
        draws = [augmentation.draw_spatial(np.random.default_rng(seed)) for seed in range(60)]
        return float(np.mean([np.abs(d.matrix - np.eye(3)).max() if d else 0 for d in draws]))

    assert reach("none") == 0
    assert 0 < reach("light") < reach("strong")


def test_a_drawn_rotation_is_a_rotation_and_scales_stay_in_range():
    for seed in range(40):
        draw = Augmentation.named("strong").draw_spatial(np.random.default_rng(seed))
        if draw is None:
            continue
        scales = np.linalg.norm(draw.matrix, axis=0)
        assert (scales <= 1.25 + 1e-9).all() and (scales >= 1 / 1.25 - 1e-9).all()
        turned = draw.matrix / scales
        np.testing.assert_allclose(turned.T @ turned, np.eye(3), atol=1e-9)
        assert np.linalg.det(turned) == pytest.approx(1)
        assert (np.trace(turned) - 1) / 2 >= np.cos(np.deg2rad(25)) - 1e-9


def test_a_slice_thin_image_can_be_cut_in_every_way():
    image, classes = noise_case()
    for thin in (image[:, :, :, :1], image[:, :, :, :2]):
        depth = thin.shape[3]
        for seed in range(4):
            picked, label = Augmentation.named("strong").patch(
                thin,
                classes[:, :, :depth],
                (13, 12, (depth - 1) / 2),
                (8, 8, 4),
                (1, 1, 5),
                np.random.default_rng(seed),
            )
            assert picked.shape == (2, 8, 8, 4)
            assert np.isfinite(picked).all()
            assert label.shape == (8, 8, 4)


def test_an_image_kept_on_disk_is_only_read(tmp_path):
    image, classes = noise_case()
    np.save(tmp_path / "image.npy", image)
    np.save(tmp_path / "classes.npy", classes)
    stored = np.load(tmp_path / "image.npy", mmap_mode="r"), np.load(tmp_path / "classes.npy", mmap_mode="r")
    for level in LEVELS:
        from_disk = Augmentation.named(level).patch(*stored, CENTRE, (8, 8, 8), (1, 1, 1), np.random.default_rng(1))
        in_memory = Augmentation.named(level).patch(
            image, classes, CENTRE, (8, 8, 8), (1, 1, 1), np.random.default_rng(1)
        )
        assert all(np.array_equal(a, b) for a, b in zip(from_disk, in_memory, strict=True))


def test_nothing_drawn_changes_nothing():
    channel = noise_case()[0][0]
    assert np.array_equal(apply_intensity(channel, STILL), channel)


def test_gamma_keeps_the_range_and_the_order():
    channel = np.linspace(-2, 3, 64, dtype=np.float32).reshape(4, 4, 4)
    changed = apply_intensity(channel, IntensityDraw(1.7, 1.0, 0.0, 0.0, 0, None, 0.0))
    assert changed.min() == pytest.approx(-2, abs=1e-5)
    assert changed.max() == pytest.approx(3, abs=1e-5)
    assert (np.diff(changed.ravel()) >= 0).all()


def test_blur_and_bias_keep_a_constant_image_in_bounds():
    constant = np.full((6, 5, 4), 2.5, np.float32)
    bias = np.random.default_rng(0).uniform(-0.4, 0.4, (4, 4, 4)).astype(np.float32)
    draw = IntensityDraw(1.5, 1.0, 0.0, 0.0, 0, bias, 0.8)
    np.testing.assert_allclose(apply_intensity(constant, draw), constant, rtol=1e-6)


def test_blur_keeps_the_mean_of_what_lies_inside():
    point = np.zeros((7, 7, 7), np.float32)
    point[3, 3, 3] = 1
    blurred = apply_intensity(point, IntensityDraw(None, 1.0, 0.0, 0.0, 0, None, 0.9))
    assert blurred.sum() == pytest.approx(1, abs=1e-5)
    assert 0 < blurred[3, 3, 2] < blurred[3, 3, 3] < 1


def test_noise_has_the_standard_deviation_that_was_drawn():
    noisy = apply_intensity(np.zeros((30, 30, 30), np.float32), IntensityDraw(None, 1.0, 0.0, 0.2, 7, None, 0.0))
    assert noisy.std() == pytest.approx(0.2, rel=0.03)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_single_slice_is_the_middle_one_of_a_rotated_slab(axis):
    draw = SpatialDraw(rotation(axis, 15) @ np.diag([1.1, 0.9, 1.0]))
    thick, thin = [9, 9, 9], [9, 9, 9]
    thin[axis] = 1
    whole, _ = cut_rotated(voxels(), np.zeros(SHAPE, np.uint8), CENTRE, tuple(thick), (1, 1, 3), draw)
    single, _ = cut_rotated(voxels(), np.zeros(SHAPE, np.uint8), CENTRE, tuple(thin), (1, 1, 3), draw)
    np.testing.assert_allclose(single, np.take(whole, [4], axis=axis + 1), atol=2e-3)
