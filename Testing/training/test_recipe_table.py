"""The table of a recipe against its paper: what a person reads before a job is started."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from TransferSegLib.training.options import TrainingOptions
from TransferSegLib.training.recipes import RECIPES
from TransferSegLib.training.recipes.table import HEADS, WIDTHS, Row, recipe_fields, recipe_rows, table_text


def rows(**given) -> dict[str, Row]:
    return {row.what: row for row in recipe_rows(TrainingOptions(**given))}


def test_the_usual_recipe_has_no_paper_to_be_held_against():
    assert recipe_rows(TrainingOptions()) == ()


def test_a_row_says_what_the_paper_says_and_what_is_done_here():
    assert rows(recipe="mecheter2023")["Weight decay"] == Row("Weight decay", "0.0005 (§3.5)", "0.0005", "")
    assert rows(recipe="zoetmulder2022")["Optimiser"].differs.startswith("Adam")


def test_what_a_person_changed_is_said_to_be_their_choice():
    changed = rows(recipe="mecheter2023", weight_decay=1e-3, epochs=7)
    assert (changed["Weight decay"].here, changed["Weight decay"].differs) == ("0.001", "chosen by --weight-decay")
    assert (changed["Epochs"].here, changed["Epochs"].differs) == ("7 epochs", "chosen for this job")
    assert rows(recipe="hossain2023", minutes=2.0)["Steps"].here == "2.0 minutes"


def test_another_schedule_is_told_with_its_own_numbers():
    told = "follows from `--lr-schedule half`"
    changed = rows(recipe="karimi2021", lr_schedule="half")
    assert (changed["Learning rate falls by"].here, changed["Learning rate falls by"].differs) == ("0.1", told)
    assert (changed["Learning rate waits for"].here, changed["Learning rate waits for"].differs) == ("–", told)
    assert rows(recipe="hossain2023", lr_schedule="cosine")["Learning rate falls by"].here == "–"


def test_from_scratch_the_table_has_the_numbers_from_scratch():
    scratch = TrainingOptions(recipe="mecheter2020").for_training(carried=False)
    found = {row.what: (row.here, row.differs) for row in recipe_rows(scratch)}
    assert found["Learning rate"] == ("0.001", "")
    assert found["Epochs"] == ("300", "")


@pytest.mark.parametrize("name", RECIPES)
def test_the_text_has_every_row_and_no_line_is_too_wide(name):
    options = TrainingOptions(recipe=name)
    text = table_text(recipe_rows(options))
    assert all(head in text.splitlines()[0] for head in HEADS)
    assert max(map(len, text.splitlines())) <= sum(WIDTHS) + 6
    assert all(row.what.split()[0] in text for row in recipe_rows(options))


def test_a_job_can_write_down_every_setting():
    fields = recipe_fields(TrainingOptions(recipe="mecheter2023"))
    assert (fields["patch_size"], fields["loss"], fields["recipe"]) == ([128, 128, 48], "ce", "mecheter2023")


def test_the_page_about_recipes_has_the_tables_that_follow_from_them():
    made = runpy.run_path(str(Path(__file__).resolve().parents[2] / "docs" / "make_recipe_tables.py"))
    assert made["PAGE"].read_text(encoding="utf-8") == made["page_text"](), "run python docs/make_recipe_tables.py"
