"""The preprocessing of the papers, against numbers worked out by hand."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest

from TransferSegLib.cases.content import slices_with_content
from TransferSegLib.cases.landmarks import brought_to, common_landmarks, landmarks_of
from TransferSegLib.cases.matching import with_landmarks
from TransferSegLib.cases.normalisation import normalise
from TransferSegLib.cases.normalisation.local_contrast import SD_VOXELS, WINDOW
from TransferSegLib.cases.preprocessing import prepare_case, restore
from TransferSegLib.cases.volumes import write_labels, write_volume
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.otsu import otsu_threshold
from TransferSegLib.core.preprocessing import Intensities, Preprocessing
from TransferSegLib.core.preprocessing_options import PreprocessingOptions
from TransferSegLib.core.preprocessing_steps.n4 import without_bias_field

TASK = LabelTask(("a",), (1,), {1: 1}, ((0,), ()))


def column(*values: float) -> np.ndarray:
    return np.array(values, np.float32).reshape(-1, 1, 1)


MIN_MAX = PreprocessingOptions(normalisation="min-max").resolved((1, 1, 1), [False], pictures=False).of_channel(0)


def test_min_max_goes_from_0_to_1_between_the_clipped_percentiles():
    assert normalise(column(-2, 0, 3, 8), MIN_MAX).ravel().tolist() == pytest.approx([0, 0.2, 0.5, 1])
    # Percentiles 1 and 99 of 0…100 are 1 and 99.
    clipped = normalise(column(*range(101)), replace(MIN_MAX, clip_percentiles=(1, 99))).ravel()
    assert clipped[[0, 1, 50, 99, 100]].tolist() == pytest.approx([0, 0, 0.5, 1, 1])


def test_sd_divides_and_subtracts_nothing():
    # Of 2, 4, 4, 4, 5, 5, 7, 9 the mean is 5 and the standard deviation 2.
    values = (2, 4, 4, 4, 5, 5, 7, 9)
    assert normalise(column(*values), Intensities("sd")).ravel().tolist() == [v / 2 for v in values]


def test_local_contrast_is_each_pixel_against_its_neighbours_within_the_slice():
    image = np.random.default_rng(0).normal(100, 20, (13, 12, 3)).astype(np.float32)
    found = normalise(image, Intensities("local-contrast"))
    reach = WINDOW // 2

    def mean_around(plane: np.ndarray, i: int, j: int) -> float:
        total = weights = 0.0
        for a in range(max(0, i - reach), min(plane.shape[0], i + reach + 1)):
            for b in range(max(0, j - reach), min(plane.shape[1], j + reach + 1)):
                weight = np.exp(-((a - i) ** 2 + (b - j) ** 2) / (2 * SD_VOXELS**2))
                total, weights = total + weight * plane[a, b], weights + weight
        return total / weights

    for k in range(3):
        plane = image[:, :, k].astype(float)
        places = list(np.ndindex(plane.shape))
        apart = plane - np.reshape([mean_around(plane, i, j) for i, j in places], plane.shape)
        spread = np.sqrt(np.reshape([mean_around(apart**2, i, j) for i, j in places], plane.shape))
        np.testing.assert_allclose(found[:, :, k], apart / np.maximum(spread, spread.mean()), atol=1e-5)


def test_local_contrast_does_not_see_brightness_and_gain():
    image = np.random.default_rng(1).normal(size=(16, 16, 2)).astype(np.float32)
    settings = Intensities("local-contrast")
    np.testing.assert_allclose(normalise(image * 40 + 700, settings), normalise(image, settings), atol=2e-3)


@pytest.mark.parametrize("kind", ["sd", "local-contrast"])
@pytest.mark.parametrize("value", [0, -5, 1e4])
def test_a_constant_image_becomes_0(kind, value):
    assert np.abs(normalise(np.full((5, 6, 4), value, np.float32), Intensities(kind))).max() < 1e-4


def test_otsus_threshold_lies_between_two_tissues():
    image = np.concatenate([np.full(500, 10.0), np.full(300, 200.0)]).reshape(-1, 1, 1)
    assert 10 < otsu_threshold(image) < 200


def test_slices_at_both_ends_without_content_are_found_and_those_between_stay():
    image = np.zeros((10, 10, 8), np.float32)
    image[2:8, 2:8, 2:4] = 100
    image[2:8, 2:8, 5:7] = 100
    image[0, 0, 0] = 100  # one pixel of a hundred is content, and the least there is
    assert slices_with_content([image]) == (0, 7)
    image = np.pad(image, [(0, 5), (0, 0), (0, 0)])
    assert slices_with_content([image]) == (2, 7)
    other = np.zeros_like(image)
    other[3:9, 3:9, 7] = 50
    assert slices_with_content([image, other]) == (2, 8)
    assert slices_with_content([np.zeros((4, 4, 6), np.float32)]) == (0, 6)


def test_what_was_left_out_comes_back_as_background_on_the_cases_own_grid(tmp_path):
    # Axes of the file: superior first and downwards, so that the way back must turn them.
    grid = Grid((9, 12, 11), np.array([[0, 0, 1.0, 0], [0, 1.0, 0, 0], [-2.0, 0, 0, 0], [0, 0, 0, 1]]))
    image, label = np.zeros(grid.size, np.float32), np.zeros(grid.size, np.uint8)
    image[3:6, 2:10, 2:9] = 100
    label[3:6, 4:8, 4:7] = 1
    label[8, 5, 5] = 1  # in a slice that is left out
    write_volume(tmp_path / "a.nii.gz", image, grid)
    write_labels(tmp_path / "b.nii.gz", label, grid)
    case = Case("a", (tmp_path / "a.nii.gz",), tmp_path / "b.nii.gz")
    prepared = prepare_case(case, Preprocessing(None, "none", crop="empty-slices"), TASK)
    assert prepared.box == ((0, 11), (0, 12), (3, 6))
    assert prepared.image.shape == (1, 11, 12, 3)
    assert prepared.own_size == (11, 12, 3)
    back = restore(prepared.classes, prepared)
    assert np.array_equal(back[3:6], label[3:6])
    assert not back[:3].any() and not back[6:].any()
    assert prepared.own_classes[8, 5, 5] == 1  # the score knows of it
    probabilities = restore(np.full((2, 11, 12, 3), 0.5, np.float32), prepared)
    assert (probabilities[:, 0] == np.array([1, 0]).reshape(2, 1, 1)).all()
    resampled = prepare_case(case, Preprocessing((2.0, 2.0, 1.0), "none", crop="empty-slices"))
    assert resampled.image.shape == (1, 6, 6, 6)


def test_landmarks_are_percentiles_of_what_lies_above_the_mean():
    image = np.concatenate([np.zeros(1000), np.arange(101) + 200.0]).astype(np.float32)
    assert landmarks_of(image).tolist() == [201, 210, 220, 230, 240, 250, 260, 270, 280, 290, 299]


def test_common_landmarks_are_the_mean_of_the_stretched_ones():
    rising = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10.0])
    steep = rising**2
    found = common_landmarks([rising * 7 + 3, steep, np.full(11, 5.0)])
    assert found == pytest.approx((rising * 10 + steep) / 2)
    with pytest.raises(ValueError, match="no image has contrast"):
        common_landmarks([np.full(11, 5.0)])


def test_an_image_is_brought_to_the_landmarks_piece_by_piece_and_beyond_them_on_the_same_lines():
    image = np.concatenate([np.zeros(1000), np.arange(101) + 200.0]).astype(np.float32)
    wanted = (0, 5, 20, 30, 40, 50, 60, 70, 80, 90, 100)
    found = brought_to(image, wanted)
    assert found[1000 + np.array([1, 10, 15, 20, 50, 99])].tolist() == pytest.approx([0, 5, 12.5, 20, 50, 100])
    assert found[1100] == pytest.approx(100 + 10 / 9)
    assert found[0] == pytest.approx(-201 * 5 / 9, rel=1e-5)


def test_scans_of_one_anatomy_with_other_gains_have_one_histogram_after_matching(tmp_path):
    rng = np.random.default_rng(0)
    anatomy = np.zeros((14, 14, 14), np.float32)
    anatomy[2:12, 2:12, 2:12] = rng.gamma(4, 50, (10, 10, 10)) + 40
    grid, cases = Grid.from_spacing(anatomy.shape, (1, 1, 1)), []
    for n, seen in enumerate((anatomy, anatomy * 3 + 500, anatomy**1.3)):
        write_volume(tmp_path / f"{n}.nii", seen, grid)
        cases.append(Case(str(n), (tmp_path / f"{n}.nii",), None))
    learnt = with_landmarks(Preprocessing(None, "none"), cases[:1], [False])
    assert learnt.landmarks is not None and (learnt.landmarks[0], learnt.landmarks[-1]) == (0, 100)
    first, second, third = (landmarks_of(prepare_case(case, learnt).image) for case in cases)
    np.testing.assert_allclose(second, first, atol=1e-3)
    # Another curve moves the mean, too, above which the landmarks are taken.
    np.testing.assert_allclose(third, first, atol=6)
    apart = landmarks_of(prepare_case(cases[2], Preprocessing(None, "none")).image) - first
    assert np.abs(apart).max() > 50


def test_landmarks_of_a_channel_of_ct_are_not_taken(tmp_path):
    grid = Grid.from_spacing((6, 6, 6), (1, 1, 1))
    for name in "ab":
        write_volume(tmp_path / f"{name}.nii", np.random.default_rng(0).normal(size=grid.size), grid)
    case = Case("x", (tmp_path / "a.nii", tmp_path / "b.nii"), None)
    two = Preprocessing(None, channels=(Intensities("ct"), Intensities("z-score")))
    learnt = with_landmarks(two, [case], [True, False])
    assert learnt.channels[0] == Intensities("ct")
    assert learnt.channels[1].normalisation == "z-score" and learnt.channels[1].landmarks is not None


def test_landmarks_are_taken_anew_where_an_image_has_changed_and_only_there(tmp_path, monkeypatch):
    taken = []
    monkeypatch.setattr(
        "TransferSegLib.cases.matching.prepare_case", lambda *given: taken.append(given) or prepare_case(*given)
    )
    grid, file = Grid.from_spacing((8, 8, 8), (1, 1, 1)), tmp_path / "a.nii"
    case, found = Case("a", (file,), None), []
    for time, shape in ((1, 2), (1, 2), (2, 9)):
        write_volume(file, np.random.default_rng(0).gamma(shape, 9, grid.size), grid)
        os.utime(file, (time, time))
        found.append(with_landmarks(Preprocessing(None, "none"), [case], [False]).landmarks)
    assert found[0] == found[1] != found[2] and len(taken) == 2


def test_n4_takes_a_smooth_field_out_and_leaves_an_even_image_even():
    i, j, k = (
        np.linspace(-1, 1, n)[shape]
        for n, shape in ((32, np.s_[:, None, None]), (32, np.s_[None, :, None]), (24, np.s_[None, None, :]))
    )
    body = i**2 + j**2 + k**2 < 0.8
    core = i**2 + j**2 + k**2 < 0.25
    truth = (body * 100.0 + core * 60).astype(np.float32)
    field = np.exp(0.4 * i + 0.2 * j * k)
    noise = np.random.default_rng(0).normal(1, 0.01, truth.shape)
    seen = (truth * field * noise).astype(np.float32)
    found = without_bias_field(seen, (4.0, 4.0, 4.0))

    def unevenness(image: np.ndarray) -> float:
        return max(float(image[part].std() / image[part].mean()) for part in (body & ~core, core))

    assert unevenness(seen) > 0.15
    assert unevenness(found) < 0.05
    assert np.array_equal(found, without_bias_field(seen, (4.0, 4.0, 4.0)))
    assert (found[~body] == 0).all()


def test_n4_leaves_what_it_cannot_correct_as_it_is():
    flat = np.full((10, 10, 10), 7, np.float32)
    assert np.array_equal(without_bias_field(flat, (1, 1, 1)), flat)
    thin = np.random.default_rng(0).gamma(2, 3, (20, 20, 3)).astype(np.float32)
    assert np.array_equal(without_bias_field(thin, (1, 1, 5)), thin)


def test_n4_works_in_mm_and_before_the_image_is_resampled(tmp_path):
    grid = Grid.from_spacing((16, 16, 16), (2, 2, 2))
    image = np.random.default_rng(0).gamma(5, 20, grid.size).astype(np.float32)
    image[:8] *= 3
    write_volume(tmp_path / "a.nii", image, grid)
    case = Case("a", (tmp_path / "a.nii",), None)
    prepared = prepare_case(case, Preprocessing((4, 4, 4), "none", n4=True)).image[0]
    corrected = without_bias_field(image, (2, 2, 2))
    np.testing.assert_allclose(prepared, corrected.reshape(8, 2, 8, 2, 8, 2).mean(axis=(1, 3, 5)), rtol=1e-4)
