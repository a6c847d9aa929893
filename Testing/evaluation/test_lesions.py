import csv

import numpy as np
import pytest

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.evaluation.lesions.columns import LESION_COLUMNS
from TransferSegLib.evaluation.lesions.detection import Lesion, LesionRow, score_lesions
from TransferSegLib.evaluation.lesions.options import LesionOptions
from TransferSegLib.evaluation.lesions.summary import detection_curve, summarise_lesions
from TransferSegLib.evaluation.lesions.tables import write_lesions

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


def detect(reference, prediction, grid=GRID, connectivity=26):
    options = LesionOptions("lesion", lesion_connectivity=str(connectivity))
    return score_lesions("a", reference, prediction, grid, options).scores


def at(scores, overlap, volume):
    return next(s for s in scores if (s.overlap_cutoff, s.volume_cutoff_ml) == (overlap, volume))


def test_everything_found_scores_one_at_every_cutoff():
    for score in detect(REFERENCE, REFERENCE):
        assert (score.precision, score.recall, score.f1) == (1, 1, 1)


def test_a_volume_cutoff_keeps_lesions_of_exactly_that_volume():
    scores = detect(REFERENCE, REFERENCE)
    assert [at(scores, 0.0, volume).lesions for volume in (0.0, 1.0, 2.0)] == [3, 2, 1]


def test_a_lesion_on_slices_of_a_tilted_gantry_is_as_large_as_it_is_in_space():
    # A slice slides by 1 mm: the distance from slice to slice stays 1 mm, and the voxel 0.1 mL.
    tilted = Grid(GRID.size, [[10, 0, 1, 0], [0, 10, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    assert tilted.voxel_ml == pytest.approx(0.1)
    assert at(detect(mask(), mask(((0, 1), (0, 1), (0, 9))), tilted), 0.0, 1.0).false_alarms == 0


def test_overlap_must_exceed_the_cutoff():
    # one of five voxels of the small lesion is exactly 20 %, three of ten of the middle one are more
    prediction = mask(((0, 1), (0, 1), (4, 5)), ((3, 4), (3, 4), (0, 3)))
    scores = detect(REFERENCE, prediction)
    assert (at(scores, 0.0, 0.0).detected, at(scores, 0.2, 0.0).detected) == (2, 1)


def test_false_alarms_lower_precision_and_f1_but_not_recall():
    prediction = mask(MIDDLE, LARGE, ((10, 11), (0, 1), (0, 3)))
    score = at(detect(REFERENCE, prediction), 0.0, 0.0)
    assert (score.lesions, score.detected, score.false_alarms) == (3, 2, 1)
    assert score.precision == pytest.approx(2 / 3)
    assert score.recall == pytest.approx(2 / 3)
    assert score.f1 == pytest.approx(2 / 3)


def test_a_false_alarm_below_the_volume_cutoff_is_not_counted():
    prediction = mask(LARGE, ((10, 11), (0, 1), (0, 9)))  # 0.9 mL
    scores = detect(REFERENCE, prediction)
    assert [at(scores, 0.0, volume).false_alarms for volume in (0.0, 1.0)] == [1, 0]


def test_a_large_component_on_a_lesion_below_the_volume_cutoff_is_no_false_alarm():
    prediction = mask(((0, 1), (0, 1), (0, 12)))  # 1.2 mL, 5 of its 12 voxels on the small lesion
    score = at(detect(mask(SMALL), prediction), 0.2, 1.0)
    assert (score.lesions, score.false_alarms, score.f1) == (0, 0, None)


def test_one_component_over_two_lesions_detects_both():
    score = at(detect(mask(SMALL, MIDDLE), mask(((0, 4), (0, 4), (0, 10)))), 0.0, 0.0)
    assert (score.detected, score.false_alarms) == (2, 0)


def count(lesions, grid=GRID, connectivity=8):
    return detect(lesions, lesions, grid, connectivity)[0].lesions


def test_voxels_that_touch_at_a_corner_are_one_lesion_in_3d_and_within_a_slice_but_not_from_slice_to_slice():
    corner = mask(((1, 2), (1, 2), (1, 2)), ((2, 3), (2, 3), (2, 3)))
    assert (count(corner, connectivity=26), count(corner)) == (1, 2)
    assert count(mask(((1, 2), (1, 2), (1, 2)), ((2, 3), (2, 3), (1, 2)))) == 1


def test_components_of_slices_are_joined_where_they_overlap():
    staircase = mask(((1, 3), (1, 2), (1, 2)), ((2, 4), (1, 2), (2, 3)), ((3, 5), (1, 2), (3, 4)))
    assert count(staircase) == 1
    # Two in the first slice that the second slice joins, and one in the third that only touches at a corner.
    joined = mask(
        ((1, 2), (1, 2), (1, 2)), ((5, 6), (1, 2), (1, 2)), ((1, 6), (1, 2), (2, 3)), ((6, 7), (1, 2), (3, 4))
    )
    assert count(joined) == 2


def test_the_slices_are_axial_whatever_the_axes_of_the_array():
    # The first axis runs up, so slices lie across it, and these two voxels touch at a corner within one.
    upright = Grid(GRID.size, [[0, 0, 1, 0], [0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]])
    corner = mask(((1, 2), (1, 2), (1, 2)), ((1, 2), (2, 3), (2, 3)))
    assert (count(corner, upright), count(corner)) == (1, 2)


def test_nothing_to_find_and_nothing_found_is_not_applicable():
    empty = mask()
    score = detect(empty, empty)[0]
    assert (score.precision, score.recall, score.f1) == (None, None, None)


def test_nothing_found_where_there_is_something_scores_zero():
    score = detect(REFERENCE, mask())[0]
    assert (score.precision, score.recall, score.f1) == (0, 0, 0)


def test_only_false_alarms_score_zero():
    score = detect(mask(), mask(SMALL))[0]
    assert (score.precision, score.recall, score.f1) == (0, None, 0)


def test_the_table_has_a_line_for_each_case_and_pair_of_cutoffs(tmp_path):
    found = score_lesions("a", REFERENCE, mask(), GRID, LesionOptions("lesion"), "open", "0")
    write_lesions(tmp_path / "lesions.csv", [found, LesionRow("b", found.scores)], 26, of_job=True)
    lines = list(csv.DictReader((tmp_path / "lesions.csv").open()))
    assert len(lines) == 12
    assert (lines[0]["strategy"], lines[0]["fold"], lines[0]["case"], lines[0]["lesions"]) == ("open", "0", "a", "3")
    assert (lines[0]["recall"], lines[6]["case"]) == ("0", "b")


def test_cutoffs_are_given_with_their_units():
    usual = LesionOptions("lesion")
    assert (usual.overlap_cutoffs, usual.volume_cutoffs_ml, usual.volume_unit) == ((0, 0.2), (0, 1, 2), "mL")
    small = LesionOptions("lesion", "50 %", "10, 0.5 mm3", "8")
    assert (small.overlap_cutoffs, small.volume_cutoffs_ml, small.volume_unit) == ((0.5,), (0.0005, 0.01), "mm³")
    assert (usual.connectivity, small.connectivity) == (26, 8)
    for wrong in ({"lesion_volume": "1, 2"}, {"lesion_overlap": "0.2"}, {"lesion_connectivity": "6"}):
        with pytest.raises(InputError, match=next(iter(wrong)).replace("_", "-")):
            LesionOptions("lesion", **wrong)


def test_a_cutoff_in_mm3_keeps_lesions_of_exactly_that_volume():
    grid = Grid.from_spacing((12, 12, 12), (0.1, 0.1, 0.5))  # a mouse: 0.005 mm³ a voxel
    row = score_lesions("m", REFERENCE, REFERENCE, grid, LesionOptions("lesion", "0 %", "0.025, 0.05, 0.1 mm³"))
    assert [scores.lesions for scores in row.scores] == [3, 2, 1]


def detection_of(*rows):
    options = LesionOptions("lesion", "0 %", "0, 1 mL")
    return summarise_lesions(rows, options, "lesion", "test")


def test_counts_are_added_up_over_the_cases_of_a_strategy_and_test_cases_apart():
    options = LesionOptions("lesion", "0 %", "0, 1 mL")
    false_alarm = ((10, 11), (0, 1), (0, 3))
    found = detection_of(
        score_lesions("a", REFERENCE, mask(MIDDLE, LARGE), GRID, options, "open", "0"),
        score_lesions("b", mask(SMALL), mask(SMALL, false_alarm), GRID, options, "open", "1"),
        score_lesions("a", REFERENCE, mask(), GRID, options, "direct", "0"),
        score_lesions("c", mask(LARGE), mask(LARGE), GRID, options, "open", "test"),
    )
    assert [(one.strategy, one.cases) for one in found.out_of_fold] == [("open", 2), ("direct", 1)]
    every, large = found.out_of_fold[0].detections
    assert (every.lesions, every.detected, every.false_alarms, every.false_alarms_per_case) == (4, 3, 1, 0.5)
    assert (every.recall, every.precision, every.f1) == (0.75, 0.75, 0.75)
    assert (large.lesions, large.detected, large.false_alarms) == (2, 2, 0)
    assert found.test[0].detections[0].detected == 1
    texts = [column.text(every, "mm³") for column in LESION_COLUMNS]
    assert texts == ["0 %", "0 mm³", "3 of 4", "0.75", "0.75", "0.75", "0.50"]
    assert [column.text(large, "mm³") for column in LESION_COLUMNS][1] == "1000 mm³"


def test_the_curve_over_the_volume_cutoff_is_that_of_counting_at_each():
    lesions = [Lesion(1.0, 0.0), Lesion(2.0, 0.5), Lesion(2.0, 0.1), Lesion(4.0, 0.3)]
    curve = detection_curve(lesions, 0.2)
    assert curve == [(0.0, 0.5), (1.0, 0.5), (2.0, pytest.approx(2 / 3)), (4.0, 1.0)]
    for cutoff, share in curve:
        counted = [lesion for lesion in lesions if lesion.volume_ml >= cutoff]
        assert share == sum(lesion.overlap > 0.2 for lesion in counted) / len(counted)
    assert detection_curve([], 0.2) == []
