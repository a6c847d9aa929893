"""Registration: what is found is compared with what was done to an image."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from TransferSegLib.cases.body import ct_body, mr_body
from TransferSegLib.cases.free_form import Lattice, _Bending, _Likeness
from TransferSegLib.cases.phantom import head_phantom, image
from TransferSegLib.cases.registration import (
    RegistrationSettings,
    _b_spline,
    fineness,
    mutual_information,
    register,
    resample,
    rotation,
    straight_grid,
)
from TransferSegLib.cases.registration_quality import Quality, edge_agreement, failings, measure_quality
from TransferSegLib.cases.volumes import Volume
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid

FAST = RegistrationSettings(("rigid",), working_mm=4.0, levels=(2, 1), threads=1)
GOOD = Quality(0.25, 0.2, 0.42, 0.66, 1.0, 12.0, 2.0, 0.0)


@pytest.fixture(scope="module")
def head():
    return head_phantom((7, 1), (40, 48, 36))


@pytest.fixture(scope="module")
def t1w(head):
    return Volume(image(head, "t1w", np.random.default_rng(1)), head.grid)


@pytest.fixture(scope="module")
def ct(head):
    return Volume(image(head, "ct", np.random.default_rng(2)), head.grid)


def placed(
    volume: Volume, angles: tuple[float, float, float], shift: tuple[float, float, float]
) -> tuple[Volume, np.ndarray]:
    """The same image lying elsewhere, by its header alone, and the matrix that takes its old place to the new one."""
    matrix = np.eye(4)
    matrix[:3, :3] = rotation(angles)
    matrix[:3, 3] = shift
    return Volume(volume.array, Grid(volume.grid.size, matrix @ volume.grid.affine)), matrix


@pytest.fixture(scope="module")
def lying_elsewhere(ct):
    return placed(ct, (6, -5, 9), (9, -8, 9))


@pytest.fixture(scope="module")
def found(t1w, lying_elsewhere):
    body = mr_body(t1w)
    moved = lying_elsewhere[0]
    return register(t1w, moved, FAST, ndimage.binary_dilation(body, iterations=2), ct_body(moved))


def bone_points(head) -> np.ndarray:
    return np.argwhere(head.labels == 3)[::7] @ head.grid.affine[:3, :3].T + head.grid.affine[:3, 3]


def test_a_turned_and_shifted_ct_is_found_within_a_fifth_of_a_voxel(found, lying_elsewhere, head):
    truth, points = lying_elsewhere[1], bone_points(head)
    errors = np.linalg.norm(found.points(points) - (points @ truth[:3, :3].T + truth[:3, 3]), axis=1)
    assert np.median(errors) < 1.0  # a voxel is 4.8 × 5 × 5 mm
    assert found.rotation_deg == pytest.approx(np.degrees(np.arccos((np.trace(truth[:3, :3]) - 1) / 2)), abs=1)
    assert found.linear_only


def test_the_same_seed_finds_the_same(t1w, ct):
    coarse = RegistrationSettings(("rigid",), working_mm=8.0, levels=(1,), threads=1)
    one, two = (register(t1w, ct, coarse).linear for _ in range(2))
    assert np.array_equal(one, two)


def test_an_image_without_contrast_is_refused_in_a_sentence(t1w):
    with pytest.raises(InputError, match="has the value 5 everywhere"):
        register(t1w, Volume(np.full((8, 8, 8), 5.0, np.float32), Grid.from_spacing((8, 8, 8), (5, 5, 5))), FAST)


def test_a_b_spline_comes_nearer_to_a_bent_head_than_a_rigid_transform(head, t1w, ct):
    """The CT is bent sideways by up to 6 mm, a wave over the height of the head."""
    heights = np.arange(ct.grid.size[2]) * ct.grid.spacing_mm[2]
    bend = 6 * np.sin(2 * np.pi * heights / 150)
    i, j, k = np.indices(ct.grid.size).astype(float)
    array = ndimage.map_coordinates(ct.array, (i - bend / ct.grid.spacing_mm[0], j, k), order=1, mode="nearest")
    points = bone_points(head)
    up = (points[:, 2] - ct.grid.affine[2, 3]) / 1.0
    truth = points + np.stack([6 * np.sin(2 * np.pi * up / 150), 0 * up, 0 * up], 1)
    settings = RegistrationSettings(working_mm=5.0, levels=(2, 1), threads=1)
    bent = register(t1w, Volume(array, ct.grid), settings, ndimage.binary_dilation(mr_body(t1w), iterations=2))
    rigid = bent.without_bending()
    errors = [np.median(np.linalg.norm(each.points(points) - truth, axis=1)) for each in (bent, rigid)]
    assert errors[0] < 0.75 * errors[1]
    assert rigid.linear_only and not bent.linear_only


def test_the_slope_of_the_likeness_is_its_change():
    rng = np.random.default_rng(3)
    grid = Grid.from_spacing((20, 18, 16), (4.0, 4.0, 4.0))
    smooth = [ndimage.gaussian_filter(rng.normal(size=grid.size), 3) for _ in range(2)]
    one, two = (Volume(((a - a.min()) / np.ptp(a)).astype(np.float64), grid) for a in smooth)
    mask = np.zeros(grid.size, bool)
    mask[4:-4, 4:-4, 4:-4] = True
    lattice = Lattice.over(grid, 40.0)
    likeness = _Likeness(one, two, mask, np.eye(4), lattice)
    control, direction = rng.normal(size=(2, *lattice.size, 3))
    step = 0.05
    change = (likeness(control + step * direction)[0] - likeness(control - step * direction)[0]) / (2 * step)
    assert (likeness(control)[1] * direction).sum() == pytest.approx(change, rel=0.25)


def test_the_slope_of_the_bending_energy_is_its_change_and_a_turn_has_none():
    lattice = Lattice.over(Grid.from_spacing((20, 18, 16), (4.0, 4.0, 4.0)), 40.0)
    rng = np.random.default_rng(4)
    energy = _Bending(lattice, 2.0)
    control, direction = rng.normal(size=(2, *lattice.size, 3))
    change = (energy(control + 1e-4 * direction)[0] - energy(control - 1e-4 * direction)[0]) / 2e-4
    assert (energy(control)[1] * direction).sum() == pytest.approx(change, rel=1e-6)
    linear = np.stack(np.meshgrid(*[np.arange(n) for n in lattice.size], indexing="ij"), -1) @ rng.normal(size=(3, 3))
    assert energy(linear)[0] == pytest.approx(0, abs=1e-12)


def test_the_b_spline_of_simpleitk_is_that_of_the_lattice():
    grid = straight_grid(
        placed(Volume(np.zeros((9, 9, 9)), Grid.from_spacing((9, 9, 9), (5, 5, 5))), (10, 0, 0), (3, 4, 5))[0].grid, 5.0
    )
    lattice = Lattice.over(grid, 20.0)
    control = np.random.default_rng(5).normal(size=(*lattice.size, 3))
    transform = _b_spline(lattice, control)
    i, j, k = lattice.weights(grid)
    ours = np.einsum("ia,jb,kc,abcn->ijkn", i, j, k, control)
    for voxel in ((0, 0, 0), (4, 4, 4), (8, 3, 6)):
        point = (grid.affine @ (*voxel, 1))[:3]
        moved = np.array(transform.TransformPoint((point * (-1, -1, 1)).tolist())) * (-1, -1, 1)
        assert moved - point == pytest.approx(ours[voxel], abs=1e-6)


def test_mutual_information_of_an_image_with_itself_is_1_and_with_chance_near_0():
    rng = np.random.default_rng(6)
    one, other = rng.normal(size=(2, 100_000))
    assert mutual_information(one, one) == pytest.approx(1)
    assert mutual_information(one, other) < 0.01
    assert mutual_information(one, np.zeros(100_000)) == 0
    # Two of four equal bins told apart: I = ln 2, H = ln 4 and ln 2.
    four, two = np.repeat([0.0, 1.0, 2.0, 3.0], 10), np.repeat([0.0, 0.0, 1.0, 1.0], 10)
    assert mutual_information(four, two, 4) == pytest.approx(2 * np.log(2) / (np.log(4) + np.log(2)))


def test_a_coarse_voxel_gets_the_mean_of_what_it_covers():
    fine = Volume(
        np.arange(8, dtype=np.float32).reshape(8, 1, 1) * np.ones((8, 8, 8), np.float32),
        Grid.from_spacing((8, 8, 8), (1, 1, 1)),
    )
    affine = np.diag([4.0, 4.0, 4.0, 1.0])
    affine[:3, 3] = 1.5  # the middle of the first four voxels
    coarse = Grid((2, 2, 2), affine)
    assert fineness(coarse, fine.grid) == (4, 4, 4)
    for transform in (None, __import__("SimpleITK").Transform(3, 1)):
        found = resample(fine, transform, coarse, -1.0, (4, 4, 4))
        assert found[:, 0, 0].tolist() == [1.5, 5.5]


def test_a_straight_grid_covers_the_corners_of_an_askew_one():
    affine = np.diag([1.0, 1.0, 3.0, 1.0])
    affine[1, 2] = 0.8  # a tilted gantry
    askew = Grid((20, 20, 10), affine)
    straight = straight_grid(askew, 2.0)
    assert straight.right_angles and straight.spacing_mm == pytest.approx((2, 2, 2))
    corners = np.array([[i, j, k, 1] for i in (-0.5, 19.5) for j in (-0.5, 19.5) for k in (-0.5, 9.5)])
    voxels = np.linalg.solve(straight.affine, askew.affine @ corners.T)[:3]
    assert (voxels.min(axis=1) >= -0.5 - 1e-6).all()
    assert (voxels.max(axis=1) <= np.array(straight.size) - 0.5 + 1e-6).all()


def test_edges_agree_with_themselves_whatever_the_contrast_and_not_with_others():
    rng = np.random.default_rng(8)
    one, other = (ndimage.gaussian_filter(rng.normal(size=(24, 24, 24)), 2) for _ in range(2))
    where = np.ones(one.shape, bool)
    assert edge_agreement(one, -3 * one, where) > edge_agreement(one, other, where) + 0.2
    assert abs(edge_agreement(one, other, where)) < 0.35


def test_the_body_of_a_ct_is_without_the_bed_and_that_of_an_mr_is_the_head(head, ct, t1w):
    with_bed = ct.array.copy()
    with_bed[4:-4, :2, :] = 200.0  # a plate behind the head
    body = ct_body(Volume(with_bed, ct.grid), 0.0)
    tissue = head.labels > 1
    assert not body[4:-4, 0, :].any()
    assert body[tissue].mean() > 0.97
    assert mr_body(t1w, 0.0)[tissue].mean() > 0.9
    assert not ct_body(Volume(np.full(ct.grid.size, -1000.0, np.float32), ct.grid)).any()
    assert not mr_body(Volume(np.full(ct.grid.size, 7.0, np.float32), ct.grid)).any()


def test_quality_of_the_right_place_is_sharper_than_of_a_wrong_one(t1w, found, lying_elsewhere):
    body, moved = mr_body(t1w), lying_elsewhere[0]
    wrong, _ = placed(moved, (0, 0, 0), (0, 14, 10))
    right, other = (measure_quality(t1w, volume, found, body) for volume in (moved, wrong))
    assert right.sharpness > other.sharpness + 0.1
    assert right.mutual_information > other.mutual_information
    assert right.coverage == 1 and right.bent_mm == 0
    assert right.voxel_mm == pytest.approx((4.8 + 5 + 5) / 3)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, None),
        ({"sharpness": 0.32}, "registration-not-sharp"),
        ({"sharpness": 0.32, "voxel_mm": 5.0}, None),
        ({"sharpness": 0.26, "voxel_mm": 5.0}, "registration-not-sharp"),
        ({"mirrored": 0.95}, "registration-mirrored"),
        ({"mutual_information": 0.05}, "registration-information"),
        ({"edge_agreement": -0.1}, "registration-edges"),
        ({"coverage": 0.28}, "registration-coverage"),
        ({"rotation_deg": 90.0}, "registration-rotation"),
        ({"folded": 0.01}, "registration-folded"),
    ],
)
def test_each_figure_that_speaks_against_a_registration_is_named(change, code):
    found = failings(Quality(**{**GOOD.__dict__, **change}))
    assert [problem.code for problem in found] == ([code] if code else [])
    assert all(problem.sentence for problem in found)
