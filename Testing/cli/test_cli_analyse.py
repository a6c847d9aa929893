from __future__ import annotations

import json
from pathlib import Path

import pytest

from TransferSegLib.cli import main
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.formats import JOB_FORMAT
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.training.options import TrainingOptions

FAST = ("--blocks", "4", "--points", "64", "--device", "cpu")


@pytest.fixture(scope="module")
def job(tmp_path_factory, phantoms, tiny_source) -> Path:
    """A tiny comparison of two folds, with the weights at the start, in the middle and at the end of each training."""
    folder = tmp_path_factory.mktemp("analyse") / "job"
    spec = JobSpec(
        JOB_FORMAT,
        "compare",
        str(phantoms("t2w", 2)),
        (StrategyChoice("open"), StrategyChoice("scratch")),
        source=str(tiny_source),
        folds=2,
        training=TrainingOptions(steps=4, deterministic=True, snapshots=3),
    )
    JobFolder.create(folder, spec)
    run_job(folder)
    return folder


def test_a_job_is_analysed_whole(job: Path, capsys: pytest.CaptureFixture):
    assert main(["analyse", str(job), *FAST]) == 0
    printed = capsys.readouterr().out.strip().splitlines()
    report = job / "analysis" / "report.html"
    assert printed[-1] == str(report) and printed[0].startswith("`open`: ")
    page = report.read_text(encoding="utf-8")
    for heading in (
        "How representations moved",
        "Feature reuse",
        "How alike the networks are",
        "How much filters changed",
    ):
        assert heading in page
    assert "trained on" in page and "intervals over them are too narrow" in page
    assert (job / "analysis" / "figures" / "movement-rsim.png").exists()
    # The same is found again.
    before = (job / "analysis" / "reuse.csv").read_bytes()
    assert main(["analyse", str(job), "--reuse", *FAST]) == 0
    assert (job / "analysis" / "reuse.csv").read_bytes() == before


def test_one_part_alone_goes_where_it_is_told(job: Path, tmp_path: Path, capsys: pytest.CaptureFixture):
    assert main(["analyse", str(job), "--filters", "--out", str(tmp_path / "out"), "--json", *FAST]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert found == {"report": str(tmp_path / "out" / "report.html"), "advice": []}
    assert {path.name for path in (tmp_path / "out").glob("*.csv")} == {"filters.csv"}


def test_the_report_of_a_job_is_not_replaced(job: Path, capsys: pytest.CaptureFixture):
    before = (job / "report.html").read_bytes()
    assert main(["analyse", str(job), "--out", str(job), *FAST]) == 2
    assert "has a report of something else" in capsys.readouterr().err
    assert (job / "report.html").read_bytes() == before


def test_a_job_without_snapshots_says_how_to_keep_them(tiny_source: Path, capsys: pytest.CaptureFixture):
    assert main(["analyse", str(tiny_source.parent)]) == 2
    assert "--snapshots 10" in capsys.readouterr().err


def test_a_number_of_blocks_that_cannot_be_is_refused(job: Path, capsys: pytest.CaptureFixture):
    assert main(["analyse", str(job), "--blocks", "1"]) == 2
    assert "--blocks" in capsys.readouterr().err


def test_a_study_is_analysed_by_what_its_cells_have_in_common(job: Path, tmp_path: Path, phantoms, tiny_source: Path):
    from TransferSegLib.jobs.analysing import Member
    from TransferSegLib.studies.analysing import study_members
    from TransferSegLib.studies.folder import StudyFolder
    from TransferSegLib.studies.grid import cells, parse_study

    text = f"""
title: Seeds
data:
  heads: {{path: {json.dumps(str(phantoms("t2w", 2)))}, test: 1}}
sources:
  tiny: {{model: {json.dumps(str(tiny_source))}}}
training: {{steps: 1}}
grids:
- strategy: [open, scratch]
  source: tiny
  target: heads
  seed: [0, 1]
"""
    folder = StudyFolder(tmp_path / "study")
    folder.path.mkdir()
    folder.study_yaml.write_text(text, encoding="utf-8")
    begun = cells(parse_study(text, "study"))[:3]
    for cell in begun:
        (folder.cell(cell.name)).mkdir(parents=True)
        (folder.cell(cell.name) / "job.json").write_text("{}", encoding="utf-8")
    jobs = [JobFolder(folder.cell(cell.name)) for cell in begun]
    found = [(member.job.path, member.name, member.condition, member.setting) for member in study_members(folder)]
    assert found == [
        (jobs[0].path, "open, seed 0", "open", ""),
        (jobs[1].path, "open, seed 1", "open", ""),
        (jobs[2].path, "scratch, seed 0", "scratch", ""),
    ]
    assert Member(jobs[0]).condition == ""
