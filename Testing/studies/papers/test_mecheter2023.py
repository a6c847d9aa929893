import csv
import io
from dataclasses import replace

import pytest
from made_results import made_results, made_rows

from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.grid import cells, parse_study, study_text
from TransferSegLib.studies.papers.mecheter2023 import PAPER
from TransferSegLib.studies.papers.mecheter2023.grid import LAYERS, OF_BOTH, OF_T1W
from TransferSegLib.studies.papers.mecheter2023.tables import table_3, table_4, table_5, table_9, tables_6_to_8
from TransferSegLib.studies.results import Results
from TransferSegLib.studies.table_text import as_csv

FROM_T1W = {"source": OF_T1W, "target": "t2w"}
# Ten patients: what each adds to the mean.
SPREAD = (-0.04, -0.03, -0.02, -0.01, 0.0, 0.0, 0.01, 0.02, 0.03, 0.04)
FIRST_OF_FOLD = (0, 4, 7, 10)


def trained(strategy, bone, soft, air, *, size=6, seconds=10.0, wobble=0.0, **factors):
    """Three folds of ten patients around a mean Dice for each tissue; `wobble` scatters the patients up and down."""
    rows = []
    for fold in range(3):
        place = slice(FIRST_OF_FOLD[fold], FIRST_OF_FOLD[fold + 1])
        shifts = [shift + wobble * (-1) ** n for n, shift in enumerate(SPREAD)][place]
        dices = {
            name: [mean + s for s in shifts] for name, mean in (("air", air), ("soft tissue", soft), ("bone", bone))
        }
        training = {"converged_step": 10, "step_s": seconds / 10}
        rows += made_rows(
            {**FROM_T1W, "strategy": strategy, "fold": fold, "size": size, **factors},
            dices,
            first_case=place.start,
            training=training if strategy != "direct" else None,
        )
    return rows


def as_in_the_paper():
    """Results whose means are those of the paper's averages."""
    conservative = {0: 0.353, 3: 0.370, 6: 0.425, 9: 0.442, 12: 0.429, 15: 0.454, 18: 0.473}
    return made_results(
        trained("direct", 0.384, 0.846, 0.933),
        trained("open", 0.516, 0.821, 0.892, seconds=30.0),
        *[trained(f"conservative:layers={n}", dice, 0.81, 0.893, seconds=20.0) for n, dice in conservative.items()],
        *[
            trained(f"conservative:layers={n}", dice - 0.01 * n, 0.81, 0.893, size=2)
            for n, dice in conservative.items()
        ],
        trained("hybrid:fusion=concatenate", 0.454, 0.842, 0.885, seconds=8.0),
        trained("hybrid:fusion=multiply", 0.539, 0.800, 0.884, seconds=5.0),
        trained("direct", 0.54, 0.87, 0.94, source=OF_BOTH),
        made_rows({"strategy": "direct", "source": OF_T1W, "target": "t1w"}, {"bone": [0.65] * 8}),
        made_rows({"strategy": "direct", "source": OF_BOTH, "target": "t1w"}, {"bone": [0.65] * 8}),
    )


def lines(table):
    return list(csv.DictReader(io.StringIO(as_csv(table))))


def test_the_grid_has_every_layer_fusion_and_fold_of_the_paper_and_its_text_is_read_back():
    study = PAPER.grid
    found = {(cell.factors["strategy"], cell.factors["size"], cell.factors["fold"]) for cell in cells(study)}
    for fold in range(3):
        for layers in LAYERS:
            assert {(f"conservative:layers={layers}", size, fold) for size in (2, 4, 6, None)} <= found
        for fusion in ("concatenate", "multiply", "average", "maximum"):
            assert (f"hybrid:decoder=new:fusion={fusion}", None, fold) in found
    # Tables 3 to 8: 2 + 7 + 4 strategies in 3 folds; figure 5: 7 layers, 3 sizes; Table 9: 3 folds and both models on T1-w.
    assert len(cells(study)) == 13 * 3 + 7 * 3 * 3 + 3 + 2
    assert parse_study(study_text(study), "study.yaml") == study
    assert parse_study(study_text(PAPER.quick), "study.yaml") == PAPER.quick


def test_table_3_has_one_row_of_the_source_and_each_fold_of_open_fine_tuning_with_bone_first():
    (table,) = table_3(as_in_the_paper())
    assert [row.heads[0] for row in table.rows] == [
        "Transfer learning without fine tuning",
        *(f"Open fine tuning (fold = {n})" for n in (1, 2, 3)),
        "Open fine tuning (avg)",
    ]
    assert [column.whole_title for column in table.columns[:4]] == ["Bone PRE", "Bone REC", "Bone DSC", "Bone JSC"]
    assert [column.group for column in table.columns[::4]] == ["Bone", "Soft tissue", "Air"]
    average = lines(table)[-1]
    assert float(average["Bone DSC"]) == pytest.approx(0.516) and float(average["Air DSC"]) == pytest.approx(0.892)
    # The patients of the first fold are -0.04, -0.03, -0.02 and -0.01 from the mean.
    assert float(lines(table)[1]["Bone DSC"]) == pytest.approx(0.516 - 0.025)
    # Bold: bone of open fine tuning, and soft tissue and air of the source as it is, as the paper says.
    assert [table.rows[0].entries[n].best for n in (2, 6, 10)] == [False, True, True]
    assert table.rows[-1].entries[2].best


def test_table_4_goes_from_the_last_layer_alone_to_18_convolutions_and_leaves_out_smaller_sets():
    (table,) = table_4(as_in_the_paper())
    averages = [row.heads[0] for row in table.rows if row.kind == "average"]
    assert averages == [
        f"Fine tune {name} (avg)" for name in ("FC", "3 Conv", "6 Conv", "9 Conv", "12 Conv", "15 Conv", "18 Conv")
    ]
    assert len(table.rows) == 7 * 4
    assert float(lines(table)[-1]["Bone DSC"]) == pytest.approx(0.473)


def test_table_5_names_the_aggregations_as_the_paper_does():
    (table,) = table_5(as_in_the_paper())
    averages = [row.heads[0] for row in table.rows if row.kind == "average"]
    assert averages == ["Aggregation: concatenation (avg)", "Aggregation: multiplication (avg)"]


def test_tables_6_to_8_choose_layers_and_aggregation_by_the_dice_of_each_tissue():
    tables = tables_6_to_8(as_in_the_paper())
    assert [(t.number, t.name) for t in tables] == [
        ("Table 6", "table-6-bone"),
        ("Table 7", "table-7-soft-tissue"),
        ("Table 8", "table-8-air"),
    ]
    bone, soft, _ = tables
    assert [row.heads[0] for row in bone.rows] == [
        "Transfer learning without fine tuning",
        "Open fine tuning",
        "Conservative fine tuning (tune 18 Conv layers)",
        "Hybrid transfer learning (aggregation with multiplication)",
    ]
    assert soft.rows[-1].heads[0].endswith("(aggregation with concatenation)")
    # In all ten patients better: 2 / 1024 three times is far below 0.05.
    assert [row.entries[2].marks for row in bone.rows] == ["", "*", "*", "*"]
    assert any("sign-flip" in note for note in bone.notes) and any("95 % interval" in note for note in bone.notes)


def test_table_9_tests_both_models_on_both_sequences_with_the_difference_in_per_cent():
    (table,) = table_9(as_in_the_paper())
    assert [row.heads[0] for row in table.rows] == [
        "T1-w without augmentation",
        "T1-w with augmentation",
        "Difference percentage",
        "T2-w without augmentation",
        "T2-w with augmentation",
        "Difference percentage",
    ]
    found = lines(table)
    assert found[2]["Bone DSC"] == "0.00" and found[2]["unit"] == "%"
    assert float(found[5]["Bone DSC"]) == pytest.approx(100 * (0.54 - 0.384) / 0.384, abs=0.01)
    assert [row.entries[2].marks for row in table.rows] == ["", "", "", "", "*", ""]


def test_results_like_the_papers_show_its_claims():
    results = as_in_the_paper()
    found = {claim.name: claim.judge(results) for claim in PAPER.claims}
    seen = {name for name, judged in found.items() if judged.outcome == "seen"}
    assert seen >= {
        "open-finds-bone",
        "more-layers-more-bone",
        "layers-matter-less-elsewhere",
        "few-patients-few-layers",
        "fc-is-constant",
        "more-patients-more-bone",
        "augmentation-keeps-t1w",
        "augmentation-helps-t2w",
    }
    # Concatenation is 0.001 better for air: surely, and surely less than matters.
    assert found["concatenation-elsewhere"].outcome == "not seen"
    # Three folds cannot exclude chance, however fast the hybrid is.
    assert found["hybrid-is-fastest"].outcome == "cannot tell"
    assert "Hybrid, multiplication is number 1 of 9 by seconds to convergence" in found["hybrid-is-fastest"].numbers
    assert "went from 0.353 with FC to 0.473 with 18 Conv" in found["more-layers-more-bone"].numbers


def test_the_opposite_of_the_paper_is_not_seen():
    results = made_results(
        trained("direct", 0.516, 0.821, 0.892),
        trained("open", 0.384, 0.846, 0.933),
        *[trained(f"conservative:layers={n}", 0.5 - 0.01 * n, 0.8, 0.9) for n in LAYERS],
    )
    found = {claim.name: claim.judge(results).outcome for claim in PAPER.claims}
    for name in (
        "open-finds-bone",
        "source-is-best-elsewhere",
        "more-layers-more-bone",
        "layers-matter-less-elsewhere",
    ):
        assert found[name] == "not seen", name


def test_without_results_every_claim_cannot_be_told_and_no_table_has_rows(tmp_path):
    for claim in PAPER.claims:
        assert claim.judge(Results(())).outcome == "cannot tell"
    assert not any(table.rows for one in PAPER.tables for table in one.build(Results(())))
    assert all(one.draw(StudyFolder(tmp_path), Results(())) is None for one in PAPER.figures)


def test_figure_5_has_a_panel_a_tissue_and_a_line_for_each_number_of_patients(tmp_path):
    figure = next(one for one in PAPER.figures if one.name == "figure-5").draw(StudyFolder(tmp_path), as_in_the_paper())
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Bone", "Soft tissue", "Air"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["2 patients", "6 patients"]
    lines_of_bone = [line for line in figure.axes[0].lines if len(line.get_ydata()) == 7]
    assert list(lines_of_bone[1].get_ydata()) == pytest.approx([0.353, 0.370, 0.425, 0.442, 0.429, 0.454, 0.473])
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["FC", "3", "6", "9", "12", "15", "18"]


def test_figure_7_has_a_bar_for_all_that_is_trained_as_long_as_the_mean_time(tmp_path):
    figure = next(one for one in PAPER.figures if one.name == "figure-7").draw(StudyFolder(tmp_path), as_in_the_paper())
    (axes,) = figure.axes
    widths = dict(
        zip([t.get_text() for t in axes.get_yticklabels()], [bar.get_width() for bar in axes.patches], strict=True)
    )
    assert widths["Open fine tuning"] == pytest.approx(30.0) and widths["Hybrid, multiplication"] == pytest.approx(5.0)
    assert "Transfer learning without fine tuning" not in widths and len(widths) == 10


def test_where_no_bone_was_found_no_claim_about_bone_is_judged():
    results = made_results(
        *[trained(key, 0.04, 0.8, 0.9) for key in ("direct", "open", "hybrid:fusion=multiply")],
        *[trained(f"conservative:layers={n}", 0.04, 0.8, 0.9, size=size) for n in LAYERS for size in (2, 6)],
    )
    # All patients have a Dice of bone of 0 or next to it.
    rows = [replace(r, values={**r.values, "dice": 0.0, "precision": 0.0}) if r.label == "bone" else r for r in results]
    found = {claim.name: claim.judge(Results(tuple(rows))) for claim in PAPER.claims}
    about_bone = {name for name, judged in found.items() if judged.nothing_found}
    assert about_bone >= {
        "open-finds-bone",
        "more-layers-more-bone",
        "layers-matter-less-elsewhere",
        "few-patients-few-layers",
        "multiplication-is-best-for-bone",
        "18-layers-are-most-precise",
        "more-patients-more-bone",
    }
    assert not any(found[name].outcome == "seen" for name in about_bone)
