import math

import numpy as np
import pytest

from TransferSegLib.core.errors import InputError
from TransferSegLib.core.grid import Grid
from TransferSegLib.evaluation.metrics.metric import Metric
from TransferSegLib.evaluation.metrics.overlap import dice, dice_of_counts
from TransferSegLib.evaluation.scores import read_scores, score_case, score_columns, score_masks, write_scores

SHAPE = (10, 8, 6)
GRID = Grid.from_spacing(SHAPE, (1.0, 2.0, 3.0))
DIAGONAL = math.sqrt(10**2 + 16**2 + 18**2)


def box(*bounds, shape=SHAPE):
    mask = np.zeros(shape, bool)
    mask[tuple(slice(a, b) for a, b in bounds)] = True
    return mask


EMPTY = box((0, 0), (0, 0), (0, 0))
VOXEL = box((2, 3), (2, 3), (2, 3))
BOX = box((2, 6), (2, 6), (2, 4))  # 4 x 4 x 2, every voxel on the surface (two slices thick)

# reference, prediction -> dice, jaccard, precision, recall, hd95, hd, assd, surface dice at 1 mm, missed
TABLE = {
    "both empty": (EMPTY, EMPTY, None, None, None, None, None, None, None, None, False),
    "prediction empty": (BOX, EMPTY, 0, 0, 0, 0, DIAGONAL, DIAGONAL, DIAGONAL, 0, True),
    "reference empty": (EMPTY, BOX, 0, 0, 0, None, DIAGONAL, DIAGONAL, DIAGONAL, 0, True),
    "equal": (BOX, BOX, 1, 1, 1, 1, 0, 0, 0, 1, False),
    "a voxel and its neighbour along i": (VOXEL, box((3, 4), (2, 3), (2, 3)), 0, 0, 0, 0, 1, 1, 1, 1, False),
    "a voxel and its neighbour along j": (VOXEL, box((2, 3), (3, 4), (2, 3)), 0, 0, 0, 0, 2, 2, 2, 0, False),
    "a voxel and its neighbour along k": (VOXEL, box((2, 3), (2, 3), (3, 4)), 0, 0, 0, 0, 3, 3, 3, 0, False),
    "a voxel across the diagonal": (
        VOXEL, box((3, 4), (3, 4), (3, 4)), 0, 0, 0, 0, *[math.sqrt(1 + 4 + 9)] * 3, 0, False,
    ),
    # three of the four planes coincide, the fourth of each lies 1 mm from the other: 8 of 32 voxels at 1 mm
    "shifted by one voxel along i": (
        BOX, box((3, 7), (2, 6), (2, 4)), 0.75, 0.6, 0.75, 0.75, 1, 1, 0.25, 1, False,
    ),
    "shifted by one voxel along j": (
        BOX, box((2, 6), (3, 7), (2, 4)), 0.75, 0.6, 0.75, 0.75, 2, 2, 0.5, 0.75, False,
    ),
    "shifted by one voxel along k": (
        BOX, box((2, 6), (2, 6), (3, 5)), 0.5, 1 / 3, 0.5, 0.5, 3, 3, 1.5, 0.5, False,
    ),
    # 16 of the reference's 32 voxels are 3 mm away, none of the prediction's: 16 * 3 / 48 mm
    "half of it found": (BOX, box((2, 6), (2, 6), (2, 3)), 2 / 3, 0.5, 1, 0.5, 3, 3, 1, 2 / 3, False),
}  # fmt: skip


# The same pairs -> dice and iou per axial slice (across the third axis), slices in which either of the two has something
SLICES = {
    "both empty": (None, None, 0),
    "prediction empty": (0, 0, 2),
    "reference empty": (0, 0, 2),
    "equal": (1, 1, 2),
    "a voxel and its neighbour along i": (0, 0, 1),
    "a voxel and its neighbour along j": (0, 0, 1),
    "a voxel and its neighbour along k": (0, 0, 2),
    "a voxel across the diagonal": (0, 0, 2),
    # 12 of 16 voxels of each slice are common
    "shifted by one voxel along i": (0.75, 0.6, 2),
    "shifted by one voxel along j": (0.75, 0.6, 2),
    # the middle one of three slices agrees
    "shifted by one voxel along k": (1 / 3, 1 / 3, 3),
    "half of it found": (0.5, 0.5, 2),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_hand_worked_table_of_slices_holds(name):
    reference, prediction, *_others = TABLE[name]
    found = score_masks(reference, prediction, GRID)
    for column, value in zip(("slice_dice", "slice_iou", "slices"), SLICES[name], strict=True):
        assert found[column] == (value if value is None else pytest.approx(value)), column


def test_slices_are_axial_whatever_the_axes_of_the_array():
    # The first axis runs up: of the four slices across it, the box that is shifted along it covers three of five.
    upright = Grid(SHAPE, [[0, 0, 3, 0], [0, 2, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]])
    found = score_masks(BOX, box((3, 7), (2, 6), (2, 4)), upright)
    assert (found["slice_dice"], found["slices"]) == (pytest.approx(3 / 5), 5)
    assert found["hd95_mm"] == 1


def test_the_mean_over_all_slices_of_several_cases_follows_from_their_means_and_numbers_of_slices():
    pairs = [(BOX, box((2, 6), (2, 6), (2, 3))), (BOX, box((2, 6), (2, 6), (2, 5))), (BOX, BOX)]
    found = [score_masks(*pair, GRID) for pair in pairs]
    slices = [
        dice(reference[:, :, k], prediction[:, :, k])
        for reference, prediction in pairs
        for k in range(SHAPE[2])
        if reference[:, :, k].any() or prediction[:, :, k].any()
    ]
    total = sum(one["slices"] for one in found)
    assert total == len(slices) == 7
    assert sum(one["slice_dice"] * one["slices"] for one in found) / total == pytest.approx(np.mean(slices))


@pytest.mark.parametrize("name", TABLE)
def test_the_hand_worked_table_holds(name):
    reference, prediction, *expected = TABLE[name]
    found = score_masks(reference, prediction, GRID)
    names = ("dice", "jaccard", "precision", "recall", "hd95_mm", "hd_mm", "assd_mm", "surface_dice")
    *expected, missed = expected
    assert found.missed == missed
    for column, value in zip(names, expected, strict=True):
        assert found[column] == (value if value is None else pytest.approx(value)), column
    assert found["reference_ml"] == pytest.approx(reference.sum() * 0.006)
    assert found["predicted_ml"] == pytest.approx(prediction.sum() * 0.006)
    assert found["volume_difference_ml"] == pytest.approx(found["predicted_ml"] - found["reference_ml"])


def test_a_missed_structure_scores_worse_than_the_worst_that_was_found():
    corner, opposite = box((0, 1), (0, 1), (0, 1)), box((9, 10), (7, 8), (5, 6))
    missed, found = score_masks(corner, EMPTY, GRID), score_masks(corner, opposite, GRID)
    assert missed["hd95_mm"] > found["hd95_mm"]
    assert missed["precision"] == 0.0, "a missed structure must not drop out of the mean precision"


def test_masks_of_other_shapes_are_refused():
    with pytest.raises(ValueError, match="one shape"):
        score_masks(EMPTY, EMPTY[:5], GRID)


def test_a_case_has_a_row_for_each_named_label_and_none_for_others():
    reference = np.zeros(SHAPE, np.uint8)
    reference[BOX] = 2
    rows = score_case("sub-01", reference, reference, GRID, {1: "air", 2: "bone"}, strategy="open", fold="0")
    assert [(r.case, r.label, r.label_name, r.scores.dice) for r in rows] == [
        ("sub-01", 1, "air", None),
        ("sub-01", 2, "bone", 1.0),
    ]
    assert all((r.strategy, r.fold) == ("open", "0") for r in rows)


def test_not_applicable_is_an_empty_cell_and_missed_is_0_or_1(tmp_path):
    labels = np.zeros(SHAPE, np.uint8)
    labels[BOX] = 2
    rows = score_case("a", labels, labels * 0, GRID, {1: "air", 2: "bone"})
    write_scores(tmp_path / "scores.csv", rows)
    lines = (tmp_path / "scores.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == (
        "case,label,label_name,dice,jaccard,precision,recall,slice_dice,slice_iou,slices,hd95_mm,hd_mm,assd_mm,surface_dice,"
        "reference_ml,predicted_ml,missed"
    )
    assert lines[1] == "a,1,air,,,,,,,0,,,,,0,0,0"
    assert lines[2] == "a,2,bone,0,0,0,0,0,0,2,26.0768,26.0768,26.0768,0,0.192,0,1"


def test_scores_of_a_job_come_back_as_they_were_written(tmp_path):
    labels = np.zeros(SHAPE, np.uint8)
    labels[BOX] = 1
    rows = score_case('é, "x"', labels, labels, GRID, {1: "a", 2: "b"}, strategy="hybrid:fusion=average", fold="test")
    write_scores(tmp_path / "scores.csv", rows, of_job=True)
    assert read_scores(tmp_path / "scores.csv") == rows
    assert ["strategy", "fold", *score_columns()] == score_columns(of_job=True)


def test_a_file_that_is_not_scores_is_refused_with_its_line(tmp_path):
    (tmp_path / "scores.csv").write_text("case,label\na,1\n")
    with pytest.raises(InputError, match="line 2"):
        read_scores(tmp_path / "scores.csv")


def test_scores_of_before_a_metric_existed_are_read_and_it_does_not_apply(tmp_path):
    (tmp_path / "scores.csv").write_text("case,label,label_name,dice,missed\na,1,bone,0.5,0\nb,1,bone,,0\n")
    first, second = read_scores(tmp_path / "scores.csv")
    assert (first.scores.dice, first.scores["hd95_mm"], first.scores["volume_difference_ml"]) == (0.5, None, None)
    assert second.scores.dice is None


def test_a_distance_must_say_what_a_missed_structure_is_worth():
    with pytest.raises(ValueError, match="`worst` and `perfect`"):
        Metric("far_mm", "Far", "mm", "lower", 1, "How far.", lambda pair: 1.0)


def test_the_dice_of_two_masks_is_that_of_the_scores():
    other = box((3, 7), (2, 6), (2, 4))
    assert dice(BOX, other) == dice_of_counts(24, 32, 32) == score_masks(BOX, other, GRID).dice == 0.75
    assert dice(BOX, EMPTY) == 0
    assert dice(EMPTY, EMPTY) is None
