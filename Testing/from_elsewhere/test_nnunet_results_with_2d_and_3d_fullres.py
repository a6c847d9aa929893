"""Of nnU-Net's results with several configurations, trainers or plans, the one that is asked for is read, and no other.

KitwareMedical/SlicerNNUnet#8: a results folder has 2d and 3d_fullres, and the first one found, 2d, is used without a word.
MIC-DKFZ/nnUNet#556: weights of 2d are given to a network for volumes. KitwareMedical/SlicerNNUnet#2: a fold's folder is given
in place of the model's. MIC-DKFZ/nnUNet#397, #2231: a training that was stopped leaves no final checkpoint.
gaudot/SlicerDentalSegmentator#6: the model's folder lacks a file, and the error does not say which.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from foreign_models import plans_of_slices, write_nnunet
from safetensors.torch import load_file

from TransferSegLib.cli import main
from TransferSegLib.core.errors import InputError
from TransferSegLib.sources.imports.importer import ImportOptions
from TransferSegLib.sources.imports.importing import read_model

pytest.importorskip("dynamic_network_architectures")

FULLRES = "nnUNetTrainer__nnUNetPlans__3d_fullres"
SLICES = "nnUNetTrainer__nnUNetPlans__2d"


def all_plans() -> dict[str, Any]:
    """Plans with a configuration for slices, one for volumes and one that inherits from it, as nnU-Net writes them."""
    plans = plans_of_slices()
    plans["configurations"]["3d_lowres"] = {"inherits_from": "3d_fullres", "spacing": [6.0, 3.0, 1.5]}
    return plans


def write_results(root: Path, *names: str) -> Path:
    """nnU-Net's results of one data set: a folder for each of these models, trained with the last part of its name."""
    for name in names:
        write_nnunet(root / name, all_plans(), configuration=name.rpartition("__")[2])
    return root


def flattened(content: dict[str, Any]) -> dict[str, torch.Tensor]:
    return {name: value.sum(2) if value.ndim == 5 else value for name, value in content["network_weights"].items()}


def change_checkpoint(model: Path, change) -> None:
    path = model / "fold_0" / "checkpoint_final.pth"
    content = torch.load(path, weights_only=False)
    change(content)
    torch.save(content, path)


def change_json(path: Path, change) -> None:
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data), encoding="utf-8")


def imported(path: Path, **options: Any):
    return read_model(path, ImportOptions(**options))


def refused(path: Path, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        imported(path, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def zipped(folder: Path) -> Path:
    return Path(shutil.make_archive(str(folder.with_suffix("")), "zip", folder.parent, folder.name))


@pytest.mark.parametrize("packed", [False, True])
def test_the_configuration_that_is_asked_for_is_read_with_its_own_weights(tmp_path, packed):
    results = write_results(tmp_path / "Dataset900_Knee", SLICES, FULLRES)
    own = torch.load(results / FULLRES / "fold_0" / "checkpoint_final.pth", weights_only=False)["network_weights"]
    result = imported(zipped(results) if packed else results, configuration="3d_fullres")
    assert result.card.preprocessing.spacing_mm == (0.75, 1.5, 3.0)
    assert not any("inflated" in entry.how for entry in result.report.entries)
    kernels = sorted(float(value.sum()) for value in own.values() if value.ndim == 5)
    kept = sorted(float(value.sum()) for value in result.state.values() if value.ndim == 5)
    assert kept[0] == pytest.approx(kernels[0], abs=1e-4) and kept[-1] == pytest.approx(kernels[-1], abs=1e-4)


def test_of_several_models_none_is_taken_unasked_and_all_are_listed(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("TRANSFERSEG_MODELS", str(tmp_path / "own"))
    results = write_results(tmp_path / "Dataset900_Knee", SLICES, FULLRES)
    assert main(["sources", "import", str(results)]) == 2
    said = capsys.readouterr().err
    assert f"holds 2 models: `{SLICES}`, `{FULLRES}`; choose one, for example with --configuration 3d_fullres." in said
    assert main(["sources", "import", str(results), "--configuration", "3d_fullres"]) == 0
    assert main(["sources", "import", str(results), "--configuration", "2d"]) == 0
    assert "network of slices (2D)" in capsys.readouterr().out
    assert {path.name for path in (tmp_path / "own").iterdir()} == {"Knee-3d_fullres", "Knee-2d"}


def test_the_checkpoint_says_which_configuration_a_renamed_folder_is(tmp_path):
    results = write_results(tmp_path / "Dataset900_Knee", SLICES, FULLRES)
    (results / SLICES).rename(results / "a")
    (results / FULLRES).rename(results / "b")
    assert "`a (2d)`, `b (3d_fullres)`" in refused(results)
    assert imported(results, configuration="3d_fullres").card.patch_size == (24, 16, 8)


def test_folders_whose_names_were_exchanged_are_told_apart_by_their_checkpoints(tmp_path):
    results = write_results(tmp_path / "Dataset900_Knee", SLICES, FULLRES)
    (results / SLICES).rename(results / "other")
    (results / FULLRES).rename(results / SLICES)
    (results / "other").rename(results / FULLRES)
    result = imported(results, configuration="3d_fullres")
    assert result.card.made_by["fold"] == "fold_0" and result.report.share == 1.0
    assert any("trained with `3d_fullres`, which was taken" in note for note in result.sentences)


@pytest.mark.parametrize("checkpoint_says", [True, False])
def test_a_configuration_that_was_not_trained_is_refused_by_both_names(tmp_path, checkpoint_says):
    results = write_results(tmp_path / "Dataset900_Knee", SLICES)
    if not checkpoint_says:
        change_checkpoint(results / SLICES, lambda content: content.pop("init_args"))
    for path in (results, results / SLICES, zipped(results)):
        assert "was trained with the configuration `2d`, not `3d_fullres`" in refused(path, configuration="3d_fullres")


def test_a_configuration_that_inherits_from_the_trained_one_is_another(tmp_path):
    results = write_results(tmp_path / "Dataset900_Knee", FULLRES)
    assert "`3d_fullres`, not `3d_lowres`" in refused(results, configuration="3d_lowres")
    lowres = write_results(tmp_path / "lowres", "nnUNetTrainer__nnUNetPlans__3d_lowres")
    assert imported(lowres).card.preprocessing.spacing_mm == (1.5, 3.0, 6.0)


def test_a_configuration_that_none_of_the_models_has_is_said_with_those_there_are(tmp_path):
    results = write_results(tmp_path / "Dataset900_Knee", SLICES, FULLRES)
    said = refused(results, configuration="3d_lowres")
    assert "holds no model `3d_lowres`" in said and FULLRES in said


@pytest.mark.parametrize("packed", [False, True])
def test_several_trainers_and_plans_of_one_configuration_are_chosen_by_their_folder(tmp_path, packed):
    other = "nnUNetTrainerNoMirroring__nnUNetPlans__3d_fullres"
    results = write_results(tmp_path / "Dataset900_Knee", FULLRES, other)
    change_checkpoint(results / other, lambda content: content.update(trainer_name="nnUNetTrainerNoMirroring"))
    path = zipped(results) if packed else results
    assert "choose one, for example with --folder" in refused(path, configuration="3d_fullres")
    assert imported(path, folder=other).card.made_by["trainer"] == "nnUNetTrainerNoMirroring"
    assert imported(path, folder=f"Dataset900_Knee/{FULLRES}").card.made_by["trainer"] == "nnUNetTrainer"
    assert "holds no model `none`" in refused(path, folder="none")


def test_a_folder_of_a_training_that_was_never_begun_is_no_choice(tmp_path):
    results = write_results(tmp_path / "Dataset900_Knee", FULLRES)
    write_nnunet(results / "nnUNetTrainer__nnUNetPlans__3d_lowres", all_plans(), folds=())
    assert imported(results).card.patch_size == (24, 16, 8)


def test_plans_beside_the_folders_of_the_models_are_no_model(tmp_path):
    results = write_results(tmp_path / "Dataset900_Knee", FULLRES)
    for name in ("plans.json", "dataset.json"):
        shutil.copy(results / FULLRES / name, results / name)
    assert imported(results).card.patch_size == (24, 16, 8)


def test_a_fold_or_its_checkpoint_stands_for_its_model(tmp_path):
    model = tmp_path / FULLRES
    write_nnunet(model, all_plans(), folds=("fold_0", "fold_1"))
    assert imported(model / "fold_1").card.made_by["fold"] == "fold_1"
    checkpoint = model / "fold_1" / "checkpoint_best.pth"
    (model / "fold_1" / "checkpoint_final.pth").rename(checkpoint)
    assert imported(checkpoint).card.made_by["fold"] == "fold_1"


@pytest.mark.parametrize("chosen", ["fold_1/checkpoint_final.pth", "fold_1/checkpoint_best.pth", "fold_1"])
def test_the_command_line_takes_the_fold_and_the_checkpoint_that_were_chosen(tmp_path, monkeypatch, chosen):
    monkeypatch.setenv("TRANSFERSEG_MODELS", str(tmp_path / "own"))
    model = tmp_path / FULLRES
    write_nnunet(model, all_plans(), folds=("fold_0", "fold_1"))
    final = model / "fold_1" / "checkpoint_final.pth"
    content = torch.load(final, weights_only=False)
    for path, value in ((final, 0.25), (final.with_name("checkpoint_best.pth"), 0.5)):
        weights = {name: torch.full_like(tensor, value) for name, tensor in content["network_weights"].items()}
        torch.save({**content, "network_weights": weights}, path)
    assert main(["sources", "import", str(model / chosen)]) == 0
    (kept,) = (tmp_path / "own").glob("*/weights.safetensors")
    assert {float(tensor.max()) for tensor in load_file(kept).values()} == {0.5 if "best" in chosen else 0.25}


def test_a_training_that_was_stopped_can_be_read_by_the_name_of_its_checkpoint(tmp_path):
    write_nnunet(tmp_path / FULLRES)
    fold = tmp_path / FULLRES / "fold_0"
    (fold / "checkpoint_final.pth").rename(fold / "checkpoint_latest.pth")
    assert "but `fold_0/checkpoint_latest.pth`" in refused(tmp_path)
    assert refused(tmp_path).endswith("to take that one, add --weights checkpoint_latest.pth.")
    assert imported(tmp_path, weights="checkpoint_latest.pth").report.share == 1.0
    assert "has no `best.pth` in any fold; there are `fold_0/checkpoint_latest.pth`" in refused(
        tmp_path, weights="best.pth"
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda plans: plans.update(plans_name="nnUNetResEncUNetLPlans"), "`plans_name` is nnUNetResEncUNetLPlans"),
        (lambda plans: plans["configurations"]["3d_fullres"].update(spacing=[1.0, 1.0, 1.0]), "`spacing` is [1.0, 1.0"),
        (lambda plans: plans.update(transpose_forward=[1, 0, 2]), "`transpose_forward` is [1, 0, 2]"),
    ],
)
def test_plans_of_another_training_than_the_weights_are_refused(tmp_path, change, says):
    write_nnunet(tmp_path / FULLRES)
    change_json(tmp_path / FULLRES / "plans.json", change)
    said = refused(tmp_path)
    assert says in said and "checkpoint was trained with" in said


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"labels": {"background": 0, "femur": 2, "tibia": 1}}, "its labels are tibia, femur"),
        ({"labels": {"background": 0, "liver": 1, "spleen": 2}, "numTraining": 131}, "its labels are liver, spleen"),
        (
            {"labels": {"background": 0, "liver": 1}},
            "its labels are liver, and the checkpoint was trained on femur, tibia",
        ),
        ({"channel_names": {"0": "CT", "1": "PET"}}, "its channels are CT, PET, and the checkpoint was trained on CT"),
    ],
)
def test_the_dataset_json_of_another_data_set_is_refused(tmp_path, change, says):
    write_nnunet(tmp_path / FULLRES)
    change_json(tmp_path / FULLRES / "dataset.json", lambda data: data.update(change))
    assert says in refused(tmp_path)


def test_labels_that_were_renamed_since_keep_their_new_names_and_that_is_said(tmp_path):
    write_nnunet(tmp_path / FULLRES)
    renamed = {"background": 0, "Femur left": 1, "tibia": 2}
    change_json(tmp_path / FULLRES / "dataset.json", lambda data: data.update(labels=renamed))
    result = imported(tmp_path)
    assert result.card.label_names == ("Femur left", "tibia")
    assert "Its labels were renamed after the training: `femur` is `Femur left` now, for one." in result.sentences


def test_weights_of_slices_never_become_those_of_a_network_for_volumes(tmp_path):
    write_nnunet(tmp_path / FULLRES)
    change_checkpoint(tmp_path / FULLRES, lambda content: content["network_weights"].update(flattened(content)))
    said = refused(tmp_path)
    assert "the weights are of a network for slices (2D)" in said and said.endswith("the weights of that network.")


@pytest.mark.parametrize("missing", ["plans.json", "dataset.json"])
def test_a_model_without_one_of_its_files_says_which(tmp_path, missing):
    write_nnunet(tmp_path / FULLRES)
    (tmp_path / FULLRES / missing).unlink()
    assert f"{missing}: no such file, and without it a nnU-Net model cannot be read" in refused(tmp_path)


def test_a_model_of_the_first_nnunet_is_called_that(tmp_path):
    fold = tmp_path / "nnUNetTrainerV2__nnUNetPlansv2.1" / "fold_0"
    fold.mkdir(parents=True)
    (fold / "model_final_checkpoint.model").write_bytes(b"x")
    (fold.parent / "plans.pkl").write_bytes(b"x")
    for path in (tmp_path, zipped(fold.parent)):
        assert "model of the first version of nnU-Net" in refused(path)
