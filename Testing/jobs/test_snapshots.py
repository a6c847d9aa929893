from __future__ import annotations

from pathlib import Path

import pytest
import torch

from TransferSegLib.core.errors import Cancelled
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.estimate import estimate
from TransferSegLib.jobs.events import Event
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.snapshots import SnapshotFolder, snapshot_steps
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.sources.untrusted.weights import load_weights
from TransferSegLib.training.options import TrainingOptions

OPEN = StrategyChoice("open")
LORA = StrategyChoice("lora", {"rank": 2})
every_kind = pytest.mark.parametrize("choice", [OPEN, LORA], ids=str)


def spec_of(
    target: Path, source: Path, snapshots: int | None = 3, steps: int = 5, choice: StrategyChoice = OPEN
) -> JobSpec:
    training = TrainingOptions(steps=steps, deterministic=True, snapshots=snapshots, adapted_share=1.0)
    return JobSpec(3, "adapt", str(target), (choice,), choice.key, source=str(source), folds=0, training=training)


def same(first: dict[str, torch.Tensor], second: dict[str, torch.Tensor]) -> bool:
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize(
    ("count", "steps", "kept"),
    [(2, 100, (0, 100)), (5, 100, (0, 25, 50, 75, 100)), (3, 5, (0, 2, 5)), (9, 3, (0, 1, 2, 3)), (2, 0, (0,))],
)
def test_snapshots_are_spread_from_the_first_weights_to_the_last(count, steps, kept):
    assert snapshot_steps(count, steps) == kept


@every_kind
def test_a_training_keeps_the_weights_it_begins_and_ends_with(phantoms, tiny_source, tmp_path, choice):
    spec = spec_of(phantoms("t2w", 2), tiny_source, choice=choice)
    job = JobFolder.create(tmp_path / "job", spec)
    run_job(job.path)
    files = SnapshotFolder(job, choice, None).files()
    assert list(files) == [0, 2, 5]
    states = {step: load_weights(path) for step, path in files.items()}
    begin = JobContext.read(spec).plan(OPEN).network.state_dict()
    assert same(states[0], dict(begin))
    assert same(states[5], load_weights(job.model / "weights.safetensors"))
    assert not same(states[2], states[0]) and not same(states[2], states[5])


@every_kind
def test_snapshots_are_the_same_after_a_stop_in_the_middle(phantoms, tiny_source, tmp_path, monkeypatch, choice):
    spec = spec_of(phantoms("t2w", 2), tiny_source, choice=choice)
    whole, stopped = (JobFolder.create(tmp_path / name, spec) for name in ("whole", "stopped"))
    run_job(whole.path)

    def stop_at_the_first_step(event: Event) -> None:
        if event["kind"] == "metric" and event["step"] == 1:
            stopped.request_cancel()

    monkeypatch.setattr("TransferSegLib.jobs.folder.CANCEL_LOOK_S", 0.0)
    with pytest.raises(Cancelled):
        run_job(stopped.path, stop_at_the_first_step)
    assert list(SnapshotFolder(stopped, choice, None).files()) == [0]
    # A stopped job has a model of the names that the source has, too.
    assert load_weights(stopped.model / "weights.safetensors").keys() == JobContext.read(spec).state.keys()
    run_job(stopped.path)
    first, second = (SnapshotFolder(job, choice, None).files() for job in (whole, stopped))
    assert list(first) == list(second)
    assert all(first[step].read_bytes() == second[step].read_bytes() for step in first)
    kept = [load_weights(job.model / "weights.safetensors") for job in (whole, stopped)]
    assert same(*kept)


def test_without_the_option_nothing_is_kept(phantoms, tiny_source, tmp_path):
    job = JobFolder.create(tmp_path / "job", spec_of(phantoms("t2w", 2), tiny_source, None, 1))
    run_job(job.path)
    assert not job.snapshots.exists()


def test_a_training_that_begins_anew_replaces_its_own_snapshots_and_no_others(job):
    mine, others = SnapshotFolder(job, OPEN, 0), SnapshotFolder(job, OPEN, 1)
    for folder in (mine, others):
        folder.save(7, {"weight": torch.ones(2)})
    mine.begin_anew()
    assert mine.files() == {} and list(others.files()) == [7]


def test_a_job_with_snapshots_counts_as_begun(job):
    SnapshotFolder(job, OPEN, 0).save(0, {"weight": torch.ones(2)})
    job.discard_unbegun()
    assert job.job_json.exists()


def test_the_estimate_says_how_much_the_snapshots_take(phantoms, tiny_source):
    found = estimate(JobContext.read(spec_of(phantoms("t2w", 2), tiny_source, snapshots=3, steps=100)))
    # One training without folds, three snapshots of 9209 float32 numbers.
    assert found.snapshots_mb == pytest.approx(3 * 9209 * 4 / 2**20, rel=0.2)
    assert found.problem.sentence.endswith("on this computer; its snapshots take about 1 MiB on the disk.")
    none = estimate(JobContext.read(spec_of(phantoms("t2w", 2), tiny_source, snapshots=None, steps=100)))
    assert none.snapshots_mb == 0 and "snapshots" not in none.problem.sentence
