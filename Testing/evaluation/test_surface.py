from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.ndimage import binary_erosion, gaussian_filter

from TransferSegLib.core.grid import Grid
from TransferSegLib.evaluation.scores import score_masks
from TransferSegLib.evaluation.surface import surface, surface_distances

SPACING = (0.7, 1.1, 3.0)
MASKS = hnp.arrays(bool, (6, 5, 4), elements=st.booleans())


def grid(shape, spacing=SPACING):
    return Grid.from_spacing(shape, spacing)


def box(shape, *bounds):
    mask = np.zeros(shape, bool)
    mask[tuple(slice(a, b) for a, b in bounds)] = True
    return mask


def blobs(seed, shape=(24, 20, 10), share=0.2):
    noise = gaussian_filter(np.random.default_rng(seed).normal(size=shape), 2)
    return noise > np.quantile(noise, 1 - share)


def test_the_surface_of_a_box_is_the_box_without_its_inside():
    mask = box((7, 7, 7), (1, 6), (1, 6), (1, 6))
    assert np.array_equal(surface(mask), mask & ~box((7, 7, 7), (2, 5), (2, 5), (2, 5)))


def test_a_voxel_at_the_border_of_the_image_is_on_the_surface():
    full = np.ones((4, 5, 6), bool)
    assert surface(full).sum() == 4 * 5 * 6 - 2 * 3 * 4


def test_the_surface_is_the_mask_xor_its_erosion():
    mask = blobs(3)
    assert np.array_equal(surface(mask), mask ^ binary_erosion(mask))


def test_the_directions_of_a_part_and_a_whole_are_told_apart():
    whole = box((10, 3, 3), (0, 10), (1, 2), (1, 2))
    part = box((10, 3, 3), (0, 1), (1, 2), (1, 2))
    found = surface_distances(whole, part, grid(whole.shape, (2.0, 1.0, 1.0)))
    assert found.from_reference_mm.tolist() == [2.0 * n for n in range(10)]
    assert found.from_prediction_mm.tolist() == [0.0]
    assert found.hd_mm == 18.0
    assert found.hd95_mm == pytest.approx(17.1)  # rank 8.55 of 0, 2, … 18
    assert found.assd_mm == pytest.approx(90 / 11)
    assert found.surface_dice(2.0) == pytest.approx(3 / 11)


def test_a_distance_that_equals_the_tolerance_is_within_it():
    a, b = box((8, 3, 3), (1, 2), (1, 2), (1, 2)), box((8, 3, 3), (4, 5), (1, 2), (1, 2))
    assert surface_distances(a, b, grid(a.shape, (0.1, 1, 1))).surface_dice(0.3) == 1.0
    assert surface_distances(a, b, grid(a.shape, (0.1, 1, 1))).surface_dice(0.299) == 0.0


def test_a_lost_second_lesion_is_seen_although_it_is_far_from_the_first():
    reference = box((100, 9, 9), (2, 7), (2, 7), (2, 7)) | box((100, 9, 9), (87, 92), (2, 7), (2, 7))
    prediction = box((100, 9, 9), (2, 7), (2, 7), (2, 7))
    found = surface_distances(reference, prediction, grid(reference.shape, (1.0, 1.0, 1.0)))
    assert found.hd_mm == 85.0
    assert found.hd95_mm > 82.0


def test_an_empty_mask_or_other_shapes_are_refused():
    mask = np.ones((2, 2, 2), bool)
    with pytest.raises(ValueError, match="at least one voxel"):
        surface_distances(mask, ~mask, grid(mask.shape))
    with pytest.raises(ValueError, match=r"\(2, 2, 2\) and \(3, 2, 2\)"):
        surface_distances(mask, np.ones((3, 2, 2), bool), grid(mask.shape))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", range(4))
def test_hd95_hd_assd_and_surface_dice_are_those_of_monai(seed):
    torch = pytest.importorskip("torch")
    metrics = pytest.importorskip("monai.metrics")
    reference, prediction = blobs(seed), blobs(seed + 100, share=0.1)
    ours = surface_distances(reference, prediction, grid(reference.shape))
    pair = [torch.from_numpy(m)[None, None] for m in (prediction, reference)]
    options = {"include_background": True, "spacing": SPACING}
    # MONAI rounds each distance to float32: equal means equal to float32's last digits.
    exactly = {"rel": 3e-7, "abs": 1e-6}
    assert ours.hd95_mm == pytest.approx(
        float(metrics.compute_hausdorff_distance(*pair, percentile=95, **options)), **exactly
    )
    assert ours.hd_mm == pytest.approx(float(metrics.compute_hausdorff_distance(*pair, **options)), **exactly)
    assert ours.assd_mm == pytest.approx(
        float(metrics.compute_average_surface_distance(*pair, symmetric=True, **options)), **exactly
    )
    assert ours.surface_dice(1.1) == pytest.approx(
        float(metrics.compute_surface_dice(*pair, class_thresholds=[1.1], **options)), **exactly
    )


TILTED = np.array(
    [[0.8, 0.0, 0.0, 5.0], [0.0, 0.8, 3 * np.tan(np.deg2rad(25)), 9.0], [0.0, 0.0, 3.0, -7.0], [0, 0, 0, 1]]
)


def centres_mm(mask):
    """The surface voxels' centres in space."""
    return np.argwhere(mask ^ binary_erosion(mask)) @ TILTED[:3, :3].T + TILTED[:3, 3]


def test_slices_of_a_tilted_gantry_are_measured_as_they_lie_in_space():
    reference, prediction = blobs(5), blobs(105, share=0.1)
    found = surface_distances(reference, prediction, Grid(reference.shape, TILTED))
    between = np.linalg.norm(centres_mm(reference)[:, None] - centres_mm(prediction), axis=2)
    assert found.from_reference_mm == pytest.approx(between.min(axis=1))
    assert found.from_prediction_mm == pytest.approx(between.min(axis=0))


def test_what_was_missed_on_slices_of_a_tilted_gantry_is_as_far_as_the_image_is_long():
    a = np.ones((6, 5, 4), bool)
    missed = score_masks(a, ~a, Grid(a.shape, TILTED))
    corners = np.array(list(product((0, 6), (0, 5), (0, 4)))) @ TILTED[:3, :3].T
    assert missed["hd_mm"] == pytest.approx(np.linalg.norm(corners[:, None] - corners, axis=2).max())
    assert missed["reference_ml"] == pytest.approx(120 * 0.8 * 0.8 * 3 / 1000)


@settings(max_examples=60, deadline=None)
@given(MASKS, MASKS)
def test_swapping_reference_and_prediction_swaps_precision_and_recall_and_changes_no_distance(a, b):
    forth, back = score_masks(a, b, grid(a.shape)), score_masks(b, a, grid(a.shape))
    for name in ("dice", "jaccard", "hd95_mm", "hd_mm", "assd_mm", "surface_dice"):
        assert forth[name] == pytest.approx(back[name])
    assert forth.missed == back.missed
    if a.any() and b.any():
        assert forth["precision"] == back["recall"]


@settings(max_examples=60, deadline=None)
@given(MASKS, MASKS, st.permutations(range(3)))
def test_the_order_of_the_axes_changes_no_score(a, b, order):
    across = Grid([a.shape[n] for n in order], np.diag([*SPACING, 1.0])[:, [*order, 3]])
    turned = score_masks(a.transpose(order), b.transpose(order), across)
    found = score_masks(a, b, grid(a.shape))
    assert turned.missed == found.missed
    for name, value in found.values.items():
        assert turned[name] == pytest.approx(value)


@settings(max_examples=40, deadline=None)
@given(MASKS, MASKS)
def test_no_score_is_ever_nan_or_out_of_range(a, b):
    found = score_masks(a, b, grid(a.shape))
    for name in ("dice", "jaccard", "precision", "recall", "slice_dice", "slice_iou", "surface_dice"):
        value = found[name]
        assert value is None or 0 <= value <= 1
    if found["hd_mm"] is not None:
        diagonal = np.linalg.norm(np.array(a.shape) * SPACING)
        assert 0 <= found["assd_mm"] <= found["hd_mm"] <= diagonal
        assert found["hd95_mm"] <= found["hd_mm"]


def test_a_mask_has_no_surface_where_nothing_is_known_beyond():
    """On a single annotated slice the surface is the outline: of a square of 5 voxels that is moved by 1."""
    shape = (9, 9, 5)
    known = box(shape, (0, 9), (0, 9), (2, 3))
    reference, prediction = box(shape, (1, 6), (1, 6), (2, 3)), box(shape, (2, 7), (1, 6), (2, 3))
    flat = surface_distances(reference, prediction, grid(shape, (1, 1, 4)), known)
    inside = reference & ~box(shape, (2, 5), (2, 5), (0, 5))
    assert len(flat.from_reference_mm) == inside.sum() == 16
    # Without it, each voxel is on the surface, because its slice is one voxel thick.
    assert len(surface_distances(reference, prediction, grid(shape, (1, 1, 4))).from_reference_mm) == 25
    assert flat.hd_mm == 1.0
    everywhere = np.ones(shape, bool)
    solid = blobs(3, shape), blobs(4, shape)
    plain, same = (surface_distances(*solid, grid(shape), where) for where in (None, everywhere))
    assert plain.hd95_mm == pytest.approx(same.hd95_mm) and plain.assd_mm == pytest.approx(same.assd_mm)


def test_a_mask_that_fills_all_that_is_known_counts_with_all_its_voxels():
    known = box((4, 4, 4), (1, 3), (1, 3), (1, 3))
    found = score_masks(known, known, grid((4, 4, 4)), known=known)
    assert found["hd95_mm"] == 0 and found.dice == 1
