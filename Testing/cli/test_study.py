"""`transferseg study`."""

from __future__ import annotations

import json

import pytest
from tiny_studies import TINY

from TransferSegLib.cases.phantom.dataset import write_phantoms
from TransferSegLib.cli import main
from TransferSegLib.core.files import remove_folder
from TransferSegLib.studies.grid import parse_study


@pytest.fixture
def grid(tmp_path):
    path = tmp_path / "grid.yaml"
    path.write_text(TINY, encoding="utf-8")
    return path


def refused(capsys, *arguments: object) -> str:
    assert main(["study", *map(str, arguments)]) == 2
    return capsys.readouterr().err


def test_a_study_runs_is_looked_at_and_reported_again(grid, tmp_path, capsys):
    out = tmp_path / "study"
    assert main(["study", str(grid), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Dice on the test cases, mean ± standard deviation over cases:\n") and "\n  direct " in said
    assert said.endswith(f"3 figures: {out / 'figures'}\nReport: {out / 'report.html'}\n") and f"tables: {out}" in said
    assert main(["study", "status", str(out)]) == 0
    assert "2 of 2 cells" in capsys.readouterr().out
    (out / "results.csv").unlink()
    assert main(["study", "report", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["results"] == str(out / "results.csv") and (out / "results.csv").is_file()
    assert [one["levels"] for one in told["scores"]] == [{"strategy": "direct"}, {"strategy": "open"}]
    gone = min((out / "cells").iterdir())
    remove_folder(gone)
    assert main(["study", "resume", str(out), "--dry-run", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["varied"] == {"strategy": ["direct", "open"]} and list(plan["sources"].values()) == ["done"]
    assert plan["cells"][gone.name] != "done" and list(plan["cells"].values()).count("done") == 1
    assert not gone.exists()
    assert main(["study", "resume", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["done"] == 2


def test_a_dry_run_says_what_would_be_run_and_writes_nothing(grid, tmp_path, capsys):
    assert main(["study", str(grid), "--out", str(tmp_path / "study"), "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "2 cells:\n  strategy: direct, open" in said
    assert "1 case to train on, 1 to score, 2 steps" in said and "1 source model is trained first" in said
    assert ": nothing to train, 1 to score" in said
    assert said.splitlines()[-1].startswith("2 cells; 2 trainings to run: about ")
    assert not (tmp_path / "study").exists()


def test_a_printed_study_is_a_study_with_ones_own_data_and_models(grid, capsys):
    assert main(["study", "print", str(grid), "--data", "/mine", "--source", "heads=head-t1w"]) == 0
    study = parse_study(capsys.readouterr().out, "printed")
    assert study.data["t2w"].path == "/mine" and study.data["t2w"].test == 1 and study.data["t2w"].seed == 0
    assert study.data["t1w"].phantom == "t1w"
    assert study.sources["heads"].model == "head-t1w" and study.sources["heads"].pretrain is None


def test_a_papers_study_is_fitted_to_ones_own_cases_and_says_so(tmp_path, capsys):
    mine = write_phantoms(tmp_path / "mice", "t2w", 9, 1, (8, 8, 8), lesions=True, drawn=1)
    assert main(["study", "print", "hossain2023", "--data", f"mice={mine}"]) == 0
    study = parse_study(capsys.readouterr().out, "printed")
    assert (study.data["mice"].validation, study.data["mice"].test) == (1, 4)
    (note,) = study.notes
    assert note.startswith("Data `mice`: the study's numbers were scaled to 9 cases: 4 to train on")
    # The same numbers in a file of one's own are refused, with the whole sum.
    assert main(["study", "print", "hossain2023"]) == 0
    grid = tmp_path / "own.yaml"
    grid.write_text(capsys.readouterr().out, encoding="utf-8")
    assert "asks for 10 + 20 + 40 annotated cases (to validate, to score, to train on) and there are 9;" in refused(
        capsys, grid, "--data", f"mice={mine}", "--source", "model-of-rats=head-t1w", "--dry-run"
    )


def test_what_cannot_be_is_refused_in_a_sentence(grid, tmp_path, capsys):
    assert "no paper (" in refused(capsys, "no-such-study", "--out", tmp_path / "a")
    assert "--out STUDY is missing" in refused(capsys, grid)
    assert "`status` of which study?" in refused(capsys, "status")
    assert "no such file" in refused(capsys, "status", tmp_path / "nothing")
    assert "not a study's folder" in refused(capsys, "resume", tmp_path)
    assert "is none of status, resume, report, print" in refused(capsys, grid, "status")
    assert "is not empty and holds no study" in refused(capsys, grid, "--out", tmp_path)
    assert "--quick is for a paper's study" in refused(capsys, grid, "--quick", "--out", tmp_path / "b")
    assert "--address auto: only Ray has an address" in refused(
        capsys, grid, "--address", "auto", "--out", tmp_path / "b"
    )
    assert "--data: `study resume` does not take it; it takes --executor, --address, --workers" in refused(
        capsys, "resume", tmp_path, "--data", "mine"
    )
    assert "--out: `study print` does not take it" in refused(capsys, "print", grid, "--out", tmp_path / "b")
    assert "give 1 or more" in refused(capsys, grid, "--workers", "0", "--out", tmp_path / "b")
