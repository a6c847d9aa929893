"""A job that recommends a strategy: its rounds, choices on other cases, the source model where training loses, resuming."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from TransferSegLib.cli import main
from TransferSegLib.core.card import read_card
from TransferSegLib.core.errors import InputError, JobError
from TransferSegLib.core.records import from_json, read_json
from TransferSegLib.evaluation.recommendation import Recommendation, ranked
from TransferSegLib.evaluation.scores import dice_of_cases, read_scores
from TransferSegLib.jobs import recommending as recommending_module
from TransferSegLib.jobs import round_budget, runner
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.estimate import estimate
from TransferSegLib.jobs.events import read_events
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.folds import Fold
from TransferSegLib.jobs.recommended import stored_recommendation
from TransferSegLib.jobs.recommending import Recommending
from TransferSegLib.jobs.results import left_out, unit_result, unit_results
from TransferSegLib.jobs.round_budget import trainings_in
from TransferSegLib.jobs.rounds import IN_FULL, SOURCE, Rounds
from TransferSegLib.jobs.settings import save_settings
from TransferSegLib.jobs.spec import JobSpec, StrategyChoice, recommended_strategies
from TransferSegLib.jobs.unit import Unit, not_finite
from TransferSegLib.jobs.unit_training import BESIDE_THE_STEP
from TransferSegLib.jobs.worker import run_job
from TransferSegLib.networks.execution import fixed_execution
from TransferSegLib.training.loop import RunSettings, Training
from TransferSegLib.training.options import TrainingOptions

THREE = (
    StrategyChoice("direct"),
    StrategyChoice("open"),
    StrategyChoice("conservative", {"part": "decoder"}),
    StrategyChoice("conservative", {"part": "head"}),
)


def spec_of(cases: Path, source: Path, strategies=THREE, **fields) -> JobSpec:
    training = fields.pop("training", TrainingOptions(steps=20, deterministic=True, augment="none"))
    return JobSpec(3, "adapt", str(cases), strategies, "auto", source=str(source), training=training, **fields)


def run(folder: Path, spec: JobSpec) -> JobFolder:
    job = JobFolder.create(folder, spec)
    run_job(job.path)
    return job


def weights(folder: Path) -> dict[str, np.ndarray]:
    return load_file(folder / "weights.safetensors")


def same(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[k], b[k]) for k in a)


class Killed(BaseException):
    """Ends a worker as a kill would."""


@pytest.fixture(scope="module")
def finished(tmp_path_factory, tiny_source, phantoms) -> JobFolder:
    return run(tmp_path_factory.mktemp("rounds") / "job", spec_of(phantoms("t2w", 3), tiny_source))


def units_of(job: JobFolder) -> dict[str, dict]:
    return {path.stem: read_json(path) for path in (job.state / "results").glob("*.json") if ".fold" in path.stem}


def test_all_are_tried_shortly_the_best_for_longer_and_one_in_full(finished):
    steps = {name: result["steps"] for name, result in units_of(finished).items()}
    first = {name.partition("_round-1.")[0] for name in steps if "_round-1." in name}
    assert first == {"open", "conservative_part-decoder", "conservative_part-head"}
    second = {name.partition("_round-2.")[0] for name in steps if "_round-2." in name}
    assert len(second) >= 2 and second <= first
    assert sorted(name[-5:] for name in steps if "_round-3." in name) == [
        "fold0",
        "fold1",
        "fold2",
    ]  # each fold its own
    assert {steps[name] for name in steps if "_round-1." in name} == {2}
    assert {steps[name] for name in steps if "_round-2." in name} == {4}
    assert {steps[name] for name in steps if "_round-3." in name} == {20}
    assert trainings_in(1, 3, 3) == 9 and trainings_in(2, 3, 3) == 6 and trainings_in(3, 3, 3) == 3
    assert trainings_in(1, 2, 3) == 0 and trainings_in(2, 2, 3) == 6 and trainings_in(3, 1, 3) == 3


def test_what_goes_on_in_a_fold_is_chosen_on_the_other_folds(finished):
    names = [name for name in units_of(finished) if "_round-1." in name or name.startswith("direct.")]
    rows: dict[str, list] = {}
    held_out = {}
    for name in names:
        result = unit_result(finished, name)
        rows.setdefault(name.rpartition(".")[0], []).extend(result.rows)
        held_out[name[-5:]] = {row.case for row in result.rows}
    dice = dice_of_cases(rows)
    source = dice.pop("direct")
    second = {name.partition("_round-2.")[0] for name in units_of(finished) if "_round-2." in name}
    wanted = set()
    for cases in (*held_out.values(), set()):
        wanted |= {name.removesuffix("_round-1") for name in ranked(dice, source, cases)[:2]}
    assert second == wanted


def test_it_is_told_in_scores_events_verdict_card_and_report(finished, capsys):
    made = stored_recommendation(finished)
    stored = json.loads(finished.scores_json.read_text(encoding="utf-8"))
    assert from_json(Recommendation, stored["recommendation"], "scores") == made
    assert made.chosen == "direct" or made.dice > made.source_dice
    assert stored["made_by"]["kept"] == ("direct" if made.chosen == "direct" else "auto")
    (event,) = [e for e in read_events(finished.events)[0] if e["kind"] == "choice" and "recommended" in e]
    assert event["strategy"] == made.chosen and event["message"] == made.problem.sentence
    assert stored["verdict"]["sentence"].startswith(made.problem.sentence)
    card = read_json(finished.model / "card.json")
    made_by = card["made_by"].get("used", card["made_by"])
    assert made_by["strategy"] == made.chosen
    assert from_json(Recommendation, made_by["recommendation"], "card") == made
    assert main(["report", str(finished.path)]) == 0
    report = finished.report.read_text(encoding="utf-8")
    assert "Gain to be expected" in report and "Round" in report
    rows = read_scores(finished.scores_csv)
    assert {row.strategy for row in rows} == {"direct", "auto"} and len({row.case for row in rows}) == 3
    shown = {path.name for path in (finished.segmentations / "auto").glob("*.nii.gz")}
    assert shown == {f"{row.case}.nii.gz" for row in rows}
    assert not (finished.state / "trials").exists()
    capsys.readouterr()
    assert main(["run", str(finished.path)]) == 0
    assert made.problem.sentence in capsys.readouterr().out


def test_the_scores_of_a_fold_are_those_of_what_the_other_folds_chose(finished):
    made, units = stored_recommendation(finished), units_of(finished)
    for n, key in enumerate(made.of_folds):
        slug = next(choice.slug for choice in THREE if choice.key == key)
        own = units[f"auto.fold{n}"]
        like = [
            name
            for name, result in units.items()
            if name.endswith(f".fold{n}")
            and not name.startswith("auto")
            and [row["scores"] for row in result["rows"]] == [row["scores"] for row in own["rows"]]
        ]
        assert any(name.startswith((f"{slug}.", f"{slug}_round-")) for name in like)
    results = [one for one in unit_results(finished, finished.read_spec()) if one.strategy == "auto"]
    assert np.mean([one.mean_dice for one in results if one.fold != "test"]) == pytest.approx(made.dice)


@pytest.mark.parametrize("when", [4, 15])
def test_a_job_that_is_killed_ends_as_if_it_had_not_been(tmp_path, finished, when, monkeypatch):
    original, done = runner.UnitRun.execute, []

    def execute(self):
        done.append(self.unit.name)
        if len(done) == when + 1:
            raise Killed
        original(self)

    with monkeypatch.context() as patched:
        patched.setattr(runner.UnitRun, "execute", execute)
        job = JobFolder.create(tmp_path / "job", finished.read_spec())
        with pytest.raises(Killed):
            run_job(job.path)
        run_job(job.path)
    assert len(done) == len(set(done)) + 1  # nothing that was finished is done twice
    assert stored_recommendation(job).chosen == stored_recommendation(finished).chosen
    assert same(weights(job.model), weights(finished.model))
    assert [(r.case, r.label, r.scores) for r in read_scores(job.scores_csv)] == [
        (r.case, r.label, r.scores) for r in read_scores(finished.scores_csv)
    ]


def test_the_source_model_is_kept_where_training_only_loses(tmp_path, tiny_source, phantoms, monkeypatch):
    original = Training.run

    def forget(self, on_step=lambda progress: True):
        found = original(self, on_step)
        with torch.no_grad():
            for parameter in self.plan.network.parameters():
                parameter.zero_()
        return found

    monkeypatch.setattr(Training, "run", forget)
    training = TrainingOptions(steps=1, deterministic=True, augment="none", adapted_share=1)
    heads, cases = phantoms("t2w", 3), tmp_path / "cases.csv"
    lines = ["case,image,label,role"]
    for n, role in enumerate(("train", "train", "unlabelled")):
        label = "" if role == "unlabelled" else f"{heads}/labelsTr/phantom_{n:03d}.nii.gz"
        lines.append(f"c{n},{heads}/imagesTr/phantom_{n:03d}.nii.gz,{label},{role}")
    cases.write_text("\n".join(lines), encoding="utf-8")
    job = run(tmp_path / "job", spec_of(cases, tiny_source, THREE[:3], training=training))
    # What the kept model makes of a scan without labels is the source model's, and called so.
    assert (job.segmentations / "direct" / "c2.nii.gz").is_file() and not list(job.segmentations.glob("auto/c2*"))
    made = stored_recommendation(job)
    assert made.chosen == "direct" and made.round == 0 and made.gain is None
    assert made.best_trained_dice < made.source_dice
    assert same(weights(job.model), weights(tiny_source))
    stored = json.loads(job.scores_json.read_text(encoding="utf-8"))
    assert stored["made_by"]["kept"] == "direct"
    assert stored["verdict"]["sentence"].startswith("The source model as it is is recommended")


class Scripted(Rounds):
    """Rounds in which one training in full has these gains over the source model, a case each."""

    numbers = (3,)
    candidates = THREE[1:2]
    compares_with_source = True

    def __init__(self, gains: dict[str, float]) -> None:
        self.context = SimpleNamespace(tried=THREE)
        self.folds = tuple(Fold(n, (), (case,)) for n, case in enumerate(gains))
        self.source = dict.fromkeys(gains, 0.8)
        self.trained = {case: 0.8 + gain for case, gain in gains.items()}

    def _scores(self, number):
        return {SOURCE: self.source, IN_FULL: self.trained}

    def _going_on(self, number, fold):
        return list(self.candidates)

    def _tried(self, source):
        return iter(())


def test_a_gain_that_one_case_makes_alone_is_not_believed():
    made = Scripted({"a": 0.05, "b": 0.05, "c": -0.21, "d": 0.15}).recommend()
    assert made.chosen == "direct" and made.of_folds == ("direct", "direct", "open", "direct")
    assert made.dice == pytest.approx(0.7475) and "that of the best" in made.problem.sentence
    made = Scripted({"a": 0.05, "b": 0.04, "c": 0.03, "d": 0.06}).recommend()
    assert made.chosen == "open" and set(made.of_folds) == {"open"} and made.dice == pytest.approx(0.845)
    assert Scripted(dict.fromkeys("abcd", 0.0)).recommend().chosen == "direct"


def test_a_candidate_that_blows_up_is_left_out(tmp_path, tiny_source, phantoms, monkeypatch):
    original = Training.run

    def blow_up(self, on_step=lambda progress: True):
        if self.plan.strategy == "open":
            raise FloatingPointError("the loss is not finite after 1 steps")
        return original(self, on_step)

    monkeypatch.setattr(Training, "run", blow_up)
    job = run(tmp_path / "job", spec_of(phantoms("t2w", 2), tiny_source, THREE[:3]))
    made = stored_recommendation(job)
    assert made.chosen != "open" and "open" not in {one.strategy for one in made.tried}
    warnings = [event["message"] for event in read_events(job.events)[0] if event["kind"] == "warning"]
    assert any("`open` is left out of the comparison" in warning for warning in warnings)
    monkeypatch.setattr(Training, "run", lambda self, on_step: (_ for _ in ()).throw(FloatingPointError("not finite")))
    job = run(tmp_path / "none", spec_of(phantoms("t2w", 2), tiny_source, THREE[:3]))
    assert stored_recommendation(job).chosen == "direct"  # and the job does not fail
    assert "nothing else could be trained" in stored_recommendation(job).problem.sentence


def test_of_folds_that_are_trained_together_the_one_that_blows_up_is_left_out(tmp_path):
    """In the last round the folds may have different strategies, all trained before the first of them is scored."""
    job = JobFolder.create(tmp_path / "job", spec_of(Path("/cases"), Path("/model")))
    context = SimpleNamespace(tried=THREE, training_cases=["a", "b"], tests=[], unlabelled=[])
    folds = [Fold(0, ("b",), ("a",)), Fold(1, ("a",), ("b",))]
    first, second = (Unit(choice, fold, round=3) for choice, fold in zip(THREE[1:3], folds, strict=True))
    plan = SimpleNamespace(trainable={"head": 1e-3})
    warned: list = []

    def execute(run, together, unit):
        assert unit == first
        raise not_finite(second, plan, None, FloatingPointError("the loss is not finite after 1 steps"))

    recommending = object.__new__(Recommending)
    recommending.run = SimpleNamespace(
        job=job,
        context=context,
        options=None,
        log=SimpleNamespace(warn=warned.append),
        progress=SimpleNamespace(replace=lambda gone, known: None),
    )
    recommending.folds, recommending._execute = tuple(folds), execute
    recommending._planned, recommending._shown = {}, set()

    class LastRound:
        numbers = (3,)

        def missing(self):
            if left_out(job):
                raise Killed
            return first

        def units(self, number):
            return [first, second]

    recommending.budget = SimpleNamespace(rounds=LastRound(), options=lambda number: None)
    recommending._show = lambda rounds, number: None
    with pytest.raises(Killed), pytest.MonkeyPatch.context() as patched:
        patched.setattr(recommending_module, "replace", lambda run, **fields: run)
        patched.setattr(recommending_module.Rounds, "source_units", lambda self: [])
        recommending._run_rounds()
    assert set(left_out(job)) == {"conservative:part=decoder"}
    assert "`conservative:part=decoder` is left out" in warned[0].sentence and "fold 2" in warned[0].sentence


def test_one_case_alone_is_adapted_to_without_a_comparison(tmp_path, tiny_source, phantoms):
    job = run(tmp_path / "job", spec_of(phantoms("t2w", 1), tiny_source))
    made = stored_recommendation(job)
    assert (made.chosen, made.by, made.of_folds) == ("open", "nothing", ())
    assert read_card(job.model).made_by["strategy"] == "open"
    verdict = json.loads(job.scores_json.read_text(encoding="utf-8"))["verdict"]["sentence"]
    assert verdict.startswith("`open` is recommended without a comparison") and "annotate one more case" in verdict


def test_a_network_from_scratch_is_tried_where_the_source_knows_none_of_the_labels(tmp_path, tiny_source, phantoms):
    label_map = dict.fromkeys(("air", "soft tissue", "bone"), "new")
    strategies = recommended_strategies(read_card(tiny_source), TrainingOptions())
    spec = spec_of(phantoms("t2w", 2), tiny_source, strategies, label_map=label_map)
    tried = [choice.key for choice in JobContext.read(spec).tried]
    assert "scratch" in tried and "encoder-transfer" in tried
    known = [choice.key for choice in JobContext.read(replace(spec, label_map=None)).tried]
    assert "scratch" not in known and known[:2] == ["direct", "open"]
    job = run(tmp_path / "job", replace(spec, strategies=(StrategyChoice("direct"), *strategies[-2:])))
    made = stored_recommendation(job)
    assert made.chosen in ("scratch", "encoder-transfer") and made.gain is None and made.source_dice is None


def test_minutes_are_given_to_the_rounds_and_stored(tmp_path, tiny_source, phantoms):
    training = TrainingOptions(minutes=0.4, augment="none")
    job = run(tmp_path / "job", spec_of(phantoms("t2w", 2), tiny_source, THREE[:3], training=training))
    events = read_events(job.events)[0]
    clock = read_json(job.state / "results" / "round-clock.json")
    assert clock["steps"] and set(clock["units"]) >= {"direct.fold0", "auto.final"}
    steps = {name: result["steps"] for name, result in units_of(job).items() if "_round-" in name}
    assert {clock["steps"][name.partition("_round-")[2][0]] == count for name, count in steps.items()} == {True}
    fractions = [event["fraction"] for event in events if event["kind"] == "progress"]
    assert fractions == sorted(fractions) and fractions[-1] == 1


@pytest.mark.parametrize("step_s", [0.02, 0.2, 0.6])
def test_all_rounds_and_the_final_model_fit_into_the_minutes(tmp_path, monkeypatch, step_s):
    """Each training takes some seconds beside its steps, which take as long as was measured."""
    now = [0.0]
    monkeypatch.setattr(round_budget.time, "monotonic", lambda: now[0])
    spec = spec_of(Path("/cases"), Path("/model"), training=TrainingOptions(minutes=10))
    job = JobFolder.create(tmp_path / "job", spec)
    cases = [SimpleNamespace(name=name) for name in "abcd"]
    task = SimpleNamespace(source_classes=((), (1,)))
    context = SimpleNamespace(tried=THREE, training_cases=cases, tests=[], unlabelled=[], task=task)
    folds = [Fold(n, (), (case.name,)) for n, case in enumerate(cases)]
    run = SimpleNamespace(job=job, context=context, options=spec.training, device="cpu")
    budget = round_budget.RoundBudget(run, folds, began=0.0)
    now[0] += 8  # reading and preparing
    trained = THREE[1:]
    measured = RunSettings(1, 2, (8, 8, 8), fixed_execution("cpu", 2), 0, step_s / BESIDE_THE_STEP)
    for choice in trained:
        save_settings(job, choice, measured)
    for unit in [Unit(THREE[0], fold) for fold in folds]:
        now[0] += 1.5
        budget.finished(unit, 1.5)
    planned = {}
    for number, choices in ((1, trained), (2, trained), (3, trained[:1])):  # all go on, as the folds do not agree
        units = [Unit(choice, fold, round=number) for choice in choices for fold in folds]
        monkeypatch.setattr(budget.rounds, "units", lambda n, units=units: units)
        planned[number] = budget.options(number).steps
        assert budget.options(number).minutes is None
        for unit in units:
            seconds = planned[number] * step_s
            now[0] += seconds + 2.5
            job.save_result(unit.name, {"seconds": seconds, "steps": planned[number]})
            budget.finished(unit, seconds + 2.5)
    now[0] += planned[3] * step_s + 2.5
    assert 0.75 * 600 < now[0] < 600
    assert planned[1] < planned[2] < planned[3]
    # A job that is resumed has the same steps.
    assert round_budget.RoundBudget(run, folds, began=now[0]).options(1).steps == planned[1]


def test_where_time_is_short_fewer_are_tried(tmp_path, monkeypatch):
    monkeypatch.setattr(round_budget.time, "monotonic", lambda: 20.0)
    spec = spec_of(Path("/cases"), Path("/model"), training=TrainingOptions(minutes=1))
    job = JobFolder.create(tmp_path / "job", spec)
    context = SimpleNamespace(tried=THREE, training_cases=["a", "b"], tests=[], unlabelled=[], task=None)
    folds = [Fold(0, ("b",), ("a",)), Fold(1, ("a",), ("b",))]
    run = SimpleNamespace(job=job, context=context, options=spec.training, device="cpu")
    rounds = round_budget.RoundBudget(run, folds, began=0.0).rounds
    assert [choice.key for choice in rounds.candidates] == ["open"] and rounds.numbers == (3,)


def test_its_dry_run_names_candidates_and_rounds_and_its_estimate_says_how_long(tiny_source, phantoms, capsys):
    cases = str(phantoms("t2w", 2))
    asked = ["adapt", "--source", str(tiny_source), "--target", cases, "--strategy", "auto"]
    assert main([*asked, "--steps", "20", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "is recommended, or the source model as it is, after these rounds" in said
    assert "2 folds, 100% of the steps" in said and "conservative:part=decoder:" in said
    made = estimate(JobContext.read(spec_of(Path(cases), tiny_source)))
    assert "3 ways of training will be tried in 2 folds" in made.problem.sentence
    assert made.seconds > 0 and made.recommends
    minutes = spec_of(Path(cases), tiny_source, training=TrainingOptions(minutes=10))
    assert estimate(JobContext.read(minutes)).problem.sentence.endswith("about 10 minutes on this computer.")
    one = spec_of(phantoms("t2w", 1), tiny_source, training=TrainingOptions(minutes=10))
    assert "Nothing can be compared without folds" in estimate(JobContext.read(one)).problem.sentence


def test_what_has_no_effect_on_a_recommendation_is_refused(tmp_path, tiny_source, phantoms, capsys):
    asked = ["adapt", "--source", str(tiny_source), "--target", str(phantoms("t2w", 2)), "--strategy", "auto"]
    assert main([*asked, "--layers", "3", "--out", str(tmp_path / "job")]) == 2
    assert "`auto` tries several" in capsys.readouterr().err
    for wrong, code in (
        ({"training": TrainingOptions(learning_rate=(1e-3, 1e-4))}, "rates-with-recommended"),
        ({"training": TrainingOptions(snapshots=3)}, "snapshots-with-recommended"),
        ({"training": TrainingOptions(ensemble="folds")}, "ensemble-with-recommended"),
    ):
        with pytest.raises(InputError) as refused:
            spec_of(Path("/cases"), Path("/model"), **wrong)
        assert refused.value.problem.code == code
    with pytest.raises(InputError, match="is for `adapt`"):
        replace(spec_of(Path("/cases"), Path("/model")), kind="compare")


def test_a_blown_up_training_fails_the_job_where_nothing_is_left(tmp_path, tiny_source, phantoms, monkeypatch):
    monkeypatch.setattr(Training, "run", lambda self, on_step: (_ for _ in ()).throw(FloatingPointError("not finite")))
    with pytest.raises(JobError, match="not finite"):
        run(tmp_path / "job", spec_of(phantoms("t2w", 1), tiny_source, THREE[:2]))
