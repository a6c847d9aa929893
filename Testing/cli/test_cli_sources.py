from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

import pytest

from TransferSegLib.cli.sources import add_parser
from TransferSegLib.core.card import CardLabel, CardNetwork, CardScore, ModelCard
from TransferSegLib.core.preprocessing import Preprocessing
from TransferSegLib.core.problems import Problem
from TransferSegLib.networks import build
from TransferSegLib.sources import catalogue
from TransferSegLib.sources.folder import save_source

CARD = ModelCard(
    format=2,
    name="liver-ct",
    title="Liver in CT",
    description="Finds the liver.",
    modality="ct",
    body_part="abdomen",
    labels=(CardLabel(1, "liver"), CardLabel(2, "tumour")),
    channels=("CT",),
    network=CardNetwork("ratlesnetv2", {"filters": 2}),
    preprocessing=Preprocessing(spacing_mm=(1.5, 1.5, 3.0), normalisation="ct"),
    patch_size=(64, 64, 32),
    trained_on="made-up cases",
    training_cases=12,
    licence="CC-BY-4.0",
    citation="Nobody, 2020",
    commercial_use=True,
    scores=(CardScore("liver", 0.9, 3.25, 12, "out-of-fold"), CardScore("tumour", 0.7, None, 12, "out-of-fold")),
)


@pytest.fixture(autouse=True)
def models(tmp_path, monkeypatch) -> Path:
    """A bundled model, and an empty folder for the person's own."""
    monkeypatch.setattr(catalogue, "bundled_folder", lambda: tmp_path / "bundled")
    monkeypatch.setenv("TRANSFERSEG_MODELS", str(tmp_path / "user"))
    save_source(tmp_path / "bundled" / "liver-ct", CARD, build("ratlesnetv2", 1, 3, {"filters": 2}).state_dict())
    return tmp_path


def call(*words: str) -> int:
    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    args = parser.parse_args(["sources", *words])
    return args.run(args)


def test_the_list_shows_what_each_model_segments_and_how_well(capsys):
    assert call("list") == 0
    head, row, *elsewhere = capsys.readouterr().out.splitlines()
    assert head.split()[:2] == ["name", "modality"]
    for text in ("liver-ct", "ct", "abdomen", "liver, tumour", "CC-BY-4.0", "0.800", "ships"):
        assert text in row
    states = ("to download", "needs a key", "cannot be read yet")
    assert all(line.endswith(states) for line in elsewhere)


def test_many_labels_are_cut_short_and_scores_may_be_unknown(models, capsys):
    labels = tuple(CardLabel(n, f"structure-{n}") for n in range(1, 31))
    card = replace(CARD, name="many", labels=labels, scores=())
    save_source(models / "user" / "many", card, build("ratlesnetv2", 1, 31, {"filters": 2}).state_dict())
    call("list")
    row = capsys.readouterr().out.splitlines()[2]
    assert "30 labels: structure-1, structure-2, …" in row
    assert "not known" in row
    assert "yours" in row


def test_a_broken_model_is_told_on_stderr_and_the_others_are_listed(models, capsys):
    (models / "user" / "broken").mkdir(parents=True)
    assert call("list") == 0
    out, err = capsys.readouterr()
    assert "liver-ct" in out
    assert "card.json: no such file" in err


def test_the_list_as_json_has_cards_folders_and_problems(models, capsys):
    (models / "user" / "broken").mkdir(parents=True)
    assert call("list", "--json") == 0
    data = json.loads(capsys.readouterr().out)
    assert [(s["name"], s["origin"], s["modality"]) for s in data["sources"]] == [("liver-ct", "bundled", "ct")]
    mine = data["sources"][0]
    facts = ("kind", "licence", "commercial_use", "downloaded")
    assert tuple(mine[name] for name in facts) == ("TransferSeg", "CC-BY-4.0", True, True)
    assert mine["size_bytes"] == (models / "bundled" / "liver-ct" / "weights.safetensors").stat().st_size
    elsewhere = {entry["name"]: entry for entry in data["to_download"]}["ratlesnetv2-homogeneous-1"]
    assert tuple(elsewhere[name] for name in facts) == ("bare weights", "MIT", True, False)
    assert elsewhere["size_bytes"] > 1_000_000
    assert data["broken"][0]["folder"] == str(models / "user" / "broken")


def test_show_tells_what_a_radiologist_asks(capsys):
    assert call("show", "liver-ct") == 0
    text = capsys.readouterr().out
    expected = (
        "liver-ct: Liver in CT",
        "liver (1), tumour (2)",
        "made-up cases (12 cases)",
        "1.5×1.5×3 mm",
        "CC-BY-4.0; commercial use: allowed",
        "Nobody, 2020",
        "3.25",
    )
    assert [line for line in expected if line not in text] == []


@pytest.mark.parametrize(
    ("licence", "stated", "listed", "shown"),
    [
        ("CC-BY-NC-4.0", True, "CC-BY-NC-4.0 (no commercial use)", "CC-BY-NC-4.0; commercial use: NOT allowed"),
        ("CC-BY-SA-4.0", None, "CC-BY-SA-4.0  ", "CC-BY-SA-4.0; commercial use: allowed"),
        ("", None, "unknown", "not stated; commercial use: unknown"),
    ],
)
def test_what_a_licence_forbids_is_listed_and_shown(models, capsys, licence, stated, listed, shown):
    card = replace(CARD, name="theirs", licence=licence, commercial_use=stated)
    save_source(models / "user" / "theirs", card, build("ratlesnetv2", 1, 3, {"filters": 2}).state_dict())
    call("list")
    assert listed in next(line for line in capsys.readouterr().out.splitlines() if line.startswith("theirs"))
    call("show", "theirs")
    assert shown in capsys.readouterr().out


def test_show_as_json_is_the_card(capsys):
    assert call("show", "liver-ct", "--json") == 0
    assert json.loads(capsys.readouterr().out)["labels"][1]["name"] == "tumour"


def test_an_added_model_can_be_shown_by_its_new_name(models, capsys):
    assert call("add", str(models / "bundled" / "liver-ct"), "--name", "mine") == 0
    assert str(models / "user" / "mine") in capsys.readouterr().out
    assert call("show", "mine") == 0


def test_an_added_model_as_json_has_what_became_of_its_weights_as_data(models, capsys):
    assert call("add", str(models / "bundled" / "liver-ct"), "--name", "mine", "--json") == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["name"], data["title"]) == ("mine", "Liver in CT") and data["card"]["name"] == "mine"
    assert data["folder"] == str(models / "user" / "mine") and data["notes"] == data["findings"] == []
    said = Problem.from_json(data["weights"]["problem"])
    assert said.sentence == data["weights"]["sentence"] and said.fields["share"] == "100 %"


def test_sources_alone_says_what_can_follow(capsys):
    with pytest.raises(SystemExit) as stopped:
        call()
    assert stopped.value.code == 2
    assert "list | show | add" in capsys.readouterr().err
