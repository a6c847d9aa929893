"""Jobs and models of version 0.1.0, as that version left them: Testing/data/version-0.1.0.

The finished job, the unfinished one (killed in its second training) and the one that was never started are the same: they
adapt `source` to `cases` by the last two convolutions, on three folds, by the schedule `step`.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from TransferSegLib.cli import main
from TransferSegLib.core.card import CARD_FORMAT, read_card
from TransferSegLib.core.records import read_json
from TransferSegLib.evaluation.scores import read_scores
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import StrategyChoice, read_job
from TransferSegLib.jobs.status import job_status
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.sources.catalogue import find_source
from TransferSegLib.sources.loading import load_source

STORED = Path(__file__).resolve().parents[1] / "data" / "version-0.1.0"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The folder of version 0.1.0, its jobs' paths made those of here."""
    folder = tmp_path / "version 0.1.0"
    shutil.copytree(STORED, folder)
    for path in folder.glob("*/*.json"):
        path.write_text(path.read_text(encoding="utf-8").replace("@FOLDER@", str(folder)), encoding="utf-8")
    return folder


def weights(job: Path) -> dict[str, np.ndarray]:
    return load_file(job / "model" / "weights.safetensors")


def test_a_job_of_format_1_means_what_it_meant(old):
    assert json.loads((old / "waiting" / "job.json").read_text(encoding="utf-8"))["format"] == 1
    spec = read_job(old / "waiting")
    assert spec.format == 2
    assert (spec.kind, spec.keep, spec.folds) == ("adapt", "conservative:layers=2", 3)
    assert spec.meaning(spec.kept) == StrategyChoice("conservative", {"layers": 1})
    assert (spec.training.lr_schedule, spec.training.steps, spec.training.deterministic) == ("step", 3, True)


def test_a_finished_job_opens_and_its_report_is_written_again(old, capsys):
    job = old / "finished"
    status = job_status(job)
    assert (status.state, status.fraction) == ("done", 1.0)
    assert status.verdict == read_json(job / "scores.json")["verdict"]["sentence"]
    assert main(["run", str(job)]) == 0
    assert status.verdict in capsys.readouterr().out
    before = (job / "report.html").read_text(encoding="utf-8")
    assert main(["report", str(job)]) == 0
    after = (job / "report.html").read_text(encoding="utf-8")
    assert after != before and "conservative" in after
    assert {row.case for row in read_scores(job / "scores.csv")} == {"phantom_000", "phantom_001", "phantom_002"}


def test_an_adapted_model_of_format_1_is_a_source_model(old, tmp_path):
    assert json.loads((old / "finished" / "model" / "card.json").read_text(encoding="utf-8"))["format"] == 1
    source = find_source(old / "finished")
    assert source.card.format == CARD_FORMAT and source.card.scores
    load_source(source)
    image = next((old / "cases" / "imagesTr").iterdir())
    out = tmp_path / "out"
    assert main(["segment", "--model", str(old / "finished"), "--images", str(image), "--out", str(out)]) == 0
    assert [path.name for path in out.glob("*.nii.gz")] == [image.name]


@pytest.mark.parametrize("name", ["waiting", "unfinished"])
def test_a_job_that_was_not_finished_ends_as_version_0_1_0_ended_it(old, name):
    job, finished = JobFolder(old / name), old / "finished"
    assert job_status(job.path).state == ("waiting" if name == "waiting" else "interrupted")
    run_job(job.path)
    assert job_status(job.path).state == "done"
    card = read_card(job.model)
    assert (card.format, card.made_by["strategy"]) == (CARD_FORMAT, "conservative:layers=1")
    wanted, found = weights(finished), weights(job.path)
    assert wanted.keys() == found.keys()
    # Another processor adds in another order, and Adam makes of a tiny gradient of the other sign a whole step: the two
    # models lie together, measured by how far both are from the source model.
    source = load_file(old / "source" / "weights.safetensors")
    trained = [
        key for key in wanted if source[key].shape == wanted[key].shape and not np.array_equal(source[key], wanted[key])
    ]
    assert trained
    for key in wanted.keys() - set(trained):
        assert np.allclose(found[key], wanted[key], rtol=1e-3, atol=1e-3), key
    apart = sum(float(np.square(found[key] - wanted[key]).sum()) for key in trained)
    way = sum(float(np.square(wanted[key] - source[key]).sum()) for key in trained)
    assert apart < 0.05**2 * way
    scores, wanted_scores = (read_scores(folder / "scores.csv") for folder in (job.path, finished))
    assert [(row.strategy, row.fold, row.case) for row in scores] == [
        (row.strategy, row.fold, row.case) for row in wanted_scores
    ]
