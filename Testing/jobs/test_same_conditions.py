"""All strategies of a job segment in the same windows and the same precision."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny_jobs import run_without_report

from TransferSegLib.cases.readers import read_case_set
from TransferSegLib.cli import main
from TransferSegLib.core.card import read_card
from TransferSegLib.core.errors import JobError
from TransferSegLib.core.records import read_json
from TransferSegLib.evaluation.scores import read_scores
from TransferSegLib.inference.segment import segment
from TransferSegLib.jobs import unit_training
from TransferSegLib.jobs.conditions import Conditions, load_conditions, warn_of_other_conditions
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.events import read_events
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.results import unit_results
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.networks.execution import ExecutionConfig
from TransferSegLib.training import loop
from TransferSegLib.training.options import TrainingOptions

SMALL = (16, 16, 16)
# Long enough that a step of the tiny network takes less.
STEP_S = 0.5


class Killed(BaseException):
    """Ends a worker as a kill would: nothing of it catches this, nothing is tidied up."""


def spec_of(target: Path, source: Path, training: TrainingOptions, *others: str, folds: int = 2) -> JobSpec:
    strategies = tuple(map(StrategyChoice.parse, ("direct", *others, "open")))
    kind = "compare" if others else "adapt"
    return JobSpec(3, kind, str(target), strategies, "open", source=str(source), training=training, folds=folds)


def run(folder: Path, spec: JobSpec) -> JobFolder:
    job = JobFolder.create(folder, spec)
    run_job(job.path)
    return job


def dice(job: JobFolder, strategy: str) -> list[tuple[str, str, float | None]]:
    found = [row for row in read_scores(job.scores_csv) if row.strategy == strategy]
    return sorted((row.case, row.label, row.scores.dice) for row in found)


def warnings(job: JobFolder) -> list[str]:
    return [event["message"] for event in read_events(job.events)[0] if event["kind"] == "warning"]


@pytest.mark.parametrize("memory", ["enough", "runs out"])
def test_with_small_patches_the_same_weights_have_the_same_scores_trained_or_not(
    tmp_path, tiny_source, phantoms, monkeypatch, memory
):
    if memory == "runs out":
        original = loop._Step.run

        def hungry(self, images, classes, scale):
            if images.shape[0] > 1:
                raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB")
            return original(self, images, classes, scale)

        monkeypatch.setattr(loop._Step, "run", hungry)
    options = TrainingOptions(steps=1, learning_rate=1e-12, patch_size=SMALL, deterministic=True)
    job = run(tmp_path / "job", spec_of(phantoms("t1w", 2), tiny_source, options))
    assert dice(job, "open") == dice(job, "direct") and any(value for *_, value in dice(job, "open"))
    windows = read_card(tiny_source).patch_size
    assert windows > SMALL
    assert read_card(job.model).patch_size == windows, "what is kept segments as it was scored"
    results = unit_results(job, job.read_spec())
    assert {result.windows for result in results} == {windows}
    assert [tuple(r.settings["patch_size"]) for r in results if r.settings] == [SMALL] * 3
    report = job.report.read_text(encoding="utf-8")
    assert f"windows of {'×'.join(map(str, windows))} voxels, float32" in report


def test_patches_larger_than_the_source_models_are_the_windows_of_the_source_model_too(tmp_path, tiny_source, phantoms):
    a, b, c = read_card(tiny_source).patch_size
    options = TrainingOptions(steps=1, learning_rate=1e-12, patch_size=(a + 8, 8, c), deterministic=True)
    job = run(tmp_path / "job", spec_of(phantoms("t1w", 2), tiny_source, options))
    assert {result.windows for result in unit_results(job, job.read_spec())} == {(a + 8, b, c)}
    assert dice(job, "open") == dice(job, "direct")


def in_bfloat16(monkeypatch: pytest.MonkeyPatch, but: int | None = None) -> None:
    """Let every strategy be trained in bfloat16, but the one that trains this number of layers."""

    def measured(plan, cases, options, settings, note, objective, precision) -> tuple[ExecutionConfig, float]:
        exact = precision == "float32" or len(plan.trainable) == but
        return ExecutionConfig("cpu", "float32" if exact else "bfloat16"), 2 * STEP_S if exact else STEP_S

    likely = ExecutionConfig("cpu", "bfloat16")
    monkeypatch.setattr(loop, "_measured", measured)
    for module in ("unit", "same_conditions", "conditions"):
        monkeypatch.setattr(f"TransferSegLib.jobs.{module}.likely_execution", lambda *arguments: likely)


@pytest.mark.parametrize("precision", ["bfloat16", "float32"])
def test_one_strategy_that_needs_float32_gives_it_to_all(tmp_path, tiny_source, phantoms, monkeypatch, precision):
    spec = spec_of(phantoms("t2w", 2), tiny_source, TrainingOptions(steps=1), "conservative:layers=1")
    few = len(JobContext.read(spec).plan(spec.strategies[1]).trainable)
    in_bfloat16(monkeypatch, few if precision == "float32" else None)
    job = run(tmp_path / "job", spec)
    results = unit_results(job, job.read_spec())
    assert {result.precision for result in results} == {precision}
    assert {r.settings["execution"]["precision"] for r in results if r.settings} == {precision}
    assert not warnings(job)
    said = [event for event in read_events(job.events)[0] if event.get("problem", {}).get("code") == "job-conditions"]
    assert [event["precision"] for event in said] == [precision]


def blow_up(monkeypatch: pytest.MonkeyPatch, precisions: set[str], unit: int = 0) -> list[str]:
    """Let trainings blow up at their second step in some precisions, from the one with this number on.

    Returns:
        The precision of each training that takes a second step, in order.
    """
    original, seen = loop._Step.run, []

    def step(self, images, classes, scale):
        self.steps = getattr(self, "steps", 0) + 1
        if self.steps == 2:
            seen.append(self.execution.precision)
            if len(seen) > unit and self.execution.precision in precisions:
                return float("nan")
        return original(self, images, classes, scale)

    monkeypatch.setattr(loop._Step, "run", step)
    return seen


def test_a_training_that_blows_up_in_bfloat16_begins_again_in_float32_and_the_job_stays_with_it(
    tmp_path, tiny_source, phantoms, monkeypatch
):
    in_bfloat16(monkeypatch)
    seen = blow_up(monkeypatch, {"bfloat16"}, unit=1)
    job = run(tmp_path / "job", spec_of(phantoms("t2w", 2), tiny_source, TrainingOptions(steps=3)))
    assert seen == ["bfloat16", "bfloat16", "float32", "float32"]
    first, second = warnings(job)
    assert first.startswith("open, fold 2: the loss is nan after 1 step in bfloat16, which is less exact")
    assert second.startswith("1 finished training (`open`) was computed in another precision")
    verdict = read_json(job.scores_json)["verdict"]["sentence"]
    assert "; but 1 finished training (`open`) was computed in another precision" in verdict
    assert "start a new job for a comparison under the same conditions." in verdict
    results = {(r.strategy, r.fold): r for r in unit_results(job, job.read_spec())}
    assert results["open", "0"].precision == "bfloat16"
    assert results["open", "1"].precision == results["open", "test"].precision == "float32"
    # What trains nothing is segmented again.
    assert {r.precision for (strategy, _), r in results.items() if strategy == "direct"} == {"float32"}
    assert [r.steps for (strategy, _), r in results.items() if strategy == "open"] == [3, 3, 3]


def test_killed_after_it_began_again_it_goes_on_in_float32_to_the_same_weights(
    tmp_path, tiny_source, phantoms, monkeypatch
):
    in_bfloat16(monkeypatch)
    monkeypatch.setattr(unit_training, "CHECKPOINT_EVERY_S", 0.0)
    monkeypatch.setattr(unit_training, "METRIC_EVERY_S", 0.0)
    blow_up(monkeypatch, {"bfloat16"})
    spec = spec_of(phantoms("t2w", 2), tiny_source, TrainingOptions(steps=4), folds=0)
    whole = run(tmp_path / "whole", spec)
    job = JobFolder.create(tmp_path / "killed", spec)

    def kill(event: dict[str, Any]) -> None:
        warned = warnings(job)
        if warned and event["kind"] == "metric" and event["step"] == 2:
            raise Killed

    with pytest.raises(Killed):
        run_without_report(job.path, kill)
    run_without_report(job.path)
    assert len(warnings(job)) == 1
    assert (job.model / "weights.safetensors").read_bytes() == (whole.model / "weights.safetensors").read_bytes()


def test_minutes_are_those_of_both_attempts_and_a_resumed_training_has_as_many_steps(
    tmp_path, tiny_source, phantoms, monkeypatch
):
    in_bfloat16(monkeypatch)
    blow_up(monkeypatch, {"bfloat16"})
    monkeypatch.setattr(unit_training, "METRIC_EVERY_S", 0.0)
    minutes = 6 * 1.25 * STEP_S / 60
    spec = spec_of(phantoms("t2w", 2), tiny_source, TrainingOptions(minutes=minutes), folds=0)
    job = JobFolder.create(tmp_path / "job", spec)

    def kill(event: dict[str, Any]) -> None:
        if warnings(job) and event["kind"] == "metric":
            raise Killed

    with pytest.raises(Killed):
        run_without_report(job.path, kill)
    conditions = load_conditions(job)
    spent_s = conditions.spent_s["open.final"]
    assert 0 < spent_s < minutes * 60, "the step that is lost, and not the whole budget"
    run_without_report(job.path)
    (result,) = [r for r in unit_results(job, job.read_spec()) if r.settings]
    # In float32 a step was measured to take twice as long.
    assert result.steps == result.settings["steps"] == int((minutes * 60 - spent_s) / (1.25 * 2 * STEP_S))
    assert result.settings["step_s"] == 2 * STEP_S


def test_a_model_that_needs_float32_says_so_and_is_segmented_and_adapted_in_it(
    tmp_path, tiny_source, phantoms, monkeypatch
):
    in_bfloat16(monkeypatch)
    seen = blow_up(monkeypatch, {"bfloat16"})
    target = phantoms("t2w", 2)
    first = run(tmp_path / "first", spec_of(target, tiny_source, TrainingOptions(steps=2), folds=0))
    assert seen == ["bfloat16", "float32"] and read_card(first.model).precision == "float32"
    ran: list[str] = []

    def counted(network, case, patch_size, execution, **options):
        ran.append(execution.precision)
        return segment(network, case, patch_size, execution, **options)

    monkeypatch.setattr("TransferSegLib.inference.segmenter.segment", counted)
    for name in ("inference.segmenter", "networks.execution"):
        monkeypatch.setattr(f"TransferSegLib.{name}.likely_execution", lambda *a: ExecutionConfig("cpu", "bfloat16"))
    images = read_case_set(target).cases[0].images
    for model in (first.model, tiny_source):
        assert (
            main(["segment", "--model", str(model), "--images", *map(str, images), "--out", str(tmp_path / "o")]) == 0
        )
    assert ran == ["float32", "bfloat16"]
    second = run(tmp_path / "second", spec_of(target, first.model, TrainingOptions(steps=2), folds=0))
    assert not warnings(second) and seen[2:] == ["float32"]
    assert read_card(second.model).precision == "float32"


def test_a_job_that_is_in_float32_for_being_repeatable_leaves_the_precision_of_its_model_open(
    tmp_path, tiny_source, phantoms
):
    options = TrainingOptions(steps=1, deterministic=True)
    job = run(tmp_path / "job", spec_of(phantoms("t2w", 2), tiny_source, options, folds=0))
    assert load_conditions(job).precision == "float32" and read_card(job.model).precision is None


def test_where_float32_blows_up_as_well_the_precision_is_not_to_blame(tmp_path, tiny_source, phantoms, monkeypatch):
    in_bfloat16(monkeypatch)
    seen = blow_up(monkeypatch, {"bfloat16", "float32"})
    job = JobFolder.create(
        tmp_path / "job", spec_of(phantoms("t2w", 2), tiny_source, TrainingOptions(steps=3), folds=0)
    )
    with pytest.raises(JobError, match="lower --learning-rate"):
        run_without_report(job.path)
    assert seen == ["bfloat16", "float32"]
    conditions = load_conditions(job)
    assert conditions is not None and conditions.precision == "bfloat16"
    assert conditions.precision_of("open.final") == "float32"


def test_trainings_that_an_earlier_version_segmented_in_other_windows_are_named(tmp_path, tiny_source, phantoms):
    options = TrainingOptions(steps=1, patch_size=SMALL, deterministic=True)
    job = run(tmp_path / "job", spec_of(phantoms("t2w", 2), tiny_source, options, folds=0))
    (name,) = [path.stem for path in (job.state / "results").glob("open*.json")]
    stored = read_json(job.state / "results" / f"{name}.json")
    assert stored["windows"] != list(SMALL)
    job.save_result(name, {key: value for key, value in stored.items() if key not in ("windows", "precision")})
    (old,) = [result for result in unit_results(job, job.read_spec()) if result.strategy == "open"]
    assert warn_of_other_conditions([old], Conditions(SMALL, "float32", "cpu")) is None
    warned = warn_of_other_conditions([old], Conditions((24, 24, 16), "float32", "cpu"))
    assert warned is not None and warned.sentence.startswith("1 finished training (`open`) was computed in another")
    assert (
        warn_of_other_conditions(
            [replace(old, windows=(24, 24, 16), precision="float32")], Conditions((24, 24, 16), "float32", "cpu")
        )
        is None
    )
