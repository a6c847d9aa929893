"""Which cases lie the other way round, by hand-made centres of labels."""

from __future__ import annotations

import numpy as np
import pytest

from TransferSegLib.cases.mirrored import label_centres, mirrored_axes
from TransferSegLib.cases.volumes import Volume
from TransferSegLib.core.grid import Grid


def head(*distance: float, shift: float = 0.0) -> dict[int, np.ndarray]:
    """Two labels, the second `distance` mm from the first."""
    return {1: np.full(3, shift), 2: np.array(distance) + shift}


def test_centres_are_in_mm_towards_right_anterior_superior_from_the_middle_of_the_image() -> None:
    array = np.zeros((5, 7, 9), dtype=np.uint8)
    array[4, 3, 4] = 3
    array[0, 0, 4] = array[0, 0, 6] = 1
    affine = np.array([[0, -2.0, 0, 50], [3, 0, 0, 60], [0, 0, 1, 70], [0, 0, 0, 1]])
    centres = label_centres(Volume(array, Grid(array.shape, affine)))
    assert {value: centre.tolist() for value, centre in centres.items()} == {1: [6, -6, 1], 3: [0, 6, 0]}


def test_a_large_image_is_thinned_and_keeps_its_centres() -> None:
    array = np.zeros((300, 200, 200), dtype=np.uint8)
    array[200:260, 20:80, 100:180] = 1
    centre = label_centres(Volume(array, Grid.from_spacing(array.shape, (1, 1, 1))))[1]
    np.testing.assert_allclose(centre, [80, -50, 40], atol=1.0)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_the_one_whose_labels_are_in_the_opposite_order_is_found_wherever_images_are_cropped(axis: int) -> None:
    distance = np.array([20.0, 30.0, 40.0])
    cases = [head(*distance * size, shift=40 * n) for n, size in enumerate((0.9, 1.0, 1.1, 0.95, 1.05))]
    assert mirrored_axes(cases, 1.0) == [()] * 5
    distance[axis] *= -1
    assert mirrored_axes([*cases, head(*distance, shift=-70)], 1.0) == [*[()] * 5, (axis,)]
    assert mirrored_axes([*cases[:2], head(*distance)], 1.0) == [()] * 3, "three cases say too little"


def test_labels_that_lie_here_and_there_say_nothing() -> None:
    sides = [head(x, 0, 0) for x in (20, -20, 21, -21, 19, -20, 20)]
    assert mirrored_axes(sides, 1.0) == [()] * 7
    assert mirrored_axes([head(x, 0, 0) for x in (1, 1, 1, 1, -1)], 1.0) == [()] * 5, "not two voxels apart"


def test_one_label_is_compared_by_its_place_in_the_image() -> None:
    cases = [{1: np.array([30.0 + n, 0, 0])} for n in range(5)]
    assert mirrored_axes([*cases, {1: np.array([-31.0, 0, 0])}], 1.0) == [*[()] * 5, (0,)]
    assert mirrored_axes([*cases, {}], 1.0) == [()] * 6
    assert mirrored_axes([{}] * 5, 1.0) == [()] * 5
