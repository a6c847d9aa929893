"""Cases to validate on: they choose a training's weights and end it, and are neither trained on nor scored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from TransferSegLib.core.case_set import Case, CaseSet
from TransferSegLib.core.errors import InputError
from TransferSegLib.core.records import from_json, read_json, to_json
from TransferSegLib.evaluation.verdict import chosen_on_validation
from TransferSegLib.jobs import target
from TransferSegLib.jobs.case_choice import CaseChoice
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.results import best_validated, unit_results
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice
from TransferSegLib.jobs.target import pooled_choice, read_target, set_apart, with_size
from TransferSegLib.jobs.unit_training import UnitTraining
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.training.loop import Training
from TransferSegLib.training.options import TrainingOptions

OPEN = StrategyChoice("open")


def job_spec(cases: Path, source: Path, **fields) -> JobSpec:
    training = fields.pop("training", TrainingOptions(steps=20, deterministic=True, adapted_share=1.0))
    return JobSpec(3, "adapt", str(cases), (OPEN,), "open", source=str(source), training=training, **fields)


def cases(names: str = "abcdef", **roles: str) -> CaseSet:
    made = tuple(Case(n, (Path(f"/data/{n}.nii"),), Path(f"/data/{n}-seg.nii"), roles.get(n, "train")) for n in names)
    return CaseSet("six", Path("/data"), made, {1: "bone"})


def roles(found: CaseSet) -> dict[str, str]:
    return {case.name: case.role for case in found.cases}


@pytest.fixture
def trained_on(monkeypatch) -> list[set[str]]:
    """The names of the cases of each training, in order."""
    seen: list[set[str]] = []
    original = Training.__init__

    def init(self, plan, cases, *arguments, **fields):
        seen.append({case.name for case in cases})
        original(self, plan, cases, *arguments, **fields)

    monkeypatch.setattr(Training, "__init__", init)
    return seen


def test_every_training_is_ended_by_the_validation_cases_which_it_neither_learns_from_nor_is_scored_on(
    tmp_path, tiny_source, phantoms, trained_on
):
    short = TrainingOptions(steps=2, deterministic=True)
    spec = job_spec(phantoms("t2w", 3), tiny_source, folds=2, validation=1, training=short)
    job = JobFolder.create(tmp_path / "job", spec)
    run_job(job.path)
    stored = read_json(job.state / "results" / "split.json")
    (validated,) = [name for name, role in stored["cases"].items() if role == "validation"]
    annotated = {name for name, role in stored["cases"].items() if role == "annotated"}
    assert len(annotated) == 2
    results = sorted(unit_results(job, job.read_spec()), key=lambda result: result.fold)
    assert [result.fold for result in results] == ["0", "1", "test"]
    # One of the two in each fold, and both for the final model; never the third.
    assert [len(names) for names in trained_on] == [1, 1, 2]
    assert set().union(*trained_on) == annotated
    assert {row.case for result in results for row in result.rows} == annotated
    for result in results:
        assert result.validation and all(0 <= dice <= 1 for _, dice in result.validation)
        assert result.best_step == max(result.validation, key=lambda point: point[1])[0]
    card = read_json(job.model / "card.json")
    assert card["training_cases"] == 2
    # It was not trained on the third, but chosen by it: a score on it would be too good.
    assert len(card["made_by"]["seen"]) == len(read_json(tiny_source / "card.json")["made_by"]["seen"]) + 3
    report = job.report.read_text(encoding="utf-8")
    assert "Validated on" in report and validated in report
    assert f"weights of step {results[-1].best_step}" in report


def test_the_weights_of_the_best_step_are_kept_also_for_the_final_model(tmp_path, tiny_source, phantoms, monkeypatch):
    dice = iter([0.5, 0.9, 0.1] + [0.1] * 40)
    monkeypatch.setattr(
        "TransferSegLib.jobs.unit_training.UnitTraining._validation_dice", lambda *arguments: next(dice)
    )
    kept = []
    original = Training._check

    def check(self, validate):
        original(self, validate)
        if self.progress.validation[-1][1] == 0.9:
            kept.append({name: value.clone() for name, value in self.average.module.state_dict().items()})

    monkeypatch.setattr(Training, "_check", check)
    job = JobFolder.create(tmp_path / "job", job_spec(phantoms("t2w", 2), tiny_source, folds=0, validation=1))
    run_job(job.path)
    (result,) = unit_results(job, job.read_spec())
    assert result.best_step == 2 and result.steps == 2 + 6  # and it ended early: six checks without a gain
    from safetensors.torch import load_file

    found = load_file(job.model / "weights.safetensors")
    assert all(found[name].equal(value) for name, value in kept[0].items())
    assert len(result.check_seconds) == len(result.validation) == 8
    assert result.check_seconds[0] > 0 and list(result.check_seconds) == sorted(result.check_seconds)
    (time,) = read_json(job.scores_json)["training"]
    assert (time["converged_step"], time["converged_s"]) == (2, result.check_seconds[1]), (
        "0.9 is the first near the best"
    )
    assert time["seconds"] == result.seconds == result.check_seconds[-1]
    report = job.report.read_text(encoding="utf-8")
    assert "Dice on validation cases, over time" in report and "is known only where it had" not in report


@pytest.mark.parametrize(("recipe", "apart"), [("default", 3), ("zoetmulder2022", 0)])
def test_a_fold_of_many_cases_sets_some_apart_unless_the_recipe_has_a_fixed_length(recipe, apart):
    found = cases("abcdefghijklmnopqrstuvwx").cases
    context = SimpleNamespace(validation=[], training_cases=list(found))
    run = SimpleNamespace(options=TrainingOptions(recipe=recipe), context=context)
    training = UnitTraining(run, SimpleNamespace(fold=0), None)
    trained_on, validated_on = training._split([case.name for case in found])
    assert (len(trained_on), len(validated_on)) == (24 - apart, apart)


def test_without_folds_and_test_cases_the_cases_to_validate_on_choose_the_strategy(
    tmp_path, tiny_source, phantoms, monkeypatch
):
    original, found = UnitTraining._validation_dice, []

    def worse(self, *arguments) -> float:
        found.append(original(self, *arguments))
        return found[-1] - 0.1

    monkeypatch.setattr(UnitTraining, "_validation_dice", worse)
    training = TrainingOptions(steps=1, adapted_share=1.0)  # weights between are measured apart
    spec = job_spec(phantoms("t1w", 2), tiny_source, folds=0, validation=1, training=training)
    spec = replace(spec, kind="compare", keep="best", strategies=(StrategyChoice("direct"), OPEN))
    job = JobFolder.create(tmp_path / "job", spec)
    run_job(job.path)
    direct, _ = unit_results(job, job.read_spec())
    ((step, dice),) = direct.validation
    # The source model as it is was measured as a training is; one step from the same weights changes little.
    assert step == 0 and dice == pytest.approx(found[0], abs=0.05) and dice > 0.1
    assert read_json(job.model / "card.json")["made_by"]["used"]["strategy"] == "direct"
    verdict = read_json(job.scores_json)["verdict"]["sentence"]
    assert verdict.startswith("`direct` is kept, because its Dice on the cases to validate on is the best (`direct` 0.")


def test_the_strategy_whose_final_model_was_ever_best_on_the_cases_to_validate_on_is_chosen():
    def result(strategy: str, fold: str, *dice: float) -> SimpleNamespace:
        return SimpleNamespace(strategy=strategy, fold=fold, validation=tuple(enumerate(dice)), validated=None)

    results = [result("direct", "test", 0.7), result("open", "test", 0.6, 0.81, 0.5), result("scratch", "0", 0.9)]
    assert best_validated(results) == "open" and best_validated(results[2:]) is None
    assert "(`open` 0.810, `direct` 0.700)" in chosen_on_validation({"direct": 0.7, "open": 0.81}).sentence


def test_cases_are_set_apart_by_the_seed_and_one_is_left_to_train_on():
    found = set_apart(cases(f="test"), 2, seed=1)
    assert sorted(roles(found).values()) == ["test", "train", "train", "train", "validation", "validation"]
    assert roles(found)["f"] == "test"
    assert roles(set_apart(cases(f="test"), 2, seed=1)) == roles(found)
    assert any(roles(set_apart(cases(), 2, seed=seed)) != roles(set_apart(cases(), 2, seed=1)) for seed in (2, 3, 4))
    with pytest.raises(InputError, match="has 6 annotated cases, and one at least must be left to train on"):
        set_apart(cases(), 6, seed=0)


@pytest.fixture
def data(monkeypatch):
    """Data sets that are read by their paths, without files."""
    known = {"/one": cases("abcd", d="validation"), "/two": cases("xyb")}
    known["/two"] = replace(
        known["/two"],
        root=Path("/two"),
        cases=tuple(replace(c, images=(Path(f"/two/{c.name}.nii"),)) for c in known["/two"].cases),
    )
    monkeypatch.setattr(target, "read_case_set", lambda path: known[str(path)])
    return known


def test_a_job_of_an_earlier_format_trains_on_its_validation_cases_as_it_did(data):
    now = job_spec(Path("/one"), Path("/model"))
    assert roles(read_target(now))["d"] == "validation"
    assert roles(read_target(replace(now, format=2)))["d"] == "train"


def test_a_data_set_to_validate_on_joins_with_its_annotated_cases_alone(data):
    data["/two"] = replace(data["/two"], cases=(*data["/two"].cases[:2], replace(data["/two"].cases[2], label=None)))
    found = read_target(job_spec(Path("/one"), Path("/model"), validation="/two"))
    assert roles(found) == {
        "a": "train",
        "b": "train",
        "c": "train",
        "d": "validation",
        "x": "validation",
        "y": "validation",
    }


def test_pooled_data_sets_are_trained_on_together_on_so_many_cases_as_are_asked_for(data):
    spec = job_spec(Path("/one"), Path("/model"), pooled=("/two",))
    assert list(roles(read_target(spec))) == ["a", "data_b", "c", "d", "x", "y", "two_b"]
    few, more = with_size(spec, 2, draw=1), with_size(spec, 4, draw=1)
    assert set(few.cases.train) < set(more.cases.train) <= {"a", "data_b", "c", "x", "y", "two_b"}
    assert few.cases.validation == more.cases.validation == ("d",)
    assert roles(read_target(few)) == {**dict.fromkeys(few.cases.train, "train"), "d": "validation"}
    counted = with_size(replace(spec, validation=2), 3, draw=0)
    assert counted.validation is None and len(counted.cases.train) == 3 and len(counted.cases.validation) == 3
    with pytest.raises(InputError, match="7 training cases are asked for, and there are 6"):
        with_size(spec, 7, draw=0)
    assert from_json(JobSpec, to_json(more), "job") == more


def test_what_is_chosen_of_each_data_set_is_known_by_its_name_in_the_pool(data):
    choices = [CaseChoice(("a", "b"), ("c",), ("d",)), CaseChoice(("b",), ("x",))]
    assert pooled_choice([data["/one"], data["/two"]], choices) == CaseChoice(
        ("a", "data_b", "two_b"), ("c", "x"), ("d",)
    )


@pytest.mark.parametrize("wrong", [{"validation": 0}, {"validation": "cases"}, {"pooled": ("cases",)}])
def test_what_cannot_be_validated_on_or_pooled_is_refused_with_its_field(wrong):
    (field,) = wrong
    with pytest.raises(InputError, match=f"field `{field}`"):
        job_spec(Path("/one"), Path("/model"), **wrong)
