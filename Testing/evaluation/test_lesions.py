import csv

import numpy as np
import pytest

from TransferSegLib.core.grid import Grid
from TransferSegLib.evaluation.lesions import detect_lesions, write_lesions

GRID = Grid.from_spacing((12, 12, 12), (10.0, 10.0, 1.0))  # a voxel is 0.1 mL


def mask(*boxes, shape=(12, 12, 12)):
    found = np.zeros(shape, bool)
    for box in boxes:
        found[tuple(slice(a, b) for a, b in box)] = True
    return found


SMALL = ((0, 1), (0, 1), (0, 5))  # 5 voxels, 0.5 mL
MIDDLE = ((3, 4), (3, 4), (0, 10))  # 10 voxels, 1 mL
LARGE = ((6, 8), (6, 8), (0, 5))  # 20 voxels, 2 mL
REFERENCE = mask(SMALL, MIDDLE, LARGE)


def at(scores, overlap, volume):
    return next(s for s in scores if (s.overlap_cutoff, s.volume_cutoff_ml) == (overlap, volume))


def test_everything_found_scores_one_at_every_cutoff():
    for score in detect_lesions(REFERENCE, REFERENCE, GRID):
        assert (score.precision, score.recall, score.f1) == (1, 1, 1)


def test_a_volume_cutoff_keeps_lesions_of_exactly_that_volume():
    scores = detect_lesions(REFERENCE, REFERENCE, GRID)
    assert [at(scores, 0.0, volume).lesions for volume in (0.0, 1.0, 2.0)] == [3, 2, 1]


def test_a_lesion_on_slices_of_a_tilted_gantry_is_as_large_as_it_is_in_space():
    # A slice slides by 1 mm: the distance from slice to slice stays 1 mm, and the voxel 0.1 mL.
    tilted = Grid(GRID.size, [[10, 0, 1, 0], [0, 10, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    assert tilted.voxel_ml == pytest.approx(0.1)
    assert at(detect_lesions(mask(), mask(((0, 1), (0, 1), (0, 9))), tilted), 0.0, 1.0).false_alarms == 0


def test_overlap_must_exceed_the_cutoff():
    # one of five voxels of the small lesion is exactly 20 %, three of ten of the middle one are more
    prediction = mask(((0, 1), (0, 1), (4, 5)), ((3, 4), (3, 4), (0, 3)))
    scores = detect_lesions(REFERENCE, prediction, GRID)
    assert (at(scores, 0.0, 0.0).detected, at(scores, 0.2, 0.0).detected) == (2, 1)


def test_false_alarms_lower_precision_and_f1_but_not_recall():
    prediction = mask(MIDDLE, LARGE, ((10, 11), (0, 1), (0, 3)))
    score = at(detect_lesions(REFERENCE, prediction, GRID), 0.0, 0.0)
    assert (score.lesions, score.detected, score.false_alarms) == (3, 2, 1)
    assert score.precision == pytest.approx(2 / 3)
    assert score.recall == pytest.approx(2 / 3)
    assert score.f1 == pytest.approx(2 / 3)


def test_a_false_alarm_below_the_volume_cutoff_is_not_counted():
    prediction = mask(LARGE, ((10, 11), (0, 1), (0, 9)))  # 0.9 mL
    scores = detect_lesions(REFERENCE, prediction, GRID)
    assert [at(scores, 0.0, volume).false_alarms for volume in (0.0, 1.0)] == [1, 0]


def test_a_large_component_on_a_lesion_below_the_volume_cutoff_is_no_false_alarm():
    prediction = mask(((0, 1), (0, 1), (0, 12)))  # 1.2 mL, 5 of its 12 voxels on the small lesion
    score = at(detect_lesions(mask(SMALL), prediction, GRID), 0.2, 1.0)
    assert (score.lesions, score.false_alarms, score.f1) == (0, 0, None)


def test_one_component_over_two_lesions_detects_both():
    score = at(detect_lesions(mask(SMALL, MIDDLE), mask(((0, 4), (0, 4), (0, 10))), GRID), 0.0, 0.0)
    assert (score.detected, score.false_alarms) == (2, 0)


def test_voxels_that_touch_at_a_corner_are_one_lesion_in_3d_and_two_in_their_slices():
    corner = mask(((1, 2), (1, 2), (1, 2)), ((2, 3), (2, 3), (2, 3)))
    assert detect_lesions(corner, corner, GRID)[0].lesions == 1
    assert detect_lesions(corner, corner, GRID, connectivity=8)[0].lesions == 2
    within_slice = mask(((1, 2), (1, 2), (1, 2)), ((2, 3), (2, 3), (1, 2)))
    assert detect_lesions(within_slice, within_slice, GRID, connectivity=8)[0].lesions == 1


def test_nothing_to_find_and_nothing_found_is_not_applicable():
    empty = mask()
    score = detect_lesions(empty, empty, GRID)[0]
    assert (score.precision, score.recall, score.f1) == (None, None, None)


def test_nothing_found_where_there_is_something_scores_zero():
    score = detect_lesions(REFERENCE, mask(), GRID)[0]
    assert (score.precision, score.recall, score.f1) == (0, 0, 0)


def test_only_false_alarms_score_zero():
    score = detect_lesions(mask(), mask(SMALL), GRID)[0]
    assert (score.precision, score.recall, score.f1) == (0, None, 0)


def test_the_table_has_a_line_for_each_case_and_pair_of_cutoffs(tmp_path):
    scores = detect_lesions(REFERENCE, mask(), GRID)
    write_lesions(tmp_path / "lesions.csv", [("a", scores), ("b", detect_lesions(mask(), mask(), GRID))], 26)
    lines = list(csv.DictReader((tmp_path / "lesions.csv").open()))
    assert len(lines) == 12
    assert (lines[0]["lesions"], lines[0]["recall"], lines[6]["recall"]) == ("3", "0", "")
