"""The two folders of a nnU-Net cascade become one model, or a sentence says what is missing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from foreign_models import nnunet_network, plans_of_cascade, write_nnunet

from TransferSegLib.cli import main
from TransferSegLib.core.errors import InputError
from TransferSegLib.sources.imports.importer import ImportOptions
from TransferSegLib.sources.imports.importing import import_source, read_model

pytest.importorskip("dynamic_network_architectures")

FIRST, SECOND = "nnUNetTrainer__nnUNetPlans__3d_lowres", "nnUNetTrainer__nnUNetPlans__3d_cascade_fullres"


@pytest.fixture(autouse=True)
def own_models(tmp_path, monkeypatch):
    monkeypatch.setenv("TRANSFERSEG_MODELS", str(tmp_path / "models"))


def written(root: Path, plans=None, dataset=None, folds=("fold_0",), first=FIRST) -> Path:
    """Both stages of a cascade in a folder, which is returned."""
    plans = plans or plans_of_cascade()
    write_nnunet(root / first, plans, dataset, configuration="3d_lowres", folds=folds)
    write_nnunet(root / SECOND, plans, configuration="3d_cascade_fullres", folds=("fold_0",), found_before=2)
    return root


def imported(path: Path, **options):
    return read_model(path, ImportOptions(**options))


def refused(path: Path, **options) -> str:
    with pytest.raises(InputError) as caught:
        imported(path, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_first_stage_is_found_beside_the_second(tmp_path):
    card = imported(written(tmp_path) / SECOND).card
    assert (card.name, card.inputs) == ("Knee-3d_cascade_fullres", 3)
    assert card.preprocessing.spacing_mm == (0.75, 1.5, 3.0)
    assert card.first_stage is not None
    assert card.first_stage.preprocessing.spacing_mm == (1.4, 2.7, 5.0)


def test_of_an_archive_with_both_each_is_chosen_by_its_configuration(tmp_path):
    written(tmp_path / "release" / "Dataset900_Knee")
    archive = Path(shutil.make_archive(str(tmp_path / "knee"), "zip", tmp_path / "release"))
    assert "holds 2 models" in refused(archive)
    assert imported(archive, configuration="3d_cascade_fullres").card.first_stage is not None
    assert imported(archive, configuration="3d_lowres").card.first_stage is None


def test_a_first_stage_in_a_folder_of_another_name_is_known_by_its_checkpoint(tmp_path):
    write_nnunet(tmp_path / "other", plans_of_cascade(), configuration="3d_fullres")
    imported_card = imported(written(tmp_path, first="coarse") / SECOND).card
    assert imported_card.first_stage is not None and imported_card.first_stage.title == "Knee (nnU-Net 3d_lowres)"


def test_of_several_first_stages_the_one_of_the_same_trainer_and_plans_is_taken_else_none(tmp_path):
    written(tmp_path, folds=("fold_0", "fold_1"))
    shutil.copytree(tmp_path / FIRST, tmp_path / "another")
    shutil.rmtree(tmp_path / "another" / "fold_1")
    assert len(imported(tmp_path / SECOND).first_stage.members) == 1
    (tmp_path / FIRST).rename(tmp_path / "renamed")
    said = refused(tmp_path / SECOND)
    assert "of several folders beside it that hold one (another, renamed), leave one there" in said


def test_folds_hold_for_both_stages_and_the_checkpoint_for_the_second_alone(tmp_path):
    written(tmp_path, folds=("fold_0", "fold_1"))
    model = imported(tmp_path / SECOND, fold="0", weights="checkpoint_final.pth")
    assert model.first_stage is not None and not model.first_stage.members
    assert f"{SECOND}: has no `fold_1`; there are fold_0" in refused(tmp_path / SECOND, folds="0,1")


def test_without_the_first_stage_one_sentence_says_what_to_put_where(tmp_path):
    shutil.rmtree(written(tmp_path) / FIRST)
    said = refused(tmp_path / SECOND)
    assert "is the second stage of a cascade, and needs the model of the first, `3d_lowres`" in said
    assert said.endswith("put its folder beside this one.")


def test_a_first_stage_of_other_labels_is_refused(tmp_path):
    written(tmp_path, dataset={"labels": {"background": 0, "femur": 1, "patella": 2}})
    said = refused(tmp_path / SECOND)
    assert "its labels are femur, tibia" in said and "those of the first stage beside it femur, patella" in said


def test_a_first_stage_with_a_previous_stage_of_its_own_is_refused(tmp_path):
    plans = plans_of_cascade()
    plans["configurations"]["3d_lowres"]["previous_stage"] = "3d_cascade_fullres"
    assert "`3d_lowres` is the first stage of a cascade and has a `previous_stage` itself" in refused(
        written(tmp_path, plans) / SECOND
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"resampling_fn_seg": "resample_torch_fornnunet"},
        {"resampling_fn_seg_kwargs": {"is_seg": True, "order": 0, "order_z": 0, "force_separate_z": None}},
        {"resampling_fn_seg_kwargs": {"is_seg": True, "order": 1, "order_z": 0, "force_separate_z": False}},
        {"resampling_fn_data_kwargs": {"is_seg": False, "order": 2}},
    ],
)
def test_plans_that_resample_labels_in_a_way_that_is_not_known_are_refused(tmp_path, changes):
    plans = plans_of_cascade()
    plans["configurations"]["3d_cascade_fullres"] |= changes
    assert "so what the first stage finds cannot be shown to the second" in refused(written(tmp_path, plans) / SECOND)


def test_a_checkpoint_without_inputs_for_the_labels_is_refused(tmp_path):
    path = written(tmp_path) / SECOND / "fold_0" / "checkpoint_final.pth"
    content = torch.load(path, weights_only=False)
    torch.save(content | {"network_weights": nnunet_network("PlainConvUNet", 1, 3).state_dict()}, path)
    assert "the weights take 1 channel, the card names 3" in refused(tmp_path / SECOND)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"channels": ["MR"]}, "`first_stage` must be a model of one network that segments the same channels"),
        ({"labels": []}, "the labels' values must be different whole numbers"),
    ],
)
def test_a_card_whose_first_stage_cannot_be_is_refused(tmp_path, capsys, changes, said):
    source, _ = import_source(written(tmp_path) / SECOND, ImportOptions())
    card = json.loads((source.folder / "card.json").read_text(encoding="utf-8"))
    card["first_stage"] |= changes
    (source.folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    assert main(["sources", "show", str(source.folder)]) == 2
    assert said in capsys.readouterr().err
