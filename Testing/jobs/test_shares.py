"""The share of the adapted weights in a job's model: as asked for or chosen, told, and the same after a kill."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from TransferSegLib.core.card import read_card
from TransferSegLib.core.records import read_json
from TransferSegLib.jobs.events import read_events
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.formats import job_of_this_format
from TransferSegLib.jobs.results import unit_results
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.training.options import TrainingOptions

OPEN = StrategyChoice("open")


def spec_of(cases: Path, source: Path, share: float | None, *strategies: StrategyChoice, **fields) -> JobSpec:
    given = {} if share is None else {"adapted_share": share}
    training = TrainingOptions(steps=2, deterministic=True, augment="none", **given)
    chosen = strategies or (OPEN,)
    return JobSpec(3, "adapt", str(cases), chosen, chosen[-1].key, source=str(source), training=training, **fields)


def weights(folder: Path) -> dict[str, np.ndarray]:
    return load_file(folder / "weights.safetensors")


def run(folder: Path, spec: JobSpec) -> JobFolder:
    job = JobFolder.create(folder, spec)
    run_job(job.path)
    return job


@pytest.fixture(scope="module")
def at(tmp_path_factory, tiny_source, phantoms):
    """at(share): the finished job without folds whose model has that share; made once, nobody writes into it."""
    made: dict[float | None, JobFolder] = {}

    def make(share: float | None) -> JobFolder:
        if share not in made:
            spec = spec_of(phantoms("t2w", 2), tiny_source, share, folds=0)
            made[share] = run(tmp_path_factory.mktemp("shares") / "job", spec)
        return made[share]

    return make


def test_the_kept_model_lies_between_the_source_and_what_was_trained(at, tiny_source):
    source, between, adapted = weights(tiny_source), weights(at(0.25).model), weights(at(1.0).model)
    assert any(not np.array_equal(source[name], adapted[name]) for name in source)
    for name, value in between.items():
        np.testing.assert_allclose(value, 0.75 * source[name] + 0.25 * adapted[name], rtol=1e-5, atol=1e-6)


def test_the_share_stands_on_the_card_in_the_result_and_in_the_report(at):
    job = at(0.25)
    card = read_card(job.model)
    assert card.made_by["adapted_share"] == 0.25
    assert "0.25 of the way from the source's to the adapted ones" in card.description
    (result,) = unit_results(job, job.read_spec())
    assert result.adapted_share == 0.25
    assert "0.25 of the way from the source" in job.report.read_text(encoding="utf-8")
    assert "of the way" not in read_card(at(1.0).model).description


def test_without_other_cases_the_share_is_chosen_on_those_that_were_trained_on_and_told(at):
    job = at(None)
    (event,) = [e for e in read_events(job.events)[0] if e["kind"] == "choice" and "adapted_share" in e]
    chosen = event["adapted_share"]
    assert read_card(job.model).made_by["adapted_share"] == chosen
    assert f"{chosen:g} of the way from the source's to the adapted ones" in event["message"]
    between, asked = weights(job.model), weights(at(chosen).model)
    assert all(np.array_equal(value, asked[name]) for name, value in between.items())


def test_what_begins_at_random_has_no_share(tmp_path, tiny_source, phantoms):
    spec = spec_of(phantoms("t2w", 2), tiny_source, None, StrategyChoice("scratch"), folds=0)
    job = run(tmp_path / "job", spec)
    (result,) = unit_results(job, spec)
    assert result.adapted_share is None and "adapted_share" not in read_card(job.model).made_by


def test_a_job_killed_after_its_training_ends_with_the_same_weights(tmp_path, at, tiny_source, phantoms, monkeypatch):
    class Killed(BaseException):
        pass

    from TransferSegLib.jobs.unit_blending import UnitBlending

    def die(self, trained, names):
        raise Killed

    job = JobFolder.create(tmp_path / "job", spec_of(phantoms("t2w", 2), tiny_source, 0.25, folds=0))
    with monkeypatch.context() as patched:
        patched.setattr(UnitBlending, "blend", die)
        with pytest.raises(Killed):
            run_job(job.path)
    assert not job.model.exists()
    run_job(job.path)
    found, expected = weights(job.model), weights(at(0.25).model)
    assert all(np.array_equal(value, expected[name]) for name, value in found.items())


def test_a_job_of_before_there_was_a_share_keeps_the_adapted_weights(at):
    written = read_json(at(0.25).job_json)
    del written["training"]["adapted_share"]
    assert job_of_this_format(written)["training"]["adapted_share"] == 1.0
    by_hand = {**written, "training": {"steps": 5}}
    assert "adapted_share" not in job_of_this_format(by_hand)["training"]
