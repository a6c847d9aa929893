"""Several learning rates: each is tried, one is chosen and told, and a killed job ends as if it had not been."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from TransferSegLib.cli import main
from TransferSegLib.core.errors import InputError, JobError
from TransferSegLib.core.records import from_json, json_schema, read_json, to_json
from TransferSegLib.evaluation.rate_choice import RateChoice
from TransferSegLib.evaluation.scores import read_scores
from TransferSegLib.jobs import runner
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.events import read_events
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.rates import chosen_rates
from TransferSegLib.jobs.results import unit_results
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.training.loop import Training
from TransferSegLib.training.options import TrainingOptions

OPEN = StrategyChoice("open")
RATES = (1e-3, 1e-5)


def spec_of(cases: Path, source: Path, rates=RATES, **fields) -> JobSpec:
    training = TrainingOptions(steps=2, deterministic=True, learning_rate=rates, augment="none")
    return JobSpec(3, "adapt", str(cases), (OPEN,), "open", source=str(source), training=training, **fields)


def weights(job: JobFolder) -> dict[str, np.ndarray]:
    return load_file(job.model / "weights.safetensors")


def same(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[k], b[k]) for k in a)


def run(folder: Path, spec: JobSpec) -> JobFolder:
    job = JobFolder.create(folder, spec)
    run_job(job.path)
    return job


class Killed(BaseException):
    """Ends a worker as a kill would."""


@pytest.fixture
def trained(monkeypatch) -> list[float]:
    """The learning rate of each training that began from its first step."""
    seen: list[float] = []
    original = Training.run

    def count(self, on_step=lambda progress: True):
        if self.progress.step == 0:
            seen.append(self.options.learning_rate)
        return original(self, on_step)

    monkeypatch.setattr(Training, "run", count)
    return seen


def test_the_rate_is_chosen_out_of_fold_and_told_everywhere(tmp_path, tiny_source, phantoms, trained, monkeypatch):
    # The second trial of the first fold, and the two of the second one, are lost to a kill.
    original, units = runner.UnitRun.execute, []

    def execute(self):
        units.append(self.unit.name)
        if len(units) == 2:
            raise Killed
        original(self)

    monkeypatch.setattr(runner.UnitRun, "execute", execute)
    spec = spec_of(phantoms("t2w", 2), tiny_source, folds=2)
    job = JobFolder.create(tmp_path / "job", spec)
    with pytest.raises(Killed):
        run_job(job.path)
    run_job(job.path)
    trials = [f"open_learning_rate-{rate}.fold{fold}" for fold in (0, 1) for rate in RATES]
    assert units == [trials[0], trials[1], *trials[1:], "open.final"]  # what was finished is not done again
    (made,) = chosen_rates(job, job.read_spec())
    assert trained == [1e-3, 1e-5, 1e-3, 1e-5, made.chosen]

    # The scores of a fold are those of the trial that the other fold chose.
    results = {result.fold: result for result in unit_results(job, job.read_spec())}
    for fold in (0, 1):
        dice = {
            rate: _dice(read_json(job.state / "results" / f"open_learning_rate-{rate}.fold{1 - fold}.json"))
            for rate in RATES
        }
        assert made.of_folds[fold] == max(RATES, key=lambda rate: dice[rate])
        trial = read_json(job.state / "results" / f"open_learning_rate-{made.of_folds[fold]}.fold{fold}.json")
        assert [row.scores.dice for row in results[str(fold)].rows] == [
            r["scores"]["values"]["dice"] for r in trial["rows"]
        ]
        assert results[str(fold)].learning_rate == made.of_folds[fold]
    rows = read_scores(job.scores_csv)
    assert {row.strategy for row in rows} == {"open"} and len({row.case for row in rows}) == 2
    assert {path.name for path in (job.segmentations / "open").glob("*.nii.gz")} == {
        f"{row.case}.nii.gz" for row in rows
    }
    assert (job.segmentations / "open" / "labels.json").is_file() and not (job.state / "trials").exists()

    # And it is told: event, summary, card, report.
    events = [event for event in read_events(job.events)[0] if event["kind"] == "choice" and "learning_rate" in event]
    assert [(event["strategy"], event["learning_rate"]) for event in events] == [("open", made.chosen)]
    assert f"learning rate {made.chosen:g} has the best mean Dice out-of-fold" in events[0]["message"]
    stored = json.loads(job.scores_json.read_text(encoding="utf-8"))["learning_rates"]
    assert [from_json(RateChoice, one, "choice") for one in stored] == [made]
    card = read_json(job.model / "card.json")
    assert from_json(RateChoice, card["made_by"]["learning_rate"], "card") == made
    assert main(["report", str(job.path)]) == 0
    assert "Learning rates" in job.report.read_text(encoding="utf-8")


def _dice(result: dict) -> float:
    return sum(row["scores"]["values"]["dice"] for row in result["rows"]) / len(result["rows"])


def test_cases_to_validate_on_choose_the_final_models_rate_and_the_chosen_trial_is_its_training(
    tmp_path, tiny_source, phantoms, trained
):
    job = run(tmp_path / "job", spec_of(phantoms("t2w", 2), tiny_source, folds=0, validation=1))
    (made,) = chosen_rates(job, job.read_spec())
    assert made.by == "validation" and made.of_folds == (made.chosen,)
    assert trained == list(RATES)  # and no third one
    trial = read_json(job.state / "results" / f"open_learning_rate-{made.chosen}.final.json")
    assert trial["rows"] == []
    (result,) = unit_results(job, job.read_spec())
    assert result.validation == tuple(map(tuple, trial["validation"])) and result.learning_rate == made.chosen
    alone = run(tmp_path / "alone", spec_of(phantoms("t2w", 2), tiny_source, made.chosen, folds=0, validation=1))
    assert same(weights(job), weights(alone))


def test_a_rate_that_blows_up_is_no_choice_and_a_job_with_no_other_fails(tmp_path, tiny_source, phantoms):
    spec = spec_of(phantoms("t2w", 2), tiny_source, (1e30, 1e-4), folds=0, validation=1)
    job = run(tmp_path / "job", spec)
    (made,) = chosen_rates(job, job.read_spec())
    assert made.chosen == 1e-4 and made.dice[0] is None
    warnings = [event["message"] for event in read_events(job.events)[0] if event["kind"] == "warning"]
    assert any("learning rate 1e+30 is no choice for `open`" in warning for warning in warnings)
    with pytest.raises(JobError, match="lower --learning-rate than 1e"):
        run(tmp_path / "worse", spec_of(phantoms("t2w", 2), tiny_source, (1e30, 1e31), folds=0, validation=1))


def test_there_must_be_cases_to_choose_on(tiny_source, phantoms):
    context = JobContext.read(spec_of(phantoms("t2w", 2), tiny_source, folds=0))
    with pytest.raises(
        InputError, match="one is chosen on cases that the models did not see; give --validation N or folds"
    ):
        context.folds()


def test_several_rates_are_read_from_the_command_line_and_the_job(tmp_path, tiny_source, phantoms):
    arguments = ["adapt", "--source", str(tiny_source), "--target", str(phantoms("t2w", 2)), "--strategy", "open"]
    spec = spec_of(phantoms("t2w", 2), tiny_source, folds=0)
    assert from_json(JobSpec, json.loads(json.dumps(to_json(spec))), "job") == spec
    assert main([*arguments, "--learning-rate", "1e-3,fast", "--out", str(tmp_path / "job"), "--dry-run"]) == 2
    schema = json_schema(TrainingOptions)["properties"]["learning_rate"]
    assert "array" in json.dumps(schema) and "number" in json.dumps(schema)
