from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tiny_studies import run_here, tiny

from TransferSegLib.cases.preprocessing import prepare_case
from TransferSegLib.cli import main
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.formats import JOB_FORMAT
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.studies.analysing import said_of
from TransferSegLib.studies.folder import StudyFolder
from TransferSegLib.studies.grid import cells, varied_factors
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
        training=TrainingOptions(steps=4, deterministic=True, snapshots=3, copies=1),
    )
    JobFolder.create(folder, spec)
    run_job(folder)
    return folder


def test_a_job_is_analysed_whole_with_the_time_left(job: Path, capsys: pytest.CaptureFixture, monkeypatch):
    monkeypatch.setenv("TRANSFERSEG_PROBLEMS", "json")
    assert main(["analyse", str(job), *FAST]) == 0
    said = capsys.readouterr()
    shown = [event for event in map(json.loads, said.err.splitlines()) if event["kind"] == "progress"]
    shares = [event["fraction"] for event in shown]
    assert shares[0] == 0 and shares[-1] == 1 and shares == sorted(set(shares)), "each look is counted once"
    assert shown[0]["seconds_left"] is None and all(event["seconds_left"] >= 0 for event in shown[2:])
    printed = said.out.strip().splitlines()
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


def test_a_study_is_analysed_with_its_seeds_as_repeats(tmp_path: Path, capsys: pytest.CaptureFixture):
    study = tiny(
        (
            "[direct, open], source: heads, target: t2w, size: 1",
            "[open, scratch], source: heads, target: t2w, seed: [0, 1]",
        ),
        ("{steps: 2,", "{steps: 2, snapshots: 2,"),
    )
    folder = StudyFolder(tmp_path / "study")
    assert run_here(folder, study).done == 4
    assert main(["analyse", str(folder.path), "--rsim", "--reuse", *FAST]) == 0
    assert capsys.readouterr().out.strip().endswith(str(folder.path / "analysis" / "report.html"))
    with (folder.path / "analysis" / "movement.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["layer"] == "head"]
    assert [(row["condition"], row["training"], row["origin"], row["step"]) for row in rows] == [
        (name, f"{name}, seed {seed}", origin, step)
        for name, origin in (("open", "source"), ("scratch", "scratch"))
        for seed in (0, 1)
        for step in ("0", "2")
    ]
    with (folder.path / "analysis" / "reuse.csv").open(encoding="utf-8") as file:
        assert {(row["trainings"], row["scratch_trainings"]) for row in csv.DictReader(file)} == {("2", "2")}
    page = (folder.path / "analysis" / "report.html").read_text(encoding="utf-8")
    # The study's test case is what the networks were run on.
    assert "trained on" not in page and "too narrow" not in page


def test_each_target_of_a_study_is_looked_at_on_its_own_cases_and_reuse_needs_no_common_voxel_size(
    tmp_path: Path, capsys: pytest.CaptureFixture, monkeypatch
):
    network = "monai-unet:channels=2-4:strides=2:num_res_units=0"
    study = tiny(
        (
            "  t2w: {phantom: t2w, cases: 3, seed: 2, train: 2, voxels: [16, 16, 8], test: 1}",
            "  t2w: {phantom: t2w, cases: 2, seed: 2, train: 1, voxels: [20, 20, 10], test: 1}\n"
            "  ct: {phantom: ct, cases: 2, seed: 3, train: 1, voxels: [16, 16, 8], test: 1}",
        ),
        (
            "- {strategy: [direct, open], source: heads, target: t2w, size: 1}",
            "- {strategy: open, source: heads, target: [t2w, ct]}\n"
            f"- {{strategy: scratch, source: none, network: '{network}', target: t2w}}",
        ),
        ("{steps: 2,", "{steps: 2, snapshots: 2,"),
    )
    folder = StudyFolder(tmp_path / "study")
    assert run_here(folder, study).done == 3
    prepared: list[str] = []

    def seen(case, preprocessing):
        prepared.append(case.images[0].relative_to(folder.data).parts[0].split(".")[0])
        return prepare_case(case, preprocessing)

    monkeypatch.setattr("TransferSegLib.jobs.analysing.prepare_case", seen)
    assert main(["analyse", str(folder.path), *FAST]) == 0
    of_t2w, of_ct = (folder.path / "analysis" / name for name in ("1-monai-unet-t2w", "2-monai-unet-ct"))
    # The test case of t2w as the network from scratch sees it and as the other one does, then that of ct.
    assert prepared == ["t2w", "t2w", "ct"]
    said = capsys.readouterr().out
    assert "run `scratch` as well" not in said.split(str(of_t2w))[0] and "run `scratch` as well" in said
    assert "in 2 ways, which differ in voxel size or intensities" in _page(of_t2w) and "in 2 ways" not in _page(of_ct)
    with (of_t2w / "reuse.csv").open(encoding="utf-8") as file:
        assert {(row["trainings"], row["scratch_trainings"]) for row in csv.DictReader(file)} == {("1", "1")}
    assert not (of_t2w / "pairs.csv").exists() and not (of_ct / "reuse.csv").exists()


def _page(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


def test_cells_that_begin_from_elsewhere_are_compared_with_scratch_in_the_same_setting():
    study = tiny(
        (
            "[direct, open], source: heads, target: t2w, size: 1",
            "[open, scratch], source: heads, target: t2w, size: [1, 2]",
        )
    )
    found = [said_of(cell, varied_factors(study)) for cell in cells(study)]
    assert [(condition, setting) for condition, setting, _ in found] == [
        ("open, size 1", "size 1"),
        ("open, size 2", "size 2"),
        ("scratch, size 1", "size 1"),
        ("scratch, size 2", "size 2"),
    ]
