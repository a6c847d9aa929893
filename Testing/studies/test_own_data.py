"""A paper's study on a person's own cases and models."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from TransferSegLib.core.card import CardNetwork
from TransferSegLib.core.case_set import Case, CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.networks.choice import network_choice
from TransferSegLib.studies import own_data
from TransferSegLib.studies.grid import Study, StudyData, cells, parse_study, study_text
from TransferSegLib.studies.own_data import with_own
from TransferSegLib.studies.papers import PAPERS, find_paper
from TransferSegLib.studies.selection import split_cases

MINE = Path("/mine")


def cases(train: int, test: int = 0, validation: int = 0, unlabelled: int = 0, labels=("stroke",)) -> CaseSet:
    roles = [*["test"] * test, *["validation"] * validation, *["train"] * train, *["unlabelled"] * unlabelled]
    made = tuple(
        Case(f"case-{n}", (Path(f"{n}.nii"),), None if role == "unlabelled" else Path(f"{n}-seg.nii"), role)
        for n, role in enumerate(roles)
    )
    return CaseSet("mine", MINE, made, dict(enumerate(labels, start=1)))


@dataclass(frozen=True)
class Model:
    """What is read of a source model."""

    card: Model | None = None
    network: CardNetwork | None = None


def fitted(monkeypatch, name: str, own: dict[str, CaseSet] | None = None, **models: str) -> Study:
    """A paper's whole study with data sets of one's own, and models (their names with `_` for `-`) of such networks."""
    own = own or {}
    monkeypatch.setattr(own_data, "read_case_set", lambda path: replace(own[path.name], root=path))
    monkeypatch.setattr(own_data, "find_source", lambda text: Model(Model(network=network_choice(text))))
    models = {source.replace("_", "-"): network for source, network in models.items()}
    study = with_own(find_paper(name).grid, {data: MINE / data for data in own}, models)
    assert parse_study(study_text(study), "printed") == study
    return study


def levels(study: Study, factor: str, **wanted) -> set[object]:
    found = [cell.factors for cell in cells(study)]
    return {one[factor] for one in found if all(one[name] == value for name, value in wanted.items())}


def test_twenty_cases_keep_the_papers_shares_and_six_are_scored(monkeypatch):
    own = cases(20)
    study = fitted(monkeypatch, "hossain2023", {"mice": own})
    choice = split_cases(own, study.data["mice"])
    assert [len(part) for part in (choice.train, choice.validation, choice.test)] == [12, 2, 6]
    # Eight fit; all twelve are the largest sample, of the UNet from scratch, too, which then is that of Table 4.1.
    for strategy in ("conservative:part=decoder", "open", "scratch"):
        assert levels(study, "size", strategy=strategy) == ({8, None} if strategy != "scratch" else {None})
    assert len([cell for cell in cells(study) if cell.strategy.name == "scratch"]) == 6
    assert study.notes == (
        "Data `mice`: the study's numbers were scaled to 20 cases: 12 to train on, 2 to validate and 6 to score; sizes 16, "
        "24, 32 and 40 left out, all 12 in place of the largest; training sets are drawn by the volume of `stroke`.",
    )


def test_as_many_cases_as_the_paper_has_change_nothing(monkeypatch):
    study = fitted(monkeypatch, "hossain2023", {"mice": cases(80, labels=("Lesion",))})
    whole = find_paper("hossain2023").grid
    assert study == replace(whole, data={**whole.data, "mice": whole.data["mice"].at(MINE / "mice")})


@pytest.mark.parametrize(("count", "scored"), [(14, 6), (9, 4), (4, 1), (3, 1)])
def test_fewer_than_six_are_scored_only_where_fewer_would_be_left_to_train_on(monkeypatch, count, scored):
    study = fitted(monkeypatch, "hossain2023", {"mice": cases(count)})
    choice = split_cases(cases(count), study.data["mice"])
    assert len(choice.test) == scored and len(choice.validation) >= 1 and len(choice.train) >= 1
    assert len(choice.train) >= scored or scored == 1
    assert ("no claim can be judged" in study.notes[0]) == (scored < 6)


def test_two_cases_cannot_be_split_in_three(monkeypatch):
    with pytest.raises(InputError, match=r"field `data.mice`: /mine/mice: has 2 annotated cases, too few to train on"):
        fitted(monkeypatch, "hossain2023", {"mice": cases(2, unlabelled=5)})


def test_the_roles_of_a_data_set_are_kept(monkeypatch):
    own = cases(20, test=7, validation=3)
    study = fitted(monkeypatch, "hossain2023", {"mice": own})
    choice = split_cases(own, study.data["mice"])
    assert choice.test == tuple(f"case-{n}" for n in range(7))
    assert choice.validation == ("case-7", "case-8", "case-9") and len(choice.train) == 20
    assert "its own 7 cases in the role `test` are scored; its own 3 cases in the role `validation`" in study.notes[0]
    # Of many cases, those with the role are the only ones to be scored, and the paper's numbers are drawn of the others.
    many = cases(75, test=2)
    choice = split_cases(many, fitted(monkeypatch, "hossain2023", {"mice": many}).data["mice"])
    assert choice.test == ("case-0", "case-1") and len(choice.validation) == 10 and len(choice.train) == 65


def test_cases_held_for_a_test_take_the_place_of_folds(monkeypatch):
    own = cases(10, test=3)
    study = fitted(monkeypatch, "mecheter2023", {"t2w": own})
    assert levels(study, "fold", target="t2w") == {None} and study.data["t2w"].folds is None
    assert study.sources["model-of-t1w-and-t2w"].pretrain.follows == ()
    choice = split_cases(own, study.data["t2w"])
    assert len(choice.test) == 3 and len(choice.validation) == 2 and len(choice.train) == 8
    assert "are scored in place of the study's 3 folds" in study.notes[0]
    # Without such cases there are folds, each of its share.
    study = fitted(monkeypatch, "mecheter2023", {"t2w": cases(6)})
    assert levels(study, "fold", target="t2w") == {0, 1, 2}
    assert [len(split_cases(cases(6), study.data["t2w"], fold).train) for fold in range(3)] == [3, 3, 3]
    assert levels(study, "size", strategy="conservative:layers=3") == {2, None}


@pytest.mark.parametrize("name", PAPERS)
def test_each_paper_can_be_repeated_on_a_dozen_cases_of_each_data_set(monkeypatch, name):
    whole = find_paper(name).grid
    study = fitted(monkeypatch, name, {data: cases(12, labels=("a", "b")) for data in whole.data})
    for cell in cells(study):
        split = split_cases(cases(12), study.data[str(cell.factors["target"])], cell.factors["fold"])
        assert split.test and len(split.train) >= (cell.factors["size"] or 1)
    assert {cell.factors["target"] for cell in cells(study)} == {cell.factors["target"] for cell in cells(whole)}
    assert {cell.strategy.key for cell in cells(study)} == {cell.strategy.key for cell in cells(whole)}


def test_source_models_of_more_cases_than_there_are_are_left_out_and_the_largest_is_of_all(monkeypatch):
    study = fitted(monkeypatch, "karimi2021", {"whole-brain": cases(100)})
    sizes = {name: one.pretrain.size for name, one in study.sources.items() if name.startswith("whole-brain")}
    train = len(split_cases(cases(100), study.data["whole-brain"]).train)
    assert sizes == {"whole-brain-50": 50, f"whole-brain-{train}": None} and 50 < train < 100
    assert levels(study, "source", target="newborn") == {"none", *sizes}
    assert "of the source models sizes 250 and 2500 left out" in study.notes[0]


def test_without_a_lesion_training_sets_are_drawn_by_all_labels_together(monkeypatch):
    study = fitted(monkeypatch, "hossain2023", {"mice": cases(80, labels=("cortex", "ventricle"))})
    assert study.data["mice"].draw_by_volume_of == "*" and "all labels together" in study.notes[0]


def test_what_begins_from_ones_own_model_has_its_network_and_is_compared_with_it(monkeypatch):
    study = fitted(monkeypatch, "karimi2021", liver_mri="dynunet:filters=4-8-16")
    own = {"target": "liver-ct", "source": "liver-mri"}
    assert levels(study, "network", **own) == {None} and levels(study, "size", **own, strategy="open") == {15, 6}
    scratch = levels(study, "network", target="liver-ct", source="none")
    # The other organs of table 9 begin in the paper's network still; figure 9 has one of its own.
    assert scratch == {"karimi2021", "dynunet:filters=4-8-16", "vnet"}
    assert levels(study, "network", target="younger-fetus", source="none") == {"karimi2021", "unetplusplus"}
    assert study.notes[0].startswith(
        "Source `liver-mri`: your model's network is `dynunet`, so what begins from it has"
    )


def test_a_model_with_the_papers_network_takes_the_place_of_the_studys(monkeypatch):
    study = fitted(monkeypatch, "karimi2021", center_1="karimi2021")
    own = {"target": "center-5", "strategy": "open"}
    assert levels(study, "network", **own, source="center-1") == {None}
    assert levels(study, "network", **own, source="center-2") == set(
        levels(study, "network", **own, source="four-centers")
    )
    assert len(levels(study, "network", **own, source="center-2")) == 5
    whole = find_paper("karimi2021").grid
    assert levels(study, "network", source="none") == levels(whole, "network", source="none")


def test_a_model_in_place_of_one_with_a_network_of_its_own_changes_nothing_else(monkeypatch):
    study = fitted(monkeypatch, "hossain2023", model_of_rats="monai-unet")
    assert study.sources["model-of-rats"].model == "monai-unet" and not study.notes
    assert study.grids == find_paper("hossain2023").grid.grids


def test_the_paths_of_other_data_sets_stay(monkeypatch):
    study = fitted(monkeypatch, "hossain2023", {"mice": cases(80)})
    assert study.data["mice"].path == str(MINE / "mice") and isinstance(study.data["rats"], StudyData)
    assert study.data["rats"].phantom == "t2w"
