"""Models of other programs that are on this computer: where they are looked for, how they are listed, and taken in."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from foreign_models import write_bundle, write_nnunet

from TransferSegLib.cli import main
from TransferSegLib.core.errors import InputError
from TransferSegLib.sources.catalogue import find_in_parts, find_source
from TransferSegLib.sources.downloads import find_download
from TransferSegLib.sources.fetching import download_model, take_in
from TransferSegLib.sources.found_here import find_found, list_found, places

RELEASE = "Dataset297_TotalSegmentator_total_3mm_1559subj"
TRAINER = "nnUNetTrainer_4000epochs_NoMirroring__nnUNetPlans__3d_fullres"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    """A person's home without models."""
    for name in ("TOTALSEG_HOME_DIR", "TOTALSEG_WEIGHTS_PATH", "MRSEG_WEIGHTS_PATH", "nnUNet_results", "TORCH_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setattr(Path, "home", lambda: folder)
    return folder


@pytest.fixture
def totalsegmentator(home) -> Path:
    """What TotalSegmentator unpacks its 3 mm model into, with a tiny network."""
    pytest.importorskip("dynamic_network_architectures")
    folder = home / ".totalsegmentator" / "nnunet" / "results" / RELEASE / TRAINER
    write_nnunet(folder)
    return folder


def listed(capsys, *flags: str) -> str:
    assert main(["sources", "list", *flags]) == 0
    return capsys.readouterr().out


def test_without_other_programs_nothing_is_found():
    assert list_found() == []
    assert {program for program, _ in places()} == {"TotalSegmentator", "MRSegmentator", "MONAI Auto3DSeg", "MONAI"}


def test_a_model_of_totalsegmentator_is_found_by_its_name_in_the_catalogue(totalsegmentator, capsys):
    (found,) = list_found()
    assert (found.name, found.program, found.folder) == (
        "totalsegmentator-total-3mm",
        "TotalSegmentator",
        totalsegmentator,
    )
    assert found.licence == "Apache-2.0"
    rows = [line for line in listed(capsys).splitlines() if line.startswith("totalsegmentator-total-3mm ")]
    assert len(rows) == 1 and rows[0].endswith("here, of TotalSegmentator: import")
    assert "totalsegmentator-total-3mm" in listed(capsys, "--here")
    assert "totalsegmentator-total-6mm" not in listed(capsys, "--here")


@pytest.mark.parametrize("command", ["download", "import"])
def test_it_is_taken_in_without_a_download_with_what_the_catalogue_says(command, totalsegmentator, capsys):
    assert main(["sources", command, "totalsegmentator-total-3mm"]) == 0
    card = find_source("totalsegmentator-total-3mm").card
    assert (card.licence, card.commercial_use, card.body_part) == ("Apache-2.0", True, "whole body")
    assert card.made_by["taken_in_from"] == str(totalsegmentator)
    if command == "download":
        assert f"was found in {totalsegmentator} and taken in from there" in capsys.readouterr().err
    assert (totalsegmentator / "plans.json").is_file()
    capsys.readouterr()
    assert listed(capsys, "--here").count("totalsegmentator-total-3mm") == 1


def test_a_copy_that_cannot_be_read_is_said_and_downloaded_instead(totalsegmentator):
    (totalsegmentator / "plans.json").write_text("{")
    entry = find_download("totalsegmentator-total-3mm")
    assert entry is not None
    told: list[str] = []
    gone = entry.__class__(**{**entry.__dict__, "url": "file:///gone.zip"})
    with pytest.raises(InputError, match="is the drive there"):
        download_model(gone, on_found=lambda problem: told.append(problem.sentence))
    assert len(told) == 1 and "cannot be read there" in told[0] and told[0].endswith("so it is downloaded.")


def test_a_model_in_parts_that_is_here_as_a_whole_is_one_line_and_is_taken_in_as_one(home, capsys):
    pytest.importorskip("dynamic_network_architectures")
    results = home / ".totalsegmentator" / "nnunet" / "results"
    entry = find_download("totalsegmentator-headneck-muscles")
    assert entry is not None
    for file in entry.files():
        write_nnunet(results / Path(file.url).stem / "nnUNetTrainer__nnUNetPlans__3d_fullres")
    rows = [line for line in listed(capsys, "--here").splitlines() if line.startswith("totalsegmentator-")]
    assert len(rows) == 1 and rows[0].startswith("totalsegmentator-headneck-muscles ")
    assert main(["sources", "download", "totalsegmentator-headneck-muscles"]) == 0
    whole = find_in_parts("totalsegmentator-headneck-muscles")
    assert whole is not None and len(whole.parts) == 2


def test_of_a_file_with_two_trainings_each_is_found_as_its_own_entry(home):
    results = home / ".totalsegmentator" / "nnunet" / "results"
    for name in ("totalsegmentator-total-v3-3mm", "totalsegmentator-total-v3-small-3mm"):
        entry = find_download(name)
        assert entry is not None and entry.folder is not None
        folder = results / Path(entry.url).stem / entry.folder
        write_files(folder)
    assert {found.name for found in list_found()} == {
        "totalsegmentator-total-v3-3mm",
        "totalsegmentator-total-v3-small-3mm",
    }


def write_files(folder: Path) -> None:
    """The names of a trained model's files."""
    (folder / "fold_0").mkdir(parents=True)
    (folder / "fold_0" / "checkpoint_final.pth").touch()
    (folder / "plans.json").write_text("{}")
    labels = {"background": 0, "liver": 1, "spleen": 2}
    (folder / "dataset.json").write_text(json.dumps({"labels": labels}))


def test_a_training_of_the_persons_own_is_found_in_nnu_nets_results_with_its_labels(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("nnUNet_results", str(tmp_path / "results"))
    write_files(tmp_path / "results" / "Dataset004_Liver" / "nnUNetTrainer__nnUNetPlans__3d_fullres")
    (found,) = list_found()
    assert found.name == "Dataset004_Liver/nnUNetTrainer__nnUNetPlans__3d_fullres"
    assert found.labels == ("liver", "spleen") and found.entry is None
    assert find_found(found.name) == found
    assert found.name in listed(capsys, "--find", "hepatic")


def test_a_training_that_was_never_begun_is_no_model(home):
    folder = home / ".totalsegmentator" / "nnunet" / "results" / RELEASE / TRAINER
    write_files(folder)
    shutil.rmtree(folder / "fold_0")
    assert list_found() == []


def test_a_bundle_in_monais_folder_is_found_and_taken_in(home, capsys):
    write_bundle(home / ".cache" / "torch" / "hub" / "bundle" / "knee_mri")
    (found,) = list_found()
    assert (found.name, found.program) == ("knee_mri", "MONAI")
    assert main(["sources", "import", "knee_mri"]) == 0
    assert "imported" in capsys.readouterr().out


def test_mrsegmentators_model_is_found_and_taken_in_as_its_images_are_turned(home):
    pytest.importorskip("dynamic_network_architectures")
    write_nnunet(home / ".mrsegmentator" / "base")
    (found,) = list_found()
    assert (found.name, found.licence) == ("mrsegmentator", "Apache-2.0")
    assert take_in(found).card.made_by["orientation"] == "LPS"


def test_a_list_of_labels_that_is_none_does_not_stop_the_list(home, tmp_path, monkeypatch):
    monkeypatch.setenv("nnUNet_results", str(tmp_path))
    for n, text in enumerate(("{", "[]", '{"labels": 3}', '{"labels": {"1": {"x": 2}}}')):
        folder = tmp_path / f"Dataset{n:03}_x" / "a__b__c"
        write_files(folder)
        (folder / "dataset.json").write_text(text)
    assert len(list_found()) == 4
