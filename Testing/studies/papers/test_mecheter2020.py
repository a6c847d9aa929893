import csv
import io

import pytest
from made_results import made_results, made_rows

from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.grid import cells, parse_study, study_text
from TransferSegLib.studies.papers.mecheter2020 import PAPER
from TransferSegLib.studies.papers.mecheter2020.grid import DECODER, OTHER, PROPOSED
from TransferSegLib.studies.papers.mecheter2020.tables import table_1, table_2, table_3
from TransferSegLib.studies.results import Results
from TransferSegLib.studies.table_text import as_csv

SPREAD = (-0.02, -0.01, 0.01, 0.02)


def scored(strategy, air, soft, bone, *, source=PROPOSED, target="t2w", **more):
    """Two folds of four patients each around a mean Dice for each tissue."""
    rows = []
    for fold in range(2):
        dices = {
            name: [mean + s for s in SPREAD] for name, mean in (("bone", bone), ("soft tissue", soft), ("air", air))
        }
        factors = {"strategy": strategy, "source": source, "target": target, "fold": fold, **more}
        times = {"slice_s": 0.005 + 0.002 * fold} | ({} if strategy == "direct" else {"seconds": 600.0})
        rows += made_rows(factors, dices, first_case=4 * fold, training=times)
    return rows


def as_in_the_paper():
    """The numbers of tables I to III."""
    return made_results(
        scored("direct", 0.98, 0.92, 0.79, target="t1w"),
        scored("direct", 0.97, 0.90, 0.66, source=OTHER, target="t1w"),
        scored("direct", 0.84, 0.57, 0.07, source=OTHER, target="t1w", smoothing_mm=2.0),
        scored("direct", 0.97, 0.85, 0.51),
        *[
            scored(f"conservative:layers={n}", 0.97, 0.87, bone)
            for n, bone in ((2, 0.50), (4, 0.58), (6, 0.60), (8, 0.61))
        ],
        scored(DECODER, 0.97, 0.87, 0.63),
    )


def lines(table):
    return list(csv.DictReader(io.StringIO(as_csv(table))))


def test_the_grid_has_the_rows_of_the_tables_in_two_folds():
    found = {
        (c.factors["strategy"], c.factors["source"], c.factors["target"], c.factors["fold"]) for c in cells(PAPER.grid)
    }
    for fold in (0, 1):
        assert {("direct", source, "t1w", fold) for source in (PROPOSED, OTHER)} <= found
        assert {(f"conservative:layers={n}", PROPOSED, "t2w", fold) for n in (2, 4, 6, 8)} <= found
        assert {("direct", PROPOSED, "t2w", fold), (DECODER, PROPOSED, "t2w", fold)} <= found
    # The two sources and six ways in two folds, and the other source's segmentations smoothed.
    assert len(cells(PAPER.grid)) == 2 * (2 + 6 + 1)
    for study in (PAPER.grid, PAPER.quick):
        assert parse_study(study_text(study), "study.yaml") == study


def test_table_i_has_a_row_a_metric_and_a_column_a_tissue_of_the_t1_weighted_heads_alone():
    (table,) = table_1(as_in_the_paper())
    assert [row.heads[0] for row in table.rows] == ["Precision", "Recall", "Dice", "Jaccard Index"]
    assert [column.title for column in table.columns] == ["Air", "Soft tissue", "Bone"]
    dice = lines(table)[2]
    assert [round(float(dice[name]), 2) for name in ("Air", "Soft tissue", "Bone")] == [0.98, 0.92, 0.79]


def test_table_ii_compares_the_two_trainings_case_by_case():
    (table,) = table_2(as_in_the_paper())
    assert [row.heads[0] for row in table.rows] == ["Segnet", "Segnet + smoothing", "Proposed method"]
    assert [round(float(line["Bone"]), 2) for line in lines(table)] == [0.66, 0.07, 0.79]
    # All eight patients are better: p = 2/256.
    assert [entry.marks for entry in table.rows[2].entries] == ["*", "*", "*"] and table.rows[2].entries[2].best


def test_table_iii_goes_from_the_model_as_it_is_over_the_layers_to_the_decoder():
    (table,) = table_3(as_in_the_paper())
    assert [row.heads[0] for row in table.rows] == [
        "Transfer learning",
        *(f"Finetune: {n} CONV" for n in (2, 4, 6, 8)),
        "Finetune: Decoder",
    ]
    assert [round(float(line["Bone"]), 2) for line in lines(table)] == [0.51, 0.50, 0.58, 0.60, 0.61, 0.63]
    assert table.rows[-1].entries[2].best and not table.rows[0].entries[2].best
    # §IV-C: ten minutes to tune, six milliseconds a slice. Nothing is trained in the first row.
    assert [line["A slice (ms)"] for line in lines(table)] == ["6.0000"] * 6
    assert [line["Training (s)"] for line in lines(table)] == ["", *["600.000"] * 5]
    # Air is alike in all rows.
    assert all(row.entries[0].best and row.entries[0].marks == "" for row in table.rows)


def test_results_like_the_papers_show_its_claims():
    found = {claim.name: claim.judge(as_in_the_paper()) for claim in PAPER.claims}
    assert {name for name, judged in found.items() if judged.outcome == "seen"} == set(found)
    assert "from 0.500 with Finetune: 2 CONV to 0.610 with Finetune: 8 CONV" in found["more-layers-more-bone"].numbers


def test_the_opposite_of_the_paper_is_not_seen():
    results = made_results(
        scored("direct", 0.60, 0.70, 0.79, target="t1w"),
        scored("direct", 0.97, 0.90, 0.90, source=OTHER, target="t1w"),
        scored("direct", 0.90, 0.85, 0.71),
        *[scored(f"conservative:layers={n}", 0.97, 0.87, 0.7 - n / 50) for n in (2, 4, 6, 8)],
        scored(DECODER, 0.97, 0.87, 0.43),
    )
    assert {claim.judge(results).outcome for claim in PAPER.claims} == {"not seen"}


def test_without_results_every_claim_cannot_be_told_and_no_table_has_rows(tmp_path):
    for claim in PAPER.claims:
        assert claim.judge(Results(())).outcome == "cannot tell"
    assert not any(table.rows for one in PAPER.tables for table in one.build(Results(())))
    assert all(one.draw(StudyFolder(tmp_path), Results(())) is None for one in PAPER.figures)


def test_a_data_set_without_bone_has_its_own_labels_in_the_tables():
    results = made_results(
        made_rows({"strategy": "direct", "source": PROPOSED, "target": "t2w"}, {"Liver": [0.5, 0.7]})
    )
    (table,) = table_3(results)
    assert [column.title for column in table.columns] == ["Liver", "Training (s)", "A slice (ms)"]
    assert table.rows[0].entries[0].mean == pytest.approx(0.6)
