"""Template space: the affine that is found, image and labels in it, and the way back to the case's own grid."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from TransferSegLib.cases.preprocessing import prepare_case, restore
from TransferSegLib.cases.template import TemplateSpace, template_space
from TransferSegLib.cases.volumes import Volume, read_volume, write_labels, write_volume
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.preprocessing import Preprocessing

TASK = LabelTask(("a",), (1,), {1: 1}, ((0,), ()))
# Where the head is: the template is centred at 0, and the case elsewhere.
TEMPLATE_GRID = Grid((40, 44, 36), np.array([[4.0, 0, 0, -78], [0, 4, 0, -86], [0, 0, 4, -70], [0, 0, 0, 1]]))
CASE_GRID = Grid((42, 46, 26), np.array([[-4.0, 0, 0, 100], [0, 4, 0, -80], [0, 0, 6, -60], [0, 0, 0, 1]]))


def true_affine() -> np.ndarray:
    """Template → case, mm: turned by 9°, moved by up to 12 mm, 8 % larger to the right and 6 % smaller upwards."""
    angle = np.deg2rad(9)
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    found = np.eye(4)
    found[:3, :3] = turn @ np.diag([1.08, 1.0, 0.94])
    found[:3, 3] = (12, 8, 10)
    return found


def head(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Intensities and labels of a lopsided head at points of the template's space, (…, 3) mm."""

    def ball(centre, radii):
        return (((points - np.array(centre)) / np.array(radii)) ** 2).sum(axis=-1)

    skull, brain = ball((0, 0, 0), (62, 74, 58)), ball((0, 4, 2), (52, 62, 48))
    image = 40 * (skull < 1) + 60 * (brain < 1)
    image = image + 50 * (ball((20, 25, 10), (14, 18, 12)) < 1) - 40 * (ball((-18, -15, 5), (12, 25, 10)) < 1)
    image = image + 30 * (ball((5, -45, -20), (25, 14, 14)) < 1)
    return image.astype(np.float32), (ball((20, 25, 10), (14, 18, 12)) < 1).astype(np.uint8)


def voxel_points(grid: Grid) -> np.ndarray:
    ijk = np.stack(np.meshgrid(*(np.arange(n) for n in grid.size), indexing="ij"), axis=-1)
    return ijk @ grid.affine[:3, :3].T + grid.affine[:3, 3]


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> tuple[Path, Case]:
    """A template, and a case that is the same head under `true_affine`, on a grid of its own."""
    folder = tmp_path_factory.mktemp("template")
    write_volume(folder / "mni.nii.gz", head(voxel_points(TEMPLATE_GRID))[0], TEMPLATE_GRID)
    back = np.linalg.inv(true_affine())
    image, label = head(voxel_points(CASE_GRID) @ back[:3, :3].T + back[:3, 3])
    noise = np.random.default_rng(0).normal(0, 2, image.shape).astype(np.float32)
    write_volume(folder / "a.nii.gz", image * 3 + noise + 20, CASE_GRID)  # another gain
    write_labels(folder / "b.nii.gz", label, CASE_GRID)
    return folder / "mni.nii.gz", Case("a", (folder / "a.nii.gz",), folder / "b.nii.gz")


@pytest.fixture(scope="module")
def space(files) -> TemplateSpace:
    return template_space("a", read_volume(files[1].images[0]), files[0])


def test_the_surface_of_the_head_is_laid_over_the_templates_within_half_a_voxel(space):
    surface = np.array([[i, j, k, 1] for i in (-36, 36) for j in (-43, 43) for k in (-33, 33)])
    apart = np.linalg.norm((surface @ (space.to_case - true_affine()).T)[:, :3], axis=1)
    assert apart.mean() < 2  # of voxels of 4 to 6 mm
    assert apart.max() < 4


def test_a_case_is_shown_on_the_templates_grid_and_comes_back_on_its_own(files, space, monkeypatch):
    monkeypatch.setattr("TransferSegLib.cases.template.template_space", lambda *given: space)
    template, case = files
    prepared = prepare_case(case, Preprocessing(None, "none", template=str(template)), TASK)
    assert prepared.image.shape == (1, *TEMPLATE_GRID.size) and prepared.spacing_mm == (4, 4, 4)
    assert prepared.grid.same_as(CASE_GRID) and prepared.shown.same_as(TEMPLATE_GRID)
    expected, labels = head(voxel_points(TEMPLATE_GRID))
    assert np.corrcoef(prepared.image[0].ravel(), expected.ravel())[0, 1] > 0.95

    def dice(a: np.ndarray, b: np.ndarray) -> float:
        return 2 * np.count_nonzero(a & b) / (np.count_nonzero(a) + np.count_nonzero(b))

    assert dice(prepared.classes > 0, labels > 0) > 0.85
    back = restore(prepared.classes, prepared)
    assert back.shape == CASE_GRID.size and back.dtype == np.uint8
    assert dice(back > 0, prepared.own_classes > 0) > 0.85
    probabilities = restore(np.stack([1 - prepared.classes, prepared.classes]).astype(np.float32), prepared)
    np.testing.assert_allclose(probabilities.sum(axis=0), 1, atol=1e-5)
    assert dice(probabilities[1] > 0.5, back > 0) > 0.95
    coarse = prepare_case(case, Preprocessing((8, 8, 8), "none", crop="empty-slices", template=str(template)))
    assert coarse.image.shape[1:3] == (20, 22) and coarse.box is not None
    assert coarse.own_size[:2] == (40, 44)


def test_a_known_affine_takes_every_voxel_where_it_says():
    # One step to the right in the template is one step to the front in the case, and one voxel is 2 mm there.
    case_grid = Grid.from_spacing((6, 7, 5), (2, 2, 2))
    to_case = np.array([[0.0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    space = TemplateSpace(Grid.from_spacing((7, 6, 5), (2, 2, 2)), to_case)
    image = np.random.default_rng(0).normal(size=case_grid.size).astype(np.float32)
    found = space.image_on_template(image, case_grid)
    np.testing.assert_allclose(found, image.transpose(1, 0, 2), atol=1e-5)
    classes = np.random.default_rng(1).integers(0, 4, case_grid.size).astype(np.uint8)
    assert np.array_equal(space.classes_on_template(classes, case_grid), classes.transpose(1, 0, 2))
    assert np.array_equal(space.on_case(space.classes_on_template(classes, case_grid), case_grid), classes)


def test_what_lies_outside_the_template_is_background():
    case_grid = Grid.from_spacing((6, 6, 6), (1, 1, 1))
    space = TemplateSpace(Grid.from_spacing((3, 6, 6), (1, 1, 1)), np.eye(4))
    back = space.on_case(np.ones((3, 6, 6), np.uint8), case_grid)
    assert back[:3].all() and not back[3:].any()
    probabilities = space.on_case(np.stack([np.zeros((3, 6, 6)), np.ones((3, 6, 6))]), case_grid)
    assert probabilities[:, 5, 0, 0].tolist() == [1, 0]


def test_what_cannot_be_laid_over_the_template_is_refused(files, tmp_path):
    template, _ = files
    with pytest.raises(InputError, match=r"could not be laid over the template .*mni\.nii\.gz; look whether both"):
        template_space(
            "a", Volume(np.zeros((20, 20, 20), np.float32), Grid.from_spacing((20, 20, 20), (4, 4, 4))), template
        )
    with pytest.raises(InputError, match=r"none\.nii: no such file"):
        template_space("a", read_volume(template), tmp_path / "none.nii")
