"""`transferseg rank`: which scans of a data set to annotate next, outside of a loop's folder."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from torch.nn.modules.module import register_module_forward_pre_hook

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cases.volumes import read_grid, read_labels
from TransferSegLib.cli import main
from TransferSegLib.core.card import CardMember, read_card
from TransferSegLib.core.records import to_json
from TransferSegLib.core.regions import Region
from TransferSegLib.loop import choosing
from TransferSegLib.loop.beginning import init_loop
from TransferSegLib.loop.correction import correction
from TransferSegLib.loop.effort import most_runs
from TransferSegLib.loop.folder import LoopFolder
from TransferSegLib.loop.model import LoopModel
from TransferSegLib.networks.staged import StagedNetwork
from TransferSegLib.sources.catalogue import find_source


@pytest.fixture
def table(phantoms, tmp_path):
    """table(annotated): a table of five heads, so many of them annotated."""
    cases = read_case_set(phantoms("t2w", 5)).cases

    def make(annotated: int, names: dict[str, str] | None = None) -> Path:
        path = tmp_path / f"{annotated} annotated" / "cases.csv"
        path.parent.mkdir()
        rows = [f"{case.name},{case.images[0]},{case.label if n < annotated else ''}" for n, case in enumerate(cases)]
        path.write_text("\n".join(["case,image,label", *rows]), encoding="utf-8")
        if names:
            (path.parent / "labels.json").write_text(json.dumps(names), encoding="utf-8")
        return path

    return make


def rank(capsys, *words: object) -> tuple[int, dict]:
    capsys.readouterr()
    code = main(["rank", *map(str, words), "--json"])
    return code, json.loads(capsys.readouterr().out or "{}")


def test_scans_without_a_segmentation_are_ranked_with_a_reason_and_a_prediction_on_their_grid(
    table, tiny_source, tmp_path, capsys
):
    target = table(2, {"1": "air", "2": "soft tissue", "3": "bone"})
    code, found = rank(capsys, "--source", tiny_source, "--target", target, "--out", tmp_path / "next", "--count", 2)
    cases = {case.name: case for case in read_case_set(target).cases}
    assert code == 0 and len(found["cases"]) == 2
    for one in found["cases"]:
        assert cases[one["case"]].label is None and 0 <= one["disagreement"] <= 1 and "gain" not in one
        assert one["reason"].startswith("By spread alone") and one["problem"]["code"] == "next-model-unsure"
        assert "over shifted copies of the image" in one["reason"], "it has no other networks"
        prediction = Path(one["prediction"])
        assert prediction == tmp_path / "next" / "to-correct" / f"{one['case']}.nii.gz"
        assert set(np.unique(read_labels(prediction).array)) <= {0, 1, 2, 3}
    assert main(["rank", "--source", str(tiny_source), "--target", str(target), "--out", str(tmp_path / "next")]) == 2
    assert "is not empty" in capsys.readouterr().err


def test_cases_that_validate_or_test_do_not_steer_what_is_annotated_next(table, tiny_source, tmp_path, monkeypatch):
    target = table(3)
    head, *rows = target.read_text(encoding="utf-8").splitlines()
    roles = ["train", "validation", "test", "", ""]
    lines = [f"{head},role", *(f"{row},{role}" for row, role in zip(rows, roles, strict=True))]
    target.write_text("\n".join(lines), encoding="utf-8")
    names = [row.split(",")[0] for row in rows]
    given: list[tuple[list[str], list[str]]] = []

    def note(folder, seed, cases, annotated, others, *rest):
        given.append((list(annotated), list(others)))
        return [], []

    monkeypatch.setattr(choosing, "_rank", note)
    choosing.rank_scans(LoopModel(find_source(tiny_source), target, device="cpu"), tmp_path / "next")
    assert given == [(names[:1], sorted(names[3:]))]


def test_before_anything_is_annotated_the_source_model_says_what_to_begin_with(table, tiny_source, tmp_path, capsys):
    code, found = rank(capsys, "--source", tiny_source, "--target", table(0), "--out", tmp_path / "next")
    assert code == 0 and len(found["cases"]) == 3
    assert all(one["prediction"] for one in found["cases"])
    assert "nothing is annotated that it could be compared with" in found["cases"][0]["reason"]


def test_a_label_of_another_name_is_the_source_models_where_the_map_says_so(table, tiny_source, tmp_path, capsys):
    target = table(1, {"1": "gas", "2": "soft tissue", "3": "bone"})
    code, found = rank(capsys, "--source", tiny_source, "--target", target, "--out", tmp_path / "one", "--count", 1)
    assert found["cases"][0]["prediction"] is None and "No model segments it yet" in found["cases"][0]["reason"]
    assert "`gas`" in found["problems"][0]
    (tmp_path / "map.json").write_text(json.dumps({"gas": "air"}), encoding="utf-8")
    words = ("--source", tiny_source, "--target", target, "--out", tmp_path / "two", "--count", 1)
    code, found = rank(capsys, *words, "--label-map", tmp_path / "map.json")
    assert code == 0 and found["cases"][0]["prediction"] is not None


@pytest.fixture
def ensemble(tiny_source, tmp_path) -> Path:
    """The tiny model with its own weights as those of a fold beside it, in windows of which an image has several."""
    folder = tmp_path / "ensemble"
    shutil.copytree(tiny_source, folder)
    (folder / "members").mkdir()
    shutil.copy(folder / "weights.safetensors", folder / "members" / "fold0.safetensors")
    card = read_card(folder)
    members = (CardMember("members/fold0.safetensors", str(card.weights_sha256)),)
    (folder / "card.json").write_text(json.dumps(to_json(replace(card, members=members, patch_size=(16, 16, 8)))))
    return folder


def test_of_an_ensemble_the_first_network_alone_is_asked_where_that_is_said(table, ensemble, tmp_path, capsys):
    windows = []

    def count(network, given):
        if isinstance(network, StagedNetwork):
            windows.append(len(given[0]))

    target, card = table(0), read_card(ensemble)
    grids = [read_grid(case.images[0]) for case in read_case_set(target).cases]
    for ensemble_of, with_members in (("folds", True), ("none", False)):
        windows.clear()
        hook = register_module_forward_pre_hook(count)
        try:
            words = ("--target", target, "--out", tmp_path / ensemble_of, "--ensemble", ensemble_of)
            code, found = rank(capsys, "--source", ensemble, *words)
        finally:
            hook.remove()
        assert code == 0 and len(found["cases"]) == 3
        assert sum(windows) == most_runs(card, grids, with_members) > 0
    assert most_runs(card, grids) == 2 * most_runs(card, grids, with_members=False)
    # Of images of one window each, seven shifted copies are asked.
    assert most_runs(replace(card, patch_size=(64, 64, 64)), grids[:2]) == 2 * 7 * 2
    assert most_runs(card, grids * 10) == 8 * most_runs(card, grids), "40 scans of 50 are looked at"


def test_where_all_is_annotated_nothing_can_be_ranked(table, tiny_source, tmp_path, capsys):
    code, _found = rank(capsys, "--source", tiny_source, "--target", table(5), "--out", tmp_path / "next")
    assert code == 2


@pytest.mark.parametrize(
    ("predicted", "accepted", "dice", "changed_ml"),
    [
        ([1, 1, 0, 0], [1, 1, 0, 0], 1.0, 0.0),
        ([1, 1, 0, 0], [1, 0, 0, 0], 2 / 3, 0.5),
        ([1, 1, 2, 0], [1, 1, 0, 0], 0.5, 0.5),  # the second label is gone: 0
        ([1, 1, 0, 0], [2, 2, 0, 0], 0.0, 1.0),
        ([0, 0, 0, 0], [0, 0, 0, 0], None, 0.0),
    ],
)
def test_how_much_was_changed_by_hand_worked_numbers(predicted, accepted, dice, changed_ml):
    shape = (4, 1, 1)
    found = correction(np.array(predicted).reshape(shape), np.array(accepted).reshape(shape), 0.5)
    assert found.dice == (None if dice is None else pytest.approx(dice)) and found.changed_ml == changed_ml


def test_voxels_to_ignore_count_for_nothing_and_regions_by_all_that_they_cover():
    predicted, accepted = np.array([1, 1, 2, 0]), np.array([1, 9, 2, 9])
    found = correction(predicted, accepted, 1.0, ignore=9)
    assert (found.dice, found.changed_ml) == (1.0, 0.0)
    regions = (Region(1, (1, 2)), Region(2, (2,)))
    found = correction(np.array([1, 1, 2, 0]), np.array([1, 2, 2, 0]), 1.0, regions=regions)
    assert found.dice == pytest.approx((1.0 + 2 / 3) / 2) and found.changed_ml == 1.0


def test_a_label_that_nobody_annotated_is_no_change():
    predicted = np.array([1, 1, 2, 2, 0])
    found = correction(predicted, np.array([1, 1, 0, 0, 0]), 1.0, not_annotated=[2])
    assert (found.dice, found.changed_ml) == (1.0, 0.0)
    found = correction(predicted, np.array([1, 1, 1, 0, 0]), 1.0, not_annotated=[2])
    assert found.dice == pytest.approx(0.8) and found.changed_ml == 1.0
    regions = (Region(1, (1, 2)), Region(2, (2,)))
    found = correction(predicted, np.array([1, 1, 1, 1, 0]), 1.0, regions=regions, not_annotated=[2])
    assert (found.dice, found.changed_ml) == (1.0, 0.0)


def test_a_loop_of_regions_keeps_them_with_their_values_and_the_label_to_ignore(phantoms, tiny_source, tmp_path):
    data = read_case_set(phantoms("t2w", 3))
    a, b, c = data.labels
    scans = tmp_path / "scans"
    scans.mkdir()
    for case in data.cases:
        (scans / f"{case.name}.nii.gz").symlink_to(case.images[0])
    first = data.cases[0]
    image = scans / f"{first.name}.nii.gz"
    (tmp_path / "heads.csv").write_text(f"case,image,label\n{first.name},{image},{first.label}\n", encoding="utf-8")
    names = {"whole": [a, b, c], "part": [b, c], "kernel": c, "ignore": 200}
    (tmp_path / "labels.json").write_text(json.dumps(names), encoding="utf-8")
    folder = LoopFolder(tmp_path / "loop")
    init_loop(folder.path, find_source(tiny_source), scans, tmp_path / "heads.csv")
    listed = json.loads(folder.labels_json.read_text(encoding="utf-8"))
    assert listed == {"whole": [a, b, c], "part": [b, c], "kernel": [c], "ignore": 200}
    assert folder.label_names() == {a: "whole", b: "part", c: "kernel", 200: "ignore"}
    table = tmp_path / "loop" / "round-1.csv"
    folder.write_table(table, [first], folder.read().by_case)
    back = read_case_set(table)
    assert back.regions == read_case_set(tmp_path / "heads.csv").regions != () and back.ignore == 200
