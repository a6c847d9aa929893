"""A model that is below its source, or whose job was stopped, carries that with it: saved, listed, used and exported."""

from __future__ import annotations

import json
import shutil

import pytest

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cli import main
from TransferSegLib.core.card import read_card
from TransferSegLib.core.model_warnings import model_warnings
from TransferSegLib.core.problems import Problem

BELOW = Problem(
    "kept-model-worse",
    "The kept model, of `{strategy}`, is worse than the source model as it is: {scores}; {chance}.",
    {"strategy": "open", "scores": "mean Dice 0.6 against 0.8", "chance": "more than chance"},
    "warning",
)
STOPPED = (
    "The model `saved` is of a job that was stopped before its end; it was not compared with its source model, `tiny`, and "
    "may be worse; `transferseg resume JOB` finishes the job."
)


@pytest.fixture
def saved(tiny_source, tmp_path, monkeypatch):
    """saved(below, finished): a model among the person's own, whose job is gone."""
    monkeypatch.setenv("TRANSFERSEG_MODELS", str(tmp_path / "models"))

    def make(below: bool = True, finished: bool = True):
        folder = shutil.copytree(tiny_source, tmp_path / "models" / "saved")
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        card["name"] = "saved"
        card["made_by"] |= {"source": "tiny", "finished": finished}
        if below:
            card["made_by"]["against_source"] = {"kind": "worse", "problem": BELOW.to_json()}
        (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
        return folder

    return make


def test_a_card_of_neither_kind_warns_of_nothing(saved, tiny_source):
    assert model_warnings(read_card(tiny_source)) == ()
    assert model_warnings(read_card(saved(below=False))) == ()


def test_it_warns_of_what_its_card_says(saved):
    assert [one.sentence for one in model_warnings(read_card(saved(finished=False)))] == [STOPPED, BELOW.sentence]


def test_a_source_model_that_a_stopped_job_kept_as_it_is_is_not_called_worse_than_itself(saved):
    folder = saved(below=False)
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    card["made_by"] |= {"finished": True, "used": {"strategy": "direct", "finished": False}}
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    [warning] = model_warnings(read_card(folder))
    assert "may be worse" not in warning.sentence and "was stopped before its end; `" in warning.sentence
    card["made_by"] |= {"finished": False, "used": {"strategy": "direct", "finished": True}}
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    [warning] = model_warnings(read_card(folder))
    assert "may be worse" in warning.sentence, "a job that keeps a model does not mend it"


def test_the_list_of_models_marks_it_and_its_page_says_it(saved, capsys):
    saved(finished=False)
    assert main(["sources", "list", "--here"]) == 0
    [line] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("saved ")]
    assert line.endswith("; of a stopped job; below its source model")
    assert main(["sources", "list", "--here", "--json"]) == 0
    listed = {one["name"]: one["warnings"] for one in json.loads(capsys.readouterr().out)["sources"]}
    assert listed.pop("saved") == [STOPPED, BELOW.sentence] and not any(listed.values())
    assert main(["sources", "show", "saved"]) == 0
    assert f"{STOPPED} {BELOW.sentence}" in capsys.readouterr().out.splitlines()[1]


def test_adapting_it_and_ranking_with_it_say_it(saved, phantoms, tmp_path, capsys):
    saved()
    data = phantoms("t2w", 3)
    annotated = ("phantom_000", "phantom_001")
    lines = [f"{name},{data}/imagesTr/{name}.nii.gz,{data}/labelsTr/{name}.nii.gz" for name in annotated]
    lines += [f"c,{data}/imagesTr/phantom_002.nii.gz,"]
    (tmp_path / "cases.csv").write_text("\n".join(["case,image,label", *lines]), encoding="utf-8")
    names = {name: value for value, name in read_case_set(data).labels.items()}
    (tmp_path / "labels.json").write_text(json.dumps(names), encoding="utf-8")
    target = ["--target", str(tmp_path / "cases.csv")]
    assert main(["adapt", "--source", "saved", *target, "--strategy", "open", "--dry-run"]) == 0
    said = capsys.readouterr().err
    assert f"of the source model `saved`: {BELOW.sentence.removesuffix('.')}; score it against" in said
    out = ["--out", str(tmp_path / "next"), "--device", "cpu", "--json"]
    assert main(["rank", "--source", "saved", *target, "--count", "1", *out]) == 0
    said = capsys.readouterr()
    assert f"warning: {BELOW.sentence}" in said.err
    assert [one["message"] for one in json.loads(said.out)["of_model"]] == [BELOW.sentence]


def test_segmenting_says_it_to_programs_and_the_exported_bundle_to_whoever_gets_it(saved, phantoms, tmp_path, capsys):
    saved()
    image = str(read_case_set(phantoms("t2w", 2)).cases[0].images[0])
    assert main(["segment", "--model", "saved", "--images", image, "--out", str(tmp_path / "out"), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [one["code"] for one in said["of_model"]] == ["kept-model-worse"] and said["problems"] == []
    assert main(["sources", "export", "saved", str(tmp_path / "bundle")]) == 0
    assert f"**Warning:** {BELOW.sentence}\n" in (tmp_path / "bundle" / "docs" / "README.md").read_text(
        encoding="utf-8"
    )
    metadata = json.loads((tmp_path / "bundle" / "configs" / "metadata.json").read_text(encoding="utf-8"))
    assert metadata["warnings"] == [BELOW.sentence]
