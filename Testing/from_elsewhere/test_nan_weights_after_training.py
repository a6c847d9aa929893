"""Weights that are not finite after a training's last update.

Reports: perslev/MultiPlanarUNet#24 (NaN weights), MIC-DKFZ/nnUNet#1612 (NaN losses, and "new best" checkpoints all the same),
wayveai/fiery#20 (running statistics of batch normalisation become infinite).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from TransferSegLib.cases.volumes import read_volume, write_volume
from TransferSegLib.cli import main
from TransferSegLib.core.errors import JobError, NotFinite
from TransferSegLib.evaluation.scores import read_scores
from TransferSegLib.jobs import folder, unit_training
from TransferSegLib.jobs.events import read_events
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.status import job_status
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.networks.mecheter2023 import Mecheter2023
from TransferSegLib.training import loop
from TransferSegLib.training.options import TrainingOptions

SENTENCE = r"open, final model: .* start again with a lower --learning-rate than"


def spec(source, target, steps: int = 2, folds: int = 0) -> JobSpec:
    training = TrainingOptions(deterministic=True, steps=steps)
    choices = (StrategyChoice("direct"), StrategyChoice("open"))
    return JobSpec(3, "adapt", str(target), choices, keep="open", source=str(source), folds=folds, training=training)


def spoil_at(monkeypatch, step: int) -> None:
    """Let a step's update leave one weight that is not finite, after a loss that is."""
    original, count = loop._Step.run, iter(range(1000))

    def run(self, given, classes, scale):
        loss = original(self, given, classes, scale)
        if next(count) == step:
            next(self.plan.network.parameters()).data.view(-1)[0] = math.inf
        return loss

    monkeypatch.setattr(loop._Step, "run", run)


def test_a_learning_rate_that_blows_up_ends_with_3_and_its_name_and_leaves_no_model(
    tmp_path, tiny_source, phantoms, capsys
):
    job = tmp_path / "job"
    command = ["adapt", "--source", str(tiny_source), "--target", str(phantoms("t2w", 2)), "--strategy", "open"]
    command += ["--learning-rate", "1e20", "--steps", "1", "--folds", "0", "--out", str(job), "--deterministic"]
    assert main(command) == 3
    said = capsys.readouterr().err
    assert "start again with a lower --learning-rate than 1e+20" in said and "Traceback" not in said
    assert not (job / "model").exists()
    assert job_status(job).state == "failed"


def test_the_weights_of_the_last_update_are_looked_at(tmp_path, tiny_source, phantoms, monkeypatch):
    spoil_at(monkeypatch, 1)
    job = JobFolder.create(tmp_path / "job", spec(tiny_source, phantoms("t2w", 2)))
    with pytest.raises(JobError, match=SENTENCE):
        run_job(job.path)
    assert not job.model.exists()


def test_a_cancelled_training_whose_weights_are_not_finite_fails_and_keeps_the_checkpoint_before(
    tmp_path, tiny_source, phantoms, monkeypatch
):
    monkeypatch.setattr(folder, "CANCEL_LOOK_S", 0)
    monkeypatch.setattr(unit_training, "CHECKPOINT_EVERY_S", 0.0)
    monkeypatch.setattr(unit_training, "METRIC_EVERY_S", 0.0)
    spoil_at(monkeypatch, 2)
    job = JobFolder.create(tmp_path / "job", spec(tiny_source, phantoms("t2w", 2), steps=20))

    def cancel(event) -> None:
        if event["kind"] == "metric" and event["step"] == 3:
            job.request_cancel()

    with pytest.raises(JobError, match=SENTENCE):
        run_job(job.path, cancel)
    kept = job.load_checkpoint("open.final")
    assert kept["step"] == 2 and all(bool(torch.isfinite(t).all()) for t in kept["network"].values())
    assert not job.model.exists()


def test_the_other_strategies_results_stay_where_one_training_fails(tmp_path, tiny_source, phantoms, monkeypatch):
    job = JobFolder.create(tmp_path / "job", spec(tiny_source, phantoms("t2w", 2), folds=2))
    spoil_at(monkeypatch, 1)
    with pytest.raises(JobError, match=r"open, fold 1: .* start again with a lower --learning-rate than"):
        run_job(job.path)
    assert job.load_result("direct.fold0") is not None


@pytest.mark.parametrize("fold", [1, 2])
def test_a_comparison_goes_on_without_the_strategy_whose_training_blew_up(
    tmp_path, tiny_source, phantoms, monkeypatch, fold
):
    choices = tuple(map(StrategyChoice.parse, ("direct", "open", "conservative:layers=3")))
    asked = replace(spec(tiny_source, phantoms("t2w", 2), folds=2), kind="compare", strategies=choices, keep="best")
    job = JobFolder.create(tmp_path / "job", asked)
    original = loop.Training._require_finite_output

    def blow_up(self) -> None:
        if self.plan.strategy == "open" and self.settings.seed == fold:
            raise NotFinite("not-finite", "the weights are not finite after 2 steps")
        original(self)

    monkeypatch.setattr(loop.Training, "_require_finite_output", blow_up)
    run_job(job.path)
    assert job_status(job.path).state == "done"
    assert {row.strategy for row in read_scores(job.scores_csv)} == {"direct", "conservative:layers=3"}
    events = read_events(job.events)[0]
    said = [event["message"] for event in events if event["kind"] == "warning"]
    assert len(said) == 1 and said[0].startswith(
        f"`open` is left out of the comparison (open, fold {fold}: the weights are not"
    )
    assert "lower --learning-rate" in said[0] and "is left out of the comparison" in job.report.read_text(
        encoding="utf-8"
    )
    assert events[-1]["kind"] == "done" and events[-1]["warnings"] >= 1
    progress = [event["fraction"] for event in events if event["kind"] == "progress"]
    assert progress[-1] == 1.0
    (job.path / "report.html").unlink()
    assert main(["report", str(job.path)]) == 0


def test_a_network_that_gives_nan_is_never_turned_into_a_segmentation(
    tmp_path, tiny_source, phantoms, monkeypatch, capsys
):
    image = next((phantoms("t2w", 2) / "imagesTr").iterdir())
    small, huge = tmp_path / "small.nii.gz", tmp_path / "huge.nii.gz"
    volume = read_volume(image)
    write_volume(small, volume.array, volume.grid)
    write_volume(huge, np.full(volume.array.shape, 7, np.float32), volume.grid)
    original = Mecheter2023.forward

    def forward(self, images):
        found = original(self, images)
        return found * math.nan if bool((images == images.flatten()[0]).all()) else found

    monkeypatch.setattr(Mecheter2023, "forward", forward)
    out = tmp_path / "out"
    assert main(["segment", "--model", str(tiny_source), "--images", str(small), str(huge), "--out", str(out)]) == 1
    assert "case `huge`: the model gives values that are not finite numbers" in capsys.readouterr().err
    assert [path.name for path in out.glob("*.nii.gz")] == ["small.nii.gz"]
