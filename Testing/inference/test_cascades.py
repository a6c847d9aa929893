"""A cascade of nnU-Net's, imported and run, against nnU-Net's own steps (`nnunet_steps`) with the same weights."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from foreign_models import nnunet_network, plans_of_cascade, write_nnunet
from nnunet_steps import PATCH, agreement, nnunet_segmentation, scan

from TransferSegLib.cases.volumes import read_labels, write_volume
from TransferSegLib.cli import main
from TransferSegLib.core.grid import Grid
from TransferSegLib.inference.effort import effort_as_nnunet
from TransferSegLib.sources.catalogue import find_source, remove_source
from TransferSegLib.sources.folder import copy_source
from TransferSegLib.sources.imports.importer import ImportOptions
from TransferSegLib.sources.imports.importing import import_source
from TransferSegLib.sources.packing import pack_models, unpack_models

pytest.importorskip("dynamic_network_architectures")

SAME = 0.999
NAME, MIRROR = "Knee-3d_cascade_fullres", (0, 1, 2)
FIRST, SECOND = "nnUNetTrainer__nnUNetPlans__3d_lowres", "nnUNetTrainer__nnUNetPlans__3d_cascade_fullres"
ISOTROPIC = (np.diag([1.0, 1.1, 2.0, 1.0]), (30, 28, 20))
THICK = (np.diag([0.5, 0.5, 5.0, 1.0]), (40, 44, 9))


@pytest.fixture(autouse=True)
def own_models(tmp_path, monkeypatch):
    monkeypatch.setenv("TRANSFERSEG_MODELS", str(tmp_path / "models"))


def trained(folder: Path, fold: str, inputs: int, seed: int) -> torch.nn.Module:
    """nnU-Net's network with weights that find as much of each label; they are put into a fold's checkpoint."""
    network = nnunet_network("PlainConvUNet", inputs, 3)
    torch.manual_seed(seed)
    for parameter in network.parameters():
        parameter.data += 0.3 * parameter.std().nan_to_num() * torch.randn_like(parameter)
    with torch.no_grad():
        network.decoder.seg_layers[-1].bias -= network(torch.randn(1, inputs, *PATCH)).flatten(2).mean(dim=(0, 2))
    path = folder / fold / "checkpoint_final.pth"
    torch.save(torch.load(path, weights_only=False) | {"network_weights": network.state_dict()}, path)
    return network


def written(root: Path, folds: tuple[int, int] = (1, 1), **changes) -> list[list[torch.nn.Module]]:
    """Both stages in one folder, as nnU-Net leaves them; their networks, one a fold."""
    plans, networks = plans_of_cascade() | changes, []
    stages = ((FIRST, "3d_lowres", 0, folds[0]), (SECOND, "3d_cascade_fullres", 2, folds[1]))
    for name, configuration, found, count in stages:
        names = tuple(f"fold_{n}" for n in range(count))
        write_nnunet(root / name, plans, configuration=configuration, folds=names, found_before=found)
        networks.append([trained(root / name, fold, 1 + found, seed=n + found) for n, fold in enumerate(names)])
    return networks


def imported(root: Path, **options):
    return import_source(root / SECOND, ImportOptions(**options))


def theirs_of(networks, volume, spacing, order=(0, 1, 2), without=False):
    """What nnU-Net's own steps find: in the first stage, and with that in the second."""
    first, second = networks
    before, _ = nnunet_segmentation(first, volume, spacing, MIRROR, order=order, wanted=(5.0, 2.7, 1.4))
    shown = np.zeros_like(before) if without else before
    return before, nnunet_segmentation(second, volume, spacing, MIRROR, order=order, first=(shown, (1, 2)))[0]


def run(tmp_path, volume, grid, *flags, model=NAME) -> np.ndarray:
    """The labels that `segment` writes for a volume."""
    write_volume(tmp_path / "scan.nii.gz", volume, grid)
    arguments = ["segment", "--model", model, "--images", str(tmp_path / "scan.nii.gz"), "--device", "cpu"]
    assert main([*arguments, "--out", str(tmp_path / "out"), *flags]) == 0
    return read_labels(tmp_path / "out" / "scan.nii.gz").array


@pytest.mark.parametrize(
    ("affine", "size", "order", "folds"),
    [(*ISOTROPIC, (0, 1, 2), (1, 1)), (*THICK, (0, 1, 2), (2, 1)), (*ISOTROPIC, (2, 0, 1), (1, 2))],
    ids=["near isotropic", "thick slices, two folds before", "transposed, two folds after"],
)
def test_both_stages_find_what_nnu_nets_own_steps_do(tmp_path, affine, size, order, folds):
    networks = written(tmp_path, folds, transpose_forward=[*order])
    imported(tmp_path)
    spacing = np.diag(affine)[:3]
    before, theirs = theirs_of(networks, scan(size), spacing, order)
    assert {*np.unique(before)} == {0, 1, 2}
    ours = run(tmp_path, scan(size), Grid(size, affine), *(["--ensemble", "folds"] if folds != (1, 1) else []))
    assert agreement(ours, theirs) >= SAME
    # What the first stage finds counts: the second alone finds something else.
    assert agreement(theirs_of(networks, scan(size), spacing, order, without=True)[1], theirs) < 0.95


def test_a_cascade_is_run_on_the_axes_of_the_file_or_as_the_person_says(tmp_path):
    networks = written(tmp_path)
    imported(tmp_path, orientation="LPS")
    affine, size = ISOTROPIC
    ras = scan(size)
    _, theirs = theirs_of(networks, np.flip(ras, (0, 1)), np.diag(affine)[:3])
    assert agreement(run(tmp_path, ras, Grid(size, affine)), np.flip(theirs, (0, 1))) >= SAME


def test_it_runs_without_nnu_nets_own_preparation_and_with_all_that_one_model_can_write(tmp_path):
    networks = written(tmp_path)
    imported(tmp_path)
    affine, size = ISOTROPIC
    _, theirs = theirs_of(networks, scan(size), np.diag(affine)[:3])
    flags = ("--no-as-nnunet", "--probabilities", "--uncertainty")
    assert 0.3 < agreement(run(tmp_path, scan(size), Grid(size, affine), *flags), theirs) < 0.995
    assert (tmp_path / "out" / "probabilities" / "scan_1.nii.gz").is_file()


def test_both_stages_are_one_model_on_one_card(tmp_path, capsys):
    written(tmp_path, (2, 1))
    source, result = imported(tmp_path)
    card = find_source(NAME).card
    assert (card.channels, card.inputs, card.label_names) == (("CT",), 3, ("femur", "tibia"))
    assert card.first_stage.title == "Knee (nnU-Net 3d_lowres)" and len(card.first_stage.members) == 1
    assert (source.folder / "first-stage" / "members" / "fold1.safetensors").is_file()
    assert any("Knee (nnU-Net 3d_lowres) comes first" in note for note in result.sentences)
    assert main(["sources", "show", NAME]) == 0
    assert "first stage  Knee (nnU-Net 3d_lowres)" in capsys.readouterr().out


def test_it_is_copied_packed_and_unpacked_with_both_stages(tmp_path, monkeypatch):
    written(tmp_path)
    source, _ = imported(tmp_path)
    affine, size = THICK
    found = run(tmp_path, scan(size), Grid(size, affine))
    copy_source(source.folder, tmp_path / "copy")
    pack_models([NAME], tmp_path / "pack.zip")
    monkeypatch.setenv("TRANSFERSEG_MODELS", str(tmp_path / "elsewhere"))
    unpack_models(tmp_path / "pack.zip")
    for model in (str(tmp_path / "copy"), NAME):
        assert (run(tmp_path, scan(size), Grid(size, affine), model=model) == found).all()
    remove_source(NAME)
    assert not (tmp_path / "elsewhere" / NAME).exists()


@pytest.mark.parametrize("file", ["first-stage/weights.safetensors", "weights.safetensors"])
def test_weights_of_either_stage_that_are_not_the_card_s_are_refused(tmp_path, capsys, file):
    written(tmp_path)
    folder = imported(tmp_path)[0].folder
    other = "weights.safetensors" if file.startswith("first") else "first-stage/weights.safetensors"
    (folder / file).write_bytes((folder / other).read_bytes())
    write_volume(tmp_path / "scan.nii.gz", scan((20, 20, 20)), Grid.from_spacing((20, 20, 20), (1, 1, 1)))
    assert (
        main(["segment", "--model", NAME, "--images", str(tmp_path / "scan.nii.gz"), "--out", str(tmp_path / "o")]) == 2
    )
    said = capsys.readouterr().err
    assert str(folder / file) in said and "not the file the card was written for" in said


def test_a_first_stage_behind_a_link_out_of_the_model_is_refused(tmp_path, capsys):
    written(tmp_path)
    folder = imported(tmp_path)[0].folder
    (folder / "first-stage").rename(tmp_path / "away")
    (folder / "first-stage").symlink_to(tmp_path / "away")
    write_volume(tmp_path / "scan.nii.gz", scan((20, 20, 20)), Grid.from_spacing((20, 20, 20), (1, 1, 1)))
    assert (
        main(["segment", "--model", NAME, "--images", str(tmp_path / "scan.nii.gz"), "--out", str(tmp_path / "o")]) == 2
    )
    assert "first-stage: is a link to a file outside the model's folder" in capsys.readouterr().err


def test_nothing_is_adapted_exported_or_begun_from_a_cascade_and_one_sentence_says_why(tmp_path, capsys):
    written(tmp_path)
    folder = imported(tmp_path)[0].folder
    for room in ("imagesTr", "labelsTr"):
        (tmp_path / "target" / room).mkdir(parents=True)
    grid = Grid.from_spacing((20, 20, 20), (1, 1, 1))
    for case in range(2):
        write_volume(tmp_path / "target" / "imagesTr" / f"a{case}_0000.nii.gz", scan((20, 20, 20), case), grid)
        labels = (scan((20, 20, 20), case) > 60).astype(np.float32)
        write_volume(tmp_path / "target" / "labelsTr" / f"a{case}.nii.gz", labels, grid)
    about = {"channel_names": {"0": "CT"}, "labels": {"background": 0, "femur": 1}, "numTraining": 2}
    (tmp_path / "target" / "dataset.json").write_text(json.dumps(about | {"file_ending": ".nii.gz"}), encoding="utf-8")
    target, out = str(tmp_path / "target"), str(tmp_path / "job")
    refused = f"`{NAME}`: is a cascade of two networks, which can be applied and not adapted"
    commands = [
        ["adapt", "--source", NAME, "--target", target, "--out", out, "--strategy", "open"],
        ["adapt", "--source", NAME, "--target", target, "--out", out, "--strategy", "direct"],
        ["advise", "--source", NAME, "--target", target],
        ["cases", "check", target, "--source", NAME],
        ["loop", "init", out, "--source", NAME, "--images", str(tmp_path / "target" / "imagesTr")],
    ]
    for command in commands:
        assert main(command) in (1, 2), command
        said = capsys.readouterr()
        assert refused in said.err + said.out, command
        assert not Path(out).exists()
    assert main(["sources", "export", NAME, str(tmp_path / "bundle")]) == 2
    assert "is a cascade of two networks" in capsys.readouterr().err
    weights, card = folder / "weights.safetensors", folder / "card.json"
    assert main(["sources", "import", str(weights), "--card", str(card), "--name", "one"]) == 2
    assert "is of a cascade, and weights alone are of one network" in capsys.readouterr().err


def test_the_runs_of_both_stages_are_counted(tmp_path):
    written(tmp_path, (2, 1))
    card = imported(tmp_path)[0].card
    affine, size = ISOTROPIC
    both, first = effort_as_nnunet(card, Grid(size, affine)), effort_as_nnunet(card.first_stage, Grid(size, affine))
    assert first.runs == first.windows * 8 * 2
    assert both.runs == both.windows * 8 + first.runs > first.runs
