import csv
import io

import pytest
from made_results import made_results, made_rows

from TransferSegLib.studies.entries import label_of_interest
from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.grid import cells, parse_study, study_text
from TransferSegLib.studies.papers.hossain2023 import PAPER
from TransferSegLib.studies.papers.hossain2023.grid import FULL, PARTIAL, SIZES, WITH, WITHOUT
from TransferSegLib.studies.papers.hossain2023.tables import table_4_1, table_4_2, table_4_3
from TransferSegLib.studies.results import Results
from TransferSegLib.studies.table_text import as_csv

SPREAD = (-0.04, -0.03, -0.02, -0.01, 0.0, 0.0, 0.01, 0.02, 0.03, 0.04)


def trained(
    strategy, size, augment, dice, hd95=1.0, network="ratlesnetv2", seconds=10.0, source="model-of-rats", draw=0
):
    factors = {
        "strategy": strategy,
        "size": size,
        "augment": augment,
        "network": network,
        "source": source,
        "draw": draw,
    }
    return made_rows(
        {**factors, "target": "mice"},
        {"lesion": [dice + shift for shift in SPREAD], "bone": [0.99] * 10},
        training={"converged_step": 10, "step_s": seconds / 10},
        hd95_mm=[hd95 + shift for shift in SPREAD],
    )


def from_scratch(network, augment, dice, size=60):
    return trained("scratch", size, augment, dice, network=network, seconds=50.0, source="none")


PARTIAL_DICE = {8: 0.73, 16: 0.80, 24: 0.81, 32: 0.83, 40: 0.87}


def as_in_the_paper():
    """Results like tables 4.1 to 4.3; the UNet and the largest sample are a little closer, so that claims are sharp."""
    few_help = {8: 0.03, 16: 0.0, 24: 0.0, 32: 0.0, 40: 0.0}
    found = []
    for size, dice in PARTIAL_DICE.items():
        hd95 = 2.0 if size == 8 else 0.9
        found += [
            trained(PARTIAL, size, WITHOUT, dice, hd95),
            trained(PARTIAL, size, WITH, dice + few_help[size], 0.8),
            trained(FULL, size, WITHOUT, dice - 0.03, hd95),
            trained(FULL, size, WITH, dice - 0.03 + few_help[size], 0.8),
        ]
    for augment in (WITHOUT, WITH):
        found += [from_scratch("monai-unet:channels=4-8", augment, 0.88), from_scratch("dynunet", augment, 0.77)]
        found += [from_scratch("unetr", augment, 0.80)]
    return made_results(*found, from_scratch("monai-unet", WITH, 0.78, size=40))


def lines(table):
    return list(csv.DictReader(io.StringIO(as_csv(table))))


def test_the_grid_has_both_ways_all_sizes_with_and_without_augmentation_and_three_networks():
    found = cells(PAPER.grid)
    keys = {(c.factors["strategy"], c.factors["size"], c.factors["augment"]) for c in found}
    for strategy in (PARTIAL, FULL):
        assert {(strategy, size, augment) for size in SIZES for augment in (WITHOUT, WITH)} <= keys
    networks = {str(c.factors["network"]).split(":")[0] for c in found if c.factors["strategy"] == "scratch"}
    assert networks == {"monai-unet", "dynunet", "unetr"}
    # 2 ways, 5 sizes, with and without; 3 networks, with and without; the UNet with 40 cases.
    assert len(found) == 2 * 5 * 2 + 3 * 2 + 1
    # All that is tuned takes as many steps, whatever the number of cases.
    assert "steps" not in PAPER.grid.training and "epochs" not in PAPER.grid.training
    for study in (PAPER.grid, PAPER.quick):
        assert parse_study(study_text(study), "study.yaml") == study


def test_the_lesion_is_scored_where_there_is_one_and_else_the_only_label_or_all():
    assert label_of_interest(as_in_the_paper()) == "lesion"
    assert label_of_interest(made_results(made_rows({"strategy": "open"}, {"Tumour": [0.1]}))) == "Tumour"
    assert (
        label_of_interest(made_results(made_rows({"strategy": "open"}, {"Anterior": [0.1], "Posterior": [0.2]})))
        is None
    )


def test_table_4_1_has_the_networks_with_all_cases_in_the_papers_columns():
    (table,) = table_4_1(as_in_the_paper())
    assert [row.heads[0] for row in table.rows] == ["3D UNet", "DynUnet", "UNetR"]
    assert [column.whole_title for column in table.columns] == [
        "Without augmentation Dice coefficient",
        "Without augmentation HD95 (mm)",
        "With augmentation Dice coefficient",
        "With augmentation HD95 (mm)",
    ]
    # The UNet with 40 cases is no part of it.
    assert float(lines(table)[0]["With augmentation Dice coefficient"]) == pytest.approx(0.88)
    assert table.title.endswith("(trained with 60 cases)") and "Scores of `lesion`." in table.notes
    # n - 1: the ten shifts have a sum of squares of 0.0060.
    assert float(lines(table)[0]["With augmentation Dice coefficient sd"]) == pytest.approx(
        (0.0060 / 9) ** 0.5, abs=1e-4
    )


def test_tables_4_2_and_4_3_have_a_row_a_size_and_compare_full_with_partial():
    results = as_in_the_paper()
    (partial,), (full,) = table_4_2(results), table_4_3(results)
    assert [row.heads[0] for row in partial.rows] == [f"{size} images" for size in SIZES]
    assert [round(row.entries[0].mean, 2) for row in partial.rows] == list(PARTIAL_DICE.values())
    assert [round(row.entries[2].mean, 2) for row in full.rows] == [0.73, 0.77, 0.78, 0.80, 0.84]
    # Best Dice is the highest, best HD95 the lowest.
    assert [row.entries[0].best for row in partial.rows] == [False] * 4 + [True]
    assert [row.entries[1].best for row in partial.rows] == [False] + [True] * 4
    # Full is 0.03 worse in all ten cases at every size; HD95 is the same.
    assert [row.entries[0].marks for row in full.rows] == ["*"] * 5
    assert [row.entries[1].marks for row in full.rows] == [""] * 5
    assert full.notes[0].startswith("* differs from partial fine-tuning with the same cases")


def test_results_like_the_papers_show_its_claims():
    results = as_in_the_paper()
    found = {claim.name: claim.judge(results) for claim in PAPER.claims}
    seen = {name for name, judged in found.items() if judged.outcome == "seen"}
    assert seen == {claim.name for claim in PAPER.claims} - {"converges-sooner"}
    assert "Dice 0.870 with partial fine-tuning with 40 cases" in found["few-are-nearly-as-good-as-all"].numbers
    # One training of each cannot exclude chance.
    assert found["converges-sooner"].outcome == "cannot tell"
    assert "10.0 with partial fine-tuning and 50.0 with the UNet" in found["converges-sooner"].numbers


def test_the_opposite_of_the_paper_is_not_seen():
    results = made_results(
        trained(PARTIAL, 8, WITHOUT, 0.85, 0.8),
        trained(PARTIAL, 8, WITH, 0.80, 2.0),
        trained(PARTIAL, 40, WITHOUT, 0.70),
        trained(PARTIAL, 40, WITH, 0.80),
        trained(FULL, 8, WITHOUT, 0.95, 0.8),
        trained(FULL, 8, WITH, 0.90, 2.0),
        trained(FULL, 40, WITHOUT, 0.80),
        trained(FULL, 40, WITH, 0.90),
        from_scratch("monai-unet", WITH, 0.78, size=40),
        *[from_scratch("monai-unet", augment, 0.75) for augment in (WITHOUT, WITH)],
        *[from_scratch("dynunet", augment, 0.85) for augment in (WITHOUT, WITH)],
    )
    outcomes = {claim.name: claim.judge(results).outcome for claim in PAPER.claims}
    assert {name for name, outcome in outcomes.items() if outcome != "not seen"} == {"converges-sooner"}


def test_without_results_every_claim_cannot_be_told_and_no_table_has_rows(tmp_path):
    for claim in PAPER.claims:
        assert claim.judge(Results(())).outcome == "cannot tell"
    assert not any(table.rows for one in PAPER.tables for table in one.build(Results(())))
    assert all(one.draw(StudyFolder(tmp_path), Results(())) is None for one in PAPER.figures)
