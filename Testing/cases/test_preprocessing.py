"""From a case's own grid to what a network takes, and back."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import get_args

import nibabel
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from TransferSegLib.cases import normalisation
from TransferSegLib.cases.extent import prepared_grid
from TransferSegLib.cases.normalisation import NORMALISERS, normalise
from TransferSegLib.cases.preprocessing import (
    _resample,
    _resample_classes,
    _turned,
    prepare_case,
    restore_axes,
)
from TransferSegLib.cases.volumes import write_labels, write_volume
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.preprocessing import Intensities, Normalisation, Preprocessing

OWN = Preprocessing(None)
TASK = LabelTask(("a", "b"), (3, 7), {3: 1, 7: 2}, ((0,), (), ()))

sizes = st.tuples(*[st.integers(1, 7)] * 3)
spacings = st.tuples(*[st.floats(0.3, 6)] * 3)


@st.composite
def grids(draw) -> Grid:
    """Any order and direction of the axes, tilted by up to 25° about each of them."""
    axes = np.eye(3)[:, list(draw(st.permutations([0, 1, 2])))] * np.array(
        [draw(st.sampled_from([-1, 1])) for _ in range(3)]
    )
    tilt = np.eye(3)
    for axis in range(3):
        angle = np.deg2rad(draw(st.floats(-25, 25)))
        a, b = [n for n in range(3) if n != axis]
        step = np.eye(3)
        step[a, a] = step[b, b] = np.cos(angle)
        step[a, b], step[b, a] = -np.sin(angle), np.sin(angle)
        tilt = tilt @ step
    affine = np.eye(4)
    affine[:3, :3] = tilt @ axes * np.array(draw(spacings))
    affine[:3, 3] = draw(st.tuples(*[st.floats(-200, 200)] * 3))
    return Grid(draw(sizes), affine)


quick = settings(max_examples=40, deadline=None, derandomize=True, database=None)


@quick
@given(grids(), st.integers(0, 2))
def test_the_way_back_undoes_the_way_there_on_any_grid(grid, lead):
    array = np.arange(np.prod(grid.size)).reshape(grid.size)
    there = _turned(array, *grid.axes_to_ras())
    size, spacing = prepared_grid(grid, OWN)
    assert there.shape == size
    leading = (3, 2)[:lead]
    back = restore_axes(np.broadcast_to(there, (*leading, *there.shape)), grid)
    assert back.shape == (*leading, *grid.size)
    assert np.array_equal(back, np.broadcast_to(array, back.shape))
    assert sorted(spacing) == pytest.approx(sorted(grid.spacing_mm))


@quick
@given(grids())
def test_prepared_axes_run_to_the_right_the_front_and_the_top(grid):
    order, flips = grid.axes_to_ras()
    assert sorted(order) == [0, 1, 2]
    turned = grid.direction[:, list(order)] * np.where(flips, -1, 1)
    # No other order and signs of the axes lie closer to right, anterior, superior.
    best = max(
        float(np.trace(grid.direction[:, list(o)] * np.array(s)))
        for o in itertools.permutations(range(3))
        for s in itertools.product((-1, 1), repeat=3)
    )
    assert np.trace(turned) == pytest.approx(best, abs=1e-9)


@quick
@given(grids(), spacings)
def test_the_extent_in_mm_is_kept_whatever_the_spacing(grid, wanted):
    size, spacing = prepared_grid(grid, Preprocessing(wanted))
    order, _ = grid.axes_to_ras()
    for axis, (n, s, t) in enumerate(zip(size, spacing, wanted, strict=True)):
        own = grid.size[order[axis]] * grid.spacing_mm[order[axis]]
        assert n * s == pytest.approx(own)
        assert n >= 1
        # Rounded to whole voxels: within half a voxel of what was wanted.
        assert n == 1 or abs(own / t - n) <= 0.5 + 0.011 * n


def test_a_spacing_that_differs_by_a_hair_is_not_resampled():
    grid = Grid.from_spacing((200, 180, 33), (1.004, 0.996, 3.0))
    assert prepared_grid(grid, Preprocessing((1.0, 1.0, 3.0)))[0] == (200, 180, 33)


axis_pairs = st.tuples(st.integers(1, 30), st.integers(1, 40), st.integers(0, 2))


@quick
@given(axis_pairs)
def test_a_linear_ramp_stays_linear_and_edges_stay_in_place(pair):
    n, wanted, axis = pair
    shape = [3, 3, 3]
    shape[axis] = n
    # The value of a voxel is its centre, with edges at 0 and 1.
    ramp = np.moveaxis(np.broadcast_to((np.arange(n, dtype=np.float32) + 0.5) / n, (3, 3, n)), 2, axis)
    size = list(shape)
    size[axis] = wanted
    result = _resample(ramp, tuple(size))
    assert result.shape == tuple(size)
    assert result.dtype == np.float32
    expected = (np.arange(wanted) + 0.5) / wanted
    found = np.moveaxis(result, axis, 2)[0, 0]
    if wanted > n:  # beyond the outermost centres the edge is repeated
        expected = np.clip(expected, 0.5 / n, 1 - 0.5 / n)
        np.testing.assert_allclose(found, expected, atol=1e-5)
    else:  # a step function averaged over the new voxels: within half an old voxel's step, exact where they divide
        np.testing.assert_allclose(found, expected, atol=1e-5 if n % wanted == 0 else 0.5 / n)


@quick
@given(sizes, sizes, st.integers(0, 2**32 - 1))
def test_averaging_into_larger_voxels_conserves_the_mean(a, b, seed):
    n, wanted = np.maximum(a, b), np.minimum(a, b)
    array = np.random.default_rng(seed).normal(size=n).astype(np.float32)
    result = _resample(array, tuple(int(v) for v in wanted))
    assert result.shape == tuple(wanted)
    assert result.mean() == pytest.approx(array.mean(), abs=1e-5)


@quick
@given(sizes, sizes, st.floats(-1e4, 1e4, width=32), st.integers(0, 2**32 - 1))
def test_resampling_invents_no_intensity_and_keeps_a_constant(own, wanted, value, seed):
    constant = _resample(np.full(own, value, np.float32), wanted)
    np.testing.assert_allclose(constant, value, rtol=1e-5, atol=1e-6)
    array = np.random.default_rng(seed).uniform(-1, 1, own).astype(np.float32)
    result = _resample(array, wanted)
    assert array.min() - 1e-5 <= result.min() and result.max() <= array.max() + 1e-5


@quick
@given(sizes, sizes, st.integers(0, 2**32 - 1))
def test_resampled_labels_are_labels_that_were_there(own, wanted, seed):
    labels = np.random.default_rng(seed).choice(np.array([0, 3, 7, 200], np.uint8), own)
    result = _resample_classes(labels, wanted)
    assert result.shape == wanted
    assert result.dtype == np.uint8
    assert set(np.unique(result)) <= set(np.unique(labels))
    if all(w >= n for n, w in zip(own, wanted, strict=True)):
        assert set(np.unique(result)) == set(np.unique(labels))


@pytest.mark.parametrize("factor", [2, 3])
def test_image_and_label_are_resampled_to_the_same_place(factor):
    classes = np.zeros((12, 12, 12), np.uint8)
    classes[3:9, 2:7, 5:11] = 1
    size = (12 * factor, 12 * factor, 12 * factor)
    image = _resample(classes.astype(np.float32), size)
    label = _resample_classes(classes, size)
    assert np.array_equal(label, np.kron(classes, np.ones((factor,) * 3, np.uint8)))
    assert np.array_equal((image > 0.5)[label == 0].sum(), 0)


@pytest.mark.parametrize("wanted", [(12, 12, 12), (12, 24, 48), (6, 8, 10)])
def test_a_coarser_label_is_not_shifted(wanted):
    index = np.stack(np.meshgrid(*[np.arange(24)] * 3, indexing="ij"), axis=-1) - 11.5
    ball = (np.linalg.norm(index, axis=-1) < 8).astype(np.uint8)
    coarse = _resample_classes(ball, wanted)
    for axis in range(3):
        np.testing.assert_array_equal(coarse, np.flip(coarse, axis))
    back = _resample(coarse.astype(np.float32), ball.shape) > 0.5
    assert 2 * (back & (ball > 0)).sum() / (back.sum() + ball.sum()) > 0.88


def test_a_coarser_voxel_takes_the_class_that_covers_most_of_it():
    classes = np.array([0, 2, 2, 1, 1, 1, 0, 0, 2], np.uint8).reshape(9, 1, 1)
    assert _resample_classes(classes, (3, 1, 1)).ravel().tolist() == [2, 1, 0]


@pytest.mark.parametrize("wanted", [2, 3, 5, 7, 11])
def test_a_label_in_the_middle_stays_in_the_middle(wanted):
    labels = np.zeros((21, 1, 1), np.uint8)
    labels[7:14] = 1
    result = _resample_classes(labels, (wanted, 1, 1))[:, 0, 0]
    assert np.array_equal(result, result[::-1])
    assert result[wanted // 2] == 1 or wanted % 2 == 0


def test_z_score_has_mean_0_and_sd_1():
    image = np.random.default_rng(0).gamma(2, 300, (9, 8, 7)).astype(np.float32)
    result = normalise(image, Preprocessing(None, "z-score"))
    assert result.dtype == np.float32
    assert result.mean() == pytest.approx(0, abs=1e-5)
    assert result.std() == pytest.approx(1, abs=1e-5)


def test_z_score_nonzero_leaves_the_empty_surround_out_of_the_count_and_at_0():
    image = np.zeros((10, 10, 10), np.float32)
    image[2:8, 2:8, 2:8] = np.random.default_rng(0).normal(500, 40, (6, 6, 6))
    result = normalise(image, Preprocessing(None, "z-score-nonzero"))
    inside = result[image != 0]
    assert inside.mean() == pytest.approx(0, abs=1e-5)
    assert inside.std() == pytest.approx(1, abs=1e-5)
    assert (result[image == 0] == 0).all()


def test_percentile_goes_from_0_to_1_and_ignores_outliers():
    image = np.linspace(0, 1000, 10_000, dtype=np.float32).reshape(100, 10, 10)
    image[0, 0, 0] = 1e6
    result = normalise(image, Preprocessing(None, "percentile"))
    assert (result.min(), result.max()) == (0, 1)
    assert result[50, 0, 0] == pytest.approx(0.5, abs=0.01)


def test_ct_is_clipped_to_its_window_and_scaled():
    image = np.array([-3000, -1000, 0, 500, 9000], np.float32).reshape(5, 1, 1)
    plain = normalise(image, Preprocessing(None, "ct", window_hu=(-1000, 1000)))
    assert plain.ravel().tolist() == [0, 0, 0.5, 0.75, 1]
    scaled = normalise(image, Preprocessing(None, "ct", window_hu=(-1000, 1000), mean=100, sd=50))
    assert scaled.ravel().tolist() == [-22, -22, -2, 8, 18]


def test_extremes_bring_the_lowest_and_highest_value_to_these():
    image = np.array([-3, 0, 5], np.float32).reshape(3, 1, 1)
    assert normalise(image, Intensities("none", extremes=(-1, 1))).ravel().tolist() == [-1, -0.25, 1]
    assert normalise(image, Intensities("z-score", extremes=(0, 8))).ravel().tolist() == pytest.approx(
        [0, 3, 8], abs=1e-5
    )


def test_a_few_hot_voxels_change_nothing_where_percentiles_are_clipped_first():
    image = np.random.default_rng(0).gamma(2, 300, (20, 20, 20)).astype(np.float32)
    hot = image.copy()
    hot[::10, ::10, ::10] = 20 * image.max()
    clipped = Intensities("z-score", clip_percentiles=(0.5, 99.5))
    apart = np.abs(normalise(hot, clipped) - normalise(image, clipped))[hot == image]
    assert apart.max() < 0.1
    assert np.abs(normalise(hot, Intensities()) - normalise(image, Intensities()))[hot == image].max() > 1
    assert normalise(image, clipped).mean() == pytest.approx(0, abs=1e-5)
    assert normalise(image, clipped).std() == pytest.approx(1, abs=1e-5)


def test_percentiles_of_a_masked_channel_are_those_of_what_is_not_0():
    image = np.zeros((30, 10, 10), np.float32)
    image[:2] = np.arange(1, 201).reshape(2, 10, 10)
    result = normalise(image, Intensities("z-score-nonzero", clip_percentiles=(10, 90)))
    assert (result[:2].ravel()[:19] == result[:2].min()).all()
    assert len(np.unique(result[:2])) > 150
    assert (result[2:] == 0).all()


def test_channels_may_be_normalised_each_in_its_own_way(tmp_path):
    case = write_case(tmp_path, Grid((4, 4, 4), np.eye(4)), second=Grid((4, 4, 4), np.eye(4)))
    ct = Intensities("ct", (-1e9, 1e9), 10.0, 2.0)
    plain = prepare_case(case, Preprocessing(None, "none")).image
    prepared = prepare_case(case, Preprocessing(None, channels=(ct, Intensities("z-score")))).image
    assert np.allclose(prepared[0], (plain[0] - 10) / 2, atol=1e-5)
    assert prepared[1].std() == pytest.approx(1, abs=1e-5)
    swapped = Preprocessing(None, channels=(ct, Intensities("z-score"))).for_channels(((1,), (0,)))
    assert np.allclose(prepare_case(case, swapped).image[1], (plain[1] - 10) / 2, atol=1e-5)


@pytest.mark.parametrize("kind", ["z-score", "z-score-nonzero", "percentile", "ct"])
@pytest.mark.parametrize("value", [0, -5, 1e4, 0.1])
def test_a_constant_image_gives_numbers(kind, value):
    image = np.full((4, 5, 6), value, np.float32)
    for preprocessing in (Preprocessing(None, kind), Preprocessing(None, kind, window_hu=(0, 100), mean=value, sd=0.0)):
        result = normalise(image, preprocessing)
        assert np.isfinite(result).all()
        assert np.abs(result).max() <= 1 or kind == "ct"
        assert result.dtype == np.float32


@pytest.mark.parametrize("kind", ["z-score", "z-score-nonzero", "percentile"])
def test_a_constant_image_that_float32_cannot_average_exactly_is_not_blown_up(kind):
    image = np.full((50, 50, 50), 12345.678, np.float32)
    assert np.abs(normalise(image, Preprocessing(None, kind))).max() <= 1


def write_case(folder, grid: Grid, label_grid: Grid | None = None, second: Grid | None = None) -> Case:
    rng = np.random.default_rng(0)
    paths = [folder / "one.nii.gz"]
    write_volume(paths[0], rng.normal(size=grid.size).astype(np.float32), grid)
    if second is not None:
        paths.append(folder / "two.nii.gz")
        write_volume(paths[1], rng.normal(size=second.size).astype(np.float32), second)
    label = None
    if label_grid is not None:
        label = folder / "label.nii.gz"
        write_labels(label, rng.choice(np.array([0, 3, 7], np.uint8), label_grid.size), label_grid)
    return Case("sub-01", tuple(paths), label)


SHAPE = (10, 9, 8)
GRID = Grid.from_spacing(SHAPE, (1.0, 2.0, 1.0))


def test_a_case_is_prepared_to_the_wanted_spacing_with_its_classes(tmp_path):
    case = prepare_case(write_case(tmp_path, GRID, GRID, GRID), Preprocessing((1.0, 1.0, 2.0)), TASK)
    assert case.image.shape == (2, 10, 18, 4)
    assert case.image.dtype == np.float32
    assert case.classes.shape == (10, 18, 4)
    assert case.classes.dtype == np.uint8
    assert set(np.unique(case.classes)) == {0, 1, 2}
    assert case.spacing_mm == pytest.approx((1, 1, 2))
    assert case.grid.differences(GRID) == []
    assert prepare_case(write_case(tmp_path, GRID, GRID), OWN).classes is None


def test_a_flipped_case_looks_to_the_network_as_the_plain_one_does(tmp_path):
    flipped = Grid(SHAPE, np.diag([-1.0, -2.0, 1.0, 1.0]))
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    plain = prepare_case(write_case(tmp_path / "a", GRID, GRID), OWN, TASK)
    other = prepare_case(write_case(tmp_path / "b", flipped, flipped), OWN, TASK)
    np.testing.assert_allclose(other.image, plain.image[:, ::-1, ::-1], atol=1e-6)
    assert np.array_equal(other.classes, plain.classes[::-1, ::-1])
    assert np.array_equal(restore_axes(other.classes, other.grid), plain.classes)


MOVED = Grid(SHAPE, GRID.affine + np.pad(np.array([[0.0], [5.0], [0.0], [0.0]]), ((0, 0), (3, 0))))


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (Grid.from_spacing((10, 9, 9), (1.0, 2.0, 1.0)), "size of .* 10×9×8, of .* 10×9×9 voxels"),
        (Grid.from_spacing(SHAPE, (1.0, 2.0, 1.5)), "spacing of .* 1×2×1, of .* 1×2×1.5 mm"),
        (MOVED, "origin"),
        (Grid(SHAPE, np.diag([-1.0, 2.0, 1.0, 1.0])), "direction of the axes"),
    ],
)
def test_files_on_other_grids_are_refused_with_the_case_and_the_difference(tmp_path, other, words):
    with pytest.raises(InputError) as caught:
        prepare_case(write_case(tmp_path, GRID, second=other), OWN)
    assert all(part in str(caught.value) for part in ("case `sub-01`", "two.nii.gz", "resample"))
    assert re.search(words, str(caught.value))
    with pytest.raises(InputError) as caught:
        prepare_case(write_case(tmp_path, GRID, label_grid=other), OWN, TASK)
    assert all(part in str(caught.value) for part in ("case `sub-01`", "label.nii.gz", "resample"))
    assert re.search(words, str(caught.value))
    prepare_case(write_case(tmp_path, GRID, label_grid=other), OWN)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_an_image_with_voxels_that_are_no_numbers_is_refused_with_how_many_they_are(tmp_path, value):
    voxels = np.zeros(SHAPE)
    voxels[0, 0, :2] = value
    path = tmp_path / "scan.nii"
    nibabel.save(nibabel.Nifti1Image(voxels, np.eye(4)), path)
    with pytest.raises(
        InputError, match=r"^case `x`: image scan.nii has 2 voxels that are NaN, infinite or .*; replace"
    ):
        prepare_case(Case("x", (path,), None), OWN)


def test_a_value_that_is_no_label_is_refused(tmp_path):
    case = write_case(tmp_path, GRID, GRID)
    with pytest.raises(InputError, match="label value 7 is not in the data set's list"):
        prepare_case(case, OWN, LabelTask(("a",), (3,), {3: 1}, ((0,), ())))


def test_each_normalisation_that_a_card_may_name_has_a_file_and_gives_float32():
    files = {path.stem.replace("_", "-") for path in Path(normalisation.__file__).parent.glob("*.py")}
    assert files - {"--init--", "normaliser"} == set(NORMALISERS) == set(get_args(Normalisation))
    image = np.arange(-4, 60, dtype=np.int16).reshape(4, 4, 4)
    for name in NORMALISERS:
        assert normalise(image, Intensities(name)).dtype == np.float32
