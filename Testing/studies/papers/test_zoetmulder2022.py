import csv
import io

import pytest
from made_results import made_results, made_rows

from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.grid import Study, cells, parse_study, study_text
from TransferSegLib.studies.papers.zoetmulder2022 import PAPER
from TransferSegLib.studies.papers.zoetmulder2022.figures import figure_3_detection, figure_3_dice, figure_4
from TransferSegLib.studies.papers.zoetmulder2022.grid import ANATOMY, MS, SIZES, SOURCES, STROKE, TRANSFER
from TransferSegLib.studies.papers.zoetmulder2022.rows import cutoffs, detected_share, detection, of_target
from TransferSegLib.studies.papers.zoetmulder2022.tables import (
    ms_detection_table,
    stroke_detection_table,
    stroke_table,
    table_1,
    table_2,
)
from TransferSegLib.studies.plan import make_phantoms, plan_study
from TransferSegLib.studies.results import Results, read_results, write_results
from TransferSegLib.studies.table_text import as_csv

SPREAD = (-0.03, -0.02, -0.01, 0.0, 0.0, 0.01, 0.02, 0.03)
# Tables 1 and 2 of the paper, in the order of its sources; of stroke, whose numbers are in no table, what its words say.
ANATOMY_IOU = (0.62, 0.58, 0.59, 0.56, 0.57, 0.55, 0.52)
MS_DICE = (0.16, 0.12, 0.14, 0.14, 0.16, 0.13, 0.17)
STROKE_DICE = (0.50, 0.44, 0.40, 0.42, 0.46, 0.38, 0.45)
# Of ten lesions of each case, how many are found above 20 % overlap.
STROKE_FOUND = (7, 5, 5, 5, 5, 5, 8)
MS_FOUND = (5, 7, 4, 5, 5, 5, 8)


def scored(source, target, *, dice=0.0, iou=0.0, found=0, size=20, draw=0):
    """Eight cases, of which each has ten lesions, four of them above 1 mL; above 0 % overlap two more are found."""
    factors = {"strategy": TRANSFER, "source": source, "target": target, "size": size, "draw": draw}
    dices = [dice + shift for shift in SPREAD]
    ious = [iou + shift for shift in SPREAD]
    if target == ANATOMY:
        # Two structures around a mean of `iou`.
        rows = made_rows(factors, {"white matter": dices}, slice_iou=[value + 0.1 for value in ious])
        return rows + made_rows(factors, {"cerebellum": dices}, slice_iou=[value - 0.1 for value in ious])
    counts = {
        "lesions_0pct_0ml": 10,
        "detected_0pct_0ml": found + 2,
        "lesions_20pct_0ml": 10,
        "detected_20pct_0ml": found,
        "lesions_0pct_1ml": 4,
        "detected_0pct_1ml": 4,
        "lesions_20pct_1ml": 4,
        "detected_20pct_1ml": 3,
    }
    lesion = made_rows(factors, {"lesion": dices}, slice_dice=dices, **{name: [n] * 8 for name, n in counts.items()})
    return lesion + made_rows(factors, {"bone": [0.99] * 8}, slice_dice=[0.99] * 8)


def as_in_the_paper():
    found = []
    for n, one in enumerate(SOURCES):
        found += [
            scored(one.name, STROKE, dice=STROKE_DICE[n] - 0.1, found=STROKE_FOUND[n], size=10, draw=draw)
            for draw in (0, 1)
        ]
        found += [
            scored(one.name, STROKE, dice=STROKE_DICE[n], found=STROKE_FOUND[n] - draw, size=100, draw=draw)
            for draw in (0, 1)
        ]
        found.append(scored(one.name, MS, dice=MS_DICE[n], found=MS_FOUND[n]))
        found.append(scored(one.name, ANATOMY, iou=ANATOMY_IOU[n]))
    return made_results(*found)


def lines(table):
    return list(csv.DictReader(io.StringIO(as_csv(table))))


def test_the_grid_has_seven_sources_ten_sizes_and_ten_draws_of_stroke_and_the_epochs_of_each_target():
    found = cells(PAPER.grid)
    assert len(found) == 7 * (len(SIZES) * 10 + 1 + 1)
    assert {c.factors["size"] for c in found if c.factors["target"] == STROKE} == set(range(10, 101, 10))
    epochs = {(c.factors["target"], c.factors["epochs"]) for c in found}
    assert epochs == {(STROKE, 30), (MS, 60), (ANATOMY, 300)}
    assert {c.factors["strategy"] for c in found} == {"encoder-transfer"}
    tasks = {(one.domain, one.task) for one in SOURCES}
    assert tasks == {
        (domain, task) for domain in ("t1w", "natural") for task in ("segmentation", "autoencoding", "classification")
    } | {("imagenet", "classification")}
    for study in (PAPER.grid, PAPER.quick):
        assert parse_study(study_text(study), "study.yaml") == study


def test_lesions_are_scored_in_the_targets_that_have_them_and_only_what_is_needed_is_made_up(tmp_path):
    text = study_text(PAPER.quick)
    few = parse_study(text, "study.yaml")
    from_t1w = [{**grid, "source": "t1w-segmentation"} for grid in few.grids]
    small = {name: replaced(data, voxels=(32, 32, 8)) for name, data in few.data.items()}
    study = Study(**{**vars(few), "grids": tuple(from_t1w), "data": small})
    folder = StudyFolder(tmp_path / "study")
    make_phantoms(study, folder)
    assert sorted(path.name.split(".")[0] for path in folder.data.iterdir()) == ["anatomy", "ms", "stroke", "t1w"]
    plan = plan_study(study, folder)
    scored_lesions = {cell.factors["target"]: task.spec.lesions is not None for cell, task in plan.cells}
    assert scored_lesions == {STROKE: True, MS: True, ANATOMY: False}


def replaced(data, **changes):
    from dataclasses import replace

    return replace(data, **changes)


def test_tables_1_and_2_have_a_row_a_source_in_the_papers_order_and_the_papers_best():
    results = as_in_the_paper()
    (anatomy,), (ms,) = table_1(results), table_2(results)
    assert [row.heads[1] for row in anatomy.rows] == [one.title for one in SOURCES]
    assert [row.heads[0] for row in anatomy.rows] == ["Equal Domain: T1 MR"] * 3 + [
        "Unequal Domain: Natural Images"
    ] * 4
    assert [round(float(line["mIOU"]), 2) for line in lines(anatomy)] == list(ANATOMY_IOU)
    assert [round(float(line["Dice"]), 2) for line in lines(ms)] == list(MS_DICE)
    assert [row.entries[0].best for row in anatomy.rows] == [True] + [False] * 6
    assert [row.entries[0].best for row in ms.rows] == [False] * 6 + [True]
    # All eight cases differ by as much: p = 2/256, times six rows. A source that is as good differs in none.
    assert [row.entries[0].marks for row in anatomy.rows] == ["", *["*"] * 6]
    assert [row.entries[0].marks for row in ms.rows] == ["", "*", "*", "*", "", "*", "*"]


def test_stroke_is_shown_over_sizes_with_draws_averaged_in_each_case():
    (table,) = stroke_table(as_in_the_paper())
    assert [column.title for column in table.columns] == ["10 scans", "100 scans"]
    assert [round(float(line["100 scans"]), 2) for line in lines(table)] == list(STROKE_DICE)
    assert len(table.rows[0].entries[0].values) == 8


def test_lesions_are_counted_at_each_cutoff_over_all_cases_alike_and_of_stroke_in_one_draw():
    results = as_in_the_paper()
    (stroke,), (ms,) = stroke_detection_table(results), ms_detection_table(results)
    assert [column.whole_title for column in stroke.columns] == [
        "Overlap above 0 % from 0 mL",
        "Overlap above 0 % from 1 mL",
        "Overlap above 20 % from 0 mL",
        "Overlap above 20 % from 1 mL",
    ]
    assert [round(row.entries[2].mean, 2) for row in stroke.rows] == [n / 10 for n in STROKE_FOUND]
    assert [round(row.entries[0].mean, 2) for row in ms.rows] == [(n + 2) / 10 for n in MS_FOUND]
    assert {row.entries[3].mean for row in ms.rows} == {0.75}
    # A case with one lesion of two counts less than nine others with all of theirs.
    rows = made_rows({"strategy": TRANSFER}, {"lesion": [0.1, 0.2]}, lesions_0pct_0ml=[2, 9], detected_0pct_0ml=[1, 9])
    some = made_results(rows)
    assert cutoffs(some) == ((0.0,), (0.0,))
    assert detected_share(some, 0.0, 0.0) == pytest.approx(10 / 11)
    assert detection(some, 0.0, 0.0) == {"case-0": 0.5, "case-1": 1.0}
    # No lesion is that large: there is no share.
    assert detected_share(some, 0.0, 5.0) is None and detection(some, 0.0, 5.0) == {}


def test_the_lesion_alone_counts_for_stroke_and_all_labels_for_anatomy_also_after_a_file(tmp_path):
    results = as_in_the_paper()
    write_results(tmp_path / "results.csv", results)
    for found in (results, read_results(tmp_path / "results.csv")):
        assert of_target(found, STROKE).levels("label") == ("lesion",)
        assert of_target(found, ANATOMY).levels("label") == ("white matter", "cerebellum")


def test_results_like_the_papers_show_its_claims():
    results = as_in_the_paper()
    assert {claim.name: claim.judge(results).outcome for claim in PAPER.claims} == dict.fromkeys(
        (claim.name for claim in PAPER.claims), "seen"
    )


def test_the_opposite_of_the_paper_is_not_seen():
    """Each source has the place of the one that the paper has at the other end."""
    found = []
    for n, one in enumerate(SOURCES):
        other = {0: 6, 6: 0, 1: 2, 2: 1, 3: 4, 4: 5, 5: 4}[n]
        found.append(scored(one.name, STROKE, dice=STROKE_DICE[other], found=STROKE_FOUND[other], size=100))
        found.append(scored(one.name, MS, dice=MS_DICE[other], found=MS_FOUND[other]))
        found.append(scored(one.name, ANATOMY, iou=ANATOMY_IOU[other]))
    results = made_results(*found)
    outcomes = {claim.name: claim.judge(results).outcome for claim in PAPER.claims}
    assert outcomes["equal-segmentation-is-best-for-anatomy"] == "not seen"
    assert outcomes["equal-segmentation-beats-imagenet-for-stroke"] == "not seen"
    assert outcomes["imagenet-is-slightly-better-for-ms"] == "not seen"
    assert outcomes["imagenet-detects-more-lesions"] == "not seen"
    assert outcomes["self-supervision-is-best-for-stroke-in-the-unequal-domain"] == "not seen"
    assert outcomes["classification-is-worst-for-stroke"] == "not seen"
    assert outcomes["self-supervision-detects-most-ms-lesions"] == "not seen"


def test_figures_3_and_4_have_a_panel_a_comparison_with_the_numbers_of_the_tables(tmp_path):
    folder, results = StudyFolder(tmp_path), as_in_the_paper()
    dice = figure_3_dice(folder, results)
    assert [axes.get_title(loc="left") for axes in dice.axes] == [
        "(a) Equal domain",
        "(b) Unequal domain",
        "(c) All of ImageNet",
    ]
    heights = sorted(
        round(float(line.get_ydata()[-1]), 2) for line in dice.axes[2].lines if line.get_linestyle() != "None"
    )
    assert {0.45, 0.50} <= set(heights)
    for figure in (figure_3_detection(folder, results), figure_4(folder, results)):
        assert len(figure.axes) == 6
        assert figure.axes[3].get_title(loc="left") == "(a) Equal domain, overlap above 20 %"


def test_without_results_every_claim_cannot_be_told_and_no_table_has_rows(tmp_path):
    for claim in PAPER.claims:
        assert claim.judge(Results(())).outcome == "cannot tell"
    assert not any(table.rows for one in PAPER.tables for table in one.build(Results(())))
    assert all(one.draw(StudyFolder(tmp_path), Results(())) is None for one in PAPER.figures)
