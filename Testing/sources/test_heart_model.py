"""The model of the heart that ships, and the stack beside it."""

from __future__ import annotations

import runpy

import numpy as np
import pytest

from TransferSegLib.cases.digests import digests_of
from TransferSegLib.cases.volumes import read_labels, read_volume, write_volume
from TransferSegLib.cli import main
from TransferSegLib.core.card import read_card
from TransferSegLib.core.case_set import Case
from TransferSegLib.core.grid import Grid
from TransferSegLib.evaluation.scores import LabelScores, ScoreRow
from TransferSegLib.sources.catalogue import bundled_folder

FOLDER = bundled_folder() / "heart-cine-mr"
RECIPES = runpy.run_path(str(bundled_folder().parent / "make_source_models.py"))
# The volume of the contours of the stack that ships, at the voxel size that the recipe assumes.
SAMPLE_ML = 156.2


def test_the_card_has_its_recipes_words_and_the_scores_of_both_phases():
    card, recipe = read_card(FOLDER), RECIPES["RECIPES"]["heart-cine-mr"]
    assert card.description == recipe.card["description"]
    assert "Pixels were taken to be 1.37 mm wide" in card.description
    assert card.licence == "CC0-1.0" and card.citation.startswith("Radau P")
    assert card.preprocessing.slices_last and card.inference.largest_component == ("left ventricle",)
    scores = {how: (found[0].cases, found[0].dice) for how, found in card.scores_by_how.items()}
    both, diastole, systole = scores.values()
    assert [cases for cases, _ in scores.values()] == [30, 15, 15]
    assert diastole[1] > 0.88 and systole[1] > 0.82
    assert both[1] == pytest.approx((diastole[1] + systole[1]) / 2, abs=1e-4) and both[1] >= 0.85


def test_model_card_and_stack_take_less_than_6_mb():
    files = {path.name: path.stat().st_size for path in FOLDER.iterdir()}
    assert set(files) == {"card.json", "weights.safetensors", "sample.nii.gz"}
    assert sum(files.values()) < 6e6


def test_the_stack_that_ships_was_not_trained_on():
    [digest] = digests_of(Case("sample", (FOLDER / "sample.nii.gz",), None)).images
    seen = read_card(FOLDER).seen
    assert len(seen) == 60 and digest not in seen


def test_the_ventricle_is_found_in_the_stack_that_ships_and_in_one_that_lies_otherwise(tmp_path):
    stack = read_volume(FOLDER / "sample.nii.gz")
    turn = np.array([[0.8, 0, 0.6, 0], [0.6, 0, -0.8, 0], [0, 1, 0, 0], [0, 0, 0, 1]])  # slices to the front now
    write_volume(tmp_path / "turned.nii.gz", stack.array, Grid(stack.grid.size, turn @ stack.grid.affine))
    images = [str(FOLDER / "sample.nii.gz"), str(tmp_path / "turned.nii.gz")]
    out = str(tmp_path / "found")
    assert main(["segment", "--model", "heart-cine-mr", "--images", *images, "--copies", "1", "--out", out]) == 0
    for name in ("sample", "turned"):
        found = read_labels(tmp_path / "found" / f"{name}.nii.gz")
        assert found.array.sum() * found.grid.voxel_ml == pytest.approx(SAMPLE_ML, rel=0.15), name
        assert (found.array.sum((0, 1)) > 0).all(), name  # the cavity is in every slice


def test_scores_of_a_phase_are_the_means_of_its_cases_alone():
    def row(case: str, dice: float, hd95_mm: float | None) -> ScoreRow:
        return ScoreRow(case, 1, "a", LabelScores({"dice": dice, "hd95_mm": hd95_mm}))

    rows = [row("p1-ed", 0.9, 4.0), row("p2-ed", 0.7, None), row("p1-es", 0.5, 8.0)]
    found = RECIPES["scores_of_phases"]({"-ed": "full", "-es": "empty"}, rows)
    assert [(one.label, one.dice, one.hd95_mm, one.cases, one.how) for one in found] == [
        ("a", 0.8, 4.0, 2, "mean over 2 patients, full"),
        ("mean over labels", 0.8, 4.0, 2, "mean over 2 patients, full"),
        ("a", 0.5, 8.0, 1, "mean over 1 patients, empty"),
        ("mean over labels", 0.5, 8.0, 1, "mean over 1 patients, empty"),
    ]
