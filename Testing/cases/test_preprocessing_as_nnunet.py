"""Cards of nnU-Net's models against nnU-Net v2's own steps, done here anew with numpy and SciPy.

`DefaultPreprocessor.run_case_npy`: crop to the voxels that are not 0 in some channel, normalise, resample with cubic splines
(`resample_data_or_seg`: where the spacing differs more than threefold, in the plane only, and the nearest slice across it).
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import binary_fill_holes, gaussian_filter, zoom

from TransferSegLib.cases.preprocessing import PreparedCase, prepare_case, restore
from TransferSegLib.cases.volumes import write_labels, write_volume
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.preprocessing import Intensities, Preprocessing

CT = Intensities("ct", (-150.0, 300.0), 40.0, 90.0)
SCORE, MASKED, RESCALED, NONE = (
    Intensities("z-score"),
    Intensities("z-score-nonzero"),
    Intensities("none", extremes=(0.0, 1.0)),
    Intensities("none"),
)


def nnunet_crop(data: np.ndarray) -> tuple[np.ndarray, np.ndarray, tuple[slice, ...]]:
    """(C, I, J, K) → cropped, the mask in it, and where it was."""
    mask = binary_fill_holes(np.any(data != 0, axis=0))
    ends = [(axis.min(), axis.max() + 1) for axis in np.nonzero(mask)]
    window = tuple(slice(*end) for end in ends)
    return data[(slice(None), *window)].astype(np.float32), mask[window], window


def nnunet_normalised(image: np.ndarray, mask: np.ndarray, intensities: Intensities) -> np.ndarray:
    """ZScoreNormalization (with and without mask), CTNormalization, RescaleTo01Normalization, NoNormalization."""
    image = image.copy()
    if intensities == MASKED:
        image[mask] = (image[mask] - image[mask].mean()) / max(image[mask].std(), 1e-8)
    elif intensities == SCORE:
        image = (image - image.mean()) / max(image.std(), 1e-8)
    elif intensities == CT:
        image = (np.clip(image, -150, 300) - 40) / 90
    elif intensities == RESCALED:
        image = (image - image.min()) / (image.max() - image.min())
    return image


def nnunet_resampled(image: np.ndarray, own: tuple[float, ...], wanted: tuple[float, ...]) -> np.ndarray:
    size = [round(mm / to * n) for n, mm, to in zip(image.shape, own, wanted, strict=True)]
    factors = np.array(size) / image.shape
    orders = [3, 3, 3]
    for spacing in (wanted, own):
        if max(spacing) / min(spacing) > 3:
            orders[int(np.argmax(spacing))] = 0
    for axis in sorted(range(3), key=lambda n: orders[n] == 0):
        along = [factors[axis] if n == axis else 1.0 for n in range(3)]
        image = zoom(image, along, order=orders[axis], mode="nearest", grid_mode=True)
    return image


def head(size: tuple[int, int, int], channels: int = 1, seed: int = 0) -> np.ndarray:
    """(C, I, J, K): a smooth ellipsoid with a hole of zeros, off centre in a surround of zeros; channels end elsewhere."""
    rng = np.random.default_rng(seed)
    places = np.stack(np.meshgrid(*[np.linspace(-1, 1, n) for n in size], indexing="ij"))
    made = []
    for n in range(channels):
        inside = (((places - np.array([0.2, 0.1 * n, -0.1])[:, None, None, None]) / 0.6) ** 2).sum(axis=0) < 1
        image = np.where(inside, 500 + 900 * gaussian_filter(rng.normal(size=size), 3), 0)
        a, b, c = (int(share * n) for share, n in zip((0.6, 0.55, 0.45), size, strict=True))
        image[a - 2 : a + 2, b - 2 : b + 2, c - 1 : c + 1] = 0
        made.append(image)
    return np.stack(made).astype(np.float32)


def prepared(folder, data: np.ndarray, preprocessing: Preprocessing, spacing=(1.0, 1.0, 1.0)) -> PreparedCase:
    grid = Grid.from_spacing(data.shape[1:], spacing)
    paths = [folder / f"case_{n:04d}.nii.gz" for n in range(len(data))]
    for path, channel in zip(paths, data, strict=True):
        write_volume(path, channel, grid)
    return prepare_case(Case("case", tuple(paths), None), preprocessing)


def test_a_margin_around_what_is_not_0_keeps_what_is_below_0_and_ends_at_the_edge(tmp_path):
    data = np.zeros((1, 12, 10, 8), np.float32)
    data[0, 1:7, 4:6, 3:5] = -700
    kept = Preprocessing(None, "none", crop="non-zero", crop_margin=2)
    assert prepared(tmp_path, data, kept).box == ((0, 9), (2, 8), (1, 7))


@pytest.mark.parametrize(
    "channels",
    [(SCORE,), (MASKED,), (CT,), (RESCALED,), (NONE,), (MASKED, SCORE), (CT, MASKED)],
    ids=lambda each: "+".join(f"{one.normalisation}{'-01' if one.extremes else ''}" for one in each),
)
def test_intensities_are_nnunets_to_a_ten_thousandth(tmp_path, channels):
    data = head((30, 26, 22), len(channels))
    cropped, mask, window = nnunet_crop(data)
    theirs = [nnunet_normalised(image, mask, one) for image, one in zip(cropped, channels, strict=True)]
    ours = prepared(tmp_path, data, Preprocessing(None, channels=channels, crop="non-zero"))
    assert ours.box == tuple((part.start, part.stop) for part in window)
    assert ours.image == pytest.approx(np.stack(theirs), abs=1e-4 if NONE not in channels else 0.01)
    # The hole in the mask is far below the mean, where nnU-Net's mask has it filled.
    if channels == (MASKED,):
        hole = (cropped[0] == 0) & mask
        assert hole.any()
        assert (ours.image[0][hole] < -1).all()
        assert (ours.image[0][~mask] == 0).all()


def test_a_head_in_an_empty_surround_looks_as_it_does_without_it(tmp_path):
    cropped, _, _ = nnunet_crop(head((30, 26, 22)))
    surrounded = np.pad(cropped, ((0, 0), (40, 9), (0, 30), (5, 5)))
    alone = prepared(tmp_path, cropped, Preprocessing(None, crop="non-zero")).image
    assert prepared(tmp_path, surrounded, Preprocessing(None, crop="non-zero")).image == pytest.approx(alone, abs=1e-5)
    # Otherwise the surround counts: the same voxels come out far brighter.
    assert prepared(tmp_path, surrounded, Preprocessing(None)).image.max() > alone.max() + 1


@pytest.mark.parametrize("scheme", [SCORE, MASKED, CT], ids=lambda one: one.normalisation)
@pytest.mark.parametrize(
    ("own", "wanted"),
    [((1.0, 1.0, 1.5), (0.8, 0.8, 0.8)), ((1.0, 1.0, 4.0), (1.0, 1.0, 2.0)), ((1.0, 0.9, 1.1), (1.6, 1.6, 1.6))],
    ids=["finer", "thick slices", "coarser"],
)
def test_resampled_intensities_are_nnunets_but_for_linear_in_place_of_cubic(tmp_path, own, wanted, scheme):
    """To a mean of 0.12 standard deviations of the image, and voxel for voxel in size: most of it at edges in the image."""
    data = head((40, 36, 24))
    (cropped,), mask, _ = nnunet_crop(data)
    theirs = nnunet_resampled(nnunet_normalised(cropped, mask, scheme), own, wanted)
    (ours,) = prepared(tmp_path, data, Preprocessing(wanted, channels=(scheme,), crop="non-zero"), own).image
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).mean() < 0.12 * theirs.std()
    assert ours.mean() == pytest.approx(theirs.mean(), abs=0.03)


def test_intensities_are_clipped_before_they_are_resampled(tmp_path):
    data = head((20, 18, 16)) + 10
    data[0, 10, 9, 8] = 30_000
    preprocessing = Preprocessing((2.0, 2.0, 2.0), channels=(CT,), crop="non-zero")
    assert prepared(tmp_path, data, preprocessing).image.max() <= (300 - 40) / 90 + 1e-5


@pytest.mark.parametrize("wanted", [None, (0.7, 1.0, 3.0)])
def test_what_is_cropped_comes_back_to_its_place_and_the_rest_is_background(tmp_path, wanted):
    data = head((24, 22, 20))
    label = (data[0] > 520).astype(np.uint8)
    grid = Grid((24, 22, 20), np.diag([-1.0, 1.0, -2.0, 1.0]))
    write_volume(tmp_path / "image.nii.gz", data[0], grid)
    write_labels(tmp_path / "label.nii.gz", label, grid)
    task = LabelTask(("bone",), (1,), {1: 1}, ((0,), ()))
    case = prepare_case(
        Case("case", (tmp_path / "image.nii.gz",), tmp_path / "label.nii.gz"),
        Preprocessing(wanted, crop="non-zero"),
        task,
    )
    assert case.classes is not None
    assert case.classes.shape == case.image.shape[1:]
    assert case.own_size != (24, 22, 20)
    if wanted is None:
        assert np.array_equal(restore(case.classes, case), label)
        shares = np.stack([case.classes == 0, case.classes == 1]).astype(np.float32)
        back = restore(shares, case)
        assert np.array_equal(back[1], label)
        assert np.array_equal(back.sum(axis=0), np.ones((24, 22, 20)))


def test_an_image_of_zeros_is_left_whole(tmp_path):
    case = prepared(
        tmp_path, np.zeros((1, 6, 5, 4), np.float32), Preprocessing(None, "z-score-nonzero", crop="non-zero")
    )
    assert case.box is None
    assert not case.image.any()
