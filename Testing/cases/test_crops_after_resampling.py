"""A crop of the resampled image: what a network is shown, which classes go with it, and what becomes of the rest."""

from __future__ import annotations

import numpy as np
import pytest

from TransferSegLib.cases.preprocessing import prepare_case, restore
from TransferSegLib.cases.volumes import write_volume
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.grid import Grid
from TransferSegLib.core.labels import LabelTask
from TransferSegLib.core.preprocessing import Preprocessing

SIZE = (24, 20, 16)
# Axes run to the left and the back.
GRID = Grid(SIZE, np.diag([-1.0, -1.0, 2.0, 1.0]))
MONAI = {"resampling": "monai", "spacing_tolerance": 0.0}


@pytest.fixture
def case(tmp_path) -> Case:
    """A bright box in the dark, all of it label 1."""
    image = np.zeros(SIZE, np.float32)
    image[6:18, 4:14, 5:12] = 100
    write_volume(tmp_path / "image.nii.gz", image, GRID)
    write_volume(tmp_path / "label.nii.gz", (image > 0).astype(np.uint8), GRID)
    return Case("box", (tmp_path / "image.nii.gz",), tmp_path / "label.nii.gz")


TASK = LabelTask(("box",), (1,), {1: 1}, ((0,), ()))


@pytest.mark.parametrize("crop", ["foreground-resampled", "foreground-prepared"])
@pytest.mark.parametrize("spacing", [None, (1.0, 1.0, 2.0), (0.5, 2.0, 2.0)])
def test_the_box_alone_is_shown_and_all_else_is_background(case, crop, spacing):
    settings = MONAI if spacing else {}
    whole = prepare_case(case, Preprocessing(spacing, "none", **settings))
    prepared = prepare_case(case, Preprocessing(spacing, "none", crop=crop, foreground_above=50, **settings), TASK)
    assert prepared.image.min() > 50
    assert (
        prepared.classes is not None and prepared.classes.shape == prepared.image.shape[1:] and prepared.classes.all()
    )
    assert prepared.image.size == (whole.image > 50).sum()
    found = restore(np.ones(prepared.own_size, np.uint8), prepared)
    assert found.shape == SIZE
    box = np.zeros(SIZE, bool)
    box[6:18, 4:14, 5:12] = True
    # Where voxels change, the box may reach as far as the nearest of the new ones.
    assert found[box].mean() > 0.8
    assert (found[~box] > 0).mean() < (0.001 if spacing in (None, (1.0, 1.0, 2.0)) else 0.05)


def test_a_margin_is_in_voxels_of_the_resampled_image(case):
    preprocessing = Preprocessing(None, "none", crop="foreground-prepared", foreground_above=50, crop_margin=2)
    assert prepare_case(case, preprocessing).image.shape == (1, 16, 14, 11)


def test_intensities_are_those_of_the_box_where_it_is_cut_first(case):
    preprocessing = Preprocessing(None, "z-score", crop="foreground-resampled", foreground_above=50, crop_margin=1)
    image = prepare_case(case, preprocessing).image
    assert abs(float(image.mean())) < 1e-4 and abs(float(image.std()) - 1) < 1e-3


def test_an_image_without_such_voxels_is_shown_whole(case):
    preprocessing = Preprocessing(None, "none", crop="foreground-prepared", foreground_above=1000)
    assert prepare_case(case, preprocessing).image.shape == (1, *SIZE)
