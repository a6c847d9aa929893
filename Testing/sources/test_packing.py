"""Models packed into one file for a computer without network, and unpacked there."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from TransferSegLib.cli import main
from TransferSegLib.core.card import ModelCard
from TransferSegLib.core.errors import InputError
from TransferSegLib.networks import build
from TransferSegLib.sources.catalogue import find_in_parts, find_source, keep_source, list_sources, user_folder
from TransferSegLib.sources.downloads import find_download
from TransferSegLib.sources.first_sums import FirstSum, add_first_sums, first_sums
from TransferSegLib.sources.in_parts import InParts, Part, write_in_parts
from TransferSegLib.sources.packing import pack_models, unpack_models

URL = "https://example.org/knee.zip"
SUM = FirstSum("0" * 64, 10, "2026-01-01")


def card(name: str) -> ModelCard:
    known = find_download("ratlesnetv2-heterogeneous-1")
    assert known is not None and known.card is not None
    network = replace(known.card.network, arguments={"filters": 2})
    return replace(known.card, name=name, network=network, made_by={"downloaded_from": URL})


@pytest.fixture
def knee() -> Path:
    """A model of the person's own, with an ensemble."""
    state = build("ratlesnetv2", 1, 2, {"filters": 2}).state_dict()
    return keep_source(card("knee"), state, {"fold0": state}).folder


def elsewhere(monkeypatch, tmp_path) -> None:
    """Go on as on another computer, without models."""
    monkeypatch.setenv("TRANSFERSEG_MODELS", str(tmp_path / "other computer"))


def test_what_was_packed_is_there_after_unpacking(knee, tmp_path, monkeypatch, capsys):
    packed = {path.relative_to(knee): path.read_bytes() for path in knee.rglob("*") if path.is_file()}
    assert main(["sources", "pack", "knee", str(tmp_path / "models.zip")]) == 0
    assert "packed knee into" in capsys.readouterr().out
    elsewhere(monkeypatch, tmp_path)
    assert main(["sources", "unpack", str(tmp_path / "models.zip")]) == 0
    folder = find_source("knee").folder
    assert folder == user_folder() / "knee" != knee
    assert {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()} == packed
    assert unpack_models(tmp_path / "models.zip") == ["knee"], "twice is no harm"


def test_a_model_in_parts_is_packed_with_its_parts(knee, tmp_path, monkeypatch):
    keep_source(card("hip"), build("ratlesnetv2", 1, 2, {"filters": 2}).state_dict())
    parts = (Part("knee", ("lesion",)), Part("hip", ("lesion",)))
    whole = InParts(1, "leg", "Leg", "mr", "leg", ("lesion",), parts)
    write_in_parts(user_folder() / "leg", whole)
    assert pack_models(["leg"], tmp_path / "models.zip") == ["leg", "knee", "hip"]
    elsewhere(monkeypatch, tmp_path)
    unpack_models(tmp_path / "models.zip")
    assert find_in_parts("leg") == whole
    assert {source.card.name for source in list_sources() if source.origin == "user"} == {"knee", "hip"}


def test_the_sum_of_a_first_download_goes_along_with_its_model_and_no_other_sum(knee, tmp_path, monkeypatch):
    add_first_sums({URL: SUM, "https://example.org/other.zip": SUM})
    pack_models(["knee"], tmp_path / "models.zip")
    elsewhere(monkeypatch, tmp_path)
    unpack_models(tmp_path / "models.zip")
    assert first_sums() == {URL: SUM}


def rewritten(pack: Path, changes: dict[str, bytes | None]) -> Path:
    """A pack with other members: their content by name, None for none."""
    made = pack.with_name("changed.zip")
    with zipfile.ZipFile(pack) as before, zipfile.ZipFile(made, "w") as after:
        content: dict[str, bytes | None] = {name: before.read(name) for name in before.namelist()}
        for name, data in (content | changes).items():
            if data is not None:
                after.writestr(name, data)
    return made


@pytest.mark.parametrize(
    "changes",
    [
        {"knee/weights.safetensors": b"x"},
        {"knee/weights.safetensors": None},
        {"knee/more.json": b"{}"},
        {"other/card.json": b"{}"},
    ],
)
def test_a_pack_that_is_not_as_it_was_packed_is_refused_whole(changes, knee, tmp_path, monkeypatch):
    pack_models(["knee"], tmp_path / "models.zip")
    elsewhere(monkeypatch, tmp_path)
    with pytest.raises(InputError, match="is not as it was packed, so nothing of it was taken in"):
        unpack_models(rewritten(tmp_path / "models.zip", changes))
    assert not (user_folder() / "knee").exists()


def test_sums_for_addresses_of_no_model_in_the_pack_are_not_taken_over(knee, tmp_path, monkeypatch):
    pack_models(["knee"], tmp_path / "models.zip")
    with zipfile.ZipFile(tmp_path / "models.zip") as opened:
        manifest = json.loads(opened.read("pack.json"))
    manifest["first_sums"] = {"https://example.org/other.zip": SUM.__dict__}
    made = rewritten(tmp_path / "models.zip", {"pack.json": json.dumps(manifest).encode()})
    elsewhere(monkeypatch, tmp_path)
    unpack_models(made)
    assert first_sums() == {}


def test_another_zip_file_is_told_to_be_no_pack(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "plans.json").write_text("{}")
    archive = Path(shutil.make_archive(str(tmp_path / "a"), "zip", tmp_path / "a"))
    with pytest.raises(InputError, match="`transferseg sources pack` did not write it"):
        unpack_models(archive)


def test_a_file_that_is_there_is_not_written_over(knee, tmp_path):
    (tmp_path / "models.zip").write_text("mine")
    with pytest.raises(InputError, match="is there already"):
        pack_models(["knee"], tmp_path / "models.zip")
    assert (tmp_path / "models.zip").read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "words"), [("hippocampus-robust", "ships with TransferSeg"), ("gone", "no source model")]
)
def test_what_cannot_be_packed_is_refused_before_a_file_is_made(name, words, knee, tmp_path):
    with pytest.raises(InputError, match=words):
        pack_models(["knee", name], tmp_path / "models.zip")
    assert not (tmp_path / "models.zip").exists()
