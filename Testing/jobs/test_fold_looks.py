"""After how many steps the models of a job end, where its folds choose it on the cases that they leave out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from tiny_jobs import run_without_report

from TransferSegLib.core.card import read_card
from TransferSegLib.core.errors import InputError, NotFinite
from TransferSegLib.core.records import read_json
from TransferSegLib.evaluation.choice import STEPS_SHARE
from TransferSegLib.jobs import unit_training
from TransferSegLib.jobs.choices import chosen_of
from TransferSegLib.jobs.events import read_events
from TransferSegLib.jobs.fold_looks import MOST_BYTES, look_steps
from TransferSegLib.jobs.fold_models import FoldModels
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.network_dice import NetworkDice
from TransferSegLib.jobs.results import unit_results
from TransferSegLib.jobs.snapshots import SnapshotFolder
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.networks.memory import OutOfMemory
from TransferSegLib.training import loop
from TransferSegLib.training.options import TrainingOptions

OPEN = StrategyChoice("open")


class Killed(BaseException):
    """Ends a worker as a kill would."""


def job_spec(cases: Path, source: Path, looks: int, folds: int = 2, **given) -> JobSpec:
    training = TrainingOptions(steps=4, deterministic=True, augment="none", fold_looks=looks, **given)
    return JobSpec(3, "adapt", str(cases), (OPEN,), "open", source=str(source), training=training, folds=folds)


def weights(path: Path) -> dict[str, np.ndarray]:
    return load_file(path)


def alike(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(value, other[name]) for name, value in one.items())


def let_looks_score(monkeypatch, score) -> None:
    """Let looks, and nothing else, score as `score` says, which gets the cases."""
    look = unit_training.UnitTraining._look

    def patched(self, training, share):
        with monkeypatch.context() as within:
            within.setattr(NetworkDice, "of_cases", lambda self, network, cases: score(list(cases)))
            look(self, training, share)

    monkeypatch.setattr(unit_training.UnitTraining, "_look", patched)


@pytest.fixture
def early(monkeypatch) -> None:
    """Every look finds all labels, so that fewer steps are chosen."""
    let_looks_score(monkeypatch, lambda cases: [1.0 for _ in cases])


@pytest.fixture(scope="module")
def to_the_end(tmp_path_factory, tiny_source, phantoms) -> JobFolder:
    """A finished job without looks, which keeps the weights that its trainings pass through; nobody writes into it."""
    spec = job_spec(phantoms("t2w", 4), tiny_source, 0, snapshots=3)
    job = JobFolder.create(tmp_path_factory.mktemp("all") / "job", spec)
    run_job(job.path)
    return job


def test_a_model_that_ends_early_is_what_a_longer_training_passes_through(
    tmp_path, tiny_source, phantoms, early, to_the_end
):
    spec = job_spec(phantoms("t2w", 4), tiny_source, 1, ensemble="folds", snapshots=3)
    job = JobFolder.create(tmp_path / "job", spec)
    run_job(job.path)
    made = chosen_of(job, STEPS_SHARE, OPEN)
    assert (made.chosen, made.of_folds, made.candidates) == ("0.5", ("0.5", "0.5"), ("0.5", "1"))
    passed = SnapshotFolder(to_the_end, OPEN, None).files()
    assert alike(weights(job.model / "weights.safetensors"), weights(passed[2]))
    results = {result.fold: result for result in unit_results(job, spec) if result.strategy == "open"}
    assert all((results[fold].steps, results[fold].adapted_share) == (2, 1.0) for fold in ("0", "1", "test"))
    assert not (job.state / "looks").exists(), "a finished job needs them no more"
    # So do the folds' models that are averaged with it, and those that stay in the job.
    (member,) = [
        path for path in job.model.rglob("*.safetensors") if "fold0" in path.name or path.parent.name == "fold0"
    ]
    assert alike(weights(member), weights(SnapshotFolder(job, OPEN, 0).files()[2]))
    assert alike(weights(FoldModels(job, OPEN).scored_file(0)), weights(member))
    # Looking changes nothing of a training.
    last = [SnapshotFolder(one, OPEN, 0).files()[4] for one in (job, to_the_end)]
    assert alike(*map(weights, last))

    events = [e for e in read_events(job.events)[0] if e["kind"] == "choice" and "steps_share" in e]
    assert [(e["steps_share"], "50 % of the steps were chosen" in e["message"]) for e in events] == [(0.5, True)]
    assert [one["what"] for one in read_json(job.scores_json)["choices"]] == ["adapted_share", "steps_share"]
    card = read_card(job.model)
    assert [one["what"] for one in card.made_by["choices"]] == ["steps_share"], "nothing was blended"
    assert card.made_by["adapted_share"] == 1.0
    assert "Share of the steps" in job.report.read_text(encoding="utf-8")


def test_a_final_model_that_ends_where_folds_were_best_has_the_learning_rates_that_they_had(
    tmp_path, tiny_source, phantoms, to_the_end, monkeypatch
):
    """Folds with many cases set some apart; here two are many."""
    monkeypatch.setattr(loop, "VALIDATION_FROM", 2)
    monkeypatch.setattr(
        unit_training.UnitTraining,
        "_validation_dice",
        lambda self, network, training, cases, trained_on: 0.9 if training.progress.step == 2 else 0.5,
    )
    job = JobFolder.create(tmp_path / "job", job_spec(phantoms("t2w", 4), tiny_source, 0, adapted_share=1.0))
    run_without_report(job.path)
    passed = SnapshotFolder(to_the_end, OPEN, None).files()
    assert alike(weights(job.model / "weights.safetensors"), weights(passed[2]))


def test_a_killed_job_chooses_the_same_steps_and_ends_with_the_same_weights(
    tmp_path, tiny_source, phantoms, early, monkeypatch
):
    monkeypatch.setattr(unit_training, "CHECKPOINT_EVERY_S", 0.0)
    monkeypatch.setattr(unit_training, "METRIC_EVERY_S", 0.0)
    spec = job_spec(phantoms("t2w", 4), tiny_source, 1)
    whole, killed = (JobFolder.create(tmp_path / name, spec) for name in ("whole", "killed"))
    run_without_report(whole.path)
    for fold, step in ((0, 3), (1, 2), ("final", 1)):

        def kill(event, fold=fold, step=step) -> None:
            if event["kind"] == "metric" and (event["fold"], event["step"]) == (fold, step):
                raise Killed

        with pytest.raises(Killed):
            run_without_report(killed.path, kill)
    run_without_report(killed.path)
    assert alike(*(weights(job.model / "weights.safetensors") for job in (whole, killed)))
    assert killed.scores_csv.read_bytes() == whole.scores_csv.read_bytes()


@pytest.mark.parametrize(
    ("error", "reason"), [(OutOfMemory("no memory"), "memory ran out"), (NotFinite("not-finite", "nan"), "not finite")]
)
def test_a_look_that_fails_is_skipped_and_its_training_goes_on_as_without(
    tmp_path, tiny_source, phantoms, to_the_end, monkeypatch, error, reason
):
    def fails(cases):
        raise error

    let_looks_score(monkeypatch, fails)
    job = JobFolder.create(tmp_path / "job", job_spec(phantoms("t2w", 4), tiny_source, 1))
    run_without_report(job.path)
    told = [e["message"] for e in read_events(job.events)[0] if e["kind"] == "warning"]
    assert sum(reason in message and "50 % of its steps was not measured" in message for message in told) == 2
    assert not any("begins again" in message or "smaller" in message.lower() for message in told)
    assert chosen_of(job, STEPS_SHARE, OPEN) is None
    assert alike(*(weights(FoldModels(one, OPEN).scored_file(0)) for one in (job, to_the_end)))


def test_looks_that_nothing_would_come_of_are_told(tmp_path, tiny_source, phantoms):
    job = JobFolder.create(tmp_path / "job", job_spec(phantoms("t2w", 2), tiny_source, 1, adapted_share=1.0))
    run_without_report(job.path)
    told = [event for event in read_events(job.events)[0] if event["kind"] == "warning"]
    assert any("Every training takes all of its steps" in event["message"] for event in told)
    with pytest.raises(InputError, match="--fold-looks: has no effect with --no-early-stopping"):
        TrainingOptions(fold_looks=1, early_stopping=False)


def test_looks_are_evenly_spread_before_the_end_and_fewer_where_weights_are_large():
    assert look_steps(3, 100, 1000, 4) == {25: "0.25", 50: "0.5", 75: "0.75"}
    assert look_steps(3, 100, MOST_BYTES // 4, 4) == {50: "0.5"}
    assert look_steps(3, 100, MOST_BYTES, 4) == {}
    assert look_steps(3, 2, 1000, 4) == {1: "0.5"}
    assert look_steps(2, 100_000, 1000, 4) == {33_300: "0.333", 66_700: "0.667"}
