"""The share of the adapted weights in a job's model: as asked for or chosen, told, and the same after a kill."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from tiny_jobs import run_without_report

from TransferSegLib.cli.table import print_result
from TransferSegLib.core.card import read_card
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import read_json
from TransferSegLib.evaluation.choice import choose_nested
from TransferSegLib.jobs.choices import (
    ADAPTED_SHARE,
    TrainedFold,
    choose_share,
    chosen_of,
    save_trained_fold,
    trained_fold,
)
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.events import read_events
from TransferSegLib.jobs.fold_models import FoldModels
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.formats import job_of_this_format
from TransferSegLib.jobs.results import unit_results, validated_dice
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.unit_blending import SHARES, UnitBlending
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.training.loop import Training
from TransferSegLib.training.options import TrainingOptions

OPEN = StrategyChoice("open")


def spec_of(cases: Path, source: Path, share: float | None, *strategies: StrategyChoice, **fields) -> JobSpec:
    given = {} if share is None else {"adapted_share": share}
    training = TrainingOptions(steps=2, deterministic=True, augment="none", **given)
    chosen = strategies or (OPEN,)
    kind = "compare" if len(chosen) > 1 else "adapt"
    return JobSpec(3, kind, str(cases), chosen, chosen[-1].key, source=str(source), training=training, **fields)


class Killed(BaseException):
    """Ends a worker as a kill would."""


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
    assert "0.25 of the way from those that its training began with to the adapted ones" in card.description
    (result,) = unit_results(job, job.read_spec())
    assert result.adapted_share == 0.25
    assert "0.25 of the way from the weights that the training began with" in job.report.read_text(encoding="utf-8")
    assert "of the way" not in read_card(at(1.0).model).description


def test_without_other_cases_the_share_is_chosen_on_those_that_were_trained_on_and_told(at):
    job = at(None)
    (event,) = [e for e in read_events(job.events)[0] if e["kind"] == "choice" and "adapted_share" in e]
    chosen = event["adapted_share"]
    assert read_card(job.model).made_by["adapted_share"] == chosen
    assert "at the network's own voxel size, on 2 cases that were trained on" in event["message"] and (
        chosen == 1
        or f"weights {100 * chosen:g} % of the way from those that the training began with" in event["message"]
    )
    (made,) = read_json(job.scores_json)["choices"]
    assert (made["by"], made["chosen"], made["of_folds"]) == ("training", f"{chosen:g}", [])
    assert read_card(job.model).made_by["choices"] == [made]
    between, asked = weights(job.model), weights(at(chosen).model)
    assert all(np.array_equal(value, asked[name]) for name, value in between.items())


def test_what_begins_at_random_has_no_share(tmp_path, tiny_source, phantoms):
    spec = spec_of(phantoms("t2w", 2), tiny_source, None, StrategyChoice("scratch"), folds=0)
    job = run(tmp_path / "job", spec)
    (result,) = unit_results(job, spec)
    assert result.adapted_share is None and "adapted_share" not in read_card(job.model).made_by


def test_a_job_killed_after_its_training_ends_with_the_same_weights(tmp_path, at, tiny_source, phantoms, monkeypatch):
    def die(self, trained, names):
        raise Killed

    job = JobFolder.create(tmp_path / "job", spec_of(phantoms("t2w", 2), tiny_source, 0.25, folds=0))
    with monkeypatch.context() as patched:
        patched.setattr(UnitBlending, "blend", die)
        with pytest.raises(Killed):
            run_without_report(job.path)
    assert not job.model.exists()
    run_without_report(job.path)
    found, expected = weights(job.model), weights(at(0.25).model)
    assert all(np.array_equal(value, expected[name]) for name, value in found.items())


def test_a_share_of_what_begins_at_random_is_refused(tiny_source, phantoms):
    spec = spec_of(phantoms("t2w", 2), tiny_source, 0.5, StrategyChoice("scratch"), folds=0)
    with pytest.raises(InputError, match=r"--adapted-share 0\.5: has no effect"):
        JobContext.read(spec).check_plans()


def test_a_job_of_before_there_was_a_share_keeps_the_adapted_weights(at):
    written = read_json(at(0.25).job_json)
    del written["training"]["adapted_share"]
    assert job_of_this_format(written)["training"]["adapted_share"] == 1.0
    by_hand = {**written, "training": {"steps": 5}}
    assert "adapted_share" not in job_of_this_format(by_hand)["training"]


@pytest.fixture(scope="module")
def by_folds(tmp_path_factory, tiny_source, phantoms) -> JobFolder:
    """A finished job whose two folds of four cases choose, beside another strategy; nobody writes into it."""
    return run(tmp_path_factory.mktemp("folds") / "job", folds_spec(tiny_source, phantoms))


def folds_spec(tiny_source, phantoms) -> JobSpec:
    strategies = (StrategyChoice("direct"), StrategyChoice("lora", {"rank": 2}), OPEN)
    return spec_of(phantoms("t2w", 4), tiny_source, None, *strategies, folds=2)


def test_each_fold_is_scored_with_the_share_that_the_other_fold_chose(by_folds):
    job, spec = by_folds, by_folds.read_spec()
    results = {(r.strategy, r.fold): r for r in unit_results(job, spec)}
    for choice in spec.strategies[1:]:
        made = chosen_of(job, ADAPTED_SHARE, choice)
        left = [trained_fold(job, f"{choice.slug}.fold{n}") for n in (0, 1)]
        assert all(set(one.dice) == {f"{share:g}" for share in SHARES} for one in left)
        assert all(len(dice) == 2 for one in left for dice in one.dice.values()), "two held-out cases a fold"
        expected = choose_nested(made.candidates, [one.dice for one in left], [one.default for one in left])
        assert (made.chosen, made.of_folds) == expected and (made.by, made.cases) == ("out-of-fold", 4)
        for n in (0, 1):
            assert results[choice.key, str(n)].adapted_share == float(made.of_folds[n])
    kept = chosen_of(job, ADAPTED_SHARE, OPEN)
    assert read_card(job.model).made_by["adapted_share"] == float(kept.chosen)


def test_the_choice_by_folds_is_told_in_events_scores_card_report_and_at_the_end(by_folds, capsys):
    events = [e for e in read_events(by_folds.events)[0] if e["kind"] == "choice" and "adapted_share" in e]
    assert [e["strategy"] for e in events] == ["lora:rank=2", "open"]
    assert all("on 4 cases that the folds held out" in e["message"] for e in events)
    stored = read_json(by_folds.scores_json)["choices"]
    assert [one["strategy"] for one in stored] == ["lora:rank=2", "open"]
    assert read_card(by_folds.model).made_by["choices"] == [stored[1]]
    report = by_folds.report.read_text(encoding="utf-8")
    print_result(by_folds, as_json=False)
    printed = capsys.readouterr().out
    assert all(f"{event['message']}." in printed for event in events)
    assert "Settings are compared by a Dice that is measured quickly: of one copy of each image" in report
    assert "Choices by scores" in report and "a fold&#x27;s scores by the other folds" in report


def test_the_fold_models_of_the_kept_strategy_stay_as_they_segmented_their_cases(by_folds, tiny_source):
    models = FoldModels(by_folds, OPEN)
    assert models.files() == {} and all(models.record(n) is not None for n in (0, 1))
    assert not FoldModels(by_folds, StrategyChoice("lora", {"rank": 2})).path.exists()
    state, source = load_file(models.scored_file(0)), weights(tiny_source)
    assert state.keys() == source.keys()
    assert any(not np.array_equal(state[name], source[name]) for name in source)


@pytest.mark.parametrize("kill", ["before the first choice", "after it"])
def test_a_job_killed_between_its_folds_trains_none_of_them_again_and_ends_the_same(
    kill, tmp_path, by_folds, tiny_source, phantoms, monkeypatch
):
    trained, original = [], Training.run

    def count(self, on_step=lambda progress: True):
        trained.append(self.progress.step)
        return original(self, on_step)

    monkeypatch.setattr(Training, "run", count)
    job = JobFolder.create(tmp_path / "job", folds_spec(tiny_source, phantoms))
    name, lived = ("candidates", 3) if kill == "before the first choice" else ("blend", 4)
    usual, calls = getattr(UnitBlending, name), []

    def die(self, *arguments):
        calls.append(self.unit.name)
        if len(calls) > lived:
            raise Killed
        return usual(self, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(UnitBlending, name, die)
        with pytest.raises(Killed):
            run_without_report(job.path)
    assert len(trained) == 4, "both strategies in both folds"
    run_without_report(job.path)
    # The final model; and what was killed before it had stored what it trained was trained again.
    assert len(trained) == (6 if kill == "before the first choice" else 5)
    found, expected = weights(job.model), weights(by_folds.model)
    assert all(np.array_equal(value, expected[name]) for name, value in found.items())
    assert job.scores_csv.read_bytes() == by_folds.scores_csv.read_bytes()


def test_cases_that_the_source_model_has_seen_choose_no_share(tmp_path, tiny_source, phantoms):
    job = JobFolder.create(tmp_path / "job", folds_spec(tiny_source, phantoms))
    for n, better in enumerate(("0.25", "1")):
        dice = {share: (0.8, 0.95 if share == better else 0.8) for share in ("0.25", "0.5", "1")}
        save_trained_fold(job, f"open.fold{n}", TrainedFold({}, (), (), None, (), None, "0.5", dice))
    units = ["open.fold0", "open.fold1"]
    assert choose_share(job, OPEN, units, [[True, True]] * 2).of_folds == ("1", "0.25")
    made = choose_share(job, OPEN, units, [[True, True], [True, False]])
    assert (made.of_folds, made.chosen, made.cases) == (("0.5", "0.25"), "0.25", 3)
    assert choose_share(job, OPEN, units, [[False, False]] * 2).chosen == "0.5"


def test_the_weights_between_are_validated_themselves(tmp_path, tiny_source, phantoms):
    spec = spec_of(phantoms("t2w", 4), tiny_source, 0.5, folds=0, validation=1)
    job = run(tmp_path / "job", spec)
    (result,) = unit_results(job, spec)
    assert validated_dice([result]) == {"open": result.validated}
    assert result.validated != max(dice for _, dice in result.validation)


def test_cases_to_validate_on_choose_the_share(tmp_path, tiny_source, phantoms):
    job = run(tmp_path / "job", spec_of(phantoms("t2w", 4), tiny_source, None, folds=0, validation=1))
    made = chosen_of(job, ADAPTED_SHARE, OPEN)
    assert (made.by, made.cases, made.candidates) == ("validation", 1, tuple(f"{share:g}" for share in SHARES))
    assert read_card(job.model).made_by["adapted_share"] == float(made.chosen)
