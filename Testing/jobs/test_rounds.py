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
from tiny_jobs import run_without_report
from tiny_rounds import THREE, run, spec_of, trainings_of

from TransferSegLib.cli import main
from TransferSegLib.core.card import read_card
from TransferSegLib.core.errors import InputError, JobError, NotFinite
from TransferSegLib.core.records import from_json, read_json, to_json
from TransferSegLib.evaluation.recommendation import Recommendation
from TransferSegLib.evaluation.scores import read_scores
from TransferSegLib.jobs import recommending as recommending_module
from TransferSegLib.jobs import round_budget, runner
from TransferSegLib.jobs import rounds as rounds_module
from TransferSegLib.jobs.choices import TrainedFold, save_trained_fold, trained_fold
from TransferSegLib.jobs.conditions import Conditions
from TransferSegLib.jobs.context import JobContext
from TransferSegLib.jobs.estimate import estimate
from TransferSegLib.jobs.events import read_events
from TransferSegLib.jobs.fold_models import FoldModels
from TransferSegLib.jobs.folder import JobFolder
from TransferSegLib.jobs.folds import Fold
from TransferSegLib.jobs.label_choices import label_choices, save_label_choices
from TransferSegLib.jobs.recommended import in_round, stored_recommendation
from TransferSegLib.jobs.recommending import Recommending
from TransferSegLib.jobs.results import UnitResult, unit_results
from TransferSegLib.jobs.round_budget import trainings_in
from TransferSegLib.jobs.spec import StrategyChoice, recommended_strategies
from TransferSegLib.jobs.unit import Unit
from TransferSegLib.jobs.unit_blending import SHARES
from TransferSegLib.training.loop import Training
from TransferSegLib.training.options import TrainingOptions


def weights(folder: Path) -> dict[str, np.ndarray]:
    return load_file(folder / "weights.safetensors")


def same(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[k], b[k]) for k in a)


class Killed(BaseException):
    """Ends a worker as a kill would."""


@pytest.fixture(scope="module")
def finished(tmp_path_factory, tiny_source, phantoms) -> JobFolder:
    return run(tmp_path_factory.mktemp("rounds") / "job", spec_of(phantoms("t2w", 4), tiny_source, folds=2))


def units_of(job: JobFolder) -> dict[str, dict]:
    """The units that were segmented and scored in full."""
    found = (job.state / "results").glob("*.fold*.json")
    return {path.stem: read_json(path) for path in found if not path.stem.startswith("trained.")}


def test_all_are_tried_shortly_and_the_best_for_longer_in_all_folds(finished):
    steps = {name: len(trained.losses) for name, trained in trainings_of(finished).items()}
    first = sorted(name for name in steps if "_round-1." in name)
    tried = ("open", "conservative_part-decoder", "conservative_part-head")
    assert first == sorted(f"{slug}_round-1.fold{n}" for slug in tried for n in range(2))
    second = {name.partition("_round-2.")[0] for name in steps if "_round-2." in name}
    assert second and second <= set(tried)
    assert set(steps) - set(first) == {f"{slug}_round-2.fold{n}" for slug in second for n in range(2)}
    assert {steps[name] for name in first} == {2} and {steps[name] for name in set(steps) - set(first)} == {8}
    assert read_json(finished.state / "results" / "auto.final.json")["steps"] in (0, 2, 8)
    for name, trained in trainings_of(finished).items():
        assert set(trained.dice) == {f"{share:g}" for share in SHARES}, name
    assert trainings_in(1, 4, 3) == 12 and trainings_in(2, 4, 3) == 3 and trainings_in(1, 1, 3) == 0


def test_what_is_kept_was_scored_as_it_is_kept_and_is_told_in_words(finished):
    made, units = stored_recommendation(finished), units_of(finished)
    told = [
        event for event in read_events(finished.events)[0] if event["kind"] == "choice" and "adapted_share" in event
    ]
    if made.chosen == "direct":
        assert not told
        return
    (event,) = told
    percent = round(100 * event["adapted_share"])
    way = (
        "the adapted weights as they are"
        if percent == 100
        else f"weights {percent} % of the way from those that the training"
    )
    assert event["message"].startswith(f"`{made.chosen}`: {way}")
    choice = StrategyChoice.parse(made.chosen)
    called = in_round(choice, made.round, f"{event['adapted_share']:g}").slug
    assert {f"{called}.fold{n}" for n in range(2)} <= set(units)
    assert read_card(finished.model).made_by["adapted_share"] == event["adapted_share"]


def test_no_inner_name_is_shown(finished, capsys):
    report = finished.report.read_text(encoding="utf-8")
    messages = [str(event.get("message", "")) for event in read_events(finished.events)[0]]
    assert main(["status", str(finished.path)]) == 0 and main(["run", str(finished.path)]) == 0
    for text in (report, *messages, capsys.readouterr().out):
        assert "round=" not in text and "share=" not in text and "_round-" not in text
        assert "--adapted-share" not in text  # nobody typed it


def test_no_weights_stay_but_those_of_the_folds_that_are_scored(finished):
    assert {path.name for path in (finished.state / "folds").iterdir()} <= {"auto"}


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
    assert '<th scope="col">Mean Dice of one copy</th>' in report
    assert "Rounds are compared by a Dice that is measured quickly: of one copy of each image" in report
    kept = "direct" if made.chosen == "direct" else f"{made.chosen}, recommended by auto"
    assert f"<th>Kept model</th><td>{kept}</td>" in report
    rows = read_scores(finished.scores_csv)
    assert {row.strategy for row in rows} == {"direct", "auto"} and len({row.case for row in rows}) == 4
    shown = {path.name for path in (finished.segmentations / "auto").glob("*.nii.gz")}
    assert shown == {f"{row.case}.nii.gz" for row in rows}
    assert not (finished.state / "trials").exists()
    capsys.readouterr()
    assert main(["run", str(finished.path)]) == 0
    assert made.problem.sentence in capsys.readouterr().out


def test_how_many_of_the_steps_each_round_takes_is_told_at_the_start_and_in_the_report(finished):
    events = read_events(finished.events)[0]
    told = [event for event in events if event.get("problem", {}).get("code") == "steps-of-rounds"]
    before = "Of the 20 steps that were given, each training of the first round takes 2, and each of the second 8"
    assert told[0]["message"] == f"{before}, or all where the first show that the source model does not cope"
    first_training = next(n for n, event in enumerate(events) if "Training" in event.get("text", ""))
    assert events.index(told[0]) < first_training
    assert [event["message"] for event in told[1:]] == [before], "in the second round it is known, and said so once"
    report = finished.report.read_text(encoding="utf-8")
    assert before in report and "or all where" not in report
    assert "<th>Budget of a training in full</th><td>20 steps</td>" in report


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
        assert any(name.startswith((f"{slug}.", f"{slug}_")) for name in like)
    results = [one for one in unit_results(finished, finished.read_spec()) if one.strategy == "auto"]
    assert np.mean([one.mean_dice for one in results if one.fold != "test"]) == pytest.approx(made.dice)


@pytest.mark.parametrize("when", [5, 9])
def test_a_job_that_is_killed_ends_as_if_it_had_not_been(tmp_path, finished, when, monkeypatch):
    done: list[str] = []

    def counted(original):
        def do(self, *arguments, **given):
            done.append(f"{original.__name__} {self.unit.name}")
            if len(done) == when + 1:
                raise Killed
            original(self, *arguments, **given)

        return do

    with monkeypatch.context() as patched:
        for name in ("execute", "train_fold"):
            patched.setattr(runner.UnitRun, name, counted(getattr(runner.UnitRun, name)))
        job = JobFolder.create(tmp_path / "job", finished.read_spec())
        with pytest.raises(Killed):
            run_without_report(job.path)
        run_without_report(job.path)
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
    assert stored["verdict"]["kind"] == "source kept"
    assert stored["verdict"]["sentence"] == f"{made.problem.sentence}."


def test_a_candidate_that_blows_up_is_left_out(tmp_path, tiny_source, phantoms, monkeypatch):
    original = Training.run

    def blow_up(self, on_step=lambda progress: True):
        if self.plan.strategy == "open":
            raise NotFinite("not-finite", "the loss is not finite after 1 steps")
        return original(self, on_step)

    monkeypatch.setattr(Training, "run", blow_up)
    job = run(tmp_path / "job", spec_of(phantoms("t2w", 2), tiny_source, THREE[:3]))
    made = stored_recommendation(job)
    assert made.chosen != "open" and "open" not in {one.strategy for one in made.tried}
    warnings = [event["message"] for event in read_events(job.events)[0] if event["kind"] == "warning"]
    assert any("`open` is left out of the comparison" in warning for warning in warnings)
    monkeypatch.setattr(
        Training, "run", lambda self, on_step: (_ for _ in ()).throw(NotFinite("not-finite", "not finite"))
    )
    job = run(tmp_path / "none", spec_of(phantoms("t2w", 2), tiny_source, THREE[:3]))
    assert stored_recommendation(job).chosen == "direct"  # and the job does not fail
    assert "nothing else could be trained" in stored_recommendation(job).problem.sentence


def test_where_the_source_model_has_seen_all_cases_nothing_is_compared(tmp_path, tiny_source, phantoms, monkeypatch):
    for module in (runner, rounds_module):
        monkeypatch.setattr(module, "seen_by_source", lambda job: {"phantom_000", "phantom_001"})
    monkeypatch.setattr(recommending_module, "COPES_DICE", 1.01)
    job = run(tmp_path / "job", spec_of(phantoms("t2w", 2), tiny_source, THREE[:2]))
    made = stored_recommendation(job)
    assert (made.chosen, made.by, made.of_folds) == ("open", "seen", ())
    kept = replace(made, chosen="direct", source_dice=0.9).problem.sentence
    assert "is 0.900, and it was trained on every one of them" in kept
    told = [str(event.get("message")) for event in read_events(job.events)[0]]
    assert any(one.startswith("2 of 2 annotated cases were in the training of the source model") for one in told)
    assert not trainings_of(job)


def test_the_rounds_begin_anew_where_the_precision_has_changed_within_them(tmp_path):
    """A training that is not finite in bfloat16 begins again in float32, and so do the rounds: one precision for all."""
    job = JobFolder.create(tmp_path / "job", spec_of(Path("/cases"), Path("/model")))
    cases = [SimpleNamespace(name=name) for name in "ab"]
    task = SimpleNamespace(source_classes=((), (1,)))
    context = SimpleNamespace(tried=THREE, training_cases=cases, tests=[], unlabelled=[], task=task, is_ensemble=False)
    folds = [Fold(0, ("b",), ("a",)), Fold(1, ("a",), ("b",))]
    trained = Unit(THREE[1], folds[0], round=1)
    in_bfloat16 = UnitResult("direct", "0", (), (), 0, (), None, None, {}, windows=(8, 8, 8), precision="bfloat16")
    for unit in (Unit(THREE[0], fold) for fold in folds):
        job.save_result(unit.name, to_json(in_bfloat16))
    settings = {"execution": {"precision": "bfloat16"}}
    save_trained_fold(job, trained.name, TrainedFold(settings, (0.0,), (), 0.01, (), None, "1", {"1": (0.8,)}))
    FoldModels(job, trained.trained_as).path.mkdir(parents=True)
    warned: list = []
    log = SimpleNamespace(warn=warned.append, tell=lambda *rest, **more: None)
    shared = SimpleNamespace(job=job, context=context, options=TrainingOptions(minutes=5), device="cpu")
    shared.log, shared.conditions = log, Conditions((8, 8, 8), "bfloat16", "cpu")
    recommending = object.__new__(Recommending)
    recommending.run, recommending.folds = shared, tuple(folds)
    recommending.budget = round_budget.RoundBudget(shared, folds, began=round_budget.time.monotonic())
    recommending.budget.finished(trained, 9.0)
    for choice in (StrategyChoice("auto"), THREE[0]):
        save_label_choices(job, choice, [])
    done: list[str] = []
    recommending._execute = lambda run, unit, train_only: done.append(unit.name)
    assert not recommending._begin_anew_in_one_precision() and not warned
    shared.conditions = replace(shared.conditions, precision="float32")
    assert recommending._begin_anew_in_one_precision()
    assert [label_choices(job, choice) for choice in (StrategyChoice("auto"), THREE[0])] == [None, None]
    assert done == ["direct.fold0", "direct.fold1"] and trained_fold(job, trained.name) is None
    assert not FoldModels(job, trained.trained_as).path.exists()
    assert warned[0].sentence.startswith(
        "The rounds begin anew in float32: 1 of their trainings was computed in another"
    )
    clock = read_json(job.state / "results" / "round-clock.json")
    assert clock["step_s"] == 0.01 and clock["steps"] == {}  # what a step took is remembered
    assert not recommending._begin_anew_in_one_precision()
    # Where the first training of all began again, the source model alone is scored anew.
    job.save_result("direct.fold0", to_json(in_bfloat16))
    in_float32 = {"execution": {"precision": "float32"}}
    save_trained_fold(job, trained.name, TrainedFold(in_float32, (0.0,), (), 8.0, (), None, "1", {"1": (0.8,)}))
    assert recommending._begin_anew_in_one_precision() and done[2:] == ["direct.fold0", "direct.fold1"]
    assert trained_fold(job, trained.name) is not None and len(warned) == 1


def test_what_was_chosen_for_labels_is_chosen_anew_with_other_segmentations(tmp_path):
    job = JobFolder.create(tmp_path / "job", spec_of(Path("/cases"), Path("/model")))
    task = SimpleNamespace(source_classes=((), (1,)))
    context = SimpleNamespace(tried=THREE, training_cases=[], tests=[], unlabelled=[], task=task, is_ensemble=False)
    silent = SimpleNamespace(warn=lambda problem: None)
    progress = SimpleNamespace(replace=lambda before, after: None)
    recommending = object.__new__(Recommending)
    recommending.run = SimpleNamespace(job=job, context=context, log=silent, progress=progress)
    recommending.folds = (Fold(0, (), ("a",)),)
    save_label_choices(job, StrategyChoice("auto"), [])
    error = JobError("loss-not-finite", "{unit}: {reason}", unit="open", reason="not finite")
    recommending._leave_out(THREE[1], error)
    assert label_choices(job, StrategyChoice("auto")) is None


def test_one_case_alone_keeps_a_source_model_that_copes(tmp_path, tiny_source, phantoms, monkeypatch):
    monkeypatch.setattr(recommending_module, "COPES_DICE", 0.0)
    job = run(tmp_path / "job", spec_of(phantoms("t2w", 1), tiny_source))
    made = stored_recommendation(job)
    assert (made.chosen, made.by, made.round, made.cases) == ("direct", "nothing", 0, 1) and 0 < made.source_dice < 1
    assert made.problem.sentence == (
        "The source model as it is is recommended without a comparison: its mean Dice on 1 annotated case is "
        f"{made.source_dice:.3f}, and no trained model can be scored on a case that it has not seen; annotate one more case, "
        "or name the strategy that you want"
    )
    assert same(weights(job.model), weights(tiny_source)) and not trainings_of(job)
    verdict = json.loads(job.scores_json.read_text(encoding="utf-8"))["verdict"]["sentence"]
    assert verdict.startswith("The source model as it is is recommended")


@pytest.mark.parametrize(
    ("seen", "by", "scored", "words"),
    [
        ({"phantom_000"}, "nothing", ["phantom_001"], "on 1 annotated case is"),
        ({"phantom_000", "phantom_001"}, "seen", ["phantom_000", "phantom_001"], "it was trained on every one of them"),
    ],
)
def test_without_folds_cases_that_the_source_model_has_seen_do_not_say_that_it_copes(
    tmp_path, tiny_source, phantoms, monkeypatch, seen, by, scored, words
):
    monkeypatch.setattr(recommending_module, "COPES_DICE", 0.0)
    monkeypatch.setattr(recommending_module, "seen_by_source", lambda job: seen)
    asked, original = [], Recommending._source_dice

    def source_dice(self, cases):
        asked.extend(case.name for case in cases)
        return original(self, cases)

    monkeypatch.setattr(Recommending, "_source_dice", source_dice)
    job = run(tmp_path / "job", spec_of(phantoms("t2w", 2), tiny_source, folds=0))
    made = stored_recommendation(job)
    assert (made.chosen, made.by, made.cases, asked) == ("direct", by, len(scored), scored)
    assert words in made.problem.sentence


def test_one_case_alone_is_adapted_to_without_a_comparison(tmp_path, tiny_source, phantoms, monkeypatch):
    monkeypatch.setattr(recommending_module, "COPES_DICE", 1.01)
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
    # The models of the folds that are averaged with the final one are those of the way that is kept.
    training = replace(spec.training, ensemble="folds")
    job = run(
        tmp_path / "job", replace(spec, strategies=(StrategyChoice("direct"), *strategies[-2:]), training=training)
    )
    assert len(read_card(job.model).members) == 2
    made = stored_recommendation(job)
    assert made.chosen in ("scratch", "encoder-transfer") and made.gain is None and made.source_dice is None


def test_its_dry_run_names_candidates_and_rounds_and_its_estimate_says_how_long(tiny_source, phantoms, capsys):
    cases = str(phantoms("t2w", 2))
    asked = ["adapt", "--source", str(tiny_source), "--target", cases, "--strategy", "auto"]
    assert main([*asked, "--steps", "20", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "is recommended, or the source model as it is, after these rounds" in said
    assert "2 folds, 40% of the steps" in said and "conservative:part=decoder:" in said
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
    ):
        with pytest.raises(InputError) as refused:
            spec_of(Path("/cases"), Path("/model"), **wrong)
        assert refused.value.problem.code == code
    with pytest.raises(InputError, match="is for `adapt`"):
        replace(spec_of(Path("/cases"), Path("/model")), kind="compare")


def test_a_blown_up_training_fails_the_job_where_nothing_is_left(tmp_path, tiny_source, phantoms, monkeypatch):
    monkeypatch.setattr(
        Training, "run", lambda self, on_step: (_ for _ in ()).throw(NotFinite("not-finite", "not finite"))
    )
    with pytest.raises(JobError, match="not finite"):
        run(tmp_path / "job", spec_of(phantoms("t2w", 1), tiny_source, THREE[:2]))
